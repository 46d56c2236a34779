package web

import (
	"net/http"
	"strconv"

	"planpost/core"
)

// visitBlock is what a task's page tells of its visits.
type visitBlock struct {
	Items []visitRow
	Form  *visitForm
	Shown bool
}

// visitForm are the fields of a visit.
type visitForm struct {
	Number                 string
	Day, From, Until, Note string
	Zone                   string
	People                 []option
	Tell                   []option
}

// visitFormView is the page of a visit, or of one to be planned.
type visitFormView struct {
	Frame
	Row  visitRow
	Form visitForm
	May  bool
	// Near are tasks that a visit can be for.
	Near []option
}

func (s *Site) visitBlock(v *visit, number int64) (b visitBlock, err error) {
	visits, err := s.core.VisitsOf(v.Context(), v.actor, number)
	if err != nil {
		return b, err
	}
	for i := range visits.Items {
		b.Items = append(b.Items, s.visitRow(v, &visits.Items[i]))
	}
	if visits.MayManage {
		form, err := s.visitForm(v, core.NewVisit{Person: v.actor.Person.ID, Day: s.today(v)}, visits.Outside)
		if err != nil {
			return b, err
		}
		form.Number, b.Form = strconv.FormatInt(number, 10), &form
	}
	b.Shown = b.Form != nil || len(b.Items) > 0
	return b, nil
}

func (s *Site) visitForm(v *visit, n core.NewVisit, outside []core.Person) (visitForm, error) {
	f := visitForm{Day: n.Day, From: n.From, Until: n.Until, Note: n.Note, Zone: v.actor.Account.Zone}
	people, err := s.choosable(v, core.UserKind)
	if err != nil {
		return f, err
	}
	f.People = s.doers(v, people, n.Person)
	for i := range outside {
		o := option{string(outside[i].ID), outside[i].Name, false}
		for _, id := range n.Tell {
			o.Chosen = o.Chosen || id == outside[i].ID
		}
		f.Tell = append(f.Tell, o)
	}
	return f, nil
}

// sentVisit reads the fields of a visit.
func (v *visit) sentVisit() core.NewVisit {
	return core.NewVisit{Person: v.one("person"), Day: v.PostFormValue("day"), From: v.PostFormValue("from"), Until: v.PostFormValue("until"),
		Note: v.PostFormValue("note"), Tell: ids(v.PostForm["tell"])}
}

func (s *Site) newVisit(w http.ResponseWriter, v *visit) error {
	day := v.URL.Query().Get("day")
	if day == "" {
		day = s.today(v)
	}
	return s.newVisitPage(w, v, v.URL.Query().Get("task"), core.NewVisit{Day: day}, nil)
}

func (s *Site) newVisitPage(w http.ResponseWriter, v *visit, number string, n core.NewVisit, wrong error) error {
	var outside []core.Person
	if at := taskNumber(number); at > 0 {
		visits, err := s.core.VisitsOf(v.Context(), v.actor, at)
		if err != nil && core.KindOf(err) != core.NotFound {
			return err
		}
		outside = visits.Outside
		if err == nil && !visits.MayManage {
			return core.Fail(core.NotFound, "not_found")
		}
	} else if may, err := s.core.MayPlan(v.Context(), v.actor); err != nil {
		return err
	} else if !may {
		return core.Fail(core.Forbidden, "forbidden")
	}
	form, err := s.visitForm(v, n, outside)
	if err != nil {
		return err
	}
	form.Number = number
	view := visitFormView{Frame: s.frame(v, v.t("page.newvisit")), Form: form, May: true}
	// Who may not plan every round does so for own tasks.
	if view.Near, err = s.openTasks(v, core.TaskFilter{Mine: !s.may(v, "visit.manage", core.Object{}), Limit: 50}, ""); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "newvisit", view)
}

func (s *Site) addVisit(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	n, number := v.sentVisit(), v.PostFormValue("task")
	made, err := s.core.AddVisit(v.Context(), v.actor, taskNumber(number), n)
	switch {
	case err == nil:
		return redirect(w, v, "/visits/"+string(made.ID), "visit", "")
	case mendable(err):
		return s.newVisitPage(w, v, number, n, err)
	}
	return err
}

func (s *Site) visitPage(w http.ResponseWriter, v *visit) error { return s.showVisit(w, v, nil) }

func (s *Site) showVisit(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	one, err := s.core.Visit(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := visitFormView{Frame: s.frame(v, v.t("page.visit")), Row: s.visitRow(v, &one.VisitItem), May: one.May["visit.manage"] && one.State == core.VisitPlanned}
	n, status := core.NewVisit{Person: one.Person, Day: one.Day, From: one.From, Until: one.Until, Note: one.Note}, http.StatusOK
	if wrong != nil {
		if v.PostForm.Has("day") {
			n = v.sentVisit()
		}
		status = s.again(&view.Frame, v, wrong)
	}
	if view.May {
		if view.Form, err = s.visitForm(v, n, one.Outside); err != nil {
			return err
		}
		view.Form.People = withKnown(view.Form.People, &one.Resource)
	}
	return s.render(w, v, status, "visit", view)
}

func (s *Site) moveVisit(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/visits/", "visit", func(id core.ID) error {
		_, err := s.core.MoveVisit(v.Context(), v.actor, id, v.sentVisit())
		return err
	}, s.showVisit)
}

func (s *Site) cancelVisit(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/visits/", "visitcancelled", func(id core.ID) error {
		_, err := s.core.CancelVisit(v.Context(), v.actor, id, ids(v.PostForm["tell"]))
		return err
	}, s.showVisit)
}

func (s *Site) finishVisit(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/visits/", "visitdone", func(id core.ID) error {
		_, err := s.core.FinishVisit(v.Context(), v.actor, id)
		return err
	}, s.showVisit)
}
