package demo

import (
	"html"
	"strings"
)

// marked puts a quote mark before every line.
func marked(s string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(strings.TrimRight(s, "\n"), "\n") {
		switch {
		case line == "", strings.HasPrefix(line, ">"):
			b.WriteString(">" + line + "\n")
		default:
			b.WriteString("> " + line + "\n")
		}
	}
	return b.String()
}

// wrapped breaks lines at spaces so that they have at most width characters,
// as programs do that write plain text.
func wrapped(s string, width int) string {
	var out strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		out.WriteString(strings.Join(fold(line, width), "\n") + "\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// fold breaks one line; words longer than the width stay whole.
func fold(line string, width int) (lines []string) {
	current, length := "", 0
	for i, word := range strings.Split(line, " ") {
		n := len([]rune(word))
		if i > 0 && length+1+n > width && current != "" {
			lines = append(lines, current)
			current, length = word, n
			continue
		}
		if i > 0 {
			current, length = current+" ", length+1
		}
		current, length = current+word, length+n
	}
	return append(lines, current)
}

// lines writes typed text as HTML: before and after stand around every line,
// empty is an empty line.
func lines(s, before, after, empty string) string {
	var b strings.Builder
	for line := range strings.SplitSeq(s, "\n") {
		if line == "" {
			b.WriteString(empty)
			continue
		}
		b.WriteString(before + html.EscapeString(line) + after)
	}
	return b.String()
}

// broken writes text as HTML with line breaks.
func broken(s string) string {
	return strings.ReplaceAll(html.EscapeString(strings.TrimRight(s, "\n")), "\n", "<br>\n")
}
