package store

import (
	"context"
	"fmt"

	"planpost/core"
)

// finding is one kind of inconsistency: a query that counts its rows.
type finding struct{ name, query string }

// findings is the self-check. Tables that every mail writes to have no foreign
// keys (see the first migration); what those would guard is looked for here.
func findings() []finding {
	orphan := func(table, column, parent, key string) finding {
		return finding{table + " without its " + parent + " (" + column + ")",
			`select count(*) from ` + table + ` c where c.` + column + ` <> '' and not exists (select 1 from ` + parent + ` p where p.` + key + ` = c.` + column + `)`}
	}
	all := []finding{
		{"messages without a receipt", `select count(*) from message g where not exists (select 1 from receipt r where r.message_id = g.id)`},
		{"messages without their source", `select count(*) from message g where g.raw_hash = '' and not g.raw_dropped and not exists (select 1 from raw w where w.message_id = g.id)`},
		{"posted receipts without a comment", `select count(*) from receipt r where r.disposition = 'posted' and r.comment_id = ''
			and not exists (select 1 from link l where l.id = r.link_id and l.kind = 'approval')`},
		{"created receipts without a task", `select count(*) from receipt where disposition = 'created' and task_id = ''`},
		{"comments without a task", `select count(*) from comment k where not exists (select 1 from task t where t.id = k.task_id)`},
		{"tasks without their activity", `select count(*) from task t where not exists (select 1 from activity n where n.task_id = t.id)`},
		{"activity unlike its task", `select count(*) from activity n join task t on t.id = n.task_id
			where n.account_id <> t.account_id or n.project_id <> t.project_id or n.visibility <> t.visibility or n.status <> t.status`},
		{"tasks that are closed and open", `select count(*) from task where (closed_at <> 0) <> (status in ('done', 'rejected'))`},
		{"tasks without an assigner", `select count(*) from task t where not exists (select 1 from task_person m where m.task_id = t.id and m.relation = 'assigner')`},
		{"deliveries without a notification", `select count(*) from delivery d where d.kind not in ('notice', 'link', 'holder', 'transmittal', 'approval') and d.reason <> 'delivery.digest' and not exists (select 1 from notification f where f.delivery_id = d.id and f.delivery_id <> '')`},
		{"leases without end", `select count(*) from delivery where lease_token <> '' and lease_until = 0`},
		{"finished deliveries that are due", `select count(*) from delivery where (done_at = 0 and state in ('sent', 'failed', 'cancelled')) or (done_at <> 0 and (state = 'due' or gather))`},
		{"settings that name nobody", `select count(*) from setting s where s.name = 'intake' and s.value <> ''
			and not exists (select 1 from person p where p.id = s.value and p.account_id = s.account_id)`},
		{"rows of another account than their task's", `select (select count(*) from comment k join task t on t.id = k.task_id where t.account_id <> k.account_id)
			+ (select count(*) from delivery d join task t on t.id = d.task_id where t.account_id <> d.account_id)
			+ (select count(*) from task_person m join task t on t.id = m.task_id where t.account_id <> m.account_id)`},
	}
	all = append(all,
		finding{"plans without a version", `select count(*) from plan pl where not exists (select 1 from plan_version v where v.plan_id = pl.id)`},
		finding{"versions without a file", `select count(*) from plan_version v where not exists (select 1 from plan_file f where f.version_id = v.id)`},
		finding{"versions in review that were current", `select count(*) from plan_version where (state = 'in_review' and current_at <> 0) or (state = 'current') <> (current_at <> 0 and ended_at = 0)`},
		finding{"approvals that ended and wait", `select count(*) from approval where (state = 'waiting') <> (ended_at = 0)`},
		finding{"holders ahead of their version", `select count(*) from plan_holder h where not exists (select 1 from plan_version v where v.id = h.version_id and v.plan_id = h.plan_id and v.position = h.position)`},
		orphan("plan_version", "author_id", "person", "id"), orphan("plan_version", "uploaded_by", "person", "id"), orphan("plan", "created_by", "person", "id"),
		orphan("upload", "person_id", "person", "id"), orphan("upload", "project_id", "project", "id"),
		orphan("transmittal", "sender_id", "person", "id"), orphan("transmittal_recipient", "link_id", "link", "id"), orphan("transmittal_recipient", "delivery_id", "delivery", "id"),
		orphan("plan_fetch", "version_id", "plan_version", "id"), orphan("plan_fetch", "file_id", "plan_file", "id"), orphan("plan_fetch", "person_id", "person", "id"),
		orphan("plan_fetch", "link_id", "link", "id"), orphan("plan_fetch", "transmittal_id", "transmittal", "id"),
		orphan("plan_receipt", "link_id", "link", "id"), orphan("approval", "requester_id", "person", "id"),
		orphan("approver", "link_id", "link", "id"), orphan("approver", "delivery_id", "delivery", "id"))
	return append(all,
		orphan("receipt", "message_id", "message", "id"), orphan("receipt", "task_id", "task", "id"), orphan("receipt", "comment_id", "comment", "id"),
		orphan("receipt", "person_id", "person", "id"), orphan("receipt", "project_id", "project", "id"), orphan("receipt", "link_id", "link", "id"), orphan("link_visit", "link_id", "link", "id"), orphan("link_event", "link_id", "link", "id"),
		orphan("fetched", "folder_id", "mailbox_folder", "id"), orphan("fetched", "message_id", "message", "id"), orphan("receipt", "delivery_id", "delivery", "id"), orphan("raw", "message_id", "message", "id"),
		orphan("comment", "author_id", "person", "id"), orphan("comment", "message_id", "message", "id"),
		orphan("comment_recipient", "comment_id", "comment", "id"), orphan("comment_recipient", "person_id", "person", "id"),
		orphan("attachment", "comment_id", "comment", "id"), orphan("attachment", "task_id", "task", "id"),
		orphan("activity", "task_id", "task", "id"), orphan("task", "project_id", "project", "id"), orphan("task", "counterparty_id", "company", "id"),
		orphan("task_person", "task_id", "task", "id"), orphan("task_person", "person_id", "person", "id"),
		orphan("notification", "person_id", "person", "id"), orphan("notification", "task_id", "task", "id"),
		orphan("notification", "comment_id", "comment", "id"), orphan("notification", "receipt_id", "receipt", "id"),
		orphan("notification", "delivery_id", "delivery", "id"),
		orphan("delivery", "person_id", "person", "id"), orphan("delivery", "task_id", "task", "id"), orphan("delivery", "link_id", "link", "id"),
		orphan("attempt", "delivery_id", "delivery", "id"), orphan("sent_text", "delivery_id", "delivery", "id"), orphan("sent_text", "link_id", "link", "id"),
		orphan("captured", "delivery_id", "delivery", "id"), orphan("link", "person_id", "person", "id"),
		orphan("person", "company_id", "company", "id"), orphan("person", "manager_id", "person", "id"), orphan("person", "identity_id", "identity", "id"),
		orphan("project", "owner_id", "person", "id"), orphan("project", "counterparty_id", "company", "id"),
		orphan("project", "client_manager_id", "person", "id"), orphan("project", "responsible_id", "person", "id"),
		orphan("session", "person_id", "person", "id"), orphan("change_log", "account_id", "account", "id"),
		orphan("search_pending", "task_id", "task", "id"), orphan("search_doc", "task_id", "task", "id"),
	)
}

// Check tells every inconsistency found, in words for an operator.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	var found []string
	err := s.View(ctx, func(t core.Tx) error {
		found = nil
		x := t.(*tx)
		for _, f := range findings() {
			n, err := x.count(ctx, f.query)
			if err != nil {
				return err
			}
			if n > 0 {
				found = append(found, fmt.Sprintf("%s: %d", f.name, n))
			}
		}
		return nil
	})
	return found, err
}
