package web

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// profile is how somebody, or some program, comes to a download link.
type profile struct {
	name, agent string
	language    bool
	// head asks by HEAD first; keeps brings cookies back; waits lets a look pass between page and file.
	head, keeps, waits bool
	// files is how many it takes; ticks sends the form of the receipt.
	files int
	ticks bool
}

const windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0.0.0 Safari/537.36"

var filePath = regexp.MustCompile(`/d/f/[A-Za-z0-9_-]+/[^"]+`)

// replay opens the link as the profile does.
func (d *depot) replay(path string, p profile) {
	d.t.Helper()
	v := d.visitor()
	v.header = http.Header{"User-Agent": {p.agent}}
	if p.language {
		v.header.Set("Accept-Language", "de-AT,de;q=0.8")
	}
	if p.head {
		r, err := http.NewRequest(http.MethodHead, d.url+path, nil)
		must(d.t, err)
		v.send(r)
	}
	shown := v.wants(v.get(path), 200)
	l, err := d.core.VisitLink(d.t.Context(), core.DownloadLink, strings.TrimPrefix(path, "/d/"), "127.0.0.1")
	must(d.t, err)
	aged := d.site.nonceAt(l.Pass, d.core.Now().Add(-3*time.Second))
	switch {
	case !p.keeps:
		v.jar = map[string]string{}
	case p.waits:
		v.jar["planpost-download"] = aged
	}
	tickets := filePath.FindAllString(shown.body, -1)
	for i := range p.files {
		v.wants(v.get(tickets[i%len(tickets)]), 200)
	}
	if p.ticks {
		version := regexp.MustCompile(`name="version" value="([^"]+)"`).FindStringSubmatch(shown.body)
		v.post(path, "nonce", aged, "version", version[1])
	}
}

// Idea 13, through the pages: six sorts of programs open a link and take files, some send the form
// too. None is counted as a person, none makes somebody a holder, and none confirms a receipt.
func TestIdea13ProgramsThatFetchAreNoPersons(t *testing.T) {
	t.Parallel()
	d := newDepot(t, storetest.SQLite(t), 4, sized(5000))
	b := d.as(d.owner)
	for i, p := range []profile{
		{name: "all of it at once, without a language", agent: windows, files: 4, ticks: true},
		{name: "HEAD first, then as a browser", agent: windows, language: true, head: true, keeps: true, waits: true, files: 1, ticks: true},
		{name: "a crawler by its name", agent: "BarracudaCentral/1.0 (link scan)", language: true, keeps: true, waits: true, files: 1, ticks: true},
		{name: "a headless browser that waits", agent: strings.Replace(windows, "Chrome/", "HeadlessChrome/", 1), language: true, keeps: true, waits: true, files: 1, ticks: true},
		{name: "a browser's name that keeps nothing", agent: windows, language: true, files: 4},
		{name: "one that clicks at once", agent: windows, language: true, keeps: true, files: 1},
	} {
		to := fmt.Sprintf("robot%d@shop.example", i)
		page := d.sendPlans(b, to)
		path, _ := d.linkTo(to)
		d.replay(path, p)
		id := core.ID(strings.TrimPrefix(page, "/sendings/"))
		d.tx(func(tx core.Tx) error {
			list, err := tx.ListFetches(t.Context(), d.account.ID, core.FetchFilter{Transmittal: id, Limit: 20})
			if len(list) != p.files {
				t.Errorf("%s: %d downloads are written down", p.name, len(list))
			}
			for _, f := range list {
				if f.Class == string(core.VisitPerson) {
					t.Errorf("%s: counted as a person", p.name)
				}
			}
			return err
		})
		b.wants(b.get(page), 200, "not opened yet")
	}
	b.wants(b.get(planURL(d.plans[0].ID)+"/holders"), 200, "Downloads", "Probably a program", "Not known", "Nobody holds this plan yet")
	holders, err := d.core.PlanHolders(t.Context(), d.actor(d.owner), d.plans[0].ID)
	must(t, err)
	if len(holders.Rows) != 0 {
		t.Errorf("programs hold plans: %+v", holders.Rows)
	}
}

// Idea 13, through the pages: people of six sorts who look before they click are counted, and their receipts too.
func TestIdea13PeopleWhoFetchAreCounted(t *testing.T) {
	t.Parallel()
	d := newDepot(t, storetest.SQLite(t), 2, sized(5000))
	b := d.as(d.owner)
	for i, agent := range []string{
		windows, windows + " Edg/131.0.0.0",
		"Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/131.0.0.0 Mobile Safari/537.36",
		windows + " OPR/117.0.0.0",
	} {
		to := fmt.Sprintf("person-%d@shop.example", i)
		page := d.sendPlans(b, to)
		path, _ := d.linkTo(to)
		d.replay(path, profile{agent: agent, language: true, keeps: true, waits: true, files: 1, ticks: true})
		b.wants(b.get(page), 200, "1 receipt confirmed")
	}
	holders, err := d.core.PlanHolders(t.Context(), d.actor(d.owner), d.plans[0].ID)
	must(t, err)
	if len(holders.Rows) != 6 {
		t.Errorf("%d of 6 people hold the plan", len(holders.Rows))
	}
}

// Idea 5: machines that open a request fifty times and send its forms with first, last and random
// choices, and with any words, decide nothing; nor do they confirm what was sent.
func TestIdea5MachinesDecideNoApproval(t *testing.T) {
	t.Parallel()
	d := newDepot(t, storetest.SQLite(t), 1, sized(500))
	d.sendPlans(d.as(d.owner), "print@shop.example")
	sent, _ := d.linkTo("print@shop.example")
	klara := d.person("Klara", contact(core.BasicAccess, ""))
	d.tx(func(tx core.Tx) error {
		return tx.SetParticipant(t.Context(), &core.Participant{Account: d.account.ID, Project: d.project.ID, Person: klara.ID, Approves: true})
	})
	asked := d.asks(klara)
	random := rand.New(rand.NewPCG(3, 4))
	rules := []func(int) int{func(int) int { return 0 }, func(n int) int { return n - 1 }, random.IntN}
	forms := 0
	for i := range 50 {
		for _, path := range []string{asked, sent} {
			d.later.Add(int64(10 * time.Minute))
			sc := &scanner{browser: d.visitor(), choose: rules[i%len(rules)], words: fmt.Sprintf("B-%02d", random.IntN(100)+100)}
			for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodGet} {
				sc.visit(method, path)
			}
			forms += sc.sent
		}
	}
	if forms < 55 { // that of what was sent each time; that of the request until its code was typed wrong too often
		t.Errorf("only %d forms were sent: does the scanner still find them?", forms)
	}
	page, err := d.core.PlanPage(t.Context(), d.actor(d.owner), d.plans[0].ID)
	must(t, err)
	if v := page.Versions[0]; v.State != core.InReview || v.Asked.State != core.ApprovalWaiting || v.Asked.Approvers[0].State != core.ApprovalWaiting {
		t.Errorf("the index is %s, the request %+v", v.State, v.Asked)
	}
	holders, err := d.core.PlanHolders(t.Context(), d.actor(d.owner), d.plans[0].ID)
	must(t, err)
	if len(holders.Rows) != 0 {
		t.Error("a machine confirmed a receipt")
	}
}

// asks brings index B of the first plan, which somebody is asked to approve, and gives the path of the mailed link.
func (d *depot) asks(who core.Person) (path string) {
	d.t.Helper()
	u := d.upload(d.project.ID, d.owner.ID)
	yes := true
	n := core.NewVersion{Index: "B", Author: d.owner.ID, Files: []core.NewPlanFile{{Upload: u.ID}}, Approval: &yes}
	n.Approvers = []core.ID{who.ID}
	_, _, err := d.core.AddVersion(d.t.Context(), d.actor(d.owner), d.plans[0].ID, n)
	must(d.t, err)
	d.mails(func(l *core.Letter) {
		if l.Delivery.Kind == core.ApprovalLetter {
			path = l.LinkURL[strings.Index(l.LinkURL, "/a/"):]
		}
	})
	if path == "" {
		d.t.Fatal("nobody was asked")
	}
	return path
}

// links.md, 4: the page of an ended link is one, whatever kind it was and whatever ended it.
func TestAnEndedLinkToPlansSaysTheSameWhateverEndedIt(t *testing.T) {
	t.Parallel()
	d := newDepot(t, storetest.SQLite(t), 1, sized(500))
	b := d.as(d.owner)
	bodies := map[string]string{}
	shows := func(what, path string) {
		t.Helper()
		v := d.visitor()
		a := v.get(path)
		if a.status != http.StatusGone {
			t.Errorf("%s: status %d", what, a.status)
		}
		bodies[what] = a.body
	}
	page := d.sendPlans(b, "print@shop.example")
	path, _ := d.linkTo("print@shop.example")
	b.wants(b.post(page+"/recall"), http.StatusSeeOther)
	shows("recalled", path)
	d.sendPlans(b, "print@shop.example")
	path, letter := d.linkTo("print@shop.example")
	b.wants(b.post("/links/"+string(letter.Link.ID)+"/revoke"), http.StatusSeeOther)
	shows("ended by hand", path)
	d.sendPlans(b, "print@shop.example")
	path, letter = d.linkTo("print@shop.example")
	ticket := filePath.FindString(d.visitor().get(path).body)
	_, err := d.core.BlockParticipant(t.Context(), d.actor(d.owner), d.project.ID, letter.Person.ID)
	must(t, err)
	shows("blocked", path)
	shows("the file of the blocked", ticket)
	klara := d.person("Klara", contact(core.BasicAccess, ""))
	d.tx(func(tx core.Tx) error {
		return tx.SetParticipant(t.Context(), &core.Participant{Account: d.account.ID, Project: d.project.ID, Person: klara.ID, Approves: true})
	})
	asked := d.asks(klara)
	_, err = d.core.BlockPerson(t.Context(), d.actor(d.owner), klara.ID)
	must(t, err)
	shows("an approval of the blocked", asked)
	for what, body := range bodies {
		if body != bodies["blocked"] {
			t.Errorf("%s: the page is another\n%s\n%s", what, body, bodies["blocked"])
		}
	}
	for _, secret := range []string{"A-001", "Stairs", "School", "Klara"} {
		if strings.Contains(bodies["blocked"], secret) {
			t.Errorf("the page names %s", secret)
		}
	}
}

// Issue of links.md, 1: a token that is forged, cut, of another kind or written in other letters leads nowhere, and
// the page says the same each time as for one that never was.
func TestAForgedTokenOfPlansLeadsNowhereAndTellsNothing(t *testing.T) {
	t.Parallel()
	d := newDepot(t, storetest.SQLite(t), 1, sized(500))
	d.sendPlans(d.as(d.owner), "print@shop.example")
	sent, _ := d.linkTo("print@shop.example")
	klara := d.person("Klara", contact(core.BasicAccess, ""))
	d.tx(func(tx core.Tx) error {
		return tx.SetParticipant(t.Context(), &core.Participant{Account: d.account.ID, Project: d.project.ID, Person: klara.ID, Approves: true})
	})
	asked := d.asks(klara)
	swapped := func(s string) string {
		return strings.Map(func(r rune) rune {
			switch {
			case 'a' <= r && r <= 'z':
				return r - 'a' + 'A'
			case 'A' <= r && r <= 'Z':
				return r - 'A' + 'a'
			}
			return r
		}, s)
	}
	for kind, path := range map[string]string{"/d/": sent, "/a/": asked} {
		token := strings.TrimPrefix(path, kind)
		other := map[string]string{"/d/": "/a/", "/a/": "/d/"}[kind]
		never := d.visitor().get(kind + strings.Repeat("A", 43))
		if never.status != http.StatusNotFound {
			t.Errorf("%s: a token that never was: %d", kind, never.status)
		}
		for what, forged := range map[string]string{
			"cut": kind + token[:42], "longer": kind + token + "A", "another end": kind + token[:42] + otherThan(token[42:]), "another row": kind + otherThan(token[:1]) + token[1:],
			"of another kind": other + token, "in other letters": kind + swapped(token),
		} {
			if a := d.visitor().get(forged); a.status != http.StatusNotFound || a.body != never.body {
				t.Errorf("%s %s: status %d", kind, what, a.status)
			}
		}
		d.visitor().wants(d.visitor().get(path), map[string]int{"/d/": 200, "/a/": http.StatusSeeOther}[kind])
	}
}
