package mail

import (
	"bytes"
	"encoding/binary"
	"strings"
)

// magic is how a kind of file begins.
type magic struct {
	at    int
	bytes string
	kind  FileKind
	media string
}

// magics are tried in order; what needs a closer look has no kind.
var magics = []magic{
	{0, "\x89PNG\r\n\x1a\n", FilePicture, "image/png"},
	{0, "\xff\xd8\xff", FilePicture, "image/jpeg"},
	{0, "GIF87a", FilePicture, "image/gif"},
	{0, "GIF89a", FilePicture, "image/gif"},
	{8, "WEBP", FilePicture, "image/webp"},
	{0, "II*\x00", FilePicture, "image/tiff"},
	{0, "MM\x00*", FilePicture, "image/tiff"},
	{0, "%PDF-", FilePDF, "application/pdf"},
	{0, "{\\rtf", FileDocument, "application/rtf"},
	{0, "\x7fELF", FileProgram, "application/x-executable"},
	{0, "\xca\xfe\xba\xbe", FileProgram, "application/x-java-or-mach"},
	{0, "\xfe\xed\xfa\xce", FileProgram, "application/x-mach-binary"},
	{0, "\xfe\xed\xfa\xcf", FileProgram, "application/x-mach-binary"},
	{0, "\xce\xfa\xed\xfe", FileProgram, "application/x-mach-binary"},
	{0, "\xcf\xfa\xed\xfe", FileProgram, "application/x-mach-binary"},
	{0, "\x00asm", FileProgram, "application/wasm"},
	{0, "dex\n", FileProgram, "application/x-dex"},
	{0, "Cr24", FileProgram, "application/x-chrome-extension"},
	{0, "L\x00\x00\x00\x01\x14\x02\x00", FileShortcut, "application/x-ms-shortcut"},
	{0, "ITSF", FileScript, "application/x-chm"},
	{0, "conectix", FileDisk, "application/x-vhd"},
	{0, "vhdxfile", FileDisk, "application/x-vhdx"},
	{0, "KDMV", FileDisk, "application/x-vmdk"},
	{0x8001, "CD001", FileDisk, "application/x-iso9660-image"},
	{0, "\x1f\x8b", FileArchive, "application/gzip"},
	{0, "BZh", FileArchive, "application/x-bzip2"},
	{0, "\xfd7zXZ\x00", FileArchive, "application/x-xz"},
	{0, "7z\xbc\xaf\x27\x1c", FileArchive, "application/x-7z-compressed"},
	{0, "Rar!\x1a\x07", FileArchive, "application/vnd.rar"},
	{0, "MSCF", FileArchive, "application/vnd.ms-cab-compressed"},
	{257, "ustar", FileArchive, "application/x-tar"},
	{0, "ID3", FileSound, "audio/mpeg"},
	{0, "OggS", FileSound, "application/ogg"},
	{0, "fLaC", FileSound, "audio/flac"},
	{0, "\x1aE\xdf\xa3", FileFilm, "video/webm"},
	{8, "WAVE", FileSound, "audio/wav"},
	{8, "AVI ", FileFilm, "video/avi"},
	{0, "BEGIN:VCALENDAR", FileCalendar, "text/calendar"},
	{0, "BEGIN:VCARD", FileContact, "text/vcard"},
	{0, "#!", FileScript, "text/x-script"},
	{0, "REGEDIT4", FileScript, "text/x-registry"},
	{0, "Windows Registry Editor", FileScript, "text/x-registry"},
	{0, "[InternetShortcut]", FileShortcut, "text/x-url"},
	{0, "[Desktop Entry]", FileShortcut, "text/x-desktop"},
}

// kindOfBytes names a file by what its first bytes are; "" when they tell nothing.
func kindOfBytes(head, tail []byte) (FileKind, string) {
	for i := range magics {
		m := &magics[i]
		if len(head) >= m.at+len(m.bytes) && string(head[m.at:m.at+len(m.bytes)]) == m.bytes {
			return m.kind, m.media
		}
	}
	switch {
	case isWindowsProgram(head):
		return FileProgram, "application/x-msdownload"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return kindOfZip(head, tail)
	case IsCompound(head):
		return kindOfOLE(head, tail)
	case len(head) >= 12 && string(head[4:8]) == "ftyp":
		return kindOfFtyp(head)
	case len(head) >= 26 && string(head[:2]) == "BM" && binary.LittleEndian.Uint32(head[6:]) == 0:
		return FilePicture, "image/bmp"
	}
	return kindOfMarkup(head)
}

// isWindowsProgram: "MZ" alone begins many a text, so the header it points to
// is looked at where it can be seen.
func isWindowsProgram(head []byte) bool {
	if len(head) < 64 || string(head[:2]) != "MZ" {
		return false
	}
	at := int64(binary.LittleEndian.Uint32(head[60:]))
	if at+2 <= int64(len(head)) {
		switch string(head[at : at+2]) {
		case "PE", "NE", "LE", "LX":
			return true
		}
	}
	return bytes.IndexByte(head[:64], 0) >= 0 // a DOS program, or a header beyond our sight
}

// kindOfFtyp reads the brand of an ISO media file (ISO/IEC 14496-12 §4.3).
func kindOfFtyp(head []byte) (FileKind, string) {
	switch brand := string(head[8:12]); brand {
	case "heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1":
		return FileHEIC, "image/heic"
	case "avif", "avis":
		return FilePicture, "image/avif"
	case "M4A ", "M4B ":
		return FileSound, "audio/mp4"
	case "qt  ":
		return FileFilm, "video/quicktime"
	}
	return FileFilm, "video/mp4"
}

// kindOfZip looks at the names within: office documents, programs and plain
// archives are all ZIP. Nothing is unpacked.
func kindOfZip(head, tail []byte) (FileKind, string) {
	kind, media := FileArchive, "application/zip"
	for _, part := range [][]byte{head, tail} {
		switch has := func(s string) bool { return bytes.Contains(part, []byte(s)) }; {
		case has("vbaProject.bin"), has("xl/macrosheets/"):
			return FileMacro, "application/vnd.ms-office.macroenabled"
		case has("META-INF/MANIFEST.MF"), has("AndroidManifest.xml"):
			return FileProgram, "application/java-archive"
		case kind != FileArchive:
		case has("word/document"), has("mimetypeapplication/vnd.oasis.opendocument.text"):
			kind, media = FileDocument, "application/x-office-document"
		case has("xl/workbook"), has("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"):
			kind, media = FileSheet, "application/x-office-sheet"
		case has("ppt/presentation"), has("mimetypeapplication/vnd.oasis.opendocument.presentation"):
			kind, media = FileSlides, "application/x-office-slides"
		}
	}
	return kind, media
}

// kindOfOLE looks for the names of streams, which are UTF-16 (MS-CFB §2.6.1).
func kindOfOLE(head, tail []byte) (FileKind, string) {
	has := func(name string) bool {
		var wide []byte
		for i := range len(name) {
			wide = append(wide, name[i], 0)
		}
		return bytes.Contains(head, wide) || bytes.Contains(tail, wide)
	}
	switch {
	case has("_VBA_PROJECT"):
		return FileMacro, "application/x-ole-storage"
	case has("__substg1.0_"), has("__properties_version"):
		return FileMail, "application/x-ole-storage"
	case has("Workbook"):
		return FileSheet, "application/x-ole-storage"
	case has("PowerPoint Document"):
		return FileSlides, "application/x-ole-storage"
	}
	return FileDocument, "application/x-ole-storage"
}

// kindOfMarkup tells HTML and SVG from other text by the first thing in it.
func kindOfMarkup(head []byte) (FileKind, string) {
	if !isText(head) {
		if bytes.HasPrefix(head, []byte("\xff\xfe")) || bytes.HasPrefix(head, []byte("\xfe\xff")) {
			return FileText, "text/plain" // UTF-16
		}
		return "", ""
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(head[:min(len(head), 2048)], []byte("\xef\xbb\xbf")), " \t\r\n\f")
	text := strings.ToLower(string(start))
	if !strings.HasPrefix(text, "<") {
		return FileText, "text/plain"
	}
	if strings.Contains(text, "<svg") {
		return FileDrawing, "image/svg+xml"
	}
	for _, tag := range [...]string{"<!doctype html", "<html", "<head", "<body", "<script", "<iframe", "<title", "<style", "<table", "<meta", "<form", "<div", "<a ", "<p>", "<br", "<!--", "<h1", "<font", "<img", "<object", "<link"} {
		if strings.HasPrefix(text, tag) {
			return FileWebPage, "text/html"
		}
	}
	if strings.HasPrefix(text, "<?xml") && strings.Contains(text, "<html") {
		return FileWebPage, "application/xhtml+xml"
	}
	if strings.HasPrefix(text, "<?php") {
		return FileScript, "text/x-script"
	}
	return FileText, "text/plain"
}
