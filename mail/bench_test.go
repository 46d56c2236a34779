package mail

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// replyOf makes a reply as a common client writes it, of about size bytes.
func replyOf(size int) []byte {
	var b strings.Builder
	b.WriteString("Return-Path: <ann@b.example>\r\nReceived: from mx1.b.example (mx1.b.example [192.0.2.1])\r\n\tby mx.d.example with ESMTPS id 4abc\r\n\tfor <r+token@d.example>; Mon, 02 Nov 2026 10:00:00 +0100\r\n")
	b.WriteString("DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=b.example; s=sel;\r\n h=from:to:subject:date:message-id;\r\n bh=" + strings.Repeat("x", 44) + ";\r\n b=" + strings.Repeat("y", 172) + "\r\n")
	b.WriteString("MIME-Version: 1.0\r\nFrom: =?UTF-8?Q?Ann_M=C3=BCller?= <ann@b.example>\r\nTo: Plans <r+token@d.example>\r\nSubject: Re: The plan\r\nDate: Mon, 2 Nov 2026 10:00:00 +0100\r\nMessage-ID: <CAF0@mail.b.example>\r\nIn-Reply-To: <0@d.example>\r\nReferences: <a@d.example> <0@d.example>\r\nContent-Type: multipart/alternative; boundary=\"000000000000b5\"\r\n\r\n")
	line := "The north wall is 12 cm off the drawing, gr=C3=BC=C3=9Fe, please check it.\r\n"
	b.WriteString("--000000000000b5\r\nContent-Type: text/plain; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	b.WriteString(strings.Repeat(line, min(40, size/4/len(line))))
	b.WriteString("--000000000000b5\r\nContent-Type: text/html; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n")
	b.WriteString("<div>" + strings.Repeat("<p>"+line, min(60, size/3/len(line))) + "</div>\r\n--000000000000b5--\r\n")
	alternative := b.String()
	if len(alternative) >= size {
		return []byte(alternative)
	}
	head, body, _ := strings.Cut(alternative, "\r\nContent-Type: multipart/alternative; boundary=\"000000000000b5\"\r\n\r\n")
	file := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{1, 2, 3}, max(0, size-len(alternative))/4))
	var lines strings.Builder
	for len(file) > 76 {
		lines.WriteString(file[:76] + "\r\n")
		file = file[76:]
	}
	return []byte(head + "\r\nContent-Type: multipart/mixed; boundary=\"00000000000mix\"\r\n\r\n--00000000000mix\r\nContent-Type: multipart/alternative; boundary=\"000000000000b5\"\r\n\r\n" + body +
		"--00000000000mix\r\nContent-Type: application/pdf; name=\"plan.pdf\"\r\nContent-Disposition: attachment; filename=\"plan.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + lines.String() + file + "\r\n--00000000000mix--\r\n")
}

func BenchmarkParse(b *testing.B) {
	for _, c := range []struct {
		name string
		size int
	}{{"4KB", 4 << 10}, {"10KB", 10 << 10}, {"100KB", 100 << 10}} {
		raw := replyOf(c.size)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			b.ReportAllocs()
			for b.Loop() {
				if m, err := Parse(raw, Limits{}); err != nil || len(m.Defects) > 0 {
					b.Fatal(err, m.Defects)
				}
			}
		})
	}
}

func BenchmarkClassify(b *testing.B) {
	m, err := Parse(replyOf(4<<10), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		Classify(m, nil)
	}
}

func BenchmarkContentHash(b *testing.B) {
	raw := replyOf(4 << 10)
	b.ReportAllocs()
	for b.Loop() {
		ContentHash(raw)
	}
}

func BenchmarkCompose(b *testing.B) {
	d := fullDraft()
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Compose(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkHTMLToText(b *testing.B) {
	m, err := Parse(replyOf(10<<10), Limits{})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(m.HTML)))
	b.ReportAllocs()
	for b.Loop() {
		HTMLToText(m.HTML)
	}
}

// BenchmarkParseOfRealMails is one mail of the collection on one core: parsed
// and classified, which is what the page needs before the words are looked for.
func BenchmarkParseOfRealMails(b *testing.B) {
	raws := realMails(b, "odd", "bounce", "auto", "reply", "reply_checks")
	size, refused := 0, 0
	for _, raw := range raws {
		size += len(raw)
		if _, err := Parse(raw, Limits{}); err != nil {
			refused++
		}
	}
	if refused > 0 {
		b.Errorf("%d of %d mails refused", refused, len(raws))
	}
	b.SetBytes(int64(size / len(raws)))
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		m, err := Parse(raws[i%len(raws)], Limits{})
		if err == nil {
			Classify(m, nil)
		}
		i++
	}
	b.ReportMetric(float64(len(raws)), "mails")
}

// realMails are the whole mails of the collection.
func realMails(tb testing.TB, folders ...string) (raws [][]byte) {
	top := corpus(tb)
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(top, folder), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".eml") {
				return err
			}
			raw, err := os.ReadFile(path)
			raws = append(raws, raw)
			return err
		})
		if err != nil {
			tb.Fatal(err)
		}
	}
	return raws
}
