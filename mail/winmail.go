package mail

import (
	"strconv"
	"strings"

	"planpost/mail/tnef"
)

// maxPacks is the most containers opened in one message.
const maxPacks = 8

// isTNEF tells the container of Microsoft servers, also when it is only named so.
func (p part) isTNEF() bool {
	switch p.media.value {
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return true
	case "application/octet-stream", "text/plain":
		return strings.EqualFold(p.fileName(), "winmail.dat")
	}
	return false
}

// tnef puts the files of a container in its place, and keeps its text for a
// message that has none. What is no container stays a file.
func (w *walker) tnef(p part) (opened bool, err error) {
	if w.packs++; w.packs > maxPacks {
		return false, nil
	}
	m, err := tnef.Decode(decodeTransfer(p.body, p.encoding, w.defect), codePageText)
	if err != nil {
		w.defect("tnef.malformed")
		return false, nil
	}
	w.defect("tnef.opened")
	if w.parts += len(m.Files); w.parts > w.lim.Parts {
		return false, &ParseError{Code: CodeTooManyParts}
	}
	for i := range m.Files {
		w.msg.Attachments = append(w.msg.Attachments, unpacked(&m.Files[i]))
	}
	if w.packed == (content{}) {
		w.packed = content{text: normalLines(mendString(m.Text)), html: normalLines(mendString(m.HTML))}
	}
	if m.Damaged { // what could not be read must not be lost
		w.defect("tnef.malformed")
		return false, nil
	}
	return true, nil
}

func unpacked(f *tnef.File) Attachment {
	media := strings.ToLower(strings.TrimSpace(f.Type))
	if media == "" || !safeMedia(media) || !strings.Contains(media, "/") {
		media = "application/octet-stream"
	}
	raw := mendString(f.Name)
	a := Attachment{Name: cleanFileName(raw), Type: media, ContentID: oneLine(strings.Trim(mendString(f.ContentID), "<> ")), Steered: steered(raw), Content: f.Content}
	if a.Name == "" {
		a.Name = nameByType(media)
	}
	return a
}

// codePageText reads text of a Windows code page; 0 is an unknown one.
func codePageText(b []byte, page int) string {
	label := "cp" + strconv.Itoa(page)
	switch {
	case page == 0:
		label = ""
	case page == 65001:
		label = "utf-8"
	case page == 20127:
		label = "us-ascii"
	case page >= 1250 && page <= 1258:
		label = "windows-" + strconv.Itoa(page)
	case page > 28590 && page <= 28606:
		label = "iso-8859-" + strconv.Itoa(page-28590)
	case page == 932:
		label = "shift_jis"
	case page == 936:
		label = "gbk"
	case page == 949:
		label = "euc-kr"
	case page == 950:
		label = "big5"
	case page == 20866:
		label = "koi8-r"
	case page == 50220 || page == 50221 || page == 50222:
		label = "iso-2022-jp"
	}
	return mendString(decodeCharset(b, label, nil))
}
