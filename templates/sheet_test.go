package templates

import "testing"

func TestASheetHasTheNamePeopleCallIt(t *testing.T) {
	for want, sides := range map[string][2]int{"A1": {8409, 5941}, "A4": {2100, 2970}, "A3": {4190, 2960}, "900 × 500 mm": {9000, 4996}} {
		if got := Sheet(sides[0], sides[1]); got != want {
			t.Errorf("%v is %q, want %q", sides, got, want)
		}
	}
}
