package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// happened are the events of a link, the oldest first, with who did them.
func (h *house) happened(id core.ID) string {
	h.t.Helper()
	history, err := h.c.LinkHistory(h.ctx, h.as(h.owner), id)
	h.must(err)
	var list []string
	for _, e := range history.Events {
		word := e.Code
		if e.Reason != "" {
			word += ":" + e.Reason
		}
		if e.Actor != "" {
			word += " by " + history.People[e.Actor].Name
		}
		list = append([]string{word}, list...)
	}
	return strings.Join(list, ", ")
}

// Who had which link when, and what became of it (links.md, 6).
func TestWhatHappensToALinkIsWrittenDown(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		nora := h.invited("Nora", "nora@holzbau.test")
		l, err := h.c.LinksOfPerson(h.ctx, h.as(h.owner), nora.ID)
		h.must(err)
		id := l.Links[0].Link.ID
		owner, want := h.owner.Name, ""
		is := func(more string) {
			h.t.Helper()
			want = strings.TrimPrefix(want+", "+more, ", ")
			if got := h.happened(id); got != want {
				h.t.Errorf("happened %q, want %q", got, want)
			}
			h.pass(time.Minute)
		}
		is("created by " + owner)
		sent, _ := h.letters()
		is("mailed")
		h.pass(time.Hour)
		h.must(h.c.Invite(h.ctx, h.as(h.owner), nora.ID, true))
		is("raised by " + owner)
		fresh, _ := h.letters()
		is("mailed")
		_ = sent
		h.pass(40 * 24 * time.Hour)
		want += ", expired"
		if got := h.happened(id); got != want {
			h.t.Errorf("happened %q, want %q", got, want)
		}
		want = strings.TrimSuffix(want, ", expired")
		view, err := h.c.VisitLink(h.ctx, core.ActivationLink, tokenOf(fresh["Nora"]), "192.0.2.77")
		h.must(err)
		h.must(h.c.AskLinkAgain(h.ctx, core.ActivationLink, view.Pass, "192.0.2.77"))
		is("asked_again by Nora")
		h.letters()
		is("mailed")
		for range 2 { // the second time changes nothing
			_, err = h.c.RevokeLink(h.ctx, h.as(h.owner), id)
			h.must(err)
			h.pass(time.Second)
		}
		is("revoked:by_hand by " + owner)
		history, err := h.c.LinkHistory(h.ctx, h.as(h.owner), id)
		h.must(err)
		asked := history.Events[2]
		if asked.Code != core.LinkAskedAgain || asked.IP != "192.0.2.77" || asked.Network != "192.0.2.0/24" {
			h.t.Errorf("asked again: %+v", asked)
		}
		h.pass(core.VisitAddressLife)
		h.must(h.c.MaskVisits(h.ctx))
		if history, err = h.c.LinkHistory(h.ctx, h.as(h.owner), id); err != nil || history.Events[2].IP != "" || history.Events[2].Network != "192.0.2.0/24" {
			h.t.Errorf("later: %+v %v", history.Events[2], err)
		}
	})
}

// The link of a conversation knows the mails that brought it, and its code the tries.
func TestMailsOfAConversationAndCodesAreEventsOfTheirLinks(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		th, err := h.c.Thread(h.ctx, strings.Split(sent["Klara"].ThreadURL, "/t/")[1], "192.0.2.7")
		h.must(err)
		mails := strings.Count(h.happened(th.Link.ID), "mailed")
		if mails == 0 {
			h.t.Errorf("no mail brought it: %s", h.happened(th.Link.ID))
		}
		_, err = h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "One more", Tell: []core.ID{h.klara.ID}})
		h.must(err)
		h.letters()
		if got := strings.Count(h.happened(th.Link.ID), "mailed"); got != mails+1 {
			h.t.Errorf("%d mails, want %d: %s", got, mails+1, h.happened(th.Link.ID))
		}
		h.must(h.c.AskThreadCode(h.ctx, &th, "192.0.2.7"))
		sent, _ = h.letters()
		code := sent["Klara"].Code
		if code == "" {
			h.t.Fatal("no code")
		}
		var link core.Link
		h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) {
			link, _, err = tx.FindLinkOf(h.ctx, core.CodeLink, h.klara.ID, h.task.ID, "")
			return err
		}))
		wrong := []byte(code)
		wrong[0] = '0' + (wrong[0]-'0'+1)%10
		cr := core.Credentials{IP: "192.0.2.7", UserAgent: "Mozilla/5.0"}
		if _, err := h.c.GiveThreadCode(h.ctx, &th, string(wrong), cr); core.CodeOf(err) != "code.wrong" {
			h.t.Fatal(err)
		}
		h.pass(time.Second)
		_, err = h.c.GiveThreadCode(h.ctx, &th, code, cr)
		h.must(err)
		if got := h.happened(link.ID); !strings.Contains(got, "mailed, code_wrong, code_given by "+h.klara.Name) {
			h.t.Errorf("happened %q", got)
		}
	})
}
