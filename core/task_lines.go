package core

import (
	"context"
	"slices"
	"strings"
)

// The conversation's lines about a changed task, beside "status" and those of
// a moved comment. They tell who changed what (X18: the other actions).
const (
	LineDue        = "due"        // To is the date and time, empty for none
	LineAssignee   = "assignee"   // From and To are people, empty for nobody
	LineJoined     = "joined"     // From is a relation, To the people who got it
	LineLeft       = "left"       // From is a relation, To the people who lost it
	LineVisibility = "visibility" // From and To are visibilities
)

// taskLines writes what people see of a change. Who sees the task is a matter
// of those inside, and so is whoever comes from outside: outsiders never learn
// of one another here.
func (c *Core) taskLines(ctx context.Context, tx Tx, a *Actor, was, now *Task) error {
	people, err := peopleByID(ctx, tx, now.Account, slices.Concat(was.Related(), now.Related()))
	if err != nil {
		return err
	}
	for _, line := range c.linesOf(a, was, now, people) {
		if !line.Hidden {
			line.Recipients = outsidersOf(now, people)
		}
		if err := c.postLine(ctx, tx, line); err != nil {
			return err
		}
	}
	return nil
}

// outsidersOf are the task's people from outside: to them a line is addressed without a mail.
func outsidersOf(t *Task, people map[ID]Person) []ID {
	return slices.DeleteFunc(t.Related(), func(id ID) bool { p := people[id]; return p.ID == "" || p.Staff() })
}

func (c *Core) linesOf(a *Actor, was, now *Task, people map[ID]Person) (lines []*Comment) {
	add := func(hidden bool, change, from, to string) {
		line := c.changeEntry(a, now, change, from, to)
		line.Hidden = hidden
		lines = append(lines, line)
	}
	if was.Visibility != now.Visibility {
		add(true, LineVisibility, was.Visibility, now.Visibility)
	}
	if before, after := dueOf(was), dueOf(now); before != after {
		add(false, LineDue, before, after)
	}
	outside := func(id ID) bool { p := people[id]; return id != "" && !p.Staff() }
	if before, after := one(was.Of(Assignee)), one(now.Of(Assignee)); before != after {
		add(outside(before) || outside(after), LineAssignee, string(before), string(after))
	}
	for _, r := range []Relation{CoAssignee, Participate, Auditor} {
		before, after := was.Of(r), now.Of(r)
		for _, hidden := range []bool{false, true} {
			inside := func(id ID) bool { return hidden == (r == Auditor || outside(id)) }
			if left := missing(before, after, inside); left != "" {
				add(hidden, LineLeft, string(r), left)
			}
			if joined := missing(after, before, inside); joined != "" {
				add(hidden, LineJoined, string(r), joined)
			}
		}
	}
	return lines
}

func dueOf(t *Task) string { return strings.TrimSpace(t.DueDate + " " + t.DueTime) }

// missing are those of list that are not in other, as far as they fit.
func missing(list, other []ID, fits func(ID) bool) string {
	var names []string
	for _, id := range list {
		if !slices.Contains(other, id) && fits(id) {
			names = append(names, string(id))
		}
	}
	return strings.Join(names, " ")
}

// LinePeople are the people whom a line's From or To names; none for other texts.
func LinePeople(text string) (ids []ID) {
	for _, s := range strings.Fields(text) {
		if id, ok := ParseID(s); ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// named are the people whom the comment names as a line of the system.
func (cm *Comment) named() []ID {
	switch cm.Change {
	case LineAssignee, LineJoined, LineLeft:
		return append(LinePeople(cm.From), LinePeople(cm.To)...)
	}
	return nil
}
