package demo

import (
	"html"
	"strings"
)

// thunderbird writes as Thunderbird does: below or within the quotation as
// flowed plain text (RFC 3676), above it as HTML with moz-cite-prefix.
func thunderbird(a *Answer) *part {
	w := phrasesOf(a.Locale)
	fields := []string{"Message-ID: <" + strings.ToLower(uuid(a.ID)) + "@" + a.From.Domain + ">", a.date(), "MIME-Version: 1.0", "User-Agent: Mozilla Thunderbird", a.subject("Re: "), "To: " + a.To.String()}
	fields = append(fields, a.threading()...)
	fields = append(fields, "Content-Language: "+w.tag, "From: "+a.From.String())
	kind, body := "text/plain; charset=UTF-8; format=flowed", thunderbirdText(a)
	if a.answers() && a.Place == Top {
		kind, body = "text/html; charset=UTF-8", thunderbirdHTML(a)
	}
	encoding := "8bit"
	if longest(body) > 900 { // RFC 5322 §2.1.1
		encoding = "quoted-printable"
	}
	p := text(kind, encoding, body)
	p.fields = append(fields, p.fields...)
	mixed := "------------" + pick(a.ID+"mixed", 24)
	return withFiles(p, "multipart/mixed; boundary=\""+mixed+"\"", mixed, a.Files, nil)
}

func (a *Answer) thunderbirdIntro() string {
	return thunderbirdLine(a.Locale, a.when(), a.author().Name)
}

func thunderbirdText(a *Answer) string {
	if !a.answers() {
		return flowed(a.Words)
	}
	if a.Place == Interleaved {
		var b strings.Builder
		b.WriteString(a.thunderbirdIntro() + "\n")
		for _, p := range a.interleave() {
			b.WriteString(marked(p.quoted))
			if p.typed != "" {
				b.WriteString("\n" + flowed(p.typed) + "\n")
			}
		}
		return b.String()
	}
	return a.thunderbirdIntro() + "\n" + marked(a.Original.Text) + "\n" + flowed(a.Words)
}

// flowed breaks long lines softly, with a space before the break, and stuffs
// a space before what would be misread (RFC 3676 §4.4).
func flowed(s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		folded := fold(strings.TrimRight(line, " "), 72)
		for i, part := range folded {
			if strings.HasPrefix(part, " ") || strings.HasPrefix(part, ">") || strings.HasPrefix(part, "From ") {
				b.WriteString(" ")
			}
			b.WriteString(part)
			if i < len(folded)-1 {
				b.WriteString(" ")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

func thunderbirdHTML(a *Answer) string {
	typed := ""
	for _, p := range a.paragraphs() {
		typed += "    <p>" + broken(p) + "</p>\n"
	}
	return "<!DOCTYPE html>\n<html>\n  <head>\n    <meta http-equiv=\"Content-Type\" content=\"text/html; charset=UTF-8\">\n  </head>\n  <body>\n" + typed +
		"    <div class=\"moz-cite-prefix\">" + html.EscapeString(a.thunderbirdIntro()) + "<br>\n    </div>\n" +
		"    <blockquote type=\"cite\" cite=\"mid:" + html.EscapeString(a.Original.MessageID) + "\">\n" + inner(a.Original.HTML) + "\n    </blockquote>\n  </body>\n</html>\n"
}
