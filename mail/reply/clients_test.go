package reply

import (
	"html"
	"strings"
)

// client is a mail program: how it writes an answer to a mail of ours. Only
// what such programs were seen to do is in here, in words of our own.
type client struct {
	name string
	// intro is what stands above the quote in a text body; mark goes before each
	// quoted line, the intro's too where inside says so.
	intro  func(t tongue) string
	mark   string
	inside bool
	// width is where lines are wrapped, 0 nowhere; link tells that addresses are written twice.
	width int
	link  bool
	// tag follows the author's words above the quote; may be nil.
	tag func(t tongue) string
	// typo changes signs of our words.
	typo func(string) string

	// The same in HTML: what opens the history, the introduction, what opens and
	// closes each run of quoted elements, what closes the history.
	open, box, end, close string
	introHTML             func(t tongue) string
	// own surrounds a paragraph of the author, inline one amid what is quoted;
	// "" where the client opens the quote for it. %s is the words.
	own, inline string
	tagHTML     func(t tongue) string
	// rename puts the vendor's mark before our names.
	rename func(string) string
}

// marked tells that quoted lines of a text body can be told by a mark.
func (c client) marked() bool { return c.mark != "" }

// apart tells that quoted elements of an HTML body can be told from the author's.
func (c client) apart() bool { return c.inline == "" }

func headerText(t tongue, bold string, gap string) string {
	line := func(key, value string) string { return bold + key + gap + ":" + bold + " " + value + "\n" }
	return line(t.from, senderName+" <"+senderAddress+">") + line(t.sent, "2026-05-05 10:12") + line(t.to, "Marie Roux <marie@example.net>") + line(t.subject, "[#12] Windows on the north side")
}

func headerHTML(t tongue, open, close string) string {
	line := func(key, value string) string { return open + key + ":" + close + " " + html.EscapeString(value) }
	return line(t.from, senderName+" <"+senderAddress+">") + "<br>\n" + line(t.sent, "2026-05-05 10:12") + "<br>\n" + line(t.to, "Marie Roux <marie@example.net>") + "<br>\n" + line(t.subject, "[#12] Windows on the north side")
}

func curly(s string) string {
	return strings.NewReplacer(`"`, "”", "'", "’", "--", "–", "...", "…", ", ", ",\u00a0").Replace(s)
}

func plain(s string) string { return s }

func phone(t tongue) string { return t.phone }

// linked writes an attribution as HTML, its address as a link.
func linked(s string) string {
	s = html.EscapeString(s)
	return strings.Replace(s, senderAddress, `<a href="mailto:`+senderAddress+`">`+senderAddress+"</a>", 1)
}

// exed names classes and ids the way Outlook does in mails that it shows.
func exed(s string) string {
	return strings.NewReplacer(`class="`, `class="x_`, `id="`, `id="x_`).Replace(s)
}

// clients are the programs of the matrix.
func clients() []client {
	gmail := func(t tongue) string { return t.gmail }
	apple := func(t tongue) string { return t.apple }
	bird := func(t tongue) string { return t.bird }
	gmailHTML := func(t tongue) string {
		return `<div dir="ltr" class="gmail_attr">` + linked(t.gmail) + `<br></div>`
	}
	word := func(t tongue) string {
		return `<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>` + headerHTML(t, "<b><span lang=EN-US>", "</span></b>") + `<o:p></o:p></p></div></div><p class=MsoNormal><o:p>&nbsp;</o:p></p>`
	}
	owa := func(t tongue) string {
		return `<div id="appendonsend"></div><hr style="display:inline-block;width:98%" tabindex="-1"><div id="divRplyFwdMsg" dir="ltr"><font face="Calibri, sans-serif" style="font-size:11pt">` + headerHTML(t, "<b>", "</b>") + `</font><div>&nbsp;</div></div>`
	}
	const gmailBox = `<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div class="msg-123"><u></u>`
	const red = `<p class="MsoNormal"><span style="color:#C00000">%s<o:p></o:p></span></p>`
	return []client{
		{name: "Gmail web", intro: gmail, mark: "> ", width: 72, typo: plain, open: `<br><div class="gmail_quote gmail_quote_container">`, introHTML: gmailHTML, box: gmailBox, end: `</div></blockquote>`, close: `</div>`, own: `<div dir="ltr">%s</div>`},
		{name: "Gmail Android", intro: gmail, mark: "> ", width: 76, typo: plain, open: `<br><div class="gmail_quote">`, introHTML: gmailHTML, box: `<blockquote class="gmail_quote" style="margin:0 0 0 .8ex">`, end: `</blockquote>`, close: `</div>`, own: `<div dir="auto">%s</div>`},
		{name: "Outlook desktop", intro: func(t tongue) string { return headerText(t, "", "") }, typo: curly, link: true, introHTML: word, own: `<p class=MsoNormal>%s<o:p></o:p></p>`, inline: red},
		{name: "old Outlook", intro: func(t tongue) string { return "-----" + t.original + "-----\n" + headerText(t, "", "") }, width: 66, typo: plain, introHTML: func(t tongue) string {
			return "<div>-----" + t.original + "-----<br>" + headerHTML(t, "<b>", "</b>") + "<br><br></div>"
		}, own: `<div><font face=Arial size=2>%s</font></div>`, inline: `<div><font color=blue>%s</font></div>`},
		{name: "Outlook on the web", intro: func(t tongue) string {
			return "________________________________\n" + headerText(t, "", "")
		}, typo: curly, link: true, introHTML: owa, own: `<div class="elementToProof" style="font-size:12pt">%s</div>`, inline: `<div class="x_elementToProof" style="color:rgb(200,38,19)"><b>%s</b></div>`, rename: exed},
		{name: "Outlook mobile", tag: func(tongue) string { return "Get Outlook for iOS<https://aka.ms/o0ukef>" }, intro: func(t tongue) string {
			return "________________________________\n" + headerText(t, "", "")
		}, typo: plain, link: true, introHTML: owa, own: `<div dir="ltr">%s</div>`, inline: `<div><b>%s</b></div>`, rename: exed,
			tagHTML: func(tongue) string {
				return `<div id="ms-outlook-mobile-signature"><div></div>Get <a href="https://aka.ms/o0ukef">Outlook for iOS</a></div>`
			}},
		{name: "Apple Mail", intro: apple, inside: true, mark: "> ", typo: curly, open: `<div><br>`, box: `<blockquote type="cite">`, introHTML: func(t tongue) string {
			return `<blockquote type="cite"><div>` + linked(t.apple) + `</div><br class="Apple-interchange-newline"></blockquote>`
		}, end: `</blockquote>`, close: `</div>`, own: `<div>%s</div>`},
		{name: "iPhone", intro: apple, inside: true, mark: "> ", typo: curly, tag: phone, tagHTML: func(t tongue) string { return `<br><div dir="ltr">` + html.EscapeString(t.phone) + `</div>` }, open: `<div dir="ltr"><br>`, introHTML: func(t tongue) string {
			return `<blockquote type="cite">` + linked(t.apple) + `<br><br></blockquote>`
		}, box: `<blockquote type="cite"><div dir="ltr">`, end: `</div></blockquote>`, close: `</div>`, own: `<div dir="ltr">%s</div>`},
		{name: "Thunderbird", intro: bird, mark: "> ", width: 72, typo: plain, introHTML: func(t tongue) string {
			return `<div class="moz-cite-prefix">` + html.EscapeString(t.bird) + `<br></div>`
		}, box: `<blockquote type="cite" cite="mid:3@in.example.org">`, end: `</blockquote>`, own: `<p>%s</p>`},
		{name: "Yahoo", intro: func(t tongue) string { return "     " + t.gmail + "  \n " }, mark: "> ", typo: plain, open: `<div id="ydp7yahoo_quoted_12" class="ydp7yahoo_quoted"><div style="font-family:sans-serif">`, introHTML: func(t tongue) string { return `<div>` + linked(t.gmail) + `</div><div><br></div>` }, close: `</div></div>`, own: `<div dir="ltr">%s</div>`, inline: `<div style="color:#0000bf">%s</div>`},
		{name: "Proton", intro: func(t tongue) string { return "------- " + t.original + " -------\n" + t.gmail }, mark: "> ", typo: plain, open: `<div class="protonmail_quote">`, introHTML: func(t tongue) string { return `------- ` + t.original + ` -------<br>` + linked(t.gmail) + `<br><br>` }, box: `<blockquote class="protonmail_quote" type="cite">`, end: `</blockquote>`, close: `</div>`, own: `<div style="font-family:Arial">%s</div>`},
		{name: "Zimbra", intro: func(t tongue) string {
			return "----- " + t.original + " -----\n" + headerText(t, "", "")
		}, mark: "> ", typo: plain, introHTML: func(t tongue) string {
			return `<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">` + headerHTML(t, "<b>", "</b>") + `<br></div><div data-marker="__QUOTED_TEXT__">`
		}, close: `</div>`, own: `<div>%s</div>`, inline: `<div style="color:#a00000">%s</div>`},
		{name: "Notes", intro: func(t tongue) string { return headerText(t, "", "        ") + "_____________________________________" }, width: 78, typo: plain, introHTML: func(t tongue) string {
			return `<br><br><br><table width=100%><tr valign=top><td><font size=1 color=#5f5f5f face="sans-serif">` + headerHTML(t, "", "</font><font size=1>") + `</font></td></tr></table><br><hr noshade><br>`
		}, own: `<font size=2 face="sans-serif">%s</font><br>`, inline: `<br><font size=2 color=red face="sans-serif">%s</font><br>`},
		{name: "Samsung", tag: phone, intro: func(t tongue) string { return "-------- " + t.original + " --------\n" + headerText(t, "", "") }, typo: plain,
			tagHTML: func(t tongue) string {
				return `<div id="composer_signature"><div>` + html.EscapeString(t.phone) + `</div></div>`
			}, introHTML: func(t tongue) string {
				return `<div><br></div><div style="font-size:100%;color:#000000"><div>-------- ` + t.original + ` --------</div><div>` + strings.ReplaceAll(headerHTML(t, "", ""), "<br>\n", " </div><div>") + `</div><div><br></div></div>`
			}, own: `<div dir="auto">%s</div>`, inline: `<div dir="auto"><b>%s</b></div>`},
		{name: "GMX", intro: func(t tongue) string {
			return t.sent + ": 05.05.2026 10:12\n" + t.from + ": \"" + senderName + "\" <" + senderAddress + ">\n" + t.to + ": marie@example.net\n" + t.subject + ": [#12] Windows on the north side\n"
		}, typo: plain, open: `<div name="quote" style="margin:10px 5px 5px 10px;padding:10px 0 10px 10px;border-left:2px solid #C3D9E5">`, introHTML: func(t tongue) string {
			return `<div style="margin:0 0 10px 0">` + headerHTML(t, "<b>", "</b>") + `</div><div name="quoted-content">`
		}, close: `</div></div>`, own: `<div>%s</div>`, inline: `<div><span style="color:#008000">%s</span></div>`},
		{name: "Roundcube", intro: bird, mark: "> ", width: 72, typo: plain, introHTML: func(t tongue) string { return `<p id="reply-intro">` + html.EscapeString(t.bird) + `</p>` }, box: `<blockquote type="cite" style="padding:0 0.4em;border-left:#1010ff 2px solid;margin:0"><div id="replybody1">`, end: `</div></blockquote>`, own: `<p>%s</p>`},
		{name: "mail.ru", intro: func(t tongue) string {
			return "05.05.2026, 10:12 +03:00 " + senderName + " <" + senderAddress + ">:"
		}, mark: "> ", typo: plain, box: `<blockquote style="border-left:1px solid #0857A6;margin:10px;padding:0 0 0 10px">`, introHTML: func(tongue) string {
			return `<div>05.05.2026, 10:12 +03:00 ` + html.EscapeString(senderName+" <"+senderAddress+">:") + `</div>`
		}, end: `</blockquote>`, own: `<div>%s</div>`},
		{name: "Yandex", intro: func(tongue) string { return `05.05.2026, 10:12, "` + senderName + `" <` + senderAddress + `>:` }, mark: "> ", width: 80, typo: plain, introHTML: func(tongue) string {
			return `<div>05.05.2026, 10:12, "` + senderName + `" &lt;<a href="mailto:` + senderAddress + `">` + senderAddress + `</a>&gt;:</div>`
		}, box: `<blockquote>`, end: `</blockquote>`, own: `<div>%s</div>`},
		{name: "K-9", intro: gmail, mark: "> ", width: 74, typo: plain, tag: func(tongue) string {
			return "-- \nSent from my Android device with K-9 Mail. Please excuse my brevity."
		}, tagHTML: func(tongue) string {
			return `<div class='k9mail-signature'>-- <br>Sent from my Android device with K-9 Mail. Please excuse my brevity.</div>`
		}, open: `<br><br><div class="gmail_quote">`, introHTML: func(t tongue) string { return linked(t.gmail) }, box: `<blockquote class="gmail_quote" style="margin:0pt 0pt 0pt 0.8ex;border-left:1px solid blue;padding-left:1ex">`, end: `</blockquote>`, close: `</div>`, own: `<div dir='auto'>%s</div>`},
		{name: "eM Client", intro: func(t tongue) string {
			return "------ " + t.original + " ------\n" + t.from + " \"" + senderName + "\" <" + senderAddress + ">\n" + t.to + " marie@example.net\n" + t.sent + " 05.05.2026 10:12:44\n" + t.subject + " [#12] Windows on the north side\n"
		}, mark: ">", typo: plain, introHTML: func(t tongue) string {
			return `<div>------ ` + t.original + ` ------</div><div>` + t.from + ` "` + senderName + `" &lt;<a href="mailto:` + senderAddress + `">` + senderAddress + `</a>&gt;</div><div>` + t.to + ` marie@example.net</div><div>` + t.sent + ` 05.05.2026 10:12:44</div><div>` + t.subject + ` [#12] Windows on the north side</div><div><br></div>`
		}, box: `<blockquote cite="3@in.example.org" type="cite" class="cite2">`, end: `</blockquote>`, own: `<div>%s</div>`},
	}
}
