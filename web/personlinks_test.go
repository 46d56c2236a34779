package web

import (
	"net/http"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

func TestTheLinksOfAPersonAreSeenAndEndedOnPages(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	b.wants(b.post("/people", "kind", "user", "name", "Nora", "address", "nora@nordbau.example", "role", "employee"), http.StatusSeeOther)
	nora, err := p.core.PersonByAddress(t.Context(), p.account.ID, "nora@nordbau.example")
	must(t, err)
	path := p.letter(nora.ID)
	list := "/people/" + string(nora.ID) + "/links"
	b.wants(b.get("/people/"+string(nora.ID)), 200, list)
	b.wants(b.get(list), 200, templates.T("en", "linkkind.activation"), templates.T("en", "links.unseen"), templates.T("en", "links.end"))
	links, err := p.core.LinksOfPerson(t.Context(), p.actor(p.owner), nora.ID)
	must(t, err)
	one := "/links/" + string(links.Links[0].Link.ID)
	b.wants(b.get(one), 200, templates.T("en", "links.visits.none"), "Nora")

	scanner := p.visitor()
	r, err := http.NewRequest(http.MethodHead, p.url+path, nil)
	must(t, err)
	scanner.send(r)
	b.wants(b.get(one), 200, templates.T("en", "links.visits.none")) // HEAD is never a visit
	v := p.visitor()
	v.wants(v.get(path), http.StatusSeeOther)
	b.wants(b.get(one), 200, templates.T("en", "visitclass.scanner"), templates.T("en", "visitreason.no_language"))
	b.wants(b.get(list), 200, templates.Plural("en", "links.machines", 1))

	b.wants(b.post(one+"/revoke"), http.StatusSeeOther)
	b.wants(b.get(one), 200, templates.T("en", "linkstate.ended"))
	b.wants(b.get(list), 200, templates.T("en", "links.none"))
	v.wants(v.get(path), http.StatusGone)
	v.wants(v.get("/i"), http.StatusGone)
}

func TestWhoWasImportedIsInvitedWithOneForm(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	b.wants(b.get("/people/invite"), 200, templates.T("en", "uninvited.none"))
	_, err := p.core.ImportPeople(t.Context(), p.actor(p.owner), core.Import{Kind: core.ImportStaff, Raw: []byte("Name;E-Mail\nAnna;anna@new.example\nBen;ben@new.example\n")})
	must(t, err)
	b.wants(b.get("/people"), 200, templates.Plural("en", "uninvited.link", 2))
	b.wants(b.get("/people/invite"), 200, "Anna", "ben@new.example")
	b.wants(b.post("/people/invite"), http.StatusUnprocessableEntity, templates.T("en", "error.invite.nobody"))
	anna, err := p.core.PersonByAddress(t.Context(), p.account.ID, "anna@new.example")
	must(t, err)
	b.wants(b.post("/people/invite", "chosen", string(anna.ID)), http.StatusSeeOther)
	if p.letter(anna.ID) == "" {
		t.Error("Anna was mailed nothing")
	}
	a := b.wants(b.get("/people/invite"), 200, "ben@new.example")
	if strings.Contains(a.body, "anna@new.example") {
		t.Error("Anna is still asked about")
	}
}

func TestOpeningAConversationByItsLinkIsAVisit(t *testing.T) {
	p := newPlace(t)
	w := build(p, access.ExternalBasic, access.FactsOf(access.Lnk, access.Par))
	b := w.prove(p.as(w.subject))
	links, err := p.core.LinksOfPerson(t.Context(), p.actor(p.owner), w.subject.ID)
	must(t, err)
	var thread core.ID
	for _, l := range links.Links {
		if l.Link.Kind == core.ThreadLink {
			thread = l.Link.ID
		}
	}
	visits := func() []core.LinkVisit {
		h, err := p.core.LinkHistory(t.Context(), p.actor(p.owner), thread)
		must(t, err)
		return h.Visits
	}
	before := len(visits())
	b.wants(b.get(w.thread), http.StatusOK)
	if n := len(visits()) - before; n != 1 {
		t.Errorf("%d visits written down", n)
	}
	r, err := http.NewRequest(http.MethodGet, p.url+w.thread, nil)
	must(t, err)
	r.Header.Set("Accept-Language", "de")
	r.Header.Set("User-Agent", "Mozilla/5.0")
	if a := b.send(r); a.status != http.StatusOK || visits()[0].Class != core.VisitPerson {
		t.Errorf("status %d; a browser in which a code was typed is called %s", a.status, visits()[0].Class)
	}
}
