package mail

import "strings"

// findStatus finds the first enhanced status code (RFC 3463 §2) in text that
// is not a piece of an IP address or a version.
func findStatus(s string) string {
	for i := 0; i+4 < len(s); i++ {
		if c := s[i]; c != '2' && c != '4' && c != '5' || s[i+1] != '.' {
			continue
		}
		if i > 0 && (isAlnum(s[i-1]) || s[i-1] == '.' || s[i-1] == '-') {
			continue
		}
		j, subject := digits(s, i+2)
		if subject == 0 || subject > 3 || j >= len(s) || s[j] != '.' {
			continue
		}
		k, detail := digits(s, j+1)
		if detail == 0 || detail > 3 || k < len(s) && (isAlnum(s[k]) || s[k] == '.' && k+1 < len(s) && isAlnum(s[k+1])) {
			continue
		}
		return s[i:k]
	}
	return ""
}

func digits(s string, i int) (end, n int) {
	for end = i; end < len(s) && '0' <= s[end] && s[end] <= '9'; end++ {
		n++
	}
	return end, n
}

// replyClass finds the first three-digit SMTP reply code of a failure
// (RFC 5321 §4.2) and gives its class, 4 or 5; 0 when there is none.
func replyClass(s string) int {
	for i := 0; i+2 < len(s); i++ {
		if s[i] != '4' && s[i] != '5' || s[i+1] < '0' || s[i+1] > '5' || s[i+2] < '0' || s[i+2] > '9' {
			continue
		}
		if i > 0 && (isAlnum(s[i-1]) || strings.IndexByte(".-/@=+_", s[i-1]) >= 0) {
			continue
		}
		if i+3 == len(s) || strings.IndexByte(" -#\n,;:])\"'", s[i+3]) >= 0 {
			return int(s[i] - '0')
		}
	}
	return 0
}

// statusFromText concludes a status from lower-case words; "" when they tell nothing.
func statusFromText(low string) string {
	if s := findStatus(low); s != "" && s[0] != '2' {
		return s
	}
	class := replyClass(low)
	switch {
	case containsAny(low, fullWords[:]...):
		return pick(class, "4.2.2", "5.2.2")
	case containsAny(low, hostWords[:]...):
		return pick(class, "4.1.2", "5.1.2")
	case containsAny(low, deadWords[:]...):
		return pick(class, "4.1.1", "5.1.1")
	case containsAny(low, expiredWords[:]...):
		return "4.4.7"
	case containsAny(low, networkWords[:]...):
		return "4.4.1"
	case class != 0:
		return pick(class, "4.0.0", "5.0.0")
	}
	return ""
}

func pick(class int, temporary, permanent string) string {
	if class == 4 {
		return temporary
	}
	return permanent
}

// addressIsDead tells that nobody can be reached at the address, now or
// later. Words of policy, space or time weigh more than the code: many
// servers say 5.1.1 or 550 for all they refuse. A code that names the mailbox's
// state or a policy (RFC 3463 §3.3, §3.8) weighs more than the words.
func addressIsDead(status, low string) bool {
	switch {
	case takesNoMail(low):
		return true
	case containsAny(low, "does not accept mail", "doesn't accept mail", "null mx", "nullmx"): // RFC 7505
		return !strings.Contains(low, "sender")
	case strings.HasPrefix(status, "5.2.") || strings.HasPrefix(status, "5.7."):
		// Some call nobody's mailbox a closed one; then it is refused before the content is.
		return containsAny(low, "recipientnotfound", "recipient not found") || containsAny(low, "rcpt to", "rcpt_to", "after rcpt") && saysNobody(low)
	case status == "5.1.7" || status == "5.1.8" || containsAny(low, "sender address", "sender domain", "after mail from"):
		return false // it is the sender that displeased
	case strings.HasPrefix(status, "4") || containsAny(low, fullWords[:]...):
		return false
	case strings.Contains(low, "recipient address rejected: access denied"):
		return true // how Exchange Online says that there is no such mailbox
	}
	switch status {
	case "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4":
		return !containsAny(low, aliveWords[:]...) || containsAny(low, deadWords[:]...)
	}
	if containsAny(low, aliveWords[:]...) {
		return false
	}
	return saysNobody(low) || containsAny(low, hostWords[:]...)
}

// saysNobody tells that the words leave no doubt.
func saysNobody(low string) bool {
	return containsAny(low, deadWords[:]...) || containsAny(low, "recipient address rejected: access denied", "recipient address rejected.")
}

// takesNoMail knows the reply codes by which a host says that it never takes
// mail (RFC 7504 §2): 521 by itself, 556 by a relay that asked.
func takesNoMail(low string) bool {
	for _, code := range [...]string{"521 ", "556 "} {
		i := strings.Index(low, code)
		if i >= 0 && (i == 0 || strings.IndexByte(" :;,(\n", low[i-1]) >= 0) && !containsAny(low, aliveWords[:]...) {
			return true
		}
	}
	return false
}

// stage leaves only what tells at which command the recipient was refused:
// from the words about him, or from a transcript in the whole text.
func stage(low, text string) string {
	for _, mark := range [...]string{"in reply to ", "after rcpt", "after end of data", "after data"} {
		if i := strings.Index(low, mark); i >= 0 {
			return cutBytes(low[i:], 60)
		}
	}
	if i := strings.Index(text, ">>> rcpt to:"); i >= 0 {
		_, answer, _ := strings.Cut(text[i:], "\n")
		if strings.HasPrefix(answer, "<<< 5") {
			return "rcpt to"
		}
	}
	return ""
}

// afterData tells that the recipient had been taken and only the content
// was refused: what is then called an unknown user is often a filter's word.
// said is the answer about one recipient, text the whole report; both lower case.
func afterData(said, text string) bool {
	if findStatus(said) == "5.1.1" || containsAny(said, "does not exist", "doesn't have a") {
		return false // that is about the address and nothing else
	}
	if strings.Contains(said, "in reply to ") || strings.Contains(said, "after ") && strings.Contains(said, "remote mail server") {
		return containsAny(said, "end of data", "reply to data", "after data")
	}
	if strings.Contains(said, "550 : ") || strings.Contains(said, "550: : ") {
		return true // it names no recipient
	}
	return containsAny(said, "end of data") || dataRefused(text)
}

// dataRefused reads a transcript: ">>> DATA" answered by a failure. Where
// commands are sent in a bundle, the answer may be the recipient's: then
// another one follows that asks for recipients.
func dataRefused(text string) bool {
	last, refused := "", false
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, ">>>"):
			last = strings.TrimSpace(strings.Trim(line, ">"))
		case strings.HasPrefix(line, "-") && strings.HasSuffix(line, "smtp command"):
			last = "smtp command"
		case last == "smtp command" && line == "data":
			refused = true
		case last == "data" && strings.HasPrefix(line, "<<<"):
			answer := strings.TrimSpace(strings.Trim(line, "<"))
			if strings.HasPrefix(answer, "503") || containsAny(answer, "need rcpt", "no valid recipient") {
				return false
			}
			refused = refused || replyClass(answer) == 5
		}
	}
	return refused
}

// pausedWords: the mailbox is there, or nobody says that it is not.
var pausedWords = [...]string{
	"account is disabled", "account disabled", "account is suspended", "account suspended", "temporarily disabled", "temporarily suspended", "mailbox disabled", "is inactive", "groups.google.com", "couldn't create", "can't create", "no access from", "open relay",
}

// Words of servers, lower case. deadWords: there is no such mailbox.
var deadWords = [...]string{
	"user unknown", "unknown user", "no such user", "no such recipient", "no such mailbox", "no such address", "no such person", "no such account", "no mailbox here", "does not exist", "doesn't exist", "not exist", "mailbox not found", "mailbox unavailable",
	"user not found", "recipient not found", "address not found", "account not found", "recipient unknown", "unknown recipient", "unknown local", "unknown address", "address unknown", "invalid recipient", "invalid mailbox", "invalid user", "bad destination mailbox",
	"invalid final delivery userid", "not listed in domino", "not listed in public name", "unrouteable address", "unroutable address", "not a valid mailbox", "not a valid user", "no valid recipient", "recipient name is not recognized", "user doesn't", "isn't a known", "not our customer", "not known at this", "couldn't be found", "could not be found", "wasn't found at", "no account by that name", "doesn't have a yahoo", "doesn't have an account",
	"has moved", "is no longer", "no longer valid", "no longer available", "no longer on server", "account has been closed", "recipientnotfound", "recipient address rejected: undeliverable address", "this user doesn", "unknown or illegal alias", "no matches to nameserver", "addressee unknown", "address is correct", "address rejected: no such", "#5.1.0 address rejected", "mailbox does not",
	"existiert nicht", "unbekannter empfänger", "empfänger unbekannt", "adresse wurde nicht gefunden", "konnte nicht gefunden werden", "n'existe pas", "destinataire inconnu", "adresse introuvable", "utilisateur inconnu", "no existe", "usuario desconocido", "no se encontró la dirección", "no se ha encontrado la dirección",
	"non esiste", "utente sconosciuto", "destinatario sconosciuto", "não existe", "usuário desconhecido", "bestaat niet", "onbekende gebruiker", "nie istnieje", "nieznany użytkownik", "neexistuje", "nem létezik", "finns inte", "findes ikke", "bulunamadı",
	"не существует", "несуществующ", "не найден", "пользователь неизвестен", "не съществува", "не беше намерен", "не існує", "δεν υπάρχει", "在しません", "つかりませ", "宛先不明", "不存在", "找不到", "존재하지 않", "찾을 수 없",
}

// hostWords: there is no such domain, or it takes no mail.
var hostWords = [...]string{
	"host unknown", "unknown host", "host not found", "domain not found", "no such domain", "nxdomain", "name service error", "domain does not exist", "name or service not known", "couldn't find any host", "could not find a gateway", "no mx ", "null mx", "nullmx", "domain name not found", "domain couldn't be found", "no route to domain", "unable to resolve", "all relevant mx records point to non-existent", "indicated no smtp service", "does not accept mail", "doesn't accept mail", "not accept mail",
	"host lookup did not complete", "dns lookup failure", "domain is not reachable", "no mx found", "domäne wurde nicht gefunden", "domaine introuvable", "dominio inesistente",
}

// fullWords: no room.
var fullWords = [...]string{
	"mailbox full", "mailbox is full", "quota", "over the allowed", "inbox is full", "mailbox size limit", "not enough storage", "insufficient storage", "exceeded storage", "exceeds the storage", "too many messages in the mailbox", "disk full", "user has too many messages",
	"postfach ist voll", "postfach voll", "boîte pleine", "boîte de réception est pleine", "buzón lleno", "buzón está lleno", "casella piena", "casella è piena", "caixa cheia", "caixa de entrada cheia", "postvak is vol", "skrzynka jest pełna", "přeplněn", "переполнен", "пълна", "一杯", "容量不足", "空き容量", "已满", "已滿", "가득",
}

// aliveWords: the address may be good, the message or its sender is not wanted.
var aliveWords = [...]string{
	"spam", "blocked", "blacklist", "block list", "blocklist", "blocked using", "policy", "dmarc", "spf ", "dkim", "reputation", "greylist", "rate limit", "too many", "relay", "access denied", "timed out", "timeout", "reverse dns", "ptr record", "virus", "banned", "authenticat", "too large", "too big", "size exceeds", "not permitted", "not allowed",
	"permission", "restricted", "deactivated", "suspended", "disabled", "hop count", "mail loop", "rejected for", "content", "temporar", "try again later", "not found, try again", "rejected due", "not authorized",
}

// expiredWords: tried for long enough.
var expiredWords = [...]string{
	"expired", "retry time", "queue too long", "could not be delivered for", "not been able to deliver", "in the queue for", "cannot send message for", "delivery time", "retry limit", "no longer being retried", "too long",
}

// networkWords: the other server did not answer.
var networkWords = [...]string{"timed out", "timeout", "connection refused", "connection reset", "network is unreachable", "no route to host", "deferred", "been delayed"}
