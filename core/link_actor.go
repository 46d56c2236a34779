package core

import (
	"context"

	"planpost/core/access"
)

// linkCovers tells whether the actor's link is about the object: the task that
// it opens with its comments and visits, the dashboard as far as it is that, or plans.
func (a *Actor) linkCovers(ctx context.Context, tx Tx, o Object) (bool, error) {
	switch a.Link.Kind {
	case MuteLink:
		return a.mutes(ctx, tx, o)
	case DownloadLink, ApprovalLink:
		return a.coversPlan(ctx, tx, o)
	case ThreadLink:
	default:
		return false, nil
	}
	task := ID("")
	switch o.Kind {
	case "dashboard":
		return true, nil
	case "task":
		task = o.ID
	case "comment":
		cm, err := tx.FindComment(ctx, a.Account.ID, o.ID)
		if err != nil {
			return false, err
		}
		task = cm.Task
	case "visit":
		v, err := tx.FindVisit(ctx, a.Account.ID, o.ID)
		if err != nil {
			return false, err
		}
		task = v.Task
	}
	return task != "" && task == a.Link.Object, nil
}

// mutes tells whether the link is about the task, or the project it lies in.
func (a *Actor) mutes(ctx context.Context, tx Tx, o Object) (bool, error) {
	if o.Kind == "task" || a.Link.ofDigest() {
		return o.ID == a.Link.Object, nil
	}
	t, err := tx.FindTask(ctx, a.Account.ID, a.Link.Object)
	return o.Kind == "project" && o.ID != "" && o.ID == t.Project, err
}

// linkWrites is asked where an actor who comes by a link alone may do something:
// who writes has typed a code, and the link is read again in the transaction.
func (c *Core) linkWrites(ctx context.Context, tx Tx, a *Actor, action access.Action) error {
	switch {
	case action == "link.request_new" || !access.Writes(action):
		return nil
	case action == "plan.confirm_receipt" && a.Link.Kind == DownloadLink: // it ends nothing and gives nothing: whoever holds the plans may say so
		return nil
	case action == "notif.mute" && a.Link.Kind == MuteLink: // all that this link is for; whoever has the mail may have it stopped
		return nil
	case a.Auth == "mail" && a.Link.Kind == ApprovalLink: // an answer with the code, from a proven sender
	case a.Auth != "code":
		return Fail(Unauthenticated, "link.unproven")
	}
	v, err := c.readLink(ctx, tx, a.Link.Kind, a.Link.ID, a.Link.Generation, a.IP)
	if err != nil {
		return err
	}
	return v.usable()
}
