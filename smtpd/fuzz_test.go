package smtpd

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"
)

// Whatever a stranger sends: the server answers in SMTP, never hangs, and
// keeps only messages whose every line ends in CRLF.
func FuzzDialogue(f *testing.F) {
	f.Add(upToData + "Subject: x\r\n\r\nhi\r\n.\r\nQUIT\r\n")
	f.Add("EHLO c\r\nMAIL FROM:<a@x> SIZE=10 SMTPUTF8\r\nRCPT TO:<ok@in.test>\r\nBDAT 3\r\na\r\nBDAT 0 LAST\r\n")
	f.Add("HELO c\r\nMAIL FROM:<>\r\nRCPT TO:<no+unknown@in.test>\r\nRSET\r\nDATA\r\n")
	for _, end := range falseEnds {
		f.Add(upToData + "x" + end + "MAIL FROM:<evil@x>\r\n.\r\n")
	}
	f.Fuzz(func(t *testing.T, dialogue string) {
		if len(dialogue) > 1<<16 {
			return
		}
		w := newWorld(t, Config{Flood: Flood{Connections: 1 << 30, Messages: 1 << 30, Refused: 1 << 30}})
		p := newPipes()
		w.srv.listening = append(w.srv.listening, p)
		w.srv.servers = []*smtp.Server{w.srv.protocol(false)}
		ctx, cancel := context.WithCancel(context.Background())
		go func() { w.done <- w.srv.Run(ctx) }()
		c := p.dial()
		back := make(chan string, 1)
		go func() { b, _ := io.ReadAll(c); back <- string(b) }()
		_, err := io.WriteString(c, dialogue)
		if err == nil {
			_, _ = io.WriteString(c, "\r\n.\r\nQUIT\r\n")
		}
		cancel()
		c.Close()
		<-w.done
		checkReplies(t, <-back)
		for _, m := range w.road.messages() {
			if !(&body{b: []byte(m.raw)}).strict() || len(m.env.Recipients) == 0 {
				t.Errorf("kept %q for %v", m.raw, m.env.Recipients)
			}
		}
	})
}

func checkReplies(t *testing.T, all string) {
	t.Helper()
	for line := range strings.SplitSeq(strings.TrimSuffix(all, "\r\n"), "\r\n") {
		var code int
		if _, err := fmt.Sscanf(line, "%3d", &code); all != "" && (err != nil || code < 200 || code > 599) {
			t.Errorf("%q is no reply", line)
		}
	}
}
