package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

type taskCommand struct {
	Create  taskCreate  `cmd:"" help:"Make a task."`
	List    taskList    `cmd:"" help:"Tasks, latest activity first."`
	Show    taskShow    `cmd:"" help:"One task with its conversation."`
	Comment taskComment `cmd:"" help:"Write into a task."`
	Status  taskStatus  `cmd:"" help:"Change a task's status."`
	Edit    taskEdit    `cmd:"" help:"Change a task; what is not named stays."`
	Delete  taskDelete  `cmd:"" help:"Put a task into the bin."`
	Mute    taskMute    `cmd:"" help:"Hear nothing of a task but what is addressed to oneself; with --as."`
}

type taskCreate struct {
	inAccount
	Title       string   `help:"Title; needed without a template that has one."`
	Template    string   `placeholder:"ID" help:"Template to begin with, by id; what is named here counts more."`
	Description string   `help:"Description; - reads it from standard input."`
	Project     string   `help:"Project, by id."`
	Assignee    string   `placeholder:"ADDRESS" help:"Who does it."`
	Participant []string `placeholder:"ADDRESS" help:"Who takes part; outsiders too."`
	Due         string   `placeholder:"2006-01-02" help:"Due date."`
}

func (c *taskCreate) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		n, err := c.draft(ctx, term, g, a)
		if err != nil {
			return err
		}
		t, err := g.core.CreateTask(ctx, a, n)
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": t.ID, "number": t.Number, "title": t.Title}, fmt.Sprintf("[#%d] %s", t.Number, t.Title))
	})
}

// draft is what the template says, with what is named on the line instead.
func (c *taskCreate) draft(ctx context.Context, term *terminal, g *gateway, a *core.Actor) (n core.NewTask, err error) {
	if c.Template != "" {
		if n, err = g.core.DraftTask(ctx, a, core.ID(c.Template), ""); err != nil {
			return n, err
		}
		n.Template = core.ID(c.Template)
	}
	text, err := textOrInput(term, c.Description)
	if err != nil {
		return n, err
	}
	for field, value := range map[*string]string{&n.Title: c.Title, &n.Description: text, &n.DueDate: c.Due} {
		if value != "" {
			*field = value
		}
	}
	if c.Project != "" {
		n.Project = core.ID(c.Project)
	}
	ids, err := g.peopleByAddress(ctx, a, append([]string{c.Assignee}, c.Participant...))
	if err != nil {
		return n, err
	}
	if ids[0] != "" {
		n.Assignee = ids[0]
	}
	if len(c.Participant) > 0 {
		n.Participants = ids[1:]
	}
	return n, nil
}

func textOrInput(term *terminal, s string) (string, error) {
	if s != "-" {
		return s, nil
	}
	b, err := io.ReadAll(term.in)
	return string(b), err
}

// peopleByAddress finds people by their addresses, in order; an empty address gives an empty id.
func (g *gateway) peopleByAddress(ctx context.Context, a *core.Actor, addresses []string) (ids []core.ID, err error) {
	for _, s := range addresses {
		if s == "" {
			ids = append(ids, "")
			continue
		}
		p, err := g.core.Addressed(ctx, a, s)
		if err != nil {
			return nil, err
		}
		ids = append(ids, p.ID)
	}
	return ids, nil
}

type taskList struct {
	inAccount
	Status string `default:"open" help:"open, closed, any, or one status."`
	Limit  int    `default:"50" help:"Most tasks."`
}

func (c *taskList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		list, err := g.core.Tasks(ctx, a, core.TaskFilter{Status: c.Status, Limit: c.Limit})
		if err != nil {
			return err
		}
		for _, t := range list {
			value := map[string]any{"id": t.ID, "number": t.Number, "title": t.Title, "status": t.Status, "project": t.ProjectName, "assignee": t.AssigneeName, "updated": t.UpdatedAt}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("[#%d] %-8s %s  (%s, %s)", t.Number, t.Status, t.Title, t.ProjectName, t.AssigneeName)); err != nil {
				return err
			}
		}
		return nil
	})
}

type taskShow struct {
	inAccount
	Number int64 `arg:"" help:"Number of the task."`
}

func (c *taskShow) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.Task(ctx, a, c.Number, "")
		if err != nil {
			return err
		}
		comments := []map[string]any{}
		text := fmt.Sprintf("[#%d] %s  (%s)\n%s\n", v.Task.Number, v.Task.Title, v.Task.Status, v.Description)
		for _, cm := range v.Comments {
			comments = append(comments, map[string]any{"id": cm.ID, "author": cm.AuthorPerson.Name, "text": cm.Text, "hidden": cm.Hidden, "via": cm.Via, "verified": cm.Verified, "at": cm.CreatedAt, "change": cm.Change, "to": cm.To})
			text += fmt.Sprintf("\n-- %s, %s\n%s%s\n", cm.AuthorPerson.Name, cm.CreatedAt.Format("2006-01-02 15:04"), cm.Text, changeText(&v, &cm.Comment))
		}
		return g.show(term, c.JSON, map[string]any{"number": v.Task.Number, "title": v.Task.Title, "status": v.Task.Status, "description": v.Description, "comments": comments}, strings.TrimRight(text, "\n"))
	})
}

// changeText tells of a line of the system, people by their names.
func changeText(v *core.TaskView, cm *core.Comment) string {
	if cm.Change == "" {
		return ""
	}
	from, to := cm.From, cm.To
	switch cm.Change {
	case core.LineAssignee, core.LineJoined, core.LineLeft:
		for _, id := range append(core.LinePeople(from), core.LinePeople(to)...) {
			from, to = strings.ReplaceAll(from, string(id), v.People[id].Name), strings.ReplaceAll(to, string(id), v.People[id].Name)
		}
	}
	return cm.Change + ": " + from + " → " + to
}

type taskComment struct {
	inAccount
	Number int64    `arg:"" help:"Number of the task."`
	Text   string   `arg:"" help:"The text; - reads it from standard input."`
	Hidden bool     `help:"Outsiders never see it."`
	Tell   []string `placeholder:"ADDRESS" help:"Who is told at once; outsiders get mail only when named here."`
}

func (c *taskComment) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if a.Operator {
			return fmt.Errorf("a comment has an author: say who with --as ADDRESS")
		}
		v, err := g.core.Task(ctx, a, c.Number, "")
		if err != nil {
			return err
		}
		n := core.NewComment{Task: v.Task.ID, Hidden: c.Hidden}
		if n.Text, err = textOrInput(term, c.Text); err != nil {
			return err
		}
		if n.Tell, err = g.peopleByAddress(ctx, a, c.Tell); err != nil {
			return err
		}
		cm, err := g.core.Comment(ctx, a, n)
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": cm.ID, "told": cm.Recipients}, fmt.Sprintf("written; %d told", len(cm.Recipients)))
	})
}

type taskStatus struct {
	inAccount
	Number int64  `arg:"" help:"Number of the task."`
	Status string `arg:"" help:"new, working, waiting, done or rejected."`
}

func (c *taskStatus) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		v, err := g.core.Task(ctx, a, c.Number, "")
		if err != nil {
			return err
		}
		if err := g.core.SetStatus(ctx, a, v.Task.ID, c.Status); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"number": c.Number, "status": c.Status}, fmt.Sprintf("[#%d] %s", c.Number, c.Status))
	})
}

type explainCommand struct {
	inAccount
	Person string `arg:"" help:"Who, by address."`
	Action string `arg:"" help:"Action of the permission table, like task.comment."`
	Kind   string `arg:"" optional:"" help:"Kind of object: task (by number), project, person (by address)."`
	Object string `arg:"" optional:"" help:"Which object."`
}

// Run prints the gate or the cell that decides, and the facts.
func (c *explainCommand) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if !access.Known(access.Action(c.Action)) {
			return fmt.Errorf("there is no action %q in the permission table", c.Action)
		}
		// Answers about others are for who may read the log, as in the page; before anything else is told.
		may, err := g.core.May(ctx, a, "account.log.view", core.Object{})
		if err == nil && !may.Allowed {
			err = core.Fail(core.Forbidden, "forbidden")
		}
		if err != nil {
			return err
		}
		p, err := g.core.Addressed(ctx, a, c.Person)
		if err != nil {
			return err
		}
		o, err := g.object(ctx, a, c.Kind, c.Object)
		if err != nil {
			return err
		}
		ans, lines, err := g.core.Explain(ctx, &core.Actor{Person: p, Account: a.Account, Via: "cli"}, access.Action(c.Action), o)
		if err != nil {
			return err
		}
		deed := explained(&p, access.Action(c.Action), ans.Allowed)
		return g.show(term, c.JSON, map[string]any{"allowed": ans.Allowed, "reason": ans.Reason, "deed": deed, "way": lines}, strings.Join(append([]string{deed}, lines...), "\n"))
	})
}

// explained is the answer in a sentence; the codes that led to it follow.
func explained(p *core.Person, action access.Action, allowed bool) string {
	verdict := templates.T("en", "why.no")
	if allowed {
		verdict = templates.T("en", "why.yes")
	}
	return fmt.Sprintf("%s %s (%s): %s", verdict, p.Name, templates.T("en", "subject."+p.Subject().String()), templates.T("en", "action."+string(action)))
}

func (g *gateway) object(ctx context.Context, a *core.Actor, kind, which string) (core.Object, error) {
	switch kind {
	case "":
		return core.Object{}, nil
	case "task":
		var number int64
		if _, err := fmt.Sscan(which, &number); err != nil {
			return core.Object{}, fmt.Errorf("%q is not a task's number", which)
		}
		v, err := g.core.Task(ctx, core.OperatorOf(a.Account), number, "")
		return core.Object{Kind: kind, ID: v.Task.ID}, err
	case "person":
		p, err := g.core.Addressed(ctx, a, which)
		return core.Object{Kind: kind, ID: p.ID}, err
	case "project", "comment", "receipt", "company":
		id, ok := core.ParseID(which)
		if !ok {
			return core.Object{}, fmt.Errorf("%q is not an id", which)
		}
		return core.Object{Kind: kind, ID: id}, nil
	}
	return core.Object{}, fmt.Errorf("there is no kind of object %q", kind)
}
