package mail

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strings"
	"testing"
)

// winmail is a container with a body and one file.
func winmail(body, name, content string) string {
	attr := func(level byte, id uint32, data string) string {
		b := binary.LittleEndian.AppendUint32([]byte{level}, id)
		return string(binary.LittleEndian.AppendUint32(b, uint32(len(data)))) + data + "\x00\x00"
	}
	return "\x78\x9f\x3e\x22\x01\x00" + attr(1, 0x00069007, "\xe4\x04\x00\x00\x00\x00\x00\x00") + attr(1, 0x0002800c, body+"\x00") +
		attr(2, 0x00069002, "") + attr(2, 0x00018010, name+"\x00") + attr(2, 0x0006800f, content)
}

func packed(media, text, container string) string {
	return "From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n" + text + "\n--b\nContent-Type: " + media + "\nContent-Transfer-Encoding: base64\n\n" +
		base64.StdEncoding.EncodeToString([]byte(container)) + "\n--b--\n"
}

func TestFilesInWinmailBecomeAttachments(t *testing.T) {
	whole := winmail("Gr\xfc\xdfe\r\nAnn", "../pl\xe4ne.pdf", "%PDF")
	for _, c := range []struct{ name, raw, text, files, defect string }{
		{"beside a text", packed("application/ms-tnef", "T", whole), "T", "pläne.pdf", "tnef.opened"},
		{"the only text", packed("application/vnd.ms-tnef; name=x", "", whole), "Grüße\nAnn", "pläne.pdf", "tnef.opened"},
		{"only the name tells", packed("application/octet-stream; name=Winmail.DAT", "T", whole), "T", "pläne.pdf", "tnef.opened"},
		{"damaged", packed("application/ms-tnef", "T", whole[:len(whole)-1]+winmail("", "", "")), "T", "pläne.pdf winmail.dat", "tnef.malformed"},
		{"no container", packed("application/ms-tnef", "T", "%PDF"), "T", "winmail.dat", "tnef.malformed"},
	} {
		m := parse(t, crlf(c.raw))
		var files []string
		for _, a := range m.Attachments {
			files = append(files, a.Name)
		}
		if m.Text != c.text || strings.Join(files, " ") != c.files || !slices.Contains(m.Defects, c.defect) {
			t.Errorf("%s: text %q, files %q, defects %v", c.name, m.Text, files, m.Defects)
		}
		if strings.HasPrefix(files[0], "pl") && string(m.Attachments[0].Content) != "%PDF" {
			t.Errorf("%s: content %q", c.name, m.Attachments[0].Content)
		}
	}
}

func TestContainersCountAsParts(t *testing.T) {
	one := winmail("", "a", "b")
	file := one[strings.LastIndex(one, "\x02\x02\x90\x06"):]
	_, err := Parse([]byte(packed("application/ms-tnef", "T", one+strings.Repeat(file, 990))), Limits{Parts: 500})
	if err == nil || err.Error() != "mail: "+CodeTooManyParts {
		t.Error(err)
	}
}
