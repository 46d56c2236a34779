package tnef

import (
	"encoding/binary"
	"hash/crc32"
)

// IsPacked tells whether a stream is RTF in the compression of MS-OXRTFCP.
func IsPacked(b []byte) bool {
	return len(b) >= packedHeader && binary.LittleEndian.Uint32(b[8:]) == compressed
}

// Blot overwrites with dots, in compressed RTF and in place, what find names in
// its text: pairs of where something begins and ends. A byte that the text
// repeats elsewhere stays, so that nothing else is changed; of a random token
// few do, and nothing is left that anybody could use.
func Blot(b []byte, find func(text string) [][2]int) {
	if !IsPacked(b) {
		return
	}
	var trace []int
	text := unpack(b, &trace)
	spans := find(string(text))
	if len(spans) == 0 {
		return
	}
	wanted := make([]bool, len(b)) // by the text outside of what is overwritten
	last := 0
	for _, s := range append(spans, [2]int{len(trace), len(trace)}) {
		for _, source := range trace[last:s[0]] {
			wanted[max(source, -source-1)] = true
		}
		last = s[1]
	}
	for _, s := range spans {
		for _, source := range trace[s[0]:s[1]] {
			if source > 0 && !wanted[source] {
				b[source] = '.'
			}
		}
	}
	// MS-OXRTFCP §2.1.3.2: this checksum begins with zero and is not inverted.
	size := min(int(binary.LittleEndian.Uint32(b))+4, len(b))
	if size > packedHeader {
		binary.LittleEndian.PutUint32(b[12:], ^crc32.Update(^uint32(0), crc32.IEEETable, b[packedHeader:size]))
	}
}
