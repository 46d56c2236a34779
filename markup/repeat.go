package markup

import "strings"

const (
	// freely is how many inline elements may be left open without counting;
	// mail programs that forget to close some are below it.
	freely = 8
	// repeats bounds the elements that a parser makes beyond those written.
	repeats = 1 << 18
	// alike is how many equal elements a parser opens anew at most (HTML §13.2.4.3, "Noah's Ark clause").
	alike = 3
	// deepest is how many elements a parser nests at most before it gives up.
	deepest = 512
	// bodies is how many <html> and <body> tags are merged: each one costs all the attributes before it.
	bodies = 32
)

// Repeats tells whether a parser may make far more of HTML than is written, or
// takes far longer than its size says, so that no tree should be built of it:
// inline elements left open are opened anew in each block that follows (HTML
// §13.2.4.3, "reconstruct the active formatting elements"), and 100 KB can
// become 500 MB. Only elements closed with nothing but words and other inline
// elements between count as closed, for all else has exceptions: so it counts
// too much rather than too little. Its own time and memory are linear.
func Repeats(src string) bool {
	var open openElements
	for {
		i := strings.IndexByte(src, '<')
		if i < 0 {
			return false
		}
		src = src[i+1:]
		tag, clear := tagAt(src)
		name := elementName(tag)
		switch {
		case name == "", clear && neutral(name):
		case !formatting(strings.TrimPrefix(name, "/")):
			if name == "body" || name == "html" {
				open.bodies++
			}
			open.block()
		case name[0] == '/':
			open.end(name[1:])
		default:
			open.begin(name, tag)
			if !clear {
				open.block()
			}
		}
		if open.made > repeats || open.bodies > bodies || len(open.inline) > deepest {
			return true
		}
	}
}

// openElements counts the inline elements that may be open at one place.
type openElements struct {
	inline []string       // the tags opened since the last block, with their attributes
	older  map[string]int // how many of each were left open before it
	count  int            // of older, each at most alike times
	made   int            // what a parser may have made of them so far
	bodies int
}

func (o *openElements) begin(name, tag string) {
	if n := len(o.inline); name == "a" && n > 0 && elementName(o.inline[n-1]) == "a" {
		o.inline[n-1] = tag // a link ends the one before it (HTML §13.2.6.4.7)
		return
	}
	o.inline = append(o.inline, tag)
}

// block notes that anything may have become of the open elements, and that
// they may all be made once more.
func (o *openElements) block() {
	for _, tag := range o.inline {
		most := alike
		if elementName(tag) == "a" { // a link ends the one before it
			tag, most = "a", 1
		}
		if o.older[tag] >= most {
			continue
		}
		if o.older == nil {
			o.older = map[string]int{}
		}
		o.older[tag]++
		o.count++
	}
	o.inline = o.inline[:0]
	o.made += max(0, o.count-freely)
}

func (o *openElements) end(name string) {
	if n := len(o.inline); n > 0 && elementName(o.inline[n-1]) == name {
		o.inline = o.inline[:n-1]
		return
	}
	o.block()
}

// tagAt is the tag after a "<", without its ">". It is not clear where it ends
// when a quote in it is open or another one begins within it. It looks no
// further than the next sign, so that a million of them cost no more.
func tagAt(src string) (tag string, clear bool) {
	single, double := 0, 0
	for i := 0; i < len(src); i++ {
		switch src[i] {
		case '<':
			return src[:i], false
		case '>':
			return src[:i], single%2 == 0 && double%2 == 0
		case '\'':
			single++
		case '"':
			double++
		}
	}
	return "", false // a tag that never ends is none
}

// elementName is the name a tag begins with, in lower case, with the slash of an end tag.
func elementName(tag string) string {
	for i := 0; i < len(tag); i++ {
		if c := tag[i]; c <= ' ' || c == '>' || c == '/' && i > 0 {
			tag = tag[:i]
			break
		}
	}
	if len(tag) > longestName {
		return "other" // no name this package knows, and not worth a copy
	}
	return strings.ToLower(tag)
}

// longestName is longer than any element's name that matters here.
const longestName = 16

// neutral elements neither close nor hold others.
func neutral(name string) bool {
	return name == "br" || name == "img" || name == "span" || name == "/span"
}

// formatting elements are those a parser opens anew.
func formatting(name string) bool {
	switch name {
	case "a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u":
		return true
	}
	return false
}
