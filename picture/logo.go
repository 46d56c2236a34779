package picture

import (
	"bytes"
	"image/jpeg"
	"image/png"
)

// Logo makes a picture fit to stand above pages and mails: drawn anew, so that
// nothing but its points is left of the file that was given; on white, so that
// it can be seen on any ground; within a square of side points and at most
// most bytes. Flat drawings stay exact (PNG), photographs become a JPEG.
func Logo(b []byte, side, most int) ([]byte, error) {
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
	small := shrink(src, side, info.Orientation)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, small); err != nil {
		return nil, err
	}
	for quality := 90; out.Len() > most; quality -= 15 {
		if quality < 30 {
			return nil, ErrTooLarge
		}
		out.Reset()
		if err := jpeg.Encode(&out, small, &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}
