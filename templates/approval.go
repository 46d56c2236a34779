package templates

import (
	"strings"
	"time"
)

// ApprovalMail is the view of the mail "approval": somebody is asked to approve an index.
type ApprovalMail struct {
	Head    Letterhead
	Zone    *time.Location
	Account string
	// By is who asked, For whom the reader stands in for; it may be empty.
	By, For              string
	Plan, Index, Project string
	// Message is plain text of who asked; what looks like a link in it is none.
	Message string
	Files   []ApprovalMailFile
	// Why is "first", "again", "code" after a code that was typed wrong too often, or "remark" after an answer that was no decision.
	Why string
	// URL is where to decide, Session that the reader signs in there, Code what to type and Until when it ends.
	URL     string
	Session bool
	Code    string
	Until   time.Time
	// ByReply tells that an answer with the code decides.
	ByReply bool
	Reasons []string
	// ChooseURL leads to where the reader chooses what to get mail about; may be empty.
	ChooseURL string
}

// ApprovalMailFile is a file of the index in review.
type ApprovalMailFile struct {
	Name  string
	Size  int64
	Pages int
}

// Lines parts the message where its author did. Addresses in it are not made links.
func (v ApprovalMail) Lines() []string {
	if v.Message == "" {
		return nil
	}
	return strings.Split(v.Message, "\n")
}

// Preview is what lists of mails show beside the subject.
func (v ApprovalMail) Preview() string { return cutText(oneLine(v.Message+" "+v.Project), previewMost) }
