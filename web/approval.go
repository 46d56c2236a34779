package web

import (
	"net/http"
)

// decideApproval takes what an approver says on the plan's page: one of two
// buttons, neither of which is chosen before.
func (s *Site) decideApproval(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	deed := v.PostFormValue("deed")
	p, err := s.core.Decide(v.Context(), v.actor, id, deed, v.PostFormValue("words"))
	if err != nil {
		return err
	}
	return redirect(w, v, planURL(p.ID), "decided", "")
}
