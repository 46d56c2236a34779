package web

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

// brings uploads a file by the form that is open, and waits until it is here.
func (w *walk) brings(name, content string) {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	must(w.t, os.WriteFile(path, []byte(content), 0o600))
	w.do(chromedp.SetUploadFiles("#file", []string{path}))
	w.holds(`[...document.querySelectorAll(".staged .name")].some(e => e.textContent === ` + quoted(name) + `) && !document.querySelector(".coming progress")`)
}

// D6, E6, E9, AP, B: a project from the first plan to the third index, with an
// approver, a print shop, an engineer who is blocked and a sending that is recalled.
func TestWalkAProjectFromTheFirstPlanToTheThirdIndex(t *testing.T) {
	t.Parallel()
	s := newScene(t)
	w := startWalk(t, s.place)
	klara := s.person("Klara Client", contact(core.BasicAccess, s.firm.ID))
	emil := s.person("Emil Engineer", contact(core.BasicAccess, ""))
	project := s.planProject(core.Participant{Person: klara.ID, TradeRole: "Architecture", Approves: true}, core.Participant{Person: emil.ID, TradeRole: "Services"})
	labelled := func(p core.Person) string { return p.Name + " (" + p.Address().Mailbox() + ")" }
	const shop, wrong = "plot@druckwerk.example", "bid@glass.example"
	list := plansURL(project)

	w.be(s.owner)
	w.open(list)
	w.reads("There are no plans yet.")
	w.press("New plan")
	w.fill("Number", "A-101")
	w.fill("Title", "Ground floor")
	w.choose("Author", s.owner.Name)
	w.brings("A-101_A.pdf", "%PDF-1.7 first index")
	w.unfold("Upload") // the choice is wanted: the form stays
	w.holds(`document.querySelector("[name=approval]:invalid") !== null`)
	w.tick("No approval is required")
	w.press("Upload")
	w.reads("A-101 Ground floor", "Index A", "current")

	// The founders' order: check, "Send plans", participants and addresses, message, printing files only.
	send := func(person, addresses, message string) {
		t.Helper()
		w.open(list)
		w.do(chromedp.Click("input[name=sel]", chromedp.NodeVisible))
		w.press("Send plans")
		if person != "" {
			w.tick(person)
		}
		w.fill("Other e-mail addresses", addresses)
		w.fill("Message", message)
		w.tick("Send printing files only")
		w.press("Send plans")
		if js[bool](w.tab, `document.querySelector("[name=step][value=send]") !== null`) {
			w.press("Send plans")
		}
		w.reads("Recipients")
	}
	send(labelled(emil), shop, "Two sets, folded")
	w.mailed(emil.Address().Mailbox(), "A-101")
	first := w.mailed(shop, "A-101", "Two sets, folded")
	w.leave()
	w.follow(first, "d")
	w.reads("A-101 Ground floor", "Index A")
	w.patience()
	w.tick("A-101 Ground floor, Index A")
	w.press("Confirm receipt")
	w.reads("you confirmed it")

	// A sending that went to the wrong address is recalled; it blocks nobody.
	w.be(s.owner)
	send("", wrong, "For your offer")
	mistaken := w.mailed(wrong, "For your offer")
	w.unfold("Recall this sending")
	w.do(chromedp.Click("form[action$='/recall'] button", chromedp.NodeVisible))
	w.reads("link ended", "nothing downloaded yet")
	w.leave()
	w.follow(mistaken, "d")
	w.reads("This link is no longer active")

	// Index B is approved with the code of the mail; until then A counts.
	index := func(name string, approval func()) {
		t.Helper()
		w.be(s.owner)
		w.open(list)
		w.press("A-101 Ground floor")
		w.press("New index")
		w.choose("Author", s.owner.Name)
		w.brings("A-101_"+name+".pdf", "%PDF-1.7 index "+name)
		approval()
		w.press("Upload")
		w.reads("Index " + name)
	}
	asked := func() {
		w.tick("Approval is required")
		w.tick(labelled(klara))
		w.fill("Message to them", "Mind the window heads")
	}
	index("B", asked)
	w.reads("not released", "Klara Client")
	m := w.mailed(klara.Address().Mailbox(), "Mind the window heads", "A-101")
	code := regexp.MustCompile(`\bB-\d\d\b`).FindString(m.text)
	w.leave()
	w.follow(m, "a")
	w.reads("Not released.", "Index B")
	decide := func(code, words, button string) {
		t.Helper()
		w.patience()
		w.fill("Code from the mail", code)
		if words != "" {
			w.fill("What has to be corrected, or a remark", words)
		}
		w.press(button)
	}
	decide("A-"+code[2:], "", "Approve")
	w.reads("This code is of another index")
	decide(code, "", "Approve")
	w.reads("You approved this index.")
	if told := w.mailsBy(s.ahead, shop); len(told) != 1 || !strings.Contains(told[0].subject, "index B takes the place of A") { // who holds A is told
		t.Errorf("the print shop reads %v", told)
	}
	w.follow(first, "d")
	w.reads("superseded", "Index A is outdated: index B is current since")
	if n := len(w.mailsBy(s.ahead, emil.Address().Mailbox())); n != 0 {
		t.Errorf("%d mails to who never had index A", n)
	}

	// The engineer leaves the job: preview, block, receipt. His link is dead.
	w.be(s.owner)
	w.open(placeURL(project, emil.ID) + "/block")
	w.reads("Block Emil Engineer?", "What will end at once")
	w.press("Block here")
	w.reads("Block: receipt no. 1", "What cannot be called back")
	w.open("/projects/" + string(project) + "/participants")
	w.misses("Emil Engineer")

	// Index C comes back with a correction first; asked again, it is approved.
	index("C", asked)
	m = w.mailed(klara.Address().Mailbox(), "A-101")
	code = regexp.MustCompile(`\bC-\d\d\b`).FindString(m.text)
	w.mails(s.owner.Address().Mailbox())
	w.leave()
	w.follow(m, "a")
	decide(code, "The door is too narrow", "Ask for a correction")
	w.reads("You asked for a correction.")
	w.mailed(s.owner.Address().Mailbox(), "Klara Client wants index C", "The door is too narrow")
	w.be(s.owner)
	w.open(list)
	w.press("A-101 Ground floor")
	w.reads("correction wanted", "The door is too narrow")
	w.unfold("Ask for approval again")
	w.tick(klara.Name)
	w.do(chromedp.Click("form[action$='/ask'] button.main", chromedp.NodeVisible))
	w.reads("waiting")
	m = w.mailed(klara.Address().Mailbox(), "A-101")
	w.leave()
	w.follow(m, "a")
	decide(regexp.MustCompile(`\bC-\d\d\b`).FindString(m.text), "Better", "Approve")
	w.reads("You approved this index.")

	// The print shop still holds A; one button sends the current index.
	w.mailsBy(s.ahead, shop)
	w.be(s.owner)
	w.open(list)
	w.reads("1 of 1 hold an older index")
	w.press("A-101 Ground floor")
	w.press("Who holds which index")
	w.press("Send index C to who holds an older one")
	w.press("Send plans")
	w.reads("Recipients")
	last := w.mailed(shop, "A-101")
	w.leave()
	w.follow(first, "d")
	w.press("Open index C")
	w.reads("Index C", "current")
	w.patience()
	w.tick("A-101 Ground floor, Index C")
	w.press("Confirm receipt")
	w.be(s.owner)
	w.open(list)
	w.misses("hold an older index")
	if !strings.Contains(last.text, "/d/") {
		t.Error("the last mail has no link")
	}
}
