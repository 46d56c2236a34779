package safehtml

import "strings"

// safeProperties may be set inline. Nothing that moves a box out of its place
// (position, float of the page, z-index), loads (background, list-style-image,
// content, cursor) or runs (behavior, -moz-binding).
var safeProperties = map[string]bool{
	"color": true, "background-color": true, "direction": true, "display": true, "font": true,
	"font-family": true, "font-size": true, "font-style": true, "font-weight": true, "line-height": true,
	"letter-spacing": true, "list-style-type": true, "text-align": true, "text-decoration": true, "text-indent": true,
	"text-transform": true, "vertical-align": true, "white-space": true, "word-break": true, "overflow-wrap": true,
	"width": true, "height": true, "max-width": true, "min-width": true, "max-height": true,
	"margin": true, "margin-top": true, "margin-right": true, "margin-bottom": true, "margin-left": true,
	"padding": true, "padding-top": true, "padding-right": true, "padding-bottom": true, "padding-left": true,
	"border": true, "border-top": true, "border-right": true, "border-bottom": true, "border-left": true,
	"border-color": true, "border-style": true, "border-width": true, "border-collapse": true, "border-spacing": true, "border-radius": true,
}

// longestStyle is the most bytes of one style attribute that are read.
const longestStyle = 2000

// safeStyle keeps the declarations whose property is listed and whose value is
// made of harmless characters. It does not try to understand CSS: what could
// need understanding (escapes, comments, functions, at-rules) is refused.
func safeStyle(style string) string {
	if len(style) > longestStyle {
		return ""
	}
	var b strings.Builder
	for decl := range strings.SplitSeq(style, ";") {
		name, value, ok := strings.Cut(decl, ":")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)
		if !ok || !safeProperties[name] || !safeValue(value) {
			continue
		}
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		b.WriteString(name)
		b.WriteString(": ")
		b.WriteString(value)
	}
	return b.String()
}

// safeValue accepts words, numbers, colours, quoted font names and rgb() or hsl().
func safeValue(value string) bool {
	if value == "" || len(value) > 200 {
		return false
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c|0x20 >= 'a' && c|0x20 <= 'z', c >= '0' && c <= '9':
		case strings.IndexByte(" #%.,-+'\")!", c) >= 0:
		case c == '(':
			if !colourFunction(value[:i]) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// colourFunction tells whether before ends in the name of a function that only names a colour.
func colourFunction(before string) bool {
	name := strings.ToLower(before[strings.LastIndexAny(before, " ,(")+1:])
	return name == "rgb" || name == "rgba" || name == "hsl" || name == "hsla"
}
