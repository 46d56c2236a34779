package store_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func searchAll(t *testing.T, w *storetest.World, query string) (texts []string) {
	t.Helper()
	view(t, w.S, func(ctx context.Context, tx core.Tx) error {
		found, err := tx.Search(ctx, core.Viewer{Account: w.Account.ID, All: true}, query, 0, 100)
		for _, f := range found {
			if f.Comment == "" {
				texts = append(texts, "task: "+f.Title)
				continue
			}
			texts = append(texts, f.Text)
		}
		return err
	})
	return texts
}

func index(t *testing.T, s core.Store) {
	t.Helper()
	if _, err := s.IndexPending(t.Context(), 1000); err != nil {
		t.Fatal(err)
	}
	view(t, s, func(ctx context.Context, tx core.Tx) error {
		if n, err := tx.PendingSearch(ctx); err != nil || n != 0 {
			t.Errorf("%d texts are still pending, %v", n, err)
		}
		return nil
	})
}

func TestSearchFindsBeginningsOfAllWordsWithoutAccents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		task := w.Task(func(t *core.Task) { t.Title, t.Description = "Dachstuhl Süd", "Pläne für das Café" })
		w.Comment(task.ID, "Der Kranführer kommt am Dienstag.")
		w.Comment(task.ID, "Les élèves sont arrivés; naïve façade")
		w.Comment(task.ID, "Кранът пристига във вторник")
		cases := []struct {
			query string
			want  []string
		}{
			{"dachst", []string{"task: Dachstuhl Süd"}},
			{"cafe dachstuhl", []string{"task: Dachstuhl Süd"}},
			{"CAFÉ", []string{"task: Dachstuhl Süd"}},
			{"kranfuhrer dien", []string{"Der Kranführer kommt am Dienstag."}},
			{"kranführer mittwoch", nil},
			{"führer", nil}, // not the beginning of a word
			{"eleve facade", []string{"Les élèves sont arrivés; naïve façade"}},
			{"кран", []string{"Кранът пристига във вторник"}},
			{"", nil},
			{"  - ", nil},
			{`"`, nil},
			{`dienstag" OR "cafe`, nil},
			{"dienstag OR cafe", nil}, // a word like others
			{"NEAR(dienstag kranführer)", nil},
			{"dienstag*", []string{"Der Kranführer kommt am Dienstag."}},
			{"words : dienstag", nil},
			{"dienstag ' & | ! ( \\ %_", []string{"Der Kranführer kommt am Dienstag."}},
			{"\x00dienstag\xff", []string{"Der Kranführer kommt am Dienstag."}},
			{"_a" + string(w.Account.ID), nil},
		}
		check := func(when string) {
			t.Helper()
			for _, c := range cases {
				if got := searchAll(t, w, c.query); !slices.Equal(got, c.want) {
					t.Errorf("%s, %q: %q, want %q", when, c.query, got, c.want)
				}
			}
		}
		check("pending")
		index(t, s)
		check("indexed")
	})
}

func TestAChangedTextIsFoundAsItIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		task := w.Task(func(t *core.Task) { t.Title = "roofing" })
		c := w.Comment(task.ID, "the first words")
		index(t, s)
		c.Text = "other words"
		task.Title = "plumbing"
		inTx(t, s, func(ctx context.Context, tx core.Tx) error {
			if err := tx.UpdateComment(ctx, &c); err != nil {
				return err
			}
			return tx.UpdateTask(ctx, &task)
		})
		check := func(when string) {
			t.Helper()
			for query, want := range map[string]int{"first": 0, "other": 1, "words": 1, "roofing": 0, "plumbing": 1} {
				if got := searchAll(t, w, query); len(got) != want {
					t.Errorf("%s, %s: %q, want %d", when, query, got, want)
				}
			}
		}
		check("pending")
		index(t, s)
		check("indexed")
	})
}

func TestSearchGoesOnWhereItStoppedNewestFirst(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		task := w.Task()
		var want []core.ID
		for i := range 30 {
			want = append(want, w.Comment(task.ID, fmt.Sprintf("note %d common", i)).ID)
			if i == 20 {
				index(t, s)
			}
		}
		slices.Reverse(want)
		var got []core.ID
		var before int64
		for range 20 {
			var page []core.Found
			view(t, s, func(ctx context.Context, tx core.Tx) (err error) {
				page, err = tx.Search(ctx, core.Viewer{Account: w.Account.ID, All: true}, "commo note", before, 7)
				return err
			})
			if len(page) == 0 {
				break
			}
			for _, f := range page {
				got = append(got, f.Comment)
			}
			before = page[len(page)-1].Seq
		}
		if !slices.Equal(got, want) {
			t.Errorf("%d hits %v\nwant %d %v", len(got), got, len(want), want)
		}
	})
}

func TestABeginningOfVeryManyWordsFindsAll(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		w := storetest.MakeWorld(t, s)
		task := w.Task()
		for i := range 150 {
			w.Comment(task.ID, fmt.Sprintf("zeta%d filler", i))
		}
		w.Comment(task.ID, "zeta7 rare")
		index(t, s)
		for query, want := range map[string]int{"zet": 100, "zet rare": 1, "zet fill": 100, "zeta14": 11} {
			if got := len(searchAll(t, w, query)); got != want {
				t.Errorf("%s: %d hits, want %d", query, got, want)
			}
		}
	})
}

func TestNobodyFindsTextsOfAnotherAccount(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		a, b := storetest.MakeWorld(t, s), storetest.MakeWorld(t, s)
		a.Comment(a.Task().ID, "secret plans")
		b.Comment(b.Task().ID, "public plans")
		for range 2 {
			if got := searchAll(t, b, "plans"); !slices.Equal(got, []string{"public plans"}) {
				t.Errorf("%q", got)
			}
			stranger := core.Viewer{Account: a.Account.ID, Person: b.Owner}
			view(t, s, func(ctx context.Context, tx core.Tx) error {
				if found, err := tx.Search(ctx, stranger, "plans", 0, 10); err != nil || len(found) > 0 {
					t.Errorf("the owner of another account finds %v, %v", found, err)
				}
				if list, err := tx.ListTasks(ctx, stranger, core.TaskFilter{}); err != nil || len(list) > 0 {
					t.Errorf("the owner of another account lists %v, %v", list, err)
				}
				return nil
			})
			index(t, s)
		}
	})
}
