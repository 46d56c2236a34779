package core

import (
	"context"
	"maps"
	"slices"
	"time"
)

// Reasons why a mail that was owed is not sent, worded under "reason.<code>".
const (
	reasonMuted = "delivery.muted"
	reasonOff   = "delivery.switched_off"
	// reasonUnsubscribed is of digests: other streams that are stopped are held.
	reasonUnsubscribed = "delivery.unsubscribed"
)

// NotifChoice is one cell of the table of events, people and channels that
// differs from what holds for who has chosen nothing.
type NotifChoice struct {
	Account, Person ID
	Event           Event
	Channel         Channel
	On              bool
}

// taste is what one person has chosen and muted.
type taste struct {
	choices []NotifChoice
	muted   []ID
	rhythm  *Rhythm
	zone    *time.Location
}

// open is when mail that is due at an instant may come; digested tells whether it is told of in a digest, and when.
func (t *taste) open(at time.Time) time.Time {
	if t == nil || t.rhythm == nil {
		return at
	}
	return t.rhythm.open(at, t.zone)
}

func (t *taste) digested(e Event, at time.Time) (time.Time, bool) {
	if t == nil || t.rhythm == nil || t.rhythm.Digest == DigestOff {
		return at, false
	}
	if kind, _ := eventKind(e); kind.Personal {
		return at, false
	}
	return t.rhythm.nextDigest(at, t.zone), true
}

// wants tells whether a person hears of an event by a channel, mutes apart.
func (t *taste) wants(e Event, ch Channel) bool {
	kind, ok := eventKind(e)
	if !ok || kind.Fixed {
		return ch == MailChannel
	}
	if t != nil {
		for i := range t.choices {
			if c := &t.choices[i]; c.Event == e && c.Channel == ch {
				return c.On
			}
		}
	}
	return slices.Contains(kind.On, ch)
}

// silenced tells whether what the person has muted keeps an event away. What
// is addressed to somebody inside comes through; to those outside everything
// is addressed, so theirs must stop it or nothing would.
func (t *taste) silenced(p *Person, e Event, task, project ID) bool {
	if t == nil || e == MessageHeld {
		return false
	}
	if kind, _ := eventKind(e); kind.Personal && p.Staff() {
		return false
	}
	return task != "" && slices.Contains(t.muted, task) || project != "" && slices.Contains(t.muted, project)
}

// refusal is why no mail of an event goes to a person; empty when it does.
func (t *taste) refusal(p *Person, e Event, task, project ID) string {
	switch {
	case !t.wants(e, MailChannel):
		return reasonOff
	case t.silenced(p, e, task, project):
		return reasonMuted
	}
	return ""
}

// tastes reads what people have chosen. It asks nothing of the database while
// none of them has chosen anything, and a few otherwise, however many they are.
func tastes(ctx context.Context, tx Tx, account ID, people []*Person) (map[ID]*taste, error) {
	var ids []ID
	for _, p := range people {
		if p.Tuned {
			ids = append(ids, p.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	all := make(map[ID]*taste, len(ids))
	for _, id := range ids {
		all[id] = &taste{}
	}
	choices, err := tx.NotifChoices(ctx, account, ids)
	if err != nil {
		return nil, err
	}
	for _, c := range choices {
		all[c.Person].choices = append(all[c.Person].choices, c)
	}
	mutes, err := tx.Mutes(ctx, account, ids)
	if err != nil {
		return nil, err
	}
	for _, m := range mutes {
		all[m.Person].muted = append(all[m.Person].muted, m.Object)
	}
	return all, readRhythms(ctx, tx, account, people, all)
}

func readRhythms(ctx context.Context, tx Tx, account ID, people []*Person, all map[ID]*taste) error {
	rhythms, err := tx.Rhythms(ctx, account, slices.Collect(maps.Keys(all)))
	if err != nil || len(rhythms) == 0 {
		return err
	}
	of, err := tx.FindAccount(ctx, account)
	if err != nil {
		return err
	}
	for i := range rhythms {
		all[rhythms[i].Person].rhythm = &rhythms[i]
	}
	for _, p := range people {
		if t := all[p.ID]; t != nil && t.rhythm != nil {
			t.zone = zoneOf(p, &of)
		}
	}
	return nil
}

// throughChannels decides by which channels each one hears: the only place
// where it is decided before something is owed. Who hears by none is left out,
// but a mail that its author chose to send and that is refused is kept with the
// reason: the author sees it at the comment.
func throughChannels(ctx context.Context, tx Tx, t *Task, list []notice) ([]notice, error) {
	people := make([]*Person, len(list))
	for i := range list {
		people[i] = &list[i].person
	}
	all, err := tastes(ctx, tx, t.Account, people)
	if err != nil {
		return nil, err
	}
	undo, err := undoFor(ctx, tx, t.Account, people)
	if err != nil {
		return nil, err
	}
	heard := list[:0:0]
	for _, n := range list {
		mine := all[n.person.ID]
		n.taste, n.undo = mine, undo
		n.refused = mine.refusal(&n.person, n.event, t.ID, t.Project)
		n.page = mine.wants(n.event, PageChannel) && !mine.silenced(&n.person, n.event, t.ID, t.Project)
		if n.page || n.refused == "" || n.told {
			heard = append(heard, n)
		}
	}
	return heard, nil
}

// stillWanted asks again, just before a mail is sent, which of the things it
// tells of its reader wants by mail. reason is why one was left out.
func stillWanted(ctx context.Context, tx Tx, l *Letter, project ID, notes []Notification) (wanted []Notification, reason string, err error) {
	mine, err := l.tasteOf(ctx, tx)
	if err != nil {
		return nil, "", err
	}
	for _, n := range notes {
		if why := mine.refusal(&l.Person, n.Event, n.Task, project); why != "" {
			reason = why
			continue
		}
		wanted = append(wanted, n)
	}
	return wanted, reason, nil
}

// tasteOf is what the reader of a letter has chosen, nil when nothing; it is asked once.
func (l *Letter) tasteOf(ctx context.Context, tx Tx) (*taste, error) {
	if l.taste == nil && l.Person.Tuned {
		all, err := tastes(ctx, tx, l.Person.Account, []*Person{&l.Person})
		if err != nil {
			return nil, err
		}
		l.taste = all[l.Person.ID]
	}
	return l.taste, nil
}
