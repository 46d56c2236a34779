package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shell runs command lines over one data folder.
type shell struct {
	t    *testing.T
	data string
}

func newShell(t *testing.T) *shell { return &shell{t, filepath.Join(t.TempDir(), "data")} }

func (s *shell) env(name string) string {
	switch name {
	case "PLANPOST_DATA":
		return s.data
	case "PLANPOST_MAIL_DOMAIN":
		return "in.localhost"
	case "PLANPOST_NOTIFY_QUIET":
		return "0"
	}
	return ""
}

// run gives the status and what was written to both streams.
func (s *shell) run(input string, args ...string) (status int, out, err string) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	var o, e screen
	status = run(ctx, args, &terminal{strings.NewReader(input), &o, &e, s.env})
	return status, o.String(), e.String()
}

// ok runs a command that must succeed.
func (s *shell) ok(args ...string) string {
	s.t.Helper()
	return s.okWith("", args...)
}

func (s *shell) okWith(input string, args ...string) string {
	s.t.Helper()
	status, out, err := s.run(input, args...)
	if status != 0 {
		s.t.Fatalf("planpost %s: status %d\n%s%s", strings.Join(args, " "), status, out, err)
	}
	return out
}

// bad runs a command that must fail with that status and say that.
func (s *shell) bad(want int, says string, args ...string) {
	s.t.Helper()
	status, out, err := s.run("", args...)
	if status != want || !strings.Contains(err, says) {
		s.t.Errorf("planpost %s: status %d, want %d and %q\n%s%s", strings.Join(args, " "), status, want, says, out, err)
	}
}

// objects are the values of --json output, one a line.
func objects(t *testing.T, out string) (list []map[string]any) {
	t.Helper()
	for line := range strings.Lines(out) {
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		list = append(list, v)
	}
	return list
}

// furnished is a shell over a firm with a client and a task.
func furnished(t *testing.T) *shell {
	t.Helper()
	s := newShell(t)
	s.okWith(testPassword+"\n", "account", "create", "--name", "Holzbau", "--owner", "olga@holzbau.test", "--person", "Olga", "--password", "-")
	s.ok("user", "create", "--name", "Eve", "--address", "eve@holzbau.test", "--role", "employee")
	s.ok("user", "create", "--name", "Ted", "--address", "ted@holzbau.test", "--role", "techadmin")
	s.ok("contact", "create", "--name", "Klara", "--address", "klara@client.test", "--company", "Client & Sons")
	project := objects(t, s.ok("project", "create", "--name", "Lake House", "--counterparty", "client & sons", "--json"))
	s.ok("task", "create", "--title", "The oak door", "--project", project[0]["id"].(string), "--assignee", "eve@holzbau.test", "--participant", "klara@client.test")
	return s
}

func TestTheOperatorNeedsNoPage(t *testing.T) {
	s := furnished(t)
	if list := objects(t, s.ok("account", "list", "--json")); len(list) != 1 || list[0]["name"] != "Holzbau" {
		t.Errorf("accounts %v", list)
	}
	if list := objects(t, s.ok("user", "list", "--json")); len(list) != 3 {
		t.Errorf("users %v", list)
	}
	if out := s.ok("contact", "list"); !strings.Contains(out, "Klara <klara@client.test>") {
		t.Errorf("contacts %s", out)
	}
	if out := s.ok("task", "list"); !strings.Contains(out, "[#1] new") || !strings.Contains(out, "The oak door") {
		t.Errorf("tasks %s", out)
	}
	s.ok("task", "status", "1", "working")
	if list := objects(t, s.ok("task", "list", "--status", "working", "--json")); len(list) != 1 || list[0]["assignee"] != "Eve" {
		t.Errorf("working tasks %v", list)
	}
	if list := objects(t, s.ok("project", "list", "--json")); len(list) != 1 || !strings.HasSuffix(list[0]["inbound"].(string), "@in.localhost") {
		t.Errorf("projects %v", list)
	}
	project := objects(t, s.ok("project", "list", "--json"))[0]["id"].(string)
	if list := objects(t, s.ok("project", "invite", project, "klara@c1ient.test", "--preview", "--json")); len(list) != 4 || list[1]["caution"] != "alike" || list[1]["like"] != "klara@client.test" {
		t.Errorf("cautions %v", list)
	}
	if out := s.ok("log", "--json"); len(objects(t, out)) < 5 || !strings.Contains(out, `"via":"cli"`) {
		t.Errorf("log %s", out)
	}
	if len(objects(t, s.ok("keys", "show", "--json"))) != 1 {
		t.Error("no key")
	}
	if out := second(s.run("", "check", "--mail")); !strings.Contains(out, "A mail to ourselves: in.localhost stays on this machine") {
		t.Errorf("check --mail: %s", out)
	}
	for _, f := range objects(t, second(s.run("", "check", "--json"))) {
		if what := f["what"]; (what == "configuration" || what == "data folder" || what == "database" || what == "Mail domain") && f["ok"] != true {
			t.Errorf("check: %v", f)
		}
	}
}

func TestACommentOfTheCommandLineHasAnAuthorWithTheRight(t *testing.T) {
	s := furnished(t)
	s.bad(1, "say who with --as", "task", "comment", "1", "Which colour?")
	klara := objects(t, s.ok("contact", "list", "--json"))[0]["id"]
	out := objects(t, s.ok("task", "comment", "1", "Which colour?", "--as", "eve@holzbau.test", "--tell", "klara@client.test", "--json"))
	if told := out[0]["told"].([]any); !slices.Contains(told, klara) {
		t.Errorf("told %v, Klara is %v", told, klara)
	}
	s.okWith("two\nlines", "task", "comment", "1", "-", "--as", "olga@holzbau.test", "--hidden")
	comments := objects(t, s.ok("task", "show", "1", "--json"))[0]["comments"].([]any)
	if len(comments) != 2 {
		t.Fatalf("comments %v", comments)
	}
	first, second := comments[0].(map[string]any), comments[1].(map[string]any)
	if first["author"] != "Eve" || first["text"] != "Which colour?" || second["hidden"] != true || second["text"] != "two\nlines" {
		t.Errorf("comments %v", comments)
	}
	// Whoever may not see the task learns nothing of it, also here.
	status, _, _ := s.run("", "task", "comment", "1", "hello", "--as", "ted@holzbau.test")
	if status != 1 {
		t.Errorf("the technical administrator wrote into a task: status %d", status)
	}
	s.bad(1, "Nobody here has the address nobody@x.test", "task", "comment", "1", "hello", "--as", "nobody@x.test")
}

func TestExplainNamesWhatDecides(t *testing.T) {
	s := furnished(t)
	for _, c := range []struct {
		person, action, kind, object string
		allowed                      bool
	}{
		{"eve@holzbau.test", "task.comment", "task", "1", true},
		{"ted@holzbau.test", "task.comment", "task", "1", false},
		{"olga@holzbau.test", "user.invite", "", "", true},
		{"eve@holzbau.test", "user.invite", "", "", false},
	} {
		args := []string{"explain", c.person, c.action}
		if c.kind != "" {
			args = append(args, c.kind, c.object)
		}
		got := objects(t, s.ok(append(args, "--json")...))[0]
		if got["allowed"] != c.allowed || len(got["way"].([]any)) == 0 {
			t.Errorf("%v: %v", c, got)
		}
	}
	if got := s.ok("explain", "eve@holzbau.test", "task.comment", "task", "1"); !strings.HasPrefix(got, "Yes. Eve (employee): comment on a task\n") {
		t.Errorf("the answer in words: %q", got)
	}
	s.bad(1, `there is no action "task.fly"`, "explain", "eve@holzbau.test", "task.fly")
	s.bad(1, `"one" is not a task's number`, "explain", "eve@holzbau.test", "task.view", "task", "one")
	s.bad(1, `there is no kind of object "dream"`, "explain", "eve@holzbau.test", "task.view", "dream", "1")
}

func TestABadCommandLineSaysWhatIsWrong(t *testing.T) {
	s := newShell(t)
	s.bad(2, "unexpected argument fly", "fly")
	s.bad(2, "missing flags: --owner=ADDRESS", "account", "create", "--name", "x")
	s.bad(2, "--role must be one of", "user", "create", "--name", "x", "--address", "x@y.test", "--role", "king")
	s.bad(1, "there is no account yet", "task", "list")
	s.bad(1, "12", "account", "create", "--name", "x", "--owner", "x@y.test", "--password", "short")
	s.bad(1, "no such file", "config", "--config", filepath.Join(t.TempDir(), "none.yaml"))
	s.bad(1, `there is no role "pop3"`, "serve", "--roles", "web,pop3")
	if status, out, _ := s.run("", "--help"); status != 0 || !strings.Contains(out, "serve") {
		t.Errorf("help: %d %s", status, out)
	}
	if out := s.ok("version"); !strings.HasPrefix(out, "planpost ") {
		t.Errorf("version: %s", out)
	}
}

const quoting = "From: klara@client.test\r\nTo: a@in.test\r\nSubject: Re: The oak door\r\nMessage-ID: <q@client.test>\r\n\r\nDark green.\r\n\r\nOn Mon, 2 Mar 2026 at 09:00, Olga <olga@holzbau.test> wrote:\r\n> Which colour?\r\n"

func mailFile(t *testing.T, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	must(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func TestOneBadMailNeverStopsTheRest(t *testing.T) {
	s := newShell(t)
	dir := t.TempDir()
	good := mailFile(t, dir, "a.eml", quoting)
	bad := mailFile(t, dir, "b.eml", "")
	txt := mailFile(t, dir, "c.txt", "Thursday suits us.\n\nOn Mon, 2 Mar 2026 at 09:00, Olga <olga@holzbau.test> wrote:\n> When do you come?\n")
	page := mailFile(t, dir, "d.html", `<p>Friday.</p><blockquote type="cite">When?</blockquote>`)
	for _, command := range []string{"reply", "show"} {
		files := []string{good, bad, filepath.Join(dir, "missing.eml"), txt}
		if command == "reply" {
			files = append(files, page)
		}
		status, out, _ := s.run("", append([]string{"mail", command, "--json"}, files...)...)
		list := objects(t, out)
		if status != 1 || len(list) != len(files) {
			t.Fatalf("mail %s: status %d, %d of %d files:\n%s", command, status, len(list), len(files), out)
		}
		for i, v := range list {
			if v["file"] != files[i] || (v["error"] != nil) != (i == 1 || i == 2) {
				t.Errorf("mail %s, %s: %v", command, files[i], v)
			}
		}
	}
	status, out, _ := s.run("", "mail", "reply", "--json", good, txt, page)
	list := objects(t, out)
	for i, want := range []string{"Dark green.", "Thursday suits us.", "Friday."} {
		if list[i]["reply"] != want || len(list[i]["removed"].([]any)) == 0 {
			t.Errorf("%v: want %q", list[i], want)
		}
	}
	if status != 0 {
		t.Errorf("status %d without a bad file", status)
	}
	if walked := objects(t, second(s.run("", "mail", "reply", "--json", dir))); len(walked) != 4 {
		t.Errorf("a folder gives %d lines", len(walked))
	}
}

func second(_ int, out, _ string) string { return out }

func TestMailShowTellsHowAMailIsUnderstood(t *testing.T) {
	s := newShell(t)
	dir := t.TempDir()
	with := mailFile(t, dir, "with.eml", "From: =?utf-8?q?J=C3=B6rg?= <joerg@client.test>\r\nTo: a@in.test, Bob <b@in.test>\r\nSubject: =?utf-8?b?R3LDvMOfZQ==?=\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhello\r\n--b\r\nContent-Type: text/plain; name=plan.txt\r\nContent-Disposition: attachment; filename=plan.txt\r\n\r\n12345\r\n--b--\r\n")
	away := mailFile(t, dir, "away.eml", "From: a@x.test\r\nAuto-Submitted: auto-replied\r\nSubject: away\r\n\r\nI am away\r\n")
	bounce := mailFile(t, dir, "bounce.eml", "From: MAILER-DAEMON@x.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nno\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.test\r\n\r\nFinal-Recipient: rfc822; gone@x.test\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n--b--\r\n")
	list := objects(t, s.ok("mail", "show", "--json", with, away, bounce))
	from := list[0]["from"].([]any)[0].(map[string]any)
	att := list[0]["attachments"].([]any)[0].(map[string]any)
	if list[0]["subject"] != "Grüße" || from["name"] != "Jörg" || from["address"] != "joerg@client.test" || len(list[0]["to"].([]any)) != 2 || list[0]["kind"] != "message" ||
		strings.TrimSpace(list[0]["text"].(string)) != "hello" || att["name"] != "plan.txt" || att["type"] != "text/plain" || att["size"].(float64) < 5 {
		t.Errorf("%v", list[0])
	}
	if list[1]["kind"] != "auto-reply" {
		t.Errorf("%v", list[1])
	}
	report := list[2]["bounces"].([]any)[0].(map[string]any)
	if list[2]["kind"] != "bounce" || report["recipient"] != "gone@x.test" || report["status"] != "5.1.1" || report["permanent"] != true {
		t.Errorf("%v", list[2])
	}
	if got := objects(t, s.okWith(quoting, "mail", "show", "--json", "-")); got[0]["file"] != "-" || got[0]["subject"] != "Re: The oak door" {
		t.Errorf("standard input: %v", got)
	}
}

func TestMailRouteDecidesAndWritesNothing(t *testing.T) {
	s := furnished(t)
	targets := filepath.Join(t.TempDir(), "targets")
	inbound := objects(t, s.ok("project", "list", "--json"))[0]["inbound"].(string)
	before := s.ok("bench", "count")
	file := mailFile(t, t.TempDir(), "a.eml", quoting)
	got := objects(t, s.ok("mail", "route", "--json", "--rcpt", inbound, file))
	if len(got) != 1 || got[0]["disposition"] != "created" || got[0]["reply"] != "Dark green." || len(got[0]["steps"].([]any)) < 4 {
		t.Errorf("to a project: %v", got)
	}
	if got := objects(t, s.ok("mail", "route", "--json", "--rcpt", "nobody@in.localhost", file)); got[0]["refused"] != "unknown" || got[0]["words"] == "" {
		t.Errorf("to nobody: %v", got)
	}
	if out := s.okWith(quoting, "mail", "route", "--rcpt", inbound, "-"); !strings.Contains(out, "created") {
		t.Errorf("as text: %s", out)
	}
	s.bad(1, "--rcpt", "mail", "route", "--rcpt", "not an address", file)
	s.bad(1, "no such file", "mail", "route", "--rcpt", inbound, targets)
	if after := s.ok("bench", "count"); after != before {
		t.Errorf("a dry run wrote: %s, before: %s", after, before)
	}
}
