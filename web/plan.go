package web

import (
	"net/http"
	"slices"

	"planpost/core"
)

type planView struct {
	Frame
	core.PlanView
	Versions []versionRow
	Can      map[string]bool
	// Members are whom a secured plan can be shown to; nil for who may not limit access.
	Members []option
	MayRole bool
	// MayHolders tells that the list of who holds which index is for this reader.
	MayHolders bool
}

// versionRow is one index on a plan's page.
type versionRow struct {
	core.VersionView
	Author, By, EndedByName string
	// OnBehalf tells that somebody else brought it than who it stands for.
	OnBehalf    bool
	MayWithdraw bool
}

func (s *Site) plan(w http.ResponseWriter, v *visit) error { return s.planPage(w, v, nil) }

func (s *Site) planPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.planPageOf(w, v, id, wrong)
}

func (s *Site) planPageOf(w http.ResponseWriter, v *visit, id core.ID, wrong error) error {
	p, err := s.core.PlanPage(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := planView{Frame: s.frame(v, p.Plan.Name()), PlanView: p, Can: can(p.May)}
	for i := range p.Versions {
		n := &p.Versions[i]
		view.Versions = append(view.Versions, versionRow{VersionView: *n, Author: p.People[n.Author].Name, By: p.People[n.UploadedBy].Name, EndedByName: p.People[n.EndedBy].Name,
			OnBehalf: n.Author != n.UploadedBy, MayWithdraw: p.May["plan.edit"] && (n.State == core.Current || n.State == core.InReview)})
	}
	view.MayRole = s.may(v, "participant.set_role", core.Object{Kind: "project", ID: p.Plan.Project})
	view.MayHolders = v.actor.Person.Staff() || s.may(v, "participant.list_blocked", core.Object{Kind: "project", ID: p.Plan.Project})
	if p.May["doc.secure"] {
		if view.Members, err = s.planMembers(v, &p); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "plan", view)
}

// planMembers are the project's members, those on the list ticked.
func (s *Site) planMembers(v *visit, p *core.PlanView) ([]option, error) {
	_, list, _, err := s.core.Participants(v.Context(), v.actor, p.Plan.Project, false)
	if core.KindOf(err) == core.Forbidden || core.KindOf(err) == core.NotFound {
		return nil, nil
	}
	members := []option{}
	for i := range list {
		m := &list[i]
		members = append(members, option{string(m.Person), m.Of.Name, slices.Contains(p.Access, m.Person)})
	}
	return members, err
}

func (s *Site) editPlan(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/plans/", "planedit", func(id core.ID) error {
		number, title := v.PostFormValue("number"), v.PostFormValue("title")
		e := core.PlanEdit{Number: &number, Title: &title}
		if v.PostForm.Has("role") {
			role := v.PostFormValue("role")
			e.TradeRole = &role
		}
		_, err := s.core.EditPlan(v.Context(), v.actor, id, e)
		return err
	}, s.planPage)
}

func (s *Site) securePlan(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/plans/", "plansecure", func(id core.ID) error {
		_, err := s.core.SecurePlan(v.Context(), v.actor, id, v.PostFormValue("secured") != "", ids(v.PostForm["seer"]))
		return err
	}, s.planPage)
}

func (s *Site) withdrawVersion(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/plans/", "planwithdraw", func(core.ID) error {
		version, err := v.id("version")
		if err != nil {
			return err
		}
		return s.core.WithdrawVersion(v.Context(), v.actor, version)
	}, s.planPage)
}

func (s *Site) deletePlan(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.core.PlanPage(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if err := s.core.DeletePlan(v.Context(), v.actor, id); err != nil {
		return err
	}
	return redirect(w, v, plansURL(p.Plan.Project), "plandelete", "")
}
