package core

import "context"

// maxHeld is how many held messages one letter shows: whoever floods an
// address shall not make our mail as large as he likes.
const maxHeld = 20

// readWaiting reads a letter that has no task: it tells of held messages only.
func (c *Core) readWaiting(ctx context.Context, tx Tx, l *Letter) error {
	reader := &Actor{Person: l.Person, Account: l.Account, Via: "mail"}
	notes, err := tx.NotificationsOf(ctx, l.Delivery.Account, l.Delivery.ID)
	if err != nil {
		return err
	}
	notes, unwanted, err := stillWanted(ctx, tx, l, "", notes)
	if err != nil {
		return err
	}
	if len(notes) == 0 && unwanted != "" {
		return Fail(Conflict, unwanted)
	}
	for _, n := range notes {
		if n.Event != MessageHeld {
			continue
		}
		before := len(l.Held)
		if err := c.readHeld(ctx, tx, reader, l, n.Receipt); err != nil {
			return err
		}
		if len(l.Held) > before {
			l.Event, l.Reasons = n.Event, appendNew(l.Reasons, n.Reason)
		}
	}
	if len(l.Held) == 0 {
		return Fail(Conflict, "delivery.nothing_left")
	}
	l.Project = l.Held[0].Project
	for i := range l.Held {
		if l.Held[i].Project.ID != l.Project.ID {
			l.Project = Project{} // several: the letter belongs to none
		}
	}
	return nil
}

// readHeld adds a held message unless it was decided meanwhile or is not for this reader any more.
func (c *Core) readHeld(ctx context.Context, tx Tx, reader *Actor, l *Letter, id ID) error {
	if len(l.Held) == maxHeld {
		l.MoreHeld++
		return nil
	}
	r, err := tx.FindReceipt(ctx, l.Delivery.Account, id)
	if err != nil || r.Disposition != Held {
		return err
	}
	ans, err := c.may(ctx, tx, reader, "inbound.quarantine.view", Object{"receipt", id})
	if err != nil || !ans.Allowed {
		return err
	}
	h := LetterHeld{Receipt: r, URL: c.cfg.BaseURL + "/messages/" + string(r.ID)}
	if h.Message, err = tx.FindMessage(ctx, r.Account, r.Message); err != nil {
		return err
	}
	if h.Project, err = c.heldProject(ctx, tx, l, r.Project); err != nil {
		return err
	}
	l.Held = append(l.Held, h)
	return nil
}

// heldProject reads a project once for all messages to it that follow one another.
func (c *Core) heldProject(ctx context.Context, tx Tx, l *Letter, id ID) (Project, error) {
	switch n := len(l.Held); {
	case id == "":
		return Project{}, nil
	case id == l.Project.ID:
		return l.Project, nil
	case n > 0 && id == l.Held[n-1].Project.ID:
		return l.Held[n-1].Project, nil
	}
	return tx.FindProject(ctx, l.Account.ID, id)
}
