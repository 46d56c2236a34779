package demo

import (
	"bytes"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"

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
	if users != 5 || contacts != 6 || len(companies) != 2 || len(projects) != 2 || len(tasks) != 8 {
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

func TestTheSampleProjectHasPlansOfItsOwn(t *testing.T) {
	h := seeded(t)
	op := h.operator(t)
	projects, err := h.core.Projects(t.Context(), op, "", "", 0)
	if err != nil {
		t.Fatal(err)
	}
	project := projects[slices.IndexFunc(projects, func(p core.ProjectItem) bool { return p.Name == "Maison Lumière" })].ID
	list, err := h.core.Plans(t.Context(), op, core.PlanFilter{Project: project, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	if len(list.Items) != len(samplePlans)+1 {
		t.Errorf("%d plans", len(list.Items))
	}
	states, drawings := map[core.ApprovalState]int{}, 0
	for i := range list.Items {
		page, err := h.core.PlanPage(t.Context(), op, list.Items[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range page.Versions {
			if v.Asked.ID != "" {
				for _, r := range v.Asked.Approvers {
					states[r.State]++
				}
			}
			for _, f := range v.Files {
				if f.Class == core.PrintFile && list.Items[i].Kind == core.DrawingKind {
					drawings++
				}
			}
		}
	}
	if drawings != 14 {
		t.Errorf("%d drawings for printing", drawings)
	}
	if states[core.ApprovalApproved] != 1 || states[core.ApprovalWaiting] != 2 {
		t.Errorf("approvers: %v", states)
	}
	_, sent, err := h.core.Transmittals(t.Context(), op, core.TransmittalFilter{Project: project})
	if err != nil || len(sent) != 3 {
		t.Errorf("%d sendings, %v", len(sent), err)
	}
}

// What the demo draws is read by a strict library, page and size.
func TestADrawnSheetIsARealPDF(t *testing.T) {
	for i := range samplePlans {
		p := &samplePlans[i]
		f := drawSheet(p, "B", "2026-05-04").pdf("sheet.pdf")
		dims, err := api.PageDims(bytes.NewReader(f.Content), nil)
		if err != nil || len(dims) != 1 || math.Round(dims[0].Width*25.4/72) != papers[p.paper][0] || math.Round(dims[0].Height*25.4/72) != papers[p.paper][1] {
			t.Errorf("%s on %s: %v, %v", p.number, p.paper, dims, err)
		}
	}
}
