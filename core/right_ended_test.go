package core_test

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/mail"
	"planpost/mailer"
	"planpost/store"
	"planpost/store/storetest"
)

const (
	rightRuns  = 6  // random sequences
	rightSteps = 90 // of each
)

// Whatever is granted, written, withdrawn and sent in whatever order: what a mail tells of, its
// reader may read at that moment, by a reckoning of the rights that knows nothing of package access.
func TestNoBodyLeavesAfterTheRightToItEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		o := overseerOf(newHouse(t, open()))
		for seed := range uint64(rightRuns) {
			o.sequence(seed)
		}
		for _, wrong := range o.wrong {
			t.Error(wrong)
		}
		t.Logf("%d mails with %d of %d comments, %d refused", o.mails, o.told, len(o.comments), o.refused)
		if o.mails < 100 || o.told < 100 || o.refused < 20 {
			t.Errorf("too little happened: %d mails that tell %d times of a comment, %d refused", o.mails, o.told, o.refused)
		}
	})
}

// The reckoning finds what leaves when the rights are not asked again.
func TestABodyThatLeavesAfterItsRightIsFound(t *testing.T) {
	s := storetest.Open(t, store.Config{URL: storetest.SQLite(t)})
	o := overseerOf(newHouseOn(t, s, trusting{s}))
	for seed := range uint64(rightRuns) {
		o.sequence(seed)
	}
	found := map[string]int{}
	for _, wrong := range o.wrong {
		found[wrong[strings.LastIndex(wrong, ": ")+2:]]++
	}
	for _, why := range []string{"blocked", "not concerned", "hidden"} {
		if found[why] == 0 {
			t.Errorf("no body found of one who is %s: %v", why, found)
		}
	}
}

// trusting is a store that finds everything as it was when mail was owed: no right is asked again.
type trusting struct{ core.Store }

func (s trusting) View(ctx context.Context, fn func(core.Tx) error) error {
	return s.Store.View(ctx, func(tx core.Tx) error { return fn(trustingTx{tx}) })
}

type trustingTx struct{ core.Tx }

func (x trustingTx) TaskFacts(ctx context.Context, p *core.Person, id core.ID) (access.Facts, bool, error) {
	facts, _, err := x.Tx.TaskFacts(ctx, p, id)
	return facts.With(access.Par).With(access.Vis), false, err
}

func (x trustingTx) CommentFacts(ctx context.Context, p *core.Person, id core.ID) (access.Facts, bool, error) {
	facts, _, err := x.Tx.CommentFacts(ctx, p, id)
	return facts.With(access.Par).With(access.Vis), false, err
}

func (x trustingTx) FindComment(ctx context.Context, account, id core.ID) (core.Comment, error) {
	cm, err := x.Tx.FindComment(ctx, account, id)
	cm.Hidden = false
	return cm, err
}

// overseer does random things and reckons on its own who may read what.
type overseer struct {
	*house
	m      *mailer.Mailer
	random *rand.Rand
	seed   uint64

	project  core.Project
	tasks    []core.Task
	people   []core.Person
	comments map[string]*written // by mark, of all sequences

	gone      map[core.ID]bool    // blocked everywhere
	out       map[core.ID]bool    // blocked in the project
	audits    map[core.ID]bool    // auditor of the project
	concerned map[[2]core.ID]bool // task and person
	binned    map[core.ID]bool    // tasks

	mu                   sync.Mutex // guards what Send counts
	wrong                []string
	mails, told, refused int
}

// written is a comment as the overseer knows it.
type written struct {
	id, task        core.ID
	author          core.ID
	to              []core.ID
	hidden, deleted bool
}

// noFiles: no mail of the test has any.
type noFiles struct{}

func (noFiles) Open(context.Context, core.ID, string) (io.ReadSeekCloser, error) {
	return nil, core.Fail(core.NotFound, "file.missing")
}

func overseerOf(h *house) *overseer {
	o := &overseer{house: h, comments: map[string]*written{}, gone: map[core.ID]bool{}}
	o.m = mailer.New(mailer.Config{Workers: 2}, mailer.Parts{Core: h.c, Files: noFiles{}, Transport: o})
	return o
}

// sequence is one project with its people from its beginning.
func (o *overseer) sequence(seed uint64) {
	o.t.Helper()
	o.seed, o.random = seed, rand.New(rand.NewPCG(seed, 5))
	o.out, o.audits, o.concerned, o.binned = map[core.ID]bool{}, map[core.ID]bool{}, map[[2]core.ID]bool{}, map[core.ID]bool{}
	o.people, o.tasks = nil, nil
	a := o.as(o.owner)
	for i := range 2 {
		p, err := o.c.CreateUser(o.ctx, a, core.NewUser{Name: fmt.Sprint("User", i), Address: fmt.Sprintf("user%d.%d@holzbau.test", seed, i), Role: core.Employee, Password: "another long phrase"})
		o.must(err)
		o.people = append(o.people, p, o.contact(fmt.Sprint("Guest", i), fmt.Sprintf("guest%d.%d@client.test", seed, i), o.client.ID))
	}
	var err error
	o.project, err = o.c.CreateProject(o.ctx, a, core.NewProject{Name: fmt.Sprint("House ", seed)})
	o.must(err)
	for i := range 2 {
		task, err := o.c.CreateTask(o.ctx, a, core.NewTask{Title: fmt.Sprintf("Task %d.%d", seed, i), Project: o.project.ID})
		o.must(err)
		o.tasks = append(o.tasks, task)
		for _, p := range o.people {
			o.concern(task.ID, p.ID, true)
		}
	}
	for range rightSteps {
		o.step()
	}
	o.pass(72 * time.Hour)
	o.send()
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

// step does one random thing; what the product refuses has not happened.
func (o *overseer) step() {
	r, a := o.random, o.as(o.owner)
	task, p := pick(r, o.tasks).ID, pick(r, o.people).ID
	for _, q := range o.people { // mostly somebody is let in again before the next is shut out
		if (o.gone[q.ID] || o.out[q.ID]) && r.IntN(4) > 0 {
			p = q.ID
		}
	}
	for _, t := range o.tasks {
		if o.binned[t.ID] && r.IntN(4) > 0 {
			task = t.ID
		}
	}
	switch n := r.IntN(100); {
	case n < 30 && !o.binned[task]:
		o.write(task)
	case n < 54:
		o.pass(time.Duration(r.IntN(400)) * time.Second)
		o.send()
	case n < 66:
		o.concern(task, p, !o.concerned[[2]core.ID{task, p}])
	case n < 74:
		o.withdraw()
	case n < 82:
		if o.out[p] {
			o.happened(o.c.UnblockParticipant(o.ctx, a, o.project.ID, p), func() { delete(o.out, p) })
			break
		}
		_, err := o.c.BlockParticipant(o.ctx, a, o.project.ID, p)
		o.happened(err, func() { o.out[p] = true })
	case n < 88:
		if o.gone[p] {
			o.happened(o.c.UnblockPerson(o.ctx, a, p), func() { delete(o.gone, p) })
			break
		}
		_, err := o.c.BlockPerson(o.ctx, a, p)
		o.happened(err, func() { o.gone[p] = true })
	case n < 94:
		if o.audits[p] {
			o.happened(o.c.RemoveParticipant(o.ctx, a, o.project.ID, p), func() { delete(o.audits, p) })
			break
		}
		o.happened(o.c.AddParticipant(o.ctx, a, o.project.ID, p, false, true), func() { o.audits[p] = true })
	default:
		if o.binned[task] {
			o.happened(o.c.Restore(o.ctx, a, core.Object{Kind: "task", ID: task}), func() { delete(o.binned, task) })
			break
		}
		o.happened(o.c.DeleteTask(o.ctx, a, task), func() { o.binned[task] = true })
	}
}

// happened keeps in mind what the product did; trouble is no refusal.
func (o *overseer) happened(err error, did func()) {
	o.t.Helper()
	if err == nil {
		did()
		return
	}
	if k := core.KindOf(err); k == core.Internal || k == core.Unavailable {
		o.t.Fatal(err)
	}
}

// concern gives a person a relation to a task or takes it.
func (o *overseer) concern(task, person core.ID, on bool) {
	o.t.Helper()
	list := core.TaskPeople{}
	for _, p := range o.people {
		if p.ID != person && o.concerned[[2]core.ID{task, p.ID}] || p.ID == person && on {
			list.Participants = append(list.Participants, p.ID)
		}
	}
	o.happened(o.c.SetPeopleAndDates(o.ctx, o.as(o.owner), task, list), func() { o.concerned[[2]core.ID{task, person}] = on })
}

// write adds a comment with a mark of its own.
func (o *overseer) write(task core.ID) {
	o.t.Helper()
	n := core.NewComment{Task: task, Text: fmt.Sprintf("mark%dm%dmark", o.seed, len(o.comments)), Hidden: o.random.IntN(5) == 0}
	for _, p := range o.people {
		if o.random.IntN(2) == 0 {
			n.Tell = append(n.Tell, p.ID)
		}
	}
	cm, err := o.c.Comment(o.ctx, o.as(o.owner), n)
	o.happened(err, func() {
		o.comments[n.Text] = &written{id: cm.ID, task: task, author: cm.Author, to: cm.Recipients, hidden: cm.Hidden}
	})
}

// withdraw hides or deletes one of the last comments.
func (o *overseer) withdraw() {
	var fresh []*written
	for _, w := range o.comments {
		if slices.ContainsFunc(o.tasks, func(t core.Task) bool { return t.ID == w.task }) {
			fresh = append(fresh, w)
		}
	}
	if len(fresh) == 0 {
		return
	}
	slices.SortFunc(fresh, func(a, b *written) int { return strings.Compare(string(b.id), string(a.id)) })
	w := pick(o.random, fresh[:min(4, len(fresh))])
	if o.random.IntN(2) == 0 {
		_, err := o.c.HideComment(o.ctx, o.as(o.owner), w.id)
		o.happened(err, func() { w.hidden = true })
		return
	}
	_, err := o.c.DeleteComment(o.ctx, o.as(o.owner), w.id)
	o.happened(err, func() { w.deleted = true })
}

func (o *overseer) send() {
	o.t.Helper()
	o.must(o.m.UntilIdle(o.ctx))
	o.refused = 0
	list, err := o.allDeliveries(core.DeliveryCancelled)
	o.must(err)
	o.refused = len(list)
}

func (o *overseer) allDeliveries(state core.DeliveryState) (list []core.DeliveryItem, err error) {
	err = o.store.View(o.ctx, func(tx core.Tx) error {
		list, err = tx.ListDeliveries(o.ctx, o.account.ID, core.DeliveryFilter{State: state, Limit: 100})
		return err
	})
	return list, err
}

var mark = regexp.MustCompile(`mark\d+m\d+mark`)

// Send is the way of all mail: it looks at each, and loses some of them in every way there is.
func (o *overseer) Send(_ context.Context, out mailer.Outgoing) mailer.Outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	m, err := mail.Parse(out.Raw, mail.Limits{})
	if err != nil {
		o.wrong = append(o.wrong, err.Error())
		return mailer.Outcome{Class: mailer.Permanent}
	}
	o.mails++
	if at := slices.IndexFunc(o.people, func(p core.Person) bool { return p.Address().Mailbox() == out.Recipient.Mailbox() }); at >= 0 {
		for _, found := range slices.Compact(slices.Sorted(slices.Values(mark.FindAllString(m.Text+m.HTML+m.Subject, -1)))) {
			o.told++
			if why := o.forbidden(o.comments[found], &o.people[at]); why != "" {
				o.wrong = append(o.wrong, fmt.Sprintf("sequence %d: %s goes to %s: %s", o.seed, found, out.Recipient.Mailbox(), why))
			}
		}
	}
	return mailer.Outcome{Class: []mailer.Class{mailer.Sent, mailer.Sent, mailer.Sent, mailer.Temporary, mailer.Uncertain}[o.mails%5]}
}

// forbidden tells why a person may not read a comment, from what was done in this test alone.
func (o *overseer) forbidden(w *written, p *core.Person) string {
	concerned := o.concerned[[2]core.ID{w.task, p.ID}]
	switch {
	case o.gone[p.ID], o.out[p.ID]:
		return "blocked"
	case o.binned[w.task], w.deleted:
		return "deleted"
	case !concerned && !(p.Staff() && o.audits[p.ID]):
		return "not concerned"
	case !p.Staff() && w.hidden:
		return "hidden"
	case !p.Staff() && !slices.Contains(w.to, p.ID):
		return "not addressed"
	}
	return ""
}
