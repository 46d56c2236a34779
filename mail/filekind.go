package mail

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// FileKind says in one word what a file is; "" when nothing tells.
type FileKind string

// The kinds a reader cares about. The first seven can run or load something
// when they are opened.
const (
	FileProgram  FileKind = "program"
	FileScript   FileKind = "script"
	FileWebPage  FileKind = "webpage"
	FileDrawing  FileKind = "drawing" // SVG: a picture that may hold scripts
	FileMacro    FileKind = "macro"   // an office document with programs in it
	FileShortcut FileKind = "shortcut"
	FileDisk     FileKind = "disk" // a disk image: what lies in it bears no mark of where it came from
	FilePicture  FileKind = "picture"
	FileHEIC     FileKind = "heic"
	FilePDF      FileKind = "pdf"
	FileDocument FileKind = "document"
	FileSheet    FileKind = "sheet"
	FileSlides   FileKind = "slides"
	FileArchive  FileKind = "archive"
	FileText     FileKind = "text"
	FileSound    FileKind = "sound"
	FileFilm     FileKind = "film"
	FileMail     FileKind = "mail"
	FileCalendar FileKind = "calendar"
	FileContact  FileKind = "contact"
)

// Dangerous tells which kinds can run or load something when they are opened.
func (k FileKind) Dangerous() bool {
	switch k {
	case FileProgram, FileScript, FileWebPage, FileDrawing, FileMacro, FileShortcut, FileDisk:
		return true
	}
	return false
}

// FileFacts are what a file's name and first bytes say about it.
type FileFacts struct {
	// Kind is what it is: by its bytes, else by its name, else by the declared
	// type; of two claims the dangerous one counts, for a program may act on either.
	Kind FileKind
	// Type is the media type that the bytes show; "" when they show none.
	Type string
	// Differs tells that the bytes are something else than the name says.
	Differs bool
	// Double tells that a harmless ending stands before the dangerous one that counts.
	Double bool
}

// sample is how much of a file's beginning and end is looked at, in bytes.
const sample = 64 << 10

// FileSample gives the beginning and the end of content, as FactsOfFile wants them.
func FileSample(content []byte) (head, tail []byte) {
	return content[:min(len(content), sample)], content[max(0, len(content)-sample):]
}

// FactsOfFile looks at a file: its name, the declared media type ("" when
// there is none), and its first and last bytes (64 KiB are enough; they may overlap).
func FactsOfFile(name, declared string, head, tail []byte) FileFacts {
	shown, media := kindOfBytes(head, tail)
	named, double := kindOfName(name)
	f := FileFacts{Kind: shown, Type: media, Double: double}
	f.Differs = shown != "" && named != "" && !fits(shown, media, named)
	switch {
	case named.Dangerous() && !shown.Dangerous():
		f.Kind = named
	case f.Kind == "" || f.Kind == FileText && named != "":
		f.Kind = named
	}
	if claimed := kindOfType(declared); f.Kind == "" || claimed.Dangerous() && (f.Kind == FileText || f.Kind == "") {
		f.Kind = claimed
	}
	return f
}

// kindOfName reads the last ending, and whether a harmless one stands before it.
func kindOfName(name string) (kind FileKind, double bool) {
	name = strings.ToLower(strings.TrimRight(name, ". "))
	at := strings.LastIndexByte(name, '.')
	if at < 0 {
		return "", false
	}
	kind = endings[name[at+1:]]
	if !kind.Dangerous() {
		return kind, false
	}
	rest := strings.TrimRight(name[:at], ". ")
	before := endings[rest[strings.LastIndexByte(rest, '.')+1:]]
	return kind, strings.Contains(rest, ".") && before != "" && !before.Dangerous()
}

// endings are the kinds by the last part of a name.
var endings = endingsOf(map[FileKind]string{
	FileProgram:  "exe scr com pif msi msp mst cpl dll ocx sys drv jar class apk app dmg pkg deb rpm appimage run xpi crx elf bin gadget application appref-ms msix appx jnlp wasm",
	FileScript:   "js jse mjs vbs vbe vb ws wsf wsh wsc sct bat cmd ps1 ps1xml ps2 psm1 psc1 msh sh bash zsh csh ksh command py pyc pyw pl rb php lua hta reg inf scf applescript workflow action chm hlp",
	FileWebPage:  "html htm xhtml xht shtml mht mhtml xsl xslt",
	FileDrawing:  "svg svgz",
	FileMacro:    "docm dotm xlsm xltm xlsb xlam xla pptm potm ppam ppsm sldm xll wll ppa mdb accdb ade adp iqy slk settingcontent-ms one",
	FileShortcut: "lnk url desktop webloc library-ms search-ms website",
	FileDisk:     "iso img vhd vhdx vmdk udf toast",
	FilePicture:  "png jpg jpeg jpe jfif gif webp bmp tif tiff ico avif",
	FileHEIC:     "heic heif hif",
	FilePDF:      "pdf",
	FileDocument: "doc docx dot dotx odt rtf pages wpd",
	FileSheet:    "xls xlsx xlt xltx ods csv numbers",
	FileSlides:   "ppt pptx pps ppsx odp key",
	FileArchive:  "zip rar 7z gz tgz bz2 xz tar cab z zst arj ace lzh",
	FileText:     "txt log md ini cfg conf json yaml yml asc xml",
	FileSound:    "mp3 wav ogg oga opus m4a aac flac amr wma",
	FileFilm:     "mp4 m4v mov avi mkv webm mpg mpeg wmv 3gp",
	FileMail:     "eml msg",
	FileCalendar: "ics ifb",
	FileContact:  "vcf",
})

func endingsOf(lists map[FileKind]string) map[string]FileKind {
	all := make(map[string]FileKind)
	for kind, list := range lists {
		for e := range strings.FieldsSeq(list) {
			all[e] = kind
		}
	}
	return all
}

// kindOfType reads a declared media type.
func kindOfType(media string) FileKind {
	switch media {
	case "text/html", "application/xhtml+xml":
		return FileWebPage
	case "image/svg+xml":
		return FileDrawing
	case "image/heic", "image/heif", "image/heic-sequence", "image/heif-sequence":
		return FileHEIC
	case "application/pdf":
		return FilePDF
	case "text/calendar":
		return FileCalendar
	case "text/vcard", "text/x-vcard":
		return FileContact
	case "message/rfc822", "message/global":
		return FileMail
	case "application/javascript", "text/javascript", "application/x-sh", "application/hta":
		return FileScript
	case "application/x-msdownload", "application/x-msdos-program", "application/x-dosexec", "application/java-archive":
		return FileProgram
	case "application/zip", "application/gzip", "application/x-7z-compressed", "application/vnd.rar":
		return FileArchive
	}
	major, minor, _ := strings.Cut(media, "/")
	switch {
	case strings.Contains(minor, "macroenabled"):
		return FileMacro
	case major == "image":
		return FilePicture
	case major == "audio":
		return FileSound
	case major == "video":
		return FileFilm
	case major == "text":
		return FileText
	}
	return ""
}

// fits tells whether a file of the kind its bytes show may bear such a name.
// Containers (zip, OLE) and plain text are the clothes of many kinds.
func fits(shown FileKind, media string, named FileKind) bool {
	if shown == named {
		return true
	}
	switch media {
	case "application/zip", "application/gzip":
		switch named { // what we did not look into, or could not name better
		case FilePDF, FilePicture, FileHEIC, FileText, FileMail, FileCalendar, FileContact, FileSound, FileFilm:
			return false
		}
		return true
	case "application/x-ole-storage":
		return named == FileDocument || named == FileSheet || named == FileSlides || named == FileMail || named == FileProgram || named == FileMacro
	case "text/plain":
		switch named {
		case FileScript, FileWebPage, FileDrawing, FileShortcut, FileSheet, FileMail, FileCalendar, FileContact, FileMacro:
			return true
		}
		return false
	case "application/x-office-document", "application/x-office-sheet", "application/x-office-slides":
		return named == FileMacro
	case "video/mp4", "application/ogg":
		return named == FileSound || named == FileFilm
	}
	return shown == FileWebPage && named == FileDrawing || shown == FileProgram && (named == FileScript || named == FileDisk)
}

// isText tells that the beginning of a file reads as text.
func isText(head []byte) bool {
	head = head[:min(len(head), 1024)]
	if len(head) == 0 || bytes.IndexByte(head, 0) >= 0 {
		return false
	}
	odd := 0
	for i := 0; i < len(head); {
		r, n := utf8.DecodeRune(head[i:])
		if r == utf8.RuneError && n == 1 && len(head)-i > 3 || r < ' ' && r != '\t' && r != '\n' && r != '\r' && r != '\f' && r != 0x1b {
			odd++ // older character sets have some of these, other formats many
		}
		i += n
	}
	return odd*10 <= len(head)
}
