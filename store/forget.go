package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	findUnconfirmed = selectPeople + ` where p.id = (
		select p.id from person p join address a on a.person_id = p.id
		where p.role = 'owner' and p.status = 'pending' and a.norm = $1 order by p.created_at limit 1) order by a.is_primary desc, a.id`
	unconfirmedAccounts = `select account_id from person where role = 'owner' and status = 'pending' and created_at < $1 order by created_at limit $2`
	forgetHistory       = `delete from history where record = $1 and row_id = $2`
)

func (x *tx) FindUnconfirmed(ctx context.Context, norm string) (core.Person, bool, error) {
	p, err := x.person(ctx, findUnconfirmed, norm)
	if core.KindOf(err) == core.NotFound {
		return p, false, nil
	}
	return p, err == nil, err
}

func (x *tx) UnconfirmedAccounts(ctx context.Context, before time.Time, limit int) ([]core.ID, error) {
	return list(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, unconfirmedAccounts, micros(before), limit)
}

// forgotten are the places where an account has rows that nobody ever came
// into, in the order in which they can go; key names a row in the history.
func forgotten() []struct{ table, where, key string } {
	ofDelivery, ofAccount := `delivery_id in (select id from delivery where account_id = $1)`, `account_id = $1`
	return []struct{ table, where, key string }{
		{"captured", ofDelivery, ""},
		{"sent_text", ofDelivery, ""},
		{"attempt", ofAccount, ""},
		{"delivery", ofAccount, ""},
		{"link", ofAccount, "id"},
		{"ip_refusal", ofAccount, ""},
		{"change_log", ofAccount, ""},
		{"log_seal", ofAccount, ""},
		{"address", ofAccount, "id"},
		{"notif_choice", ofAccount, "person_id || '/' || event || '/' || channel"},
		{"mute", ofAccount, "person_id || '/' || object_id"},
		{"rhythm", ofAccount, "person_id"},
		{"person", ofAccount, "id"},
		{"ip_rule", ofAccount, "id"},
		{"setting", ofAccount, "account_id || '/' || name"},
		{"account", "id = $1", "id"},
	}
}

// ForgetAccount deletes rows and what the history kept of them: the address of
// somebody who perhaps never asked for anything must not stay. It fails, and
// changes nothing, when the account has more than that.
func (x *tx) ForgetAccount(ctx context.Context, account core.ID) error {
	for _, f := range forgotten() {
		var rows []string
		if f.key != "" {
			var err error
			if rows, err = list(ctx, x, func(r row, id *string) error { return r.Scan(id) }, `select `+f.key+` from `+f.table+` where `+f.where, account); err != nil {
				return err
			}
		}
		if _, err := x.exec(ctx, `delete from `+f.table+` where `+f.where, account); err != nil {
			return err
		}
		for _, id := range rows {
			if _, err := x.exec(ctx, forgetHistory, f.table, id); err != nil {
				return err
			}
		}
	}
	return nil
}
