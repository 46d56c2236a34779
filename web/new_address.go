package web

import (
	"net/http"

	"planpost/core"
)

// addressRoutes: another e-mail address, asked for by its owner or by who
// manages staff, confirmed and stopped by mailed links.
var addressRoutes = []route{
	{"GET", "/me/address", "user.profile.edit", (*Site).ownAddress},
	{"POST", "/me/address", "user.profile.edit", (*Site).askOwnAddress},
	{"GET", "/people/{id}/address", "user.edit", (*Site).staffAddress},
	{"POST", "/people/{id}/address", "user.edit", (*Site).askStaffAddress},
	{"GET", "/e/{token}", open, (*Site).openAddress},
	{"GET", "/e", open, (*Site).newAddress},
	{"POST", "/e", open, (*Site).confirmAddress},
	{"POST", "/e/stop", open, (*Site).stopAddress},
}

// addressView asks for another address.
type addressView struct {
	Frame
	ID            core.ID
	Name, Address string
	Wanted        string
	// Self asks for the password, with Code for a second factor too; Login is for password managers.
	Self, Code bool
	// Known tells that the person signs in already, so that both mailboxes are asked.
	Known bool
}

func (s *Site) ownAddress(w http.ResponseWriter, v *visit) error {
	return s.addressForm(w, v, v.actor.Person.ID, nil)
}

func (s *Site) staffAddress(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.addressForm(w, v, id, nil)
}

func (s *Site) addressForm(w http.ResponseWriter, v *visit, id core.ID, wrong error) error {
	view := addressView{Frame: s.frame(v, v.t("page.address")), ID: id, Wanted: v.PostFormValue("address"), Self: id == v.actor.Person.ID}
	p, o := v.actor.Person, core.Object{Kind: "person", ID: id}
	if view.Self {
		if err := s.need(v, "user.profile.edit", o); err != nil {
			return err
		}
	} else {
		known, err := s.core.Person(v.Context(), v.actor, id)
		if err != nil {
			return err
		}
		if p = known.Person; !p.Staff() {
			return core.Fail(core.NotFound, "person.unknown")
		}
		if err := s.need(v, "user.edit", o); err != nil {
			return err
		}
	}
	view.Name, view.Address, view.Known = p.Name, p.Address().Mailbox(), p.Identity != ""
	if view.Self {
		var err error
		if view.Code, err = s.core.ProofNeedsCode(v.Context(), v.actor); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "address", view)
}

func (s *Site) askOwnAddress(w http.ResponseWriter, v *visit) error {
	return s.askAddress(w, v, v.actor.Person.ID, "/me")
}

func (s *Site) askStaffAddress(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.askAddress(w, v, id, "/people/"+string(id))
}

func (s *Site) askAddress(w http.ResponseWriter, v *visit, id core.ID, back string) error {
	if err := v.parse(); err != nil {
		return err
	}
	waits, err := s.core.AskNewAddress(v.Context(), v.actor, id, core.NewAddress{Address: v.PostFormValue("address"), Proof: proofOf(v)})
	switch {
	case err == nil && waits:
		return redirect(w, v, back, "addressasked", "")
	case err == nil:
		return redirect(w, v, back, "address", "")
	case mendable(err):
		return s.addressForm(w, v, id, err)
	}
	return err
}

// openAddress takes the token of either link; only the last one opened goes on.
func (s *Site) openAddress(w http.ResponseWriter, v *visit) error {
	kind, other := core.EmailLink, core.EmailCancelLink
	if _, err := s.core.VisitLink(v.Context(), kind, v.PathValue("token"), s.ip(v.Request)); core.CodeOf(err) == "link.unknown" {
		kind, other = other, kind
	}
	s.keepPass(w, other, "")
	return s.openLink(w, v, kind)
}

// newAddressView confirms a change or stops it.
type newAddressView struct {
	linkView
	Old, New string
	Stop     bool
}

func (s *Site) newAddress(w http.ResponseWriter, v *visit) error {
	return s.newAddressPage(w, v, nil)
}

func (s *Site) newAddressPage(w http.ResponseWriter, v *visit, wrong error) error {
	kind := core.EmailLink
	if s.passOf(v, kind) == "" {
		kind = core.EmailCancelLink
	}
	l, err := s.core.VisitNewAddress(v.Context(), kind, s.passOf(v, kind), s.ip(v.Request))
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.speakTo(v, &l.LinkView)
	switch l.State {
	case core.LinkLive:
	case core.LinkUsed:
		return s.addressSettled(w, v, kind)
	default:
		return s.ended(w, v, &l.LinkView)
	}
	view := newAddressView{linkView: s.linkForm(v, "newaddress.title", &l.LinkView), Old: l.Old, New: l.New, Stop: kind == core.EmailCancelLink}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "newaddress", view)
}

// addressSettled says what became of the change.
func (s *Site) addressSettled(w http.ResponseWriter, v *visit, kind core.LinkKind) error {
	key := "changed"
	if kind == core.EmailCancelLink {
		key = "stopped"
	}
	return s.render(w, v, http.StatusOK, "endedlink", endedView{Frame: s.bareFrame(v, v.t("link.title")), Key: key})
}

func (s *Site) confirmAddress(w http.ResponseWriter, v *visit) error {
	return s.settleAddress(w, v, core.EmailLink, func(pass string) error {
		return s.core.ConfirmNewAddress(v.Context(), pass, v.PostFormValue("password"), s.ip(v.Request))
	})
}

func (s *Site) stopAddress(w http.ResponseWriter, v *visit) error {
	return s.settleAddress(w, v, core.EmailCancelLink, func(pass string) error {
		return s.core.StopNewAddress(v.Context(), pass, v.PostFormValue("address"), s.ip(v.Request))
	})
}

func (s *Site) settleAddress(w http.ResponseWriter, v *visit, kind core.LinkKind, do func(pass string) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	pass := s.passOf(v, kind)
	err := s.checkNonce(pass, v.PostFormValue("nonce"))
	if err == nil {
		err = do(pass)
	}
	switch {
	case err == nil || core.CodeOf(err) == "link.used":
		if l, err := s.core.LinkByPass(v.Context(), kind, pass, s.ip(v.Request)); err == nil {
			s.speakTo(v, &l)
		}
		return s.addressSettled(w, v, kind)
	case mendable(err) || core.KindOf(err) == core.Expired || core.KindOf(err) == core.NotFound:
		return s.newAddressPage(w, v, err)
	}
	return err
}
