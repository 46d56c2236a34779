package smtpd

import (
	"math/rand/v2"
	"strings"
	"testing"
)

func TestALoneCRIsSeenHoweverTheBytesArrive(t *testing.T) {
	for text, alone := range map[string]bool{
		"a\r\nb\r\n": false, "a\rb\r\n": true, "a\r\r\nb": true, "\r\n\r\n": false, "\r\n.\r\r\n": true, "a\nb": false, "\r\rb": true,
		strings.Repeat("line\r\n", 50) + "\rX": true, strings.Repeat("line\r\n", 50): false,
	} {
		for range 50 {
			var w wire
			for rest := []byte(text); len(rest) > 0; {
				n := 1 + rand.IntN(len(rest))
				w.watch(rest[:n])
				rest = rest[n:]
			}
			if w.bare != alone {
				t.Fatalf("%q: %v", text, w.bare)
			}
		}
	}
}
