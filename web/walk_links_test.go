package web

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

// pressEverything is what a machine does that runs scripts and tries out a page: every form is filled in with a choice
// and sent by each of its buttons, into a frame, so that the page stays for the next one.
const pressEverything = `(async choose => {
	let sent = 0
	const forms = [...document.querySelectorAll("main form, body > form")]
	for (const form of forms) {
		for (const e of form.querySelectorAll("select")) e.selectedIndex = choose ? e.options.length - 1 : 0
		for (const e of form.querySelectorAll("input[type=checkbox], input[type=radio]")) e.checked = !!choose
		for (const button of [null, ...form.querySelectorAll("button")]) {
			const data = new FormData(form, button)
			const at = (button && button.getAttribute("formaction")) || form.getAttribute("action")
			if (form.method === "post") await fetch(at, {method: "POST", body: new URLSearchParams(data)})
			else await fetch(at + "?" + new URLSearchParams(data))
			sent++
		}
	}
	const form = forms.find(f => f.method === "post")
	form?.querySelector("button")?.click()
	return sent
})`

// Rules 1 to 4 of links.md, 3: browsers that run scripts open every link of a mail three times, send every form in
// many ways, at once and patiently, and click: nothing activates, resets, decides or unsubscribes.
func TestBrowsersOfScannersUseUpNoLink(t *testing.T) {
	t.Parallel() // most of the time it waits as a patient machine does
	s := newScene(t)
	w := startWalk(t, s.place)
	b := s.as(s.owner)
	b.wants(b.post("/people", "kind", "user", "name", "Nora", "address", "nora@nordbau.example", "role", "employee"), 303)
	b.wants(b.post("/people/"+string(s.client.ID)+"/guest", "advanced", "1"), 303)
	must(t, s.core.AskReset(t.Context(), s.owner.Address().Mailbox(), "192.0.2.7"))
	_, err := s.core.AskNewAddress(t.Context(), s.actor(s.now(s.owner.ID)), s.owner.ID, core.NewAddress{Address: "new@nordbau.example", Proof: core.Proof{Password: password}})
	must(t, err)
	must(t, s.core.Register(t.Context(), "fresh@else.example", "en", "192.0.2.8"))
	nora := w.known("nora@nordbau.example")
	comments := func() int {
		view, err := s.core.Task(t.Context(), s.actor(s.owner), s.task.Number, "")
		must(t, err)
		return len(view.Comments)
	}
	said := comments()
	token := regexp.MustCompile(regexp.QuoteMeta(s.url) + `(/[a-z]+/[A-Za-z0-9_-]{43})`)
	var paths []string
	for _, to := range []string{nora.Address().Mailbox(), s.client.Address().Mailbox(), s.owner.Address().Mailbox(), "new@nordbau.example", "fresh@else.example"} {
		for _, m := range w.mails(to) {
			for _, found := range token.FindAllStringSubmatch(m.text, -1) {
				paths = append(paths, found[1])
			}
		}
	}
	brought := map[string]int{}
	for _, p := range paths {
		brought[p[:3]]++
	}
	// Activation of three, one of them a registration; a reset; a new address and how to stop it.
	if brought["/i/"] != 3 || brought["/p/"] != 1 || brought["/e/"] != 2 {
		t.Fatalf("the mails bring %v", brought)
	}
	must(t, s.core.EndSessions(t.Context(), s.actor(s.owner), s.owner.ID))
	sent := 0
	for round := range 3 {
		for _, path := range paths {
			w.do(chromedp.Navigate(s.url+path), chromedp.WaitVisible(chromedp.CSS("main")))
			if round == 2 {
				w.patience()
			}
			n, err := chromedp.Run(w.ctx, chromedp.Evaluate[int](fmt.Sprintf("%s(%d)", pressEverything, round%2), chromedp.EvalAwaitPromise))
			must(t, err)
			sent += n
			w.holds(`document.readyState === "complete"`)
		}
	}
	if sent < 2*3*len(paths) {
		t.Errorf("only %d forms were sent", sent)
	}
	for name, id := range map[string]core.ID{"the invited": nora.ID, "the contact": s.client.ID} {
		var p core.Person
		s.tx(func(tx core.Tx) (err error) { p, err = tx.FindPerson(t.Context(), s.account.ID, id); return err })
		if p.Identity != "" {
			t.Errorf("%s has a sign-in", name)
		}
	}
	accounts, err := s.core.Accounts(t.Context())
	must(t, err)
	for _, a := range accounts {
		if a.ID == s.account.ID {
			continue
		}
		if p, err := s.core.PersonByAddress(t.Context(), a.ID, "fresh@else.example"); err == nil && p.Status == core.Active {
			t.Error("an account was registered")
		}
	}
	if p := s.now(s.owner.ID); p.Address().Mailbox() != s.owner.Address().Mailbox() {
		t.Errorf("the address was changed to %s", p.Address().Mailbox())
	}
	if n := comments(); n != said {
		t.Errorf("%d comments were made", n-said)
	}
	w.signIn(s.owner.Address().Mailbox(), password)
	w.reads("My tasks")
	for _, path := range paths { // and each still does what it is for
		v := s.visitor()
		a := v.get(path)
		if a.status >= 400 {
			t.Errorf("%s answers %d", path[:3], a.status)
		}
	}
}
