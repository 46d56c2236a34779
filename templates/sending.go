package templates

import (
	"strings"
	"time"
)

// SendingMail is the view of the mail "sending": plans that were sent by link.
type SendingMail struct {
	Head    Letterhead
	Zone    *time.Location
	Account string
	// By is who sent them, ByAddress where he can be asked; Project the project's name.
	By, ByAddress, Project string
	// Message is plain text of the sender's; what looks like a link in it is none.
	Message string
	Print   PrintOrder
	Plans   []SendingPlan
	// More counts the plans beyond those.
	More int
	// URL is the reader's own link, Until when it ends.
	URL     string
	Until   time.Time
	Reasons []string
	// ChooseURL leads to where the reader chooses what to get mail about; may be empty.
	ChooseURL string
}

// PrintOrder is what a print shop is asked for; each may be empty.
type PrintOrder struct {
	Copies         int
	Sheet, Folding string
}

// Wanted tells that something is asked for.
func (p PrintOrder) Wanted() bool { return p.Copies > 0 || p.Sheet != "" || p.Folding != "" }

// SendingPlan is one index of a plan in a mail.
type SendingPlan struct {
	Number, Title, Index string
	At                   time.Time
}

// Count is how many plans were sent.
func (v SendingMail) Count() int { return len(v.Plans) + v.More }

// Lines parts the message where its author did. Unlike in comments addresses in it are not made links.
func (v SendingMail) Lines() []string {
	if v.Message == "" {
		return nil
	}
	return strings.Split(v.Message, "\n")
}

// Preview is what lists of mails show beside the subject.
func (v SendingMail) Preview() string {
	words := v.Message
	for i := range v.Plans {
		words += " " + v.Plans[i].Number + " " + v.Plans[i].Title + " " + v.Plans[i].Index + " ·"
	}
	return cutText(oneLine(words), previewMost)
}
