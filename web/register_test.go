package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// registered is the path of the link that was mailed to an address whose account waits.
func (p *place) registered(address string) string {
	p.t.Helper()
	var who core.Person
	p.tx(func(tx core.Tx) (err error) {
		var ok bool
		if who, ok, err = tx.FindUnconfirmed(p.t.Context(), address); err == nil && !ok {
			p.t.Fatalf("no account waits for %s", address)
		}
		return err
	})
	return p.letter(who.ID)
}

// Registered and signed in with one login in two accounts, by hand as a person would.
func TestA1A13RegisteringASecondAccountAndSwitchingBetweenTheTwo(t *testing.T) {
	p := newPlace(t)
	p.task("Words of Nordbau only")
	v := p.visitor()
	v.wants(v.get("/signin"), 200, `href="/register"`)
	v.wants(v.get("/register"), 200, `name="address"`)
	v.wants(v.post("/register", "address", "nobody"), http.StatusUnprocessableEntity, `value="nobody"`)
	v.wants(v.post("/register", "address", "olga@nordbau.example"), 200, "on its way")
	stranger := p.visitor()
	stranger.wants(stranger.post("/register", "address", "stranger@example.net"), 200, "on its way") // the same for whoever it is
	v.wants(v.get(p.registered("olga@nordbau.example")), http.StatusSeeOther)
	page := v.wants(v.get("/i"), 200, `name="account"`, `name="zone"`, "become its owner")
	for range 5 { // looking makes nothing
		v.get("/i")
	}
	if _, err := p.core.PersonByAddress(t.Context(), p.account.ID, "stranger@example.net"); core.KindOf(err) != core.NotFound {
		t.Errorf("the stranger is in the account: %v", err)
	}
	nonce := p.aged(page.body, v.jar["planpost-activation"], time.Minute)
	v.wants(v.post("/i", "nonce", nonce, "account", "", "name", "Olga", "zone", "Europe/Berlin", "newpassword", password), http.StatusUnprocessableEntity, `value="Olga"`)
	v.wants(v.post("/i", "nonce", nonce, "account", "Südbau", "name", "Olga", "zone", "Europe/Berlin", "newpassword", "not the password"), http.StatusUnprocessableEntity, `value="Südbau"`)
	v.wants(v.post("/i", "nonce", nonce, "account", "Südbau", "name", "Olga", "zone", "Europe/Berlin", "newpassword", password), http.StatusSeeOther)
	v.wants(v.get("/"), 200, "Südbau", `href="/choose"`)
	if a := v.get("/tasks"); strings.Contains(a.body, "Words of Nordbau only") {
		t.Error("one account shows the other's task")
	}
	// A new sign-in asks which, and goes over at a word.
	b := p.visitor()
	a := b.wants(b.post("/signin", "login", "olga@nordbau.example", "password", password, "next", "/tasks"), http.StatusSeeOther)
	if !strings.HasPrefix(a.location(), "/choose") {
		t.Fatalf("leads to %s", a.location())
	}
	b.wants(b.get("/choose"), 200, "Nordbau", "Südbau")
	b.wants(b.post("/choose", "person", string(p.owner.ID), "next", "/tasks"), http.StatusSeeOther)
	b.wants(b.get("/tasks"), 200, "Words of Nordbau only")
	// What ends her in the one account leaves her in the other.
	other := p.otherOf(p.owner)
	b.wants(b.post("/choose", "person", string(other.ID)), http.StatusSeeOther)
	b.wants(b.get("/tasks"), 200, "Südbau")
	b.wants(b.get("/people/"+string(p.owner.ID)), http.StatusNotFound)
}

// otherOf is the same login in another account.
func (p *place) otherOf(who core.Person) (other core.Person) {
	p.t.Helper()
	p.tx(func(tx core.Tx) error {
		me, err := tx.FindPerson(p.t.Context(), who.Account, who.ID)
		if err != nil {
			return err
		}
		people, err := tx.PeopleOfIdentity(p.t.Context(), me.Identity)
		for _, q := range people {
			if q.Account != who.Account {
				other = q
			}
		}
		return err
	})
	return other
}

func TestA1NobodyRegistersOnAHostThatIsNotSetUp(t *testing.T) {
	p := emptyPlace(t)
	b := p.visitor()
	if a := b.get("/register"); a.location() != "/setup" {
		t.Errorf("an empty host leads to %q", a.location())
	}
	b.wants(b.post("/register", "address", "first@example.net"), http.StatusNotFound)
}
