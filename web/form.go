package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"planpost/core"
	"planpost/templates"
)

// parse reads a form that has no files.
func (v *visit) parse() error {
	err := v.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return core.Fail(core.TooLarge, "form.too_large", "size", templates.Size(v.locale, large.Limit))
	case err != nil:
		return core.Fail(core.Invalid, "form")
	}
	return nil
}

// act does one thing to what the path names, and shows its page afterwards:
// what was done, or above it why not.
func act(w http.ResponseWriter, v *visit, at, done string, do func(core.ID) error, page func(http.ResponseWriter, *visit, error) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	err = do(id)
	switch {
	case err == nil:
		return redirect(w, v, at+string(id), done, "")
	case mendable(err):
		return page(w, v, err)
	}
	return err
}

func escape(s string) string { return url.QueryEscape(s) }

// ids reads all values of a field that are ids; others are left out.
func ids(values []string) (list []core.ID) {
	for _, s := range values {
		if id, ok := core.ParseID(s); ok {
			list = append(list, id)
		}
	}
	return list
}

// one reads one id of the form; empty when it is none.
func (v *visit) one(field string) core.ID {
	id, _ := core.ParseID(v.PostFormValue(field))
	return id
}

// asked reads one id of the address; empty when it is none.
func (v *visit) asked(field string) core.ID {
	id, _ := core.ParseID(v.URL.Query().Get(field))
	return id
}

// page is how many rows a list shows at once.
const page = 50

// after makes the address of the next page: this one with other cursors.
func (v *visit) after(cursors ...string) string {
	q := v.URL.Query()
	q.Del("done")
	for i := 0; i+1 < len(cursors); i += 2 {
		q.Set(cursors[i], cursors[i+1])
	}
	return v.URL.Path + "?" + q.Encode()
}

// instant reads a time written by stamp; zero when it is none.
func instant(s string) time.Time {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n <= 0 {
		return time.Time{}
	}
	return time.UnixMicro(n).UTC()
}

func stamp(t time.Time) string { return strconv.FormatInt(t.UnixMicro(), 10) }

// options makes the entries of a select out of codes worded under kind.
func options(locale, kind, chosen string, codes ...string) (list []option) {
	for _, c := range codes {
		list = append(list, option{c, templates.Coded(locale, kind, c), c == chosen})
	}
	return list
}

// personOptions makes the entries of a select out of people.
func personOptions(people []core.Person, chosen core.ID) (list []option) {
	for i := range people {
		p := &people[i]
		text := p.Name
		if a := p.Address().Mailbox(); !p.Staff() && a != "" && a != p.Name {
			text += " (" + a + ")"
		}
		list = append(list, option{string(p.ID), text, p.ID == chosen})
	}
	return list
}

// doers are personOptions for work: who is away is said to be, with who stands in.
func (s *Site) doers(v *visit, people []core.Person, chosen core.ID) []option {
	list, today := personOptions(people, chosen), s.today(v)
	for i := range people {
		p := &people[i]
		if !p.AwayOn(today) {
			continue
		}
		deputy := slices.IndexFunc(people, func(o core.Person) bool { return o.ID == p.Deputy })
		if deputy < 0 {
			list[i].Text = v.t("person.away", "name", list[i].Text)
			continue
		}
		list[i].Text = v.t("person.away.deputy", "name", list[i].Text, "deputy", people[deputy].Name)
	}
	return list
}

// choosable are the people a form can name, at most a thousand; none for who
// may not list people.
func (s *Site) choosable(v *visit, kinds ...core.PersonKind) (list []core.Person, err error) {
	f := core.PersonFilter{Kinds: kinds, Limit: 200}
	for range 5 {
		people, err := s.core.People(v.Context(), v.actor, f)
		if core.KindOf(err) == core.Forbidden || core.KindOf(err) == core.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, p := range people {
			if p.Status == core.Active && p.BlockedAt.IsZero() {
				list = append(list, p)
			}
		}
		if len(people) < f.Limit {
			break
		}
		last := people[len(people)-1]
		f.AfterName, f.AfterID = last.Name, last.ID
	}
	return list, nil
}

// projectOptions are the projects a form can name.
func (s *Site) projectOptions(v *visit, chosen core.ID) (list []option, err error) {
	projects, err := s.core.ProjectNames(v.Context(), v.actor, 200)
	for _, p := range projects {
		list = append(list, option{string(p.ID), p.Name, p.ID == chosen})
	}
	return list, err
}
