package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"planpost/core"
)

// Kinds of indexed texts. A task has two, because some people may see its
// title but not its description: the title alone, and all of it. When they
// have the same words there is one that is both.
const (
	docComment = "c"
	docTitle   = "t"
	docFull    = "d"
	docBoth    = "b"
)

// The pending rows are taken before the texts are read: whoever changes a text
// in between finds no row, and makes one.
const takePending = `
	delete from search_pending where object_id in (select object_id from search_pending order by object_id limit $1 %s)
	returning object_id, kind, account_id, task_id, created_at`

// doc is one text on its way into the index.
type doc struct {
	object, account, task core.ID
	kind                  string
	at                    time.Time
	words                 []string
}

// touchMany and touchTask move the activity of tasks, never back.
const (
	touchTask = `update activity set updated_at = $2 where task_id = $1 and updated_at < $2`
	touchMany = `
		update activity n set updated_at = v.at from (select unnest($1::text[]) as id, unnest($2::bigint[]) as at) v
		where n.task_id = v.id and n.updated_at < v.at`
)

// IndexPending moves at most limit pending texts into the full-text index, and
// the activity of the tasks that have new comments. The words are found before
// the transaction: others wait for it.
func (s *Store) IndexPending(ctx context.Context, limit int) (done core.Indexed, err error) {
	var words map[string][]string
	err = s.View(ctx, func(t core.Tx) error { // not Ask: a plan for all limits would read all comments
		words, err = t.(*tx).wordsPending(ctx, limit)
		return err
	})
	if err != nil || len(words) == 0 {
		return done, err
	}
	err = s.InTx(ctx, func(t core.Tx) error {
		done, err = t.(*tx).indexPending(ctx, limit, words)
		return err
	})
	return done, err
}

const pendingTexts = `
	select coalesce(k.text, '') from (select object_id from search_pending order by object_id limit $1) p
	left join comment k on k.id = p.object_id`

// wordsPending gives the words of the comments that are next, by their text;
// none when nothing is pending.
func (x *tx) wordsPending(ctx context.Context, limit int) (map[string][]string, error) {
	words := make(map[string][]string)
	err := x.each(ctx, func(r row) error {
		var text string
		if err := r.Scan(&text); err != nil {
			return err
		}
		words[text] = wordsOf(text, maxDocWords)
		return nil
	}, pendingTexts, limit)
	return words, err
}

func (x *tx) indexPending(ctx context.Context, limit int, words map[string][]string) (core.Indexed, error) {
	var pending []doc
	err := x.returning(ctx, func(r row) error {
		var d doc
		err := r.Scan(&d.object, &d.kind, &d.account, &d.task, into(&d.at))
		pending = append(pending, d)
		return err
	}, strings.Replace(takePending, "%s", x.s.dialect.skipLocked(), 1), limit)
	done := core.Indexed{Number: len(pending)}
	if err != nil || len(pending) == 0 {
		return done, err
	}
	if done.Accounts, err = x.touch(ctx, pending); err != nil {
		return done, err
	}
	if err := x.forgetChanged(ctx, pending); err != nil {
		return done, err
	}
	docs, err := x.docs(ctx, pending, words)
	if err != nil {
		return done, err
	}
	return done, x.index(ctx, docs)
}

// touch moves the tasks of new comments, in the order of their ids so that two
// that do it do not wait for each other, and tells whose tasks they are.
func (x *tx) touch(ctx context.Context, pending []doc) (accounts []core.ID, err error) {
	last := make(map[core.ID]time.Time)
	for _, d := range pending {
		if d.kind != commentNew {
			continue
		}
		if d.at.After(last[d.task]) {
			last[d.task] = d.at
		}
		if !slices.Contains(accounts, d.account) {
			accounts = append(accounts, d.account)
		}
	}
	ids := sortedKeys(last)
	if x.s.dialect == postgres && len(ids) > 1 {
		keys, times := make([]string, len(ids)), make([]int64, len(ids))
		for i, id := range ids {
			keys[i], times[i] = string(id), last[id].UnixMicro()
		}
		_, err := x.exec(ctx, touchMany, keys, times)
		return accounts, err
	}
	for _, id := range ids {
		if _, err := x.exec(ctx, touchTask, id, micros(last[id])); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

// docs reads the texts, as they are by now; one that is gone has none.
func (x *tx) docs(ctx context.Context, pending []doc, words map[string][]string) ([]doc, error) {
	of := make(map[core.ID]doc, len(pending))
	var comments, tasks []core.ID
	for _, d := range pending {
		of[d.object] = d
		if d.kind == commentNew || d.kind == commentChanged {
			comments = append(comments, d.object)
			continue
		}
		tasks = append(tasks, d.object)
	}
	var docs []doc
	a := args{}
	err := x.each(ctx, func(r row) error {
		var id, task core.ID
		var s string
		err := r.Scan(&id, &task, &s)
		d := of[id]
		d.kind, d.task = docComment, task
		if known, ok := words[s]; ok {
			d.words = known
		} else {
			d.words = wordsOf(s, maxDocWords)
		}
		docs = append(docs, d)
		return err
	}, `select id, task_id, text from comment where id in `+a.in(comments), a.values...)
	if err != nil {
		return nil, err
	}
	a = args{}
	err = x.each(ctx, func(r row) error {
		var id core.ID
		var title, description string
		err := r.Scan(&id, &title, &description)
		docs = append(docs, taskDocs(of[id], title, description)...)
		return err
	}, `select id, title, description from task where id in `+a.in(tasks), a.values...)
	return docs, err
}

func taskDocs(d doc, title, description string) []doc {
	short, full := d, d
	short.kind, short.words = docTitle, wordsOf(title, maxDocWords)
	full.kind, full.words = docFull, wordsOf(title+" "+description, maxDocWords)
	if len(short.words) == len(full.words) {
		full.kind = docBoth
		return []doc{full}
	}
	return []doc{short, full}
}

const (
	sqliteInsertDoc   = `insert into search_doc (object_id, kind, account_id, task_id) values ($1, $2, $3, $4) returning seq`
	sqliteInsertWords = `insert into search_index (rowid, words) values ($1, $2)`
	sqliteDropWords   = `delete from search_index where rowid = $1`
	sqliteDropDoc     = `delete from search_doc where seq = $1`
	sqliteFindOld     = `select seq from search_doc where object_id = $1`
	postgresDropOld   = `delete from search_doc where object_id = $1`
	postgresInsertIt  = `
		insert into search_doc (object_id, kind, account_id, task_id, words)
		select v.o, v.k, v.a, v.t, array_to_tsvector(string_to_array(v.w, ' '))
		from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) as v (o, k, a, t, w)`
)

func (x *tx) index(ctx context.Context, docs []doc) error {
	if x.s.dialect == postgres {
		columns := make([][]string, 5)
		for _, d := range docs {
			for i, v := range []string{string(d.object), d.kind, string(d.account), string(d.task), strings.Join(d.words, " ")} {
				columns[i] = append(columns[i], v)
			}
		}
		_, err := x.exec(ctx, postgresInsertIt, columns[0], columns[1], columns[2], columns[3], columns[4])
		return err
	}
	if err := x.learn(ctx, docs); err != nil {
		return err
	}
	seqs := make([]int64, len(docs))
	for i, d := range docs {
		if err := x.returning(ctx, func(r row) error { return r.Scan(&seqs[i]) }, sqliteInsertDoc, d.object, d.kind, d.account, d.task); err != nil {
			return err
		}
	}
	// One after the other: any other statement between makes FTS5 write out
	// what it has gathered, a segment for every text.
	for i, d := range docs {
		words := strings.Join(d.words, " ") + " " + accountWord(d.account) + " " + taskWord(d.task)
		if _, err := x.exec(ctx, sqliteInsertWords, seqs[i], words); err != nil {
			return err
		}
	}
	return nil
}

// vocabulary remembers words that are known to be in search_word, so that they
// need not be written again with every text. Only the writer's goroutine uses it.
type vocabulary map[string]struct{}

// maxVocabulary words take about 3 MB; most of what people write is in them.
const maxVocabulary = 50000

const sqliteInsertWord = `insert into search_word (word) values ($1) on conflict (word) do nothing`

// learn writes the words that are not there yet. A word is remembered only when
// it was found there: one just written goes with the transaction if that fails.
func (x *tx) learn(ctx context.Context, docs []doc) error {
	seen := make(map[string]bool)
	for _, d := range docs {
		for _, w := range d.words {
			if _, known := x.s.words[w]; known || seen[w] {
				continue
			}
			seen[w] = true
			n, err := x.exec(ctx, sqliteInsertWord, w)
			if err != nil {
				return err
			}
			if n > 0 {
				continue
			}
			if len(x.s.words) >= maxVocabulary {
				clear(x.s.words)
			}
			x.s.words[w] = struct{}{}
		}
	}
	return nil
}

// No text has such words: an underscore parts words there.
func accountWord(id core.ID) string { return "_a" + string(id) }
func taskWord(id core.ID) string    { return "_t" + string(id) }

// forgetChanged takes out the old words of what was changed.
func (x *tx) forgetChanged(ctx context.Context, pending []doc) error {
	for _, d := range pending {
		if d.kind != commentChanged && d.kind != taskChanged {
			continue
		}
		if err := x.forget(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) forget(ctx context.Context, d doc) error {
	if x.s.dialect == postgres {
		_, err := x.exec(ctx, postgresDropOld, d.object)
		return err
	}
	old, err := list(ctx, x, func(r row, n *int64) error { return r.Scan(n) }, sqliteFindOld, d.object)
	if err != nil {
		return err
	}
	for _, seq := range old {
		if _, err := x.exec(ctx, sqliteDropWords, seq); err != nil {
			return err
		}
		if _, err := x.exec(ctx, sqliteDropDoc, seq); err != nil {
			return err
		}
	}
	return nil
}
