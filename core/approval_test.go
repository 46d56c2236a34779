package core_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

var typist = core.Credentials{IP: "192.0.2.1", UserAgent: "Firefox"}

// underReview is an index in review about which people were asked; the letters are by name.
func (h *house) underReview(index, rule string, people ...core.Person) (core.Plan, core.Version, map[string]core.Letter) {
	h.t.Helper()
	h.now = time.Now().UTC() // that of the database
	h.pass(2 * time.Minute)
	h.letters() // of what was before
	var ids []core.ID
	for _, p := range people {
		if !p.Staff() {
			h.must(h.c.SetAccess(h.ctx, h.as(h.owner), p.ID, core.BasicAccess))
		}
		h.in(p, "Engineer", func(m *core.Participant) { m.Approves = true })
		ids = append(ids, p.ID)
	}
	h.in(h.eve, "Architect")
	p, _ := h.plan(h.eve, "A-1"+index, func(n *core.NewPlan) {
		yes := true
		n.Index, n.Approval, n.Approvers, n.Rule, n.NewVersion.NewApproval.Message = index, &yes, ids, rule, "By Friday, please"
	})
	page, err := h.c.PlanPage(h.ctx, h.as(h.owner), p.ID)
	h.must(err)
	h.pass(2 * time.Minute)
	sent, _ := h.letters()
	return p, page.Versions[0].Version, sent
}

func (h *house) reviewOf(p core.Plan) (core.VersionState, core.ApprovalView) {
	h.t.Helper()
	page, err := h.c.PlanPage(h.ctx, h.as(h.owner), p.ID)
	h.must(err)
	return page.Versions[0].State, page.Versions[0].Asked
}

func TestAP7SomebodyWithoutALoginDecidesWithTheCodeOfTheMail(t *testing.T) {
	each(t, func(h *house) {
		p, _, sent := h.underReview("C", core.ApproveAll, h.klara)
		l := sent["Klara"]
		if l.Delivery.Kind != core.ApprovalLetter || !strings.HasPrefix(l.Code, "C-") || !strings.Contains(l.LinkURL, "/a/") {
			h.t.Fatalf("the mail is %q with code %q and leads to %q", l.Delivery.Kind, l.Code, l.LinkURL)
		}
		pass := h.opened(core.ApprovalLink, l)
		q, err := h.c.VisitApproval(h.ctx, pass, "192.0.2.1")
		h.must(err)
		if !q.Open || len(q.Files) != 1 || q.Plan.ID != p.ID {
			h.t.Errorf("the page shows %+v", q)
		}
		approve := core.Decision{Deed: core.Approve}
		for typed, want := range map[string]string{"": "approval.code_missing", "C-": "approval.code", "D-" + l.Code[2:]: "approval.code_index", "C-4": "approval.code"} {
			if err := h.c.DecideByLink(h.ctx, pass, typed, approve, typist); core.CodeOf(err) != want {
				h.t.Errorf("%q: %v, want %s", typed, err, want)
			}
		}
		if state, _ := h.reviewOf(p); state != core.InReview {
			h.t.Fatalf("without the code the index is %s", state)
		}
		h.must(h.c.DecideByLink(h.ctx, pass, " с "+l.Code[2:], approve, typist)) // a Cyrillic letter, and a space for the dash
		state, view := h.reviewOf(p)
		if state != core.Current || view.State != core.ApprovalApproved || view.Approvers[0].Assurance != "code" {
			h.t.Errorf("the index is %s, the request %+v", state, view)
		}
		if err := h.c.DecideByLink(h.ctx, pass, l.Code, core.Decision{Deed: core.Correct, Words: "No"}, typist); core.CodeOf(err) != "approval.decided" {
			h.t.Errorf("decided twice: %v", err)
		}
		if q, err = h.c.VisitApproval(h.ctx, pass, "192.0.2.1"); err != nil || q.Open || len(q.Files) != 0 || q.Mine.State != core.ApprovalApproved {
			h.t.Errorf("after the decision: %+v, %v", q, err)
		}
	})
}

func TestAP7FiveWrongCodesMailAnotherLinkOnceADay(t *testing.T) {
	each(t, func(h *house) {
		p, _, sent := h.underReview("C", core.ApproveAll, h.klara)
		first := sent["Klara"]
		pass := h.opened(core.ApprovalLink, first)
		wrong := func(pass, code string) string {
			return core.CodeOf(h.c.DecideByLink(h.ctx, pass, code, core.Decision{Deed: core.Approve}, typist))
		}
		for range 5 {
			if got := wrong(pass, "C-000"); got != "approval.code" {
				h.t.Fatalf("a wrong code: %s", got)
			}
		}
		if got := wrong(pass, first.Code); got != "approval.code_new" {
			h.t.Errorf("the right code after five wrong ones: %s", got)
		}
		sent, _ = h.letters()
		again := sent["Klara"]
		if again.Approval.Why != "code" || again.Code == "" || again.LinkURL == first.LinkURL {
			h.t.Fatalf("the new mail: %+v", again.Approval)
		}
		if v, err := h.c.VisitLink(h.ctx, core.ApprovalLink, tokenOf(first), "192.0.2.1"); err != nil || v.State != core.LinkEnded {
			h.t.Errorf("the old link: %s, %v", v.State, err)
		}
		pass = h.opened(core.ApprovalLink, again)
		for range 5 {
			wrong(pass, "C-000")
		}
		if got := wrong(pass, again.Code); got != "approval.code_locked" {
			h.t.Errorf("locked twice in a day: %s", got)
		}
		if state, _ := h.reviewOf(p); state != core.InReview {
			h.t.Errorf("the index is %s", state)
		}
	})
}

func TestAP8ACorrectionBringsFilesAndNeedsWordsOrOne(t *testing.T) {
	each(t, func(h *house) {
		p, _, sent := h.underReview("C", core.ApproveAny, h.klara, h.karl)
		l := sent["Klara"]
		pass := h.opened(core.ApprovalLink, l)
		if err := h.c.DecideByLink(h.ctx, pass, l.Code, core.Decision{Deed: core.Correct, Words: " "}, typist); core.CodeOf(err) != "approval.empty" {
			h.t.Errorf("an empty correction: %v", err)
		}
		h.must(h.c.DecideByLink(h.ctx, pass, l.Code, core.Decision{Deed: core.Correct, Files: []core.Upload{{Name: "../red.png", Type: "image/png", Content: strings.NewReader("red lines")}}}, typist))
		state, view := h.reviewOf(p)
		if state != core.InReview || view.State != core.ApprovalCorrection {
			h.t.Fatalf("the index is %s, the request %s", state, view.State)
		}
		i := slices.IndexFunc(view.Approvers, func(r core.ApproverView) bool { return r.Person == h.klara.ID })
		if len(view.Approvers[i].Files) != 1 || view.Approvers[i].Files[0].Name != "red.png" {
			h.t.Errorf("files: %+v", view.Approvers[i].Files)
		}
		told, _ := h.letters()
		if eve := told["Eve"]; len(eve.Delivery.Params) < 2 || eve.Delivery.Params[1] != "plan.corrected" {
			h.t.Errorf("the author is told %v", eve.Delivery.Params)
		}
		// Nobody else is asked any more, and the same index can be asked for anew.
		if q, err := h.c.VisitApproval(h.ctx, h.opened(core.ApprovalLink, sent["Karl"]), "192.0.2.1"); err != nil || q.Open {
			h.t.Errorf("Karl is still asked: %v", err)
		}
		_, err := h.c.AskApproval(h.ctx, h.as(h.eve), view.Version, core.NewApproval{Approvers: []core.ID{h.karl.ID}})
		h.must(err)
		if _, view = h.reviewOf(p); view.State != core.ApprovalWaiting || len(view.Approvers) != 1 {
			h.t.Errorf("asked anew: %+v", view)
		}
	})
}

func TestAP10WhoMayNotApproveAnyMoreHasNoLink(t *testing.T) {
	each(t, func(h *house) {
		p, _, sent := h.underReview("C", core.ApproveAll, h.klara, h.karl)
		h.must(h.c.DecideByLink(h.ctx, h.opened(core.ApprovalLink, sent["Karl"]), sent["Karl"].Code, core.Decision{Deed: core.Approve}, typist))
		pass := h.opened(core.ApprovalLink, sent["Klara"])
		no := false
		for _, who := range []core.Person{h.klara, h.karl} {
			h.must(h.c.EditPlace(h.ctx, h.as(h.owner), h.project.ID, who.ID, core.PlaceEdit{Approves: &no}))
		}
		if err := h.c.DecideByLink(h.ctx, pass, sent["Klara"].Code, core.Decision{Deed: core.Approve}, typist); core.CodeOf(err) != "link.ended" {
			h.t.Errorf("she decides: %v", err)
		}
		_, view := h.reviewOf(p)
		i := slices.IndexFunc(view.Approvers, func(r core.ApproverView) bool { return r.Person == h.karl.ID })
		if view.Approvers[i].State != core.ApprovalApproved {
			h.t.Errorf("what he decided became %s", view.Approvers[i].State)
		}
	})
}

func TestB1ABlockEndsTheLinkOfARequest(t *testing.T) {
	each(t, func(h *house) {
		_, _, sent := h.underReview("C", core.ApproveAll, h.klara)
		pass := h.opened(core.ApprovalLink, sent["Klara"])
		_, err := h.c.BlockParticipant(h.ctx, h.as(h.owner), h.project.ID, h.klara.ID)
		h.must(err)
		if err := h.c.DecideByLink(h.ctx, pass, sent["Klara"].Code, core.Decision{Deed: core.Approve}, typist); core.CodeOf(err) != "link.ended" {
			h.t.Errorf("blocked, she decides: %v", err)
		}
	})
}

func TestAP6RemindersLeaveOnTheSecondFifthAndTenthDay(t *testing.T) {
	each(t, func(h *house) {
		h.underReview("C", core.ApproveAll, h.klara)
		var days []int
		for day := 1; day <= 14; day++ {
			h.pass(24 * time.Hour)
			for range 2 { // a duty runs more often than there is something to do
				h.must(h.c.RemindApprovers(h.ctx))
				if sent, _ := h.letters(); sent["Klara"].Delivery.Kind == core.ApprovalLetter {
					days = append(days, day)
				}
			}
		}
		if !slices.Equal(days, []int{2, 5, 10}) {
			h.t.Errorf("reminded on days %v", days)
		}
	})
}

func TestAP6WhoAskedHearsOfAMailThatCameBack(t *testing.T) {
	each(t, func(h *house) {
		p, _, sent := h.underReview("C", core.ApproveAll, h.klara)
		d := sent["Klara"].Delivery
		_, err := h.mailTo("From: MAILER-DAEMON@out.test\nTo: x\nSubject: failure\nMIME-Version: 1.0\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; out.test\n\nFinal-Recipient: rfc822; klara@client.test\nAction: failed\nStatus: 5.1.1\n\n--b--\n",
			auth.None, sent["Klara"].ReversePath.Mailbox())
		h.must(err)
		h.must(h.c.NoteUndelivered(h.ctx))
		_, view := h.reviewOf(p)
		if view.Approvers[0].State != core.NotDelivered || view.Approvers[0].Mail != "bounced" || view.Approvers[0].Delivery != d.ID {
			h.t.Errorf("the approver: %+v", view.Approvers[0])
		}
		told, _ := h.letters()
		if eve := told["Eve"]; len(eve.Delivery.Params) < 2 || eve.Delivery.Params[1] != "plan.undelivered" {
			h.t.Fatalf("who asked is told %v", eve.Delivery.Params)
		}
		h.must(h.c.NoteUndelivered(h.ctx))
		if told, _ = h.letters(); len(told) != 0 {
			h.t.Error("it is told twice")
		}
		// Reminded by hand, she is asked once more.
		if _, n, err := h.c.RemindApproval(h.ctx, h.as(h.eve), view.ID); err != nil || n != 1 {
			h.t.Errorf("reminded: %d, %v", n, err)
		}
		if _, _, err := h.c.RemindApproval(h.ctx, h.as(h.eve), view.ID); core.CodeOf(err) != "approval.reminded" {
			h.t.Errorf("twice at once: %v", err)
		}
		if _, view = h.reviewOf(p); view.Approvers[0].State != core.ApprovalWaiting {
			h.t.Errorf("reminded, the approver is %s", view.Approvers[0].State)
		}
	})
}

func TestAP4ASubstituteDecidesForWhoWasChosen(t *testing.T) {
	each(t, func(h *house) {
		max := h.employee("Max")
		h.must(h.c.SetAccess(h.ctx, h.as(h.owner), h.sub.ID, core.BasicAccess))
		h.in(h.sub, "Engineer", func(m *core.Participant) { m.Approves = true })
		p, _, _ := h.underReview("C", core.ApproveAll, max, h.klara)
		_, view := h.reviewOf(p)
		if _, err := h.c.SubstituteApprover(h.ctx, h.as(h.owner), view.ID, h.sub.ID); core.KindOf(err) == 0 {
			h.t.Error("who was not asked hands it on")
		}
		if _, err := h.c.SubstituteApprover(h.ctx, h.as(max), view.ID, h.eve.ID); core.CodeOf(err) != "approval.substitute" {
			h.t.Errorf("the author decides: %v", err)
		}
		_, err := h.c.SubstituteApprover(h.ctx, h.as(max), view.ID, h.sub.ID)
		h.must(err)
		h.pass(2 * time.Minute)
		sent, _ := h.letters()
		if sent["Sub"].Approval.For.ID != max.ID {
			h.t.Fatalf("the substitute's mail: %+v", sent["Sub"].Approval)
		}
		h.must(h.c.DecideByLink(h.ctx, h.opened(core.ApprovalLink, sent["Sub"]), sent["Sub"].Code, core.Decision{Deed: core.Approve}, typist))
		if state, _ := h.reviewOf(p); state != core.InReview {
			h.t.Errorf("with Klara outstanding the index is %s", state)
		}
		h.pass(49 * time.Hour)
		h.must(h.c.RemindApprovers(h.ctx))
		if sent, _ = h.letters(); sent["Max"].Delivery.Kind == core.ApprovalLetter {
			h.t.Error("Max is reminded of what was decided for him")
		}
		l := sent["Klara"]
		h.must(h.c.DecideByLink(h.ctx, h.opened(core.ApprovalLink, l), l.Code, core.Decision{Deed: core.Approve}, typist))
		if state, _ := h.reviewOf(p); state != core.Current {
			h.t.Errorf("with all of them the index is %s", state)
		}
	})
}

func TestAP4TheDeputyOfWhoIsAwayIsAskedToo(t *testing.T) {
	each(t, func(h *house) {
		max, ann := h.employee("Max"), h.employee("Ann")
		h.in(ann, "", func(m *core.Participant) { m.Approves = true })
		h.now = time.Now().UTC()
		h.must(h.c.SetDeputy(h.ctx, h.as(h.owner), max.ID, core.Absence{Deputy: ann.ID, From: h.day(0), Until: h.day(5)}))
		p, _, sent := h.underReview("C", core.ApproveAll, max)
		if sent["Ann"].Approval.For.ID != max.ID || sent["Max"].Delivery.Kind != core.ApprovalLetter {
			h.t.Errorf("asked: %v", sent)
		}
		_, view := h.reviewOf(p)
		_, err := h.c.Decide(h.ctx, h.as(ann), view.ID, core.Decision{Deed: core.Approve})
		h.must(err)
		if state, _ := h.reviewOf(p); state != core.Current {
			h.t.Errorf("the index is %s", state)
		}
	})
}

func TestAP7AWithdrawnRequestAsksNobody(t *testing.T) {
	each(t, func(h *house) {
		p, _, sent := h.underReview("C", core.ApproveAll, h.klara)
		_, view := h.reviewOf(p)
		if _, err := h.c.WithdrawApproval(h.ctx, h.as(h.employee("Ann")), view.ID); core.KindOf(err) == 0 {
			h.t.Error("somebody else takes it back")
		}
		_, err := h.c.WithdrawApproval(h.ctx, h.as(h.eve), view.ID)
		h.must(err)
		if err := h.c.DecideByLink(h.ctx, h.opened(core.ApprovalLink, sent["Klara"]), sent["Klara"].Code, core.Decision{Deed: core.Approve}, typist); core.CodeOf(err) != "approval.ended" {
			h.t.Errorf("she decides: %v", err)
		}
		if state, view := h.reviewOf(p); state != core.InReview || view.State != core.ApprovalWithdrawn {
			h.t.Errorf("the index is %s, the request %s", state, view.State)
		}
	})
}

func TestAP7AnAnswerWithTheCodeDecidesWhereTheProjectAllowsIt(t *testing.T) {
	each(t, func(h *house) {
		allow := func(on bool) {
			_, err := h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{ReplyApproves: &on})
			h.must(err)
		}
		for i, c := range []struct {
			allowed bool
			outcome auth.Outcome
			words   string // CODE is replaced
			reason  string
			state   core.ApprovalState
		}{
			{true, auth.Pass, "OK CODE", "approval.approve", core.ApprovalApproved},
			{true, auth.Pass, "Ok, CODE.\n\nFine work", "approval.approve", core.ApprovalApproved},
			{true, auth.Pass, "CODE freigegeben!", "approval.approve", core.ApprovalApproved},
			{true, auth.Pass, "code d’accord", "approval.approve", core.ApprovalApproved},
			{true, auth.Pass, "Одобрено: CODE", "approval.approve", core.ApprovalApproved},
			{true, auth.Pass, "CODE the door is too narrow", "approval.correct", core.ApprovalCorrection},
			{true, auth.Pass, "OK CODE but the door is too narrow", "approval.correct", core.ApprovalCorrection},
			{true, auth.Pass, "Not OK CODE", "approval.correct", core.ApprovalCorrection},
			{true, auth.Pass, "OK", "approval.remark", core.ApprovalWaiting},
			{true, auth.Pass, "CODE", "approval.remark", core.ApprovalWaiting},
			{true, auth.Pass, "When do you need it?", "approval.remark", core.ApprovalWaiting},
			{true, auth.None, "OK CODE", "approval.remark", core.ApprovalWaiting},
			{false, auth.Pass, "OK CODE", "approval.remark", core.ApprovalWaiting},
		} {
			allow(c.allowed)
			p, _, sent := h.underReview(string(rune('A'+i)), core.ApproveAll, h.klara)
			l := sent["Klara"]
			words := strings.ReplaceAll(strings.ReplaceAll(c.words, "CODE", l.Code), "code ", strings.ToLower(l.Code)+" ")
			if l.Approval.ByReply != c.allowed || l.ReplyTo.Local == "" {
				h.t.Errorf("the mail says %v", l.Approval.ByReply)
			}
			r := h.one(h.letter("klara@client.test", words), c.outcome, l.ReplyTo.Mailbox())
			if r.Disposition != core.Posted || r.Reason != c.reason {
				h.t.Errorf("%q: %s %s, want %s", c.words, r.Disposition, r.Reason, c.reason)
			}
			_, view := h.reviewOf(p)
			if view.State != c.state {
				h.t.Errorf("%q: the request is %s, want %s", c.words, view.State, c.state)
			}
			told, _ := h.letters()
			if remark := c.reason == "approval.remark"; remark != (told["Klara"].Approval.Why == "remark") || remark && told["Eve"].Delivery.Params[1] != "plan.remark" {
				h.t.Errorf("%q: told %v, %v", c.words, told["Klara"].Approval.Why, told["Eve"].Delivery.Params)
			}
		}
	})
}

func TestAP7OnlyWhoWasAskedAnswers(t *testing.T) {
	each(t, func(h *house) {
		on := true
		_, err := h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{ReplyApproves: &on})
		h.must(err)
		p, _, sent := h.underReview("C", core.ApproveAll, h.klara)
		l := sent["Klara"]
		if r := h.one(h.letter("karl@client.test", "OK "+l.Code), auth.Pass, l.ReplyTo.Mailbox()); r.Disposition != core.Held || r.Reason != "token.other" {
			h.t.Errorf("Karl: %s %s", r.Disposition, r.Reason)
		}
		if state, _ := h.reviewOf(p); state != core.InReview {
			h.t.Errorf("the index is %s", state)
		}
		// The same mail twice decides once.
		mail := h.letter("klara@client.test", "Please wait")
		h.one(mail, auth.Pass, l.ReplyTo.Mailbox())
		h.one(mail, auth.Pass, l.ReplyTo.Mailbox())
		if _, view := h.reviewOf(p); view.Approvers[0].Comment != "Please wait" {
			h.t.Errorf("the remark is %q", view.Approvers[0].Comment)
		}
	})
}

func TestAP10AMereAddressBecomesNoApproverUnlessInvited(t *testing.T) {
	each(t, func(h *house) {
		yes := true
		h.in(h.sub, "Glazing")
		if err := h.c.EditPlace(h.ctx, h.as(h.owner), h.project.ID, h.sub.ID, core.PlaceEdit{Approves: &yes}); core.CodeOf(err) != "participant.approver" {
			h.t.Errorf("without access: %v", err)
		}
		p, err := h.c.InviteParticipant(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Person: h.sub.ID, PlaceEdit: core.PlaceEdit{Approves: &yes}})
		h.must(err)
		if p.Access != core.BasicAccess {
			h.t.Errorf("invited, the access is %q", p.Access)
		}
	})
}

// AP6, AP9: one mail to each who is asked, and one to the author about each decision.
func TestAP6AP9WhoIsAskedAndTheAuthorHearOfItOnceEach(t *testing.T) {
	each(t, func(h *house) {
		h.underReview("A", core.ApproveAll, h.klara, h.karl)
		if again, _ := h.letters(); len(again) != 0 {
			h.t.Errorf("more mail than one each: %v", again)
		}
		_, _, sent := h.underReview("B", core.ApproveAll, h.klara, h.karl)
		for i, name := range []string{"Klara", "Karl"} {
			l := sent[name]
			if l.Delivery.Kind != core.ApprovalLetter || l.Approval.Approval.Message != "By Friday, please" || len(l.Approval.Files) != 1 {
				h.t.Errorf("%s is asked by %+v", name, l.Approval)
			}
			d := core.Decision{Deed: core.Approve, Words: "Fine"}
			if i == 1 {
				d = core.Decision{Deed: core.Correct, Words: "Too steep"}
			}
			h.must(h.c.DecideByLink(h.ctx, h.opened(core.ApprovalLink, l), l.Code, d, typist))
			told := h.lettersTo("Eve")[core.NoticeLetter].Delivery.Params
			if !slices.Contains(told, d.Words) || !slices.Contains(told, name) || told[1] != map[string]string{core.Approve: "plan.approved.words", core.Correct: "plan.corrected"}[d.Deed] {
				h.t.Errorf("the author hears of %s: %v", name, told)
			}
		}
	})
}

// AP5: a request goes with a message that is sent anyway, to those it is addressed to who may approve.
func TestAP5ARequestGoesWithAMessage(t *testing.T) {
	each(t, func(h *house) {
		p, v, sent := h.underReview("A", core.ApproveAll, h.klara)
		say := func(tell ...core.ID) error {
			_, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "Please look at the stairs", Tell: tell, Ask: v.ID})
			return err
		}
		if err := say(h.klara.ID); core.CodeOf(err) != "approval.waiting" {
			h.t.Errorf("asked twice: %v", err)
		}
		h.must(h.c.DecideByLink(h.ctx, h.opened(core.ApprovalLink, sent["Klara"]), sent["Klara"].Code, core.Decision{Deed: core.Correct, Words: "Too steep"}, typist))
		h.letters()
		if err := say(h.karl.ID); core.CodeOf(err) != "approval.told_none" {
			h.t.Errorf("who may not approve: %v", err)
		}
		h.must(say(h.klara.ID, h.karl.ID))
		h.pass(6 * time.Minute)
		got := h.lettersTo("Klara")
		if l := got[core.ApprovalLetter]; l.Approval.Approval.Message != "Please look at the stairs" || got[core.TaskLetter].Task.ID != h.task.ID {
			h.t.Errorf("she gets %+v", got)
		}
		if _, view := h.reviewOf(p); view.State != core.ApprovalWaiting || len(view.Approvers) != 1 || view.Requester != h.owner.ID {
			h.t.Errorf("the request: %+v", view)
		}
		view, err := h.c.Task(h.ctx, h.as(h.owner), h.task.Number, "")
		h.must(err)
		if n := len(view.Comments); n != 1 {
			h.t.Errorf("%d comments: what was refused left one", n)
		}
	})
}
