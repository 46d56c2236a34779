package ingest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"planpost/mail"
	"planpost/mail/auth"
)

const (
	benchProse  = "The second drawing is fine and can go to the workshop; the first one still lacks\r\nthe measure of the window, so please ask Größle & Söhne about it on Monday.\r\nWe agreed on 12 pieces, déjà vu from last year.\r\n\r\n"
	benchMarker = "Reply above this line to comment"
	benchIntro  = "On Mon, 2 Nov 2026 at 15:04, Plans <notify@in.test> wrote:"
)

func benchQuote(n int) string {
	text := strings.TrimSuffix(benchText(n), "\r\n")
	return "> " + strings.ReplaceAll(text, "\r\n", "\r\n> ") + "\r\n"
}

func benchText(n int) string { return strings.Repeat(benchProse, max(1, n/len(benchProse))) }

// benchMail writes an answer of about size bytes the way one of three clients does.
func benchMail(shape string, size int) []byte {
	const top = "Received: from mx3.client.test (mx3.client.test [192.0.2.9])\r\n\tby relay.test with ESMTPS id 0af3b1\r\n\tfor <r-x@in.test>; Mon, 02 Nov 2026 16:00:00 +0000\r\n" +
		"From: Anna Größle <anna@client.test>\r\nTo: <r-x@in.test>\r\nSubject: Re: [Task #12] windows of the north side\r\nDate: Mon, 02 Nov 2026 16:00:00 +0000\r\nMessage-ID: <mk1.7@client.test>\r\n" +
		"In-Reply-To: <task-12.c3@in.test>\r\nReferences: <task-12@in.test>\r\n <task-12.c3@in.test>\r\nUser-Agent: Mozilla Thunderbird\r\nMIME-Version: 1.0\r\n"
	const plain = "Content-Type: text/plain; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
	var b strings.Builder
	b.WriteString(top)
	left := size - len(top) - 400
	switch shape {
	case "plain":
		b.WriteString(plain + benchText(left/6) + benchIntro + "\r\n" + benchQuote(left*5/6))
	case "alternative":
		b.WriteString("Content-Type: multipart/alternative; boundary=\"=_alt\"\r\n\r\n--=_alt\r\n" + plain + benchText(left/6) + benchIntro + "\r\n" + benchQuote(left/3))
		fmt.Fprintf(&b, "\r\n--=_alt\r\nContent-Type: text/html; charset=UTF-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n<html><body><div dir=\"ltr\">%s</div><br>\r\n<div class=\"gmail_quote\"><div class=\"gmail_attr\">%s</div><blockquote>%s</blockquote></div></body></html>\r\n\r\n--=_alt--\r\n",
			benchText(left/6), strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(benchIntro), benchText(left/3))
	case "attachment":
		b.WriteString("Content-Type: multipart/mixed; boundary=\"=_mix\"\r\n\r\n--=_mix\r\n" + plain + benchText(left/6) + benchIntro + "\r\n" + benchQuote(left/4))
		b.WriteString("\r\n--=_mix\r\nContent-Type: image/png; name=\"shot.png\"\r\nContent-Disposition: attachment; filename=\"shot.png\"\r\nContent-Transfer-Encoding: base64\r\n\r\n")
		file := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x89PN\x01\xfe\x7f", left*7/12*3/4/6)))
		for len(file) > 76 {
			b.WriteString(file[:76] + "\r\n")
			file = file[76:]
		}
		b.WriteString(file + "\r\n--=_mix--\r\n")
	}
	return []byte(b.String())
}

// BenchmarkRead is all that is done about a message before the core is asked,
// from a trusted relay, so without name servers and signatures.
func BenchmarkRead(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10} {
		for _, shape := range []string{"plain", "alternative", "attachment"} {
			raw := benchMail(shape, size)
			b.Run(fmt.Sprintf("%s%dKB", shape, size>>10), func(b *testing.B) {
				r, _ := newRoad(&fakeCore{}, Config{Hostname: "gw.test", Markers: func() []string { return []string{benchMarker} }})
				env := envelope(true)
				b.SetBytes(int64(len(raw)))
				b.ReportAllocs()
				for b.Loop() {
					in, _ := r.read(b.Context(), env, oneRoute, raw, nil)
					if in.Words.Reply == "" || len(in.Words.Removed) == 0 || in.Verdict.Outcome != auth.Pass || in.Class.Kind != mail.KindMessage {
						b.Fatal(in.Words.Reply, in.Verdict.Outcome, in.Class.Kind)
					}
				}
			})
		}
	}
}
