package markup

import (
	"strconv"
	"strings"
)

// said is what a style says of one thing: nothing, that it is so, or that it is not.
type said uint8

const (
	silent said = iota
	stated
	denied
)

func (s said) or(before bool) bool {
	if s == silent {
		return before
	}
	return s == stated
}

func tell(b bool) said {
	if b {
		return stated
	}
	return denied
}

// effect is what the style of one element says about being seen.
type effect struct {
	gone, tiny, veiled, away said
	ink, paper               colour
	sheer                    bool // no opacity, or not for Outlook
	guess                    bool // the colour of the letters says nothing
	lifted                   bool // out of the flow
	outdented                bool
	zero, clipped            bool
}

// longest is the most bytes of one style that are read.
const longest = 4000

// read takes in the declarations of a style; later ones win.
func (e *effect) read(style string) {
	if len(style) > longest {
		style = style[:longest]
	}
	for style != "" {
		decl := style
		if i := strings.IndexByte(style, ';'); i >= 0 {
			decl, style = style[:i], style[i+1:]
		} else {
			style = ""
		}
		if name, value, ok := strings.Cut(decl, ":"); ok {
			e.declare(strings.ToLower(strings.TrimSpace(name)), value)
		}
	}
}

func (e *effect) declare(name, value string) {
	switch name {
	case "display", "visibility", "opacity", "mso-hide", "font-size", "font", "position", "left", "right", "top", "bottom", "margin-left", "text-indent", "clip",
		"width", "height", "max-width", "max-height", "overflow", "overflow-x", "overflow-y", "color", "background", "background-color", "background-image", "background-clip", "-webkit-background-clip", "caret-color":
	default:
		return // most of a style, not worth a look at the value
	}
	v := plain(value)
	switch name {
	case "display":
		e.gone = tell(v == "none")
	case "visibility":
		e.veiled = tell(v == "hidden" || v == "collapse")
	case "opacity":
		if n, _, ok := number(v); ok {
			e.sheer = n < 0.05
		}
	case "mso-hide":
		e.sheer = e.sheer || v == "all"
	case "font-size", "font":
		e.size(name, v)
	case "position":
		e.lifted = v == "absolute" || v == "fixed"
	case "left", "right", "top", "bottom":
		if far(v) {
			e.away = stated
		}
	case "margin-left", "text-indent":
		e.outdented = far(v)
	case "clip":
		e.outdented = e.outdented || e.lifted && (strings.HasPrefix(v, "rect(0,0,0,0") || strings.HasPrefix(v, "rect(0 0 0 0") || strings.HasPrefix(v, "rect(1px,1px,1px,1px"))
	case "width", "height", "max-width", "max-height":
		if n, unit, ok := number(v); ok {
			e.zero = e.zero || n >= 0 && (n == 0 || n <= 1 && unit == "px")
		}
	case "overflow", "overflow-x", "overflow-y":
		e.clipped = v == "hidden" || v == "clip"
	default:
		e.colours(name, v)
	}
}

func (e *effect) colours(name, v string) {
	switch name {
	case "color":
		if e.ink = readColour(v); v == "inherit" {
			e.ink = unset
		}
	case "background-color", "background":
		e.paper = readColour(v)
	case "background-image":
		if v != "none" {
			e.paper = unsure
		}
	case "caret-color", "background-clip", "-webkit-background-clip":
		e.guess = true // copied in a dark mode; or letters filled with a picture
	}
}

// size reads a font's size. Letters of a pixel or a point are none. A size
// relative to the one around says nothing new.
func (e *effect) size(name, v string) {
	for part := range strings.FieldsSeq(v) {
		part, _, _ = strings.Cut(part, "/")
		n, unit, ok := number(part)
		if !ok || name == "font" && unit == "" && n != 0 {
			continue // a weight, a family
		}
		switch unit {
		case "em", "rem", "%":
			if unit == "%" {
				n /= 100
			}
			if n < 0.08 {
				e.tiny = stated
			}
		default:
			e.tiny = tell(n <= 1)
		}
		return
	}
	if name == "font-size" && v != "inherit" {
		e.tiny = denied // "small", "medium"
	}
}

// far tells a length so negative that it leads out of any page.
func far(v string) bool {
	n, unit, ok := number(v)
	switch unit {
	case "em", "rem":
		n *= 16
	case "%":
		n *= 5
	}
	return ok && n <= -500
}

// number reads "12.5px".
func number(v string) (n float64, unit string, ok bool) {
	i := 0
	for i < len(v) && (v[i] >= '0' && v[i] <= '9' || v[i] == '.' || v[i] == '-' && i == 0) {
		i++
	}
	if i == 0 || i > 20 {
		return 0, "", false
	}
	n, err := strconv.ParseFloat(v[:i], 64)
	return n, v[i:], err == nil
}

// plain is a value in lower case, without "!important", comments and outer blanks.
func plain(v string) string {
	if i := strings.IndexByte(v, '!'); i >= 0 {
		v = v[:i]
	}
	for strings.Contains(v, "/*") {
		before, after, _ := strings.Cut(v, "/*")
		_, after, _ = strings.Cut(after, "*/")
		v = before + after
		if len(before) > 100 {
			break
		}
	}
	return strings.ToLower(strings.TrimSpace(v))
}
