package mailer

import (
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

// plainView is that of a letter that speaks of no task: a notice, or one that brings a link.
func (m *Mailer) plainView(l *core.Letter) templates.PlainMail {
	v := templates.PlainMail{Zone: m.zone(l), Account: l.Account.Name, URL: l.LinkURL, Code: l.Code, Until: l.Link.ExpiresAt, Reasons: reasonsOf(l), ChooseURL: l.ChooseURL}
	params := l.Delivery.Params
	if l.Delivery.Kind == core.NoticeLetter {
		if len(params) > 1 && params[0] == "code" {
			v.Key, params = "notice."+params[1], params[2:]
			if v.Key == "notice.project.added" || v.Key == "notice.project.invited" {
				v.QuickURL = l.QuickURL
			}
		}
		v.Params = m.inZone(l, params)
		return v
	}
	if l.Delivery.Kind == core.HolderLetter {
		v.Key, v.Params = holderWords(l, m)
		return v
	}
	v.Key = "letter." + string(l.Link.Kind)
	v.Params = append([]string{"who", unlinked(l.By.Name), "account", unlinked(l.Account.Name)}, m.inZone(l, params)...)
	if l.Link.Kind == core.ActivationLink {
		v.QuickURL = l.QuickURL
		if !l.Staff {
			v.Key += ".guest"
		} else if l.Person.Role == core.Owner { // registered, and the account has no name yet
			v.Key, v.Account = v.Key+".owner", ""
		}
	}
	return v
}

// holderWords are those of a letter about who holds older indices: of one plan, or of several in a list.
func holderWords(l *core.Letter, m *Mailer) (key string, params []string) {
	n := &l.Holder
	key = "holdermail." + n.What
	if len(n.Plans) == 1 {
		p := &n.Plans[0]
		return key, m.inZone(l, []string{"plan", unlinked(p.Plan.Name()), "project", unlinked(l.Project.Name), "now", p.Now.Index, "at", p.Now.CurrentAt.Format(time.RFC3339), "held", p.Held.Index,
			"still", templates.Number(l.Locale, int64(len(p.Still))), "all", templates.Number(l.Locale, int64(p.All)), "list", unlinked(p.Phones())})
	}
	var lines []string
	for i := range n.Plans[:min(len(n.Plans), plansInMail)] {
		p := &n.Plans[i]
		line := templates.T(l.Locale, "holdermail.line", "plan", p.Plan.Name(), "held", p.Held.Index, "now", p.Now.Index)
		if n.What == "phone" {
			line = p.Plan.Name() + ", " + p.Now.Index + "\n\n" + p.Phones()
		}
		lines = append(lines, line)
	}
	if more := len(n.Plans) - len(lines); more > 0 {
		lines = append(lines, templates.Plural(l.Locale, "sending.more", more))
	}
	return key + ".many", []string{"n", templates.Number(l.Locale, int64(len(n.Plans))), "project", unlinked(l.Project.Name), "list", unlinked(strings.Join(lines, "\n\n"))}
}

// unlinked takes out of a name what mail programs make a link of: an invitation
// must not lead anywhere but to us.
func unlinked(name string) string {
	return strings.NewReplacer("://", " ", "www.", "www ").Replace(name)
}

// inZone writes the times among the params as the reader's clock shows them, and codes of troubles in words.
func (m *Mailer) inZone(l *core.Letter, params []string) []string {
	out := append([]string(nil), params...)
	for i := 0; i+1 < len(out); i += 2 {
		if out[i] == "trouble" { // of a mailbox: its cause and its cure
			out[i+1] = templates.T(l.Locale, "fetch.error."+out[i+1]) + "\n\n" + templates.T(l.Locale, "fetch.cure."+out[i+1])
			continue
		}
		if out[i] == "name" {
			out[i+1] = unlinked(out[i+1])
		}
		if out[i] != "at" && out[i] != "until" {
			continue
		}
		if at, err := time.Parse(time.RFC3339, out[i+1]); err == nil {
			out[i+1] = templates.Moment(l.Locale, m.zone(l), at)
		}
	}
	return out
}
