package core

import (
	"context"
	"slices"
	"strconv"
	"time"
)

// TaskTemplate is what tasks of one sort have in common. It belongs to the
// account's settings; a task made from it is its own at once.
type TaskTemplate struct {
	ID, Account ID
	// Name is what it is chosen by; Title and Description are those of the task.
	Name, Title, Description string
	// Project may be empty.
	Project ID
	// Assignee and Participants may have left since: they are left out of the task then.
	Assignee     ID
	Participants []ID
	Visibility   string
	// DueDays is in how many days the task is due; 0 for no date.
	DueDays int
	// Outside offers it to people from outside, who get its words and its project.
	Outside              bool
	CreatedBy            ID
	CreatedAt, UpdatedAt time.Time
}

// TemplateTx reads and writes task templates.
type TemplateTx interface {
	CreateTemplate(ctx context.Context, t *TaskTemplate) error
	// UpdateTemplate writes every field but creation.
	UpdateTemplate(ctx context.Context, t *TaskTemplate) error
	DeleteTemplate(ctx context.Context, account, id ID) error
	FindTemplate(ctx context.Context, account, id ID) (TaskTemplate, error)
	// ListTemplates gives all of the account, by name.
	ListTemplates(ctx context.Context, account ID) ([]TaskTemplate, error)
}

// TemplateEdit is what is to be changed of a template; what is nil stays.
type TemplateEdit struct {
	Name, Title, Description *string
	Project                  *ID
	Assignee                 *ID
	Participants             *[]ID
	Visibility               *string
	DueDays                  *int
	Outside                  *bool
}

// On makes the changes, unchecked.
func (e *TemplateEdit) On(t *TaskTemplate) {
	assign(&t.Name, e.Name)
	assign(&t.Title, e.Title)
	assign(&t.Description, e.Description)
	assign(&t.Project, e.Project)
	assign(&t.Assignee, e.Assignee)
	assign(&t.Participants, e.Participants)
	assign(&t.Visibility, e.Visibility)
	assign(&t.DueDays, e.DueDays)
	assign(&t.Outside, e.Outside)
}

// Bounds of templates.
const (
	maxTemplates    = 200
	maxTemplateName = 100
	maxDueDays      = 3650
)

// Templates lists all templates for who may edit them.
func (c *Core) Templates(ctx context.Context, a *Actor) (list []TaskTemplate, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "template.edit", Object{}); err != nil {
			return err
		}
		list, err = tx.ListTemplates(ctx, a.Account.ID)
		return err
	})
	return list, err
}

// Template gives one template to who may edit it, with the people it names.
func (c *Core) Template(ctx context.Context, a *Actor, id ID) (t TaskTemplate, people map[ID]Person, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "template.edit", Object{}); err != nil {
			return err
		}
		if t, err = tx.FindTemplate(ctx, a.Account.ID, id); err != nil {
			return err
		}
		people, err = peopleByID(ctx, tx, t.Account, append([]ID{t.Assignee}, t.Participants...))
		return err
	})
	return t, people, err
}

// SaveTemplate changes a template, or makes one when id is empty.
func (c *Core) SaveTemplate(ctx context.Context, a *Actor, id ID, e TemplateEdit) (t TaskTemplate, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "template.edit", Object{}); err != nil {
			return err
		}
		was := TaskTemplate{Account: a.Account.ID, Visibility: VisibleParticipants}
		if id != "" {
			if was, err = tx.FindTemplate(ctx, a.Account.ID, id); err != nil {
				return err
			}
		}
		if t, err = c.editTemplate(ctx, tx, a, was, &e); err != nil {
			return err
		}
		t.UpdatedAt = tx.Now()
		code := "template.edit"
		if id == "" {
			code, t.ID, t.CreatedBy, t.CreatedAt = "template.create", NewID(), a.Person.ID, tx.Now()
			err = c.addTemplate(ctx, tx, &t)
		} else {
			err = tx.UpdateTemplate(ctx, &t)
		}
		if err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, code, Object{"template", t.ID}, templateChanges(&was, &t), "name", t.Name)
	})
	return t, err
}

func (c *Core) addTemplate(ctx context.Context, tx Tx, t *TaskTemplate) error {
	all, err := tx.ListTemplates(ctx, t.Account)
	if err != nil {
		return err
	}
	if len(all) >= maxTemplates {
		return Fail(Conflict, "template.many", "max", itoa(maxTemplates))
	}
	return tx.CreateTemplate(ctx, t)
}

// editTemplate gives the template as it would be.
func (c *Core) editTemplate(ctx context.Context, tx Tx, a *Actor, t TaskTemplate, e *TemplateEdit) (TaskTemplate, error) {
	was := t
	e.On(&t)
	t.Name, t.Title, t.Description = cut(oneLine(c.redact(t.Name)), maxTemplateName), oneLine(c.redact(t.Title)), c.redact(body(t.Description))
	switch {
	case t.Title == "":
		return t, Fail(Invalid, "task.title")
	case t.Visibility != VisibleInside && t.Visibility != VisibleParticipants:
		return t, Fail(Invalid, "visibility", "visibility", oneLine(t.Visibility))
	case t.DueDays < 0 || t.DueDays > maxDueDays:
		return t, Fail(Invalid, "template.days", "max", itoa(maxDueDays))
	}
	if t.Name == "" {
		t.Name = cut(t.Title, maxTemplateName)
	}
	if t.Project != "" && t.Project != was.Project {
		if _, err := tx.FindProject(ctx, t.Account, t.Project); err != nil {
			return t, err
		}
	}
	t.Participants = slices.Compact(t.Participants)
	return t, c.checkJoined(ctx, tx, a, &Task{Account: t.Account, People: t.people()}, &Task{People: was.people()})
}

func (t *TaskTemplate) people() []TaskPerson {
	return taskPeople("", TaskPeople{Assignee: t.Assignee, Participants: t.Participants})
}

func templateChanges(was, now *TaskTemplate) []Change {
	changes := []Change{
		{"name", was.Name, now.Name}, {"title", was.Title, now.Title}, {"description", was.Description, now.Description}, {"project", string(was.Project), string(now.Project)},
		{"visibility", was.Visibility, now.Visibility}, {"due_days", strconv.Itoa(was.DueDays), strconv.Itoa(now.DueDays)}, {"outside", strconv.FormatBool(was.Outside), strconv.FormatBool(now.Outside)},
	}
	return append(changes, peopleChanges(&Task{People: was.people()}, &Task{People: now.people()})...)
}

// DeleteTemplate takes a template away; tasks made from it stay.
func (c *Core) DeleteTemplate(ctx context.Context, a *Actor, id ID) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "template.edit", Object{}); err != nil {
			return err
		}
		t, err := tx.FindTemplate(ctx, a.Account.ID, id)
		if err != nil {
			return err
		}
		if err := tx.DeleteTemplate(ctx, t.Account, id); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "template.delete", Object{"template", id}, templateChanges(&t, &TaskTemplate{}), "name", t.Name)
	})
}
