package mail

import (
	"strings"
	"time"
)

// maxNote is how much of an automatic answer is read, in bytes.
const maxNote = 2000

// sort finds out which sort of automatic answer it is. Absence comes first:
// people who are away say thanks for a message, too, but a help desk is never
// on leave.
func (c *Class) sort(m *Message, env *Envelope) {
	text := noteText(m)
	low := strings.ToLower(m.Subject + "\n" + text)
	until := awayUntil(m.Subject, text, noteDate(m, env))
	switch {
	case saysAway(m, c) || containsAny(low, awayWords[:]...):
		c.Auto, c.Until = AutoAway, until
	case isDesk(m.Header) || containsAny(low, receivedWords[:]...):
		c.Auto = AutoReceived
	case until != "" && hasVacationSubject(m.Subject):
		c.Auto, c.Until = AutoAway, until
	}
}

// noteText is what the machine says, without what it answers.
func noteText(m *Message) string {
	text := cutBytes(bounceText(m), maxNote)
	for start := 0; start < len(text); {
		line := text[start:]
		end := strings.IndexByte(line, '\n')
		if end < 0 {
			end = len(line) - 1
		}
		if strings.HasPrefix(line, ">") || strings.HasPrefix(line, "-----") || strings.HasPrefix(line, "_____") {
			return text[:start]
		}
		start += end + 1
	}
	return text
}

// noteDate is when the note was written, as its reader counts days.
func noteDate(m *Message, env *Envelope) time.Time {
	if m.Date.IsZero() && env != nil {
		return env.ReceivedAt
	}
	return m.Date
}

// saysAway knows the fields that only absence notes have.
func saysAway(m *Message, c *Class) bool {
	return c.Rule == "x-vacation" || strings.Contains(strings.ToLower(m.Header.Get("Auto-Submitted")), "vacation") ||
		c.Rule == "x-mailer" && strings.Contains(strings.ToLower(c.Evidence), "vacation")
}

// isDesk knows the fields of help desks.
func isDesk(h Header) bool {
	for i := range h {
		name := strings.ToLower(h[i].Name)
		if len(name) < 6 || name[0] != 'x' && name[0] != 'r' {
			continue
		}
		for _, p := range [...]string{"x-zendesk", "x-otrs", "x-rt-", "rt-ticket", "x-jira", "x-freshdesk", "x-helpscout", "x-redmine", "x-kayako", "x-glpi", "x-zammad"} {
			if strings.HasPrefix(name, p) {
				return true
			}
		}
	}
	return false
}

// awayWords are said by who is not there, in lower case.
var awayWords = [...]string{
	"out of the office", "out of office", "out-of-office", "ooo:", "away from the office", "away from my", "i am away", "i'm away", "i will be away", "away until", "away from", "on vacation", "on holiday", "on annual leave", "on leave", "on parental leave", "maternity leave", "sick leave", "not in the office", "will return on", "back in the office", "be back on", "limited access to", "be traveling", "be travelling",
	"nicht im büro", "nicht im haus", "außer haus", "ausser haus", "abwesend", "abwesenheit", "nicht erreichbar", "im urlaub", "in urlaub", "wieder erreichbar", "wieder im büro", "elternzeit", "dienstreise", "auf reisen", "wieder für sie da",
	"absent", "en congé", "en vacances", "de retour le", "en déplacement", "absence du bureau", "message d'absence", "извън офиса", "в отпуск", "отсъств", "няма да съм в офиса", "ще се върна", "командировка",
	"fuera de la oficina", "ausente", "de vacaciones", "de viaje", "estaré fuera", "fuori ufficio", "fuori sede", "assente", "in ferie", "in viaggio", "in vacanza", "afwezig", "niet aanwezig", "niet op kantoor", "met vakantie", "op vakantie", "met verlof",
	"poza biurem", "nieobecn", "na urlopie", "urlop", "fora do escritório", "de férias", "mimo kancelář", "nepřítom", "na dovolené", "neprítom", "na dovolenke", "házon kívül", "szabadságon", "nem vagyok elérhető", "nu sunt la birou", "în concediu", "odsoten", "na dopustu", "na godišnjem",
	"inte på kontoret", "på semester", "frånvarande", "ikke på kontoret", "på ferie", "fraværende", "poissa", "lomalla", "ofis dışında", "izinde", "вне офиса", "нет на месте", "буду отсутствовать", "у відпустці", "відсутн", "εκτός γραφείου", "σε άδεια",
	"休暇", "不在", "休假", "出差", "부재중", "휴가", "إجازة", "חופשה", "בחופש", "nghỉ phép", "sedang cuti", "atostog", "atvaļinājum", "puhkusel",
}

// receivedWords are said by who confirms that something has arrived.
var receivedWords = [...]string{
	"ticket", "case number", "request has been received", "have received your", "has received your", "received your message", "received your email", "received your request", "thank you for contacting", "thanks for contacting", "support request", "reference number", "acknowledge receipt",
	"vorgangsnummer", "eingangsbestätigung", "ihre nachricht erhalten", "ihre e-mail erhalten", "ihre anfrage erhalten", "ihre anfrage ist", "ist bei uns eingegangen", "avons bien reçu", "bien été reçu", "accusé de réception", "numéro de dossier", "votre demande a",
	"hemos recibido", "acuse de recibo", "número de caso", "abbiamo ricevuto", "conferma di ricezione", "numero di pratica", "hebben uw bericht", "hebben uw e-mail", "ontvangstbevestiging", "in goede orde ontvangen", "otrzymaliśmy", "potwierdzenie otrzymania", "numer zgłoszenia", "numer sprawy",
	"получихме ваш", "получихме вашето", "потвърждение за получаване", "номер на заявка", "входящ номер", "мы получили ваш", "ваше обращение", "номер обращения", "ваша заявка", "recebemos a sua", "recebemos sua", "recebemos o seu", "confirmação de recebimento", "número do chamado",
	"přijali jsme", "potvrzení přijetí", "megkaptuk", "am primit", "vi har mottagit", "vi har modtaget", "vi har mottatt", "vastaanottaneet", "talebiniz", "受け付けました", "お問い合わせを受", "已收到您的", "접수되었습니다",
}
