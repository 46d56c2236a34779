package markup

import (
	"strconv"
	"strings"
)

// colour is 0xRRGGBB plus one, or one of these.
type colour int32

const (
	unset  colour = 0
	none   colour = -1 // nothing can be seen of it
	unsure colour = -2 // it may be any
)

const white colour = 0xFFFFFF + 1

func (c colour) known() bool { return c > unset }

// like tells that one cannot be told from the other.
func (c colour) like(o colour) bool {
	if !c.known() || !o.known() {
		return false
	}
	a, b := int(c-1), int(o-1)
	for range 3 {
		if d := a&0xFF - b&0xFF; d < -8 || d > 8 {
			return false
		}
		a, b = a>>8, b>>8
	}
	return true
}

// names are the colours that people hide words in. Others are unsure.
var names = map[string]colour{"white": white, "black": 1, "snow": 0xFFFAFA + 1, "ivory": 0xFFFFF0 + 1, "ghostwhite": 0xF8F8FF + 1, "whitesmoke": 0xF5F5F5 + 1,
	"floralwhite": 0xFFFAF0 + 1, "red": 0xFF0000 + 1, "blue": 0x0000FF + 1, "green": 0x008000 + 1, "yellow": 0xFFFF00 + 1, "gray": 0x808080 + 1, "grey": 0x808080 + 1, "silver": 0xC0C0C0 + 1,
	"navy": 0x000080 + 1, "transparent": none}

// readColour reads the forms mail uses. A value of several parts is one of a
// background: the colour among them counts, a picture makes it unsure.
func readColour(v string) colour {
	v = strings.ToLower(strings.TrimSpace(v))
	if strings.HasPrefix(v, "rgb") {
		return functional(v)
	}
	found := unset
	for part := range strings.FieldsSeq(v) {
		switch {
		case strings.HasPrefix(part, "#"):
			found = hexColour(part[1:])
		case strings.HasPrefix(part, "rgb"):
			return functional(v[strings.Index(v, "rgb"):])
		case strings.ContainsRune(part, '('):
			return unsure
		default:
			if c, ok := names[part]; ok {
				found = c
			} else if found == unset && part != "none" && part != "repeat" && part != "no-repeat" && part != "scroll" {
				found = unsure
			}
		}
	}
	return found
}

func hexColour(s string) colour {
	if len(s) == 3 {
		s = string([]byte{s[0], s[0], s[1], s[1], s[2], s[2]})
	}
	n, err := strconv.ParseUint(s, 16, 32)
	if err != nil || len(s) != 6 {
		return unsure
	}
	return colour(n) + 1
}

// functional reads rgb(1, 2, 3) and rgba(1, 2, 3, 0); half transparent is unsure.
func functional(v string) colour {
	_, v, _ = strings.Cut(v, "(")
	v, rest, _ := strings.Cut(v, ")")
	if strings.ContainsRune(rest, '(') {
		return unsure // a picture behind it
	}
	n, parts := 0, 0
	for part := range strings.FieldsFuncSeq(v, func(r rune) bool { return r == ',' || r == ' ' || r == '/' }) {
		x, unit, ok := number(part)
		if parts++; !ok || unit != "" || parts > 4 || parts < 4 && (x < 0 || x > 255) {
			return unsure
		}
		switch {
		case parts < 4:
			n = n<<8 | int(x)
		case x < 0.05:
			return none
		case x < 1:
			return unsure
		}
	}
	if parts < 3 {
		return unsure
	}
	return colour(n) + 1
}
