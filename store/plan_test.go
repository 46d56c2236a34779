package store_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/store"
	"planpost/store/storetest"
)

// drawn is a plan of a random graph, kept beside the store.
type drawn struct {
	core.Plan
	versions  []core.Version
	list      []core.ID
	approvers []core.ID // of the version in review
	approval  core.Approval
}

func (g *graph) randomPlans() (all []drawn) {
	states := [][]core.VersionState{{core.Current}, {core.Superseded, core.Current}, {core.Current, core.InReview}, {core.InReview}, {core.Withdrawn}}
	projects := slices.Sorted(maps.Keys(g.projects))
	for i := range 24 {
		d := drawn{}
		d.Plan, d.versions = g.Plan(pick(g.r, projects), states[i%len(states)], func(p *core.Plan) {
			p.CreatedBy, p.Secured = g.anyone(), g.r.IntN(2) == 0
			p.TradeRole = pick(g.r, []string{"", "Architect", "Engineer"})
			if g.r.IntN(3) == 0 {
				p.Kind = core.DocumentKind
			}
		})
		for range g.r.IntN(4) {
			d.list = append(d.list, g.anyone())
		}
		last := d.versions[len(d.versions)-1]
		if last.State == core.InReview {
			d.approvers = []core.ID{g.anyone(), g.anyone()}
			d.approval = core.Approval{ID: core.NewID(), Account: g.Account.ID, Project: d.Project, Version: last.ID, Requester: g.anyone(), Rule: core.ApproveAll,
				State: core.ApprovalWaiting, CreatedAt: storetest.Now()}
		}
		if g.r.IntN(6) == 0 {
			d.DeletedAt, d.DeletedBy = storetest.Now(), g.anyone()
		}
		inTx(g.T, g.S, func(ctx context.Context, tx core.Tx) error {
			if err := tx.SetPlanAccess(ctx, g.Account.ID, d.ID, d.list); err != nil {
				return err
			}
			if d.approval.ID != "" {
				var of []core.Approver
				for _, p := range d.approvers {
					of = append(of, core.Approver{Account: g.Account.ID, Approval: d.approval.ID, Person: p, State: core.ApprovalWaiting})
				}
				if err := tx.CreateApproval(ctx, &d.approval, of); err != nil {
					return err
				}
			}
			if d.DeletedAt.IsZero() {
				return nil
			}
			return tx.SetBin(ctx, g.Account.ID, core.Object{Kind: "plan", ID: d.ID}, d.DeletedAt, d.DeletedBy)
		})
		all = append(all, d)
	}
	return all
}

// planFacts tells the facts again: of a secured plan nobody is a member but its administrators and who is listed.
func (g *graph) planFacts(p *core.Person, d *drawn) access.Facts {
	j := g.projects[d.Project]
	place := g.participants[[2]core.ID{d.Project, p.ID}]
	in := place.Person == p.ID && place.BlockedAt.IsZero() && !place.Guest
	f := (g.capabilities(p) | g.projectFacts(p, d.Project)).Without(access.Aud).Closed() // nothing asks who audits plans
	on := slices.Contains(d.list, p.ID)
	if d.Secured && !on && !f.Has(access.Padm) {
		f = f.Without(access.Mem)
	}
	f = f.When(d.Secured, access.Vault).When(on, access.ACL).When(d.CreatedBy == p.ID, access.Mine).When(!j.NoSending, access.SendOK)
	f = f.When(in && place.TradeRole != "" && place.TradeRole == d.TradeRole, access.Role)
	return f.When(!d.DeletedAt.IsZero() && d.DeletedBy == p.ID, access.DelBy).WhenInBin(!d.DeletedAt.IsZero() || !j.DeletedAt.IsZero())
}

func (d *drawn) action(plan, document access.Action) access.Action {
	if d.Kind == core.DocumentKind || d.Secured {
		return document
	}
	return plan
}

func TestV1FactsAndListsOfPlansAgreeWithThePermissionTable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		seen := 0
		for seed := range uint64(3) {
			g := randomGraph(t, s, seed)
			plans := g.randomPlans()
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				for _, p := range g.people {
					n, err := g.comparePlans(ctx, tx, &p, plans)
					if err != nil {
						return err
					}
					seen += n
				}
				return nil
			})
		}
		if seen < 50 {
			t.Errorf("the people of the graphs see %d plans: too few to compare", seen)
		}
	})
}

func (g *graph) comparePlans(ctx context.Context, tx core.Tx, p *core.Person, plans []drawn) (int, error) {
	want := map[core.ID][]core.ID{}
	items := map[core.ID]core.PlanItem{}
	for _, d := range plans {
		f, blocked := g.planFacts(p, &d), g.blockedIn(p, d.Project)
		read, readBlocked, err := tx.PlanFacts(ctx, p, d.ID)
		if err != nil {
			return 0, err
		}
		g.same("plan "+string(d.ID), p, read, f, readBlocked, blocked)
		for _, v := range d.versions {
			waits := v.State == core.InReview
			vf := f.Without(access.DelBy).When(v.Author == p.ID, access.Author).When(waits && slices.Contains(d.approvers, p.ID), access.Appr).When(waits && d.approval.Requester == p.ID, access.Req)
			read, readBlocked, err := tx.VersionFacts(ctx, p, v.ID)
			if err != nil {
				return 0, err
			}
			g.same("version "+string(v.ID), p, read, vf, readBlocked, blocked)
			if waits {
				read, readBlocked, err := tx.ApprovalFacts(ctx, p, d.approval.ID)
				if err != nil {
					return 0, err
				}
				g.same("approval "+string(v.ID), p, read, vf.When(vf.Has(access.Appr), access.Self), readBlocked, blocked)
			}
		}
		if may(p, d.action("plan.view", "doc.view"), f, blocked) {
			want[d.Project] = append(want[d.Project], d.ID)
		}
	}
	for id := range g.projects {
		var got []core.ID
		list, err := tx.ListPlans(ctx, g.viewer(p), core.PlanFilter{Project: id, Limit: 100})
		if err != nil {
			return 0, err
		}
		for _, i := range list {
			got = append(got, i.ID)
			items[i.ID] = i
		}
		g.sameIDs("plans", p, got, want[id])
		if n, err := tx.CountPlans(ctx, g.viewer(p), core.PlanFilter{Project: id}); err != nil || n != len(list) {
			g.T.Errorf("%s learns of %d plans and may see %d: %v", p.Name, n, len(list), err)
		}
	}
	for _, d := range plans {
		i, ok := items[d.ID]
		if !ok {
			continue
		}
		f, blocked := g.planFacts(p, &d), g.blockedIn(p, d.Project)
		for _, r := range []struct {
			has            bool
			plan, document access.Action
		}{{i.MayNew, "plan.new_index", "doc.update"}, {i.MayDownload, "plan.download_current", "doc.download"}, {i.MaySend, "plan.send", "doc.send"}} {
			if want := may(p, d.action(r.plan, r.document), f, blocked); want != r.has {
				g.T.Errorf("plan %s of %s %s: %s is %v, want %v", d.ID, p.Subject(), p.ID, r.plan, r.has, want)
			}
		}
	}
	return len(items), nil
}

func TestD6APlanHasOneCurrentVersionAndOneInReview(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		w := storetest.MakeWorld(t, open())
		j := w.Project()
		p, versions := w.Plan(j.ID, []core.VersionState{core.Superseded, core.Current})
		version := func(index string, state core.VersionState) error {
			return w.S.InTx(t.Context(), func(tx core.Tx) error {
				v := core.Version{ID: core.NewID(), Account: p.Account, Plan: p.ID, Index: index, State: state, Author: w.Owner.ID, UploadedBy: w.Owner.ID, CreatedAt: tx.Now()}
				f := core.PlanFile{ID: core.NewID(), Account: p.Account, Version: v.ID, Name: "x.pdf", Class: core.PrintFile, Hash: strings.Repeat("a", 64)}
				return tx.CreateVersion(t.Context(), &v, []core.PlanFile{f})
			})
		}
		code := func(err error) string { return core.CodeOf(err) }
		if got := code(version(" b ", core.InReview)); got != "version.index_taken" {
			t.Errorf("the same index again, in another case: %q", got)
		}
		if got := code(version("C", core.Current)); got != "version.exists" {
			t.Errorf("a second current one: %q", got)
		}
		if err := version("C", core.InReview); err != nil {
			t.Error(err)
		}
		if got := code(version("D", core.InReview)); got != "version.exists" {
			t.Errorf("a second one in review: %q", got)
		}
		view(t, w.S, func(ctx context.Context, tx core.Tx) error {
			list, err := tx.ListPlans(ctx, core.Viewer{Account: p.Account, Person: w.Owner}, core.PlanFilter{Project: j.ID})
			if err != nil || len(list) != 1 || list[0].Version.ID != versions[1].ID || list[0].Review.Index != "C" || list[0].Review.Position != 3 {
				t.Errorf("the list has %+v, %v", list, err)
			}
			return err
		})
		moved := versions[1]
		moved.State, moved.EndedAt = core.Superseded, storetest.Now()
		move := func() error {
			return w.S.InTx(t.Context(), func(tx core.Tx) error { return tx.MoveVersion(t.Context(), &moved, core.Current) })
		}
		if err := move(); err != nil {
			t.Error(err)
		}
		if got := code(move()); got != "version.changed" {
			t.Errorf("superseded twice: %q", got)
		}
	})
}

func TestD1TheNumberOfAPlanIsItsOwnInTheProject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		w := storetest.MakeWorld(t, open())
		j := w.Project()
		for _, n := range []string{"A-10", "A-2", "b 1", "A-02"} {
			w.Plan(j.ID, []core.VersionState{core.Current}, func(p *core.Plan) { p.Number = n })
		}
		w.Plan(j.ID, []core.VersionState{core.Current}, func(p *core.Plan) { p.Number, p.Kind, p.Title = "", core.DocumentKind, "Contract 100%" })
		w.Plan(w.Project().ID, []core.VersionState{core.Current}, func(p *core.Plan) { p.Number = "A-10" })
		taken := core.Plan{ID: core.NewID(), Account: w.Account.ID, Project: j.ID, Kind: core.DrawingKind, Number: "B1", CreatedBy: w.Owner.ID, CreatedAt: storetest.Now(), UpdatedAt: storetest.Now()}
		if err := w.S.InTx(t.Context(), func(tx core.Tx) error { return tx.CreatePlan(t.Context(), &taken) }); core.CodeOf(err) != "plan.number_taken" {
			t.Errorf("B1 beside b 1: %v", err)
		}
		view(t, w.S, func(ctx context.Context, tx core.Tx) error {
			v := core.Viewer{Account: w.Account.ID, Person: w.Owner}
			var all []string
			f := core.PlanFilter{Project: j.ID, Limit: 2}
			for {
				list, err := tx.ListPlans(ctx, v, f)
				if err != nil {
					return err
				}
				for _, i := range list {
					all = append(all, i.Number+"|"+i.Version.Index)
				}
				if len(list) < 2 {
					break
				}
				f.After, f.AfterID = list[1].Key, list[1].ID
			}
			if got := fmt.Sprint(all); got != "[A-2|A A-02|A A-10|A b 1|A |A]" {
				t.Errorf("the order is %s", got)
			}
			for text, want := range map[string]int{"a-": 3, "100%": 1, "%": 1, "_": 0, "contract": 1, "floor a-10": 1} {
				if n, err := tx.CountPlans(ctx, v, core.PlanFilter{Project: j.ID, Text: text}); err != nil || n != want {
					t.Errorf("%q finds %d, want %d: %v", text, n, want, err)
				}
			}
			return nil
		})
	})
}

// The rows that the other nouns of plans keep, written and read again.
func TestRowsOfPlansAreReadAsTheyWereWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		w := storetest.MakeWorld(t, open())
		j, other := w.Project(), w.Person()
		p, versions := w.Plan(j.ID, []core.VersionState{core.Superseded, core.Current})
		now := storetest.Now()
		inTx(t, w.S, func(ctx context.Context, tx core.Tx) error {
			for n := range int64(2) {
				s := core.Transmittal{ID: core.NewID(), Account: p.Account, Project: j.ID, Sender: w.Owner.ID, Message: "Please plot", PrintOnly: true, Copies: 3, Sheet: "A1", Folding: "A4", CreatedAt: now}
				items := []core.TransmittalItem{{Version: versions[1].ID, Plan: p.ID}}
				if err := tx.CreateTransmittal(ctx, &s, items, []core.TransmittalRecipient{{Person: other.ID}}); err != nil || s.Number != n+1 {
					t.Errorf("sending %d has the number %d: %v", n+1, s.Number, err)
				}
				list, err := tx.ListTransmittals(ctx, p.Account, core.TransmittalFilter{Plan: p.ID, Person: other.ID, Limit: 1})
				if err != nil || len(list) != 1 || list[0] != s {
					t.Errorf("%+v, %v", list, err)
				}
				s.RecalledAt, s.RecalledBy = now, w.Owner.ID
				if err := tx.RecallTransmittal(ctx, &s); err != nil {
					return err
				}
				if err := tx.RecallTransmittal(ctx, &s); core.CodeOf(err) != "transmittal.recalled" {
					t.Errorf("recalled twice: %v", err)
				}
				if to, err := tx.TransmittalRecipients(ctx, p.Account, s.ID); err != nil || len(to) != 1 || to[0].Person != other.ID {
					t.Errorf("%+v, %v", to, err)
				}
			}
			fetch := core.Fetch{ID: core.NewID(), Account: p.Account, Plan: p.ID, Version: versions[0].ID, Person: other.ID, At: now, Class: "unknown", Size: 9}
			if err := tx.CreateFetches(ctx, fetch); err != nil {
				return err
			}
			fetch.EndedAt, fetch.Class, fetch.Reason, fetch.Sent, fetch.Cut = now.Add(time.Second), "person", "cookie", 5, true
			if err := tx.EndFetch(ctx, &fetch); err != nil {
				return err
			}
			if list, err := tx.ListFetches(ctx, p.Account, core.FetchFilter{Version: versions[0].ID}); err != nil || len(list) != 1 || list[0] != fetch {
				t.Errorf("%+v, %v", list, err)
			}
			for i, v := range []core.Version{versions[1], versions[0]} {
				h := core.Holder{Account: p.Account, Plan: p.ID, Person: w.Owner.ID, Version: v.ID, Position: v.Position, Since: now, How: "download"}
				older := core.Holder{Account: p.Account, Plan: p.ID, Person: other.ID, Version: versions[0].ID, Position: 1, Since: now, How: "paper"}
				if err := tx.RaiseHolders(ctx, h, older); err != nil {
					return err
				}
				if n, err := tx.CountHolders(ctx, p.Account, p.ID); err != nil || n[p.ID] != (core.HolderCount{All: 2, Behind: 1}) {
					t.Errorf("after %d: %v, %v", i, n, err)
				}
			}
			r := core.PlanReceipt{Account: p.Account, Version: versions[1].ID, Person: other.ID, At: now, How: "page"}
			for _, want := range []bool{true, false} {
				if made, err := tx.CreatePlanReceipt(ctx, &r); err != nil || made != want {
					t.Errorf("receipt: %v, %v", made, err)
				}
			}
			u := core.StagedUpload{ID: core.NewID(), Account: p.Account, Project: j.ID, Person: w.Owner.ID, Purpose: "plan", Name: "a.pdf", Size: 9, DigestState: []byte{}, CreatedAt: now, TouchedAt: now}
			if err := tx.CreateUpload(ctx, &u); err != nil {
				return err
			}
			u.Received, u.DigestState = 5, []byte{1, 2}
			if err := tx.AdvanceUpload(ctx, &u, 0); err != nil {
				return err
			}
			if err := tx.AdvanceUpload(ctx, &u, 0); core.CodeOf(err) != "upload.moved" {
				t.Errorf("the same part again: %v", err)
			}
			if got, err := tx.FindUpload(ctx, p.Account, u.ID); err != nil || fmt.Sprint(got) != fmt.Sprint(u) {
				t.Errorf("%+v, %v", got, err)
			}
			return nil
		})
	})
}

func TestAP7ARequestIsDecidedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		w := storetest.MakeWorld(t, open())
		other := w.Person()
		p, versions := w.Plan(w.Project().ID, []core.VersionState{core.InReview})
		now := storetest.Now()
		inTx(t, w.S, func(ctx context.Context, tx core.Tx) error {
			ap := core.Approval{ID: core.NewID(), Account: p.Account, Project: p.Project, Version: versions[0].ID, Requester: w.Owner.ID, Rule: core.ApproveAny, State: core.ApprovalWaiting, CreatedAt: now}
			of := core.Approver{Account: p.Account, Approval: ap.ID, Person: other.ID, State: core.ApprovalWaiting}
			if err := tx.CreateApproval(ctx, &ap, []core.Approver{of}); err != nil {
				return err
			}
			again := ap
			again.ID = core.NewID()
			if err := tx.CreateApproval(ctx, &again, nil); core.CodeOf(err) != "approval.waiting" {
				t.Errorf("a second request that waits: %v", err)
			}
			of.State, of.DecidedAt, of.Words, of.Assurance = core.ApprovalApproved, now, "OK A-47", "link"
			if err := tx.SetApprover(ctx, &of, core.ApprovalWaiting); err != nil {
				return err
			}
			if err := tx.SetApprover(ctx, &of, core.ApprovalWaiting); core.CodeOf(err) != "approval.decided" {
				t.Errorf("decided twice: %v", err)
			}
			if list, err := tx.Approvers(ctx, p.Account, ap.ID); err != nil || len(list) != 1 || list[0] != of {
				t.Errorf("%+v, %v", list, err)
			}
			ap.State, ap.EndedAt = core.ApprovalApproved, now
			if err := tx.EndApproval(ctx, &ap); err != nil {
				return err
			}
			if err := tx.EndApproval(ctx, &ap); core.CodeOf(err) != "approval.ended" {
				t.Errorf("ended twice: %v", err)
			}
			list, err := tx.ListApprovals(ctx, p.Account, core.ApprovalFilter{Plan: p.ID, Approver: other.ID})
			if err != nil || len(list) != 1 || list[0] != ap {
				t.Errorf("%+v, %v", list, err)
			}
			return nil
		})
	})
}
