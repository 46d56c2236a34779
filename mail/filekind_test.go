package mail

import (
	"encoding/base64"
	"strings"
	"testing"
)

func TestAFileIsNamedByWhatItIs(t *testing.T) {
	exe := "MZ" + strings.Repeat("\x00", 58) + "\x40\x00\x00\x00PE\x00\x00"
	zip := "PK\x03\x04\x14\x00\x00\x00\x00\x00"
	ole := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 600)
	wide := func(s string) string { return strings.Join(strings.Split(s, ""), "\x00") + "\x00" }
	for _, c := range []struct {
		name, declared, content string
		kind                    FileKind
		differs, double         bool
	}{
		{"plan.pdf", "application/pdf", "%PDF-1.7\n", FilePDF, false, false},
		{"plan.pdf", "application/pdf", exe, FileProgram, true, false},
		{"invoice.pdf.exe", "application/pdf", exe, FileProgram, false, true},
		{"invoice.pdf      .exe", "application/pdf", exe, FileProgram, false, true},
		{"holiday.jpg.scr.", "image/jpeg", exe, FileProgram, false, true},
		{"v1.2.exe", "", exe, FileProgram, false, false},
		{"note.txt", "text/plain", "MZ is how some programs begin, says the book of formats, and this is only text about it.", FileText, false, false},
		{"notes.txt", "text/plain", "<html><script>1</script>", FileWebPage, true, false},
		{"run.js", "text/plain", "var x = 1", FileScript, false, false},
		{"noname", "text/html", "hello", FileWebPage, false, false},
		{"logo.png", "image/png", `<?xml version="1.0"?><svg onload="x()"/>`, FileDrawing, true, false},
		{"logo.svg", "image/svg+xml", `<svg/>`, FileDrawing, false, false},
		{"invoice.xml", "application/xml", `<?xml version="1.0"?><Invoice/>`, FileText, false, false},
		{"x.bin", "", "\x7fELF\x02\x01", FileProgram, false, false},
		{"x", "", "#!/bin/sh\n", FileScript, false, false},
		{"list.xlsx", "", zip + "xl/workbook.xml", FileSheet, false, false},
		{"list.xlsx", "", zip + "xl/vbaProject.bin", FileMacro, true, false},
		{"letter.docm", "", zip + "word/document.xml", FileMacro, false, false},
		{"letter.doc", "application/msword", ole + wide("WordDocument"), FileDocument, false, false},
		{"letter.doc", "application/msword", ole + wide("_VBA_PROJECT"), FileMacro, false, false},
		{"all.zip", "application/zip", zip, FileArchive, false, false},
		{"all.jpg", "image/jpeg", zip, FileArchive, true, false},
		{"tool.jar", "", zip + "META-INF/MANIFEST.MF", FileProgram, false, false},
		{"photo.heic", "image/heic", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00", FileHEIC, false, false},
		{"photo.jpg", "image/jpeg", "\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00", FileHEIC, true, false},
		{"photo.jpg", "image/png", "\xff\xd8\xff\xe0", FilePicture, false, false},
		{"disk.iso", "", strings.Repeat("\x00", 0x8001) + "CD001", FileDisk, false, false},
		{"go.lnk", "", "L\x00\x00\x00\x01\x14\x02\x00", FileShortcut, false, false},
		{"date.ics", "text/calendar", "BEGIN:VCALENDAR\r\n", FileCalendar, false, false},
		{"prices.csv", "text/csv", "a;b\n1;2\n", FileSheet, false, false},
		{"prices.xls", "application/vnd.ms-excel", "<table><tr><td>1</td></tr></table>", FileWebPage, true, false},
		{"mail.eml", "message/rfc822", "From: a@b\n\nx", FileMail, false, false},
		{"nothing.pdf", "application/pdf", "", FilePDF, false, false},
		{"odd", "", "\x00\x01\x02", "", false, false},
	} {
		head, tail := FileSample([]byte(c.content))
		got := FactsOfFile(c.name, c.declared, head, tail)
		if got.Kind != c.kind || got.Differs != c.differs || got.Double != c.double {
			t.Errorf("%s (%s): %+v, want %s, differs %v, double %v", c.name, c.declared, got, c.kind, c.differs, c.double)
		}
	}
}

func TestNamesThatTurnTheDirectionAreSaid(t *testing.T) {
	for name, want := range map[string]bool{"invoice\u202efdp.exe": true, "a\u2067b.pdf": true, "plain.pdf": false, "\u0627\u0644\u0641.pdf": false} {
		raw := "From: a@example.org\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=UTF-8''" + percent(name) + "\r\n\r\nx"
		m, err := Parse([]byte(raw), Limits{})
		if err != nil || len(m.Attachments) != 1 {
			t.Fatal(err, m)
		}
		a := m.Attachments[0]
		if a.Steered != want || strings.ContainsAny(a.Name, "\u202e\u2067") {
			t.Errorf("%q: steered %v, name %q", name, a.Steered, a.Name)
		}
	}
}

func percent(s string) string {
	const digits = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		b.Write([]byte{'%', digits[s[i]>>4], digits[s[i]&15]})
	}
	return b.String()
}

func FuzzFactsOfFile(f *testing.F) {
	png, _ := base64.StdEncoding.DecodeString("iVBORw0KGgo=")
	f.Add("a.pdf.exe", "application/pdf", []byte("MZ"))
	f.Add("a.zip", "", []byte("PK\x03\x04"))
	f.Add("", "text/html", png)
	f.Fuzz(func(t *testing.T, name, declared string, content []byte) {
		head, tail := FileSample(content)
		got := FactsOfFile(name, declared, head, tail)
		if shown, _ := kindOfBytes(head, tail); shown.Dangerous() && !got.Kind.Dangerous() {
			t.Fatalf("%q: bytes of a %s are called %s", name, shown, got.Kind)
		}
	})
}
