package core

import "context"

// Counts are totals that must fit together, for benchmarks and the operator's check.
func (c *Core) Counts(ctx context.Context) (n Counts, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		n, err = tx.Counts(ctx)
		return err
	})
	return n, err
}

// indexBatch is how many texts are indexed in one transaction: on SQLite mail
// that comes in meanwhile waits for it.
const indexBatch = 100

// IndexPending moves new texts into the full-text index, and the tasks they
// belong to up in the lists; a duty. It tells how many texts it moved.
func (c *Core) IndexPending(ctx context.Context) (n int, err error) {
	done, err := c.store.IndexPending(ctx, indexBatch)
	if err != nil {
		return 0, err
	}
	for _, account := range done.Accounts {
		c.bus.Publish(TasksTopic(account))
	}
	return done.Number, nil
}

// PendingSearch is how many texts wait for the full-text index.
func (c *Core) PendingSearch(ctx context.Context) (n int64, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		n, err = tx.PendingSearch(ctx)
		return err
	})
	return n, err
}
