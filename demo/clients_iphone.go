package demo

import (
	"html"
)

// iPhone writes as Mail on an iPhone does: the words, "Sent from my iPhone" in
// the phone's language, and the quotation in two blockquotes.
func iPhone(a *Answer) *part {
	boundary := "Apple-Mail-" + uuid(a.ID)
	plain, rich := iPhoneText(a), iPhoneHTML(a)
	p := &part{boundary: boundary, parts: []*part{
		text("text/plain;\r\n\tcharset=utf-8", "quoted-printable", plain),
		text("text/html;\r\n\tcharset=utf-8", "quoted-printable", rich),
	}}
	p.fields = append(p.fields, "Content-Type: multipart/alternative;\r\n\tboundary="+boundary, "Content-Transfer-Encoding: 7bit", "From: "+a.From.String(),
		"Mime-Version: 1.0 (1.0)", a.date(), a.subject("Re: "), "Message-Id: <"+uuid(a.ID+"id")+"@"+a.From.Domain+">")
	p.fields = append(p.fields, a.threading()...)
	p.fields = append(p.fields, "To: "+a.To.String(), "X-Mailer: iPhone Mail (22B91)")
	mixed := "Apple-Mail-" + uuid(a.ID+"mixed")
	return withFiles(p, "multipart/mixed;\r\n\tboundary="+mixed, mixed, a.Files, nil)
}

func iPhoneText(a *Answer) string {
	s := a.Words + "\n\n" + phrasesOf(a.Locale).iPhone + "\n"
	if !a.answers() {
		return s
	}
	return s + "\n" + marked(a.appleIntro()+"\n\n"+a.Original.Text)
}

func iPhoneHTML(a *Answer) string {
	const cut = `<br id="lineBreakAtBeginningOfSignature">`
	s := appleHead + `<body dir="auto">` + lines(a.Words, "<div>", "</div>", "<div><br></div>") + cut + `<div dir="ltr">` + phrasesOf(a.Locale).iPhone + `</div>`
	if !a.answers() {
		return s + `</body></html>`
	}
	return s + `<div dir="ltr"><br><blockquote type="cite">` + html.EscapeString(a.appleIntro()) + `<br><br></blockquote></div>` +
		`<blockquote type="cite"><div dir="ltr">` + inner(a.Original.HTML) + `</div></blockquote></body></html>`
}
