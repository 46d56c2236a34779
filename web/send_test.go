package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// sendPlans sends the first plan of the depot by the form and gives the address of the sending's page.
func (d *depot) sendPlans(b *browser, addresses ...string) string {
	d.t.Helper()
	a := b.post("/projects/"+string(d.project.ID)+"/send", "sel", string(d.plans[0].ID), "step", "send", "addresses", strings.Join(addresses, "\n"), "message", "For the <stairs>: http://evil.example/x", "copies", "2", "sheet", "A1", "folding", "folded")
	b.wants(a, http.StatusSeeOther)
	return strings.Split(a.location(), "?")[0]
}

// linkTo reads the address in the mail of the newest sending to somebody, and the mail's letter.
func (d *depot) linkTo(address string) (path string, letter core.Letter) {
	d.t.Helper()
	d.mails(func(l *core.Letter) {
		if l.Delivery.Kind == core.TransmittalLetter && l.To.Mailbox() == address {
			path, letter = l.LinkURL[strings.Index(l.LinkURL, "/d/"):], *l
		}
	})
	if path == "" {
		d.t.Fatalf("no mail to %s", address)
	}
	return path, letter
}

// E6: filter, check, "Send plans", external addresses, printing files only, send.
func TestE6PlansAreSentInTheFoundersOrder(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		d := newDepot(t, database, 2, sized(5000))
		b := d.as(d.owner)
		list := plansURL(d.project.ID)
		b.wants(b.post(list+"/list", "q", "A-001", "go", "filter"), 200, "A-001", `formaction="/projects/`+string(d.project.ID)+`/send"`, "Send plans")
		send := "/projects/" + string(d.project.ID) + "/send"
		b.wants(b.post(send), 200, "No plans are chosen")
		b.wants(b.post(send, "sel", string(d.plans[0].ID)), 200, "1 plan chosen", "A-001", "Other e-mail addresses", "Send printing files only")
		b.wants(b.post(send, "sel", string(d.plans[0].ID), "step", "look"), 422, "Choose somebody")
		b.wants(b.post(send, "sel", string(d.plans[0].ID), "step", "look", "addresses", "no address"), 422, "no address")
		form := []string{"sel", string(d.plans[0].ID), "addresses", "Print <print@shop.example>\nbid@other.example", "printonly", "1", "message", "By Friday", "copies", "3"}
		// E3: on the first sending to an address a role is offered.
		b.wants(b.post(send, append(form, "step", "look")...), 200, "Trade role", "print@shop.example", "No mail about work has gone to", `value="By Friday"`)
		a := b.post(send, append(form, "step", "send", "role", "Print shop", "role", "")...)
		b.wants(a, http.StatusSeeOther)
		page := strings.Split(a.location(), "?")[0]
		b.wants(b.get(page), 200, "Print", "bid@other.example", "not opened yet", "By Friday", "3 copies each", "A-001")
		b.wants(b.get("/projects/"+string(d.project.ID)+"/sendings"), 200, page, "1 plan")
		// Offered once: the address has its role by now.
		again := b.wants(b.post(send, "sel", string(d.plans[0].ID), "step", "look", "addresses", "print@shop.example"), 200, "print@shop.example")
		if strings.Contains(again.body, "Trade role") {
			t.Error("the role is offered again")
		}

		path, letter := d.linkTo("bid@other.example")
		for _, words := range []string{letter.Sending.Message, letter.To.String(), letter.Sending.Project.Name} {
			if strings.Contains(words, "print@shop.example") {
				t.Errorf("a bidder learns of another: %q", words) // E5
			}
		}
		v := d.visitor()
		shown := v.wants(v.get(path), 200, "A-001", "Index A", "By Friday", "Grundri")
		if strings.Contains(shown.body, "print@shop") || strings.Contains(shown.body, "A-002") || v.get("/projects").status == 200 {
			t.Error("the link shows more than what was sent") // E2, E5
		}
		ticket := regexp.MustCompile(`/d/f/[A-Za-z0-9_-]+/[^"]+`).FindString(shown.body)
		if got := v.get(ticket); got.status != 200 || got.body != string(d.content) {
			t.Errorf("the file: %d, %d bytes", got.status, len(got.body))
		}
		v.wants(v.get(path[:len(path)-1]), 404)
		v.wants(v.get(ticket[:20]+otherThan(ticket[20:21])+ticket[21:]), 404)
	})
}

// E9, B8: a recalled sending ends its links and mail, and blocks nobody.
func TestE9ARecalledSendingEndsItsLinks(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		d := newDepot(t, database, 2, sized(5000))
		b, v := d.as(d.owner), d.visitor()
		page := d.sendPlans(b, "print@shop.example")
		path, _ := d.linkTo("print@shop.example")
		shown := v.wants(v.get(path), 200, "2 copies each", "on A1", "folded", "http://evil.example/x")
		if strings.Contains(shown.body, `href="http://evil`) {
			t.Error("the sender's words became a link") // E4
		}
		ticket := regexp.MustCompile(`/d/f/[A-Za-z0-9_-]+/[^"]+`).FindString(shown.body)
		b.wants(b.post(page+"/recall"), http.StatusSeeOther)
		b.wants(b.get(page), 200, "recalled", "link ended")
		b.wants(b.post(page+"/recall"), http.StatusConflict, "recalled already")
		v.wants(v.get(path), http.StatusGone)
		v.wants(v.get(ticket), http.StatusGone)
		second := d.sendPlans(b, "print@shop.example")
		path, _ = d.linkTo("print@shop.example")
		v.wants(v.get(path), 200, "A-001")
		if second == page {
			t.Error("sent again in the same sending")
		}
	})
}

// A receipt is a choice by a form that a person looked at: nothing is ticked, and haste is refused.
func TestAReceiptIsConfirmedByChoice(t *testing.T) {
	t.Parallel()
	d := newDepot(t, storetest.SQLite(t), 2, sized(5000))
	b, v := d.as(d.owner), d.visitor().people()
	page := d.sendPlans(b, "print@shop.example")
	path, _ := d.linkTo("print@shop.example")
	shown := v.wants(v.get(path), 200, "Confirm receipt")
	if strings.Contains(shown.body, " checked") {
		t.Error("something is ticked before anybody chose")
	}
	field := func(name string) string {
		return regexp.MustCompile(`name="` + name + `" value="([^"]+)"`).FindStringSubmatch(shown.body)[1]
	}
	version := field("version")
	v.wants(v.post(path, "nonce", field("nonce"), "version", version), 422)
	l, err := d.core.VisitLink(t.Context(), core.DownloadLink, strings.TrimPrefix(path, "/d/"), "127.0.0.1")
	must(t, err)
	nonce := d.site.nonceAt(l.Pass, d.core.Now().Add(-3*time.Second))
	v.wants(v.post(path, "nonce", nonce), 422, "Tick what you have")
	machine := d.visitor()
	machine.wants(machine.post(path, "nonce", nonce, "version", version), 422, "a program sent this form")
	b.wants(b.get(page), 200, "not opened yet")
	v.wants(v.post(path, "nonce", nonce, "version", version), http.StatusSeeOther)
	v.wants(v.get(path), 200, "you confirmed it")
	b.wants(b.get(page), 200, "1 receipt confirmed")
}

// otherThan is another letter of tokens.
func otherThan(letter string) string {
	if letter == "A" {
		return "B"
	}
	return "A"
}

// Who has a session says so on the plan's page, once, and holds it from then on.
func TestAReceiptIsConfirmedOnThePlansPage(t *testing.T) {
	t.Parallel()
	d := newDepot(t, storetest.SQLite(t), 1, sized(500))
	eve, j := d.person("Eve"), d.project.ID
	d.tx(func(tx core.Tx) error {
		return tx.SetParticipant(t.Context(), &core.Participant{Account: d.account.ID, Project: j, Person: eve.ID})
	})
	b, page := d.as(eve), planURL(d.plans[0].ID)
	b.wants(b.get(page), 200, "I have this index")
	b.wants(b.post(page+"/versions/"+string(d.files[0].Version)+"/receipt"), http.StatusSeeOther)
	if a := b.wants(b.get(page), 200, "you confirmed it"); strings.Contains(a.body, "I have this index") {
		t.Error("it is asked again")
	}
	holders, err := d.core.PlanHolders(t.Context(), d.actor(d.owner), d.plans[0].ID)
	must(t, err)
	if len(holders.Rows) != 1 || holders.Rows[0].Person != eve.ID {
		t.Errorf("held by %+v", holders.Rows)
	}
}
