package web

import (
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
