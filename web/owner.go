package web

import (
	"net/http"

	"planpost/core"
)

// ownerRoutes: the account changes hands.
var ownerRoutes = []route{
	{"GET", "/account/transfer", "account.ownership.transfer", (*Site).transferPage},
	{"POST", "/account/transfer", "account.ownership.transfer", (*Site).transferAccount},
}

type transferView struct {
	Frame
	// People are those who can become the owner; Roles what the owner so far can become.
	People, Roles []option
	// Private is the domain of a private mailbox, asked about again; empty otherwise.
	Private string
	// Code tells that a second factor is asked for.
	Code bool
}

func (s *Site) transferPage(w http.ResponseWriter, v *visit) error { return s.transferForm(w, v, nil) }

func (s *Site) transferForm(w http.ResponseWriter, v *visit, wrong error) error {
	if err := s.need(v, "account.ownership.transfer", core.Object{}); err != nil {
		return err
	}
	staff, err := s.choosable(v, core.UserKind)
	if err != nil {
		return err
	}
	view := transferView{Frame: s.frame(v, v.t("page.transfer"))}
	chosen, confirmed := v.one("person"), v.PostFormValue("confirmed") != ""
	var people []core.Person
	for _, p := range staff {
		if p.Identity == "" || p.Role == core.Owner {
			continue
		}
		if people = append(people, p); p.ID == chosen && (confirmed || core.CodeOf(wrong) == "role.freemail") {
			view.Private = p.Address().Domain
		}
	}
	view.People = personOptions(people, chosen)
	var roles []string
	for _, r := range core.StayRoles() {
		roles = append(roles, string(r))
	}
	view.Roles = options(v.locale, "role", first(v.PostFormValue("role"), string(core.Administrator)), roles...)
	if view.Code, err = s.core.ProofNeedsCode(v.Context(), v.actor); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "transfer", view)
}

func (s *Site) transferAccount(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	n := core.NewOwner{Person: v.one("person"), Stay: core.Role(v.PostFormValue("role")), Confirmed: v.PostFormValue("confirmed") != "", Proof: proofOf(v)}
	err := s.core.TransferOwnership(v.Context(), v.actor, n)
	switch {
	case err == nil:
		return redirect(w, v, "/people/"+string(n.Person), "accounttransfer", "")
	case mendable(err):
		return s.transferForm(w, v, err)
	}
	return err
}
