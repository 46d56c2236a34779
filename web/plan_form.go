package web

import (
	"mime/multipart"
	"net/http"
	"slices"
	"strings"

	"planpost/core"
	"planpost/templates"
)

// planFiles bounds what one form of plans may send; larger ones come in parts.
const planFiles = 16 << 30

// planFormView is the form for a plan, or for a new index of one.
type planFormView struct {
	Frame
	Project core.Project
	// Plan is zero for a new one.
	Plan                        core.Plan
	Kind, Number, Title         string
	Index, Note, Rule, Message  string
	Secured                     bool
	Approval                    string // yes, no or nothing chosen
	Authors, Approvers, Members []option
	Uploads                     uploadsView
	MaySecure, MayAsk           bool
}

// stagedRow is a file that is here already, with what it is for.
type stagedRow struct {
	ID   core.ID
	Name string
	// About is its size, and of a drawing the pages and the sheet.
	About   string
	Classes []option
	// Left tells that it is not for this form, unless somebody says what it is for:
	// it may wait for another one.
	Left bool
}

func (s *Site) newPlanPage(w http.ResponseWriter, v *visit) error {
	return s.planForm(w, v, nil)
}

func (s *Site) newIndexPage(w http.ResponseWriter, v *visit) error {
	return s.planForm(w, v, nil)
}

// planForm shows the form of the address: for a new plan of a project, or for a new index of a plan.
func (s *Site) planForm(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	_ = v.parse()
	title := v.t("plan.new")
	var project, plan core.ID = id, ""
	if strings.HasPrefix(v.URL.Path, "/plans/") {
		project, plan, title = "", id, v.t("plan.newindex")
	}
	ch, err := s.core.PlanChoices(v.Context(), v.actor, project, plan)
	if err != nil {
		return err
	}
	view := planFormView{Frame: s.frame(v, title), Project: ch.Project, Kind: first(v.FormValue("kind"), core.DrawingKind), Number: v.FormValue("number"), Title: v.FormValue("title"),
		Index: v.FormValue("index"), Note: v.FormValue("note"), Rule: v.FormValue("rule"), Message: v.FormValue("message"), Secured: v.FormValue("secured") != "",
		Approval: v.FormValue("approval"), MaySecure: ch.MaySecure, MayAsk: ch.MayAsk}
	if plan != "" {
		p, err := s.core.PlanPage(v.Context(), v.actor, plan)
		if err != nil {
			return err
		}
		view.Plan = p.Plan
	}
	if view.Index == "" {
		view.Index = ch.Index
	}
	author, _ := core.ParseID(v.FormValue("author"))
	view.Authors = personOptions(ch.Authors, author)
	view.Approvers, view.Members = ticked(ch.Approvers, v.Form["approver"]), ticked(ch.Members, v.Form["seer"])
	if view.Uploads, err = s.uploads(v, ch.Project.ID); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "planform", view)
}

// ticked are people as tick boxes.
func ticked(people []core.Person, chosen []string) []option {
	list := personOptions(people, "")
	for i := range list {
		list[i].Chosen = slices.Contains(chosen, list[i].Value)
	}
	return list
}

// staged is the row of a file that is here and waits for a form.
func staged(v *visit, u *core.StagedUpload) stagedRow {
	row := stagedRow{ID: u.ID, Name: u.Name, About: aboutFile(v, u), Left: true}
	chosen := ""
	for _, sent := range v.Form["upload"] {
		if id, class, _ := strings.Cut(sent, " "); id == string(u.ID) {
			chosen, row.Left = class, false
		}
	}
	row.Classes = options(v.locale, "plan.class", chosen, "print", "cad", "other")
	return row
}

func aboutFile(v *visit, u *core.StagedUpload) string {
	about := []string{templates.Size(v.locale, u.Size)}
	if u.Pages > 0 {
		about = append(about, templates.Plural(v.locale, "plan.pages", u.Pages))
	}
	if u.Width > 0 {
		about = append(about, templates.Sheet(u.Width, u.Height))
	}
	return strings.Join(about, ", ")
}

// sentPlanForm reads the form, its files as they come: each is kept before the next is read.
func (s *Site) sentPlanForm(v *visit, project core.ID) error {
	var failed error
	err := v.readParts(planFiles, func(v *visit, p *multipart.Part) error {
		if p.FormName() != "file" {
			return nil
		}
		u, err := s.core.SendUpload(v.Context(), v.actor, core.NewUpload{Project: project, Purpose: core.PlanPurpose, Name: p.FileName(), Type: p.Header.Get("Content-Type")}, p)
		if err != nil {
			failed = err
			return err
		}
		v.PostForm.Add("upload", string(u.ID)+" "+string(core.ClassOf(u.Name)))
		v.Form.Add("upload", string(u.ID)+" "+string(core.ClassOf(u.Name)))
		return nil
	})
	if failed != nil {
		return failed
	}
	return err
}

// newVersion reads what both forms have.
func (v *visit) newVersion() core.NewVersion {
	n := core.NewVersion{Index: v.PostFormValue("index"), Note: v.PostFormValue("note"), Author: v.one("author")}
	if a := v.PostFormValue("approval"); a == "yes" || a == "no" {
		asked := a == "yes"
		n.Approval = &asked
	}
	n.Approvers, n.Rule, n.Message = ids(v.PostForm["approver"]), v.PostFormValue("rule"), v.PostFormValue("message")
	for _, sent := range v.PostForm["upload"] {
		id, class, _ := strings.Cut(sent, " ")
		if upload, ok := core.ParseID(id); ok {
			n.Files = append(n.Files, core.NewPlanFile{Upload: upload, Class: core.FileClass(class)})
		}
	}
	return n
}

func (s *Site) createPlan(w http.ResponseWriter, v *visit) error {
	project, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.need(v, "plan.create", core.Object{Kind: "project", ID: project}); err != nil {
		return err
	}
	var p core.Plan
	if err = s.sentPlanForm(v, project); err == nil {
		n := core.NewPlan{Kind: v.PostFormValue("kind"), Number: v.PostFormValue("number"), Title: v.PostFormValue("title"), Secured: v.PostFormValue("secured") != "",
			Access: ids(v.PostForm["seer"]), NewVersion: v.newVersion()}
		p, _, err = s.core.CreatePlan(v.Context(), v.actor, project, n)
	}
	switch {
	case err == nil:
		return redirect(w, v, planURL(p.ID), "plan", "")
	case mendable(err):
		return s.planForm(w, v, err)
	}
	return err
}

func (s *Site) addVersion(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	ch, err := s.core.PlanChoices(v.Context(), v.actor, "", id) // asks whether he may, before anything is read
	if err != nil {
		return err
	}
	if err = s.sentPlanForm(v, ch.Project.ID); err == nil {
		_, _, err = s.core.AddVersion(v.Context(), v.actor, id, v.newVersion())
	}
	switch {
	case err == nil:
		return redirect(w, v, planURL(id), "planindex", "")
	case mendable(err):
		return s.planForm(w, v, err)
	}
	return err
}
