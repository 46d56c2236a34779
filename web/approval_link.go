package web

import (
	"net/http"

	"planpost/core"
)

// The link in the mail that asks for an approval:
//
//	GET /a/TOKEN -> checked, token exchanged for a cookie -> GET /a/of/ID (the page) -> POST /a/of/ID with the code of the mail
//
// ID is that of the link's row and opens nothing; it lets several requests
// stand open side by side in one browser.

// approvalLinkRoutes: what somebody without a session is asked to approve.
var approvalLinkRoutes = []route{
	{"GET", "/a/{token}", "approval.view", (*Site).openApproval},
	{"GET", "/a/of/{id}", "approval.view", (*Site).approvalLink},
	{"POST", "/a/of/{id}", "approval.decide", (*Site).decideByLink},
	{"GET", "/a/of/{id}/files/{file}", "approval.view", (*Site).approvalPreview},
}

type approvalLinkView struct {
	Frame
	core.Requested
	Action, Nonce string
	Rows          []approvalLinkFile
	FileLimit     int64
	Code, Words   string
	HadFiles      bool
}

// approvalLinkFile is a file of the index in review.
type approvalLinkFile struct {
	core.PlanFile
	// URL fetches it, ViewURL shows it in a page that says what it is; empty for what no browser shows.
	URL, ViewURL string
}

func approvalLinkURL(id core.ID) string { return core.ApprovalLink.Path() + "of/" + string(id) }

// approvalCookie is the cookie that stands for one link's token.
func (s *Site) approvalCookie(link core.ID) core.LinkKind {
	return core.LinkKind(string(core.ApprovalLink) + "-" + string(link))
}

func (s *Site) openApproval(w http.ResponseWriter, v *visit) error {
	l, err := s.core.VisitLink(v.Context(), core.ApprovalLink, v.PathValue("token"), s.ip(v.Request))
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.speakTo(v, &l)
	if l.State != core.LinkLive {
		return s.ended(w, v, &l)
	}
	s.opened(v, &l)
	s.keepPass(w, s.approvalCookie(l.Link.ID), l.Pass)
	http.Redirect(w, v.Request, approvalLinkURL(l.Link.ID), http.StatusSeeOther)
	return nil
}

// requested reads the page's request by the cookie; done tells that another page was answered.
func (s *Site) requested(w http.ResponseWriter, v *visit) (q core.Requested, pass string, done bool, err error) {
	id, err := v.id("id")
	if err != nil {
		return q, "", true, s.noLink(w, v, core.Fail(core.NotFound, "link.unknown"))
	}
	pass = s.passOf(v, s.approvalCookie(id))
	q, err = s.core.VisitApproval(v.Context(), pass, s.ip(v.Request))
	if err == nil && q.Link.ID != id {
		err = core.Fail(core.NotFound, "link.unknown")
	}
	if err != nil {
		return q, "", true, s.noLink(w, v, err)
	}
	s.speakTo(v, &q.LinkView)
	if q.State != core.LinkLive {
		return q, "", true, s.ended(w, v, &q.LinkView)
	}
	return q, pass, false, nil
}

func (s *Site) approvalLink(w http.ResponseWriter, v *visit) error {
	q, _, done, err := s.requested(w, v)
	if done || err != nil {
		return err
	}
	s.returned(v, &q.LinkView)
	return s.approvalLinkPage(w, v, &q, nil)
}

func (s *Site) approvalLinkPage(w http.ResponseWriter, v *visit, q *core.Requested, wrong error) error {
	view := approvalLinkView{Frame: s.bareFrame(v, q.Plan.Name()), Requested: *q, Action: approvalLinkURL(q.Link.ID), Nonce: s.nonce(q.Pass), FileLimit: s.core.Config().AttachmentLimit,
		Code: v.PostFormValue("code"), Words: v.PostFormValue("words"), HadFiles: v.hadFiles}
	for _, f := range q.Files {
		row := approvalLinkFile{PlanFile: f, URL: ticketURL(s.core.Ticket(&q.Link, f.ID), f.Name)}
		if viewable(&f) {
			row.ViewURL = view.Action + "/files/" + string(f.ID)
		}
		view.Rows = append(view.Rows, row)
	}
	s.keepPass(w, core.DownloadLink, view.Nonce) // what a browser brings back with a file shows that somebody looked at the page
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "approvallink", view)
}

// decideByLink takes the decision. What was decided stays: sent once more, the page only shows it.
func (s *Site) decideByLink(w http.ResponseWriter, v *visit) error {
	defer v.dropFiles()
	q, pass, done, err := s.requested(w, v)
	if done || err != nil {
		return err
	}
	d, err := s.decision(v)
	if err == nil {
		err = s.checkNonce(pass, v.PostFormValue("nonce"))
	}
	if err == nil {
		err = s.core.DecideByLink(v.Context(), pass, v.PostFormValue("code"), d, core.Credentials{IP: s.ip(v.Request), UserAgent: v.UserAgent()})
	}
	switch {
	case err == nil || core.CodeOf(err) == "approval.decided" || core.CodeOf(err) == "approval.ended":
		return redirect(w, v, approvalLinkURL(q.Link.ID), "", "")
	case core.CodeOf(err) == "approval.code_new": // with the new code comes another link
		s.keepPass(w, s.approvalCookie(q.Link.ID), "")
		return s.approvalLinkPage(w, v, &q, err)
	case mendable(err) || core.KindOf(err) == core.Limited:
		return s.approvalLinkPage(w, v, &q, err)
	}
	return err
}

// approvalPreview shows a drawing with the words that it is not released.
func (s *Site) approvalPreview(w http.ResponseWriter, v *visit) error {
	q, _, done, err := s.requested(w, v)
	if done || err != nil {
		return err
	}
	file, err := v.id("file")
	if err != nil {
		return err
	}
	for _, f := range q.Files {
		if f.ID == file && viewable(&f) {
			return s.render(w, v, http.StatusOK, "planpreview", previewView{Frame: s.bareFrame(v, q.Plan.Name()), Plan: q.Plan, Version: q.Version, File: f, Back: approvalLinkURL(q.Link.ID),
				URL: ticketURL(s.core.Ticket(&q.Link, f.ID), f.Name) + "?inline=1"})
		}
	}
	return core.Fail(core.NotFound, "plan.file_unknown")
}
