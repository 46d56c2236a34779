package main

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

// askedAs is a command under --as: the right it asks, on what, and a command
// line that is right but for that.
type askedAs struct {
	action       access.Action
	kind, object func(w *things) string
	args         func(w *things) string
}

// things are fresh objects for one command.
type things struct{ task, project, user, contact, company, colleague, comment string }

func nothing(*things) string { return "" }
func always(s string) func(*things) string {
	return func(*things) string { return s }
}

func onTask(action access.Action, args string) askedAs {
	return askedAs{action, always("task"), func(w *things) string { return w.task }, always(args)}
}

func onComment(action access.Action, args string) askedAs {
	return askedAs{action, always("comment"), func(w *things) string { return w.comment }, always(args)}
}

func onProject(action access.Action, args string) askedAs {
	return askedAs{action, always("project"), func(w *things) string { return w.project }, always(args)}
}

func aboutUser(action access.Action, args string) askedAs {
	return askedAs{action, always("person"), func(w *things) string { return w.user }, always(args)}
}

func aboutContact(action access.Action, args string) askedAs {
	return askedAs{action, always("person"), func(w *things) string { return w.contact }, always(args)}
}

func aboutCompany(action access.Action, args string) askedAs {
	return askedAs{action, always("company"), func(w *things) string { return w.company }, always(args)}
}

func onNothing(action access.Action, args string) askedAs {
	return askedAs{action, nothing, nothing, always(args)}
}

// commandRights are all commands that take --as. In the arguments, words in capitals are the fresh objects.
var commandRights = map[string]askedAs{
	"user invite":          onNothing("user.invite", "new@x.test --name New --role employee"),
	"link list":            onNothing("link.list", "COLLEAGUE"),
	"user create":          onNothing("user.invite", "--name New --address new2@x.test --role employee"),
	"user factor reset":    aboutUser("session.second_factor.reset", "USER"),
	"user sessions list":   aboutUser("user.sessions.end", "USER"),
	"user sessions end":    aboutUser("user.sessions.end", "USER"),
	"user work":            aboutUser("user.reassign_work", "USER"),
	"user reassign":        aboutUser("user.reassign_work", "USER --to COLLEAGUE"),
	"user role":            aboutUser("user.edit", "USER manager"),
	"user switch":          aboutUser("user.set_toggles", "USER intake=on"),
	"user deactivate":      aboutUser("user.deactivate", "USER --leave"),
	"user activate":        aboutUser("user.deactivate", "USER"),
	"user deputy":          aboutUser("user.deputy.set", "USER --deputy COLLEAGUE --from 2030-01-01 --until 2031-01-01"),
	"user mail":            aboutUser("notif.edit", "USER --digest daily"),
	"user notify":          aboutUser("notif.edit", "USER task.changed.mail=off"),
	"user rate":            aboutUser("user.rate.edit", "USER --amount 45 --from 2030-01-01"),
	"user delete":          aboutUser("user.delete", "USER"),
	"contact create":       onNothing("contact.create", "--name New --address new3@x.test"),
	"contact access":       aboutContact("contact.grant_access", "CONTACT"),
	"contact edit":         aboutContact("contact.edit", "CONTACT --phone 123"),
	"contact visibility":   aboutContact("contact.set_visibility", "CONTACT participants"),
	"contact delete":       aboutContact("contact.delete", "CONTACT"),
	"contact block":        aboutContact("person.block_everywhere", "CONTACT"),
	"contact unblock":      aboutContact("person.block_everywhere", "CONTACT"),
	"company list":         onNothing("contact.create", ""), // who may see contacts, as explain cannot ask of firms at large
	"company edit":         aboutCompany("contact.edit", "COMPANY --name COMPANY"),
	"company access":       aboutCompany("contact.grant_access", "COMPANY --person CONTACT"),
	"company delete":       aboutCompany("contact.delete", "COMPANY"),
	"mailbox list":         onNothing("mailbox.view", ""),
	"mailbox add":          onNothing("mailbox.edit", "imaps://new:secret@imap.example.net/INBOX?address=new@example.net"),
	"ip list":              onNothing("account.ip_rules.edit", ""),
	"ip add":               onNothing("account.ip_rules.edit", "--network 192.0.2.0/24 --class links"),
	"ip test":              onNothing("account.ip_rules.edit", "COLLEAGUE 192.0.2.1"),
	"ip refusals":          onNothing("account.ip_rules.edit", ""),
	"account transfer":     onNothing("account.ownership.transfer", "--to COLLEAGUE --stay owner"),
	"user address":         aboutUser("user.edit", "USER other@holzbau.test"),
	"account factor":       onNothing("account.2fa_policy.edit", ""),
	"account settings":     onNothing("account.settings.view", ""),
	"project create":       onNothing("project.create", "--name New"),
	"project edit":         onProject("project.edit", "PROJECT --name Other"),
	"project transfer":     onProject("project.transfer", "PROJECT --to COLLEAGUE"),
	"project participants": onProject("participant.list", "PROJECT"),
	"project invite":       onProject("participant.invite", "PROJECT COLLEAGUE"),
	"project delete":       onProject("project.delete", "PROJECT"),
	"task create":          onNothing("task.create", "--title New"),
	"task show":            onTask("task.view", "TASK"),
	"task comment":         onTask("task.comment", "TASK words"),
	"task status":          onTask("task.set_status", "TASK working"),
	"task edit":            onTask("task.edit", "TASK --title Other"),
	"task delete":          onTask("task.delete", "TASK"),
	"template list":        onNothing("template.edit", ""),
	"template create":      onNothing("template.edit", "--title Often"),
	"template edit":        onNothing("template.edit", "PROJECT --title Often"),
	"template delete":      onNothing("template.edit", "PROJECT"),
	"comment hide":         onComment("comment.set_hidden", "COMMENT"),
	"comment publish":      onComment("comment.publish", "COMMENT"),
	"comment move":         onComment("comment.move", "COMMENT 1"),
	"comment delete":       onComment("comment.delete", "COMMENT"),
	"comment undo":         onComment("delivery.cancel", "COMMENT"),
	"user login":           {"user.login_name.set", always("person"), always("eve@holzbau.test"), always("eve@holzbau.test newname")},
	"contact import":       onNothing("contact.import", "FILE --dry-run"),
	"health":               onNothing("maildomain.edit", ""),
	"guide":                onNothing("maildomain.edit", "--way mx"),
	"suppression list":     onNothing("suppression.view", ""),
	"outbox list":          onNothing("delivery.view", ""),
	"suppression add":      onNothing("suppression.add", "gone@example.net"),
	"suppression lift":     onNothing("suppression.lift", "gone@example.net"),
	"ip remove":            onNothing("account.ip_rules.edit", "PROJECT"),
	"ip off":               onNothing("account.ip_rules.edit", ""),
	"project address":      onProject("project.edit", "PROJECT"),
	"plan list":            onProject("plan.list", "PROJECT"),
	"plan current":         onProject("plan.list", "PROJECT"),
	"transmittal list":     onProject("plan.list", "PROJECT"),
	"plan add":             onProject("plan.create", "PROJECT --number A-1 --title Stairs --index A --file FILE --author COLLEAGUE"),
	"visit add":            onTask("visit.manage", "TASK --day 2030-01-01"),
	"hours record":         onTask("time.record", "TASK 1h30 --day 2020-01-01"),
	"explain":              onNothing("account.log.view", "COLLEAGUE task.view"),
	"log list":             onNothing("account.log.view", ""),
	"log verify":           onNothing("account.log.view", ""),
}

// commandsElsewhere are the others, each with why it is not asked here.
var commandsElsewhere = map[string]string{
	"user list": rows, "contact list": rows, "project list": rows, "task list": rows, "bin list": rows, "visit list": rows, "hours list": rows,
	"project place": twoFacts, "project block": twoFacts, "project unblock": twoFacts, "project remove": twoFacts,
	"project leave": "asks who asks",
	"task mute":     "one's own choice, for what one sees; its own test asks", "project mute": "as task mute",
	"bin restore":  inBin,
	"hours remove": "asks as hours record does, of whose the hours are; the deed's own tests ask it",
	"plan show":    ofPlan, "plan index": ofPlan, "plan edit": ofPlan, "plan secure": ofPlan, "plan withdraw": ofPlan, "plan delete": ofPlan,
	"plan holders": ofPlan, "plan hand": ofPlan, "transmittal show": ofPlan, "transmittal send": ofPlan, "transmittal recall": ofPlan,
	"approval list": rows, "approval ask": ofPlan, "approval decide": ofPlan, "approval substitute": ofPlan, "approval remind": ofPlan, "approval withdraw": ofPlan,
	"visit move": ofVisit, "visit cancel": ofVisit, "visit done": ofVisit, "visit assign": ofVisit,
	"outbox show": ofMail, "outbox hold": ofMail, "outbox cancel": ofMail, "outbox again": ofMail,
	"link show": ofLink, "link revoke": ofLink, "link extend": ofLink,
	"mailbox test": ofBox, "mailbox pause": ofBox, "mailbox resume": ofBox, "mailbox remove": ofBox, "mailbox aside": ofBox, "mailbox fetch": ofBox, "mailbox leave": ofBox,
	"mailbox pull": ofBox, "mailbox watch": ofBox,
	"user invite-all": "names those whom the asker may invite, of the staff or from outside; its own test asks",
}

const (
	rows     = "shows what the asker may see, row by row, and refuses nobody"
	twoFacts = "asks about a person in a project, which explain cannot name; the same deed is asked through its page"
	inBin    = "explain finds nothing that lies in the bin; the same deed is asked through its page"
	ofBox    = "asks as mailbox add does, of a mailbox that explain cannot name; the same deeds are asked through its page"
	ofMail   = "explain cannot name a mail; the same deed is asked through its page"
	ofLink   = "explain cannot name a link; the same deed is asked through its page"
	ofPlan   = "asks of a plan what its trade and its list say; the same deeds are asked through its page"
	ofVisit  = "asks as visit add does, of the visit's task; the deeds' own tests ask them"
)

// leaves are the commands that take --as.
func leaves(t *testing.T) (list []string) {
	parser, err := kong.New(&commands{}, kong.BindTo(t.Context(), (*any)(nil)))
	must(t, err)
	for _, leaf := range parser.Model.Leaves(true) {
		for _, group := range leaf.AllFlags(false) {
			if slices.ContainsFunc(group, func(f *kong.Flag) bool { return f.Name == "as" }) {
				list = append(list, strings.TrimPrefix(strings.TrimSpace(leaf.Path()), "planpost "))
				break
			}
		}
	}
	return list
}

func TestEveryCommandWithAsMapsToAnAction(t *testing.T) {
	all := leaves(t)
	for _, name := range all {
		_, asked := commandRights[name]
		if _, elsewhere := commandsElsewhere[name]; asked == elsewhere {
			t.Errorf("planpost %s takes --as: which right does it ask? Add it to commandRights, or to commandsElsewhere with the reason", name)
		}
	}
	for name, c := range commandRights {
		if !slices.Contains(all, name) || !access.Known(c.action) {
			t.Errorf("planpost %s, %s: there is no such command with --as, or no such action", name, c.action)
		}
	}
	for name := range commandsElsewhere {
		if !slices.Contains(all, name) {
			t.Errorf("there is no command planpost %s with --as", name)
		}
	}
}

// refused tells whether that is what is said to who may not.
func refused(status int, err string) bool {
	if status == 0 {
		return false
	}
	for _, code := range []string{"forbidden", "not_found", "task.unknown", "project.unknown", "person.unknown"} {
		if strings.Contains(err, templates.T("en", "error."+code)) {
			return true
		}
	}
	return strings.Contains(err, "Nobody here has the address")
}

// beside is the shell's host held open beside the command lines: what only
// prepares a question, or repeats one, need not open it each time.
type beside struct {
	*gateway
	t         *testing.T
	operator  *core.Actor
	eve       core.Person
	klara     core.Person
	clientele core.ID
}

func (s *shell) beside() *beside {
	s.t.Helper()
	ctx := s.t.Context()
	cfg, err := loadConfig("", s.env)
	must(s.t, err)
	b := &beside{t: s.t}
	b.gateway, err = openGateway(ctx, cfg, slog.New(slog.DiscardHandler))
	must(s.t, err)
	s.t.Cleanup(func() { must(s.t, b.close()) })
	accounts, err := b.core.Accounts(ctx)
	must(s.t, err)
	b.operator = core.OperatorOf(accounts[0])
	b.eve, err = b.core.Addressed(ctx, b.operator, "eve@holzbau.test")
	must(s.t, err)
	b.klara, err = b.core.Addressed(ctx, b.operator, "klara@client.test")
	must(s.t, err)
	b.clientele, err = b.company(ctx, b.operator, "client & sons")
	must(s.t, err)
	return b
}

// fresh makes objects for one command: a project and a task in which Eve and Klara take part.
func (b *beside) fresh(n int) *things {
	b.t.Helper()
	ctx := b.t.Context()
	w := &things{user: fmt.Sprintf("user%d@holzbau.test", n), contact: fmt.Sprintf("contact%d@client.test", n), colleague: "carl@holzbau.test"}
	project, err := b.core.CreateProject(ctx, b.operator, core.NewProject{Name: fmt.Sprint("Project ", n), Counterparty: b.clientele})
	must(b.t, err)
	task, err := b.core.CreateTask(ctx, b.operator, core.NewTask{Title: fmt.Sprint("Task ", n), Project: project.ID, Assignee: b.eve.ID, Participants: []core.ID{b.klara.ID}})
	must(b.t, err)
	firm, err := b.core.CreateCompany(ctx, b.operator, fmt.Sprint("Firm", n))
	must(b.t, err)
	_, err = b.core.CreateUser(ctx, b.operator, core.NewUser{Name: "User", Address: w.user, Role: core.Employee})
	must(b.t, err)
	_, err = b.core.CreateContact(ctx, b.operator, core.NewContact{Name: "Contact", Address: w.contact, Company: firm.ID})
	must(b.t, err)
	w.project, w.task, w.company = string(project.ID), fmt.Sprint(task.Number), string(firm.ID)
	return w
}

// said makes the comment that a command on comments is about: Eve wrote it.
func (b *beside) said(w *things, command string) {
	b.t.Helper()
	if !strings.HasPrefix(command, "comment ") {
		return
	}
	eve := &core.Actor{Person: b.eve, Account: b.operator.Account, Via: "cli"}
	task, err := b.object(b.t.Context(), b.operator, "task", w.task)
	must(b.t, err)
	c, err := b.core.Comment(b.t.Context(), eve, core.NewComment{Task: task.ID, Text: "words", Hidden: command == "comment publish"})
	must(b.t, err)
	w.comment = string(c.ID)
}

// explains is what "planpost explain" answers.
func (b *beside) explains(who string, action access.Action, kind, which string) bool {
	b.t.Helper()
	ctx := b.t.Context()
	p, err := b.core.Addressed(ctx, b.operator, who)
	must(b.t, err)
	o, err := b.object(ctx, b.operator, kind, which)
	must(b.t, err)
	ans, _, err := b.core.Explain(ctx, &core.Actor{Person: p, Account: b.operator.Account, Via: "cli"}, action, o)
	must(b.t, err)
	return ans.Allowed
}

func TestS5EveryCommandAsksWhatTheTableSays(t *testing.T) {
	s := furnished(t)
	for _, p := range [][2]string{{"adam", "admin"}, {"mia", "manager"}, {"emil", "employee"}, {"carl", "employee"}} {
		s.ok("user", "create", "--name", p[0], "--address", p[0]+"@holzbau.test", "--role", p[1])
	}
	s.ok("contact", "create", "--name", "Ada", "--address", "ada@other.test", "--access", "advanced")
	everybody := []string{"ada@other.test", "klara@client.test", "ted@holzbau.test", "emil@holzbau.test", "eve@holzbau.test", "mia@holzbau.test", "adam@holzbau.test", "olga@holzbau.test"}
	asked, yes := 0, 0
	n := 0
	file := mailFile(t, t.TempDir(), "people.csv", "Name;E-Mail\nAnna;anna@new.test\n")
	b := s.beside()
	for _, name := range leavesAsked(t) {
		c := commandRights[name]
		n++
		w := b.fresh(n)
		b.said(w, name)
		may := 0
		for i, who := range everybody {
			kind, object := c.kind(w), c.object(w)
			want := b.explains(who, c.action, kind, object)
			if i == n%len(everybody) { // the command itself answers the same
				explain := []string{"explain", who, string(c.action), "--json"}
				if kind != "" {
					explain = append(explain, kind, object)
				}
				if got := objects(t, s.ok(explain...))[0]["allowed"].(bool); got != want {
					t.Errorf("planpost %s says %v", strings.Join(explain, " "), got)
				}
			}
			args := strings.Fields(name + " " + strings.NewReplacer("TASK", w.task, "PROJECT", w.project, "USER", w.user, "CONTACT", w.contact, "COMPANY", w.company, "COLLEAGUE", w.colleague, "COMMENT", w.comment, "FILE", file).Replace(c.args(w)))
			status, _, wrong := s.run("", append(args, "--as", who)...)
			asked++
			if want {
				yes++
				may++
			}
			if status == 0 && c.kind(w) != "" { // what was done must not change what the next one finds
				n++
				w = b.fresh(n)
				b.said(w, name)
			}
			if got := !refused(status, wrong); got != want {
				t.Errorf("planpost %s --as %s: allowed %v, %s says %v (status %d %s)", strings.Join(args, " "), who, got, c.action, want, status, strings.TrimSpace(wrong))
			}
		}
		if may == 0 || may == len(everybody) {
			t.Errorf("%s: %d of %d may: nothing is asked", name, may, len(everybody))
		}
	}
	t.Logf("%d things, %d asked, %d allowed", n, asked, yes)
}

// leavesAsked are the commands with a case.
func leavesAsked(t *testing.T) (list []string) {
	for name := range commandRights {
		list = append(list, name)
	}
	slices.Sort(list)
	return list
}
