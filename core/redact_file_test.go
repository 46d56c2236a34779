package core_test

import (
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/url"
	"strings"
	"testing"
	"unicode/utf16"

	"planpost/core"
	"planpost/mail/auth"
)

func inUnits(order binary.AppendByteOrder, s string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

// allFiles are the bytes of all files of the task, base64 within them read too.
func (h *house) allFiles() (all []string) {
	h.t.Helper()
	for _, cv := range h.comments() {
		for _, a := range cv.Attachments {
			_, f, err := h.c.Attachment(h.ctx, h.as(h.owner), a.ID)
			h.must(err)
			b, err := io.ReadAll(f)
			h.must(err)
			f.Close()
			s := string(b)
			if _, part, ok := strings.Cut(s, "base64\n\n"); ok {
				plain, err := base64.StdEncoding.DecodeString(part)
				h.must(err)
				s += string(plain)
			}
			all = append(all, s)
		}
	}
	return all
}

// Whoever forwards our mail as a file hands out the link to the conversation
// and the reply address in it, unless they are taken out.
func TestAnAttachedMailOrTextKeepsNoLiveToken(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		u, err := url.Parse(sent["Klara"].ThreadURL)
		h.must(err)
		token, to := strings.TrimPrefix(u.Path, "/t/"), h.replyTo(h.klara)
		if len(token) != 43 {
			h.t.Fatalf("no link in her mail: %q", sent["Klara"].ThreadURL)
		}
		words := "From: planpost@" + domain + "\nReply-To: " + to + "\nSubject: Door\n"
		text := "see http://" + domain + "/t/" + token + " or write to " + to + ", вход A\n"
		coded := words + "Content-Transfer-Encoding: base64\n\n"
		parts := []string{part("mail.eml", "message/rfc822", words+"\n"+text), part("packed.eml", "message/rfc822", coded+base64.StdEncoding.EncodeToString([]byte(text))),
			part("wide.eml", "application/octet-stream", coded+base64.StdEncoding.EncodeToString([]byte("\xff\xfe"+inUnits(binary.LittleEndian, text)))),
			part("note.txt", "text/plain", "\xfe\xff"+inUnits(binary.BigEndian, text)), part("unmarked.txt", "text/plain", inUnits(binary.LittleEndian, text)),
			part("page.html", "text/html", `<a href="http://`+domain+"/t/"+token+`">`)}
		h.one(h.withFiles("klara@client.test", "as a file", parts...), auth.Pass, to)
		held := h.one(h.withFiles("stranger@other.test", "as a file", parts...), auth.Pass, to)
		_, err = h.c.Release(h.ctx, h.as(h.owner), held.ID, core.Release{})
		h.must(err)
		_, err = h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "uploaded", Files: []core.Upload{{Name: "mail.eml", Content: strings.NewReader(words + "\n" + text)}}})
		h.must(err)
		files := h.allFiles()
		if len(files) != 2*len(parts)+1 {
			h.t.Fatalf("%d files", len(files))
		}
		for i, f := range files {
			narrow := strings.ReplaceAll(f, "\x00", "")
			if strings.Contains(narrow, token) || strings.Contains(narrow, to[2:40]) {
				h.t.Errorf("file %d keeps a token: %q", i, narrow)
			}
			if !strings.Contains(narrow, "/t/") {
				h.t.Errorf("file %d lost its words: %q", i, narrow)
			}
		}
	})
}

func TestOtherFilesStayAsTheyAre(t *testing.T) {
	each(t, func(h *house) {
		word := "/t/" + strings.Repeat("aB3-_xY", 7)[:43]
		for name, content := range map[string]string{"model.bin": "\x00\x01\x02" + word, "plan.pdf": "%PDF-1.7 " + word, "empty.txt": "", "one.txt": "\x00"} {
			cm, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Files: []core.Upload{{Name: name, Content: strings.NewReader(content)}}})
			h.must(err)
			_, f, err := h.c.Attachment(h.ctx, h.as(h.owner), cm.Attachments[0].ID)
			h.must(err)
			got, err := io.ReadAll(f)
			h.must(err)
			f.Close()
			if string(got) != content {
				h.t.Errorf("%s became %q", name, got)
			}
		}
	})
}
