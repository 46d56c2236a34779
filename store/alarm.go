package store

import (
	"context"
	"time"

	"planpost/core"
)

const alarmColumns = `id, began_at, ended_at, causes, broken_told, cured_told, tries, next_try`

const (
	putAlarm = `
		insert into mail_alarm (` + alarmColumns + `) values ($1, $2, $3, $4, $5, $6, $7, $8)
		on conflict (id) do update set ended_at = excluded.ended_at, causes = excluded.causes, broken_told = excluded.broken_told,
			cured_told = excluded.cured_told, tries = excluded.tries, next_try = excluded.next_try`
	findAlarm    = `select ` + alarmColumns + ` from mail_alarm where ended_at = 0`
	untoldAlarms = `
		select ` + alarmColumns + ` from mail_alarm
		where (broken_told = 0 or ended_at <> 0 and cured_told = 0) and next_try <= $1 and (ended_at = 0 or ended_at >= $2)
		order by began_at, id limit 100`
	// By the index: what is due is short while mail leaves. Later mail of a thread waits for the first, and is not asked.
	oldestUntaken = `
		select c.due_at from delivery c
		where c.done_at = 0 and c.stream = $1 and c.due_at <= $2 and c.lease_until <= $3 and not exists (
			select 1 from delivery e where e.done_at = 0 and e.task_id <> '' and e.person_id = c.person_id and e.task_id = c.task_id and e.id < c.id)
		order by c.due_at limit 1`
)

func scanAlarm(r row, a *core.Alarm) error {
	return r.Scan(&a.ID, into(&a.BeganAt), into(&a.EndedAt), asJSON[core.AlarmCause]{&a.Causes}, into(&a.BrokenTold), into(&a.CuredTold), &a.Tries, into(&a.NextTry))
}

// PutAlarm implements core.AlarmTx, as do the methods below.
func (x *tx) PutAlarm(ctx context.Context, a *core.Alarm) error {
	_, err := x.exec(ctx, putAlarm, a.ID, micros(a.BeganAt), micros(a.EndedAt), jsonOf(a.Causes), micros(a.BrokenTold), micros(a.CuredTold), a.Tries, micros(a.NextTry))
	return err
}

func (x *tx) FindAlarm(ctx context.Context) (core.Alarm, bool, error) {
	return lookup(ctx, x, scanAlarm, findAlarm)
}

func (x *tx) UntoldAlarms(ctx context.Context, now, since time.Time) ([]core.Alarm, error) {
	return list(ctx, x, scanAlarm, untoldAlarms, micros(now), micros(since))
}

func (x *tx) OldestUntaken(ctx context.Context, before, now time.Time) (oldest time.Time, ok bool, err error) {
	for _, stream := range core.Streams {
		at, found, err := lookup(ctx, x, func(r row, t *time.Time) error { return r.Scan(into(t)) }, oldestUntaken, string(stream), micros(before), micros(now))
		if err != nil {
			return oldest, false, err
		}
		if found && (!ok || at.Before(oldest)) {
			oldest, ok = at, true
		}
	}
	return oldest, ok, nil
}
