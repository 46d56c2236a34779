package web

import (
	"net/http"
	"slices"

	"planpost/core"
)

// planRoutes: what a project keeps in indices.
var planRoutes = []route{
	{"GET", "/projects/{id}/plans", "plan.list", (*Site).plans},
	{"POST", "/projects/{id}/plans/list", "plan.list", (*Site).plans},
	{"GET", "/projects/{id}/plans/new", "plan.create", (*Site).newPlanPage},
	{"POST", "/projects/{id}/plans", "plan.create", (*Site).createPlan},
	{"GET", "/plans/{id}", "plan.view", (*Site).plan},
	{"GET", "/plans/{id}/new", "plan.new_index", (*Site).newIndexPage},
	{"POST", "/plans/{id}/versions", "plan.new_index", (*Site).addVersion},
	{"POST", "/plans/{id}/versions/{version}/withdraw", "plan.edit", (*Site).withdrawVersion},
	{"POST", "/plans/{id}", "plan.edit", (*Site).editPlan},
	{"POST", "/plans/{id}/secure", "doc.secure", (*Site).securePlan},
	{"POST", "/plans/{id}/delete", "plan.delete", (*Site).deletePlan},
}

type plansView struct {
	Frame
	Project core.Project
	Items   []planRow
	Count   int
	// ManyMore tells that there are more than Count.
	ManyMore bool
	// Filter is what the list is narrowed to; the choices of its fields are beside it.
	Text                 string
	Kinds, States, Roles []option
	Narrowed             bool
	// Elsewhere are plans that are chosen and not on this page; Chosen is how many are in all.
	Elsewhere []core.ID
	Chosen    int
	// After continues the list; empty where it ends. Further tells that it begins behind the first.
	After   string
	Further bool
	Can     map[string]bool
	// Register tells that what was sent may be looked at: it names recipients.
	Register bool
}

// planRow is a plan in the list: its current index, and the one in review.
type planRow struct {
	core.PlanItem
	URL, Author string
	Picked      bool
	Holders     core.HolderCount
}

func planURL(id core.ID) string { return "/plans/" + string(id) }

func plansURL(project core.ID) string { return "/projects/" + string(project) + "/plans" }

// plans is the list. What is chosen travels with the form, so that it outlives
// paging and filtering without anything being kept here.
func (s *Site) plans(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.parse(); err != nil {
		return err
	}
	f := v.planFilter(id)
	if v.FormValue("go") == "more" {
		f.After, f.AfterID = v.planCursor()
	}
	list, err := s.core.Plans(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := plansView{Frame: s.frame(v, v.t("plan.list")), Project: list.Project, Count: min(list.Count, core.MostCounted), ManyMore: list.Count > core.MostCounted, Text: f.Text, Further: f.AfterID != "", Can: can(list.May),
		Narrowed: f.Text != "" || f.Kind != "" || f.State != "" || f.TradeRole != ""}
	view.Register = v.staff() || s.may(v, "participant.list_blocked", core.Object{Kind: "project", ID: id})
	view.Kinds = options(v.locale, "plan.kind", f.Kind, core.DrawingKind, core.DocumentKind)
	view.States = options(v.locale, "plan.filter", f.State, "current", "in_review", "withdrawn", "secured")
	for _, r := range list.Roles {
		view.Roles = append(view.Roles, option{r, r, r == f.TradeRole})
	}
	if len(list.Items) > page {
		list.Items = list.Items[:page]
		last := list.Items[page-1]
		view.After = string(last.ID) + last.Key
	}
	return s.showPlans(w, v, &view, &list)
}

func (s *Site) showPlans(w http.ResponseWriter, v *visit, view *plansView, list *core.PlanList) error {
	chosen := slices.Compact(slices.Sorted(slices.Values(ids(v.Form["sel"]))))
	if v.FormValue("go") == "none" {
		chosen = nil
	}
	for i := range list.Items {
		item := list.Items[i]
		at, picked := slices.BinarySearch(chosen, item.ID)
		if picked {
			chosen = slices.Delete(chosen, at, at+1)
			view.Chosen++
		}
		author := item.Version.Author
		if item.Version.ID == "" {
			author = item.Review.Author
		}
		view.Items = append(view.Items, planRow{PlanItem: item, URL: planURL(item.ID), Author: list.People[author].Name, Picked: picked, Holders: list.Holders[item.ID]})
	}
	view.Elsewhere, view.Chosen = chosen, view.Chosen+len(chosen)
	return s.render(w, v, http.StatusOK, "plans", *view)
}

// planFilter reads what the list is narrowed to.
func (v *visit) planFilter(project core.ID) core.PlanFilter {
	f := core.PlanFilter{Project: project, Text: v.FormValue("q"), TradeRole: v.FormValue("role"), Limit: page + 1}
	if k := v.FormValue("kind"); k == core.DrawingKind || k == core.DocumentKind {
		f.Kind = k
	}
	if st := v.FormValue("state"); slices.Contains([]string{"current", "in_review", "withdrawn", "secured"}, st) {
		f.State = st
	}
	return f
}

// planCursor reads where the list goes on: an ID with the key of its order behind it.
func (v *visit) planCursor() (string, core.ID) {
	s := v.FormValue("after")
	if len(s) < 26 {
		return "", ""
	}
	id, ok := core.ParseID(s[:26])
	if !ok {
		return "", ""
	}
	return s[26:], id
}
