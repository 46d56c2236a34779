package core

import (
	"context"
	"slices"
)

// WorkKind is what somebody has to do with an open thing.
type WorkKind string

// The kinds of open work, in the order in which they are listed.
const (
	WorkAssignee      WorkKind = "assignee"
	WorkCoAssignee    WorkKind = "coassignee"
	WorkParticipant   WorkKind = "participant"
	WorkVisit         WorkKind = "visit"
	WorkAuditor       WorkKind = "auditor"
	WorkProjectOwner  WorkKind = "projectowner"
	WorkClientManager WorkKind = "clientmanager"
	WorkResponsible   WorkKind = "responsible"
	WorkMember        WorkKind = "member"
	WorkIntake        WorkKind = "intake"
	WorkDeputy        WorkKind = "deputy"
	WorkTeam          WorkKind = "team"
)

// WorkKinds are all of them.
var WorkKinds = [...]WorkKind{WorkAssignee, WorkCoAssignee, WorkParticipant, WorkAuditor, WorkVisit, WorkProjectOwner, WorkClientManager, WorkResponsible,
	WorkMember, WorkIntake, WorkDeputy, WorkTeam}

// OnTask tells that the work is a relation to a task.
func (k WorkKind) OnTask() bool {
	return k == WorkAssignee || k == WorkCoAssignee || k == WorkParticipant || k == WorkAuditor
}

// byTeam tells that a superior may move it: the work itself and no post.
func (k WorkKind) byTeam() bool { return k.OnTask() || k == WorkVisit }

// needsSomebody tells that the work cannot be left to nobody at all.
func (k WorkKind) needsSomebody() bool { return k == WorkProjectOwner }

// WorkRef names one piece of open work of a person.
type WorkRef struct {
	Kind WorkKind
	// Object is the task, visit or project, the person whose deputy or superior this one is, or the account.
	Object ID
}

// OpenWork is one piece of it in a list.
type OpenWork struct {
	WorkRef
	// Number is the task's; Title that of the task, the project or the person's name.
	Number int64
	Title  string
	// Project and Due are the task's; of a visit Due is its day.
	Project, Due string
}

// OpenWorkTx reads and moves what is open for somebody.
type OpenWorkTx interface {
	// OpenWorkOf lists everything open that names a person, by kind and then the oldest first.
	OpenWorkOf(ctx context.Context, account, person ID) ([]OpenWork, error)
}

// OpenWorkView is the page that lists a person's open work.
type OpenWorkView struct {
	Person Person
	Items  []OpenWork
	// All tells that posts may be moved too, not only tasks.
	All bool
	May Rights
}

// OpenWork lists what is open for a member of staff, for who may move it.
func (c *Core) OpenWork(ctx context.Context, a *Actor, person ID) (v OpenWorkView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = OpenWorkView{}
		if v.Person, err = c.staffMember(ctx, tx, a, person); err != nil {
			return err
		}
		o := Object{"person", person}
		if v.May, err = c.rights(ctx, tx, a, o, "user.reassign_work", "user.deactivate", "user.delete"); err != nil {
			return err
		}
		if !v.May["user.deactivate"] {
			if err := c.require(ctx, tx, a, "user.reassign_work", o); err != nil {
				return err
			}
		}
		v.All, err = c.mayMovePosts(ctx, tx, a, person)
		if err != nil {
			return err
		}
		v.Items, err = tx.OpenWorkOf(ctx, a.Account.ID, person)
		if !v.All {
			v.Items = slices.DeleteFunc(v.Items, func(w OpenWork) bool { return !w.Kind.byTeam() })
		}
		return err
	})
	return v, err
}

// mayMovePosts tells who may move more than tasks: whose right to re-assign
// does not come from being the superior. A superior would otherwise make
// himself owner of his people's projects.
func (c *Core) mayMovePosts(ctx context.Context, tx Tx, a *Actor, person ID) (bool, error) {
	ans, err := c.may(ctx, tx, a, "user.edit", Object{"person", person})
	if err != nil || ans.Allowed {
		return ans.Allowed, err
	}
	ans, err = c.may(ctx, tx, a, "user.reassign_work", Object{})
	return ans.Allowed, err
}
