package core

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"fmt"
	"strings"
)

// What may be wrong with the change log.
const (
	LogSealMissing  = "seal_missing"  // a seal was taken out
	LogSealChanged  = "seal_changed"  // a seal was changed or made by somebody without the key
	LogEntryMissing = "entry_missing" // a sealed entry was taken out
	LogEntryChanged = "entry_changed" // a sealed entry is not what it was
	LogEntryAdded   = "entry_added"   // an entry was put between sealed ones
	LogHeadMissing  = "head_missing"  // the seal that was noted down is not there: the end was cut off
)

// LogReport is what VerifyLog found.
type LogReport struct {
	// Sealed is how many entries agree with their seals, Waiting how many are too young to be sealed.
	Sealed, Waiting int64
	// Head is the newest seal's number and mark. Noted down elsewhere, it proves later that nothing was cut off the end.
	Head string
	// Problem is the first thing wrong, empty when all is well; Seal is its number, Entry its ID where it is one.
	Problem string
	Seal    int64
	Entry   LogEntry
}

// VerifyLog compares the change log with its seals, oldest first, and stops at
// the first thing wrong. A head noted down earlier must still be there; empty asks for none.
func (c *Core) VerifyLog(ctx context.Context, a *Actor, head string) (LogReport, error) {
	v := verifier{core: c, actor: a, keys: c.keys.DeriveAll(sealKey), head: strings.TrimSpace(head), sealed: make(map[ID]struct{})}
	if _, err := c.Log(ctx, a, LogFilter{Limit: 1}); err != nil { // asks the right
		return v.report, err
	}
	for v.report.Problem == "" {
		n, err := v.next(ctx)
		if err != nil {
			return v.report, err
		}
		if n == 0 {
			break
		}
	}
	if v.report.Problem == "" && v.head != "" && !v.headSeen {
		v.report.Problem = LogHeadMissing
	}
	if v.report.Problem != "" {
		return v.report, nil
	}
	return v.report, v.rest(ctx)
}

type verifier struct {
	core     *Core
	actor    *Actor
	keys     [][]byte
	head     string
	headSeen bool
	last     LogSeal
	sealed   map[ID]struct{}
	report   LogReport
}

// next looks at some seals and tells how many.
func (v *verifier) next(ctx context.Context) (n int, err error) {
	err = v.core.store.View(ctx, func(tx Tx) error {
		seals, err := tx.SealsAfter(ctx, v.actor.Account.ID, v.last.Number, 20)
		n = len(seals)
		for i := 0; i < n && err == nil && v.report.Problem == ""; i++ {
			err = v.look(ctx, tx, &seals[i])
		}
		return err
	})
	return n, err
}

func (v *verifier) look(ctx context.Context, tx Tx, s *LogSeal) error {
	if s.Number != v.last.Number+1 {
		v.report.Problem, v.report.Seal = LogSealMissing, v.last.Number+1
		return nil
	}
	if !v.marked(s) {
		v.report.Problem, v.report.Seal = LogSealChanged, s.Number
		return nil
	}
	ids := make([]ID, len(s.Entries))
	for i := range s.Entries {
		ids[i] = s.Entries[i].ID
	}
	list, err := tx.FindLog(ctx, s.Account, ids)
	if err != nil {
		return err
	}
	there := make(map[ID]*LogEntry, len(list))
	for i := range list {
		there[list[i].ID] = &list[i]
	}
	for i := range s.Entries {
		e, ok := there[s.Entries[i].ID]
		switch {
		case !ok:
			v.report.Problem, v.report.Seal, v.report.Entry = LogEntryMissing, s.Number, LogEntry{ID: s.Entries[i].ID, At: timeOf(s.Entries[i].ID)}
		case digestOf(s.Entries[i].Salt, e) != s.Entries[i].Digest:
			v.report.Problem, v.report.Seal, v.report.Entry = LogEntryChanged, s.Number, *e
		default:
			v.sealed[e.ID] = struct{}{}
			v.report.Sealed++
			continue
		}
		return nil
	}
	v.last = *s
	v.report.Head = fmt.Sprintf("%d:%s", s.Number, hex.EncodeToString(s.Mark))
	v.headSeen = v.headSeen || v.report.Head == v.head
	return nil
}

// marked tells whether this host made the seal, with this master key or one before.
func (v *verifier) marked(s *LogSeal) bool {
	for _, key := range v.keys {
		if hmac.Equal(markOf(key, v.last.Mark, s), s.Mark) {
			return true
		}
	}
	return false
}

// rest counts what waits and finds what no seal knows of.
func (v *verifier) rest(ctx context.Context) error {
	settled := min(v.last.Upto, idAt(v.core.Now().Add(-lateWindow)))
	for after, more := ID(""), true; more && v.report.Problem == ""; {
		err := v.core.store.View(ctx, func(tx Tx) error {
			list, err := tx.LogAfter(ctx, v.actor.Account.ID, after, lastID, 1000)
			more = len(list) > 0
			for i := range list {
				if _, ok := v.sealed[list[i].ID]; ok {
					continue
				}
				if list[i].ID <= settled && v.report.Problem == "" {
					v.report.Problem, v.report.Entry = LogEntryAdded, list[i]
				}
				v.report.Waiting++
			}
			if more {
				after = list[len(list)-1].ID
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
