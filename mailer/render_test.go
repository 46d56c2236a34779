package mailer

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"planpost/core"
	"planpost/mail"
)

// known are the elements of our mails with the attributes each may have. Older
// ways of layout (align, bgcolor) are no valid HTML; newer ones (section, picture) are not known everywhere.
var known = map[string][]string{
	"html": {"lang"}, "head": {}, "meta": {"charset", "name", "content"}, "title": {}, "body": {"style"}, "div": {"style"}, "span": {"style"},
	"table": {"role", "style"}, "tbody": {}, "tr": {}, "td": {"style"}, "h1": {"style"}, "h2": {"style"}, "p": {"style"}, "b": {}, "br": {},
	"ul": {"style"}, "li": {}, "a": {"href", "rel", "style"}, "img": {"src", "alt", "width", "height", "style"},
}

// properties are those that Outlook's Word takes or leaves without harm.
var properties = []string{"margin", "margin-top", "padding", "padding-left", "border-top", "border-left", "border-collapse", "border-spacing", "border-radius", "background", "color", "display", "max-height", "max-width", "width",
	"overflow", "overflow-wrap", "mso-hide", "mso-padding-alt", "font-family", "font-size", "font-weight", "line-height", "letter-spacing", "opacity", "text-decoration", "white-space"}

func TestEveryMailIsValidHTMLThatOldProgramsRead(t *testing.T) {
	everyMail(t, func(t *testing.T, name string, l *core.Letter, _ []byte, d *mail.Draft) {
		if !strings.HasPrefix(d.HTML, "<!DOCTYPE html>\n<html lang=\""+l.Locale+"\">") {
			t.Errorf("it begins %.60q", d.HTML)
		}
		heads := 0
		var open []string
		z := html.NewTokenizer(strings.NewReader(d.HTML))
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			tok := z.Token()
			switch kind {
			case html.StartTagToken:
				checkElement(t, &tok)
				if tok.Data == "h1" {
					heads++
				}
				if !slices.Contains([]string{"meta", "br", "img"}, tok.Data) {
					open = append(open, tok.Data)
				}
			case html.EndTagToken:
				if n := len(open); n == 0 || open[n-1] != tok.Data {
					t.Fatalf("</%s> within %v", tok.Data, open)
				}
				open = open[:len(open)-1]
			case html.SelfClosingTagToken:
				t.Errorf("<%s/>", tok.Data)
			}
		}
		if len(open) > 0 {
			t.Errorf("not closed: %v", open)
		}
		if heads > 1 || heads == 0 && !strings.HasPrefix(name, "visit") {
			t.Errorf("%d headings", heads)
		}
	})
}

func checkElement(t *testing.T, tok *html.Token) {
	t.Helper()
	allowed, ok := known[tok.Data]
	if !ok {
		t.Errorf("<%s> is in no list", tok.Data)
	}
	seen := map[string]string{}
	for _, a := range tok.Attr {
		if _, twice := seen[a.Key]; twice || !slices.Contains(allowed, a.Key) {
			t.Errorf("<%s> has %s", tok.Data, a.Key)
		}
		if seen[a.Key] = a.Val; a.Key != "style" {
			continue
		}
		for rule := range strings.SplitSeq(a.Val, ";") {
			name, value, _ := strings.Cut(rule, ":")
			if name = strings.TrimSpace(name); !slices.Contains(properties, name) || value == "" || strings.ContainsAny(value, "()") {
				t.Errorf("style %q", rule)
			}
		}
	}
	switch tok.Data {
	case "table": // a reader for the blind shall not announce layout
		if seen["role"] != "presentation" {
			t.Error("a table that is none says nothing of that")
		}
	case "img":
		if !strings.HasPrefix(seen["src"], "cid:") || seen["alt"] == "" {
			t.Errorf("a picture from %q called %q", seen["src"], seen["alt"])
		}
	}
}

// Who reads the text alone comes to the same places, and nobody to another.
func TestEveryLinkOfAMailIsOursAndInBothForms(t *testing.T) {
	everyMail(t, func(t *testing.T, _ string, _ *core.Letter, _ []byte, d *mail.Draft) {
		inHTML, inText := map[string]bool{}, map[string]bool{}
		for _, m := range regexp.MustCompile(`href="([^"]*)"`).FindAllStringSubmatch(d.HTML, -1) {
			inHTML[html.UnescapeString(m[1])] = true
		}
		for _, u := range regexp.MustCompile(`https?://[^\s]+`).FindAllString(d.Text, -1) {
			inText[u] = true
		}
		for u := range inHTML {
			if !strings.HasPrefix(u, "https://planpost.example/") && u != "https://example.org/plans?x=1&y=2" {
				t.Errorf("a link to %q", u)
			}
			if !inText[u] {
				t.Errorf("%s is not in the text", u)
			}
		}
		for u := range inText {
			if !inHTML[u] && strings.HasPrefix(u, "https://planpost.example/") {
				t.Errorf("%s is not in the HTML", u)
			}
		}
	})
}

func TestEveryMailSaysWhyItCameHowToStopItAndWhoReadsAnAnswer(t *testing.T) {
	everyMail(t, func(t *testing.T, name string, l *core.Letter, raw []byte, d *mail.Draft) {
		for _, body := range []string{d.Text, html.UnescapeString(d.HTML)} {
			if !strings.Contains(body, words(l.Locale, "mail.why")) {
				t.Error("it does not say why it came")
			}
			stop := []string{"mail.choose", "mail.mute", "mail.stop", "sending.stop", "why.security", "why.administrator"}
			if l.Delivery.Kind != core.TaskLetter && l.Delivery.Stream == core.WorkStream && !l.Staff {
				stop = append(stop, "why.own") // of one's own deed: there is no more of it
			}
			if l.Delivery.Kind == core.HolderLetter { // having the current index ends it, and nothing else
				stop = append(stop, "why.holder", "why.holderlist")
			}
			if l.Delivery.Kind == core.ApprovalLetter { // the decision ends it
				stop = append(stop, "why.approval")
			}
			if !slices.ContainsFunc(stop, func(key string) bool { return strings.Contains(body, words(l.Locale, key)) }) {
				t.Error("it does not say how to stop it")
			}
			answered := l.ReplyTo.Local != "" && !strings.HasPrefix(name, "held")
			if answered == strings.Contains(body, words(l.Locale, "mail.noreply")) {
				t.Errorf("can be answered: %v, and says otherwise", answered)
			}
			for _, name := range append(slices.Clone(l.Readers), l.OutsideReaders...) {
				if answered && !strings.Contains(body, name) {
					t.Errorf("%s reads an answer and is not named", name)
				}
			}
		}
		if !strings.Contains(string(raw), "\r\nX-Planpost-Reason: ") || !strings.Contains(string(raw), "\r\nAuto-Submitted: auto-generated\r\n") {
			t.Error("the header does not say why it came, or that a machine sent it")
		}
	})
}

// An invitation goes to a stranger: nothing that somebody typed may be its subject.
func TestNoLinkOrCodeHasWordsOfPeopleInItsSubject(t *testing.T) {
	everyMail(t, func(t *testing.T, _ string, l *core.Letter, _ []byte, d *mail.Draft) {
		if l.Delivery.Kind != core.LinkLetter {
			return
		}
		again := *l
		again.Account.Name, again.By.Name, again.Person.Name, again.Account.MailFoot = "Prize", "Prize", "Prize", "Prize"
		_, e := drawn(t, &again)
		if e.Subject != d.Subject || strings.Count(e.HTML, "Prize") > strings.Count(d.HTML, "Nordbau")+strings.Count(d.HTML, "Anna Berg") {
			t.Errorf("subject %q, before %q\n%s", e.Subject, d.Subject, e.HTML)
		}
	})
}

func TestWhatIsWrittenInAMailCanBeReadByDayAndByNight(t *testing.T) {
	black, white, night := 0.0, 1.0, luminance(t, "#121212")
	for _, color := range append(core.Palette[:], "#2f6f9f") {
		if c := contrast(white, luminance(t, color)); c < 4.5 {
			t.Errorf("white on a button of %s: %.2f", color, c)
		}
		if c := min(contrast(white, luminance(t, color)), contrast(night, luminance(t, color))); c < 3 {
			t.Errorf("%s on a page: %.2f", color, c)
		}
	}
	everyMail(t, func(t *testing.T, _ string, _ *core.Letter, _ []byte, d *mail.Draft) {
		for _, m := range regexp.MustCompile(`opacity:(\.\d+)`).FindAllStringSubmatch(d.HTML, -1) {
			share, _ := strconv.ParseFloat(m[1], 64)
			grey := linear(1 - share)              // black laid over white
			pale := linear(share + 0.07*(1-share)) // white laid over the night
			if c := min(contrast(grey, white), contrast(pale, night)); c < 4.5 || black > grey {
				t.Errorf("opacity %s: %.2f", m[1], c)
			}
		}
		for _, m := range regexp.MustCompile(`border-(?:left|top):\dpx solid (#[0-9a-f]{6})`).FindAllStringSubmatch(d.HTML, -1) {
			if c := min(contrast(white, luminance(t, m[1])), contrast(night, luminance(t, m[1]))); c < 2.7 {
				t.Errorf("a line of %s: %.2f", m[1], c)
			}
		}
	})
}

// linear undoes the gamma of a shade from 0 to 1 (WCAG 2.2, relative luminance).
func linear(c float64) float64 {
	if c <= 0.04045 {
		return c / 12.92
	}
	return math.Pow((c+0.055)/1.055, 2.4)
}

func luminance(t *testing.T, color string) float64 {
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift uint) float64 { return linear(float64(n>>shift&0xff) / 255) }
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(a, b float64) float64 { return (max(a, b) + 0.05) / (min(a, b) + 0.05) }

// Gmail shows the first 102 KB of a mail and hides the rest, the small print with it.
func TestNoMailIsTooLargeToBeShownWhole(t *testing.T) {
	hostile := strings.Repeat(`"<&>' Жълто `, 90000)
	for name, change := range map[string]func(*core.Letter){
		"one long message": func(l *core.Letter) { l.Entries[0].Comment.Text = hostile },
		"long HTML": func(l *core.Letter) {
			l.Entries[0].Comment.HTML = "<p>" + strings.Repeat("<b>x</b><br>", 40000) + "</p>"
			l.Entries[0].Comment.Text = strings.Repeat("x\n", 40000)
		},
		"a long sheet": func(l *core.Letter) {
			goldenLetters()["staff-assigned"](l)
			l.Description = hostile
		},
		"five hundred": func(l *core.Letter) {
			for i := range 500 {
				l.Entries = append(l.Entries, core.LetterEntry{Author: l.Entries[0].Author, Comment: core.Comment{Text: fmt.Sprintf("news %d", i), CreatedAt: l.Date}})
			}
		},
		"long quotes": func(l *core.Letter) {
			for i := range l.Earlier {
				l.Earlier[i].Comment.Text = hostile
			}
		},
		"much of all": func(l *core.Letter) {
			l.Entries = slices.Repeat(l.Entries, 60)
			for i := range l.Entries {
				l.Entries[i].Comment.Text = hostile[:4000]
			}
		},
	} {
		l := sample("bg")
		change(&l)
		_, d := drawn(t, &l)
		if len(d.HTML) > 100_000 {
			t.Errorf("%s: %d bytes of HTML", name, len(d.HTML))
		}
		if !strings.Contains(d.HTML, words("bg", "mail.why")) || !strings.Contains(d.HTML, "</html>") {
			t.Errorf("%s: the end is missing", name)
		}
		cut := strings.Contains(d.HTML, words("bg", "mail.cut")) || strings.Contains(d.HTML, "останалото") || strings.Contains(d.HTML, "на страницата.")
		if name != "long quotes" && !cut {
			t.Errorf("%s: nobody is told that there is more", name)
		}
		if name == "five hundred" && (!strings.Contains(d.Text, "news 499") || strings.Contains(d.HTML, "news 499")) {
			t.Errorf("%s: the text form has not all, or the HTML has", name)
		}
	}
}

func TestMailsOfATaskShareTheRootOfOutlooksThread(t *testing.T) {
	l := sample("en")
	index := func(l *core.Letter) []byte {
		t.Helper()
		_, d := drawn(t, l)
		i := slices.IndexFunc(d.Header, func(f mail.Field) bool { return f.Name == "Thread-Index" })
		b, err := base64.StdEncoding.DecodeString(d.Header[i].Value)
		if err != nil || len(b) != 22+5 {
			t.Fatalf("%d bytes, %v", len(b), err)
		}
		return b
	}
	first := index(&l)
	later := l
	later.Date, later.Delivery.ID, later.Person.ID = l.Date.Add(40*24*time.Hour), "d9", "somebody"
	second := index(&later)
	if string(first[:22]) != string(second[:22]) || string(first[22:]) >= string(second[22:]) {
		t.Errorf("%x, later %x", first, second)
	}
	// The root's time, as Outlook reads it, and the child's beside it.
	ticks := binary.BigEndian.Uint64(append(first[1:6:6], 0, 0, 0))
	root := time.Unix(int64(ticks/1e7)-11644473600, 0)
	if d := l.Task.CreatedAt.Sub(root); first[0] != 1 || d < 0 || d > 2*time.Second {
		t.Errorf("the root is of %s, the task of %s", root.UTC(), l.Task.CreatedAt)
	}
	child := root.Add(time.Duration(uint64(binary.BigEndian.Uint32(first[22:26]))<<18) * 100)
	if d := l.Date.Sub(child); d < 0 || d > time.Second {
		t.Errorf("the child is of %s, the mail of %s", child.UTC(), l.Date)
	}
	old := l
	old.Date = l.Date.AddDate(3, 0, 0)
	if b := index(&old); b[22]&0x80 == 0 {
		t.Errorf("after three years: %x", b)
	}
	other := l
	other.Task.ID = "t2"
	if string(index(&other)[:22]) == string(first[:22]) {
		t.Error("another task has the same root")
	}
}

func TestTheSubjectIsTheFirstOneAndTheMailNamesTheTaskAsItIs(t *testing.T) {
	l := sample("en")
	l.Task.Title = "Windows, doors and gates"
	_, d := drawn(t, &l)
	if d.Subject != "[#12] Windows on the north side" || !slices.Contains(d.Header, mail.Field{Name: "Thread-Topic", Value: d.Subject}) {
		t.Errorf("subject %q, header %v", d.Subject, d.Header)
	}
	if !strings.Contains(d.Text, "[#12] Windows, doors and gates") || !strings.Contains(d.HTML, "[#12] Windows, doors and gates</h1>") {
		t.Error("the title of today is missing")
	}
}

func TestOfNoMailATokenIsKept(t *testing.T) {
	everyMail(t, func(t *testing.T, _ string, l *core.Letter, _ []byte, d *mail.Draft) {
		if kept := placeheld(d.Text, l); strings.Contains(kept, "/token") || l.Code != "" && strings.Contains(kept, l.Code) {
			t.Errorf("kept: %s", kept)
		}
	})
}
