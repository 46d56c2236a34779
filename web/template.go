package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"planpost/core"
)

// templateRoutes: what tasks of one sort have in common.
var templateRoutes = []route{
	{"GET", "/templates", "template.edit", (*Site).templates},
	{"GET", "/templates/new", "template.edit", (*Site).newTemplate},
	{"POST", "/templates", "template.edit", (*Site).saveTemplate},
	{"GET", "/templates/{id}", "template.edit", (*Site).template},
	{"POST", "/templates/{id}", "template.edit", (*Site).saveTemplate},
	{"POST", "/templates/{id}/delete", "template.edit", (*Site).deleteTemplate},
}

type templatesView struct {
	Frame
	Items []core.TaskTemplate
	// MayUse tells that the visitor may make tasks.
	MayUse bool
}

// templateView is the form of one template; its Of has no ID while it is new.
type templateView struct {
	Frame
	Of                     core.TaskTemplate
	Days                   string
	Projects, Visibilities []option
	// Staff and People are empty for who may not list people: then those named stay.
	Staff, Chosen, People []option
	Adds                  []int
}

func (s *Site) templates(w http.ResponseWriter, v *visit) error {
	list, err := s.core.Templates(v.Context(), v.actor)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "templates", templatesView{s.frame(v, v.t("page.templates")), list, s.may(v, "task.create", core.Object{})})
}

func (s *Site) newTemplate(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "template.edit", core.Object{}); err != nil {
		return err
	}
	return s.templateForm(w, v, core.TaskTemplate{Visibility: core.VisibleParticipants}, nil, nil)
}

func (s *Site) template(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	t, people, err := s.core.Template(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return s.templateForm(w, v, t, people, nil)
}

// templateForm shows the form; known are people it names who may not be among those to choose from.
func (s *Site) templateForm(w http.ResponseWriter, v *visit, t core.TaskTemplate, known map[core.ID]core.Person, wrong error) (err error) {
	title := v.t("page.newtemplate")
	if t.ID != "" {
		title = t.Name
	}
	view := templateView{Frame: s.frame(v, title), Of: t, Visibilities: options(v.locale, "visibility", t.Visibility, core.VisibleParticipants, core.VisibleInside)}
	if t.DueDays > 0 {
		view.Days = strconv.Itoa(t.DueDays)
	}
	if view.Projects, err = s.projectOptions(v, t.Project); err != nil {
		return err
	}
	if t.Project != "" && len(view.Projects) > 0 && !slices.ContainsFunc(view.Projects, func(o option) bool { return o.Chosen }) {
		view.Projects = append(view.Projects, option{string(t.Project), v.t("template.project.kept"), true})
	}
	people, err := s.choosable(v)
	if err != nil {
		return err
	}
	if len(people) > 0 {
		view.people(people, known)
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "template", view)
}

// people fills in whom the template names, and whom it could.
func (view *templateView) people(people []core.Person, known map[core.ID]core.Person) {
	t := &view.Of
	for _, id := range append([]core.ID{t.Assignee}, t.Participants...) {
		if p, ok := known[id]; ok && !slices.ContainsFunc(people, func(o core.Person) bool { return o.ID == id }) {
			people = append(people, p)
		}
	}
	var others []core.Person
	for _, p := range people {
		if slices.Contains(t.Participants, p.ID) {
			view.Chosen = append(view.Chosen, option{string(p.ID), p.Name, true})
			continue
		}
		others = append(others, p)
	}
	view.Staff, view.People, view.Adds = personOptions(people, t.Assignee), personOptions(others, ""), []int{1, 2, 3}
}

// templateEdit reads the form; a field that is not in it stays as it is.
func (v *visit) templateEdit() (e core.TemplateEdit) {
	for name, field := range map[string]**string{"name": &e.Name, "title": &e.Title, "description": &e.Description, "visibility": &e.Visibility} {
		if v.PostForm.Has(name) {
			value := v.PostFormValue(name)
			*field = &value
		}
	}
	for name, field := range map[string]**core.ID{"project": &e.Project, "assignee": &e.Assignee} {
		if v.PostForm.Has(name) {
			value := v.one(name)
			*field = &value
		}
	}
	if v.PostForm.Has("participant") {
		list := ids(v.PostForm["participant"])
		e.Participants = &list
	}
	outside, days := v.PostFormValue("outside") != "", 0
	if text := strings.TrimSpace(v.PostFormValue("days")); text != "" {
		var err error
		if days, err = strconv.Atoi(text); err != nil {
			days = -1 // the core says what can be
		}
	}
	e.Outside, e.DueDays = &outside, &days
	return e
}

func (s *Site) saveTemplate(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	var id core.ID
	if v.PathValue("id") != "" {
		var err error
		if id, err = v.id("id"); err != nil {
			return err
		}
	}
	e := v.templateEdit()
	_, err := s.core.SaveTemplate(v.Context(), v.actor, id, e)
	switch {
	case err == nil:
		return redirect(w, v, "/templates", "template", "")
	case mendable(err):
		return s.templateAgain(w, v, id, &e, err)
	}
	return err
}

// templateAgain shows what was typed.
func (s *Site) templateAgain(w http.ResponseWriter, v *visit, id core.ID, e *core.TemplateEdit, wrong error) (err error) {
	t, known := core.TaskTemplate{Visibility: core.VisibleParticipants}, map[core.ID]core.Person(nil)
	if id != "" {
		if t, known, err = s.core.Template(v.Context(), v.actor, id); err != nil {
			return err
		}
	}
	e.On(&t)
	return s.templateForm(w, v, t, known, wrong)
}

func (s *Site) deleteTemplate(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.core.DeleteTemplate(v.Context(), v.actor, id); err != nil {
		return err
	}
	return redirect(w, v, "/templates", "templatedeleted", "")
}
