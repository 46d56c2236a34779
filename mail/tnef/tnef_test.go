package tnef

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"unicode/utf16"
)

func u16(v int) string { return string(binary.LittleEndian.AppendUint16(nil, uint16(v))) }
func u32(v int) string { return string(binary.LittleEndian.AppendUint32(nil, uint32(v))) }

func container(attributes ...string) string {
	return u32(signature) + u16(1) + strings.Join(attributes, "")
}

func attr(level byte, id int, data string) string {
	return string([]byte{level}) + u32(id) + u32(len(data)) + data + u16(0)
}

func props(list ...string) string { return u32(len(list)) + strings.Join(list, "") }

// prop is a property of variable length.
func prop(kind, id int, data string) string {
	fill := strings.Repeat("\x00", -len(data)&3)
	return u16(kind) + u16(id) + u32(1) + u32(len(data)) + data + fill
}

func named(kind, id int, name, data string) string {
	p := prop(kind, id, data)
	w := wide(name)
	return p[:4] + strings.Repeat("g", 16) + u32(1) + u32(len(w)) + w + strings.Repeat("\x00", -len(w)&3) + p[4:]
}

func wide(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s + "\x00")) {
		b.WriteString(u16(int(u)))
	}
	return b.String()
}

// plain is a charset that knows only windows-1252's lower half and UTF-8.
func plain(b []byte, codePage int) string { return strings.ToValidUTF8(string(b), "?") }

func decode(t *testing.T, s string) *Message {
	t.Helper()
	m, err := Decode([]byte(s), plain)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestFilesComeWithTheirNamesAndContents(t *testing.T) {
	m := decode(t, container(
		attr(1, attCodePage, u32(1252)+u32(0)), attr(1, attBody, "Hello\r\n\x00"),
		attr(2, attRendData, "x"), attr(2, attTitle, "LONGNA~1.PDF\x00"), attr(2, attData, "one"),
		attr(2, attFile, props(
			u16(typeBool)+u16(0x1234)+u32(1), u16(typeTime)+u16(0x3007)+u32(1)+u32(2), named(typeWide, 0x8001, "odd", wide("value")),
			u16(typeMany|typeLong)+u16(0x1235)+u32(2)+u32(7)+u32(8),
			prop(typeWide, propLongName, wide("Long näme.pdf")), prop(typeNarrow, propMediaType, "application/pdf\x00"), prop(typeNarrow, propContentID, "i@x\x00"))),
		attr(2, attRendData, "x"), attr(2, attFile, props(prop(typeNarrow, propShortName, "b.txt\x00"), prop(typeBinary, propData, "three"))),
	))
	if m.Text != "Hello\r\n" || m.Damaged || len(m.Files) != 2 {
		t.Fatalf("%+v", m)
	}
	if f := m.Files[0]; f.Name != "Long näme.pdf" || string(f.Content) != "one" || f.Type != "application/pdf" || f.ContentID != "i@x" {
		t.Errorf("%+v", f)
	}
	if f := m.Files[1]; f.Name != "b.txt" || string(f.Content) != "three" {
		t.Errorf("%+v", f)
	}
}

func TestAttachedMessagesAreOpened(t *testing.T) {
	inner := container(attr(1, attProps, props(prop(typeWide, propBody, wide("inner words")))), attr(2, attRendData, ""), attr(2, attTitle, "in.txt\x00"), attr(2, attData, "x"))
	m := decode(t, container(attr(2, attRendData, ""), attr(2, attTitle, "the other mail\x00"), attr(2, attFile, props(prop(typeObject, propData, string(iidMessage)+inner)))))
	if len(m.Files) != 2 || m.Files[0].Name != "in.txt" || m.Files[1].Name != "message.txt" || string(m.Files[1].Content) != "inner words" || m.Damaged {
		t.Errorf("%+v", m)
	}
}

func TestContainersInContainersEnd(t *testing.T) {
	s := container(attr(1, attBody, "x\x00"))
	for range 50 {
		s = container(attr(2, attRendData, ""), attr(2, attFile, props(prop(typeObject, propData, string(iidMessage)+s))))
	}
	if m := decode(t, s); len(m.Files) != 1 || len(m.Files[0].Content) == 0 {
		t.Errorf("%d files", len(m.Files))
	}
}

func TestBodiesAreReadInAllForms(t *testing.T) {
	rtf := "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}{\\*\\generator x;}One \\'41\\par two\\tab\\u8364?three\\u-10179?\\u-8703?}"
	for _, c := range []struct{ name, props, text, html string }{
		{"text", prop(typeNarrow, propBody, "words\x00"), "words", ""},
		{"HTML", prop(typeBinary, propHTML, "<p>words"), "", "<p>words"},
		{"HTML as wide text", prop(typeWide, propHTML, wide("<p>wörds")), "", "<p>wörds"},
		{"RTF, not compressed", prop(typeBinary, propRTF, u32(len(rtf)+12)+u32(len(rtf))+u32(uncompressed)+u32(0)+rtf), "One A\ntwo\t€three😁", ""},
		// The example of MS-OXRTFCP §4.1.1.
		{"RTF, compressed", prop(typeBinary, propRTF, "\x2d\x00\x00\x00\x2b\x00\x00\x00\x4c\x5a\x46\x75\xf1\xc5\xc7\xa7\x03\x00\x0a\x00\x72\x63\x70\x67\x31\x32\x35\x42\x32\x0a\xf3\x20\x68\x65\x6c\x09\x00\x20\x62\x77\x05\xb0\x6c\x64\x7d\x0a\x80\x0f\xa0"), "hello world", ""},
	} {
		if m := decode(t, container(attr(1, attProps, props(c.props)))); m.Text != c.text || m.HTML != c.html || m.Damaged {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}

func TestBombsAreBounded(t *testing.T) {
	bomb := u32(0) + u32(1<<31) + u32(compressed) + u32(0) + strings.Repeat("\xff"+strings.Repeat("\x00\x0f", 8), 1<<19)
	if got := expand([]byte(bomb)); len(got) > maxRTF+17 {
		t.Errorf("%d bytes", len(got))
	}
	if m := decode(t, container(strings.Repeat(attr(2, attRendData, "")+attr(2, attTitle, "a\x00"), 5000))); len(m.Files) != maxFiles || !m.Damaged {
		t.Errorf("%d files", len(m.Files))
	}
	// A count without values must not be believed.
	for _, p := range []string{u32(1<<32 - 1), u32(1) + u16(typeMany|typeLong) + u16(1) + u32(1<<32-1), u32(1) + u16(typeNarrow) + u16(propBody) + u32(1) + u32(1<<32-1)} {
		if m := decode(t, container(attr(1, attProps, p))); !m.Damaged {
			t.Errorf("%x is taken for whole", p)
		}
	}
	rtfText([]byte(strings.Repeat("{", 1<<20)), plain)
}

func TestWhatIsNoContainerIsSaid(t *testing.T) {
	for _, s := range []string{"", "abc", "not a container at all"} {
		if _, err := Decode([]byte(s), plain); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if m := decode(t, container(attr(1, attBody, "kept\x00"), "\x02\x00")); !m.Damaged || m.Text != "kept" {
		t.Errorf("%+v", m)
	}
}

func FuzzDecode(f *testing.F) {
	inner := container(attr(1, attBody, "x"))
	f.Add([]byte(container(attr(1, attBody, "x\x00"), attr(2, attRendData, ""), attr(2, attFile, props(prop(typeObject, propData, string(iidMessage)+inner), prop(typeWide, propLongName, wide("a")))))))
	f.Add([]byte(container(attr(1, attProps, props(named(typeNarrow, 0x8000, "n", "v"), prop(typeBinary, propRTF, u32(0)+u32(99)+u32(compressed)+u32(0)+"\x03\x00\x0a{\\rtf\\u8364?\\'e9}"))))))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := Decode(b, plain)
		if err != nil {
			return
		}
		size := 0
		for _, file := range m.Files {
			size += len(file.Content)
		}
		if len(m.Files) > maxFiles || size > 20*len(b) || len(m.Text) > 40*len(b) {
			t.Errorf("%d files of %d bytes, text of %d, from %d", len(m.Files), size, len(m.Text), len(b))
		}
	})
}
