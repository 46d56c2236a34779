package core

import (
	"context"
	"errors"
	"time"
)

// Uploads are the person's uploads for a project, whole or not, in the order in
// which they were begun.
func (c *Core) Uploads(ctx context.Context, a *Actor, project ID) (list []StagedUpload, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "plan.create", Object{"project", project}); err != nil {
			return err
		}
		list, err = tx.ListUploads(ctx, a.Account.ID, a.Person.ID, project)
		return err
	})
	return list, err
}

// DropUpload gives an upload up.
func (c *Core) DropUpload(ctx context.Context, a *Actor, project, id ID) error {
	var u StagedUpload
	err := c.store.InTx(ctx, func(tx Tx) (err error) {
		if u, err = c.uploadFor(ctx, tx, a, project, id); err != nil {
			return err
		}
		return tx.DeleteUpload(ctx, u.Account, u.ID)
	})
	if err != nil {
		return err
	}
	return c.staging.Unstage(ctx, u.Account, u.ID)
}

// keepUploads puts the bytes of whole uploads among the files, before the
// transaction that makes something of them. Nothing else changes: when that
// transaction fails, the uploads are there as before.
func (c *Core) keepUploads(ctx context.Context, a *Actor, ids []ID) error {
	var list []StagedUpload
	err := c.store.View(ctx, func(tx Tx) error {
		for _, id := range ids {
			u, err := c.ownUpload(ctx, tx, a, id)
			if err != nil {
				return err
			}
			if !u.Whole() {
				return Fail(Conflict, "upload.not_whole", "name", u.Name)
			}
			list = append(list, u)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := range list {
		if err := c.keepUpload(ctx, &list[i]); err != nil {
			return err
		}
	}
	return nil
}

func (c *Core) keepUpload(ctx context.Context, u *StagedUpload) error {
	if kept, err := c.files.Has(ctx, u.Account, u.DoneHash); kept || err != nil {
		return err
	}
	file, err := c.staging.Stage(ctx, u.Account, u.ID)
	if err != nil {
		return err
	}
	return errors.Join(file.Keep(ctx, FileRef{Hash: u.DoneHash, Size: u.Size}), file.Close())
}

// dropStaged removes what is left of uploads that were taken. What cannot be
// removed now is swept later.
func (c *Core) dropStaged(ctx context.Context, account ID, ids []ID) {
	for _, id := range ids {
		if err := c.staging.Unstage(context.WithoutCancel(ctx), account, id); err != nil {
			c.log.Warn("a staged file stays until it is swept", "upload", id, "error", err)
		}
	}
}

// SweepUploads gives up what nobody touched for a week.
func (c *Core) SweepUploads(ctx context.Context) error {
	before := c.now().Add(-uploadKept)
	for {
		n, err := c.sweepUploads(ctx, before)
		if err != nil || n == 0 {
			return err
		}
	}
}

func (c *Core) sweepUploads(ctx context.Context, before time.Time) (int, error) {
	var list []StagedUpload
	err := c.store.InTx(ctx, func(tx Tx) (err error) {
		if list, err = tx.StaleUploads(ctx, before, 100); err != nil {
			return err
		}
		for i := range list {
			if err := tx.DeleteUpload(ctx, list[i].Account, list[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for i := range list {
		if err := c.staging.Unstage(ctx, list[i].Account, list[i].ID); err != nil {
			return 0, err
		}
	}
	return len(list), nil
}
