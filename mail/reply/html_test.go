package reply

import (
	"strings"
	"testing"
)

func TestHTMLIsReadByItsStructure(t *testing.T) {
	const old = `<p>please look at the <b>plan</b></p><div>and answer</div>`
	for name, html := range map[string]string{
		"gmail":             `<div dir="ltr">Fine by me.</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">Zgj 5.5. Mira zgjuhoi këtë:<br></div><blockquote class="gmail_quote" style="margin:0 0 0 .8ex">` + old + `</blockquote></div>`,
		"gmail without":     `<div>Fine by me.</div><div class="gmail_quote">On 5 May 2026 Mira wrote:<div>` + old + `</div></div>`,
		"outlook web":       `<div>Fine by me.</div><div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>Dërguesi:</b> Mira<br><b>Dërguar:</b> e martë<br></div><div>` + old + `</div>`,
		"outlook, shown on": `<div>Fine by me.</div><hr><div id="x_x_divRplyFwdMsg"><b>Von:</b> Mira</div>` + old,
		"outlook desktop":   `<div class=WordSection1><p class=MsoNormal>Fine by me.<o:p></o:p></p><div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal><b>Dërguesi:</b> Mira &lt;mira@example.org&gt;<br><b>Dërguar:</b> 5.5.2026<br><b>Për:</b> Jonas<br><b>Tema:</b> Plan</p></div></div>` + old + `</div>`,
		"thunderbird":       `<p>Fine by me.</p><div class="moz-cite-prefix">Zgj 05.05.26 10:12 Mira:<br></div><blockquote type="cite" cite="mid:1@example.org">` + old + `</blockquote>`,
		"apple":             `<div>Fine by me.<br><div><br><blockquote type="cite"><div>On 5 May 2026, at 10:12, Mira &lt;mira@example.org&gt; wrote:</div><br>` + old + `</blockquote></div></div>`,
		"yahoo":             `<div>Fine by me.</div><div id="ydp12yahoo_quoted_3" class="ydp12yahoo_quoted"><div>Zgj: Mira</div>` + old + `</div>`,
		"proton":            `<div>Fine by me.</div><div class="protonmail_quote">Zgj 5 May 2026 10:12, Mira &lt;mira@example.org&gt;:<br><blockquote class="protonmail_quote" type="cite">` + old + `</blockquote></div>`,
		"zimbra":            `<div>Fine by me.</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>Zgj: </b>Mira</div><div data-marker="__QUOTED_TEXT__">` + old + `</div>`,
		"gmx":               `<div>Fine by me.<div name="quote" style="margin:10px 5px"><div><b>Gesendet:</b> 5. Mai 2026<br><b>Von:</b> Mira &lt;mira@example.org&gt;</div>` + old + `</div></div>`,
		"outlook for mac":   `<div>Fine by me.</div><span id="OLK_SRC_BODY_SECTION"><div>Zgj: Mira</div>` + old + `</span>`,
		"phone tag":         `<div>Fine by me.</div><div><br></div><div id="ms-outlook-mobile-signature">Hol dir Outlook</div>`,
		"signature":         `<div>Fine by me.</div><div><br></div><span class="gmail_signature_prefix">-- </span><br><div class="gmail_signature">Jonas Weber<br>Builder</div>`,
		"hidden text":       `<div style="display:none">preview words</div><div>Fine by me.</div>`,
		"bare blockquote":   `<p>Fine by me.</p><p>On 5 May 2026 at 10:12 Mira &lt;mira@example.org&gt; wrote:</p><blockquote>` + old + `</blockquote>`,
		"marks as text":     `<div>Fine by me.<br><br>&gt; From: mira@example.org<br>&gt; Subject: Plan<br>&gt; <br>&gt; please look</div>`,
	} {
		got := Extract(Input{HTML: html, Text: "not this"})
		if got.Reply != "Fine by me." || got.From != "html" {
			t.Errorf("%s: got %q from %s, removed %+v", name, got.Reply, got.From, got.Removed)
		}
	}
}

func TestHTMLOfTheAuthorStays(t *testing.T) {
	for name, c := range map[string]struct{ html, want string }{
		"lists":      {`<p>Two things:</p><ul><li>door</li><li>window</li></ul><ol><li>first</li><li>second</li></ol>`, "Two things:\n\n- door\n- window\n1. first\n2. second"},
		"table":      {`<table><tr><td>door</td><td>120</td></tr><tr><td>frame</td><td>40</td></tr></table>`, "door 120\nframe 40"},
		"indent":     {`<div>See:</div><blockquote style="margin:0 0 0 40px;border:none;padding:0px"><div>the wall stays</div></blockquote>`, "See:\nthe wall stays"},
		"own quote":  {`<div>You said</div><blockquote>the wall stays</blockquote><div>and it does.</div>`, "You said\n> the wall stays\nand it does."},
		"code":       {"<p>Try</p><pre>From: a@b.example\n  -- x</pre>", "Try\n\nFrom: a@b.example\n  -- x"},
		"entities":   {`<p>5 &lt; 6 &amp; 7&nbsp;&gt; 6</p>`, "5 < 6 & 7 > 6"},
		"word":       {`<p class="MsoNormal">one</p><p class="MsoNormal">two<o:p></o:p></p>`, "one\ntwo"},
		"emoji":      {`<div>fine <img alt="👍" src="x"><img alt="logo" src="y"></div>`, "fine 👍"},
		"quote only": {`<div class="gmail_quote"><div class="gmail_attr">Hello Mira, I typed here</div><div>and here</div></div>`, "Hello Mira, I typed here\nand here"},
	} {
		if got := Extract(Input{HTML: c.html}); got.Reply != c.want {
			t.Errorf("%s: got %q, want %q, removed %+v", name, got.Reply, c.want, got.Removed)
		}
	}
}

func TestAnswersBetweenQuotedHTMLKeepWhatTheyAnswer(t *testing.T) {
	html := `<div class="gmail_quote"><div class="gmail_attr">On Tue, 5 May 2026 at 10:12, Mira &lt;mira@example.org&gt; wrote:</div><blockquote class="gmail_quote">Is the door ready?</blockquote><div>Yes.</div><blockquote class="gmail_quote">And the window?</blockquote><div>Not yet.</div><blockquote class="gmail_quote">Thanks</blockquote></div>`
	want := "> And the window?\nNot yet."
	got := Extract(Input{HTML: html})
	if !strings.HasSuffix(got.Reply, want) || !strings.Contains(got.Reply, "Yes.") || strings.Contains(got.Reply, "wrote") || strings.Contains(got.Reply, "Thanks") {
		t.Errorf("got %q", got.Reply)
	}
}

func TestAnswersInColourInsideOurHTMLAreFound(t *testing.T) {
	html := `<div>See below.</div><div id="divRplyFwdMsg"><b>From:</b> Planpost &lt;r@example.org&gt;<br><b>Subject:</b> New door</div>`
	for _, p := range strings.Split(sentNotice, "\n\n") {
		html += "<p>" + p + "</p>"
		if strings.HasPrefix(p, "The joiner") {
			html += `<p><span style="color:red">To the left.</span></p>`
		}
	}
	got := Extract(Input{HTML: html, Sent: sentNotice})
	if !strings.Contains(got.Reply, "To the left.") || !strings.Contains(got.Reply, "See below.") || strings.Contains(got.Reply, "You receive this") {
		t.Errorf("got %q", got.Reply)
	}
}

func TestHTMLTooDeepForATreeIsReadAsText(t *testing.T) {
	html := strings.Repeat("<div>", 2000) + "Fine by me.<br>On 5 May 2026 at 10:12, Mira &lt;mira@example.org&gt; wrote:<br>&gt; please look"
	if got := Extract(Input{HTML: html}); got.Reply != "Fine by me." {
		t.Errorf("got %q", got.Reply)
	}
}

func TestWordsThatOnlyTheTextHoldsAreNotLost(t *testing.T) {
	in := Input{Text: "Fine by me.\n\nOn 5 May 2026 Mira <mira@example.org> wrote:\n> please look", HTML: `<blockquote type="cite">please look</blockquote>`}
	if got := Extract(in); got.Reply != "Fine by me." || got.From != "text" {
		t.Errorf("got %q from %s", got.Reply, got.From)
	}
}
