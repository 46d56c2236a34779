package mail

import (
	"bytes"
	"strings"
)

// Values of Message.Signed.
const (
	signedSMIME = "smime"
	signedPGP   = "pgp"
)

// maxSignature is the longest signature part in bytes; what is longer is a file.
const maxSignature = 256 << 10

// signatureKind tells which signatures a media type holds; empty for none.
func signatureKind(media string) string {
	switch media {
	case "application/pgp-signature":
		return signedPGP
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return signedSMIME
	}
	return ""
}

// signedWith notes a signature; the outermost one counts.
func (w *walker) signedWith(kind string) {
	if !w.counting && w.msg.Signed == "" {
		w.msg.Signed = kind
	}
}

// isSignature tells the signature of the message from a signature that was
// attached to go with another file: a person sent that one. Mailing lists
// turn multipart/signed into multipart/mixed, so the usual names count too.
func (p part) isSignature(in string) bool {
	if signatureKind(p.media.value) == "" || len(p.body) > maxSignature {
		return false
	}
	if in == "signed" {
		return true
	}
	switch name := strings.ToLower(p.fileName()); name {
	case "", "smime.p7s", "signature.asc", "signature.pgp", "signature", "pgp.sig", "openpgp_signature", "openpgp_signature.asc":
		return in == "mixed"
	}
	return false
}

// isCMS tells the parts that S/MIME wraps a whole message into (RFC 8551 §3.2),
// also those that are only named so.
func (p part) isCMS() bool {
	switch p.media.value {
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return true
	case "application/octet-stream":
		return strings.EqualFold(p.fileName(), "smime.p7m")
	}
	return false
}

// cms opens signed data and walks what lies in it. opened is false when the
// part stays a file.
func (w *walker) cms(p part, depth int, in string) (c content, opened bool, err error) {
	raw := viewTransfer(p.body, p.encoding, nil)
	if bytes.HasPrefix(bytes.TrimSpace(raw[:min(len(raw), 64)]), []byte("MI")) { // base64 that nobody declared
		raw = decodeBase64(raw, nil)
	}
	kind, inner := openCMS(raw)
	switch {
	case kind == cmsSealed, kind == cmsUnknown && p.media.raw("smime-type") != "certs-only" && p.media.value != "application/octet-stream":
		w.msg.Encrypted = w.msg.Encrypted || !w.counting
		return content{}, false, nil
	case kind != cmsSigned || len(bytes.TrimSpace(inner)) == 0 || !w.mayOpen(len(inner)):
		return content{}, false, nil
	}
	w.signedWith(signedSMIME)
	c, err = w.child(inner, depth, in, false)
	return c, true, err
}

// mayOpen bounds what wrappings within wrappings may come to: together no more
// than the message and some.
func (w *walker) mayOpen(size int) bool {
	if w.opened+size > w.msg.Size+64<<10 {
		return false
	}
	w.opened += size
	return true
}

const (
	pgpSigned    = "-----BEGIN PGP SIGNED MESSAGE-----"
	pgpSignature = "-----BEGIN PGP SIGNATURE-----"
	pgpSignedEnd = "-----END PGP SIGNATURE-----"
	pgpSealed    = "-----BEGIN PGP MESSAGE-----"
	pgpSealedEnd = "-----END PGP MESSAGE-----"
)

// maxSealed is the most sealed blocks of one text that become files.
const maxSealed = 20

// armor unwraps what PGP put into a text: signed words lose their frame, sealed
// blocks become files.
func (w *walker) armor(s string) string {
	if !strings.Contains(s, "-----BEGIN PGP ") {
		return s
	}
	s = w.openSigned(s)
	for range maxSealed {
		start := lineIndex(s, pgpSealed)
		if start < 0 {
			break
		}
		end := len(s)
		if i := lineIndex(s[start:], pgpSealedEnd); i >= 0 {
			end = start + i + len(pgpSealedEnd)
		}
		w.msg.Encrypted = true
		w.msg.Attachments = append(w.msg.Attachments, Attachment{Name: "encrypted.asc", Type: "application/octet-stream", Content: []byte(s[start:end])})
		s = s[:start] + strings.TrimPrefix(s[end:], "\n")
	}
	return s
}

// openSigned takes clear-signed text out of its frame (RFC 9580 §7). What is
// not framed whole stays as it is: a reader must not miss a word.
func (w *walker) openSigned(s string) string {
	start := lineIndex(s, pgpSigned)
	if start < 0 {
		return s
	}
	signature := lineIndex(s[start:], pgpSignature)
	if signature < 0 {
		return s
	}
	signature += start
	end := lineIndex(s[signature:], pgpSignedEnd)
	if end < 0 {
		return s
	}
	_, text, _ := strings.Cut(s[start:signature], "\n")
	for text != "" { // "Hash: SHA512" and the like, up to the empty line
		line, rest, _ := strings.Cut(text, "\n")
		text = rest
		if strings.TrimSpace(line) == "" {
			break
		}
	}
	w.signedWith(signedPGP)
	text = undash(text)
	after := strings.TrimLeft(s[signature+end+len(pgpSignedEnd):], " \t")
	return s[:start] + text + strings.TrimPrefix(after, "\n")
}

// undash undoes the escape of lines that begin with a dash (RFC 9580 §7.1).
func undash(s string) string {
	if !strings.HasPrefix(s, "- ") && !strings.Contains(s, "\n- ") {
		return s
	}
	return strings.ReplaceAll(strings.TrimPrefix(s, "- "), "\n- ", "\n")
}

// lineIndex is where a line of s that is just this begins, or -1.
func lineIndex(s, line string) int {
	for pos := 0; ; {
		i := strings.Index(s[pos:], line)
		if i < 0 {
			return -1
		}
		i += pos
		pos = i + len(line)
		rest, _, _ := strings.Cut(s[pos:min(len(s), pos+80)], "\n")
		if (i == 0 || s[i-1] == '\n') && strings.TrimSpace(rest) == "" {
			return i
		}
	}
}
