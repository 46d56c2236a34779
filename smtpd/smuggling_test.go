package smtpd

import (
	"fmt"
	"strings"
	"testing"
)

// What some servers take for the end of a message. Whatever follows must never
// become a message of its own, and the message around it must not be kept as
// if nothing were wrong.
var falseEnds = []string{
	"\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r\r\n", "\r\n.\r", "\r\r\n.\r\n", "\n\n.\r\n", "\r\n\x00.\r\n", "\r\n.\x00\r\n",
	"\r\n.\r\x00\n", "\r\n..\r\n", "\r\n. \r\n",
}

func TestNoFalseEndSmugglesAMessage(t *testing.T) {
	for i := range falseEnds {
		onBothRoads(t, fmt.Sprintf("%q", falseEnds[i]), func(t *testing.T, send sender) {
			w, end := serve(t, false, nil), falseEnds[i]
			got := send(w, "Subject: t\r\n\r\nbody"+end+"MAIL FROM:<evil@x.test>\r\nRCPT TO:<victim@in.test>\r\nDATA\r\nsmuggled\r\n.\r\nQUIT\r\n")
			bare := strings.Contains(strings.ReplaceAll(end, "\r\n", ""), "\r") || strings.Contains(strings.ReplaceAll(end, "\r\n", ""), "\n")
			msgs := w.road.messages()
			for _, m := range msgs {
				if m.env.ReversePath.Local == "evil" {
					t.Errorf("smuggled: %q", m.raw)
				}
			}
			switch {
			case bare && (len(msgs) > 0 || !strings.Contains(got, "550 5.5.2")):
				t.Errorf("a lone CR or LF was taken: %d kept, replies %q", len(msgs), got)
			case !bare && (len(msgs) != 1 || !strings.Contains(msgs[0].raw, "smuggled")):
				t.Errorf("kept %+v", msgs)
			}
		})
	}
}

// Commands sent behind the end of a refused message belong to who tries to smuggle.
func TestAfterALoneCROrLFNothingMoreIsObeyed(t *testing.T) {
	for _, body := range []string{"a\nb\r\n", "a\rb\r\n", ".\rX\r\n"} {
		onBothRoads(t, fmt.Sprintf("%q", body), func(t *testing.T, send sender) {
			w := serve(t, false, nil)
			got := send(w, body+".\r\nMAIL FROM:<evil@x.test>\r\nRCPT TO:<victim@in.test>\r\nDATA\r\nsmuggled\r\n.\r\nQUIT\r\n")
			if n := len(w.road.messages()); n > 0 || !strings.Contains(got, "550 5.5.2") {
				t.Errorf("%d kept, replies %q", n, got)
			}
		})
	}
}

func TestALoneLFInBDATIsRefused(t *testing.T) {
	for _, body := range []string{"a\nb\r\n", "a\rb\r\n", "ab\r"} {
		w := serve(t, false, nil)
		got := w.all(strings.TrimSuffix(upToData, "DATA\r\n") + fmt.Sprintf("BDAT %d LAST\r\n%sMAIL FROM:<evil@x.test>\r\n", len(body), body))
		if n := len(w.road.messages()); n > 0 || !strings.Contains(got, "550 5.5.2") || strings.Contains(got, "<evil@x.test>") {
			t.Errorf("%q: %d kept, replies %q", body, n, got)
		}
	}
}

func TestALineBreakInAPathEndsTheCommand(t *testing.T) {
	w := serve(t, false, nil)
	got := w.all("EHLO c\r\nMAIL FROM:<a@x.test\r\n>RCPT TO:<b@in.test>\r\nQUIT\r\n")
	if strings.Contains(got, "250 2") {
		t.Errorf("replies %q", got)
	}
}

func TestTooLargeAMessageIsRefusedAndTheDialogueGoesOn(t *testing.T) {
	w := serve(t, false, func(c *Config) { c.Size = 1 << 20 })
	p := w.dial().ready()
	for _, ahead := range []string{"", "x"} { // what is sent with DATA takes the road through go-smtp
		p.send("DATA\r\n" + ahead)
		p.expect("354")
		p.send(strings.Repeat(strings.Repeat("y", 70)+"\r\n", 20000) + ".\r\n")
		p.expect("552 5.3.4")
		p.do("NOOP", "250")
		p.do("MAIL FROM:<a@x.test>", "250")
		p.do("RCPT TO:<ok@in.test>", "250")
	}
	p.do("RSET", "250")
	p.do("MAIL FROM:<a@x.test>", "250")
	p.do("RCPT TO:<ok@in.test>", "250")
	p.send("BDAT 2000000\r\n" + strings.Repeat("01234567\r\n", 200000)[:2000000])
	p.expect("552 5.3.4")
	p.do("NOOP", "250")
	if n := len(w.road.messages()); n != 0 {
		t.Errorf("%d kept", n)
	}
}

func TestALongLineIsTakenAndAnEndlessOneRefused(t *testing.T) {
	for _, ahead := range []string{"", "x"} {
		w := serve(t, false, nil)
		p := w.dial().ready()
		p.send("DATA\r\n" + ahead)
		p.expect("354")
		p.send(strings.Repeat("x", 100_000) + "\r\n.\r\n")
		p.expect("250 2.0.0 kept")
		p.do("MAIL FROM:<a@x.test>", "250")
		p.do("RCPT TO:<ok@in.test>", "250")
		p.send("DATA\r\n" + ahead)
		p.expect("354")
		go func() { _, _ = p.Write([]byte(strings.Repeat("x", 2*maxLine))) }()
		p.expect("554 5.6.0")
		if n := len(w.road.messages()); n != 1 {
			t.Errorf("%d kept", n)
		}
	}
}
