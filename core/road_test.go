package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

func TestTheShownAuthorIsNeverAPersonWhoDidNotWrite(t *testing.T) {
	each(t, func(h *house) {
		to := h.replyTo(h.klara)
		senders := map[string]string{"owner of the address": "klara@client.test", "known guest": "karl@client.test", "unknown": "stranger@nowhere.test", "claims the owner's name": `"Klara" <evil@nowhere.test>`}
		for who, from := range senders {
			for _, outcome := range []auth.Outcome{auth.Pass, auth.Fail, auth.None, auth.Temporary} {
				before := len(h.comments())
				r := h.one(h.letter(from, who+" "+string(outcome)), outcome, to)
				posted := who == "owner of the address" && outcome != auth.Fail
				if (r.Disposition == core.Posted) != posted || !posted && r.Disposition != core.Held {
					h.t.Errorf("%s, %s: %s (%s)", who, outcome, r.Disposition, r.Reason)
				}
				if !posted {
					if len(h.comments()) != before {
						h.t.Errorf("%s, %s: a comment was made", who, outcome)
					}
					continue
				}
				if cm := h.lastComment(); cm.Author != h.klara.ID || cm.Verified != string(outcome) {
					h.t.Errorf("%s, %s: shown as %s, %s", who, outcome, cm.AuthorPerson.Name, cm.Verified)
				}
			}
		}
	})
}

func TestAReplyTellsThoseInsideAndColleaguesOnly(t *testing.T) {
	each(t, func(h *house) {
		h.letters() // the new task's
		h.one(h.letter("klara@client.test", "blue please"), auth.Pass, h.replyTo(h.klara))
		cm := h.lastComment()
		if cm.Text != "blue please" || cm.Via != "mail" || cm.Receipt == "" {
			h.t.Errorf("comment %+v", cm)
		}
		sent, _ := h.letters()
		if names := keys(sent); !slices.Equal(names, []string{"Karl"}) {
			h.t.Errorf("at once: %v", names)
		}
		h.pass(2 * time.Minute)
		sent, _ = h.letters()
		if names := keys(sent); !slices.Equal(names, []string{"Eve", "Olga"}) {
			h.t.Errorf("after quiet: %v", names)
		}
		if h.pass(time.Hour); len(first(h.letters())) != 0 {
			h.t.Error("somebody is told twice")
		}
	})
}

func first(m map[string]core.Letter, _ map[string]string) map[string]core.Letter { return m }

func keys[V any](m map[string]V) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	slices.Sort(list)
	return list
}

func TestStaffAnswerTheOutsidersOfTheLastExchange(t *testing.T) {
	each(t, func(h *house) {
		h.one(h.letter("sub@other.test", "I need the measures"), auth.Pass, h.replyTo(h.sub))
		h.letters()
		h.one(h.letter("eve@holzbau.test", "120 by 200"), auth.Pass, h.replyTo(h.eve))
		cm := h.lastComment()
		if !cm.Told(h.sub.ID) || cm.Told(h.klara.ID) || cm.Told(h.karl.ID) || cm.Hidden {
			h.t.Errorf("told %v", cm.Recipients)
		}
	})
}

func TestAHiddenCommentNeverLeavesTheHouse(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "they pay late", Hidden: true, Tell: []core.ID{h.klara.ID, h.eve.ID}})
		h.must(err)
		sent, _ := h.letters()
		if names := keys(sent); !slices.Equal(names, []string{"Eve"}) {
			h.t.Fatalf("told: %v", names)
		}
		l := sent["Eve"]
		if l.Delivery.Scope != core.ScopeInternal {
			h.t.Errorf("scope %s", l.Delivery.Scope)
		}
		// The answer to an internal notice stays internal, whoever is on the task.
		h.one(h.letter("eve@holzbau.test", "I know"), auth.Pass, l.ReplyTo.Mailbox())
		if cm := h.lastComment(); !cm.Hidden || cm.Told(h.klara.ID) {
			h.t.Errorf("the answer: hidden %v, told %v", cm.Hidden, cm.Recipients)
		}
		if l.ReplyTo.Mailbox() == h.replyTo(h.eve) {
			h.t.Error("internal and external answers have one address")
		}
	})
}

func TestTheSameMessageByTwoRoadsIsOneComment(t *testing.T) {
	each(t, func(h *house) {
		raw, to := h.letter("klara@client.test", "only once"), h.replyTo(h.klara)
		h.one(raw, auth.Pass, to)
		if r := h.one("Received: from elsewhere by gw\n"+raw, auth.Pass, to); r.Disposition != core.Duplicate {
			h.t.Errorf("the second copy: %s", r.Disposition)
		}
		n := 0
		for _, cm := range h.comments() {
			if cm.Text == "only once" {
				n++
			}
		}
		if n != 1 {
			h.t.Errorf("%d comments", n)
		}
		items, err := h.c.Messages(h.ctx, h.as(h.owner), core.MessageFilter{})
		h.must(err)
		if len(items) != 1 || items[0].Receipt.Again != 1 {
			h.t.Errorf("recorder: %+v", items)
		}
		// Same id, other content: both are kept, and it is said.
		other := strings.Replace(raw, "only once", "something else", 1)
		if r := h.one(other, auth.Pass, to); r.Disposition != core.Posted {
			h.t.Errorf("other content with the same id: %s", r.Disposition)
		}
		items, err = h.c.Messages(h.ctx, h.as(h.owner), core.MessageFilter{})
		h.must(err)
		for i, want := range []bool{true, false} {
			v, err := h.c.Message(h.ctx, h.as(h.owner), items[i].Receipt.ID)
			h.must(err)
			if v.SameID != want {
				h.t.Errorf("message %d: a Message-ID used before: %v", i, v.SameID)
			}
		}
	})
}

func TestAMailSplitByItsSenderReachesBothTasks(t *testing.T) {
	each(t, func(h *house) {
		other, err := h.c.CreateTask(h.ctx, h.as(h.owner), core.NewTask{Title: "Window", Project: h.project.ID, Participants: []core.ID{h.klara.ID}})
		h.must(err)
		a, err := h.c.ReplyAddress(h.ctx, h.account.ID, h.klara.ID, other.ID)
		h.must(err)
		raw := h.letter("klara@client.test", "for both of you")
		first, second := h.one(raw, auth.Pass, h.replyTo(h.klara)), h.one(raw, auth.Pass, a.Mailbox())
		if first.Disposition != core.Posted || second.Disposition != core.Posted || second.Message != first.Message || second.Task != other.ID {
			h.t.Errorf("first %+v\nsecond %+v", first, second)
		}
		for _, to := range []string{h.replyTo(h.klara), a.Mailbox()} {
			if r := h.one(raw, auth.Pass, to); r.Disposition != core.Duplicate {
				h.t.Errorf("a third time: %s", r.Disposition)
			}
		}
		// Together in one transaction, new and known recipients each get what is right.
		third := h.replyTo(h.karl)
		rs, err := h.mailTo(raw, auth.Pass, a.Mailbox(), third)
		h.must(err)
		if len(rs) != 2 || rs[0].Disposition != core.Duplicate || rs[1].Disposition != core.Held || rs[1].Reason != "token.other" {
			h.t.Errorf("mixed: %+v", rs)
		}
	})
}

func TestEverythingThatWasCutCanBeReadAgain(t *testing.T) {
	each(t, func(h *house) {
		quote := strings.Repeat("> a long quoted line of ours, with Umläuten\n", 400)
		h.one(h.letter("klara@client.test", "fine\n\nOn Mon, 2 Mar 2026 at 09:00, Olga <olga@holzbau.test> wrote:\n"+quote), auth.Pass, h.replyTo(h.klara))
		cm := h.lastComment()
		if cm.Text != "fine" || len(cm.Cuts) == 0 {
			h.t.Fatalf("comment %+v", cm)
		}
		left := 0
		for _, c := range cm.Cuts {
			left += c.Left
		}
		if left == 0 {
			h.t.Error("the page's rows hold the whole of a long cut")
		}
		v, err := h.c.Message(h.ctx, h.as(h.owner), cm.Receipt)
		h.must(err)
		all := ""
		for _, c := range v.Message.Cuts {
			all += c.Text
		}
		if n := strings.Count(all, "with Umläuten"); n != 400 {
			h.t.Errorf("%d of 400 lines on the message's page", n)
		}
	})
}

func TestAutomaticMailIsNeverAComment(t *testing.T) {
	each(t, func(h *house) {
		to := h.replyTo(h.klara)
		cases := map[string]core.Disposition{
			"Auto-Submitted: auto-replied\n":        core.Recorded,
			"List-Id: <x.test>\nPrecedence: list\n": core.Held,
		}
		for header, want := range cases {
			if r := h.one(header+h.letter("klara@client.test", "I am away"), auth.Pass, to); r.Disposition != want {
				h.t.Errorf("%q: %s (%s)", header, r.Disposition, r.Reason)
			}
		}
		h.pass(time.Hour)
		sent, _ := h.letters()
		own := sent["Eve"].MessageID
		loop := strings.Replace(h.letter("klara@client.test", "back again"), "Message-ID: <", "X-Other: <", 1)
		if r := h.one("Message-ID: <"+own+">\n"+loop, auth.Pass, to); r.Disposition != core.Ignored || r.Reason != "loop" {
			h.t.Errorf("our own mail coming back: %s (%s)", r.Disposition, r.Reason)
		}
		if len(h.comments()) != 0 {
			h.t.Errorf("comments: %+v", h.comments())
		}
	})
}

func TestEveryMessageEndsWithAReason(t *testing.T) {
	each(t, func(h *house) {
		to := h.replyTo(h.klara)
		cases := []struct {
			raw    string
			want   core.Disposition
			reason string
		}{
			{"Subject: no from\nMessage-ID: <a@t>\n\nhello\n", core.Held, "from.missing"},
			{"From: klara@client.test, evil@x.test\nMessage-ID: <b@t>\n\nhello\n", core.Held, "from.several"},
			{"From: klara@client.test\nMessage-ID: <c@t>\n\nOn Mon, 2 Mar 2026 at 09:00, Olga <olga@holzbau.test> wrote:\n> only a quote\n> of ours\n", core.Recorded, "reply.empty"},
		}
		for _, c := range cases {
			if r := h.one(c.raw, auth.None, to); r.Disposition != c.want || r.Reason != c.reason {
				h.t.Errorf("%q: %s (%s)", c.raw, r.Disposition, r.Reason)
			}
		}
	})
}

func TestMailToAProjectBecomesATaskOfItsCaretaker(t *testing.T) {
	each(t, func(h *house) {
		to := h.project.Inbound + "@" + domain
		h.letters()
		r := h.one("From: Bob <bob@new.test>\nSubject: Re: Fwd: Broken window\nMessage-ID: <w@t>\n\nPlease come.\n", auth.Pass, to)
		if r.Disposition != core.Created {
			h.t.Fatalf("%s (%s)", r.Disposition, r.Reason)
		}
		tasks, err := h.c.Tasks(h.ctx, h.as(h.owner), core.TaskFilter{})
		h.must(err)
		v, err := h.c.Task(h.ctx, h.as(h.owner), tasks[0].Number, "")
		h.must(err)
		if v.Task.Title != "Broken window" || len(v.Comments) != 1 || v.Comments[0].Text != "Please come." || v.Comments[0].AuthorPerson.Name != "Bob" || v.Comments[0].AuthorPerson.Kind != core.AddressKind {
			h.t.Errorf("task %+v", v)
		}
		if got := v.Task.Of(core.Assignee); !slices.Equal(got, []core.ID{h.eve.ID}) {
			h.t.Errorf("assignee %v", got)
		}
		if sent, _ := h.letters(); sent["Eve"].Event != core.TaskAssigned {
			h.t.Errorf("told: %v", keys(sent))
		}
		// Orders in the name of somebody inside need proof.
		if r := h.one("From: olga@holzbau.test\nSubject: pay\nMessage-ID: <x@t>\n\nnow\n", auth.None, to); r.Disposition != core.Held || r.Reason != "auth.staff" {
			h.t.Errorf("unproven staff: %s (%s)", r.Disposition, r.Reason)
		}
	})
}

func TestAddressesThatLeadNowhereAreRefusedInTheSession(t *testing.T) {
	each(t, func(h *house) {
		for address, want := range map[string]string{
			"nobody@" + domain: "unknown",
			"r-" + strings.Repeat("a", 45) + "@" + domain: "unknown",
			h.project.Inbound + "x@" + domain:             "unknown",
			"someone@elsewhere.test":                      "relay",
		} {
			if got := h.refusal(address); got != want {
				h.t.Errorf("%s: %q, want %q", address, got, want)
			}
		}
		if got := h.refusal(strings.ToUpper(h.project.Inbound) + "@" + strings.ToUpper(domain)); got != "" {
			h.t.Errorf("a project's address in capitals: %q", got)
		}
	})
}

func TestOurOwnTokensNeverRestInWhatIsKept(t *testing.T) {
	each(t, func(h *house) {
		to := h.replyTo(h.klara)
		h.one(h.letter("klara@client.test", "answer me at "+to), auth.Pass, to)
		if cm := h.lastComment(); strings.Contains(cm.Text, to[:20]) {
			h.t.Errorf("the comment shows the address: %q", cm.Text)
		}
		items, err := h.c.Messages(h.ctx, h.as(h.owner), core.MessageFilter{})
		h.must(err)
		src, err := h.c.MessageSource(h.ctx, h.as(h.owner), items[0].Receipt.ID)
		h.must(err)
		if strings.Contains(string(src), to[:20]) || !strings.Contains(string(src), "answer me at") {
			h.t.Errorf("source: %s", src)
		}
	})
}

func TestAnAnswerFromInsideGoesToThoseOfTheMailAnswered(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.one(h.letter("klara@client.test", "what does it cost?"), auth.Pass, h.replyTo(h.klara))
		h.pass(time.Hour)
		sent, _ := h.letters()
		// Meanwhile another firm writes; its comment must not draw the answer to the client's.
		h.one(h.letter("sub@other.test", "I am late"), auth.Pass, h.replyTo(h.sub))
		answer := "In-Reply-To: <" + sent["Eve"].MessageID + ">\n" + h.letter("eve@holzbau.test", "4000, keep it to yourselves")
		h.one(answer, auth.Pass, h.replyTo(h.eve))
		if cm := h.lastComment(); !cm.Told(h.klara.ID) || cm.Told(h.sub.ID) {
			h.t.Errorf("told %v, not only klara %s", cm.Recipients, h.klara.ID)
		}
		// A comment that was told to nobody outside is answered to nobody outside.
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "is that enough?", Tell: []core.ID{h.eve.ID}})
		h.must(err)
		sent, _ = h.letters()
		h.one("In-Reply-To: <"+sent["Eve"].MessageID+">\n"+h.letter("eve@holzbau.test", "we lose money"), auth.Pass, h.replyTo(h.eve))
		if cm := h.lastComment(); cm.Told(h.klara.ID) || cm.Told(h.karl.ID) || cm.Told(h.sub.ID) {
			h.t.Errorf("told %v", cm.Recipients)
		}
	})
}

func TestWhatCameToAnInternalAddressStaysHiddenWhenReleased(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "they pay late", Hidden: true, Tell: []core.ID{h.eve.ID}})
		h.must(err)
		sent, _ := h.letters()
		r := h.one(h.letter("eve@private.test", "from my own address"), auth.Pass, sent["Eve"].ReplyTo.Mailbox())
		if r.Disposition != core.Held {
			h.t.Fatalf("%s", r.Disposition)
		}
		if _, err := h.c.Release(h.ctx, h.as(h.owner), r.ID, core.Release{}); err != nil {
			h.t.Fatal(err)
		}
		if cm := h.lastComment(); !cm.Hidden || cm.Text != "from my own address" {
			h.t.Errorf("released: hidden %v, %q", cm.Hidden, cm.Text)
		}
		if _, err := h.c.Release(h.ctx, h.as(h.owner), r.ID, core.Release{}); core.CodeOf(err) != "held.decided" {
			h.t.Errorf("released twice: %v", err)
		}
	})
}

func TestAHeldCopyKeepsItsWordsWhateverTheOthersBecame(t *testing.T) {
	each(t, func(h *house) {
		project := h.project.Inbound + "@" + domain
		// One mail: held for one task, and a task of its own in the project.
		rs, err := h.mailTo(h.letter("bob@new.test", "the same words"), auth.Pass, h.replyTo(h.klara), project)
		h.must(err)
		if rs[0].Disposition != core.Held || rs[1].Disposition != core.Created {
			h.t.Fatalf("%s, %s", rs[0].Disposition, rs[1].Disposition)
		}
		if cm, err := h.c.Release(h.ctx, h.as(h.owner), rs[0].ID, core.Release{}); err != nil || cm.Text != "the same words" {
			h.t.Errorf("released: %q, %v", cm.Text, err)
		}
		// It became a comment first, and came again for somebody else's address.
		raw := h.letter("klara@client.test", "for me alone")
		h.one(raw, auth.Pass, h.replyTo(h.klara))
		held := h.one(raw, auth.Pass, h.replyTo(h.karl))
		if held.Disposition != core.Held {
			h.t.Fatalf("%s", held.Disposition)
		}
		if cm, err := h.c.Release(h.ctx, h.as(h.owner), held.ID, core.Release{}); err != nil || cm.Text != "for me alone" {
			h.t.Errorf("released: %q, %v", cm.Text, err)
		}
	})
}
