package web

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

// Frame is what surrounds every page. It is exported because templates name it.
type Frame struct {
	Title, Version string
	Zone           *time.Location
	// Answer is true for the answer to a form: its address is not one that can be fetched again.
	Answer bool
	// SignedIn and what follows is empty for visitors.
	SignedIn                          bool
	PersonName, AccountName, Initials string
	Tone                              int
	Several                           bool
	Nav                               []navItem
	// Unread is how many notifications this person has not seen; UnreadText says so, "99+" for many.
	Unread     int
	UnreadText string
	// Held is how many messages wait for this person.
	Held     int
	Query    string
	Done     string // key of what was just done
	Problem  *problem
	ZoneName string
	// House is whose page it is, where that is known and it has a look of its own.
	House *houseMark
	// Guest is who comes by a link or a code; nil otherwise.
	Guest *guestBar
	// Alarm is the banner of administrators while mail is broken; nil otherwise.
	Alarm *alarmBar
	// Viewing is the banner of who looks through another's eyes; nil otherwise.
	Viewing *viewingBar
}

// houseMark is by what people know an account at a glance.
type houseMark struct {
	Name    string
	Colored bool
	Tone    int
	LogoURL string
}

// markOf is the mark of an account; nil when it has chosen none.
func markOf(a *core.Account) *houseMark {
	if a.Color == "" && a.Logo == "" {
		return nil
	}
	m := &houseMark{Name: a.Name, Tone: slices.Index(core.Palette[:], a.Color)}
	if m.Colored = m.Tone >= 0; !m.Colored {
		m.Tone = 0
	}
	if a.Logo != "" {
		m.LogoURL = "/logo/" + string(a.ID) + "/" + a.Logo
	}
	return m
}

type navItem struct {
	URL, Key string
	Current  bool
	Count    int
}

// bareFrame is the frame of pages that ask the core nothing.
func (s *Site) bareFrame(v *visit, title string) Frame {
	f := Frame{Title: title, Version: s.version, Zone: v.zone, Answer: v.Method == http.MethodPost}
	if v.host != nil {
		f.House = markOf(v.host)
	}
	if v.base != "" {
		f.Guest = guestOf(v)
		return f
	}
	if v.actor != nil {
		f.SignedIn, f.PersonName, f.AccountName = true, v.actor.Person.Name, v.actor.Account.Name
		f.Initials, f.Tone = initials(f.PersonName), core.Tone(&v.actor.Person)
		f.ZoneName = v.zone.String()
		f.Viewing = s.viewingBar(v)
	}
	return f
}

// frame is the frame of a page for somebody signed in.
func (s *Site) frame(v *visit, title string) Frame {
	f := s.bareFrame(v, title)
	if done := "done." + v.URL.Query().Get("done"); templates.Has(done) {
		f.Done = done
	}
	if v.actor == nil {
		return f
	}
	if n, err := s.core.HeldCount(v.Context(), v.actor); err == nil {
		f.Held = n
	}
	if n, err := s.core.UnreadNotes(v.Context(), v.actor); err == nil {
		f.Unread, f.UnreadText = n, strconv.Itoa(n)
		if n >= core.MostUnread {
			f.UnreadText = strconv.Itoa(core.MostUnread-1) + "+"
		}
	}
	f.Alarm = s.alarmBar(v)
	if people, _, err := s.core.SessionPeople(v.Context(), v.token); err == nil {
		f.Several = len(people) > 1
	}
	f.Nav = s.nav(v, f.Held)
	return f
}

// nav is the menu: only what the person may open.
func (s *Site) nav(v *visit, held int) (items []navItem) {
	all := core.Object{}
	add := func(shown bool, url, key string, count int) {
		if shown {
			items = append(items, navItem{url, key, current(v.URL.Path, url), count})
		}
	}
	may := func(a access.Action) bool { return s.may(v, a, all) }
	add(true, "/", "page.home", 0)
	add(true, "/tasks", "page.tasks", 0)
	add(true, "/projects", "page.projects", 0)
	add(true, "/calendar", "page.calendar", 0)
	add(v.ever("time.view"), "/hours", "page.hours", 0)
	add(may("user.view"), "/people", "page.people", 0)
	add(may("inbound.list"), "/messages", "page.messages", 0)
	add(held > 0 || may("inbound.quarantine.view"), "/held", "page.held", held)
	add(may("delivery.view"), "/outbox", "page.outbox", 0)
	add(may("account.log.view"), "/log", "page.log", 0)
	if may("account.settings.view") { // security is one of its pages
		items = append(items, navItem{"/settings", "page.settings", current(v.URL.Path, "/settings"), 0})
	} else {
		add(may("routing.view"), "/settings/mail", "page.settings.mail", 0)
	}
	_, demo := s.cfg.Extra["/mailbox/"]
	add(demo, "/mailbox/", "page.mailbox", 0)
	return items
}

// belongs says under which entry of the menu pages with an address of their own are.
var belongs = map[string]string{"account": "settings", "companies": "people", "contacts": "people", "health": "settings", "links": "people", "mailboxes": "settings", "security": "settings", "suppressed": "outbox", "templates": "tasks", "visits": "calendar", "why": "log"}

func current(path, url string) bool {
	if url == "/" {
		return path == "/"
	}
	if area, rest, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/"); belongs[area] != "" {
		path = "/" + belongs[area] + "/" + rest
	}
	return path == url || strings.HasPrefix(path, url+"/")
}

// render writes a page.
func (s *Site) render(w http.ResponseWriter, v *visit, status int, name string, view any) error {
	b, ok := s.buffers.Get().(*bytes.Buffer)
	if !ok {
		b = new(bytes.Buffer)
	}
	defer func() {
		if b.Cap() < 1<<20 { // a huge page must not stay in memory
			s.buffers.Put(b)
		}
	}()
	b.Reset()
	if err := templates.Page(b, v.locale, name, view); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Language", v.locale)
	w.WriteHeader(status)
	_, err := w.Write(templates.Bury(v.locale, b.Bytes()))
	return gone(err)
}

// write is render for the error page itself: when that fails, plain words must do.
func (s *Site) write(w http.ResponseWriter, v *visit, status int, name string, view any) {
	if err := s.render(w, v, status, name, view); err != nil && err != errGone {
		s.log.Error("error page", "error", err)
		http.Error(w, v.t("error.kind.internal"), http.StatusInternalServerError)
	}
}

// redirect leads to a page that says what was done.
func redirect(w http.ResponseWriter, v *visit, path, done, anchor string) error {
	if done != "" {
		sep := "?"
		if strings.Contains(path, "?") {
			sep = "&"
		}
		path += sep + "done=" + done
	}
	if anchor != "" {
		path += "#" + anchor
	}
	http.Redirect(w, v.Request, path, http.StatusSeeOther)
	return nil
}

// card is a person as pages name them. It is exported field by field for templates.
type card struct {
	ID       core.ID
	Name     string
	Initials string
	Tone     int
	// URL is empty for who may not open the person's page.
	URL     string
	Outside bool
	Role    core.Role
	Company string
	Address string
	Blocked bool
	// Status is the person's.
	Status string
	// Invite is how it stands with the invitation; nil when there is none to wait for. Filled in lists of people.
	Invite *invitedView
}

// cardOf makes a card; links are for staff, who may open people's pages.
func cardOf(v *visit, p *core.Person) card {
	c := card{ID: p.ID, Name: p.Name, Initials: initials(p.Name), Tone: core.Tone(p), Outside: !p.Staff(), Role: p.Role, Blocked: !p.BlockedAt.IsZero(), Status: p.Status}
	if p.ID != "" && v.staff() {
		c.URL, c.Address = "/people/"+string(p.ID), p.Address().Mailbox()
	}
	return c
}

// initials are the first letters of the first and last word of a name.
func initials(name string) string {
	letters := make([]rune, 0, 2)
	words := strings.FieldsFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	for i, w := range words {
		if i == 0 || i == len(words)-1 {
			r, _ := utf8.DecodeRuneInString(w)
			letters = append(letters, unicode.ToUpper(r))
		}
	}
	if len(letters) == 0 {
		return "?"
	}
	return string(letters)
}

// option is one entry of a select.
type option struct {
	Value, Text string
	Chosen      bool
}
