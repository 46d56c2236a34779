package core

import (
	"context"
	"time"
)

// State of a visit.
const (
	VisitPlanned   = "planned"
	VisitDone      = "done"
	VisitCancelled = "cancelled"
)

// Visit is a day, or a part of one, on which somebody is sent out for a task.
type Visit struct {
	ID, Account, Task ID
	// Person is the resource, of the staff; empty while nobody is assigned.
	Person ID
	// Day is a civil date "2006-01-02" in the account's zone. From and Until are
	// "15:04" of that day, or both empty for the whole day.
	Day, From, Until string
	State            string
	// Note is for those inside.
	Note string
	// Sequence counts what calendars must learn of (RFC 5546 §2.1.4).
	Sequence             int
	CreatedBy            ID
	CreatedAt, UpdatedAt time.Time
}

// VisitFilter narrows a list of visits; empty fields do not.
type VisitFilter struct {
	// From and Until are civil days, both included.
	From, Until string
	// Person is the resource; with Nobody only visits without one.
	Person ID
	Nobody bool
	Task   ID
	// State is one state; "open" means all but the cancelled.
	State string
	Limit int
}

// VisitItem is a visit in a list.
type VisitItem struct {
	Visit
	Number int64
	Title  string
	// Resource is the person, zero when nobody is assigned or the person is gone.
	Resource Person
	// Overlaps tells that the resource is planned elsewhere at that time, Away
	// that he is away on that day; Deputy stands in then.
	Overlaps, Away bool
	Deputy         string
	// MayTask tells that the viewer may open the task, MayManage that he may change the visit.
	MayTask, MayManage bool
}

// VisitTx reads and writes visits.
type VisitTx interface {
	CreateVisit(ctx context.Context, v *Visit) error
	// UpdateVisit writes every field but task and creation.
	UpdateVisit(ctx context.Context, v *Visit) error
	FindVisit(ctx context.Context, account, id ID) (Visit, error)
	// ListVisits gives what the viewer may see (visit.view), the earliest first.
	ListVisits(ctx context.Context, v Viewer, f VisitFilter) ([]VisitItem, error)
}

// NewVisit is a visit to be planned, or how one is to be.
type NewVisit struct {
	Person           ID
	Day, From, Until string
	Note             string
	// Tell are outsiders of the task who are mailed too.
	Tell []ID
}

// times refuses what is no day or no part of it.
func (n *NewVisit) times() error {
	if _, err := time.Parse(time.DateOnly, n.Day); err != nil {
		return Fail(Invalid, "visit.day")
	}
	if n.From == "" && n.Until == "" {
		return nil
	}
	for _, clock := range []string{n.From, n.Until} {
		if _, err := time.Parse("15:04", clock); err != nil || len(clock) != 5 {
			return Fail(Invalid, "visit.time")
		}
	}
	if n.Until <= n.From {
		return Fail(Invalid, "visit.time")
	}
	return nil
}

// AllDay tells that no part of the day is named.
func (v *Visit) AllDay() bool { return v.From == "" }

func (v *Visit) object() Object { return Object{"visit", v.ID} }

// Span is when the visit is, as instants; of a whole day its midnights as if in UTC.
func (v *Visit) Span(zone *time.Location) (from, until time.Time) {
	if v.AllDay() {
		from, _ = time.Parse(time.DateOnly, v.Day)
		return from, from.AddDate(0, 0, 1)
	}
	from, _ = time.ParseInLocation("2006-01-02 15:04", v.Day+" "+v.From, zone)
	until, _ = time.ParseInLocation("2006-01-02 15:04", v.Day+" "+v.Until, zone)
	return from, until
}

// changesOf are the fields that differ, as the change log has them.
func (v *Visit) changesOf(was *Visit) []Change {
	return []Change{{"person", string(was.Person), string(v.Person)}, {"day", was.Day, v.Day}, {"from", was.From, v.From}, {"until", was.Until, v.Until},
		{"state", was.State, v.State}, {"note", was.Note, v.Note}}
}
