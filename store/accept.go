package store

import (
	"context"
	"slices"

	"planpost/core"
)

// Accept writes one Acceptance durably, together with others that wait.
func (s *Store) Accept(ctx context.Context, a *core.Acceptance) (core.AcceptResult, error) {
	r := &request{accept: a}
	if s.dialect == sqlite {
		err := s.writer.do(ctx, r)
		return r.outcome(err)
	}
	err := s.flush.do(ctx, r)
	return r.outcome(err)
}

// outcome reads the result only when the writer has answered: it may still be
// at work when the caller gave up.
func (r *request) outcome(err error) (core.AcceptResult, error) {
	if err != nil {
		return core.AcceptResult{}, err
	}
	return r.result, nil
}

const (
	messageOfHash   = `select id from message where account_id = $1 and hash = $2`
	countAgain      = `update receipt set again = again + 1 where message_id = $1 and key = $2`
	hasReceipt      = `select 1 from receipt where message_id = $1 and key = $2`
	personOfAddress = `select person_id from address where account_id = $1 and norm = $2`
	deletePerson    = `delete from person where id = $1`
	endDelivery     = `
		update delivery set state = 'failed', reason = 'reported', text = $3, done_at = $4, lease_until = 0, lease_token = ''
		where account_id = $1 and id = $2 and state <> 'failed' and state <> 'cancelled'`
	attemptsOf = `select attempts from delivery where account_id = $1 and id = $2`
)

// acceptAll writes a group of acceptances in the transaction at hand. It must
// not change them: after a failure each is written again by itself.
func (x *tx) acceptAll(ctx context.Context, group []*request) error {
	fresh, err := x.writeMessages(ctx, group)
	if err != nil {
		return err
	}
	w := &accepting{}
	for _, r := range group {
		r.result = core.AcceptResult{Message: r.accept.Message.ID}
		if !fresh[r] {
			if err := x.duplicate(ctx, r); err != nil {
				return err
			}
			continue
		}
		p := &part{a: r.accept}
		if err := x.resolve(ctx, p); err != nil {
			return err
		}
		w.parts = append(w.parts, p)
	}
	if err := x.number(ctx, w.parts); err != nil {
		return err
	}
	if err := x.gatherAll(ctx, w.parts); err != nil {
		return err
	}
	return x.acceptParts(ctx, group, w)
}

// acceptParts writes the rest, when it is known which messages are new and
// which deliveries carry them.
func (x *tx) acceptParts(ctx context.Context, group []*request, w *accepting) error {
	for _, p := range w.parts {
		w.collect(p)
	}
	if err := x.change(ctx, w); err != nil {
		return err
	}
	for _, r := range group {
		for _, p := range w.parts {
			if p.a == r.accept {
				r.result.Numbers = p.numbers
			}
		}
	}
	return x.writeLast(ctx, w)
}

// writeLast writes the rows; nothing of the transaction comes after it. The
// tasks' activity follows with the search index (index.go): it is moved for
// many comments at once, and a second later is soon enough for a list.
func (x *tx) writeLast(ctx context.Context, w *accepting) error {
	if t, ok := x.run.(together); ok {
		return trouble(t.writeAll(ctx, w.bulks(), true))
	}
	return x.insertAll(ctx, w.bulks())
}

// writeMessages tells which messages were not there before. Of two that are
// equal in one group the first counts.
func (x *tx) writeMessages(ctx context.Context, group []*request) (map[*request]bool, error) {
	fresh := make(map[*request]bool, len(group))
	group, err := x.further(ctx, group, fresh)
	if err != nil {
		return nil, err
	}
	if x.s.dialect == sqlite {
		for _, r := range group {
			n, err := x.exec(ctx, messageTable.one, messageRow(&r.accept.Message)...)
			if err != nil {
				return nil, err
			}
			fresh[r] = n == 1
		}
		return fresh, nil
	}
	if len(group) == 0 {
		return fresh, nil
	}
	one := newMessages(group, fresh)
	return fresh, x.each(ctx, one.scan, one.q, one.args...)
}

// newMessages writes messages in one statement that tells which were not there before.
func newMessages(group []*request, fresh map[*request]bool) reading {
	rows, of := make([][]any, len(group)), make(map[core.ID]*request, len(group))
	for i, r := range group {
		rows[i], of[r.accept.Message.ID] = messageRow(&r.accept.Message), r
	}
	return reading{func(r row) error {
		var id core.ID
		err := r.Scan(&id)
		fresh[of[id]] = true
		return err
	}, messageTable.many + " returning id", messageTable.arrays(rows)}
}

// further takes those out of the group whose message is kept already. They
// count as fresh while none of their recipients has a receipt; when one got it
// meanwhile, or another of the group makes it, the caller has to look again.
func (x *tx) further(ctx context.Context, group []*request, fresh map[*request]bool) (rest []*request, err error) {
	taken := map[core.ID]bool{}
	for _, r := range group {
		a := r.accept
		if !a.Known {
			rest = append(rest, r)
			continue
		}
		fresh[r] = !taken[a.Message.ID]
		taken[a.Message.ID] = true
		for i := range a.Receipts {
			_, there, err := lookup(ctx, x, func(r row, n *int64) error { return r.Scan(n) }, hasReceipt, a.Message.ID, a.Receipts[i].Key)
			if err != nil {
				return nil, err
			}
			fresh[r] = fresh[r] && !there
		}
	}
	return rest, nil
}

// duplicate counts a message that is there already and tells what became of it.
func (x *tx) duplicate(ctx context.Context, r *request) error {
	a := r.accept
	id, ok, err := lookup(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, messageOfHash, a.Message.Account, a.Message.Hash)
	if err != nil {
		return err
	}
	if !ok {
		return core.Fail(core.Conflict, "message.id_taken")
	}
	r.result = core.AcceptResult{Duplicate: true, Message: id}
	if a.Fetched != nil { // it is kept: there is nothing more to fetch
		entry := *a.Fetched
		entry.Message = id
		if err := x.PutFetched(ctx, []core.Fetched{entry}); err != nil {
			return err
		}
	}
	for i := range a.Receipts {
		if _, err := x.exec(ctx, countAgain, id, a.Receipts[i].Key); err != nil {
			return err
		}
	}
	r.result.Known, err = x.ListReceipts(ctx, a.Message.Account, id)
	return err
}

// part is one acceptance on its way: with the IDs that turned out to be
// somebody else's, and the numbers of its tasks.
type part struct {
	a       *core.Acceptance
	instead map[core.ID]core.ID
	numbers []int64
}

// id is the ID to write for one in the acceptance.
func (p *part) id(id core.ID) core.ID {
	if now, ok := p.instead[id]; ok {
		return now
	}
	return id
}

func (p *part) replace(old, now core.ID) {
	if old == now {
		return
	}
	if p.instead == nil {
		p.instead = make(map[core.ID]core.ID)
	}
	p.instead[old] = now
}

// resolve writes new people and links, or finds who and what is there by now.
func (x *tx) resolve(ctx context.Context, p *part) error {
	for i := range p.a.People {
		there, err := x.ensurePerson(ctx, &p.a.People[i])
		if err != nil {
			return err
		}
		p.replace(p.a.People[i].ID, there)
	}
	return nil
}

// ensurePerson writes somebody new, or finds who has one of the addresses.
func (x *tx) ensurePerson(ctx context.Context, p *core.Person) (core.ID, error) {
	for range 2 {
		for i := range p.Addresses {
			id, ok, err := lookup(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, personOfAddress, p.Account, text(p.Addresses[i].Norm))
			if err != nil || ok {
				return id, err
			}
		}
		err := x.CreatePerson(ctx, p)
		if err == nil {
			return p.ID, nil
		}
		if core.CodeOf(err) != "address.taken" {
			return "", err
		}
		// Somebody wrote the address between the look and the insert.
		if _, err := x.exec(ctx, `delete from address where person_id = $1`, p.ID); err != nil {
			return "", err
		}
		if _, err := x.exec(ctx, deletePerson, p.ID); err != nil {
			return "", err
		}
	}
	return "", core.Fail(core.Conflict, "address.taken")
}

// number gives the new tasks their numbers, account by account in a fixed
// order, so that two groups do not wait for each other.
func (x *tx) number(ctx context.Context, parts []*part) error {
	of := make(map[core.ID][]*part)
	for _, p := range parts {
		if len(p.a.Tasks) > 0 {
			of[p.a.Message.Account] = append(of[p.a.Message.Account], p)
		}
	}
	for _, account := range sortedKeys(of) {
		n := 0
		for _, p := range of[account] {
			n += len(p.a.Tasks)
		}
		next, err := x.takeNumbers(ctx, account, n)
		if err != nil {
			return err
		}
		for _, p := range of[account] {
			for range p.a.Tasks {
				p.numbers = append(p.numbers, next)
				next++
			}
		}
	}
	return nil
}

func sortedKeys[V any](m map[core.ID]V) []core.ID {
	keys := make([]core.ID, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// change does what is no insert.
func (x *tx) change(ctx context.Context, w *accepting) error {
	for _, p := range w.parts {
		for i := range p.a.Suppressions {
			if err := x.Suppress(ctx, &p.a.Suppressions[i]); err != nil {
				return err
			}
		}
		if p.a.Written != "" {
			if _, err := x.LiftWritten(ctx, p.a.Message.Account, p.a.Written, p.a.Message.ReceivedAt); err != nil {
				return err
			}
		}
		for _, w := range p.a.Answered {
			if _, err := x.exec(ctx, markAnswered, p.a.Message.Account, w.Person, w.Task, micros(p.a.Message.ReceivedAt)); err != nil {
				return err
			}
		}
		for i := range p.a.Reports {
			if err := x.report(ctx, &p.a.Reports[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// report keeps what a delivery report said as one more attempt, and ends the
// delivery when it is permanent.
func (x *tx) report(ctx context.Context, r *core.DeliveryReport) error {
	number, ok, err := lookup(ctx, x, func(r row, n *int) error { return r.Scan(n) }, attemptsOf, r.Account, r.Delivery)
	if err != nil || !ok {
		return err
	}
	t := core.Attempt{ID: core.NewID(), Account: r.Account, Delivery: r.Delivery, Number: number, StartedAt: r.At, EndedAt: r.At,
		Enhanced: r.Status, Text: r.Text, Outcome: "delayed"}
	if r.Permanent {
		t.Outcome = "bounced"
		if _, err := x.exec(ctx, endDelivery, r.Account, r.Delivery, text(r.Text), micros(r.At)); err != nil {
			return err
		}
	}
	return x.insert(ctx, attemptTable, attemptRow(&t))
}
