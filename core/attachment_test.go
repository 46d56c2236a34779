package core_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail/auth"
	"planpost/store/storetest"
)

// withFiles is a mail with parts behind its text; each part is header lines,
// an empty line, and content that is sent as base64.
func (h *house) withFiles(from, text string, parts ...string) string {
	h.sent++
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\nTo: x@%s\nSubject: Re: Door\nMessage-ID: <%d@test>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=part\n\n--part\nContent-Type: text/plain\n\n%s\n", from, domain, h.sent, text)
	for _, p := range parts {
		head, content, _ := strings.Cut(p, "\n\n")
		fmt.Fprintf(&b, "--part\n%s\nContent-Transfer-Encoding: base64\n\n%s\n", head, base64.StdEncoding.EncodeToString([]byte(content)))
	}
	b.WriteString("--part--\n")
	return b.String()
}

func part(name, media, content string) string {
	return "Content-Type: " + media + "\nContent-Disposition: attachment; filename=\"" + name + "\"\n\n" + content
}

const (
	logo = "\x89PNG\r\n\x1a\n logo"
	shot = "\x89PNG\r\n\x1a\n screenshot"
)

func TestEachAttachmentHasAFateAndItsReason(t *testing.T) {
	each(t, func(h *house) {
		r := h.one(h.withFiles("klara@client.test", "see the files", part("plan.pdf", "application/pdf", "%PDF-1.7"), part("invoice.pdf.exe", "application/pdf", "MZ"+strings.Repeat("\x00", 100)),
			part("page.txt", "text/plain", "<html><script>x</script>"), part("view.png", "image/png", logo)), auth.Pass, h.replyTo(h.klara))
		if r.Disposition != core.Posted {
			h.t.Fatal(r.Disposition, r.Reason)
		}
		files := h.lastComment().Attachments
		if len(files) != 4 {
			h.t.Fatalf("%d files", len(files))
		}
		want := []string{"kept plain pdf []", "dangerous danger program [double]", "dangerous danger webpage [differs]", "kept plain picture []"}
		for i, f := range files {
			if got := fmt.Sprint(f.Fate, " ", f.Reason, " ", f.Kind, " ", f.Marks); got != want[i] {
				h.t.Errorf("%s: %s, want %s", f.Name, got, want[i])
			}
		}
	})
}

func TestMoreFilesThanCanBeUnpackedAreLeftInTheSource(t *testing.T) {
	each(t, func(h *house) {
		var parts []string
		for i := range 205 {
			parts = append(parts, part(fmt.Sprintf("%d.txt", i), "text/plain", fmt.Sprint("file ", i)))
		}
		h.one(h.withFiles("klara@client.test", "many", parts...), auth.Pass, h.replyTo(h.klara))
		left := 0
		for _, f := range h.lastComment().Attachments {
			if f.Fate != core.FileLeft {
				continue
			}
			left++
			if _, _, err := h.c.Attachment(h.ctx, h.as(h.owner), f.ID); core.CodeOf(err) != "attachment.left" {
				h.t.Errorf("%s opens: %v", f.Name, err)
			}
		}
		if left != 5 {
			h.t.Errorf("%d files are left", left)
		}
	})
}

func TestPicturesOfASignatureAreFoldedUntilSomebodyBringsThemBack(t *testing.T) {
	each(t, func(h *house) {
		send := func(from core.Person, address string, files ...string) []core.Attachment {
			if r := h.one(h.withFiles(address, fmt.Sprint("words ", h.sent), files...), auth.Pass, h.replyTo(from)); r.Disposition != core.Posted {
				h.t.Fatal(r.Disposition, r.Reason)
			}
			return h.lastComment().Attachments
		}
		klara := func(files ...string) []core.Attachment { return send(h.klara, "klara@client.test", files...) }
		sign := part("logo.png", "image/png", logo)
		for n := range 2 {
			if f := klara(sign)[0]; f.Fate != core.FileKept {
				h.t.Errorf("mail %d: %s", n+1, f.Fate)
			}
		}
		third := klara(sign, part("shot.png", "image/png", shot))
		if third[0].Fate != core.FileSignature || third[0].Reason != "recurs" || third[1].Fate != core.FileKept {
			h.t.Errorf("third mail: %s, %s", third[0].Fate, third[1].Fate)
		}
		if f := send(h.karl, "karl@client.test", sign)[0]; f.Fate != core.FileKept {
			h.t.Errorf("another sender's picture: %s", f.Fate)
		}
		if _, err := h.c.RestorePicture(h.ctx, h.as(h.owner), third[1].ID); core.CodeOf(err) != "attachment.not_folded" {
			h.t.Errorf("what is not folded comes back: %v", err)
		}
		if _, err := h.c.RestorePicture(h.ctx, h.as(h.sub), third[0].ID); core.KindOf(err) != core.Forbidden && core.KindOf(err) != core.NotFound {
			h.t.Error("who may do nothing in pages brought it back")
		}
		_, err := h.c.RestorePicture(h.ctx, h.as(h.eve), third[0].ID)
		h.must(err)
		if f, content, err := h.c.Attachment(h.ctx, h.as(h.eve), third[0].ID); err != nil || f.Fate != core.FileKept || f.Reason != "brought_back" {
			h.t.Errorf("brought back: %s %s %v", f.Fate, f.Reason, err)
		} else {
			b, _ := io.ReadAll(content)
			content.Close()
			if string(b) != logo {
				h.t.Errorf("its bytes: %q", b)
			}
		}
		for n := range 3 {
			if f := klara(sign)[0]; f.Fate == core.FileSignature {
				h.t.Errorf("mail %d after it was brought back: folded", n+1)
			}
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		found := false
		for _, l := range log {
			found = found || l.Code == "attachment.bring_back" && l.Actor == h.eve.ID
		}
		if !found {
			h.t.Error("the change log does not tell who brought it back")
		}
	})
}

func TestLargePicturesAreNotTakenForASignature(t *testing.T) {
	each(t, func(h *house) {
		large := part("plan.png", "image/png", logo+strings.Repeat("x", 100_001))
		for range 4 {
			h.one(h.withFiles("klara@client.test", fmt.Sprint("words ", h.sent), large), auth.Pass, h.replyTo(h.klara))
			if f := h.lastComment().Attachments[0]; f.Fate != core.FileKept {
				h.t.Errorf("%s", f.Fate)
			}
		}
	})
}

func TestAHeldMailTeachesOnceItIsLetThrough(t *testing.T) {
	each(t, func(h *house) {
		for n := range 3 {
			r := h.one(h.withFiles("karl@client.test", fmt.Sprint("held ", n), part("logo.png", "image/png", logo), part("x.exe", "text/plain", "MZ")), auth.Pass, h.replyTo(h.klara))
			if v, err := h.c.Message(h.ctx, h.as(h.owner), r.ID); err != nil || len(v.Attachments) != 2 || v.Attachments[1].Kind != "program" || v.Attachments[1].Reason != "held" {
				h.t.Errorf("before it is decided: %+v, %v", v.Attachments, err)
			}
			cm, err := h.c.Release(h.ctx, h.as(h.owner), r.ID, core.Release{})
			h.must(err)
			want := core.FileKept
			if n == 2 {
				want = core.FileSignature
			}
			if cm.Attachments[0].Fate != want || cm.Attachments[1].Fate != core.FileDangerous {
				h.t.Errorf("mail %d: %s, %s", n+1, cm.Attachments[0].Fate, cm.Attachments[1].Fate)
			}
		}
	})
}

func TestUploadedFilesAreLookedAtToo(t *testing.T) {
	each(t, func(h *house) {
		cm, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "x", Files: []core.Upload{{Name: "a.png", Type: "image/png", Content: strings.NewReader("<svg onload=x>")}}})
		h.must(err)
		if f := cm.Attachments[0]; f.Fate != core.FileDangerous || f.Found != "image/svg+xml" {
			h.t.Errorf("%+v", f)
		}
	})
}

func TestR7ADeletedFileIsNowhereUntilItIsRestored(t *testing.T) {
	each(t, func(h *house) {
		h.one(h.withFiles("klara@client.test", "two files", part("plan.pdf", "application/pdf", "%PDF-1.7"), part("notes.txt", "text/plain", "as agreed")), auth.Pass, h.replyTo(h.klara))
		cm := h.lastComment()
		plan := cm.Attachments[0].ID
		_, err := h.c.DeleteAttachment(h.ctx, h.as(h.eve), plan)
		h.wants(err, core.Forbidden, "") // she may read it, and it is not hers
		_, err = h.c.DeleteAttachment(h.ctx, h.as(h.sub), plan)
		h.wants(err, core.NotFound, "")
		_, err = h.c.DeleteAttachment(h.ctx, h.as(h.owner), plan)
		h.must(err)
		if left := h.lastComment().Attachments; len(left) != 1 || left[0].Name != "notes.txt" {
			h.t.Errorf("left: %+v", left)
		}
		_, _, err = h.c.Attachment(h.ctx, h.as(h.owner), plan)
		h.wants(err, core.NotFound, "")
		_, err = h.c.DeleteAttachment(h.ctx, h.as(h.owner), plan)
		h.wants(err, core.NotFound, "")
		due, err := storetest.Claim(h.ctx, h.c, 100)
		h.must(err)
		for _, d := range due {
			l, err := h.c.Letter(h.ctx, d)
			h.must(err)
			for _, e := range l.Entries {
				if len(e.Comment.Attachments) > 1 {
					h.t.Errorf("a mail takes it along: %+v", e.Comment.Attachments)
				}
			}
		}
		o := core.Object{Kind: "attachment", ID: plan}
		bin, err := h.c.Bin(h.ctx, h.as(h.owner), core.BinFilter{})
		h.must(err)
		if len(bin) != 1 || bin[0].Object != o || bin[0].Title != "plan.pdf" || bin[0].Number != h.task.Number || bin[0].DeletedByName != h.owner.Name {
			h.t.Errorf("bin: %+v", bin)
		}
		h.wants(h.c.Restore(h.ctx, h.as(h.eve), o), core.NotFound, "")
		_, err = h.c.DeleteComment(h.ctx, h.as(h.owner), cm.ID)
		h.must(err)
		h.wants(h.c.Restore(h.ctx, h.as(h.owner), o), core.Conflict, "bin.comment_first")
		h.must(h.c.Restore(h.ctx, h.as(h.owner), core.Object{Kind: "comment", ID: cm.ID}))
		h.must(h.c.Restore(h.ctx, h.as(h.owner), o))
		if files := h.lastComment().Attachments; len(files) != 2 {
			h.t.Errorf("restored: %+v", files)
		}
	})
}
