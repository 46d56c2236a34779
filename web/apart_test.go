package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/mail"
	"planpost/store/storetest"
)

// Two accounts on one host (A13): whatever the one's people ask about the
// other's things gets 404, shows nothing of it and changes nothing of it.
//
// The table of routes is walked, and the forms are read out of the templates
// and the handlers: a new address or field that is not described here fails.

// full is a world that has one of everything an address can name.
type full struct {
	*cellWorld
	posted, held     core.Receipt
	box              core.Mailbox
	due, stopped     core.ID
	told             core.ID
	file             core.ID
	rule, thrownAway core.ID
	planned          core.Visit
	sending          core.Transmittal
	asked            core.Approval
	remark           core.ID
	receipt          core.ID
	drawn            core.Plan
	index, planFile  core.ID
	staged           core.StagedUpload
	worked           core.Hours
	template         core.TaskTemplate
	session          string
	// said is what was written, each with the mark behind it.
	said []string
}

// neighbour is another account on the same host.
func (p *place) neighbour(name, owner string) *place {
	p.t.Helper()
	p.neighbours++
	q := &place{t: p.t, core: p.core, ahead: p.ahead, store: p.store, files: p.files, database: p.database, trouble: p.trouble, road: p.road, keys: p.keys, later: p.later, site: p.site, url: p.url, log: p.log, n: 5000 * p.neighbours}
	var err error
	q.account, q.owner, err = p.core.CreateAccount(context.Background(), core.Setup{AccountName: name, Locale: "en", Zone: "Europe/Paris", Name: owner, Address: "owner@" + strings.ToLower(name) + ".example", Password: password})
	must(p.t, err)
	return q
}

// furnish makes a full world, with a word of its own in everything that is written.
func furnish(p *place, mark string) *full {
	p.t.Helper()
	ctx := context.Background()
	w := &full{cellWorld: build(p, access.Employee, access.FactsOf(access.Mem, access.Asg, access.Mine))}
	say := func(s string) string {
		w.said = append(w.said, s+" "+mark)
		return s + " " + mark
	}
	w.project.Name, w.task.Title, w.task.Description = say("Project"), say("Task"), say("Description")
	w.public.Text, w.hidden.Text = say("Public"), say("Hidden")
	w.client.Name, w.assignee.Name, w.subject.Name = say("Client"), say("Assignee"), say("Subject")
	rule := core.IPRule{ID: core.NewID(), Account: p.account.ID, Class: core.IPLinks, Who: "person", Person: w.client.ID, Network: "192.0.2.0/24", CreatedAt: p.core.Now()}
	w.rule = rule.ID
	binned := p.task(say("Thrown away"))
	w.thrownAway = binned.ID
	p.tx(func(tx core.Tx) error {
		for _, do := range []func() error{
			func() error { return tx.UpdateProject(ctx, &w.project) },
			func() error { return tx.UpdateTask(ctx, &w.task) },
			func() error { return tx.UpdateComment(ctx, &w.public) },
			func() error { return tx.UpdateComment(ctx, &w.hidden) },
			func() error { return tx.UpdatePerson(ctx, &w.client) },
			func() error { return tx.UpdatePerson(ctx, &w.assignee) },
			func() error { return tx.UpdatePerson(ctx, &w.subject) },
			func() error { return tx.CreateIPRule(ctx, &rule) },
			func() error {
				return tx.SetBin(ctx, p.account.ID, core.Object{Kind: "task", ID: binned.ID}, p.core.Now(), p.owner.ID)
			},
			func() error {
				return tx.SetParticipant(ctx, &core.Participant{Account: p.account.ID, Project: w.project.ID, Person: w.assignee.ID})
			},
		} {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	})
	cell := &cellWorld{place: p, subject: w.assignee, assignee: w.assignee}
	cell.project = w.project
	w.drawn = cell.drawn(core.DrawingKind)
	p.tx(func(tx core.Tx) error {
		list, err := tx.ListVersions(ctx, p.account.ID, w.drawn.ID)
		if err != nil {
			return err
		}
		w.index = list[0].ID
		files, err := tx.ListPlanFiles(ctx, p.account.ID, w.index)
		w.planFile = files[0].ID
		return err
	})
	w.sending, _ = cell.sentTo(w.drawn, w.client)
	w.asked = cell.askedFor(cell.drawn(core.DrawingKind))
	w.remark = cell.remarked(&w.asked).ID
	b := core.Block{ID: core.NewID(), Account: p.account.ID, Person: w.client.ID, Project: w.project.ID, By: p.owner.ID, At: p.core.Now(), LiftedAt: p.core.Now()}
	w.receipt = b.ID
	p.tx(func(tx core.Tx) error { return tx.CreateBlock(ctx, &b) })
	w.staged = p.upload(w.project.ID, p.owner.ID)
	w.planned = p.visit(w.task, w.assignee.ID, "2031-03-03")
	w.worked = p.hours(w.task, w.assignee.ID)
	box := core.Mailbox{Name: say("Mailbox")}
	var wrong error
	box.Address, wrong = core.ParseMailboxAddress(string(w.rule) + "@boxes.test")
	must(p.t, wrong)
	box.Host, box.PausedAt = "imap.boxes.test", p.core.Now()
	w.box, wrong = p.core.PutMailbox(ctx, p.actor(p.owner), box, core.MailboxSecret{Password: "none"})
	must(p.t, wrong)
	text := "Often done" // a setting, which a technical administrator edits too
	var err error
	w.template, err = p.core.SaveTemplate(ctx, p.actor(p.owner), "", core.TemplateEdit{Title: &text, Assignee: &w.assignee.ID, Project: &w.project.ID})
	must(p.t, err)
	a := p.as(w.assignee)
	sum := sha256.Sum256([]byte(a.jar["planpost"]))
	w.session = hex.EncodeToString(sum[:])
	p.tx(func(tx core.Tx) (err error) {
		w.assignee, err = tx.FindPerson(ctx, p.account.ID, w.assignee.ID)
		return err
	})
	if up := a.upload(taskURL(w.task.Number)+"/comments", say("plan")+".png", []byte(drawn(p.t, 40, 30, "png")), "text", say("With a file")); up.status != 303 {
		p.t.Fatalf("upload: %d %s", up.status, clip(up.body))
	}
	w.posted = w.receive(w.replies(), "Client <"+w.client.Address().Mailbox()+">", say("Subject"), say("From outside")+"\n\nOn Mon, 2 Mar 2026 at 09:00, Olga <o@x.example> wrote:\n> "+say("Quoted"))
	if w.posted.Disposition != core.Posted {
		p.t.Fatal(w.posted.Disposition, w.posted.Reason)
	}
	w.held = w.receive(w.replies(), say("Stranger")+" <stranger@"+strings.ToLower(mark)+".example>", say("Held subject"), say("Held words"))
	w.due = core.ID(strings.TrimPrefix(delivery(core.DeliveryDue, "")(w.cellWorld), "/outbox/"))
	w.stopped = stopped(w.cellWorld)
	p.tx(func(tx core.Tx) error {
		list, err := tx.ListNotifications(ctx, p.account.ID, w.assignee.ID, false, 1)
		w.told = list[0].ID
		return err
	})
	view, err := p.core.Task(ctx, p.actor(p.owner), w.task.Number, "")
	must(p.t, err)
	for _, c := range view.Comments {
		for _, f := range c.Attachments {
			w.file = f.ID
		}
	}
	return w
}

// replies is the client's reply address.
func (w *full) replies() mail.Address {
	return mail.Address{Local: w.keys.ReplyLocal(w.link.ID), Domain: "in.example.org"}
}

// pathObjects is what each part of an address that varies names, by the address up to it.
var pathObjects = map[string]func(w *full) string{
	"/tasks/{number}":                      func(w *full) string { return fmt.Sprint(w.task.Number) },
	"/tasks/{number}/comments/{id}":        func(w *full) string { return string(w.posted.Comment) },
	"/tasks/{number}/attachments/{id}":     func(w *full) string { return string(w.file) },
	"/attachments/{id}":                    func(w *full) string { return string(w.file) },
	"/c/{number}":                          func(w *full) string { return fmt.Sprint(w.task.Number) },
	"/c/{number}/comments/{id}":            func(w *full) string { return string(w.posted.Comment) },
	"/c/attachments/{id}":                  func(w *full) string { return string(w.file) },
	"/c/previews/{id}":                     func(w *full) string { return string(w.file) },
	"/t/{token}/attachments/{id}":          func(w *full) string { return string(w.file) },
	"/t/{token}/previews/{id}":             func(w *full) string { return string(w.file) },
	"/previews/{id}":                       func(w *full) string { return string(w.file) },
	"/logo/{id}":                           func(w *full) string { return string(w.account.ID) },
	"/projects/{id}":                       func(w *full) string { return string(w.project.ID) },
	"/plans/{id}/files/{file}":             func(w *full) string { return string(w.planFile) },
	"/projects/{id}/uploads/{upload}":      func(w *full) string { return string(w.staged.ID) },
	"/projects/{id}/participants/{person}": func(w *full) string { return string(w.assignee.ID) },
	"/people/{id}":                         func(w *full) string { return string(w.assignee.ID) },
	"/contacts/{id}":                       func(w *full) string { return string(w.client.ID) },
	"/companies/{id}":                      func(w *full) string { return string(w.firm.ID) },
	"/messages/{id}":                       func(w *full) string { return string(w.posted.ID) },
	"/held/{id}":                           func(w *full) string { return string(w.held.ID) },
	"/outbox/{id}":                         func(w *full) string { return string(w.due) },
	"/suppressed/{id}":                     func(w *full) string { return string(w.stopped) },
	"/templates/{id}":                      func(w *full) string { return string(w.template.ID) },
	"/plans/{id}":                          func(w *full) string { return string(w.drawn.ID) },
	"/plans/{id}/versions/{version}":       func(w *full) string { return string(w.index) },
	"/plan-files/{id}":                     func(w *full) string { return string(w.planFile) },
	"/approvals/{id}":                      func(w *full) string { return string(w.asked.ID) },
	"/approvals/{id}/files/{file}":         func(w *full) string { return string(w.remark) },
	"/blocks/{id}":                         func(w *full) string { return string(w.receipt) },
	"/a/of/{id}":                           func(w *full) string { return string(w.link.ID) },
	"/a/of/{id}/files/{file}":              func(w *full) string { return string(w.planFile) },
	"/sendings/{id}":                       func(w *full) string { return string(w.sending.ID) },
	"/visits/{id}":                         func(w *full) string { return string(w.planned.ID) },
	"/hours/{id}":                          func(w *full) string { return string(w.worked.ID) },
	"/links/{id}":                          func(w *full) string { return string(w.link.ID) },
	"/mailboxes/{id}":                      func(w *full) string { return string(w.box.ID) },
	"/security/ip/{id}":                    func(w *full) string { return string(w.rule) },
}

// pathWords vary, too, and name nothing of an account by themselves.
var pathWords = map[string]string{
	"/tasks/{number}/comments/{id}/cuts/{cut}": "0",
	"/attachments/{id}/{name}":                 "plan.png",
	"/logo/{id}/{name}":                        "none.png",
	"/static/{file}":                           "app.css",
	"/start/{locale}":                          "en",
	"/i/{token}":                               "none",
	"/e/{token}":                               "none",
	"/p/{token}":                               "none",
	"/t/{token}":                               "none",
	"/u/{token}":                               "none",
	"/d/{token}":                               "none",
	"/d/f/{ticket}":                            "none",
	"/d/f/{ticket}/{name}":                     "stairs.pdf",
	"/plan-files/{id}/{name}":                  "stairs.pdf",
	"/a/{token}":                               "none",
	"/approvals/{id}/files/{file}/{name}":      "red.png",
	"/c/attachments/{id}/{name}":               "plan.png",
	"/t/{token}/attachments/{id}/{name}":       "plan.png",
}

var pathParameter = regexp.MustCompile(`\{[a-z]+\}`)

// pathsOf fills in an address: with mine only, and, where it names objects, with
// theirs from the first, from the second … object on.
func pathsOf(t testing.TB, pattern string, mine, theirs *full) (own string, foreign []string) {
	t.Helper()
	pattern = strings.TrimSuffix(pattern, "{$}")
	places := pathParameter.FindAllStringIndex(pattern, -1)
	fill := func(from int) string {
		var b strings.Builder
		end, objects := 0, 0
		for _, at := range places {
			b.WriteString(pattern[end:at[0]])
			end = at[1]
			upTo := pattern[:end]
			if word, ok := pathWords[upTo]; ok {
				b.WriteString(word)
				continue
			}
			name, ok := pathObjects[upTo]
			if !ok {
				t.Fatalf("%s: nothing says what %s names: add it to pathObjects, with a thing of that kind in furnish", pattern, upTo)
			}
			w := mine
			if objects >= from {
				w = theirs
			}
			objects++
			value := name(w)
			if value == "" || value == "0" {
				t.Fatalf("%s: there is nothing for %s", pattern, upTo)
			}
			b.WriteString(value)
		}
		return b.String() + pattern[end:]
	}
	objects := 0
	for _, at := range places {
		if _, word := pathWords[pattern[:at[1]]]; !word {
			objects++
		}
	}
	for i := range objects {
		foreign = append(foreign, fill(i))
	}
	return fill(objects), foreign
}

// idFields are the fields of forms and addresses that name something of an account.
var idFields = map[string]func(w *full) []core.ID{
	"else":          func(w *full) []core.ID { return []core.ID{w.project.ID} },
	"assignee":      staffOf,
	"coassignee":    staffOf,
	"participant":   somebodyOf,
	"auditor":       staffOf,
	"add":           somebodyOf,
	"tell":          somebodyOf,
	"reader":        somebodyOf,
	"person":        somebodyOf,
	"manager":       staffOf,
	"clientmanager": staffOf,
	"responsible":   staffOf,
	"owner":         staffOf,
	"deputy":        staffOf,
	"chosen":        somebodyOf,
	"to":            staffOf,
	"company":       firmsOf,
	"counterparty":  firmsOf,
	"intake":        staffOf,
	"project":       func(w *full) []core.ID { return []core.ID{w.project.ID} },
	"id":            func(w *full) []core.ID { return []core.ID{w.thrownAway, w.project.ID, w.client.ID} },
	"item":          func(w *full) []core.ID { return []core.ID{"assignee/" + w.task.ID, "owner/" + w.project.ID} },
	"object":        func(w *full) []core.ID { return []core.ID{w.task.ID, w.project.ID} },
	"thing":         func(w *full) []core.ID { return []core.ID{w.task.ID, w.project.ID} },
	"before":        func(w *full) []core.ID { return []core.ID{w.posted.ID, w.due, w.public.ID} },
	"afterid":       somebodyOf,
	"beforeid":      func(w *full) []core.ID { return []core.ID{w.task.ID} },
	"account":       func(w *full) []core.ID { return []core.ID{w.account.ID} },
	"author":        staffOf,
	"approver":      staffOf,
	"ask":           func(w *full) []core.ID { return []core.ID{w.index} },
	"version":       func(w *full) []core.ID { return []core.ID{w.index} },
	"seer":          staffOf,
	"sel":           func(w *full) []core.ID { return []core.ID{w.drawn.ID} },
	"upload":        func(w *full) []core.ID { return []core.ID{w.staged.ID, w.staged.ID + " print"} },
	"plan":          func(w *full) []core.ID { return []core.ID{w.drawn.ID} },
	"visit":         func(w *full) []core.ID { return []core.ID{w.planned.ID} },
	"topic":         func(w *full) []core.ID { return []core.ID{"task:" + w.task.ID} },
	"notice":        func(w *full) []core.ID { return []core.ID{w.told} },
	"newest":        func(w *full) []core.ID { return []core.ID{w.told} },
	"template":      func(w *full) []core.ID { return []core.ID{w.template.ID} },
	"session":       func(w *full) []core.ID { return []core.ID{core.ID(w.session)} },
}

func staffOf(w *full) []core.ID    { return []core.ID{w.assignee.ID, w.owner.ID} }
func somebodyOf(w *full) []core.ID { return []core.ID{w.assignee.ID, w.client.ID} }
func firmsOf(w *full) []core.ID    { return []core.ID{w.firm.ID} }

// wordFields are the others, with something to say in them.
var wordFields = map[string]string{
	"folders":       "INBOX",
	"trust":         "Delivered-To",
	"secret":        "",
	"since":         "2026-01-02",
	"off":           "",
	"error":         "",
	"host":          "imap.example.net",
	"port":          "993",
	"security":      "tls",
	"user":          "",
	"auth":          "password",
	"own":           "",
	"tenant":        "",
	"scope":         "",
	"authserv":      "",
	"alarm":         "10",
	"canary":        "0",
	"move_to":       "",
	"failed_to":     "",
	"secret_ends":   "",
	"auth_url":      "",
	"token_url":     "",
	"size":          "3",
	"type":          "application/pdf",
	"mark":          "1",
	"way":           "forward",
	"message":       "Look at the stairs",
	"linkdays":      "30",
	"replies":       "1",
	"sending":       "1",
	"index":         "C",
	"step":          "send",
	"deed":          "approve",
	"addresses":     "print@shop.example",
	"printonly":     "",
	"copies":        "2",
	"sheet":         "A1",
	"folding":       "flat",
	"rule":          "all",
	"secured":       "",
	"approval":      "no",
	"go":            "filter",
	"access":        "basic",
	"hear":          "task.assigned/mail",
	"mute":          "1",
	"show":          "unread",
	"acknowledged":  "",
	"action":        "task.view",
	"addas":         "participant",
	"address":       "new@example.net",
	"admin":         "",
	"advanced":      "",
	"after":         "",
	"again":         "",
	"amount":        "40",
	"approves":      "1",
	"area":          "",
	"as":            "",
	"at":            "",
	"back":          "/calendar",
	"blocked":       "",
	"class":         "links",
	"client":        "",
	"closed":        "",
	"code":          "AB",
	"color":         "#123456",
	"companytasks":  "",
	"confirm":       "",
	"confirmed":     "",
	"currency":      "EUR",
	"dashboard":     "1",
	"day":           "1",
	"days":          "3",
	"deductions":    "",
	"description":   "Words",
	"done":          "",
	"due":           "2031-01-01",
	"duetime":       "",
	"edit":          "",
	"fate":          "",
	"fields":        "role",
	"file":          "",
	"files":         "",
	"fresh":         "",
	"from":          "2031-01-01",
	"hidden":        "",
	"inline":        "",
	"invitation":    "9",
	"ip":            "192.0.2.7",
	"join":          "",
	"kind":          "contact",
	"languages":     "en",
	"leave":         "1",
	"locale":        "en",
	"login":         "",
	"loginname":     "",
	"logo":          "",
	"look":          "",
	"mailfoot":      "Words",
	"reason":        "auth.fail",
	"sealers":       "lists.example.org",
	"proofcomment":  "proven",
	"prooffiles":    "proven",
	"proofcommand":  "signed",
	"proofapproval": "signed",
	"mine":          "",
	"minpassword":   "13",
	"mailrate":      "4",
	"digest":        "hourly",
	"undo":          "45",
	"name":          "New",
	"network":       "192.0.2.0/24",
	"newpassword":   "",
	"newpassword2":  "",
	"next":          "",
	"nonce":         "",
	"note":          "Words",
	"number":        "1",
	"oldpassword":   "",
	"otheraddress":  "",
	"outside":       "allowed",
	"password":      "",
	"phone":         "",
	"place":         "",
	"proofcode":     "",
	"proofpassword": "",
	"q":             "",
	"relation":      "participant",
	"role":          "Carpenter",
	"section":       "company",
	"seen":          "1",
	"select":        "",
	"spent":         "1h30",
	"staff":         "allowed",
	"state":         "",
	"status":        "waiting",
	"stream":        "work",
	"table":         "name\nX",
	"task":          "",
	"text":          "New words",
	"ticket":        "",
	"title":         "New title",
	"unhidden":      "",
	"until":         "2031-02-01",
	"username":      "",
	"v":             "",
	"via":           "",
	"view":          "week",
	"visibility":    "inside",
	"who":           "person",
	"why":           "",
	"words":         "",
	"zone":          "Europe/Berlin",
}

// asWanted are the words that a form wants otherwise.
func asWanted(pattern string) map[string]string {
	switch pattern {
	case "/visits", "/visits/{id}":
		return map[string]string{"task": "1", "day": "2031-03-03", "from": "08:00", "until": "09:00"}
	case "/settings/password":
		return map[string]string{"section": "password"}
	case "/settings/mail":
		return map[string]string{"section": "mail"}
	case "/tasks/{number}/comments/{id}/move":
		return map[string]string{"number": "2"}
	case "/people":
		return map[string]string{"role": "", "address": string(core.NewID()) + "@example.net"}
	}
	return nil
}

var (
	fieldRead  = regexp.MustCompile(`(?:\.(?:one|asked|PostFormValue|FormValue)\(|PostForm\[|Form\[|Query\(\)\.Get\(|PostForm\.Has\(|\bq\.Get\(|Query\(\)\[)"([a-z0-9]+)"`)
	fieldShown = regexp.MustCompile(`<(?:input|select|textarea|button)[^>]* name="([a-z0-9]+)"`)
)

func TestEveryFieldIsKnownToTheTestsOfAccountsApart(t *testing.T) {
	sources, err := filepath.Glob("*.go")
	must(t, err)
	pages, err := filepath.Glob("../templates/pages/*.html")
	must(t, err)
	found := map[string]bool{}
	for _, name := range append(sources, pages...) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		must(t, err)
		for _, expression := range []*regexp.Regexp{fieldRead, fieldShown} {
			for _, m := range expression.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = true
				_, id := idFields[m[1]]
				if _, word := wordFields[m[1]]; !id && !word {
					t.Errorf("%s: what is the field %q? Add it to idFields when it can name something of an account, otherwise to wordFields", name, m[1])
				}
			}
		}
	}
	for _, e := range core.AllSettings() { // named by the registry, not by the page
		_, id := idFields[e.Name]
		if _, word := wordFields[e.Name]; !id && !word {
			t.Errorf("what is the setting %q? Add it to idFields or wordFields", e.Name)
		}
	}
	if len(found) < 50 {
		t.Errorf("only %d fields were found", len(found))
	}
}

// form is everything a form may have: words, and ids of w's.
func (w *full) form(pattern string) map[string]string {
	form := maps.Clone(wordFields)
	maps.Copy(form, asWanted(pattern))
	for name, of := range idFields {
		form[name] = string(of(w)[0])
	}
	return form
}

func pairsOf(form map[string]string) (pairs []string) {
	for _, name := range slices.Sorted(maps.Keys(form)) {
		pairs = append(pairs, name, form[name])
	}
	return pairs
}

// theirs are the rows of one account of two, and how to find anything of it elsewhere.
type theirs struct {
	ids  map[string]bool
	rows map[string][]string
}

var idWord = regexp.MustCompile(`[0-9a-z]{26}`)

// rowsOfAccount are all rows that name the account or anything that is only in its rows.
func rowsOfAccount(dump map[string][]string, account, other core.ID) (h theirs) {
	h = theirs{ids: map[string]bool{}, rows: map[string][]string{}}
	for _, rows := range dump {
		for _, row := range rows {
			if strings.Contains(row, string(account)) {
				for _, id := range idWord.FindAllString(strings.ToLower(row), -1) {
					h.ids[id] = true
				}
			}
		}
	}
	for _, rows := range dump {
		for _, row := range rows {
			if strings.Contains(row, string(other)) && !strings.Contains(row, string(account)) {
				for _, id := range idWord.FindAllString(strings.ToLower(row), -1) {
					delete(h.ids, id)
				}
			}
		}
	}
	h.read(dump)
	return h
}

func (h *theirs) read(dump map[string][]string) {
	h.rows = map[string][]string{}
	for table, rows := range dump {
		for _, row := range rows {
			if h.named(row) != "" {
				h.rows[table] = append(h.rows[table], row)
			}
		}
	}
}

// named is an id of theirs in the text.
func (h *theirs) named(text string) string {
	for _, id := range idWord.FindAllString(strings.ToLower(text), -1) {
		if h.ids[id] {
			return id
		}
	}
	return ""
}

// unchanged fails the test when their rows are not what they were, or others name them now.
func (h *theirs) unchanged(t *testing.T, dump map[string][]string) {
	t.Helper()
	now := theirs{ids: h.ids}
	now.read(dump)
	for _, table := range slices.Sorted(maps.Keys(dump)) {
		if !slices.Equal(h.rows[table], now.rows[table]) {
			t.Errorf("%s: the rows of the other account are not what they were:\nbefore %q\nafter  %q", table, without(h.rows[table], now.rows[table]), without(now.rows[table], h.rows[table]))
		}
	}
}

func without(rows, others []string) (list []string) {
	for _, r := range rows {
		if !slices.Contains(others, r) {
			list = append(list, r)
		}
	}
	return list
}

const foreignMark = "Zwetschgenkanari"

// twoAccounts are one whose things are asked for, and one whose people ask.
func twoAccounts(t *testing.T, database string) (theirs, mine *full) {
	p := newPlaceOn(t, database)
	for i := range 12 { // so that the numbers of its tasks are none of the other's
		p.task(fmt.Sprint(foreignMark, i))
	}
	theirs = furnish(p, foreignMark)
	mine = furnish(p.neighbour("Suedbau", "Nora"), "Ours")
	return theirs, mine
}

func TestA13AnotherAccountsOwnerFindsNothingAtAnyAddress(t *testing.T) {
	t.Parallel()
	onBoth(t, foreignAddresses)
}

func foreignAddresses(t *testing.T, database string) {
	they, we := twoAccounts(t, database)
	admin := we.person("Admin", role(core.Administrator), func(p *core.Person) { p.Caps = []string{"security", "settings", "intake"} })
	guest := we.guest()
	rows := rowsOfAccount(storetest.Dump(t, they.database), they.account.ID, we.account.ID)
	asked := 0
	for _, who := range []core.Person{we.owner, admin} {
		b := we.opened(we.as(who), guest)
		for _, r := range routes {
			_, foreign := pathsOf(t, r.pattern, we, they)
			for _, path := range foreign {
				asked++
				var a answer
				if r.method == "GET" {
					a = b.get(path)
				} else {
					a = b.post(path, pairsOf(we.form(r.pattern))...)
				}
				if a.status != http.StatusNotFound {
					t.Errorf("%s %s as %s: %d %s, want 404", r.method, r.pattern, who.Role, a.status, a.location())
				}
				if strings.Contains(a.body, foreignMark) {
					t.Errorf("%s %s shows the other account's words", r.method, r.pattern)
				}
			}
		}
	}
	rows.unchanged(t, storetest.Dump(t, they.database))
	if asked < 100 {
		t.Errorf("only %d requests", asked)
	}
	t.Logf("%d requests", asked)
}

// Each form is sent to an own thing, with a field that names one of theirs.
func TestA13NoFormTakesAnotherAccountsThings(t *testing.T) {
	t.Parallel()
	onBoth(t, foreignFields)
}

func foreignFields(t *testing.T, database string) {
	they, we := twoAccounts(t, database)
	rows := rowsOfAccount(storetest.Dump(t, they.database), they.account.ID, we.account.ID)
	asked, statuses := 0, map[int]int{}
	for _, r := range routes {
		if r.method != "POST" || r.pattern == "/setup" || r.pattern == "/forgot" || r.pattern == "/c/code" || r.pattern == "/c/enter" { // these name an account by nothing; all but the first take their time
			continue
		}
		// In an account of its own each form meets what the others have not spoilt.
		name := fmt.Sprint("Westbau", they.neighbours)
		we = furnish(they.neighbour(name, "Wanda"), "Ours")
		guest := we.guest()
		b := we.opened(we.as(we.owner), guest)
		path, _ := pathsOf(t, r.pattern, we, they)
		for _, name := range slices.Sorted(maps.Keys(idFields)) {
			for _, id := range idFields[name](they) {
				form := we.form(r.pattern)
				form[name] = string(id)
				they.later.Add(int64(24 * time.Hour)) // limits are not the question
				a := b.post(path, pairsOf(form)...)
				if a.status == http.StatusUnauthorized { // it was the sign-out, or such
					b = we.opened(we.as(we.owner), guest)
					a = b.post(path, pairsOf(form)...)
				}
				asked++
				statuses[a.status]++
				if a.status >= 500 {
					t.Errorf("POST %s with their %s: %d", r.pattern, name, a.status)
				}
				if strings.Contains(a.body, foreignMark) {
					t.Errorf("POST %s with their %s shows the other account's words", r.pattern, name)
				}
			}
		}
	}
	rows.unchanged(t, storetest.Dump(t, they.database))
	t.Logf("%d requests, by status %v", asked, statuses)
}

func TestA13NoListShowsAnotherAccountsThings(t *testing.T) {
	t.Parallel()
	onBoth(t, foreignLists)
}

func foreignLists(t *testing.T, database string) {
	they, we := twoAccounts(t, database)
	rows := rowsOfAccount(storetest.Dump(t, they.database), they.account.ID, we.account.ID)
	b := we.as(we.owner)
	asked := 0
	for _, r := range routes {
		if r.method != "GET" || r.pattern == "/events" {
			continue
		}
		path, _ := pathsOf(t, r.pattern, we, they)
		queries := []string{"", "?q=" + foreignMark}
		for name, of := range idFields {
			for _, id := range of(they) {
				queries = append(queries, "?"+name+"="+string(id))
			}
		}
		for _, q := range queries {
			asked++
			a := b.get(path + q)
			body := a.body
			if _, id, ok := strings.Cut(q, "="); ok { // what was asked for may be repeated
				body = strings.ReplaceAll(body, id, "")
			}
			if id := rows.named(body); id != "" {
				t.Errorf("GET %s%s names %s of the other account", r.pattern, q, id)
			}
			if strings.Contains(body, foreignMark) {
				t.Errorf("GET %s%s shows the other account's words", r.pattern, q)
			}
			if a.status >= 500 {
				t.Errorf("GET %s%s: %d", r.pattern, q, a.status)
			}
		}
	}
	rows.unchanged(t, storetest.Dump(t, they.database))
	t.Logf("%d requests", asked)
}

// A stream hears of nothing in the other account.
func TestA13NoStreamTellsOfAnotherAccount(t *testing.T) {
	t.Parallel()
	onBoth(t, foreignStreams)
}

func foreignStreams(t *testing.T, database string) {
	they, we := twoAccounts(t, database)
	ctx, end := context.WithTimeout(t.Context(), 30*time.Second)
	defer end()
	b := we.as(we.owner)
	if _, status := b.stream(ctx, "/events?topic=task:"+string(they.task.ID)); status != http.StatusNotFound {
		t.Errorf("the other account's task: %d", status)
	}
	lines, _ := b.stream(ctx, "/events?topic=tasks&topic=held&topic=outbox")
	waitFor(t, lines, "retry: 2000")
	_, err := they.core.Comment(ctx, they.actor(they.owner), core.NewComment{Task: they.task.ID, Text: "Something happened"})
	must(t, err)
	they.receive(they.replies(), "Stranger <stranger@other.example>", "Held", "Words")
	_, err = we.core.Comment(ctx, we.actor(we.owner), core.NewComment{Task: we.task.ID, Text: "Something happened here"})
	must(t, err)
	told := 0
	for line := range lines { // the own change comes after all of theirs would have come
		if line == "data: held" {
			t.Error("the stream tells of the other account's held mail")
		}
		if line == "data: tasks" {
			told++
			break
		}
	}
	if told != 1 {
		t.Error("the stream does not tell of the own account")
	}
}
