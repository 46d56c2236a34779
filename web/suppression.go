package web

import (
	"net/http"
	"strings"

	"planpost/core"
	"planpost/mail"
)

// suppressionRoutes: addresses that get no more mail.
var suppressionRoutes = []route{
	{"GET", "/suppressed", "suppression.view", (*Site).suppressed},
	{"POST", "/suppressed", "suppression.add", (*Site).suppress},
	{"POST", "/suppressed/{id}/lift", "suppression.lift", (*Site).lift},
}

type suppressedView struct {
	Frame
	Asked, More string
	Items       []core.SuppressionItem
	// Address, Stream and Why are what a form that was refused held.
	Address, Why    string
	Streams         []option
	MayAdd, MayLift bool
}

func (s *Site) suppressed(w http.ResponseWriter, v *visit) error { return s.suppressedPage(w, v, nil) }

func (s *Site) suppressedPage(w http.ResponseWriter, v *visit, wrong error) error {
	asked := strings.TrimSpace(v.URL.Query().Get("q"))
	f := core.SuppressionFilter{Before: v.asked("before"), Limit: page + 1, Address: asked}
	if a, err := mail.ParseMailbox(asked); err == nil {
		f.Address = a.Norm()
	}
	items, err := s.core.Suppressions(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := suppressedView{Frame: s.frame(v, v.t("page.suppressed")), Asked: asked, MayAdd: s.may(v, "suppression.add", core.Object{}), MayLift: s.may(v, "suppression.lift", core.Object{})}
	if len(items) > page {
		items = items[:page]
		view.More = v.after("before", string(items[page-1].ID))
	}
	view.Items = items
	chosen := string(core.WorkStream)
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
		view.Address, view.Why, chosen = v.PostFormValue("address"), v.PostFormValue("why"), v.PostFormValue("stream")
	}
	view.Streams = options(v.locale, "stream", chosen, string(core.WorkStream), string(core.DigestStream))
	return s.render(w, v, status, "suppressed", view)
}

func (s *Site) suppress(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	err := s.core.SuppressAddress(v.Context(), v.actor, v.PostFormValue("address"), core.Stream(v.PostFormValue("stream")), v.PostFormValue("why"))
	switch {
	case err == nil:
		return redirect(w, v, "/suppressed", "suppressed", "")
	case mendable(err):
		return s.suppressedPage(w, v, err)
	}
	return err
}

func (s *Site) lift(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = s.core.LiftSuppression(v.Context(), v.actor, id)
	switch {
	case err == nil:
		return redirect(w, v, "/suppressed", "lifted", "")
	case mendable(err):
		return s.suppressedPage(w, v, err)
	}
	return err
}
