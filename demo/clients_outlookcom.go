package demo

import (
	"html"
	"strings"
)

// outlookCom writes as Outlook in the browser does: a rule, a block with the
// id divRplyFwdMsg, and the original with "x_" before its names.
func outlookCom(a *Answer) *part {
	w := phrasesOf(a.Locale)
	host := "DB9P" + strings.ToUpper(hexOf(a.ID, 6)) + "MB" + "4567"
	name := host + strings.ToUpper(hexOf(a.ID+"c", 20))
	boundary := "_000_" + name + "_"
	plain, rich := outlookComText(a, &w), outlookComHTML(a, &w)
	p := &part{boundary: boundary, parts: []*part{
		text(`text/plain; charset="utf-8"`, "base64", plain+"\n"),
		text(`text/html; charset="utf-8"`, "base64", rich+"\n"),
	}}
	p.fields = append(p.fields, "From: "+a.From.String(), "To: "+a.To.String(), a.subject(w.webMark), "Thread-Topic: "+encoded(a.Subject),
		"Thread-Index: AQH"+pick(a.ID+"index", 37)+"==", a.date(), "Message-ID:\r\n <"+name+"@"+host+".eurprd04.prod.outlook.com>")
	p.fields = append(p.fields, a.threading()...)
	attach := ""
	if len(a.Files) > 0 {
		attach = " yes"
	}
	p.fields = append(p.fields, "Accept-Language: "+w.tag+", en-US", "Content-Language: "+w.tag, "X-MS-Has-Attach:"+attach, "X-MS-TNEF-Correlator:",
		"Content-Type: multipart/alternative;\r\n\tboundary=\""+boundary+"\"", "MIME-Version: 1.0")
	mixed := "_004_" + name + "_"
	return withFiles(p, "multipart/mixed;\r\n\tboundary=\""+mixed+"\"", mixed, a.Files, nil)
}

func outlookComText(a *Answer, w *phrases) string {
	if !a.answers() {
		return a.Words
	}
	return a.Words + "\n\n________________________________\n" + w.from + " " + a.author().Name + " <" + a.author().Mailbox() + ">\n" + w.sent + " " + longDate(a.Locale, a.when()) + "\n" +
		w.to + " " + a.From.Name + " <" + a.From.Mailbox() + ">\n" + w.subject + " " + a.Subject + "\n\n" + strings.TrimRight(a.Original.Text, "\n")
}

const outlookComFont = `style="font-family: Aptos, Aptos_EmbeddedFont, Aptos_MSFontService, Calibri, Helvetica, sans-serif; font-size: 12pt; color: rgb(0, 0, 0);"`

func outlookComHTML(a *Answer, w *phrases) string {
	empty := `<div class="elementToProof" ` + outlookComFont + `><br></div>` + "\n"
	open := `<html><head>` + "\n" + `<meta http-equiv="Content-Type" content="text/html; charset=utf-8">` + "\n" +
		`<style type="text/css" style="display:none;"> P {margin-top:0;margin-bottom:0;} </style>` + "\n</head>\n" + `<body dir="ltr">` + "\n" +
		lines(a.Words, `<div class="elementToProof" `+outlookComFont+`>`, "</div>\n", empty)
	if !a.answers() {
		return open + "</body>\n</html>"
	}
	line := func(label, value string) string {
		return `<b>` + label + `</b> ` + html.EscapeString(value) + `<br>` + "\n"
	}
	return open + `<div id="appendonsend"></div>` + "\n" + `<hr style="display:inline-block;width:98%" tabindex="-1">` + "\n" +
		`<div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt" color="#000000">` +
		line(w.from, a.author().Name+" <"+a.author().Mailbox()+">") + line(w.sent, longDate(a.Locale, a.when())) +
		line(w.to, a.From.Name+" <"+a.From.Mailbox()+">") + strings.Replace(line(w.subject, a.Subject), "<br>\n", "</font>\n", 1) + `<div>&nbsp;</div>` + "\n</div>\n" +
		`<div style="margin:0; padding:12px">` + strings.NewReplacer(` class="`, ` class="x_`, ` id="`, ` id="x_`).Replace(inner(a.Original.HTML)) + "</div>\n</body>\n</html>"
}
