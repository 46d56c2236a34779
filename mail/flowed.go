package mail

import "strings"

// unflow joins the soft line breaks of format=flowed text (RFC 3676 §4).
// Quote marks are kept, written "> " per level's end, so that later readers
// see quotes as other clients write them.
func unflow(s string, delsp bool) string {
	var out strings.Builder
	out.Grow(len(s))
	open, depth := false, 0 // a paragraph is unfinished, and its quote depth
	for line := range strings.SplitAfterSeq(s, "\n") {
		text, ended := strings.CutSuffix(line, "\n")
		quotes := 0
		for quotes < len(text) && text[quotes] == '>' {
			quotes++
		}
		text = text[quotes:]
		text = strings.TrimPrefix(text, " ") // §4.4 space-stuffing
		signature := text == "-- "           // §4.3 never flowed
		if open && (quotes != depth || signature) {
			out.WriteByte('\n') // §4.5 a change of depth ends a paragraph
			open = false
		}
		if !open && quotes > 0 {
			out.WriteString(strings.Repeat(">", quotes))
			if text != "" {
				out.WriteByte(' ')
			}
		}
		depth = quotes
		soft := ended && !signature && strings.HasSuffix(text, " ")
		if soft && delsp {
			text = text[:len(text)-1] // §4.2
		}
		out.WriteString(text)
		open = soft
		if ended && !soft {
			out.WriteByte('\n')
		}
	}
	return out.String()
}
