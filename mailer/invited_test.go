package mailer

import (
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
)

func TestN13TheInvitationLeadsToTheQuickStartInTheReadersLanguage(t *testing.T) {
	asked := 0
	everyMail(t, func(t *testing.T, name string, l *core.Letter, _ []byte, d *mail.Draft) {
		if l.Link.Kind != core.ActivationLink {
			return
		}
		asked++
		want := "https://planpost.example/start/" + l.Locale
		if !strings.Contains(d.Text, want) || !strings.Contains(d.HTML, `href="`+want+`"`) {
			t.Errorf("%s does not lead to %s", name, want)
		}
	})
	if asked < len(goldenLocales) {
		t.Errorf("only %d invitations", asked)
	}
}
