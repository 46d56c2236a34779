package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// letter claims what is due and gives the path of the newest link to the person.
func (p *place) letter(person core.ID) string {
	p.t.Helper()
	due, err := storetest.Claim(p.t.Context(), p.core, 100)
	if err != nil {
		p.t.Fatal(err)
	}
	path := ""
	for _, d := range due {
		l, err := p.core.Letter(p.t.Context(), d)
		if err == nil && d.Person == person && l.LinkURL != "" {
			u, _ := url.Parse(l.LinkURL)
			path = u.Path
		}
	}
	return path
}

var nonceField = regexp.MustCompile(`name="nonce" value="([^"]+)"`)

// aged is the nonce of a form as if it had been shown a while ago.
func (p *place) aged(page string, pass string, ago time.Duration) string {
	p.t.Helper()
	m := nonceField.FindStringSubmatch(page)
	if m == nil {
		p.t.Fatalf("no form: %s", page)
	}
	return p.site.nonceAt(pass, p.core.Now().Add(-ago))
}

func TestX10AnInvitationIsAcceptedOnlyWithAPassword(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	b.wants(b.post("/people", "kind", "user", "name", "Nora", "address", "nora@nordbau.example", "role", "employee"), http.StatusSeeOther)
	person, err := p.core.PersonByAddress(t.Context(), p.account.ID, "nora@nordbau.example")
	if err != nil {
		t.Fatal(err)
	}
	path := p.letter(person.ID)
	v := p.visitor()
	a := v.get(path)
	v.wants(a, http.StatusSeeOther)
	if a.location() != "/i" {
		t.Fatalf("the token stays in the address: %s", a.location())
	}
	page := v.get("/i")
	v.wants(page, 200, "invites you to work", "nora@nordbau.example")
	fast := nonceField.FindStringSubmatch(page.body)[1]
	v.wants(v.post("/i", "nonce", fast, "newpassword", password), http.StatusUnprocessableEntity, "faster than anyone")
	v.wants(v.post("/i", "newpassword", password), http.StatusUnprocessableEntity, "open too long")
	pass := v.jar["planpost-activation"]
	v.wants(v.post("/i", "nonce", p.aged(page.body, pass, 31*time.Minute), "newpassword", password), http.StatusUnprocessableEntity, "open too long")
	v.wants(v.post("/i", "nonce", p.aged(page.body, "another", time.Minute), "newpassword", password), http.StatusUnprocessableEntity, "open too long")
	good := p.aged(page.body, pass, time.Minute)
	v.wants(v.post("/i", "nonce", good, "newpassword", "short"), http.StatusUnprocessableEntity)
	for range 2 { // the second changes nothing and leads to the same page
		a = v.post("/i", "nonce", good, "newpassword", "seven grey herons wade")
		v.wants(a, http.StatusSeeOther)
		if a.location() != "/" {
			t.Errorf("leads to %s", a.location())
		}
	}
	v.wants(v.get("/tasks"), 200, "Nora")
	v.wants(v.get(path), http.StatusSeeOther)
	v.wants(v.get("/i"), 200, "This link was used")
}

func TestAnEndedLinkSaysTheSameWhateverEndedIt(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	ends := map[string]func(core.Person) error{
		"blocked": func(q core.Person) error {
			_, err := p.core.BlockPerson(t.Context(), p.actor(p.owner), q.ID)
			return err
		},
		"withdrawn": func(q core.Person) error { return p.core.Invite(t.Context(), p.actor(p.owner), q.ID, true) },
	}
	var first string
	for name, end := range ends {
		b.wants(b.post("/people", "kind", "user", "name", name, "address", name+"@nordbau.example", "role", "employee", "locale", "bg"), http.StatusSeeOther)
		person, err := p.core.PersonByAddress(t.Context(), p.account.ID, name+"@nordbau.example")
		if err != nil {
			t.Fatal(err)
		}
		path := p.letter(person.ID)
		if err := end(person); err != nil {
			t.Fatal(err)
		}
		a := p.visitor().get(path)
		if a.status != http.StatusGone {
			t.Errorf("%s: status %d", name, a.status)
		}
		if first == "" {
			first = a.body
		}
		if a.body != first || strings.Contains(a.body, name) {
			t.Errorf("%s: the page tells what ended the link", name)
		}
	}
	v := p.visitor()
	v.wants(v.get("/i/"+strings.Repeat("A", 43)), http.StatusNotFound, "not known")
}

func TestX12ForgottenPasswordAnswersTheSameForKnownAndUnknown(t *testing.T) {
	p := newPlace(t)
	v := p.visitor()
	v.wants(v.get("/signin"), 200, `href="/forgot"`)
	var bodies []string
	var times []time.Duration
	for _, login := range []string{p.owner.Address().Mailbox(), "nobody@nowhere.example"} {
		start := time.Now()
		a := v.post("/forgot", "login", login)
		times = append(times, time.Since(start))
		v.wants(a, 200, "If this address is known here")
		bodies = append(bodies, a.body)
	}
	if bodies[0] != bodies[1] {
		t.Error("the answers differ")
	}
	if least := p.site.cfg.AnswerAfter; times[0] < least || times[1] < least {
		t.Errorf("answered after %v and %v", times[0], times[1])
	}
	in := p.as(p.owner)
	path := p.letter(p.owner.ID)
	v.wants(v.get(path), http.StatusSeeOther)
	page := v.get("/p")
	v.wants(page, 200, "Set a new password")
	nonce := p.aged(page.body, v.jar["planpost-reset"], time.Minute)
	for range 2 {
		a := v.post("/p", "nonce", nonce, "newpassword", "seven grey herons wade")
		v.wants(a, http.StatusSeeOther)
		if a.location() != "/signin?done=reset" {
			t.Errorf("leads to %s", a.location())
		}
	}
	in.wants(in.get("/tasks"), http.StatusSeeOther) // every session has ended
	v.wants(v.post("/signin", "login", p.owner.Address().Mailbox(), "password", password), http.StatusUnauthorized)
	v.wants(v.post("/signin", "login", p.owner.Address().Mailbox(), "password", "seven grey herons wade"), http.StatusSeeOther)
}

func TestX8AdvancedAccessIsTheLastLineOfItsBlockForWhoMayGrant(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	url := "/people/" + string(s.client.ID)
	b.wants(b.post(url+"/guest"), http.StatusSeeOther)
	s.letter(s.client.ID)
	b.wants(b.get(url), 200, "Settings and guest access", "Advanced access</label></p></fieldset>")
	b.wants(b.post(url+"/guest", "advanced", "1"), http.StatusSeeOther)
	b.wants(b.post(url+"/guest", "advanced", "1"), http.StatusSeeOther)
	b.wants(b.get(url), 200, "Pending", "about to be mailed")
	first := s.letter(s.client.ID)
	if first == "" {
		t.Fatal("no invitation")
	}
	b.wants(b.post(url+"/guest"), http.StatusSeeOther)
	if a := s.visitor().get(first); a.status != http.StatusGone {
		t.Errorf("access off, the link gives %d", a.status)
	}
	b.wants(b.post(url+"/guest", "advanced", "1"), http.StatusSeeOther)
	if again := s.letter(s.client.ID); again == "" || again == first {
		t.Errorf("on again brings %q", again)
	}
	anna := s.as(s.anna)
	anna.wants(anna.post(url+"/guest", "advanced", "1"), http.StatusForbidden)
	if a := anna.get(url); strings.Contains(a.body, "Advanced access</label>") {
		t.Error("shown to who may not grant")
	}
}

func TestLinksAnswerThreeMethodsOnlyAndHeadHasNoBody(t *testing.T) {
	p := newPlace(t)
	for _, path := range []string{"/i/" + strings.Repeat("A", 43), "/p/x", "/i", "/e/x", "/t/x", "/u/x"} {
		for _, method := range []string{"PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"} {
			req, _ := http.NewRequest(method, p.url+path, nil)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			if res.StatusCode != http.StatusMethodNotAllowed || res.Header.Get("Referrer-Policy") != "no-referrer" {
				t.Errorf("%s %s: %d", method, path, res.StatusCode)
			}
		}
	}
	if got := loggable("/i/" + strings.Repeat("A", 43)); strings.Contains(got, "AAA") {
		t.Errorf("the log would hold %s", got)
	}
	if got := loggable("/people/1"); got != "/people/1" {
		t.Errorf("another path is cut: %s", got)
	}
}
