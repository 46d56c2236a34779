package demo

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"planpost/mail"
)

// A sheet is a drawing in millimetres of paper, origin at the lower left. It is
// drawn once and written as PDF for printing and as DXF for CAD programs; both
// are made here, so the demo brings no file of anybody else.
type sheet struct {
	plan          *samplePlan
	index, day    string
	width, height float64
	strokes       []stroke
	labels        []label
}

// stroke is a line; layer names it in DXF, weight is its width in mm.
type stroke struct {
	layer          string
	weight         float64
	x1, y1, x2, y2 float64
}

type label struct {
	x, y, size float64 // of capitals, in mm
	text       string
}

// Sizes of paper in mm, across.
var papers = map[string][2]float64{"A0": {1189, 841}, "A1": {841, 594}, "A2": {594, 420}, "A3": {420, 297}}

// drawSheet draws a plan's index. Each index shows a little more than the one before, as plans do.
func drawSheet(p *samplePlan, index, day string) *sheet {
	size := papers[p.paper]
	s := &sheet{plan: p, index: index, day: day, width: size[0], height: size[1]}
	random := rand.New(rand.NewPCG(uint64(len(p.title)), uint64(p.number[len(p.number)-1])))
	s.frame()
	x, y, w, h := 70.0, 120.0, s.width-140, s.height-190
	switch p.draws {
	case "facade":
		s.facade(x, y, w, h, 3+int(index[0]-'A'))
	case "detail":
		s.detail(x, y, w, h)
	default:
		s.floor(random, x, y, w, h, 3)
	}
	s.cloud(index)
	return s
}

func (s *sheet) line(layer string, weight, x1, y1, x2, y2 float64) {
	s.strokes = append(s.strokes, stroke{layer, weight, x1, y1, x2, y2})
}

func (s *sheet) box(layer string, weight, x, y, w, h float64) {
	s.line(layer, weight, x, y, x+w, y)
	s.line(layer, weight, x+w, y, x+w, y+h)
	s.line(layer, weight, x+w, y+h, x, y+h)
	s.line(layer, weight, x, y+h, x, y)
}

// arc is a part of a circle from one angle to another, in degrees.
func (s *sheet) arc(layer string, weight, x, y, r, from, to float64) {
	const steps = 16
	at := func(i float64) (float64, float64) {
		a := (from + (to-from)*i/steps) * math.Pi / 180
		return x + r*math.Cos(a), y + r*math.Sin(a)
	}
	for i := range steps {
		x1, y1 := at(float64(i))
		x2, y2 := at(float64(i + 1))
		s.line(layer, weight, x1, y1, x2, y2)
	}
}

func (s *sheet) say(x, y, size float64, text string) {
	s.labels = append(s.labels, label{x, y, size, text})
}

// frame is the border and the title block.
func (s *sheet) frame() {
	s.box("FRAME", 0.7, 20, 10, s.width-30, s.height-20)
	x, y := s.width-10-180, 10.0
	s.box("TITLE", 0.5, x, y, 180, 60)
	for _, at := range []float64{14, 28, 44} {
		s.line("TITLE", 0.25, x, y+at, x+180, y+at)
	}
	s.line("TITLE", 0.25, x+130, y, x+130, y+28)
	s.say(x+4, y+49, 5, companyName)
	s.say(x+4, y+33, 5, "Maison Lumière, Lyon")
	s.say(x+4, y+18, 4, s.plan.title)
	s.say(x+4, y+4.5, 6, s.plan.number)
	s.say(x+134, y+18, 3.5, s.plan.scale+"  "+s.plan.paper)
	s.say(x+134, y+4.5, 6, "Index "+s.index)
	s.say(x+4, y+65, 3, "Drawn "+s.day)
}

// floor are walls that part a storey into rooms, with doors and dimensions.
func (s *sheet) floor(random *rand.Rand, x, y, w, h float64, depth int) {
	s.box("WALL", 1, x, y, w, h)
	s.box("WALL", 0.5, x+5, y+5, w-10, h-10)
	room := 0
	var part func(x, y, w, h float64, depth int)
	part = func(x, y, w, h float64, depth int) {
		at := 0.38 + 0.24*random.Float64()
		switch {
		case depth == 0:
			room++
			s.say(x+w/2-10, y+h/2, 3.5, fmt.Sprintf("%d.%02d", 1, room))
			s.say(x+w/2-10, y+h/2-6, 2.5, fmt.Sprintf("%.1f m²", w*h*0.0025))
		case w > h:
			cut := x + w*at
			door := y + h*0.55
			s.line("WALL", 0.7, cut, y, cut, door)
			s.line("WALL", 0.7, cut, door+18, cut, y+h)
			s.line("DOOR", 0.25, cut, door, cut+18, door)
			s.arc("DOOR", 0.18, cut, door, 18, 0, 90)
			part(x, y, cut-x, h, depth-1)
			part(cut, y, x+w-cut, h, depth-1)
		default:
			cut := y + h*at
			door := x + w*0.3
			s.line("WALL", 0.7, x, cut, door, cut)
			s.line("WALL", 0.7, door+18, cut, x+w, cut)
			s.line("DOOR", 0.25, door, cut, door, cut+18)
			s.arc("DOOR", 0.18, door, cut, 18, 0, 90)
			part(x, y, w, cut-y, depth-1)
			part(x, cut, w, y+h-cut, depth-1)
		}
	}
	part(x+5, y+5, w-10, h-10, depth)
	s.axes(x, y, w, h, 6)
}

// axes are the building's grid, with its names and dimensions.
func (s *sheet) axes(x, y, w, h float64, n int) {
	for i := range n + 1 {
		at := x + w*float64(i)/float64(n)
		s.line("AXIS", 0.13, at, y-22, at, y+h+14)
		s.arc("AXIS", 0.25, at, y-27, 5, 0, 360)
		s.say(at-1.2, y-28.5, 3, fmt.Sprint(i+1))
		if i > 0 {
			s.line("DIMENSION", 0.18, at-w/float64(n), y-14, at, y-14)
			s.line("DIMENSION", 0.25, at-1.5, y-15.5, at+1.5, y-12.5)
			s.say(at-w/float64(n)/2-5, y-12.5, 2.5, fmt.Sprintf("%.2f", w/float64(n)*0.05))
		}
	}
}

// facade is an elevation with rows of windows.
func (s *sheet) facade(x, y, w, h float64, rows int) {
	s.line("GROUND", 1.4, x-15, y, x+w+15, y)
	s.box("WALL", 0.7, x, y, w, h)
	const columns = 7
	for row := range rows {
		for column := range columns {
			wx, wy := x+w*(float64(column)+0.2)/columns, y+h*(float64(row)+0.25)/float64(rows)
			ww, wh := w*0.6/columns, h*0.55/float64(rows)
			s.box("WINDOW", 0.5, wx, wy, ww, wh)
			s.box("WINDOW", 0.18, wx+2, wy+2, ww/2-3, wh-4)
			s.box("WINDOW", 0.18, wx+ww/2+1, wy+2, ww/2-3, wh-4)
		}
		s.line("LEVEL", 0.18, x-30, y+h*float64(row)/float64(rows), x-6, y+h*float64(row)/float64(rows))
		s.say(x-30, y+h*float64(row)/float64(rows)+1.5, 3, fmt.Sprintf("+%.2f", 3.4*float64(row)))
	}
}

// detail is a cut through a wall, with its layers.
func (s *sheet) detail(x, y, w, h float64) {
	left := x
	for i, share := range []float64{0.12, 0.34, 0.08, 0.2, 0.06} {
		width := w * share
		s.box("LAYER", 0.7, left, y, width, h)
		step := []float64{6, 14, 4, 9, 3}[i]
		for at := 0.0; at+width < h; at += step {
			s.line("HATCH", 0.13, left, y+at, left+width, y+at+width)
		}
		s.line("NOTE", 0.18, left+width/2, y+h+2, left+width/2, y+h+8+float64(i%2)*6)
		s.say(left, y+h+10+float64(i%2)*6, 3, []string{"Render", "Stone", "Membrane", "Wool", "Board"}[i])
		left += width
	}
}

// cloud marks what is new, as revisions are marked: no cloud on the first index.
func (s *sheet) cloud(index string) {
	if index == "A" {
		return
	}
	x, y := 70+s.width*0.3, 120+s.height*0.2
	for i := range 8 {
		s.arc("REVISION", 0.5, x+float64(i)*8, y, 4, 180, 360)
		s.arc("REVISION", 0.5, x+float64(i)*8, y+30, 4, 0, 180)
	}
	for i := range 4 {
		s.arc("REVISION", 0.5, x-4, y+4+float64(i)*8, 4, 90, 270)
		s.arc("REVISION", 0.5, x+60, y+4+float64(i)*8, 4, -90, 90)
	}
	s.say(x+66, y+32, 5, index)
}

// pdf writes the sheet in its own size.
func (s *sheet) pdf(name string) mail.Attachment {
	const point = 72 / 25.4
	var b strings.Builder
	fmt.Fprintf(&b, "q %.5f 0 0 %.5f 0 0 cm 1 J 1 j\n", point, point)
	weight := 0.0
	for _, l := range s.strokes {
		if l.weight != weight {
			weight = l.weight
			fmt.Fprintf(&b, "%.2f w\n", weight)
		}
		fmt.Fprintf(&b, "%.2f %.2f m %.2f %.2f l S\n", l.x1, l.y1, l.x2, l.y2)
	}
	for _, t := range s.labels {
		fmt.Fprintf(&b, "BT /F1 %.2f Tf %.2f %.2f Td (%s) Tj ET\n", t.size*1.38, t.x, t.y, winAnsi(t.text))
	}
	b.WriteString("Q\n")
	return pdfPage(name, s.width*point, s.height*point, b.String())
}

// dxf writes the sheet as AutoCAD R12 does, which every CAD program reads.
func (s *sheet) dxf(name string) mail.Attachment {
	var b bytes.Buffer
	b.WriteString("0\r\nSECTION\r\n2\r\nHEADER\r\n9\r\n$ACADVER\r\n1\r\nAC1009\r\n0\r\nENDSEC\r\n0\r\nSECTION\r\n2\r\nENTITIES\r\n")
	for _, l := range s.strokes {
		fmt.Fprintf(&b, "0\r\nLINE\r\n8\r\n%s\r\n10\r\n%.3f\r\n20\r\n%.3f\r\n11\r\n%.3f\r\n21\r\n%.3f\r\n", l.layer, l.x1, l.y1, l.x2, l.y2)
	}
	for _, t := range s.labels {
		fmt.Fprintf(&b, "0\r\nTEXT\r\n8\r\nTEXT\r\n10\r\n%.3f\r\n20\r\n%.3f\r\n40\r\n%.3f\r\n1\r\n%s\r\n", t.x, t.y, t.size, latin1(t.text))
	}
	b.WriteString("0\r\nENDSEC\r\n0\r\nEOF\r\n")
	return mail.Attachment{Name: name, Type: "image/vnd.dxf", Content: b.Bytes()}
}

// latin1 is what the encodings of both formats have in common.
func latin1(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		if r > 0xff {
			r = '?'
		}
		b = append(b, byte(r))
	}
	return string(b)
}

func winAnsi(s string) string {
	return strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(latin1(s))
}
