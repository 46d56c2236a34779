package store

import (
	"context"
	"time"

	"planpost/core"
)

const guestColumns = `id, account_id, person_id, task_id, address, user_agent, ip, created_at, last_seen_at, expires_at`

const (
	createGuest = `insert into guest_session (` + guestColumns + `) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`
	findGuest   = `select ` + guestColumns + ` from guest_session where id = $1`
	touchGuest  = `update guest_session set last_seen_at = $2 where id = $1`
	guestsOf    = `select ` + guestColumns + ` from guest_session where person_id = $1 and account_id = $2 and expires_at > $3 order by last_seen_at desc, id limit $4`
	deleteGuest = `delete from guest_session where id = $1`
	oldGuests   = `delete from guest_session where id in (select id from guest_session where expires_at <= $1 order by expires_at limit $2)`
	byAddress   = selectPeople + ` where p.id in (select n.person_id from address n join person q on q.id = n.person_id
		where n.norm = $1 and q.kind = 'contact' and q.deleted_at = 0 order by n.person_id limit $2) order by p.id, a.is_primary desc, a.id`
)

// CreateGuestSession implements core.GuestTx, as do the methods below.
func (x *tx) CreateGuestSession(ctx context.Context, s *core.GuestSession) error {
	_, err := x.exec(ctx, createGuest, s.ID, s.Account, s.Person, s.Task, text(s.Address), text(s.UserAgent), s.IP, micros(s.CreatedAt), micros(s.LastSeenAt), micros(s.ExpiresAt))
	return err
}

func (x *tx) FindGuestSession(ctx context.Context, id string) (core.GuestSession, error) {
	return find(ctx, x, "session.none", scanGuest, findGuest, id)
}

func scanGuest(r row, s *core.GuestSession) error {
	return r.Scan(&s.ID, &s.Account, &s.Person, &s.Task, &s.Address, &s.UserAgent, &s.IP, into(&s.CreatedAt), into(&s.LastSeenAt), into(&s.ExpiresAt))
}

func (x *tx) GuestSessionsOf(ctx context.Context, account, person core.ID, now time.Time, n int) ([]core.GuestSession, error) {
	return list(ctx, x, scanGuest, guestsOf, person, account, micros(now), n)
}

func (x *tx) TouchGuestSession(ctx context.Context, id string, seen time.Time) error {
	_, err := x.exec(ctx, touchGuest, id, micros(seen))
	return err
}

func (x *tx) DeleteGuestSession(ctx context.Context, id string) error {
	_, err := x.exec(ctx, deleteGuest, id)
	return err
}

func (x *tx) EndGuestSessions(ctx context.Context, f core.EndFilter) error {
	a := args{}
	q := `delete from guest_session where account_id = ` + a.add(f.Account) + ` and person_id = ` + a.add(f.Person)
	_, err := x.exec(ctx, q+within(&a, f, "task_id"), a.values...)
	return err
}

func (x *tx) DeleteExpiredGuestSessions(ctx context.Context, now time.Time, n int) error {
	_, err := x.exec(ctx, oldGuests, micros(now), n)
	return err
}

func (x *tx) ContactsByAddress(ctx context.Context, norm string, n int) ([]core.Person, error) {
	return x.people(ctx, byAddress, text(norm), n)
}
