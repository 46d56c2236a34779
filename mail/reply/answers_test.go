package reply

import (
	"strings"
	"testing"
)

// boxed are the ways in which clients hold our text without a mark on its lines.
func boxed(inner string) map[string]string {
	return map[string]string{
		"below a header block": `<div>%top</div><div id="divRplyFwdMsg"><b>From:</b> Planpost &lt;r@example.org&gt;<br><b>Subject:</b> New door</div>` + inner,
		"below a line":         `<p class=MsoNormal>%top</p><div style='border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>Von:</b> Planpost &lt;r@example.org&gt;<br><b>Gesendet:</b> 5.5.2026<br><b>Betreff:</b> New door</p></div>` + inner,
		"in a vendor's box":    `<div>%top</div><div class="yahoo_quoted"><div>Planpost &lt;r@example.org&gt;:</div>` + inner + `</div>`,
		"in a blockquote":      `<div>%top</div><div class="gmail_quote"><div class="gmail_attr">On Tue, 5 May 2026, Planpost wrote:</div><blockquote type="cite">` + inner + `</blockquote></div>`,
	}
}

func TestUnmarkedAnswersInsideOurHTMLStayWithWhatTheyAnswer(t *testing.T) {
	for look, answer := range map[string]string{
		"colour": `<p><span style="color:#c00000">To the left.</span></p>`, "bold": `<p><b>To the left.</b></p>`, "font": `<div><font color="blue">To the left.</font></div>`, "plain": `<div>To the left.</div>`,
		"mark of its own": `<p>[JW] To the left.</p>`,
	} {
		var inner strings.Builder
		for _, p := range strings.Split(sentNotice, "\n\n") {
			inner.WriteString("<p>" + p + "</p>")
			if strings.HasPrefix(p, "The joiner") {
				inner.WriteString(answer)
			}
		}
		for _, top := range []string{"See below.", ""} {
			for where, page := range boxed(inner.String()) {
				got := Extract(Input{HTML: strings.Replace(page, "%top", top, 1), Sent: sentNotice}).Reply
				asked, answered := strings.Index(got, "> The joiner asks"), strings.Index(got, "To the left.")
				if asked < 0 || answered < asked || !strings.HasPrefix(got, top) {
					t.Errorf("%s, %s, %q above: got %q", look, where, top, got)
				}
				if strings.Contains(got[:answered+1], "> To the left") || strings.Contains(got, "threshold") || strings.Contains(got, "You receive this") || strings.Contains(got, "New door\n") && top == "" {
					t.Errorf("%s, %s, %q above: too much in %q", look, where, top, got)
				}
			}
		}
	}
}

func TestWordsOfOthersBelowOurTextAreNotTheAuthors(t *testing.T) {
	older := `<div id="divRplyFwdMsg"><b>From:</b> Jonas &lt;jonas@example.net&gt;<br><b>Sent:</b> Monday<br><b>Subject:</b> New door</div><div>The frame is made of oak.</div>`
	inner := "<p>" + strings.ReplaceAll(sentNotice, "\n\n", "</p><p>") + "</p>" + older
	for where, page := range boxed(inner) {
		if got := Extract(Input{HTML: strings.Replace(page, "%top", "Fine.", 1), Sent: sentNotice}).Reply; got != "Fine." {
			t.Errorf("%s: got %q", where, got)
		}
	}
}
