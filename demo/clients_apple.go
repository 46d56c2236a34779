package demo

import (
	"html"
	"strings"
)

const appleHead = `<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>`

// appleMail writes as Mail on a Mac does: the introduction stands within the
// quotation, which is a blockquote of type cite.
func appleMail(a *Answer) *part {
	boundary := "Apple-Mail=_" + uuid(a.ID)
	plain, rich := appleText(a), appleHTML(a)
	p := &part{boundary: boundary, parts: []*part{
		text("text/plain;\r\n\tcharset=utf-8", "quoted-printable", plain+"\n"),
		text("text/html;\r\n\tcharset=utf-8", "quoted-printable", rich),
	}}
	p.fields = append(p.fields, "From: "+a.From.String(), "Content-Type: multipart/alternative;\r\n\tboundary=\""+boundary+"\"",
		`Mime-Version: 1.0 (Mac OS X Mail 16.0 \(3826.200.121\))`, a.subject("Re: "), a.date())
	p.fields = append(p.fields, a.threading()...)
	p.fields = append(p.fields, "To: "+a.To.String(), "Message-Id: <"+uuid(a.ID+"id")+"@"+a.From.Domain+">", "X-Mailer: Apple Mail (2.3826.200.121)")
	mixed := "Apple-Mail=_" + uuid(a.ID+"mixed")
	return withFiles(p, "multipart/mixed;\r\n\tboundary=\""+mixed+"\"", mixed, a.Files, nil)
}

func (a *Answer) appleIntro() string {
	return appleLine(a.Locale, a.when(), a.author().Name+" <"+a.author().Mailbox()+">")
}

func appleText(a *Answer) string {
	if !a.answers() {
		return a.Words
	}
	switch a.Place {
	case Bottom:
		return marked(a.appleIntro()+"\n\n"+a.Original.Text) + "\n" + a.Words
	case Interleaved:
		var b strings.Builder
		intro := a.appleIntro() + "\n\n"
		for _, p := range a.interleave() {
			b.WriteString(marked(intro+p.quoted) + "\n")
			if p.typed != "" {
				b.WriteString(p.typed + "\n\n")
			}
			intro = ""
		}
		return strings.TrimRight(b.String(), "\n")
	}
	return a.Words + "\n\n" + strings.TrimRight(marked(a.appleIntro()+"\n\n"+a.Original.Text), "\n")
}

func appleHTML(a *Answer) string {
	body := appleHead + `<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">`
	typed := func(s string) string { return lines(s, "<div>", "</div>", "<div><br></div>") }
	if !a.answers() {
		return body + typed(a.Words) + `</body></html>`
	}
	intro := `<div>` + html.EscapeString(a.appleIntro()) + `</div><br class="Apple-interchange-newline">`
	switch a.Place {
	case Bottom:
		return body + `<blockquote type="cite">` + intro + `<div>` + inner(a.Original.HTML) + `</div></blockquote><div><br></div>` + typed(a.Words) + `</body></html>`
	case Interleaved:
		var b strings.Builder
		b.WriteString(body)
		for _, p := range a.interleave() {
			b.WriteString(`<blockquote type="cite">` + intro + `<div>` + broken(p.quoted) + `</div></blockquote>`)
			if p.typed != "" {
				b.WriteString(`<div><br></div>` + typed(p.typed) + `<div><br></div>`)
			}
			intro = ""
		}
		return b.String() + `</body></html>`
	}
	return body + typed(a.Words) + `<br id="lineBreakAtBeginningOfMessage"><div><br><blockquote type="cite">` + intro + `<div>` + inner(a.Original.HTML) + `</div></blockquote></div><br></body></html>`
}
