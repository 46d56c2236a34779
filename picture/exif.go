package picture

import (
	"bytes"
	"encoding/binary"
)

// exifMark stands before the TIFF structure in a JPEG segment (Exif 2.32 §4.7.2).
const exifMark = "Exif\x00\x00"

// The tags that matter here (Exif 2.32 §4.6).
const (
	tagOrientation = 0x0112
	tagExif        = 0x8769
	tagGPS         = 0x8825
	tagMaker       = 0x927c
	tagXMP         = 0x02bc
	tagIPTC        = 0x83bb
	tagPhotoshop   = 0x8649
)

// tiff is a TIFF structure (TIFF 6.0 §2), as Exif uses it.
type tiff struct {
	b     []byte
	order binary.ByteOrder
	// left is how many bytes may still be emptied: the values of many entries can
	// lie over each other, and must not cost more than the structure is worth.
	left *int
}

// entry is one field of a directory; at is where its twelve bytes stand.
type entry struct {
	tag, kind uint16
	count     uint32
	at        int
}

func readTIFF(b []byte) (tiff, bool) {
	if len(b) < 8 {
		return tiff{}, false
	}
	switch string(b[:4]) {
	case "II*\x00":
		return tiff{b, binary.LittleEndian, new(4 * len(b))}, true
	case "MM\x00*":
		return tiff{b, binary.BigEndian, new(4 * len(b))}, true
	}
	return tiff{}, false
}

// directory reads the entries at an offset, and where the next directory is;
// ok is false when it does not lie within the structure.
func (t tiff) directory(at uint32) (list []entry, next uint32, ok bool) {
	if at < 8 || int64(at)+2 > int64(len(t.b)) {
		return nil, 0, false
	}
	n, pos := int(t.order.Uint16(t.b[at:])), int(at)+2
	if pos+12*n > len(t.b) {
		return nil, 0, false
	}
	for range n {
		e := t.b[pos:]
		list = append(list, entry{t.order.Uint16(e), t.order.Uint16(e[2:]), t.order.Uint32(e[4:]), pos})
		pos += 12
	}
	if pos+4 <= len(t.b) {
		next = t.order.Uint32(t.b[pos:])
	}
	return list, next, true
}

// number is an entry's value when it is one short or long.
func (t tiff) number(e entry) uint32 {
	if e.kind == 3 {
		return uint32(t.order.Uint16(t.b[e.at+8:]))
	}
	return t.order.Uint32(t.b[e.at+8:])
}

// value is where an entry's value lies: in the entry, or elsewhere when it is longer than four bytes.
func (t tiff) value(e entry) (part []byte, ok bool) {
	sizes := [...]uint64{0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8}
	if int(e.kind) >= len(sizes) || sizes[e.kind] == 0 {
		return nil, false
	}
	n := sizes[e.kind] * uint64(e.count)
	if n <= 4 {
		return t.b[e.at+8 : e.at+8+int(n)], true
	}
	at := uint64(t.order.Uint32(t.b[e.at+8:]))
	if at+n > uint64(len(t.b)) {
		return nil, false
	}
	return t.b[at : at+n], true
}

// empty fills a value with zeros; false when it cannot.
func (t tiff) empty(e entry) bool {
	part, inside := t.value(e)
	if *t.left -= len(part); !inside || *t.left < 0 {
		return false
	}
	clear(part)
	return true
}

// orientation is how the picture is to be turned, 1 when not or wrongly said.
func orientation(b []byte) int {
	t, ok := readTIFF(b)
	if !ok {
		return 1
	}
	list, _, _ := t.directory(t.order.Uint32(b[4:]))
	for _, e := range list {
		if v := t.number(e); e.tag == tagOrientation && v >= 1 && v <= 8 {
			return int(v)
		}
	}
	return 1
}

// mostDirectories bounds how many directories of a chain are followed.
const mostDirectories = 16

// blankPlace empties, in place, all in a TIFF structure that can say where the
// picture was taken: the directory of GPS with all its values, the notes of the
// camera's maker, embedded XMP and IPTC. found tells that there was such; ok is
// false when the structure could not be followed to its end: then nobody knows
// what else is in it.
func blankPlace(b []byte) (found, ok bool) {
	t, ok := readTIFF(b)
	if !ok {
		return false, false
	}
	at := t.order.Uint32(b[4:])
	for range mostDirectories {
		if at == 0 {
			return found, true
		}
		list, next, inside := t.directory(at)
		if !inside {
			return found, false
		}
		f, fine := t.blankIn(list, true)
		if found = found || f; !fine {
			return found, false
		}
		at = next
	}
	return found, false
}

// blankIn does it for one directory and, once, for that of Exif below it.
func (t tiff) blankIn(list []entry, deeper bool) (found, ok bool) {
	for _, e := range list {
		switch e.tag {
		case tagGPS:
			some, fine := t.blankDirectory(t.order.Uint32(t.b[e.at+8:]))
			if found = found || some; !fine {
				return found, false
			}
		case tagMaker, tagXMP, tagIPTC, tagPhotoshop:
			part, _ := t.value(e)
			found = found || len(bytes.Trim(part, "\x00")) > 0
			if !t.empty(e) {
				return true, false
			}
		case tagExif:
			below, _, inside := t.directory(t.order.Uint32(t.b[e.at+8:]))
			if !inside || !deeper {
				return found, false
			}
			f, fine := t.blankIn(below, false)
			if found = found || f; !fine {
				return found, false
			}
		}
	}
	return found, true
}

// blankDirectory empties every value of a directory and leaves it without
// entries; found tells that it had some.
func (t tiff) blankDirectory(at uint32) (found, ok bool) {
	list, _, ok := t.directory(at)
	if !ok {
		return true, false
	}
	for _, e := range list {
		if !t.empty(e) {
			return true, false
		}
	}
	for _, e := range list {
		clear(t.b[e.at : e.at+12])
	}
	t.order.PutUint16(t.b[at:], 0)
	return len(list) > 0, true
}
