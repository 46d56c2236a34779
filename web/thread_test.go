package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// footer claims what is due and gives the path of the link to the conversation in the person's mail.
func (p *place) footer(person core.ID) string {
	p.t.Helper()
	path := ""
	p.mails(func(l *core.Letter) {
		if l.Person.ID == person && l.ThreadURL != "" {
			u, err := url.Parse(l.ThreadURL)
			must(p.t, err)
			path = u.Path
		}
	})
	if path == "" {
		p.t.Fatal("no mail with a link to the conversation")
	}
	return path
}

// mails claims and reads all mail that is due.
func (p *place) mails(read func(l *core.Letter)) {
	p.t.Helper()
	for {
		due, err := storetest.Claim(p.t.Context(), p.core, 100)
		must(p.t, err)
		if len(due) == 0 {
			return
		}
		for _, d := range due {
			if l, err := p.core.Letter(p.t.Context(), d); err == nil {
				read(&l)
			}
		}
	}
}

// code is the newest code mailed to the person; empty when there is none.
func (p *place) code(person core.ID) (code string) {
	p.t.Helper()
	p.mails(func(l *core.Letter) {
		if l.Person.ID == person && l.Code != "" {
			code = l.Code
		}
	})
	return code
}

// conversation tells the person of a comment and gives the link in its mail.
func (p *place) conversation(task core.Task, text string, person core.ID) string {
	p.t.Helper()
	_, err := p.core.Comment(p.t.Context(), p.actor(p.owner), core.NewComment{Task: task.ID, Text: text, Tell: []core.ID{person}})
	must(p.t, err)
	return p.footer(person)
}

// patient is the nonce of a conversation's form as if it had been shown a while ago.
func (p *place) patient(path string, ago time.Duration) string {
	p.t.Helper()
	t, err := p.core.Thread(p.t.Context(), strings.TrimPrefix(path, "/t/"), "127.0.0.1")
	must(p.t, err)
	return p.site.nonceAt(t.Pass, p.core.Now().Add(-ago))
}

func TestX5TheFooterLinkOpensTheConversationAndACodeLetsOneAnswer(t *testing.T) {
	p := newPlace(t)
	klara := p.person("Klara Client", contact(core.NoAccess, ""), func(q *core.Person) { q.Locale = "de" })
	task := p.task("Windows", with(klara, core.Participate))
	_, err := p.core.Comment(t.Context(), p.actor(p.owner), core.NewComment{Task: task.ID, Text: "hidden from her", Hidden: true})
	must(t, err)
	path := p.conversation(task, "The frames come on Monday.", klara.ID)
	v := p.visitor()
	page := v.wants(v.get(path), 200, `lang="de"`, "Windows", "The frames come on Monday.", "Nordbau", "Olga Owner", "Klara Client", "Antworten", `name="nonce"`)
	for _, not := range []string{"hidden from her", `type="file"`, "/signout", "/c/new", `href="/tasks`, `href="/projects`, "data-live", `href="/"`} {
		if strings.Contains(page.body, not) {
			t.Errorf("the page has %q", not)
		}
	}
	v.wants(v.post(path+"/comments", "text", "On Tuesday, please.", "nonce", nonceField.FindStringSubmatch(page.body)[1]), http.StatusUnprocessableEntity, "On Tuesday, please.")
	v.wants(v.post(path+"/comments", "text", " ", "nonce", p.patient(path, time.Minute)), http.StatusUnprocessableEntity)
	if p.code(klara.ID) != "" {
		t.Error("a code is mailed for nothing")
	}
	a := v.wants(v.post(path+"/comments", "text", "On Tuesday, please.", "nonce", p.patient(path, time.Minute)), 200, `autocomplete="one-time-code"`, `inputmode="numeric"`, "On Tuesday, please.", "@")
	if strings.Contains(a.body, klara.Address().Mailbox()) && strings.Count(a.body, klara.Address().Mailbox()) > 1 {
		t.Error("the address is not masked where the code goes")
	}
	code := p.code(klara.ID)
	v.wants(v.post(path+"/code", "text", "On Tuesday, please.", "code", "11111111", "nonce", p.patient(path, time.Minute)), http.StatusUnprocessableEntity, "On Tuesday, please.", "nicht der Code")
	a = v.upload(path+"/code", "plan.txt", []byte("a plan"), "text", "On Tuesday, please.", "code", code, "nonce", p.patient(path, time.Minute))
	v.wants(a, http.StatusSeeOther)
	if !strings.HasPrefix(a.location(), path+"?done=answer#c-") || !strings.Contains(a.header.Get("Set-Cookie"), "HttpOnly") {
		t.Errorf("leads to %s with %s", a.location(), a.header.Get("Set-Cookie"))
	}
	page = v.wants(v.get(path), 200, "On Tuesday, please.", "plan.txt", `type="file"`)
	i := strings.Index(page.body, path+"/attachments/")
	if i < 0 {
		t.Fatal("the file has no address of the conversation")
	}
	file := page.body[i:]
	file = file[:strings.IndexByte(file, '"')]
	v.wants(v.get(file), 200, "a plan")
	v.wants(p.visitor().get(strings.TrimPrefix(file, path)), http.StatusSeeOther) // not without the link
	a = v.upload(path+"/comments", "more.txt", []byte("more"), "text", "And more.")
	v.wants(a, http.StatusSeeOther)
	other := p.visitor() // another browser reads, and must type a code of its own
	if page := other.get(path); strings.Contains(page.body, `type="file"`) {
		t.Error("another browser may write")
	}
	other.wants(other.upload(path+"/comments", "x.txt", []byte("x"), "text", "not me"), http.StatusUnprocessableEntity)
	view, err := p.core.Task(t.Context(), p.actor(p.owner), task.Number, "")
	must(t, err)
	if n := len(view.Comments); n != 4 || view.Comments[3].Text != "And more." || view.Comments[2].Author != klara.ID || len(view.Comments[2].Attachments) != 1 {
		t.Errorf("%d comments: %+v", n, view.Comments)
	}
}

func TestWhoLostThePageOfTheCodeOpensTheLinkAgain(t *testing.T) {
	p := newPlace(t)
	klara := p.person("Klara", contact(core.BasicAccess, ""))
	path := p.conversation(p.task("Windows", with(klara, core.Participate)), "Hello", klara.ID)
	v := p.visitor()
	v.wants(v.post(path+"/comments", "text", "Hi", "nonce", p.patient(path, time.Minute)), 200)
	var back string
	code := ""
	p.mails(func(l *core.Letter) {
		if l.Code != "" {
			u, _ := url.Parse(l.LinkURL)
			back, code = u.Path, l.Code
		}
	})
	if back != path {
		t.Errorf("the mail with the code leads back to %q", back)
	}
	app := p.visitor() // the mail program's own browser shares no cookies
	app.wants(app.get(back), 200, path+"/code")
	app.wants(app.get(path+"/code"), 200, "one-time-code")
	a := app.post(path+"/code", "code", code, "nonce", p.patient(path, time.Minute))
	app.wants(a, http.StatusSeeOther)
	app.wants(app.get(path), 200, `type="file"`)
	if a := app.get(path + "/code"); a.status != http.StatusSeeOther {
		t.Errorf("a known browser is asked for a code: %d", a.status)
	}
}

func TestABlockedLinkAnswersAtOnceWithTheNeutralPage(t *testing.T) {
	s := newScene(t)
	path := s.conversation(s.task, "Hello", s.client.ID)
	v := s.visitor()
	v.wants(v.get(path), 200)
	_, err := s.core.BlockPerson(t.Context(), s.actor(s.owner), s.client.ID)
	must(t, err)
	for _, a := range []answerOf{{v.get(path)}, {v.get(path + "/code")}, {v.post(path+"/comments", "text", "x")}, {v.post(path + "/code")}, {v.post(path + "/again")}, {v.get(path + "/previews/" + string(core.NewID()))}} {
		v.wants(a.answer, http.StatusGone, "no longer active", "olga@nordbau.example")
		if strings.Contains(a.body, s.task.Title) || strings.Contains(a.body, "Hello") {
			t.Error("the page tells of the task")
		}
	}
	v.wants(v.get("/t/"+strings.Repeat("A", 43)), http.StatusNotFound, "not known")
}

// answerOf makes a list of answers readable.
type answerOf struct{ answer }

func TestAnExpiredConversationOffersANewLink(t *testing.T) {
	s := newScene(t)
	path := s.conversation(s.task, "Hello", s.client.ID)
	th, err := s.core.Thread(t.Context(), path[3:], "127.0.0.1")
	must(t, err)
	s.tx(func(tx core.Tx) error {
		return tx.RenewLink(t.Context(), s.account.ID, th.Link.ID, th.Link.Generation, s.core.Now().Add(-time.Minute))
	})
	v := s.visitor()
	page := v.wants(v.get(path), http.StatusGone, "has expired", path+"/again", th.Person.Address().Masked())
	if strings.Contains(page.body, s.task.Title) {
		t.Error("the page tells of the task")
	}
	again := s.site.nonceAt(th.Pass, s.core.Now().Add(-time.Minute))
	v.wants(v.post(path+"/again", "nonce", "x"), http.StatusUnprocessableEntity)
	v.wants(v.post(path+"/again", "nonce", again), 200, "on its way")
	if got := s.letter(s.client.ID); got != path {
		t.Errorf("mailed: %q", got)
	}
	v.wants(v.get(path), 200, "Hello")
}

// nothingDoneBy tells whether a conversation, its link and its codes are as the one mail left them.
func (p *place) nothingDoneBy(path string, who core.Person) {
	p.t.Helper()
	mails, err := p.core.Deliveries(p.t.Context(), p.actor(p.owner), core.DeliveryFilter{Limit: 200})
	must(p.t, err)
	mails = slices.DeleteFunc(mails, func(i core.DeliveryItem) bool { return i.Delivery.Person != who.ID })
	if len(mails) != 1 {
		p.t.Errorf("%d mails: a code was sent", len(mails))
	}
	th, err := p.core.Thread(p.t.Context(), path[len("/t/"):], "127.0.0.1")
	must(p.t, err)
	if th.State != core.LinkLive || th.Link.Generation != 0 || th.Proven {
		p.t.Errorf("the link of the conversation is %+v", th)
	}
	v, err := p.core.Task(p.t.Context(), p.actor(p.owner), th.Number, "")
	must(p.t, err)
	if len(v.Comments) != 1 {
		p.t.Errorf("%d comments", len(v.Comments))
	}
}
