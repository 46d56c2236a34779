package templates

import (
	"html/template"
	"strings"
)

// Rich shows plain text as HTML: empty lines part paragraphs, lines stay
// lines, quoted lines ("> ") become a quotation, and web addresses can be
// clicked. Everything else is escaped. What comes out is balanced and safe
// whatever goes in.
func Rich(s string) template.HTML {
	var b strings.Builder
	b.Grow(len(s) + len(s)/8)
	open := "" // the element that is open: p, blockquote or none
	shut := func() {
		if open != "" {
			b.WriteString("</" + open + ">")
			open = ""
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")), "\n") {
		line = strings.TrimRight(line, " \t\r")
		if line == "" {
			shut()
			continue
		}
		want := "p"
		if strings.HasPrefix(line, ">") {
			want, line = "blockquote", strings.TrimPrefix(line[1:], " ")
		}
		if open == want {
			b.WriteString("<br>")
		} else {
			shut()
			b.WriteString("<" + want + ">")
			open = want
		}
		writeLinked(&b, line)
	}
	shut()
	return template.HTML(b.String())
}

// writeLinked escapes a line and turns http and https addresses into links.
func writeLinked(b *strings.Builder, line string) {
	for line != "" {
		i := strings.Index(line, "http")
		for i >= 0 && !startsURL(line, i) {
			next := strings.Index(line[i+4:], "http")
			if next < 0 {
				i = -1
				break
			}
			i += 4 + next
		}
		if i < 0 {
			b.WriteString(template.HTMLEscapeString(line))
			return
		}
		b.WriteString(template.HTMLEscapeString(line[:i]))
		url := urlAt(line[i:])
		safe := template.HTMLEscapeString(url)
		b.WriteString(`<a href="` + safe + `" rel="noopener noreferrer nofollow">` + safe + `</a>`)
		line = line[i+len(url):]
	}
}

func startsURL(line string, i int) bool {
	rest := line[i:]
	if i > 0 && isWord(line[i-1]) {
		return false
	}
	for _, scheme := range []string{"http://", "https://"} {
		if strings.HasPrefix(rest, scheme) && len(urlAt(rest)) > len(scheme) {
			return true
		}
	}
	return false
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// urlAt is the address at the beginning of s, without the punctuation that ends a sentence.
func urlAt(s string) string {
	end := strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || strings.ContainsRune("<>\"`{}|\\^", r) || r == 0xA0 })
	if end < 0 {
		end = len(s)
	}
	for end > 0 {
		c := s[end-1]
		if c == ')' && strings.Count(s[:end], "(") >= strings.Count(s[:end], ")") {
			break
		}
		if !strings.ContainsRune(".,;:!?')]", rune(c)) {
			break
		}
		end--
	}
	return s[:end]
}
