package mailer

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
)

func TestA8ColourAndLogoOfTheAccountAreInItsMails(t *testing.T) {
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 320, 160))); err != nil {
		t.Fatal(err)
	}
	hash := strings.Repeat("ab", 32)
	draw := func(staff bool, change ...func(*core.Letter)) (*mail.Message, string) {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(d core.Delivery) (core.Letter, error) {
			l, err := letterOf(d)
			l.Staff = staff
			l.Account.Color, l.Account.Logo = core.Palette[3], hash+".png"
			for _, c := range change {
				c(&l)
			}
			return l, err
		}
		m := mailerFor(o, tr)
		m.files = memory{hash: picture.String()}
		idle(t, m)
		raw := tr.mails()[0].Raw
		got, err := mail.Parse(raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return got, got.HTML
	}
	got, html := draw(false)
	if !strings.Contains(html, "border-top:4px solid #318142") {
		t.Errorf("no colour in %s", html)
	}
	if len(got.Attachments) != 1 {
		t.Fatalf("%d files go along", len(got.Attachments))
	}
	a := got.Attachments[0]
	if !a.Inline || a.Type != "image/png" || !bytes.Equal(a.Content, picture.Bytes()) || !strings.Contains(html, `src="`+core.CidURL(a.ContentID)+`"`) {
		t.Errorf("the mail shows %q as %s in %s", a.ContentID, a.Type, html)
	}
	if !strings.Contains(html, `alt="Nordlicht Innenausbau" width="96" height="48"`) {
		t.Errorf("the logo is shown otherwise: %s", html)
	}
	if strings.Contains(got.Text, "logo") {
		t.Errorf("the plain text speaks of it: %q", got.Text)
	}
	// Who works there sees it every day.
	if got, html = draw(true); len(got.Attachments) != 0 || strings.Contains(html, "<img") || !strings.Contains(html, "#318142") {
		t.Errorf("staff get %d files and %s", len(got.Attachments), html)
	}
	// A lost file costs the logo, not the mail.
	if got, html = draw(false, func(l *core.Letter) { l.Account.Logo = strings.Repeat("cd", 32) + ".png" }); len(got.Attachments) != 0 || strings.Contains(html, "<img") {
		t.Errorf("with its file lost: %s", html)
	}
	if _, html = draw(false, func(l *core.Letter) { l.Account.Logo, l.Account.Color = "", "" }); strings.Contains(html, "border-top:4px") || strings.Contains(html, "<img") {
		t.Errorf("an account without a look of its own: %s", html)
	}
}
