package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"planpost/core"
	"planpost/templates"
)

// uploadRoutes: files that come in parts. The page's script asks; who has none
// sends the whole form (plan_form.go).
var uploadRoutes = []route{
	{"POST", "/projects/{id}/uploads", "plan.create", (*Site).beginUpload},
	{"POST", "/projects/{id}/uploads/{upload}", "plan.create", (*Site).uploadPart},
	{"POST", "/projects/{id}/uploads/{upload}/drop", "plan.create", (*Site).dropUpload},
}

// stalled is how long a sender may say nothing in the middle of a part: then it
// is gone, and its file is free for the one that goes on.
const stalled = 30 * time.Second

// uploadsView is where files of a form are chosen, with those that came before.
type uploadsView struct {
	// URL is where parts go, Part how large they are at most.
	URL string
	// Version is that of the script.
	Version string
	Part    int64
	Staged  []stagedRow
	Coming  []comingRow
	Classes []option
}

// comingRow is a file of which a part is here.
type comingRow struct {
	ID             core.ID
	Name           string
	Received, Size int64
}

// uploadAnswer tells the script where a file stands, and in words what is wrong.
type uploadAnswer struct {
	ID       core.ID `json:"id,omitempty"`
	Received int64   `json:"received"`
	Done     bool    `json:"done"`
	Class    string  `json:"class,omitempty"`
	About    string  `json:"about,omitempty"`
	Code     string  `json:"code,omitempty"`
	Error    string  `json:"error,omitempty"`
}

// uploads are the person's files that wait for a form of the project.
func (s *Site) uploads(v *visit, project core.ID) (view uploadsView, err error) {
	view = uploadsView{URL: "/projects/" + string(project) + "/uploads", Version: s.version, Part: core.UploadPart, Classes: options(v.locale, "plan.class", "", "print", "cad", "other")}
	list, err := s.core.Uploads(v.Context(), v.actor, project)
	for _, u := range list {
		switch {
		case u.Whole():
			view.Staged = append(view.Staged, staged(v, &u))
		case u.Received > 0 && u.Size > 0:
			view.Coming = append(view.Coming, comingRow{u.ID, u.Name, u.Received, u.Size})
		}
	}
	return view, err
}

func (s *Site) beginUpload(w http.ResponseWriter, v *visit) error {
	project, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.parse(); err != nil {
		return err
	}
	size, err := strconv.ParseInt(v.PostFormValue("size"), 10, 64)
	if err != nil || size < 0 {
		return answerUpload(w, v, core.StagedUpload{}, core.Fail(core.Invalid, "form"))
	}
	u, err := s.core.BeginUpload(v.Context(), v.actor, core.NewUpload{Project: project, Purpose: core.PlanPurpose, Name: v.PostFormValue("name"), Type: v.PostFormValue("type"),
		Size: size, Mark: v.PostFormValue("mark")})
	return answerUpload(w, v, u, err)
}

// uploadPart takes the bytes behind the first "at" ones of a file: the body is nothing else.
func (s *Site) uploadPart(w http.ResponseWriter, v *visit) error {
	project, err := v.id("id")
	if err != nil {
		return err
	}
	id, err := v.id("upload")
	if err != nil {
		return err
	}
	at, err := strconv.ParseInt(first(v.URL.Query().Get("at"), "0"), 10, 64)
	if err != nil || at < 0 {
		return answerUpload(w, v, core.StagedUpload{}, core.Fail(core.Invalid, "form"))
	}
	u, err := s.core.AppendUpload(v.Context(), v.actor, project, id, at, &patient{v.Body, http.NewResponseController(w)})
	if v.Context().Err() != nil {
		return errGone
	}
	return answerUpload(w, v, u, err)
}

// dropUpload gives a file up.
func (s *Site) dropUpload(w http.ResponseWriter, v *visit) error {
	project, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("upload")
	if err != nil {
		return err
	}
	return answerUpload(w, v, core.StagedUpload{}, s.core.DropUpload(v.Context(), v.actor, project, id))
}

// answerUpload tells the script; what it cannot mend is an error page as everywhere.
func answerUpload(w http.ResponseWriter, v *visit, u core.StagedUpload, err error) error {
	status := http.StatusOK
	a := uploadAnswer{ID: u.ID, Received: u.Received, Done: u.Whole()}
	if a.Done {
		row := staged(v, &u)
		a.Class, a.About = string(core.ClassOf(u.Name)), row.About
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return core.Fail(core.TooLarge, "form.too_large", "size", templates.Size(v.locale, core.UploadPart))
	case err != nil && !mendable(err):
		return err
	case err != nil:
		status, _ = statusOf(core.KindOf(err))
		a.Code = core.CodeOf(err)
		_, a.Error = words(v.locale, err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return gone(json.NewEncoder(w).Encode(a))
}

// patient reads as long as something comes.
type patient struct {
	from    io.Reader
	control *http.ResponseController
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.control.SetReadDeadline(time.Now().Add(stalled)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return p.from.Read(b)
}
