// Package picture knows facts about pictures: what a file's bytes show it to
// be, how large it is, which way is up, where in it stands the place at which it
// was taken, and how to make a small copy of it.
//
//	bytes -> Look         -> Info            (headers only, nothing is decoded)
//	bytes -> WithoutPlace -> bytes           (metadata changed, the picture itself untouched)
//	bytes -> Preview      -> a small JPEG    (decoded within a budget, turned the right way)
//
// Every byte is taken for a stranger's: lengths are checked before they are
// followed, and what would need too much memory is refused before it is decoded.
// It must not know who asks, what a picture belongs to, or where it is kept.
package picture

import (
	"bytes"
	"encoding/binary"
)

// The kinds that Look can name, as media types.
const (
	PNG  = "image/png"
	JPEG = "image/jpeg"
	GIF  = "image/gif"
	WebP = "image/webp"
	HEIC = "image/heic"
)

// Info is what a picture's headers say.
type Info struct {
	// Kind is one of the media types above; "" when it is none of them.
	Kind string
	// Width and Height are in pixels as stored, before turning; 0 when not found.
	Width, Height int
	// Orientation is that of Exif (1 to 8): how the stored picture is to be turned. 1 when not said.
	Orientation int
	// Cost is about how many bytes decoding it needs at once; 0 for kinds that Preview cannot decode.
	Cost int64
}

// Pixels is how many a picture has.
func (i Info) Pixels() int64 { return int64(i.Width) * int64(i.Height) }

// Look reads the headers of a picture. b may be its beginning only: what lies
// beyond is then unknown.
func Look(b []byte) Info {
	i := Info{Orientation: 1}
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		i.Kind = PNG
		lookPNG(b, &i)
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		i.Kind = JPEG
		lookJPEG(b, &i)
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		i.Kind = GIF
		lookGIF(b, &i)
	case len(b) >= 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		i.Kind = WebP
		lookWebP(b, &i)
	case isHEIC(b):
		i.Kind = HEIC
		lookHEIC(b, &i)
	}
	return i
}

// lookGIF reads the logical screen (GIF89a §18); decoders take a frame's memory from it.
func lookGIF(b []byte, i *Info) {
	if len(b) < 10 {
		return
	}
	i.Width, i.Height = int(binary.LittleEndian.Uint16(b[6:])), int(binary.LittleEndian.Uint16(b[8:]))
	i.Cost = i.Pixels()
}

// lookPNG reads the first chunk, which must be IHDR (PNG §11.2.2).
func lookPNG(b []byte, i *Info) {
	if len(b) < 29 || string(b[12:16]) != "IHDR" {
		return
	}
	w, h := binary.BigEndian.Uint32(b[16:]), binary.BigEndian.Uint32(b[20:])
	if w == 0 || h == 0 || w > 1<<31-1 || h > 1<<31-1 {
		return
	}
	i.Width, i.Height = int(w), int(h)
	each := int64(4)
	if b[24] == 16 {
		each = 8
	}
	if b[28] != 0 {
		each *= 2 // interlaced: each pass is a picture of its own, up to a half of it at once
	}
	i.Cost = i.Pixels() * each
	for c := range chunksPNG(b) {
		if c.name == "eXIf" {
			i.Orientation = orientation(c.data)
		}
	}
}

// lookWebP reads the canvas of VP8X, else of the first frame (RFC 9649 §2.5 to 2.7).
func lookWebP(b []byte, i *Info) {
	for c := range chunksWebP(b) {
		d := c.data
		switch {
		case c.name == "VP8X" && len(d) >= 10:
			i.Width, i.Height = 1+(int(d[4])|int(d[5])<<8|int(d[6])<<16), 1+(int(d[7])|int(d[8])<<8|int(d[9])<<16)
		case c.name == "VP8 " && len(d) >= 10 && i.Width == 0:
			i.Width, i.Height = int(binary.LittleEndian.Uint16(d[6:])&0x3fff), int(binary.LittleEndian.Uint16(d[8:])&0x3fff)
		case c.name == "VP8L" && len(d) >= 5 && i.Width == 0:
			v := binary.LittleEndian.Uint32(d[1:])
			i.Width, i.Height = 1+int(v&0x3fff), 1+int(v>>14&0x3fff)
		case c.name == "EXIF":
			i.Orientation = orientation(bytes.TrimPrefix(d, []byte(exifMark)))
		}
	}
}
