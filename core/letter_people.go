package core

import (
	"context"
	"slices"
)

// readPeople reads those whom the letter names, with the authors of what it brings and quotes.
func (c *Core) readPeople(ctx context.Context, tx Tx, l *Letter) error {
	ids := l.Task.Related()
	for _, list := range [][]LetterEntry{l.Entries, l.Earlier} {
		for i := range list {
			ids = append(ids, list[i].Comment.Author)
		}
	}
	people, err := l.named(ctx, tx, ids)
	if err != nil {
		return err
	}
	l.People = people
	for _, list := range [][]LetterEntry{l.Entries, l.Earlier} {
		for i := range list {
			list[i].Author = people[list[i].Comment.Author]
		}
	}
	return nil
}

// named are the people that the letter may name. In a task shared with many
// outsiders most of them are no business of another one.
func (l *Letter) named(ctx context.Context, tx Tx, ids []ID) (map[ID]Person, error) {
	if l.Staff {
		return peopleByID(ctx, tx, l.Account.ID, ids)
	}
	also := append(l.Task.Of(Assigner), l.Person.ID)
	for _, e := range slices.Concat(l.Entries, l.Earlier) {
		also = append(also, e.Comment.Author)
	}
	list, err := tx.FindInside(ctx, l.Account.ID, ids, also)
	people := make(map[ID]Person, len(list))
	for _, p := range list {
		people[p.ID] = p
	}
	return people, err
}

// veil takes other outsiders out of an outsider's mail, except who shared the
// task with him and who wrote to him.
func (l *Letter) veil() {
	if l.Staff {
		return
	}
	l.Task.People = slices.DeleteFunc(slices.Clone(l.Task.People), func(tp TaskPerson) bool {
		p := l.People[tp.Person]
		return !p.Staff() && p.ID != l.Person.ID && tp.Relation != Assigner
	})
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
		p, named := l.People[id]
		switch {
		case id == l.Person.ID:
		case !l.Staff && (!named || !p.Staff()): // reads it where everybody reads all that is not hidden
			l.OthersRead = l.OthersRead || l.Account.AllUnhidden
		case !reachable(&p):
		case p.Staff():
			l.Readers = append(l.Readers, p.Name)
		case l.Staff && l.Delivery.Scope != ScopeInternal && (l.Account.AllUnhidden || slices.Contains(answered, id)):
			l.OutsideReaders = append(l.OutsideReaders, p.Name)
		}
	}
	if l.Staff || l.OthersRead {
		return nil
	}
	l.OthersRead, err = tx.HasColleague(ctx, &l.Person, l.Task.ID)
	return err
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
