package reply

import (
	"math/bits"
	"math/rand/v2"
)

// hashSet is a set of hashes in open addressing. Zero is an empty place, so it
// and one share theirs: what is compared are hashes, and two of them may meet
// in any case. Each set has its own order of places, drawn by lot: nobody can
// write words that all want the same one.
type hashSet struct {
	places []uint64
	lot    uint64
	shift  int
}

// room gives an empty set for n hashes, in the memory of s when that will do.
func (s hashSet) room(n int) hashSet {
	size := 1 << max(4, bits.Len(uint(2*n)))
	if cap(s.places) < size {
		s.places = make([]uint64, size)
	} else {
		s.places = s.places[:size]
		clear(s.places)
	}
	s.lot, s.shift = rand.Uint64()|1, 65-bits.Len(uint(size))
	return s
}

func (s *hashSet) add(h uint64) {
	if at := s.find(&h); *at == 0 {
		*at = h
	}
}

func (s *hashSet) has(h uint64) bool { return *s.find(&h) != 0 }

// find is the place of h, or the empty one where it would be.
func (s *hashSet) find(h *uint64) *uint64 {
	*h = max(*h, 1)
	for i := *h * s.lot >> s.shift; ; i++ {
		if at := &s.places[i&uint64(len(s.places)-1)]; *at == 0 || *at == *h {
			return at
		}
	}
}

// workspace is the memory alignment takes: numbers only, nothing of the mail.
type workspace struct {
	sent, all []uint64
	known     hashSet
	runs      []int
	starts    []int
}

// mostWords bounds what is kept of it for the next mail.
const mostWords = 1 << 14

// small tells that the memory may be kept.
func (w *workspace) small() bool {
	return cap(w.sent) <= mostWords && cap(w.all) <= mostWords && cap(w.known.places) <= 4*mostWords && cap(w.runs) <= mostWords && cap(w.starts) <= mostWords
}
