package mail

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// A compound file (MS-CFB), such as a mail saved by Outlook, is a small file
// system: streams cut into sectors, and tables that say which sector follows
// which. What stands in one is changed in place, for then nothing else of the
// file has to be made anew.

// IsCompound tells by its first bytes whether a file is one.
func IsCompound(file []byte) bool { return bytes.HasPrefix(file, []byte(compoundMark)) }

const (
	compoundMark = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
	headerSize   = 512 // MS-CFB §2.2
	entrySize    = 128 // of the directory, §2.6.1
	lastSector   = 0xfffffffa
	difatOffset  = 76
)

// EditCompound lets do change the bytes of each stream of a compound file in
// place. False, when the file is damaged: then some streams may not have been shown.
func EditCompound(file []byte, do func(stream []byte)) bool {
	f, ok := openCompound(file)
	if !ok {
		return false
	}
	left := 2 * len(file) // a damaged directory may name the same bytes again and again
	for _, e := range f.entries {
		if e.kind != streamEntry {
			continue
		}
		if left -= e.size; left < 0 {
			return false
		}
		pieces, ok := f.pieces(e)
		if !ok {
			return false
		}
		was := bytes.Join(pieces, nil)
		now := bytes.Clone(was)
		do(now)
		if bytes.Equal(was, now) {
			continue
		}
		for _, p := range pieces {
			now = now[copy(p, now):]
		}
	}
	return true
}

// compound is a compound file with its tables read.
type compound struct {
	file         []byte
	sector, mini int      // sizes in bytes
	cutoff       int      // smaller streams lie in mini sectors
	next, after  []uint32 // of each sector, and of each mini sector, the one that follows
	entries      []compoundEntry
	// small are the sectors in which the mini sectors lie.
	small [][]byte
}

type compoundEntry struct {
	kind  byte
	start uint32
	size  int
}

// The kinds of entries that have bytes.
const (
	streamEntry = 2
	rootEntry   = 5
)

func openCompound(file []byte) (*compound, bool) {
	if len(file) < headerSize || !IsCompound(file) {
		return nil, false
	}
	f := &compound{file: file}
	shift, mini := file[30], file[32]
	if shift != 9 && shift != 12 || mini != 6 {
		return nil, false
	}
	f.sector, f.mini, f.cutoff = 1<<shift, 1<<mini, int(f.number(56))
	if !f.readFAT() {
		return nil, false
	}
	directory, ok := f.chain(f.number(48), len(file))
	if !ok {
		return nil, false
	}
	for _, sector := range directory {
		for e := range slices.Chunk(sector, entrySize) {
			f.entries = append(f.entries, compoundEntry{e[66], binary.LittleEndian.Uint32(e[116:]), int(binary.LittleEndian.Uint32(e[120:]))})
		}
	}
	table, ok := f.chain(f.number(60), len(file))
	if !ok || len(f.entries) == 0 || f.entries[0].kind != rootEntry {
		return nil, false
	}
	for _, sector := range table {
		f.after = append(f.after, numbers(sector)...)
	}
	f.small, ok = f.chain(f.entries[0].start, f.entries[0].size)
	return f, ok
}

// number stands at a place of the header.
func (f *compound) number(place int) uint32 { return binary.LittleEndian.Uint32(f.file[place:]) }

func numbers(b []byte) (list []uint32) {
	for n := range slices.Chunk(b, 4) {
		list = append(list, binary.LittleEndian.Uint32(n))
	}
	return list
}

// sectorAt gives the bytes of a sector; the last one of a file may be cut short
// and does not count then.
func (f *compound) sectorAt(n uint32) ([]byte, bool) {
	from := (int(n) + 1) * f.sector
	if n >= lastSector || from+f.sector > len(f.file) {
		return nil, false
	}
	return f.file[from : from+f.sector], true
}

// readFAT reads the table of what follows each sector (MS-CFB §2.3, §2.5).
func (f *compound) readFAT() bool {
	list := numbers(f.file[difatOffset:headerSize])
	for next, n := f.number(68), 0; next < lastSector; n++ {
		sector, ok := f.sectorAt(next)
		if !ok || n > len(f.file)/f.sector {
			return false
		}
		more := numbers(sector)
		list, next = append(list, more[:len(more)-1]...), more[len(more)-1]
	}
	for _, n := range list {
		if n >= lastSector {
			continue
		}
		sector, ok := f.sectorAt(n)
		if !ok || len(f.next) > len(f.file) {
			return false
		}
		f.next = append(f.next, numbers(sector)...)
	}
	return true
}

// chain gives the sectors from the first one on, no more than size bytes need.
func (f *compound) chain(n uint32, size int) (sectors [][]byte, ok bool) {
	for n < lastSector && len(sectors)*f.sector < size {
		sector, ok := f.sectorAt(n)
		if !ok || int(n) >= len(f.next) {
			return nil, false
		}
		sectors, n = append(sectors, sector), f.next[n]
	}
	return sectors, true
}

// pieces are the bytes of a stream, in order, where they lie in the file.
func (f *compound) pieces(e compoundEntry) (list [][]byte, ok bool) {
	if e.size == 0 {
		return nil, true
	}
	if e.size >= f.cutoff {
		list, ok = f.chain(e.start, e.size)
	} else {
		list, ok = f.smallChain(e.start, e.size)
	}
	if !ok {
		return nil, false
	}
	left := e.size
	for i := range list {
		list[i] = list[i][:min(left, len(list[i]))]
		left -= len(list[i])
	}
	return list, left == 0
}

// smallChain is chain for mini sectors.
func (f *compound) smallChain(n uint32, size int) (list [][]byte, ok bool) {
	each := f.sector / f.mini
	for n < lastSector && len(list)*f.mini < size {
		if int(n) >= len(f.after) || int(n)/each >= len(f.small) {
			return nil, false
		}
		from := int(n) % each * f.mini
		list, n = append(list, f.small[int(n)/each][from:from+f.mini]), f.after[n]
	}
	return list, true
}
