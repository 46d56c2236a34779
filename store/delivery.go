package store

import (
	"context"
	"fmt"
	"time"

	"planpost/core"
)

const deliveryColumns = `d.id, d.account_id, d.person_id, d.task_id, d.kind, d.params, d.stream, d.scope, d.link_id, d.state, d.gather, d.gather_until, d.due_at,
	d.lease_until, d.lease_token, d.attempts, d.sent_date, d.reason, d.text, d.created_at, d.done_at`

const (
	// Gathering again moves the time, at most to the end that the first set.
	gatherDelivery = `on conflict (person_id, task_id, scope) where gather do update set due_at =
		case when excluded.due_at > delivery.gather_until then delivery.gather_until
		when excluded.due_at > delivery.due_at then excluded.due_at else delivery.due_at end
		returning id`
	findDelivery    = `select ` + deliveryColumns + ` from delivery d where d.id = $2 and (d.account_id = $1 or $1 = '')`
	listAttempts    = `select id, account_id, delivery_id, number, started_at, ended_at, remote, code, enhanced, text, outcome, address from attempt where account_id = $1 and delivery_id = $2 order by number, id`
	notificationsOf = `select ` + notificationColumns + ` from notification f where f.account_id = $1 and f.delivery_id = $2 and f.delivery_id <> '' order by f.id`
	listUnread      = `select ` + notificationColumns + ` from notification f where f.account_id = $1 and f.person_id = $2 and f.read_at = 0 order by f.id desc limit $3`
	listRead        = `select ` + notificationColumns + ` from notification f where f.account_id = $1 and f.person_id = $2 and f.read_at <> 0 order by f.id desc limit $3`
	listNewest      = `select ` + notificationColumns + ` from notification f where f.account_id = $1 and f.person_id = $2 order by f.id desc limit $3`
	markRead        = `update notification set read_at = $4 where account_id = $1 and person_id = $2 and task_id = $3 and read_at = 0`
	// What a mail has told; what waits in one was not seen by who answers an earlier.
	markAnswered = `update notification set read_at = $4 where account_id = $1 and person_id = $2 and task_id = $3 and read_at = 0
		and exists (select 1 from delivery d where d.id = notification.delivery_id and d.state = 'sent')`
	// By the index, however many wait: the first that is due later, or the first lease to end.
	nextDue = `select coalesce(min(at), 0) from (
		select * from (select due_at as at from delivery where done_at = 0 and stream = $1 and due_at > $2 order by due_at limit 1) later
		union all
		select min(lease_until) from delivery where done_at = 0 and stream = $1 and due_at <= $2 and lease_until > $2) next`
	finishDelivery = `
		update delivery set state = $3, due_at = $4, lease_until = 0, lease_token = '', attempts = $5, reason = $6, text = $7, done_at = $8,
			link_id = case when $9 = '' then link_id else $9 end,
			sent_date = $10
		where id = $1 and lease_token = $2 and lease_token <> ''`
	restartDelivery = `
		update delivery set state = 'due', due_at = $3, done_at = 0, reason = $4, lease_until = 0, lease_token = ''
		where account_id = $1 and id = $2 and done_at <> 0`
	cancelDelivery = `
		update delivery set state = 'cancelled', done_at = $3, reason = $4, gather = false, lease_until = 0, lease_token = ''
		where account_id = $1 and id = $2 and done_at = 0 and lease_until <= $3`
	holdDelivery = `
		update delivery set state = 'held', done_at = $3, reason = $4, gather = false, lease_until = 0, lease_token = ''
		where account_id = $1 and id = $2 and done_at = 0 and lease_until <= $3`
	putSentText = `
		insert into sent_text (link_id, delivery_id, text) values ($1, $2, $3)
		on conflict (link_id, delivery_id) do update set text = excluded.text`
	findSentText = `select s.text from delivery d join sent_text s on s.link_id = d.link_id and s.delivery_id = d.id where d.account_id = $1 and d.id = $2`
	// Of the account of the link, whichever link the delivery bore.
	sentOfDelivery = `
		select s.text from link l join delivery d on d.account_id = l.account_id join sent_text s on s.link_id = d.link_id and s.delivery_id = d.id
		where l.id = $1 and d.id = $2`
	lastSentText = `select s.text from sent_text s where s.link_id = $1 order by s.delivery_id desc limit 1`
	putCaptured  = `insert into captured (delivery_id, sealed) values ($1, $2) on conflict (delivery_id) do update set sealed = excluded.sealed`
	findCaptured = `select c.sealed from captured c join delivery d on d.id = c.delivery_id where d.account_id = $1 and d.id = $2`
)

// underway is how long a claimed mail keeps the later ones of its thread
// waiting. Most are sent in less; the claim of a process that died, or whose
// answer was lost with the database, shall not hold up a thread for a whole lease.
const underway = 10 * time.Second

// claimDeliveries leases what is due. The outer conditions repeat the inner
// ones on purpose: when PostgreSQL has waited for a row it tests the outer ones
// afresh, while the inner select still reads its old snapshot. Of a thread the
// order of the ids counts, so that no two rows can wait for each other; one that
// is gathered still, or whose fate is unknown, keeps nobody waiting. That is asked
// as a value, and all of it once: as joins, PostgreSQL without statistics does it
// anew for each row and takes seconds.
const claimDeliveries = `
	with due as materialized (
		select c.id from delivery c
		where c.done_at = 0 and c.stream = $4 and c.due_at <= $1 and c.lease_until <= $1 and (
			select 1 from delivery e
			where e.done_at = 0 and e.task_id <> '' and e.person_id = c.person_id and e.task_id = c.task_id and e.id < c.id
				and (e.sent_date > 0 or e.due_at <= c.due_at) and e.reason <> 'delivery.uncertain' and not (e.lease_until > $1 and e.lease_until <= $5)
			limit 1) is null
		order by c.due_at, c.id
		limit %s %s
	)
	update delivery as d
	set lease_until = $2, lease_token = $3, attempts = d.attempts + 1, gather = false,
		sent_date = case when d.sent_date = 0 then $1 else d.sent_date end
	where d.id in (select id from due) and d.done_at = 0 and d.lease_until <= $1
	returning ` + deliveryColumnsBare

// SQLite knows no alias in returning.
const deliveryColumnsBare = `id, account_id, person_id, task_id, kind, params, stream, scope, link_id, state, gather, gather_until, due_at,
	lease_until, lease_token, attempts, sent_date, reason, text, created_at, done_at`

const notificationColumns = `f.id, f.account_id, f.person_id, f.event, f.reason, f.task_id, f.comment_id, f.receipt_id, f.delivery_id, f.page, f.created_at, f.read_at`

var (
	notificationTable = newTable("notification", "", "person_id key", "id key", "account_id key", "event text", "reason text", "task_id key",
		"comment_id key", "receipt_id key", "delivery_id key", "page bool", "created_at int", "read_at int")
	deliveryTable = newTable("delivery", "", deliverySpec()...)
	letterTable   = newTable("delivery", "on conflict (link_id, scope) where kind = 'link' do nothing", deliverySpec()...)
	gatherTable   = newTable("delivery", gatherDelivery, deliverySpec()...)
	attemptTable  = newTable("attempt", "", "delivery_id key", "id key", "account_id key", "number int", "started_at int", "ended_at int",
		"remote text", "code int", "enhanced text", "text text", "outcome text", "address text")
)

func deliverySpec() []string {
	return []string{"id key", "account_id key", "person_id key", "task_id key", "kind text", "params text", "stream text", "scope text", "link_id key", "state text", "gather bool",
		"gather_until int", "due_at int", "lease_until int", "lease_token key", "attempts int", "sent_date int", "reason text", "text text",
		"created_at int", "done_at int"}
}

func deliveryRow(d *core.Delivery) []any {
	return []any{d.ID, d.Account, d.Person, d.Task, string(d.Kind), jsonOf(d.Params).text(), string(d.Stream), d.Scope, d.Link, string(d.State), d.Gather, micros(d.GatherUntil), micros(d.DueAt),
		micros(d.LeaseUntil), d.LeaseToken, d.Attempts, micros(d.SentDate), d.Reason, text(d.Text), micros(d.CreatedAt), micros(d.DoneAt)}
}

func deliveryFields(d *core.Delivery) []any {
	return []any{&d.ID, &d.Account, &d.Person, &d.Task, &d.Kind, asJSON[string]{&d.Params}, &d.Stream, &d.Scope, &d.Link, &d.State, &d.Gather, into(&d.GatherUntil), into(&d.DueAt),
		into(&d.LeaseUntil), &d.LeaseToken, &d.Attempts, into(&d.SentDate), &d.Reason, &d.Text, into(&d.CreatedAt), into(&d.DoneAt)}
}

func scanDelivery(r row, d *core.Delivery) error { return r.Scan(deliveryFields(d)...) }

func notificationRow(n *core.Notification) []any {
	return []any{n.Person, n.ID, n.Account, string(n.Event), n.Reason, n.Task, n.Comment, n.Receipt, n.Delivery, n.Page, micros(n.CreatedAt), micros(n.ReadAt)}
}

func scanNotification(r row, n *core.Notification) error {
	return r.Scan(notificationFields(n)...)
}

func notificationFields(n *core.Notification) []any {
	return []any{&n.ID, &n.Account, &n.Person, &n.Event, &n.Reason, &n.Task, &n.Comment, &n.Receipt, &n.Delivery, &n.Page, into(&n.CreatedAt), into(&n.ReadAt)}
}

func attemptRow(a *core.Attempt) []any {
	return []any{a.Delivery, a.ID, a.Account, a.Number, micros(a.StartedAt), micros(a.EndedAt), text(a.Remote), a.Code, text(a.Enhanced), text(a.Text), a.Outcome, text(a.Address)}
}

// Owe takes the round trips of one mail for all of an event, where the engine can.
func (x *tx) Owe(ctx context.Context, list []core.Owed) error {
	var gather []*core.Delivery
	mails, notes := bulk{table: deliveryTable}, bulk{table: notificationTable}
	for i := range list {
		switch d := list[i].Mail; {
		case d == nil:
		case d.Gather:
			copied := *d // what several gather in is due when the last of them would be
			gather = append(gather, &copied)
		default:
			mails.rows = append(mails.rows, deliveryRow(d))
		}
	}
	survivors, err := x.writeGathering(ctx, onceEach(gather))
	if err != nil {
		return err
	}
	for i := range list {
		o := &list[i]
		if o.Mail != nil {
			if o.Mail.Gather {
				o.Mail.ID = survivors[keyOf(o.Mail)]
			}
			o.Note.Delivery = o.Mail.ID
		}
		notes.rows = append(notes.rows, notificationRow(&o.Note))
	}
	return x.insertAll(ctx, []bulk{mails, notes})
}

func (x *tx) CreateDelivery(ctx context.Context, d *core.Delivery) error {
	if !d.Gather {
		return x.insert(ctx, deliveryTable, deliveryRow(d))
	}
	id, err := x.gather(ctx, d)
	if err == nil {
		d.ID = id
	}
	return err
}

func (x *tx) CreateLetter(ctx context.Context, d *core.Delivery) (bool, error) {
	n, err := x.exec(ctx, letterTable.one, deliveryRow(d)...)
	return n == 1, err
}

// gather writes a gathering delivery or joins the one that is there; the ID is the surviving one's.
func (x *tx) gather(ctx context.Context, d *core.Delivery) (id core.ID, err error) {
	err = x.returning(ctx, func(r row) error { return r.Scan(&id) }, gatherTable.one, deliveryRow(d)...)
	return id, err
}

func (x *tx) FindDelivery(ctx context.Context, account, id core.ID) (core.Delivery, error) {
	return find(ctx, x, "delivery.unknown", scanDelivery, findDelivery, account, id)
}

func (x *tx) ListDeliveries(ctx context.Context, account core.ID, f core.DeliveryFilter) ([]core.DeliveryItem, error) {
	a := args{}
	where := `d.account_id = ` + a.add(account) + ` and d.id < ` + a.add(last(f.Before))
	if f.ID != "" {
		where += ` and d.id = ` + a.add(f.ID)
	} else {
		where += ` and (d.task_id = '' or not ` + binOfTask + `)`
	}
	if f.Task != "" {
		where += ` and d.task_id = ` + a.add(f.Task)
	}
	if f.Person != "" {
		where += ` and d.person_id = ` + a.add(f.Person)
	}
	if f.Kind != "" {
		where += ` and d.kind = ` + a.add(string(f.Kind))
	}
	if f.State != "" {
		where += ` and d.state = ` + a.add(string(f.State))
	}
	if f.Comment != "" {
		where += ` and d.id in (select delivery_id from notification where comment_id = ` + a.add(f.Comment) + ` and comment_id <> '')`
	}
	q := `select ` + deliveryItemColumns + ` from delivery d` + deliveryItemJoins + ` where ` + where + ` order by d.id desc limit ` + upTo(limit(f.Limit, 100))
	return list(ctx, x, func(r row, i *core.DeliveryItem) error { return r.Scan(deliveryItemFields(i)...) }, q, a.values...)
}

const deliveryItemColumns = deliveryColumns + `, coalesce(p.name, ''), coalesce((select s.local_part || '@' || s.domain from address s
	where s.person_id = d.person_id order by s.is_primary desc, s.id limit 1), ''), coalesce(t.number, 0), coalesce(t.title, '')`

const deliveryItemJoins = ` left join person p on p.id = d.person_id left join task t on t.id = d.task_id`

func deliveryItemFields(i *core.DeliveryItem) []any {
	return append(deliveryFields(&i.Delivery), &i.PersonName, &i.Address, &i.TaskNumber, &i.TaskTitle)
}

// SetDeliveryState moves a delivery that is not leased: ended ones back to
// due, due ones to cancelled.
func (x *tx) SetDeliveryState(ctx context.Context, account, id core.ID, to core.DeliveryState, reason string, at time.Time) (bool, error) {
	q := ""
	switch to {
	case core.DeliveryDue:
		q = restartDelivery
	case core.DeliveryCancelled:
		q = cancelDelivery
	case core.DeliveryHeld:
		q = holdDelivery
	default:
		return false, nil
	}
	n, err := x.exec(ctx, q, account, id, micros(at), reason)
	return n == 1, err
}

func (x *tx) ListAttempts(ctx context.Context, account, delivery core.ID) ([]core.Attempt, error) {
	return list(ctx, x, func(r row, a *core.Attempt) error {
		return r.Scan(&a.ID, &a.Account, &a.Delivery, &a.Number, into(&a.StartedAt), into(&a.EndedAt), &a.Remote, &a.Code, &a.Enhanced, &a.Text, &a.Outcome, &a.Address)
	}, listAttempts, account, delivery)
}

const answerTo = `
	select k.id, k.created_at from comment k join message m on m.id = k.message_id and m.account_id = k.account_id
	where k.account_id = $1 and k.task_id = $2 and k.author_id = $3 and k.message_id <> '' and m.in_reply_to = $4 order by k.id limit 1`

func (x *tx) AnswerTo(ctx context.Context, account, task, person core.ID, messageID string) (id core.ID, at time.Time, err error) {
	err = x.each(ctx, func(r row) error { return r.Scan(&id, into(&at)) }, answerTo, account, task, person, messageID)
	return id, at, err
}

func (x *tx) NotificationsOf(ctx context.Context, account, delivery core.ID) ([]core.Notification, error) {
	return list(ctx, x, scanNotification, notificationsOf, account, delivery)
}

// ListNotifications: with unread set, the unread ones come first and the
// others fill the page.
func (x *tx) ListNotifications(ctx context.Context, account, person core.ID, unread bool, n int) ([]core.Notification, error) {
	n = limit(n, 50)
	if !unread {
		return list(ctx, x, scanNotification, listNewest, account, person, n)
	}
	first, err := list(ctx, x, scanNotification, listUnread, account, person, n)
	if err != nil || len(first) == n {
		return first, err
	}
	rest, err := list(ctx, x, scanNotification, listRead, account, person, n-len(first))
	return append(first, rest...), err
}

func (x *tx) MarkRead(ctx context.Context, account, person, task core.ID, at time.Time) (bool, error) {
	n, err := x.exec(ctx, markRead, account, person, task, micros(at))
	return n > 0, err
}

func (x *tx) ClaimDeliveries(ctx context.Context, stream core.Stream, now time.Time, lease time.Duration, n int) ([]core.Delivery, error) {
	var all []core.Delivery
	q := fmt.Sprintf(claimDeliveries, upTo(n), x.s.dialect.skipLocked())
	err := x.returning(ctx, func(r row) error {
		var d core.Delivery
		err := scanDelivery(r, &d)
		all = append(all, d)
		return err
	}, q, micros(now), micros(now.Add(lease)), core.NewID(), string(stream), micros(now.Add(lease-underway)))
	return all, err
}

// FinishAttempt writes nothing when the lease is somebody else's by now.
func (x *tx) FinishAttempt(ctx context.Context, r *core.AttemptResult) (bool, error) {
	d := &r.Delivery
	attempts, done := d.Attempts, micros(r.Attempt.EndedAt)
	if r.Uncounted {
		attempts--
	}
	due := micros(d.DueAt)
	if r.State == core.DeliveryDue || !r.RetryAt.IsZero() {
		due, done = micros(r.RetryAt), micros{}
	}
	n, err := x.exec(ctx, finishDelivery, d.ID, d.LeaseToken, string(r.State), due, attempts, r.Reason, text(r.Attempt.Text), done, d.Link, micros(d.SentDate))
	if err != nil || n == 0 {
		return false, err
	}
	if !r.Uncounted {
		if err := x.tellLapsed(ctx, r); err != nil {
			return false, err
		}
		if err := x.insert(ctx, attemptTable, attemptRow(&r.Attempt)); err != nil {
			return false, err
		}
	}
	return true, x.keepSent(ctx, r)
}

// tellLapsed writes down the earlier attempts that nobody did: whoever made them died or lost the
// lease, and the mail may have gone out.
func (x *tx) tellLapsed(ctx context.Context, r *core.AttemptResult) error {
	if r.Delivery.Attempts < 2 {
		return nil
	}
	told, err := x.ListAttempts(ctx, r.Delivery.Account, r.Delivery.ID)
	if err != nil {
		return err
	}
	known := make(map[int]bool)
	for i := range told {
		known[told[i].Number] = true
	}
	for n := 1; n < r.Delivery.Attempts; n++ {
		if known[n] {
			continue
		}
		at := r.Attempt.StartedAt
		if n == 1 && !r.Delivery.SentDate.IsZero() {
			at = r.Delivery.SentDate
		}
		lapsed := core.Attempt{ID: core.NewID(), Account: r.Delivery.Account, Delivery: r.Delivery.ID, Number: n, StartedAt: at, EndedAt: at, Outcome: "uncertain"}
		if err := x.insert(ctx, attemptTable, attemptRow(&lapsed)); err != nil {
			return err
		}
	}
	return nil
}

// keepSent keeps the text for aligning replies, and the mail where it was captured.
func (x *tx) keepSent(ctx context.Context, r *core.AttemptResult) error {
	if r.SentText != "" {
		if _, err := x.exec(ctx, putSentText, r.Delivery.Link, r.Delivery.ID, text(r.SentText)); err != nil {
			return err
		}
	}
	if r.Captured == nil {
		return nil
	}
	_, err := x.exec(ctx, putCaptured, r.Delivery.ID, r.Captured)
	return err
}

func (x *tx) NextDue(ctx context.Context, stream core.Stream, after time.Time) (time.Time, bool, error) {
	at, _, err := lookup(ctx, x, func(r row, t *time.Time) error { return r.Scan(into(t)) }, nextDue, string(stream), micros(after))
	return at, !at.IsZero(), err
}

func (x *tx) FindSentText(ctx context.Context, account, delivery core.ID) (string, error) {
	return find(ctx, x, "delivery.no_text", func(r row, s *string) error { return r.Scan(s) }, findSentText, account, delivery)
}

func (x *tx) FindCaptured(ctx context.Context, account, delivery core.ID) ([]byte, error) {
	return find(ctx, x, "delivery.not_captured", func(r row, b *[]byte) error { return r.Scan(b) }, findCaptured, account, delivery)
}

const pendingSearch = `select count(*) from search_pending`

func (x *tx) PendingSearch(ctx context.Context) (int64, error) { return x.count(ctx, pendingSearch) }

const counts = `select
	(select count(*) from message), (select count(*) from raw), (select count(*) from receipt), (select count(*) from comment),
	(select count(*) from task), (select count(*) from notification), (select count(*) from delivery), (select count(*) from attempt),
	(select count(*) from delivery where done_at = 0), (select count(*) from search_pending)`

func (x *tx) Counts(ctx context.Context) (core.Counts, error) {
	c, _, err := lookup(ctx, x, func(r row, c *core.Counts) error {
		return r.Scan(&c.Messages, &c.Raw, &c.Receipts, &c.Comments, &c.Tasks, &c.Notifications, &c.Deliveries, &c.Attempts, &c.DueDeliveries, &c.PendingSearch)
	}, counts)
	return c, err
}
