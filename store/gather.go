package store

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"planpost/core"
)

// gatherAll writes the gathering deliveries.
func (x *tx) gatherAll(ctx context.Context, parts []*part) error {
	survivors, err := x.writeGathering(ctx, gathering(parts))
	if err != nil {
		return err
	}
	joined(parts, survivors)
	return nil
}

// gathering are the gathering deliveries of a group.
func gathering(parts []*part) []*core.Delivery {
	var list []*core.Delivery
	for _, p := range parts {
		for _, d := range p.a.Deliveries {
			if d.Gather {
				d.Person, d.Link = p.id(d.Person), p.id(d.Link)
				list = append(list, &d)
			}
		}
	}
	return onceEach(list)
}

// onceEach gives those with the same key once, because a statement may not
// touch a row twice, and in the order of their key, so that groups do not wait
// for each other.
func onceEach(list []*core.Delivery) []*core.Delivery {
	all := make(map[gatherKey]*core.Delivery, len(list))
	for _, d := range list {
		first, ok := all[keyOf(d)]
		if !ok {
			all[keyOf(d)] = d
			continue
		}
		first.DueAt = earlier(later(first.DueAt, d.DueAt), first.GatherUntil)
	}
	return slices.SortedFunc(maps.Values(all), func(a, b *core.Delivery) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Task, b.Task), cmp.Compare(a.Scope, b.Scope))
	})
}

// joined notes for each gathering delivery which one is there now.
func joined(parts []*part, survivors map[gatherKey]core.ID) {
	for _, p := range parts {
		for _, d := range p.a.Deliveries {
			if d.Gather {
				was := d.ID
				d.Person = p.id(d.Person)
				p.replace(was, survivors[keyOf(&d)])
			}
		}
	}
}

// gatherKey is what gathering deliveries are one by.
type gatherKey struct {
	person, task core.ID
	scope        string
}

func keyOf(d *core.Delivery) gatherKey { return gatherKey{d.Person, d.Task, d.Scope} }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// writeGathering gives for each key the ID of the delivery that is there now.
func (x *tx) writeGathering(ctx context.Context, list []*core.Delivery) (map[gatherKey]core.ID, error) {
	survivors := make(map[gatherKey]core.ID, len(list))
	if x.s.dialect == sqlite || len(list) < 2 {
		for _, d := range list {
			id, err := x.gather(ctx, d)
			if err != nil {
				return nil, err
			}
			survivors[keyOf(d)] = id
		}
		return survivors, nil
	}
	one := gatherMany(list, survivors)
	return survivors, x.returning(ctx, one.scan, one.q, one.args...)
}

// gatherMany does it in one statement.
func gatherMany(list []*core.Delivery, survivors map[gatherKey]core.ID) reading {
	rows := make([][]any, len(list))
	for i, d := range list {
		rows[i] = deliveryRow(d)
	}
	return reading{func(r row) error {
		var d core.Delivery
		err := r.Scan(&d.ID, &d.Person, &d.Task, &d.Scope)
		survivors[keyOf(&d)] = d.ID
		return err
	}, gatherTable.many + ", person_id, task_id, scope", gatherTable.arrays(rows)}
}

// errNotNew means that a message of a group was there already, and that the
// group has to be written again step by step.
var errNotNew = errors.New("a message is not new")

// isPlain tells whether nothing of the group depends on what was written
// before it, once its messages are new: replies to tasks that are there, from
// people who are.
func isPlain(group []*request) bool {
	for _, r := range group {
		if a := r.accept; a.Known || len(a.People) > 0 || len(a.Tasks) > 0 {
			return false
		}
	}
	return true
}

// acceptNew writes a plain group sooner than acceptAll: the messages go with
// all else in one way to the server and back, in the hope that all are new.
// Only deliveries that gather take a way of their own before.
func (x *tx) acceptNew(ctx context.Context, group []*request) error {
	w := &accepting{}
	for _, r := range group {
		r.result = core.AcceptResult{Message: r.accept.Message.ID}
		w.parts = append(w.parts, &part{a: r.accept})
		w.messages = append(w.messages, messageRow(&r.accept.Message))
	}
	if err := x.gatherAll(ctx, w.parts); err != nil {
		return err
	}
	err := x.acceptParts(ctx, group, w)
	if uniqueViolation(err) {
		return errNotNew
	}
	return err
}
