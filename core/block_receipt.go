package core

import (
	"context"
	"fmt"
	"time"
)

// Block is the numbered receipt of a block: what it ended, in one transaction.
// It stays when the block is lifted.
type Block struct {
	ID, Account ID
	// Number counts the blocks of an account, from one.
	Number int64
	Person ID
	// Project is empty where the block holds everywhere.
	Project ID
	By      ID
	At      time.Time
	Standing
	// Sessions tells that the person was signed out.
	Sessions bool
	// LiftedAt and LiftedBy tell of the end of the block; zero while it holds.
	LiftedAt time.Time
	LiftedBy ID
}

// Standing is what somebody has in a project, or everywhere: what a block
// ends, and what it cannot call back.
type Standing struct {
	// Links led the person here, SentLinks others in the person's name; Mails wait for the person.
	Links, SentLinks, Mails int
	// Downloads run, Approvals wait for the person.
	Downloads, Approvals int
	// Fetched counts the indices that were downloaded whole, by no machine as far as that can be
	// told, or that the person says to have; Delivered the mails that were handed over.
	Fetched, Delivered int
}

// BlockTx reads and writes blocks.
type BlockTx interface {
	// Standing counts what f.Person has in f.Project at a time, and changes nothing.
	Standing(ctx context.Context, f EndFilter, at time.Time) (Standing, error)
	// StandingFetches are downloads by the person, or by links the person had sent, that ran at a time; the newest come first.
	StandingFetches(ctx context.Context, f EndFilter, at time.Time, limit int) ([]Fetch, error)
	// StandingCopies are the indices that Standing.Fetched counts, each once with when it came last; the newest come first.
	StandingCopies(ctx context.Context, f EndFilter, limit int) ([]Holder, error)
	// CreateBlock gives the receipt its number.
	CreateBlock(ctx context.Context, b *Block) error
	FindBlock(ctx context.Context, account, id ID) (Block, error)
	// ListBlocks gives a person's, in a project or, with none, everywhere; the newest come first.
	ListBlocks(ctx context.Context, account, person, project ID) ([]Block, error)
	LiftBlocks(ctx context.Context, account, person, project, by ID) error
}

// BlockView is a receipt, or before the block what it would say.
type BlockView struct {
	Block
	Of Person
	// In is zero where the block holds everywhere.
	In                Project
	Blocker, LiftedOf Person
	// Cut are the downloads that ran, Got what cannot be called back, Waiting the requests that wait for the person.
	Cut     []BlockFetch
	Got     []BlockCopy
	Waiting []BlockApproval
}

// BlockFetch is a download of a plan that the viewer may know of.
type BlockFetch struct {
	Fetch
	Plan    Plan
	Version Version
}

// After is how long after the block the last byte went out; zero while that is not known.
func (f *BlockFetch) After(block time.Time) time.Duration {
	if f.EndedAt.IsZero() {
		return 0
	}
	return max(f.EndedAt.Sub(block), 0)
}

// BlockCopy is an index that stays with the person.
type BlockCopy struct {
	Plan    Plan
	Version Version
	Since   time.Time
}

// BlockApproval is a request that waits for the person.
type BlockApproval struct {
	Plan    Plan
	Version Version
	Since   time.Time
}

// shownOfBlock is how many of each a receipt names; the counts are whole.
const shownOfBlock = 20

// PreviewBlock tells what a block would end and what it cannot call back. With
// no project it is the block everywhere.
func (c *Core) PreviewBlock(ctx context.Context, a *Actor, project, person ID) (v BlockView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = BlockView{}
		if project == "" {
			if v.Of, err = c.toBlock(ctx, tx, a, person); err != nil {
				return err
			}
		} else {
			var place Participant
			if v.In, v.Of, place, err = findPlace(ctx, tx, a.Account.ID, project, person); err != nil {
				return err
			}
			if err := c.mayBlock(ctx, tx, a, &v.Of, &v.In); err != nil {
				return err
			}
			if !place.BlockedAt.IsZero() {
				return Fail(Conflict, "block.already", "name", v.Of.Name)
			}
		}
		v.Block = Block{Account: a.Account.ID, Person: person, Project: project, At: c.Now(), Sessions: project == "" && v.Of.Identity != ""}
		f := EndFilter{Account: a.Account.ID, Person: person, Project: project}
		if v.Standing, err = tx.Standing(ctx, f, v.At); err != nil {
			return err
		}
		return c.detailBlock(ctx, tx, a, &v)
	})
	return v, err
}

// FindBlock reads a receipt, for who may look behind the lock.
func (c *Core) FindBlock(ctx context.Context, a *Actor, id ID) (v BlockView, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		v = BlockView{}
		if v.Block, err = tx.FindBlock(ctx, a.Account.ID, id); err != nil {
			return err
		}
		if v.Project == "" {
			err = c.require(ctx, tx, a, "person.block_everywhere", Object{"person", v.Person})
		} else {
			err = c.require(ctx, tx, a, "participant.list_blocked", Object{"project", v.Project})
		}
		if err != nil {
			return err
		}
		if v.Of, err = tx.FindPerson(ctx, a.Account.ID, v.Person); err != nil {
			return err
		}
		if v.Project != "" {
			if v.In, err = tx.FindProject(ctx, a.Account.ID, v.Project); err != nil {
				return err
			}
		}
		if v.Blocker, err = personOrNone(ctx, tx, a.Account.ID, v.By); err != nil {
			return err
		}
		if v.LiftedOf, err = personOrNone(ctx, tx, a.Account.ID, v.LiftedBy); err != nil {
			return err
		}
		return c.detailBlock(ctx, tx, a, &v)
	})
	return v, err
}

func personOrNone(ctx context.Context, tx Tx, account, id ID) (Person, error) {
	if id == "" {
		return Person{}, nil
	}
	return tx.FindPerson(ctx, account, id)
}

// detailBlock names what ran at the block, what had been fetched and who
// waits, as far as the viewer may know the plans.
func (c *Core) detailBlock(ctx context.Context, tx Tx, a *Actor, v *BlockView) error {
	f := EndFilter{Account: v.Account, Person: v.Person, Project: v.Project}
	running, err := tx.StandingFetches(ctx, f, v.At, shownOfBlock)
	if err != nil {
		return err
	}
	for _, r := range running {
		p, n, err := c.seenIndex(ctx, tx, a, r.Plan, r.Version)
		if err != nil {
			return err
		}
		if p.ID != "" {
			v.Cut = append(v.Cut, BlockFetch{r, p, n})
		}
	}
	copies, err := tx.StandingCopies(ctx, f, shownOfBlock)
	if err != nil {
		return err
	}
	for _, h := range copies {
		p, n, err := c.seenIndex(ctx, tx, a, h.Plan, h.Version)
		if err != nil {
			return err
		}
		if p.ID != "" {
			v.Got = append(v.Got, BlockCopy{p, n, h.Since})
		}
	}
	return c.eachWaiting(ctx, tx, &v.Of, v.Project, func(o *asking) error {
		seen, err := c.may(ctx, tx, a, o.Plan.right("plan.view"), o.Plan.object())
		if err = unlessGone(err); err == nil && seen.Allowed {
			v.Waiting = append(v.Waiting, BlockApproval{o.Plan, o.Version, o.Approval.CreatedAt})
		}
		return err
	})
}

// seenIndex reads a plan and one of its versions; both are zero for who may not know of them.
func (c *Core) seenIndex(ctx context.Context, tx Tx, a *Actor, plan, version ID) (p Plan, v Version, err error) {
	if p, err = tx.FindPlan(ctx, a.Account.ID, plan); err != nil {
		return p, v, err
	}
	seen, err := c.may(ctx, tx, a, p.right("plan.view"), p.object())
	if err = unlessGone(err); err != nil || !seen.Allowed {
		return Plan{}, v, err
	}
	v, err = tx.FindVersion(ctx, a.Account.ID, version)
	return p, v, err
}

// eachWaiting calls back with the requests that wait for somebody, in a project or everywhere.
func (c *Core) eachWaiting(ctx context.Context, tx Tx, p *Person, project ID, each func(*asking) error) error {
	list, err := tx.ListApprovals(ctx, p.Account, ApprovalFilter{Project: project, Approver: p.ID, State: ApprovalWaiting, Limit: 200})
	if err != nil {
		return err
	}
	for i := range list {
		o, err := c.askingOf(ctx, tx, p.Account, list[i].ID)
		if err != nil {
			return err
		}
		if r, ok := o.of(p.ID); ok && r.waits() && !approvedFor(r.place(), o.Approvers) {
			if err := each(&o); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellUnable tells who asked that somebody cannot decide any more.
func (c *Core) tellUnable(ctx context.Context, tx Tx, p *Person, project ID) error {
	return c.eachWaiting(ctx, tx, p, project, func(o *asking) error {
		return c.tellOfApproval(ctx, tx, p.ID, o, "plan.unable", "who", p.Name)
	})
}

// params are the receipt as the change log keeps it.
func (b *Block) params(p *Person) []string {
	return []string{"number", fmt.Sprint(b.Number), "person", p.Name, "links", fmt.Sprint(b.Links), "sent", fmt.Sprint(b.SentLinks), "mails", fmt.Sprint(b.Mails)}
}
