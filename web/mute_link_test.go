package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/templates"
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

func TestADigestIsStoppedByItsLinkAndComesAgain(t *testing.T) {
	s := newScene(t)
	who := s.person("Reader")
	task := s.place.task("Windows", with(who, core.Auditor))
	must(t, s.core.SetRhythm(t.Context(), s.actor(who), core.Rhythm{Person: who.ID, Digest: core.DigestHourly}))
	_, err := s.core.Comment(t.Context(), s.actor(s.owner), core.NewComment{Task: task.ID, Text: "news"})
	must(t, err)
	var due []core.Delivery
	s.tx(func(tx core.Tx) (err error) {
		due, err = tx.ClaimDeliveries(t.Context(), core.DigestStream, s.core.Now().Add(2*time.Hour), time.Minute, 10)
		return err
	})
	if len(due) != 1 {
		t.Fatalf("%d digests", len(due))
	}
	l, err := s.core.Letter(t.Context(), due[0])
	must(t, err)
	u, err := url.Parse(l.UnsubscribeURL)
	must(t, err)
	stopped := func(want bool) {
		t.Helper()
		if _, got, err := s.core.RhythmOf(t.Context(), s.actor(s.now(who.ID)), who.ID); err != nil || got != want {
			t.Errorf("stopped: %v %v", got, err)
		}
	}
	v := s.visitor()
	page := v.get(u.Path)
	v.wants(page, http.StatusOK, "<h2 class=\"small\">Digests</h2>", "No more mail")
	number := typedNumber.FindStringSubmatch(page.body)
	if len(number) == 0 {
		t.Fatal(page.body)
	}
	m, err := s.core.MuteLink(t.Context(), strings.TrimPrefix(u.Path, "/u/"), "127.0.0.1")
	must(t, err)
	nonce := s.site.nonceAt(m.Pass, s.core.Now().Add(-time.Minute))
	v.wants(v.post(u.Path, "kind", "digest", "mute", "1", "nonce", nonce, "number", "1"), http.StatusUnprocessableEntity, "That is not the number")
	stopped(false)
	v.wants(v.post(u.Path, "kind", "digest", "mute", "1", "nonce", nonce, "number", number[1]), http.StatusSeeOther)
	stopped(true)
	v.wants(v.post(u.Path, "kind", "digest", "nonce", nonce, "number", number[1]), http.StatusSeeOther)
	stopped(false)
	v.wants(v.post(u.Path, "List-Unsubscribe", "One-Click"), http.StatusOK)
	stopped(true)
}

func TestWhoIsOutsideReadsThatNothingMoreComesOfWhatIsStopped(t *testing.T) {
	s := newScene(t)
	path := ""
	s.mails(func(l *core.Letter) {
		if l.Person.ID == s.client.ID {
			u, err := url.Parse(l.UnsubscribeURL)
			must(t, err)
			path = u.Path
		}
	})
	v := s.visitor()
	v.wants(v.get(path), http.StatusOK, templates.T("en", "mutelink.what.outside"), s.task.Title)
}
