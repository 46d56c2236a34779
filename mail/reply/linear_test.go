package reply

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// hang is no measure: each body below takes far less than a second, and a
// quadratic step would take hours. The figures are in the log.
const hang = 2 * time.Minute

// Each body is 10 MB of one thing.
func TestHugeBodiesAreReadInLinearTime(t *testing.T) {
	for name, unit := range map[string]string{
		"quote marks": ">\n", "many marks a line": strings.Repeat(">", 99) + "\n", "one line": "word ", "colons": "a:\n", "dated colons": "On 1.1.2020 at 10:00 x\ny:\n",
		"delimiters": "--\n", "exact delimiters": "-- \n", "headers": "To: x\n", "tags": "Sent from my iPhone\n\n", "markers": "> reply above this line\n\n", "blanks": "\n", "rules": "_____\nx\n",
		"attributions": "On 5 May 2020 at 10:00, A <a@b.example> wrote:\n", "blocks": "From: a@b.example\nSubject: x\n\n> q\n", "fences": "```\n", "commas": "a, ",
		"quotes apart": "> q\n\nx\n",
	} {
		body := strings.Repeat(unit, 10<<20/smaller/len(unit))
		start := time.Now()
		Extract(Input{Text: body, Sent: "we sent these few words to the person", Marker: []string{"reply above this line"}})
		if took := time.Since(start); took > hang {
			t.Errorf("10 MB of %s: %v", name, took)
		} else {
			t.Logf("10 MB of %s: %v", name, took)
		}
	}
}

func TestHugeHTMLIsReadInLinearTime(t *testing.T) {
	for name, unit := range map[string]string{
		"open divs": "<div>", "divs": "<div>x</div>", "quote boxes": "<div class=gmail_quote></div>", "quotes": "<blockquote>x</blockquote>y", "breaks": "<br>",
		"attribution boxes": "<div class=gmail_attr><br></div>", "words": "word ", "entities": "&gt;&nbsp;", "list items": "<li>x", "comments": "<!-- x -->",
		"open weights": "<b>", "open links": "<a><b>", "open weights in paragraphs": "<p><b>", "misnested": "<b><p></b>x", "closed in comments": "<b><!--</b>--><p>x",
		"closed in attributes": `<b title="</b>"><p>x`, "closed by others": "<b></i></u><p>x", "misnested tables": "<table><b><tr><i>x", "signs": "<",
	} {
		body := strings.Repeat(unit, 4<<20/smaller/len(unit))
		start := time.Now()
		Extract(Input{HTML: body})
		if took := time.Since(start); took > hang {
			t.Errorf("4 MB of %s: %v", name, took)
		} else {
			t.Logf("4 MB of %s: %v", name, took)
		}
	}
}

// A parser would make a thousand elements of each paragraph here, or look at
// all attributes again for each body.
func TestHTMLThatAParserWouldRepeatIsReadAsText(t *testing.T) {
	fonts := ""
	for i := range 480 {
		fonts += fmt.Sprintf("<font size=%d>", i)
	}
	var bodies strings.Builder
	for i := range 100_000 / smaller {
		fmt.Fprintf(&bodies, "<body a%d=1>", i)
	}
	for name, body := range map[string]string{"fonts": "<p>" + fonts + strings.Repeat("<p>x", 1<<20/smaller), "bodies": bodies.String() + "x"} {
		start := time.Now()
		if got := Extract(Input{HTML: body}); !strings.HasSuffix(got.Reply, "x") || time.Since(start) > hang {
			t.Errorf("%s: %d bytes after %v", name, len(got.Reply), time.Since(start))
		}
	}
}
