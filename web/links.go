package web

import (
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

// linkRoutes: mailed links and what leads to them.
var linkRoutes = []route{
	{"GET", "/i/{token}", open, (*Site).openInvitation},
	{"GET", "/i", open, (*Site).invitation},
	{"POST", "/i", "session.activate", (*Site).activate},
	{"POST", "/i/again", open, (*Site).invitationAgain},
	{"GET", "/p/{token}", open, (*Site).openReset},
	{"GET", "/p", open, (*Site).resetPage},
	{"POST", "/p", "session.reset_password", (*Site).reset},
	{"GET", "/forgot", open, (*Site).forgotPage},
	{"POST", "/forgot", "session.request_reset", (*Site).forgot},
	{"GET", "/start/{locale}", open, (*Site).quickStart},
	{"POST", "/people/{id}/invite", "user.invite", (*Site).inviteAgain},
	{"POST", "/people/{id}/guest", "contact.grant_access", (*Site).setGuest},
}

// endedView is the page of a link that does not work, with the same words whatever ended it.
type endedView struct {
	Frame
	// Key begins the words: ended, expired, used or unknown.
	Key              string
	Account, Contact string
	SentAt, EndedAt  time.Time
	// Again is where a new link can be asked for, mailed to Masked; empty where it cannot.
	Again, Masked, Nonce string
}

// openLink exchanges the token of an address for a cookie and goes on without it.
func (s *Site) openLink(w http.ResponseWriter, v *visit, kind core.LinkKind) error {
	l, err := s.core.VisitLink(v.Context(), kind, v.PathValue("token"), s.ip(v.Request))
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.opened(v, &l)
	s.speakTo(v, &l)
	if l.State == core.LinkEnded {
		return s.ended(w, v, &l)
	}
	s.keepPass(w, kind, l.Pass)
	path := kind.Path()
	http.Redirect(w, v.Request, path[:len(path)-1], http.StatusSeeOther)
	return nil
}

// speakTo answers in the language and zone of the addressee.
func (s *Site) speakTo(v *visit, l *core.LinkView) {
	v.host = &l.Account
	if l.State == core.LinkEnded {
		v.zone = s.zone(l.Account.Zone) // and in the browser's language: the page tells nothing of the person
		return
	}
	v.locale = templates.Match(l.Account.LocaleOf(&l.Person))
	v.zone = s.zone(first(l.Person.Zone, l.Account.Zone))
}

// noLink is the page of what never was a link, or of one there is no page for now.
func (s *Site) noLink(w http.ResponseWriter, v *visit, err error) error {
	if core.CodeOf(err) != "link.unknown" {
		return err
	}
	return s.render(w, v, http.StatusNotFound, "endedlink", endedView{Frame: s.bareFrame(v, v.t("link.title")), Key: "unknown"})
}

// ended is the page of a link that works no more.
func (s *Site) ended(w http.ResponseWriter, v *visit, l *core.LinkView) error {
	view := endedView{Frame: s.bareFrame(v, v.t("link.title")), Key: "ended", Account: l.Account.Name, Contact: l.Contact, SentAt: l.Link.CreatedAt}
	status := http.StatusGone
	switch l.State {
	case core.LinkExpired:
		view.Key, view.EndedAt = "expired", l.Link.ExpiresAt
		switch l.Link.Kind {
		case core.ActivationLink:
			view.Again, view.Masked, view.Nonce = "/i/again", l.Person.Address().Masked(), s.nonce(l.Pass)
		case core.DownloadLink:
			view.Again, view.Masked, view.Nonce = core.DownloadLink.Path()+v.PathValue("token")+"/again", l.Person.Address().Masked(), s.nonce(l.Pass)
		case core.ThreadLink:
			view.Again, view.Masked, view.Nonce = threadURL(v)+"/again", l.Person.Address().Masked(), s.nonce(l.Pass)
		}
	case core.LinkUsed:
		view.Key, status = "used", http.StatusOK
	}
	return s.render(w, v, status, "endedlink", view)
}

// linkView is the form of a link: an invitation or a new password.
type linkView struct {
	Frame
	Account, By, Login string
	Nonce              string
	// Known asks for the password that is there already.
	Known, Guest bool
	MinPassword  int
	Until        time.Time
	// Own asks for the names of an account that is being registered; nil otherwise.
	Own *ownAccountForm
}

// ownAccountForm are the names of a new account.
type ownAccountForm struct {
	Account, Name, Zone string
	Zones               []string
}

func ownAccountOf(v *visit, l *core.LinkView) *ownAccountForm {
	if l.Person.Role != core.Owner {
		return nil
	}
	return &ownAccountForm{v.PostFormValue("account"), v.PostFormValue("name"), first(v.PostFormValue("zone"), l.Account.Zone), zones}
}

func (s *Site) linkForm(v *visit, title string, l *core.LinkView) linkView {
	return linkView{Frame: s.bareFrame(v, v.t(title)), Account: l.Account.Name, By: l.By.Name, Login: l.Login, Known: l.Known, Guest: !l.Person.Staff(),
		Nonce: s.nonce(l.Pass), MinPassword: l.Account.PasswordLength, Until: l.Link.ExpiresAt}
}

func (s *Site) openInvitation(w http.ResponseWriter, v *visit) error {
	return s.openLink(w, v, core.ActivationLink)
}

func (s *Site) invitation(w http.ResponseWriter, v *visit) error { return s.invitationPage(w, v, nil) }

func (s *Site) invitationPage(w http.ResponseWriter, v *visit, wrong error) error {
	l, err := s.core.VisitInvitation(v.Context(), s.passOf(v, core.ActivationLink), s.ip(v.Request))
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.returned(v, &l)
	s.speakTo(v, &l)
	if l.State != core.LinkLive {
		return s.ended(w, v, &l)
	}
	view := s.linkForm(v, "invited.title", &l)
	if view.Own = ownAccountOf(v, &l); view.Own != nil {
		view.Title = v.t("register.go")
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "activate", view)
}

// activate sets the password. The same form sent twice leads to the same page.
func (s *Site) activate(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	pass := s.passOf(v, core.ActivationLink)
	err := s.checkNonce(pass, v.PostFormValue("nonce"))
	var token string
	if err == nil {
		token, err = s.core.Activate(v.Context(), core.Activation{Pass: pass, Password: v.PostFormValue("newpassword"), IP: s.ip(v.Request), UserAgent: v.UserAgent(),
			Own: core.OwnAccount{AccountName: v.PostFormValue("account"), Name: v.PostFormValue("name"), Zone: strings.TrimSpace(v.PostFormValue("zone"))}})
	}
	switch {
	case err == nil:
		s.setCookie(w, token)
		http.Redirect(w, v.Request, "/", http.StatusSeeOther)
		return nil
	case core.CodeOf(err) == "link.used":
		http.Redirect(w, v.Request, "/", http.StatusSeeOther)
		return nil
	case mendable(err) || core.KindOf(err) == core.Expired || core.KindOf(err) == core.NotFound:
		return s.invitationPage(w, v, err)
	}
	return err
}

func (s *Site) invitationAgain(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	pass := s.passOf(v, core.ActivationLink)
	err := s.checkNonce(pass, v.PostFormValue("nonce"))
	if err == nil {
		err = s.core.AskLinkAgain(v.Context(), core.ActivationLink, pass, s.ip(v.Request))
	}
	if err != nil {
		return s.noLink(w, v, err)
	}
	return s.render(w, v, http.StatusOK, "endedlink", endedView{Frame: s.bareFrame(v, v.t("link.title")), Key: "again"})
}

func (s *Site) quickStart(w http.ResponseWriter, v *visit) error {
	v.locale = templates.Match(v.PathValue("locale"))
	return s.render(w, v, http.StatusOK, "quickstart", s.bareFrame(v, v.t("quick.title")))
}
