package web

import (
	"net/http"
	"strings"

	"planpost/core"
)

// The dashboard of people outside who have no password:
//
//	GET /c -> address -> POST /c/code -> (code by mail) -> POST /c/enter -> cookie of seven days -> GET /c
//
// It needs no cookie before the code was typed, so it works in the browsers
// within mail programs, which share none.

// dashboardRoutes: the conversations of somebody outside.
var dashboardRoutes = []route{
	{"GET", "/c", "dashboard.view", (*Site).dashboard},
	{"POST", "/c/code", open, (*Site).askDashboard},
	{"POST", "/c/enter", open, (*Site).enterDashboard},
	{"POST", "/c/signout", "session.sign_out", (*Site).leaveDashboard},
	{"GET", "/c/access", "user.sessions.end", byCode((*Site).dashboardBrowsers)},
	{"POST", "/c/access", "user.sessions.end", byCode((*Site).endDashboardBrowsers)},
	{"GET", "/c/new", "task.create", byCode((*Site).guestNewTask)},
	{"POST", "/c/new", "task.create", byCode((*Site).guestCreateTask)},
	{"GET", "/c/{number}", "task.view", byCode((*Site).dashboardTask)},
	{"POST", "/c/{number}/comments", "task.comment", byCode((*Site).dashboardComment)},
	{"POST", "/c/{number}/comments/{id}", "comment.edit", byCode((*Site).editComment)},
	{"POST", "/c/{number}/comments/{id}/delete", "comment.delete", byCode((*Site).deleteComment)},
	{"GET", "/c/attachments/{id}/{name}", "comment.view_public", byCode((*Site).attachment)},
	{"GET", "/c/previews/{id}", "comment.view_public", byCode((*Site).preview)},
}

const dashboardURL = "/c"

func (s *Site) dashboardCookie() string { return s.cookieName() + "-c" }

// byCode answers who typed a code of the dashboard in this browser; others are
// asked for one.
func byCode(h handler) handler {
	return func(s *Site, w http.ResponseWriter, v *visit) error {
		known, err := s.guest(v)
		if err != nil {
			return err
		}
		if known {
			return h(s, w, v)
		}
		if v.Method == http.MethodGet && strings.Count(v.URL.Path, "/") == 2 {
			return redirect(w, v, dashboardURL, "", "")
		}
		return core.Fail(core.Unauthenticated, "session.none")
	}
}

// guest finds out who it is by the cookie of the dashboard.
func (s *Site) guest(v *visit) (known bool, err error) {
	c, err := v.Cookie(s.dashboardCookie())
	if err != nil {
		return false, nil
	}
	a, err := s.core.GuestSession(v.Context(), c.Value, s.ip(v.Request))
	if core.KindOf(err) == core.Unauthenticated {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	s.adopt(v, a)
	v.base = dashboardURL
	return true, nil
}

// dashboardView is the list of conversations.
type dashboardView struct {
	Frame
	MayCreate, Closed bool
	List              taskList
	More              string
}

// dashboard lists the conversations, or asks for the address of who is not known.
func (s *Site) dashboard(w http.ResponseWriter, v *visit) error {
	known, err := s.guest(v)
	if err != nil {
		return err
	}
	if !known {
		if s.signedIn(v) {
			http.Redirect(w, v.Request, "/", http.StatusSeeOther)
			return nil
		}
		return s.dashboardDoor(w, v, "", nil)
	}
	f := core.TaskFilter{Status: "open", Limit: page + 1}
	closed := v.URL.Query().Get("closed") != ""
	if closed {
		f.Status = "closed"
	}
	readCursor(v, &f)
	items, err := s.core.Tasks(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := dashboardView{Frame: s.guestFrame(v, v.t("dash.title")), MayCreate: s.may(v, "task.create", core.Object{}), Closed: closed}
	if len(items) > page {
		items = items[:page]
		last := items[page-1]
		view.More = v.after("before", stamp(last.UpdatedAt), "beforeid", string(last.ID))
	}
	empty := "dash.none"
	if closed {
		empty = "dash.none.closed"
	}
	view.List = s.taskList(v, items, empty)
	return s.render(w, v, http.StatusOK, "dashboard", view)
}

// signedIn tells that somebody with a password is here, whose own pages show the same and more.
func (s *Site) signedIn(v *visit) bool {
	if s.identify(v, "dashboard.view") != nil || v.actor == nil {
		v.actor = nil
		return false
	}
	a := v.actor
	ans, err := s.core.May(v.Context(), a, "dashboard.view", core.Object{Kind: "dashboard"})
	v.actor = nil
	return err == nil && ans.Allowed
}

// doorView asks for the address that the code goes to.
type doorView struct {
	Frame
	Address, Nonce string
}

func (s *Site) dashboardDoor(w http.ResponseWriter, v *visit, address string, wrong error) error {
	view := doorView{Frame: s.bareFrame(v, v.t("dash.title")), Address: address, Nonce: s.nonce(dashboardURL)}
	if done := v.URL.Query().Get("done"); done == "signedout" {
		view.Done = "done.signedout"
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "dashboarddoor", view)
}

// askDashboard has a code mailed; the answer is the same for any address.
func (s *Site) askDashboard(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	wait := s.sameTime(v)
	address := strings.TrimSpace(v.PostFormValue("address"))
	err := s.checkNonce(dashboardURL, v.PostFormValue("nonce"))
	var ticket core.ID
	if err == nil {
		ticket, err = s.core.AskDashboard(v.Context(), address, "", s.ip(v.Request))
	}
	if gone := wait(); gone != nil {
		return gone
	}
	if err != nil {
		if !mendable(err) {
			return err
		}
		return s.dashboardDoor(w, v, address, err)
	}
	return s.dashboardCode(w, v, address, ticket, nil)
}

func (s *Site) dashboardCode(w http.ResponseWriter, v *visit, address string, ticket core.ID, wrong error) error {
	view := codeView{Frame: s.bareFrame(v, v.t("code.title")), Action: dashboardURL + "/enter", BackURL: dashboardURL, Masked: address, Mailed: true,
		Nonce: s.nonce(string(ticket)), Address: address, Ticket: string(ticket)}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "code", view)
}

// enterDashboard takes the code.
func (s *Site) enterDashboard(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	wait := s.sameTime(v)
	ticket, address := v.one("ticket"), v.PostFormValue("address")
	err := s.checkNonce(string(ticket), v.PostFormValue("nonce"))
	token := ""
	switch {
	case err != nil:
	case v.PostForm.Has("again"):
		if _, err = s.core.AskDashboard(v.Context(), address, ticket, s.ip(v.Request)); err == nil {
			err = core.Fail(core.Invalid, "code.again")
		}
	default:
		token, err = s.core.GiveDashboardCode(v.Context(), address, ticket, v.PostFormValue("code"), core.Credentials{IP: s.ip(v.Request), UserAgent: v.UserAgent()})
	}
	if gone := wait(); gone != nil {
		return gone
	}
	if err != nil {
		if !mendable(err) {
			return err
		}
		return s.dashboardCode(w, v, address, ticket, err)
	}
	s.keepProof(w, s.dashboardCookie(), token, core.DashboardLife)
	return redirect(w, v, dashboardURL, "", "")
}

func (s *Site) leaveDashboard(w http.ResponseWriter, v *visit) error {
	if c, err := v.Cookie(s.dashboardCookie()); err == nil {
		if err := s.core.EndGuestSession(v.Context(), c.Value); err != nil {
			return err
		}
	}
	s.keepProof(w, s.dashboardCookie(), "", 0)
	return redirect(w, v, dashboardURL, "signedout", "")
}

func (s *Site) dashboardTask(w http.ResponseWriter, v *visit) error {
	number, err := v.number()
	if err != nil {
		return err
	}
	return s.guestTask(w, v, number, s.answerForm(v, number, draft{}), nil)
}

func (s *Site) dashboardComment(w http.ResponseWriter, v *visit) error {
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	defer v.dropFiles()
	d, err := s.sentAnswer(v)
	return s.saveAnswer(w, v, t.ID, t.Number, d, err)
}

// guestNewView is the form for a task.
type guestNewView struct {
	Frame
	TaskTitle, Description string
	Projects               []option
}

func (s *Site) guestNewTask(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "task.create", core.Object{}); err != nil {
		return err
	}
	return s.guestTaskForm(w, v, core.NewTask{}, nil)
}

func (s *Site) guestTaskForm(w http.ResponseWriter, v *visit, n core.NewTask, wrong error) error {
	projects, err := s.projectOptions(v, n.Project)
	if err != nil {
		return err
	}
	if len(projects) == 1 {
		projects = nil // there is nothing to choose
	}
	view := guestNewView{Frame: s.guestFrame(v, v.t("page.newtask")), TaskTitle: n.Title, Description: n.Description, Projects: projects}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "guestnew", view)
}

func (s *Site) guestCreateTask(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	n := core.NewTask{Title: v.PostFormValue("title"), Description: v.PostFormValue("description"), Project: v.one("project")}
	t, err := s.core.CreateTask(v.Context(), v.actor, n)
	switch {
	case err == nil:
		return redirect(w, v, v.taskURL(t.Number), "task", "")
	case mendable(err):
		return s.guestTaskForm(w, v, n, err)
	}
	return err
}
