package core

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Absence says when somebody is away and who stands in meanwhile.
type Absence struct {
	// Deputy is of the staff; empty ends the absence.
	Deputy ID
	// From and Until are civil dates "2006-01-02" in the account's zone, both included.
	From, Until string
}

// AwayOn tells whether the person is away on a civil day. Nothing has to be
// done at the end: the day after, he is simply there.
func (p *Person) AwayOn(day string) bool {
	return p.Deputy != "" && p.AwayFrom != "" && p.AwayFrom <= day && day <= p.AwayUntil
}

// Today is the civil day in an account's zone.
func (c *Core) Today(a *Account) string {
	zone, err := time.LoadLocation(a.Zone)
	if err != nil {
		zone = time.UTC
	}
	return c.Now().In(zone).Format(time.DateOnly)
}

// SetDeputy says who stands in for a member of staff, and when. Mail and held
// messages that would reach the absent reach the deputy too, as far as he may
// see them himself: to stand in gives no rights.
func (c *Core) SetDeputy(ctx context.Context, a *Actor, person ID, n Absence) error {
	n.From, n.Until = strings.TrimSpace(n.From), strings.TrimSpace(n.Until)
	if n.Deputy == "" {
		n = Absence{}
	} else if err := c.checkAbsence(a, n); err != nil {
		return err
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.staffMember(ctx, tx, a, person)
		if err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "user.deputy.set", Object{"person", person}); err != nil {
			return err
		}
		if n.Deputy != "" {
			d, err := tx.FindPerson(ctx, a.Account.ID, n.Deputy)
			if err != nil || !d.Staff() || d.Status != Active || !d.BlockedAt.IsZero() || d.ID == p.ID {
				return firstError(err, Fail(Invalid, "deputy.who"))
			}
		}
		changes := []Change{{"deputy", string(p.Deputy), string(n.Deputy)}, {"away_from", p.AwayFrom, n.From}, {"away_until", p.AwayUntil, n.Until}}
		p.Deputy, p.AwayFrom, p.AwayUntil = n.Deputy, n.From, n.Until
		if err := tx.UpdatePerson(ctx, &p); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "user.deputy", Object{"person", person}, changes)
	})
}

func (c *Core) checkAbsence(a *Actor, n Absence) error {
	for _, day := range []string{n.From, n.Until} {
		if _, err := time.Parse(time.DateOnly, day); err != nil {
			return Fail(Invalid, "deputy.dates")
		}
	}
	if n.Until < n.From || n.Until < c.Today(&a.Account) {
		return Fail(Invalid, "deputy.dates")
	}
	return nil
}

// withDeputies adds to who hears of a task the deputies of those who are away,
// if they may see it themselves. It asks nothing while nobody is away.
func (c *Core) withDeputies(ctx context.Context, tx Tx, account ID, list []notice, may func(*Person) (bool, error)) ([]notice, error) {
	away := slices.ContainsFunc(list, func(n notice) bool { return n.person.Deputy != "" })
	if !away {
		return list, nil
	}
	acc, err := tx.FindAccount(ctx, account)
	if err != nil {
		return nil, err
	}
	today := c.Today(&acc)
	for _, n := range slices.Clone(list) {
		d := n.person.Deputy
		if !n.person.AwayOn(today) || slices.ContainsFunc(list, func(o notice) bool { return o.person.ID == d }) {
			continue
		}
		if n.person, err = tx.FindPerson(ctx, account, d); err != nil {
			return nil, err
		}
		if !reachable(&n.person) {
			continue
		}
		ok, err := may(&n.person)
		if err != nil {
			return nil, err
		}
		if ok {
			n.reason = "deputy"
			list = append(list, n)
		}
	}
	return list, nil
}

// taskDeputies is withDeputies for a task that is written already.
func (c *Core) taskDeputies(ctx context.Context, tx Tx, t *Task, hidden bool, list []notice) ([]notice, error) {
	return c.withDeputies(ctx, tx, t.Account, list, func(p *Person) (bool, error) {
		facts, blocked, err := tx.TaskFacts(ctx, p, t.ID)
		if err != nil {
			return false, err
		}
		a := &Actor{Person: *p, Account: Account{ID: t.Account}}
		ok := decide(a, "task.view", facts, blocked, false).Allowed
		return ok && (!hidden || decide(a, "comment.view_hidden", facts, blocked, false).Allowed), nil
	})
}

// absent are the people of a task who are away on a day with somebody who stands in.
func absent(ctx context.Context, tx Tx, t *Task, day string) (list []AwayNote, err error) {
	people, err := tx.FindPeople(ctx, t.Account, t.Related())
	for i := range people {
		if p := &people[i]; p.AwayOn(day) {
			list = append(list, AwayNote{Person: p.ID, Until: p.AwayUntil, Deputy: p.Deputy})
		}
	}
	return list, err
}
