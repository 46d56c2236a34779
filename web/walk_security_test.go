package web

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

func TestS1WalkSecondFactor(t *testing.T) {
	p := newPlace(t)
	w := startWalk(t, p)
	w.signIn("olga@nordbau.example", password)
	w.press("Settings")
	w.press("Who must have a second factor")
	w.choose("Staff", "Required for all")
	w.press("Save")
	w.reads("Your account requires a second factor. Please set it up now.")
	w.open("/tasks")
	w.reads("Your account requires a second factor. Please set it up now.")
	w.press("Set up the second factor")
	w.holds(`document.querySelector("svg.qr").getBoundingClientRect().width > 100`)
	secret := js[string](w.tab, `document.querySelector("code.secret").textContent`)
	if key := js[string](w.tab, `new URL(document.querySelector("a[href^='otpauth:']").href).searchParams.get("secret")`); key != secret {
		t.Errorf("the link opens %q, to be typed is %q", key, secret)
	}
	begin := time.Now()
	w.fill("2. Type the six digits that the app shows.", factorCode(t, secret, begin))
	w.press("Turn it on")
	w.reads("Your recovery codes")
	recovery := js[string](w.tab, `document.querySelector(".codes code").textContent`)
	w.mailed("olga@nordbau.example", "Your second factor is on")
	w.press("I have kept them")
	w.reads("Olga Owner")
	w.leave()

	w.signIn("olga@nordbau.example", password)
	w.reads("Six digits from the app on your phone")
	w.open("/tasks")
	w.reads("Six digits from the app on your phone")
	w.fill("Code", factorCode(t, secret, begin)) // used up by turning it on
	w.press("Go on")
	w.reads("This code was used already.")
	w.fill("Code", factorCode(t, secret, begin.Add(30*time.Second)))
	w.press("Go on")
	w.reads("Tasks")
	w.leave()

	w.signIn("olga@nordbau.example", password)
	w.fill("Code", recovery)
	w.press("Go on")
	w.reads("My tasks")
	w.leave()
	w.signIn("olga@nordbau.example", password)
	w.fill("Code", recovery)
	w.press("Go on")
	w.holds(`document.querySelector(".problem") !== null`)
}

func TestS2WalkAccessByIP(t *testing.T) {
	p := newPlace(t)
	anna := p.person("Anna Berg")
	w := startWalk(t, p)
	w.be(p.owner)
	w.press("Settings")
	w.press("Access by network")
	w.reads("You are at 127.0.0.1 now.")
	add := func(who, network string) {
		t.Helper()
		w.choose("Who", who)
		w.fill("Network", network)
		w.press("Add a rule")
		w.reads("The rules are changed.", network)
	}
	remove := func(who, network string) {
		t.Helper()
		js[bool](w.tab, "window.left = true")
		w.do(chromedp.Click(`//li[.//b[.="`+who+`"]][contains(., "`+network+`")]//button[.="Remove"]`, chromedp.NodeVisible))
		w.holds(`!window.left && document.readyState === "complete"`)
		w.fits()
	}
	add("Staff only", "10.0.0.0/8")
	remove("Everyone", "from everywhere")
	w.reads("you would shut yourself out", "from everywhere")
	w.press("Settings")
	w.press("Access by network")
	add("Owner", "127.0.0.1")
	remove("Everyone", "from everywhere")
	w.reads("The rules are changed.")
	w.do(chromedp.SetValue("#t-person", string(anna.ID))) // two forms ask for a person here
	w.press("May this person come in?")
	w.reads("No. No rule lets the person in.")
	w.fill("Address", "10.1.2.3")
	w.press("May this person come in?")
	w.reads("Yes. This rule lets the person in: Staff only, 10.0.0.0/8")

	w.be(anna)
	w.open("/tasks")
	w.reads("You cannot come in from this network.")
	if js[bool](w.tab, `document.querySelector(".list") !== null`) {
		t.Error("a list is shown all the same")
	}
	w.be(p.owner)
	w.open("/security/ip")
	w.reads("Refused lately", "Anna Berg")
}

// "Log in as user".
func TestS6WalkSeeingAsAnother(t *testing.T) {
	s := newScene(t)
	own := s.task2("Only for Olga")
	w := startWalk(t, s.place)
	lists := func() (all string) {
		for _, path := range []string{"/", "/tasks", "/projects", "/people"} {
			w.open(path)
			all += path + "\n" + js[string](w.tab, `[...document.querySelectorAll("main .list")].map(e => e.innerText).join("\n")`) + "\n"
		}
		return all
	}
	w.be(s.anna)
	want := lists()
	w.be(s.owner)
	w.press("People")
	w.press("Anna Berg")
	w.press("Sign-in and sessions")
	w.reads("can change nothing. The person is told.")
	w.mails(s.anna.Address().Mailbox())
	w.press("See Planpost as Anna Berg")
	w.reads("Olga Owner, you see Planpost as Anna Berg. Nothing can be changed.", "minutes are left.")
	w.mailed(s.anna.Address().Mailbox(), "Olga Owner looked at Planpost with your eyes")
	if got := lists(); got != want {
		t.Errorf("other lists than Anna's:\n%s\nwant\n%s", got, want)
	} else if strings.Contains(got, own.Title) || !strings.Contains(got, s.task.Title) {
		t.Error("Anna's lists are not hers: " + got)
	}
	w.open(s.path())
	w.reads("Windows on the north side")
	if n := js[int](w.tab, `[...document.querySelectorAll("main form[method=post]")].length`); n != 0 {
		t.Errorf("the task offers %d forms", n)
	}
	status := js[int](w.tab, `(() => { const r = new XMLHttpRequest(); r.open("POST", "`+s.path()+`/comments", false); r.setRequestHeader("Content-Type", "application/x-www-form-urlencoded"); r.send("text=in+her+name"); return r.status })()`)
	if status != 403 {
		t.Errorf("a comment in her name: %d", status)
	}
	w.open(s.path())
	w.misses("in her name")
	w.press("End")
	w.reads("You see with your own eyes again.")
	w.misses("you see Planpost as")

	w.be(s.anna)
	w.open("/me")
	w.reads("Who looked with your eyes", "Olga Owner", "pages were shown.")
}

// task2 writes a task of the owner's, with nobody else in it.
func (p *place) task2(title string) core.Task {
	p.t.Helper()
	return p.task(title, func(t *core.Task) { t.Number = 90 })
}
