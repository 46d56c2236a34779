package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"strings"
)

// WithoutPlace gives a picture without what can say where it was taken, and
// tells whether there was such. The picture itself stays as it is, bit for bit;
// nothing is encoded anew. b is not changed; when nothing was found, b itself
// is given. What is no picture of a kind known here is given as it is.
//
// Metadata that cannot be followed goes as a whole: for whom the place is no
// business, a lost date is the smaller harm.
func WithoutPlace(b []byte) (out []byte, found bool) {
	switch Look(b).Kind {
	case JPEG:
		return withoutPlaceJPEG(b)
	case PNG:
		return withoutPlacePNG(b)
	case WebP:
		return withoutPlaceWebP(b)
	case HEIC:
		return withoutPlaceHEIC(b)
	}
	return withoutPlaceTIFF(b)
}

// withoutPlaceTIFF blanks in place: a TIFF file, and many a camera's raw file, is
// the very structure that Exif uses. What cannot be followed stays: there is no
// telling metadata from picture.
func withoutPlaceTIFF(b []byte) ([]byte, bool) {
	if _, ok := readTIFF(b); !ok {
		return b, false
	}
	out := bytes.Clone(b)
	if found, _ := blankPlace(out); !found {
		return b, false
	}
	return out, true
}

// Beginnings of JPEG segments (XMP part 3 §1.1.3, CIPA DC-007 §5).
const (
	xmpMark      = "http://ns.adobe.com/xap/1.0/\x00"
	xmpMoreMark  = "http://ns.adobe.com/xmp/extension/\x00"
	manyMark     = "MPF\x00"
	photoshopTag = "Photoshop 3.0\x00"
)

// withoutPlaceJPEG writes the segments anew where one has to go. What follows
// the end of the picture goes too: it is a second picture or a film of the same
// moment, with metadata of its own.
func withoutPlaceJPEG(b []byte) ([]byte, bool) {
	out, from, found := make([]byte, 0, len(b)), 0, false
	end := endOfJPEG(b)
	cutOff := end < len(b) && len(bytes.Trim(b[end:], "\x00\xff\r\n ")) > 0
	for s := range segments(b) {
		keep, blanked := cleanSegment(s)
		if cutOff && s.marker == markAPP2 && bytes.HasPrefix(s.data, []byte(manyMark)) {
			keep, blanked = false, nil // it points to what is cut off
		}
		if keep && blanked == nil {
			continue
		}
		found = true
		out = append(out, b[from:s.at]...)
		if keep {
			out = append(append(out, b[s.at:s.at+4]...), blanked...)
		}
		from = s.end
	}
	if !found && !cutOff {
		return b, false
	}
	if !cutOff {
		end = len(b)
	}
	return append(out, b[min(from, end):end]...), true
}

// cleanSegment tells whether a segment may stay; blanked is its new content
// when that had to change.
func cleanSegment(s segment) (keep bool, blanked []byte) {
	d := s.data
	switch {
	case s.marker == markAPP1 && bytes.HasPrefix(d, []byte(exifMark)):
		d = bytes.Clone(d)
		found, ok := blankPlace(d[len(exifMark):])
		if !ok {
			return rescueTurn(s.data)
		}
		if found {
			return true, d
		}
	case s.marker == markAPP1 && bytes.HasPrefix(d, []byte(xmpMoreMark)):
		return false, nil // a piece of a long XMP: a word may begin in one and end in the next
	case s.marker == markAPP1 && bytes.HasPrefix(d, []byte(xmpMark)):
		return !tellsPlace(d[len(xmpMark):]), nil
	case s.marker == markAPP13 && bytes.HasPrefix(d, []byte(photoshopTag)):
		return !bytes.Contains(d, []byte("8BIM\x04\x04")), nil // IPTC, where cities and countries stand
	}
	return true, nil
}

// rescueTurn replaces an Exif segment that could not be followed by one that
// says only which way is up, or by none.
func rescueTurn(d []byte) (keep bool, blanked []byte) {
	turn := orientation(d[len(exifMark):])
	if turn == 1 || len(d) < len(exifMark)+26 {
		return false, nil
	}
	// One directory with one short entry; the rest of the segment is emptied, so that its length stays.
	blanked = make([]byte, len(d))
	copy(blanked, exifMark+"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"+string(rune(turn)))
	return true, blanked
}

// placeWords are what XMP calls a place (Exif, IPTC Core and Extension, Photoshop schemas).
var placeWords = []string{"gps", "location", "city", "country", "state", "latitude", "longitude", "geo"}

func tellsPlace(xmp []byte) bool {
	text := strings.ToLower(string(xmp))
	for _, w := range placeWords {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// withoutPlacePNG drops and blanks chunks (PNG §11.3, eXIf of the third
// edition); checksums are counted anew.
func withoutPlacePNG(b []byte) ([]byte, bool) {
	out, from, found, last := make([]byte, 0, len(b)), 0, false, len(b)
	for c := range chunksPNG(b) {
		drop, blanked := cleanChunk(c)
		if drop || blanked != nil {
			found = true
			out = append(out, b[from:c.at]...)
			from = c.end
		}
		if blanked != nil {
			out = append(append(out, b[c.at:c.at+8]...), blanked...)
			out = binary.BigEndian.AppendUint32(out, crc32.Update(crc32.ChecksumIEEE([]byte(c.name)), crc32.IEEETable, blanked))
		}
		if c.name == "IEND" {
			last = c.end
			break
		}
	}
	if !found && last == len(b) {
		return b, false
	}
	return append(out, b[min(from, last):last]...), true
}

func cleanChunk(c chunk) (drop bool, blanked []byte) {
	switch c.name {
	case "eXIf":
		d := bytes.Clone(c.data)
		found, ok := blankPlace(d)
		if !ok {
			return true, nil
		}
		if found {
			return false, d
		}
	case "tEXt", "zTXt", "iTXt":
		// Packed texts are not unpacked to find out: their keyword decides.
		keyword, text, _ := bytes.Cut(c.data, []byte{0})
		key := string(keyword)
		return key == "XML:com.adobe.xmp" && (c.name != "iTXt" || len(text) == 0 || text[0] != 0 || tellsPlace(text)) ||
			strings.HasPrefix(key, "Raw profile type ") || tellsPlace(keyword), nil
	}
	return false, nil
}

// withoutPlaceWebP blanks in place, so that all lengths stay true.
func withoutPlaceWebP(b []byte) ([]byte, bool) {
	out, found := b, false
	for c := range chunksWebP(b) {
		if c.name != "EXIF" && c.name != "XMP " {
			continue
		}
		d := bytes.Clone(c.data)
		if !blankMeta(d, c.name == "XMP ") {
			continue
		}
		if !found {
			out, found = bytes.Clone(b), true
		}
		copy(out[c.at+8:], d)
	}
	return out, found
}

// blankMeta empties a piece of metadata where it says the place; true when it did.
func blankMeta(d []byte, xmp bool) bool {
	if xmp {
		if !tellsPlace(d) {
			return false
		}
		for i := range d {
			d[i] = ' '
		}
		return true
	}
	body := bytes.TrimPrefix(d, []byte(exifMark))
	found, ok := blankPlace(body)
	if !ok {
		found = len(bytes.Trim(body, "\x00")) > 0
		clear(body)
	}
	return found
}
