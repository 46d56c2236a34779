package mailer

import (
	"context"
	"fmt"
	"html/template"
	"io"

	"planpost/core"
	"planpost/mail"
	"planpost/picture"
	"planpost/templates"
)

// The logo is shown within so many points.
const (
	logoWidth  = 200
	logoHeight = 48
)

// letterhead is the account's colour and, for who does not see it every day,
// its logo, which goes along: a mail loads nothing from anywhere.
func (m *Mailer) letterhead(ctx context.Context, l *core.Letter) (head templates.Letterhead, logo []mail.Attachment, err error) {
	head = templates.Letterhead{Name: l.Account.Name, Color: l.Account.Color}
	if l.Delivery.Kind == core.TaskLetter || l.Delivery.Kind == core.VisitLetter || l.Delivery.Kind == core.TransmittalLetter || l.Delivery.Kind == core.ApprovalLetter {
		head.Foot = l.Account.MailFoot // not in what goes to strangers: an invitation carries no words of whoever sends it
	}
	if l.Account.Logo == "" || l.Staff && l.Link.Kind != core.ActivationLink {
		return head, nil, nil
	}
	content, err := m.logo(ctx, l)
	if core.KindOf(err) == core.NotFound {
		m.log.Error("logo is missing", "delivery", l.Delivery.ID, "account", l.Account.ID, "err", err)
		return head, nil, nil
	}
	if err != nil {
		return head, nil, fmt.Errorf("logo: %w", err)
	}
	info := picture.Look(content)
	if info.Width <= 0 || info.Height <= 0 {
		return head, nil, nil
	}
	id := "logo-" + l.Account.LogoHash()[:16] + "@" + l.From.Domain
	logo = []mail.Attachment{{Name: "logo" + l.Account.LogoEnd(), Type: l.Account.LogoType(), ContentID: id, Inline: true, Content: content}}
	head.Logo = template.URL(core.CidURL(id))
	head.Width, head.Height = logoWidth, max(1, logoWidth*info.Height/info.Width)
	if head.Height > logoHeight {
		head.Width, head.Height = max(1, logoHeight*info.Width/info.Height), logoHeight
	}
	return head, logo, nil
}

func (m *Mailer) logo(ctx context.Context, l *core.Letter) ([]byte, error) {
	f, err := m.files.Open(ctx, l.Account.ID, l.Account.LogoHash())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}
