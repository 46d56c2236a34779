package web

import (
	"net/http"

	"planpost/core"
)

// registerRoutes: an account of one's own, where the host lets anybody open one.
var registerRoutes = []route{
	{"GET", "/register", "account.create", (*Site).registerPage},
	{"POST", "/register", "account.create", (*Site).register},
}

type registerView struct {
	Frame
	Address string
	// Sent tells that the link is on its way.
	Sent bool
}

func (s *Site) registerPage(w http.ResponseWriter, v *visit) error {
	if !s.core.Config().Registration {
		return core.Fail(core.NotFound, "not_found")
	}
	if s.empty(v) { // the first account belongs to who reads the console
		http.Redirect(w, v.Request, "/setup", http.StatusSeeOther)
		return nil
	}
	return s.render(w, v, http.StatusOK, "register", registerView{Frame: s.bareFrame(v, v.t("register.title"))})
}

func (s *Site) register(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if s.empty(v) {
		return core.Fail(core.NotFound, "not_found")
	}
	view := registerView{Frame: s.bareFrame(v, v.t("register.title")), Address: v.PostFormValue("address")}
	err := s.core.Register(v.Context(), view.Address, v.locale, s.ip(v.Request))
	switch {
	case err == nil:
		view.Sent, view.Address = true, ""
		return s.render(w, v, http.StatusOK, "register", view)
	case mendable(err):
		return s.render(w, v, s.again(&view.Frame, v, err), "register", view)
	}
	return err
}
