package core

import "slices"

// Event is what a notification is about.
type Event string

// The events whose source exists. A comment is one of the first three: written
// to this very person, by somebody outside, or by a colleague to all.
const (
	CommentTold   Event = "comment.told"
	ClientMessage Event = "client.message"
	CommentAdded  Event = "comment.added"
	TaskAssigned  Event = "task.assigned"
	TaskShared    Event = "task.shared"
	TaskChanged   Event = "task.changed"
	MessageHeld   Event = "message.held"
	// VisitTold is a visit that was planned, moved or called off.
	VisitTold Event = "visit.told"
	// ProjectJoined and ProjectHanded tell of who takes part in a project and who it belongs to, TaskMade of a task
	// made for its reader, HoursTold of working time that was recorded or not.
	ProjectJoined Event = "project.joined"
	ProjectHanded Event = "project.handed"
	TaskMade      Event = "task.made"
	HoursTold     Event = "hours.told"
	// PlanWaiting asks its reader to approve a plan, PlanDecided tells what an approver said.
	PlanWaiting Event = "plan.waiting"
	PlanDecided Event = "plan.decided"
	// PlanSent is a sending of plans: somebody chose its reader, so it cannot be switched off.
	PlanSent Event = "plan.sent"
	// AccountSafety stands for all letters of the security stream.
	AccountSafety Event = "account.safety"
)

// Channel is a way by which a person hears of an event.
type Channel string

// The channels. PhoneChannel needs a device that was enabled in an application;
// none can be enabled yet, so nobody is reached by it.
const (
	MailChannel  Channel = "mail"
	PageChannel  Channel = "page"
	PhoneChannel Channel = "phone"
)

// Channels are those that can be chosen.
var Channels = []Channel{MailChannel, PageChannel}

// EventKind is one row of the table of events, people and channels.
type EventKind struct {
	Event Event
	// On are the channels of who has chosen nothing.
	On []Channel
	// Outside tells that it reaches people outside too.
	Outside bool
	// Fixed cannot be switched off.
	Fixed bool
	// MailOnly is told by mail alone.
	MailOnly bool
	// Personal is addressed to this one person: a muted thread lets it through to those inside.
	Personal bool
	// Since names what must exist first, worded under "notif.since.<Since>"; the event has its
	// place and cannot be switched yet.
	Since string
}

// eventKinds is the registry, in the order in which people read it.
var eventKinds = func() []EventKind {
	both, mail := []Channel{MailChannel, PageChannel}, []Channel{MailChannel}
	return []EventKind{
		{Event: ClientMessage, On: both},
		{Event: CommentTold, On: both, Outside: true, Personal: true},
		{Event: CommentAdded, On: both},
		{Event: TaskAssigned, On: both, Outside: true, Personal: true},
		{Event: TaskShared, On: both, Outside: true, Personal: true},
		{Event: TaskChanged, On: both, Outside: true},
		{Event: VisitTold, On: both, Outside: true, Personal: true},
		{Event: MessageHeld, On: both, Personal: true},
		{Event: ProjectJoined, On: mail, Outside: true, Personal: true, MailOnly: true},
		{Event: ProjectHanded, On: mail, Outside: true, Personal: true, MailOnly: true},
		{Event: TaskMade, On: mail, Personal: true, MailOnly: true},
		{Event: HoursTold, On: mail, Outside: true, Personal: true, MailOnly: true},
		{Event: PlanWaiting, On: mail, Outside: true, Personal: true, MailOnly: true},
		{Event: PlanDecided, On: mail, Outside: true, Personal: true, MailOnly: true},
		{Event: PlanSent, On: mail, Outside: true, Personal: true, Fixed: true},
		{Event: "quote.accepted", Since: "quotes"},
		{Event: "quote.refused", Since: "quotes"},
		{Event: "invoice.paid", Since: "invoices"},
		{Event: "payment.reminder", Outside: true, Since: "invoices"},
		{Event: "payment.overdue", Since: "invoices"},
		{Event: "review.left", Since: "reviews"},
		{Event: "booking.created", Since: "booking"},
		{Event: AccountSafety, On: mail, Outside: true, Fixed: true},
	}
}()

// EventKinds are all rows that concern somebody inside or outside.
func EventKinds(staff bool) (list []EventKind) {
	for _, k := range eventKinds {
		if staff || k.Outside {
			list = append(list, k)
		}
	}
	return list
}

func eventKind(e Event) (EventKind, bool) {
	i := slices.IndexFunc(eventKinds, func(k EventKind) bool { return k.Event == e })
	if i < 0 {
		return EventKind{}, false
	}
	return eventKinds[i], true
}

// Choosable tells whether the channel of this event can be switched.
func (k *EventKind) Choosable(ch Channel) bool {
	return k.Since == "" && !k.Fixed && slices.Contains(Channels, ch) && (ch == MailChannel || !k.MailOnly)
}

// said is what a letter says first: whoever a comment was for, it is a comment.
func (e Event) said() Event {
	if e == CommentTold || e == ClientMessage {
		return CommentAdded
	}
	return e
}
