package picture

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
)

// The limits of Preview: pixels, and bytes of memory for decoding one picture.
const (
	MostPixels = 40_000_000
	MostCost   = 256 << 20
)

// ErrTooLarge tells that a picture is beyond the limits of Preview: it was not decoded.
var ErrTooLarge = errors.New("the picture is too large to be decoded")

// ErrKind tells that Preview cannot decode pictures of this kind.
var ErrKind = errors.New("pictures of this kind are not decoded")

// Refuse tells why Preview would not decode a picture; nil when it would.
func (i Info) Refuse() error {
	switch {
	case i.Kind != JPEG && i.Kind != PNG && i.Kind != GIF:
		return ErrKind
	case i.Width > 0 && i.Height > 0 && (i.Pixels() > MostPixels || i.Pixels() < 0 || i.Cost > MostCost):
		return ErrTooLarge
	case i.Width <= 0 || i.Height <= 0:
		return errors.New("the picture does not say how large it is")
	}
	return nil
}

// Preview makes a small JPEG that fits into a square of so many pixels and
// stands the right way up. It decodes only within the limits, which it asks of
// the headers first; the caller bounds how many run at once, by Info.Cost.
func Preview(b []byte, side int) ([]byte, error) {
	info := Look(b)
	if err := info.Refuse(); err != nil {
		return nil, err
	}
	src, err := decode(info.Kind, b)
	if err != nil {
		return nil, err
	}
	if size := src.Bounds(); int64(size.Dx())*int64(size.Dy()) > MostPixels || size.Empty() {
		return nil, ErrTooLarge
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, shrink(src, side, info.Orientation), &jpeg.Options{Quality: 82}); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

func decode(kind string, b []byte) (image.Image, error) {
	switch kind {
	case JPEG:
		return jpeg.Decode(bytes.NewReader(b))
	case PNG:
		return png.Decode(bytes.NewReader(b))
	}
	return gif.Decode(bytes.NewReader(b)) // its first frame
}

// points is how many points of the source, in each direction, one point of the
// small picture is the mean of: the work depends on the small picture alone.
const points = 4

// shrink draws src turned and made to fit; never larger than it is. What lets
// the background through gets a white one.
func shrink(src image.Image, side, turn int) image.Image {
	in := src.Bounds()
	w, h := in.Dx(), in.Dy()
	if turn >= 5 { // lying: width and height change places
		w, h = h, w
	}
	if longest := max(w, h); longest > side {
		w, h = max(1, w*side/longest), max(1, h*side/longest)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.SetRGBA(x, y, mean(src, in, x, y, w, h, turn))
		}
	}
	return out
}

func mean(src image.Image, in image.Rectangle, x, y, w, h, turn int) color.RGBA {
	var r, g, b, n uint32
	for j := range points {
		for i := range points {
			// Where the middle of this part of the point lies, between 0 and 1, in the turned picture.
			u, v := (float64(x)+(float64(i)+.5)/points)/float64(w), (float64(y)+(float64(j)+.5)/points)/float64(h)
			u, v = unturn(u, v, turn)
			p := at(src, in.Min.X+min(int(u*float64(in.Dx())), in.Dx()-1), in.Min.Y+min(int(v*float64(in.Dy())), in.Dy()-1))
			white := 255 - uint32(p.A)
			r, g, b, n = r+uint32(p.R)+white, g+uint32(p.G)+white, b+uint32(p.B)+white, n+1
		}
	}
	return color.RGBA{uint8(r / n), uint8(g / n), uint8(b / n), 255}
}

// at reads one point; the common kinds without making a value of an interface for each.
func at(src image.Image, x, y int) color.RGBA {
	switch s := src.(type) {
	case *image.YCbCr:
		c := s.YCbCrAt(x, y)
		r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		return color.RGBA{r, g, b, 255}
	case *image.RGBA:
		return s.RGBAAt(x, y)
	case *image.Gray:
		g := s.GrayAt(x, y).Y
		return color.RGBA{g, g, g, 255}
	}
	return color.RGBAModel.Convert(src.At(x, y)).(color.RGBA)
}

// unturn tells where a point of the picture as it is to be seen lies in the
// picture as stored (Exif 2.32 §4.6.4, Orientation).
func unturn(u, v float64, turn int) (float64, float64) {
	switch turn {
	case 2:
		return 1 - u, v
	case 3:
		return 1 - u, 1 - v
	case 4:
		return u, 1 - v
	case 5:
		return v, u
	case 6:
		return v, 1 - u
	case 7:
		return 1 - v, 1 - u
	case 8:
		return 1 - v, u
	}
	return u, v
}
