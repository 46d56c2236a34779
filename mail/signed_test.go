package mail

import (
	"encoding/base64"
	"strings"
	"testing"
)

// der is a value with its length in full.
func der(tag byte, parts ...string) string {
	v := strings.Join(parts, "")
	n := len(v)
	switch {
	case n < 0x80:
		return string([]byte{tag, byte(n)}) + v
	case n < 0x100:
		return string([]byte{tag, 0x81, byte(n)}) + v
	}
	return string([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}) + v
}

// open is a value without a length, as streaming programs write it.
func open(tag byte, parts ...string) string {
	return string([]byte{tag, 0x80}) + strings.Join(parts, "") + "\x00\x00"
}

var oidData = derOID(1, 2, 840, 113549, 1, 7, 1)

func oid(b []byte) string { return der(tagOID, string(b)) }

// signedDER and signedBER wrap content as S/MIME does, in one piece and in two.
func signedDER(content string) string {
	return der(tagSequence, oid(oidSigned), der(tagExplicit, der(tagSequence, der(tagInteger, "\x01"), der(tagSet, der(tagSequence, oid(oidData))),
		der(tagSequence, oid(oidData), der(tagExplicit, der(tagOctets, content))), der(tagSet, "signers"))))
}

func signedBER(content string) string {
	half := len(content) / 2
	return open(tagSequence, oid(oidSigned), open(tagExplicit, open(tagSequence, der(tagInteger, "\x01"), open(tagSet, der(tagSequence, oid(oidData))),
		open(tagSequence, oid(oidData), open(tagExplicit, open(tagOctets|bitConstructed, der(tagOctets, content[:half]), der(tagOctets, content[half:])))), der(tagSet, "signers"))))
}

func smime(kind, content string) string {
	return "From: a@b.example\nContent-Type: application/pkcs7-mime; smime-type=" + kind + "; name=smime.p7m\nContent-Transfer-Encoding: base64\n\n" + base64.StdEncoding.EncodeToString([]byte(content)) + "\n"
}

func TestSignedMailReadsLikeAnyOther(t *testing.T) {
	const inner = "Content-Type: multipart/mixed; boundary=i\r\n\r\n--i\r\n\r\nThe north wall.\r\n--i\r\nContent-Type: application/pdf; name=plan.pdf\r\n\r\nx\r\n--i--\r\n"
	part := func(head, media, name string) string {
		return "Content-Type: " + head + "; boundary=b\n\n--b\nContent-Type: text/plain\n\nThe north wall.\n--b\nContent-Type: " + media + "; name=" + name + "\nContent-Transfer-Encoding: base64\n\nSGk=\n--b--\n"
	}
	for _, c := range []struct{ name, raw, signed, text, files string }{
		{"PGP/MIME", part("multipart/signed; protocol=\"application/pgp-signature\"", "application/pgp-signature", "signature.asc"), "pgp", "The north wall.", ""},
		{"S/MIME", part("multipart/signed; protocol=\"application/pkcs7-signature\"", "application/pkcs7-signature", "smime.p7s"), "smime", "The north wall.", ""},
		{"S/MIME, old names", part("multipart/signed", "application/x-pkcs7-signature", "odd.bin"), "smime", "The north wall.", ""},
		{"a list made it mixed", part("multipart/mixed", "application/pgp-signature", "signature.asc"), "pgp", "The north wall.", ""},
		{"a signature of another file", part("multipart/mixed", "application/pgp-signature", "drawing.zip.asc"), "", "The north wall.", "drawing.zip.asc"},
		{"opaque", smime("signed-data", signedDER(inner)), "smime", "The north wall.", "plan.pdf"},
		{"opaque, open lengths", smime("signed-data", signedBER(inner)), "smime", "The north wall.", "plan.pdf"},
		{"opaque, called a file", strings.Replace(smime("signed-data", signedDER(inner)), "application/pkcs7-mime", "application/octet-stream", 1), "smime", "The north wall.", "plan.pdf"},
		{"opaque, encoding not declared", strings.Replace(smime("signed-data", signedDER(inner)), "Content-Transfer-Encoding: base64\n", "", 1), "smime", "The north wall.", "plan.pdf"},
		{"opaque, cut off", smime("signed-data", strings.SplitAfter(signedDER(inner), "wall.")[0]), "smime", "The north wall.", ""},
		{"certificates only", smime("certs-only", der(tagSequence, oid(oidSigned), der(tagExplicit, der(tagSequence, der(tagInteger, "\x01"), der(tagSet), der(tagSequence, oid(oidData)))))), "", "", "smime.p7m"},
		{"clear-signed", "From: a@b.example\n\nHello\n-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nThe north wall.\n- -- \nAnn\n-----BEGIN PGP SIGNATURE-----\n\nabc=\n-----END PGP SIGNATURE-----\nbye\n", "pgp", "Hello\nThe north wall.\n-- \nAnn\nbye\n", ""},
		{"clear-signed, no signature", "From: a@b.example\n\n-----BEGIN PGP SIGNED MESSAGE-----\n\nThe north wall.\n", "", "-----BEGIN PGP SIGNED MESSAGE-----\n\nThe north wall.\n", ""},
		{"clear-signed, in a quotation", "From: a@b.example\n\n> -----BEGIN PGP SIGNED MESSAGE-----\n> x\n> -----BEGIN PGP SIGNATURE-----\n> -----END PGP SIGNATURE-----\n", "", "> -----BEGIN PGP SIGNED MESSAGE-----\n> x\n> -----BEGIN PGP SIGNATURE-----\n> -----END PGP SIGNATURE-----\n", ""},
	} {
		m := parse(t, crlf(strings.ReplaceAll(c.raw, "\r\n", "\n")))
		var files []string
		for _, a := range m.Attachments {
			files = append(files, a.Name)
		}
		if m.Signed != c.signed || strings.TrimSpace(m.Text) != strings.TrimSpace(c.text) || strings.Join(files, " ") != c.files || m.Encrypted {
			t.Errorf("%s: signed %q, text %q, files %q, encrypted %v", c.name, m.Signed, m.Text, files, m.Encrypted)
		}
	}
}

func TestSealedContentStaysAFile(t *testing.T) {
	sealed := der(tagSequence, oid(oidEnveloped), der(tagExplicit, der(tagSequence, "x")))
	for _, c := range []struct{ name, raw, file, text string }{
		{"PGP/MIME", "Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\n" + pgpSealed + "\n--b--\n", "encrypted.asc", ""},
		{"PGP/MIME, taken apart", "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream; name=m.asc\n\n" + pgpSealed + "\n--b--\n", "m.asc", ""},
		{"S/MIME", smime("enveloped-data", sealed), "smime.p7m", ""},
		{"S/MIME, called signed", smime("signed-data", sealed), "smime.p7m", ""},
		{"in the text", "From: a@b.example\n\nFor you:\n" + pgpSealed + "\n\nabc=\n" + pgpSealedEnd + "\nAnn\n", "encrypted.asc", "For you:\nAnn\n"},
		{"in the text, cut off", "From: a@b.example\n\n" + pgpSealed + "\n\nabc=\n", "encrypted.asc", ""},
	} {
		m := parse(t, crlf(c.raw))
		if !m.Encrypted || m.Signed != "" || m.Text != c.text || len(m.Attachments) == 0 || m.Attachments[len(m.Attachments)-1].Name != c.file {
			t.Errorf("%s: %+v", c.name, m)
		}
	}
}

func TestWrappingsWithinWrappingsAreBounded(t *testing.T) {
	raw := "Content-Type: text/plain\r\n\r\n" + strings.Repeat("The north wall. ", 10000)
	for range 15 {
		raw = "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\n\r\n" + signedDER(raw)
	}
	m := parse(t, raw)
	if m.Signed != "smime" || len(m.Attachments) != 1 || m.Attachments[0].Name != "smime.p7m" || m.Text != "" {
		t.Errorf("15 wrappings were opened: %d files, text of %d bytes", len(m.Attachments), len(m.Text))
	}
}

func FuzzOpenCMS(f *testing.F) {
	f.Add([]byte(signedDER("Subject: x\r\n\r\nText")))
	f.Add([]byte(signedBER("Subject: x\r\n\r\nText")))
	f.Add([]byte(strings.Repeat("\x30\x80", 50)))
	f.Add([]byte(open(tagSequence, oid(oidSigned), open(tagExplicit, open(tagSequence, der(tagInteger, "\x01"), strings.Repeat("\x31\x80", 50))))))
	f.Fuzz(func(t *testing.T, b []byte) {
		kind, content := openCMS(b)
		if kind != cmsSigned && content != nil || len(content) > len(b) {
			t.Errorf("%d: %d bytes of %d", kind, len(content), len(b))
		}
	})
}

func FuzzArmor(f *testing.F) {
	f.Add("a\n" + pgpSigned + "\nHash: x\n\nb\n- -c\n" + pgpSignature + "\nx\n" + pgpSignedEnd + "\nd")
	f.Add("a\n" + pgpSealed + "\nx\n" + pgpSealedEnd + "\nd")
	f.Fuzz(func(t *testing.T, s string) {
		w := &walker{lim: DefaultLimits(), msg: &Message{Size: len(s)}}
		out := w.armor(s)
		if len(out) > len(s) || len(w.msg.Attachments) > maxSealed {
			t.Errorf("%q", out)
		}
	})
}
