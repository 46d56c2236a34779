package web

import (
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

// visit is one request with who asks, in which language and zone.
type visit struct {
	*http.Request
	// actor is nil for who is not signed in or has not chosen an account yet.
	actor *core.Actor
	// host is the account whose page it is, of the actor or of a link; nil while it is not known.
	host *core.Account
	// token is the session's; empty without a cookie.
	token  string
	locale string
	zone   *time.Location
	// files are those of a form (upload.go); hadFiles that there were any, read or not.
	files    []core.Upload
	spooled  []*os.File
	hadFiles bool
	// base begins the addresses of people outside who come by a link or a code; empty for who signs in.
	base string
	// thread is the conversation whose link brought them; nil otherwise.
	thread *core.Thread
	// names are those that nameOf has looked up for this page.
	names map[core.ID]string
}

// named keeps names that the page has anyway, so that nameOf need not ask for each.
func (v *visit) named(people []core.Person) {
	if v.names == nil {
		v.names = make(map[core.ID]string, len(people))
	}
	for i := range people {
		v.names[people[i].ID] = people[i].Name
	}
}

// visitor is a visit of which only the browser is known.
func (s *Site) visitor(r *http.Request) *visit {
	v := &visit{Request: r, locale: templates.MatchAccept(r.Header.Get("Accept-Language")), zone: time.UTC}
	if c, err := r.Cookie(s.cookieName()); err == nil {
		v.token = c.Value
	}
	return v
}

// identify reads the session. Public addresses take whoever comes.
func (s *Site) identify(v *visit, action access.Action) error {
	if action == open {
		return nil
	}
	var err error
	if v.token == "" {
		err = core.Fail(core.Unauthenticated, "session.none")
	} else {
		var a *core.Actor
		if a, err = s.core.Session(v.Context(), v.token, s.ip(v.Request)); err == nil && a.Person.ID != "" {
			s.adopt(v, a)
			return s.gates(v, action)
		}
		if err == nil {
			err = errChoose
		}
	}
	if public[action] && (err == errChoose || core.KindOf(err) == core.Unauthenticated) {
		return nil
	}
	return err
}

// errChoose tells that the person is known but has not chosen an account.
var errChoose = core.Fail(core.Unauthenticated, "session.choose")

func (s *Site) adopt(v *visit, a *core.Actor) {
	v.actor, v.host = a, &a.Account
	v.locale = templates.Match(a.Account.LocaleOf(&a.Person))
	v.zone = s.zone(first(a.Person.Zone, a.Account.Zone))
}

func first(list ...string) string {
	for _, s := range list {
		if s != "" {
			return s
		}
	}
	return ""
}

// zone is the named zone, UTC when there is none such.
func (s *Site) zone(name string) *time.Location {
	if z, ok := s.zones.Load(name); ok {
		return z.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	s.zones.Store(name, z)
	return z
}

// unknown leads who is not signed in to where that can be mended.
func (s *Site) unknown(w http.ResponseWriter, v *visit, err error) {
	if core.KindOf(err) != core.Unauthenticated || v.Method != http.MethodGet || v.Header.Get("X-Fragment") != "" || v.URL.Path == "/events" {
		s.fail(w, v, err)
		return
	}
	to := "/signin"
	switch {
	case err == errChoose:
		to = "/choose"
	case err == errFactor:
		to = "/factor"
	case s.empty(v):
		to = "/setup"
	}
	if v.URL.Path != "/" && to != "/setup" {
		to += "?next=" + url.QueryEscape(v.URL.RequestURI())
	}
	http.Redirect(w, v.Request, to, http.StatusSeeOther)
}

// next is where to go after signing in: only into our own pages.
func next(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(s, "/") || strings.HasPrefix(s, "//") || strings.ContainsAny(s, "\\\r\n") {
		return "/"
	}
	return s
}

// cookieName has the prefix that binds a cookie to this very host and to TLS;
// browsers accept it only with TLS, so plain HTTP on loopback uses another.
func (s *Site) cookieName() string {
	if s.secure {
		return "__Host-planpost"
	}
	return "planpost"
}

// setCookie keeps the session's token in the browser; an empty one takes it out.
func (s *Site) setCookie(w http.ResponseWriter, token string) {
	c := &http.Cookie{Name: s.cookieName(), Value: token, Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// ip is the client's address without the port.
func (s *Site) ip(r *http.Request) string {
	if s.cfg.BehindProxy {
		list := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",") // a proxy may add a line of its own
		if last := strings.TrimSpace(list[len(list)-1]); net.ParseIP(last) != nil {
			return last
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// id reads an id out of the path; what is none leads nowhere.
func (v *visit) id(name string) (core.ID, error) {
	id, ok := core.ParseID(v.PathValue(name))
	if !ok {
		return "", core.Fail(core.NotFound, "not_found")
	}
	return id, nil
}

// two reads two ids out of the path.
func (v *visit) two(one, other string) (a, b core.ID, err error) {
	if a, err = v.id(one); err == nil {
		b, err = v.id(other)
	}
	return a, b, err
}

// number reads a task's number out of the path.
func (v *visit) number() (int64, error) {
	n, err := strconv.ParseInt(v.PathValue("number"), 10, 64)
	if err != nil || n <= 0 {
		return 0, core.Fail(core.NotFound, "not_found")
	}
	return n, nil
}

// t is a text in the visitor's language.
func (v *visit) t(key string, params ...string) string { return templates.T(v.locale, key, params...) }

// staff tells whether somebody inside asks.
func (v *visit) staff() bool { return v.actor.Operator || v.actor.Person.Staff() }

// ever tells whether the right may hold of anything: a list of it is worth opening.
func (v *visit) ever(action access.Action) bool {
	cell, ok := access.CellOf(action, v.actor.Person.Subject())
	return v.actor.Operator || ok && !cell.Never
}

// may asks one right; trouble counts as no.
func (s *Site) may(v *visit, action access.Action, o core.Object) bool {
	ans, err := s.core.May(v.Context(), v.actor, action, o)
	return err == nil && ans.Allowed
}

// need asks a right that no core method asks, such as for an empty form.
func (s *Site) need(v *visit, action access.Action, o core.Object) error {
	ans, err := s.core.May(v.Context(), v.actor, action, o)
	if err != nil {
		return err
	}
	return denied(ans)
}

func stack() []byte { return debug.Stack() }
