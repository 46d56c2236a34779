package templates

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

// TaskMail is the view of the mail "task": what is new in one task, for one reader.
type TaskMail struct {
	Head Letterhead
	// Zone is the reader's; nil is UTC.
	Zone *time.Location
	// Account is the name of the house that writes, Project may be empty.
	Account, Project string
	Number           int64
	Title            string
	// Topic stands in the subject: the Title of the first mail about the task.
	Topic string
	// Entries are the news, oldest first.
	Entries []MailEntry
	// Held are messages for the task that wait for the reader's decision; often none.
	Held HeldList
	// Reasons are codes of why the reader gets this, worded under "why.<code>".
	Reasons []string
	// Outside marks a reader from outside: told who else reads, and to answer by mail only.
	Outside bool
	// Readers are the names of those inside who read an answer; OutsideReaders of those outside, told to
	// staff only. OthersRead tells somebody outside that others do, who are not named.
	Readers, OutsideReaders []string
	OthersRead              bool
	// Earlier are messages before the news, newest first.
	Earlier []MailQuote
	// URL is the task's page; empty for who cannot open it. ThreadURL leads those outside to this one conversation.
	URL, ThreadURL string
	// MuteURL leads to where the reader stops mail about the task, ChooseURL to where those inside choose
	// what they get mail about; each may be empty.
	MuteURL, ChooseURL string
}

// MailQuote is an earlier message as a mail quotes it.
type MailQuote struct {
	Author, Text string
	At           time.Time
}

// MailEntry is one piece of news of a task.
type MailEntry struct {
	// Kind is comment, created, assigned, shared, status, people, due or change.
	Kind string
	// Author is a name; Unproven tells that the mail it came by was not proven to be theirs.
	Author   string
	Unproven bool
	At       time.Time
	// Text is plain; HTML an optional safe rendering of it.
	Text string
	HTML template.HTML
	// Hidden marks a note that outsiders never see.
	Hidden bool
	// From and To are the old and new value: status codes, or civil dates
	// "2006-01-02" with an optional time behind.
	From, To string
	Files    []MailFile
	// FilesApart tells that the files are too large together and do not go along.
	FilesApart bool
	// Cut tells that HTML, or that of the Sheet, is only the beginning; Skip that the HTML leaves the whole entry out.
	Cut, Skip bool
	// Sheet is the state of the task, shown with created, assigned and shared; may be nil.
	Sheet *MailSheet
}

// MailFile is an attachment as it is named in a mail.
type MailFile struct {
	Name string
	Size int64
	// URL is where it is fetched when it does not come along.
	URL string
}

// MailSheet is a task in short.
type MailSheet struct {
	Status, DueDate, DueTime string
	Assignee                 string
	Description              string
	// HTML is the beginning of a long Description, for the HTML form.
	HTML template.HTML
}

// HeldMail is the view of the mail "held": messages wait for a decision, and
// there is nothing else to tell.
type HeldMail struct {
	Head    Letterhead
	Zone    *time.Location
	Account string
	// Number and Title are those of the task that the messages were for; 0 without one.
	Number int64
	Title  string
	// Project is the one that all of them were sent to; empty when they differ.
	Project string
	Held    HeldList
	// Reasons are codes of why the reader gets this, worded under "why.<code>".
	Reasons []string
	// ChooseURL leads to where the reader chooses what to get mail about; may be empty.
	ChooseURL string
}

// Letterhead is by what readers know at a glance who writes.
type Letterhead struct {
	// Name is the account's; Color its own, written like #1a2b3c, or empty.
	Name, Color string
	// Logo is how the mail refers to the picture that it carries; empty without one.
	Logo template.URL
	// Width and Height are those in which it is shown.
	Width, Height int
	// Foot is what the account writes below its mails; may have several lines.
	Foot string
}

// HeldList are messages that wait for the reader's decision.
type HeldList struct {
	Items []HeldItem
	// More is how many came beyond the Items.
	More int
	// URL leads to all that waits.
	URL string
}

// Count is how many messages wait.
func (l HeldList) Count() int { return len(l.Items) + l.More }

// HeldItem is one message that waits.
type HeldItem struct {
	// From is the address it bears, empty when it bears none; Name what it calls itself.
	From, Name string
	Subject    string
	At         time.Time
	// Project is where it was sent to; shown for messages without a task.
	Project string
	// Reason and Params are those of the receipt.
	Reason string
	Params []string
	// URL leads to its page.
	URL string
}

// Mail renders one mail in the language: "task" with a TaskMail, "held" with a
// HeldMail. The subject is one line. Text lines end in \n.
func Mail(locale, name string, view any) (subject, text, html string, err error) {
	set := parsed()[Match(locale)]
	var b strings.Builder
	run := func(execute func() error) string {
		b.Reset()
		if e := execute(); e != nil && err == nil {
			err = fmt.Errorf("mail %s: %w", name, e)
		}
		return BuryText(locale, b.String())
	}
	subject = oneLine(run(func() error { return set.texts.ExecuteTemplate(&b, name+".subject", view) }))
	text = tidy(run(func() error { return set.texts.ExecuteTemplate(&b, name+".text", view) }))
	html = run(func() error { return set.pages.ExecuteTemplate(&b, name+".mail", view) })
	if err != nil {
		return "", "", "", err
	}
	return subject, text, strings.TrimSpace(html) + "\n", nil
}

// Markers are the lines "reply above this line" of all languages, as they
// stand in mails: what stands below such a line is ours, not the author's.
func Markers() []string {
	all := make([]string, 0, len(locales))
	for _, locale := range locales {
		all = append(all, T(locale, "mail.marker"))
	}
	slices.Sort(all)
	return all
}

// oneLine makes a subject: no breaks, no control characters, white space folded.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// tidy removes white space at line ends and folds runs of empty lines, which templates leave behind.
func tidy(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	blank := true
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" && blank {
			continue
		}
		blank = line == ""
		b.WriteString(line)
		b.WriteByte('\n')
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}
