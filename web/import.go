package web

import (
	"io"
	"net/http"

	"planpost/core"
	"planpost/templates"
)

// importRoutes: many people at once.
var importRoutes = []route{
	{"GET", "/people/import", "contact.import", (*Site).importPage},
	{"POST", "/people/import", "contact.import", (*Site).importPeople},
}

// importShown is how many lines a preview shows, the wrong ones first.
const importShown = 200

// importView is the form, and the preview of what a table would do.
type importView struct {
	Frame
	Kinds, Projects []option
	Kind, Project   string
	Preview         *importPreview
}

type importPreview struct {
	Text   string
	Counts []importCount
	Rows   []importRow
	More   int
	Can    bool
}

type importCount struct {
	State  string
	Number int
}

type importRow struct {
	Line                                   int
	State, Name, Address, Company, Problem string
}

func (s *Site) importPage(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "contact.import", core.Object{}); err != nil {
		return err
	}
	view, err := s.importForm(v)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "import", view)
}

func (s *Site) importForm(v *visit) (view importView, err error) {
	kinds := []string{string(core.ImportContacts), string(core.ImportParticipants)}
	if s.may(v, "user.invite", core.Object{}) {
		kinds = append(kinds, string(core.ImportStaff))
	}
	view = importView{Frame: s.frame(v, v.t("page.import")), Kind: first(v.PostFormValue("kind"), kinds[0]), Project: v.PostFormValue("project")}
	view.Kinds = options(v.locale, "import.kind", view.Kind, kinds...)
	view.Projects, err = s.projectOptions(v, v.one("project"))
	return view, err
}

// importPeople shows what the table would do; only the second time, confirmed, it is done.
func (s *Site) importPeople(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "contact.import", core.Object{}); err != nil {
		return err
	}
	defer v.dropFiles()
	err := v.parseFiles(maxForm)
	if err != nil && !mendable(err) {
		return err
	}
	n := core.Import{Kind: core.ImportKind(v.PostFormValue("kind")), Project: v.one("project"), Raw: []byte(v.PostFormValue("table"))}
	if len(v.files) > 0 && err == nil {
		n.Raw, err = io.ReadAll(io.LimitReader(v.files[0].Content, maxForm))
	}
	var p core.ImportPreview
	if err == nil && v.PostFormValue("confirm") != "" {
		if _, err = s.core.ImportPeople(v.Context(), v.actor, n); err == nil {
			if n.Kind == core.ImportStaff {
				return redirect(w, v, "/people/invite", "import", "")
			}
			return redirect(w, v, "/people", "import", "")
		}
	} else if err == nil {
		p, err = s.core.PreviewImport(v.Context(), v.actor, n)
	}
	if err != nil && !mendable(err) {
		return err
	}
	view, formErr := s.importForm(v)
	if formErr != nil {
		return formErr
	}
	status := http.StatusOK
	if err != nil {
		status = s.again(&view.Frame, v, err)
	} else {
		view.Preview = previewOf(v.locale, &p)
	}
	return s.render(w, v, status, "import", view)
}

func previewOf(locale string, p *core.ImportPreview) *importPreview {
	view := &importPreview{Text: p.Text, Can: p.Count(core.ImportNew)+p.Count(core.ImportJoins) > 0}
	for _, state := range []core.ImportState{core.ImportWrong, core.ImportNew, core.ImportJoins, core.ImportTwice, core.ImportKnown} {
		if n := p.Count(state); n > 0 {
			view.Counts = append(view.Counts, importCount{string(state), n})
		}
		for i := range p.Rows {
			r := &p.Rows[i]
			if r.State != state {
				continue
			}
			if len(view.Rows) == importShown {
				view.More++
				continue
			}
			row := importRow{Line: r.Line, State: string(state), Name: r.Name, Address: r.Address, Company: r.Company}
			if r.Problem != nil {
				row.Problem = templates.Coded(locale, "error", r.Problem.Code, r.Problem.Params...)
			}
			view.Rows = append(view.Rows, row)
		}
	}
	return view
}
