package core

import (
	"context"
	"slices"
	"strings"
	"time"
)

// Alarm is a time in which mail itself is broken: it does not leave, or answers do not come in. It belongs to the host.
type Alarm struct {
	ID ID
	// BeganAt is when it was noticed; EndedAt is zero while it holds.
	BeganAt, EndedAt time.Time
	// Causes are those that hold, or that held last.
	Causes []AlarmCause
	// BrokenTold and CuredTold are when the webhook took the call, zero before.
	BrokenTold, CuredTold time.Time
	// Tries is how often the next call was tried in vain; NextTry when it is tried again.
	Tries   int
	NextTry time.Time
}

// AlarmCause is one reason of an alarm.
type AlarmCause struct {
	// Code is that of the finding, or AlarmStuck; Name is where it was found.
	Code  string    `json:"code"`
	Name  string    `json:"name,omitempty"`
	Since time.Time `json:"since"`
}

// AlarmStuck is the cause that mail is due and nobody takes it.
const AlarmStuck = "queue.stuck"

// Out tells that mail does not leave; else answers do not come in.
func (a *AlarmCause) Out() bool {
	what, _, _ := strings.Cut(a.Code, ".")
	return what == "relay" || what == "queue" || a.Code == "probe.refused"
}

// same tells that two are one cause, however long it is so.
func (a AlarmCause) same(b AlarmCause) bool { return a.Code == b.Code && a.Name == b.Name }

// breaking are the findings that break mail, when they are wrong: nothing leaves, or no answer comes in.
var breaking = map[string]bool{
	"relay.refused": true, "relay.unreachable": true, "relay.tls": true, "relay.setting": true, "relay.expired": true, "relay.name": true,
	"mx.missing": true, "mx.elsewhere": true, "probe.refused": true, "probe.bounced": true, "probe.lost": true, "mode.none": true,
}

const (
	// stuckAfter is how long a mail may be due before that breaks mail.
	stuckAfter = 30 * time.Minute
	// stuckStart is how long a process runs before it judges by that: what waited while the host was down is taken first.
	stuckStart = 5 * time.Minute
	// brokenEvery is how often a group is looked at that holds a cause.
	brokenEvery = 15 * time.Minute
	// callFirst and callMost are the waits between calls that failed, callFor how long after its end an alarm is told.
	callFirst, callMost = 30 * time.Second, time.Hour
	callFor             = 24 * time.Hour
)

// breaks tells that a finding is a cause. A relay must be found so twice: it may just be starting anew.
func (f *Finding) breaks() bool {
	return f.State == FindingWrong && breaking[f.Code] && (f.Group != HealthSignIn || f.CheckedAt.After(f.Since))
}

// AlarmTx keeps alarms.
type AlarmTx interface {
	// PutAlarm writes one, or changes it.
	PutAlarm(ctx context.Context, a *Alarm) error
	// FindAlarm finds the one that holds.
	FindAlarm(ctx context.Context) (Alarm, bool, error)
	// UntoldAlarms are those with a call due at an instant that hold, or that ended since; the oldest first.
	UntoldAlarms(ctx context.Context, now, since time.Time) ([]Alarm, error)
	// OldestUntaken is since when a mail of any account is due that nobody took, if before is later; of a thread only the first counts.
	OldestUntaken(ctx context.Context, before, now time.Time) (at time.Time, ok bool, err error)
}

// WatchMail begins an alarm when mail breaks and ends it when it is whole again. It is for a process that runs since started.
func (c *Core) WatchMail(ctx context.Context, started time.Time) error {
	changed := ""
	err := c.store.InTx(ctx, func(tx Tx) error {
		changed = ""
		a, holds, err := tx.FindAlarm(ctx)
		if err != nil {
			return err
		}
		causes, err := c.alarmCauses(ctx, tx, a.Causes, started)
		switch {
		case err != nil:
			return err
		case len(causes) == 0 && !holds, holds && slices.EqualFunc(causes, a.Causes, AlarmCause.same):
			return nil
		case len(causes) == 0: // the causes stay, to tell what is whole again
			a.EndedAt, a.Tries, a.NextTry, changed = c.Now(), 0, time.Time{}, "recovered"
		case holds:
			a.Causes, changed = causes, "changed"
		default:
			a, changed = Alarm{ID: NewID(), BeganAt: c.Now(), Causes: causes}, "broken"
		}
		return tx.PutAlarm(ctx, &a)
	})
	if err == nil && changed != "" {
		c.log.Warn("mail alarm", "state", changed)
		c.bus.Publish(HealthTopic)
	}
	return err
}

func (c *Core) alarmCauses(ctx context.Context, tx Tx, before []AlarmCause, started time.Time) (list []AlarmCause, err error) {
	findings, err := tx.ListFindings(ctx, "")
	if err != nil {
		return nil, err
	}
	came := cameBack(findings)
	for i := range findings {
		if findings[i].What() == "mx" && came.After(findings[i].Since) {
			continue // mail of the domain goes to a server that brings it here
		}
		if f := &findings[i]; f.breaks() || f.State == FindingUnknown && f.held(before) {
			list = append(list, AlarmCause{f.Code, f.Name, f.Since})
			if f.State == FindingUnknown { // no answer is no cure
				j := slices.IndexFunc(before, f.same)
				list[len(list)-1] = before[j]
			}
		}
	}
	now := c.Now()
	if now.Before(started.Add(stuckStart)) {
		j := slices.IndexFunc(before, func(a AlarmCause) bool { return a.Code == AlarmStuck })
		if j >= 0 {
			list = append(list, before[j])
		}
		return list, nil
	}
	at, ok, err := tx.OldestUntaken(ctx, now.Add(-stuckAfter), now)
	if ok {
		list = append(list, AlarmCause{AlarmStuck, "", at})
	}
	return list, err
}

// cameBack is when a mail to ourselves came back in the last self-test; zero when it did not.
func cameBack(findings []Finding) (at time.Time) {
	for i := range findings {
		if findings[i].Code == "probe.fine" {
			at = findings[i].CheckedAt
		}
	}
	return at
}

func (f *Finding) held(before []AlarmCause) bool { return slices.ContainsFunc(before, f.same) }

// same tells that a cause was about the same thing.
func (f *Finding) same(a AlarmCause) bool {
	what, _, _ := strings.Cut(a.Code, ".")
	return what == f.What() && a.Name == f.Name
}

// MailAlarm is the alarm that holds, for who may mend it; ok is false when none does.
func (c *Core) MailAlarm(ctx context.Context, a *Actor) (alarm Alarm, ok bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		ans, err := c.may(ctx, tx, a, "maildomain.edit", Object{})
		if err != nil || !ans.Allowed {
			return err
		}
		alarm, ok, err = tx.FindAlarm(ctx)
		return err
	})
	return alarm, ok, err
}

// AlarmCall is one call of the webhook.
type AlarmCall struct {
	Alarm Alarm
	// Recovered tells that mail is whole again; else that it broke.
	Recovered bool
}

// AlarmCalls are the calls that are due, at most one of each alarm: that it ended is told after that it began.
func (c *Core) AlarmCalls(ctx context.Context) (calls []AlarmCall, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		calls = nil
		list, err := tx.UntoldAlarms(ctx, c.Now(), c.Now().Add(-callFor))
		for i := range list {
			calls = append(calls, AlarmCall{list[i], !list[i].BrokenTold.IsZero()})
		}
		return err
	})
	return calls, err
}

// NoteCall keeps whether a call was taken; one that was not is tried again later.
func (c *Core) NoteCall(ctx context.Context, call AlarmCall, taken bool) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		list, err := tx.UntoldAlarms(ctx, c.Now().Add(2*callMost), time.Time{})
		i := slices.IndexFunc(list, func(a Alarm) bool { return a.ID == call.Alarm.ID })
		if err != nil || i < 0 {
			return err
		}
		a := &list[i]
		switch {
		case !taken:
			a.NextTry = c.Now().Add(min(callMost, callFirst<<min(a.Tries, 10)))
			a.Tries++
		case call.Recovered:
			a.CuredTold = c.Now()
		default:
			a.BrokenTold, a.Tries, a.NextTry = c.Now(), 0, time.Time{}
		}
		return tx.PutAlarm(ctx, a)
	})
}
