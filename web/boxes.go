package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

var boxRoutes = []route{
	{"GET", "/mailboxes", "mailbox.view", (*Site).boxes},
	{"GET", "/mailboxes/new", "mailbox.edit", (*Site).newBox},
	{"POST", "/mailboxes", "mailbox.edit", (*Site).addBox},
	{"GET", "/mailboxes/{id}", "mailbox.view", (*Site).box},
	{"GET", "/mailboxes/{id}/edit", "mailbox.edit", (*Site).editBox},
	{"POST", "/mailboxes/{id}", "mailbox.edit", (*Site).changeBox},
	{"POST", "/mailboxes/{id}/test", "mailbox.edit", (*Site).testBox},
	{"POST", "/mailboxes/{id}/begin", "mailbox.edit", (*Site).beginBox},
	{"POST", "/mailboxes/{id}/pause", "mailbox.edit", (*Site).pauseBox},
	{"POST", "/mailboxes/{id}/resume", "mailbox.edit", (*Site).resumeBox},
	{"POST", "/mailboxes/{id}/remove", "mailbox.edit", (*Site).removeBox},
	{"POST", "/mailboxes/{id}/replies", "routing.edit", (*Site).repliesToBox},
	{"POST", "/mailboxes/{id}/fetch", "mailbox.edit", (*Site).fetchAside},
	{"POST", "/mailboxes/{id}/leave", "mailbox.edit", (*Site).leaveAside},
	{"GET", "/mailboxes/{id}/agree", "mailbox.edit", (*Site).agreeBox},
	{"GET", "/mailboxes/agreed", "mailbox.edit", (*Site).agreedBox},
	{"POST", "/mailboxes/agreed", "mailbox.edit", (*Site).finishAgree},
}

// boxRow is how it goes with a mailbox, in a list or on its page.
type boxRow struct {
	ID            core.ID
	Name, Address string
	// State is new, paused, old (old mail is coming), fine or wrong.
	State string
	// Says and Cure are words for what is wrong, Text the server's; Since is when it began.
	Says, Cure, Text           string
	Since, Contact, Imported   time.Time
	Done, Aside, Missing       int
	OldTotal, OldDone, OldLeft int
	Replies, Configured        bool
	// Alarm is since when somebody was told that something is wrong; Proven when the whole way was proven.
	Alarm, Proven time.Time
	Expires       string
}

func (s *Site) boxRow(v *visit, b *core.MailboxView) boxRow {
	m := &b.Mailbox
	row := boxRow{ID: m.ID, Name: m.Name, Address: m.Address.Mailbox(), State: "fine", Contact: b.ContactAt(), Imported: b.ImportedAt(), Done: b.Counts[core.FetchDone],
		Replies: b.Replies, Configured: m.Configured}
	row.Aside = b.Counts[core.FetchLarge] + b.Counts[core.FetchWaiting] + b.Counts[core.FetchFailed] + b.Counts[core.FetchGone]
	row.OldTotal, row.OldLeft = b.Old()
	row.OldDone = row.OldTotal - row.OldLeft
	for i := range b.Folders {
		row.Missing += b.Folders[i].Missing
	}
	row.Proven = b.Watch.ProvenAt
	if m.ExpiresSoon(s.core.Now()) {
		row.Expires = m.OAuth.SecretEnds.Format(time.DateOnly)
	}
	f, bad := b.Trouble()
	switch {
	case !m.PausedAt.IsZero() && !b.Begun():
		row.State = "new"
	case !m.PausedAt.IsZero():
		row.State = "paused"
	case bad:
		row.State, row.Text, row.Since = "wrong", f.Text, f.Since
		row.Says, row.Cure = v.t("fetch.error."+f.Code), v.t("fetch.cure."+f.Code)
	case row.Missing > 0:
		row.State, row.Says, row.Cure = "wrong", v.t("fetch.error.behind"), v.t("fetch.cure.behind")
	case row.OldLeft > 0:
		row.State = "old"
	case row.Contact.IsZero():
		row.State = "starting"
	}
	if m.PausedAt.IsZero() && len(b.Watch.Causes) > 0 {
		cause := b.Watch.Causes[0]
		row.State, row.Alarm = "alarm", cause.Since
		if row.Says == "" {
			row.Says, row.Cure = v.t("fetch.error."+cause.Code), v.t("fetch.cure."+cause.Code)
		}
	}
	return row
}

type boxesView struct {
	Frame
	Rows []boxRow
	May  bool
}

func (s *Site) boxes(w http.ResponseWriter, v *visit) error {
	list, err := s.core.Mailboxes(v.Context(), v.actor)
	if err != nil {
		return err
	}
	view := boxesView{Frame: s.frame(v, v.t("page.mailboxes")), May: s.may(v, "mailbox.edit", core.Object{})}
	for i := range list {
		view.Rows = append(view.Rows, s.boxRow(v, &list[i]))
	}
	return s.render(w, v, http.StatusOK, "boxes", view)
}

// boxFormView is the form of a mailbox, new or changed. The secret is never in it.
type boxFormView struct {
	Frame
	ID                                              core.ID
	Box                                             core.Mailbox
	Folders                                         string
	Securities, Auths, Afters, Elses, Trust, Agrees []option
	SizeMB                                          int64
	SecretEnds                                      string
	Has                                             bool // a secret is kept already
}

func (s *Site) boxForm(v *visit, m core.Mailbox) (view boxFormView, err error) {
	title := v.t("box.add")
	if m.ID != "" {
		title = v.t("box.edit")
	}
	view = boxFormView{Frame: s.frame(v, title), ID: m.ID, Box: m, Folders: strings.Join(m.Folders, "\n"), SizeMB: m.Size >> 20, Has: m.ID != ""}
	view.Securities = options(v.locale, "boxsecurity", string(m.Security), string(core.MailboxTLS), string(core.MailboxStartTLS), string(core.MailboxPlain))
	view.Auths = options(v.locale, "boxauth", string(m.Auth), string(core.MailboxPassword), string(core.MailboxGoogle), string(core.MailboxMicrosoft), string(core.MailboxOAuth))
	view.Afters = options(v.locale, "boxafter", string(m.After), string(core.LeaveFetched), string(core.MarkFetched), string(core.MoveFetched), string(core.DeleteFetched))
	view.Elses = options(v.locale, "boxelse", m.Else, core.ElseHold, core.ElseIgnore)
	projects, err := s.core.Projects(v.Context(), v.actor, "", "", 200)
	if err != nil {
		return view, err
	}
	for i := range projects {
		p := &projects[i].Project
		view.Elses = append(view.Elses, option{string(p.ID), v.t("box.else.project", "project", p.Name), m.Else == string(p.ID)})
	}
	for _, f := range core.TrustedFields {
		view.Trust = append(view.Trust, option{f, f, slices.Contains(m.Trust, f)})
	}
	own := "person"
	if m.OAuth.Own {
		own = "own"
	}
	view.Agrees = options(v.locale, "boxagree", own, "person", "own")
	if !m.OAuth.SecretEnds.IsZero() {
		view.SecretEnds = m.OAuth.SecretEnds.Format(time.DateOnly)
	}
	return view, nil
}

func (s *Site) newBox(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "mailbox.edit", core.Object{}); err != nil {
		return err
	}
	m := core.Mailbox{}
	m.Security, m.Port, m.Auth, m.Folders, m.After, m.Else, m.Size, m.AlarmMinutes = core.MailboxTLS, 993, core.MailboxPassword, []string{"INBOX"}, core.LeaveFetched, core.ElseHold, core.DefaultMailboxSize, core.DefaultAlarmMinutes
	return s.showBoxForm(w, v, m, nil)
}

func (s *Site) editBox(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "mailbox.edit", core.Object{}); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	b, err := s.core.MailboxPage(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return s.showBoxForm(w, v, b.Mailbox, nil)
}

func (s *Site) showBoxForm(w http.ResponseWriter, v *visit, m core.Mailbox, trouble error) error {
	if trouble != nil && !mendable(trouble) {
		return trouble
	}
	view, err := s.boxForm(v, m)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if trouble != nil {
		status = s.again(&view.Frame, v, trouble)
	}
	return s.render(w, v, status, "boxform", view)
}

// boxOf reads the form. What is wrong in it is said by the core.
func boxOf(v *visit) (m core.Mailbox, secret core.MailboxSecret, err error) {
	get := func(name string) string { return strings.TrimSpace(v.PostFormValue(name)) }
	number := func(name string) int {
		n, err := strconv.Atoi(get(name))
		if err != nil {
			return -1
		}
		return n
	}
	m.Name, m.Host, m.Port, m.User = get("name"), get("host"), number("port"), get("user")
	m.Security, m.Auth, m.After, m.Else = core.MailboxSecurity(get("security")), core.MailboxAuth(get("auth")), core.AfterFetch(get("after")), get("else")
	m.MoveTo, m.FailedTo, m.AuthServ = get("move_to"), get("failed_to"), get("authserv")
	m.Folders = strings.FieldsFunc(v.PostFormValue("folders"), func(r rune) bool { return r == '\n' || r == '\r' })
	m.Trust = v.PostForm["trust"]
	m.Size, m.AlarmMinutes, m.CanaryMinutes = int64(number("size"))<<20, number("alarm"), number("canary")
	m.OAuth = core.MailboxGrant{Tenant: get("tenant"), Client: get("client"), AuthURL: get("auth_url"), TokenURL: get("token_url"), Scope: get("scope"), Own: get("own") == "own"}
	if ends, err := time.Parse(time.DateOnly, get("secret_ends")); err == nil {
		m.OAuth.SecretEnds = ends
	}
	secret = core.MailboxSecret{Password: v.PostFormValue("password"), Client: v.PostFormValue("secret")}
	m.Address, err = core.ParseMailboxAddress(get("address"))
	return m, secret, err
}

func (s *Site) addBox(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	m, secret, err := boxOf(v)
	if err == nil {
		m.PausedAt = s.core.Now() // it begins when its test was seen
		var kept core.Mailbox
		if kept, err = s.core.PutMailbox(v.Context(), v.actor, m, secret); err == nil {
			return redirect(w, v, "/mailboxes/"+string(kept.ID), "mailbox", "")
		}
	}
	return s.showBoxForm(w, v, m, err)
}

func (s *Site) changeBox(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, secret, err := boxOf(v)
	m.ID = id
	if err == nil {
		if _, err = s.core.PutMailbox(v.Context(), v.actor, m, secret); err == nil {
			return redirect(w, v, "/mailboxes/"+string(id), "mailbox", "")
		}
	}
	return s.showBoxForm(w, v, m, err)
}

// boxView is the page of a mailbox.
type boxView struct {
	Frame
	Row     boxRow
	Box     core.Mailbox
	May     bool
	Begun   bool
	Folders []core.MailFolder
	After   string
	Else    string
	Aside   []asideRow
	OAuth   bool
	Agree   bool
	// Report is that of a test just made; nil before.
	Report *boxReport
	Since  string
	Today  string
}

// asideRow is a message that was set aside.
type asideRow struct {
	Name, State, From, Subject, Says, Text string
	Size                                   int64
	At                                     time.Time
	Tries                                  int
	Fetch, Gone                            bool
}

// boxReport is a test in words.
type boxReport struct {
	Steps              []boxStep
	Failed             bool
	Cause, Cure, Text  string
	Folders            []core.FolderReport
	Old, Large         int
	Bytes              int64
	Oldest             time.Time
	Idle               bool
	AuthServ           string
	Since              string
	Asked, NothingElse bool
}

type boxStep struct {
	Title string
	Done  bool
}

func (s *Site) boxPage(v *visit, id core.ID) (view boxView, err error) {
	b, err := s.core.MailboxPage(v.Context(), v.actor, id)
	if err != nil {
		return view, err
	}
	m := b.Mailbox
	view = boxView{Frame: s.frame(v, m.Name), Row: s.boxRow(v, &b), Box: m, May: b.May, Begun: b.Begun(), Folders: b.Folders, Today: s.core.Now().In(v.zone).Format(time.DateOnly)}
	view.After = templates.Coded(v.locale, "boxafter", string(m.After))
	view.Else = v.t("box.else.project", "project", b.Project.Name)
	if b.Project.ID == "" {
		view.Else = templates.Coded(v.locale, "boxelse", core.ElseHold)
		if m.Else == core.ElseIgnore {
			view.Else = templates.Coded(v.locale, "boxelse", core.ElseIgnore)
		}
	}
	view.OAuth = m.Auth != core.MailboxPassword
	view.Agree = view.OAuth && !m.OAuth.Own && b.May && !m.Configured
	for i := range b.Aside {
		e := &b.Aside[i]
		row := asideRow{Name: string(e.Folder) + "/" + strconv.FormatUint(uint64(e.Validity), 10) + "/" + strconv.FormatUint(uint64(e.UID), 10), State: templates.Coded(v.locale, "boxaside", string(e.State)),
			From: e.From, Subject: e.Subject, Text: e.Text, Size: e.Size, At: e.At, Tries: e.Tries, Fetch: e.State != core.FetchGone && !e.Asked, Gone: e.State == core.FetchGone}
		if e.Code != "" {
			row.Says = v.t("fetch.error." + e.Code)
		}
		view.Aside = append(view.Aside, row)
	}
	return view, nil
}

func (s *Site) box(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	view, err := s.boxPage(v, id)
	if err != nil {
		return err
	}
	return s.render(w, v, http.StatusOK, "box", view)
}

// testBox connects and shows what it found; with a day, also what old mail there is since.
func (s *Site) testBox(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, secret, err := s.core.MailboxForTest(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view, err := s.boxPage(v, id)
	if err != nil {
		return err
	}
	m.Since = time.Time{}
	view.Since = v.PostFormValue("since")
	status := http.StatusOK
	if view.Since != "" {
		if m.Since, err = s.sinceDay(v, view.Since); err != nil {
			return s.render(w, v, s.again(&view.Frame, v, err), "box", view)
		}
	}
	if s.cfg.Mailboxes == nil {
		return core.Fail(core.Conflict, "mailbox.unreachable")
	}
	r := s.cfg.Mailboxes.Try(v.Context(), &m, secret)
	view.Report = s.boxReport(v, &r, view.Since)
	return s.render(w, v, status, "box", view)
}

// sinceDay reads the day from which old mail is wanted.
func (s *Site) sinceDay(v *visit, text string) (time.Time, error) {
	t, err := time.ParseInLocation(time.DateOnly, text, v.zone)
	if err != nil || t.After(s.core.Now()) || t.Year() < 1980 {
		return time.Time{}, core.Fail(core.Invalid, "mailbox.since")
	}
	return t, nil
}

func (s *Site) boxReport(v *visit, r *core.MailboxReport, since string) *boxReport {
	b := &boxReport{Folders: r.Folders, Idle: r.Idle, AuthServ: r.AuthServ, Since: since, Text: r.Text}
	for _, step := range r.Steps {
		b.Steps = append(b.Steps, boxStep{v.t("fetch.step." + step), true})
	}
	if r.Failed != "" {
		b.Failed = true
		b.Steps = append(b.Steps, boxStep{v.t("fetch.step." + r.Failed), false})
		b.Cause, b.Cure = v.t("fetch.error."+r.Code), v.t("fetch.cure."+r.Code)
	}
	for i := range r.Folders {
		f := &r.Folders[i]
		b.Old += f.Old
		b.Large += f.Large
		b.Bytes += f.Bytes
		if b.Oldest.IsZero() || !f.Oldest.IsZero() && f.Oldest.Before(b.Oldest) {
			b.Oldest = f.Oldest
		}
	}
	return b
}

// beginBox starts a mailbox: with new mail only, or with old mail since a day.
func (s *Site) beginBox(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/mailboxes/", "mailbox.begun", func(id core.ID) error {
		var since time.Time
		if v.PostFormValue("from") == "since" {
			var err error
			if since, err = s.sinceDay(v, v.PostFormValue("since")); err != nil {
				return err
			}
		}
		return s.core.BeginMailbox(v.Context(), v.actor, id, since)
	}, s.boxAgain)
}

// boxAgain shows the page with what went wrong above it.
func (s *Site) boxAgain(w http.ResponseWriter, v *visit, trouble error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	view, err := s.boxPage(v, id)
	if err != nil {
		return err
	}
	return s.render(w, v, s.again(&view.Frame, v, trouble), "box", view)
}

func (s *Site) pauseBox(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/mailboxes/", "mailbox", func(id core.ID) error { return s.core.PauseMailbox(v.Context(), v.actor, id, true) }, s.boxAgain)
}

func (s *Site) resumeBox(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/mailboxes/", "mailbox", func(id core.ID) error { return s.core.PauseMailbox(v.Context(), v.actor, id, false) }, s.boxAgain)
}

func (s *Site) removeBox(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	switch err := s.core.RemoveMailbox(v.Context(), v.actor, id); {
	case err == nil:
		return redirect(w, v, "/mailboxes", "mailbox.removed", "")
	case mendable(err):
		return s.boxAgain(w, v, err)
	default:
		return err
	}
}

// repliesToBox lets answers to our mail come to the mailbox, or to the host's domain again.
func (s *Site) repliesToBox(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/mailboxes/", "mailbox", func(id core.ID) error {
		value := string(id)
		if v.PostFormValue("off") != "" {
			value = ""
		}
		return s.core.SetSettings(v.Context(), v.actor, map[string]string{"replies": value})
	}, s.boxAgain)
}

func (v *visit) fetchedName() (n core.FetchedName, err error) {
	parts := strings.Split(v.PostFormValue("message"), "/")
	if len(parts) != 3 {
		return n, core.Fail(core.NotFound, "mailbox.message.unknown")
	}
	validity, err1 := strconv.ParseUint(parts[1], 10, 32)
	uid, err2 := strconv.ParseUint(parts[2], 10, 32)
	if err1 != nil || err2 != nil {
		return n, core.Fail(core.NotFound, "mailbox.message.unknown")
	}
	return core.FetchedName{Folder: core.ID(parts[0]), Validity: uint32(validity), UID: uint32(uid)}, nil
}

func (s *Site) fetchAside(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/mailboxes/", "mailbox.fetch", func(id core.ID) error {
		n, err := v.fetchedName()
		if err != nil {
			return err
		}
		return s.core.AskFetched(v.Context(), v.actor, id, n)
	}, s.boxAgain)
}

func (s *Site) leaveAside(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/mailboxes/", "mailbox.leave", func(id core.ID) error {
		n, err := v.fetchedName()
		if err != nil {
			return err
		}
		return s.core.LeaveAside(v.Context(), v.actor, id, n)
	}, s.boxAgain)
}

// agreePath is where a provider sends the owner of a mailbox back to.
const agreePath = "/mailboxes/agreed"

// agreeBox leads to the provider, on whose page the owner of the mailbox agrees. It is a link and no form: browsers follow
// no form to another site than the page's policy names. Nothing changes by it.
func (s *Site) agreeBox(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "mailbox.edit", core.Object{}); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, _, err := s.core.MailboxForTest(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if s.cfg.Mailboxes == nil || m.Auth == core.MailboxPassword || m.OAuth.Own {
		return s.boxAgain(w, v, core.Fail(core.Invalid, "mailbox.agree"))
	}
	state, verifier := s.core.AgreeState(v.actor, id)
	http.Redirect(w, v.Request, s.cfg.Mailboxes.AgreeURL(&m, s.cfg.BaseURL+agreePath, state, verifier), http.StatusSeeOther)
	return nil
}

// agreedView is what the provider's answer leads to: one button, since an address that is opened changes nothing.
type agreedView struct {
	Frame
	Code, State string
	Text        string // the provider's refusal
	Cause, Cure string
}

func (s *Site) agreedBox(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "mailbox.edit", core.Object{}); err != nil {
		return err
	}
	q := v.URL.Query()
	view := agreedView{Frame: s.frame(v, v.t("box.agreed")), Code: q.Get("code"), State: q.Get("state")}
	if _, _, ok := s.core.OpenAgreeState(v.actor, view.State); !ok {
		return s.render(w, v, s.again(&view.Frame, v, core.Fail(core.Expired, "mailbox.agree")), "boxagreed", agreedView{Frame: view.Frame})
	}
	if problem := q.Get("error"); problem != "" {
		view.Code, view.Text = "", clipText(problem+" "+q.Get("error_description"))
		view.Cause, view.Cure = v.t("fetch.error.consent"), v.t("fetch.cure.consent")
	}
	return s.render(w, v, http.StatusOK, "boxagreed", view)
}

func (s *Site) finishAgree(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, verifier, ok := s.core.OpenAgreeState(v.actor, v.PostFormValue("state"))
	view := agreedView{Frame: s.frame(v, v.t("box.agreed"))}
	if !ok || s.cfg.Mailboxes == nil {
		return s.render(w, v, s.again(&view.Frame, v, core.Fail(core.Expired, "mailbox.agree")), "boxagreed", view)
	}
	m, secret, err := s.core.MailboxForTest(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	refresh, err := s.cfg.Mailboxes.Agreed(v.Context(), &m, secret, s.cfg.BaseURL+agreePath, v.PostFormValue("code"), verifier)
	if err != nil {
		code, text := s.cfg.Mailboxes.Words(err)
		view.Cause, view.Cure, view.Text = v.t("fetch.error."+code), v.t("fetch.cure."+code), text
		return s.render(w, v, http.StatusBadGateway, "boxagreed", view)
	}
	err = s.core.SetMailboxSecret(v.Context(), v.actor, id, func(k *core.MailboxSecret) { k.Refresh, k.RefreshedAt = refresh, s.core.Now() })
	if err != nil {
		return err
	}
	return redirect(w, v, "/mailboxes/"+string(id), "mailbox.agreed", "")
}

// clipText is a stranger's words, short.
func clipText(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "…"
	}
	return s
}
