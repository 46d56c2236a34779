package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"planpost/core"
	"planpost/mail"
)

const mailboxColumns = `id, account_id, name, address, settings, sealed, configured, paused_at, created_at, updated_at`

const folderColumns = `id, mailbox_id, name, validity, next_uid, first_uid, began_at, backlog, at_hand, total, modseq, code, text, since, contact_at, imported_at, checked_at, missing_since, missing, left_over`

// openStates are those of the index fetched_open.
const openStates = `state in ('large', 'waiting', 'failed', 'gone') and state <> 'done' and state <> 'before'`

const fetchedColumns = `folder_id, validity, uid, account_id, state, message_id, mark, size, at, tries, next_try, code, text, from_text, subject, due, asked`

const (
	putMailbox = `
		insert into mailbox (` + mailboxColumns + `) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (id) do update set name = excluded.name, address = excluded.address, settings = excluded.settings, sealed = excluded.sealed,
			configured = excluded.configured, paused_at = excluded.paused_at, updated_at = excluded.updated_at`
	findMailbox   = `select ` + mailboxColumns + ` from mailbox where id = $2 and (account_id = $1 or $1 = '')`
	listMailboxes = `select ` + mailboxColumns + ` from mailbox where (account_id = $1 or $1 = '') order by configured, lower(name), id`
	dropLedger    = `delete from fetched where folder_id in (select id from mailbox_folder where mailbox_id = $1)`
	dropMailbox   = `delete from mailbox where account_id = $1 and id = $2`

	putFolder = `
		insert into mailbox_folder (` + folderColumns + `) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		on conflict (id) do update set validity = excluded.validity, next_uid = excluded.next_uid, first_uid = excluded.first_uid, began_at = excluded.began_at,
			backlog = excluded.backlog, at_hand = excluded.at_hand, total = excluded.total, modseq = excluded.modseq`
	putFolderState = `
		update mailbox_folder set code = $2, text = $3, since = $4, contact_at = $5, imported_at = $6, checked_at = $7, missing_since = $8, missing = $9, left_over = $10
		where id = $1`
	listFolders = `select ` + folderColumns + ` from mailbox_folder where mailbox_id = $1 order by name, id`

	doneAfter    = `update fetched set due = false where folder_id = $1 and validity = $2 and uid = $3`
	fetchedUIDs  = `select uid from fetched where folder_id = $1 and validity = $2 and uid >= $3 order by uid`
	fetchedMarks = `select mark, count(*) from fetched where folder_id = $1 and validity <> $2 and state in ('done', 'before') group by mark`
	forgetOthers = `delete from fetched where folder_id = $1 and validity <> $2`
	dueFetched   = `
		select ` + fetchedColumns + ` from fetched where folder_id = $1 and validity = $2 and due
		union all
		select ` + fetchedColumns + ` from fetched where folder_id = $1 and validity = $2 and state = 'waiting' and next_try > 0 and next_try <= $3
		order by uid limit $4`
	asideFetched = `
		select ` + fetchedColumns + ` from fetched
		where folder_id in (select id from mailbox_folder where mailbox_id = $1) and ` + openStates + `
		order by at desc, uid desc limit $2`
	countFetched = `select state, count(*) from fetched where folder_id in (select id from mailbox_folder where mailbox_id = $1) group by state`
	findFetched  = `select ` + fetchedColumns + ` from fetched where folder_id = $1 and validity = $2 and uid = $3`
)

var fetchedTable = newTable("fetched", `on conflict (folder_id, validity, uid) do update set state = excluded.state, message_id = excluded.message_id,
	mark = excluded.mark, size = excluded.size, at = excluded.at, tries = excluded.tries, next_try = excluded.next_try, code = excluded.code, text = excluded.text,
	from_text = excluded.from_text, subject = excluded.subject, due = excluded.due, asked = excluded.asked`,
	"folder_id key", "validity int", "uid int", "account_id key", "state key", "message_id key", "mark key", "size int", "at int", "tries int", "next_try int",
	"code text", "text text", "from_text text", "subject text", "due bool", "asked bool")

func fetchedRow(f *core.Fetched) []any {
	return []any{f.Folder, int64(f.Validity), int64(f.UID), f.Account, string(f.State), f.Message, f.Mark, f.Size, micros(f.At), f.Tries, micros(f.NextTry),
		text(f.Code), text(f.Text), text(f.From), text(f.Subject), f.Due, f.Asked}
}

func scanFetched(r row, f *core.Fetched) error {
	var validity, uid int64
	err := r.Scan(&f.Folder, &validity, &uid, &f.Account, &f.State, &f.Message, &f.Mark, &f.Size, into(&f.At), &f.Tries, into(&f.NextTry),
		&f.Code, &f.Text, &f.From, &f.Subject, &f.Due, &f.Asked)
	f.Validity, f.UID = uint32(validity), uint32(uid)
	return err
}

// mailboxSettings keeps a mailbox's settings as JSON; never queried inside.
type mailboxSettings core.MailboxSettings

func (s *mailboxSettings) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("settings of a mailbox are kept as %T", v)
	}
	return json.Unmarshal([]byte(text), s)
}

// mailboxAddress reads an address as it was written.
type mailboxAddress mail.Address

func (a *mailboxAddress) Scan(v any) error {
	text, ok := v.(string)
	if !ok {
		return fmt.Errorf("an address is kept as %T", v)
	}
	parsed, err := mail.ParseMailbox(text)
	*a = mailboxAddress(parsed)
	return err
}

func scanMailbox(r row, m *core.Mailbox) error {
	return r.Scan(&m.ID, &m.Account, &m.Name, (*mailboxAddress)(&m.Address), (*mailboxSettings)(&m.MailboxSettings), &m.Sealed, &m.Configured,
		into(&m.PausedAt), into(&m.CreatedAt), into(&m.UpdatedAt))
}

func scanFolder(r row, f *core.MailFolder) error {
	var modSeq, validity, next, first int64
	err := r.Scan(&f.ID, &f.Mailbox, &f.Name, &validity, &next, &first, into(&f.BeganAt), &f.Backlog, &f.AtHand, &f.Total, &modSeq,
		&f.Code, &f.Text, into(&f.Since), into(&f.ContactAt), into(&f.ImportedAt), into(&f.CheckedAt), into(&f.MissingSince), &f.Missing, &f.Left)
	f.ModSeq = uint64(modSeq)                                                   // RFC 7162 §3.1: 63 bits
	f.Validity, f.Next, f.First = uint32(validity), uint32(next), uint32(first) // they are kept as they came
	return err
}

// PutMailbox implements core.MailboxTx, as do the methods below.
func (x *tx) PutMailbox(ctx context.Context, m *core.Mailbox) error {
	settings, err := json.Marshal(m.MailboxSettings)
	if err != nil {
		return fmt.Errorf("settings of a mailbox: %w", err)
	}
	_, err = x.exec(ctx, putMailbox, m.ID, m.Account, text(m.Name), text(m.Address.Mailbox()), text(string(settings)), bytesOf(m.Sealed), m.Configured,
		micros(m.PausedAt), micros(m.CreatedAt), micros(m.UpdatedAt))
	return err
}

func (x *tx) FindMailbox(ctx context.Context, account, id core.ID) (core.Mailbox, error) {
	return find(ctx, x, "mailbox.unknown", scanMailbox, findMailbox, account, id)
}

func (x *tx) ListMailboxes(ctx context.Context, account core.ID) ([]core.Mailbox, error) {
	return list(ctx, x, scanMailbox, listMailboxes, account)
}

func (x *tx) DeleteMailbox(ctx context.Context, account, id core.ID) error {
	if _, err := x.exec(ctx, dropLedger, id); err != nil {
		return err
	}
	n, err := x.exec(ctx, dropMailbox, account, id)
	return must(n, err, "mailbox.unknown")
}

func (x *tx) PutMailFolder(ctx context.Context, f *core.MailFolder) error {
	_, err := x.exec(ctx, putFolder, f.ID, f.Mailbox, text(f.Name), int64(f.Validity), int64(f.Next), int64(f.First), micros(f.BeganAt), f.Backlog, f.AtHand, f.Total, int64(f.ModSeq),
		f.Code, text(f.Text), micros(f.Since), micros(f.ContactAt), micros(f.ImportedAt), micros(f.CheckedAt), micros(f.MissingSince), f.Missing, f.Left)
	return err
}

func (x *tx) PutMailFolderState(ctx context.Context, folder core.ID, s *core.MailFolderState) error {
	_, err := x.exec(ctx, putFolderState, folder, s.Code, text(s.Text), micros(s.Since), micros(s.ContactAt), micros(s.ImportedAt), micros(s.CheckedAt), micros(s.MissingSince), s.Missing, s.Left)
	return err
}

func (x *tx) MailFolders(ctx context.Context, mailbox core.ID) ([]core.MailFolder, error) {
	return list(ctx, x, scanFolder, listFolders, mailbox)
}

func (x *tx) PutFetched(ctx context.Context, entries []core.Fetched) error {
	rows := make([][]any, len(entries))
	for i := range entries {
		rows[i] = fetchedRow(&entries[i])
	}
	return x.insert(ctx, fetchedTable, rows...)
}

func (x *tx) DoneAfter(ctx context.Context, folder core.ID, validity uint32, uids []uint32) error {
	for _, uid := range uids {
		if _, err := x.exec(ctx, doneAfter, folder, int64(validity), int64(uid)); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) FetchedUIDs(ctx context.Context, folder core.ID, validity, from uint32) ([]uint32, error) {
	return list(ctx, x, func(r row, uid *uint32) error {
		var n int64
		err := r.Scan(&n)
		*uid = uint32(n)
		return err
	}, fetchedUIDs, folder, int64(validity), int64(from))
}

func (x *tx) FetchedMarks(ctx context.Context, folder core.ID, but uint32) (map[string]int, error) {
	marks := make(map[string]int)
	err := x.each(ctx, func(r row) error {
		var mark string
		var n int
		err := r.Scan(&mark, &n)
		marks[mark] = n
		return err
	}, fetchedMarks, folder, int64(but))
	return marks, err
}

func (x *tx) ForgetFetched(ctx context.Context, folder core.ID, but uint32) error {
	_, err := x.exec(ctx, forgetOthers, folder, int64(but))
	return err
}

func (x *tx) DueFetched(ctx context.Context, folder core.ID, validity uint32, now time.Time, n int) ([]core.Fetched, error) {
	return list(ctx, x, scanFetched, dueFetched, folder, int64(validity), micros(now), limit(n, 1000))
}

func (x *tx) AsideFetched(ctx context.Context, mailbox core.ID, n int) ([]core.Fetched, error) {
	return list(ctx, x, scanFetched, asideFetched, mailbox, limit(n, 100))
}

func (x *tx) CountFetched(ctx context.Context, mailbox core.ID) (map[core.FetchState]int, error) {
	counts := make(map[core.FetchState]int)
	err := x.each(ctx, func(r row) error {
		var state core.FetchState
		var n int
		err := r.Scan(&state, &n)
		counts[state] = n
		return err
	}, countFetched, mailbox)
	return counts, err
}

func (x *tx) FindFetched(ctx context.Context, folder core.ID, validity, uid uint32) (core.Fetched, error) {
	return find(ctx, x, "mailbox.message.unknown", scanFetched, findFetched, folder, int64(validity), int64(uid))
}

const (
	findWatch = `select mailbox_id, causes, sent_at, proven_at, warned from mailbox_watch where mailbox_id = $1`
	putWatch  = `
		insert into mailbox_watch (mailbox_id, causes, sent_at, proven_at, warned) values ($1, $2, $3, $4, $5)
		on conflict (mailbox_id) do update set causes = excluded.causes, sent_at = excluded.sent_at, proven_at = excluded.proven_at, warned = excluded.warned`
)

// FindMailboxWatch implements core.MailboxWatchTx, as does PutMailboxWatch.
func (x *tx) FindMailboxWatch(ctx context.Context, mailbox core.ID) (core.MailboxWatch, error) {
	w, _, err := lookup(ctx, x, func(r row, w *core.MailboxWatch) error {
		return r.Scan(&w.Mailbox, asJSON[core.AlarmCause]{&w.Causes}, into(&w.SentAt), into(&w.ProvenAt), &w.Warned)
	}, findWatch, mailbox)
	return w, err
}

func (x *tx) PutMailboxWatch(ctx context.Context, w *core.MailboxWatch) error {
	_, err := x.exec(ctx, putWatch, w.Mailbox, jsonOf(w.Causes), micros(w.SentAt), micros(w.ProvenAt), w.Warned)
	return err
}
