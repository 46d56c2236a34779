package web

import (
	"context"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
)

// Words that are nowhere else are written into everything people say, send and
// are called; then everything somebody can open is opened (A6). The same walk
// as the owner must find each of them, or it walked past.

const (
	canary  = "Dompfaffensang"
	canary2 = "Girlitzgesang"
)

// pagesPerShape is how many addresses are opened that differ in a day alone: a calendar leads on for ever.
const pagesPerShape = 16

var (
	dated  = regexp.MustCompile(`\d{4}-\d{2}-\d{2}`)
	linked = regexp.MustCompile(`(?:href|src|action|data-[a-z]+)="(/[^"]*)"`)
)

// crawl opens every address of the table with the ids of w, and follows every
// link from there; found gets each answer as text, headers too.
func (w *full) crawl(b *browser, found func(path string, a answer, text string)) (opened int) {
	w.t.Helper()
	var queue []string
	for _, day := range []string{w.planned.Day, w.worked.Day} {
		for _, view := range []string{"day", "week", "month"} {
			queue = append(queue, "/calendar?view="+view+"&day="+day+"&who=", "/calendar?view="+view+"&day="+day+"&who=&select=all")
		}
		queue = append(queue, "/visits/new?day="+day)
	}
	for _, r := range routes {
		if r.method != "GET" || r.pattern == "/events" {
			continue
		}
		path, _ := pathsOf(w.t, r.pattern, w, w)
		queue = append(queue, path, path+"?q="+url.QueryEscape(canary))
		for name, of := range idFields {
			for _, id := range of(w) {
				if r.pattern == "/why" || name == "person" || name == "project" {
					queue = append(queue, path+"?"+name+"="+url.QueryEscape(string(id)))
				}
			}
		}
	}
	seen, shapes := map[string]bool{}, map[string]int{}
	for len(queue) > 0 {
		if opened == 4000 {
			w.t.Fatalf("the walk does not end; next is %s", queue[0])
		}
		path, _, _ := strings.Cut(queue[0], "#")
		queue = queue[1:]
		if seen[path] || strings.HasPrefix(path, "/events") || strings.HasPrefix(path, "//") {
			continue
		}
		seen[path] = true
		if shape := dated.ReplaceAllString(path, "day"); shape != path {
			if shapes[shape]++; shapes[shape] > pagesPerShape {
				continue
			}
		}
		a := b.get(path)
		opened++
		if a.status >= http.StatusInternalServerError {
			w.t.Errorf("GET %s: %d", path, a.status)
		}
		text := a.body
		for name, values := range a.header {
			text += "\n" + name + ": " + strings.Join(values, " ")
		}
		if unescaped, err := url.PathUnescape(text); err == nil {
			text += unescaped
		}
		found(path, a, html.UnescapeString(text))
		for _, m := range linked.FindAllStringSubmatch(a.body, -1) {
			queue = append(queue, html.UnescapeString(m[1]))
		}
		if to := a.location(); strings.HasPrefix(to, "/") {
			queue = append(queue, to)
		}
	}
	return opened
}

// canaries is a world in which everything said bears a canary, names of staff apart.
func canaries(t *testing.T, database string) *full {
	p := newPlaceOn(t, database)
	w := furnish(p, canary)
	ctx := context.Background()
	outside := "Company " + canary
	given, err := mail.ParseMailbox(strings.ToLower(canary) + "@client.example")
	must(t, err)
	w.assignee.Name, w.subject.Name = "Anton", "Berta"
	second := core.PersonAddress{ID: core.NewID(), Account: p.account.ID, Person: w.client.ID, Given: given, Norm: given.Norm()}
	p.tx(func(tx core.Tx) error {
		for _, do := range []func() error{
			func() error { return tx.UpdatePerson(ctx, &w.assignee) },
			func() error { return tx.UpdatePerson(ctx, &w.subject) },
			func() error { return tx.AddAddress(ctx, &second) },
		} {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	})
	_, err = p.core.CreateCompany(ctx, p.actor(p.owner), outside)
	must(t, err)
	name := "Renamed " + canary
	_, err = p.core.EditProject(ctx, p.actor(p.owner), w.project.ID, core.ProjectEdit{Name: &name}) // the log has it before and after
	must(t, err)
	w.said = slices.DeleteFunc(w.said, func(s string) bool { return strings.HasPrefix(s, "Assignee") || strings.HasPrefix(s, "Subject") })
	w.said = append(w.said, outside, name, given.Local, "Subject "+canary)
	return w
}

func TestA6TheTechnicalAdministratorSeesNothingOfWhatPeopleSay(t *testing.T) {
	t.Parallel()
	onBoth(t, canaryCrawl)
}

func canaryCrawl(t *testing.T, database string) {
	w := canaries(t, database)
	missing := map[string]bool{}
	for _, s := range w.said {
		missing[s] = true
	}
	opened := w.crawl(w.as(w.owner), func(_ string, _ answer, text string) {
		for s := range missing {
			if strings.Contains(text, s) {
				delete(missing, s)
			}
		}
	})
	for s := range missing {
		t.Errorf("the owner does not find %q: the walk proves nothing", s)
	}
	ted := w.person("Ted", role(core.TechnicalAdministrator), func(p *core.Person) {
		p.Caps = []string{"settings", "security", "intake", "tasks", "contacts", "grant", "reports", "visits"}
	})
	for _, who := range []core.Person{w.person("Tina", role(core.TechnicalAdministrator)), ted} {
		shown := 0
		n := w.crawl(w.as(who), func(path string, a answer, text string) {
			if a.status == http.StatusOK {
				shown++
			}
			if q, err := url.QueryUnescape(path); err == nil && strings.Contains(q, canary) {
				for _, said := range w.said { // the word that was asked for is repeated, what it stands in is not
					if strings.Contains(text, said) {
						t.Errorf("%s sees %q at %s", who.Name, said, path)
					}
				}
				return
			}
			if at := strings.Index(strings.ToLower(text), strings.ToLower(canary)); at >= 0 {
				t.Errorf("%s sees at %s: … %s", who.Name, path, text[max(0, at-80):min(len(text), at+40)])
			}
		})
		if shown < 10 {
			t.Errorf("%s was shown %d pages only", who.Name, shown)
		}
		t.Logf("%s opened %d addresses, %d were shown; the owner %d", who.Name, n, shown, opened)
	}
}

// outsiders are a client in the task, and another one with things of his own.
func outsiders(t *testing.T, database, access string) (w *full, client core.Person, said []string) {
	p := newPlaceOn(t, database)
	ctx := context.Background()
	w = furnish(p, "Meise")
	other := p.person("Other "+canary2, contact(core.AdvancedAccess, ""))
	client = p.person("Client", contact(access, w.firm.ID), func(c *core.Person) { c.CompanyTasks = false })
	comment := func(text string, hidden bool, told ...core.ID) core.Comment {
		return core.Comment{ID: core.NewID(), Account: p.account.ID, Task: w.task.ID, Author: w.assignee.ID, Text: text + " " + canary2, Hidden: hidden, Recipients: told, Via: "page", CreatedAt: p.core.Now()}
	}
	hidden, notMeant := comment("Among ourselves", true, client.ID), comment("For another one", false, other.ID)
	w.task.People = append(w.task.People, core.TaskPerson{Person: client.ID, Relation: core.Participate})
	elsewhere := p.task("Elsewhere "+canary2, with(other, core.Participate))
	p.tx(func(tx core.Tx) error {
		if err := tx.SetTaskPeople(ctx, p.account.ID, w.task.ID, w.task.People); err != nil {
			return err
		}
		if err := tx.CreateComment(ctx, &hidden); err != nil {
			return err
		}
		return tx.CreateComment(ctx, &notMeant)
	})
	_, err := p.core.Comment(ctx, p.actor(p.owner), core.NewComment{Task: elsewhere.ID, Text: "Words elsewhere " + canary2})
	must(t, err)
	return w, client, []string{hidden.Text, notMeant.Text, elsewhere.Title, other.Name, "Words elsewhere " + canary2}
}

func TestA6OutsidersSeeNothingHiddenAndNothingOfOthers(t *testing.T) {
	t.Parallel()
	for _, level := range []string{core.BasicAccess, core.AdvancedAccess} {
		onBoth(t, func(t *testing.T, database string) { outsidersCrawl(t, database, level) })
	}
}

func outsidersCrawl(t *testing.T, database, level string) {
	w, client, said := outsiders(t, database, level)
	missing := map[string]bool{}
	for _, s := range said {
		missing[s] = true
	}
	w.crawl(w.as(w.owner), func(_ string, _ answer, text string) {
		for s := range missing {
			if strings.Contains(text, s) {
				delete(missing, s)
			}
		}
	})
	for s := range missing {
		t.Errorf("the owner does not find %q: the walk proves nothing", s)
	}
	shown := 0
	n := w.crawl(w.as(client), func(path string, a answer, text string) {
		if a.status == http.StatusOK && strings.Contains(text, w.task.Title) {
			shown++
		}
		if at := strings.Index(text, canary2); at >= 0 {
			t.Errorf("an outsider with %s access sees at %s: … %s", level, path, text[max(0, at-80):min(len(text), at+40)])
		}
	})
	if shown == 0 {
		t.Errorf("an outsider with %s access does not see the task", level)
	}
	t.Logf("%s: %d addresses opened, %d show the task", level, n, shown)
}
