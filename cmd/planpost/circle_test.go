package main

import (
	"context"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"planpost/demo"
)

// tab is a page of a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context
}

// openTabs starts the browser and gives n of its tabs.
func openTabs(t *testing.T, n int) (tabs []tab) {
	path := os.Getenv("PLANPOST_TEST_BROWSER")
	if path == "" && os.Getenv("CI") == "true" {
		t.Fatal("PLANPOST_TEST_BROWSER is not set, and with CI=true a browser must be there")
	}
	if path == "" {
		t.Skip("PLANPOST_TEST_BROWSER is not set: no browser")
	}
	ctx, end := chromedp.NewExecAllocator(context.Background(), append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(t.TempDir()))...)
	t.Cleanup(end)
	ctx, end = context.WithTimeout(ctx, 5*time.Minute)
	t.Cleanup(end)
	for range n {
		ctx, end = chromedp.NewContext(ctx)
		t.Cleanup(end)
		tabs = append(tabs, tab{t, ctx})
		tabs[len(tabs)-1].do(chromedp.Navigate("about:blank"))
	}
	return tabs
}

func (b tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// until waits for an expression to become true in the page, which may be
// replaced by another one meanwhile.
func (b tab) until(expression string) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); {
		if _, err = chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(5*time.Second))); err == nil {
			return
		}
	}
	page, _ := chromedp.Run(b.ctx, chromedp.Evaluate[string]("document.body.innerText"))
	b.t.Fatalf("never true: %s (%v) in\n%s", expression, err, page)
}

func (b tab) value(expression string) string {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](expression))
	must(b.t, err)
	return v
}

// TestBrowserClosesTheDemosCircle does what the README promises: a comment in
// the page becomes a mail, the reply as its reader's client would write it goes
// through the SMTP port, and it appears in the open page without a reload.
func TestBrowserClosesTheDemosCircle(t *testing.T) {
	tabs := openTabs(t, 2)
	d := startDemo(t, t.TempDir(), "127.0.0.1:0")
	base := regexp.MustCompile(`pages +(http://\S+)`).FindStringSubmatch(d.said.String())[1]
	staff, reader := tabs[0], tabs[1]
	owner := demo.Logins()[0]
	staff.do(chromedp.Navigate(base+"/signin"), chromedp.SendKeys("#login", owner.Login), chromedp.SendKeys("#password", owner.Password), chromedp.Click("main button.main"), chromedp.WaitVisible(".me"))
	staff.do(chromedp.Navigate(base+"/tasks/3"), chromedp.WaitVisible("#text"))
	staff.do(chromedp.SendKeys("#text", "Is Thursday possible as well?"), chromedp.Click("form button.main"))
	staff.until(`document.querySelector("main").innerText.includes("Is Thursday possible as well?") && !document.querySelector("#text").value`)
	staff.do(chromedp.Evaluate[chromedp.Void](`void (window.notReloaded = true)`))

	for _, client := range []struct{ name, words string }{{"gmail", "Thursday suits me <well>"}, {"outlook", "Make it ten o'clock"}} {
		reader.do(chromedp.Navigate(base + "/mailbox/"))
		reader.until(`[...document.querySelectorAll(".mb-people a")].some(a => a.innerText.includes("Oliver Grant"))`)
		reader.do(chromedp.Navigate(base + reader.value(`[...document.querySelectorAll(".mb-people a")].find(a => a.innerText.includes("Oliver Grant")).getAttribute("href")`)))
		reader.until(`[...document.querySelectorAll(".mb-mails a")].some(a => a.innerText.includes("[#3]"))`)
		mail := reader.value(`[...document.querySelectorAll(".mb-mails a")].find(a => a.innerText.includes("[#3]")).getAttribute("href")`)
		reader.do(chromedp.Navigate(base+mail+"?view=text"), chromedp.WaitVisible("#mb-words"))
		reader.until(`document.querySelector(".mb-source").innerText.includes("Thursday possible as well?")`)
		reader.do(chromedp.SetValue("#mb-client", client.name), chromedp.SendKeys("#mb-words", client.words), chromedp.Click("#reply button.main"), chromedp.WaitVisible("#done .fate-posted"))

		staff.until(`[...document.querySelectorAll("article .text")].some(c => c.innerText.trim() === ` + quoted(client.words) + `)`)
		staff.until(`window.notReloaded === true`)
	}
	way := staff.value(`[...document.querySelectorAll("article footer a[href^='/messages/']")].pop().getAttribute("href")`)
	staff.do(chromedp.Navigate(base + way))
	staff.until(`document.querySelector("main").innerText.includes("oliver@grant-glass.example")`)
	d.end(t)
}

// quoted is a text as JavaScript writes it.
func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
