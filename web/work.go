package web

import (
	"net/http"
	"slices"
	"strings"

	"planpost/core"
)

// workView lists what is open for somebody, to be given to others.
type workView struct {
	Frame
	ID                           core.ID
	Name                         string
	Kinds                        []option
	Find                         string
	Items                        []workRow
	Total                        int
	All                          bool // everything shown is ticked
	AllURL, NoneURL              string
	People                       []option
	MayMove, MayEnd, HasPosts    bool
	Inactive, NeedsSomebodyShown bool
}

// workRow is one piece of open work.
type workRow struct {
	Value, URL string
	Kind       core.WorkKind
	Number     int64
	Title      string
	Project    string
	Due        string
	Chosen     bool
	OfSomebody bool
}

func (s *Site) openWork(w http.ResponseWriter, v *visit) error { return s.workPage(w, v, nil) }

func (s *Site) workPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	work, err := s.core.OpenWork(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	q := v.URL.Query()
	view := workView{ID: id, Name: work.Person.Name, Find: q.Get("q"), All: q.Get("select") == "all", Total: len(work.Items), HasPosts: work.All,
		MayMove: work.May["user.reassign_work"], MayEnd: work.May["user.deactivate"] && work.Person.Role != core.Owner, Inactive: work.Person.Status == core.Inactive}
	kind := core.WorkKind(q.Get("kind"))
	view.Kinds = []option{{"", v.t("filter.all"), kind == ""}}
	var present []core.WorkKind
	for i := range work.Items {
		item := &work.Items[i]
		if !slices.Contains(present, item.Kind) {
			present = append(present, item.Kind)
		}
		if kind != "" && item.Kind != kind || !holds(item.Title+" "+item.Project, view.Find) {
			continue
		}
		view.Items = append(view.Items, s.workRow(v, item, view.All))
	}
	for _, k := range present {
		view.Kinds = append(view.Kinds, option{string(k), v.t("work.kind." + string(k)), k == kind})
	}
	view.AllURL, view.NoneURL = v.after("select", "all"), v.after("select", "")
	people, err := s.choosable(v, core.UserKind)
	if err != nil {
		return err
	}
	for _, o := range s.doers(v, people, v.one("to")) {
		if o.Value != string(id) {
			view.People = append(view.People, o)
		}
	}
	view.Frame = s.frame(v, v.t("page.work"))
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "work", view)
}

// holds tells that every word of find is somewhere in text, whatever the case.
func holds(text, find string) bool {
	text = strings.ToLower(text)
	for word := range strings.FieldsSeq(strings.ToLower(find)) {
		if !strings.Contains(text, word) {
			return false
		}
	}
	return true
}

func (s *Site) workRow(v *visit, w *core.OpenWork, all bool) workRow {
	r := workRow{Value: string(w.Kind) + "/" + string(w.Object), Kind: w.Kind, Number: w.Number, Title: w.Title, Project: w.Project, Due: w.Due}
	r.Chosen = all || slices.Contains(v.PostForm["item"], r.Value)
	switch w.Kind {
	case core.WorkProjectOwner, core.WorkClientManager, core.WorkResponsible, core.WorkMember:
		r.URL = "/projects/" + string(w.Object)
	case core.WorkDeputy, core.WorkTeam:
		r.URL, r.OfSomebody = "/people/"+string(w.Object), true
	case core.WorkIntake:
		r.URL = "/held"
	default:
		r.URL = taskURL(w.Number)
	}
	return r
}

// workItems reads what was ticked.
func (v *visit) workItems() (items []core.WorkRef) {
	for _, s := range v.PostForm["item"] {
		kind, object, _ := strings.Cut(s, "/")
		if id, ok := core.ParseID(object); ok {
			items = append(items, core.WorkRef{Kind: core.WorkKind(kind), Object: id})
		}
	}
	return items
}

func (s *Site) reassign(w http.ResponseWriter, v *visit) error {
	return s.moveWork(w, v, "/work", "work", func(id core.ID) error {
		if to := v.PostFormValue("to"); to == "" { // nobody is a choice of its own, not a field left out
			return core.Fail(core.Invalid, "work.to")
		}
		return s.core.Reassign(v.Context(), v.actor, id, v.workItems(), v.one("to"))
	})
}

func (s *Site) deactivate(w http.ResponseWriter, v *visit) error {
	return s.moveWork(w, v, "", "inactive", func(id core.ID) error {
		return s.core.Deactivate(v.Context(), v.actor, id, core.Leaving{Items: v.workItems(), To: v.one("to"), Leave: v.PostFormValue("leave") != ""})
	})
}

func (s *Site) moveWork(w http.ResponseWriter, v *visit, at, done string, do func(core.ID) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = do(id)
	switch {
	case err == nil:
		return redirect(w, v, "/people/"+string(id)+at, done, "")
	case mendable(err):
		return s.workPage(w, v, err)
	}
	return err
}

func (s *Site) reactivate(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/people/", "active", func(id core.ID) error { return s.core.Reactivate(v.Context(), v.actor, id) }, s.personPage)
}

func (s *Site) deleteUser(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = s.core.DeleteUser(v.Context(), v.actor, id)
	switch {
	case err == nil:
		return redirect(w, v, "/people", "deleted", "")
	case mendable(err):
		return s.personPage(w, v, err)
	}
	return err
}
