package web

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"planpost/core"
)

// shown makes a plan with one PDF and one file that says it is one, in a state.
func (p *place) shown(project core.ID, state core.VersionState) (plan core.Plan, files []core.PlanFile) {
	p.t.Helper()
	ctx, now := context.Background(), p.core.Now()
	ref, err := p.files.Put(ctx, p.account.ID, strings.NewReader("%PDF-1.7 "+string(state)), 0)
	must(p.t, err)
	plan = core.Plan{ID: core.NewID(), Account: p.account.ID, Project: project, Kind: core.DrawingKind, Number: string(core.NewID()), Title: "Stairs", CreatedBy: p.owner.ID, CreatedAt: now, UpdatedAt: now}
	v := core.Version{ID: core.NewID(), Account: p.account.ID, Plan: plan.ID, Index: "A", State: state, Author: p.owner.ID, UploadedBy: p.owner.ID, CreatedAt: now, CurrentAt: now}
	for i, pages := range []int{2, 0} {
		files = append(files, core.PlanFile{ID: core.NewID(), Account: p.account.ID, Version: v.ID, Position: i, Name: "stairs.pdf", Type: "text/html", Class: core.PrintFile, Size: ref.Size, Hash: ref.Hash, Pages: pages})
	}
	p.tx(func(tx core.Tx) error {
		if err := tx.CreatePlan(ctx, &plan); err != nil {
			return err
		}
		return tx.CreateVersion(ctx, &v, files)
	})
	return plan, files
}

func TestD1ADrawingIsLookedAtInTheBrowsersOwnViewer(t *testing.T) {
	p := newPlace(t)
	eve, project := planProject(p)
	plan, files := p.shown(project, core.Current)
	b := p.as(eve)
	at := "/plans/" + string(plan.ID) + "/files/"
	b.wants(b.get("/plans/"+string(plan.ID)), 200, at+string(files[0].ID))
	inline := planFileURL(&files[0]) + "?inline=1"
	page := b.wants(b.get(at+string(files[0].ID)), 200, inline, "2 pages").body
	if strings.Contains(page, "not released") {
		t.Error("a released plan is said not to be")
	}
	a := b.wants(b.get(inline), 200, "%PDF-1.7 current")
	if h := a.header; h.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(h.Get("Content-Disposition"), "inline") || h.Get("Content-Security-Policy") != viewPolicy {
		t.Errorf("headers: %v", h)
	}
	if a := b.get(planFileURL(&files[0])); !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("a download is shown: %v", a.header)
	}
	// What only says that it is a PDF is never shown within the page.
	b.wants(b.get(at+string(files[1].ID)), http.StatusNotFound)
	if a := b.get(planFileURL(&files[1]) + "?inline=1"); a.header.Get("Content-Type") != "application/octet-stream" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("headers: %v", a.header)
	}
	if a := p.as(p.person("Kim")).get(at + string(files[0].ID)); a.status == 200 {
		t.Error("who does not take part looks at it")
	}
}

func TestAP12WhatIsInReviewIsMarkedNotReleasedInThePreview(t *testing.T) {
	p := newPlace(t)
	eve, project := planProject(p)
	b := p.as(eve)
	plan, files := p.shown(project, core.InReview)
	b.wants(b.get("/plans/"+string(plan.ID)+"/files/"+string(files[0].ID)), 200, "Not released.")
	old, files := p.shown(project, core.Superseded)
	b.wants(b.get("/plans/"+string(old.ID)+"/files/"+string(files[0].ID)), 200, `role="note"`, "uperseded")
}
