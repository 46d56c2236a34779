package safehtml

import "strings"

const (
	// freely is how many inline elements may be open while others begin and end;
	// mail programs that forget to close some are below it.
	freely = 8
	// repeats bounds the elements that a parser makes beyond those written.
	repeats = 1 << 17
)

// repeating tells whether a parser would make far more of filtered HTML than
// is written: inline elements left open are opened anew in each block (HTML
// §13.2.4.3, "reconstruct the active formatting elements"), so that 100 KB can
// become 500 MB. It counts too much rather than too little.
func repeating(filtered string) bool {
	open, made := 0, 0
	for {
		i := strings.IndexByte(filtered, '<')
		if i < 0 {
			return false
		}
		filtered = filtered[i+1:]
		end := strings.HasPrefix(filtered, "/")
		name := strings.TrimPrefix(filtered, "/")
		if i := strings.IndexAny(name, " />"); i >= 0 {
			name = name[:i]
		}
		switch {
		case !formatting(name):
			made += max(0, open-freely)
		case end:
			open = max(0, open-1)
		default:
			open++
		}
		if made > repeats {
			return true
		}
	}
}

// formatting elements are those a parser opens anew. The filter writes names in lower case.
func formatting(name string) bool {
	switch name {
	case "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return true
	}
	return false
}
