package core

import "strings"

// Stream is one of the roads of outgoing mail. Each has its own sender,
// workers and suppression, so that what goes wrong in one does not stop another.
type Stream string

// The streams.
const (
	// SecurityStream brings activation, reset and codes, and tells of what was done to an account: somebody waits for it.
	SecurityStream Stream = "security"
	// WorkStream brings comments, tasks, visits and all else that somebody may answer.
	WorkStream Stream = "work"
	// DigestStream brings what was gathered over hours, and reminders.
	DigestStream Stream = "digest"
)

// Streams are all of them, the most urgent first.
var Streams = []Stream{SecurityStream, WorkStream, DigestStream}

// workNotices are the codes of notices that speak of work, not of an account's safety, with their events.
var workNotices = map[string]Event{
	"project.added": ProjectJoined, "project.invited": ProjectJoined, "project.transferred": ProjectHanded, "task.created": TaskMade, "task.created.in": TaskMade,
	"plan.undelivered": PlanDecided, "plan.unable": PlanDecided, "plan.remark": PlanDecided, "plan.approved": PlanDecided, "plan.approved.words": PlanDecided, "plan.corrected": PlanDecided,
}

// noticeEvent is what a notice of a code tells of; AccountSafety of all others.
func noticeEvent(code string) Event {
	if e, ok := workNotices[code]; ok {
		return e
	}
	if strings.HasPrefix(code, "hours.") {
		return HoursTold
	}
	return AccountSafety
}

// streamOf is the road that a letter takes.
func streamOf(kind LetterKind, params []string) Stream {
	switch {
	case kind == DigestLetter:
		return DigestStream
	case kind == TaskLetter || kind == VisitLetter || kind == TransmittalLetter:
		return WorkStream
	case kind == HolderLetter || kind == ApprovalLetter:
		return WorkStream
	case kind == NoticeLetter && len(params) > 1 && noticeEvent(params[1]) != AccountSafety:
		return WorkStream
	}
	return SecurityStream
}
