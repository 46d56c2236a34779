package reply

import "strings"

// banners are the openings, in lower case, of lines that gateways, virus
// scanners and mail programs put into a mail on its way.
var banners = []string{
	"caution: this email originated", "caution: this e-mail originated", "caution: this message originated", "caution: external", "warning: this email originated", "warning: external",
	"external email:", "[external email]", "[external]:", "this email originated from outside", "this message originated from outside", "this email was sent from outside",
	"you don't often get email from", "you don’t often get email from", "some people who received this message don't often get email from",
	"sie erhalten nicht häufig e-mails von", "sie erhalten nicht oft e-mails von", "achtung: diese e-mail stammt von außerhalb", "achtung: externe e-mail",
	"vous n’obtenez pas souvent d’e-mail", "vous n'obtenez pas souvent d'e-mail", "attention : ce courriel provient de l'extérieur", "attention: ce message provient de l'extérieur",
	"no suele recibir correo electrónico de", "non si ricevono spesso messaggi di posta elettronica da", "virus-free.", "virenfrei.", "sans virus.", "libre de virus.", "без вирусов.", "без вируси.", "nie zawiera wirusów.", "privo di virus.", "virusvrij.",
	"this email has been checked for viruses by", "diese e-mail wurde von avast", "този имейл е проверен за вируси",
}

var bannersBy = func() (by [256][]string) {
	for _, b := range banners {
		by[b[0]] = append(by[b[0]], b)
	}
	return by
}()

// isBanner tells that a whole line was put in by a machine on the way.
func isBanner(s string) bool {
	if len(s) < 8 || len(s) > 600 {
		return false
	}
	for _, b := range bannersBy[firstByte(s)] {
		if !beginsFold(s, b) {
			continue
		}
		head := strings.ToLower(s[:min(len(s), 120)])
		// "Virus-free." is a sentence of its own in prose; the scanner names itself.
		return !strings.HasSuffix(b, ".") || strings.Contains(head, "www.") || strings.Contains(head, "avast") || strings.Contains(head, "avg")
	}
	return false
}

// isList tells that a stretch below a rule is the footer of a mailing list.
func (d *doc) isList(from, to int) bool {
	for i := from; i < to && i < from+8; i++ {
		s := strings.ToLower(d.lines[i].text[:min(len(d.lines[i].text), 200)])
		if strings.HasSuffix(s, "mailing list") || strings.Contains(s, "/listinfo/") || strings.HasPrefix(s, "to unsubscribe from this list") || strings.HasPrefix(s, "to unsubscribe from this group") {
			return true
		}
	}
	return false
}
