package store

import (
	"context"

	"planpost/core"
)

// KnownAddresses implements core.CautionTx.
func (x *tx) KnownAddresses(ctx context.Context, v core.Viewer) (list []core.KnownAddress, err error) {
	a := args{}
	where := `s.account_id = ` + a.add(v.Account)
	seen, err := x.seesPeople(ctx, &a, v)
	if err != nil {
		return nil, err
	}
	q := `select s.id, s.name, s.company_id, b.local_part, b.domain, b.norm from person s join address b on b.person_id = s.id
		where ` + where + ` and s.status <> 'deleted' and s.deleted_at = 0 and s.blocked_at = 0 and ` + seen + ` order by s.id, b.is_primary desc, b.id`
	err = x.each(ctx, func(r row) error {
		k := core.KnownAddress{}
		err := r.Scan(&k.Person, &k.Name, &k.Company, &k.Address.Local, &k.Address.Domain, &k.Norm)
		list = append(list, k)
		return err
	}, q, a.values...)
	return list, err
}

// WrittenTo implements core.CautionTx.
func (x *tx) WrittenTo(ctx context.Context, account core.ID, ids []core.ID) (written []core.ID, err error) {
	if len(ids) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select p.id from person p where p.account_id = ` + a.add(account) + ` and p.id in ` + a.in(ids) + `
		and exists (select 1 from delivery d where d.person_id = p.id and d.state = 'sent' and d.stream = 'work')`
	err = x.each(ctx, func(r row) error {
		var id core.ID
		err := r.Scan(&id)
		written = append(written, id)
		return err
	}, q, a.values...)
	return written, err
}
