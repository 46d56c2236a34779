package store

import (
	"context"

	"planpost/core"
)

const (
	probeColumns = `id, form, sent_at, refused, returned_at, seen`
	putProbe     = `
		insert into mail_probe (` + probeColumns + `) values ($1, $2, $3, $4, $5, $6)
		on conflict (id) do update set refused = excluded.refused, returned_at = excluded.returned_at, seen = excluded.seen`
	findProbe    = `select ` + probeColumns + ` from mail_probe where id = $1`
	listProbes   = `select ` + probeColumns + ` from mail_probe order by id`
	deleteProbes = `delete from mail_probe`
)

func scanProbe(r row, p *core.Probe) error {
	var seen []core.ProbeSeen
	if err := r.Scan(&p.ID, &p.Form, into(&p.SentAt), &p.Refused, into(&p.ReturnedAt), asJSON[core.ProbeSeen]{&seen}); err != nil {
		return err
	}
	if len(seen) > 0 {
		p.Seen = seen[0]
	}
	return nil
}

// PutProbe implements core.ProbeTx, as do the methods below.
func (x *tx) PutProbe(ctx context.Context, p *core.Probe) error {
	var seen []core.ProbeSeen
	if !p.ReturnedAt.IsZero() {
		seen = []core.ProbeSeen{p.Seen}
	}
	_, err := x.exec(ctx, putProbe, p.ID, string(p.Form), micros(p.SentAt), text(p.Refused), micros(p.ReturnedAt), jsonOf(seen))
	return err
}

func (x *tx) FindProbe(ctx context.Context, id core.ID) (core.Probe, bool, error) {
	return lookup(ctx, x, scanProbe, findProbe, id)
}

func (x *tx) ListProbes(ctx context.Context) ([]core.Probe, error) {
	return list(ctx, x, scanProbe, listProbes)
}

func (x *tx) DeleteProbes(ctx context.Context) error {
	_, err := x.exec(ctx, deleteProbes)
	return err
}
