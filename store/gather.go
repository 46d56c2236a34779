package store

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"planpost/core"
)

// gatherAll writes the gathering deliveries: of one group those with the same
// key once, because a statement may not touch a row twice, and in the order of
// their key, so that groups do not wait for each other.
func (x *tx) gatherAll(ctx context.Context, parts []*part) error {
	all := make(map[gatherKey]*core.Delivery)
	for _, p := range parts {
		for _, d := range p.a.Deliveries {
			if !d.Gather {
				continue
			}
			d.Person, d.Link = p.id(d.Person), p.id(d.Link)
			first, ok := all[keyOf(&d)]
			if !ok {
				all[keyOf(&d)] = &d
				continue
			}
			first.DueAt = earlier(later(first.DueAt, d.DueAt), first.GatherUntil)
		}
	}
	if len(all) == 0 {
		return nil
	}
	survivors, err := x.writeGathering(ctx, all)
	if err != nil {
		return err
	}
	for _, p := range parts {
		for _, d := range p.a.Deliveries {
			if d.Gather {
				was := d.ID
				d.Person = p.id(d.Person)
				p.replace(was, survivors[keyOf(&d)])
			}
		}
	}
	return nil
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
func (x *tx) writeGathering(ctx context.Context, all map[gatherKey]*core.Delivery) (map[gatherKey]core.ID, error) {
	list := slices.SortedFunc(maps.Values(all), func(a, b *core.Delivery) int {
		return cmp.Or(cmp.Compare(a.Person, b.Person), cmp.Compare(a.Task, b.Task), cmp.Compare(a.Scope, b.Scope))
	})
	survivors := make(map[gatherKey]core.ID, len(list))
	if x.s.dialect == sqlite || len(list) == 1 {
		for _, d := range list {
			id, err := x.gather(ctx, d)
			if err != nil {
				return nil, err
			}
			survivors[keyOf(d)] = id
		}
		return survivors, nil
	}
	rows := make([][]any, len(list))
	for i, d := range list {
		rows[i] = deliveryRow(d)
	}
	return survivors, x.returning(ctx, func(r row) error {
		var d core.Delivery
		err := r.Scan(&d.ID, &d.Person, &d.Task, &d.Scope)
		survivors[keyOf(&d)] = d.ID
		return err
	}, gatherTable.many+", person_id, task_id, scope", gatherTable.arrays(rows)...)
}
