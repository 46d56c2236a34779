package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	guideColumns = `account_id, way, test_id, sent_at, answered_at, answered_by`
	putGuide     = `
		insert into mail_guide (` + guideColumns + `) values ($1, $2, $3, $4, $5, $6)
		on conflict (account_id) do update set way = excluded.way, test_id = excluded.test_id, sent_at = excluded.sent_at,
			answered_at = excluded.answered_at, answered_by = excluded.answered_by`
	findGuide  = `select ` + guideColumns + ` from mail_guide where account_id = $1`
	answerTest = `update mail_guide set answered_at = $2, answered_by = $3 where test_id = $1 and test_id <> '' and answered_at = 0 returning account_id`
)

// PutMailGuide implements core.MailGuideTx, as do the methods below.
func (x *tx) PutMailGuide(ctx context.Context, g *core.MailGuide) error {
	_, err := x.exec(ctx, putGuide, g.Account, string(g.Way), g.Test, micros(g.SentAt), micros(g.AnsweredAt), text(g.AnsweredBy))
	return err
}

func (x *tx) FindMailGuide(ctx context.Context, account core.ID) (core.MailGuide, error) {
	g, _, err := lookup(ctx, x, func(r row, g *core.MailGuide) error {
		return r.Scan(&g.Account, &g.Way, &g.Test, into(&g.SentAt), into(&g.AnsweredAt), &g.AnsweredBy)
	}, findGuide, account)
	return g, err
}

func (x *tx) AnswerTest(ctx context.Context, test core.ID, at time.Time, by string) (account core.ID, err error) {
	err = x.returning(ctx, func(r row) error { return r.Scan(&account) }, answerTest, test, micros(at), text(by))
	return account, err
}
