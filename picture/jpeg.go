package picture

import (
	"bytes"
	"encoding/binary"
	"iter"
)

// segment is one marker segment of a JPEG before its picture data (ITU T.81
// §B.1.1). data is what follows the length; at and end bound the whole of it.
type segment struct {
	marker  byte
	data    []byte
	at, end int
}

// The markers that matter here.
const (
	markSOS   = 0xda
	markEOI   = 0xd9
	markAPP1  = 0xe1
	markAPP2  = 0xe2
	markAPP13 = 0xed
)

// segments gives the whole segments up to and with the first SOS.
func segments(b []byte) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		for at := 2; at+4 <= len(b) && b[at] == 0xff; {
			m := b[at+1]
			if m == 0xff { // fill bytes
				at++
				continue
			}
			if m == 0x01 || m >= 0xd0 && m <= 0xd8 { // stand alone
				at += 2
				continue
			}
			n := int(binary.BigEndian.Uint16(b[at+2:]))
			if m == markEOI || n < 2 || at+2+n > len(b) {
				return
			}
			s := segment{m, b[at+4 : at+2+n], at, at + 2 + n}
			if !yield(s) || m == markSOS {
				return
			}
			at = s.end
		}
	}
}

// isSOF tells the frame headers, of which SOF2 and its kin are progressive.
func isSOF(m byte) bool {
	return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc
}

func lookJPEG(b []byte, i *Info) {
	turned := false
	for s := range segments(b) {
		d := s.data
		switch {
		case isSOF(s.marker) && len(d) >= 6 && i.Width == 0:
			i.Height, i.Width = int(binary.BigEndian.Uint16(d[1:])), int(binary.BigEndian.Uint16(d[3:]))
			i.Cost = costJPEG(s.marker, d, i.Pixels())
		case s.marker == markAPP1 && bytes.HasPrefix(d, []byte(exifMark)) && !turned:
			i.Orientation, turned = orientation(d[len(exifMark):]), true
		}
	}
}

// costJPEG: samples by the sampling factors of each component; a progressive
// picture keeps four more bytes a sample until its last scan.
func costJPEG(marker byte, d []byte, pixels int64) int64 {
	n := int(d[5])
	if n == 0 || n > 4 || len(d) < 6+3*n {
		return pixels * 20
	}
	most, sum := int64(1), int64(0)
	for c := range n {
		hv := d[6+3*c+1]
		f := max(1, int64(hv>>4)) * max(1, int64(hv&15))
		most, sum = max(most, f), sum+f
	}
	samples := pixels * sum / most
	switch marker {
	case 0xc2, 0xc6, 0xca, 0xce:
		samples *= 5
	}
	if n == 4 { // CMYK is converted into a second picture
		samples += pixels * 4
	}
	return samples
}

// endOfJPEG is where the first picture ends, behind its EOI; len(b) when it has
// none. Cameras put second pictures and films behind it.
func endOfJPEG(b []byte) int {
	at := 2
	for s := range segments(b) {
		at = s.end
	}
	for {
		i := bytes.IndexByte(b[min(at, len(b)):], 0xff)
		if i < 0 || at+i+1 >= len(b) {
			return len(b)
		}
		at += i
		switch m := b[at+1]; {
		case m == markEOI:
			return at + 2
		case m == 0xff:
			at++
		case m == 0x00 || m >= 0xd0 && m <= 0xd7: // data, and marks within it (T.81 §B.1.1.5)
			at += 2
		case at+4 <= len(b): // tables and further scans of a progressive picture
			at += 2 + max(2, int(binary.BigEndian.Uint16(b[at+2:])))
		default:
			return len(b)
		}
	}
}
