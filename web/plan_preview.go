package web

import (
	"net/http"

	"planpost/core"
)

// previewRoutes: drawings in the browser's own viewer.
var previewRoutes = []route{
	{"GET", "/plans/{id}/files/{file}", "plan.view", (*Site).planPreview},
}

// previewView is a drawing in a frame, below what must be known of it.
type previewView struct {
	Frame
	Plan    core.Plan
	Version core.Version
	File    core.PlanFile
	// Current is the index that counts, "" where none does; Old that it is a newer one than this.
	Current string
	Old     bool
	URL     string
	// Back is the page it was opened from.
	Back string
}

// viewPolicy is for a PDF in a frame of ours. Browsers refuse their own viewer
// to a sandbox; it gives a PDF no origin and runs nothing of ours for it.
const viewPolicy = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// viewable tells which files the browser's viewer is asked to show: those that
// were read as a PDF when they came, whatever they are called.
func viewable(f *core.PlanFile) bool { return f.Pages > 0 }

// viewed sets the headers of such a file in place of those of a download.
func viewed(w http.ResponseWriter, f *core.PlanFile) {
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", disposition("inline", f.Name))
	h.Set("Content-Security-Policy", viewPolicy)
}

func (s *Site) planPreview(w http.ResponseWriter, v *visit) error {
	id, file, err := v.two("id", "file")
	if err != nil {
		return err
	}
	p, err := s.core.PlanPage(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := previewView{Plan: p.Plan}
	for i := range p.Versions {
		n := &p.Versions[i]
		if n.State == core.Current {
			view.Current = n.Index
		}
		for _, f := range n.Files {
			if f.ID == file && n.MayDownload && viewable(&f) {
				view.Version, view.File = n.Version, f
			}
		}
	}
	if view.File.ID == "" {
		return core.Fail(core.NotFound, "plan.file_unknown")
	}
	view.Old = view.Version.State == core.Superseded || view.Version.State == core.Withdrawn
	view.URL = planFileURL(&view.File) + "?inline=1"
	view.Frame, view.Back = s.frame(v, p.Plan.Name()), planURL(p.Plan.ID)
	return s.render(w, v, http.StatusOK, "planpreview", view)
}
