package core_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// Two accounts, people inside and outside, told and bystanders, one blocked and one who wants no more of it: what
// is read together must be for each what he would read alone.
func TestLettersReadTogetherSayWhatEachSaysAlone(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		account, stranger, err := h.c.CreateAccount(h.ctx, core.Setup{AccountName: "Steinmetz", Name: "Stan", Address: "stan@stein.test", Password: "a stony long phrase"})
		h.must(err)
		there := &core.Actor{Person: stranger, Account: account, Via: "page"}
		contact, err := h.c.CreateContact(h.ctx, there, core.NewContact{Name: "Klara of theirs", Address: "klara@client.test"})
		h.must(err)
		theirs, err := h.c.CreateTask(h.ctx, there, core.NewTask{Title: "Door", Participants: []core.ID{contact.ID}})
		h.must(err)
		_, err = h.c.Comment(h.ctx, there, core.NewComment{Task: theirs.ID, Text: "theirs", Tell: []core.ID{contact.ID}})
		h.must(err)
		firm := h.user("Ines", core.Administrator)
		for _, text := range []string{"one", "two"} {
			h.tellOf(h.task.ID, text)
			_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: text + " for some", Tell: []core.ID{h.owner.ID, h.klara.ID, h.sub.ID}})
			h.must(err)
		}
		_, err = h.c.Comment(h.ctx, h.as(firm), core.NewComment{Task: h.task.ID, Text: "inside", Hidden: true, Tell: []core.ID{h.eve.ID}})
		h.must(err)
		second, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Window", Assignee: h.eve.ID, Participants: []core.ID{h.karl.ID, h.klara.ID}})
		h.must(err)
		h.tellOf(second.ID, "of the window")
		h.pass(10 * time.Minute)
		list, err := storetest.Claim(h.ctx, h.c, 50)
		h.must(err)
		_, err = h.c.BlockPerson(h.ctx, h.as(h.owner), h.karl.ID)
		h.must(err)
		if _, err := h.c.Letters(h.ctx, list); err != nil { // makes the links
			h.t.Fatal(err)
		}
		frozen := h.now
		together, err := h.c.Letters(h.ctx, list)
		h.must(err)
		outcomes := make(map[bool]int)
		for i, d := range list {
			h.now = frozen
			alone, err := h.c.Letter(h.ctx, d)
			if got := together[i]; !reflect.DeepEqual(got.Letter, alone) || !errors.Is(got.Err, err) && core.CodeOf(got.Err) != core.CodeOf(err) {
				h.t.Errorf("%s: together\n%+v %v, alone\n%+v %v", alone.Person.Name, got.Letter, got.Err, alone, err)
			}
			outcomes[err == nil]++
		}
		if outcomes[true] < 5 || outcomes[false] == 0 {
			h.t.Errorf("%v were compared", outcomes)
		}
	})
}
