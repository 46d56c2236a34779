package core

import (
	"context"
	"slices"
	"time"

	"planpost/mail"
)

// Caution is a reason to look twice at an address outside before something goes there.
// It forbids nothing: the one who writes knows more than we do.
type Caution struct {
	Kind CautionKind
	// Address is that of the person.
	Address string
	// LikeName and LikeAddress are of whom it can be taken for.
	LikeName, LikeAddress string
	// Company is whose it is, or its domain; Counterparty is for whom the work is.
	Company, Counterparty string
}

// CautionKind is what is to be looked at.
type CautionKind string

// The reasons, as words name them.
const (
	// CautionAlike: it looks like the address of somebody known longer.
	CautionAlike CautionKind = "alike"
	// CautionCompany: it belongs to another company than the counterparty.
	CautionCompany CautionKind = "company"
	// CautionFirst: no mail of work has gone to this person yet.
	CautionFirst CautionKind = "first"
)

// cautionNew is how long somebody is compared with those known longer: who
// writes under the name of another is answered more than once.
const cautionNew = 30 * 24 * time.Hour

// KnownAddress is an address of the account with whose it is.
type KnownAddress struct {
	Person  ID
	Name    string
	Company ID
	Address mail.Address
	Norm    string
}

// CautionTx reads what an address is compared with.
type CautionTx interface {
	// KnownAddresses gives those of the people whom the viewer may know of and who
	// are not blocked, in the order in which the people were made.
	KnownAddresses(ctx context.Context, v Viewer) ([]KnownAddress, error)
	// WrittenTo gives those of ids to whom a mail of work has gone.
	WrittenTo(ctx context.Context, account ID, ids []ID) ([]ID, error)
}

// watch finds cautions; what costs is read once, and only when somebody is new.
type watch struct {
	tx    Tx
	a     *Actor
	now   time.Time
	home  Company
	known []KnownAddress
	read  bool
	firms map[ID]string
}

// cautions sets what there is to say before a comment goes to people outside.
func (c *Core) cautions(ctx context.Context, tx Tx, a *Actor, v *TaskView) error {
	if !a.inside() || !v.May["task.comment"] {
		return nil
	}
	var ids []ID
	for _, r := range v.Tell {
		if r.Outside && len(r.Person.Addresses) > 0 {
			ids = append(ids, r.Person.ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	written, err := tx.WrittenTo(ctx, a.Account.ID, ids)
	if err != nil {
		return err
	}
	w := watch{tx: tx, a: a, now: c.Now(), home: v.Counterparty}
	for i := range v.Tell {
		if r := &v.Tell[i]; slices.Contains(ids, r.Person.ID) {
			if r.Cautions, err = w.of(ctx, &r.Person, slices.Contains(written, r.Person.ID)); err != nil {
				return err
			}
		}
	}
	return nil
}

// InviteCautions tells what there is to say before somebody is brought into a
// project. People from outside learn nothing: it would tell them whom we know.
func (c *Core) InviteCautions(ctx context.Context, a *Actor, project ID, n NewParticipant) (list []Caution, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		j, err := tx.FindProject(ctx, a.Account.ID, project)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "participant.invite", Object{"project", project}); err != nil || !a.inside() {
			return err
		}
		w := watch{tx: tx, a: a, now: c.Now()}
		if j.Counterparty != "" {
			if w.home, err = tx.FindCompany(ctx, a.Account.ID, j.Counterparty); err != nil {
				return err
			}
		}
		p, err := c.known(ctx, tx, a, &n)
		if KindOf(err) == NotFound {
			if p, err = c.newPerson(a.Account.ID, ContactKind, n.Name, n.Address); err != nil {
				return err
			}
			list, err = w.of(ctx, &p, false)
			return err
		}
		if err != nil || p.Staff() || len(p.Addresses) == 0 {
			return err
		}
		written, err := tx.WrittenTo(ctx, a.Account.ID, []ID{p.ID})
		if err == nil {
			list, err = w.of(ctx, &p, len(written) > 0)
		}
		return err
	})
	return list, err
}

// Doubtful is somebody at whom is to be looked twice.
type Doubtful struct {
	Person   Person
	Cautions []Caution
}

// TaskCautions tells what there is to say before people hear of a task, or of
// the new one n when task is empty. Of those who take part already nothing is said.
func (c *Core) TaskCautions(ctx context.Context, a *Actor, task ID, n NewTask, people []ID) (list []Doubtful, err error) {
	if !a.inside() {
		return nil, nil
	}
	err = c.store.View(ctx, func(tx Tx) error {
		t, err := c.cautionTask(ctx, tx, a, task, n)
		if err != nil {
			return err
		}
		w := watch{tx: tx, a: a, now: c.Now()}
		var project Project
		if t.Project != "" {
			if project, err = tx.FindProject(ctx, t.Account, t.Project); err != nil {
				return err
			}
		}
		if id := counterpartyOf(&t, &project); id != "" {
			if w.home, err = tx.FindCompany(ctx, t.Account, id); err != nil {
				return err
			}
		}
		if task != "" {
			there := t.Related()
			people = slices.DeleteFunc(slices.Clone(people), func(id ID) bool { return slices.Contains(there, id) })
		}
		list, err = w.doubtful(ctx, people)
		return err
	})
	return list, err
}

func (c *Core) cautionTask(ctx context.Context, tx Tx, a *Actor, task ID, n NewTask) (t Task, err error) {
	if task == "" {
		if t, err = c.newTask(a, n); err != nil {
			return t, err
		}
		return t, c.mayCreate(ctx, tx, a, &t)
	}
	if t, err = tx.FindTask(ctx, a.Account.ID, task); err != nil {
		return t, err
	}
	return t, c.require(ctx, tx, a, "task.add_participant", Object{"task", task})
}

// doubtful gives those of people outside at whom is to be looked twice.
func (w *watch) doubtful(ctx context.Context, ids []ID) (list []Doubtful, err error) {
	people, err := w.tx.FindPeople(ctx, w.a.Account.ID, ids)
	if err != nil {
		return nil, err
	}
	written, err := w.tx.WrittenTo(ctx, w.a.Account.ID, ids)
	if err != nil {
		return nil, err
	}
	for i := range people {
		p := &people[i]
		if p.Staff() || len(p.Addresses) == 0 {
			continue
		}
		d := Doubtful{Person: *p}
		if d.Cautions, err = w.of(ctx, p, slices.Contains(written, p.ID)); err != nil {
			return nil, err
		}
		if len(d.Cautions) > 0 {
			list = append(list, d)
		}
	}
	return list, nil
}

// of gives the cautions about somebody with an address, the gravest first.
func (w *watch) of(ctx context.Context, p *Person, written bool) (list []Caution, err error) {
	to := p.Addresses[0]
	fresh := !written || p.CreatedAt.After(w.now.Add(-cautionNew))
	if fresh && !w.read {
		if w.known, err = w.tx.KnownAddresses(ctx, w.a.Viewer()); err != nil {
			return nil, err
		}
		w.read = true
	}
	if fresh {
		if k := alike(p.ID, to.Given, to.Norm, w.known); k != nil {
			list = append(list, Caution{Kind: CautionAlike, Address: to.Norm, LikeName: k.Name, LikeAddress: k.Norm})
		}
	}
	firm, err := w.otherFirm(ctx, p, fresh)
	if err != nil {
		return nil, err
	}
	if firm != "" {
		list = append(list, Caution{Kind: CautionCompany, Address: to.Norm, Company: firm, Counterparty: w.home.Name})
	}
	if !written {
		list = append(list, Caution{Kind: CautionFirst, Address: to.Norm})
	}
	return list, nil
}

// otherFirm names the company of somebody who is not of the counterparty. Of
// somebody new without a company the domain tells it, where the
// counterparty's people have one of their own.
func (w *watch) otherFirm(ctx context.Context, p *Person, fresh bool) (string, error) {
	switch {
	case w.home.ID == "" || p.Company == w.home.ID:
		return "", nil
	case p.Company != "":
		if name, ok := w.firms[p.Company]; ok {
			return name, nil
		}
		firm, err := w.tx.FindCompany(ctx, p.Account, p.Company)
		if w.firms == nil {
			w.firms = map[ID]string{}
		}
		w.firms[p.Company] = firm.Name
		return firm.Name, err
	case !fresh:
		return "", nil
	}
	own := false
	for i := range w.known {
		k := &w.known[i]
		if k.Person == p.ID || k.Company != w.home.ID || freeMail(k.Address.Domain) {
			continue
		}
		if k.Address.SameDomain(p.Addresses[0].Given) {
			return "", nil
		}
		own = true
	}
	if !own {
		return "", nil
	}
	return p.Addresses[0].Given.Domain, nil
}

// alike finds who is known longer than person and whose address this one can be
// taken for. Of two domains the one that was here first is the true one.
func alike(person ID, to mail.Address, norm string, known []KnownAddress) *KnownAddress {
	free, first := freeMail(to.Domain), false
	for i := range known {
		k := &known[i]
		if k.Person >= person {
			break
		}
		same := k.Address.SameDomain(to)
		first = first || same
		switch {
		case k.Norm == norm:
		case same && (free && to.LocalAlike(k.Address) || mail.Drawn(to.Local) == mail.Drawn(k.Address.Local)):
			return k // in a firm's domain only its people have mailboxes, and names of colleagues differ in one letter
		case !same && !first && !(free && freeMail(k.Address.Domain)) && to.DomainAlike(k.Address):
			return k
		case !same && free && !freeMail(k.Address.Domain) && len(lettersOf(to.Local)) > 1 && mail.Drawn(to.Local) == mail.Drawn(k.Address.Local):
			return k // the whole name of somebody, where everybody gets a mailbox
		}
	}
	return nil
}
