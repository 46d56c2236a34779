package core

import (
	"context"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Hours is working time that somebody of the staff recorded on a task.
type Hours struct {
	ID, Account, Task, Person ID
	// Day is a civil date "2006-01-02" in the account's zone.
	Day string
	// Minutes are 1 to 1440.
	Minutes int
	// Note is for those inside.
	Note string
	// Via is how it came: page, cli or mail.
	Via       string
	CreatedAt time.Time
}

// HoursFilter narrows recorded hours; empty fields do not.
type HoursFilter struct {
	// From and Until are civil days, both included.
	From, Until           string
	Person, Project, Task ID
	// Limit is how many records a list has, at least 1; sums have all.
	Limit int
}

// HoursItem is one record in a list. Title and ProjectName are empty for who
// may not look at them.
type HoursItem struct {
	Hours
	Number      int64
	Title       string
	Project     ID
	ProjectName string
	Who         Person
	// MayTask tells that the viewer may open the task, MayRemove that he may take the record back.
	MayTask, MayRemove bool
}

// HoursBy is what recorded hours are added up by.
type HoursBy string

// The sums there are.
const (
	HoursByTask    HoursBy = "task"
	HoursByProject HoursBy = "project"
	HoursByPerson  HoursBy = "person"
)

// HoursSum is how long was worked on a task, in a project or by a person. ID is
// empty for tasks without a project; Name where the viewer may not know it.
type HoursSum struct {
	ID      ID
	Name    string
	Number  int64
	Minutes int
}

// HoursTx reads and writes recorded hours.
type HoursTx interface {
	CreateHours(ctx context.Context, h *Hours) error
	FindHours(ctx context.Context, account, id ID) (Hours, error)
	DeleteHours(ctx context.Context, account, id ID) error
	// MinutesOn is how much of a day a person has recorded, on whatever task.
	MinutesOn(ctx context.Context, account, person ID, day string) (int, error)
	// ListHours gives what the viewer may see (time.view), the newest day first.
	ListHours(ctx context.Context, v Viewer, f HoursFilter) ([]HoursItem, error)
	// SumHours adds up what ListHours gives, without its limit; the most first.
	SumHours(ctx context.Context, v Viewer, f HoursFilter, by HoursBy) ([]HoursSum, error)
}

const fullDay = 24 * 60

// The ways people write how long something took, in the languages of the product.
var (
	clockSpan   = regexp.MustCompile(`^(\d{1,2}):(\d{2})$`)
	hoursSpan   = regexp.MustCompile(`^(\d{1,2}) *(?:h|std|ч)\.?(?: *(\d{1,2}) *(?:m|min|мин)?\.?)?$`)
	decimalSpan = regexp.MustCompile(`^(\d{1,2})[.,](\d{1,2}) *(?:h|std|ч)\.?$`)
	minutesSpan = regexp.MustCompile(`^(\d{1,4}) *(?:m|min|мин)\.?$`)
)

// ParseSpan reads how long something took, as people write it: 1h30, 1:30,
// 1.5 h, 1,5 Std, 90 min. It gives whole minutes, 1 to 1440.
func ParseSpan(s string) (minutes int, ok bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	part := func(m []string, i int) int {
		n, _ := strconv.Atoi(m[i])
		return n
	}
	if m := clockSpan.FindStringSubmatch(s); m != nil {
		minutes, ok = part(m, 1)*60+part(m, 2), part(m, 2) < 60
	} else if m := hoursSpan.FindStringSubmatch(s); m != nil {
		minutes, ok = part(m, 1)*60+part(m, 2), part(m, 2) < 60
	} else if m := decimalSpan.FindStringSubmatch(s); m != nil {
		hundredths := part(m, 2)
		if len(m[2]) == 1 {
			hundredths *= 10
		}
		minutes, ok = part(m, 1)*60+(hundredths*60+50)/100, true
	} else if m := minutesSpan.FindStringSubmatch(s); m != nil {
		minutes, ok = part(m, 1), true
	}
	return minutes, ok && minutes > 0 && minutes <= fullDay
}

// Span is minutes as people read them: 1:30.
func Span(minutes int) string {
	s := strconv.Itoa(minutes / 60)
	if minutes%60 < 10 {
		return s + ":0" + strconv.Itoa(minutes%60)
	}
	return s + ":" + strconv.Itoa(minutes%60)
}

func (h *Hours) object() Object { return Object{"hours", h.ID} }

// changesOf are the fields that differ, as the change log has them.
func (h *Hours) changesOf(was *Hours) []Change {
	return []Change{{"person", string(was.Person), string(h.Person)}, {"day", was.Day, h.Day}, {"minutes", itoa(int64(was.Minutes)), itoa(int64(h.Minutes))}, {"note", was.Note, h.Note}}
}
