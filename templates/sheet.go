package templates

import (
	"fmt"
	"strconv"
)

// sheets are the sizes of ISO 216 that plans have, short side first, in tenths of a millimetre.
var sheets = []struct {
	name        string
	short, long int
}{{"A0", 8410, 11890}, {"A1", 5940, 8410}, {"A2", 4200, 5940}, {"A3", 2970, 4200}, {"A4", 2100, 2970}, {"A5", 1480, 2100}}

// Sheet names a sheet of paper by its sides in tenths of a millimetre: A1, or
// its millimetres where it has no name. Programs round, so two millimetres count for nothing.
func Sheet(width, height int) string {
	short, long := min(width, height), max(width, height)
	for _, s := range sheets {
		if near(short, s.short) && near(long, s.long) {
			return s.name
		}
	}
	return fmt.Sprintf("%s × %s mm", strconv.Itoa((width+5)/10), strconv.Itoa((height+5)/10))
}

func near(a, b int) bool { return a-b <= 20 && b-a <= 20 }
