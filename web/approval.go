package web

import (
	"net/http"
	"time"

	"planpost/core"
)

// approvalRoutes: what somebody is asked to approve, for who has a session.
var approvalRoutes = []route{
	{"POST", "/approvals/{id}/decide", "approval.decide", (*Site).decideApproval},
	{"POST", "/approvals/{id}/withdraw", "approval.withdraw", (*Site).withdrawApproval},
	{"POST", "/approvals/{id}/remind", "approval.remind", (*Site).remindApproval},
	{"POST", "/approvals/{id}/substitute", "approval.set_substitute", (*Site).substituteApprover},
	{"GET", "/approvals/{id}/files/{file}/{name}", "approval.view", (*Site).approvalFile},
	{"POST", "/plans/{id}/versions/{version}/ask", "approval.require", (*Site).askApproval},
}

// decideApproval takes what an approver says on the plan's page: one of two
// buttons, neither of which is chosen before.
func (s *Site) decideApproval(w http.ResponseWriter, v *visit) error {
	defer v.dropFiles()
	d, err := s.decision(v)
	if err != nil {
		return err
	}
	return s.onApproval(w, v, "decided", func(id core.ID) (core.Plan, error) { return s.core.Decide(v.Context(), v.actor, id, d) })
}

// decision reads the form of an approver.
func (s *Site) decision(v *visit) (core.Decision, error) {
	err := v.parseFiles(s.core.Config().AttachmentLimit + maxForm)
	return core.Decision{Deed: v.PostFormValue("deed"), Words: v.PostFormValue("words"), Files: v.files}, err
}

// onApproval leads back to the plan that the request is about; what was wrong stands there.
func (s *Site) onApproval(w http.ResponseWriter, v *visit, done string, do func(core.ID) (core.Plan, error)) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := do(id)
	switch {
	case err == nil:
		return redirect(w, v, planURL(p.ID), done, "")
	case mendable(err):
		if p.ID == "" {
			o, gone := s.core.ApprovalPlan(v.Context(), v.actor, id)
			if gone != nil {
				return err
			}
			p = o
		}
		return s.planPageOf(w, v, p.ID, err)
	}
	return err
}

func (s *Site) withdrawApproval(w http.ResponseWriter, v *visit) error {
	return s.onApproval(w, v, "approvalwithdrawn", func(id core.ID) (core.Plan, error) { return s.core.WithdrawApproval(v.Context(), v.actor, id) })
}

func (s *Site) remindApproval(w http.ResponseWriter, v *visit) error {
	return s.onApproval(w, v, "approvalreminded", func(id core.ID) (core.Plan, error) {
		p, _, err := s.core.RemindApproval(v.Context(), v.actor, id)
		return p, err
	})
}

func (s *Site) substituteApprover(w http.ResponseWriter, v *visit) error {
	return s.onApproval(w, v, "approvalsubstitute", func(id core.ID) (core.Plan, error) {
		person, ok := core.ParseID(v.PostFormValue("person"))
		if !ok {
			return core.Plan{}, core.Fail(core.Invalid, "approval.substitute")
		}
		return s.core.SubstituteApprover(v.Context(), v.actor, id, person)
	})
}

// askApproval asks about an index in review that waits for nobody.
func (s *Site) askApproval(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/plans/", "approvalasked", func(core.ID) error {
		version, err := v.id("version")
		if err != nil {
			return err
		}
		_, err = s.core.AskApproval(v.Context(), v.actor, version, core.NewApproval{Approvers: ids(v.PostForm["approver"]), Rule: v.PostFormValue("rule"), Message: v.PostFormValue("message")})
		return err
	}, s.planPage)
}

// approvalFile gives what came with a decision, always as a download.
func (s *Site) approvalFile(w http.ResponseWriter, v *visit) error {
	id, file, err := v.two("id", "file")
	if err != nil {
		return err
	}
	f, content, err := s.core.ApprovalFile(v.Context(), v.actor, id, file)
	if err != nil {
		return err
	}
	defer content.Close()
	sandboxed(w, "application/octet-stream", disposition("attachment", f.Name))
	http.ServeContent(w, v.Request, "", time.Time{}, content)
	return nil
}
