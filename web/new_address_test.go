package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// addressLinks are the paths of the links that confirm and stop the change that was asked for last.
func (p *place) addressLinks() (confirm, stop string) {
	p.t.Helper()
	due, err := storetest.Claim(p.t.Context(), p.core, 100)
	must(p.t, err)
	for _, d := range due {
		l, err := p.core.Letter(p.t.Context(), d)
		if err != nil || l.LinkURL == "" {
			continue
		}
		u, _ := url.Parse(l.LinkURL)
		switch l.Link.Kind {
		case core.EmailLink:
			confirm = u.Path
		case core.EmailCancelLink:
			stop = u.Path
		}
	}
	if confirm == "" || stop == "" {
		p.t.Fatalf("the links are %q and %q", confirm, stop)
	}
	return confirm, stop
}

func TestOnesOwnAddressIsChangedByTheNewMailboxAndStoppedByTheOld(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.now(p.owner.ID))
	ask := func() (string, string) {
		b.wants(b.get("/me"), 200, `href="/me/address"`)
		b.wants(b.get("/me/address"), 200, "olga@nordbau.example", `name="proofpassword"`)
		b.wants(b.post("/me/address", "address", "new@nordbau.example", "proofpassword", "wrong"), http.StatusUnprocessableEntity, `value="new@nordbau.example"`)
		if a := b.post("/me/address", "address", "new@nordbau.example", "proofpassword", password); a.location() != "/me?done=addressasked" {
			t.Fatalf("leads to %q", a.location())
		}
		return p.addressLinks()
	}
	confirm, stop := ask()
	open := func(path, kind string) (*browser, string) {
		v := p.visitor()
		if a := v.wants(v.get(path), http.StatusSeeOther); a.location() != "/e" {
			t.Fatalf("the token stays in the address: %s", a.location())
		}
		page := v.wants(v.get("/e"), 200, "olga@nordbau.example", "new@nordbau.example")
		return v, p.aged(page.body, v.jar["planpost-"+kind], time.Minute)
	}
	v, nonce := open(stop, "emailcancel")
	v.wants(v.post("/e/stop", "nonce", nonce), http.StatusUnprocessableEntity, "not the address")
	for range 2 {
		v.wants(v.post("/e/stop", "nonce", nonce, "address", "olga@nordbau.example"), 200, "The change was stopped")
	}
	v.wants(v.get(confirm), http.StatusGone)
	confirm, stop = ask()
	v, nonce = open(confirm, "email")
	v.wants(v.post("/e", "password", password), http.StatusUnprocessableEntity, "open too long")
	v.wants(v.post("/e", "nonce", nonce, "password", "wrong"), http.StatusUnprocessableEntity)
	for range 2 { // the same again is the same page
		v.wants(v.post("/e", "nonce", nonce, "password", password), 200, "The address is changed")
	}
	v.wants(v.get("/e"), 200, "The address is changed")
	old := p.visitor()
	old.wants(old.get(stop), http.StatusGone)
	v.wants(v.post("/signin", "login", "olga@nordbau.example", "password", password), http.StatusUnauthorized)
	v.wants(v.post("/signin", "login", "new@nordbau.example", "password", password), http.StatusSeeOther)
}

func TestTheAddressOfStaffIsAskedForOnTheCard(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	b := p.as(p.owner)
	card := "/people/" + string(eve.ID)
	b.wants(b.get(card), 200, card+"/address")
	b.wants(b.get(card+"/address"), 200, "changed at once")
	if a := b.post(card+"/address", "address", "eve@nordbau.example"); a.location() != card+"?done=address" {
		t.Fatalf("leads to %q", a.location())
	}
	b.wants(b.get(card), 200, "eve@nordbau.example")
	_ = p.as(p.now(eve.ID)) // has a sign-in from now on
	page := b.wants(b.get(card+"/address"), 200, "confirms with the password")
	if strings.Contains(page.body, "proofpassword") {
		t.Error("a password is asked for somebody else's address")
	}
	if a := b.post(card+"/address", "address", "eve2@nordbau.example"); a.location() != card+"?done=addressasked" {
		t.Fatalf("leads to %q", a.location())
	}
	client := p.person("Client", contact(core.NoAccess, ""))
	b.wants(b.get("/people/"+string(client.ID)+"/address"), http.StatusNotFound)
	b.wants(b.post("/people/"+string(client.ID)+"/address", "address", "x@nordbau.example"), http.StatusNotFound)
	b.wants(b.post("/people/"+string(p.owner.ID)+"/address", "address", "x@nordbau.example"), http.StatusUnprocessableEntity) // one's own needs the password on this way too
}
