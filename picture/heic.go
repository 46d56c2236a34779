package picture

import (
	"encoding/binary"
	"iter"
)

// HEIC is a tree of boxes (ISO/IEC 14496-12 §4.2, 23008-12).

// box is one of them: its content, and what comes before it in the file.
type box struct {
	name string
	data []byte
}

func isHEIC(b []byte) bool {
	if len(b) < 12 || string(b[4:8]) != "ftyp" {
		return false
	}
	switch string(b[8:12]) {
	case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1", "avif", "avis":
		return true
	}
	return false
}

// boxes gives the boxes of b that are whole; the last may lack its end and is
// given as far as it goes.
func boxes(b []byte) iter.Seq[box] {
	return func(yield func(box) bool) {
		for len(b) >= 8 {
			n, head := uint64(binary.BigEndian.Uint32(b)), 8
			name := string(b[4:8])
			switch {
			case n == 1 && len(b) >= 16:
				n, head = binary.BigEndian.Uint64(b[8:]), 16
			case n == 0:
				n = uint64(len(b))
			}
			if n < uint64(head) {
				return
			}
			end := int(min(n, uint64(len(b))))
			if !yield(box{name, b[head:end]}) {
				return
			}
			b = b[end:]
		}
	}
}

// within is the first box of that name; nil when there is none.
func within(b []byte, name string) []byte {
	for x := range boxes(b) {
		if x.name == name {
			return x.data
		}
	}
	return nil
}

// metaOf is the content of the meta box, without its version and flags.
func metaOf(b []byte) []byte {
	meta := within(b, "meta")
	if len(meta) < 4 {
		return nil
	}
	return meta[4:]
}

// lookHEIC takes the largest ispe: thumbnails and tiles have smaller ones.
func lookHEIC(b []byte, i *Info) {
	for p := range boxes(within(within(metaOf(b), "iprp"), "ipco")) {
		if p.name != "ispe" || len(p.data) < 12 {
			continue
		}
		w, h := int64(binary.BigEndian.Uint32(p.data[4:])), int64(binary.BigEndian.Uint32(p.data[8:]))
		if w > 1<<31-1 || h > 1<<31-1 {
			continue
		}
		if w*h > i.Pixels() {
			i.Width, i.Height = int(w), int(h)
		}
	}
}
