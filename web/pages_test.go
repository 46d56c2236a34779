package web

import (
	"bytes"
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"planpost/core"
	"planpost/store/storetest"
	"planpost/templates"
)

// scene has a client from outside at a task with a conversation.
type scene struct {
	*place
	client core.Person
	anna   core.Person
	firm   core.Company
	task   core.Task
}

func newScene(t *testing.T) *scene {
	t.Helper()
	s := &scene{place: newPlace(t)}
	ctx := context.Background()
	var err error
	s.firm, err = s.core.CreateCompany(ctx, s.actor(s.owner), "Glasbau KG")
	must(t, err)
	s.client = s.person("Clara Client", contact(core.NoAccess, s.firm.ID))
	s.anna = s.person("Anna Berg")
	project, err := s.core.CreateProject(ctx, s.actor(s.owner), core.NewProject{Name: "School", Counterparty: s.firm.ID, Responsible: s.anna.ID})
	must(t, err)
	s.task, err = s.core.CreateTask(ctx, s.actor(s.owner), core.NewTask{Title: "Windows on the north side", Description: "Measure <all> openings.", Project: project.ID, Assignee: s.anna.ID,
		Participants: []core.ID{s.client.ID}, DueDate: "2020-01-02"})
	must(t, err)
	return s
}

func (s *scene) path() string { return taskURL(s.task.Number) }

func TestTheListsShowWhatThereIsAndSayWhenThereIsNothing(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	b.wants(b.get("/"), 200, templates.T("en", "tasks.none.mine"))
	b.wants(b.get("/tasks?status=closed"), 200, templates.T("en", "tasks.none"))
	b.wants(b.get("/projects"), 200, templates.T("en", "project.none"))
	b.wants(b.get("/messages"), 200, templates.T("en", "messages.none"))
	b.wants(b.get("/held"), 200, templates.T("en", "held.none"))
	b.wants(b.get("/outbox"), 200, templates.T("en", "outbox.none"))
	b.wants(b.get("/search"), 200, "Type one or more words")
	b.wants(b.get("/search?q=nothing"), 200, "Nothing found for “nothing”")
	b.wants(b.get("/people?q=zzz"), 200, templates.T("en", "person.none"))
	b.wants(b.get("/log"), 200, "created the account")

	s := newScene(t)
	b = s.as(s.anna)
	b.wants(b.get("/"), 200, "Windows on the north side", "overdue", "School", "Anna Berg", "2 Jan 2020")
	b.wants(b.get("/tasks"), 200, "Windows on the north side")
	b.wants(b.get("/tasks?status=done"), 200, templates.T("en", "tasks.none"))
	b.wants(b.get("/tasks?assignee="+string(s.anna.ID)+"&mine=1&project="+string(s.task.Project)), 200, "Windows on the north side")
	b.wants(b.get("/tasks?status=';drop"), 200, "Windows on the north side")
	b.wants(b.get("/projects"), 200, "School", "for Glasbau KG", "1 open task")
	b.wants(b.get("/projects/"+string(s.task.Project)), 200, "School", "Windows on the north side", "@in.example.org", "Anna Berg")
	b.wants(b.get("/people"), 200, "Clara Client", "Anna Berg", "Olga Owner", "Glasbau KG")
	b.wants(b.get("/people?kind=contact"), 200, "Clara Client")
	b.wants(b.get("/people/"+string(s.client.ID)), 200, "Clara Client", "Glasbau KG", "Windows on the north side", "answers by mail only")
}

func TestLongListsGoOn(t *testing.T) {
	p := newPlace(t)
	for range page + 3 {
		p.task("Task with a number")
	}
	b := p.as(p.owner)
	a := b.wants(b.get("/"), 200)
	if n := strings.Count(a.body, `class="row-main"`); n != page {
		t.Fatalf("%d tasks on a page", n)
	}
	more := regexp.MustCompile(`<p class="more"><a href="([^"]+)"`).FindStringSubmatch(a.body)
	if more == nil {
		t.Fatal("the list does not go on")
	}
	a = b.wants(b.get(strings.ReplaceAll(more[1], "&amp;", "&")), 200)
	if n := strings.Count(a.body, `class="row-main"`); n != 3 {
		t.Errorf("%d tasks on the second page, want 3", n)
	}
}

func TestACommentIsWrittenInThePageAndGoesOut(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.get(s.path()), 200, "Windows on the north side", "Measure &lt;all&gt; openings.", "Clara Client", `data-live="task:`+string(s.task.ID)+`"`, "Nobody has written yet.",
		`value="`+string(s.client.ID)+`" data-name="Clara Client" data-outside checked`)
	a := b.upload(s.path()+"/comments", "Plan <1>.pdf", []byte("%PDF-1.7"), "text", "See the plan:\nhttps://example.org/x", "tell", string(s.client.ID))
	b.wants(a, http.StatusSeeOther)
	if !strings.Contains(a.location(), "#c-") {
		t.Errorf("leads to %q", a.location())
	}
	page := b.wants(b.get(s.path()), 200, "See the plan:", `<a href="https://example.org/x" rel=`, "Plan &lt;1&gt;.pdf", "Mail to 2 people", "waits to be sent", "Clara Client")
	b.wants(b.get(s.path()+"/conversation"), 200, "See the plan:")
	file := regexp.MustCompile(`/attachments/[^"?]+`).FindString(page.body)
	got := b.wants(b.get(file), 200, "%PDF-1.7")
	if d := got.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment;") || strings.ContainsAny(d, "\r\n") {
		t.Errorf("disposition %q", d)
	}
	if got.header.Get("Content-Type") != "application/octet-stream" || !strings.Contains(got.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("a file of a stranger's type: %v", got.header)
	}
	stranger := s.as(s.person("Stranger"))
	stranger.wants(stranger.get(file), 404)
	stranger.wants(stranger.get(s.path()), 404)
	stranger.wants(stranger.get(s.path()+"/conversation"), 404)
}

func TestOnlyHarmlessPicturesAreShownInThePage(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	for name, inline := range map[string]bool{"photo.png": true, "evil.svg": false, "page.html": false} {
		r := b.uploadAs(s.path()+"/comments", name, map[string]string{"photo.png": "image/png", "evil.svg": "image/svg+xml", "page.html": "text/html"}[name])
		b.wants(r, http.StatusSeeOther)
		page := b.get(s.path())
		file := regexp.MustCompile(`/attachments/[0-9a-v]+/` + name).FindString(page.body)
		got := b.get(file + "?inline=1")
		if is := strings.HasPrefix(got.header.Get("Content-Disposition"), "inline"); is != inline {
			t.Errorf("%s inline: %v", name, is)
		}
	}
}

func (b *browser) uploadAs(path, name, kind string) answer {
	b.p.t.Helper()
	content := map[string]string{"image/png": "\x89PNG\r\n\x1a\n"}[kind] + "content"
	body := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + name + "\"\r\nContent-Type: " + kind + "\r\n\r\n" + content + "\r\n--x--\r\n"
	r, err := http.NewRequest("POST", b.p.url+path, strings.NewReader(body))
	must(b.p.t, err)
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	return b.send(r)
}

func TestAnInternalNoteIsMarkedAndTellsNobodyOutside(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.upload(s.path()+"/comments", "", nil, "text", "Too dear for us.", "hidden", "1", "tell", string(s.client.ID)), http.StatusSeeOther)
	b.wants(b.get(s.path()), 200, "Too dear for us.", "internal note")
	list, err := s.core.Deliveries(context.Background(), s.actor(s.owner), core.DeliveryFilter{Person: s.client.ID})
	must(t, err)
	if len(list) != 1 { // the one about the new task
		t.Errorf("%d mails to the client", len(list))
	}
}

func TestWhatWasTypedIsNotLostWhenItCannotBeSaved(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.upload(s.path()+"/comments", "", nil, "text", "   "), http.StatusUnprocessableEntity, templates.T("en", "error.comment.empty"))
	b.wants(b.upload(s.path()+"/comments", "big.bin", bytes.Repeat([]byte{1}, 1<<20+1), "text", "My long words"), http.StatusRequestEntityTooLarge, "My long words")
	b.wants(b.upload(s.path()+"/comments", "huge.bin", bytes.Repeat([]byte{1}, 6<<20)), http.StatusRequestEntityTooLarge, "more than can be sent at once")
	b.wants(b.post("/tasks", "title", " ", "description", "My long description"), http.StatusUnprocessableEntity, "give the task a title", "My long description")
	b.wants(b.post("/projects", "name", ""), http.StatusUnprocessableEntity, "give the project a name")
	b.wants(b.post("/people", "kind", "contact", "name", "Carl", "address", "no address"), http.StatusUnprocessableEntity, `value="Carl"`, "is not an e-mail address")
	b.wants(b.post("/people", "kind", "contact", "name", "Carl", "address", s.client.Addresses[0].Given.Mailbox()), http.StatusConflict, "already has this e-mail address")
	b.wants(b.post("/people", "kind", "user", "name", "Carl", "address", "carl@nordbau.example", "role", "king"), http.StatusUnprocessableEntity, "This role does not exist")
}

func TestOwnCommentsCanBeChangedOthersNot(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	mine, err := s.core.Comment(ctx, s.actor(s.owner), core.NewComment{Task: s.task.ID, Text: "first words"})
	must(t, err)
	theirs, err := s.core.Comment(ctx, s.actor(s.anna), core.NewComment{Task: s.task.ID, Text: "of Anna"})
	must(t, err)
	b := s.as(s.owner)
	b.wants(b.post(s.path()+"/comments/"+string(mine.ID), "text", "better words"), http.StatusSeeOther)
	b.wants(b.get(s.path()), 200, "better words", "edited")
	b.wants(b.post(s.path()+"/comments/"+string(theirs.ID), "text", "forged"), http.StatusForbidden)
	b.wants(b.post(s.path()+"/comments/nonsense", "text", "x"), http.StatusNotFound)
}

func TestStatusPeopleAndDatesAreChangedInThePage(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.post(s.path()+"/status", "status", "waiting"), http.StatusSeeOther)
	b.wants(b.get(s.path()), 200, "Olga Owner changed the status from “New” to “Waiting”")
	b.wants(b.post(s.path()+"/status", "status", "flying"), http.StatusUnprocessableEntity, "does not exist")
	other := s.person("Otto Other")
	b.wants(b.post(s.path()+"/people", "assignee", string(s.anna.ID), "participant", string(s.client.ID), "add", string(other.ID), "addas", "coassignee", "due", "2031-02-03", "duetime", "08:30"), http.StatusSeeOther)
	b.wants(b.get(s.path()), 200, "Otto Other", "also responsible", "3 Feb 2031, 08:30")
	b.wants(b.get(s.path()+"?edit=people"), 200, `name="due" value="2031-02-03"`, `name="coassignee" value="`+string(other.ID)+`"`)
	b.wants(b.post(s.path()+"/people", "auditor", string(s.client.ID)), http.StatusForbidden, "cannot oversee")
	b.wants(b.post(s.path()+"/people", "due", "31.12."), http.StatusUnprocessableEntity, "is not a date")
}

func TestNewThingsAreMadeInPages(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.get("/tasks/new?project="+string(s.task.Project)), 200, `value="`+string(s.task.Project)+`" selected`)
	doors := []string{"title", "Doors", "project", string(s.task.Project), "assignee", string(s.anna.ID), "add", string(s.client.ID), "addas", "participant", "visibility", "participants"}
	// Nobody has written to Clara yet: first it is said to whom mail will go, and nothing is saved.
	b.wants(b.post("/tasks", doors...), 200, "Clara Client", "No mail about work has gone to", `name="title" value="Doors"`, `name="add" value="`+string(s.client.ID)+`"`)
	if list := b.get("/tasks"); strings.Contains(list.body, "Doors") {
		t.Error("the task is there before anybody said so")
	}
	a := b.post("/tasks", append(doors, "seen", "1")...)
	b.wants(a, http.StatusSeeOther)
	b.wants(b.get(strings.Split(a.location(), "?")[0]+"?done=task"), 200, "Doors", "The task is created.", "Clara Client")
	b.wants(b.get("/projects/new"), 200, "Glasbau KG", "Anna Berg")
	a = b.post("/projects", "name", "Town hall", "counterparty", string(s.firm.ID), "responsible", string(s.anna.ID), "visibility", "participants", "hidden", "1")
	b.wants(a, http.StatusSeeOther)
	project := strings.Split(a.location(), "?")[0]
	b.wants(b.get(project), 200, "Town hall", "not shown to the client")
	b.wants(b.post(project+"/participants", "person", string(s.anna.ID), "admin", "1"), http.StatusSeeOther)
	b.wants(b.get(project), 200, "runs the project")
	b.wants(b.post(project+"/participants", "person", string(s.client.ID), "auditor", "1"), http.StatusForbidden, "cannot oversee")
	for _, kind := range []string{"contact", "user", "company"} {
		b.wants(b.get("/people/new?kind="+kind), 200, `name="kind" value="`+kind+`"`)
	}
	b.wants(b.post("/people", "kind", "company", "name", "Holzbau"), http.StatusSeeOther)
	a = b.post("/people", "kind", "contact", "name", "Carl", "address", "carl@example.net", "access", "basic", "locale", "fr", "company", string(s.firm.ID))
	b.wants(a, http.StatusSeeOther)
	person := strings.Split(a.location(), "?")[0]
	b.wants(b.get(person), 200, "Carl", "Français", "carl@example.net")
	b.wants(b.post("/people", "kind", "user", "name", "Emil", "address", "emil@nordbau.example", "role", "manager"), http.StatusSeeOther)
	b.wants(b.get("/people?q=Emil"), 200, "Pending: to be mailed")

	b.wants(b.get(person+"/block"), 200, "What will end at once", "Everywhere")
	a = b.post(person + "/block")
	b.wants(a, http.StatusSeeOther)
	b.wants(b.get(a.location()), 200, "receipt no. 1", "What ended", "Carl")
	b.wants(b.get(person), 200, "This person is blocked since", "Unblock")
	b.wants(b.post(person+"/unblock"), http.StatusSeeOther)
	b.wants(b.get(a.location()), 200, "Lifted by")
	b.wants(b.post("/people/"+string(s.owner.ID)+"/block"), http.StatusConflict, "The owner cannot be blocked.")
}

func TestSearchMarksWhatWasLookedFor(t *testing.T) {
	s := newScene(t)
	_, err := s.core.Comment(context.Background(), s.actor(s.owner), core.NewComment{Task: s.task.ID, Text: "The frames <b>arrive</b> on Monday"})
	must(t, err)
	b := s.as(s.anna)
	b.wants(b.get("/search?q=frame"), 200, "<mark>frame</mark>s &lt;b&gt;arrive", "in a comment", s.path()+"#c-")
	b.wants(b.get("/search?q=north"), 200, "in the task")
	stranger := s.as(s.person("Stranger"))
	stranger.wants(stranger.get("/search?q=frame"), 200, "Nothing found")
}

func TestAMailBecomesACommentWithItsWay(t *testing.T) {
	s := newScene(t)
	address := s.replyAddress(s.client)
	from := "Clara Client <" + s.client.Addresses[0].Given.Mailbox() + ">"
	s.receive(address, from, "Re: Windows", "Monday is fine.\n\nOn Mon, 4 May 2026 Olga wrote:\n> When?")
	b := s.as(s.owner)
	page := b.wants(b.get(s.path()), 200, "Monday is fine.", "by e-mail", "Sender verified", "Cut from the mail", "outside, Glasbau KG", "How this mail came in")
	way := regexp.MustCompile(`/messages/[0-9a-v]+`).FindString(page.body)
	m := b.wants(b.get(way), 200, "Became a comment", "Its way, step by step", "is the person to whom we gave the reply address", "Monday is fine.", "mx.example.com", "ESMTPS", "Download the source")
	if strings.Contains(m.body, address.Local) {
		t.Error("the page shows a live reply address")
	}
	source := b.wants(b.get(way+"/source"), 200, "Subject: Re: Windows")
	if strings.Contains(source.body, address.Local) {
		t.Error("the source shows a live reply address")
	}
	if d := source.header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") {
		t.Errorf("disposition %q", d)
	}
	b.wants(b.get("/messages"), 200, "Re: Windows", "Clara Client")
	b.wants(b.get("/messages?fate=held"), 200, templates.T("en", "messages.none"))
	b.wants(b.get("/messages?task="+strings.TrimPrefix(s.path(), "/tasks/")), 200, "Re: Windows")
	b.wants(b.get("/messages/"+string(core.NewID())), 404)
	stranger := s.as(s.person("Stranger"))
	stranger.wants(stranger.get(way), 404)
	stranger.wants(stranger.get("/messages"), 403)
	stranger.wants(stranger.get(way+"/source"), 404)
}

func TestAHeldMailIsReleasedAsWhoWroteItOrRefused(t *testing.T) {
	s := newScene(t)
	address := s.replyAddress(s.client)
	s.receive(address, "Bob Builder <bob@other.example>", "Re: Windows", "I am Bob.")
	b := s.as(s.anna)
	page := b.wants(b.get("/held"), 200, "bob@other.example, who is not known here, used the reply address of Clara Client.", "I am Bob.", "who is new here", `<span class="count">1</span>`)
	release := regexp.MustCompile(`/held/[0-9a-v]+/release`).FindString(page.body)
	b.wants(b.post(release, "join", "1"), http.StatusSeeOther)
	b.wants(b.get(s.path()), 200, "I am Bob.", "Bob Builder")
	b.wants(b.post(release), http.StatusConflict, templates.T("en", "error.held.decided"))
	b.wants(b.get("/held"), 200, templates.T("en", "held.none"))

	s.receive(address, "Eve <eve@evil.example>", "Hello", "I am Eve.")
	page = b.wants(b.get("/held"), 200, "I am Eve.")
	refuse := regexp.MustCompile(`/held/[0-9a-v]+/refuse`).FindString(page.body)
	stranger := s.as(s.person("Stranger"))
	stranger.wants(stranger.post(refuse), 404)
	b.wants(b.post(refuse), http.StatusSeeOther)
	if strings.Contains(b.get(s.path()).body, "I am Eve.") {
		t.Error("a refused mail was posted")
	}
}

func TestAMailThatTellsOfHeldMailHasNoTaskInTheOutbox(t *testing.T) {
	s := newScene(t)
	project, err := s.core.CreateProject(context.Background(), s.actor(s.owner), core.NewProject{Name: "School"})
	must(t, err)
	to := s.replyAddress(s.client)
	to.Local = project.Inbound
	r := s.receive(to, "A <a@x.example>", "Offer", "Ours.", "List-Id: <news.x.example>", "Precedence: list")
	if r.Disposition != core.Held || r.Task != "" {
		t.Fatalf("%s (%s)", r.Disposition, r.Reason)
	}
	b := s.as(s.owner)
	page := b.wants(b.get("/outbox"), 200, templates.T("en", "outbox.held"))
	one := regexp.MustCompile(`(?s)/outbox/[0-9a-v]+`).FindString(page.body) // the newest
	page = b.wants(b.get(one), 200, templates.T("en", "outbox.held"), `href="/held"`)
	if strings.Contains(page.body, "#0") {
		t.Error("a task that is none is named")
	}
	b.wants(b.get("/held"), 200, "Offer")
	b.wants(b.get("/messages/"+string(r.ID)), 200, "Offer")
}

func TestTheOutboxTellsHowEachMailFared(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	list, err := storetest.Claim(ctx, s.core, 10)
	must(t, err)
	for _, d := range list {
		must(t, s.core.RecordAttempt(ctx, core.AttemptResult{Delivery: d, State: core.DeliveryFailed, Reason: "by_hand",
			Attempt: core.Attempt{StartedAt: s.core.Now(), EndedAt: s.core.Now(), Remote: "mx.example.com", Code: 550, Enhanced: "5.1.1", Text: "no such <user>", Outcome: "failed"}}))
	}
	b := s.as(s.owner)
	page := b.wants(b.get("/outbox?state=failed"), 200, "Clara Client", "failed")
	one := regexp.MustCompile(`/outbox/[0-9a-v]+`).FindString(page.body)
	b.wants(b.get(one), 200, "550 5.1.1 no such &lt;user&gt;", "mx.example.com", "Send again")
	b.wants(b.post(one+"/again"), http.StatusSeeOther)
	b.wants(b.post(one+"/hold"), http.StatusSeeOther)
	b.wants(b.get(one), 200, "Let it go")
	b.wants(b.post(one+"/again"), http.StatusSeeOther)
	b.wants(b.get(one), 200, "waits to be sent", "Do not send")
	b.wants(b.post(one+"/cancel"), http.StatusSeeOther)
	b.wants(b.get(one), 200, "not sent")
	b.wants(b.post(one+"/cancel"), http.StatusConflict)
	b.wants(b.get("/log"), 200, "stopped a mail", "had a mail sent again", "created a task")
}

func TestTheTechnicalAdministratorSeesNoContent(t *testing.T) {
	s := newScene(t)
	s.receive(s.replyAddress(s.client), "Clara Client <"+s.client.Addresses[0].Given.Mailbox()+">", "Re: Secretsubject", "Secretwords")
	b := s.as(s.person("Theo Tech", role(core.TechnicalAdministrator)))
	list := b.wants(b.get("/messages"), 200)
	way := regexp.MustCompile(`/messages/[0-9a-v]{26}`).FindString(list.body)
	pages := []answer{list, b.wants(b.get(way), 200, templates.T("en", "message.masked")), b.wants(b.get("/outbox"), 200), b.get("/"), b.get("/tasks"), b.get("/search?q=Secretwords"), b.get("/projects")}
	for i, a := range pages {
		for _, secret := range []string{"Secretsubject", "Secretwords", "Windows on", "Clara", s.client.Addresses[0].Given.Mailbox()} {
			if strings.Contains(a.body, secret) && !strings.Contains(a.body, `value="`+secret) {
				t.Errorf("page %d shows %q: %s", i, secret, clip(a.body))
			}
		}
	}
	for _, path := range []string{s.path(), "/people", "/log", way + "/source", "/held"} {
		if a := b.get(path); a.status != 404 && a.status != 403 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
}

func TestPagesSpeakThePersonsLanguage(t *testing.T) {
	s := newScene(t)
	for _, locale := range templates.Locales() {
		who := s.person("Reader "+locale, func(p *core.Person) { p.Locale = locale })
		b := s.as(who)
		a := b.wants(b.get("/"), 200, `<html lang="`+locale+`">`, templates.T(locale, "page.home"))
		if a.header.Get("Content-Language") != locale {
			t.Errorf("%s: %q", locale, a.header.Get("Content-Language"))
		}
	}
	r, err := http.NewRequest("GET", s.url+"/signin", nil)
	must(t, err)
	r.Header.Set("Accept-Language", "bg-BG,bg;q=0.9")
	v := s.visitor()
	v.wants(v.send(r), 200, templates.T("bg", "signin.password"))
}

func TestAFileNameIsSafeInTheHeader(t *testing.T) {
	for name, want := range map[string]string{
		"plan.pdf":        "attachment; filename=plan.pdf",
		"два плана.pdf":   "attachment; filename=\"___ _____.pdf\"; filename*=UTF-8''%D0%B4%D0%B2%D0%B0%20%D0%BF%D0%BB%D0%B0%D0%BD%D0%B0.pdf",
		"a\"b\r\nX: y.p":  "attachment; filename=\"a_b__X: y.p\"; filename*=UTF-8''a%22b%0D%0AX%3A%20y.p",
		"100% \\done.txt": "attachment; filename=\"100_ _done.txt\"; filename*=UTF-8''100%25%20%5Cdone.txt",
	} {
		if got := disposition("attachment", name); got != want {
			t.Errorf("%q:\n got %s\nwant %s", name, got, want)
		}
	}
}

func TestPeopleChangeTheirOwnPassword(t *testing.T) {
	p := newPlace(t)
	b, other := p.visitor(), p.visitor()
	for _, one := range []*browser{b, other} {
		one.wants(one.post("/signin", "login", "olga@nordbau.example", "password", password), http.StatusSeeOther)
	}
	before := b.jar["planpost"]
	change := func(old, wanted, again string) answer {
		return b.post("/me/password", "oldpassword", old, "newpassword", wanted, "newpassword2", again)
	}
	const wanted = "quite different words now"
	b.wants(b.get("/me"), 200, `name="oldpassword"`, `autocomplete="current-password"`, `value="olga@nordbau.example"`)
	for _, c := range []struct{ old, wanted, again, says string }{
		{password, wanted, "other words", "typed in two different ways"},
		{"not my password", wanted, wanted, "The current password is wrong"},
		{password, "short", "short", "at least 12 characters"},
		{password, password, password, "This is your current password"},
	} {
		a := b.wants(change(c.old, c.wanted, c.again), http.StatusUnprocessableEntity, c.says, `value="Olga Owner"`)
		if strings.Contains(a.body, `value="`+c.wanted) || strings.Contains(a.body, c.old) {
			t.Errorf("%s: a password is in the page", c.says)
		}
	}
	p.trouble.strike(2, true)
	a := b.wants(change(password, wanted, wanted), http.StatusServiceUnavailable, `name="newpassword2" type="password" required`)
	if p.trouble.calm(); strings.Contains(a.body, wanted) || strings.Contains(a.body, password) {
		t.Error("trouble gives a password away")
	}
	a = b.wants(change(password, wanted, wanted), http.StatusSeeOther)
	if a.location() != "/me?done=password" || b.jar["planpost"] == before {
		t.Errorf("to %s, the cookie is still the old one: %v", a.location(), b.jar["planpost"] == before)
	}
	b.wants(b.get(a.location()), 200, templates.T("en", "done.password"))
	b.wants(b.get("/log"), 200, templates.T("en", "log.user.password"))
	other.wants(other.get("/"), http.StatusSeeOther)
	other.wants(other.post("/signin", "login", "olga@nordbau.example", "password", password), http.StatusUnauthorized)
	other.wants(other.post("/signin", "login", "olga@nordbau.example", "password", wanted), http.StatusSeeOther)
	for range 12 {
		a = change("a guess at it all", wanted+"!", wanted+"!")
	}
	b.wants(a, http.StatusTooManyRequests, "Too many wrong passwords")
}

func TestPeopleChooseTheirLanguageAndZone(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	b.wants(b.get("/me"), 200, `value="Olga Owner"`, "Europe/Berlin")
	b.wants(b.post("/me", "name", "Olga Owner", "locale", "bg", "zone", "Europe/Sofia"), http.StatusSeeOther)
	b.wants(b.get("/me?done=profile"), 200, `<html lang="bg">`, templates.T("bg", "done.profile"), `value="Europe/Sofia"`)
	b.wants(b.post("/me", "name", "Olga", "zone", "Moon/Base"), http.StatusUnprocessableEntity, "Moon/Base")
	b.wants(b.post("/me", "name", " "), http.StatusUnprocessableEntity)
}
