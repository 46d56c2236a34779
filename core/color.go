package core

import (
	"hash/fnv"
	"slices"
	"strings"
)

// Palette are the colours that tell people apart. Each carries white letters
// (4.5:1) and stands off from a light and from a dark page (3:1): WCAG 1.4.3
// and 1.4.11. Pages know them by their place in this list.
var Palette = [...]string{"#377a90", "#9356bf", "#a95e40", "#318142", "#ba4885", "#536ebe", "#827131", "#307d76", "#c24852", "#597c29", "#b63db6", "#7362cb"}

// Tone is the place in the Palette of a person's colour: the chosen one, or
// else one that is always the same for this person.
func Tone(p *Person) int {
	if i := slices.Index(Palette[:], p.Color); i >= 0 {
		return i
	}
	return DefaultTone(p.ID)
}

// DefaultTone is the place of the colour that somebody has who chose none.
func DefaultTone(id ID) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % uint32(len(Palette)))
}

// checkColor takes a colour of the Palette, or none.
func checkColor(s string) (string, error) {
	if s = strings.ToLower(strings.TrimSpace(s)); s == "" || slices.Contains(Palette[:], s) {
		return s, nil
	}
	return "", Fail(Invalid, "person.color", "color", oneLine(s))
}
