package mailer

import (
	"cmp"

	"planpost/core"
	"planpost/templates"
)

// plansInMail is how many plans a mail names; its link leads to all of them.
const plansInMail = 60

// sendingView is that of the mail that brings somebody the link to plans.
func (m *Mailer) sendingView(l *core.Letter) templates.SendingMail {
	s := &l.Sending
	v := templates.SendingMail{Zone: m.zone(l), Account: l.Account.Name, By: unlinked(cmp.Or(l.By.Name, l.Account.Name)), Project: unlinked(s.Project.Name), Message: s.Message, URL: l.LinkURL, Until: l.Link.ExpiresAt,
		Print: templates.PrintOrder{Copies: s.Copies, Sheet: s.Sheet, Folding: s.Folding}, Reasons: reasonsOf(l), ChooseURL: l.ChooseURL}
	if l.By.Staff() {
		v.ByAddress = l.By.Address().Mailbox()
	}
	for i := range s.Plans {
		if i == plansInMail {
			v.More = len(s.Plans) - i
			break
		}
		p := &s.Plans[i]
		v.Plans = append(v.Plans, templates.SendingPlan{Number: unlinked(p.Plan.Number), Title: unlinked(p.Plan.Title), Index: p.Version.Index, At: p.Version.CurrentAt})
	}
	return v
}
