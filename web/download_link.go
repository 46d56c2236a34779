package web

import (
	"net/http"
	"net/url"
	"slices"

	"planpost/core"
)

type downloadView struct {
	Frame
	core.Download
	URL, Nonce string
	Plans      []downloadRow
	// Archive leads to all files in one; empty when there are fewer than two.
	Archive string
	Size    int64
	// Open tells that something can still be confirmed.
	Open bool
}

type downloadRow struct {
	core.SentPlan
	Files     []downloadFile
	Confirmed bool
}

type downloadFile struct {
	core.PlanFile
	URL string
}

func ticketURL(ticket, name string) string { return "/d/f/" + ticket + "/" + url.PathEscape(name) }

// downloadLink is the page of what was sent: looking at it counts nothing as
// fetched. The token stays in the address: print shops keep it for their tools.
func (s *Site) downloadLink(w http.ResponseWriter, v *visit) error { return s.downloadPage(w, v, nil) }

func (s *Site) downloadPage(w http.ResponseWriter, v *visit, wrong error) error {
	d, err := s.core.VisitDownload(v.Context(), v.PathValue("token"), s.ip(v.Request))
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.speakTo(v, &d.LinkView)
	if d.State != core.LinkLive {
		return s.ended(w, v, &d.LinkView)
	}
	if wrong == nil {
		s.opened(v, &d.LinkView)
	}
	view := downloadView{Frame: s.bareFrame(v, d.Sending.Project.Name), Download: d, URL: core.DownloadLink.Path() + v.PathValue("token"), Nonce: s.nonce(d.Pass)}
	if view.By.Name == "" { // sent from the command line
		view.By.Name = d.Account.Name
	}
	files := 0
	for _, p := range d.Sending.Plans {
		row := downloadRow{SentPlan: p, Confirmed: slices.Contains(d.Receipts, p.Version.ID)}
		for _, f := range p.Files {
			if p.MayFetch {
				row.Files = append(row.Files, downloadFile{f, ticketURL(s.core.Ticket(&d.Link, f.ID), f.Name)})
				files++
				view.Size += f.Size
			}
		}
		view.Open = view.Open || p.MayFetch && !row.Confirmed
		view.Plans = append(view.Plans, row)
	}
	if files > 1 {
		view.Archive = ticketURL(s.core.Ticket(&d.Link, d.Sending.ID), d.Sending.Project.Name+".zip")
	}
	s.keepPass(w, core.DownloadLink, view.Nonce) // what a browser brings back with a file shows that somebody looked at the page
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "download", view)
}

// confirmReceipt takes a choice: nothing is ticked before.
func (s *Site) confirmReceipt(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	token, ip := v.PathValue("token"), s.ip(v.Request)
	l, err := s.core.VisitLink(v.Context(), core.DownloadLink, token, ip)
	if err == nil {
		err = s.checkNonce(l.Pass, v.PostFormValue("nonce"))
	}
	if err == nil {
		err = s.core.ConfirmReceipt(v.Context(), token, ip, ids(v.PostForm["version"]), s.cameBy(v))
	}
	switch {
	case err == nil:
		return redirect(w, v, core.DownloadLink.Path()+token, "receipt", "")
	case mendable(err) || core.KindOf(err) == core.NotFound || core.KindOf(err) == core.Expired:
		return s.downloadPage(w, v, err)
	}
	return err
}

// downloadAgain mails a new link in place of one that expired, to the mailbox of the first.
func (s *Site) downloadAgain(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	l, err := s.core.VisitLink(v.Context(), core.DownloadLink, v.PathValue("token"), s.ip(v.Request))
	if err == nil {
		err = s.checkNonce(l.Pass, v.PostFormValue("nonce"))
	}
	if err == nil {
		err = s.core.AskLinkAgain(v.Context(), core.DownloadLink, l.Pass, s.ip(v.Request))
	}
	if err != nil {
		return s.noLink(w, v, err)
	}
	return s.render(w, v, http.StatusOK, "endedlink", endedView{Frame: s.bareFrame(v, v.t("link.title")), Key: "again"})
}
