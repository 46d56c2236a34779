package web

import (
	"net/http"
	"time"

	"planpost/core"
)

type forgotView struct {
	Frame
	Login string
	Sent  bool
}

func (s *Site) forgotPage(w http.ResponseWriter, v *visit) error {
	return s.render(w, v, http.StatusOK, "forgot", forgotView{Frame: s.bareFrame(v, v.t("forgot.title"))})
}

func (s *Site) forgot(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	wait := s.sameTime(v)
	view := forgotView{Frame: s.bareFrame(v, v.t("forgot.title")), Login: v.PostFormValue("login")}
	err := s.core.AskReset(v.Context(), view.Login, s.ip(v.Request))
	if gone := wait(); gone != nil {
		return gone
	}
	if err != nil {
		if !mendable(err) {
			return err
		}
		return s.render(w, v, s.again(&view.Frame, v, err), "forgot", view)
	}
	view.Sent, view.Login = true, ""
	return s.render(w, v, http.StatusOK, "forgot", view)
}

func (s *Site) openReset(w http.ResponseWriter, v *visit) error {
	return s.openLink(w, v, core.ResetLink)
}

func (s *Site) resetPage(w http.ResponseWriter, v *visit) error { return s.resetForm(w, v, nil) }

func (s *Site) resetForm(w http.ResponseWriter, v *visit, wrong error) error {
	l, err := s.core.LinkByPass(v.Context(), core.ResetLink, s.passOf(v, core.ResetLink), s.ip(v.Request))
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.returned(v, &l)
	s.speakTo(v, &l)
	if l.State != core.LinkLive {
		return s.ended(w, v, &l)
	}
	l.Login = l.Link.Scope
	view := s.linkForm(v, "reset.title", &l)
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "reset", view)
}

// reset sets the new password; the person then signs in with it, here and everywhere.
func (s *Site) reset(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	pass := s.passOf(v, core.ResetLink)
	err := s.checkNonce(pass, v.PostFormValue("nonce"))
	if err == nil {
		err = s.core.Reset(v.Context(), pass, v.PostFormValue("newpassword"), s.ip(v.Request))
	}
	switch {
	case err == nil || core.CodeOf(err) == "link.used":
		s.setCookie(w, "")
		return redirect(w, v, "/signin", "reset", "")
	case mendable(err) || core.KindOf(err) == core.Expired || core.KindOf(err) == core.NotFound:
		return s.resetForm(w, v, err)
	}
	return err
}

// sameTime makes what is answered take as long whether or not an address or a
// login is known (Config.AnswerAfter).
func (s *Site) sameTime(v *visit) (wait func() error) {
	answer := time.NewTimer(s.cfg.AnswerAfter)
	return func() error {
		defer answer.Stop()
		select {
		case <-answer.C:
			return nil
		case <-v.Context().Done():
			return v.Context().Err()
		}
	}
}
