package main

import (
	"fmt"
	"strings"
	"testing"

	"planpost/core"
)

const head = "From: klara@client.test\r\nSubject: Re: [#1] The oak door\r\nMIME-Version: 1.0\r\n"

// nested is a mail of parts within parts.
func nested(levels int) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range levels {
		fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	b.WriteString("Content-Type: text/plain\r\n\r\ndeep down\r\n")
	for i := levels - 1; i >= 0; i-- {
		fmt.Fprintf(&b, "--b%d--\r\n", i)
	}
	return b.String()
}

// parts is a mail of many parts.
func parts(n int) string {
	return head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\nContent-Type: text/plain\r\n\r\nx\r\n", n) + "--b--\r\n"
}

func TestHostileMailIsKeptWithItsReason(t *testing.T) {
	cases := []struct {
		name, raw string
		reason    string
	}{
		{"nothing at all", "", "parse.not_a_message"},
		{"zero bytes", strings.Repeat("\x00", 1000) + "\r\n", "parse.not_a_message"},
		{"noise", "\x89PNG\x1a\x00\xff\xfe: \xc0\xaf\xed\xa0\x80\x00\r\n\r\n\x00\xff\r\n", ""},
		{"60 levels", nested(60), "parse.too_deep"},
		{"10,000 parts", parts(10000), "parse.too_many_parts"},
		{"a header of 1 MB", head + strings.Repeat("X-Field: "+strings.Repeat("x", 900)+"\r\n", 1200) + "\r\nhello\r\n", "parse.header_too_large"},
		{"no From", "Subject: hello\r\nMessage-ID: <nofrom@x.test>\r\n\r\nhello\r\n", "from.missing"},
		{"two authors", "From: klara@client.test, evil@x.test\r\nMessage-ID: <two@x.test>\r\n\r\nhello\r\n", "from.several"},
	}
	bothEngines(t, func(t *testing.T, database string) {
		w := start(t, localConfig(t, database)).furnish()
		for _, c := range cases {
			if err := w.send("klara@client.test", []byte(c.raw), w.replyTo(w.klara)); err != nil {
				t.Errorf("%s: %v", c.name, err)
				continue
			}
			list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{Limit: 1})
			must(t, err)
			r := list[0].Receipt
			if r.Disposition != core.Held || c.reason != "" && r.Reason != c.reason {
				t.Errorf("%s: %s (%s)", c.name, r.Disposition, r.Reason)
			}
		}
		if got := w.texts(); len(got) != 0 {
			t.Errorf("comments: %q", got)
		}
		all := w.receipts(t)
		if len(all) != len(cases) {
			t.Errorf("%d messages are kept of %d", len(all), len(cases))
		}
		b := newBrowser(t, w.cfg.BaseURL)
		b.signIn("olga@holzbau.test", testPassword)
		for _, items := range all {
			if p := b.get("/messages/" + string(items[0].Receipt.ID)); p.status != 200 || len(items) != 1 {
				t.Errorf("%d receipts, page %d", len(items), p.status)
			}
		}
	})
}

func TestAMailThatIsTooLargeIsRefusedAndTheNextOneTaken(t *testing.T) {
	cfg := localConfig(t, "")
	cfg.SMTP.Size = 100_000
	w := start(t, cfg).furnish()
	to := target{"klara@client.test", w.replyTo(w.klara)}
	var c peer
	defer c.close()
	large := letter(to.from, "large", strings.Repeat("seventy characters make a line that every mail program would send as is\r\n", 1500))
	if got := code(c.send(w.smtpAddresses()[0], to, []byte(large))); got != 552 {
		t.Errorf("a mail of %d bytes: %d", len(large), got)
	}
	must(t, c.send(w.smtpAddresses()[0], to, []byte(letter(to.from, "small", "small enough"))))
	if got := w.texts(); len(got) != 1 || got[0] != "small enough" {
		t.Errorf("comments: %q", got)
	}
}
