package core

import "context"

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
