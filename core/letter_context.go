package core

import (
	"context"
	"slices"
)

const (
	// earlierShown is how many messages a mail quotes below its news; earlierRead how many
	// are looked at for that, since changes of the task stand among them.
	earlierShown, earlierRead = 3, 10
)

// readEarlier reads the messages before the news, newest first, as far as the
// recipient sees them on a page: a mail quotes nothing that he could not read
// there, and not his own words: answers are told from what was sent by its words,
// and who writes the same every week would say nothing. Notes that stay inside are
// quoted only in mail whose answers do, too: a mail program sends the quote along.
func (c *Core) readEarlier(ctx context.Context, tx Tx, l *Letter) error {
	if len(l.Entries) == 0 && l.Event == MessageHeld {
		return nil // there is nothing to answer
	}
	v := Viewer{Account: l.Account.ID, Person: dashboard(l.Person)}
	if !l.Staff {
		v.Link = l.Task.ID // who may see more by an account of his own does so there
	}
	var before ID
	if len(l.Entries) > 0 {
		before = l.Entries[0].Comment.ID
	}
	list, err := tx.ListComments(ctx, v, l.Task.ID, before, earlierRead)
	if err != nil {
		return err
	}
	for _, cm := range list {
		if cm.Change != "" || cm.Text == "" || cm.Author == l.Person.ID || cm.Hidden && l.Delivery.Scope != ScopeInternal {
			continue
		}
		if l.Earlier = append(l.Earlier, LetterEntry{Comment: cm}); len(l.Earlier) == earlierShown {
			break
		}
	}
	return nil
}

// readReaders tells who gets an answer to the mail by mail, by the rule of
// postReply: those inside with a relation to the task, and, unless it stays
// inside, whom somebody inside answers or the colleagues of who answers from outside.
func (c *Core) readReaders(ctx context.Context, tx Tx, l *Letter) error {
	answered, err := c.answeredByLetter(ctx, tx, l)
	if err != nil {
		return err
	}
	for _, id := range l.Task.Related() {
		p := l.People[id]
		if id == l.Person.ID || !reachable(&p) {
			continue
		}
		switch {
		case p.Staff():
			l.Readers = append(l.Readers, p.Name)
		case l.Delivery.Scope == ScopeInternal:
		case !l.Staff:
			l.OthersRead = l.OthersRead || l.Account.AllUnhidden || p.Company != "" && p.Company == l.Person.Company
		case l.Account.AllUnhidden || slices.Contains(answered, id):
			l.OutsideReaders = append(l.OutsideReaders, p.Name)
		}
	}
	return nil
}

// answeredByLetter are those whom an answer of somebody inside goes to.
func (c *Core) answeredByLetter(ctx context.Context, tx Tx, l *Letter) ([]ID, error) {
	outside := func(id ID) bool { p := l.People[id]; return !p.Staff() }
	if !l.Staff || l.Delivery.Scope == ScopeInternal || l.Account.AllUnhidden || !slices.ContainsFunc(l.Task.Related(), outside) {
		return nil, nil
	}
	for i := len(l.Entries) - 1; i >= 0; i-- {
		if cm := &l.Entries[i].Comment; cm.Change == "" && !cm.Hidden {
			return append(slices.Clone(cm.Recipients), cm.Author), nil
		}
	}
	last, known, err := tx.LastExchange(ctx, l.Account.ID, l.Task.ID)
	if err != nil || !known {
		return nil, err
	}
	return append(last.Recipients, last.Author), nil
}
