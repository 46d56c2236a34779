package ingest

import (
	"strings"

	"planpost/mail/reply"
)

// quotes tells whether a body shows any sign of quoted text. It errs on the
// side of yes: only then the text we sent is fetched and compared, and a plain
// answer spares the look-up.
func quotes(text, html string, markers []string) bool {
	if strings.HasPrefix(text, ">") || strings.Contains(text, "\n>") || introduces(text) {
		return true
	}
	for _, m := range markers {
		if strings.Contains(text, m) || strings.Contains(html, m) {
			return true
		}
	}
	for _, sign := range [...]string{"<blockquote", "<BLOCKQUOTE", "quote", "<hr", "<HR", "border-top", "RplyFwdMsg", "<style", "<STYLE"} {
		if strings.Contains(html, sign) {
			return true
		}
	}
	return false
}

// introduces tells whether a line could introduce the history: one that ends
// in a colon ("On … wrote:"), a name and a colon ("From: …"), or a ruler.
func introduces(text string) bool {
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " \t")
		switch {
		case strings.HasSuffix(line, ":"), strings.HasPrefix(line, "---"), strings.HasPrefix(line, "___"):
			return true
		}
		if at := strings.Index(line, ": "); at > 0 && at <= 20 && !strings.ContainsAny(line[:at], ".,!?") {
			return true
		}
	}
	return false
}

// ownHTML tells whether the HTML is the author's own, whole, and says more than
// its text. As soon as something was cut the HTML holds what is not the
// author's, and the text alone is kept.
func ownHTML(w *reply.Result, html string) bool {
	return w.From == "html" && w.Reply != "" && w.Forwarded == "" && len(w.Removed) == 0 && (structured(html) || showsPicture(html))
}

// structured tells whether the HTML has elements that text cannot show.
func structured(html string) bool {
	for {
		_, rest, ok := strings.Cut(html, "<")
		if !ok {
			return false
		}
		if end := strings.IndexAny(rest, " \t\n/>"); end > 0 && end <= 10 {
			switch strings.ToLower(rest[:end]) {
			case "a", "b", "strong", "i", "em", "u", "s", "del", "ins", "code", "pre", "ul", "ol", "table", "blockquote", "h1", "h2", "h3", "h4", "sub", "sup":
				return true
			}
		}
		html = rest
	}
}
