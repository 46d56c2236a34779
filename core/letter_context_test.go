package core_test

import (
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
	"planpost/store/storetest"
)

// say posts a comment of p, from outside by mail, and gives what all mails then tell.
func (h *house) say(p core.Person, text string, hidden bool, tell ...core.ID) map[string]core.Letter {
	h.t.Helper()
	if p.Staff() {
		_, err := h.c.Comment(h.ctx, h.as(p), core.NewComment{Task: h.task.ID, Text: text, Hidden: hidden, Tell: tell})
		h.must(err)
	} else if r := h.one(h.letter(p.Address().Mailbox(), text), auth.Pass, h.replyTo(p)); r.Disposition != core.Posted {
		h.t.Fatalf("%s: %s (%s)", text, r.Disposition, r.Reason)
	}
	h.pass(6 * time.Minute)
	sent, _ := h.letters()
	return sent
}

func earlier(l core.Letter) (texts []string) {
	for _, e := range l.Earlier {
		texts = append(texts, e.Comment.Text)
	}
	return texts
}

func TestAMailQuotesOnlyWhatItsReaderMaySee(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.say(h.owner, "one for Klara", false, h.klara.ID)
		h.say(h.owner, "one for Karl", false, h.karl.ID)
		h.say(h.owner, "one that stays inside", true)
		sent := h.say(h.owner, "two for both", false, h.klara.ID, h.karl.ID)
		for name, want := range map[string][]string{"Klara": {"one for Klara"}, "Karl": {"one for Karl"}, "Eve": {"one for Karl", "one for Klara"}} {
			got := earlier(sent[name])
			if len(got) > len(want) {
				got = got[:len(want)]
			}
			if !slices.Equal(got, want) {
				h.t.Errorf("%s's mail quotes %q, want %q", name, earlier(sent[name]), want)
			}
			if slices.Contains(earlier(sent[name]), "one that stays inside") {
				h.t.Errorf("%s's mail, whose answers go outside, quotes a note that stays inside", name)
			}
		}
		if got := earlier(h.say(h.owner, "a second note", true)["Eve"]); !slices.Contains(got, "one that stays inside") {
			h.t.Errorf("a note does not quote the note before it: %q", got)
		}
	})
}

func TestAMailQuotesNobodyToHimself(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.say(h.owner, "a question", false, h.klara.ID)
		h.say(h.klara, "an answer", false)
		if got := earlier(h.say(h.owner, "one more", false, h.klara.ID)["Klara"]); !slices.Equal(got, []string{"a question"}) {
			h.t.Errorf("Klara's mail quotes %q", got)
		}
	})
}

// Klara's answer goes to her colleague, too, Sub's to nobody else outside.
func TestSomebodyOutsideLearnsThatOthersReadAlong(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		sent := h.say(h.owner, "to all", false, h.klara.ID, h.sub.ID)
		if k, s := sent["Klara"], sent["Sub"]; !k.OthersRead || s.OthersRead || !slices.Equal(k.Readers, s.Readers) || len(k.Readers) != 2 || len(k.OutsideReaders) > 0 {
			h.t.Errorf("Klara: %v %q, Sub: %v %q", k.OthersRead, k.Readers, s.OthersRead, s.Readers)
		}
		h.say(h.klara, "the colleague's words", false)
		l := h.say(h.owner, "and again", false, h.karl.ID)["Karl"]
		if i := slices.IndexFunc(l.Earlier, func(e core.LetterEntry) bool { return e.Author.Name == "Klara" }); i < 0 {
			h.t.Errorf("Karl's mail quotes %q, no words of the colleague by name", earlier(l))
		}
		h.set("unhidden", "on")
		if s := h.say(h.owner, "all can read all", false, h.sub.ID)["Sub"]; !s.OthersRead || len(s.Readers) != 2 {
			h.t.Errorf("where all is read by all, Sub is told %v, %q", s.OthersRead, s.Readers)
		}
	})
}

func TestAMailQuotesNoMoreThanTheLastMessages(t *testing.T) {
	each(t, func(h *house) {
		for _, text := range []string{"a", "b", "c", "d"} {
			h.say(h.owner, text, false, h.klara.ID)
		}
		if got := earlier(h.say(h.owner, "e", false, h.klara.ID)["Klara"]); !slices.Equal(got, []string{"d", "c", "b"}) {
			h.t.Errorf("quoted %q", got)
		}
	})
}

// What the mail promises of an answer's readers is held against who then gets one.
func TestWhoReadsAnAnswerIsToldAsItIs(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		for name, c := range map[string]struct {
			by     core.Person
			hidden bool
			tell   []core.ID
		}{
			"to one client":   {h.owner, false, []core.ID{h.klara.ID}},
			"to both":         {h.owner, false, []core.ID{h.klara.ID, h.karl.ID}},
			"by a client":     {h.klara, false, nil},
			"a note":          {h.owner, true, nil},
			"to nobody there": {h.owner, false, nil},
		} {
			l := h.say(c.by, name, c.hidden, c.tell...)["Eve"]
			raw := "In-Reply-To: <" + l.MessageID + ">\r\n" + h.letter("eve@holzbau.test", "an answer to "+name)
			if r := h.one(raw, auth.Pass, l.ReplyTo.Mailbox()); r.Disposition != core.Posted {
				h.t.Fatalf("%s: %s %s", name, r.Disposition, r.Reason)
			}
			h.pass(6 * time.Minute)
			sent, _ := h.letters()
			want := slices.Sorted(slices.Values(append(slices.Clone(l.Readers), l.OutsideReaders...)))
			if got := slices.Sorted(slices.Values(keys(sent))); !slices.Equal(got, want) {
				h.t.Errorf("%s: %q were named, %q got it", name, want, got)
			}
			if c.hidden && len(l.OutsideReaders) > 0 {
				h.t.Errorf("a note names readers outside: %q", l.OutsideReaders)
			}
		}
	})
}

// Gmail begins another conversation where the subject changes.
func TestATasksSubjectStaysWhenItsTitleChanges(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		first := h.say(h.owner, "one", false, h.klara.ID)
		title := "A private matter no more"
		_, err := h.c.EditTask(h.ctx, h.as(h.owner), h.task.ID, core.TaskEdit{Title: &title})
		h.must(err)
		h.pass(6 * time.Minute)
		h.letters()
		newcomer := h.contact("Nora", "nora@other.test", h.other.ID)
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{h.klara.ID, newcomer.ID}}))
		later := h.say(h.owner, "two", false, h.klara.ID, newcomer.ID)
		note := h.say(h.owner, "three", true)
		for name, l := range map[string]core.Letter{"Klara": later["Klara"], "Eve": later["Eve"], "Eve, inside": note["Eve"]} {
			if l.Topic != first["Klara"].Topic || l.Topic == "" || l.Task.Title != title {
				h.t.Errorf("%s: the subject says %q of %q", name, l.Topic, l.Task.Title)
			}
		}
		if got := later["Nora"].Topic; got != title {
			h.t.Errorf("who came later is told the old title: %q", got)
		}
	})
}

// A mail that is sent again does not quote what was written since.
func TestARepeatedMailQuotesNothingNew(t *testing.T) {
	each(t, func(h *house) {
		list, err := storetest.Claim(h.ctx, h.c, 10)
		h.must(err)
		h.tellOf(h.task.ID, "written after the mail about the new task")
		for _, d := range list {
			l, err := h.c.Letter(h.ctx, d)
			h.must(err)
			if len(l.Earlier) > 0 {
				t.Errorf("%s reads of %q", l.Person.Name, l.Earlier[0].Comment.Text)
			}
		}
		if len(list) == 0 {
			t.Error("no mail about the new task")
		}
	})
}
