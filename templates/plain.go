package templates

import (
	"strings"
	"time"
)

// PlainMail is the view of the mail "plain": a letter that speaks of no task.
type PlainMail struct {
	Head Letterhead
	// Zone is the reader's; nil is UTC.
	Zone *time.Location
	// Account is the name of the house that writes.
	Account string
	// Key begins the keys of the words: <Key>.subject, <Key>.text and, when there is a URL, <Key>.button.
	Key    string
	Params []string
	// URL is where the button leads, Code what is to be typed, Until when they end; each may be empty.
	URL, Code string
	Until     time.Time
	// QuickURL leads to the quick start; empty for none.
	QuickURL string
	// Reasons are codes of why the reader gets this, worded under "why.<code>".
	Reasons []string
	// ChooseURL leads to where the reader chooses what to get mail about; may be empty.
	ChooseURL string
}

// Paragraphs parts a text at its empty lines. Unlike in comments, addresses in
// it are not made links: names that others chose stand in it, and the only link
// of such a mail is ours.
func (PlainMail) Paragraphs(text string) []string { return strings.Split(text, "\n\n") }

// Heading is the key of what stands above the text; a visit's begins with its own.
func (m PlainMail) Heading() string {
	if strings.HasPrefix(m.Key, "visitmail.") {
		return ""
	}
	return m.Key + ".subject"
}
