package demo

import (
	"html"
	"strings"
)

// gmail writes as Gmail's web page does: text and HTML, the quotation in a
// container of class gmail_quote with its introduction in gmail_attr.
func gmail(a *Answer) *part {
	boundary := "000000000000" + pick(a.ID, 16)
	plain, rich := wrapped(gmailText(a), 78), gmailHTML(a)
	p := &part{boundary: boundary, parts: []*part{
		text(`text/plain; charset="UTF-8"`, encodingFor(plain), plain+"\n"),
		text(`text/html; charset="UTF-8"`, "quoted-printable", rich+"\n"),
	}}
	p.fields = append(p.fields, "MIME-Version: 1.0")
	p.fields = append(p.fields, a.threading()...)
	p.fields = append(p.fields, "From: "+a.From.String(), a.date(), "Message-ID: <CA+"+pick(a.ID+"gm", 46)+"@mail.gmail.com>",
		a.subject("Re: "), "To: "+a.To.String(), `Content-Type: multipart/alternative; boundary="`+boundary+`"`)
	mixed := "000000000000" + pick(a.ID+"mixed", 16)
	return withFiles(p, `multipart/mixed; boundary="`+mixed+`"`, mixed, a.Files, func(i int) []string {
		id := "f_" + pick(a.ID+string(rune('a'+i)), 10)
		return []string{"Content-ID: <" + id + ">", "X-Attachment-Id: " + id}
	})
}

func gmailText(a *Answer) string {
	if !a.answers() {
		return a.Words
	}
	intro := gmailLine(a.Locale, a.when(), a.author().Name+" <"+a.author().Mailbox()+">")
	switch a.Place {
	case Bottom:
		return intro + "\n\n" + marked(a.Original.Text) + "\n" + a.Words
	case Interleaved:
		var b strings.Builder
		b.WriteString(intro + "\n\n")
		for _, p := range a.interleave() {
			b.WriteString(marked(p.quoted) + "\n")
			if p.typed != "" {
				b.WriteString(p.typed + "\n\n")
			}
		}
		return strings.TrimRight(b.String(), "\n")
	}
	return a.Words + "\n\n" + intro + "\n\n" + strings.TrimRight(marked(a.Original.Text), "\n")
}

const gmailQuote = `<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">`

func gmailHTML(a *Answer) string {
	typed := func(s string) string { return lines(s, "<div>", "</div>", "<div><br></div>") }
	if !a.answers() {
		return `<div dir="ltr">` + typed(a.Words) + `</div>`
	}
	box := a.author().Mailbox()
	// The address is a link between the angle brackets.
	head, tail, _ := strings.Cut(html.EscapeString(gmailLine(a.Locale, a.when(), a.author().Name+" <\x00>")), "\x00")
	intro := `<div dir="ltr" class="gmail_attr">` + head + `<a href="mailto:` + box + `">` + box + `</a>` + tail + `<br></div>`
	switch a.Place {
	case Bottom:
		return `<div dir="ltr"><div class="gmail_quote gmail_quote_container">` + intro + gmailQuote + inner(a.Original.HTML) + `</blockquote><div><br></div>` + typed(a.Words) + `</div></div>`
	case Interleaved:
		var b strings.Builder
		b.WriteString(`<div dir="ltr"><div class="gmail_quote gmail_quote_container">` + intro)
		for _, p := range a.interleave() {
			b.WriteString(gmailQuote + broken(p.quoted) + `</blockquote>`)
			if p.typed != "" {
				b.WriteString(`<div><br></div>` + typed(p.typed) + `<div><br></div>`)
			}
		}
		return b.String() + `</div></div>`
	}
	return `<div dir="ltr">` + typed(a.Words) + `</div><br><div class="gmail_quote gmail_quote_container">` + intro + gmailQuote + inner(a.Original.HTML) + `</blockquote></div>`
}
