package core

import (
	"context"
	"slices"
	"time"
)

// LogEntry is one line of the change log: who did what to what, in codes.
type LogEntry struct {
	ID, Account ID
	At          time.Time
	// Actor is empty for the system and the operator; Via is page, mail, cli, api or system.
	Actor ID
	Via   string
	// Code is the deed, e.g. "comment.create"; Object the kind of thing, ObjectID which.
	Code, Object string
	ObjectID     ID
	// Params are details in pairs: name, value. No secrets, no bodies.
	Params []string
	// Changes are the fields that are now others.
	Changes []Change
	// Auth is how the actor had proven who he is: password, password+totp, link, code, mail or shell.
	Auth string
	// Behalf is in whose name it was done; empty when in the actor's own.
	Behalf ID
}

// Param is the value of a parameter, empty when there is none of that name.
func (e *LogEntry) Param(name string) string {
	for i := 0; i+1 < len(e.Params); i += 2 {
		if e.Params[i] == name {
			return e.Params[i+1]
		}
	}
	return ""
}

// Change is one field before and after a deed, as codes, ids or words; never a secret.
type Change struct {
	Field string `json:"field"`
	Was   string `json:"was"`
	Now   string `json:"now"`
}

// LogFilter narrows the change log. The zero value is all of it.
type LogFilter struct {
	// Actor is who did it, Object and ObjectID what it was done to.
	Actor    ID
	Object   string
	ObjectID ID
	// Code is a deed, or the first part of several: "task" means all of tasks.
	Code string
	Via  string
	// From and Until bound the time: not before From, before Until; zero means without end.
	From, Until time.Time
	// Before continues with entries older than this one.
	Before ID
	Limit  int
}

// LogPage is a piece of the change log, newest first.
type LogPage struct {
	Entries []LogEntry
	// Next continues; empty when the log has ended. A page may be short and still
	// have one: each looks at so many lines of the log and no more.
	Next ID
	// Names are what people, companies, projects and tasks named by ID in the entries are called, where they still are.
	Names map[ID]string
}

// LogTx reads and writes the change log and its seals (log_seal.go).
type LogTx interface {
	AppendLog(ctx context.Context, e *LogEntry) error
	// ListLog gives newest first what fits the filter.
	ListLog(ctx context.Context, account ID, f LogFilter) (LogPage, error)
	// LogAfter gives at most limit entries behind an ID and before another, oldest first.
	LogAfter(ctx context.Context, account, after, before ID, limit int) ([]LogEntry, error)
	// LastSeal is the newest seal; its Number is 0 when there is none.
	LastSeal(ctx context.Context, account ID) (LogSeal, error)
	// SealsAfter gives at most limit seals with a greater number, in order.
	SealsAfter(ctx context.Context, account ID, number int64, limit int) ([]LogSeal, error)
	// SealsReaching gives the seals that cover entries behind an ID.
	SealsReaching(ctx context.Context, account, id ID) ([]LogSeal, error)
	// FindLog gives those entries that exist, in no order.
	FindLog(ctx context.Context, account ID, ids []ID) ([]LogEntry, error)
	// NamesOf adds the names of those companies, projects and tasks ("#5 title") that exist.
	NamesOf(ctx context.Context, account ID, ids []ID, names map[ID]string) error
	AppendSeal(ctx context.Context, s *LogSeal) error
}

// note writes one line of the change log for what the actor did.
func (c *Core) note(ctx context.Context, tx Tx, a *Actor, code string, o Object, params ...string) error {
	return c.noteChanges(ctx, tx, a, code, o, nil, params...)
}

// noteChanges writes one line with what was before and what is now; fields that stayed are left out.
func (c *Core) noteChanges(ctx context.Context, tx Tx, a *Actor, code string, o Object, changes []Change, params ...string) error {
	changes = slices.DeleteFunc(slices.Clone(changes), func(ch Change) bool { return ch.Was == ch.Now })
	return tx.AppendLog(ctx, &LogEntry{ID: NewID(), Account: a.Account.ID, At: tx.Now(), Actor: a.Person.ID, Via: a.Via, Auth: a.Auth,
		Code: code, Object: o.Kind, ObjectID: o.ID, Params: params, Changes: changes})
}

// Log gives the change log to who may read it: the owner and administrators.
func (c *Core) Log(ctx context.Context, a *Actor, f LogFilter) (page LogPage, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.log.view", Object{}); err != nil {
			return err
		}
		f.Limit = pageSize(f.Limit)
		if page, err = tx.ListLog(ctx, a.Account.ID, f); err != nil {
			return err
		}
		page.Names, err = logNames(ctx, tx, a.Account.ID, page.Entries)
		return err
	})
	return page, err
}

// logNames finds what the entries name by ID.
func logNames(ctx context.Context, tx Tx, account ID, list []LogEntry) (map[ID]string, error) {
	var ids []ID
	add := func(s string) {
		if id, ok := ParseID(s); ok && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	for i := range list {
		e := &list[i]
		add(string(e.Actor))
		add(string(e.Behalf))
		add(string(e.ObjectID))
		for n := 1; n < len(e.Params); n += 2 {
			add(e.Params[n])
		}
		for _, ch := range e.Changes {
			add(ch.Was)
			add(ch.Now)
		}
	}
	names := make(map[ID]string, len(ids))
	if len(ids) == 0 {
		return names, nil
	}
	people, err := tx.FindPeople(ctx, account, ids)
	for i := range people {
		names[people[i].ID] = people[i].Name
	}
	if err != nil {
		return names, err
	}
	return names, tx.NamesOf(ctx, account, slices.DeleteFunc(ids, func(id ID) bool { return names[id] != "" }), names)
}

// EachLog gives every entry that fits the filter, newest first, to do, which
// may take its time: each page is a look of its own.
func (c *Core) EachLog(ctx context.Context, a *Actor, f LogFilter, do func(*LogEntry, map[ID]string) error) error {
	f.Limit = 200
	for {
		page, err := c.Log(ctx, a, f)
		if err != nil {
			return err
		}
		for i := range page.Entries {
			if err := do(&page.Entries[i], page.Names); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		f.Before = page.Next
	}
}
