package web

import (
	"net/http"
	"slices"
	"strings"

	"planpost/core"
	"planpost/core/access"
)

// open marks addresses that tell and change nothing of an account.
const open access.Action = "public"

// handler answers one request; an error becomes a page (see error.go).
type handler func(s *Site, w http.ResponseWriter, v *visit) error

// route is one line of the table.
type route struct {
	method, pattern string
	// action is the right that is asked for, by the core or, where the core is
	// not involved, by the handler; open where none is needed.
	action access.Action
	handle handler
}

// public are the actions that somebody without a session may try.
var public = map[access.Action]bool{open: true, "session.request_reset": true, "session.reset_password": true, "session.activate": true, "session.sign_in": true, "account.create": true}

// routes are all addresses, in product order. Each area has its own table; later ones stand beside their handlers.
var routes = slices.Concat(
	signRoutes,
	taskRoutes,
	taskEditRoutes,
	templateRoutes,
	projectRoutes,
	placeRoutes,
	blockRoutes,
	planRoutes,
	approvalRoutes,
	approvalLinkRoutes,
	holderRoutes,
	sheetRoutes,
	previewRoutes,
	uploadRoutes,
	sendRoutes,
	fetchRoutes,
	visitRoutes,
	hoursRoutes,
	peopleRoutes,
	contactRoutes,
	companyRoutes,
	staffRoutes,
	roleRoutes,
	ownerRoutes,
	importRoutes,
	uninvitedRoutes,
	personLinkRoutes,
	messageRoutes,
	outboxRoutes,
	suppressionRoutes,
	mailHealthRoutes,
	mailGuideRoutes,
	boxRoutes,
	muteLinkRoutes,
	logRoutes,
	whyRoutes,
	linkRoutes,
	registerRoutes,
	threadRoutes,
	addressRoutes,
	dashboardRoutes,
	securityRoutes,
	notifyRoutes,
	settingsRoutes,
	hostRoutes,
)

// signRoutes: who is here.
var signRoutes = []route{
	{"GET", "/setup", "account.create", (*Site).setupPage},
	{"POST", "/setup", "account.create", (*Site).setUp},
	{"GET", "/signin", "session.sign_in", (*Site).signinPage},
	{"POST", "/signin", "session.sign_in", (*Site).signIn},
	{"GET", "/choose", "session.sign_in", (*Site).choosePage},
	{"POST", "/choose", "session.sign_in", (*Site).choose},
	{"POST", "/signout", "session.sign_out", (*Site).signOut},
	{"GET", "/me", "user.profile.edit", (*Site).profile},
	{"POST", "/me", "user.profile.edit", (*Site).setProfile},
	{"POST", "/me/password", "user.password.set", (*Site).setPassword},
}

// taskRoutes: tasks and what is said in them.
var taskRoutes = []route{
	{"GET", "/{$}", "task.view", (*Site).home},
	{"GET", "/tasks", "task.view", (*Site).tasks},
	{"GET", "/tasks/new", "task.create", (*Site).newTaskPage},
	{"POST", "/tasks", "task.create", (*Site).createTask},
	{"GET", "/tasks/{number}", "task.view", (*Site).task},
	{"GET", "/tasks/{number}/conversation", "comment.view_public", (*Site).conversation},
	{"POST", "/tasks/{number}/comments", "task.comment", (*Site).comment},
	{"POST", "/tasks/{number}/status", "task.set_status", (*Site).setStatus},
	{"POST", "/tasks/{number}/people", "task.set_people_dates", (*Site).setPeople},
	{"POST", "/tasks/{number}/comments/{id}", "comment.edit", (*Site).editComment},
	{"POST", "/tasks/{number}/comments/{id}/cuts/{cut}/back", "inbound.quarantine.release", (*Site).putBack},
	{"POST", "/tasks/{number}/comments/{id}/cuts/{cut}/fold", "inbound.quarantine.release", (*Site).foldAgain},
	{"GET", "/attachments/{id}/{name}", "comment.view_public", (*Site).attachment},
	{"GET", "/previews/{id}", "comment.view_public", (*Site).preview},
	{"POST", "/tasks/{number}/attachments/{id}/restore", "task.attach", (*Site).bringBack},
	{"GET", "/search", "task.view", (*Site).search},
}

// projectRoutes: projects.
var projectRoutes = []route{
	{"GET", "/projects", "project.view", (*Site).projects},
	{"GET", "/projects/new", "project.create", (*Site).newProjectPage},
	{"POST", "/projects", "project.create", (*Site).createProject},
	{"GET", "/projects/{id}", "project.view", (*Site).project},
	{"POST", "/projects/{id}/participants", "participant.invite", (*Site).addParticipant},
}

// peopleRoutes: people.
var peopleRoutes = []route{
	{"GET", "/people", "user.view", (*Site).people},
	{"GET", "/people/new", "contact.create", (*Site).newPersonPage},
	{"POST", "/people", "contact.create", (*Site).createPerson},
	{"GET", "/people/{id}", "contact.view", (*Site).person},
	{"POST", "/people/{id}/unblock", "person.block_everywhere", (*Site).unblockPerson},
}

// messageRoutes: mail that came in.
var messageRoutes = []route{
	{"GET", "/messages", "inbound.list", (*Site).messages},
	{"GET", "/messages/{id}", "inbound.view", (*Site).message},
	{"GET", "/messages/{id}/original", "inbound.source", (*Site).original},
	{"GET", "/messages/{id}/source", "inbound.source", (*Site).messageSource},
	{"GET", "/held", "inbound.quarantine.view", (*Site).held},
	{"POST", "/held/{id}/release", "inbound.quarantine.release", (*Site).release},
	{"POST", "/held/{id}/refuse", "inbound.quarantine.refuse", (*Site).refuse},
}

// outboxRoutes: mail that goes out, and the log.
var outboxRoutes = []route{
	{"GET", "/outbox", "delivery.view", (*Site).outbox},
	{"GET", "/outbox/{id}", "delivery.view", (*Site).delivery},
	{"POST", "/outbox/{id}/again", "delivery.retry", (*Site).sendAgain},
	{"POST", "/outbox/{id}/cancel", "delivery.cancel", (*Site).cancelDelivery},
	{"POST", "/outbox/{id}/hold", "delivery.cancel", (*Site).holdDelivery},
}

// hostRoutes: the site itself.
var hostRoutes = []route{
	{"GET", "/events", "task.view", (*Site).events},
	{"GET", "/static/{file}", open, (*Site).staticFile},
	{"GET", "/healthz", open, (*Site).healthz},
	{"GET", "/readyz", open, (*Site).readyz},
}

func (s *Site) mux() http.Handler {
	mux := http.NewServeMux()
	for _, r := range routes {
		mux.Handle(r.method+" "+r.pattern, s.serve(r))
	}
	for pattern, h := range s.cfg.Extra {
		mux.Handle(pattern, h)
	}
	mux.Handle("/", s.serve(route{action: open, handle: (*Site).nowhere}))
	return mux
}

// nowhere answers addresses that lead to nothing; who is signed in keeps the menu.
func (s *Site) nowhere(_ http.ResponseWriter, v *visit) error {
	if err := s.identify(v, "task.view"); err != nil {
		v.actor = nil
	}
	return core.Fail(core.NotFound, "not_found")
}

// largest is how much one form may send.
func (s *Site) largest(r route) int64 {
	if r.action == "task.comment" {
		return maxForm + s.core.Config().AttachmentLimit
	}
	if strings.HasSuffix(r.pattern, "/uploads/{upload}") {
		return maxForm + core.UploadPart
	}
	if r.action == "plan.create" || r.action == "plan.new_index" {
		return maxForm + planFiles
	}
	return maxForm
}

// maxForm bounds the words of every form, files apart: a comment of a million
// characters, percent-encoded.
const maxForm = 4 << 20

// serve finds out who asks, then lets the handler answer.
func (s *Site) serve(r route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		v := s.visitor(req)
		if req.Method == http.MethodPost {
			req.Body = http.MaxBytesReader(w, req.Body, s.largest(r))
		}
		if !outside(r.pattern) {
			if err := s.identify(v, r.action); err != nil {
				s.unknown(w, v, err)
				return
			}
		}
		if err := s.noteViewed(v); err != nil {
			s.fail(w, v, err)
			return
		}
		if err := r.handle(s, w, v); err != nil {
			s.fail(w, v, err)
		}
	})
}
