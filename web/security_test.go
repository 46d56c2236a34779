package web

import (
	"context"
	"encoding/base32"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// factorCode is what an authenticator shows now (RFC 6238), made by hand here:
// the test's own reading of the standard.
func factorCode(t *testing.T, secret string, at time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	must(t, err)
	return hotp(key, uint64(at.Unix()/30))
}

var secretText = regexp.MustCompile(`<code class="secret">([A-Z2-7]+)</code>`)

func TestS1APasswordAloneReachesNothingButTheFactorsPage(t *testing.T) {
	p := newPlace(t)
	ctx := context.Background()
	must(t, p.core.SetFactorPolicy(ctx, p.actor(p.owner), core.FactorPolicy{Staff: core.FactorRequired, Outside: core.FactorOff}))
	signIn := func() *browser {
		b := p.visitor()
		b.wants(b.post("/signin", "login", "olga@nordbau.example", "password", password), http.StatusSeeOther)
		return b
	}
	b := signIn()
	outside := func(b *browser) {
		t.Helper()
		for _, r := range routes {
			if outside(r.pattern) || public[r.action] || r.action == "session.second_factor.edit" || r.action == "session.sign_out" {
				continue
			}
			path := strings.NewReplacer("{number}", "1", "{id}", string(p.owner.ID), "{cut}", "1", "{name}", "x", "{$}", "").Replace(r.pattern)
			if r.method == "POST" {
				if a := b.post(path); a.status != http.StatusUnauthorized {
					t.Errorf("POST %s: %d", path, a.status)
				}
			} else if a := b.get(path); a.status != http.StatusUnauthorized && !(a.status == http.StatusSeeOther && strings.HasPrefix(a.location(), "/factor")) {
				t.Errorf("GET %s: %d to %q", path, a.status, a.location())
			}
		}
	}
	outside(b)
	// Enrolment is forced, and nothing else is shown.
	if a := b.get("/factor"); !strings.HasPrefix(a.location(), "/me/factor") {
		t.Errorf("who has no factor is led to %q", a.location())
	}
	b.wants(b.post("/me/factor/begin"), http.StatusSeeOther)
	page := b.wants(b.get("/me/factor"), http.StatusOK, `<svg class="qr"`, "otpauth://totp/", "Your account requires a second factor")
	found := secretText.FindStringSubmatch(page.body)
	if found == nil {
		t.Fatal("no secret to type")
	}
	b.wants(b.post("/me/factor", "code", "000000"), http.StatusUnprocessableEntity, "This code is wrong")
	shown := b.wants(b.post("/me/factor", "code", factorCode(t, found[1], time.Now())), http.StatusOK, "Your recovery codes")
	codes := regexp.MustCompile(`<li><code>([a-z2-9-]+)</code>`).FindAllStringSubmatch(shown.body, -1)
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes", len(codes))
	}
	b.wants(b.get("/"), http.StatusOK)
	if again := b.get("/me/factor"); strings.Contains(again.body, found[1]) || strings.Contains(again.body, codes[0][1]) {
		t.Error("the secret or a code is shown again")
	}
	// The next sign-in takes password and code.
	second := signIn()
	outside(second)
	second.wants(second.get("/factor"), http.StatusOK, `autocomplete="one-time-code"`)
	second.wants(second.post("/factor", "code", codes[0][1], "next", "/tasks"), http.StatusSeeOther)
	second.wants(second.get("/tasks"), http.StatusOK)
	third := signIn()
	third.wants(third.post("/factor", "code", codes[0][1]), http.StatusUnprocessableEntity)
	outside(third)
	second.wants(second.post("/me/factor/off", "proofpassword", password, "proofcode", codes[1][1]), http.StatusConflict, "requires the second factor")
}

func TestS2WhoComesFromElsewhereIsRefusedAtTheNextPage(t *testing.T) {
	p := newPlace(t)
	ctx := context.Background()
	b := p.as(p.person("Eve"))
	b.wants(b.get("/tasks"), http.StatusOK)
	operator := core.OperatorOf(p.account)
	rules, err := p.core.IPRules(ctx, operator)
	must(t, err)
	_, err = p.core.AddIPRule(ctx, operator, core.IPRule{Class: core.IPSessions, Who: string(core.Owner), Network: "127.0.0.1"})
	must(t, err)
	must(t, p.core.RemoveIPRule(ctx, operator, rules[0].ID))
	for _, path := range []string{"/", "/tasks", "/me", "/search?q=x"} {
		b.wants(b.get(path), http.StatusForbidden, "You cannot come in from this network.")
	}
	o := p.as(p.owner)
	o.wants(o.get("/security/ip"), http.StatusOK, "127.0.0.1/32", "Eve", "4 times")
	o.wants(o.get("/security/ip?person="+string(p.owner.ID)+"&class=sessions&ip=192.0.2.1"), http.StatusOK, "No rule lets the person in.")
	o.wants(o.get("/security/ip?person="+string(p.owner.ID)+"&class=sessions&ip=127.0.0.1"), http.StatusOK, "This rule lets the person in")
	o.wants(o.get("/security/ip?person="+string(p.owner.ID)+"&class=sessions&ip=nonsense"), http.StatusUnprocessableEntity, "is no address")
	// S3: the rule that lets the editor in stays.
	mine, err := p.core.IPRules(ctx, operator)
	must(t, err)
	o.wants(o.post("/security/ip/"+string(mine[0].ID)+"/remove"), http.StatusConflict, "shut yourself out")
	o.wants(o.post("/security/ip", "class", "sessions", "who", "employee", "network", "127.0.0.0/8", "day", "1", "day", "2", "from", "08:00", "until", "07:59"), http.StatusSeeOther)
	o.wants(o.post("/security/ip", "class", "sessions", "who", "person", "network", "10.0.0.1"), http.StatusUnprocessableEntity, "Choose a person")
}

func TestS6LookingAsAnotherShowsExactlyThatAndChangesNothing(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve Employee")
	p.task("For Eve", with(eve, core.Assignee))
	p.task("Not for Eve")
	b, e := p.as(p.owner), p.as(eve)
	b.wants(b.get("/people/"+string(eve.ID)+"/access"), http.StatusOK, "See Planpost as Eve Employee")
	b.wants(b.post("/people/"+string(eve.ID)+"/view"), http.StatusSeeOther)
	for _, path := range []string{"/", "/tasks", "/projects", "/people"} {
		seen := b.wants(b.get(path), http.StatusOK, "Olga Owner, you see Planpost as Eve Employee.", "30 minutes are left.", `action="/viewing/end"`)
		if got, want := listsOf(seen.body), listsOf(strings.ReplaceAll(e.wants(e.get(path), http.StatusOK).body, "\u00a0", " ")); got != want {
			t.Errorf("%s shows other lists than Eve's:\n%s\n%s", path, got, want)
		}
	}
	if tasks := b.get("/tasks").body; !strings.Contains(tasks, "For Eve") || strings.Contains(tasks, "Not for Eve") {
		t.Error("the owner's own tasks are shown")
	}
	b.wants(b.get("/log"), http.StatusForbidden) // the owner's, not Eve's
	for _, r := range routes {
		if outside(r.pattern) || r.method != "POST" || public[r.action] || r.action == "session.sign_out" {
			continue
		}
		path := strings.NewReplacer("{number}", "1", "{id}", string(p.owner.ID), "{cut}", "1").Replace(r.pattern)
		if a := b.post(path, "text", "words", "title", "words", "name", "Words"); a.status != http.StatusForbidden {
			t.Errorf("POST %s: %d, want 403", path, a.status)
		}
	}
	b.wants(b.post("/viewing/end"), http.StatusSeeOther)
	b.wants(b.get("/log"), http.StatusOK, "Olga Owner began to see Planpost as Eve Employee", "Olga Owner no longer sees Planpost as Eve Employee")
	e.wants(e.get("/me"), http.StatusOK, "Who looked with your eyes", "Olga Owner", "6 pages were shown.", "/projects")
}

// listsOf are the lists of a page; what it offers to do is not among them,
// because who looks may do nothing.
func listsOf(body string) string {
	return strings.Join(regexp.MustCompile(`(?s)<(?:ul|ol) class="list.*?</(?:ul|ol)>`).FindAllString(body, -1), "\n")
}

func TestS8AnEndedSessionsStreamEndsAtOnce(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	b := p.as(eve)
	p.site.cfg.Heartbeat = time.Hour // so that only the news can end it
	r, err := http.NewRequest("GET", p.url+"/events?topic=tasks", nil)
	must(t, err)
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.Do(r)
	must(t, err)
	defer res.Body.Close()
	buf := make([]byte, 64)
	_, err = res.Body.Read(buf)
	must(t, err)
	began := time.Now()
	must(t, p.core.EndSessions(context.Background(), p.actor(p.owner), eve.ID))
	for err == nil {
		_, err = res.Body.Read(buf)
	}
	if took := time.Since(began); took > 250*time.Millisecond {
		t.Errorf("the stream ended after %s", took)
	}
	b.wants(b.get("/tasks"), http.StatusSeeOther)
}

func TestS8SessionsCanBeEndedInAPage(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	here := p.as(eve)
	path := "/people/" + string(eve.ID) + "/access"
	here.wants(here.get(path), http.StatusOK, "this browser", "Nordbau")
	o := p.as(p.owner)
	o.wants(o.get(path), http.StatusOK, "End all")
	o.wants(o.post("/people/"+string(eve.ID)+"/sessions"), http.StatusSeeOther)
	here.wants(here.get("/tasks"), http.StatusSeeOther)
	if a := here.get("/tasks"); !strings.HasPrefix(a.location(), "/signin") {
		t.Errorf("led to %s", a.location())
	}
}

func TestADeviceIsNamedAsItsHolderKnowsIt(t *testing.T) {
	for agent, want := range map[string]string{
		"Mozilla/5.0 (X11; Fedora Linux; rv:140.0) Gecko/20100101 Firefox/140.0":                                              "Firefox on Linux",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1": "Safari on iPhone",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0":                   "Edge on Windows",
		"": "Unknown device", "<script>": "Unknown device",
	} {
		if got := device("en", agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}
