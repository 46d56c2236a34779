package demo

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"planpost/core"
	"planpost/templates"
)

// pageFrame is what the layout asks of every page. Nobody is signed in here.
type pageFrame struct {
	Title, Version                    string
	Zone                              *time.Location
	SignedIn, Answer                  bool
	PersonName, AccountName, Initials string
	Tone                              int
	Several                           bool
	Nav                               []navItem
	Held                              int
	Query, Done                       string
	Problem                           *problem
	ZoneName                          string
	// Alarm is always nil: who mends mail reads of it elsewhere.
	Alarm any
	// Viewing is always nil: nobody looks through another's eyes here.
	Viewing any
	// House is always nil: the mailbox is nobody's page.
	House any
	// Guest is always nil: nobody comes by a link here.
	Guest any
}

type navItem struct {
	URL, Key string
	Current  bool
	Count    int
}

// problem is a mistake in the form: the key of a title, and a text.
type problem struct{ Title, Text string }

func frameOf(r *http.Request, a *core.Account) pageFrame {
	return pageFrame{Title: templates.T(localeOf(r), "page.mailbox"), Version: "demo", Zone: zoneOf(a), AccountName: a.Name, ZoneName: a.Zone,
		Nav: []navItem{{URL: "/", Key: "page.home"}, {URL: "/tasks", Key: "page.tasks"}, {URL: "/mailbox/", Key: "page.mailbox", Current: true}}}
}

func zoneOf(a *core.Account) *time.Location {
	zone, err := time.LoadLocation(a.Zone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// readerView is a person with his count.
type readerView struct {
	ID                      core.ID
	Name, Address, Initials string
	Tone, Unread            int
	Current                 bool
	newest                  time.Time
}

// mailView is a mail in a list.
type mailView struct {
	ID     core.ID
	Number int64
	Title  string
	At     time.Time
	New    bool
}

type indexView struct {
	Frame  pageFrame
	People []readerView
	Person readerView
	Mails  []mailView
}

// index lists readers, and the mail of one of them: the one asked for, else
// the one who got the newest.
func (m *Mailbox) index(w http.ResponseWriter, r *http.Request) error {
	a, err := m.house(r.Context())
	if err != nil {
		return err
	}
	v := indexView{Frame: frameOf(r, &a)}
	if a.ID == "" {
		return m.render(w, r, http.StatusOK, "mailbox", v)
	}
	all, err := m.sent(r.Context(), a, "")
	if err != nil {
		return err
	}
	v.People = m.readers(all)
	chosen := core.ID(r.PathValue("id"))
	if chosen == "" && len(all) > 0 {
		chosen = v.People[0].ID
	}
	for i := range v.People {
		if v.People[i].ID == chosen {
			v.People[i].Current = true
			v.Person = v.People[i]
		}
	}
	if v.Person.ID == "" && r.PathValue("id") != "" {
		return errGone
	}
	for _, it := range all {
		if it.Delivery.Person == chosen {
			v.Mails = append(v.Mails, mailView{ID: it.Delivery.ID, Number: it.TaskNumber, Title: it.TaskTitle, At: it.Delivery.SentDate, New: !m.seen(it.Delivery.ID)})
		}
	}
	slices.SortStableFunc(v.Mails, func(a, b mailView) int { return b.At.Compare(a.At) })
	return m.render(w, r, http.StatusOK, "mailbox", v)
}

// readers are the people who got mail, the newest first.
func (m *Mailbox) readers(all []core.DeliveryItem) (list []readerView) {
	at := make(map[core.ID]int)
	for _, it := range all {
		id := it.Delivery.Person
		i, known := at[id]
		if !known {
			i, at[id] = len(list), len(list)
			list = append(list, readerView{ID: id, Name: it.PersonName, Address: it.Address, Initials: initials(it.PersonName), Tone: core.DefaultTone(id)})
		}
		if !m.seen(it.Delivery.ID) {
			list[i].Unread++
		}
		if it.Delivery.SentDate.After(list[i].newest) {
			list[i].newest = it.Delivery.SentDate
		}
	}
	slices.SortStableFunc(list, func(a, b readerView) int { return b.newest.Compare(a.newest) })
	return list
}

func initials(name string) string {
	var b strings.Builder
	for _, word := range strings.Fields(name) {
		if r, _ := utf8.DecodeRuneInString(word); unicode.IsLetter(r) && utf8.RuneCountInString(b.String()) < 2 {
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}
