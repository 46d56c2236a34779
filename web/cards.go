package web

import (
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

// factCards are what is told of a mail besides its words.
type factCards struct {
	Signed    string
	Encrypted bool
	Events    []eventCard
}

// eventCard is an event that came with a mail. All of it is the sender's claim.
type eventCard struct {
	// Code says what the sender wants with it, worded under "event".
	Code                string
	Cancelled           bool
	Summary, When, Note string
	Where, Organizer    string
	Repeats             bool
}

func factsOf(locale string, zone *time.Location, f *core.MessageFacts) factCards {
	c := factCards{Signed: f.Signed, Encrypted: f.Encrypted}
	for i := range f.Invitations {
		c.Events = append(c.Events, eventOf(locale, zone, &f.Invitations[i]))
	}
	return c
}

func eventOf(locale string, zone *time.Location, in *core.Invitation) eventCard {
	c := eventCard{Code: eventCode(in), Summary: in.Summary, Where: in.Location, Organizer: in.OrganizerName, Repeats: in.Repeats}
	c.Cancelled = c.Code == "cancel"
	if in.Organizer != "" && in.Organizer != in.OrganizerName {
		c.Organizer = strings.TrimSpace(c.Organizer + " <" + in.Organizer + ">")
	}
	switch {
	case in.Start.IsZero():
	case in.AllDay:
		first, last := in.Start.Format(time.DateOnly), in.End.AddDate(0, 0, -1).Format(time.DateOnly)
		c.When = templates.Civil(locale, first, "")
		if last > first {
			c.When = templates.T(locale, "event.span", "from", c.When, "to", templates.Civil(locale, last, ""))
		}
		c.Note = "event.allday"
	case in.Floating:
		c.When, c.Note = span(locale, time.UTC, in.Start, in.End), "event.floating"
	default:
		c.When = span(locale, zone, in.Start, in.End)
	}
	return c
}

// span writes from when to when, the day once when it is the same.
func span(locale string, zone *time.Location, start, end time.Time) string {
	from := templates.Moment(locale, zone, start)
	if !end.After(start) {
		return from
	}
	to := templates.Moment(locale, zone, end)
	if templates.Date(locale, zone, start) == templates.Date(locale, zone, end) {
		to = end.In(zone).Format("15:04")
	}
	return templates.T(locale, "event.span", "from", from, "to", to)
}

func eventCode(in *core.Invitation) string {
	switch {
	case in.Method == "cancel" || in.Status == "cancelled":
		return "cancel"
	case in.Method == "reply" && templates.Has("event."+in.Answer):
		return in.Answer
	case in.Method == "request" && in.Sequence > 0:
		return "update"
	case in.Method == "request", in.Method == "reply", in.Method == "counter":
		return in.Method
	}
	return "publish"
}

// awayRow is somebody of the task who is not there.
type awayRow struct {
	Name, URL, Deputy string
	// Until is a civil date; At is when the note came.
	Until string
	At    time.Time
}

func awayRows(t *core.TaskView) (list []awayRow) {
	for _, n := range t.Away {
		row := awayRow{Name: t.People[n.Person].Name, Deputy: t.People[n.Deputy].Name, Until: n.Until, At: n.At}
		if n.Receipt != "" {
			row.URL = "/messages/" + string(n.Receipt)
		}
		if row.Name != "" {
			list = append(list, row)
		}
	}
	return list
}
