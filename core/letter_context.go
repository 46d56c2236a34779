package core

import (
	"context"

	"planpost/core/access"
)

const (
	// earlierShown is how many messages a mail quotes below its news; earlierRead how many
	// are looked at for that, since not all are for everybody.
	earlierShown, earlierRead = 3, 10
)

// readEarlier reads the messages before the news, newest first, as far as the
// recipient may read them: each is asked like the news are. His own words are
// not quoted: answers are told from what was sent by its words, and who writes
// the same every week would say nothing. Notes that stay inside are quoted only
// in mail whose answers do, too: a mail program sends the quote along.
func (c *Core) readEarlier(ctx context.Context, tx Tx, reader *Actor, l *Letter, taskFacts access.Facts) error {
	if len(l.Entries) == 0 && l.Event == MessageHeld {
		return nil // there is nothing to answer
	}
	before := l.Delivery.ID // not what was written since: a repeat is the same mail
	if len(l.Entries) > 0 {
		before = l.Entries[0].Comment.ID
	}
	list, err := tx.WordsBefore(ctx, l.Account.ID, l.Task.ID, before, earlierRead)
	if err != nil {
		return err
	}
	for _, cm := range list {
		if cm.Author == l.Person.ID || cm.Hidden && l.Delivery.Scope != ScopeInternal {
			continue
		}
		facts, _, err := tx.CommentFacts(ctx, &reader.Person, cm.ID)
		if err != nil {
			return err
		}
		if !readable(reader, viewComment(&cm), facts|taskFacts) {
			continue
		}
		if l.Earlier = append(l.Earlier, LetterEntry{Comment: cm}); len(l.Earlier) == earlierShown {
			break
		}
	}
	return nil
}
