package picture

import (
	"bytes"
	"encoding/binary"
)

// withoutPlaceHEIC blanks the metadata items in place: every offset in the file
// stays true. Items are found by the tables of the meta box; what looks like
// metadata elsewhere is blanked too, for tables can be wrong.
func withoutPlaceHEIC(b []byte) ([]byte, bool) {
	out, found, left := bytes.Clone(b), false, 2*len(b)
	meta := metaOf(b)
	for id, kind := range metaItems(within(meta, "iinf")) {
		for _, at := range extents(within(meta, "iloc"), id) {
			if at.from > uint64(len(out)) || at.length > uint64(len(out))-at.from {
				continue
			}
			if left -= int(at.length); left < 0 {
				break // pieces that lie over each other
			}
			d := out[at.from : at.from+at.length]
			if kind == "Exif" {
				d = exifBody(d)
			}
			found = blankMeta(d, kind == "mime") || found
		}
	}
	if blankStray(out) {
		found = true
	}
	if !found {
		return b, false
	}
	return out, true
}

// exifBody skips what stands before the TIFF structure: four bytes with the
// length of a mark, and the mark (ISO/IEC 23008-12 §A.2.1).
func exifBody(d []byte) []byte {
	if len(d) < 4 {
		return d
	}
	skip := uint64(binary.BigEndian.Uint32(d)) + 4
	if skip > uint64(len(d)) {
		return d
	}
	return d[skip:]
}

// mostStrays is how many marks of Exif are followed; pictures have one or two.
const mostStrays = 16

// blankStray blanks whatever begins like Exif or XMP, wherever it stands.
func blankStray(b []byte) (found bool) {
	for at, n := 0, 0; n < mostStrays; n++ {
		i := bytes.Index(b[at:], []byte(exifMark))
		if i < 0 {
			break
		}
		at += i + len(exifMark)
		body := b[at:]
		if f, ok := blankPlace(body); ok && f {
			found = true
		}
	}
	for at := 0; ; {
		i := bytes.Index(b[at:], []byte("<x:xmpmeta"))
		if i < 0 {
			return found
		}
		at += i
		n := bytes.Index(b[at:], []byte("</x:xmpmeta>"))
		if n < 0 {
			return found
		}
		if blankMeta(b[at:at+n], true) {
			found = true
		}
		at += n
	}
}

// mostItems bounds how many items of a table are read.
const mostItems = 10000

// mostMeta is how many of them may hold metadata.
const mostMeta = 32

// metaItems are the items that hold metadata, with their type: Exif, or mime
// for XMP (ISO/IEC 14496-12 §8.11.6).
func metaItems(iinf []byte) map[uint32]string {
	items := make(map[uint32]string)
	if len(iinf) < 6 {
		return items
	}
	list := iinf[6:]
	if iinf[0] != 0 {
		list = iinf[min(8, len(iinf)):]
	}
	n := 0
	for x := range boxes(list) {
		if n++; n > mostItems {
			break
		}
		d := x.data
		if x.name != "infe" || len(d) < 12 || d[0] < 2 {
			continue
		}
		id, rest := uint32(binary.BigEndian.Uint16(d[4:])), d[8:]
		if d[0] == 3 {
			if len(d) < 14 {
				continue
			}
			id, rest = binary.BigEndian.Uint32(d[4:]), d[10:]
		}
		if kind := string(rest[:4]); (kind == "Exif" || kind == "mime") && len(items) < mostMeta {
			items[id] = kind
		}
	}
	return items
}

// extent is a piece of the file.
type extent struct{ from, length uint64 }

// numbers reads big-endian numbers of given sizes one after the other.
type numbers struct {
	b  []byte
	ok bool
}

func (r *numbers) take(size int) (v uint64) {
	if len(r.b) < size {
		r.b, r.ok = nil, false
		return 0
	}
	for _, c := range r.b[:size] {
		v = v<<8 | uint64(c)
	}
	r.b = r.b[size:]
	return v
}

// extents are the pieces of one item (ISO/IEC 14496-12 §8.11.3). Items that
// lie in other boxes are left to the search for strays.
func extents(iloc []byte, want uint32) (list []extent) {
	r := &numbers{iloc, true}
	version := r.take(1)
	r.take(3)
	sizes := r.take(2)
	offsetSize, lengthSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	idSize := 2
	if version == 2 {
		idSize = 4
	}
	for n := min(r.take(idSize), mostItems); n > 0 && r.ok; n-- {
		id, method := uint32(r.take(idSize)), uint64(0)
		if version > 0 {
			method = r.take(2) & 15
		}
		r.take(2)
		base := r.take(baseSize)
		for k := r.take(2); k > 0 && r.ok; k-- {
			if version > 0 {
				r.take(indexSize)
			}
			at, length := base+r.take(offsetSize), r.take(lengthSize)
			if id == want && method == 0 && r.ok {
				list = append(list, extent{at, length})
			}
		}
	}
	return list
}
