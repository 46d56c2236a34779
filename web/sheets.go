package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

// sheetRoutes: the current plans of a project, to be kept as a bookmark.
var sheetRoutes = []route{
	{"GET", "/projects/{id}/current", "plan.list", (*Site).sheets},
}

const (
	// sheetsPage is how many plans such a page has: it is for bad lines.
	sheetsPage = 200
	// oneVisit is the time within which looking again is the same visit.
	oneVisit = 30 * time.Minute
	// sheetsKept is how long a browser knows when it was here.
	sheetsKept = 180 * 24 * time.Hour
)

type sheetsView struct {
	Frame
	core.CurrentSheets
	// Since is the visit before this one; zero where none is known.
	Since time.Time
	// Next continues the list; empty where it ends.
	Next string
}

// sheets is the page. The browser alone knows when it was here; unless
// something has changed it gets no page again, which a bad line is glad of.
func (s *Site) sheets(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	f := core.PlanFilter{Project: id, Limit: sheetsPage + 1}
	f.After, f.AfterID = v.planCursor()
	since, seen := s.lastSeen(v)
	view := sheetsView{Frame: s.bareFrame(v, v.t("sheets.list")), Since: since}
	if view.CurrentSheets, err = s.core.CurrentPlans(v.Context(), v.actor, f, since); err != nil {
		return err
	}
	if len(view.Items) > sheetsPage {
		view.Items = view.Items[:sheetsPage]
		last := view.Items[sheetsPage-1]
		view.Next = "/projects/" + string(id) + "/current?after=" + escape(string(last.ID)+last.Key)
	}
	http.SetCookie(w, &http.Cookie{Name: s.sheetsCookie(), Value: seen, Path: v.URL.Path, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode, MaxAge: int(sheetsKept / time.Second)})
	var b strings.Builder
	if err := templates.Page(&b, v.locale, "sheets", view); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(v.locale + b.String()))
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	w.Header().Set("Cache-Control", "private, no-cache")
	w.Header().Set("ETag", tag)
	if v.Header.Get("If-None-Match") == tag {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	return s.render(w, v, http.StatusOK, "sheets", view)
}

// sheetsCookie cannot have the prefix of the host: it is for one page's path.
func (s *Site) sheetsCookie() string {
	return strings.TrimPrefix(s.cookieName(), "__Host-") + "-sheets"
}

// lastSeen reads the visit before this one, and gives what the browser is to
// keep: that one and now. What is kept says nothing about who it is.
func (s *Site) lastSeen(v *visit) (since time.Time, keep string) {
	now := s.core.Now()
	last := time.Time{}
	if c, err := v.Cookie(s.sheetsCookie()); err == nil {
		before, latest, _ := strings.Cut(c.Value, ".")
		since, last = unixOf(before), unixOf(latest)
	}
	if now.Sub(last) >= oneVisit {
		since, last = last, now
	}
	return since, strconv.FormatInt(max(since.Unix(), 0), 10) + "." + strconv.FormatInt(last.Unix(), 10)
}

// unixOf is zero for what is none.
func unixOf(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 || n > 1<<40 {
		return time.Time{}
	}
	return time.Unix(n, 0)
}
