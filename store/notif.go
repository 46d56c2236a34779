package store

import (
	"context"
	"time"

	"planpost/core"
	"planpost/core/access"
)

const (
	putChoice = `
		insert into notif_choice (account_id, person_id, event, channel, chosen) values ($1, $2, $3, $4, $5)
		on conflict (person_id, event, channel) do update set chosen = excluded.chosen`
	dropChoice = `delete from notif_choice where account_id = $1 and person_id = $2 and event = $3 and channel = $4`
	// A person is marked once and for ever: that nothing is asked for the others is what it is for.
	markTuned = `update person set tuned = true where account_id = $1 and id = $2 and not tuned`
	putMute   = `
		insert into mute (account_id, person_id, kind, object_id, created_at) values ($1, $2, $3, $4, $5)
		on conflict (person_id, object_id) do nothing`
	hasUnread = `select count(*) from (select 1 from notification where person_id = $1 and task_id = $2 and read_at = 0 limit 1) x`
	putRhythm = `
		insert into rhythm (person_id, account_id, digest, days, starts, ends) values ($1, $2, $3, $4, $5, $6)
		on conflict (person_id) do update set digest = excluded.digest, days = excluded.days, starts = excluded.starts, ends = excluded.ends`
	moveWork = `
		update delivery set due_at = $3, gather_until = $3
		where account_id = $1 and person_id = $2 and done_at = 0 and task_id <> '' and due_at > $4 and stream = 'work' and (gather or reason = 'delivery.hours')`
	moveDigest = `update delivery set due_at = $3, gather_until = $3 where account_id = $1 and person_id = $2 and gather and kind = 'digest' and done_at = 0 and lease_until <= $4`
	sentSince  = `select count(*) from (select 1 from delivery where person_id = $1 and done_at > $2 and state = 'sent' and stream = 'work' limit `
	dropMute   = `delete from mute where account_id = $1 and person_id = $2 and object_id = $3`
)

// NotifChoices implements core.NotifTx, as do the methods below.
func (x *tx) NotifChoices(ctx context.Context, account core.ID, people []core.ID) ([]core.NotifChoice, error) {
	if len(people) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select account_id, person_id, event, channel, chosen from notif_choice where person_id in ` + a.in(people) + ` and account_id = ` + a.add(account) + `
		order by person_id, event, channel`
	return list(ctx, x, func(r row, n *core.NotifChoice) error {
		return r.Scan(&n.Account, &n.Person, &n.Event, &n.Channel, &n.On)
	}, q, a.values...)
}

func (x *tx) SetNotifChoice(ctx context.Context, n *core.NotifChoice) error {
	if _, err := x.exec(ctx, putChoice, n.Account, n.Person, string(n.Event), string(n.Channel), n.On); err != nil {
		return err
	}
	_, err := x.exec(ctx, markTuned, n.Account, n.Person)
	return err
}

func (x *tx) DropNotifChoice(ctx context.Context, n *core.NotifChoice) error {
	_, err := x.exec(ctx, dropChoice, n.Account, n.Person, string(n.Event), string(n.Channel))
	return err
}

func (x *tx) Mutes(ctx context.Context, account core.ID, people []core.ID) ([]core.Mute, error) {
	if len(people) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select account_id, person_id, kind, object_id, created_at from mute where person_id in ` + a.in(people) + ` and account_id = ` + a.add(account)
	return list(ctx, x, func(r row, m *core.Mute) error {
		return r.Scan(&m.Account, &m.Person, &m.Kind, &m.Object, into(&m.CreatedAt))
	}, q, a.values...)
}

func (x *tx) SetMute(ctx context.Context, m *core.Mute) (bool, error) {
	n, err := x.exec(ctx, putMute, m.Account, m.Person, m.Kind, m.Object, micros(m.CreatedAt))
	if err != nil {
		return false, err
	}
	_, err = x.exec(ctx, markTuned, m.Account, m.Person)
	return n == 1, err
}

func (x *tx) DropMute(ctx context.Context, m *core.Mute) (bool, error) {
	n, err := x.exec(ctx, dropMute, m.Account, m.Person, m.Object)
	return n == 1, err
}

// Rhythms implements core.NotifTx, as do the methods below.
func (x *tx) Rhythms(ctx context.Context, account core.ID, people []core.ID) ([]core.Rhythm, error) {
	if len(people) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select account_id, person_id, digest, days, starts, ends from rhythm where person_id in ` + a.in(people) + ` and account_id = ` + a.add(account)
	return list(ctx, x, func(r row, m *core.Rhythm) error {
		return r.Scan(&m.Account, &m.Person, &m.Digest, &m.Days, &m.From, &m.Until)
	}, q, a.values...)
}

func (x *tx) SetRhythm(ctx context.Context, r *core.Rhythm) error {
	if _, err := x.exec(ctx, putRhythm, r.Person, r.Account, string(r.Digest), r.Days, r.From, r.Until); err != nil {
		return err
	}
	_, err := x.exec(ctx, markTuned, r.Account, r.Person)
	return err
}

func (x *tx) MoveWaiting(ctx context.Context, account, person core.ID, work, digest time.Time) error {
	for q, at := range map[string]time.Time{moveWork: work, moveDigest: digest} {
		if _, err := x.exec(ctx, q, account, person, micros(at), micros(x.now)); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) MoveNotifications(ctx context.Context, account, from, to core.ID) error {
	_, err := x.exec(ctx, `update notification set delivery_id = $3 where account_id = $1 and delivery_id = $2 and delivery_id <> ''`, account, from, to)
	return err
}

func (x *tx) SentSince(ctx context.Context, person core.ID, since time.Time, n int) (int, error) {
	count, err := x.count(ctx, sentSince+upTo(n)+`) x`, person, micros(since))
	return int(count), err
}

// MutesOf names only what the viewer may still see.
func (x *tx) MutesOf(ctx context.Context, v core.Viewer) ([]core.Mute, error) {
	tasks, err := x.mutesOf(ctx, v, &onTask, "task.view", `t.number, t.title`, `t.title, t.id`)
	if err != nil {
		return nil, err
	}
	projects, err := x.mutesOf(ctx, v, &onProject, "project.view", `0, j.name`, `j.name_key, j.id`)
	return append(projects, tasks...), err
}

func (x *tx) mutesOf(ctx context.Context, v core.Viewer, o *object, see access.Action, named, order string) ([]core.Mute, error) {
	a := args{}
	allowed, err := x.rights(ctx, &a, v, see, o)
	if err != nil || allowed.never() {
		return nil, err
	}
	q := `select m.account_id, m.person_id, m.kind, m.object_id, m.created_at, ` + named + ` from mute m join ` + o.from + ` on ` + o.id + ` = m.object_id
		where m.person_id = ` + a.add(v.Person.ID) + ` and m.account_id = ` + a.add(v.Account) + ` and ` + allowed.where() + ` order by ` + order
	return list(ctx, x, func(r row, m *core.Mute) error {
		return r.Scan(&m.Account, &m.Person, &m.Kind, &m.Object, into(&m.CreatedAt), &m.Number, &m.Name)
	}, q, a.values...)
}

// notes is the condition under which a notification f is shown to the viewer: it
// is for pages, and he may see its task t. A held message is there until it is decided.
func (x *tx) notes(ctx context.Context, a *args, v core.Viewer, unread bool) (string, error) {
	allowed, err := x.rights(ctx, a, v, "task.view", &onTask)
	if err != nil {
		return "", err
	}
	task := ``
	if !allowed.never() {
		task = ` or ` + allowed.where()
	}
	where := `f.person_id = ` + a.add(v.Person.ID) + ` and f.account_id = ` + a.add(v.Account) + ` and f.page and (f.task_id = ''` + task + `)`
	if unread {
		where += ` and f.read_at = 0`
	}
	return where + ` and (f.receipt_id = '' or f.read_at <> 0 or exists (
		select 1 from receipt r where r.account_id = f.account_id and r.id = f.receipt_id and r.disposition = 'held'))`, nil
}

func (x *tx) Notes(ctx context.Context, v core.Viewer, f core.NoteFilter) ([]core.Note, error) {
	a := args{}
	where, err := x.notes(ctx, &a, v, f.Unread)
	if err != nil {
		return nil, err
	}
	inside := no
	if v.Person.Staff() {
		inside = yes
	}
	// Who wrote a comment that was hidden since is not for those outside.
	q := `select ` + notificationColumns + `, coalesce(t.number, 0), coalesce(t.title, ''), coalesce(w.name, '')
		from notification f left join task t on t.id = f.task_id
			left join comment k on k.id = f.comment_id and f.comment_id <> '' and (` + inside + ` or not k.hidden)
			left join person w on w.id = k.author_id
		where ` + where + ` and f.id < ` + a.add(last(f.Before)) + ` order by f.id desc limit ` + upTo(limit(f.Limit, 100))
	return list(ctx, x, func(r row, n *core.Note) error {
		return r.Scan(append(notificationFields(&n.Notification), &n.Number, &n.Title, &n.Who)...)
	}, q, a.values...)
}

func (x *tx) UnreadNotes(ctx context.Context, v core.Viewer, n int) (int, error) {
	a := args{}
	where, err := x.notes(ctx, &a, v, true)
	if err != nil {
		return 0, err
	}
	count, err := x.count(ctx, `select count(*) from (select 1 from notification f left join task t on t.id = f.task_id where `+where+` limit `+upTo(n)+`) x`, a.values...)
	return int(count), err
}

func (x *tx) HasUnread(ctx context.Context, person, task core.ID) (bool, error) {
	n, err := x.count(ctx, hasUnread, person, task)
	return n > 0, err
}

func (x *tx) MarkNotes(ctx context.Context, account, person core.ID, ids []core.ID, newest core.ID, at time.Time) (bool, error) {
	a := args{}
	q := `update notification set read_at = ` + a.add(micros(at)) + ` where account_id = ` + a.add(account) + ` and person_id = ` + a.add(person) + ` and read_at = 0`
	if len(ids) > 0 {
		q += ` and id in ` + a.in(ids)
	} else {
		q += ` and page and id <= ` + a.add(newest)
	}
	n, err := x.exec(ctx, q, a.values...)
	return n > 0, err
}
