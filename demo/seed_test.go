package demo

import (
	"bytes"
	"image/png"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

func TestTheSampleCompanyIsWhole(t *testing.T) {
	start := time.Now()
	h := seeded(t)
	t.Logf("made in %s", time.Since(start))
	op := h.operator(t)
	people, err := h.core.People(t.Context(), op, core.PersonFilter{})
	if err != nil {
		t.Fatal(err)
	}
	users, contacts := 0, 0
	for _, p := range people {
		switch p.Kind {
		case core.UserKind:
			users++
		case core.ContactKind:
			contacts++
		}
	}
	companies, _ := h.core.Companies(t.Context(), op)
	projects, _ := h.core.Projects(t.Context(), op, "", "", 0)
	tasks, err := h.core.Tasks(t.Context(), op, core.TaskFilter{Status: "any"})
	if err != nil {
		t.Fatal(err)
	}
	if users != 5 || contacts != 5 || len(companies) != 2 || len(projects) != 2 || len(tasks) != 8 {
		t.Errorf("%d users, %d contacts, %d companies, %d projects, %d tasks", users, contacts, len(companies), len(projects), len(tasks))
	}
	held, err := h.core.Messages(t.Context(), op, core.MessageFilter{Disposition: core.Held})
	if err != nil || len(held) != 1 || held[0].Receipt.Reason != "token.stranger" {
		t.Errorf("held: %+v, %v", held, err)
	}
	noted, err := h.core.Messages(t.Context(), op, core.MessageFilter{Disposition: core.Recorded})
	if err != nil || len(noted) != 1 || noted[0].Message.Kind != "auto-reply" {
		t.Errorf("noted: %+v, %v", noted, err)
	}
	made, err := h.core.Messages(t.Context(), op, core.MessageFilter{Disposition: core.Created})
	if err != nil || len(made) != 1 {
		t.Errorf("created: %+v, %v", made, err)
	}
}

func TestEveryAnswerBecameTheCommentThatWasWritten(t *testing.T) {
	h := seeded(t)
	op := h.operator(t)
	for n := range sampleTasks {
		v, err := h.core.Task(t.Context(), op, int64(n+1), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range sampleTasks[n].lines {
			if l.as != nil || l.away {
				continue
			}
			found := false
			for _, cm := range v.Comments {
				text := cm.Text
				if l.place == Interleaved {
					text = withoutContext(text)
				}
				if text == l.text && len(cm.Attachments) == len(l.files) {
					found = true
					author := v.People[cm.Author]
					if !strings.Contains(author.Addresses[0].Norm, l.by) {
						t.Errorf("%q is shown as written by %s", l.text[:20], author.Name)
					}
				}
			}
			if !found {
				t.Errorf("task %d has no comment %q", n+1, l.text)
			}
		}
	}
}

func TestASecondStartKeepsTheSampleCompany(t *testing.T) {
	h := seeded(t)
	before, err := h.core.Counts(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := Seed(t.Context(), h.core, h.deliver); err != nil {
		t.Fatal(err)
	}
	after, err := h.core.Counts(t.Context())
	if err != nil || after.Tasks != before.Tasks || after.Messages != before.Messages || after.Comments != before.Comments {
		t.Errorf("before %+v, after %+v, %v", before, after, err)
	}
}

func TestEverybodyListedCanSignIn(t *testing.T) {
	h := seeded(t)
	for _, l := range Logins() {
		if _, people, err := h.core.SignIn(t.Context(), core.Credentials{Login: l.Login, Password: l.Password, IP: "127.0.0.2"}); err != nil || len(people) != 1 {
			t.Errorf("%s: %v", l.Login, err)
		}
	}
}

func TestSampleFilesAreReal(t *testing.T) {
	for _, task := range sampleTasks {
		for _, l := range task.lines {
			for _, name := range l.files {
				f, err := sampleFile(name)
				if err != nil || len(f.Content) == 0 {
					t.Errorf("%s: %v", name, err)
				}
				if f.Type == "application/pdf" && (!bytes.HasPrefix(f.Content, []byte("%PDF-1.4")) || !bytes.HasSuffix(f.Content, []byte("%%EOF\n"))) {
					t.Errorf("%s is no PDF", name)
				}
				if f.Type == "image/png" {
					if _, err := png.Decode(bytes.NewReader(f.Content)); err != nil {
						t.Errorf("%s: %v", name, err)
					}
				}
			}
		}
	}
	if _, err := sampleFile("nothing"); err == nil {
		t.Error("a file that there is not was made")
	}
}
