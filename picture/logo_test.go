package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"testing"
)

func TestALogoIsDrawnAnewOnWhiteAndSmall(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 900, 300)) // clear but for a red half
	for y := range 300 {
		for x := range 450 {
			m.Set(x, y, color.NRGBA{200, 0, 0, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	// What stands behind the picture in the file must not come along.
	out, err := Logo(append(b.Bytes(), "<script>"+secret...), 320, 32<<10)
	if err != nil || bytes.Contains(out, []byte(secret)) {
		t.Fatalf("%v, %d bytes", err, len(out))
	}
	got, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if size := got.Bounds().Size(); size != image.Pt(320, 106) {
		t.Errorf("it is %v", size)
	}
	for x, want := range map[int]color.RGBA{10: {200, 0, 0, 255}, 310: {255, 255, 255, 255}} {
		if c := color.RGBAModel.Convert(got.At(x, 50)); c != want {
			t.Errorf("at %d it is %v, want %v", x, c, want)
		}
	}
}

func TestAPhotographAsLogoBecomesAJPEGThatFits(t *testing.T) {
	m, random := image.NewRGBA(image.Rect(0, 0, 400, 400)), rand.New(rand.NewPCG(1, 2))
	for i := range m.Pix {
		m.Pix[i] = byte(random.Uint32())
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	out, err := Logo(b.Bytes(), 320, 64<<10)
	if err != nil || len(out) > 64<<10 || Look(out).Kind != JPEG {
		t.Errorf("%v, %d bytes of %s", err, len(out), Look(out).Kind)
	}
	if _, err := Logo(b.Bytes(), 320, 1000); err != ErrTooLarge {
		t.Errorf("what cannot be made small enough: %v", err)
	}
}

func TestALogoIsAPictureOfASafeKind(t *testing.T) {
	for name, b := range map[string][]byte{
		"a drawing with a script": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "a page": []byte("<!DOCTYPE html><p>x"),
		"nothing": nil, "a broken picture": pngOf(t, 10, 10)[:40], "a WebP": []byte("RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"),
	} {
		if out, err := Logo(b, 320, 32<<10); err == nil {
			t.Errorf("%s became %d bytes", name, len(out))
		}
	}
}
