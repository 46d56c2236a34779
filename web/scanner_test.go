package web

import (
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"planpost/core"
)

// scanner opens links as mail filters do: it follows redirects, keeps
// cookies, and sends every form that it finds, filled in by a rule.
type scanner struct {
	*browser
	choose func(options int) int
	// words are typed into each field that asks for some; with none they stay as they are.
	words string
	sent  int
}

func (s *scanner) visit(method, path string) {
	for range 5 {
		r, err := http.NewRequest(method, s.p.url+path, nil)
		if err != nil {
			s.p.t.Fatal(err)
		}
		a := s.send(r)
		if a.location() == "" {
			if method == http.MethodGet {
				s.sendForms(a.body)
			}
			return
		}
		u, err := url.Parse(a.location())
		if err != nil || u.Host != "" && u.Scheme+"://"+u.Host != s.p.url {
			return
		}
		path = u.RequestURI()
	}
}

// sendForms sends each form of a page with what its fields offer.
func (s *scanner) sendForms(body string) {
	root, err := html.Parse(strings.NewReader(body))
	if err != nil {
		return
	}
	for form := range root.Descendants() {
		if form.Data != "form" {
			continue
		}
		var pairs []string
		action, method := attribute(form, "action"), attribute(form, "method")
		for n := range form.Descendants() {
			name := attribute(n, "name")
			switch {
			case name == "":
			case n.Data == "select":
				var options []string
				for o := range n.Descendants() {
					if o.Data == "option" {
						options = append(options, attribute(o, "value"))
					}
				}
				if len(options) > 0 {
					pairs = append(pairs, name, options[s.choose(len(options))])
				}
			case attribute(n, "type") == "checkbox" || n.Data == "button":
				if s.choose(2) == 1 {
					pairs = append(pairs, name, attribute(n, "value"))
				}
			case name == "nonce": // a patient one: it waited before it sent
				kind := map[string]string{"/i": "activation", "/i/again": "activation", "/p": "reset", "/e": "email", "/e/stop": "emailcancel"}[action]
				nonce := s.p.site.nonceAt(s.jar["planpost-"+kind], s.p.core.Now().Add(-time.Minute))
				if action == "/c/code" {
					nonce = s.p.site.nonceAt("/c", s.p.core.Now().Add(-time.Minute))
				}
				if strings.HasPrefix(action, "/u/") {
					m, err := s.p.core.MuteLink(s.p.t.Context(), action[3:], "127.0.0.1")
					must(s.p.t, err)
					nonce = s.p.site.nonceAt(m.Pass, s.p.core.Now().Add(-time.Minute))
				}
				if strings.HasPrefix(action, "/d/") {
					l, err := s.p.core.VisitLink(s.p.t.Context(), core.DownloadLink, action[3:46], "127.0.0.1")
					must(s.p.t, err)
					nonce = s.p.site.nonceAt(l.Pass, s.p.core.Now().Add(-time.Minute))
				}
				if id, ok := strings.CutPrefix(action, "/a/of/"); ok {
					nonce = s.p.site.nonceAt(s.jar["planpost-approval-"+id], s.p.core.Now().Add(-time.Minute))
				}
				if strings.HasPrefix(action, "/t/") {
					nonce = s.p.patient(action[:len("/t/")+43], time.Minute)
				}
				pairs = append(pairs, name, nonce)
			case n.Data == "input" || n.Data == "textarea":
				value := attribute(n, "value")
				if value == "" {
					value = s.words
				}
				pairs = append(pairs, name, value)
			}
		}
		if strings.EqualFold(method, "post") {
			s.sent++
			s.post(action, pairs...)
		} else {
			s.get(action)
		}
	}
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// Rules 1 to 4 of links.md, 3: a hundred machines that open every link, send
// every form and try other methods activate, reset and decide nothing.
func TestAHundredScannersUseUpNoLink(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.post("/people", "kind", "user", "name", "Nora", "address", "nora@nordbau.example", "role", "employee"), http.StatusSeeOther)
	nora, err := s.core.PersonByAddress(t.Context(), s.account.ID, "nora@nordbau.example")
	if err != nil {
		t.Fatal(err)
	}
	paths := []string{s.letter(nora.ID)}
	b.wants(b.post("/people/"+string(s.client.ID)+"/guest"), http.StatusSeeOther)
	b.wants(b.post("/people/"+string(s.client.ID)+"/guest", "advanced", "1"), http.StatusSeeOther)
	paths = append(paths, s.letter(s.client.ID))
	if err := s.core.AskReset(t.Context(), s.owner.Address().Mailbox(), "192.0.2.7"); err != nil {
		t.Fatal(err)
	}
	paths = append(paths, s.letter(s.owner.ID))
	frida := s.person("Frida", contact(core.BasicAccess, s.firm.ID))
	thread := s.conversation(s.place.task("Windows", with(frida, core.Participate)), "Hello", frida.ID)
	paths = append(paths, thread, thread+"/code")
	_, err = s.core.AskNewAddress(t.Context(), s.actor(s.now(s.owner.ID)), s.owner.ID, core.NewAddress{Address: "new@nordbau.example", Proof: core.Proof{Password: password}})
	must(t, err)
	confirm, stop := s.addressLinks()
	paths = append(paths, confirm, stop)
	hears, unsubscribe := s.unsubscribing("scanned")
	paths = append(paths, unsubscribe)
	random := rand.New(rand.NewPCG(1, 2))
	rules := []func(int) int{func(int) int { return 0 }, func(n int) int { return n - 1 }, random.IntN}
	sent := 0
	for i := range 100 {
		for _, path := range paths {
			s.later.Add(int64(10 * time.Minute))
			sc := &scanner{browser: s.visitor(), choose: rules[i%len(rules)]}
			for _, method := range []string{http.MethodHead, http.MethodOptions, http.MethodGet} {
				sc.visit(method, path)
			}
			sent += sc.sent
		}
	}
	if n := s.muted(hears); n != 0 {
		t.Errorf("%d muted by machines", n)
	}
	if sent < 300 {
		t.Errorf("only %d forms were sent: does the scanner still find them?", sent)
	}
	for name, id := range map[string]core.ID{"the invited": nora.ID, "the contact": s.client.ID} {
		var p core.Person
		s.tx(func(tx core.Tx) (err error) { p, err = tx.FindPerson(t.Context(), s.account.ID, id); return err })
		if p.Identity != "" {
			t.Errorf("%s has a sign-in", name)
		}
	}
	var links int
	s.tx(func(tx core.Tx) error {
		links = 0
		for _, l := range []core.Link{{Person: nora.ID, Kind: core.ActivationLink}, {Person: s.client.ID, Kind: core.ActivationLink}, {Person: s.owner.ID, Kind: core.ResetLink},
			{Person: s.owner.ID, Kind: core.EmailLink}, {Person: s.owner.ID, Kind: core.EmailCancelLink}} {
			list, err := tx.LinksOf(t.Context(), s.account.ID, l.Person, l.Kind)
			if err != nil {
				return err
			}
			for _, l := range list {
				if l.State(s.core.Now()) == core.LinkLive && l.Generation == 0 {
					links++
				}
			}
		}
		return nil
	})
	if links != 5 {
		t.Errorf("%d of 5 links still work", links)
	}
	s.nothingDoneBy(thread, frida)
	b.wants(b.get("/tasks"), 200) // the session and the password are what they were
	v := s.visitor()
	v.wants(v.post("/signin", "login", s.owner.Address().Mailbox(), "password", password), http.StatusSeeOther)
}
