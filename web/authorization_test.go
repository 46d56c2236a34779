package web

import (
	"net/http"
	"strings"
	"testing"

	"planpost/core"
)

// AP1 to AP3: without anybody who may approve there is no field; with one there
// is, it has to be answered, and all who may approve are offered, nobody else.
func TestAP1AP3TheFieldOfApprovalIsThereWithTheFirstWhoMayApprove(t *testing.T) {
	p := newPlace(t)
	klara, karl := p.person("Klara", contact(core.BasicAccess, "")), p.person("Karl", contact(core.BasicAccess, ""))
	j := p.planProject(core.Participant{Person: klara.ID}, core.Participant{Person: karl.ID})
	b := p.as(p.owner)
	form := plansURL(j) + "/new"
	if a := b.wants(b.get(form), 200); strings.Contains(a.body, `name="approval"`) {
		t.Error("nobody may approve, and it is asked")
	}
	b.wants(b.post(placeURL(j, klara.ID), "fields", "approves", "approves", "1"), http.StatusSeeOther)
	a := b.wants(b.get(form), 200, `name="approval"`, string(klara.ID))
	offered := a.body[strings.Index(a.body, `name="approval"`):]
	if strings.Contains(offered, `name="approval" value="yes" required checked`) || !strings.Contains(offered, `name="approver" value="`+string(klara.ID)) || strings.Contains(offered, `name="approver" value="`+string(karl.ID)) {
		t.Errorf("what is offered: %s", clip(offered))
	}
}

// V2, V3: "Secure document (limit access)" by the detail view; the project's administrators always have access.
func TestV2V3ADocumentIsSecuredOnItsPageAndAdministratorsStillHaveIt(t *testing.T) {
	p := newPlace(t)
	mia, max, eve := p.person("Mia"), p.person("Max"), p.person("Eve")
	j := p.planProject(core.Participant{Person: mia.ID, Admin: true}, core.Participant{Person: max.ID}, core.Participant{Person: eve.ID})
	u := p.upload(j, p.owner.ID)
	b := p.as(p.owner)
	a := b.post(plansURL(j), "kind", "document", "title", "Contract", "index", "1", "author", string(p.owner.ID), "upload", string(u.ID)+" print")
	b.wants(a, http.StatusSeeOther)
	page := strings.Split(a.location(), "?")[0]
	b.wants(b.get(page), 200, "Secure document (limit access)")
	b.wants(p.as(eve).get(page), 200, "Contract")
	b.wants(b.post(page+"/secure", "secured", "1", "seer", string(max.ID)), http.StatusSeeOther)
	for who, want := range map[*core.Person]int{&mia: 200, &max: 200, &eve: 404, &p.owner: 200} {
		v := p.as(p.now(who.ID))
		if a := v.get(page); a.status != want {
			t.Errorf("%s: status %d, want %d", who.Name, a.status, want)
		}
		if found := strings.Contains(v.get(plansURL(j)).body, "Contract"); found != (want == 200) {
			t.Errorf("%s: in the list: %v", who.Name, found)
		}
	}
}
