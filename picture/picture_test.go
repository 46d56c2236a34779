package picture

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// quarters is a picture of four colours, by which one sees how it is turned.
func quarters(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			m.SetRGBA(x, y, [2][2]color.RGBA{{{255, 0, 0, 255}, {0, 255, 0, 255}}, {{0, 0, 255, 255}, {255, 255, 255, 255}}}[2*y/h][2*x/w])
		}
	}
	return m
}

func jpegOf(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, quarters(w, h), &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, w, h int) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, quarters(w, h)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// secret is what stands for the place in every test picture.
const secret = "48.20849,16.37208"

// exif is a TIFF structure with an orientation, a date, and a GPS directory
// whose value is the secret.
func exif(order binary.AppendByteOrder, turn int) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	field := func(tag, kind uint16, n, v uint32, short bool) {
		b = order.AppendUint32(order.AppendUint16(order.AppendUint16(b, tag), kind), n)
		if short {
			b = append(order.AppendUint16(b, uint16(v)), 0, 0)
			return
		}
		b = order.AppendUint32(b, v)
	}
	b = order.AppendUint16(b, 3) // at 8: 2 + 3*12 + 4 = 42, so the next is at 50
	field(tagOrientation, 3, 1, uint32(turn), true)
	field(0x0132, 2, 20, 50, false)
	field(tagGPS, 4, 1, 70, false)
	b = order.AppendUint32(b, 0)
	b = append(b, "2026:01:02 03:04:05\x00"...)
	b = order.AppendUint16(b, 1) // at 70: 2 + 12 + 4 = 18, so the value is at 88
	field(27, 2, uint32(len(secret)), 88, false)
	b = order.AppendUint32(b, 0)
	return append(b, secret...)
}

func segmentOf(marker byte, data string) string {
	return string(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(data)+2))) + data
}

const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf exif:GPSLatitude="` + secret + `"/></x:xmpmeta>`

// withMeta puts segments behind SOI.
func withMeta(b []byte, segments ...string) []byte {
	return []byte(string(b[:2]) + strings.Join(segments, "") + string(b[2:]))
}

func chunkOf(name, data string) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, name...), data...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE([]byte(name+data))))
}

func riff(chunks ...string) []byte {
	all := "WEBP" + strings.Join(chunks, "")
	return []byte("RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(all)))) + all)
}

func riffChunk(name, data string) string {
	s := name + string(binary.LittleEndian.AppendUint32(nil, uint32(len(data)))) + data
	return s + strings.Repeat("\x00", len(data)&1)
}

func boxOf(name, data string) string {
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(data)))) + name + data
}

// heicOf is a HEIC file's skeleton: an Exif and an XMP item, found by tables or
// (broken tables) only by their look.
func heicOf(tables bool) []byte {
	meta := func(at uint32) string {
		item := func(id byte, kind string) string {
			return boxOf("infe", "\x02\x00\x00\x00\x00"+string(rune(id))+"\x00\x00"+kind+"\x00")
		}
		place := func(id byte, from uint32, n int) string {
			b := []byte{0, id, 0, 0, 0, 1}
			return string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(b, from), uint32(n)))
		}
		e := len("\x00\x00\x00\x06"+exifMark) + len(exif(binary.BigEndian, 6))
		iloc := "\x00\x00\x00\x00\x44\x00\x00\x02" + place(1, at, e) + place(2, at+uint32(e), len(xmp))
		if !tables {
			iloc = "\x00\x00\x00\x00\x44\x00\x00\x00"
		}
		size := string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 4032), 3024))
		return boxOf("meta", "\x00\x00\x00\x00"+boxOf("iinf", "\x00\x00\x00\x00\x00\x02"+item(1, "Exif")+item(2, "mime"))+boxOf("iloc", iloc)+
			boxOf("iprp", boxOf("ipco", boxOf("ispe", "\x00\x00\x00\x00"+size))))
	}
	head := boxOf("ftyp", "heic\x00\x00\x00\x00mif1heic")
	at := uint32(len(head) + len(meta(0)) + 8)
	return []byte(head + meta(at) + boxOf("mdat", "\x00\x00\x00\x06"+exifMark+string(exif(binary.BigEndian, 6))+xmp+"picture data"))
}

func TestHeadersTellKindSizeAndTurn(t *testing.T) {
	var g bytes.Buffer
	if err := gif.Encode(&g, quarters(30, 20), nil); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		b    []byte
		want Info
	}{
		"png":       {pngOf(t, 30, 20), Info{Kind: PNG, Width: 30, Height: 20, Orientation: 1}},
		"jpeg":      {jpegOf(t, 30, 20), Info{Kind: JPEG, Width: 30, Height: 20, Orientation: 1}},
		"turned":    {withMeta(jpegOf(t, 30, 20), segmentOf(markAPP1, exifMark+string(exif(binary.LittleEndian, 6)))), Info{Kind: JPEG, Width: 30, Height: 20, Orientation: 6}},
		"gif":       {g.Bytes(), Info{Kind: GIF, Width: 30, Height: 20, Orientation: 1}},
		"webp":      {riff(riffChunk("VP8X", "\x00\x00\x00\x00\x1d\x00\x00\x13\x00\x00")), Info{Kind: WebP, Width: 30, Height: 20, Orientation: 1}},
		"lossless":  {riff(riffChunk("VP8L", "\x2f\x1d\xc0\x04\x00")), Info{Kind: WebP, Width: 30, Height: 20, Orientation: 1}},
		"heic":      {heicOf(true), Info{Kind: HEIC, Width: 4032, Height: 3024, Orientation: 1}},
		"no":        {[]byte("hello"), Info{Orientation: 1}},
		"cut short": {pngOf(t, 30, 20)[:20], Info{Kind: PNG, Orientation: 1}},
	} {
		got := Look(c.b)
		got.Cost = 0
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestThePlaceGoesAndThePictureStays(t *testing.T) {
	body := string(exif(binary.BigEndian, 6))
	little := string(exif(binary.LittleEndian, 6))
	p := pngOf(t, 30, 20)
	webp := func(data string) []byte {
		return riff(riffChunk("VP8X", "\x0c\x00\x00\x00\x1d\x00\x00\x13\x00\x00"), riffChunk("VP8L", "\x2f\x1d\xc0\x04\x00rest"), data)
	}
	for name, b := range map[string][]byte{
		"jpeg exif":          withMeta(jpegOf(t, 30, 20), segmentOf(markAPP1, exifMark+body)),
		"jpeg little endian": withMeta(jpegOf(t, 30, 20), segmentOf(markAPP1, exifMark+little)),
		"jpeg xmp":           withMeta(jpegOf(t, 30, 20), segmentOf(markAPP1, xmpMark+xmp)),
		"jpeg long xmp":      withMeta(jpegOf(t, 30, 20), segmentOf(markAPP1, xmpMoreMark+secret)),
		"jpeg iptc":          withMeta(jpegOf(t, 30, 20), segmentOf(markAPP13, photoshopTag+"8BIM\x04\x04\x00\x00\x00\x00\x00\x20\x1c\x02\x5a"+secret)),
		"jpeg broken exif":   withMeta(jpegOf(t, 30, 20), segmentOf(markAPP1, exifMark+"MM\x00*\x00\x00\xff\xff"+secret)),
		"jpeg and a second":  append(jpegOf(t, 30, 20), withMeta(jpegOf(t, 10, 10), segmentOf(markAPP1, exifMark+body))...),
		"jpeg and a film":    append(jpegOf(t, 30, 20), boxOf("ftyp", "mp42")+"\xa9xyz"+secret...),
		"png exif":           []byte(string(p[:33]) + chunkOf("eXIf", body) + string(p[33:])),
		"png xmp":            []byte(string(p[:33]) + chunkOf("iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00"+xmp) + string(p[33:])),
		"png profile":        []byte(string(p[:33]) + chunkOf("tEXt", "Raw profile type exif\x00"+secret) + string(p[33:])),
		"png and more":       []byte(string(p) + secret),
		"webp exif":          webp(riffChunk("EXIF", body)),
		"webp marked exif":   webp(riffChunk("EXIF", exifMark+little)),
		"webp xmp":           webp(riffChunk("XMP ", xmp)),
		"tiff exif":          []byte(body),
		"heic":               heicOf(true),
		"heic, no tables":    heicOf(false),
	} {
		was := bytes.Clone(b)
		out, found := WithoutPlace(b)
		if !found || bytes.Contains(out, []byte(secret)) || bytes.Contains(out, []byte("GPSLat")) {
			t.Errorf("%s: found %v, the place is still there: %v", name, found, bytes.Contains(out, []byte(secret)))
		}
		if !bytes.Equal(was, b) {
			t.Errorf("%s: the original was changed", name)
		}
		if i, o := Look(b), Look(out); i.Kind != o.Kind || i.Width != o.Width || i.Height != o.Height || i.Orientation != o.Orientation && name != "jpeg broken exif" {
			t.Errorf("%s: %+v became %+v", name, i, o)
		}
		if strings.Contains(name, "exif") && !strings.Contains(name, "broken") && !bytes.Contains(out, []byte("2026:01:02")) {
			t.Errorf("%s: the date is gone", name)
		}
		if again, more := WithoutPlace(out); more || !bytes.Equal(again, out) {
			t.Errorf("%s: a second look finds something", name)
		}
		if strings.HasPrefix(name, "jpeg") || strings.HasPrefix(name, "png") {
			a, _, errA := image.Decode(bytes.NewReader(b))
			z, _, errZ := image.Decode(bytes.NewReader(out))
			if errA != nil || errZ != nil || a.At(3, 3) != z.At(3, 3) || a.At(27, 17) != z.At(27, 17) {
				t.Errorf("%s: the picture changed: %v %v", name, errA, errZ)
			}
		}
	}
}

func TestAPictureWithoutAPlaceIsLeftAsItIs(t *testing.T) {
	for name, b := range map[string][]byte{"jpeg": jpegOf(t, 30, 20), "png": pngOf(t, 30, 20), "text": []byte("hello"), "empty": nil} {
		if out, found := WithoutPlace(b); found || !bytes.Equal(out, b) {
			t.Errorf("%s: changed", name)
		}
	}
}

// The corner of the first quarter, as the eye sees it, after each turning.
func TestPreviewsStandTheRightWayUp(t *testing.T) {
	names := map[color.RGBA]string{{255, 0, 0, 255}: "red", {0, 255, 0, 255}: "green", {0, 0, 255, 255}: "blue", {255, 255, 255, 255}: "white"}
	near := func(c color.Color) string {
		r, g, b, _ := c.RGBA()
		for k, n := range names {
			if abs(int(r>>8)-int(k.R)) < 60 && abs(int(g>>8)-int(k.G)) < 60 && abs(int(b>>8)-int(k.B)) < 60 {
				return n
			}
		}
		return "?"
	}
	for turn, want := range map[int]string{1: "red green blue", 2: "green red white", 3: "white blue green", 4: "blue white red", 5: "red blue green", 6: "blue red white", 7: "white green blue", 8: "green white red"} {
		b := withMeta(jpegOf(t, 400, 200), segmentOf(markAPP1, exifMark+string(exif(binary.LittleEndian, turn))))
		small, err := Preview(b, 100)
		if err != nil {
			t.Fatal(err)
		}
		m, err := jpeg.Decode(bytes.NewReader(small))
		if err != nil {
			t.Fatal(err)
		}
		w, h := m.Bounds().Dx(), m.Bounds().Dy()
		if lying := turn >= 5; lying != (h > w) || max(w, h) != 100 || min(w, h) != 50 {
			t.Errorf("turn %d: %d×%d", turn, w, h)
		}
		if got := near(m.At(w/8, h/8)) + " " + near(m.At(w*7/8, h/8)) + " " + near(m.At(w/8, h*7/8)); got != want {
			t.Errorf("turn %d: %s, want %s", turn, got, want)
		}
	}
}

func abs(n int) int { return max(n, -n) }

func TestPixelBombsAreRefusedBeforeTheyAreDecoded(t *testing.T) {
	bomb := pngOf(t, 2, 2)
	binary.BigEndian.PutUint32(bomb[16:], 50_000)
	binary.BigEndian.PutUint32(bomb[20:], 50_000)
	wide := jpegOf(t, 8, 8)
	for s := range segments(wide) {
		if isSOF(s.marker) {
			binary.BigEndian.PutUint16(s.data[1:], 65_000)
			binary.BigEndian.PutUint16(s.data[3:], 65_000)
		}
	}
	for name, b := range map[string][]byte{"png": bomb, "jpeg": wide, "gif": []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00")} {
		if _, err := Preview(b, 100); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Preview(heicOf(true), 100); !errors.Is(err, ErrKind) {
		t.Errorf("heic: %v", err)
	}
	if _, err := Preview(pngOf(t, 30, 20)[:60], 100); err == nil {
		t.Error("a broken picture was decoded")
	}
}

func FuzzPicture(f *testing.F) {
	f.Add(withMeta(jpegOf(f, 8, 8), segmentOf(markAPP1, exifMark+string(exif(binary.BigEndian, 6))), segmentOf(markAPP1, xmpMark+xmp)))
	p := pngOf(f, 8, 8)
	f.Add([]byte(string(p[:33]) + chunkOf("eXIf", string(exif(binary.LittleEndian, 3))) + string(p[33:])))
	f.Add(riff(riffChunk("VP8X", "\x0c\x00\x00\x00\x1d\x00\x00\x13\x00\x00"), riffChunk("EXIF", string(exif(binary.BigEndian, 6))), riffChunk("XMP ", xmp)))
	f.Add(heicOf(true))
	f.Add(heicOf(false))
	f.Fuzz(func(t *testing.T, b []byte) {
		was := bytes.Clone(b)
		info := Look(b)
		out, found := WithoutPlace(b)
		if !bytes.Equal(was, b) {
			t.Fatal("the original was changed")
		}
		if !found && !bytes.Equal(out, b) {
			t.Fatal("changed, and nothing was found")
		}
		if got := Look(out); info.Width > 0 && (got.Kind != info.Kind || got.Width != info.Width) {
			t.Fatalf("a %s became a %q", info.Kind, got.Kind)
		}
		if info.Pixels() < 1<<16 {
			_, _ = Preview(b, 50)
		}
	})
}
