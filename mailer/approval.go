package mailer

import (
	"cmp"

	"planpost/core"
	"planpost/templates"
)

// approvalView is that of the mail that asks somebody to approve an index.
func (m *Mailer) approvalView(l *core.Letter) templates.ApprovalMail {
	n := &l.Approval
	v := templates.ApprovalMail{Zone: m.zone(l), Account: l.Account.Name, By: unlinked(cmp.Or(l.By.Name, l.Account.Name)), For: unlinked(n.For.Name), Plan: unlinked(n.Plan.Name()), Index: n.Version.Index, Project: unlinked(l.Project.Name), Message: n.Approval.Message,
		Why: n.Why, URL: l.LinkURL, Session: n.Session, Code: l.Code, Until: l.Link.ExpiresAt, ByReply: n.ByReply, Reasons: reasonsOf(l), ChooseURL: l.ChooseURL}
	for _, f := range n.Files {
		v.Files = append(v.Files, templates.ApprovalMailFile{Name: f.Name, Size: f.Size, Pages: f.Pages})
	}
	return v
}
