package core_test

import (
	"fmt"
	"slices"
	"testing"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

// A person's page lists the tasks that this person has to do with, and no others.
func TestTasksAreListedByWhoHasToDoWithThem(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		h := newHouse(t, open())
		a := h.as(h.owner)
		task := func(title string, n core.NewTask) int64 {
			n.Title = title
			made, err := h.c.CreateTask(h.ctx, a, n)
			h.must(err)
			return made.Number
		}
		doing := task("Eve does it", core.NewTask{Assignee: h.eve.ID})
		both := task("Klara takes part", core.NewTask{Assignee: h.eve.ID, Participants: []core.ID{h.klara.ID}})
		alone := task("Nobody else", core.NewTask{})
		for _, c := range []struct {
			f    core.TaskFilter
			want []int64
		}{
			{core.TaskFilter{Related: h.eve.ID}, []int64{h.task.Number, doing, both}},
			{core.TaskFilter{Related: h.klara.ID}, []int64{h.task.Number, both}},
			{core.TaskFilter{Related: h.klara.ID, Assignee: h.eve.ID}, []int64{h.task.Number, both}},
			{core.TaskFilter{Related: h.sub.ID, Mine: true}, []int64{h.task.Number}},
			{core.TaskFilter{Related: h.owner.ID}, []int64{h.task.Number, doing, both, alone}},
		} {
			list, err := h.c.Tasks(h.ctx, a, c.f)
			h.must(err)
			var got []int64
			for i := range list {
				got = append(got, list[i].Number)
			}
			slices.Sort(got)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("%+v gives %v, not %v", c.f, got, c.want)
			}
		}
		view, err := h.c.Person(h.ctx, a, h.klara.ID)
		h.must(err)
		if len(view.Tasks) != 2 {
			t.Errorf("the client's page lists %d tasks, not 2", len(view.Tasks))
		}
	})
}
