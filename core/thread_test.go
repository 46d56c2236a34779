package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// visitor is somebody at home with a browser.
var visitor = core.Credentials{IP: "192.0.2.9", UserAgent: "Test/1"}

// threadToken takes the mail of the new task and gives the token in the person's footer.
func (h *house) threadToken(p core.Person) string {
	h.t.Helper()
	h.letters()
	h.tell("here is your link", p)
	sent, _ := h.letters()
	url := sent[p.Name].ThreadURL
	if url == "" {
		h.t.Fatalf("%s got no link", p.Name)
	}
	return url[strings.LastIndex(url, "/")+1:]
}

func (h *house) thread(token string, proofs ...string) core.Thread {
	h.t.Helper()
	t, err := h.c.Thread(h.ctx, token, visitor.IP, proofs...)
	h.must(err)
	return t
}

// asked asks for a code and reads it in the person's mail.
func (h *house) asked(t *core.Thread) string {
	h.t.Helper()
	h.must(h.c.AskThreadCode(h.ctx, t, visitor.IP))
	return h.code(t.Person)
}

func (h *house) code(p core.Person) string {
	h.t.Helper()
	list, err := storetest.Claim(h.ctx, h.c, 50)
	h.must(err)
	code := ""
	for _, d := range list {
		l, err := h.c.Letter(h.ctx, d)
		if err == nil && l.Person.ID == p.ID && l.Code != "" {
			code = l.Code
		}
	}
	return code
}

func TestX5TheLinkOpensTheOneConversationAndNothingElse(t *testing.T) {
	each(t, func(h *house) {
		other, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Roof", Project: h.project.ID, Assignee: h.eve.ID, Participants: []core.ID{h.klara.ID}})
		h.must(err)
		_, err = h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "only inside", Hidden: true})
		h.must(err)
		h.tell("for Karl alone", h.karl)
		for _, access := range []string{core.NoAccess, core.BasicAccess, core.AdvancedAccess} {
			klara := h.klara
			klara.Access = access
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &klara) }))
			th := h.thread(h.threadToken(klara))
			if th.State != core.LinkLive || th.Number != h.task.Number || th.Proven || th.Dashboard != (access == core.BasicAccess) {
				h.t.Fatalf("%s: %+v", access, th)
			}
			v, err := h.c.Task(h.ctx, th.Actor, th.Number, "")
			h.must(err)
			all := ""
			for _, cv := range v.Comments {
				all += cv.Text + "\n"
				if cv.CanEdit || cv.May["comment.delete"] {
					h.t.Errorf("%s: may edit by a link", access)
				}
			}
			if !strings.Contains(all, "here is your link") || strings.Contains(all, "only inside") || strings.Contains(all, "Karl") || v.Task.Title != "Door" || !v.May["task.comment"] {
				h.t.Errorf("%s: reads %q, may %v", access, all, v.May)
			}
			if v.Description != "" { // LNK&ASE
				h.t.Errorf("%s: a participant reads the description by a link", access)
			}
			if _, err := h.c.Task(h.ctx, th.Actor, other.Number, ""); core.KindOf(err) != core.NotFound {
				h.t.Errorf("%s: another task: %v", access, err)
			}
			if list, err := h.c.Tasks(h.ctx, th.Actor, core.TaskFilter{Status: "any"}); err != nil || len(list) > 1 || len(list) == 1 && list[0].ID != h.task.ID {
				h.t.Errorf("%s: the list has %d tasks, %v", access, len(list), err)
			}
			if found, err := h.c.Search(h.ctx, th.Actor, "Roof", 0, 10); err != nil || len(found) > 0 {
				h.t.Errorf("%s: finds %v, %v", access, found, err)
			}
			if _, err := h.c.CreateTask(h.ctx, th.Actor, core.NewTask{Title: "New"}); core.KindOf(err) != core.NotFound && core.KindOf(err) != core.Forbidden {
				h.t.Errorf("%s: makes a task: %v", access, err)
			}
			if list, err := h.c.Projects(h.ctx, th.Actor, "", "", 10); err != nil || len(list) > 0 {
				h.t.Errorf("%s: lists projects: %v %v", access, list, err)
			}
		}
	})
}

func TestTheDescriptionIsForWhoHasToDoIt(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, CoAssignees: []core.ID{h.klara.ID}}))
		th := h.thread(h.threadToken(h.klara))
		if v, err := h.c.Task(h.ctx, th.Actor, th.Number, ""); err != nil || v.Description == "" {
			h.t.Errorf("a co-assignee reads %q, %v", v.Description, err)
		}
	})
}

func TestTheFirstWritingByALinkAsksForACode(t *testing.T) {
	each(t, func(h *house) {
		token := h.threadToken(h.klara)
		th := h.thread(token)
		say := func(a *core.Actor) error {
			_, err := h.c.Comment(h.ctx, a, core.NewComment{Task: h.task.ID, Text: "from the page"})
			return err
		}
		if err := say(th.Actor); core.CodeOf(err) != "link.unproven" || core.KindOf(err) != core.Unauthenticated {
			h.t.Fatalf("a link alone writes: %v", err)
		}
		code := h.asked(&th)
		if len(code) != 8 {
			h.t.Fatalf("the code is %q", code)
		}
		if _, err := h.c.GiveThreadCode(h.ctx, &th, "00000000", visitor); core.CodeOf(err) != "code.wrong" {
			h.t.Errorf("a wrong one: %v", err)
		}
		proof, err := h.c.GiveThreadCode(h.ctx, &th, code[:4]+" "+code[4:], visitor)
		h.must(err)
		if _, err := h.c.GiveThreadCode(h.ctx, &th, code, visitor); core.CodeOf(err) != "code.expired" {
			h.t.Errorf("a code works twice: %v", err)
		}
		th = h.thread(token, proof)
		if !th.Proven {
			h.t.Fatal("the browser is not known again")
		}
		h.must(say(th.Actor))
		if c := h.lastComment(); c.Text != "from the page" || c.Author != h.klara.ID || c.Via != "page" {
			h.t.Errorf("written: %+v", c)
		}
		karl := h.thread(h.threadToken(h.karl), proof)
		if karl.Proven {
			h.t.Error("the proof of one person serves another")
		}
		h.pass(31 * 24 * time.Hour)
		h.tell("much later", h.klara)
		h.letters()
		if h.thread(token, proof).Proven {
			h.t.Error("a proof never ends")
		}
	})
}

func TestALinkEndsWithTheRightAndAllItsProofs(t *testing.T) {
	for name, end := range map[string]func(h *house) error{
		"blocked everywhere": func(h *house) error {
			_, err := h.c.BlockPerson(h.ctx, h.as(h.owner), h.klara.ID)
			return err
		},
		"blocked in the project": func(h *house) error {
			_, err := h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
			return err
		},
		"taken off the task": func(h *house) error {
			return h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{h.karl.ID}})
		},
		"task in the bin": func(h *house) error {
			return h.store.InTx(h.ctx, func(tx core.Tx) error {
				return tx.SetBin(h.ctx, h.account.ID, core.Object{Kind: "task", ID: h.task.ID}, h.now, h.owner.ID)
			})
		},
		"another mailbox": func(h *house) error {
			return h.store.InTx(h.ctx, func(tx core.Tx) error {
				a := h.klara.Addresses[0]
				a.Norm, a.Given.Local = "new@client.test", "new"
				return tx.ReplaceAddress(h.ctx, &a)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(h *house) {
				token := h.threadToken(h.klara)
				th := h.thread(token)
				proof, err := h.c.GiveThreadCode(h.ctx, &th, h.asked(&th), visitor)
				h.must(err)
				before := h.thread(token, proof)
				h.must(end(h))
				if now := h.thread(token, proof); now.State != core.LinkEnded || now.Actor != nil || now.Proven {
					h.t.Errorf("the link is %+v", now)
				}
				if _, err := h.c.Comment(h.ctx, before.Actor, core.NewComment{Task: h.task.ID, Text: "a page left open"}); err == nil {
					h.t.Error("a page left open still writes")
				}
				if err := h.c.AskThreadCode(h.ctx, &before, visitor.IP); err == nil && h.code(h.klara) != "" {
					h.t.Error("a code is still mailed")
				}
				if strings.HasPrefix(name, "blocked") {
					_ = h.c.UnblockPerson(h.ctx, h.as(h.owner), h.klara.ID)
					_ = h.c.UnblockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
					if h.thread(token, proof).State != core.LinkEnded {
						h.t.Error("unblocking revives the link")
					}
					if again := h.thread(h.threadToken(h.klara), proof); again.State != core.LinkLive || again.Proven {
						h.t.Errorf("unblocking revives the proof: %+v", again)
					}
				}
			})
		})
	}
}

func TestACodeIsOfTenMinutesAndFiveTries(t *testing.T) {
	each(t, func(h *house) {
		th := h.thread(h.threadToken(h.klara))
		give := func(code string) string {
			_, err := h.c.GiveThreadCode(h.ctx, &th, code, visitor)
			return core.CodeOf(err)
		}
		if got := give("12345678"); got != "code.expired" {
			h.t.Errorf("before any was asked for: %s", got)
		}
		code := h.asked(&th)
		if again := h.asked(&th); again != "" {
			h.t.Errorf("asked twice within a minute, %q is mailed", again)
		}
		h.pass(2 * time.Minute)
		if again := h.asked(&th); again != code {
			h.t.Errorf("while a code works another is mailed: %q, %q", code, again)
		}
		h.pass(11 * time.Minute)
		if got := give(code); got != "code.expired" {
			h.t.Errorf("after its time: %s", got)
		}
		fresh := h.asked(&th)
		if fresh == "" || fresh == code {
			h.t.Errorf("then %q is mailed", fresh)
		}
		for range 5 {
			if got := give("00000000"); got != "code.wrong" {
				h.t.Errorf("wrong: %s", got)
			}
		}
		if got := give(fresh); got != "code.wrong_often" {
			h.t.Errorf("the right one after five wrong: %s", got)
		}
		h.pass(time.Hour)
		last := h.asked(&th) // the first of the day after a lock
		for range 6 {
			give("00000000")
		}
		h.pass(3 * time.Hour)
		if err := h.c.AskThreadCode(h.ctx, &th, visitor.IP); core.CodeOf(err) != "code.locked" {
			h.t.Errorf("locked a second time (%q), another is mailed: %v", last, err)
		}
		h.pass(24 * time.Hour)
		if h.asked(&th) == "" {
			h.t.Error("nothing is mailed on the next day")
		}
	})
}

func TestMoreCodesThanGenerationsAreMadeOfAnotherRow(t *testing.T) {
	each(t, func(h *house) {
		token := h.threadToken(h.klara)
		seen := map[string]bool{}
		for i := range 20 {
			th := h.thread(token)
			code := h.asked(&th)
			if seen[code] || code == "" {
				h.t.Fatalf("code %d is %q", i, code)
			}
			seen[code] = true
			_, err := h.c.GiveThreadCode(h.ctx, &th, code, visitor)
			h.must(err)
			h.pass(31 * time.Minute)
		}
	})
}

func TestAnExpiredLinkIsMailedAnewOnceADay(t *testing.T) {
	each(t, func(h *house) {
		token := h.threadToken(h.klara)
		if err := h.c.AskThreadAgain(h.ctx, token, visitor.IP); err != nil {
			h.t.Errorf("while it works there is nothing to ask for: %v", err)
		}
		h.pass(31 * 24 * time.Hour)
		if th := h.thread(token); th.State != core.LinkExpired || th.Actor != nil {
			h.t.Fatalf("after its time: %+v", th)
		}
		h.letters()
		h.must(h.c.AskThreadAgain(h.ctx, token, visitor.IP))
		sent, _ := h.letters()
		if l := sent["Klara"]; l.Link.Kind != core.ThreadLink || tokenOf(l) != token {
			h.t.Fatalf("mailed: %+v", l)
		}
		if h.thread(token).State != core.LinkLive {
			h.t.Error("the link does not work again")
		}
		h.lastLog("link.again")
		h.pass(31 * 24 * time.Hour)
		h.must(h.c.AskThreadAgain(h.ctx, token, visitor.IP))
		_, err := h.c.BlockPerson(h.ctx, h.as(h.owner), h.klara.ID)
		h.must(err)
		h.pass(31 * 24 * time.Hour)
		if err := h.c.AskThreadAgain(h.ctx, token, visitor.IP); core.CodeOf(err) != "link.ended" {
			h.t.Errorf("who is blocked gets a link: %v", err)
		}
	})
}
