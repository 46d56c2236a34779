package store_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/store"
	"planpost/store/storetest"
)

// graph is a random account, kept in memory beside the store: what holds in it
// is told here a second time, in Go, from the rows as they were written.
type graph struct {
	*storetest.World
	r            *rand.Rand
	people       map[core.ID]core.Person
	projects     map[core.ID]core.Project
	tasks        map[core.ID]core.Task
	comments     map[core.ID]core.Comment
	receipts     map[core.ID]core.Receipt
	participants map[[2]core.ID]core.Participant
	// unhidden: the account shows outsiders all that is not hidden.
	unhidden bool
}

func randomGraph(t *testing.T, s *store.Store, seed uint64) *graph {
	g := &graph{World: storetest.MakeWorld(t, s), r: rand.New(rand.NewPCG(seed, 7)), people: map[core.ID]core.Person{}, projects: map[core.ID]core.Project{},
		tasks: map[core.ID]core.Task{}, comments: map[core.ID]core.Comment{}, receipts: map[core.ID]core.Receipt{}, participants: map[[2]core.ID]core.Participant{}}
	one := g.Company().ID // often the same, so that companies meet
	companies := []core.ID{"", one, one, g.Company().ID}
	g.people[g.Owner.ID] = g.Owner
	for i := range 14 {
		p := g.Person(func(p *core.Person) { g.randomPerson(p, i, companies) })
		g.people[p.ID] = p
	}
	for range 5 {
		p := g.Project(func(p *core.Project) {
			p.Owner, p.Counterparty, p.Hidden = g.anyone(), pick(g.r, companies), g.r.IntN(2) == 0
			p.ClientManager, p.Responsible = g.anyoneOr(""), g.anyoneOr("")
			if g.r.IntN(4) == 0 {
				p.Visibility = core.VisibleInside
			}
		})
		g.projects[p.ID] = p
		for range g.r.IntN(6) {
			g.place(p.ID)
		}
	}
	for range 30 {
		g.randomTask(companies)
	}
	g.throwAway()
	if g.unhidden = seed%2 == 1; g.unhidden {
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			return tx.PutSetting(ctx, g.Account.ID, "unhidden", "on")
		})
	}
	return g
}

// throwAway puts some of it into the bin.
func (g *graph) throwAway() {
	bin := func(kind string, id core.ID) (time.Time, core.ID) {
		at, by := storetest.Now(), g.anyone()
		err := g.S.InTx(context.Background(), func(tx core.Tx) error {
			return tx.SetBin(context.Background(), g.Account.ID, core.Object{Kind: kind, ID: id}, at, by)
		})
		if err != nil {
			g.T.Fatal(err)
		}
		return at, by
	}
	for i, id := range slices.Sorted(maps.Keys(g.projects)) {
		if j := g.projects[id]; i == 0 && g.r.IntN(2) == 0 {
			j.DeletedAt, j.DeletedBy = bin("project", id)
			g.projects[id] = j
		}
	}
	for _, id := range slices.Sorted(maps.Keys(g.people)) {
		if p := g.people[id]; !p.Staff() && g.r.IntN(8) == 0 {
			p.DeletedAt, p.DeletedBy = bin("person", id)
			g.people[id] = p
		}
	}
	for _, id := range slices.Sorted(maps.Keys(g.tasks)) {
		if t := g.tasks[id]; g.r.IntN(6) == 0 {
			t.DeletedAt, t.DeletedBy = bin("task", id)
			g.tasks[id] = t
		}
	}
	for _, id := range slices.Sorted(maps.Keys(g.comments)) {
		if c := g.comments[id]; g.r.IntN(6) == 0 {
			c.DeletedAt, c.DeletedBy = bin("comment", id)
			g.comments[id] = c
		}
	}
}

// gone tells whether the task lies in the bin, itself or with its project.
func (g *graph) gone(t *core.Task) bool {
	return !t.DeletedAt.IsZero() || !g.projects[t.Project].DeletedAt.IsZero()
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (g *graph) anyone() core.ID { return pick(g.r, slices.Sorted(maps.Keys(g.people))) }

func (g *graph) anyoneOr(none core.ID) core.ID {
	if g.r.IntN(2) == 0 {
		return none
	}
	return g.anyone()
}

func (g *graph) randomPerson(p *core.Person, i int, companies []core.ID) {
	switch i % 7 {
	case 0:
		p.Role = core.Administrator
	case 1:
		p.Role = core.TechnicalAdministrator
	case 2:
		p.Role = core.Manager
	case 3:
		p.Role = core.Employee
	case 4, 5:
		storetest.Contact(pick(g.r, companies))(p)
		p.CompanyTasks = g.r.IntN(4) > 0
		if i%7 == 5 {
			p.Access = core.AdvancedAccess
		}
	case 6:
		p.Kind, p.Role = core.AddressKind, ""
	}
	if p.Staff() {
		p.Manager = g.anyoneOr("")
		p.Caps = [][]string{nil, {"intake"}, {"-tasks"}}[g.r.IntN(3)]
		// Who stands in for somebody absent gets mail, and no right by it.
		if p.Deputy = g.anyoneOr(""); p.Deputy != "" {
			p.AwayFrom, p.AwayUntil = "2000-01-01", "2100-01-01"
		}
	}
	if !p.Staff() {
		p.CreatedBy = g.anyoneOr("")
		if g.r.IntN(2) == 0 {
			p.Visibility = core.VisibleParticipants
		}
	}
	if i == 13 || g.r.IntN(12) == 0 {
		p.BlockedAt = storetest.Now()
	}
}

func (g *graph) place(project core.ID) {
	p := core.Participant{Account: g.Account.ID, Project: project, Person: g.anyone(), Admin: g.r.IntN(3) == 0, Auditor: g.r.IntN(3) == 0, Guest: g.r.IntN(6) == 0,
		TradeRole: []string{"", "Architect", "Engineer"}[len(g.participants)%3]}
	if g.r.IntN(4) == 0 {
		p.BlockedAt = storetest.Now()
	}
	g.Participant(project, p.Person, func(w *core.Participant) { *w = p })
	g.participants[[2]core.ID{project, p.Person}] = p
}

func (g *graph) randomTask(companies []core.ID) {
	t := g.Task(func(t *core.Task) {
		t.People = []core.TaskPerson{{Person: g.anyone(), Relation: core.Assigner}}
		for _, r := range []core.Relation{core.Assignee, core.CoAssignee, core.Participate, core.Participate, core.Auditor} {
			m := core.TaskPerson{Person: g.anyone(), Relation: r}
			if g.r.IntN(3) == 0 && !slices.Contains(t.People, m) {
				t.People = append(t.People, m)
			}
		}
		if g.r.IntN(4) > 0 {
			t.Project = pick(g.r, slices.Sorted(maps.Keys(g.projects)))
		}
		t.Counterparty, t.NoCompanyAccess = pick(g.r, companies), g.r.IntN(3) == 0
		if g.r.IntN(4) == 0 {
			t.Visibility = core.VisibleInside
		}
		t.Title, t.Description = "alpha title", []string{"", "beta"}[g.r.IntN(2)]
	})
	g.tasks[t.ID] = t
	for range g.r.IntN(4) {
		c := g.Comment(t.ID, "alpha beta gamma", func(c *core.Comment) {
			c.Author, c.Hidden = g.anyone(), g.r.IntN(4) == 0
			for range g.r.IntN(3) {
				if p := g.anyone(); !slices.Contains(c.Recipients, p) {
					c.Recipients = append(c.Recipients, p)
				}
			}
		})
		g.comments[c.ID] = c
	}
	if g.r.IntN(2) == 0 {
		g.randomReceipt(t)
	}
}

func (g *graph) randomReceipt(t core.Task) {
	person := pick(g.r, t.Related())
	a := g.Reply(g.Link(person, t.ID), fmt.Sprint("held ", len(g.receipts)))
	a.Comments, a.Log = nil, nil
	r := &a.Receipts[0]
	r.Disposition, r.Comment = core.Held, ""
	switch g.r.IntN(4) {
	case 0:
		r.Task, r.Link, r.Project = "", "", t.Project
	case 1:
		r.Task, r.Link = "", ""
	}
	accept(g.T, g.S, a)
	g.receipts[r.ID] = *r
}

// What follows tells the facts again from the text of permissions.md.

func (g *graph) projectFacts(p *core.Person, project core.ID) (f access.Facts) {
	j, ok := g.projects[project]
	if !ok {
		return 0
	}
	place, in := g.participants[[2]core.ID{project, p.ID}]
	in = in && place.BlockedAt.IsZero() && !place.Guest
	f = f.When(j.Owner == p.ID, access.Pown).When(in, access.Mem).When(in && place.Admin, access.Padm).When(in && place.Auditor && p.Staff(), access.Aud)
	return f.When(p.Staff() && (j.ClientManager == p.ID || j.Responsible == p.ID), access.Pmgr)
}

func (g *graph) blockedIn(p *core.Person, project core.ID) bool {
	place := g.participants[[2]core.ID{project, p.ID}]
	return !p.BlockedAt.IsZero() || !place.BlockedAt.IsZero() && g.projects[project].Owner != p.ID
}

func (g *graph) company(p *core.Person, t *core.Task) bool {
	if p.Kind != core.ContactKind || !p.CompanyTasks || p.Company == "" || t.NoCompanyAccess {
		return false
	}
	if t.Counterparty != "" {
		return t.Counterparty == p.Company
	}
	j, ok := g.projects[t.Project]
	return ok && j.Counterparty == p.Company && !j.Hidden
}

func (g *graph) taskFacts(p *core.Person, t *core.Task) access.Facts {
	f := g.capabilities(p) | g.projectFacts(p, t.Project)
	for _, m := range t.People {
		mine, managed := m.Person == p.ID, p.Staff() && g.people[m.Person].Manager == p.ID
		switch m.Relation {
		case core.Assigner:
			f = f.When(mine, access.Asg).When(managed, access.Masg)
		case core.Assignee:
			f = f.When(mine, access.Ase1).When(managed, access.Mase)
		case core.CoAssignee:
			f = f.When(mine, access.Ase).When(managed, access.Mase)
		case core.Participate:
			f = f.When(mine, access.Par).When(managed, access.Mpar)
		case core.Auditor:
			f = f.When(mine && p.Staff(), access.Aud)
		}
	}
	f = f.When(t.Visibility == core.VisibleInside, access.Open).When(g.company(p, t), access.Cpy)
	return f.When(!t.DeletedAt.IsZero() && t.DeletedBy == p.ID, access.DelBy).WhenInBin(g.gone(t)).Closed()
}

func (g *graph) capabilities(p *core.Person) (f access.Facts) {
	if !p.Staff() {
		return 0
	}
	has := func(name string, byRole bool) bool {
		return !slices.Contains(p.Caps, "-"+name) && (byRole || slices.Contains(p.Caps, name))
	}
	manager, employee := p.Role == core.Manager, p.Role == core.Employee
	return f.When(has("tasks", manager || employee), access.CapTasks).When(has("contacts", manager || employee), access.CapContacts).
		When(has("visits", manager), access.CapVisits).When(has("reports", manager), access.CapReports).When(has("intake", false), access.CapIntake)
}

func (g *graph) wholeProjectFacts(p *core.Person, j *core.Project) access.Facts {
	f := g.capabilities(p) | g.projectFacts(p, j.ID)
	f = f.When(j.Visibility == core.VisibleInside, access.Open)
	f = f.When(p.Kind == core.ContactKind && p.Company != "" && j.Counterparty == p.Company && !j.Hidden, access.Pcpy)
	f = f.When(f.Has(access.Aud), access.Ptask).When(!j.DeletedAt.IsZero() && j.DeletedBy == p.ID, access.DelBy).WhenInBin(!j.DeletedAt.IsZero())
	for _, t := range g.tasks {
		if t.Project == j.ID && t.DeletedAt.IsZero() {
			tf := g.taskFacts(p, &t)
			f = f.When(tf.Has(access.Rel) || tf.Has(access.Cpy), access.Ptask)
		}
	}
	return f.Closed()
}

func (g *graph) commentFacts(p *core.Person, c *core.Comment) access.Facts {
	t := g.tasks[c.Task]
	f := g.taskFacts(p, &t)
	meant := c.Author == p.ID || slices.Contains(c.Recipients, p.ID)
	for _, r := range c.Recipients {
		meant = meant || f.Has(access.Cpy) && g.people[r].Company == p.Company
	}
	f = f.Without(access.DelBy).When(!c.DeletedAt.IsZero() && c.DeletedBy == p.ID, access.DelBy).WhenInBin(!c.DeletedAt.IsZero())
	meant = meant || g.unhidden && !p.Staff() && (f.Has(access.Rel) || f.Has(access.Cpy))
	return f.When(c.Author == p.ID, access.Mine).When(!c.Hidden && meant, access.Vis)
}

func (g *graph) receiptFacts(p *core.Person, r *core.Receipt) (f access.Facts, project core.ID) {
	if t, ok := g.tasks[r.Task]; ok {
		return g.taskFacts(p, &t).Without(access.DelBy), t.Project
	}
	return (g.capabilities(p) | g.projectFacts(p, r.Project)).WhenInBin(!g.projects[r.Project].DeletedAt.IsZero()).Closed(), r.Project
}

func may(p *core.Person, action access.Action, f access.Facts, blocked bool) bool {
	return access.Decide(access.Request{Action: action, Subject: p.Subject(), Facts: f, Gates: access.Gates{BlockedEverywhere: blocked, InBin: f.InBin()}}).Allowed
}

func TestFactsAndListsAgreeWithThePermissionTable(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		for seed := range uint64(5) {
			g := randomGraph(t, s, seed)
			visits := g.randomVisits()
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				for _, p := range g.people {
					if err := g.compareVisits(ctx, tx, &p, visits); err != nil {
						return err
					}
				}
				return g.compare(ctx, tx)
			})
			// Once with the texts pending, as above, and once with them indexed.
			index(t, s)
			view(t, s, func(ctx context.Context, tx core.Tx) error { return g.compareSearch(ctx, tx) })
		}
	})
}

func (g *graph) compare(ctx context.Context, tx core.Tx) error {
	for _, p := range g.people {
		for _, compare := range []func(context.Context, core.Tx, *core.Person) error{g.compareTasks, g.compareProjects, g.compareComments, g.compareReceipts, g.comparePeople} {
			if err := compare(ctx, tx, &p); err != nil {
				return err
			}
		}
	}
	return g.compareSearch(ctx, tx)
}

func (g *graph) same(what string, p *core.Person, got, want access.Facts, gotBlocked, wantBlocked bool) {
	g.T.Helper()
	if got != want || gotBlocked != wantBlocked {
		g.T.Errorf("%s and %s %s: facts %v blocked %v, want %v %v", what, p.Subject(), p.ID, got.List(), gotBlocked, want.List(), wantBlocked)
	}
}

func (g *graph) sameIDs(what string, p *core.Person, got, want []core.ID) {
	g.T.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		g.T.Errorf("%s of %s %s: %v, want %v", what, p.Subject(), p.ID, got, want)
	}
}

func (g *graph) viewer(p *core.Person) core.Viewer {
	return core.Viewer{Account: g.Account.ID, Person: *p}
}

func (g *graph) compareTasks(ctx context.Context, tx core.Tx, p *core.Person) error {
	var want, got []core.ID
	for _, t := range g.tasks {
		f, blocked := g.taskFacts(p, &t), g.blockedIn(p, t.Project)
		read, readBlocked, err := tx.TaskFacts(ctx, p, t.ID)
		if err != nil {
			return err
		}
		g.same("task "+string(t.ID), p, read, f, readBlocked, blocked)
		if may(p, "task.view", f, blocked) {
			want = append(want, t.ID)
		}
	}
	filter := core.TaskFilter{Status: "any", Limit: 4}
	for {
		page, err := tx.ListTasks(ctx, g.viewer(p), filter)
		if err != nil {
			return err
		}
		for _, i := range page {
			got = append(got, i.ID)
		}
		if len(page) < filter.Limit {
			break
		}
		filter.Before, filter.BeforeID = page[3].UpdatedAt, page[3].ID
	}
	g.sameIDs("tasks", p, got, want)
	return nil
}

func (g *graph) compareProjects(ctx context.Context, tx core.Tx, p *core.Person) error {
	var want, got []core.ID
	for _, j := range g.projects {
		f, blocked := g.wholeProjectFacts(p, &j), g.blockedIn(p, j.ID)
		read, readBlocked, err := tx.ProjectFacts(ctx, p, j.ID)
		if err != nil {
			return err
		}
		g.same("project "+string(j.ID), p, read, f, readBlocked, blocked)
		if may(p, "project.view", f, blocked) {
			want = append(want, j.ID)
		}
	}
	list, err := tx.ListProjects(ctx, g.viewer(p), "", "", 100)
	for _, i := range list {
		got = append(got, i.ID)
		if own := g.openTasks(p, i.ID); !p.Staff() && i.OpenTasks != own {
			g.T.Errorf("%s learns of %d open tasks in a project and may see %d", p.Name, i.OpenTasks, own)
		}
	}
	g.sameIDs("projects", p, got, want)
	if err != nil {
		return err
	}
	names, err := tx.ListProjectNames(ctx, g.viewer(p), 100)
	got = nil
	for _, j := range names {
		got = append(got, j.ID)
	}
	g.sameIDs("names of projects", p, got, want)
	return err
}

// openTasks is how many open tasks of a project a person may see (X17).
func (g *graph) openTasks(p *core.Person, project core.ID) (n int) {
	for _, t := range g.tasks {
		if t.Project == project && !core.Closed(t.Status) && may(p, "task.view", g.taskFacts(p, &t), g.blockedIn(p, project)) {
			n++
		}
	}
	return n
}

func (g *graph) mayRead(p *core.Person, c *core.Comment) bool {
	f, blocked := g.commentFacts(p, c), g.blockedIn(p, g.tasks[c.Task].Project)
	if c.Hidden {
		return may(p, "comment.view_hidden", f, blocked)
	}
	return may(p, "comment.view_public", f, blocked)
}

func (g *graph) compareComments(ctx context.Context, tx core.Tx, p *core.Person) error {
	var want, got []core.ID
	for _, c := range g.comments {
		read, readBlocked, err := tx.CommentFacts(ctx, p, c.ID)
		if err != nil {
			return err
		}
		g.same("comment "+string(c.ID), p, read, g.commentFacts(p, &c), readBlocked, g.blockedIn(p, g.tasks[c.Task].Project))
		if g.mayRead(p, &c) {
			want = append(want, c.ID)
		}
	}
	for id := range g.tasks {
		list, err := tx.ListComments(ctx, g.viewer(p), id, "", 100)
		if err != nil {
			return err
		}
		for _, c := range list {
			got = append(got, c.ID)
		}
	}
	g.sameIDs("comments", p, got, want)
	return nil
}

func (g *graph) compareReceipts(ctx context.Context, tx core.Tx, p *core.Person) error {
	var recorder, got []core.ID
	held := 0
	for _, r := range g.receipts {
		f, project := g.receiptFacts(p, &r)
		blocked := g.blockedIn(p, project)
		read, readBlocked, err := tx.ReceiptFacts(ctx, p, r.ID)
		if err != nil {
			return err
		}
		g.same("receipt "+string(r.ID), p, read, f, readBlocked, blocked)
		if may(p, "inbound.list", f, blocked) {
			recorder = append(recorder, r.ID)
		}
		if may(p, "inbound.quarantine.view", f, blocked) {
			held++
		}
	}
	list, err := tx.ListMessages(ctx, g.viewer(p), core.MessageFilter{})
	for _, i := range list {
		got = append(got, i.Receipt.ID)
	}
	g.sameIDs("messages", p, got, recorder)
	if n, err := tx.CountHeld(ctx, g.viewer(p)); err != nil || n != held {
		g.T.Errorf("held for %s: %d, want %d, %v", p.Subject(), n, held, err)
	}
	return err
}

func (g *graph) compareSearch(ctx context.Context, tx core.Tx) error {
	for _, p := range g.people {
		for query, of := range map[string]func(*core.Task, access.Facts, bool) bool{
			"alp": func(_ *core.Task, f access.Facts, b bool) bool { return may(&p, "task.view", f, b) },
			"title bet": func(t *core.Task, f access.Facts, b bool) bool {
				return may(&p, "task.view", f, b) && may(&p, "task.view_description", f, b) && t.Description != ""
			},
		} {
			var want, got []core.ID
			for _, t := range g.tasks {
				f, blocked := g.taskFacts(&p, &t), g.blockedIn(&p, t.Project)
				if of(&t, f, blocked) {
					want = append(want, t.ID)
				}
				for _, c := range g.comments {
					if c.Task == t.ID && query == "alp" && may(&p, "task.view", f, blocked) && g.mayRead(&p, &c) {
						want = append(want, c.ID)
					}
				}
			}
			found, err := tx.Search(ctx, g.viewer(&p), query, 0, 500)
			if err != nil {
				return err
			}
			for _, f := range found {
				if f.Comment != "" {
					got = append(got, f.Comment)
					continue
				}
				got = append(got, f.Task)
			}
			g.sameIDs("hits for "+query, &p, got, want)
		}
	}
	return nil
}
