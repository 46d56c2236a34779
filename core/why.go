package core

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"planpost/core/access"
	"planpost/mail"
)

// Explain is May with the way to the answer, in codes for an operator.
func (c *Core) Explain(ctx context.Context, a *Actor, action access.Action, o Object) (ans access.Answer, lines []string, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		facts, blocked, err := objectFacts(ctx, tx, a, o)
		if err != nil {
			return err
		}
		req := request(a, action, facts, blocked, o.mayKnow(a, facts, blocked))
		ans, lines = access.Decide(req), access.Explain(req)
		return nil
	})
	return ans, lines, err
}

// Why is the answer to "why can X do Y?", with what decided it.
type Why struct {
	Person    Person
	Action    access.Action
	Reasoning access.Reasoning
}

// Why answers for another person; for the owner and administrators, who may read the log too.
func (c *Core) Why(ctx context.Context, a *Actor, person ID, action access.Action, o Object) (w Why, err error) {
	if !access.Known(action) {
		return w, Fail(Invalid, "why.action", "action", oneLine(string(action)))
	}
	err = c.store.View(ctx, func(tx Tx) error {
		as, err := c.standIn(ctx, tx, a, person)
		if err != nil {
			return err
		}
		facts, blocked, err := objectFacts(ctx, tx, as, o)
		if err != nil {
			return err
		}
		w = Why{Person: as.Person, Action: action, Reasoning: access.Reason(request(as, action, facts, blocked, o.mayKnow(as, facts, blocked)))}
		return nil
	})
	return w, err
}

// standIn is an actor for somebody else, to find out what he would see; nothing is done in his name.
func (c *Core) standIn(ctx context.Context, tx Tx, a *Actor, person ID) (*Actor, error) {
	if err := c.require(ctx, tx, a, "account.log.view", Object{}); err != nil {
		return nil, err
	}
	p, err := tx.FindPerson(ctx, a.Account.ID, person)
	if err != nil {
		return nil, err
	}
	return &Actor{Person: p, Account: a.Account, Via: a.Via}, nil
}

// Outlook is what a person has before the eyes: exactly the lists that the person would get.
type Outlook struct {
	Person   Person
	Projects []ProjectItem
	Tasks    []TaskItem
	// More tells that the lists are longer than what is given.
	MoreProjects, MoreTasks bool
}

// OutlookOf gives the projects and the latest tasks that a person sees, at most
// limit of each; for the owner and administrators.
func (c *Core) OutlookOf(ctx context.Context, a *Actor, person ID, limit int) (s Outlook, err error) {
	limit = min(pageSize(limit), 199)
	err = c.store.View(ctx, func(tx Tx) error {
		as, err := c.standIn(ctx, tx, a, person)
		if err != nil {
			return err
		}
		s = Outlook{Person: as.Person}
		if request(as, "task.view", 0, false, false).Gates.Status != access.StatusActive {
			return nil // who does not take part sees nothing
		}
		if s.Projects, err = tx.ListProjects(ctx, as.Viewer(), "", "", limit+1); err != nil {
			return err
		}
		if s.Tasks, err = tx.ListTasks(ctx, as.Viewer(), TaskFilter{Limit: limit + 1}); err != nil {
			return err
		}
		s.MoreProjects, s.MoreTasks = len(s.Projects) > limit, len(s.Tasks) > limit
		s.Projects, s.Tasks = s.Projects[:min(limit, len(s.Projects))], s.Tasks[:min(limit, len(s.Tasks))]
		veilProjects(as, s.Projects)
		return veilTasks(ctx, tx, as, s.Tasks)
	})
	return s, err
}

// PersonNamed finds somebody by ID, address or whole name; for who may read the log.
func (c *Core) PersonNamed(ctx context.Context, a *Actor, name string) (p Person, err error) {
	name = oneLine(name)
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.log.view", Object{}); err != nil {
			return err
		}
		if id, ok := ParseID(name); ok {
			p, err = tx.FindPerson(ctx, a.Account.ID, id)
			return err
		}
		if addr, bad := mail.ParseMailbox(name); bad == nil {
			if p, err = tx.FindPersonByAddress(ctx, a.Account.ID, addr.Norm()); KindOf(err) == NotFound {
				err = Fail(NotFound, "address.unknown", "address", name)
			}
			return err
		}
		list, err := tx.ListPeople(ctx, a.Viewer(), PersonFilter{Query: name, Limit: 50})
		if err != nil {
			return err
		}
		p, err = onlyOne(list, name)
		return err
	})
	return p, err
}

// onlyOne is the one person of that name: the one called exactly so, or the only one found.
func onlyOne(list []Person, name string) (p Person, err error) {
	exact := 0
	for i := range list {
		if strings.EqualFold(list[i].Name, name) {
			p = list[i]
			exact++
		}
	}
	switch {
	case exact == 1:
		return p, nil
	case exact == 0 && len(list) == 1:
		return list[0], nil
	case len(list) == 0:
		return Person{}, Fail(NotFound, "why.nobody", "name", name)
	}
	return Person{}, Fail(Invalid, "why.several", "name", name)
}

// ThingNamed finds a task ("#12"), a person (an address), a project or nothing
// in particular by what somebody typed, and gives its name; for who may read the log.
func (c *Core) ThingNamed(ctx context.Context, a *Actor, text string) (o Object, name string, err error) {
	if text = oneLine(text); text == "" {
		return Object{}, "", nil
	}
	if number, bad := strconv.ParseInt(strings.TrimPrefix(text, "#"), 10, 64); bad == nil {
		err = c.store.View(ctx, func(tx Tx) error {
			if err := c.require(ctx, tx, a, "account.log.view", Object{}); err != nil {
				return err
			}
			t, err := tx.FindTaskByNumber(ctx, a.Account.ID, number)
			o, name = Object{"task", t.ID}, fmt.Sprintf("#%d %s", t.Number, t.Title)
			return err
		})
		return o, name, err
	}
	if strings.Contains(text, "@") {
		p, err := c.PersonNamed(ctx, a, text)
		return Object{"person", p.ID}, p.Name, err
	}
	list, err := c.ProjectNames(ctx, a, 200)
	for i := range list {
		if strings.EqualFold(list[i].Name, text) || string(list[i].ID) == text {
			return Object{"project", list[i].ID}, list[i].Name, err
		}
	}
	if err == nil {
		err = Fail(NotFound, "why.nothing", "name", text)
	}
	return Object{}, "", err
}
