package templates

import (
	"html/template"
	"strings"
	"testing"
	"time"
)

func sampleMails() map[string]struct {
	name string
	view any
} {
	at := time.Date(2026, 5, 4, 9, 15, 0, 0, time.UTC)
	outside := TaskMail{
		Account: "Nordbau", Project: "School", Number: 12, Title: "Windows on the north side", Outside: true, ThreadURL: "https://planpost.example/t/token",
		Readers: []string{"Anna Berg", "Ivan Petrov", "Marie Roux"}, Reasons: []string{"participant"},
		Entries: []MailEntry{
			{Kind: "comment", Author: "Anna Berg", At: at, Text: "The frames come on Monday.\n\nPlans: https://example.org/plans?x=1&y=2", Files: []MailFile{{Name: "frames.pdf", Size: 1_240_000}, {Name: "фасада.dwg", Size: 900}}},
			{Kind: "status", Author: "Anna Berg", At: at.Add(time.Minute), From: "new", To: "waiting"},
		},
	}
	staff := TaskMail{
		Account: "Nordbau", Number: 12, Title: "Windows on the north side", URL: "https://planpost.example/tasks/12",
		Reasons: []string{"told", "assignee"},
		Entries: []MailEntry{
			{Kind: "assigned", Author: "Anna Berg", At: at, Sheet: &MailSheet{Status: "new", Assignee: "Ivan Petrov", DueDate: "2026-06-01", Description: "Measure all <openings> first."}},
			{Kind: "comment", Author: "Marie Roux", At: at, Unproven: true, HTML: template.HTML("<p>As <b>agreed</b>.</p>"), Text: "As agreed."},
			{Kind: "comment", Author: "Ivan Petrov", At: at, Hidden: true, Text: "Too dear."},
			{Kind: "due", Author: "Anna Berg", At: at, To: "2026-12-24 08:00"},
			{Kind: "due", Author: "Anna Berg", At: at},
			{Kind: "people", Author: "Anna Berg", At: at},
		},
	}
	bob := HeldItem{From: "bob@example.com", Name: "Bob Builder", Subject: "Re: Windows", At: at, Reason: "right.missing", Params: []string{"name", "Bob Builder"}, URL: "https://planpost.example/messages/1"}
	held := HeldMail{Account: "Nordbau", Number: 12, Title: "Windows", Reasons: []string{"assignee"}, Held: HeldList{Items: []HeldItem{bob}, URL: "https://planpost.example/held"}}
	staff.Held = held.Held
	bob.Project = "School"
	nobody := HeldItem{At: at, Project: "Town hall", Reason: "parse.not_a_message", URL: "https://planpost.example/messages/2"}
	flood := HeldMail{Account: "Nordbau", Reasons: []string{"manager"}, Held: HeldList{Items: []HeldItem{bob, nobody}, More: 3, URL: "https://planpost.example/held"}}
	stranger := HeldMail{Account: "Nordbau", Project: "School", Reasons: []string{"intake"}, Held: HeldList{Items: []HeldItem{bob}, URL: "https://planpost.example/held"}}
	invited := PlainMail{Account: "Nordbau", Key: "letter.activation", Params: []string{"who", "Anna Berg", "account", "Nordbau"}, URL: "https://planpost.example/i/token", Until: at, QuickURL: "https://planpost.example/start/en"}
	notice := PlainMail{Account: "Nordbau", Key: "notice.password.reset", Params: []string{"at", "4 May 2026, 09:15"}}
	return map[string]struct {
		name string
		view any
	}{"invited": {"plain", invited}, "notice": {"plain", notice}, "outside": {"task", outside}, "staff": {"task", staff}, "held": {"held", held}, "flood": {"held", flood}, "stranger": {"held", stranger}}
}

func TestMailsLoadNothingAndStayWholeWithHostileTexts(t *testing.T) {
	evil := "\"><script>alert(1)</script>\r\nBcc: x@example.org {who} {{.}} \u202e" + strings.Repeat("long ", 2000)
	view := TaskMail{
		Account: evil, Project: evil, Number: 1 << 60, Title: evil, Outside: true, Readers: []string{evil, evil}, Reasons: []string{evil},
		Entries: []MailEntry{
			{Kind: "comment", Author: evil, Text: evil, Files: []MailFile{{Name: evil, Size: 1 << 60}}},
			{Kind: "status", Author: evil, From: evil, To: evil},
			{Kind: evil, Author: evil, Sheet: &MailSheet{Status: evil, Assignee: evil, DueDate: evil, DueTime: evil, Description: evil}},
		},
	}
	for _, locale := range locales {
		for name, v := range map[string]any{"task": view, "held": HeldMail{Account: evil, Title: evil, Number: 1, Project: evil, Reasons: []string{evil}, Held: HeldList{More: 1, URL: "javascript:alert(1)", Items: []HeldItem{
			{From: evil, Name: evil, Subject: evil, Project: evil, Reason: evil, Params: []string{evil}, URL: "javascript:alert(1)"}}}}} {
			subject, text, html, err := Mail(locale, name, v)
			if err != nil {
				t.Fatal(err)
			}
			if strings.ContainsAny(subject, "\r\n") {
				t.Errorf("%s %s: the subject has more than one line", locale, name)
			}
			if strings.Contains(text, "\r") {
				t.Errorf("%s %s: a bare CR in the text", locale, name)
			}
			for _, bad := range []string{"<script", "<img", "src=", "url(", "@import", "javascript:"} {
				if strings.Contains(html, bad) {
					t.Errorf("%s %s: %q in the HTML", locale, name, bad)
				}
			}
		}
	}
}

func TestAnEmptyMailStillRenders(t *testing.T) {
	for _, locale := range locales {
		for name, v := range map[string]any{"task": TaskMail{}, "held": HeldMail{}} {
			if _, _, _, err := Mail(locale, name, v); err != nil {
				t.Errorf("%s %s: %v", locale, name, err)
			}
		}
	}
}

func TestOutsidersAreToldToReplyAndStaffWhereToLook(t *testing.T) {
	for _, locale := range locales {
		all := sampleMails()
		_, text, html, err := Mail(locale, "task", all["outside"].view)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{text, html} {
			if !strings.Contains(body, T(locale, "mail.reply.outside")) && !strings.Contains(body, template.HTMLEscapeString(T(locale, "mail.reply.outside"))) {
				t.Errorf("%s: an outsider is not told to reply", locale)
			}
			if !strings.Contains(body, "Marie Roux") {
				t.Errorf("%s: an outsider is not told who reads", locale)
			}
			if rest := strings.ReplaceAll(body, "https://planpost.example/t/token", ""); strings.Contains(rest, "planpost.example") || rest == body || !strings.Contains(rest, T(locale, "mail.thread")) {
				t.Errorf("%s: an outsider gets the address of a page besides the one conversation's, or not that", locale)
			}
		}
		_, text, html, err = Mail(locale, "task", all["staff"].view)
		if err != nil {
			t.Fatal(err)
		}
		for _, body := range []string{text, html} {
			if !strings.Contains(body, "https://planpost.example/tasks/12") {
				t.Errorf("%s: staff is not told where to look", locale)
			}
		}
	}
}
