package web

import (
	"bufio"
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/mail"
)

// The permission table is the expectation. For each cell of an action that has
// an address, the smallest facts that make it true are written as rows, and
// then those with one of them missing; each time the real handler is asked.

var subjects = []access.Subject{access.Owner, access.Administrator, access.TechnicalAdministrator, access.Manager, access.Employee,
	access.ExternalAdvanced, access.ExternalBasic, access.AddressOnly}

func TestS5EveryCellOfTheTableHoldsThroughTheHandlers(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) { everyCell(t, newPlaceOn(t, database)) })
}

func everyCell(t *testing.T, p *place) {
	asked := 0
	for _, action := range access.Actions() {
		probe, ok := probes[action]
		if !ok {
			continue
		}
		for _, subject := range subjects {
			for _, facts := range casesOf(t, action, subject, probe) {
				asked++
				w := build(p, subject, facts)
				declared := w.declared | probe.given
				want := access.Decide(access.Request{Action: action, Subject: subject, Facts: declared.Closed(), Gates: access.Gates{Link: linkOfCell(action, declared)}}).Allowed
				got, why := probe.ask(w, w.prove(p.as(w.subject)))
				if got != want {
					t.Errorf("%s as %s with %v: allowed %v, the table says %v (%s)", action, subject, declared.List(), got, want, why)
				}
			}
		}
	}
	if asked < 300 {
		t.Errorf("only %d questions were asked", asked)
	}
	t.Logf("%d questions", asked)
}

// A term of a cell is left out only for a fact that has no rows, and each of those is named here.
func TestNoCellWithAnAddressIsLeftOutSilently(t *testing.T) {
	left := map[access.Fact]bool{}
	for action := range probes {
		for _, subject := range subjects {
			cell, _ := access.CellOf(action, subject)
			for _, term := range cell.Any {
				for _, l := range term {
					if !l.Negated && access.FactsOf(l.Fact)&^buildable != 0 {
						left[l.Fact] = true
						if !slices.Contains(notBuilt, l.Fact) {
							t.Errorf("%s as %s: nothing makes %s true: extend build, or name it in notBuilt", action, subject, l.Fact)
						}
					}
				}
			}
		}
	}
	for _, f := range notBuilt {
		if !left[f] {
			t.Errorf("no cell with an address needs %s: take it out of notBuilt", f)
		}
	}
}

// notBuilt are facts of cells that have an address, for which build has no rows.
var notBuilt = []access.Fact{access.AddrIn}

// casesOf are the sets of facts to try: nothing, each term of the cell, and
// each term without one of its literals; for "never", everything at once.
func casesOf(t *testing.T, action access.Action, subject access.Subject, p probe) (cases []access.Facts) {
	cell, ok := access.CellOf(action, subject)
	if !ok {
		t.Fatalf("no cell for %s, %s", action, subject)
	}
	add := func(f access.Facts) {
		if f |= p.also(subject); !slices.Contains(cases, f) {
			cases = append(cases, f)
		}
	}
	add(0)
	if len(cell.Any) == 0 && !cell.Always {
		add(access.FactsOf(access.CapTasks, access.CapContacts, access.CapGrant, access.CapIntake, access.Par, access.Mem, access.Open))
		add(access.FactsOf(access.Ase1, access.Padm))
	}
	for _, term := range cell.Any {
		var all access.Facts
		for _, l := range term {
			if !l.Negated {
				all = all.With(l.Fact)
			}
		}
		if all&^buildable != 0 { // what has no rows yet
			continue
		}
		add(all)
		for _, l := range term {
			add(all.Without(l.Fact))
		}
	}
	return cases
}

// buildable are the facts that build can make true.
var buildable = access.FactsOf(access.CapSettings, access.CapSecurity, access.CapIntake, access.CapContacts, access.CapGrant, access.CapTasks, access.CapVisits, access.CapReports, access.CapRouting,
	access.Self, access.Mine, access.Mem, access.Padm, access.Pown, access.Pcpy, access.Ptask, access.Pmgr, access.Open,
	access.Asg, access.Ase, access.Ase1, access.Par, access.Aud, access.Rel, access.Masg, access.Mase, access.Mpar, access.Mgr, access.Cpy, access.Vis, access.DelBy, access.Lnk, access.Role, access.ACL, access.Vault, access.Appr, access.Req, access.SendOK,
	access.MgrTgt, access.TgtAny, access.TgtInt, access.TgtClientMgr, access.TgtLow, access.TgtNotAdmin, access.TgtExt, access.TgtNotOwner, access.TgtNotPown)

// cell is one arrangement of rows around a subject.
type cellWorld struct {
	*place
	subject core.Person
	// declared are the facts that the rows make true.
	declared         access.Facts
	project          core.Project
	task             core.Task
	public, hidden   core.Comment
	assignee, client core.Person
	firm             core.Company
	link             core.Link
	// thread is the address of the link that the subject comes by; empty without LNK.
	thread string
	// shut tells that the subject was let in and may not be any more: the door is a refusal then.
	shut bool
}

// subjectOf makes a person of the column.
func subjectOf(s access.Subject) func(*core.Person) {
	switch s {
	case access.Administrator:
		return role(core.Administrator)
	case access.TechnicalAdministrator:
		return role(core.TechnicalAdministrator)
	case access.Manager:
		return role(core.Manager)
	case access.ExternalAdvanced:
		return contact(core.AdvancedAccess, "")
	case access.ExternalBasic:
		return contact(core.BasicAccess, "")
	case access.AddressOnly:
		return contact(core.NoAccess, "")
	}
	return role(core.Employee)
}

// build writes a project with a task around a subject for whom the facts hold.
func build(p *place, subject access.Subject, f access.Facts) *cellWorld {
	p.t.Helper()
	w := &cellWorld{place: p, declared: f}
	w.firm = core.Company{ID: core.NewID(), Account: p.account.ID, Name: "Firm", CreatedAt: p.core.Now()}
	p.tx(func(tx core.Tx) error { return tx.CreateCompany(context.Background(), &w.firm) })
	w.buildSubject(subject)
	boss := func(fact access.Fact, more ...access.Fact) func(*core.Person) {
		return func(q *core.Person) {
			if f.Has(fact) || slices.ContainsFunc(more, f.Has) {
				q.Manager = w.subject.ID
			}
		}
	}
	assigner := p.person("Assigner", boss(access.Masg, access.Mgr))
	w.assignee = p.person("Assignee", boss(access.Mase))
	helper := p.person("Helper", boss(access.Mpar))
	w.client = p.person("Client", contact(core.NoAccess, w.firm.ID), func(q *core.Person) {
		if !f.Has(access.Open) { // the same word says who sees project, task and contact
			q.Visibility = core.VisibleParticipants
		}
		if f.Has(access.Mine) {
			q.CreatedBy = w.subject.ID
		}
	})
	w.buildProject()
	w.buildTask(assigner, helper)
	w.buildLink()
	return w
}

func (w *cellWorld) buildSubject(subject access.Subject) {
	f := w.declared
	if subject == access.Owner {
		w.subject = w.owner
		return
	}
	w.subject = w.person(fmt.Sprintf("Subject %s", subject), subjectOf(subject), func(q *core.Person) {
		q.Caps = []string{"-"}
		for _, fact := range f.List() {
			if name, ok := strings.CutPrefix(fact.String(), "CAP_"); ok {
				q.Caps = append(q.Caps, strings.ToLower(name))
			}
		}
		if f.Has(access.Cpy) || f.Has(access.Pcpy) {
			q.Company, q.CompanyTasks = w.firm.ID, f.Has(access.Cpy)
		}
	})
}

func (w *cellWorld) buildProject() {
	f := w.declared
	visibility := core.VisibleParticipants
	if f.Has(access.Open) {
		visibility = core.VisibleInside
	}
	w.n++
	w.project = core.Project{ID: core.NewID(), Account: w.account.ID, Name: "Project", Owner: w.owner.ID, Counterparty: w.firm.ID, Visibility: visibility,
		Inbound: fmt.Sprintf("project%d-abcdefgh", w.n), NoSending: !f.Has(access.SendOK), CreatedAt: w.core.Now()}
	if w.subject.ID == w.owner.ID {
		w.project.Owner = w.assignee.ID
	}
	if f.Has(access.Pown) {
		w.project.Owner = w.subject.ID
	}
	if f.Has(access.Pmgr) {
		w.project.ClientManager = w.subject.ID
	}
	if f.Has(access.TgtClientMgr) {
		w.project.ClientManager = w.assignee.ID
	}
	if f.Has(access.Cpy) {
		w.declared = w.declared.With(access.Ptask, access.Pcpy)
	}
	w.tx(func(tx core.Tx) error {
		ctx := context.Background()
		if err := tx.CreateProject(ctx, &w.project); err != nil {
			return err
		}
		if !f.Has(access.Mem) && !f.Has(access.Padm) && !f.Has(access.Aud) {
			return nil
		}
		w.declared = w.declared.With(access.Mem)
		return tx.SetParticipant(ctx, &core.Participant{Account: w.account.ID, Project: w.project.ID, Person: w.subject.ID, Admin: f.Has(access.Padm), Auditor: f.Has(access.Aud)})
	})
}

func (w *cellWorld) buildTask(assigner, helper core.Person) {
	f := w.declared
	w.task = w.place.task("Task of a cell", func(t *core.Task) {
		t.Project, t.Description, t.Visibility = w.project.ID, "Described words", w.project.Visibility
		t.People = []core.TaskPerson{{Person: assigner.ID, Relation: core.Assigner}, {Person: w.assignee.ID, Relation: core.Assignee},
			{Person: helper.ID, Relation: core.Participate}, {Person: w.client.ID, Relation: core.Participate}}
		for fact, relation := range map[access.Fact]core.Relation{access.Ase: core.CoAssignee, access.Par: core.Participate, access.Rel: core.Participate,
			access.Aud: core.Auditor, access.Ptask: core.Participate} {
			have := core.TaskPerson{Person: w.subject.ID, Relation: relation}
			if f.Has(fact) && !f.Has(access.Cpy) && !slices.Contains(t.People, have) {
				t.People = append(t.People, have)
			}
		}
		if f.Has(access.Asg) {
			t.People[0].Person = w.subject.ID
		}
		if f.Has(access.Ase1) {
			t.People[1].Person = w.subject.ID
		}
	})
	if f.Has(access.Aud) { // the project's tasks make it visible too
		w.declared = w.declared.With(access.Ptask)
	}
	author := helper.ID
	if f.Has(access.Mine) {
		author = w.subject.ID
	}
	w.public = core.Comment{ID: core.NewID(), Account: w.account.ID, Task: w.task.ID, Author: author, Text: "Public words", Via: "page", CreatedAt: w.core.Now()}
	if f.Has(access.Vis) {
		w.public.Recipients = []core.ID{w.subject.ID}
	}
	w.hidden = core.Comment{ID: core.NewID(), Account: w.account.ID, Task: w.task.ID, Author: w.owner.ID, Text: "Hidden words", Hidden: true, Via: "page", CreatedAt: w.core.Now()}
	id, err := core.RandomID(strings.NewReader(string(core.NewID())))
	must(w.t, err)
	w.link = core.Link{ID: id, Account: w.account.ID, Kind: core.ReplyLink, Person: w.client.ID, Object: w.task.ID, Scope: core.ScopeExternal, CreatedAt: w.core.Now()}
	w.tx(func(tx core.Tx) error {
		ctx := context.Background()
		for _, c := range []*core.Comment{&w.public, &w.hidden} {
			if err := tx.CreateComment(ctx, c); err != nil {
				return err
			}
		}
		return tx.EnsureLink(ctx, &w.link)
	})
}

// mail lets a message come in at the client's reply address: posted when the client wrote it, held otherwise.
func (w *cellWorld) mail(held bool) core.Receipt {
	w.t.Helper()
	from := "Client <" + w.client.Addresses[0].Given.Mailbox() + ">"
	if held {
		from = fmt.Sprintf("Stranger <stranger%d@other.example>", w.n)
	}
	return w.receive(mail.Address{Local: w.keys.ReplyLocal(w.link.ID), Domain: "in.example.org"}, from, "Hello", fmt.Sprintf("Words %d", w.n))
}

// probe asks a handler for one action.
type probe struct {
	// given are facts that hold whatever the rows: who looks at a list of contacts sees open ones.
	given access.Facts
	// need are facts that further rights of the same page ask for, by kind of subject: inside, outside.
	inside, outside access.Facts
	ask             func(w *cellWorld, b *browser) (allowed bool, why string)
}

func (p probe) also(s access.Subject) access.Facts {
	if s == access.ExternalAdvanced || s == access.ExternalBasic || s == access.AddressOnly {
		return p.outside
	}
	return p.inside
}

// verdict reads an answer: done or shown, or refused.
func verdict(w *cellWorld, a answer) (bool, string) {
	why := fmt.Sprintf("status %d %s", a.status, a.location())
	switch {
	case a.status == http.StatusOK, a.status == http.StatusSeeOther && !strings.HasPrefix(a.location(), "/signin"):
		return true, why
	case a.status == http.StatusForbidden, a.status == http.StatusNotFound, w.shut && (a.status == http.StatusUnauthorized || a.status == http.StatusSeeOther || a.status == http.StatusGone):
		return false, why
	}
	w.t.Errorf("neither allowed nor refused: %s %s", why, clip(a.body))
	return false, why
}

// opens is a probe for a page, posts one for a form.
func opens(path func(w *cellWorld) string) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) { return verdict(w, b.get(path(w))) }
}

func posts(path func(w *cellWorld) string, pairs func(w *cellWorld) []string) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) { return verdict(w, b.post(path(w), pairs(w)...)) }
}

// shows is a probe for a part of a page.
func shows(path func(w *cellWorld) string, text string) func(*cellWorld, *browser) (bool, string) {
	return func(w *cellWorld, b *browser) (bool, string) {
		a := b.get(path(w))
		return a.status == http.StatusOK && strings.Contains(a.body, text), fmt.Sprintf("status %d", a.status)
	}
}

func at(path string) func(*cellWorld) string { return func(*cellWorld) string { return path } }

func atTask(rest string) func(*cellWorld) string {
	return func(w *cellWorld) string {
		if w.thread != "" {
			return w.thread + strings.TrimSuffix(rest, "/conversation")
		}
		return taskURL(w.task.Number) + rest
	}
}

func atProject(rest string) func(*cellWorld) string {
	return func(w *cellWorld) string { return "/projects/" + string(w.project.ID) + rest }
}

func atMail(prefix string, held bool, rest string) func(*cellWorld) string {
	return func(w *cellWorld) string { return prefix + string(w.mail(held).ID) + rest }
}

func fields(pairs ...string) func(*cellWorld) []string {
	return func(*cellWorld) []string { return pairs }
}

var contacts = access.FactsOf(access.CapContacts)

// probes are the actions that have an address, each with how to ask it; an area may have its own list in its own file.
var probes = allProbes(
	mailAndTaskProbes,
	ownerProbes,
	roleProbes,
	taskProbes,
	projectProbes,
	planProbes,
	sendProbes,
	approvalProbes,
	fetchProbes,
	visitProbes,
	hoursProbes,
	notifyProbes,
	securityProbes,
	peopleProbes,
	settingsProbes,
	linkProbes,
	threadProbes,
	suppressionProbes,
	mailHealthProbes,
)

func allProbes(lists ...map[access.Action]probe) map[access.Action]probe {
	all := make(map[access.Action]probe)
	for _, list := range lists {
		maps.Copy(all, list)
	}
	return all
}

var mailAndTaskProbes = map[access.Action]probe{
	"account.log.view":            {ask: opens(at("/log"))},
	"account.roles.appoint_admin": {ask: posts(at("/people"), newPerson("user", "role", "admin"))},
	"user.invite":                 {ask: posts(at("/people"), newPerson("user", "role", "employee"))},
	"user.profile.edit":           {given: access.FactsOf(access.Self), ask: posts(at("/me"), func(w *cellWorld) []string { return []string{"name", w.subject.Name, "locale", "en"} })},
	"user.password.set": {given: access.FactsOf(access.Self), ask: func(w *cellWorld, b *browser) (bool, string) {
		if a := b.post("/me/password", "oldpassword", password, "newpassword", "short", "newpassword2", "short"); a.status != http.StatusUnprocessableEntity {
			return verdict(w, a)
		}
		return true, "asked for a better one"
	}},
	"user.view": {ask: opens(func(w *cellWorld) string { return "/people/" + string(w.assignee.ID) })},
	"contact.view": {ask: opens(func(w *cellWorld) string {
		if w.declared.Has(access.Self) {
			return "/people/" + string(w.subject.ID)
		}
		return "/people/" + string(w.client.ID)
	})},
	"contact.create":            {ask: posts(at("/people"), newPerson("contact"))},
	"contact.grant_access":      {inside: contacts, ask: posts(at("/people"), newPerson("contact", "access", "basic"))},
	"contact.company_tasks.set": {inside: contacts, ask: posts(at("/people"), newPerson("contact", "companytasks", "1"))},
	"person.block_everywhere":   {ask: posts(func(w *cellWorld) string { return "/people/" + string(w.client.ID) + "/block" }, fields())},

	"project.create":        {ask: posts(at("/projects"), fields("name", "New project"))},
	"project.view":          {ask: opens(atProject(""))},
	"project.set_auditor":   {given: access.FactsOf(access.TgtInt), ask: posts(atProject("/participants"), helper("auditor", "1"))},
	"participant.set_admin": {ask: posts(atProject("/participants"), helper("admin", "1"))},

	"task.create": {ask: posts(at("/tasks"), fields("title", "New task"))},
	"task.choose_assignee": {outside: access.FactsOf(access.Mem, access.Pcpy), ask: posts(at("/tasks"), func(w *cellWorld) []string {
		return []string{"title", "New task", "project", string(w.project.ID), "assignee", string(w.assignee.ID)}
	}), inside: access.FactsOf(access.Mem)},
	"task.view":             {ask: opens(atTask(""))},
	"task.view_description": {ask: shows(atTask(""), "Described words")},
	"task.comment":          {ask: posts(atTask("/comments"), fields("text", "New words"))},
	"task.attach": {ask: func(w *cellWorld, b *browser) (bool, string) {
		return verdict(w, b.upload(atTask("/comments")(w), "plan.pdf", []byte("%PDF")))
	}},
	"task.set_status":       {ask: posts(atTask("/status"), fields("status", "waiting"))},
	"task.close":            {ask: posts(atTask("/status"), fields("status", "done"))},
	"task.set_people_dates": {ask: posts(atTask("/people"), fields("due", "2031-01-01"))},

	"comment.view_public": {outside: access.FactsOf(access.Par), ask: shows(atTask("/conversation"), "Public words")},
	"comment.view_hidden": {ask: shows(atTask("/conversation"), "Hidden words")},
	"comment.edit": {inside: access.FactsOf(access.Par), outside: access.FactsOf(access.Par), ask: posts(func(w *cellWorld) string {
		return taskURL(w.task.Number) + "/comments/" + string(w.public.ID)
	}, fields("text", "Other words"))},

	"inbound.list":               {ask: opens(at("/messages"))},
	"inbound.view":               {ask: opens(atMail("/messages/", false, ""))},
	"inbound.source":             {ask: opens(atMail("/messages/", false, "/source"))},
	"inbound.quarantine.view":    {ask: shows(func(w *cellWorld) string { w.mail(true); return "/held" }, "/refuse")},
	"inbound.quarantine.release": {ask: posts(atMail("/held/", true, "/release"), fields())},
	"inbound.quarantine.refuse":  {ask: posts(atMail("/held/", true, "/refuse"), fields())},
	"delivery.view":              {ask: opens(delivery(core.DeliveryDue, ""))},
	"delivery.retry":             {ask: posts(delivery(core.DeliveryFailed, "/again"), fields())},
	"delivery.cancel":            {ask: posts(delivery(core.DeliveryDue, "/cancel"), fields())},
}

func newPerson(kind string, more ...string) func(*cellWorld) []string {
	return func(w *cellWorld) []string {
		w.n++
		return append([]string{"kind", kind, "name", "New", "address", fmt.Sprintf("new%d@example.net", w.n)}, more...)
	}
}

func helper(more ...string) func(*cellWorld) []string {
	return func(w *cellWorld) []string { return append([]string{"person", string(w.assignee.ID)}, more...) }
}

// delivery writes a mail in a state and gives its address.
func delivery(state core.DeliveryState, rest string) func(*cellWorld) string {
	return func(w *cellWorld) string {
		now := w.core.Now()
		d := core.Delivery{ID: core.NewID(), Account: w.account.ID, Person: w.client.ID, Task: w.task.ID, Stream: core.WorkStream, Scope: core.ScopeExternal, State: core.DeliveryDue, DueAt: now.AddDate(1, 0, 0), CreatedAt: now}
		w.tx(func(tx core.Tx) error {
			ctx := context.Background()
			if err := tx.CreateDelivery(ctx, &d); err != nil {
				return err
			}
			note := core.Notification{ID: core.NewID(), Account: w.account.ID, Person: w.client.ID, Event: core.CommentAdded, Reason: "told", Task: w.task.ID, Comment: w.public.ID, Delivery: d.ID, CreatedAt: now}
			if err := tx.Owe(ctx, []core.Owed{{Note: note}}); err != nil {
				return err
			}
			if state == core.DeliveryDue {
				return nil
			}
			_, err := tx.SetDeliveryState(ctx, w.account.ID, d.ID, core.DeliveryCancelled, "by_hand", now)
			return err
		})
		return "/outbox/" + string(d.ID) + rest
	}
}

// Actions that have no address yet are listed, so that none is forgotten when it gets one.
func TestEveryActionIsAskedOrPending(t *testing.T) {
	file, err := os.Open("testdata/rights_pending.txt")
	must(t, err)
	defer file.Close()
	pending := map[access.Action]bool{}
	for s := bufio.NewScanner(file); s.Scan(); {
		if line := strings.TrimSpace(s.Text()); line != "" && !strings.HasPrefix(line, "#") {
			pending[access.Action(line)] = true
		}
	}
	for _, action := range access.Actions() {
		_, asked := probes[action]
		switch {
		case asked && pending[action]:
			t.Errorf("%s is asked by now: take it off the list", action)
		case !asked && !pending[action] && !public[action] && action != "session.sign_out":
			t.Errorf("%s is neither asked nor pending", action)
		}
	}
	for action := range pending {
		if !access.Known(action) {
			t.Errorf("%s is pending and not in the table", action)
		}
	}
	for _, r := range routes {
		if _, asked := probes[r.action]; !asked && !public[r.action] && r.action != "session.sign_out" {
			t.Errorf("%s %s asks %s, which no probe asks", r.method, r.pattern, r.action)
		}
	}
}
