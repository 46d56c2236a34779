package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	mailRates = `
		select count(*) filter (where d.state in ('sent', 'uncertain') or d.state = 'failed' and d.reason in ('delivery.refused', 'reported')),
			count(*) filter (where d.state = 'failed' and d.reason in ('delivery.refused', 'reported'))
		from delivery d where d.account_id = $1 and d.id >= $2`
	countComplaints = `select count(*) from suppression where account_id = $1 and reason = 'complaint' and created_at >= $2`
	// From when it was first tried, for each try that fails moves what it is due at.
	oldestDue = `
		select d.id, case when d.sent_date = 0 then d.due_at else d.sent_date end as since from delivery d
		where d.account_id = $1 and d.done_at = 0 and (d.sent_date > 0 or d.due_at <= $2)
		order by since, d.id limit 1`
	deferrals = `
		select domain, mails, first, next, text from (
			select domain, text, count(*) over (partition by domain) as mails, min(sent_date) over (partition by domain) as first,
				min(due_at) over (partition by domain) as next, row_number() over (partition by domain order by sent_date desc, id desc) as place
			from (select d.id, d.text, d.sent_date, d.due_at, coalesce((select s.domain from address s
					where s.person_id = d.person_id order by s.is_primary desc, s.id limit 1), '') as domain
				from delivery d where d.account_id = $1 and d.done_at = 0 and d.attempts > 0
					and d.reason in ('delivery.deferred', 'delivery.uncertain', 'delivery.pace')) waits) places
		where place = 1 order by mails desc, domain limit $2`
	countStopped = `
		select stream, reason, count(*) from suppression where account_id = $1 and lifted_at = 0 group by stream, reason order by stream, reason`
)

// MailRates implements core.HealthNumbersTx, as do the methods below.
func (x *tx) MailRates(ctx context.Context, account, from core.ID, since time.Time) (left, bounced, complained int64, err error) {
	type rates struct{ left, bounced int64 }
	n, _, err := lookup(ctx, x, func(r row, n *rates) error { return r.Scan(&n.left, &n.bounced) }, mailRates, account, from)
	if err != nil {
		return 0, 0, 0, err
	}
	complained, err = x.count(ctx, countComplaints, account, micros(since))
	return n.left, n.bounced, complained, err
}

func (x *tx) FindOldestDue(ctx context.Context, account core.ID, now time.Time) (core.OldestDue, bool, error) {
	return lookup(ctx, x, func(r row, o *core.OldestDue) error { return r.Scan(&o.Delivery, into(&o.Since)) }, oldestDue, account, micros(now))
}

func (x *tx) Deferrals(ctx context.Context, account core.ID, n int) ([]core.Deferral, error) {
	return list(ctx, x, func(r row, d *core.Deferral) error {
		return r.Scan(&d.Domain, &d.Mails, into(&d.Since), into(&d.Next), &d.Text)
	}, deferrals, account, n)
}

func (x *tx) CountStopped(ctx context.Context, account core.ID) ([]core.StoppedCount, error) {
	return list(ctx, x, func(r row, s *core.StoppedCount) error { return r.Scan(&s.Stream, &s.Reason, &s.N) }, countStopped, account)
}
