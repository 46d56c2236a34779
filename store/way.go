package store

import (
	"context"

	"planpost/core"
)

// CommentWays reads two queries for a whole page of comments: the receipts
// they came by, and the deliveries that carry them.
func (x *tx) CommentWays(ctx context.Context, account core.ID, comments []core.ID) (map[core.ID]core.CommentWay, error) {
	if len(comments) == 0 {
		return nil, nil
	}
	ways := make(map[core.ID]core.CommentWay, len(comments))
	if err := x.waysIn(ctx, ways, account, comments); err != nil {
		return nil, err
	}
	return ways, x.waysOut(ctx, ways, account, comments)
}

func (x *tx) waysIn(ctx context.Context, ways map[core.ID]core.CommentWay, account core.ID, comments []core.ID) error {
	a := args{}
	q := `select k.id, r.id, g.cuts, g.facts from comment k join message g on g.id = k.message_id
			join receipt r on r.message_id = k.message_id and r.comment_id = k.id
		where k.account_id = ` + a.add(account) + ` and k.message_id <> '' and k.id in ` + a.in(comments) + ` order by r.id`
	return x.each(ctx, func(r row) error {
		var id core.ID
		var way core.CommentWay
		err := r.Scan(&id, &way.Receipt, asJSON[core.Cut]{&way.Cuts}, factsText{&way.Facts})
		ways[id] = way
		return err
	}, q, a.values...)
}

func (x *tx) waysOut(ctx context.Context, ways map[core.ID]core.CommentWay, account core.ID, comments []core.ID) error {
	a := args{}
	in := a.in(comments)
	q := `select f.comment_id, ` + deliveryColumns + ` from notification f join delivery d on d.id = f.delivery_id
		where f.comment_id in ` + in + ` and f.comment_id <> '' and f.account_id = ` + a.add(account) + `
		order by d.id`
	return x.each(ctx, func(r row) error {
		var id core.ID
		var d core.Delivery
		err := r.Scan(append([]any{&id}, deliveryFields(&d)...)...)
		way := ways[id]
		way.Sent = append(way.Sent, d)
		ways[id] = way
		return err
	}, q, a.values...)
}
