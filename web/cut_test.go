package web

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

const quotingReply = "Monday is fine.\n\nOn Mon, 2 Mar 2026 at 09:00, Olga <olga@nordbau.example> wrote:\n> When shall we come?\n> Before noon?\n\n-- \nClara"

func TestWhatWasCutIsShownWithItsReasonAndPutBack(t *testing.T) {
	s := newScene(t)
	r := s.receive(s.replyAddress(s.client), "Clara Client <"+s.client.Address().Mailbox()+">", "Re: Windows", quotingReply)
	if r.Disposition != core.Posted {
		t.Fatalf("%s %s", r.Disposition, r.Reason)
	}
	b := s.as(s.owner)
	at := s.path() + "/comments/" + string(r.Comment) + "/cuts/"
	page := b.wants(b.get(s.path()), 200, "Cut from the mail", "Quoted text", "The line that introduces a quotation", "Signature", at+"0/back", at+"1/back")
	if strings.Count(page.body, "When shall we come?") != 1 {
		t.Error("the quote is not shown once, as what was cut")
	}
	done := b.post(at + "1/back")
	if done.status != 303 || !strings.HasPrefix(done.location(), s.path()) {
		t.Fatalf("%d to %s", done.status, done.location())
	}
	page = b.wants(b.get(done.location()), 200, "text put back by Olga Owner", "Put back by Olga Owner", at+"1/fold", at+"0/back")
	if n := strings.Count(page.body, "When shall we come?"); n < 2 {
		t.Errorf("the quote is %d times on the page", n)
	}
	b.wants(b.get("/log"), 200, "put back text that had been cut out of a mail")
	b.post(at + "1/fold")
	if page = b.get(s.path()); strings.Contains(page.body, "text put back by") || strings.Count(page.body, "When shall we come?") != 1 {
		t.Error("it was not folded again")
	}
	for _, path := range []string{at + "9/back", at + "x/back"} {
		if a := b.post(path); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	if a := s.as(s.client).post(at + "0/back"); a.status != 404 && a.status != 403 && a.status != 303 || strings.Contains(b.get(s.path()).body, "text put back by") {
		t.Errorf("an outsider put it back: %d", a.status)
	}
}

func TestBrowserPutsBackWhatWasCut(t *testing.T) {
	s := newScene(t)
	b := openBrowser(t)
	r := s.receive(s.replyAddress(s.client), "Clara Client <"+s.client.Address().Mailbox()+">", "Re: Windows", quotingReply)
	b.signIn(s.place)
	b.do(chromedp.Navigate(s.url+s.path()), chromedp.WaitVisible("#text"))
	words := `document.querySelector("#c-` + string(r.Comment) + ` .text").textContent`
	cuts := "#cut-" + string(r.Comment)
	if got := js[string](b, words); strings.TrimSpace(got) != "Monday is fine." {
		t.Errorf("the comment says %q", got)
	}
	b.do(chromedp.Click(cuts+" > summary"), chromedp.WaitVisible(cuts+" .cut"))
	if got := js[string](b, `document.querySelector("`+cuts+`").innerText`); !strings.Contains(got, "Quoted text") || !strings.Contains(got, "Before noon?") {
		t.Errorf("unfolded: %q", got)
	}
	b.do(chromedp.Click(cuts+" .cut:nth-of-type(2) button"), chromedp.WaitVisible(".done"))
	b.until(words + `.includes("Before noon?")`)
	b.do(chromedp.Click(cuts+" > summary"), chromedp.WaitVisible(cuts+" .cut"), chromedp.Click(cuts+" form[action$='/fold'] button"), chromedp.WaitReady(cuts+" form[action$='/1/back']"))
	b.until(words + `.trim() === "Monday is fine."`)
	b.quiet()
}

func TestOnlyAQuoteBecomesACommentWhenSomebodyWantsIt(t *testing.T) {
	s := newScene(t)
	vera := s.visitorFromOutside()
	r := s.receive(s.replyAddress(s.client), "Clara Client <"+s.client.Address().Mailbox()+">", "Re: Windows", "On Mon, 2 Mar 2026 at 09:00, Olga <olga@nordbau.example> wrote:\n> When shall we come?\n")
	if r.Disposition != core.Recorded || r.Comment != "" {
		t.Fatalf("%s %s", r.Disposition, r.Reason)
	}
	b := s.as(s.owner)
	if page := b.get(s.path()); strings.Contains(page.body, "When shall we come?") {
		t.Error("the history became a comment")
	}
	at, do := "/messages/"+string(r.ID), "/held/"+string(r.ID)+"/release"
	b.wants(b.get(at), 200, "only quotes and the like", "Make a comment of it", `action="`+do+`"`, "It becomes a comment by Clara Client.", "When shall we come?", "<details class=\"cuts\" open")
	if a := s.as(vera).post(do); a.status < 400 || strings.Contains(b.get(s.path()).body, "When shall we come?") {
		t.Errorf("an outsider made a comment of it: %d", a.status)
	}
	if a := b.post(do); a.status != 303 {
		t.Fatalf("%d: %s", a.status, clip(a.body))
	}
	b.wants(b.get(s.path()), 200, "When shall we come?", "Clara Client")
	if page := b.wants(b.get(at), 200, "Decided by"); strings.Contains(page.body, "Make a comment of it") {
		t.Error("it can be made twice")
	}
}

const passingOn = "Here is what the office says.\n\n---------- Forwarded message ---------\nFrom: Office <office@fire.example>\nDate: Tue, 3 Mar 2026 at 10:11\nSubject: Panels\nTo: Clara <clara@client.example>\n\nThe panels need a certificate."

func TestAForwardedMessageIsFoldedUnderTheNote(t *testing.T) {
	s := newScene(t)
	r := s.receive(s.replyAddress(s.client), "Clara Client <"+s.client.Address().Mailbox()+">", "Fwd: Windows", passingOn+"\n\n-- \nClara")
	b := s.as(s.owner)
	for _, path := range []string{s.path(), "/messages/" + string(r.ID)} {
		body := b.wants(b.get(path), 200, "Forwarded message").body
		above, folded, is := strings.Cut(body, `<details class="forwarded"`)
		if !is || !strings.Contains(above, "Here is what the office says.") || strings.Contains(above, "need a certificate") || !strings.Contains(folded, "need a certificate") {
			t.Errorf("%s: %s", path, clip(body))
		}
	}
}

func TestOnlyWhatWasPassedOnIsFolded(t *testing.T) {
	const note, mail = "A note.", "From: a@b.example\n\nWords."
	both := note + "\n\n" + mail
	for name, c := range map[string]struct {
		text, before string
		n            int
		note, folded string
	}{
		"nothing passed on":                {note, "", 0, note, ""},
		"a note and a message":             {both, "", len(mail), note, mail},
		"no note":                          {mail, "", len(mail), "", mail},
		"something put back into the note": {note + "\n\nFrom my phone\n\n" + mail, both, len(mail), note + "\n\nFrom my phone", mail},
		"something put back behind it":     {both + "\n\nSignature", both, len(mail), both + "\n\nSignature", ""},
		"changed since, shorter":           {"New", "", len(mail), "New", ""},
		"changed since, of another length": {note + "\n\n" + mail + " More.", "", len(mail), note + "\n\n" + mail + " More.", ""},
	} {
		if note, folded := forwarded(c.text, c.before, c.n); note != c.note || folded != c.folded {
			t.Errorf("%s: %q and %q", name, note, folded)
		}
	}
}

func TestBrowserFitsHardMailOnAPhone(t *testing.T) {
	s := newScene(t)
	to, from := s.replyAddress(s.client), "Clara "+strings.Repeat("von Client ", 8)+"<"+s.client.Address().Mailbox()+">"
	files := ""
	for i := range 20 {
		files += fmt.Sprintf("--b\nContent-Type: text/csv\nContent-Disposition: attachment; filename=\"%d%s.csv\"\n\na,b\n", i, strings.Repeat("x", 120))
	}
	long := s.receive(to, from, "Re: Windows", passingOn+" "+strings.Repeat("o", 500)+"\n\n-- \n"+strings.Repeat("c", 300))
	many := s.receive(to, from, "Re: Windows", "--b\nContent-Type: text/plain\n\nFiles\n"+files+"--b--\n", "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "X-Rest:")
	wide := s.receive(to, from, "Re: Windows", "--b\nContent-Type: text/html\n\n<p>As <b>asked</b>:</p><table><tr>"+strings.Repeat("<td>Measurements</td>", 9)+"</tr></table>\n--b--\n", "MIME-Version: 1.0", "Content-Type: multipart/related; boundary=b", "X-Rest:")
	b := openBrowser(t)
	b.do(chromedp.EmulateViewport(360, 740))
	b.signIn(s.place)
	for _, path := range []string{s.path(), "/messages/" + string(long.ID), "/messages/" + string(many.ID)} {
		b.do(chromedp.Navigate(s.url+path), chromedp.WaitVisible(chromedp.CSS("main")))
		if path == s.path() && js[int](b, `document.querySelectorAll("#rest-`+string(many.Comment)+` li").length`) != 8 {
			t.Error("the files beyond the first twelve are not folded")
		}
		if path == s.path() && !js[bool](b, `(t => t.scrollWidth > t.clientWidth && t.querySelector("td").clientHeight < 50)(document.querySelector("#c-`+string(wide.Comment)+` table"))`) {
			t.Error("a wide table breaks its words instead of being moved aside")
		}
		js[bool](b, `document.querySelectorAll("main details").forEach(d => d.open = true), true`)
		if over := js[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
			t.Errorf("%s is %v pixels too wide", path, over)
		}
		if got := js[string](b, `[...document.querySelectorAll("main a, main button, main summary, main iframe")].filter(e => e.tabIndex < 0 || !(e.innerText || e.title || e.ariaLabel)).map(e => e.outerHTML).join()`); got != "" {
			t.Errorf("%s has what keyboards or ears miss: %s", path, got)
		}
	}
	b.quiet()
}
