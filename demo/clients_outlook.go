package demo

import (
	"html"
	"strings"
)

// outlook writes as Outlook for Windows does: Word's HTML, a line above the
// original's header, and the original below it without any quote mark.
func outlook(a *Answer) *part {
	w := phrasesOf(a.Locale)
	boundary := "----=_NextPart_000_" + strings.ToUpper(pick(a.ID, 4)) + "_01DD5" + strings.ToUpper(hexOf(a.ID, 3)) + "." + strings.ToUpper(hexOf(a.ID+"o", 8))
	plain, rich := outlookText(a, &w), outlookHTML(a, &w)
	p := &part{boundary: boundary, preamble: "This is a multipart message in MIME format.", parts: []*part{
		text("text/plain;\r\n\tcharset=\"utf-8\"", "quoted-printable", plain+"\n"),
		text("text/html;\r\n\tcharset=\"utf-8\"", "quoted-printable", rich+"\n"),
	}}
	p.fields = append(p.fields, "From: "+a.From.String(), "To: "+a.To.String())
	p.fields = append(p.fields, a.threading()...)
	p.fields = append(p.fields, a.subject(w.outlookMark), a.date(),
		"Message-ID: <00"+hexOf(a.ID, 4)+"01dd59f3$"+hexOf(a.ID+"a", 8)+"$"+hexOf(a.ID+"b", 8)+"$@"+a.From.Domain+">", "MIME-Version: 1.0",
		"Content-Type: multipart/alternative;\r\n\tboundary=\""+boundary+"\"", "X-Mailer: Microsoft Outlook 16.0",
		"Thread-Index: AQ"+pick(a.ID+"index", 38)+"==", "Content-Language: "+strings.ToLower(w.tag))
	mixed := strings.Replace(boundary, "_000_", "_001_", 1)
	return withFiles(p, "multipart/mixed;\r\n\tboundary=\""+mixed+"\"", mixed, a.Files, nil)
}

func outlookText(a *Answer, w *phrases) string {
	if !a.answers() {
		return a.Words
	}
	return a.Words + "\n\n" + w.from + " " + a.author().Name + " <" + a.author().Mailbox() + "> \n" + w.sent + " " + longDate(a.Locale, a.when()) + "\n" +
		w.to + " " + a.From.Name + " <" + a.From.Mailbox() + ">\n" + w.subject + " " + a.Subject + "\n\n" + strings.TrimRight(a.Original.Text, "\n")
}

const (
	outlookHead = `<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head>` +
		`<meta http-equiv="Content-Type" content="text/html; charset=utf-8"><meta name="Generator" content="Microsoft Word 15 (filtered medium)"><style><!--
/* Style Definitions */
p.MsoNormal, li.MsoNormal, div.MsoNormal
	{margin:0cm;
	font-size:11.0pt;
	font-family:"Aptos",sans-serif;}
--></style></head>`
	outlookEmpty = `<p class="MsoNormal"><span style="font-size:11.0pt"><o:p>&nbsp;</o:p></span></p>`
)

func outlookHTML(a *Answer, w *phrases) string {
	typed := lines(a.Words, `<p class="MsoNormal"><span style="font-size:11.0pt">`, "<o:p></o:p></span></p>\n", outlookEmpty+"\n")
	open := outlookHead + `<body lang="` + strings.ToUpper(w.tag) + `" link="#467886" vlink="#96607D" style="word-wrap:break-word"><div class="WordSection1">` + "\n" + typed
	if !a.answers() {
		return open + `</div></body></html>`
	}
	line := func(label, value string) string { return `<b>` + label + `</b> ` + html.EscapeString(value) }
	header := line(w.from, a.author().Name+" <"+a.author().Mailbox()+">") + ` <br>` + line(w.sent, longDate(a.Locale, a.when())) + `<br>` +
		line(w.to, a.From.Name+" <"+a.From.Mailbox()+">") + `<br>` + line(w.subject, a.Subject)
	return open + outlookEmpty + `<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal">` + header + `<o:p></o:p></p></div></div>` +
		outlookEmpty + "\n" + inner(a.Original.HTML) + "\n" + `</div></body></html>`
}
