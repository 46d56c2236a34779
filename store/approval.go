package store

import (
	"context"
	"time"

	"planpost/core"
)

const (
	approvalColumns = `ap.id, ap.account_id, ap.project_id, ap.version_id, ap.requester_id, ap.rule, ap.message, ap.state, ap.created_at, ap.ended_at`
	createApproval  = `
		insert into approval (id, account_id, project_id, version_id, requester_id, rule, message, state, created_at, ended_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing`
	findApproval     = `select ` + approvalColumns + ` from approval ap where ap.account_id = $1 and ap.id = $2`
	endApproval      = `update approval set state = $3, ended_at = $4 where account_id = $1 and id = $2 and state = 'waiting'`
	waitingApprovals = `select ` + approvalColumns + ` from approval ap where ap.state = 'waiting' and ap.created_at < $1 and ap.id > $2 order by ap.id limit $3`

	approverColumns = `n.account_id, n.approval_id, n.person_id, n.substitute_of, n.link_id, n.delivery_id, n.state, n.decided_at, n.assurance, n.words, n.comment, n.reminded`
	setApprover     = `
		update approver set substitute_of = $4, link_id = $5, delivery_id = $6, state = $7, decided_at = $8, assurance = $9, words = $10, comment = $11, reminded = $12
		where account_id = $1 and approval_id = $2 and person_id = $3 and state = $13`
	approverOfDelivery   = `select ` + approverColumns + ` from approver n where n.account_id = $1 and n.delivery_id = $2 and n.delivery_id <> ''`
	undeliveredApprovers = `
		select ` + approverColumns + ` from approval ap join approver n on n.approval_id = ap.id join delivery d on d.id = n.delivery_id
		where ap.state = 'waiting' and n.state = 'waiting' and d.state in ('failed', 'cancelled') limit $1`
	approvalFiles = `select id, account_id, approval_id, person_id, position, name, type, size, hash from approval_file where account_id = $1 and approval_id = $2 order by position, id`
)

var (
	approverTable = newTable("approver", "on conflict (approval_id, person_id) do nothing", "account_id key", "approval_id key", "person_id key", "substitute_of key", "link_id key",
		"delivery_id key", "state text", "decided_at int", "assurance text", "words text", "comment text", "reminded int")
	approvalFileTable = newTable("approval_file", "", "id key", "account_id key", "approval_id key", "person_id key", "position int", "name text", "type text", "size int", "hash key")
)

func scanApproval(r row, a *core.Approval) error {
	return r.Scan(&a.ID, &a.Account, &a.Project, &a.Version, &a.Requester, &a.Rule, &a.Message, &a.State, into(&a.CreatedAt), into(&a.EndedAt))
}

func scanApprover(r row, a *core.Approver) error {
	return r.Scan(&a.Account, &a.Approval, &a.Person, &a.SubstituteOf, &a.Link, &a.Delivery, &a.State, into(&a.DecidedAt), &a.Assurance, &a.Words, &a.Comment, &a.Reminded)
}

func approverRow(a *core.Approver) []any {
	return []any{a.Account, a.Approval, a.Person, a.SubstituteOf, a.Link, a.Delivery, string(a.State), micros(a.DecidedAt), a.Assurance, text(a.Words), text(a.Comment), a.Reminded}
}

// CreateApproval implements core.ApprovalTx, as do the methods below.
func (x *tx) CreateApproval(ctx context.Context, ap *core.Approval, of []core.Approver) error {
	n, err := x.exec(ctx, createApproval, ap.ID, ap.Account, ap.Project, ap.Version, ap.Requester, ap.Rule, text(ap.Message), string(ap.State), micros(ap.CreatedAt), micros(ap.EndedAt))
	if err = conflict(n, err, "approval.waiting"); err != nil {
		return err
	}
	var rows [][]any
	for i := range of {
		rows = append(rows, approverRow(&of[i]))
	}
	return x.insert(ctx, approverTable, rows...)
}

func (x *tx) FindApproval(ctx context.Context, account, id core.ID) (core.Approval, error) {
	return find(ctx, x, "approval.unknown", scanApproval, findApproval, account, id)
}

func (x *tx) ListApprovals(ctx context.Context, account core.ID, f core.ApprovalFilter) ([]core.Approval, error) {
	a := args{}
	q := `select ` + approvalColumns + ` from approval ap where ap.account_id = ` + a.add(account)
	for _, part := range []struct {
		value        core.ID
		sql, further string
	}{
		{f.Project, ` and ap.project_id = `, ``}, {f.Version, ` and ap.version_id = `, ``}, {f.Requester, ` and ap.requester_id = `, ``}, {core.ID(f.State), ` and ap.state = `, ``},
		{f.Before, ` and ap.id < `, ``},
		{f.Plan, ` and ap.version_id in (select i.id from plan_version i where i.plan_id = `, `)`},
		{f.Approver, ` and exists (select 1 from approver i where i.approval_id = ap.id and i.person_id = `, `)`},
	} {
		if part.value != "" {
			q += part.sql + a.add(part.value) + part.further
		}
	}
	return list(ctx, x, scanApproval, q+` order by ap.id desc limit `+upTo(limit(f.Limit, 50)), a.values...)
}

func (x *tx) EndApproval(ctx context.Context, ap *core.Approval) error {
	n, err := x.exec(ctx, endApproval, ap.Account, ap.ID, string(ap.State), micros(ap.EndedAt))
	return conflict(n, err, "approval.ended")
}

func (x *tx) Approvers(ctx context.Context, account core.ID, approvals ...core.ID) ([]core.Approver, error) {
	if len(approvals) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select ` + approverColumns + ` from approver n where n.account_id = ` + a.add(account) + ` and n.approval_id in ` + a.in(approvals) + ` order by n.approval_id, n.person_id`
	return list(ctx, x, scanApprover, q, a.values...)
}

func (x *tx) AddApprover(ctx context.Context, ap *core.Approver) error {
	return x.insert(ctx, approverTable, approverRow(ap))
}

func (x *tx) SetApprover(ctx context.Context, ap *core.Approver, was core.ApprovalState) error {
	n, err := x.exec(ctx, setApprover, ap.Account, ap.Approval, ap.Person, ap.SubstituteOf, ap.Link, ap.Delivery, string(ap.State), micros(ap.DecidedAt), ap.Assurance, text(ap.Words),
		text(ap.Comment), ap.Reminded, string(was))
	return conflict(n, err, "approval.decided")
}

func (x *tx) ApproverOfDelivery(ctx context.Context, account, delivery core.ID) (core.Approver, bool, error) {
	return lookup(ctx, x, scanApprover, approverOfDelivery, account, delivery)
}

func (x *tx) CreateApprovalFiles(ctx context.Context, files ...core.ApprovalFile) error {
	var rows [][]any
	for _, f := range files {
		rows = append(rows, []any{f.ID, f.Account, f.Approval, f.Person, f.Position, text(f.Name), text(f.Type), f.Size, f.Hash})
	}
	return x.insert(ctx, approvalFileTable, rows...)
}

func (x *tx) ListApprovalFiles(ctx context.Context, account, approval core.ID) ([]core.ApprovalFile, error) {
	return list(ctx, x, func(r row, f *core.ApprovalFile) error {
		return r.Scan(&f.ID, &f.Account, &f.Approval, &f.Person, &f.Position, &f.Name, &f.Type, &f.Size, &f.Hash)
	}, approvalFiles, account, approval)
}

func (x *tx) UndeliveredApprovers(ctx context.Context, limit int) ([]core.Approver, error) {
	return list(ctx, x, scanApprover, undeliveredApprovers, limit)
}

func (x *tx) WaitingApprovals(ctx context.Context, before time.Time, after core.ID, limit int) ([]core.Approval, error) {
	return list(ctx, x, scanApproval, waitingApprovals, micros(before), after, limit)
}
