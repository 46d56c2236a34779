package web

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/html"

	"planpost/core"
	"planpost/templates"
)

// trouble is a store that is away for some of its calls.
type trouble struct {
	core.Store
	calls, from, until atomic.Int64
}

// strike lets the n-th call from now on fail, and with on all that follow.
func (s *trouble) strike(n int64, on bool) {
	s.calls.Store(0)
	s.until.Store(n)
	if on {
		s.until.Store(1 << 40)
	}
	s.from.Store(n)
}

// calm ends the trouble and tells whether there was any.
func (s *trouble) calm() bool {
	from := s.from.Swap(0)
	s.until.Store(0)
	return s.calls.Load() >= from
}

func (s *trouble) away() error {
	if n := s.calls.Add(1); n >= s.from.Load() && n <= s.until.Load() {
		return core.Fail(core.Unavailable, "store.unavailable")
	}
	return nil
}

func (s *trouble) View(ctx context.Context, fn func(core.Tx) error) error {
	if err := s.away(); err != nil {
		return err
	}
	return s.Store.View(ctx, fn)
}

func (s *trouble) InTx(ctx context.Context, fn func(core.Tx) error) error {
	if err := s.away(); err != nil {
		return err
	}
	return s.Store.InTx(ctx, fn)
}

// filled is a form of a page as a browser would send it.
type filled struct {
	action string
	pairs  []string
}

// formWith finds the form of a page that a text stands in, by reading the page as a browser does.
func formWith(t *testing.T, page, text string) filled {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	must(t, err)
	for n := range root.Descendants() {
		if n.Type != html.ElementNode || n.Data != "form" || attr(n, "method") != "post" {
			continue
		}
		f, found := filled{action: attr(n, "action")}, false
		for field := range n.Descendants() {
			for _, value := range valuesOf(field) {
				f.pairs = append(f.pairs, attr(field, "name"), value)
				found = found || value == text
			}
		}
		if found {
			return f
		}
	}
	t.Fatalf("no form holds %q: %s", text, clip(page))
	return filled{}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

// valuesOf are what a field sends.
func valuesOf(n *html.Node) []string {
	switch {
	case n.Type != html.ElementNode || attr(n, "name") == "" || attr(n, "type") == "file":
	case n.Data == "textarea" && n.FirstChild == nil:
		return []string{""}
	case n.Data == "textarea":
		return []string{n.FirstChild.Data}
	case n.Data == "input" && (attr(n, "type") != "checkbox" || has(n, "checked")):
		return []string{attr(n, "value")}
	case n.Data == "select":
		for o := range n.Descendants() {
			if o.Data == "option" && has(o, "selected") {
				return []string{attr(o, "value")}
			}
		}
		return []string{""}
	}
	return nil
}

func TestWhatWasTypedOutlivesATroubleOfTheDatabaseAtEveryStep(t *testing.T) {
	s := newScene(t)
	ctx := context.Background()
	mine, err := s.core.Comment(ctx, s.actor(s.owner), core.NewComment{Task: s.task.ID, Text: "first words"})
	must(t, err)
	forms := []struct {
		name, path string
		files      bool
		// typed is the name of the field with the words.
		typed string
		more  []string
	}{
		{name: "comment", path: s.path() + "/comments", typed: "text"},
		{name: "comment with a file", path: s.path() + "/comments", files: true, typed: "text"},
		{name: "edit", path: s.path() + "/comments/" + string(mine.ID), typed: "text"},
		{name: "task", path: "/tasks", typed: "description", more: []string{"title", "A task", "visibility", "inside", "assignee", string(s.anna.ID)}},
		{name: "project", path: "/projects", typed: "name", more: []string{"visibility", "inside"}},
		{name: "contact", path: "/people", typed: "name", more: []string{"kind", "contact"}},
		{name: "profile", path: "/me", typed: "name"},
	}
	b := s.as(s.owner)
	for _, f := range forms {
		for n, struck, on := int64(1), true, false; ; n++ {
			if !struck && on {
				break
			}
			if !struck {
				n, on = 1, true
			}
			text := fmt.Sprintf(`Words <b>"%s" & %d %v</b>`, f.name, n, on)
			pairs := append([]string{f.typed, text}, f.more...)
			if f.name == "contact" {
				pairs = append(pairs, "address", fmt.Sprintf("c%d-%v@example.net", n, on))
			}
			s.trouble.strike(n, on)
			var a answer
			if f.files {
				a = b.upload(f.path, "plan.txt", []byte("a plan"), pairs...)
			} else {
				a = b.post(f.path, pairs...)
			}
			struck = s.trouble.calm()
			if a.status == http.StatusSeeOther {
				continue
			}
			what := fmt.Sprintf("%s, step %d, on %v", f.name, n, on)
			if a.status != http.StatusServiceUnavailable || !strings.Contains(a.body, "The database does not answer at the moment") {
				t.Fatalf("%s: status %d: %s", what, a.status, clip(a.body))
			}
			if strings.Contains(a.body, text) || !strings.Contains(a.body, html.EscapeString(`Words <b>`)) {
				t.Errorf("%s: the words are not escaped", what)
			}
			if f.files && !strings.Contains(a.body, templates.T("en", "kept.files")) {
				t.Errorf("%s: nothing says that files are to be chosen again", what)
			}
			again := formWith(t, a.body, text)
			if a = b.post(again.action, again.pairs...); a.status != http.StatusSeeOther {
				t.Errorf("%s: sent again: status %d: %s", what, a.status, clip(a.body))
			}
		}
	}
	task, err := s.core.Task(ctx, s.actor(s.owner), s.task.Number, "")
	must(t, err)
	seen := map[string]bool{}
	for _, c := range task.Comments {
		if seen[c.Text] {
			t.Errorf("%q is there twice", c.Text)
		}
		seen[c.Text] = true
	}
	if !seen[`Words <b>"comment" & 1 true</b>`] || !seen[`Words <b>"comment with a file" & 1 true</b>`] {
		t.Errorf("what was sent again is not there: %v", seen)
	}
}

func TestThePageOfAnErrorKeepsTheWordsButNoPassword(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	a := b.wants(b.post("/tasks/999999/comments", "text", "For nobody <i>"), http.StatusNotFound, templates.T("en", "kept.copy"), "For nobody &lt;i&gt;")
	if strings.Contains(a.body, templates.T("en", "kept.send")) {
		t.Error("what cannot succeed is offered again")
	}
	a = s.visitor().wants(s.visitor().post(s.path()+"/comments", "text", "My session ended"), http.StatusUnauthorized, templates.T("en", "kept.signin"))
	if f := formWith(t, a.body, "My session ended"); f.action != s.path()+"/comments" {
		t.Errorf("sent again to %s", f.action)
	}
	s.trouble.strike(1, true)
	a = b.wants(b.post("/people", "kind", "user", "name", "Carl", "address", "carl@nordbau.example", "role", "employee", "password", "a secret of many words"), http.StatusServiceUnavailable, `value="Carl"`)
	s.trouble.calm()
	if strings.Contains(a.body, "a secret of many words") {
		t.Error("the password is in the page")
	}
	if !strings.Contains(a.body, `name="password" type="password" required`) {
		t.Error("the password is not asked for again")
	}
	r, err := http.NewRequest("POST", s.url+"/tasks", strings.NewReader("title=Planted+words"))
	must(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	if a := b.send(r); a.status != http.StatusForbidden || strings.Contains(a.body, "Planted") {
		t.Errorf("the words of another site are shown: %d", a.status)
	}
}

func TestAFileTooLargeCostsNeitherWordsNorMemory(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.upload(s.path()+"/comments", "huge.bin", bytes.Repeat([]byte{1}, 6<<20), "text", "Words before a file"), http.StatusRequestEntityTooLarge, "Words before a file", "more than can be sent at once")
	b.wants(b.upload(s.path()+"/comments", "mid.bin", bytes.Repeat([]byte{'x'}, inMemory+1), "text", "With a spooled file"), http.StatusSeeOther)
	b.wants(b.get(s.path()), 200, "mid.bin")
}

func TestAnEditThatFailsStaysInItsForm(t *testing.T) {
	s := newScene(t)
	mine, err := s.core.Comment(context.Background(), s.actor(s.owner), core.NewComment{Task: s.task.ID, Text: "first words"})
	must(t, err)
	b := s.as(s.owner)
	a := b.wants(b.post(s.path()+"/comments/"+string(mine.ID), "text", " "), http.StatusUnprocessableEntity, templates.T("en", "error.comment.empty"), `id="edit-`+string(mine.ID)+`" open`)
	if strings.Contains(a.body, `data-fragment="`+s.path()) {
		t.Error("the script would fetch the conversation over the edit")
	}
}
