package tnef

import (
	"bytes"
	"encoding/binary"
	"unicode/utf16"
)

// Types of MS-OXCDATA §2.11.1.
const (
	typeShort   = 0x0002
	typeLong    = 0x0003
	typeFloat   = 0x0004
	typeDouble  = 0x0005
	typeMoney   = 0x0006
	typeAppTime = 0x0007
	typeError   = 0x000a
	typeBool    = 0x000b
	typeObject  = 0x000d
	typeLong64  = 0x0014
	typeNarrow  = 0x001e
	typeWide    = 0x001f
	typeTime    = 0x0040
	typeGUID    = 0x0048
	typeBinary  = 0x0102
	typeMany    = 0x1000
)

// Properties of MS-OXPROPS that are of interest.
const (
	propBody        = 0x1000
	propRTF         = 0x1009
	propHTML        = 0x1013
	propDisplayName = 0x3001
	propData        = 0x3701
	propShortName   = 0x3704
	propLongName    = 0x3707
	propMediaType   = 0x370e
	propContentID   = 0x3712
	propInternetCP  = 0x3fde
)

// iidMessage comes before an attached message: {00020307-0000-0000-C000-000000000046}.
var iidMessage = []byte{0x07, 0x03, 0x02, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46}

// property is one value; of several values only the first is kept.
type property struct {
	id, kind uint16
	value    []byte
}

// properties reads a property list (MS-OXTNEF §2.1.3.4) and tells whether it
// was whole.
func properties(b []byte, each func(property)) bool {
	r := reader{b: b}
	n := r.u32()
	for ; n > 0 && !r.short; n-- {
		p := property{kind: r.u16(), id: r.u16()}
		if p.id >= 0x8000 {
			r.skipName()
			p.id = 0 // a named one: none of ours
		}
		p.value = r.value(p.kind)
		if !r.short {
			each(p)
		}
	}
	return !r.short
}

// reader takes little-endian values off the front; short is set when they end.
type reader struct {
	b     []byte
	short bool
}

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.b)) {
		r.short, r.b = true, nil
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u16() uint16 {
	if v := r.take(2); v != nil {
		return binary.LittleEndian.Uint16(v)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if v := r.take(4); v != nil {
		return binary.LittleEndian.Uint32(v)
	}
	return 0
}

// padded takes n bytes and what fills them up to four. The last may lack the filling.
func (r *reader) padded(n uint32) []byte {
	v := r.take(uint64(n))
	r.take(min(uint64(-n&3), uint64(len(r.b))))
	return v
}

func (r *reader) skipName() {
	r.take(16)
	if r.u32() == 0 {
		r.u32()
		return
	}
	r.padded(r.u32())
}

// value reads one value or several. Each takes some bytes, so a false count
// ends where the bytes do.
func (r *reader) value(kind uint16) (first []byte) {
	many := kind&typeMany != 0
	kind &^= typeMany
	size := fixedSize(kind)
	if size > 0 && !many {
		return r.take(size)
	}
	count := r.u32()
	for i := uint32(0); i < count && !r.short; i++ {
		v := r.element(kind, size)
		if i == 0 {
			first = v
		}
	}
	return first
}

func (r *reader) element(kind uint16, size uint64) []byte {
	switch kind {
	case typeNarrow, typeWide, typeBinary, typeObject:
		return r.padded(r.u32())
	}
	if size == 0 { // its length is unknown, so nothing after it can be read
		r.short = true
	}
	return r.take(size)
}

// fixedSize is the length of a value with its filling, 0 for those that tell their own.
func fixedSize(kind uint16) uint64 {
	switch kind {
	case typeShort, typeLong, typeFloat, typeError, typeBool:
		return 4
	case typeDouble, typeMoney, typeAppTime, typeLong64, typeTime:
		return 8
	case typeGUID:
		return 16
	}
	return 0
}

func (d *decoder) messageProperties(have *body, data []byte) {
	var html []byte
	htmlPage := 0
	whole := properties(data, func(p property) {
		switch p.id {
		case propBody:
			if s := d.words(p); s != "" {
				have.text = s
			}
		case propRTF:
			have.rtf = p.value
		case propHTML:
			if html = p.value; p.kind == typeWide {
				html, have.html = nil, d.words(p)
			}
		case propInternetCP:
			if p.kind == typeLong {
				htmlPage = int(binary.LittleEndian.Uint32(p.value)) & 0xffff
			}
		}
	})
	if html = bytes.TrimRight(html, "\x00"); len(html) > 0 {
		have.html = d.text(html, htmlPage)
	}
	d.msg.Damaged = d.msg.Damaged || !whole
}

func (d *decoder) fileProperties(f *File, data []byte, depth int) {
	var long, short, display string
	whole := properties(data, func(p property) {
		switch p.id {
		case propLongName:
			long = d.words(p)
		case propShortName:
			short = d.words(p)
		case propDisplayName:
			display = d.words(p)
		case propMediaType:
			f.Type = d.words(p)
		case propContentID:
			f.ContentID = d.words(p)
		case propData:
			d.fileData(f, p, depth)
		}
	})
	for _, name := range []string{display, short, long} {
		if name != "" {
			f.Name = name
		}
	}
	d.msg.Damaged = d.msg.Damaged || !whole
}

// fileData takes the content of a file. An attached message is opened: its
// files are added before the next, and nothing is left of the wrapping.
func (d *decoder) fileData(f *File, p property, depth int) {
	switch p.kind {
	case typeBinary:
		f.Content = p.value
	case typeObject:
		inner, isMessage := bytes.CutPrefix(p.value, iidMessage)
		if isMessage && depth < maxDepth && d.stream(inner, depth+1) {
			f.opened = true
			return
		}
		if len(p.value) > len(iidMessage) {
			f.Content = p.value[len(iidMessage):]
		}
	}
}

// words reads a text property.
func (d *decoder) words(p property) string {
	switch p.kind {
	case typeNarrow:
		return d.narrow(p.value)
	case typeWide:
		units := make([]uint16, 0, len(p.value)/2)
		for b := p.value; len(b) >= 2; b = b[2:] {
			u := binary.LittleEndian.Uint16(b)
			if u == 0 {
				break
			}
			units = append(units, u)
		}
		return string(utf16.Decode(units))
	}
	return ""
}
