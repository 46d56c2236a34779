package core_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/store/storetest"
)

// upload is a whole file of somebody that waits for a plan.
func (h *house) upload(p core.Person, name string) core.NewPlanFile {
	h.t.Helper()
	u, err := h.c.SendUpload(h.ctx, h.as(p), core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: name, Type: "application/pdf"}, strings.NewReader("content of "+name))
	h.must(err)
	return core.NewPlanFile{Upload: u.ID}
}

// in gives somebody a place in the project.
func (h *house) in(p core.Person, role string, change ...func(*core.Participant)) {
	h.t.Helper()
	m := core.Participant{Account: h.account.ID, Project: h.project.ID, Person: p.ID, TradeRole: role}
	for _, c := range change {
		c(&m)
	}
	h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.SetParticipant(h.ctx, &m) }))
}

func (h *house) employee(name string) core.Person {
	h.t.Helper()
	p, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: name, Address: strings.ToLower(name) + "@holzbau.test", Role: core.Employee, Password: "another long phrase"})
	h.must(err)
	return p
}

func (h *house) plan(p core.Person, number string, change ...func(*core.NewPlan)) (core.Plan, core.Version) {
	h.t.Helper()
	n := core.NewPlan{Kind: core.DrawingKind, Number: number, Title: "Stairs", NewVersion: core.NewVersion{Index: "A", Files: []core.NewPlanFile{h.upload(p, "stairs.pdf")}}}
	for _, c := range change {
		c(&n)
	}
	plan, v, err := h.c.CreatePlan(h.ctx, h.as(p), h.project.ID, n)
	h.must(err)
	return plan, v
}

func (h *house) index(p core.Person, plan core.ID, index string, change ...func(*core.NewVersion)) (core.Version, error) {
	h.t.Helper()
	n := core.NewVersion{Index: index, Files: []core.NewPlanFile{h.upload(p, "stairs.pdf")}}
	for _, c := range change {
		c(&n)
	}
	_, v, err := h.c.AddVersion(h.ctx, h.as(p), plan, n)
	return v, err
}

func TestD2AndD3OnlyTheOwnTradeOrAnAdministratorBringsAnIndex(t *testing.T) {
	each(t, func(h *house) {
		max, ann, joe := h.employee("Max"), h.employee("Ann"), h.employee("Joe")
		h.in(h.eve, "Architect")
		h.in(max, "Architect")
		h.in(ann, "Engineer")
		p, _ := h.plan(h.eve, "A-1")
		if p.TradeRole != "Architect" {
			h.t.Errorf("the plan is of the trade %q", p.TradeRole)
		}
		for _, c := range []struct {
			who  core.Person
			want core.Kind
		}{{ann, core.Forbidden}, {max, 0}} {
			if _, err := h.index(c.who, p.ID, "B"); core.KindOf(err) != c.want && (c.want != 0 || err != nil) {
				h.t.Errorf("%s: %v", c.who.Name, err)
			}
		}
		// An administrator of whatever trade names the author (D4); the log shows both.
		if _, err := h.index(h.owner, p.ID, "C"); core.CodeOf(err) != "plan.author" {
			h.t.Errorf("an administrator names nobody: %v", err)
		}
		v, err := h.index(h.owner, p.ID, "C", func(n *core.NewVersion) { n.Author = max.ID })
		h.must(err)
		if v.Author != max.ID || v.UploadedBy != h.owner.ID {
			h.t.Errorf("it stands for %s and was brought by %s", v.Author, v.UploadedBy)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "plan.index" || log[0].Actor != h.owner.ID || !slices.Contains(log[0].Params, string(max.ID)) {
			h.t.Errorf("the log says %+v", log[0])
		}
		if _, err := h.index(max, p.ID, "D", func(n *core.NewVersion) { n.Author = h.eve.ID }); core.KindOf(err) != core.Forbidden {
			h.t.Errorf("a participant brings it for another: %v", err)
		}
		if _, _, err := h.c.CreatePlan(h.ctx, h.as(h.owner), h.project.ID, core.NewPlan{Kind: core.DrawingKind, Number: "A-2",
			NewVersion: core.NewVersion{Index: "A", Author: joe.ID, Files: []core.NewPlanFile{h.upload(h.owner, "a.pdf")}}}); core.CodeOf(err) != "plan.author_away" {
			h.t.Errorf("for somebody who takes no part: %v", err)
		}
	})
}

func TestD6AndAP12ANewIndexReplacesTheFormerUnlessItIsInReview(t *testing.T) {
	each(t, func(h *house) {
		max := h.employee("Max")
		h.in(h.eve, "Architect")
		p, _ := h.plan(h.eve, "A-1")
		b, err := h.index(h.eve, p.ID, "B")
		h.must(err)
		states := func() (s string) {
			page, err := h.c.PlanPage(h.ctx, h.as(h.eve), p.ID)
			h.must(err)
			for _, v := range page.Versions {
				s += v.Index + " " + string(v.State) + " " + v.By + ","
			}
			return s
		}
		if got := states(); got != "B current ,A superseded B," {
			h.t.Errorf("after B: %s", got)
		}
		yes, no := true, false
		asks := func(n *core.NewVersion) { n.Approval, n.Approvers, n.Message = &yes, []core.ID{max.ID}, "Please look" }
		if _, err := h.index(h.eve, p.ID, "C", asks); core.CodeOf(err) != "approval.nobody" {
			h.t.Errorf("AP1: approval where nobody can approve: %v", err)
		}
		h.in(max, "Engineer", func(m *core.Participant) { m.Approves = true })
		if _, err := h.index(h.eve, p.ID, "C"); core.CodeOf(err) != "approval.choose" {
			h.t.Errorf("AP2: nothing is chosen: %v", err)
		}
		_, err = h.index(h.eve, p.ID, "C", asks)
		h.must(err)
		if got := states(); got != "C in_review ,B current ,A superseded B," {
			h.t.Errorf("while C is in review: %s", got)
		}
		_, err = h.index(h.eve, p.ID, "D", asks)
		h.must(err)
		if got := states(); got != "D in_review ,C superseded ,B current ,A superseded B," {
			h.t.Errorf("while D is in review: %s", got)
		}
		e, err := h.index(h.eve, p.ID, "E", func(n *core.NewVersion) { n.Approval = &no })
		h.must(err)
		if got := states(); got != "E current ,D superseded E,C superseded E,B superseded E,A superseded B," {
			h.t.Errorf("after E: %s", got)
		}
		var waiting, overtaken []core.Approval
		h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) {
			if waiting, err = tx.ListApprovals(h.ctx, h.account.ID, core.ApprovalFilter{State: core.ApprovalWaiting}); err != nil {
				return err
			}
			overtaken, err = tx.ListApprovals(h.ctx, h.account.ID, core.ApprovalFilter{State: core.ApprovalOvertaken})
			return err
		}))
		if len(waiting) != 0 || len(overtaken) != 2 {
			h.t.Errorf("%d requests wait and %d are overtaken", len(waiting), len(overtaken))
		}
		h.must(h.c.WithdrawVersion(h.ctx, h.as(h.eve), e.ID))
		if err := h.c.WithdrawVersion(h.ctx, h.as(h.eve), b.ID); core.CodeOf(err) != "version.ended" {
			h.t.Errorf("what is superseded is withdrawn: %v", err)
		}
		if got := states(); !strings.HasPrefix(got, "E withdrawn ,D") || strings.Contains(got, "current") {
			h.t.Errorf("after E is withdrawn: %s", got)
		}
	})
}

func TestAP4WhoApprovesIsAbleAndNotTheAuthor(t *testing.T) {
	each(t, func(h *house) {
		max, ann := h.employee("Max"), h.employee("Ann")
		approves := func(m *core.Participant) { m.Approves = true }
		h.in(h.eve, "Architect", approves)
		h.in(max, "Engineer", approves)
		h.in(ann, "Engineer")
		yes := true
		for code, of := range map[string][]core.ID{"approval.none": nil, "approval.author": {h.eve.ID}, "approval.unable": {ann.ID}} {
			n := core.NewPlan{Kind: core.DrawingKind, Number: "A-1", NewVersion: core.NewVersion{Index: "A", Files: []core.NewPlanFile{h.upload(h.eve, "a.pdf")}, Approval: &yes, NewApproval: core.NewApproval{Approvers: of}}}
			if _, _, err := h.c.CreatePlan(h.ctx, h.as(h.eve), h.project.ID, n); core.CodeOf(err) != code {
				h.t.Errorf("%v: %v, want %s", of, err, code)
			}
			n.Secured, n.Approvers = true, []core.ID{max.ID}
			if _, _, err := h.c.CreatePlan(h.ctx, h.as(h.eve), h.project.ID, n); core.CodeOf(err) != "approval.vault" {
				h.t.Errorf("who may not see it is asked to approve: %v", err)
			}
		}
		list, err := h.c.Plans(h.ctx, h.as(h.eve), core.PlanFilter{Project: h.project.ID})
		h.must(err)
		if list.Count != 0 {
			h.t.Errorf("what was refused left %d plans", list.Count)
		}
		if left, err := h.c.Uploads(h.ctx, h.as(h.eve), h.project.ID); err != nil || len(left) != 3 {
			h.t.Errorf("%d uploads wait for the next try: %v", len(left), err)
		}
	})
}

func TestV1SecuringEndsWhatEarlierLinksOpened(t *testing.T) {
	each(t, func(h *house) {
		h.in(h.eve, "Architect")
		p, v := h.plan(h.eve, "A-1")
		send := func() *core.Actor {
			l := core.Link{ID: core.NewID(), Account: h.account.ID, Kind: core.DownloadLink, Person: h.sub.ID, Object: core.NewID(), CreatedBy: h.owner.ID, CreatedAt: h.c.Now()}
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
				s := core.Transmittal{ID: l.Object, Account: h.account.ID, Project: h.project.ID, Sender: h.owner.ID, CreatedAt: tx.Now()}
				if err := tx.CreateTransmittal(h.ctx, &s, []core.TransmittalItem{{Version: v.ID, Plan: p.ID}}, nil); err != nil {
					return err
				}
				return tx.EnsureLink(h.ctx, &l)
			}))
			return &core.Actor{Person: h.sub, Account: h.account, Via: "page", Auth: "link", Link: l, Gates: access.Gates{Link: access.LinkActive}}
		}
		sees := func(a *core.Actor) bool {
			_, err := h.c.PlanPage(h.ctx, a, p.ID)
			var listed []core.PlanItem
			h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) {
				listed, err = tx.ListPlans(context.Background(), a.Viewer(), core.PlanFilter{Project: h.project.ID})
				return err
			}))
			if (err == nil) != (len(listed) == 1) {
				h.t.Errorf("the page says %v, and the list has %d", err, len(listed))
			}
			return err == nil
		}
		before := send()
		if !sees(before) {
			h.t.Error("what was sent is not there")
		}
		_, err := h.c.SecurePlan(h.ctx, h.as(h.eve), p.ID, true, nil)
		h.must(err)
		if sees(before) {
			h.t.Error("a link from before opens a secured plan")
		}
		if after := send(); !sees(after) {
			h.t.Error("what an administrator sent after it was secured is not there")
		}
		_, err = h.c.SecurePlan(h.ctx, h.as(h.eve), p.ID, false, nil)
		h.must(err)
		if !sees(before) {
			h.t.Error("opened again, the first link does not work")
		}
	})
}

func TestV3WhoLimitsAccessStaysOnTheList(t *testing.T) {
	each(t, func(h *house) {
		max := h.employee("Max")
		h.in(h.eve, "Architect")
		h.in(max, "Architect")
		p, _ := h.plan(h.eve, "A-1")
		_, err := h.c.SecurePlan(h.ctx, h.as(h.eve), p.ID, true, []core.ID{h.sub.ID})
		if core.CodeOf(err) != "plan.access_away" {
			h.t.Errorf("somebody who takes no part is put on the list: %v", err)
		}
		_, err = h.c.SecurePlan(h.ctx, h.as(h.eve), p.ID, true, nil)
		h.must(err)
		if _, err := h.c.PlanPage(h.ctx, h.as(h.eve), p.ID); err != nil {
			h.t.Errorf("who secured it: %v", err)
		}
		for name, err := range map[string]error{
			"page":   second(h.c.PlanPage(h.ctx, h.as(max), p.ID)),
			"secure": second(h.c.SecurePlan(h.ctx, h.as(max), p.ID, false, nil)),
			"edit":   second(h.c.EditPlan(h.ctx, h.as(max), p.ID, core.PlanEdit{})),
			"index":  second(h.index(max, p.ID, "B")),
			"delete": h.c.DeletePlan(h.ctx, h.as(max), p.ID),
		} {
			if core.KindOf(err) != core.NotFound {
				h.t.Errorf("%s by who is not on the list: %v", name, err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestX14APlanLiesInTheBinAndComesBackUnlessItsNumberIsTaken(t *testing.T) {
	each(t, func(h *house) {
		h.in(h.eve, "Architect")
		p, _ := h.plan(h.eve, "A-1")
		if err := h.c.DeletePlan(h.ctx, h.as(h.eve), p.ID); core.KindOf(err) != core.Forbidden {
			h.t.Errorf("a participant deletes: %v", err)
		}
		h.must(h.c.DeletePlan(h.ctx, h.as(h.owner), p.ID))
		if _, err := h.c.PlanPage(h.ctx, h.as(h.eve), p.ID); core.KindOf(err) != core.Conflict { // she made it, and may know where it lies
			h.t.Errorf("its page: %v", err)
		}
		if _, err := h.index(h.eve, p.ID, "B"); core.KindOf(err) != core.Conflict {
			h.t.Errorf("an index of it: %v", err)
		}
		bin, err := h.c.Bin(h.ctx, h.as(h.owner), core.BinFilter{})
		h.must(err)
		o := core.Object{Kind: "plan", ID: p.ID}
		if len(bin) != 1 || bin[0].Object != o || bin[0].Title != "A-1 Stairs" {
			h.t.Fatalf("the bin has %+v", bin)
		}
		other, _ := h.plan(h.eve, "A-1")
		if err := h.c.Restore(h.ctx, h.as(h.owner), o); core.CodeOf(err) != "bin.taken" {
			h.t.Errorf("its number is another's: %v", err)
		}
		number := "A-2"
		_, err = h.c.EditPlan(h.ctx, h.as(h.eve), other.ID, core.PlanEdit{Number: &number})
		h.must(err)
		h.must(h.c.Restore(h.ctx, h.as(h.owner), o))
		_, err = h.c.PlanPage(h.ctx, h.as(h.eve), p.ID)
		h.must(err)
		h.must(h.c.DeletePlan(h.ctx, h.as(h.owner), p.ID))
		h.must(h.c.DeleteProject(h.ctx, h.as(h.owner), h.project.ID))
		if err := h.c.Restore(h.ctx, h.as(h.owner), o); core.CodeOf(err) != "bin.project_first" {
			h.t.Errorf("while its project lies there: %v", err)
		}
	})
}

func TestD6TheNextIndexIsSuggested(t *testing.T) {
	for last, want := range map[string]string{"": "A", "A": "B", "Z": "AA", "AZ": "BA", "ZZ": "AAA", "b": "c", "1": "2", "9": "10", "09": "10", "P1": "P2", "01": "02", "C.9": "C.10", "Ä": "", "A-": ""} {
		if got := core.NextIndex(last); got != want {
			t.Errorf("behind %q comes %q, want %q", last, got, want)
		}
	}
}

func TestD7AFileIsForPrintByItsName(t *testing.T) {
	for name, want := range map[string]core.FileClass{"a.PDF": core.PrintFile, "a.plt": core.PrintFile, "a.dwg": core.CADFile, "a.pdf.dwg": core.CADFile, "pdf": core.OtherFile, "a.xlsx": core.OtherFile, "": core.OtherFile} {
		if got := core.ClassOf(name); got != want {
			t.Errorf("%q is %s, want %s", name, got, want)
		}
	}
}

// AP7 to AP12: a decision is made once by who was asked; a correction needs
// words and ends the request; until the rule is met everybody works with the index before.
func TestAP7AnIndexIsApprovedOrCorrectedByWhoWasAsked(t *testing.T) {
	each(t, func(h *house) {
		max, ann := h.employee("Max"), h.employee("Ann")
		approves := func(m *core.Participant) { m.Approves = true }
		h.in(h.eve, "Architect")
		h.in(max, "Engineer", approves)
		h.in(ann, "Engineer", approves)
		no, yes := false, true
		p, _, err := h.c.CreatePlan(h.ctx, h.as(h.eve), h.project.ID, core.NewPlan{Kind: core.DrawingKind, Number: "A-1", NewVersion: core.NewVersion{Index: "A", Files: []core.NewPlanFile{h.upload(h.eve, "a.pdf")}, Approval: &no}})
		h.must(err)
		ask := func(index, rule string) core.ApprovalView {
			h.t.Helper()
			_, _, err := h.c.AddVersion(h.ctx, h.as(h.eve), p.ID, core.NewVersion{Index: index, Files: []core.NewPlanFile{h.upload(h.eve, index+".pdf")}, Approval: &yes,
				NewApproval: core.NewApproval{Approvers: []core.ID{max.ID, ann.ID}, Rule: rule, Message: "By Friday, please"}})
			h.must(err)
			view, err := h.c.PlanPage(h.ctx, h.as(max), p.ID)
			h.must(err)
			return view.Versions[0].Asked
		}
		state := func(index string, want core.VersionState) {
			h.t.Helper()
			view, err := h.c.PlanPage(h.ctx, h.as(max), p.ID)
			h.must(err)
			for _, v := range view.Versions {
				if v.Index == index && v.State != want {
					h.t.Errorf("index %s is %s, want %s", index, v.State, want)
				}
			}
		}
		told := func(code string, to ...string) {
			h.t.Helper()
			got := map[string]bool{}
			for _, l := range h.due() {
				if l.Delivery.Kind == core.ApprovalLetter && code == "asked" || len(l.Delivery.Params) > 1 && l.Delivery.Params[1] == code {
					got[l.Person.Name] = true
					if !strings.HasSuffix(l.LinkURL, "/plans/"+string(p.ID)) {
						h.t.Errorf("%s leads to %q", code, l.LinkURL)
					}
				}
			}
			if len(got) != len(to) {
				h.t.Errorf("%s told to %v, want %v", code, got, to)
			}
			for _, name := range to {
				if !got[name] {
					h.t.Errorf("%s was not told to %s", code, name)
				}
			}
		}

		b := ask("B", core.ApproveAll)
		if !b.MayDecide || len(b.Approvers) != 2 {
			h.t.Errorf("%+v", b)
		}
		told("asked", "Max", "Ann")
		_, err = h.c.Decide(h.ctx, h.as(max), b.ID, core.Decision{Deed: core.Correct, Words: "  "})
		h.wants(err, core.Invalid, "approval.empty")
		_, err = h.c.Decide(h.ctx, h.as(max), b.ID, core.Decision{Deed: "maybe", Words: "x"})
		h.wants(err, core.Invalid, "approval.deed")
		_, err = h.c.Decide(h.ctx, h.as(h.eve), b.ID, core.Decision{Deed: core.Approve, Words: ""})
		h.wants(err, core.Forbidden, "")
		_, err = h.c.Decide(h.ctx, h.as(h.owner), b.ID, core.Decision{Deed: core.Approve, Words: ""}) // rank does not replace being asked
		h.wants(err, core.Forbidden, "")
		_, err = h.c.Decide(h.ctx, h.as(max), b.ID, core.Decision{Deed: core.Approve, Words: ""})
		h.must(err)
		state("A", core.Current)
		state("B", core.InReview)
		told("plan.approved", "Eve")
		_, err = h.c.Decide(h.ctx, h.as(max), b.ID, core.Decision{Deed: core.Approve, Words: ""})
		h.wants(err, core.Conflict, "approval.decided")
		_, err = h.c.Decide(h.ctx, h.as(ann), b.ID, core.Decision{Deed: core.Correct, Words: "The stairs are too steep"})
		h.must(err)
		state("B", core.InReview)
		told("plan.corrected", "Eve")

		c := ask("C", core.ApproveAny)
		state("B", core.Superseded)
		_, err = h.c.Decide(h.ctx, h.as(ann), c.ID, core.Decision{Deed: core.Approve, Words: "Well done"})
		h.must(err)
		state("A", core.Superseded)
		state("C", core.Current)
		told("plan.approved.words", "Eve")
		_, err = h.c.Decide(h.ctx, h.as(max), c.ID, core.Decision{Deed: core.Approve, Words: ""})
		h.wants(err, core.Conflict, "approval.ended")
	})
}

// Who was asked and hears of it only when it has ended is not asked any more.
func TestAP6AnEndedRequestAsksNobody(t *testing.T) {
	each(t, func(h *house) {
		max := h.employee("Max")
		h.in(h.eve, "Architect")
		h.in(max, "Engineer", func(m *core.Participant) { m.Approves = true })
		yes := true
		_, v, err := h.c.CreatePlan(h.ctx, h.as(h.eve), h.project.ID, core.NewPlan{Kind: core.DrawingKind, Number: "A-1", NewVersion: core.NewVersion{Index: "A", Files: []core.NewPlanFile{h.upload(h.eve, "a.pdf")}, Approval: &yes,
			NewApproval: core.NewApproval{Approvers: []core.ID{max.ID}}}})
		h.must(err)
		h.must(h.c.WithdrawVersion(h.ctx, h.as(h.eve), v.ID))
		for _, l := range h.due() {
			if l.Person.ID == max.ID && l.Delivery.Kind == core.ApprovalLetter {
				h.t.Error("he is asked to approve what was withdrawn")
			}
		}
	})
}

// due are the letters that can be sent now.
func (h *house) due() (list []core.Letter) {
	h.t.Helper()
	due, err := storetest.Claim(h.ctx, h.c, 100)
	h.must(err)
	for _, d := range due {
		if l, err := h.c.Letter(h.ctx, d); err == nil {
			list = append(list, l)
		}
	}
	return list
}

func TestD2ATradeIsOneHoweverItIsSpelled(t *testing.T) {
	each(t, func(h *house) {
		max, ann := h.employee("Max"), h.employee("Ann")
		h.in(max, "Elektro")
		h.in(ann, "")
		typed := " elektro "
		h.must(h.c.EditPlace(h.ctx, h.as(h.owner), h.project.ID, ann.ID, core.PlaceEdit{TradeRole: &typed}))
		p, _ := h.plan(max, "E-1")
		if _, err := h.index(ann, p.ID, "B"); err != nil {
			h.t.Errorf("who is of the same trade, spelled otherwise: %v", err)
		}
	})
}

// What somebody pastes beside a plan rests without the tokens of our links, as in tasks and comments.
func TestALinkPastedBesideAPlanLosesItsToken(t *testing.T) {
	each(t, func(h *house) {
		token := strings.Repeat("aB3-_xY", 7)[:43]
		link := "/d/" + token
		h.must(h.c.SetAccess(h.ctx, h.as(h.owner), h.klara.ID, core.BasicAccess))
		h.in(h.klara, "Engineer", func(m *core.Participant) { m.Approves = true })
		h.in(h.eve, "Architect")
		yes := true
		p, v := h.plan(h.eve, "A-1", func(n *core.NewPlan) {
			n.Title, n.Note, n.Approval, n.Approvers, n.NewVersion.NewApproval.Message = "See "+link, "Was at "+link, &yes, []core.ID{h.klara.ID}, "Look at "+link
		})
		renamed := "Now " + link
		edited, err := h.c.EditPlan(h.ctx, h.as(h.eve), p.ID, core.PlanEdit{Title: &renamed})
		h.must(err)
		page, err := h.c.PlanPage(h.ctx, h.as(h.owner), p.ID)
		h.must(err)
		for what, text := range map[string]string{"title": p.Title, "new title": edited.Title, "note": v.Note, "message": page.Versions[0].Asked.Message} {
			if text == "" || strings.Contains(text, token[:12]) {
				h.t.Errorf("the %s rests as %q", what, text)
			}
		}
	})
}
