package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"planpost/core"
)

// accountColumns are read from account as c. The settings come as one text, so
// that the road in asks no second question.
const accountColumns = `c.id, c.content_key, c.created_at, c.frozen_at, ` +
	`coalesce((select string_agg(s.name || '` + afterName + `' || s.value, '` + afterSetting + `') from setting s where s.account_id = c.id), '')`

// What stands between the settings in that text: signs that no setting has in it.
const (
	afterName    = "\x1f"
	afterSetting = "\x1e"
)

const (
	createAccount = `insert into account (id, content_key, created_at, frozen_at, next_number, next_block) values ($1, $2, $3, $4, 1, 1)`
	findAccount   = `select ` + accountColumns + ` from account c where c.id = $1`
	listAccounts  = `select ` + accountColumns + ` from account c order by c.id`
	putSetting    = `
		insert into setting (account_id, name, value) values ($1, $2, $3)
		on conflict (account_id, name) do update set value = excluded.value`
)

func scanAccount(r row, a *core.Account) error { return r.Scan(accountFields(a)...) }

func accountFields(a *core.Account) []any {
	return []any{&a.ID, &a.Key, into(&a.CreatedAt), into(&a.FrozenAt), (*settingsText)(&a.AccountSettings)}
}

// settingsText reads settings out of the last of the columns.
type settingsText core.AccountSettings

// Scan implements sql.Scanner.
func (t *settingsText) Scan(v any) error {
	all, ok := v.(string)
	if !ok {
		return fmt.Errorf("settings are kept as %T", v)
	}
	a := core.DefaultSettings()
	for all != "" {
		var one string
		one, all, _ = strings.Cut(all, afterSetting)
		name, value, _ := strings.Cut(one, afterName)
		a.Put(name, value)
	}
	*t = settingsText(a)
	return nil
}

func (x *tx) CreateAccount(ctx context.Context, a *core.Account) error {
	if _, err := x.exec(ctx, createAccount, a.ID, bytesOf(a.Key), micros(a.CreatedAt), micros(a.FrozenAt)); err != nil {
		return err
	}
	for _, s := range core.AllSettings() {
		if v := s.Of(a); v != s.Default {
			if err := x.PutSetting(ctx, a.ID, s.Name, v); err != nil {
				return err
			}
		}
	}
	// No account is ever without rules: none that fits is a refusal.
	open := core.OpenIPRule(a.ID, a.CreatedAt)
	return x.CreateIPRule(ctx, &open)
}

func (x *tx) FindAccount(ctx context.Context, id core.ID) (core.Account, error) {
	return find(ctx, x, "account.unknown", scanAccount, findAccount, id)
}

func (x *tx) ListAccounts(ctx context.Context) ([]core.Account, error) {
	return list(ctx, x, scanAccount, listAccounts)
}

func (x *tx) PutSetting(ctx context.Context, account core.ID, name, value string) error {
	_, err := x.exec(ctx, putSetting, account, name, text(value))
	return err
}

// bytesOf makes no bytes empty ones: nil would be null.
func bytesOf(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

const (
	createIdentity = `
		insert into identity (id, login, login_norm, password_hash, created_at) values ($1, $2, $3, $4, $5)
		on conflict (login_norm) do nothing`
	findIdentity   = `select id, login, login_norm, login_name, password_hash, created_at from identity where login_norm = $1 or login_name = $1 and login_name <> ''`
	setLoginName   = `update identity set login_name = $2 where id = $1`
	deleteIdentity = `delete from identity where id = $1`
	identityByID   = `select id, login, login_norm, login_name, password_hash, created_at from identity where id = $1`
	updatePassword = `update identity set password_hash = $2 where id = $1`
)

func scanIdentity(r row, i *core.Identity) error {
	return r.Scan(&i.ID, &i.Login, &i.LoginNorm, &i.Name, &i.PasswordHash, into(&i.CreatedAt))
}

// CreateIdentity: Conflict "identity.taken" when somebody signs in by that name already.
func (x *tx) CreateIdentity(ctx context.Context, i *core.Identity) error {
	n, err := x.exec(ctx, createIdentity, i.ID, text(i.Login), text(i.LoginNorm), i.PasswordHash, micros(i.CreatedAt))
	return conflict(n, err, "identity.taken")
}

// conflict demands that an insert which does nothing on conflict did something.
func conflict(n int64, err error, code string) error {
	if err == nil && n == 0 {
		return core.Fail(core.Conflict, code)
	}
	return err
}

func (x *tx) FindIdentity(ctx context.Context, loginNorm string) (core.Identity, error) {
	return find(ctx, x, "identity.unknown", scanIdentity, findIdentity, text(loginNorm))
}

func (x *tx) FindIdentityByID(ctx context.Context, id core.ID) (core.Identity, error) {
	return find(ctx, x, "identity.unknown", scanIdentity, identityByID, id)
}

// SetLoginName: Conflict "login_name.taken" is for the caller to find; the index guards it.
func (x *tx) SetLoginName(ctx context.Context, identity core.ID, name string) error {
	n, err := x.exec(ctx, setLoginName, identity, text(name))
	return must(n, err, "identity.unknown")
}

func (x *tx) DeleteIdentity(ctx context.Context, identity core.ID) error {
	n, err := x.exec(ctx, deleteIdentity, identity)
	return must(n, err, "identity.unknown")
}

func (x *tx) UpdatePassword(ctx context.Context, identity core.ID, hash string) error {
	n, err := x.exec(ctx, updatePassword, identity, hash)
	return must(n, err, "identity.unknown")
}

const sessionColumns = `id, identity_id, person_id, account_id, user_agent, ip, created_at, last_seen_at, expires_at, auth, proven_at, factor_at, view_id, view_until`

const (
	createSession  = `insert into session (` + sessionColumns + `) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)`
	findSession    = `select ` + sessionColumns + ` from session where id = $1`
	touchSession   = `update session set last_seen_at = $2, expires_at = $3 where id = $1`
	chooseSession  = `update session set account_id = $2, person_id = $3 where id = $1`
	deleteSession  = `delete from session where id = $1`
	deleteSessions = `delete from session where identity_id = $1`
	endSessionsOf  = `delete from session where person_id = $1`
	sessionsOf     = `select ` + sessionColumns + ` from session where identity_id = $1 and expires_at > $2 order by last_seen_at desc, id`
	othersOf       = `delete from session where identity_id = $1 and id <> $2`
	proveSession   = `update session set auth = $2, proven_at = $3, factor_at = $4 where id = $1`
	deleteExpired  = `delete from session where id in (select id from session where expires_at <= $1 order by expires_at limit $2)`
)

func scanSession(r row, s *core.Session) error {
	return r.Scan(&s.ID, &s.Identity, &s.Person, &s.Account, &s.UserAgent, &s.IP, into(&s.CreatedAt), into(&s.LastSeenAt), into(&s.ExpiresAt),
		&s.Auth, into(&s.ProvenAt), into(&s.FactorAt), &s.View, into(&s.ViewUntil))
}

func (x *tx) CreateSession(ctx context.Context, s *core.Session) error {
	_, err := x.exec(ctx, createSession, s.ID, s.Identity, s.Person, s.Account, text(s.UserAgent), s.IP,
		micros(s.CreatedAt), micros(s.LastSeenAt), micros(s.ExpiresAt), s.Auth, micros(s.ProvenAt), micros(s.FactorAt), s.View, micros(s.ViewUntil))
	return err
}

func (x *tx) FindSession(ctx context.Context, id string) (core.Session, error) {
	return find(ctx, x, "session.unknown", scanSession, findSession, text(id))
}

func (x *tx) TouchSession(ctx context.Context, id string, seen, expires time.Time) error {
	_, err := x.exec(ctx, touchSession, id, micros(seen), micros(expires))
	return err
}

func (x *tx) ChooseSessionPerson(ctx context.Context, id string, account, person core.ID) error {
	n, err := x.exec(ctx, chooseSession, id, account, person)
	return must(n, err, "session.unknown")
}

func (x *tx) DeleteSession(ctx context.Context, id string) error {
	_, err := x.exec(ctx, deleteSession, id)
	return err
}

func (x *tx) DeleteSessionsOfPerson(ctx context.Context, person core.ID) error {
	_, err := x.exec(ctx, endSessionsOf, person)
	return err
}

func (x *tx) DeleteSessionsOf(ctx context.Context, identity core.ID) error {
	_, err := x.exec(ctx, deleteSessions, identity)
	return err
}

func (x *tx) SessionsOf(ctx context.Context, identity core.ID, now time.Time) ([]core.Session, error) {
	return list(ctx, x, scanSession, sessionsOf, identity, micros(now))
}

func (x *tx) DeleteOtherSessions(ctx context.Context, identity core.ID, but string) error {
	_, err := x.exec(ctx, othersOf, identity, but)
	return err
}

func (x *tx) ProveSession(ctx context.Context, id, auth string, proven, factor time.Time) error {
	n, err := x.exec(ctx, proveSession, id, auth, micros(proven), micros(factor))
	return must(n, err, "session.unknown")
}

func (x *tx) DeleteExpiredSessions(ctx context.Context, now time.Time, limit int) (int, error) {
	n, err := x.exec(ctx, deleteExpired, micros(now), limit)
	return int(n), err
}

const (
	putValue  = `insert into host_value (name, value) values ($1, $2) on conflict (name) do update set value = excluded.value`
	findValue = `select value from host_value where name = $1`
	takeValue = `delete from host_value where name = $1 and value = $2`
)

func (x *tx) PutValue(ctx context.Context, key, value string) error {
	_, err := x.exec(ctx, putValue, key, value)
	return err
}

func (x *tx) FindValue(ctx context.Context, key string) (string, bool, error) {
	return lookup(ctx, x, func(r row, v *string) error { return r.Scan(v) }, findValue, key)
}

func (x *tx) TakeValue(ctx context.Context, key, value string) (bool, error) {
	n, err := x.exec(ctx, takeValue, key, value)
	return n == 1, err
}
