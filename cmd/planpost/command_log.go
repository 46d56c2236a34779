package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

type logCommand struct {
	List   logList   `cmd:"" default:"withargs" help:"The change log, newest first."`
	Verify logVerify `cmd:"" help:"Compare the change log with its seals; names the first broken entry."`
}

type logList struct {
	inAccount
	Limit  int    `default:"50" help:"Most lines; 0 for all."`
	Area   string `placeholder:"AREA" help:"Only what was done to these: task, comment, project, person, user, contact, session, account …"`
	Person string `placeholder:"ADDRESS" help:"Only what this person did."`
	Via    string `help:"Only what came this way: page, mail, cli or system."`
	From   string `placeholder:"2006-01-02" help:"Not before this day, in the account's zone."`
	Until  string `placeholder:"2006-01-02" help:"Not after this day."`
}

// Run prints the entries that fit; with --json all of each entry.
func (c *logList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f, err := c.filter(ctx, g, a)
		if err != nil {
			return err
		}
		shown := 0
		err = g.core.EachLog(ctx, a, f, func(e *core.LogEntry, names map[core.ID]string) error {
			if c.Limit > 0 && shown == c.Limit {
				return errEnough
			}
			shown++
			value := map[string]any{"id": e.ID, "at": e.At, "actor": e.Actor, "behalf": e.Behalf, "via": e.Via, "auth": e.Auth, "code": e.Code,
				"object": e.Object, "object_id": e.ObjectID, "params": e.Params, "changes": e.Changes}
			return g.show(term, c.JSON, value, logLine(e, names))
		})
		if err == errEnough {
			err = nil
		}
		return err
	})
}

// errEnough ends a walk over the log.
var errEnough = fmt.Errorf("enough")

func (c *logList) filter(ctx context.Context, g *gateway, a *core.Actor) (f core.LogFilter, err error) {
	f = core.LogFilter{Code: c.Area, Via: c.Via}
	if c.Person != "" {
		p, err := g.core.Addressed(ctx, a, c.Person)
		if err != nil {
			return f, err
		}
		f.Actor = p.ID
	}
	zone, err := time.LoadLocation(a.Account.Zone)
	if err != nil {
		return f, err
	}
	for _, d := range []struct {
		text string
		to   *time.Time
		more int
	}{{c.From, &f.From, 0}, {c.Until, &f.Until, 1}} {
		if d.text == "" {
			continue
		}
		t, err := time.ParseInLocation(time.DateOnly, d.text, zone)
		if err != nil {
			return f, fmt.Errorf("%q is not a date such as 2026-11-30", d.text)
		}
		*d.to = t.AddDate(0, 0, d.more)
	}
	return f, nil
}

func logLine(e *core.LogEntry, names map[core.ID]string) string {
	name := func(s string) string {
		if n, ok := names[core.ID(s)]; ok {
			return n
		}
		return s
	}
	who := name(string(e.Actor))
	if who == "" {
		who = templates.Coded("en", "log.actor", e.Via)
	}
	line := fmt.Sprintf("%s  %-6s %s %s", e.At.Format("2006-01-02 15:04:05"), e.Via, who, templates.Coded("en", "log", e.Code, e.Params...))
	if e.ObjectID != "" {
		line += ": " + name(string(e.ObjectID))
	}
	for _, ch := range e.Changes {
		line += fmt.Sprintf("; %s: %q -> %q", ch.Field, name(ch.Was), name(ch.Now))
	}
	return strings.TrimSpace(line)
}

type logVerify struct {
	inAccount
	Head string `placeholder:"NUMBER:MARK" help:"A head that was noted down earlier: proves that nothing was cut off since."`
}

// Run exits with 1 when anything is wrong.
func (c *logVerify) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		r, err := g.core.VerifyLog(ctx, a, c.Head)
		if err != nil {
			return err
		}
		value := map[string]any{"sealed": r.Sealed, "waiting": r.Waiting, "head": r.Head, "problem": r.Problem, "seal": r.Seal, "entry": r.Entry.ID, "at": r.Entry.At, "code": r.Entry.Code}
		if err := g.show(term, c.JSON, value, verdictOf(&r)); err != nil {
			return err
		}
		if r.Problem != "" {
			return errReported
		}
		return nil
	})
}

func verdictOf(r *core.LogReport) string {
	if r.Problem == "" {
		text := fmt.Sprintf("All %d sealed entries are as they were written; %d are too young to be sealed.", r.Sealed, r.Waiting)
		if r.Head != "" {
			text += "\nHead: " + r.Head + "\nNote the head down elsewhere: with --head it proves later that nothing was cut off."
		}
		return text
	}
	what := map[string]string{
		core.LogSealMissing: "a seal is missing", core.LogSealChanged: "a seal was changed, or made without this host's key",
		core.LogEntryMissing: "an entry was taken out", core.LogEntryChanged: "an entry is not what it was", core.LogEntryAdded: "an entry was put in later",
		core.LogHeadMissing: "the noted head is not there: the end of the log was cut off",
	}[r.Problem]
	text := "BROKEN: " + what
	if r.Seal > 0 {
		text += fmt.Sprintf(" (seal %d)", r.Seal)
	}
	if r.Entry.ID != "" {
		text += fmt.Sprintf(": entry %s of %s %s", r.Entry.ID, r.Entry.At.Format("2006-01-02 15:04:05"), r.Entry.Code)
	}
	return text + fmt.Sprintf("\n%d entries before it are as they were written.", r.Sealed)
}
