package mail

import (
	"strings"
)

// maxFileName is the longest name of an attachment in bytes.
const maxFileName = 200

// cleanFileName makes a file name safe to show and to offer: no folders, no
// control or direction characters. "" when nothing is left.
func cleanFileName(name string) string {
	name = oneLine(name)
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Trim(name, " ")
	if strings.Trim(name, ". ") == "" {
		return ""
	}
	if len(name) > maxFileName {
		ext := ""
		if i := strings.LastIndexByte(name, '.'); i > 0 && len(name)-i <= 20 {
			ext = name[i:]
		}
		name = strings.TrimRight(cutBytes(name, maxFileName-len(ext)), " ") + ext
	}
	return name
}

// steered tells whether a name holds characters that turn the direction of
// reading (UAX #9 §2: embeddings, overrides and isolates).
func steered(name string) bool {
	return strings.ContainsFunc(name, func(r rune) bool { return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 })
}

// nameByType is the name of a part that has none.
func nameByType(media string) string {
	switch media {
	case "text/calendar":
		return "invite.ics"
	case "application/ms-tnef", "application/vnd.ms-tnef":
		return "winmail.dat"
	case "message/delivery-status", "message/global-delivery-status":
		return "delivery-status.txt"
	case "message/disposition-notification":
		return "receipt.txt"
	case "message/feedback-report":
		return "feedback-report.txt"
	case "text/rfc822-headers":
		return "headers.txt"
	case "application/pgp-signature":
		return "signature.asc"
	case "application/pkcs7-signature", "application/x-pkcs7-signature":
		return "smime.p7s"
	case "application/pkcs7-mime", "application/x-pkcs7-mime":
		return "smime.p7m"
	}
	major, minor, _ := strings.Cut(media, "/")
	switch major {
	case "image", "audio", "video":
		if ext := plainExt(minor); ext != "" {
			return major + "." + ext
		}
	case "text":
		return "text." + textExt(minor)
	}
	if minor == "pdf" || minor == "zip" || minor == "json" {
		return "attachment." + minor
	}
	return "attachment.bin"
}

func textExt(minor string) string {
	switch minor {
	case "html", "csv", "xml", "css":
		return minor
	case "x-vcard", "vcard":
		return "vcf"
	case "markdown":
		return "md"
	}
	return "txt"
}

// plainExt makes an extension out of a subtype: image/jpeg jpg, image/svg+xml svg.
func plainExt(minor string) string {
	minor, _, _ = strings.Cut(minor, "+")
	minor = strings.TrimPrefix(minor, "x-")
	switch minor {
	case "jpeg", "pjpeg":
		return "jpg"
	case "mpeg":
		return "mpg"
	case "quicktime":
		return "mov"
	}
	for i := 0; i < len(minor); i++ {
		if !isAlnum(minor[i]) {
			return ""
		}
	}
	return cutBytes(minor, 8)
}
