package templates

import (
	"html/template"
	"slices"
	"strings"
	"unicode/utf8"
)

const (
	// mostEntries is how many bytes of HTML the news of one mail take together. Gmail shows the
	// first 102 KB of a mail; all else in ours takes far less than what is left.
	mostEntries = 64 << 10
	// entryFrame is about what stands around the words of an entry.
	entryFrame = 900
	// leastCut is the shortest beginning of a message that is worth showing.
	leastCut = 500
	// quoteMost and quoteLines bound an earlier message in a mail: it reminds, it does not tell.
	quoteMost, quoteLines = 600, 8
	// quoteWidth is where quoted lines of the text form are wrapped.
	quoteWidth = 74
	// previewMost is as much as lists of mails show beside a subject.
	previewMost = 140
)

// Fit shortens the HTML of long news, so that it is shown whole; the text form
// keeps every word.
func (v *TaskMail) Fit() {
	left := mostEntries
	for i := range v.Entries {
		e := &v.Entries[i]
		html := e.HTML
		if html == "" {
			html = Rich(e.Text)
		}
		html = spaced(html)
		frame := entryFrame
		for _, f := range e.Files {
			frame += 100 + 6*len(f.Name) + len(f.URL)
		}
		if s := e.Sheet; s != nil {
			s.HTML, e.Cut = beginning(s.Description, mostEntries/2)
			frame += 6*len(s.Assignee) + len(spaced(s.HTML))
		}
		if len(html)+frame <= left {
			left -= len(html) + frame
			continue
		}
		if left < frame+leastCut {
			e.Skip, left = true, 0 // what comes later is not shown before what was left out
			continue
		}
		e.Cut = true
		e.HTML, _ = beginning(e.Text, left-frame)
		left -= frame + len(spaced(e.HTML))
	}
}

// Skipped is how many entries the HTML leaves out.
func (v TaskMail) Skipped() (n int) {
	for i := range v.Entries {
		if v.Entries[i].Skip {
			n++
		}
	}
	return n
}

// beginning is as much of a text as takes most bytes of HTML, and whether that is less than all.
func beginning(text string, most int) (html template.HTML, cut bool) {
	for size := min(len(text), most); ; size = size * 3 / 4 {
		part := cutText(text, size)
		if html = Rich(part); len(spaced(html)) <= most {
			return html, len(part) < len(text)
		}
	}
}

// cutText is the beginning of a text of at most size bytes, cut between two words where there are any.
func cutText(s string, size int) string {
	if len(s) <= size {
		return s
	}
	for size > 0 && !utf8.RuneStart(s[size]) {
		size--
	}
	s = s[:size]
	if i := strings.LastIndexAny(s, " \n"); i > size/2 {
		s = s[:i]
	}
	return s
}

// Excerpt is what a mail quotes of an earlier message: its beginning, without what that quoted itself.
func Excerpt(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.HasPrefix(line, ">") })
	text = strings.TrimSpace(strings.Join(lines, "\n"))
	cut := cutText(text, quoteMost)
	if lines = strings.SplitN(cut, "\n", quoteLines+1); len(lines) > quoteLines {
		cut = strings.Join(lines[:quoteLines], "\n")
	}
	if cut = strings.TrimRight(cut, " \n"); len(cut) < len(text) {
		cut += " …"
	}
	return cut
}

// Quote writes a text as mail programs quote one, wrapped at quoteWidth.
func Quote(text string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(text, "\n") {
		for first := true; first || line != ""; first = false {
			part := line
			if utf8.RuneCountInString(line) > quoteWidth {
				part = wrapped(line)
			}
			line = strings.TrimLeft(line[len(part):], " ")
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(strings.TrimRight("> "+part, " "))
		}
	}
	return b.String()
}

// wrapped is the beginning of a line of more than quoteWidth characters that fits, to the last space in it.
func wrapped(line string) string {
	end, space := 0, 0
	for n := 0; n < quoteWidth; n++ {
		r, size := utf8.DecodeRuneInString(line[end:])
		if r == ' ' && end > 0 {
			space = end
		}
		end += size
	}
	if space > 0 {
		return line[:space]
	}
	return line[:end]
}

// spacing are the styles of what people write: mail programs have margins of their own, wide ones.
var spacing = strings.NewReplacer(
	"<p>", `<p style="margin:4px 0 10px">`, "<blockquote>", `<blockquote style="margin:4px 0 10px;padding:0 0 0 12px;border-left:2px solid #8899aa">`,
	"<ul>", `<ul style="margin:4px 0 10px;padding-left:24px">`, "<ol>", `<ol style="margin:4px 0 10px;padding-left:24px">`,
	"<pre>", `<pre style="margin:4px 0 10px;white-space:pre-wrap">`, "<table>", `<table style="margin:4px 0 10px;border-collapse:collapse">`,
	"<td>", `<td style="padding:2px 8px 2px 0;vertical-align:top">`, "<th>", `<th style="padding:2px 8px 2px 0;text-align:left">`,
)

// spaced gives the elements of a comment, which bear no styles, those of a mail.
func spaced(html template.HTML) template.HTML { return template.HTML(spacing.Replace(string(html))) }

// Preview is what lists of mails show beside the subject: who wrote, and the first words.
func (v TaskMail) Preview() string {
	for i := range v.Entries {
		if e := &v.Entries[i]; e.Text != "" {
			s := oneLine(e.Text)
			if cut := cutText(s, previewMost); len(cut) < len(s) {
				s = cut + " …"
			}
			return e.Author + ": " + s
		}
	}
	return ""
}
