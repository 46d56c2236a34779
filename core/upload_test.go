package core_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"planpost/core"
)

// planner is an employee who takes part in the project.
func (h *house) planner() *core.Actor {
	h.t.Helper()
	h.must(h.c.AddParticipant(h.ctx, h.as(h.owner), h.project.ID, h.eve.ID, false, false))
	return h.as(h.eve)
}

func (h *house) begin(a *core.Actor, name string, size int64) core.StagedUpload {
	h.t.Helper()
	u, err := h.c.BeginUpload(h.ctx, a, core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: name, Type: "application/pdf", Size: size, Mark: "1"})
	h.must(err)
	return u
}

func TestD1AnInterruptedUploadGoesOnWhereItBrokeOff(t *testing.T) {
	each(t, func(h *house) {
		a := h.planner()
		u := h.begin(a, "ground floor.pdf", 20)
		cut := io.MultiReader(strings.NewReader("0123456"), iotest.ErrReader(io.ErrUnexpectedEOF))
		got, err := h.c.AppendUpload(h.ctx, a, h.project.ID, u.ID, 0, cut)
		if !errors.Is(err, io.ErrUnexpectedEOF) || got.Received != 7 {
			h.t.Fatalf("%d came, %v", got.Received, err)
		}
		again := h.begin(a, "ground floor.pdf", 20) // the page was loaded again, the same file chosen
		if again.ID != u.ID || again.Received != 7 {
			h.t.Errorf("begun anew: %+v", again)
		}
		if other := h.begin(a, "ground floor.pdf", 21); other.ID == u.ID {
			h.t.Error("another file goes on with the first one's bytes")
		}
		got, err = h.c.AppendUpload(h.ctx, a, h.project.ID, u.ID, 0, strings.NewReader("0123456789")) // a part that came before
		h.wants(err, core.Conflict, "upload.moved")
		if got.Received != 7 {
			h.t.Errorf("it is not told how much is here: %d", got.Received)
		}
		got, err = h.c.AppendUpload(h.ctx, a, h.project.ID, u.ID, 7, strings.NewReader("7890123456789"))
		h.must(err)
		if !got.Whole() || got.Received != 20 {
			h.t.Errorf("not whole: %+v", got)
		}
		if got, err = h.c.AppendUpload(h.ctx, a, h.project.ID, u.ID, 7, strings.NewReader("7890123456789")); err != nil || !got.Whole() {
			h.t.Errorf("the last part twice: %v", err)
		}
	})
}

func TestD1UploadsWithTricksGetAClearError(t *testing.T) {
	each(t, func(h *house) {
		a := h.planner()
		_, err := h.c.BeginUpload(h.ctx, a, core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: "empty.pdf"})
		h.wants(err, core.Invalid, "upload.empty")
		_, err = h.c.SendUpload(h.ctx, a, core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: "empty.pdf"}, strings.NewReader(""))
		h.wants(err, core.Invalid, "upload.empty")
		u := h.begin(a, "long.pdf", 3)
		_, err = h.c.AppendUpload(h.ctx, a, h.project.ID, u.ID, 0, strings.NewReader("1234"))
		h.wants(err, core.Invalid, "upload.longer")
		for name, want := range map[string]string{
			"../../etc/passwd": "passwd", `C:\plans\a.pdf`: "a.pdf", "a\u202efdp.exe": "afdp.exe", "a\r\nX: y.pdf": "a X: y.pdf", "": "file", "..": "file", strings.Repeat("ü", 300) + ".pdf": strings.Repeat("ü", 98) + ".pdf", "a." + strings.Repeat("b", 300): "a." + strings.Repeat("b", 198),
		} {
			u, err := h.c.SendUpload(h.ctx, a, core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: name}, strings.NewReader("x"))
			h.must(err)
			if u.Name != want {
				h.t.Errorf("%q became %q", name, u.Name)
			}
			h.must(h.c.DropUpload(h.ctx, a, h.project.ID, u.ID))
			h.wants(h.c.DropUpload(h.ctx, a, h.project.ID, u.ID), core.NotFound, "upload.unknown")
		}
		list, err := h.c.Uploads(h.ctx, a, h.project.ID)
		h.must(err)
		if len(list) != 1 { // long.pdf
			h.t.Errorf("%d are left", len(list))
		}
	})
}

func TestD1AnUploadIsItsPersonsAlone(t *testing.T) {
	each(t, func(h *house) {
		u := h.begin(h.planner(), "a.pdf", 3)
		_, err := h.c.AppendUpload(h.ctx, h.as(h.owner), h.project.ID, u.ID, 0, strings.NewReader("abc"))
		h.wants(err, core.NotFound, "upload.unknown")
		h.wants(h.c.DropUpload(h.ctx, h.as(h.owner), h.project.ID, u.ID), core.NotFound, "upload.unknown")
		list, err := h.c.Uploads(h.ctx, h.as(h.owner), h.project.ID)
		h.must(err)
		if len(list) != 0 {
			h.t.Error("another one's uploads are listed")
		}
		if list, err = h.c.Uploads(h.ctx, h.as(h.eve), h.project.ID); err != nil || len(list) != 1 {
			h.t.Errorf("%v, %v", list, err)
		}
		_, err = h.c.BeginUpload(h.ctx, h.as(h.klara), core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: "a.pdf", Size: 3})
		h.wants(err, core.NotFound, "")
	})
}

func TestD1PartsThatComeAtOnceNeverMix(t *testing.T) {
	each(t, func(h *house) {
		a := h.planner()
		want := bytes.Repeat([]byte("0123456789abcdef"), 4096)
		u := h.begin(a, "a.pdf", int64(len(want)))
		var all sync.WaitGroup
		for range 4 { // four windows send the same file
			all.Go(func() {
				for {
					list, err := h.c.Uploads(h.ctx, a, h.project.ID)
					if err != nil || list[0].Whole() {
						return
					}
					at := list[0].Received
					_, _ = h.c.AppendUpload(h.ctx, a, h.project.ID, u.ID, at, bytes.NewReader(want[at:min(at+5000, int64(len(want)))]))
				}
			})
		}
		all.Wait()
		list, err := h.c.Uploads(h.ctx, a, h.project.ID)
		h.must(err)
		whole, err := h.c.SendUpload(h.ctx, a, core.NewUpload{Project: h.project.ID, Purpose: core.PlanPurpose, Name: "b.pdf"}, bytes.NewReader(want))
		h.must(err)
		if list[0].DoneHash != whole.DoneHash {
			h.t.Error("the content is another one")
		}
	})
}

func TestD1ForgottenUploadsAreGivenUpAfterAWeek(t *testing.T) {
	each(t, func(h *house) {
		a := h.planner()
		u := h.begin(a, "old.pdf", 3)
		h.pass(6 * 24 * time.Hour)
		young := h.begin(a, "young.pdf", 3)
		h.pass(2 * 24 * time.Hour)
		h.must(h.c.SweepUploads(h.ctx))
		_, err := h.c.AppendUpload(h.ctx, a, h.project.ID, u.ID, 0, strings.NewReader("abc"))
		h.wants(err, core.NotFound, "upload.unknown")
		_, err = h.c.AppendUpload(h.ctx, a, h.project.ID, young.ID, 0, strings.NewReader("abc"))
		h.must(err)
	})
}
