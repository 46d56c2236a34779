package core

import (
	"time"

	"planpost/mail"
)

// MessageFacts are what a page tells of a message besides its words. All of
// it is the sender's claim. The zero value is an ordinary mail.
type MessageFacts struct {
	// Signed is "smime", "pgp" or empty; the signature was not checked.
	Signed string `json:"signed,omitempty"`
	// Encrypted tells that the content is sealed and nobody here can read it.
	Encrypted bool `json:"encrypted,omitempty"`
	// Auto is mail.Class's sort of an automatic answer, Until the last day of an absence.
	Auto  string `json:"auto,omitempty"`
	Until string `json:"until,omitempty"`
	// Forwarded is how many bytes at the end of its words are a message that it
	// passes on; 0 for none.
	Forwarded int `json:"forwarded,omitempty"`
	// Invitations are the events that came with it.
	Invitations []Invitation `json:"invitations,omitempty"`
}

// Invitation is an event of a calendar in a message, as mail.Invitation explains it.
type Invitation struct {
	Method   string `json:"method,omitempty"`
	UID      string `json:"uid,omitempty"`
	Sequence int    `json:"sequence,omitempty"`
	Summary  string `json:"summary,omitempty"`
	Location string `json:"location,omitempty"`
	Status   string `json:"status,omitempty"`
	// Organizer is a mailbox, OrganizerName what he is called; both may be empty.
	Organizer     string `json:"organizer,omitempty"`
	OrganizerName string `json:"organizer_name,omitempty"`
	Answer        string `json:"answer,omitempty"`
	// Start and End are instants; with AllDay midnights of civil dates (End is
	// the day after the last), with Floating a wall clock: these are not to be
	// moved into another zone.
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"`
	AllDay   bool      `json:"all_day,omitempty"`
	Floating bool      `json:"floating,omitempty"`
	Repeats  bool      `json:"repeats,omitempty"`
}

// None tells that there is nothing to tell.
func (f *MessageFacts) None() bool {
	return f.Signed == "" && f.Auto == "" && f.Until == "" && !f.Encrypted && f.Forwarded == 0 && len(f.Invitations) == 0
}

// factsOf takes over what parsing and classifying found out.
func (c *Core) factsOf(m *mail.Message, class mail.Class) MessageFacts {
	f := MessageFacts{Signed: m.Signed, Encrypted: m.Encrypted, Auto: string(class.Auto), Until: class.Until}
	for i := range m.Invitations {
		v := &m.Invitations[i]
		f.Invitations = append(f.Invitations, Invitation{Method: v.Method, UID: cut(v.UID, 200), Sequence: v.Sequence,
			Summary: c.redact(v.Summary), Location: c.redact(v.Location), Status: v.Status,
			Organizer: c.redact(v.Organizer.Mailbox()), OrganizerName: c.redact(v.Organizer.Name), Answer: v.Answer,
			Start: v.Start, End: v.End, AllDay: v.AllDay, Floating: v.Floating, Repeats: v.Repeats})
	}
	return f
}

// outside is what who is not inside may read: the events without who calls
// to them, because outsiders do not learn of one another.
func (f MessageFacts) outside() MessageFacts {
	out := MessageFacts{Signed: f.Signed, Encrypted: f.Encrypted, Forwarded: f.Forwarded}
	for _, v := range f.Invitations {
		v.Organizer, v.OrganizerName = "", ""
		out.Invitations = append(out.Invitations, v)
	}
	return out
}
