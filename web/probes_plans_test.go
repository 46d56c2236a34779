package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
)

// Probes of plans and documents.
var planProbes = map[access.Action]probe{
	"plan.list":             {ask: opens(atProject("/plans"))},
	"plan.view":             {ask: func(w *cellWorld, b *browser) (bool, string) { return w.looksAt(b, w.drawn(core.DrawingKind)) }},
	"doc.view":              {ask: func(w *cellWorld, b *browser) (bool, string) { return w.looksAt(b, w.drawn(core.DocumentKind)) }},
	"plan.create":           {ask: newPlan(core.DrawingKind, false)},
	"plan.create_on_behalf": {ask: newPlan(core.DrawingKind, true)},
	"plan.new_index":        {ask: newIndex(core.DrawingKind)},
	"plan.edit":             {ask: posts(atPlan(core.DrawingKind, ""), fields("number", "X-1", "title", "Renamed"))},
	"plan.delete":           {ask: posts(atPlan(core.DrawingKind, "/delete"), fields())},
	"doc.create":            {ask: newPlan(core.DocumentKind, false)},
	"doc.create_on_behalf":  {ask: newPlan(core.DocumentKind, true)},
	"doc.update":            {ask: newIndex(core.DocumentKind)},
	"doc.secure":            {ask: posts(atPlan(core.DocumentKind, "/secure"), fields("secured", "1"))},
	"doc.delete":            {ask: posts(atPlan(core.DocumentKind, "/delete"), fields())},
	"approval.require":      {ask: func(w *cellWorld, b *browser) (bool, string) { return w.asksApproval(b) }},
}

// drawn makes a plan of which the declared facts hold.
func (w *cellWorld) drawn(kind string) core.Plan {
	f := w.declared
	now := w.core.Now()
	w.n++
	p := core.Plan{ID: core.NewID(), Account: w.account.ID, Project: w.project.ID, Kind: kind, Number: fmt.Sprintf("A-%d", w.n), Title: "Stairs", TradeRole: "Carpenter",
		Secured: f.Has(access.Vault), CreatedBy: w.assignee.ID, CreatedAt: now, UpdatedAt: now}
	v := core.Version{ID: core.NewID(), Account: w.account.ID, Plan: p.ID, Index: "A", State: core.Current, Author: w.assignee.ID, UploadedBy: w.assignee.ID, CreatedAt: now, CurrentAt: now}
	ref, err := w.files.Put(context.Background(), w.account.ID, strings.NewReader("%PDF-1.7"), 0)
	must(w.t, err)
	file := core.PlanFile{ID: core.NewID(), Account: w.account.ID, Version: v.ID, Name: "a.pdf", Class: core.PrintFile, Hash: ref.Hash, Size: ref.Size, Pages: 1}
	w.tx(func(tx core.Tx) error {
		ctx := context.Background()
		if err := tx.CreatePlan(ctx, &p); err != nil {
			return err
		}
		if f.Has(access.ACL) {
			if err := tx.SetPlanAccess(ctx, w.account.ID, p.ID, []core.ID{w.subject.ID}); err != nil {
				return err
			}
		}
		if err := tx.CreateVersion(ctx, &v, []core.PlanFile{file}); err != nil {
			return err
		}
		place, ok, err := tx.FindParticipant(ctx, w.account.ID, w.project.ID, w.subject.ID)
		if err != nil || !ok || !f.Has(access.Role) {
			return err
		}
		place.TradeRole = p.TradeRole
		return tx.SetParticipant(ctx, &place)
	})
	return p
}

// looksAt opens a plan: its page in a session, and by a link what the page of the link would ask.
func (w *cellWorld) looksAt(b *browser, p core.Plan) (bool, string) {
	if !w.declared.Has(access.Lnk) {
		return verdict(w, b.get(planURL(p.ID)))
	}
	_, l := w.sentTo(p, w.subject)
	a := &core.Actor{Person: w.now(w.subject.ID), Account: w.account, Via: "page", Auth: "link", Link: l, Gates: access.Gates{Link: access.LinkActive}}
	_, err := w.core.PlanPage(context.Background(), a, p.ID)
	return err == nil, core.CodeOf(err)
}

func atPlan(kind, rest string) func(*cellWorld) string {
	return func(w *cellWorld) string { return planURL(w.drawn(kind).ID) + rest }
}

// upload is a whole file of the subject that waits for a form.
func (p *place) upload(project, person core.ID) core.StagedUpload {
	now := p.core.Now()
	ref, err := p.files.Put(context.Background(), p.account.ID, strings.NewReader("%PDF-1.7"), 0)
	must(p.t, err)
	u := core.StagedUpload{ID: core.NewID(), Account: p.account.ID, Project: project, Person: person, Purpose: "plan", Name: "stairs.pdf", Type: "application/pdf", Size: ref.Size, Received: ref.Size,
		DoneHash: ref.Hash, CreatedAt: now, TouchedAt: now}
	p.tx(func(tx core.Tx) error { return tx.CreateUpload(context.Background(), &u) })
	return u
}

func newPlan(kind string, behalf bool) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) {
		author := core.ID("")
		switch {
		case behalf:
			author = w.assignee.ID
			w.tx(func(tx core.Tx) error {
				return tx.SetParticipant(context.Background(), &core.Participant{Account: w.account.ID, Project: w.project.ID, Person: author})
			})
		default:
			author = w.subject.ID
		}
		u := w.upload(w.project.ID, w.subject.ID)
		return verdict(w, b.post(plansURL(w.project.ID), "kind", kind, "number", string(core.NewID()), "title", "Stairs", "index", "A", "author", string(author), "upload", string(u.ID)+" print"))
	}
}

func newIndex(kind string) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) {
		p := w.drawn(kind)
		u := w.upload(w.project.ID, w.subject.ID)
		return verdict(w, b.post(planURL(p.ID)+"/versions", "index", "B", "author", string(w.subject.ID), "upload", string(u.ID)+" print"))
	}
}

// asksApproval brings an index that has to be approved; where it may not be brought at all, it cannot be asked either.
func (w *cellWorld) asksApproval(b *browser) (bool, string) {
	p := w.drawn(core.DrawingKind)
	w.tx(func(tx core.Tx) error {
		return tx.SetParticipant(context.Background(), &core.Participant{Account: w.account.ID, Project: w.project.ID, Person: w.assignee.ID, Approves: true})
	})
	u := w.upload(w.project.ID, w.subject.ID)
	return verdict(w, b.post(planURL(p.ID)+"/versions", "index", "B", "author", string(w.subject.ID), "upload", string(u.ID)+" print", "approval", "yes", "approver", string(w.assignee.ID)))
}

// member gives somebody a place in a project of the owner's.
func (p *place) planProject(places ...core.Participant) core.ID {
	j := core.Project{ID: core.NewID(), Account: p.account.ID, Name: "Mill Lane", Owner: p.owner.ID, Visibility: core.VisibleParticipants, Inbound: "mill-" + strings.ToLower(string(core.NewID())), CreatedAt: p.core.Now()}
	p.tx(func(tx core.Tx) error {
		if err := tx.CreateProject(context.Background(), &j); err != nil {
			return err
		}
		for _, m := range places {
			m.Account, m.Project = p.account.ID, j.ID
			if err := tx.SetParticipant(context.Background(), &m); err != nil {
				return err
			}
		}
		return nil
	})
	return j.ID
}

func TestD6ANewIndexReplacesTheFormerAndHistoryKeepsIt(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	j := p.planProject(core.Participant{Person: eve.ID, TradeRole: "Architect"})
	b := p.as(eve)
	b.wants(b.get(plansURL(j)), 200, "There are no plans yet", "/plans/new")
	form := b.wants(b.get(plansURL(j)+"/new"), 200, `value="A"`, `enctype="multipart/form-data"`).body
	if strings.Contains(form, `name="author"`) || strings.Contains(form, `name="approval"`) {
		t.Error("who is no administrator chooses an author, or an approval that nobody can give")
	}
	sent := b.upload(plansURL(j), "stairs.pdf", []byte("%PDF-1.7 stairs"), "kind", "plan", "number", "A-101", "title", "Stairs", "index", "A")
	if sent.status != http.StatusSeeOther {
		t.Fatalf("%d %s", sent.status, clip(sent.body))
	}
	at, _, _ := strings.Cut(sent.location(), "?")
	b.wants(b.get(at), 200, "A-101 Stairs", "Index A", "current", "stairs.pdf", "for printing", "Architect")
	b.wants(b.get(at+"/new"), 200, `value="B"`)
	again := b.upload(at+"/versions", "stairs.dwg", []byte("drawing"), "index", "a", "note", "handrail")
	b.wants(again, http.StatusConflict, "has the index a already", "stairs.dwg", "handrail", " cad\" selected")
	id, _, _ := strings.Cut(strings.SplitN(again.body, `<option value="`, 2)[1], " ")
	done := b.post(at+"/versions", "index", "B", "note", "handrail", "upload", id+" cad")
	if done.status != http.StatusSeeOther {
		t.Fatalf("what was sent once is used again: %d %s", done.status, clip(done.body))
	}
	b.wants(b.get(at), 200, "Index B", "superseded by B", "handrail", "stairs.dwg")
	if list := b.wants(b.get(plansURL(j)), 200, "Index B").body; strings.Contains(list, "Index A") {
		t.Error("the list has the superseded index")
	}
}

// D5: what is chosen survives filtering and paging.
func TestD5WhatIsChosenOutlivesPagesAndFilters(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	j := p.planProject(core.Participant{Person: eve.ID})
	w := &cellWorld{place: p, subject: eve, assignee: eve}
	w.project.ID = j
	var all []core.Plan
	for range page + 2 {
		all = append(all, w.drawn(core.DrawingKind))
	}
	b := p.as(eve)
	first := b.wants(b.get(plansURL(j)), 200, "52 plans", `name="after"`).body
	_, rest, _ := strings.Cut(first, `name="after" value="`)
	cursor, _, _ := strings.Cut(rest, `"`)
	second := b.wants(b.post(plansURL(j)+"/list", "sel", string(all[0].ID), "sel", string(all[1].ID), "go", "more", "after", cursor), 200, "2 chosen",
		`type="hidden" name="sel" value="`+string(all[0].ID)+`"`, string(all[page].ID)).body
	if strings.Contains(second, all[1].Number) {
		t.Error("the second page has a plan of the first")
	}
	b.wants(b.post(plansURL(j)+"/list", "sel", string(all[0].ID), "sel", string(all[51].ID), "go", "filter", "q", all[51].Number), 200, "1 plan,", "2 chosen",
		`type="hidden" name="sel" value="`+string(all[0].ID)+`"`, `value="`+string(all[51].ID)+`" aria-label="Choose `+all[51].Name()+`" checked`)
	b.wants(b.post(plansURL(j)+"/list", "sel", string(all[0].ID), "go", "none"), 200, "52 plans")
}

// V1, V3: secured while uploading, and from then on there is no trace of it for others.
func TestV1ASecuredPlanLeavesNoTraceForOthers(t *testing.T) {
	p := newPlace(t)
	eve, max, ann := p.person("Eve"), p.person("Max"), p.person("Ann")
	j := p.planProject(core.Participant{Person: eve.ID, TradeRole: "Architect"}, core.Participant{Person: max.ID, TradeRole: "Architect"}, core.Participant{Person: ann.ID})
	b := p.as(eve)
	u := p.upload(j, eve.ID)
	sent := b.post(plansURL(j), "kind", "document", "title", "Tender sums", "index", "1", "secured", "1", "seer", string(ann.ID), "upload", string(u.ID)+" other")
	if sent.status != http.StatusSeeOther {
		t.Fatalf("%d %s", sent.status, clip(sent.body))
	}
	at, _, _ := strings.Cut(sent.location(), "?")
	b.wants(b.get(at), 200, "Tender sums", "access limited")
	for _, sees := range []core.Person{ann, p.owner} {
		c := p.as(sees)
		c.wants(c.get(at), 200, "Tender sums")
	}
	other := p.as(max)
	for _, path := range []string{at, at + "/new"} {
		if a := other.get(path); a.status != http.StatusNotFound || strings.Contains(a.body, "Tender") {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := other.post(at+"/secure", "seer", string(max.ID)); a.status != http.StatusNotFound {
		t.Errorf("opened by somebody else: %d", a.status)
	}
	if list := other.wants(other.get(plansURL(j)), 200, "There are no plans yet").body; strings.Contains(list, "Tender") {
		t.Error("it is in the list")
	}
	if a := b.post(at + "/secure"); a.status != http.StatusSeeOther {
		t.Fatalf("opened: %d", a.status)
	}
	other.wants(other.get(at), 200, "Tender sums")
}

// D4, AP2: an administrator names the author, and once somebody may approve it must be chosen.
func TestD4AndAP2TheFormAsksWhatMustBeSaid(t *testing.T) {
	p := newPlace(t)
	eve, max := p.person("Eve"), p.person("Max")
	j := p.planProject(core.Participant{Person: eve.ID, TradeRole: "Architect", Approves: true}, core.Participant{Person: max.ID, TradeRole: "Engineer"})
	b := p.as(p.owner)
	u := p.upload(j, p.owner.ID)
	form := []string{"kind", "plan", "number", "S-1", "title", "Beams", "index", "A", "upload", string(u.ID) + " print"}
	b.wants(b.post(plansURL(j), form...), http.StatusUnprocessableEntity, "whose plan this is", "Beams")
	form = append(form, "author", string(max.ID))
	b.wants(b.post(plansURL(j), form...), http.StatusUnprocessableEntity, "has to be approved")
	b.wants(b.post(plansURL(j), append(form, "approval", "yes")...), http.StatusUnprocessableEntity, "at least one person")
	b.wants(b.post(plansURL(j), append(form, "approval", "yes", "approver", string(max.ID))...), http.StatusUnprocessableEntity, "stands for himself")
	sent := b.post(plansURL(j), append(form, "approval", "yes", "approver", string(eve.ID))...)
	if sent.status != http.StatusSeeOther {
		t.Fatalf("%d %s", sent.status, clip(sent.body))
	}
	b.wants(b.get(sent.location()), 200, "in review", "not released", "Engineer", "Max (brought by ")
	b.wants(b.get(plansURL(j)), 200, "in review", "not released")
	if a := p.as(eve).get(strings.Split(sent.location(), "?")[0] + "/new"); a.status != http.StatusForbidden {
		t.Errorf("another trade brings the next index: %d", a.status)
	}
}

func TestE2HowLongALinkToPlansLivesIsTheProjectsToSay(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	j := p.planProject(core.Participant{Person: eve.ID})
	at := "/projects/" + string(j) + "/settings"
	b := p.as(p.owner)
	b.wants(b.get(at), 200, `name="linkdays" type="number" min="1" max="365" value="60"`, `name="sending" value="1" checked`)
	for _, days := range []string{"0", "366", "soon"} {
		b.wants(b.post(at+"/plans", "linkdays", days, "sending", "1"), http.StatusUnprocessableEntity, "from 1 to 365 days")
	}
	if a := b.post(at+"/plans", "linkdays", "30"); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, clip(a.body))
	}
	page := b.wants(b.get(at), 200, `value="30"`).body
	if strings.Contains(page, `name="sending" value="1" checked`) {
		t.Error("participants still send")
	}
	if a := p.as(eve).post(at+"/plans", "linkdays", "10"); a.status != http.StatusForbidden {
		t.Errorf("a participant sets it: %d", a.status)
	}
}
