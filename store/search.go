package store

import (
	"context"
	"errors"
	"strings"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// A search has two ways. Whoever may see much walks through the hits from the
// newest and skips what is not for him; whoever may see few tasks asks within
// those only. What is not indexed yet is few and is looked through in Go.

const (
	// fewTasks is up to how many tasks a search asks within them.
	fewTasks = 200
	// pendingSeq is above every number of an indexed text: pending ones are newer.
	pendingSeq int64 = 1 << 61
	maxPending       = 2000
)

// Search gives the newest hits that the viewer may see.
func (x *tx) Search(ctx context.Context, v core.Viewer, query string, before int64, n int) ([]core.Found, error) {
	words := wordsOf(query, maxWords)
	if len(words) == 0 {
		return nil, nil
	}
	s := &search{x: x, v: v, words: words, before: before, limit: limit(n, 20)}
	can, err := s.rights(ctx, &args{})
	if err != nil || can.nothing() {
		return nil, err
	}
	found, err := s.pending(ctx)
	if err != nil || len(found) >= s.limit {
		return found, err
	}
	s.limit -= len(found)
	more, err := s.indexed(ctx)
	return append(found, more...), err
}

type search struct {
	x      *tx
	v      core.Viewer
	words  []string
	before int64
	limit  int
}

// searchRights are the conditions on a text: of its task, of the task's
// description, and of a comment.
type searchRights struct{ task, full, comment condition }

func (r *searchRights) nothing() bool { return r.task.never() }

// rights compiles them with their values into a.
func (s *search) rights(ctx context.Context, a *args) (r searchRights, err error) {
	if s.v.All {
		r.full, r.comment = condition{always: true}, condition{always: true, live: liveComment}
		r.task, err = s.x.rights(ctx, a, s.v, "task.view", &onTask)
		return r, err
	}
	if s.v.Link != "" {
		return r, nil // who comes by a link reads one conversation and searches nothing
	}
	if r.task, err = s.x.rights(ctx, a, s.v, "task.view", &onTask); err != nil || r.task.never() {
		return r, err
	}
	q := &question{a: a, person: &s.v.Person}
	known := capabilityFacts(&s.v.Person)
	full, _ := access.CellOf("task.view_description", s.v.Person.Subject())
	r.full = q.compile(full, &onTask, known)
	r.comment = q.readable(known, q.person.Subject())
	return r, nil
}

// where is the condition on a row s of the index with its task t and, perhaps, comment k.
func (r *searchRights) where() string {
	kinds := condition{}
	kinds.or(onlyWhen("s.kind = 'c'", r.comment))
	kinds.or("s.kind = 'b'")
	kinds.or(onlyWhen("s.kind = 'd'", r.full))
	if !r.full.always {
		kinds.or("(s.kind = 't' and not " + r.full.where() + ")")
	}
	return r.task.where() + " and " + kinds.where()
}

const searchColumns = `s.task_id, t.number, t.title, s.kind, s.object_id, coalesce(k.text, t.description), coalesce(k.created_at, t.created_at), s.seq`

const searchJoins = ` join task t on t.id = s.task_id left join comment k on s.kind = 'c' and k.id = s.object_id`

func scanFound(r row, f *core.Found) error {
	var kind string
	var object core.ID
	if err := r.Scan(&f.Task, &f.Number, &f.Title, &kind, &object, &f.Text, into(&f.At), &f.Seq); err != nil {
		return err
	}
	switch kind {
	case docComment:
		f.Comment = object
	case docTitle:
		f.Text = "" // who may see the title only must not get the rest
	}
	return nil
}

// A changed text that is pending is not shown as it was.
const notPending = ` and not exists (select 1 from search_pending w where w.object_id = s.object_id)`

func (s *search) indexed(ctx context.Context) ([]core.Found, error) {
	tasks, few, err := s.tasks(ctx)
	if err != nil || few && len(tasks) == 0 {
		return nil, err
	}
	if s.x.s.dialect == sqlite {
		return s.sqlite(ctx, tasks)
	}
	if few {
		return s.postgres(ctx, tasks, 0)
	}
	// A common word is among the newest texts often enough; asking the index
	// for all of its texts would take longer. Only when that gives too few is
	// the word rare enough for the index.
	found, err := s.postgres(ctx, nil, newestTexts)
	if err != nil || len(found) >= s.limit {
		return found, err
	}
	return s.postgres(ctx, nil, 0)
}

const newestTexts = 2000

// tasks gives the tasks that the viewer may see when they are few.
func (s *search) tasks(ctx context.Context) (ids []core.ID, few bool, err error) {
	a := &args{}
	allowed, err := s.x.rights(ctx, a, s.v, "task.view", &onTask)
	if err != nil || allowed.always {
		return nil, false, err
	}
	page := taskPage{a: a, v: s.v, allowed: allowed.where()}
	sources, ok := page.sources()
	if !ok {
		return nil, false, nil
	}
	if len(sources) == 0 {
		return nil, true, nil
	}
	account, top := a.add(s.v.Account), a.add(fewTasks+1)
	var branches []string
	for _, source := range sources {
		branches = append(branches, `select * from (select n.task_id `+source.from()+` and n.account_id = `+account+` and `+allowed.where()+` limit `+top+`) x`)
	}
	ids, err = list(ctx, s.x, func(r row, id *core.ID) error { return r.Scan(id) }, strings.Join(branches, " union ")+" limit "+top, a.values...)
	if err != nil || len(ids) > fewTasks {
		return nil, false, err
	}
	return ids, true, nil
}

// sqlite puts everything that narrows into the question to the index itself,
// which then gives its rows from the newest on. A beginning with very many
// words is looked for in the text of the rows instead.
func (s *search) sqlite(ctx context.Context, tasks []core.ID) ([]core.Found, error) {
	question, broad, err := s.question(ctx, tasks)
	if err != nil || question == "" {
		return nil, err
	}
	found, err := s.ask(ctx, question, broad)
	if !errors.Is(err, errTooMany) {
		return found, err
	}
	// So many words begin so, and so few texts have them: the index has little to sort.
	for _, w := range broad {
		question += ` AND "` + w + `" *`
	}
	return s.ask(ctx, question, nil)
}

// maxLooked is how many texts are looked through for broad words.
const maxLooked = 3000

// ask puts one question to the index; errTooMany when looking through the texts takes too long.
func (s *search) ask(ctx context.Context, question string, broad []string) ([]core.Found, error) {
	a := &args{}
	can, err := s.rights(ctx, a)
	if err != nil {
		return nil, err
	}
	q := `select ` + searchColumns + `, t.description from search_index i join search_doc s on s.seq = i.rowid` + searchJoins + `
		where i.search_index match ` + a.add(question) + s.beforeSeq(a, "i.rowid") + notPending + ` and ` + can.where() + `
		order by i.rowid desc`
	if len(broad) == 0 {
		q += ` limit ` + upTo(s.limit)
	}
	var found []core.Found
	looked := 0
	err = s.x.each(ctx, func(r row) error {
		if looked++; len(broad) > 0 && looked > maxLooked {
			return errTooMany
		}
		var f core.Found
		ok, err := scanBroad(r, &f, broad)
		if ok {
			found = append(found, f)
		}
		if err == nil && len(found) == s.limit {
			return errEnough
		}
		return err
	}, q, a.values...)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return found, err
}

var (
	errEnough  = errors.New("there are enough rows")
	errTooMany = errors.New("there are too many rows")
)

// scanBroad tells whether the row has the words that the index was not asked for.
func scanBroad(r row, f *core.Found, broad []string) (bool, error) {
	var kind, description string
	var object core.ID
	if err := r.Scan(&f.Task, &f.Number, &f.Title, &kind, &object, &f.Text, into(&f.At), &f.Seq, &description); err != nil {
		return false, err
	}
	switch kind {
	case docComment:
		f.Comment = object
		return hasWords(f.Text, broad), nil
	case docTitle:
		f.Text = "" // who may see the title only must not get the rest
		return hasWords(f.Title, broad), nil
	}
	return hasWords(f.Title+" "+description, broad), nil
}

// maxBeginnings is how many words a beginning may stand for in a question.
const maxBeginnings = 100

const wordsFrom = `select word from search_word where word >= $1 and word < $2 order by word limit $3`

// question is in the language of FTS5; empty when nothing can match. Folded
// words hold letters and digits only, and stand in quotes: nothing a person
// types can be read as an operator there. broad are the words left out of it.
func (s *search) question(ctx context.Context, tasks []core.ID) (question string, broad []string, err error) {
	var all []string
	for _, w := range s.words {
		list, err := list(ctx, s.x, func(r row, w *string) error { return r.Scan(w) }, wordsFrom, w, w+"\U0010FFFF", maxBeginnings+1)
		switch {
		case err != nil || len(list) == 0:
			return "", nil, err
		case len(list) > maxBeginnings:
			broad = append(broad, w)
		default:
			all = append(all, anyOf(list))
		}
	}
	if len(tasks) == 0 {
		return strings.Join(append(all, anyOf([]string{accountWord(s.v.Account)})), " AND "), broad, nil
	}
	scope := make([]string, len(tasks))
	for i, id := range tasks {
		scope[i] = taskWord(id)
	}
	return strings.Join(append(all, anyOf(scope)), " AND "), broad, nil
}

func anyOf(words []string) string { return `("` + strings.Join(words, `" OR "`) + `")` }

func (s *search) beforeSeq(a *args, column string) string {
	if s.before <= 0 || s.before >= pendingSeq {
		return ""
	}
	return ` and ` + column + ` < ` + a.add(s.before)
}

// postgres asks within tasks, among the newest texts, or, with neither, the index for all texts with the words.
func (s *search) postgres(ctx context.Context, tasks []core.ID, newest int) ([]core.Found, error) {
	a := &args{}
	can, err := s.rights(ctx, a)
	if err != nil {
		return nil, err
	}
	scope := `s.account_id = ` + a.add(s.v.Account) + s.beforeSeq(a, "s.seq")
	matches := `s.words @@ ` + a.add(tsQuestion(s.words)) + `::tsquery`
	var from string
	switch {
	case len(tasks) > 0:
		// "offset 0" keeps the index of words out of it: for a common word it gives very many rows, to be sorted before the few of the tasks are chosen.
		from = `select s.* from (select * from search_doc s where ` + scope + ` and s.task_id in ` + a.in(tasks) + ` offset 0) s where ` + matches
	case newest > 0:
		from = `select s.* from (select * from search_doc s where ` + scope + ` order by s.account_id, s.seq desc limit ` + upTo(newest) + `) s where ` + matches
	default:
		from = `select s.* from search_doc s where ` + matches + ` and ` + scope
	}
	q := `with s as materialized (` + from + `)
		select ` + searchColumns + ` from s` + searchJoins + ` where ` + can.where() + notPending + `
		order by s.seq desc limit ` + upTo(s.limit)
	return list(ctx, s.x, scanFound, q, a.values...)
}

func tsQuestion(words []string) string {
	var all []string
	for _, w := range words {
		all = append(all, "'"+w+"':*")
	}
	return strings.Join(all, " & ")
}

// pending looks through the texts that are not indexed yet, newest first.
func (s *search) pending(ctx context.Context) ([]core.Found, error) {
	if s.before > 0 && s.before < pendingSeq {
		return nil, nil
	}
	a := &args{}
	can, err := s.rights(ctx, a)
	if err != nil {
		return nil, err
	}
	isComment := `s.kind in ('c', 'C')`
	allowed := condition{}
	allowed.or(onlyWhen(isComment, can.comment))
	allowed.or("not " + isComment)
	q := `select s.task_id, t.number, t.title, t.description, coalesce(k.id, ''), coalesce(k.text, ''), coalesce(k.created_at, t.created_at), s.created_at, ` + can.full.where() + `
		from search_pending s join task t on t.id = s.task_id left join comment k on k.id = s.object_id
		where s.account_id = ` + a.add(s.v.Account) + ` and ` + can.task.where() + ` and ` + allowed.where() + `
		order by s.created_at desc, s.object_id desc limit ` + upTo(maxPending)
	var found []core.Found
	err = s.x.each(ctx, func(r row) error {
		f, ok, err := s.scanPending(r)
		if ok && len(found) < s.limit {
			found = append(found, f)
		}
		return err
	}, q, a.values...)
	return found, err
}

func (s *search) scanPending(r row) (f core.Found, ok bool, err error) {
	var description string
	var since time.Time
	var full bool
	if err := r.Scan(&f.Task, &f.Number, &f.Title, &description, &f.Comment, &f.Text, into(&f.At), into(&since), &full); err != nil {
		return f, false, err
	}
	f.Seq = pendingSeq + since.UnixMicro()
	if f.Comment != "" {
		return f, s.precedes(f) && hasWords(f.Text, s.words), nil
	}
	if full {
		f.Text = description
	}
	return f, s.precedes(f) && hasWords(f.Title+" "+f.Text, s.words), nil
}

func (s *search) precedes(f core.Found) bool { return s.before <= 0 || f.Seq < s.before }

// hasWords tells whether each word is the beginning of a word of the text.
func hasWords(text string, words []string) bool {
	folded := findable(text)
	for _, w := range words {
		if !strings.Contains(folded, " "+w) {
			return false
		}
	}
	return true
}
