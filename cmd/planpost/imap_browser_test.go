package main

import (
	"fmt"
	"net"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

// within waits longer than until does, for what takes its minutes by design.
func (b tab) within(limit time.Duration, expression string) {
	b.t.Helper()
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if v, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression)); err == nil && v {
			return
		}
	}
	b.until(expression)
}

// press fills in fields, given as pairs of selector and value, and presses a button, in a page that may be replaced at any moment.
func (b tab) press(button string, fields ...string) {
	b.t.Helper()
	script := ""
	for i := 0; i+1 < len(fields); i += 2 {
		script += "document.querySelector(" + quoted(fields[i]) + ").value = " + quoted(fields[i+1]) + ";"
	}
	b.until("document.readyState === 'complete' && document.querySelector(" + quoted(button) + ") !== null")
	b.do(chromedp.Evaluate[chromedp.Void]("void (() => {" + script + "document.querySelector(" + quoted(button) + ").click()})()"))
}

// An administrator adds a mailbox, sees what its test finds and how much old mail there is, lets it begin, answers come
// from a real client through the mailbox's server, the server freezes and an alarm is on the open page and in the mail,
// and its end, when the server is back.
func TestBrowserAddsAMailboxAndWatchesItsAlarm(t *testing.T) {
	t.Parallel()
	swaks := need(t, "swaks")
	tabs := openTabs(t, 1)
	d := newIMAP(t)
	out := newSink(t)
	cfg := localConfig(t, "")
	cfg.Mailer.Relay = out.addr
	cfg.IMAP.Idle, cfg.IMAP.Timeout = 2*time.Second, 2*time.Second
	w := start(t, cfg).furnish()
	var box core.Mailbox
	box.Address, _ = core.ParseMailboxAddress("replies@provider.test")
	c := d.client("replies")
	for i := range 5 {
		d.put(c, "INBOX", fetchedLetter(w.taggedTo(box), fmt.Sprintf("old%d", i), fmt.Sprintf("Old words %d.", i)), time.Now().AddDate(0, 0, -10+i))
	}
	b := tabs[0]
	base := w.cfg.BaseURL
	b.do(chromedp.Navigate(base+"/signin"), chromedp.SendKeys("#login", "olga@holzbau.test"), chromedp.SendKeys("#password", testPassword), chromedp.Click("main button.main"), chromedp.WaitVisible(".me"))
	b.do(chromedp.Navigate(base+"/mailboxes"), chromedp.WaitVisible("p.empty"), chromedp.Click("a.button.main"), chromedp.WaitVisible("#address"))
	b.do(chromedp.SendKeys("#address", "replies@provider.test"), chromedp.SendKeys("#name", "Replies"), chromedp.SendKeys("#host", "127.0.0.1"),
		chromedp.SetValue("#port", strconv.Itoa(d.imap)), chromedp.SetValue("#security", "plain"), chromedp.SendKeys("#user", "replies"), chromedp.SendKeys("#password", "wrong one"),
		chromedp.Evaluate[chromedp.Void](`void (document.querySelectorAll("form details").forEach(d => d.open = true))`), chromedp.SetValue("#alarm", "1"), chromedp.SendKeys("#authserv", "mx.provider.test"),
		chromedp.Click("form button.main"))
	b.until(`document.querySelector("#test") !== null`)
	// The test says what is wrong, in words, and what to do.
	b.press("#test form button")
	b.until(`document.querySelector("#test .problem") !== null`)
	b.until(`document.querySelector("#test").innerText.includes("does not take this user and password") && document.querySelector("#test samp") !== null`)
	// The page of this answer lives on: its part is fetched again, and the answer stays. To load it again would try the
	// password again.
	list, err := w.core.Mailboxes(w.ctx, w.as(w.olga))
	must(t, err)
	b.do(chromedp.Evaluate[chromedp.Void](`void (() => { window.notReloaded = true; const part = document.querySelector("#mailbox"); part.seen = ""; part.replaceChildren() })()`))
	must(t, w.core.PauseMailbox(w.ctx, w.as(w.olga), list[0].Mailbox.ID, true))
	b.until(`document.querySelector("#mailbox .tag") !== null`)
	b.until(`window.notReloaded === true && document.querySelector("#test .problem") !== null`)
	b.press("header a.button")
	b.until(`document.querySelector("#password") !== null`)
	b.press("form button.main", "#password", "secret")
	b.until(`document.querySelector("#test") !== null`)
	day := time.Now().AddDate(0, 0, -30).Format(time.DateOnly)
	b.press("#test form button", "#look", day)
	b.until(`document.querySelector("#test .done") !== null`)
	b.until(`document.querySelectorAll("#test ol.steps li").length >= 3 && !document.querySelector("#test .problem")`)
	b.until(`document.querySelector("#test .done").innerText.includes("5 old messages")`)
	b.press("form[action$='/begin'] button")
	b.until(`document.querySelector("p.done") !== null`)
	b.until(`document.querySelector("#mailbox .tag").innerText === "all is well" && document.querySelector("#mailbox dl").innerText.includes("5")`)
	list, err = w.core.Mailboxes(w.ctx, w.as(w.olga))
	must(t, err)
	m := list[0].Mailbox
	if got := len(w.texts()); got != 5 {
		t.Errorf("%d comments after the import, want the five old ones", got)
	}

	// A real client answers, through the mailbox's own server, which keeps the plus.
	answer := func(id, words string) {
		t.Helper()
		cmd := exec.Command(swaks, "--protocol", "LMTP", "--server", net.JoinHostPort("127.0.0.1", strconv.Itoa(d.lmtp)), "--from", "klara@client.test", "--to", w.taggedTo(m),
			"--h-From", "Klara Client <klara@client.test>", "--h-To", w.taggedTo(m), "--h-Subject", "Re: [#1] The oak door", "--h-Message-Id", "<"+id+"@client.test>", "--body", words)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("swaks: %v\n%s", err, out)
		}
	}
	answer("live", "Oak it is.")
	b.do(chromedp.Navigate(base + "/tasks/1"))
	b.until(`[...document.querySelectorAll("article .text")].some(c => c.innerText.trim() === "Oak it is.")`)

	// The server freezes.
	b.do(chromedp.Navigate(base+"/mailboxes/"+string(m.ID)), chromedp.WaitVisible("#mailbox"), chromedp.Evaluate[chromedp.Void](`void (window.notReloaded = true)`))
	d.run("pause")
	b.within(time.Minute, `document.querySelector("#mailbox .tag").innerText !== "all is well"`)
	b.within(2*time.Minute, `document.querySelector("#mailbox .tag").innerText === "alarm" && document.querySelector("#mailbox .problem") !== null`)
	broken := out.find(t, "olga@holzbau.test", "has not come in as it should")
	if text := parse(t, broken.raw).Text; !strings.Contains(text, "try again by ourselves") || !strings.Contains(text, "/mailboxes/"+string(m.ID)) {
		t.Errorf("the mail of the alarm:\n%s", text)
	}
	// It is back, and what was sent meanwhile comes in.
	d.run("go")
	answer("after", "And a handle of brass.")
	b.within(time.Minute, `document.querySelector("#mailbox .tag").innerText === "all is well"`)
	b.until(`window.notReloaded === true`)
	out.find(t, "olga@holzbau.test", "comes in again")
	until(t, "nothing was lost", func() bool { return count(w.texts(), "And a handle of brass.") == 1 })
}
