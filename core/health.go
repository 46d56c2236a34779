package core

import (
	"context"
	"slices"
	"strings"
	"time"
)

// FindingState is how something looks that mail depends on.
type FindingState string

// The states. Advice is worth doing; while something is wrong mail is lost or refused.
const (
	FindingFine    FindingState = "fine"
	FindingAdvice  FindingState = "advice"
	FindingWrong   FindingState = "wrong"
	FindingUnknown FindingState = "unknown" // nobody answered
)

// The groups of findings; one is looked at and kept as a whole.
const (
	HealthRecords  = "records"  // what the DNS says of the mail domain
	HealthSignIn   = "signin"   // relays and certificates
	HealthSelfTest = "selftest" // a mail sent to ourselves and read back
)

// HealthGroups are all groups with how often each is looked at.
func HealthGroups() map[string]time.Duration {
	return map[string]time.Duration{HealthRecords: time.Hour, HealthSignIn: 10 * time.Minute, HealthSelfTest: 24 * time.Hour}
}

// Finding is one thing looked at that mail depends on. It belongs to the
// host, as the mail domain does, and to no account. It holds no secret.
type Finding struct {
	Group string
	// Code is a stable name of what was found, e.g. "spf.without": what was looked at, and how it is. Its
	// words are "health.<Code>" with the parameters of Params.
	Code  string
	State FindingState
	// Name is where it was looked, e.g. the record's name or the relay's address; Found what was there.
	Name, Found string
	// Set is the record that should stand, as a line of a zone file; empty when none is to be set.
	Set string
	// Since is when it was first found in this state, CheckedAt when last.
	Since, CheckedAt time.Time
}

// What is the part that was looked at, e.g. "spf"; its words are "health.<What>".
func (f *Finding) What() string {
	what, _, _ := strings.Cut(f.Code, ".")
	return what
}

// Params are the parameters of its words and of its cure's.
func (f *Finding) Params() []string { return []string{"name", f.Name, "found", f.Found, "set", f.Set} }

// Cure is the key of the words that say what to do; empty where nothing is to be done.
func (f *Finding) Cure() string {
	switch {
	case f.State == FindingFine || f.State == FindingUnknown:
		return ""
	case f.Set != "":
		return "health.set"
	}
	return "health.cure." + f.Code
}

// HealthTx keeps what was found.
type HealthTx interface {
	// PutFindings takes the place of all of the group.
	PutFindings(ctx context.Context, group string, list []Finding) error
	// ListFindings gives those of one group, or of all when it is empty, in the order kept.
	ListFindings(ctx context.Context, group string) ([]Finding, error)
	// AddReplyMode notes a change; ReplyModes are all of them, the oldest first.
	AddReplyMode(ctx context.Context, m ModeChange) error
	ReplyModes(ctx context.Context) ([]ModeChange, error)
	// AskHealth notes that a group is to be looked at soon; CheckedHealth that it was.
	AskHealth(ctx context.Context, group string, at time.Time) error
	CheckedHealth(ctx context.Context, group string, at time.Time) error
	// HealthTimes tells when a group was last asked for and last looked at.
	HealthTimes(ctx context.Context, group string) (asked, checked time.Time, err error)
}

// KeepFindings takes the place of what was found of a group before. How long
// something has been in its state is kept as long as the state stays.
func (c *Core) KeepFindings(ctx context.Context, group string, list []Finding) error {
	now := c.Now()
	defer c.forgetReplyMode()
	defer c.bus.Publish(HealthTopic)
	return c.store.InTx(ctx, func(tx Tx) error {
		before, err := tx.ListFindings(ctx, group)
		if err != nil {
			return err
		}
		kept := slices.Clone(list)
		for i := range kept {
			f := &kept[i]
			f.Group, f.Since, f.CheckedAt = group, now, now
			for j := range before {
				if b := &before[j]; b.What() == f.What() && b.Name == f.Name && b.State == f.State {
					f.Since = b.Since
				}
			}
		}
		if err := tx.PutFindings(ctx, group, kept); err != nil {
			return err
		}
		if group == HealthSelfTest {
			if err := chooseMode(ctx, tx, kept, now); err != nil {
				return err
			}
		}
		return tx.CheckedHealth(ctx, group, now)
	})
}

// Findings are all that is kept, by group. They concern the host: who shows
// them asks for the right to maildomain.edit before.
func (c *Core) Findings(ctx context.Context) (list []Finding, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		list, err = tx.ListFindings(ctx, "")
		return err
	})
	return list, err
}

// selfTestFirst is how long after its start a new host tests itself unasked: by then somebody has set it up.
const selfTestFirst = time.Hour

// HealthDue are the groups that are to be looked at now, in a fixed order, by a process that runs since started.
func (c *Core) HealthDue(ctx context.Context, started time.Time) (due []string, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		due = nil
		for group, every := range HealthGroups() {
			asked, checked, err := tx.HealthTimes(ctx, group)
			if err != nil {
				return err
			}
			if group == HealthSelfTest && checked.IsZero() && asked.IsZero() {
				checked = started.Add(selfTestFirst - every)
			}
			of := group
			if group == HealthSelfTest {
				of = "" // it tells whether mail is broken, whatever else was found
			}
			list, err := tx.ListFindings(ctx, of)
			if err != nil {
				return err
			}
			if slices.ContainsFunc(list, func(f Finding) bool { return f.breaks() }) {
				every = min(every, brokenEvery) // or nobody notices for a day that it is whole again
			}
			if asked.After(checked) || !c.Now().Before(checked.Add(every)) {
				due = append(due, group)
			}
		}
		slices.Sort(due)
		return nil
	})
	return due, err
}
