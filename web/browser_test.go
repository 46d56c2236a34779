package web

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

// tab is a real browser's page.
type tab struct {
	t    *testing.T
	ctx  context.Context
	mu   sync.Mutex // guards said
	said []string   // errors on the console: a forbidden style, a script that failed
}

// chromium is the browser that PLANPOST_TEST_BROWSER names. It is started once,
// by the first test that needs it; each has a profile of its own in it.
var chromium struct {
	mu   sync.Mutex // guards all
	ctx  context.Context
	stop func()
}

func TestMain(m *testing.M) {
	status := m.Run()
	if chromium.stop != nil {
		chromium.stop()
	}
	os.Exit(status)
}

// running is the browser, started anew when it is not there any more.
func running(t *testing.T, path string) context.Context {
	t.Helper()
	chromium.mu.Lock()
	defer chromium.mu.Unlock()
	if chromium.ctx != nil && chromium.ctx.Err() == nil {
		return chromium.ctx
	}
	if chromium.stop != nil {
		chromium.stop()
	}
	dir, err := os.MkdirTemp("", "planpost-browser")
	must(t, err)
	ctx, end := chromedp.NewExecAllocator(context.Background(), append(slices.Clone(chromedp.DefaultExecAllocatorOptions[:]),
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(dir), chromedp.UserAgent(windows), chromedp.Flag("accept-lang", "en-GB,en"))...) // headless ones are known by their name, which is tested apart
	chromium.ctx, _ = chromedp.NewContext(ctx) // ends with ctx
	chromium.stop = func() {
		_ = chromedp.Cancel(chromium.ctx) // waits for its end
		end()
		os.RemoveAll(dir)
	}
	must(t, chromedp.Do(chromium.ctx, chromedp.Navigate("about:blank")))
	return chromium.ctx
}

// openBrowser opens a page in a profile that nobody used.
func openBrowser(t *testing.T) *tab {
	t.Helper()
	path := os.Getenv("PLANPOST_TEST_BROWSER")
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("PLANPOST_TEST_BROWSER is not set, and with CI=true a browser must be there")
		}
		t.Skip("PLANPOST_TEST_BROWSER is not set: no browser")
	}
	ctx, end := chromedp.NewContext(running(t, path), chromedp.WithNewBrowserContext())
	t.Cleanup(end)
	ctx, end = context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(end)
	b := &tab{t: t, ctx: ctx}
	b.do(chromedp.Navigate("about:blank"))
	go func() { // ends with ctx
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			if m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException {
				b.mu.Lock()
				b.said = append(b.said, m.Text+" "+m.URL)
				b.mu.Unlock()
			}
		}
	}()
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	if err := chromedp.Do(b.ctx, steps...); err != nil {
		b.t.Fatal(err)
	}
}

// js is a value out of the page.
func js[T any](b *tab, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits for something to become true in the page.
func (b *tab) until(expression string) {
	b.t.Helper()
	if _, err := chromedp.Run(b.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingMutation(), chromedp.WithPollingTimeout(10*time.Second))); err != nil {
		b.t.Fatalf("never true: %s (%v): %s", expression, err, clip(js[string](b, "document.documentElement.outerHTML")))
	}
}

// quiet fails the test for every error on the console.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, s := range b.said {
		b.t.Errorf("the console says: %s", s)
	}
}

func (b *tab) signIn(p *place) {
	b.do(chromedp.Navigate(p.url+"/signin"), chromedp.WaitVisible("#login"), chromedp.SendKeys("#login", "olga@nordbau.example"), chromedp.SendKeys("#password", password),
		chromedp.Click("button.main"), chromedp.WaitVisible(".me"))
}

func TestBrowserShowsACommentWhileSomebodyTypes(t *testing.T) {
	s := newScene(t)
	b := openBrowser(t)
	b.signIn(s.place)
	first, err := s.core.Comment(context.Background(), s.actor(s.owner), core.NewComment{Task: s.task.ID, Text: "The first words"})
	must(t, err)
	b.do(chromedp.Navigate(s.url+s.path()), chromedp.WaitVisible("#text"))
	b.until(`document.querySelector("[data-told]").textContent.includes("Clara Client")`)
	b.do(chromedp.Click("[data-hide]"))
	b.until(`document.querySelector("[data-told]").textContent.startsWith("Nobody outside gets it")`)
	b.do(chromedp.Click("[data-hide]"), chromedp.SendKeys("#text", "half a sentence"))
	edit := `document.querySelector("#edit-` + string(first.ID) + `")`
	js[bool](b, edit+`.open = true`)
	place := js[float64](b, `document.querySelector("#text").focus(), document.querySelector("#c-`+string(first.ID)+`").getBoundingClientRect().top`)

	begin := time.Now()
	_, err = s.core.Comment(context.Background(), s.actor(s.anna), core.NewComment{Task: s.task.ID, Text: "News from Anna"})
	must(t, err)
	b.until(`document.querySelector("#conversation").textContent.includes("News from Anna")`)
	t.Logf("visible %s after the comment was asked for", time.Since(begin).Round(time.Millisecond))

	if got := js[string](b, `document.activeElement.id + "|" + document.querySelector("#text").value`); got != "text|half a sentence" {
		t.Errorf("focus and words: %q", got)
	}
	if !js[bool](b, edit+`.open`) {
		t.Error("what was unfolded was folded")
	}
	if now := js[float64](b, `document.querySelector("#c-`+string(first.ID)+`").getBoundingClientRect().top`); now != place {
		t.Errorf("the page jumped from %v to %v", place, now)
	}
	b.do(chromedp.Navigate(s.url+"/tasks"), chromedp.WaitVisible("#list"), chromedp.Navigate(s.url+s.path()), chromedp.WaitVisible("#text"))
	if got := js[string](b, `document.querySelector("#text").value`); got != "half a sentence" {
		t.Errorf("what was typed is gone after leaving the page: %q", got)
	}
	b.quiet()
}

func TestBrowserSendsFilesAndSaysWhatIsWrong(t *testing.T) {
	s := newScene(t)
	b := openBrowser(t)
	b.signIn(s.place)
	dir := t.TempDir()
	small, large := filepath.Join(dir, "plan.txt"), filepath.Join(dir, "large.bin")
	must(t, os.WriteFile(small, []byte("a plan"), 0o600))
	must(t, os.WriteFile(large, make([]byte, 2<<20), 0o600))
	b.do(chromedp.Navigate(s.url+s.path()), chromedp.WaitVisible("#text"), chromedp.SendKeys("#text", "With a plan"), chromedp.SetUploadFiles("#files", []string{large}), chromedp.Click(".write button.main"))
	b.until(`document.querySelector(".progress.wrong [role=status]")?.textContent.includes("too large")`)
	if got := js[string](b, `document.querySelector("#text").value`); got != "With a plan" {
		t.Errorf("the words are gone: %q", got)
	}
	b.do(chromedp.SetUploadFiles("#files", []string{small}), chromedp.Click(".write button.main"), chromedp.WaitVisible(".done"))
	b.until(`document.querySelector("#conversation").textContent.includes("plan.txt")`)
	if got := js[string](b, `document.querySelector("#text").value`); got != "" {
		t.Errorf("what was sent is still in the form: %q", got)
	}
	for _, said := range b.said { // the refusal of the large file is told by browsers, too
		if !strings.Contains(said, "413") {
			t.Errorf("the console says: %s", said)
		}
	}
}

func TestBrowserSendsAgainWhatMetTrouble(t *testing.T) {
	s := newScene(t)
	b := openBrowser(t)
	b.signIn(s.place)
	b.do(chromedp.Navigate(s.url+s.path()), chromedp.WaitVisible("#text"), chromedp.SendKeys("#text", "Typed once"))
	s.trouble.strike(1, true)
	b.do(chromedp.Click(".write button.main"), chromedp.WaitVisible(".kept textarea"))
	s.trouble.calm()
	b.do(chromedp.Navigate(s.url+s.path()), chromedp.WaitVisible("#text"))
	if got := js[string](b, `document.querySelector("#text").value`); got != "Typed once" {
		t.Errorf("who goes back to the task finds %q", got)
	}
	b.do(chromedp.Click(".write button.main"), chromedp.WaitVisible(".done"))
	if got := js[string](b, `document.querySelector("#text").value`); got != "" {
		t.Errorf("what was sent is still in the form: %q", got)
	}
}

func TestBrowserFitsEveryPageOnAPhone(t *testing.T) {
	s := newScene(t)
	s.receive(s.replyAddress(s.client), "Bob <bob@other.example>", "Re: Windows", "I am Bob.")
	b := openBrowser(t)
	b.do(chromedp.EmulateViewport(360, 740))
	b.signIn(s.place)
	for _, path := range []string{"/", "/tasks", s.path(), "/tasks/new", "/projects", "/projects/" + string(s.task.Project), "/people", "/people/" + string(s.client.ID), "/people/new?kind=user",
		"/messages", "/held", "/outbox", "/log", "/me", "/search?q=windows", "/nowhere"} {
		b.do(chromedp.Navigate(s.url+path), chromedp.WaitVisible(chromedp.CSS("main")))
		if over := js[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s is %v pixels too wide", path, over)
		}
	}
}
