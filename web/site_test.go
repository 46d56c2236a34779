package web

import (
	"bufio"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
)

func TestEveryRouteNamesAnActionOfTheTable(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range routes {
		name := r.method + " " + r.pattern
		if r.action == "" || r.action != open && !access.Known(r.action) {
			t.Errorf("%s names no known action: %q", name, r.action)
		}
		if r.method == "GET" && access.Known(r.action) && access.Writes(r.action) && !form(r.pattern) {
			t.Errorf("%s changes something by GET (%s)", name, r.action)
		}
		if seen[name] {
			t.Errorf("%s is there twice", name)
		}
		seen[name] = true
	}
}

// form tells that a GET only shows the form of its action, or leads to that of another site.
func form(pattern string) bool {
	if strings.HasSuffix(pattern, "/move") || strings.HasPrefix(pattern, "/templates") || pattern == "/settings/password" || pattern == "/mailboxes/agreed" || pattern == "/mailboxes/{id}/agree" || strings.HasPrefix(pattern, "/notifications") || strings.HasSuffix(pattern, "/notifications") || strings.HasSuffix(pattern, "/code") {
		return true
	}
	return strings.HasSuffix(pattern, "/new") || strings.HasSuffix(pattern, "/edit") || strings.HasSuffix(pattern, "/invite") || pattern == "/projects/{id}/settings" || strings.HasSuffix(pattern, "/deputy") || strings.HasSuffix(pattern, "/import") || strings.HasSuffix(pattern, "/work") || strings.HasSuffix(pattern, "/role") || strings.HasSuffix(pattern, "/address") || pattern == "/account/transfer" || pattern == "/register" || strings.HasPrefix(pattern, "/health") || strings.HasSuffix(pattern, "/access") || strings.HasSuffix(pattern, "/factor") || strings.HasPrefix(pattern, "/security") || pattern == "/me" || pattern == "/setup" || pattern == "/signin" || pattern == "/choose"
}

func TestWhoIsNotSignedInGetsNothingButTheDoor(t *testing.T) {
	p := newPlace(t)
	b := p.visitor()
	for _, r := range routes {
		if public[r.action] || outside(r.pattern) {
			continue
		}
		path := strings.NewReplacer("{number}", "1", "{id}", string(core.NewID()), "{name}", "x", "{$}", "", "{file}", "x").Replace(r.pattern)
		if r.method == "POST" {
			if a := b.post(path); a.status != http.StatusUnauthorized {
				t.Errorf("POST %s: %d, want 401", path, a.status)
			}
			continue
		}
		a := b.get(path)
		if path == "/events" {
			b.wants(a, http.StatusUnauthorized)
			continue
		}
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/signin") {
			t.Errorf("GET %s: %d to %q, want the sign-in", path, a.status, a.location())
		}
	}
}

func TestEveryAnswerBearsTheHeadersThatProtect(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	for _, path := range []string{"/", "/tasks", "/nowhere", "/tasks/99", "/healthz", "/static/app.js", "/static/app.css", "/signin"} {
		h := b.get(path).header
		if !strings.Contains(h.Get("Content-Security-Policy"), "default-src 'none'") || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%s: policy %q", path, h.Get("Content-Security-Policy"))
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: headers %v", path, h)
		}
	}
	a := b.get("/static/app.css?v=" + p.site.version)
	if !strings.Contains(a.header.Get("Cache-Control"), "immutable") {
		t.Error("a static file with its version is not kept by browsers")
	}
}

func TestTheFirstVisitSetsTheAccountUpWithTheCodeOfTheConsole(t *testing.T) {
	p := emptyPlace(t)
	code, err := p.core.NewSetupCode(context.Background())
	must(t, err)
	b := p.visitor()
	if a := b.get("/tasks"); a.location() != "/setup" {
		t.Fatalf("an empty host leads to %q, want /setup", a.location())
	}
	b.wants(b.get("/setup"), 200, "One-time code")
	fields := []string{"account", "Nordbau", "name", "Olga", "address", "olga@nordbau.example", "password", password, "locale", "de", "zone", "Europe/Berlin"}
	b.wants(b.post("/setup", append(fields, "code", "wrong-code-123")...), http.StatusForbidden, "The code is wrong", `value="Nordbau"`)
	b.wants(b.post("/setup", append(fields[:8:8], "code", code, "zone", "Nowhere/Land")...), http.StatusUnprocessableEntity, "Nowhere/Land")
	// A11: an address that looks like a person's is asked about once, with a better one, and taken when it is meant.
	b.wants(b.post("/setup", append(fields, "code", code)...), http.StatusConflict, "office@nordbau.example", `name="acknowledged"`)
	fields = append(fields, "acknowledged", "1")
	a := b.post("/setup", append(fields, "code", code)...)
	b.wants(a, http.StatusSeeOther)
	if a.location() != "/health/guide" {
		t.Errorf("a new host leads to %q, not to setting its mail up", a.location())
	}
	b.wants(b.get(a.location()), 200, "Mail einrichten")
	b.wants(b.get("/"), 200, "Meine Aufgaben", "Olga")
	other := p.visitor()
	other.wants(other.post("/setup", append(fields, "code", code)...), http.StatusNotFound)
	if a := other.get("/setup"); a.location() != "/signin" {
		t.Errorf("a host that is set up leads to %q", a.location())
	}
}

func TestSigningInAndOut(t *testing.T) {
	p := newPlace(t)
	b := p.visitor()
	b.wants(b.get("/signin?next=/tasks"), 200, `name="next" value="/tasks"`)
	b.wants(b.post("/signin", "login", "olga@nordbau.example", "password", "not this"), http.StatusUnauthorized, "Name or password is wrong", `value="olga@nordbau.example"`)
	a := b.post("/signin", "login", "OLGA@nordbau.example", "password", password, "next", "/tasks?mine=1")
	b.wants(a, http.StatusSeeOther)
	if a.location() != "/tasks?mine=1" {
		t.Errorf("leads to %q", a.location())
	}
	cookie := a.header.Get("Set-Cookie")
	for _, want := range []string{"planpost=", "HttpOnly", "SameSite=Lax", "Path=/"} {
		if !strings.Contains(cookie, want) {
			t.Errorf("the cookie %q has no %s", cookie, want)
		}
	}
	b.wants(b.get("/"), 200, "Olga Owner", "My tasks")
	kept := b.jar["planpost"]
	b.wants(b.post("/signout"), http.StatusSeeOther)
	b.jar["planpost"] = kept
	if a := b.get("/"); a.location() != "/signin" {
		t.Errorf("after signing out the old cookie leads to %d %q", a.status, a.location())
	}
}

func TestTooManyWrongPasswordsMustWait(t *testing.T) {
	p := newPlace(t)
	b := p.visitor()
	for range 100 {
		if a := b.post("/signin", "login", "nobody@nordbau.example", "password", "x"); a.status == http.StatusTooManyRequests {
			b.wants(a, http.StatusTooManyRequests, "Too many wrong passwords")
			return
		}
	}
	t.Error("a hundred tries and no end")
}

func TestAfterSigningInOnlyOurOwnPagesAreOpened(t *testing.T) {
	for in, want := range map[string]string{"/tasks/1#c": "/tasks/1#c", "": "/", "//evil.example": "/", "https://evil.example": "/", "/\\evil": "/", "javascript:x": "/", "/a\r\nSet-Cookie: x": "/"} {
		if got := next(in); got != want {
			t.Errorf("next(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestOverTLSTheCookieIsBoundToTheHost(t *testing.T) {
	p := newPlace(t)
	site, err := New(Config{BaseURL: "https://planpost.example"}, p.core, nil)
	must(t, err)
	r := httptest.NewRequest("POST", "https://planpost.example/signin", strings.NewReader("login=olga@nordbau.example&password="+strings.ReplaceAll(password, " ", "+")))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	site.ServeHTTP(w, r)
	cookie := w.Header().Get("Set-Cookie")
	if !strings.HasPrefix(cookie, "__Host-planpost=") || !strings.Contains(cookie, "Secure") || strings.Contains(cookie, "Domain") {
		t.Errorf("cookie %q", cookie)
	}
	if w.Header().Get("Strict-Transport-Security") == "" {
		t.Error("browsers are not told to stay on TLS")
	}
}

func TestWhoBelongsToSeveralAccountsChoosesOne(t *testing.T) {
	p := newPlace(t)
	second, owner2, err := p.core.CreateAccount(context.Background(), core.Setup{AccountName: "Südbau", Locale: "en", Zone: "UTC", Name: "Olga Elsewhere", Address: "olga@suedbau.example", Password: password})
	must(t, err)
	b := p.as(p.owner)
	first, err := p.core.Session(context.Background(), b.jar["planpost"], "127.0.0.1")
	must(t, err)
	owner2.Identity = first.Person.Identity
	p.tx(func(tx core.Tx) error { return tx.UpdatePerson(context.Background(), &owner2) })
	v := p.visitor()
	a := v.post("/signin", "login", "olga@nordbau.example", "password", password, "next", "/tasks")
	if !strings.HasPrefix(a.location(), "/choose?next=") {
		t.Fatalf("leads to %q, want the choice", a.location())
	}
	if a := v.get("/tasks"); !strings.HasPrefix(a.location(), "/choose") {
		t.Errorf("before choosing /tasks leads to %d %q", a.status, a.location())
	}
	v.wants(v.get("/choose"), 200, "Nordbau", "Südbau")
	v.wants(v.post("/choose", "person", string(core.NewID())), http.StatusNotFound)
	v.wants(v.post("/choose", "person", string(owner2.ID), "next", "/tasks"), http.StatusSeeOther)
	v.wants(v.get("/"), 200, second.Name)
}

func TestAFormOfAnotherSiteDoesNothing(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	r, err := http.NewRequest("POST", p.url+"/signout", nil)
	must(t, err)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Origin", "https://evil.example")
	b.wants(b.send(r), http.StatusForbidden, "not sent from our own page")
	b.wants(b.get("/"), 200, "Olga Owner")
}

func TestEveryKindOfErrorHasItsPage(t *testing.T) {
	p := newPlace(t)
	for kind, status := range map[core.Kind]int{core.Internal: 500, core.Invalid: 422, core.Unauthenticated: 401, core.Forbidden: 403, core.NotFound: 404, core.Conflict: 409,
		core.Expired: 410, core.TooLarge: 413, core.Limited: 429, core.Unavailable: 503} {
		w := httptest.NewRecorder()
		v := p.site.visitor(httptest.NewRequest("GET", "/x", nil))
		p.site.fail(w, v, &core.Error{Kind: kind, Code: "not_found", Err: errors.New("secret: select * from account")})
		if w.Code != status || !strings.Contains(w.Body.String(), "<h1>") {
			t.Errorf("%s: %d, want %d: %s", kind, w.Code, status, clip(w.Body.String()))
		}
		if strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: the cause is shown to a stranger", kind)
		}
	}
	if !strings.Contains(p.log.String(), "select * from account") {
		t.Error("the cause of an internal error is not in the log")
	}
}

func TestAPanicIsAnErrorPage(t *testing.T) {
	p := newPlace(t)
	h := p.site.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("oh") }))
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != 500 || !strings.Contains(w.Body.String(), "Something went wrong on our side") {
		t.Errorf("%d %s", w.Code, clip(w.Body.String()))
	}
}

func TestHealthAsksTheDatabaseAndReadinessTheDoors(t *testing.T) {
	p := newPlace(t)
	b := p.visitor()
	b.wants(b.get("/healthz"), 200, "ok")
	b.wants(b.get("/readyz"), 200, "ok")
	site, err := New(Config{Ready: func(context.Context) error { return errors.New("the door is shut") }}, p.core, nil)
	must(t, err)
	w := httptest.NewRecorder()
	site.ServeHTTP(w, httptest.NewRequest("GET", "/readyz", nil))
	if w.Code != 503 || strings.Contains(w.Body.String(), "shut") {
		t.Errorf("readyz: %d %s", w.Code, w.Body)
	}
	must(t, p.store.Close())
	b.wants(b.get("/healthz"), 503)
}

func TestWithoutTheDatabaseThePageSaysTryAgain(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	must(t, p.store.Close())
	a := b.get("/tasks")
	if a.status != 503 && a.status != 500 {
		t.Fatalf("status %d", a.status)
	}
	if strings.Contains(a.body, "sql:") {
		t.Error("the database's words are shown")
	}
}

func TestABadBaseAddressIsRefusedAtStart(t *testing.T) {
	if _, err := New(Config{BaseURL: "planpost.example"}, nil, nil); err == nil {
		t.Error("an address without a scheme is taken")
	}
}

// stream reads server-sent events.
func (b *browser) stream(ctx context.Context, path string) (<-chan string, int) {
	b.p.t.Helper()
	r, err := http.NewRequestWithContext(ctx, "GET", b.p.url+path, nil)
	must(b.p.t, err)
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := http.DefaultClient.Do(r)
	must(b.p.t, err)
	lines := make(chan string, 100)
	go func() { // ends with the response, which ends with ctx or the server
		defer close(lines)
		defer res.Body.Close()
		for s := bufio.NewScanner(res.Body); s.Scan(); {
			lines <- s.Text()
		}
	}()
	return lines, res.StatusCode
}

func waitFor(t *testing.T, lines <-chan string, want string) {
	t.Helper()
	end := time.After(5 * time.Second)
	for {
		select {
		case line, ok := <-lines:
			if !ok {
				t.Fatalf("the stream ended before %q", want)
			}
			if line == want {
				return
			}
		case <-end:
			t.Fatalf("no %q", want)
		}
	}
}

func TestAnOpenPageHearsOfAComment(t *testing.T) {
	p := newPlace(t)
	task := p.task("Windows")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	topic := "task:" + string(task.ID)
	lines, status := p.as(p.owner).stream(ctx, "/events?topic="+topic+"&topic=held")
	if status != 200 {
		t.Fatalf("status %d", status)
	}
	waitFor(t, lines, "retry: 2000")
	_, err := p.core.Comment(ctx, p.actor(p.owner), core.NewComment{Task: task.ID, Text: "hello"})
	must(t, err)
	waitFor(t, lines, "data: "+topic)
	waitFor(t, lines, ":") // the heartbeat
	p.site.Stop()
	for range lines { // ends, or the test does not
	}
}

func TestAStreamIsOnlyForWhoMayLook(t *testing.T) {
	p := newPlace(t)
	task := p.task("Secret")
	stranger := p.as(p.person("Stranger"))
	for _, topic := range []string{"task:" + string(task.ID), "task:xx", "outbox", "nothing", ""} {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		if _, status := stranger.stream(ctx, "/events?topic="+topic); status == 200 {
			t.Errorf("topic %q is open to a stranger", topic)
		}
		cancel()
	}
	if a := stranger.get("/events"); a.status != 422 {
		t.Errorf("no topic: %d", a.status)
	}
}

func TestAStreamEndsWithItsSession(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	lines, _ := b.stream(t.Context(), "/events?topic=tasks")
	waitFor(t, lines, "retry: 2000")
	must(t, p.core.SignOut(context.Background(), b.jar["planpost"]))
	for range lines { // ends, or the test does not
	}
}

func TestTheOldestStreamOfASessionGivesWay(t *testing.T) {
	p := newPlace(t)
	b, other := p.as(p.owner), p.as(p.person("Anna Berg"))
	ctx, end := context.WithTimeout(context.Background(), 30*time.Second)
	defer end()
	elsewhere, _ := other.stream(ctx, "/events?topic=tasks")
	waitFor(t, elsewhere, "retry: 2000")
	var all []<-chan string
	for range maxStreams + 1 {
		lines, status := b.stream(ctx, "/events?topic=tasks")
		if status != 200 {
			t.Fatalf("status %d", status)
		}
		waitFor(t, lines, "retry: 2000")
		all = append(all, lines)
	}
	waitFor(t, all[0], "event: enough")
	for range all[0] { // ends, or the test does not
	}
	p.core.Bus().Publish(core.TasksTopic(p.account.ID))
	for _, lines := range append(all[1:], elsewhere) {
		waitFor(t, lines, "data: tasks")
	}
	end()
	for deadline := time.Now().Add(10 * time.Second); ; runtime.Gosched() {
		p.site.streams.mu.Lock()
		n := len(p.site.streams.open)
		p.site.streams.mu.Unlock()
		if n == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d sessions still have streams after all ended", n)
		}
	}
}

func TestTheScriptsStaySmallAndOurs(t *testing.T) {
	for _, name := range []string{"app.js", "upload.js"} {
		src, err := os.ReadFile("../templates/static/" + name)
		must(t, err)
		if n := strings.Count(string(src), "\n"); n > 300 {
			t.Errorf("%s: %d lines", name, n)
		}
		for _, bad := range []string{"eval(", "innerHTML", "document.write", "http://", "https://"} {
			if strings.Contains(string(src), bad) {
				t.Errorf("%s has %s", name, bad)
			}
		}
	}
}

func TestTheMenuShowsWhereAPageBelongs(t *testing.T) {
	for path, want := range map[string]string{"/": "/", "/tasks/1": "/tasks", "/templates/new": "/tasks", "/contacts/x/edit": "/people", "/companies": "/people", "/visits/x": "/calendar",
		"/security/ip": "/settings", "/account/transfer": "/settings", "/why": "/log", "/peoples": ""} {
		for _, url := range []string{"/", "/tasks", "/people", "/calendar", "/settings", "/log"} {
			if current(path, url) != (url == want) {
				t.Errorf("%s under %s: %v", path, url, current(path, url))
			}
		}
	}
}
