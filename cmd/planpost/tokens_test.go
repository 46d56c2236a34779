package main

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"planpost/core"
	"planpost/demo"
	"planpost/mail"
	"planpost/store/storetest"
)

// Every token of every mail of a run is searched for in what the run leaves: the database's rows and files, a
// snapshot of it, the stored files and the log, read as far as anybody can read them who does not have the master key.
func TestNoLiveTokenRestsAnywhere(t *testing.T) {
	bothEngines(t, func(t *testing.T, database string) {
		out := newSink(t)
		cfg := localConfig(t, database)
		cfg.Mailer.Relay, cfg.Log.Level = out.addr, "debug"
		w := start(t, cfg).furnish()
		cookies := w.liveThrough(t, out)
		w.end()

		s := &search{t: t, seen: map[string]bool{}}
		for _, m := range out.mails() {
			s.gather(m.raw + "\n" + parse(t, m.raw).Text + "\n" + m.from)
		}
		for _, c := range cookies {
			s.want("session", c)
		}
		s.want("canary", canary)
		t.Logf("tokens: %v", s.kinds)
		for kind, least := range map[string]int{"activation": 1, "reset": 1, "email": 2, "thread": 1, "stop": 1, "reply": 4, "bounce": 8, "code": 1, "session": 1} {
			if s.kinds[kind] < least {
				t.Errorf("%d tokens of the kind %s", s.kinds[kind], kind)
			}
		}
		for table, rows := range storetest.Dump(t, cfg.databaseURL()) {
			for _, row := range rows {
				s.row(table, strings.Split(row, "\x1f"))
			}
		}
		s.folder(cfg.Data)
		if database == "" {
			s.folder(filepath.Dir(storetest.Snapshot(t, cfg.databaseURL())))
		}
		s.look("the log", w.told.String()+w.said.String())
		if n := strings.Count(w.told.String(), "\n"); n < 20 {
			t.Errorf("the log has %d lines", n)
		}
		if s.canaries < 2 {
			t.Errorf("what is certainly there was found %d times", s.canaries)
		}
	})
}

// canary looks like a token, is none of ours, and stands in a comment: whoever searches must find it.
const canary = "Qm9yZWRvbSBpcyB0aGUgZW5lbXkgb2YgcHJvZ3Jlc3M"

// liveThrough lets mails of every kind go out, be opened, answered, passed on and come back. It gives the cookies.
func (w *world) liveThrough(t *testing.T, out *sink) (cookies []string) {
	t.Helper()
	ctx, a := w.ctx, w.as(w.olga)
	_, err := w.core.InviteUser(ctx, a, core.NewUser{Name: "Nora", Address: "nora@holzbau.test", Role: core.Employee})
	must(t, err)
	must(t, w.core.AskReset(ctx, "olga@holzbau.test", "192.0.2.1"))
	_, err = w.core.AskNewAddress(ctx, a, w.olga.ID, core.NewAddress{Address: "olga@new.test", Proof: core.Proof{Password: testPassword}})
	must(t, err)
	b := newBrowser(t, w.cfg.BaseURL)
	b.signIn("olga@holzbau.test", testPassword)
	b.submit(b.get("/tasks/1"), "/tasks/1/comments", url.Values{"text": {"Which colour? " + canary}, "tell": {string(w.klara.ID)}})
	question := out.find(t, "klara@client.test", "Which colour?")
	m := parse(t, question.raw)
	link := threadURL.FindString(m.Text)
	path := strings.TrimPrefix(link, w.cfg.BaseURL)
	for _, person := range []*browser{newBrowser(t, w.cfg.BaseURL), newBrowser(t, w.cfg.BaseURL)} { // klara, and whoever has the link from her
		if p := person.get(path); p.status != 200 {
			t.Errorf("%s: %d", link, p.status)
		}
		person.get(path + "x")
		base, err := url.Parse(w.cfg.BaseURL)
		must(t, err)
		base.Path = path
		for _, c := range person.Jar.Cookies(base) {
			cookies = append(cookies, c.Value)
		}
	}
	base, err := url.Parse(w.cfg.BaseURL)
	must(t, err)
	for _, c := range b.Jar.Cookies(base) {
		cookies = append(cookies, c.Value)
	}
	thread, err := w.core.Thread(ctx, strings.TrimPrefix(path, "/t/"), "192.0.2.1")
	must(t, err)
	must(t, w.core.AskThreadCode(ctx, &thread, "192.0.2.1"))
	reset := out.find(t, "olga@holzbau.test", "/p/")
	b.get(strings.TrimPrefix(anyLink.FindString(parse(t, reset.raw).Text), w.cfg.BaseURL))

	// Klara answers with all of it quoted, and her address and link in every place that holds words.
	from, err := mail.ParseAddress("Klara <klara@client.test>")
	must(t, err)
	reply := m.ReplyTo[0].Mailbox()
	answer := demo.Clients()[0].Compose(demo.Answer{Original: m, From: from, Words: "Green. Mine: " + link + " and " + strings.ToUpper(reply), Place: demo.Top, Locale: "en", At: time.Now(), ID: "tokens"})
	must(t, w.send("klara@client.test", answer, reply))
	whole := "From: klara@client.test\r\nSubject: passed on " + reply + " " + link + "\r\nMessage-ID: <whole@client.test>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\nContent-Type: text/plain\r\n\r\nHere it is: " + link + "\r\n--b\r\nContent-Type: text/plain; name=\"note.txt\"\r\nContent-Disposition: attachment; filename=\"note.txt\"\r\n\r\n" + link + "\r\n" + reply +
		"\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"original.eml\"\r\n\r\n" + question.raw + "\r\n--b--\r\n"
	must(t, w.send("klara@client.test", []byte(whole), reply))
	invitation := out.find(t, "nora@holzbau.test", "/i/")
	must(t, w.send("eve@holzbau.test", []byte(letter("eve@holzbau.test", "passed-on", parse(t, invitation.raw).Text)), w.intake()))
	report := "From: MAILER-DAEMON@client.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\r\n\r\n--r\r\n\r\nno\r\n--r\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Reporting-MTA: dns; client.test\r\n\r\nFinal-Recipient: rfc822; klara@client.test\r\nAction: failed\r\nStatus: 5.2.2\r\nDiagnostic-Code: smtp; 552 full " + question.from + "\r\n\r\n--r\r\nContent-Type: message/rfc822\r\n\r\n" + question.raw + "\r\n--r--\r\n"
	must(t, w.send("", []byte(report), question.from))
	_ = w.send("klara@client.test", []byte(letter("klara@client.test", "wrong", "hello")), "r-"+strings.Repeat("a", 45)+"@in.test")

	// Eve pastes them into a page.
	stop := ""
	until(t, "a mail with a link to stop it", func() bool {
		for _, o := range out.mails() {
			if stop = stopURL.FindString(parse(t, o.raw).Text); stop != "" {
				return true
			}
		}
		return false
	})
	_, err = w.core.Comment(ctx, w.as(w.eve), core.NewComment{Task: w.task.ID, Text: "Klara's link is " + link + ", write to " + reply + " or stop at " + stop})
	must(t, err)
	out.find(t, "olga@holzbau.test", "Klara's link is")
	until(t, "all is searchable", func() bool {
		n, err := w.core.Counts(ctx)
		must(t, err)
		return n.PendingSearch == 0 && n.DueDeliveries == 0
	})
	return cookies
}

var (
	anyLink   = regexp.MustCompile(`https?://[^/\s"<>]+/(?:i|p|e|t|u)/[\w-]{43}`)
	threadURL = regexp.MustCompile(`https?://[^/\s"<>]+/t/[\w-]{43}`)
	stopURL   = regexp.MustCompile(`https?://[^/\s"<>]+/u/[\w-]{43}`)
	linkToken = regexp.MustCompile(`/(i|p|e|t|u)/([\w-]{43})`)
	localPart = regexp.MustCompile(`(?i)\b(r|b)-([2-9a-km-np-z]{45})@`)
	codeShown = regexp.MustCompile(`\b\d{4}[- ]?\d{4}\b`)
)

// search looks for tokens wherever somebody without the master key can read.
type search struct {
	t        *testing.T
	needles  []needle
	kinds    map[string]int
	codes    map[string]bool
	seen     map[string]bool
	keys     []cipher.AEAD
	canaries int
}

// needle is the secret end of a token, as text in lower case or as bytes.
type needle struct{ kind, text, bytes string }

var kindOf = map[string]string{"i": "activation", "p": "reset", "e": "email", "t": "thread", "u": "stop", "r": "reply", "b": "bounce"}

// gather takes the tokens of a mail.
func (s *search) gather(text string) {
	text = strings.NewReplacer("=\r\n", "", "=\n", "").Replace(text)
	for _, m := range linkToken.FindAllStringSubmatch(text, -1) {
		s.want(kindOf[m[1]], m[2])
	}
	for _, m := range localPart.FindAllStringSubmatch(text, -1) {
		s.want(kindOf[strings.ToLower(m[1])], strings.ToLower(m[2]))
	}
	if !strings.Contains(text, "ode") {
		return
	}
	for _, c := range codeShown.FindAllString(text, -1) {
		if s.codes == nil {
			s.codes = map[string]bool{}
		}
		if c = strings.NewReplacer("-", "", " ", "").Replace(c); !s.codes[c] && !strings.HasPrefix(c, time.Now().Format("2006")) { // a date
			s.codes[c] = true
			s.kinds["code"]++
		}
	}
}

// want adds a token. Its first half is a row's id, which is no secret: what follows proves that we made it.
func (s *search) want(kind, token string) {
	if s.kinds == nil {
		s.kinds = map[string]int{}
	}
	if len(token) < 32 || s.seen[token] {
		return
	}
	s.seen[token] = true
	s.kinds[kind]++
	n := needle{kind: kind, text: strings.ToLower(token[len(token)-18:])}
	switch raw, err := base64.RawURLEncoding.DecodeString(token); {
	case kind == "reply" || kind == "bounce":
		v := new(big.Int)
		for i := range len(token) {
			v.Lsh(v, 5).Or(v, big.NewInt(int64(strings.IndexByte("23456789abcdefghijkmnpqrstuvwxyz", token[i]))))
		}
		raw := v.FillBytes(make([]byte, 29))
		n.bytes = string(raw[len(raw)-11:])
	case err == nil:
		n.bytes = string(raw[len(raw)-14:])
	}
	s.needles = append(s.needles, n)
}

// look searches in text or bytes as they are, and without what breaks lines.
func (s *search) look(where, content string) {
	low := strings.ToLower(content)
	plain := strings.NewReplacer("=\r\n", "", "=\n", "", "\r", "", "\n", "", " ", "", "\t", "", "%2d", "-").Replace(low)
	for _, n := range s.needles {
		found := strings.Contains(low, n.text) || strings.Contains(plain, n.text) ||
			n.bytes != "" && (strings.Contains(content, n.bytes) || strings.Contains(low, hex.EncodeToString([]byte(n.bytes))))
		switch {
		case found && n.kind == "canary":
			s.canaries++
		case found:
			at := max(0, strings.Index(low, n.text)-120)
			s.t.Errorf("a token of the kind %s lies in %s: %.200q", n.kind, where, content[at:])
		}
	}
}

// row searches the cells of one row.
func (s *search) row(table string, cells []string) {
	for i, c := range cells {
		s.cell(fmt.Sprintf("%s, column %d", table, i), c, 3)
		for _, code := range codeShown.FindAllString(c, -1) {
			if s.codes[strings.NewReplacer("-", "", " ", "").Replace(code)] {
				s.t.Errorf("a code lies in %s: %q", table, c)
			}
		}
		for _, key := range s.keysIn(c) {
			for _, row := range append([]string{""}, cells...) {
				if n := key.NonceSize(); len(c) > n {
					if plain, err := key.Open(nil, []byte(c[:n]), []byte(c[n:]), []byte(row)); err == nil {
						s.t.Errorf("%s opens with what lies in the database: %.60q", table, plain)
					}
				}
			}
		}
	}
}

// keysIn are all that the database holds which could be a key: what an account's content is sealed with lies there wrapped.
func (s *search) keysIn(cell string) []cipher.AEAD {
	if n := len(cell); n >= 32 && n <= 96 && len(s.keys) < 64 && !isText(cell) {
		for i := range n - 31 {
			block, err := aes.NewCipher([]byte(cell[i : i+32]))
			must(s.t, err)
			key, err := cipher.NewGCM(block)
			must(s.t, err)
			s.keys = append(s.keys, key)
		}
	}
	return s.keys
}

func isText(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r == '\uFFFD' }) < 0
}

// cell searches in what is there, and in what it is once it is taken out of its packing.
func (s *search) cell(where, content string, depth int) {
	if len(content) < 16 {
		return
	}
	s.look(where, content)
	if depth == 0 {
		return
	}
	for how, plain := range unpacked(content) {
		s.cell(where+", "+how, plain, depth-1)
	}
}

// unpacked is all that a content can be read as.
func unpacked(content string) map[string]string {
	all := map[string]string{}
	raw := []byte(content)
	// What is no such block may claim four gigabytes, which would be made before the claim is found false.
	if n, err := s2.DecodedLen(raw); err == nil && n <= 64<<20 {
		if b, err := s2.Decode(nil, raw); err == nil && len(b) > 0 {
			all["s2"] = string(b)
		}
	}
	for how, open := range map[string]func(io.Reader) (io.Reader, error){
		"s2 stream": func(r io.Reader) (io.Reader, error) { return s2.NewReader(r), nil },
		"gzip":      func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"zlib":      func(r io.Reader) (io.Reader, error) { return zlib.NewReader(r) },
		"flate":     func(r io.Reader) (io.Reader, error) { return flate.NewReader(r), nil },
		"zstd":      func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r, zstd.WithDecoderConcurrency(1)) },
	} {
		if isText(content) {
			break
		}
		r, err := open(bytes.NewReader(raw))
		if err != nil {
			continue
		}
		if b, err := io.ReadAll(r); err == nil && len(b) > 0 {
			all[how] = string(b)
		}
	}
	packed := strings.TrimSpace(content)
	if b, err := hex.DecodeString(packed); err == nil {
		all["hex"] = string(b)
	}
	for _, enc := range []*base64.Encoding{base64.StdEncoding, base64.RawURLEncoding} {
		if b, err := enc.DecodeString(packed); err == nil {
			all["base64"] = string(b)
		}
	}
	return all
}

// folder searches all files but that of the master key.
func (s *search) folder(dir string) {
	s.t.Helper()
	must(s.t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() || d.Name() == "master.key" {
			return err
		}
		b, err := os.ReadFile(path)
		s.cell(filepath.Base(path), string(b), 2)
		return err
	}))
}

func TestTheSearchReadsWhatIsPacked(t *testing.T) {
	s := &search{t: t, seen: map[string]bool{}}
	s.want("canary", canary)
	raw, err := base64.RawURLEncoding.DecodeString(canary)
	must(t, err)
	var gz bytes.Buffer
	zw := gzip.NewWriter(&gz)
	fmt.Fprint(zw, "in a file ", canary)
	must(t, zw.Close())
	for i, packed := range []string{
		"https://x.test/t/" + canary, strings.ToUpper("for " + canary), "=\r\n" + canary[:30] + "=\r\n" + canary[30:], string(s2.Encode(nil, []byte("a mail with "+canary))), gz.String(),
		base64.StdEncoding.EncodeToString([]byte("in base64 " + canary)), hex.EncodeToString([]byte("in hex " + canary)), "raw " + string(raw), base64.StdEncoding.EncodeToString(s2.Encode(nil, gz.Bytes())),
	} {
		s.canaries = 0
		if s.cell("here", packed, 3); s.canaries == 0 {
			t.Errorf("packing %d is not opened", i)
		}
	}
}
