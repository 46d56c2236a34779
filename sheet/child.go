package sheet

import (
	"encoding/json"
	"io"
	"math"
	"os"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

const (
	// memory is what a child may have, in bytes; it collects before it comes there.
	memory = 768 << 20
	// seconds of processor time that a child may have.
	seconds = 6
	// thickest and widest are beyond what a plotter takes: 100,000 pages, 100 metres.
	thickest, widest = 100_000, 1_000_000
)

// Child reads the drawing that this process was started for, and tells whether
// it was: then there is nothing else to do.
func Child() bool {
	if !slices.Contains(os.Environ(), marker) {
		return false
	}
	bound(syscall.RLIMIT_DATA, memory)
	bound(syscall.RLIMIT_CPU, seconds)
	bound(syscall.RLIMIT_CORE, 0)
	bound(syscall.RLIMIT_FSIZE, 1<<20)
	debug.SetMemoryLimit(memory / 2)
	facts, err := read(os.Stdin)
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(facts)
	}
	if err != nil {
		os.Exit(1)
	}
	return true
}

func bound(what int, most uint64) {
	if syscall.Setrlimit(what, &syscall.Rlimit{Cur: most, Max: most}) != nil {
		os.Exit(1) // without bounds nothing is read
	}
}

// read is what pdfcpu knows of the drawing. It is not validated: many programs
// write what readers accept and the standard does not.
func read(content io.ReadSeeker) (facts Facts, err error) {
	api.DisableConfigDir() // nothing is written into anybody's home
	conf := model.NewDefaultConfiguration()
	conf.Offline, conf.ValidationMode = true, model.ValidationRelaxed
	conf.Limits.MaxStreamBytes, conf.Limits.MaxDecodeBytes = 256<<20, 64<<20
	ctx, err := api.ReadContext(content, conf)
	if err != nil {
		return facts, err
	}
	if err := ctx.EnsurePageCount(); err != nil {
		return facts, err
	}
	page, _, inherited, err := ctx.PageDict(1, false)
	if err != nil || ctx.PageCount > thickest {
		return facts, err
	}
	facts.Pages = ctx.PageCount
	facts.Width, facts.Height = size(page, inherited)
	return facts, nil
}

// size is of the part that is shown (ISO 32000-1 §14.11.2), turned as it is shown.
func size(page types.Dict, a *model.InheritedPageAttrs) (width, height int) {
	box := a.MediaBox
	if box == nil {
		return 0, 0
	}
	left, right, below, above := ordered(box)
	if a.CropBox != nil {
		l, r, b, t := ordered(a.CropBox)
		left, right, below, above = max(left, l), min(right, r), max(below, b), min(above, t)
	}
	unit := 1.0 // of 1/72 inch; drawings of more than 5 m have larger ones (§14.11.2, UserUnit)
	switch n := page["UserUnit"].(type) {
	case types.Float:
		unit = n.Value()
	case types.Integer:
		unit = float64(n.Value())
	}
	tenths := func(points float64) int {
		mm := points * unit / 72 * 254
		if !(mm > 0 && mm < widest) {
			return 0
		}
		return int(math.Round(mm))
	}
	width, height = tenths(right-left), tenths(above-below)
	if width == 0 || height == 0 {
		return 0, 0
	}
	if a.Rotate%180 != 0 {
		return height, width
	}
	return width, height
}

// ordered are the sides of a box, whose corners may be given in any order (§7.9.5).
func ordered(r *types.Rectangle) (left, right, below, above float64) {
	return min(r.LL.X, r.UR.X), max(r.LL.X, r.UR.X), min(r.LL.Y, r.UR.Y), max(r.LL.Y, r.UR.Y)
}
