package core_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/mail"
	"planpost/mail/auth"
)

// settled is the account as it stands, in h too.
func (h *house) settled() core.Account {
	h.t.Helper()
	h.must(h.store.View(h.ctx, func(tx core.Tx) (err error) { h.account, err = tx.FindAccount(h.ctx, h.account.ID); return err }))
	return h.account
}

// set changes settings as the owner.
func (h *house) set(pairs ...string) {
	h.t.Helper()
	values := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values[pairs[i]] = pairs[i+1]
	}
	h.must(h.c.SetSettings(h.ctx, h.as(h.owner), values))
	h.settled()
}

// told is the letter that a comment of Eve's brings to Klara.
func (h *house) told() core.Letter {
	h.t.Helper()
	h.letters()
	_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "It is ready", Tell: []core.ID{h.klara.ID}})
	h.must(err)
	sent, _ := h.letters()
	return sent["Klara"]
}

// effects prove for each entry of the registry that a changed value counts.
var effects = map[string]func(h *house){
	"name": func(h *house) {
		if l := h.told(); l.From.Name != "Holzbau" {
			h.t.Errorf("before, mails are from %q", l.From.Name)
		}
		h.set("name", "Stahlbau")
		if l := h.told(); l.From.Name != "Stahlbau" || l.ReplyTo.Name != "Stahlbau" {
			h.t.Errorf("mails are from %q, answers to %q", l.From.Name, l.ReplyTo.Name)
		}
	},
	"replies": func(h *house) {
		m := core.Mailbox{Address: mail.Address{Local: "answers", Domain: "boxes.test"}}
		m.Host = "imap.boxes.test"
		m, err := h.c.PutMailbox(h.ctx, h.as(h.owner), m, core.MailboxSecret{Password: "none"})
		h.must(err)
		if l := h.told(); l.ReplyTo.Domain != "in.test" {
			h.t.Errorf("before, answers go to %s", l.ReplyTo.Mailbox())
		}
		h.set("replies", m.Address.Mailbox())
		if l := h.told(); l.ReplyTo.Mailbox() != "answers@boxes.test" {
			h.t.Errorf("answers go to %s", l.ReplyTo.Mailbox())
		}
		m.Plus = true // the test has seen that plus-tags arrive
		_, err = h.c.PutMailbox(h.ctx, h.as(h.owner), m, core.MailboxSecret{})
		h.must(err)
		to := h.told().ReplyTo
		if !strings.HasPrefix(to.Local, "answers+r-") || to.Domain != "boxes.test" || len(to.Local) > 64 {
			h.t.Errorf("answers go to %s", to.Mailbox())
		}
		routes, err := h.c.FetchedRoutes(h.ctx, &m, []mail.Address{to})
		h.must(err)
		if len(routes) != 2 || routes[0].Kind != core.RouteReply || routes[0].Account != h.account.ID {
			h.t.Errorf("and lead to %+v", routes)
		}
	},
	"undo": func(h *house) {
		wait := func() time.Duration {
			_, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "to Klara", Tell: []core.ID{h.klara.ID}})
			h.must(err)
			list, err := h.c.Deliveries(h.ctx, h.as(h.owner), core.DeliveryFilter{Person: h.klara.ID, Limit: 1})
			h.must(err)
			return list[0].Delivery.DueAt.Sub(list[0].Delivery.CreatedAt)
		}
		h.c = h.with(func(c *core.Config) { c.Undo = time.Minute })
		if got := wait(); got != time.Minute {
			h.t.Errorf("while nothing is set mail waits %v", got)
		}
		for value, want := range map[string]time.Duration{"90": 90 * time.Second, "0": 0, "": time.Minute} {
			h.set("undo", value)
			if got := wait(); got != want {
				h.t.Errorf("undo %q: mail waits %v", value, got)
			}
		}
	},
	"mailrate": func(h *house) { // timely_test.go has the rest
		h.set("mailrate", "1")
		h.pass(2 * time.Hour) // what others before it wait to tell
		h.letters()
		h.pass(2 * time.Hour)
		for i, want := range []string{"", "delivery.digest"} {
			h.tellOf(h.task.ID, "news")
			h.pass(10 * time.Minute)
			if _, refused := h.letters(); refused["Eve"] != want {
				h.t.Errorf("mail %d was refused as %q", i, refused["Eve"])
			}
		}
	},
	"color": func(h *house) { // the mailer draws it
		h.set("color", strings.ToUpper(core.Palette[4]))
		if l := h.told(); l.Account.Color != core.Palette[4] {
			h.t.Errorf("mails are of the colour %q", l.Account.Color)
		}
	},
	"logo": func(h *house) {
		h.must(h.c.SetLogo(h.ctx, h.as(h.owner), []byte(logo)))
		name := h.settled().Logo
		if l := h.told(); l.Account.Logo != name || l.Account.LogoType() != "image/png" {
			h.t.Errorf("mails carry %q", l.Account.Logo)
		}
		content, kind, err := h.c.Logo(h.ctx, h.account.ID, name)
		h.must(err)
		defer content.Close()
		if got, _ := io.ReadAll(content); string(got) != logo || kind != "image/png" {
			h.t.Errorf("shown is %q as %s", got, kind)
		}
		// It comes back with an answer, and is nothing that somebody sent.
		h.one(h.withFiles("klara@client.test", "thanks", part("image001.png", "image/png", logo)), auth.Pass, h.replyTo(h.klara))
		if f := h.lastComment().Attachments[0]; f.Fate != core.FileSignature || f.Reason != "ours" {
			h.t.Errorf("our own logo in an answer is %s (%s)", f.Fate, f.Reason)
		}
	},
	"mailfoot": func(h *house) {
		h.set("mailfoot", " Holzbau GmbH\r\n  Wien  ")
		if l := h.told(); l.Account.MailFoot != "Holzbau GmbH\nWien" {
			h.t.Errorf("below the mail stands %q", l.Account.MailFoot)
		}
	},
	"languages": func(h *house) {
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { h.klara.Locale = "fr"; return tx.UpdatePerson(h.ctx, &h.klara) }))
		if l := h.told(); l.Locale != "fr" {
			h.t.Errorf("before, Klara is written to in %q", l.Locale)
		}
		h.set("languages", "de, en")
		if h.account.Languages != "en de" {
			h.t.Errorf("kept as %q", h.account.Languages)
		}
		if l := h.told(); l.Locale != "de" {
			h.t.Errorf("a language that is not offered any more still counts: %q", l.Locale)
		}
		_, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Fleur", Address: "fleur@client.test", Locale: "fr"})
		if core.CodeOf(err) != "language.unoffered" {
			h.t.Errorf("a new contact in a language that is not offered: %v", err)
		}
		if err := h.c.SetProfile(h.ctx, h.as(h.eve), core.Profile{Name: "Eve", Locale: "bg"}); core.CodeOf(err) != "language.unoffered" {
			h.t.Errorf("an own language that is not offered: %v", err)
		}
		h.must(h.c.SetProfile(h.ctx, h.as(h.eve), core.Profile{Name: "Eve", Locale: "en"}))
	},
	"locale": func(h *house) {
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { h.klara.Locale = ""; return tx.UpdatePerson(h.ctx, &h.klara) }))
		h.set("locale", "bg")
		if l := h.told(); l.Locale != "bg" {
			h.t.Errorf("who chose no language is written to in %q", l.Locale)
		}
	},
	"zone": func(h *house) {
		h.now = time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC)
		h.set("zone", "America/Lima")
		if day := h.c.Today(&h.account); day != "2026-03-02" {
			h.t.Errorf("in Lima it is %s", day)
		}
		h.set("zone", "Asia/Tokyo")
		if day := h.c.Today(&h.account); day != "2026-03-03" {
			h.t.Errorf("in Tokyo it is %s", day)
		}
	},
	"invitation": func(h *house) {
		for _, days := range []int{7, 2} {
			if days != 7 {
				h.set("invitation", fmt.Sprint(days))
			}
			name := fmt.Sprint("Nora", days)
			h.letters()
			h.invited(name, strings.ToLower(name)+"@holzbau.test")
			sent, _ := h.letters()
			left := sent[name].Link.ExpiresAt.Sub(h.now)
			if wanted := time.Duration(days) * 24 * time.Hour; left > wanted || left < wanted-time.Hour {
				h.t.Errorf("an invitation works %v, wanted %v", left, wanted)
			}
		}
	},
	"unhidden": func(h *house) {
		klara := h.dashboard(h.klara)
		cm, err := h.c.Comment(h.ctx, h.as(h.eve), core.NewComment{Task: h.task.ID, Text: "to nobody in particular"})
		h.must(err)
		for _, want := range []bool{false, true} {
			if want {
				h.set("unhidden", "on")
			}
			v, err := h.c.Task(h.ctx, h.as(klara), h.task.Number, "")
			h.must(err)
			if got := slices.ContainsFunc(v.Comments, func(c core.CommentView) bool { return c.ID == cm.ID }); got != want {
				h.t.Errorf("Klara reads it: %v, wanted %v", got, want)
			}
		}
	},
	"intake": func(h *house) {
		assigned := func() core.ID {
			k, err := h.c.CreateTask(h.ctx, h.as(h.advanced()), core.NewTask{Title: "A wish"})
			h.must(err)
			return append(k.Of(core.Assignee), "")[0]
		}
		if who := assigned(); who != h.owner.ID {
			h.t.Errorf("before, the task goes to %s", who)
		}
		h.set("intake", "eve@holzbau.test")
		if who := assigned(); who != h.eve.ID {
			h.t.Errorf("the task goes to %s, not to Eve", who)
		}
		for name, change := range map[string]func(*core.Person){"inactive": func(p *core.Person) { p.Status = core.Inactive }, "blocked": func(p *core.Person) { p.BlockedAt = h.now }} {
			gone := h.eve
			change(&gone)
			h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &gone) }))
			if who := assigned(); who != h.owner.ID {
				h.t.Errorf("with the intake person %s the task goes to %s, not to the owner", name, who)
			}
		}
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error { return tx.UpdatePerson(h.ctx, &h.eve) }))
	},
	"minpassword": func(h *house) {
		short, long := "red door hinge", "red door hinge oiled thrice" // 14 and 27
		owner := h.owner
		h.set("minpassword", "20")
		if _, err := h.c.SetPassword(h.ctx, h.as(owner), core.PasswordChange{Current: "correct horse battery", New: short}); core.CodeOf(err) != "password.short" {
			h.t.Errorf("a short one of one's own: %v", err)
		}
		_, err := h.c.CreateUser(h.ctx, h.as(owner), core.NewUser{Name: "Paul", Address: "paul@holzbau.test", Role: core.Employee, Password: short})
		if core.CodeOf(err) != "password.short" {
			h.t.Errorf("a short one of a new user: %v", err)
		}
		h.letters()
		nils := h.invited("Nils", "nils@holzbau.test")
		sent, _ := h.letters()
		pass := h.opened(core.ActivationLink, sent["Nils"])
		if _, err := h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: short}); core.CodeOf(err) != "password.short" {
			h.t.Errorf("a short one by an invitation: %v", err)
		}
		_, err = h.c.Activate(h.ctx, core.Activation{Pass: pass, Password: long})
		h.must(err)
		nils = h.person(nils.ID)
		h.must(h.c.AskReset(h.ctx, "eve@holzbau.test", "192.0.2.1"))
		sent, _ = h.letters()
		if err := h.c.Reset(h.ctx, h.opened(core.ResetLink, sent["Eve"]), short, ""); core.CodeOf(err) != "password.short" {
			h.t.Errorf("a short one by a reset: %v", err)
		}
		if err := h.c.GivePassword(h.ctx, core.OperatorOf(h.account), h.eve.ID, short); core.CodeOf(err) != "password.short" {
			h.t.Errorf("a short one by the operator: %v", err)
		}
		// One login, two accounts: the stricter one counts in both.
		other := core.Account{ID: core.NewID(), AccountSettings: core.DefaultSettings(), CreatedAt: h.now}
		there := core.Person{ID: core.NewID(), Account: other.ID, Kind: core.UserKind, Name: "Nils", Role: core.Owner, Status: core.Active, Identity: nils.Identity, CreatedAt: h.now}
		h.must(h.store.InTx(h.ctx, func(tx core.Tx) error {
			if err := tx.CreateAccount(h.ctx, &other); err != nil {
				return err
			}
			return tx.CreatePerson(h.ctx, &there)
		}))
		_, err = h.c.SetPassword(h.ctx, &core.Actor{Person: there, Account: other, Via: "page"}, core.PasswordChange{Current: long, New: short})
		if core.CodeOf(err) != "password.short" {
			h.t.Errorf("a short one in another account of the same login: %v", err)
		}
	},
	"sealers": func(h *house) {
		reply := func() core.Receipt {
			raw := h.letter("klara@client.test", fmt.Sprint("words ", h.sent))
			rs, err := h.mailFrom(raw, auth.Verdict{Outcome: auth.Fail, Reason: auth.ReasonPolicy, DMARC: auth.DMARCResult{Result: auth.ResultFail, Policy: "reject", Domain: "client.test"},
				ARC: auth.ARCResult{Result: auth.ResultPass, Sets: []auth.ARCSet{{Sealer: "lists.test", Author: "client.test"}}}}, h.replyTo(h.klara))
			h.must(err)
			return rs[0]
		}
		if r := reply(); r.Disposition != core.Held || r.Reason != "auth.fail" {
			h.t.Errorf("before: %s (%s)", r.Disposition, r.Reason)
		}
		h.set("sealers", "other.test, LISTS.test\n\nother.test")
		if h.account.Sealers != "other.test\nlists.test" {
			h.t.Errorf("kept as %q", h.account.Sealers)
		}
		r := reply()
		if r.Disposition != core.Posted {
			h.t.Errorf("what a trusted list vouches for is %s (%s)", r.Disposition, r.Reason)
		}
		v, err := h.c.Message(h.ctx, h.as(h.owner), r.ID)
		h.must(err)
		if v.Message.Verified != string(auth.Pass) || !strings.Contains(v.Message.Evidence, `"reason":"arc"`) {
			h.t.Errorf("the recorder says %s: %s", v.Message.Verified, v.Message.Evidence)
		}
	},
	"proofcomment": func(h *house) {
		reply := func(outcome auth.Outcome) core.Receipt {
			return h.one(h.letter("klara@client.test", fmt.Sprint("words ", h.sent)), outcome, h.replyTo(h.klara))
		}
		if r := reply(auth.None); r.Disposition != core.Posted {
			h.t.Errorf("before: %s (%s)", r.Disposition, r.Reason)
		}
		h.set("proofcomment", "proven")
		if r := reply(auth.None); r.Disposition != core.Held || r.Reason != "auth.required" {
			h.t.Errorf("unproven mail is %s (%s)", r.Disposition, r.Reason)
		}
		if r := reply(auth.Pass); r.Disposition != core.Posted {
			h.t.Errorf("proven mail is %s (%s)", r.Disposition, r.Reason)
		}
		h.set("proofcomment", "signed")
		if r := reply(auth.Pass); r.Disposition != core.Held || r.Reason != "auth.signature" {
			h.t.Errorf("unsigned mail is %s (%s)", r.Disposition, r.Reason)
		}
	},
	"prooffiles": func(h *house) {
		h.set("prooffiles", "signed")
		files := func(v auth.Verdict) core.Receipt {
			rs, err := h.mailFrom(h.withFiles("klara@client.test", fmt.Sprint("words ", h.sent), part("plan.pdf", "application/pdf", "%PDF-1.4 "+fmt.Sprint(h.sent))), v, h.replyTo(h.klara))
			h.must(err)
			return rs[0]
		}
		signed := auth.Verdict{Outcome: auth.Pass, Reason: auth.ReasonDKIM, DKIM: []auth.DKIMResult{{Result: auth.ResultPass, Domain: "client.test", Aligned: true}}}
		if r := files(auth.Verdict{Outcome: auth.Pass, Reason: auth.ReasonSPF}); r.Disposition != core.Held || r.Reason != "auth.files" {
			h.t.Errorf("files of an unsigned mail are %s (%s)", r.Disposition, r.Reason)
		}
		if r := h.one(h.letter("klara@client.test", fmt.Sprint("words ", h.sent)), auth.None, h.replyTo(h.klara)); r.Disposition != core.Posted {
			h.t.Errorf("words alone are %s (%s)", r.Disposition, r.Reason)
		}
		if r := files(signed); r.Disposition != core.Posted {
			h.t.Errorf("files of a signed mail are %s (%s)", r.Disposition, r.Reason)
		}
	},
	"proofcommand": func(h *house) {
		h.set("proofcommand", "signed")
		for _, c := range []struct {
			v    auth.Verdict
			want int
		}{{auth.Verdict{Outcome: auth.Pass, Reason: auth.ReasonSPF}, 0}, {auth.Verdict{Outcome: auth.Pass, Trusted: true}, 60}} {
			before := h.worked(h.eve, core.HoursFilter{}).Total
			_, err := h.mailFrom(h.letter("eve@holzbau.test", fmt.Sprintf("#time 1h\n\nwords %d", h.sent)), c.v, h.replyTo(h.eve))
			h.must(err)
			if got := h.worked(h.eve, core.HoursFilter{}).Total - before; got != c.want {
				h.t.Errorf("%+v: %d minutes were recorded, want %d", c.v, got, c.want)
			}
		}
	},
	"proofapproval": func(h *house) {
		h.set("proofapproval", "signed")
		allow := true
		_, err := h.c.EditProject(h.ctx, h.as(h.owner), h.project.ID, core.ProjectEdit{ReplyApproves: &allow})
		h.must(err)
		for _, c := range []struct {
			number string
			v      auth.Verdict
			want   core.ApprovalState
		}{{"R1", auth.Verdict{Outcome: auth.Pass, Reason: auth.ReasonSPF}, core.ApprovalWaiting}, {"R2", auth.Verdict{Outcome: auth.Pass, Trusted: true}, core.ApprovalApproved}} {
			h.letters() // or one that waits is taken for that of the request
			p, _, sent := h.underReview(c.number, core.ApproveAll, h.klara)
			_, err := h.mailFrom(h.letter("klara@client.test", "OK "+sent["Klara"].Code), c.v, sent["Klara"].ReplyTo.Mailbox())
			h.must(err)
			if _, view := h.reviewOf(p); view.State != c.want {
				h.t.Errorf("%+v: the request is %s, want %s", c.v, view.State, c.want)
			}
		}
	},
}

// advanced is an outsider of no firm who signs in.
func (h *house) advanced() core.Person {
	h.t.Helper()
	h.sent++
	p, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Ada", Address: fmt.Sprintf("ada%d@else.test", h.sent), Access: core.AdvancedAccess})
	h.must(err)
	return p
}

func TestA8EverySettingTakesEffectAndIsLogged(t *testing.T) {
	each(t, func(h *house) {
		for _, s := range core.AllSettings() {
			effect := effects[s.Name]
			if effect == nil {
				t.Errorf("%s: nothing proves that it counts: add it to effects", s.Name)
				continue
			}
			before := h.settled()
			effect(h)
			after := h.settled()
			entries, err := h.log(h.as(h.owner))
			h.must(err)
			at := slices.IndexFunc(entries, func(e core.LogEntry) bool { return e.Code == "settings.edit" })
			if at < 0 || !slices.ContainsFunc(entries[at].Changes, func(ch core.Change) bool { return ch.Field == s.Name && ch.Now == s.Of(&after) }) || entries[at].Actor != h.owner.ID {
				t.Errorf("%s: the log does not tell of it", s.Name)
			}
			h.set(s.Name, s.Of(&before)) // a logo is taken away by that
		}
	})
}

func TestA5ListOfSettingsTimesRolesIsTheTable(t *testing.T) {
	each(t, func(h *house) {
		person := func(role core.Role, caps ...string) core.Person {
			h.sent++
			p, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: string(role), Address: fmt.Sprintf("%s%d@holzbau.test", role, h.sent), Role: role, Caps: caps})
			h.must(err)
			return p
		}
		people := []core.Person{h.owner, person(core.Administrator), person(core.TechnicalAdministrator), person(core.Manager), person(core.Employee),
			person(core.Manager, "settings"), person(core.Employee, "routing"), h.advanced(), h.klara}
		majority := 0
		for _, s := range core.AllSettings() {
			if !access.Known(s.Action) || !access.Known(s.View) || !access.Writes(s.Action) {
				t.Errorf("%s goes by %q and %q", s.Name, s.View, s.Action)
			}
			for _, p := range people {
				wanted := access.Decide(access.Request{Action: s.Action, Subject: p.Subject(), Facts: core.CapFacts(&p).Closed()}).Allowed
				account := h.settled()
				err := h.c.SetSettings(h.ctx, h.as(p), map[string]string{s.Name: s.Of(&account)}) // none has a logo
				if kind := core.KindOf(err); wanted != (err == nil) || err != nil && kind != core.Forbidden && kind != core.NotFound {
					t.Errorf("%s as %s %v: %v, the table says %v", s.Name, p.Role, p.Caps, err, wanted)
				}
				if wanted && p.Role == core.TechnicalAdministrator {
					majority++
				}
			}
		}
		if all := len(core.AllSettings()); majority*2 <= all || majority == all {
			t.Errorf("a technical administrator changes %d of %d settings", majority, all)
		}
	})
}

func TestA8AWrongSettingIsRefusedWithItsReasonAndChangesNothing(t *testing.T) {
	each(t, func(h *house) {
		gone, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Gone", Address: "gone@holzbau.test", Role: core.Employee})
		h.must(err)
		h.must(h.c.Deactivate(h.ctx, h.as(h.owner), gone.ID, core.Leaving{}))
		before := h.settled()
		for _, x := range []struct{ name, value, code string }{
			{"name", " \t ", "account.name"}, {"name", strings.Repeat("ж", 201), "account.name"},
			{"color", "#123456", "person.color"}, {"color", "red;x", "person.color"}, {"logo", strings.Repeat("ab", 32) + ".png", "setting.logo"},
			{"mailfoot", strings.Repeat("line\n", 7) + "x", "setting.mailfoot"}, {"mailfoot", strings.Repeat("ж", 501), "setting.mailfoot"}, {"sealers", "lists", "setting.sealers.domain"}, {"sealers", "a.test <script>", "setting.sealers.domain"},
			{"languages", "", "setting.languages"}, {"languages", "de tlh", "language.unknown"}, {"languages", "en fr", "setting.locale"},
			{"locale", "tlh", "language.unknown"}, {"locale", "", "language.unknown"},
			{"zone", "Nowhere/Land", "zone"}, {"zone", "", "zone"}, {"zone", "Local", "zone"}, {"zone", "../etc/passwd", "zone"},
			{"invitation", "0", "setting.days"}, {"invitation", "31", "setting.days"}, {"invitation", "a week", "setting.days"},
			{"intake", string(h.klara.ID), "setting.intake"}, {"intake", "nobody@holzbau.test", "setting.intake"}, {"intake", string(gone.ID), "setting.intake"}, {"intake", "?", "setting.intake"},
			{"minpassword", "11", "setting.password"}, {"minpassword", "65", "setting.password"}, {"minpassword", "long", "setting.password"},
			{"unhidden", "perhaps", "setting.switch"}, {"proofcomment", "perhaps", "setting.choice"}, {"proofapproval", "any", "setting.choice"}, {"proofcommand", "any", "setting.choice"}, {"colour of the moon", "white", "setting.unknown"},
		} {
			// What is right beside it is not kept either.
			err := h.c.SetSettings(h.ctx, h.as(h.owner), map[string]string{"proofcomment": "signed", "invitation": "3", x.name: x.value})
			if core.CodeOf(err) != x.code || core.KindOf(err) != core.Invalid {
				t.Errorf("%s %q: %v, want %s", x.name, x.value, err, x.code)
			}
			if now := h.settled(); now.AccountSettings != before.AccountSettings {
				t.Fatalf("%s %q was refused and changed %+v", x.name, x.value, now.AccountSettings)
			}
		}
		h.set("name", "  Holz \t bau ")
		if h.account.Name != "Holz bau" {
			t.Errorf("the name is %q", h.account.Name)
		}
		h.set("languages", "fr", "locale", "fr") // one alone would be refused
		if h.account.Locale != "fr" {
			t.Errorf("the language is %q", h.account.Locale)
		}
	})
}

func TestA8ALogoIsASafePictureAndNoOtherFileOfTheAccount(t *testing.T) {
	each(t, func(h *house) {
		for name, content := range map[string]string{"a drawing": `<svg xmlns="http://www.w3.org/2000/svg"/>`, "a page": "<!DOCTYPE html>", "nothing": "", "a program": "MZ\x90\x00"} {
			if err := h.c.SetLogo(h.ctx, h.as(h.owner), []byte(content)); core.CodeOf(err) != "setting.logo" {
				t.Errorf("%s as logo: %v", name, err)
			}
		}
		if err := h.c.SetLogo(h.ctx, h.as(h.owner), append([]byte(logo), make([]byte, core.LogoMost)...)); core.KindOf(err) != core.TooLarge {
			t.Errorf("a large one: %v", err)
		}
		if err := h.c.SetLogo(h.ctx, h.as(h.eve), []byte(logo)); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee's: %v", err)
		}
		// A file of a task is no logo, whoever names it.
		h.one(h.withFiles("klara@client.test", "plan", part("plan.png", "image/png", shot)), auth.Pass, h.replyTo(h.klara))
		name := h.lastComment().Attachments[0].Hash + ".png"
		for _, asked := range []string{name, "", "x"} {
			if _, _, err := h.c.Logo(h.ctx, h.account.ID, asked); core.KindOf(err) != core.NotFound {
				t.Errorf("%q is shown to everybody: %v", asked, err)
			}
		}
		h.must(h.c.SetLogo(h.ctx, h.as(h.owner), []byte(logo)))
		if _, _, err := h.c.Logo(h.ctx, h.account.ID, name); core.KindOf(err) != core.NotFound {
			t.Errorf("beside a logo: %v", err)
		}
		h.set("logo", "")
		if h.account.Logo != "" {
			t.Errorf("taken away it is %q", h.account.Logo)
		}
	})
}

// An account's settings are its own.
func TestA13SettingsOfOneAccountTouchNoOther(t *testing.T) {
	each(t, func(h *house) {
		other, boss, err := h.c.CreateAccount(h.ctx, core.Setup{AccountName: "Other", Locale: "fr", Zone: "UTC", Name: "Bo", Address: "bo@other.test", Password: "quite another phrase"})
		h.must(err)
		h.set("name", "Changed", "zone", "Asia/Tokyo", "invitation", "3")
		h.must(h.store.View(h.ctx, func(tx core.Tx) error {
			again, err := tx.FindAccount(h.ctx, other.ID)
			if again.AccountSettings != other.AccountSettings {
				t.Errorf("the other account became %+v", again.AccountSettings)
			}
			return err
		}))
		err = h.c.SetSettings(h.ctx, &core.Actor{Person: boss, Account: other, Via: "page"}, map[string]string{"intake": string(h.eve.ID)})
		if core.CodeOf(err) != "setting.intake" {
			t.Errorf("somebody of another account as intake person: %v", err)
		}
	})
}

func TestX22ATaskWithoutAProjectGoesToTheIntakePerson(t *testing.T) {
	each(t, func(h *house) { effects["intake"](h) })
}
