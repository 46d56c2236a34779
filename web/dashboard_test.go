package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

var ticketField = `name="ticket" value="`

// doorOf asks for a code as a person does, and gives the fields of the page that takes it.
func (p *place) doorOf(b *browser, address string) (fields []string, page answer) {
	p.t.Helper()
	b.wants(b.get("/c"), 200, `name="address"`, `autocomplete="email"`)
	page = b.post("/c/code", "address", address, "nonce", p.site.nonceAt("/c", p.core.Now().Add(-time.Minute)))
	b.wants(page, 200, `autocomplete="one-time-code"`, `inputmode="numeric"`)
	_, rest, ok := strings.Cut(page.body, ticketField)
	if !ok {
		p.t.Fatalf("no ticket: %s", clip(page.body))
	}
	ticket, _, _ := strings.Cut(rest, `"`)
	return []string{"address", address, "ticket", ticket, "nonce", p.site.nonceAt(ticket, p.core.Now().Add(-time.Minute))}, page
}

// dashboardOf opens a person's dashboard by a code, in a browser of its own.
func (p *place) dashboardOf(who core.Person) (*browser, answer) {
	p.t.Helper()
	p.later.Add(int64(time.Hour)) // the limits are another test's
	b := p.visitor()
	fields, _ := p.doorOf(b, who.Address().Mailbox())
	b.wants(b.post("/c/enter", append(fields, "code", p.code(who.ID))...), http.StatusSeeOther)
	return b, b.get("/c")
}

func TestX2TheDashboardIsOpenedByACodeAndThereIsNothingBeyondIt(t *testing.T) {
	s := newScene(t)
	klara := s.person("Klara Client", contact(core.BasicAccess, s.firm.ID), func(q *core.Person) { q.Locale = "de" })
	hers := s.place.task("Fenster im Erdgeschoss", with(klara, core.Participate), with(s.anna, core.Assignee))
	done := s.place.task("Türen", with(klara, core.Participate), func(t *core.Task) { t.Status = core.TaskDone })
	other := s.place.task("Not hers", with(s.client, core.Participate))
	_, err := s.core.Comment(t.Context(), s.actor(s.owner), core.NewComment{Task: hers.ID, Text: "Guten Tag", Tell: []core.ID{klara.ID}})
	must(t, err)
	b, page := s.dashboardOf(klara)
	b.wants(page, 200, `lang="de"`, "Ihre Unterhaltungen", "Fenster im Erdgeschoss", "Nordbau", "/c/new", "/c/signout")
	for _, not := range []string{"Not hers", "Türen", `href="/tasks`, `href="/me"`, `action="/search"`, "data-live"} {
		if strings.Contains(page.body, not) {
			t.Errorf("the dashboard has %q", not)
		}
	}
	b.wants(b.get("/c?closed=1"), 200, "Türen")
	at := "/c" + strings.TrimPrefix(taskURL(hers.Number), "/tasks")
	b.wants(b.get(at), 200, "Guten Tag", "Anna", `type="file"`)
	b.wants(b.upload(at+"/comments", "plan.txt", []byte("a plan"), "text", "Anbei der Plan."), http.StatusSeeOther)
	page = b.wants(b.get(at), 200, "Anbei der Plan.", "plan.txt")
	i := strings.Index(page.body, "/c/attachments/")
	if i < 0 {
		t.Fatal("the file has no address")
	}
	file, _, _ := strings.Cut(page.body[i:], `"`)
	b.wants(b.get(file), 200, "a plan")
	a := b.wants(b.post("/c/new", "title", "Neue Frage", "description", "Wann kommt das Glas?"), http.StatusSeeOther)
	b.wants(b.get(strings.TrimSuffix(a.location(), "?done=task")), 200, "Neue Frage", "Wann kommt das Glas?")
	b.wants(b.post("/c/new", "title", " ", "description", "bleibt stehen"), http.StatusUnprocessableEntity, "bleibt stehen")
	// Nothing else: not the tasks of others, and no page of those who sign in.
	for _, path := range []string{"/c" + strings.TrimPrefix(taskURL(other.Number), "/tasks"), "/c/0", "/c/999", "/c/x"} {
		b.wants(b.get(path), http.StatusNotFound)
	}
	b.wants(b.post("/c"+strings.TrimPrefix(taskURL(other.Number), "/tasks")+"/comments", "text", "hello"), http.StatusNotFound)
	for _, path := range []string{"/", "/tasks", taskURL(hers.Number), "/me", "/projects", "/search?q=x", "/people"} {
		if a := b.get(path); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/signin") {
			t.Errorf("%s: %d to %s", path, a.status, a.location())
		}
	}
	_ = done
	kept := b.jar["planpost-c"]
	b.wants(b.post("/c/signout"), http.StatusSeeOther)
	b.jar["planpost-c"] = kept
	b.wants(b.get("/c"), 200, `name="address"`)
	b.wants(b.get(at), http.StatusSeeOther)
	b.wants(b.post(at+"/comments", "text", "late"), http.StatusUnauthorized)
}

func TestTheDoorOfTheDashboardTellsNobodyWhoIsKnown(t *testing.T) {
	p := newPlace(t)
	basic := p.person("Klara", contact(core.BasicAccess, ""))
	advanced, address := p.person("Ada", contact(core.AdvancedAccess, "")), p.person("Emil", contact(core.NoAccess, ""))
	var first string
	for _, who := range []string{basic.Address().Mailbox(), advanced.Address().Mailbox(), address.Address().Mailbox(), p.owner.Address().Mailbox(), "nobody@nowhere.example"} {
		b := p.visitor()
		start := time.Now()
		fields, page := p.doorOf(b, who)
		if time.Since(start) < p.site.cfg.AnswerAfter {
			t.Errorf("%s: answered after %v", who, time.Since(start))
		}
		said := page.body
		for range 5 {
			a := b.wants(b.post("/c/enter", append(slices.Clone(fields), "code", "11111111")...), http.StatusUnprocessableEntity)
			said += a.body
		}
		a := b.wants(b.post("/c/enter", append(slices.Clone(fields), "code", "11111111")...), http.StatusTooManyRequests)
		said += a.body
		for i := 1; i < len(fields); i += 2 {
			said = strings.ReplaceAll(said, fields[i], "…")
		}
		said = nonceField.ReplaceAllString(said, "")
		if first == "" {
			first = said
		}
		if said != first {
			t.Errorf("%s is told apart", who)
		}
		p.later.Add(int64(time.Hour))
	}
	codes := map[core.ID]int{}
	p.mails(func(l *core.Letter) {
		if l.Code != "" {
			codes[l.Person.ID]++
		}
	})
	if len(codes) != 0 && (len(codes) != 1 || codes[basic.ID] != 1) {
		t.Errorf("codes went to %v", codes)
	}
	b := p.visitor()
	fields, _ := p.doorOf(b, basic.Address().Mailbox())
	code := p.code(basic.ID)
	if code == "" {
		t.Fatal("no code for who has a dashboard")
	}
	stranger := p.visitor() // who reads the code elsewhere does not have the ticket
	theirs, _ := p.doorOf(stranger, basic.Address().Mailbox())
	stranger.wants(stranger.post("/c/enter", append(theirs, "code", code)...), http.StatusUnprocessableEntity)
	b.wants(b.post("/c/enter", append(fields, "code", code[:4]+" "+code[4:])...), http.StatusSeeOther)
	again := p.visitor()
	again.wants(again.post("/c/enter", append(fields, "code", code)...), http.StatusUnprocessableEntity) // once
}

func TestADashboardEndsWithTheAccessAndDoesNotRevive(t *testing.T) {
	for name, change := range map[string]struct {
		end, back func(p *place, who core.Person) error
	}{
		"blocked": {func(p *place, who core.Person) error {
			_, err := p.core.BlockPerson(context.Background(), p.actor(p.owner), who.ID)
			return err
		}, func(p *place, who core.Person) error {
			return p.core.UnblockPerson(context.Background(), p.actor(p.owner), who.ID)
		}},
		"access taken away": {func(p *place, who core.Person) error {
			return p.core.SetAccess(context.Background(), p.actor(p.owner), who.ID, core.NoAccess)
		},
			func(p *place, who core.Person) error {
				return p.core.SetAccess(context.Background(), p.actor(p.owner), who.ID, core.BasicAccess)
			}},
		"access raised": {func(p *place, who core.Person) error {
			return p.core.SetAccess(context.Background(), p.actor(p.owner), who.ID, core.AdvancedAccess)
		},
			func(p *place, who core.Person) error {
				return p.core.SetAccess(context.Background(), p.actor(p.owner), who.ID, core.BasicAccess)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t)
			who := p.person("Klara", contact(core.BasicAccess, ""))
			b, page := p.dashboardOf(who)
			b.wants(page, 200, "/c/signout")
			must(t, change.end(p, who))
			b.wants(b.get("/c"), 200, `name="address"`)
			must(t, change.back(p, who))
			b.wants(b.get("/c"), 200, `name="address"`)
		})
	}
}

// One mailbox, two houses: each has its own code, dashboard and tasks.
func TestA13ADashboardIsOfOneAccount(t *testing.T) {
	p := newPlace(t)
	q := p.neighbour("Südbau", "Otto")
	mine := p.person("Klara", contact(core.BasicAccess, ""))
	theirs := q.person("Klara", contact(core.BasicAccess, ""), func(c *core.Person) {
		c.Addresses[0].Given, c.Addresses[0].Norm = mine.Addresses[0].Given, mine.Addresses[0].Norm
	})
	here, there := p.task("Windows here", with(mine, core.Participate)), q.task("Doors there", with(theirs, core.Participate))
	for range 3 { // so that no number of one is one of the other
		there = q.task("Doors there", with(theirs, core.Participate))
	}
	b := p.visitor()
	fields, _ := p.doorOf(b, mine.Address().Mailbox())
	codes := map[core.ID]string{}
	p.mails(func(l *core.Letter) {
		if l.Code != "" {
			codes[l.Person.ID] = l.Code
		}
	})
	if len(codes) != 2 || codes[mine.ID] == codes[theirs.ID] {
		t.Fatalf("codes: %v", codes)
	}
	b.wants(b.post("/c/enter", append(fields, "code", codes[theirs.ID])...), http.StatusSeeOther)
	page := b.wants(b.get("/c"), 200, "Südbau", "Doors there")
	if strings.Contains(page.body, "Windows here") {
		t.Error("the dashboard shows the other account's task")
	}
	b.wants(b.get("/c"+strings.TrimPrefix(taskURL(there.Number), "/tasks")), 200, "Doors there")
	if here.Number != there.Number {
		a := b.get("/c" + strings.TrimPrefix(taskURL(here.Number), "/tasks"))
		if strings.Contains(a.body, "Windows here") {
			t.Error("a task of the other account is opened by its number")
		}
	}
	view, err := p.core.Comment(t.Context(), p.actor(p.owner), core.NewComment{Task: here.ID, Text: "x", Tell: []core.ID{mine.ID}, Files: []core.Upload{{Name: "a.txt", Content: strings.NewReader("a")}}})
	must(t, err)
	b.wants(b.get("/c/attachments/"+string(view.Attachments[0].ID)+"/a.txt"), http.StatusNotFound)
	b.wants(b.get("/c/previews/"+string(view.Attachments[0].ID)), http.StatusNotFound)
}

func TestMachinesAtTheDoorOfTheDashboardHaveNothingMailed(t *testing.T) {
	p := newPlace(t)
	p.person("Klara", contact(core.BasicAccess, ""))
	for i := range 30 {
		p.later.Add(int64(10 * time.Minute))
		sc := &scanner{browser: p.visitor(), choose: func(n int) int { return []int{0, n - 1}[i%2] }}
		for _, path := range []string{"/c", "/c/new", "/c/1"} {
			for _, method := range []string{http.MethodHead, http.MethodGet} {
				sc.visit(method, path)
			}
		}
		if sc.sent == 0 {
			t.Fatal("the machine found no form")
		}
	}
	p.mails(func(l *core.Letter) { t.Errorf("mailed: %+v", l) })
}

// opened makes the browser one in which who typed a code of the dashboard.
func (p *place) opened(b *browser, who core.Person) *browser {
	p.t.Helper()
	seed := sha256.Sum256([]byte(core.NewID()))
	token := hex.EncodeToString(seed[:])
	sum := sha256.Sum256([]byte(token))
	now := p.core.Now()
	p.tx(func(tx core.Tx) error {
		return tx.CreateGuestSession(context.Background(), &core.GuestSession{ID: hex.EncodeToString(sum[:]), Account: who.Account, Person: who.ID, Address: who.Addresses[0].Norm,
			CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour)})
	})
	b.jar["planpost-c"] = token
	return b
}

// guest is a contact with a dashboard who may come from everywhere.
func (w *full) guest() core.Person {
	w.t.Helper()
	who := w.person("Guest", contact(core.BasicAccess, ""))
	rule := core.IPRule{ID: core.NewID(), Account: w.account.ID, Class: core.IPLinks, Who: core.WhoPerson, Person: who.ID, Network: core.Everywhere, CreatedAt: w.core.Now()}
	w.tx(func(tx core.Tx) error { return tx.CreateIPRule(context.Background(), &rule) })
	return who
}
