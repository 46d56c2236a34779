package web

import (
	"context"
	"encoding/json"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"planpost/core"
	"planpost/mail"
	"planpost/mailer"
)

// walk is one person's way through the pages, step by step as the instructions
// say it: with the mouse and the keys only, on what is visible.
type walk struct {
	*tab
	p      *place
	postMu sync.Mutex // guards post
	post   []posted
	shown  map[string]bool // pages that were measured
}

func startWalk(t *testing.T, p *place) *walk {
	t.Helper()
	w := &walk{tab: openBrowser(t), p: p, shown: map[string]bool{}}
	w.do(chromedp.EmulateViewport(1200, 900))
	return w
}

// holds waits until something is true in the page, which may be replaced by
// another one meanwhile.
func (w *walk) holds(expression string) {
	w.t.Helper()
	var err error
	for end := time.Now().Add(8 * time.Second); time.Now().Before(end) && w.ctx.Err() == nil; {
		if _, err = chromedp.Run(w.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(20*time.Millisecond), chromedp.WithPollingTimeout(2*time.Second))); err == nil {
			return
		}
	}
	w.t.Fatalf("never true: %s (%v) at %s in\n%s", expression, err, js[string](w.tab, "location.pathname"), js[string](w.tab, "document.body.innerText"))
}

// readable is what is to be read on the page, with plain spaces.
const readable = `document.body.innerText.replaceAll("\u00a0", " ")`

// reads waits until all texts are to be read.
func (w *walk) reads(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		w.holds(`document.readyState === "complete" && ` + readable + `.includes(` + "`" + text + "`" + `)`)
	}
}

// misses fails the test for each text that is to be read.
func (w *walk) misses(texts ...string) {
	w.t.Helper()
	all := js[string](w.tab, readable)
	for _, text := range texts {
		if strings.Contains(all, text) {
			w.t.Errorf("%q is to be read in\n%s", text, all)
		}
	}
}

func (w *walk) open(path string) {
	w.t.Helper()
	w.do(chromedp.Navigate(w.p.url+path), chromedp.WaitVisible(chromedp.CSS("main")))
	w.fits()
}

// bearing is the place of what bears exactly these words: a button, a link or what unfolds.
func bearing(text string) string {
	return `//*[self::button or self::a or self::summary][normalize-space(.)="` + text + `"]`
}

// press clicks what bears these words and waits for the page that follows.
func (w *walk) press(text string) {
	w.t.Helper()
	js[bool](w.tab, "window.left = true")
	w.unfold(text)
	w.holds(`!window.left && document.readyState === "complete"`)
	w.fits()
}

// unfold clicks what bears these words, without waiting for another page.
func (w *walk) unfold(text string) {
	w.t.Helper()
	w.holds(`document.evaluate(` + quoted(bearing(text)) + `, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue?.checkVisibility()`)
	w.do(chromedp.Click(bearing(text), chromedp.NodeVisible))
}

// field is the visible field with this label.
func (w *walk) field(label string) string {
	w.t.Helper()
	w.holds(`(() => {
		const plain = l => {
			const c = l.cloneNode(true)
			c.querySelectorAll("select, textarea").forEach(e => e.remove())
			return c.textContent.replaceAll("\u00a0", " ").trim()
		}
		const at = [...document.querySelectorAll("label")].find(l => plain(l) === ` + quoted(label) + ` && l.control?.checkVisibility())
		document.querySelector("[data-walk]")?.removeAttribute("data-walk")
		if (at) at.control.dataset.walk = "here"
		return !!at
	})()`)
	return "[data-walk]"
}

// quoted is a text as a script writes it.
func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// fill types into the field with this label.
func (w *walk) fill(label, text string) {
	w.t.Helper()
	at := w.field(label)
	js[bool](w.tab, `(e => { e.value = ""; return true })(document.querySelector("`+at+`"))`)
	w.do(chromedp.SendKeys(at, text))
}

// choose takes the option with these words.
func (w *walk) choose(label, option string) {
	w.t.Helper()
	at := w.field(label)
	if !js[bool](w.tab, `(s => {
		const o = [...s.options].find(o => o.text.replaceAll("\u00a0", " ").trim() === `+quoted(option)+` || o.text.startsWith(`+quoted(option+" (")+`))
		if (o) { s.value = o.value; s.dispatchEvent(new Event("change", {bubbles: true})) }
		return !!o
	})(document.querySelector("`+at+`"))`) {
		w.t.Fatalf("%q does not offer %q but %s", label, option, js[string](w.tab, `[...document.querySelector("`+at+`").options].map(o => o.text).join(", ")`))
	}
}

// tick clicks the box with this label.
func (w *walk) tick(label string) {
	w.t.Helper()
	w.do(chromedp.Click(w.field(label)))
}

// fits takes a page that was not shown yet at the width of a phone, folded and unfolded: nothing is moved sideways.
func (w *walk) fits() {
	w.t.Helper()
	page := js[string](w.tab, `location.pathname + " " + document.querySelectorAll("main *").length`)
	if w.shown[page] {
		return
	}
	w.shown[page] = true
	w.do(chromedp.EmulateViewport(360, 740))
	over := js[float64](w.tab, `(folded => {
		folded.forEach(d => d.open = true)
		const over = document.documentElement.scrollWidth - innerWidth
		folded.forEach(d => d.open = false)
		return over
	})([...document.querySelectorAll("details:not([open])")])`)
	if over > 0 {
		w.t.Errorf("%s is %v pixels too wide for a phone", js[string](w.tab, "location.pathname"), over)
	}
	w.do(chromedp.EmulateViewport(1200, 900))
}

// patience waits as long as a person needs to read a mailed link's page:
// forms sent at once are taken for those of a scanner.
func (w *walk) patience() {
	w.t.Helper()
	w.holds(`performance.now() > 2100`)
}

// signIn signs in through the page.
func (w *walk) signIn(login, password string) {
	w.t.Helper()
	w.open("/signin")
	w.fill("E-mail address or sign-in name", login)
	w.fill("Password", password)
	w.press("Sign in")
}

// be goes on as somebody who is signed in already.
func (w *walk) be(who core.Person) {
	w.t.Helper()
	w.leave()
	w.p.tx(func(tx core.Tx) (err error) { who, err = tx.FindPerson(w.t.Context(), who.Account, who.ID); return err })
	token := w.p.as(who).jar["planpost"]
	js[string](w.tab, `document.cookie = "planpost=`+token+`; path=/"`)
	w.open("/")
}

// leave ends the session of this browser, if there is one.
func (w *walk) leave() {
	w.t.Helper()
	w.open("/signin")
	if js[bool](w.tab, `document.querySelector("form[action='/signout']") !== null`) {
		w.do(chromedp.Click("details.me summary", chromedp.NodeVisible))
		js[bool](w.tab, "window.left = true")
		w.do(chromedp.Click("form[action='/signout'] button", chromedp.NodeVisible))
		w.holds(`!window.left && document.readyState === "complete"`)
	}
}

// posted is a mail that left for somebody.
type posted struct {
	to, subject, text string
}

// Send keeps a mail: the walk is where all mail goes.
func (w *walk) Send(_ context.Context, out mailer.Outgoing) mailer.Outcome {
	m, err := mail.Parse(out.Raw, mail.Limits{})
	if err != nil {
		return mailer.Outcome{Class: mailer.Permanent, Text: err.Error()}
	}
	w.postMu.Lock()
	defer w.postMu.Unlock()
	w.post = append(w.post, posted{out.Recipient.Mailbox(), m.Subject, m.Text})
	return mailer.Outcome{Class: mailer.Sent, Remote: "walk"}
}

// mails are all that were mailed to somebody since this was last asked.
func (w *walk) mails(to string) (list []posted) { return w.mailsBy(w.p.core, to) }

func (w *walk) mailsBy(c *core.Core, to string) (list []posted) {
	w.t.Helper()
	m := mailer.New(mailer.Config{}, mailer.Parts{Core: c, Files: w.p.files, Transport: w})
	must(w.t, m.UntilIdle(w.t.Context()))
	w.postMu.Lock()
	defer w.postMu.Unlock()
	rest := w.post[:0]
	for _, p := range w.post {
		if strings.EqualFold(p.to, to) {
			list = append(list, p)
		} else {
			rest = append(rest, p)
		}
	}
	w.post = rest
	return list
}

// mailed is the one mail to somebody since last asked, which must hold the words.
func (w *walk) mailed(to string, words ...string) posted {
	w.t.Helper()
	list := w.mails(to)
	if len(list) != 1 {
		w.t.Fatalf("%d mails to %s: %v", len(list), to, list)
	}
	for _, word := range words {
		if all := strings.ReplaceAll(list[0].subject+"\n"+list[0].text, "\u00a0", " "); !strings.Contains(all, word) {
			w.t.Errorf("no %q in the mail\n%s", word, all)
		}
	}
	return list[0]
}

// follow opens the link of this kind (see links.go) that a mail brings.
func (w *walk) follow(m posted, kind string) {
	w.t.Helper()
	begin := strings.Index(m.text, w.p.url+"/"+kind+"/")
	if begin < 0 {
		w.t.Fatalf("no link in %s", m.text)
	}
	w.open(strings.TrimPrefix(strings.Fields(m.text[begin:])[0], w.p.url))
}

// known is who has this address.
func (w *walk) known(address string) core.Person {
	w.t.Helper()
	person, err := w.p.core.PersonByAddress(w.t.Context(), w.p.account.ID, address)
	must(w.t, err)
	return person
}

// status is how it stands with a person.
func (w *walk) status(id core.ID) string {
	w.t.Helper()
	view, err := w.p.core.Person(w.t.Context(), w.p.actor(w.p.owner), id)
	must(w.t, err)
	return view.Person.Status
}
