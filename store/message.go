package store

import (
	"context"
	"strings"
	"time"

	"planpost/core"
)

const messageColumns = `g.id, g.account_id, g.hash, g.kind, g.from_address, g.from_name, g.verified, g.subject, g.header_id, g.in_reply_to,
	g.reverse_path, g.peer, g.helo, g.protocol, g.evidence, g.trace, g.text, g.cuts, g.facts, g.size, g.raw_hash, g.received_at`

const receiptColumns = `r.id, r.account_id, r.message_id, r.recipient, r.key, r.route, r.link_id, r.disposition, r.reason, r.params, r.trace,
	r.person_id, r.project_id, r.task_id, r.comment_id, r.delivery_id, r.again, r.received_at, r.decided_by, r.decided_at`

const (
	findMessage   = `select ` + messageColumns + ` from message g where g.account_id = $1 and g.id = $2`
	findReceipt   = `select ` + receiptColumns + ` from receipt r where r.account_id = $1 and r.id = $2`
	listReceipts  = `select ` + receiptColumns + ` from receipt r where r.account_id = $1 and r.message_id = $2 order by r.id`
	decideReceipt = `
		update receipt set disposition = $3, reason = $4, params = $5, trace = $6, person_id = $7, project_id = $8, task_id = $9,
			comment_id = $10, decided_by = $11, decided_at = $12
		where account_id = $1 and id = $2 and disposition in ('held', 'recorded') and decided_at = 0`
	// Only receipts that became no comment have an index by task.
	awayNotes = `select r.person_id, r.id, r.received_at, g.facts from receipt r join message g on g.id = r.message_id
		where r.task_id = $1 and r.task_id <> '' and r.comment_id = '' and r.account_id = $2 and r.reason = 'class.away' and r.received_at >= $3
		order by r.id desc limit 100`
	findRaw      = `select w.sealed from raw w join message g on g.id = w.message_id where g.account_id = $1 and g.id = $2`
	countRefusal = `
		insert into refusal (hour, peer, reason, number) values ($1, $2, $3, $4)
		on conflict (hour, peer, reason) do update set number = refusal.number + excluded.number`
	listRefusals = `select peer, reason, hour, number from refusal where hour >= $1 order by hour desc, peer, reason limit 1000`
	// The hash begins with that of the Message-ID, so one index serves both.
	withHeaderID = `select id from message where account_id = $1 and hash >= $2 and hash < $3 and header_id = $4 order by id limit 10`
)

var (
	messageTable = newTable("message", "on conflict (hash) do nothing", "id key", "account_id key", "hash key", "kind text",
		"from_address text", "from_key key", "from_name text", "verified text", "subject text", "find_text text", "header_id key", "in_reply_to text",
		"reverse_path text", "peer text", "helo text", "protocol text", "evidence text", "trace text", "text text", "cuts text", "facts text",
		"size int", "raw_hash text", "raw_dropped bool", "received_at int")
	// newMessageTable fails when a message is there already.
	newMessageTable = messageTable.with("")
	rawTable        = newTable("raw", "", "message_id key", "sealed bytes")
	receiptTable    = newTable("receipt", "", "account_id key", "id key", "message_id key", "recipient text", "key key", "route text", "link_id key",
		"disposition text", "reason text", "params text", "trace text", "person_id key", "project_id key", "task_id key", "comment_id key",
		"delivery_id key", "again int", "received_at int", "decided_by key", "decided_at int")
)

func messageRow(m *core.Message) []any {
	return []any{m.ID, m.Account, m.Hash, m.Kind, text(m.From), fold(text(m.From)), text(m.FromName), m.Verified, text(m.Subject), findable(m.Subject),
		text(m.HeaderID), text(m.InReplyTo), text(m.ReversePath), text(m.Peer), text(m.Helo), text(m.Protocol), text(m.Evidence),
		jsonOf(m.Trace), text(m.Text), jsonOf(m.Cuts), factsText{&m.Facts}, m.Size, m.RawHash, false, micros(m.ReceivedAt)}
}

func messageFields(m *core.Message) []any {
	return []any{&m.ID, &m.Account, &m.Hash, &m.Kind, &m.From, &m.FromName, &m.Verified, &m.Subject, &m.HeaderID, &m.InReplyTo,
		&m.ReversePath, &m.Peer, &m.Helo, &m.Protocol, &m.Evidence, asJSON[core.Step]{&m.Trace}, &m.Text, asJSON[core.Cut]{&m.Cuts}, factsText{&m.Facts},
		&m.Size, &m.RawHash, into(&m.ReceivedAt)}
}

func receiptRow(r *core.Receipt) []any {
	return []any{r.Account, r.ID, r.Message, text(r.Recipient), text(r.Key), string(r.Route), r.Link, string(r.Disposition), r.Reason,
		jsonOf(r.Params), jsonOf(r.Trace), r.Person, r.Project, r.Task, r.Comment, r.Delivery, r.Again, micros(r.ReceivedAt), r.DecidedBy, micros(r.DecidedAt)}
}

func receiptFields(r *core.Receipt) []any {
	return []any{&r.ID, &r.Account, &r.Message, &r.Recipient, &r.Key, &r.Route, &r.Link, &r.Disposition, &r.Reason,
		asJSON[string]{&r.Params}, asJSON[core.Step]{&r.Trace}, &r.Person, &r.Project, &r.Task, &r.Comment, &r.Delivery, &r.Again,
		into(&r.ReceivedAt), &r.DecidedBy, into(&r.DecidedAt)}
}

func scanMessage(r row, m *core.Message) error { return r.Scan(messageFields(m)...) }
func scanReceipt(r row, v *core.Receipt) error { return r.Scan(receiptFields(v)...) }

func (x *tx) FindMessage(ctx context.Context, account, id core.ID) (core.Message, error) {
	return find(ctx, x, "message.unknown", scanMessage, findMessage, account, id)
}

func (x *tx) FindReceipt(ctx context.Context, account, id core.ID) (core.Receipt, error) {
	return find(ctx, x, "receipt.unknown", scanReceipt, findReceipt, account, id)
}

func (x *tx) ListReceipts(ctx context.Context, account, message core.ID) ([]core.Receipt, error) {
	return list(ctx, x, scanReceipt, listReceipts, account, message)
}

// ListMessages gives what the viewer may see, newest first.
func (x *tx) ListMessages(ctx context.Context, v core.Viewer, f core.MessageFilter) ([]core.MessageItem, error) {
	a := &args{}
	allowed, err := x.messageRights(ctx, a, v, f)
	if err != nil || allowed.never() {
		return nil, err
	}
	account := a.add(v.Account)
	where := `r.account_id = ` + account + ` and r.id < ` + a.add(last(f.Before)) + ` and ` + allowed.where()
	if f.Disposition == core.Held {
		where = heldOf(account) + where[len(`r.account_id = `+account):]
	} else if f.Disposition != "" {
		where += ` and r.disposition = ` + a.add(string(f.Disposition))
	}
	if f.Task != "" {
		where += receiptsOf(a.add(f.Task))
	}
	if f.Reason != "" {
		where += ` and r.reason = ` + a.add(text(f.Reason))
	}
	if f.Since != "" {
		where += ` and r.id >= ` + a.add(f.Since)
	}
	matches, err := x.messageMatches(ctx, a, v.Account, f.Query)
	if err != nil {
		return nil, err
	}
	where += matches
	q := `select ` + receiptColumns + `, ` + messageColumns + `, coalesce(t.number, 0), coalesce(t.title, ''), coalesce(s.name, '')
		from receipt r join message g on g.id = r.message_id left join task t on t.id = r.task_id left join person s on s.id = r.person_id
		where ` + where + ` order by r.id desc limit ` + upTo(limit(f.Limit, 50))
	return list(ctx, x, func(r row, i *core.MessageItem) error {
		return r.Scan(append(append(receiptFields(&i.Receipt), messageFields(&i.Message)...), &i.TaskNumber, &i.TaskTitle, &i.PersonName)...)
	}, q, a.values...)
}

// receiptsOf is the condition for a task's receipts: those that became a
// comment are found by it, only the others have an index by task.
func receiptsOf(task string) string {
	return ` and r.id in (select p.id from comment k join receipt p on p.message_id = k.message_id and p.comment_id = k.id
			where k.task_id = ` + task + ` and k.message_id <> ''
		union all select id from receipt where task_id = ` + task + ` and task_id <> '' and comment_id = '')`
}

// messageRights: the whole list is one right, the held messages that one may
// decide about are another, the messages of a task a third.
func (x *tx) messageRights(ctx context.Context, a *args, v core.Viewer, f core.MessageFilter) (condition, error) {
	allowed, err := x.rights(ctx, a, v, "inbound.list", &onReceipt)
	if err != nil || f.Task == "" && f.Disposition != core.Held || allowed.always {
		return allowed, err
	}
	*a = args{}
	if f.Task == "" {
		return x.rights(ctx, a, v, "inbound.quarantine.view", &onReceipt)
	}
	return x.rights(ctx, a, v, "inbound.view", &onReceipt)
}

// messageMatches: the Message-ID if there is one, else the sender's address as
// the header gives it, our own reference, or every word in the subject, by its beginning.
func (x *tx) messageMatches(ctx context.Context, a *args, account core.ID, query string) (string, error) {
	query = strings.TrimSpace(text(query))
	if query == "" {
		return "", nil
	}
	exact := strings.Trim(query, "<>")
	ids, err := x.MessagesWithHeaderID(ctx, account, exact)
	if err != nil || len(ids) > 0 {
		return " and g.id in " + a.in(ids), err
	}
	any := condition{}
	any.or(`g.from_key = ` + a.add(fold(exact)))
	if id, ok := core.ParseID(strings.ToLower(exact)); ok { // the reference that its sender's server was told
		any.or(`g.id = ` + a.add(id))
	}
	var words []string
	for _, w := range wordsOf(query, maxWords) {
		words = append(words, `g.find_text like `+a.add("% "+w+"%"))
	}
	if len(words) > 0 {
		any.or("(" + strings.Join(words, " and ") + ")")
	}
	return " and " + any.where(), nil
}

// heldOf is the condition for an account's held receipts. The range holds one
// value: with "=" SQLite takes the primary key, which starts with the account
// too, and reads every receipt there is.
func heldOf(account string) string {
	return "r.disposition = 'held' and r.account_id between " + account + " and " + account
}

// CountHeld tells how many held receipts the viewer could decide about; past a thousand nobody counts.
func (x *tx) CountHeld(ctx context.Context, v core.Viewer) (int, error) {
	a := &args{}
	allowed, err := x.rights(ctx, a, v, "inbound.quarantine.view", &onReceipt)
	if err != nil || allowed.never() {
		return 0, err
	}
	n, err := x.count(ctx, `select count(*) from (select 1 from receipt r left join task t on t.id = r.task_id
		where `+heldOf(a.add(v.Account))+` and `+allowed.where()+` limit 1000) x`, a.values...)
	return int(n), err
}

func (x *tx) DecideReceipt(ctx context.Context, r *core.Receipt) (bool, error) {
	n, err := x.exec(ctx, decideReceipt, r.Account, r.ID, string(r.Disposition), r.Reason, jsonOf(r.Params), jsonOf(r.Trace),
		r.Person, r.Project, r.Task, r.Comment, r.DecidedBy, micros(r.DecidedAt))
	return n == 1, err
}

func (x *tx) FindRaw(ctx context.Context, account, message core.ID) ([]byte, error) {
	return find(ctx, x, "raw.dropped", func(r row, b *[]byte) error { return r.Scan(b) }, findRaw, account, message)
}

// AwayNotes finds the absence notes of a task's people, newest first.
func (x *tx) AwayNotes(ctx context.Context, account, task core.ID, since time.Time) ([]core.AwayNote, error) {
	return list(ctx, x, func(r row, n *core.AwayNote) error {
		var facts core.MessageFacts
		err := r.Scan(&n.Person, &n.Receipt, into(&n.At), factsText{&facts})
		n.Until = facts.Until
		return err
	}, awayNotes, task, account, micros(since))
}

func (x *tx) CountRefusal(ctx context.Context, r *core.Refusal) error {
	_, err := x.exec(ctx, countRefusal, micros(r.Hour), text(r.Peer), text(r.Reason), r.Count)
	return err
}

func (x *tx) ListRefusals(ctx context.Context, since time.Time) ([]core.Refusal, error) {
	return list(ctx, x, func(r row, v *core.Refusal) error {
		return r.Scan(&v.Peer, &v.Reason, into(&v.Hour), &v.Count)
	}, listRefusals, micros(since))
}

// MessagesWithHeaderID gives the first ten.
func (x *tx) MessagesWithHeaderID(ctx context.Context, account core.ID, headerID string) ([]core.ID, error) {
	if headerID == "" {
		return nil, nil
	}
	key := core.HeaderKey(account, headerID)
	return list(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, withHeaderID, account, key, key+"g", text(headerID))
}
