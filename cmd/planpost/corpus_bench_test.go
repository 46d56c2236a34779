package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"planpost/mail"
	"planpost/mail/reply"
	"planpost/safehtml"
	"planpost/templates"
)

// The benchmarks here run once each (-benchtime 1x), take the best of some
// rounds themselves and print figures instead of times an operation.

// logFigure prints a figure (a benchmark's log is cut after ten lines) as the measuring scripts read it; no bound is ±Inf.
func logFigure(b *testing.B, name string, value float64, unit string, min, max float64) {
	b.Helper()
	fmt.Printf("CORPUS %s %.4g %s %g %g\n", name, value, unit, min, max)
}

// oneCore holds a benchmark to one processor, garbage collection included.
func oneCore(b *testing.B) {
	old := runtime.GOMAXPROCS(1)
	b.Cleanup(func() { runtime.GOMAXPROCS(old) })
}

// least is the shortest of some runs: what the machine does beside is not ours.
func least(n int, do func()) time.Duration {
	best := time.Duration(math.MaxInt64)
	for range n {
		start := time.Now()
		do()
		best = min(best, time.Since(start))
	}
	return best
}

const paragraph = "The second drawing can go to the workshop; the first still lacks the width of the\nwindow, so please ask Größle about it on Monday. We agreed on 12 pieces.\n\n"

// ordinary are answers of 2 to 4 KB as common clients write them, as text and as HTML.
func ordinary() (text, html []reply.Input) {
	own, old := strings.Repeat(paragraph, 2), strings.Repeat(paragraph, 14)
	flow := strings.NewReplacer("\n\n", "</p><p>", "\n", " ")
	ownHTML, oldHTML := "<p>"+flow.Replace(own)+"</p>", "<p>"+flow.Replace(old)+"</p>"
	quoted := "> " + strings.ReplaceAll(strings.TrimSpace(old), "\n", "\n> ") + "\n"
	marker := templates.Markers()
	for _, h := range []string{
		"On Tue, 5 May 2026 at 10:12, Planpost <reply@example.org> wrote:\n\n", "Am 05.05.2026 um 10:12 schrieb Planpost:\n\n",
		"Le mar. 5 mai 2026 à 10:12, Planpost <reply@example.org> a écrit :\n\n", "На 5.05.2026 г. в 10:12 Planpost написа:\n\n",
	} {
		attribution := strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(h)
		text = append(text, reply.Input{Text: own + h + quoted, Marker: marker}, reply.Input{Text: h + quoted + "\n" + own, Marker: marker})
		html = append(html,
			reply.Input{HTML: `<div dir="ltr">` + ownHTML + `</div><div class="gmail_quote"><div class="gmail_attr">` + attribution + `</div><blockquote class="gmail_quote">` + oldHTML + `</blockquote></div>`, Marker: marker},
			reply.Input{HTML: `<p>` + attribution + `</p><blockquote type="cite">` + oldHTML + `</blockquote>` + ownHTML, Marker: marker})
	}
	for _, head := range []string{"From: Planpost\nSent: Tuesday, 5 May 2026 10:12\nTo: Anna\nSubject: Windows\n\n", "Von: Planpost\nGesendet: Dienstag, 5. Mai 2026 10:12\nAn: Anna\nBetreff: Fenster\n\n"} {
		text = append(text, reply.Input{Text: own + head + old, Marker: marker})
		html = append(html, reply.Input{HTML: `<html><body>` + ownHTML + `<div id="divRplyFwdMsg">` + strings.ReplaceAll(head, "\n", "<br>") + `</div><div>` + oldHTML + `</div></body></html>`, Marker: marker})
	}
	return text, html
}

// BenchmarkUnderstandReplies: how many answers of ordinary size a second, on one core.
func BenchmarkUnderstandReplies(b *testing.B) {
	oneCore(b)
	text, html := ordinary()
	for _, c := range []struct {
		name string
		list []reply.Input
		want float64
	}{{"text", text, 20000}, {"html", html, 2000}} {
		const rounds = 100
		took := least(7, func() {
			for range rounds {
				for _, in := range c.list {
					if r := reply.Extract(in); r.Empty || len(r.Removed) == 0 {
						b.Fatalf("%s: nothing was cut, or all: %+v", c.name, r)
					}
				}
			}
		})
		logFigure(b, "reply/"+c.name, float64(rounds*len(c.list))/took.Seconds(), "replies/s", c.want, math.Inf(1))
	}
}

// BenchmarkUnderstandLarge: what 10 MB of one thing cost, beside 1 MB of it.
func BenchmarkUnderstandLarge(b *testing.B) {
	oneCore(b)
	text := func(s string) { reply.Extract(reply.Input{Text: s, Marker: templates.Markers()}) }
	html := func(s string) { reply.Extract(reply.Input{HTML: s}) }
	whole := func(s string) { _, _ = mail.Parse([]byte(s), mail.Limits{}) }
	for _, c := range []struct {
		name, before, unit string
		do                 func(string)
	}{
		{"quote-lines", "", "> quoted words\n", text}, {"quote-marks", "", ">\n", text}, {"one-line", "", "word ", text},
		{"div", "", "<div>", html}, {"one-line-html", "", "word ", html},
		{"commas", "From: a@b.example\r\nTo: ", ",", whole}, {"addresses", "From: a@b.example\r\nTo: ", "a@b.example, ", whole},
	} {
		small, large := c.before+strings.Repeat(c.unit, 1<<20/len(c.unit)), c.before+strings.Repeat(c.unit, 10<<20/len(c.unit))
		// Ten times 1 MB against once 10 MB, in turn, so that both leave the same to be collected.
		one, ten := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
		for range 7 {
			runtime.GC()
			one = min(one, least(1, func() {
				for range 10 {
					c.do(small)
				}
			})/10)
			runtime.GC()
			ten = min(ten, least(1, func() { c.do(large) }))
		}
		logFigure(b, "reply/10MB/"+c.name, float64(ten)/float64(one), "x_1MB", 0, 12)
		logFigure(b, "reply/10MB/"+c.name+"/time", ten.Seconds(), "s", 0, 5)
	}
}

// BenchmarkUnderstandMails: what a mail of others costs, on one core.
func BenchmarkUnderstandMails(b *testing.B) {
	top := collected(b)
	oneCore(b)
	var raws [][]byte
	refused := 0
	for _, c := range cases(b, top, "reply", "reply_checks", "odd", "bounce", "auto") {
		if !strings.HasSuffix(c.file, ".eml") {
			continue
		}
		raw, err := os.ReadFile(c.file)
		must(b, err)
		if _, err := mail.Parse(raw, mail.Limits{}); err != nil {
			refused++
			b.Logf("%s: %v", c.name, err)
		}
		raws = append(raws, raw)
	}
	mean := func(use func(*mail.Message)) float64 {
		took := least(7, func() {
			for _, raw := range raws {
				if m, err := mail.Parse(raw, mail.Limits{}); err == nil {
					mail.Classify(m, nil)
					use(m)
				}
			}
		})
		return took.Seconds() * 1e6 / float64(len(raws))
	}
	logFigure(b, "parse/mean", mean(func(*mail.Message) {}), "us", 0, 150)
	// What the page shows besides: the author's words, and the HTML made safe.
	logFigure(b, "parse/mean/page", mean(func(m *mail.Message) {
		reply.Extract(reply.Input{Text: m.Text, HTML: m.HTML, Subject: m.Subject})
		safehtml.Clean(m.HTML)
	}), "us", 0, 150)
	logFigure(b, "parse/refused", float64(refused), "mails", 0, 0)
}

// BenchmarkUnderstandMemory: the most memory the program holds, its own
// included, while it reads a mail of 50 MB.
func BenchmarkUnderstandMemory(b *testing.B) {
	const size = 50 << 20
	head := "From: a@b.example\r\nTo: c@d.example\r\nSubject: large\r\nMIME-Version: 1.0\r\n"
	attached := head + "Content-Type: multipart/mixed; boundary=part\r\n\r\n--part\r\nContent-Type: text/plain\r\n\r\nwords\r\n--part\r\nContent-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
	for _, c := range []struct{ name, before, unit, after string }{
		{"attachment", attached, strings.Repeat("QUJD", 19) + "\r\n", "--part--\r\n"},
		{"text", head + "\r\n", "> quoted words of a long, long history\r\n", ""},
	} {
		file := filepath.Join(b.TempDir(), "large.eml")
		must(b, os.WriteFile(file, bytes.Join([][]byte{[]byte(c.before), bytes.Repeat([]byte(c.unit), size/len(c.unit)), []byte(c.after)}, nil), 0o600))
		held := float64(mostHeld(b, file)) / size
		logFigure(b, fmt.Sprintf("parse/50MB/%s/memory", c.name), held, "x_size", 0, 3)
	}
}

// mostHeld is the most memory, in bytes, that the program has held after it read
// the file. A pipe as the second file keeps it from ending; what a process has
// used says wait4 too, but that counts what its parent had at the fork.
func mostHeld(b *testing.B, file string) int64 {
	pipe := file + ".pipe"
	must(b, syscall.Mkfifo(pipe, 0o600))
	cmd := exec.Command(program(b), "mail", "reply", file, pipe)
	must(b, cmd.Start())
	w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // waits until the program opens it
	must(b, err)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", cmd.Process.Pid))
	must(b, err)
	_, err = w.WriteString("Subject: small\r\n\r\nwords\r\n")
	must(b, errors.Join(err, w.Close(), cmd.Wait()))
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	var kb int64
	_, err = fmt.Sscan(peak, &kb)
	must(b, err)
	return kb << 10
}
