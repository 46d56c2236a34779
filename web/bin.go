package web

import (
	"net/http"

	"planpost/core"
)

type binView struct {
	Frame
	Items []core.BinItem
	More  string
}

func (s *Site) bin(w http.ResponseWriter, v *visit) error { return s.binPage(w, v, nil) }

func (s *Site) binPage(w http.ResponseWriter, v *visit, wrong error) error {
	items, err := s.core.Bin(v.Context(), v.actor, core.BinFilter{Before: instant(v.URL.Query().Get("before")), BeforeID: v.asked("beforeid"), Limit: page + 1})
	if err != nil {
		return err
	}
	view := binView{Frame: s.frame(v, v.t("page.bin"))}
	if len(items) > page {
		items = items[:page]
		last := items[page-1]
		view.More = v.after("before", stamp(last.DeletedAt), "beforeid", string(last.Object.ID))
	}
	view.Items = items
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "bin", view)
}

func (s *Site) restore(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	o := core.Object{Kind: v.PostFormValue("kind"), ID: v.one("id")}
	err := s.core.Restore(v.Context(), v.actor, o)
	switch {
	case err == nil:
		return redirect(w, v, "/bin", "restored", "")
	case mendable(err):
		return s.binPage(w, v, err)
	}
	return err
}
