package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// unsubscribing is the link of a mail that tells a bystander of a comment.
func (s *scene) unsubscribing(text string) (who core.Person, path string) {
	s.t.Helper()
	who = s.person("Bystander " + text)
	task := s.place.task("Windows "+text, with(who, core.Auditor))
	_, err := s.core.Comment(s.t.Context(), s.actor(s.owner), core.NewComment{Task: task.ID, Text: text})
	must(s.t, err)
	var due []core.Delivery
	s.tx(func(tx core.Tx) (err error) { // in a while: the comment is told when the task is quiet
		due, err = tx.ClaimDeliveries(s.t.Context(), core.WorkStream, s.core.Now().Add(time.Hour), time.Minute, 100)
		return err
	})
	for _, d := range due {
		l, err := s.core.Letter(s.t.Context(), d)
		if err == nil && d.Person == who.ID && l.UnsubscribeURL != "" {
			u, err := url.Parse(l.UnsubscribeURL)
			must(s.t, err)
			return who, u.Path
		}
	}
	s.t.Fatal("no mail can be unsubscribed from")
	return who, ""
}

func (s *scene) muted(who core.Person) int {
	s.t.Helper()
	list, err := s.core.Muted(s.t.Context(), s.actor(s.now(who.ID)))
	must(s.t, err)
	return len(list)
}

// RFC 8058: one POST without a cookie, no redirect.
func TestOneClickOfAMailProgramMutesItsTask(t *testing.T) {
	s := newScene(t)
	who, path := s.unsubscribing("one")
	a := s.visitor().post(path, "List-Unsubscribe", "One-Click")
	if a.status != http.StatusOK || a.location() != "" {
		t.Errorf("status %d %s", a.status, a.location())
	}
	if n := s.muted(who); n != 1 {
		t.Errorf("%d muted", n)
	}
	v := s.visitor()
	v.wants(v.post("/u/"+strings.Repeat("A", 43), "List-Unsubscribe", "One-Click"), http.StatusNotFound)
}

var typedNumber = regexp.MustCompile(`Type (\d+),`)

func TestThePageOfTheLinkMutesWithANumberThatIsTyped(t *testing.T) {
	s := newScene(t)
	who, path := s.unsubscribing("two")
	v := s.visitor()
	page := v.wants(v.get(path), http.StatusOK, "Windows two", "No more mail")
	nonce := func() string {
		m, err := s.core.MuteLink(t.Context(), strings.TrimPrefix(path, "/u/"), "127.0.0.1")
		must(t, err)
		return s.site.nonceAt(m.Pass, s.core.Now().Add(-time.Minute))
	}
	number := typedNumber.FindStringSubmatch(page.body)[1]
	for _, pairs := range [][]string{
		{"kind", "task", "mute", "1", "nonce", nonce()},
		{"kind", "task", "mute", "1", "nonce", nonce(), "number", "0"},
		{"kind", "task", "mute", "1", "number", number},
	} {
		v.wants(v.post(path, pairs...), http.StatusUnprocessableEntity)
	}
	if n := s.muted(who); n != 0 {
		t.Fatalf("%d muted by forms without the number", n)
	}
	v.wants(v.post(path, "kind", "task", "mute", "1", "nonce", nonce(), "number", "#"+number), http.StatusSeeOther)
	if n := s.muted(who); n != 1 {
		t.Errorf("%d muted", n)
	}
	v.wants(v.get(path), http.StatusOK, "no more mail about it")
	v.wants(v.post(path, "kind", "task", "nonce", nonce(), "number", number), http.StatusSeeOther)
	if n := s.muted(who); n != 0 {
		t.Errorf("%d muted after it was taken back", n)
	}
	p := s.now(who.ID)
	p.Status = core.Inactive
	s.tx(func(tx core.Tx) error { return tx.UpdatePerson(t.Context(), &p) })
	v.wants(v.get(path), http.StatusGone)
	v.wants(v.post(path, "List-Unsubscribe", "One-Click"), http.StatusGone)
}
