package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

// statusOf is the table from kinds to what a browser is told.
func statusOf(k core.Kind) (status int, key string) {
	switch k {
	case core.Invalid:
		return http.StatusUnprocessableEntity, "invalid"
	case core.Unauthenticated:
		return http.StatusUnauthorized, "unauthenticated"
	case core.Forbidden:
		return http.StatusForbidden, "forbidden"
	case core.NotFound:
		return http.StatusNotFound, "notfound"
	case core.Conflict:
		return http.StatusConflict, "conflict"
	case core.Expired:
		return http.StatusGone, "expired"
	case core.TooLarge:
		return http.StatusRequestEntityTooLarge, "toolarge"
	case core.Limited:
		return http.StatusTooManyRequests, "limited"
	case core.Unavailable:
		return http.StatusServiceUnavailable, "unavailable"
	}
	return http.StatusInternalServerError, "internal"
}

// denied turns a right's answer into an error: what somebody may not know of is not there.
func denied(ans access.Answer) error {
	switch {
	case ans.Allowed:
		return nil
	case ans.Deny == access.Gone:
		return core.Fail(core.Expired, "gone")
	case ans.Deny == access.Conflict:
		return core.Fail(core.Conflict, "state")
	case ans.Deny == access.Forbidden:
		return core.Fail(core.Forbidden, "forbidden")
	}
	return core.Fail(core.NotFound, "not_found")
}

// errGone tells that the browser went away; nobody is left to tell anything.
var errGone = errors.New("the browser went away")

// gone turns an error of writing a response into one that is not reported.
func gone(err error) error {
	if err == nil {
		return nil
	}
	return errGone
}

// words are the title key and text of an error, safe to show.
func words(locale string, err error) (title, text string) {
	_, kind := statusOf(core.KindOf(err))
	title = "error.kind." + kind
	var e *core.Error
	if !errors.As(err, &e) || e.Kind == core.Internal {
		return title, templates.T(locale, "error.internal")
	}
	return title, templates.Coded(locale, "error", e.Code, e.Params...)
}

// errorView is the page of an error.
type errorView struct {
	Frame
	Status           int
	Heading, Text    string
	Reference        string
	BackURL, BackKey string
	// Kept is the form that met the error; nil when there was none.
	Kept *keptForm
}

// fail answers with the page of an error, and tells the log what people are not told.
func (s *Site) fail(w http.ResponseWriter, v *visit, err error) {
	if errors.Is(err, errGone) || errors.Is(err, context.Canceled) && v.Context().Err() != nil {
		return
	}
	kind := core.KindOf(err)
	status, _ := statusOf(kind)
	view := errorView{Status: status, BackURL: "/", BackKey: "page.back.home"}
	if kind == core.Internal || kind == core.Unavailable {
		view.Reference = strings.ToUpper(string(core.NewID()[18:]))
		s.log.Error("page", "method", v.Method, "path", loggable(v.URL.Path), "error", err, "reference", view.Reference)
	}
	if kind == core.Unavailable {
		w.Header().Set("Retry-After", "30")
		if v.Method == http.MethodGet {
			view.BackURL, view.BackKey = next(v.URL.RequestURI()), "page.back.again"
		}
	}
	if kind == core.Unauthenticated {
		view.BackURL, view.BackKey = "/signin", "page.back.signin"
	}
	if v.base != "" {
		view.BackURL, view.BackKey = v.base, "dash.back"
	}
	if v.Header.Get("X-Fragment") != "" {
		w.WriteHeader(status)
		return
	}
	view.Kept = v.kept(err)
	view.Heading, view.Text = words(v.locale, err)
	view.Frame = s.errorFrame(v, kind)
	s.write(w, v, status, "error", view)
}

// errorFrame keeps the menu for who is signed in, unless the core is what is in
// trouble, or lets this session in no further.
func (s *Site) errorFrame(v *visit, kind core.Kind) Frame {
	title := v.t("page.error")
	if a := v.actor; kind == core.Internal || kind == core.Unavailable || a == nil || v.base != "" || a.Gates.IPRefused || a.Gates.SecondFactorOutstanding {
		return s.bareFrame(v, title)
	}
	f := s.frame(v, title)
	f.Done = "" // it was not
	return f
}

// problem is a mistake in a form, shown above it.
type problem struct {
	Title, Text string
}

// mendable tells that the person can mend an error in the form it came from.
func mendable(err error) bool {
	switch core.KindOf(err) {
	case core.Invalid, core.Conflict, core.TooLarge, core.Limited, core.Unavailable:
		return true
	}
	return core.CodeOf(err) == "auditor.outside"
}

// again puts what went wrong into the frame of the form that is shown again, and gives its status.
func (s *Site) again(f *Frame, v *visit, err error) int {
	if core.KindOf(err) == core.Unavailable {
		s.log.Error("form", "path", loggable(v.URL.Path), "error", err)
	}
	title, text := words(v.locale, err)
	f.Problem = &problem{title, text}
	status, _ := statusOf(core.KindOf(err))
	return status
}
