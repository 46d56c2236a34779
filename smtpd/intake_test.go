package smtpd

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// A message comes by two roads: past go-smtp, when DATA was the last
// line it got, and through it otherwise.
var roads = []struct {
	name string
	// cut is where the stream up to DATA ends and the message begins.
	cut func(message string) (first, rest string)
}{
	{"past go-smtp", func(m string) (string, string) { return upToData, m }},
	{"through go-smtp", func(m string) (string, string) { return upToData + m[:1], m[1:] }},
}

// sender sends a message and what is behind it, and returns all that comes until
// the server closes.
type sender func(w *world, message string) string

// onBothRoads runs a test with each.
func onBothRoads(t *testing.T, name string, f func(t *testing.T, send sender)) {
	for _, road := range roads {
		t.Run(name+" "+road.name, func(t *testing.T) {
			f(t, func(w *world, message string) string {
				first, rest := road.cut(message)
				p := w.dial()
				p.send(first)
				var got strings.Builder
				for line := ""; line[:min(3, len(line))] != "354"; line = p.reply() {
					got.WriteString(line + "\r\n")
				}
				p.send(rest)
				return got.String() + p.rest()
			})
		})
	}
}

// pieces cuts s at the places, which ascend.
func pieces(s string, places ...int) []string {
	var all []string
	last := 0
	for _, at := range append(places, len(s)) {
		if at > last {
			all = append(all, s[last:at])
			last = at
		}
	}
	return all
}

func randomPieces(r *rand.Rand, s string) []string {
	var places []int
	for at := 0; at < len(s); {
		at += 1 + r.IntN(1+r.IntN(1+len(s)))
		places = append(places, min(at, len(s)))
	}
	return pieces(s, places...)
}

// dialogue sends the pieces, each as one read of the server, until it closes;
// it returns all replies and what was kept.
func dialogue(t testing.TB, cfg Config, parts []string) (string, []kept) {
	t.Helper()
	w := newWorld(t, cfg)
	p := newPipes()
	w.srv.listening = append(w.srv.listening, p)
	w.srv.servers = []*smtp.Server{w.srv.protocol(false)}
	ctx, cancel := context.WithCancel(context.Background())
	go func() { w.done <- w.srv.Run(ctx) }()
	c := p.dial()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second)) // a server that waits for more has not seen the end
	back := make(chan string, 1)
	go func() { b, _ := io.ReadAll(c); back <- string(b) }()
	for _, part := range parts {
		if _, err := io.WriteString(c, part); err != nil {
			break // the server has said its last word
		}
	}
	got := <-back
	c.Close()
	cancel()
	<-w.done
	return got, w.road.messages()
}

// afterwards is what is sent behind each message: commands, another message,
// and an end for who has not seen one yet.
const afterwards = "NOOP\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<ok@in.test>\r\nDATA\r\nsecond\r\n.\r\nQUIT\r\n" + "\r\n.\r\nQUIT\r\nQUIT\r\nQUIT\r\n"

// sameOnBothRoads sends the message by both and compares all that can be seen.
func sameOnBothRoads(t *testing.T, cfg Config, message string, cut func(string) []string) {
	t.Helper()
	var replies [2]string
	var msgs [2][]string
	for i, road := range roads {
		first, rest := road.cut(message + afterwards)
		var all []kept
		replies[i], all = dialogue(t, cfg, append([]string{first}, cut(rest)...))
		for _, m := range all {
			msgs[i] = append(msgs[i], m.raw)
		}
	}
	if _, _, bare := reference(message); bare {
		for i := range roads {
			_, last, _ := strings.Cut(replies[i], "\r\n354 ")
			if len(msgs[i]) > 0 || !strings.Contains(last, "\r\n550 5.5.2") || strings.Contains(last, "<evil@x.test>") {
				t.Fatalf("%s: %q: kept %v, replies %q", roads[i].name, message, msgs[i], last)
			}
		}
		return
	}
	if replies[0] != replies[1] || !slices.Equal(msgs[0], msgs[1]) {
		t.Fatalf("%.200q: replies\n%q\n%q\nkept %.300q\n%.300q", message, replies[0], replies[1], msgs[0], msgs[1])
	}
}

// reference reads the text of DATA the plain way: what the message is, what
// stands behind it, and whether a CR or LF is alone before that.
func reference(stream string) (message, behind string, bare bool) {
	lines := "\r\n" + stream
	end := strings.Index(lines, "\r\n.\r\n")
	if end < 0 {
		end = len(lines) - 2
	} else {
		behind = lines[end+5:]
	}
	raw := lines[:end+2]
	bare = strings.ContainsAny(strings.ReplaceAll(raw, "\r\n", ""), "\r\n")
	return strings.ReplaceAll(raw, "\r\n.", "\r\n")[2:], behind, bare
}

var oddMessages = []string{
	".\r\n", "\r\n.\r\n", "..\r\n.\r\n", "...\r\n..\r\n.\r\n", ".a\r\n.\r\n", ". \r\n.\r\n", "a\r\n..\r\n.b\r\nc\r\n.\r\n", "a\r\n\r\n.\r\n",
	".\r\r\n.\r\n", ".\n.\r\n", ".\rX\r\n.\r\n", "\n.\r\n.\r\n", "\r.\r\n.\r\n", "a\r\r\n.\r\n", "a\n\r\n.\r\n", "a.\r\n.\r\n", "a\r\n.\r\n", "a\r.\r\n.\r\n",
}

func TestBothRoadsAgreeWhereverTheBytesAreCut(t *testing.T) {
	messages := oddMessages
	for _, end := range falseEnds {
		messages = append(messages, "Subject: t\r\n\r\nb"+end+"x\r\n.\r\n")
	}
	for _, m := range messages {
		for at := range len(m) {
			sameOnBothRoads(t, Config{}, m, func(s string) []string { return pieces(s, at) })
		}
		sameOnBothRoads(t, Config{}, m, func(s string) []string { return strings.Split(s, "") })
	}
}

func randomMessage(r *rand.Rand, bare bool) string {
	words := []string{"a", "line of text", ".", "..", "\r\n", "\r\n", "\r\n.", "\r\n..", "\r\n.a", "\x00", "é", strings.Repeat("0123456789\r\n", 40)}
	if bare {
		words = append(words, "\r", "\n", "\r\r\n")
	}
	var b strings.Builder
	for range r.IntN(60) {
		b.WriteString(words[r.IntN(len(words))])
	}
	m := "\r\n" + b.String() + "\r\n" // an end in the middle would make commands of the rest
	for strings.Contains(m, "\r\n.\r\n") {
		m = strings.ReplaceAll(m, "\r\n.\r\n", "\r\n..\r\n")
	}
	return m[2:] + ".\r\n"
}

func TestBothRoadsAgreeOnRandomMessages(t *testing.T) {
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		cfg := Config{}
		if seed%3 == 0 { // some are too large
			cfg.Size = 1 + r.Int64N(4000)
		}
		m := randomMessage(r, seed%3 == 1)
		if seed%40 == 0 { // and some larger than a buffer
			m = strings.Repeat(strings.Repeat("x", 70)+"\r\n.", 400) + m
		}
		sameOnBothRoads(t, cfg, m, func(s string) []string { return randomPieces(r, s) })
	}
}

// TestTheSizeLimitIsTheSameOnBothRoads goes around the limit byte by byte.
func TestTheSizeLimitIsTheSameOnBothRoads(t *testing.T) {
	for n := 95; n < 105; n++ {
		sameOnBothRoads(t, Config{Size: 100}, strings.Repeat("x", n-2)+"\r\n.\r\n", func(s string) []string { return []string{s} })
	}
}

// A lone CR or LF makes the end uncertain, also of a message that is refused for its size.
func TestAfterALoneCROrLFInTooLargeAMessageNothingMoreIsObeyed(t *testing.T) {
	for _, odd := range []string{"\r", "\n", "\r\r\n.\r\n", "\n.\r\n"} {
		m := strings.Repeat("x", 200) + odd + "y\r\n.\r\n" + afterwards
		got, msgs := dialogue(t, Config{Size: 100}, []string{upToData, m})
		if _, last, _ := strings.Cut(got, "\r\n552 5.3.4"); len(msgs) > 0 || strings.Count(last, "\r\n") != 1 {
			t.Errorf("%q: kept %v, replies %q", odd, msgs, got)
		}
	}
}

// scanAll gives a stream to an intake in the pieces.
func scanAll(parts []string) (message, behind string, t intake) {
	var out strings.Builder
	left := ""
	for i, part := range parts {
		raw := []byte(left + part)
		kept, used := t.scan(raw)
		out.Write(raw[:kept])
		if left = string(raw[used:]); t.ended {
			return out.String(), left + strings.Join(parts[i+1:], ""), t
		}
	}
	return out.String(), left, t
}

func FuzzIntake(f *testing.F) {
	for i, m := range append(oddMessages, falseEnds...) {
		f.Add(m+"x\r\n.\r\nQUIT\r\n", uint64(i))
	}
	f.Fuzz(func(t *testing.T, stream string, seed uint64) {
		message, behind, whole := scanAll([]string{stream})
		m2, b2, cut := scanAll(randomPieces(rand.New(rand.NewPCG(seed, 2)), stream))
		if m2 != message || b2 != behind || cut.ended != whole.ended || cut.ended && cut.bare() != whole.bare() || cut.long != whole.long {
			t.Fatalf("%q: %q %q %+v, in pieces %q %q %+v", stream, message, behind, whole, m2, b2, cut)
		}
		m3, b3, bare := reference(stream)
		if !whole.ended || whole.long {
			return
		}
		if !whole.bare() && (bare || m3 != message || b3 != behind) || whole.bare() && !bare && m3 == message {
			t.Fatalf("%q: %q %q %+v, want %q %q %v", stream, message, behind, whole, m3, b3, bare)
		}
	})
}

// However commands come before it, DATA comes to go-smtp alone.
func TestDATAIsHandedOverAlone(t *testing.T) {
	for _, c := range []struct {
		sent  []string
		alone bool
	}{
		{[]string{upToData}, true},
		{[]string{strings.ToLower(upToData)}, true},
		{[]string{"RCPT TO:<a@b>\r\nDA", "TA\r\n"}, true},
		{[]string{"DATA\r\n"}, true},
		{[]string{"NOOP\r\nDATA\r\n"}, true},
		{[]string{upToData + "x"}, false},
		{[]string{upToData + "x\r\n"}, false},
		{[]string{"DATA\r\nx\r\n"}, false},
		{[]string{"DATA \r\nQUIT\r\n"}, false},
	} {
		mine, theirs := net.Pipe()
		w := newWire(theirs, newWorld(t, Config{}).srv)
		go func() {
			for _, s := range c.sent {
				_, _ = io.WriteString(mine, s)
			}
			mine.Close()
		}()
		var got strings.Builder
		for p := make([]byte, 4096); ; {
			n, err := w.Read(p)
			if got.Write(p[:n]); err != nil {
				break
			}
			clear(p) // go-smtp uses its buffer again
		}
		if want := strings.Join(c.sent, ""); got.String() != want || w.alone() != c.alone {
			t.Errorf("%q: got %q, alone %v", c.sent, got.String(), w.alone())
		}
	}
}

// Whoever sends the next commands behind the message (a client that does not
// wait for the reply) gets all its replies.
func TestCommandsBehindAMessageAreObeyed(t *testing.T) {
	w := serve(t, false, nil)
	p := w.dial().ready()
	p.do("DATA", "354")
	const n = 30
	next := "MAIL FROM:<a@x.test>\r\nRCPT TO:<ok@in.test>\r\nDATA\r\n"
	for i := range n {
		p.send(fmt.Sprintf("message %d %s\r\n.\r\n%s", i, strings.Repeat("y", i*200), next))
	}
	p.send("last\r\n.\r\nQUIT\r\n")
	if got := p.rest(); strings.Count(got, "kept as m") != n+1 || !strings.Contains(got, "\r\n221") {
		t.Errorf("got %q", got)
	}
	for i, m := range w.road.messages() {
		if i < n && !strings.HasPrefix(m.raw, fmt.Sprintf("message %d ", i)) {
			t.Errorf("%d is %.40q", i, m.raw)
		}
	}
}
