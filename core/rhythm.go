package core

import (
	"context"
	"regexp"
	"strings"
	"time"
)

// Rhythm is when mail about work may come to somebody inside, in his zone. Security mail knows none.
type Rhythm struct {
	Account, Person ID
	// Digest gathers what is addressed to nobody in particular.
	Digest Digest
	// Days are the working days by number, "12345" for Monday to Friday, From and Until their hours ("08:00").
	// Work mail that is due outside of them comes when the next begin; without Days it always comes.
	Days, From, Until string
}

// Digest is how often a gathered mail comes.
type Digest string

// The digests.
const (
	DigestOff    Digest = "off" // each task has its own mail
	DigestHourly Digest = "hourly"
	DigestDaily  Digest = "daily" // when the working hours begin, else at digestClock
)

// Digests are all of them.
var Digests = []Digest{DigestOff, DigestHourly, DigestDaily}

const digestClock = "08:00"

// open is the first instant from at on that lies within the working hours.
func (r *Rhythm) open(at time.Time, zone *time.Location) time.Time {
	if r == nil || r.Days == "" {
		return at
	}
	for day := range 8 {
		date := at.In(zone).AddDate(0, 0, day)
		if !r.works(date) {
			continue
		}
		if from := clockOn(date, r.From); at.Before(from) {
			return from
		}
		if at.Before(clockOn(date, r.Until)) {
			return at
		}
	}
	return at
}

// nextDigest is when what happens at an instant is told of in a digest.
func (r *Rhythm) nextDigest(at time.Time, zone *time.Location) time.Time {
	local := at.In(zone)
	if r == nil || r.Digest != DigestDaily {
		return r.open(time.Date(local.Year(), local.Month(), local.Day(), local.Hour()+1, 0, 0, 0, zone), zone)
	}
	clock := digestClock
	if r.Days != "" {
		clock = r.From
	}
	for day := range 8 {
		date := local.AddDate(0, 0, day)
		if next := clockOn(date, clock); next.After(at) && (r.Days == "" || r.works(date)) {
			return next
		}
	}
	return at
}

func (r *Rhythm) works(date time.Time) bool {
	return strings.ContainsRune(r.Days, '0'+rune((date.Weekday()+6)%7+1))
}

// clockOn is a time of day on the date of t, in its zone.
func clockOn(t time.Time, clock string) time.Time {
	c, err := time.Parse("15:04", clock)
	if err != nil {
		return t
	}
	return time.Date(t.Year(), t.Month(), t.Day(), c.Hour(), c.Minute(), 0, 0, t.Location())
}

var clockForm = regexp.MustCompile(`^([01]\d|2[0-3]):[0-5]\d$`)

// check puts what somebody asked for in order, or tells what is wrong with it.
func (r *Rhythm) check() error {
	if r.Digest == "" {
		r.Digest = DigestOff
	}
	days := ""
	for n := '1'; n <= '7'; n++ {
		if strings.ContainsRune(r.Days, n) {
			days += string(n)
		}
	}
	if r.Days = days; days == "" {
		r.From, r.Until = "", ""
	}
	switch {
	case r.Digest != DigestOff && r.Digest != DigestHourly && r.Digest != DigestDaily:
		return Fail(Invalid, "rhythm.digest", "digest", cut(oneLine(string(r.Digest)), 40))
	case days != "" && (!clockForm.MatchString(r.From) || !clockForm.MatchString(r.Until) || r.From >= r.Until):
		return Fail(Invalid, "rhythm.hours", "from", cut(oneLine(r.From), 20), "until", cut(oneLine(r.Until), 20))
	}
	return nil
}

// text is a rhythm's hours in one line, for the change log.
func (r *Rhythm) text() string {
	if r.Days == "" {
		return ""
	}
	return r.Days + " " + r.From + "-" + r.Until
}

// zoneOf is where a person's clock is.
func zoneOf(p *Person, a *Account) *time.Location {
	for _, name := range []string{p.Zone, a.Zone} {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return time.UTC
}

// RhythmOf is when work mail comes to a person, for who may change it.
// Stopped is the digest's suppression, if he has unsubscribed from it.
func (c *Core) RhythmOf(ctx context.Context, a *Actor, person ID) (r Rhythm, stopped bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		p, mine, err := c.tasteOf(ctx, tx, a, person)
		if err != nil {
			return err
		}
		if r = (Rhythm{Account: p.Account, Person: p.ID, Digest: DigestOff}); mine != nil && mine.rhythm != nil {
			r = *mine.rhythm
		}
		s, ok, err := tx.FindSuppression(ctx, p.Account, p.Address().Norm(), DigestStream)
		stopped = ok && s.Reason == SuppressUnsubscribed
		return err
	})
	return r, stopped, err
}

// SetRhythm says when work mail comes to a person inside: his own, or by who may edit his notifications.
// What waits already comes by the new rhythm.
func (c *Core) SetRhythm(ctx context.Context, a *Actor, r Rhythm) error {
	if err := r.check(); err != nil {
		return err
	}
	r.Account = a.Account.ID
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, mine, err := c.tasteOf(ctx, tx, a, r.Person)
		if err != nil {
			return err
		}
		if !p.Staff() {
			return Fail(Conflict, "rhythm.outside")
		}
		was := Rhythm{Digest: DigestOff}
		if mine != nil && mine.rhythm != nil {
			was = *mine.rhythm
		}
		var changes []Change
		if was.Digest != r.Digest {
			changes = append(changes, Change{"digest", string(was.Digest), string(r.Digest)})
		}
		if was.text() != r.text() {
			changes = append(changes, Change{"mailhours", was.text(), r.text()})
		}
		if len(changes) == 0 {
			return nil
		}
		if err := tx.SetRhythm(ctx, &r); err != nil {
			return err
		}
		zone, now := zoneOf(&p, &a.Account), tx.Now()
		if err := tx.MoveWaiting(ctx, p.Account, p.ID, r.open(now, zone), r.nextDigest(now, zone)); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "notif.edit", Object{"person", p.ID}, changes)
	})
	if err == nil {
		c.wakeMailer()
	}
	return err
}
