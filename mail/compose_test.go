package mail

import (
	"bytes"
	"errors"
	"net/mail"
	"strings"
	"testing"
	"time"
)

func fullDraft() *Draft {
	return &Draft{
		From:      []Address{{Name: "Jörg Müller, GmbH", Local: "joerg", Domain: "example.de"}},
		To:        []Address{{Name: "Иван Петров", Local: "ivan", Domain: "example.bg"}, {Local: "b", Domain: "example.com"}},
		Cc:        []Address{{Name: `A "B" C`, Local: "c d", Domain: "bücher.example"}},
		ReplyTo:   []Address{{Local: "r+abc", Domain: "in.example.com"}},
		Subject:   "Überprüfung der Pläne für das große Haus am Fluss, dritte Fassung (bitte bis Freitag)",
		MessageID: "one@example.com", InReplyTo: "zero@example.com", References: []string{"a@example.com", "zero@example.com"},
		Date:   time.Date(2026, 11, 20, 10, 0, 0, 0, time.FixedZone("", 3600)),
		Header: []Field{{"Auto-Submitted", "auto-generated"}, {"List-Unsubscribe", "<https://example.com/u/" + strings.Repeat("x", 200) + ">"}},
		Text:   "Grüße\nFrom me\n.\n--=_x\n" + strings.Repeat("lang ", 40) + "\nend ",
		HTML:   `<p>Grüße <img src="cid:logo@x"></p>`,
		Attachments: []Attachment{
			{Name: "logo.png", Type: "image/png", ContentID: "logo@x", Inline: true, Content: []byte{0, 1, 2}},
			{Name: "Pläne für das Haus " + strings.Repeat("sehr ", 15) + "lang.pdf", Type: "application/pdf", Content: bytes.Repeat([]byte("p"), 1000)},
			{Name: "чертеж.txt", Type: "text/plain", Content: []byte("x\r\ny")},
		},
	}
}

func TestComposedMessageReadsBackAsItWasMeant(t *testing.T) {
	d := fullDraft()
	raw, err := Compose(d)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Parse(raw, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != d.Subject || m.MessageID != d.MessageID || !m.Date.Equal(d.Date) || m.InReplyTo[0] != d.InReplyTo || len(m.References) != 2 {
		t.Errorf("header came back as %+v", m)
	}
	if len(m.Defects) > 0 {
		t.Errorf("defects in our own message: %v", m.Defects)
	}
	d.Cc[0].Domain = "xn--bcher-kva.example" // the header says it in ASCII
	for _, c := range []struct{ got, want []Address }{{m.From, d.From}, {m.To, d.To}, {m.Cc, d.Cc}, {m.ReplyTo, d.ReplyTo}} {
		if len(c.got) != len(c.want) {
			t.Fatalf("addresses %v, want %v", c.got, c.want)
		}
		for i := range c.got {
			if c.got[i] != c.want[i] {
				t.Errorf("address %+v, want %+v", c.got[i], c.want[i])
			}
		}
	}
	if m.Text != d.Text || m.HTML != d.HTML {
		t.Errorf("text %q\nwant %q\nhtml %q", m.Text, d.Text, m.HTML)
	}
	if len(m.Attachments) != 3 {
		t.Fatalf("attachments: %+v", m.Attachments)
	}
	for i, a := range m.Attachments {
		w := d.Attachments[i]
		if a.Name != w.Name || a.Type != w.Type || a.Inline != w.Inline || !bytes.Equal(a.Content, w.Content) {
			t.Errorf("attachment %+v, want %+v", a, w)
		}
	}
}

func TestComposedMessageIsReadByTheStandardLibrary(t *testing.T) {
	raw, err := Compose(fullDraft())
	if err != nil {
		t.Fatal(err)
	}
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []string{"From", "To", "Cc", "Reply-To"} {
		if _, err := m.Header.AddressList(f); err != nil {
			t.Errorf("%s %q: %v", f, m.Header.Get(f), err)
		}
	}
}

func TestComposeIsTheSameTwice(t *testing.T) {
	a, _ := Compose(fullDraft())
	b, _ := Compose(fullDraft())
	if len(a) == 0 || !bytes.Equal(a, b) {
		t.Error("two copies of one draft differ")
	}
}

func TestComposedLinesAreShortASCIIWithCRLF(t *testing.T) {
	raw, _ := Compose(fullDraft())
	for line := range strings.SplitSeq(strings.TrimSuffix(string(raw), "\r\n"), "\r\n") {
		if len(line) > 78 && !strings.Contains(line, "<https://") {
			t.Errorf("line of %d: %q", len(line), line)
		}
		if !isASCII(line) || strings.ContainsAny(line, "\r\n") {
			t.Errorf("not a plain line: %q", line)
		}
	}
}

func TestTextBecomesOneOfThreeEncodings(t *testing.T) {
	for text, want := range map[string]string{"Hello\n": "7bit", "Grüße von der Baustelle\n": "quoted-printable", "Здравейте, колеги\n": "base64", "From me\n": "quoted-printable"} {
		raw, err := Compose(&Draft{From: []Address{{Local: "a", Domain: "b.example"}}, Text: text})
		if err != nil || !strings.Contains(string(raw), "Content-Transfer-Encoding: "+want+"\r\n") {
			t.Errorf("%q: %v\n%s", text, err, raw)
		}
		if m, _ := Parse(raw, Limits{}); m.Text != text {
			t.Errorf("%q came back as %q", text, m.Text)
		}
	}
}

func TestNoValueCanAddAHeader(t *testing.T) {
	me := Address{Local: "a", Domain: "b.example"}
	for name, change := range map[string]func(*Draft){
		"subject":         func(d *Draft) { d.Subject = "x\r\nBcc: v@example.com" },
		"bare LF":         func(d *Draft) { d.Subject = "x\nBcc: v@example.com" },
		"display name":    func(d *Draft) { d.From[0].Name = "x\r\nBcc: v" },
		"local part":      func(d *Draft) { d.To = []Address{{Local: "a\r\nBcc: v", Domain: "b.example"}} },
		"domain":          func(d *Draft) { d.To = []Address{{Local: "a", Domain: "b.example>\r\nBcc: v"}} },
		"two in one":      func(d *Draft) { d.To = []Address{{Local: "a", Domain: "b.example, c@d.example"}} },
		"extra value":     func(d *Draft) { d.Header = []Field{{"X-A", "1\r\n\r\nbody"}} },
		"extra name":      func(d *Draft) { d.Header = []Field{{"X-A: 1\r\nX-B", "1"}} },
		"second From":     func(d *Draft) { d.Header = []Field{{"From", "c@d.example"}} },
		"message id":      func(d *Draft) { d.MessageID = "a@b>\r\nX: y" },
		"references":      func(d *Draft) { d.References = []string{"a@b", "c d"} },
		"file name":       func(d *Draft) { d.Attachments = []Attachment{{Name: "a\r\nb.txt"}} },
		"content id":      func(d *Draft) { d.Attachments = []Attachment{{Name: "a", ContentID: "a\r\nb"}} },
		"invalid UTF-8":   func(d *Draft) { d.Subject = "a\xff" },
		"NUL":             func(d *Draft) { d.Subject = "a\x00" },
		"line separator":  func(d *Draft) { d.Subject = "a\u2028b" },
		"nobody":          func(d *Draft) { d.From = nil },
		"endless message": func(d *Draft) { d.Header = []Field{{"X-A", strings.Repeat("x", 2000)}} },
	} {
		d := &Draft{From: []Address{me}, Text: "x"}
		change(d)
		if raw, err := Compose(d); !errors.Is(err, ErrDraft) || raw != nil {
			t.Errorf("%s: %v\n%s", name, err, raw)
		}
	}
}
