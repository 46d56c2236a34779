package core

import "strings"

// redact takes our own live addresses out of text that is kept or shown: who
// may read a comment may not therefore answer in somebody's name.
func (c *Core) redact(s string) string {
	for _, prefix := range []string{replyPrefix, bouncePrefix} {
		s = redactTokens(s, prefix)
	}
	return s
}

func redactTokens(s, prefix string) string {
	var out strings.Builder
	rest := s
	for {
		i := indexFold(rest, prefix)
		if i < 0 {
			break
		}
		end := i + len(prefix)
		n := 0
		for end+n < len(rest) && n < tokenLen && strings.IndexByte(addressText, lowerByte(rest[end+n])) >= 0 {
			n++
		}
		out.WriteString(rest[:end])
		if n == tokenLen {
			out.WriteString("…")
			end += n
		}
		rest = rest[end:]
	}
	if out.Len() == 0 {
		return s
	}
	out.WriteString(rest)
	return out.String()
}

// indexFold finds an ASCII prefix such as "r-" without regard to case.
func indexFold(s, prefix string) int {
	for from := 0; ; {
		i := strings.IndexByte(s[from:], prefix[1])
		if i < 0 {
			return -1
		}
		i += from
		if i > 0 && lowerByte(s[i-1]) == prefix[0] {
			return i - 1
		}
		from = i + 1
	}
}
