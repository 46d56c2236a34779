package core

import "time"

// LinkKind says what a link is for; tokens of one kind never work as another.
type LinkKind string

// The kinds that exist (links.md, 2). The addressee of each is Link.Person.
const (
	// ReplyLink is the row behind a reply address; Object is the task.
	ReplyLink LinkKind = "reply"
	// ActivationLink leads an invited person to the first password; Object is the person.
	ActivationLink LinkKind = "activation"
	// ResetLink leads to a new password; Object is the link itself, for two may be alive.
	ResetLink LinkKind = "reset"
	// EmailLink confirms a new address from its own mailbox; Object is the address that it replaces, Scope the new one.
	EmailLink LinkKind = "email"
	// EmailCancelLink stops that change from the old mailbox; Object is the EmailLink's row.
	EmailCancelLink LinkKind = "emailcancel"
	// ThreadLink opens one conversation; Object is the task, Scope the mailbox it was sent to.
	ThreadLink LinkKind = "thread"
	// CodeLink is the row behind a short code that is mailed (see Keyring.LinkCode); Object is what the code opens: a task, or the person for the dashboard. Scope tells browsers that asked apart.
	CodeLink LinkKind = "code"
	// MuteLink leads to what somebody wants to hear no more; Object is the task or project, or the person for everything.
	MuteLink LinkKind = "mute"
	// DownloadLink leads to what was sent to somebody; Object is the transmittal.
	DownloadLink LinkKind = "download"
	// ApprovalLink leads to a request for approval; Object is the approval.
	ApprovalLink LinkKind = "approval"
)

// linkPaths are the first segments of the kinds that open a page.
var linkPaths = map[LinkKind]string{ActivationLink: "i", ResetLink: "p", EmailLink: "e", EmailCancelLink: "e", ThreadLink: "t", MuteLink: "u",
	DownloadLink: "d", ApprovalLink: "a"}

// Path is where tokens of the kind lead, such as "/i/"; empty for those that open no page.
func (k LinkKind) Path() string {
	if p := linkPaths[k]; p != "" {
		return "/" + p + "/"
	}
	return ""
}

// Link is the row behind a token in a mail (links.md). No token works without it.
type Link struct {
	ID, Account ID
	Kind        LinkKind
	// Person is the addressee; Object what the link covers; Scope internal or external for ever, or
	// what else its kind says.
	Person, Object ID
	Scope          string
	// Generation is part of every token; raising it ends all earlier ones.
	Generation int
	CreatedBy  ID
	CreatedAt  time.Time
	// ExpiresAt is zero for links that live as long as their object.
	ExpiresAt, ConsumedAt, RevokedAt time.Time
	RevokeReason                     string
	// Topic of a ReplyLink is the task's title when its person first heard of the task: mail programs
	// begin another conversation where the subject changes, so it never does.
	Topic string
}

// LinkState is where a link stands.
type LinkState string

// The states. Blocked, withdrawn, deleted and frozen are all LinkEnded: who holds the link shall not learn which.
const (
	LinkLive    LinkState = "live"
	LinkUsed    LinkState = "used"
	LinkExpired LinkState = "expired"
	LinkEnded   LinkState = "ended"
)

// State tells where the row itself stands at now; its person and account may end it too.
func (l *Link) State(now time.Time) LinkState {
	switch {
	case !l.RevokedAt.IsZero():
		return LinkEnded
	case !l.ConsumedAt.IsZero():
		return LinkUsed
	case !l.ExpiresAt.IsZero() && !now.Before(l.ExpiresAt):
		return LinkExpired
	}
	return LinkLive
}

// PageKey is the key with which pages bind their forms to a link.
func (c *Core) PageKey() []byte { return c.keys.Derive("page form") }
