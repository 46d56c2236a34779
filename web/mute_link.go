package web

import (
	"net/http"
	"strconv"
	"strings"

	"planpost/core"
)

// The link of a mail that can be unsubscribed from:
//
//	POST /u/TOKEN  List-Unsubscribe=One-Click -> muted (a mail program, RFC 8058: no cookie, no page)
//	GET  /u/TOKEN  -> switches -> POST /u/TOKEN with the number it shows, typed -> muted
//
// Looking changes nothing, and a form is taken only with what a person typed,
// for machines open links and send the forms they find.

// muteLinkRoutes: no more mail of a task or project, by the link of a mail.
var muteLinkRoutes = []route{
	{"GET", "/u/{token}", "task.view", (*Site).muteLink},
	{"POST", "/u/{token}", "notif.mute", (*Site).muteByLink},
}

type muteLinkView struct {
	Frame
	URL, Nonce, Number string
	Task               core.Task
	Project            core.Project
	TaskMuted          bool
	ProjectMuted       bool
	// Outside tells that nothing more comes of what is stopped.
	Outside bool
	// Digest is the switch of a digest's link alone; Typed is the number to be typed.
	Digest, DigestStopped bool
	Typed                 int64
	// Kind is what the form that was refused was about.
	Kind string
}

func (s *Site) muteLink(w http.ResponseWriter, v *visit) error { return s.muteLinkPage(w, v, nil) }

func (s *Site) muteLinkPage(w http.ResponseWriter, v *visit, wrong error) error {
	m, err := s.core.MuteLink(v.Context(), v.PathValue("token"), s.ip(v.Request))
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.speakTo(v, &m.LinkView)
	if m.State != core.LinkLive {
		return s.ended(w, v, &m.LinkView)
	}
	if wrong == nil {
		s.opened(v, &m.LinkView)
	}
	view := muteLinkView{Frame: s.bareFrame(v, v.t("mutelink.title")), URL: core.MuteLink.Path() + v.PathValue("token"), Nonce: s.nonce(m.Pass),
		Task: m.Task, Project: m.Project, TaskMuted: m.TaskMuted, ProjectMuted: m.ProjectMuted,
		Outside: !m.Person.Staff(), Digest: m.Digest(), DigestStopped: m.DigestStopped, Typed: m.Number()}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
		view.Kind, view.Number = v.PostFormValue("kind"), v.PostFormValue("number")
	}
	return s.render(w, v, status, "mutelink", view)
}

func (s *Site) muteByLink(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	token, ip := v.PathValue("token"), s.ip(v.Request)
	if v.PostFormValue("List-Unsubscribe") == "One-Click" {
		if err := s.core.MuteByLink(v.Context(), token, ip, "task", true); err != nil {
			return err
		}
		w.WriteHeader(http.StatusOK) // RFC 8058 §3.2: nobody reads the answer
		return nil
	}
	m, err := s.core.MuteLink(v.Context(), token, ip)
	if err == nil {
		err = s.checkNonce(m.Pass, v.PostFormValue("nonce"))
	}
	if err == nil && strings.Trim(v.PostFormValue("number"), "# ") != strconv.FormatInt(m.Number(), 10) {
		err = core.Fail(core.Invalid, "mutelink.number")
	}
	if err == nil {
		err = s.core.MuteByLink(v.Context(), token, ip, v.PostFormValue("kind"), v.PostFormValue("mute") != "")
	}
	switch {
	case err == nil && v.PostFormValue("mute") != "":
		return redirect(w, v, core.MuteLink.Path()+token, "muted", "")
	case err == nil:
		return redirect(w, v, core.MuteLink.Path()+token, "unmuted", "")
	case mendable(err):
		return s.muteLinkPage(w, v, err)
	}
	return err
}
