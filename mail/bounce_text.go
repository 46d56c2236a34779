package mail

import (
	"strings"
)

// classifyBounce knows bounces without a report part: by who sent them and
// what they say. Neither decides alone: people write to postmasters and
// postmasters write to people.
func classifyBounce(m *Message, s signs) (Class, bool) {
	if v := m.Header.Get("X-Failed-Recipients"); v != "" { // Exim, Gmail
		return Class{Kind: KindBounce, Rule: "bounce.failed-recipients", Evidence: evidence("X-Failed-Recipients", v)}, true
	}
	sender := s.daemon
	if sender == "" {
		sender = s.nullPath
	}
	subject := strings.ToLower(m.Subject)
	bySubject := containsAny(subject, bounceSubjects[:]...) && !strings.HasPrefix(subject, "re:") && !strings.HasPrefix(subject, "fw")
	if sender != "" && bySubject {
		return Class{Kind: KindBounce, Rule: "bounce.words", Evidence: sender}, true
	}
	if sender == "" && !bySubject { // nearly all mail: its text is not even looked at
		return Class{}, false
	}
	byText := containsAny(strings.ToLower(cutBytes(bounceText(m), 3000)), bounceWords[:]...)
	switch {
	case sender != "" && byText:
		return Class{Kind: KindBounce, Rule: "bounce.words", Evidence: sender}, true
	case bySubject && byText && len(m.InReplyTo) == 0:
		return Class{Kind: KindBounce, Rule: "bounce.words", Evidence: evidence("Subject", m.Subject)}, true
	}
	return Class{}, false
}

// bounceSubjects and bounceWords are what systems without a report part say,
// in lower case.
var bounceSubjects = [...]string{
	"undeliver", "delivery status notification", "delivery failure", "delivery failed", "delivery has failed", "delivery error", "delivery report", "delivery problem",
	"failure notice", "failure notification", "mail failure", "returned mail", "returned to sender", "returning message to sender", "delivery notification", "not delivered", "not be delivered",
	"could not send", "cannot send message", "mail system error", "error sending your mail", "message delayed", "delayed mail", "still being retried", "unable to deliver", "mail delivery", "message delivery", "non-delivery", "bounce notification",
	"email bounce", "unzustellbar", "nicht zugestellt", "non remis", "échec de la remise", "non distribuable", "no se puede entregar", "no entregado", "não entregue", "mancato recapito", "onbestelbaar", "kunde inte levereras",
	"недостав", "не доставлено", "невъзможна доставка", "невозможно", "信できませ", "配信不能", "配信エラー", "けできませ", "退信", "投递失败", "投遞失敗", "无法投递", "無法投遞", "传递失败", "傳送失敗", "未送达", "エラー通知", "エラーメール", "送できませ", "配送エラー", "送信エラー", "送信失敗", "반송", "전송 실패", "배달되지", "배달할 수 없",
	"zustellung fehlgeschlagen", "zustellfehler", "konnte nicht zugestellt", "nicht zustellbar", "nicht übermittelt", "échec de la livraison", "échec de distribution", "non distribué", "n'a pas pu être remis", "avis de non-remise", "n'a pas été remis", "no se pudo entregar", "no se ha podido entregar", "error de entrega", "correo devuelto", "fallo en la entrega",
	"mancata consegna", "impossibile recapitare", "impossibile consegnare", "falha na entrega", "não foi possível entregar", "mensagem devolvida", "niet bezorgd", "niet afgeleverd", "worden bezorgd", "niedostarczon", "nie dostarczono", "nie można dostarczyć", "nedoručiteln", "nedoručen", "kézbesíthetetlen", "sikertelen kézbesítés", "nelivrat", "nu a putut fi livrat",
	"gick inte att leverera", "kan ikke leveres", "kunne ikke leveres", "epäonnistui", "teslim edilemedi", "iletilemedi", "αδύνατη η παράδοση", "δεν παραδόθηκε", "ошибка доставки", "не может быть доставлено", "неуспешна доставка", "не е доставено",
}

var bounceWords = [...]string{
	"could not be delivered", "couldn't be delivered", "was not delivered", "not be delivered", "undeliverable", "unable to deliver", "delivery failed", "delivery has failed", "delivery to the following", "failed permanently", "permanent fatal errors",
	"wasn't able to deliver", "not able to deliver", "was undeliverable", "unable to be delivered", "permanent error", "returned to sender", "returned below", "transcript of session", "did not reach the following", "error delivering", "user unknown", "unknown user",
	"recipient address rejected", "no such user", "mailbox full", "mailbox is full", "over quota", "message that you sent", "deferred:", "has been rejected", "you sent was rejected", "have failed:", "trouble delivering", "failed for the following", "undelivered", "not yet been delivered", "delivery error", "delivery failure",
	"nicht zugestellt", "n'a pas pu être", "n'ont pas pu être", "no se pudo entregar", "не удалось доставить", "не было доставлено", "не доставлено", "信できませ", "けられませ", "けできませ", "信されませ", "達できませ", "无法送达", "未能送达", "无法投递", "無法遞送", "배달하지 못", "전송되지",
	"konnte nicht zugestellt", "konnte nicht übermittelt", "konnte nicht an", "nicht zustellbar", "pas pu être remis", "pas pu être livré", "pas été distribué", "no se ha podido entregar", "no pudo ser entregado", "no ha podido ser entregado", "non è stato possibile recapitare", "non è stato recapitato", "impossibile recapitare", "non è stato possibile consegnare",
	"não foi possível entregar", "não pôde ser entregue", "não foi entregue", "kon niet worden bezorgd", "niet worden afgeleverd", "nie mogła zostać dostarczona", "nie została dostarczona", "nie można dostarczyć", "nebylo možné doručit", "nem sikerült kézbesíteni", "nem kézbesíthető", "nu a putut fi livrat", "kunde inte levereras", "gick inte att leverera", "kunne ikke leveres", "ei voitu toimittaa",
	"teslim edilemedi", "iletilemedi", "δεν ήταν δυνατή η παράδοση", "не может быть доставлено", "невозможно доставить", "не беше доставено", "не може да бъде доставено", "не вдалося доставити",
}

// bounceText is the text for people, of whatever form.
func bounceText(m *Message) string {
	if strings.TrimSpace(m.Text) != "" {
		return m.Text
	}
	return HTMLToText(m.HTML)
}

// maxBounceLines bounds how much of a text is searched for recipients.
const (
	maxBounceLines = 400
	maxBounceLine  = 1000
	maxBounceText  = 8000
)

// textReports finds the recipients in the words: first those that a field
// names, then those that stand at the front of a line with the reason beside
// or below (qmail, Exim, Postfix, sendmail), then those anywhere in the text.
func textReports(m *Message, original Header) []Report {
	lines, status := reportLines(bounceText(m))
	own := ownAddresses(m)
	found := frontRecipients(lines, own)
	if v := m.Header.Values("X-Failed-Recipients"); len(v) > 0 {
		list, _ := ParseAddressList(strings.Join(v, ","), maxReports)
		found = mergeFound(list, found)
	}
	if len(found) == 0 {
		found = anyRecipient(lines, own)
	}
	if len(found) == 0 {
		if a, ok := reportAddress(original.Get("To")); ok {
			found = []foundRecipient{{addr: a}}
		}
	}
	if len(found) == 0 {
		found = []foundRecipient{{}}
	}
	whole := cutBytes(strings.Join(lines, "\n"), maxBounceText)
	var list []Report
	for _, f := range found {
		r := Report{Kind: KindBounce, Recipient: f.addr, Diagnostic: diagnostic(f.reason), Status: status}
		said := f.reason
		if statusFromText(strings.ToLower(said)) == "" {
			said = whole
			if r.Diagnostic == "" {
				r.Diagnostic = diagnostic(tellingLine(lines))
			}
		}
		if containsAny(strings.ToLower(whole), "has been delayed", "will be retried", "will keep trying", "still being retried", "warning message only", "do not need to resend", "not yet been delivered") {
			r.Action = "delayed"
			r.Status = "4.0.0"
		}
		r.settle(said+"\n"+m.Subject, f.reason, whole)
		list = append(list, r)
	}
	return list
}

// reportLines gives the lines of the report itself, without the message that
// is returned below it. A "Status:" line of reports in plain text is read on the way.
func reportLines(text string) (lines []string, status string) {
	inHeader := 0
	for line := range strings.SplitSeq(text, "\n") {
		line = cutBytes(line, maxBounceLine)
		low := strings.ToLower(strings.TrimSpace(line))
		if strings.HasPrefix(low, "status:") && status == "" {
			status = findStatus(low)
		}
		if len(lines) > 0 && isCopyMark(low) || len(lines) >= maxBounceLines {
			break
		}
		if isTraceLine(line) {
			if inHeader++; inHeader > 1 && len(lines) > 2 {
				break // a returned header without a mark above it
			}
		}
		lines = append(lines, line)
	}
	return lines, status
}

// isCopyMark tells the line above the returned message.
func isCopyMark(low string) bool {
	return containsAny(low, "this is a copy", "this line is a copy", "original message follows", "original message -", "unsent message", "message follows", "returned message",
		"header of the original message", "headers of the original", "message header", "included below", "your original message", "bounced e-mail", "original message headers", "message headers follow", "undelivered message", "copie du message", "текст письма") &&
		(strings.HasPrefix(low, "-") || strings.HasPrefix(low, "=") || strings.HasPrefix(low, "*") || strings.HasSuffix(low, ":") || strings.HasSuffix(low, "-"))
}

// isTraceLine tells a line of the returned message's header.
func isTraceLine(line string) bool {
	name, _, ok := strings.Cut(line, ":")
	if !ok || len(name) > 20 {
		return false
	}
	switch strings.ToLower(name) {
	case "received", "return-path", "message-id", "dkim-signature", "mime-version":
		return true
	}
	return false
}

// ownAddresses are those that cannot be the failed recipient: the reporter's and ours.
func ownAddresses(m *Message) map[string]bool {
	own := make(map[string]bool)
	for _, list := range [][]Address{m.From, m.To, m.Cc} {
		for _, a := range list {
			own[a.Norm()] = true
		}
	}
	return own
}

type foundRecipient struct {
	addr   Address
	reason string
}

// frontRecipients takes addresses that begin a line, bare, in brackets or
// after a word like "Recipient:", and the lines up to the next blank one.
func frontRecipients(lines []string, own map[string]bool) []foundRecipient {
	var found []foundRecipient
	for i := 0; i < len(lines) && len(found) < maxReports; i++ {
		a, rest, ok := frontAddress(lines[i])
		if !ok || own[a.Norm()] || hasFound(found, a) {
			continue
		}
		reason := []string{rest}
		blank := 0
		for j := i + 1; j < len(lines) && j < i+12 && blank < 2; j++ {
			if strings.TrimSpace(lines[j]) == "" {
				blank++
				continue
			}
			if _, _, next := frontAddress(lines[j]); next || isTraceLine(lines[j]) {
				break
			}
			blank = 0
			reason = append(reason, strings.TrimSpace(lines[j]))
		}
		found = append(found, foundRecipient{a, strings.TrimSpace(strings.Join(reason, " "))})
	}
	return found
}

// passageOf gives the lines about one recipient, from where he is named to the
// next blank line or the next one's name, on one line.
func passageOf(text string, a Address) string {
	if a.IsZero() {
		return ""
	}
	low := strings.ToLower(text)
	at := strings.Index(low, strings.ToLower(a.Mailbox()))
	if at < 0 || len(low) != len(text) {
		return ""
	}
	start := strings.LastIndexByte(text[:at], '\n') + 1
	var b strings.Builder
	n := 0
	for line := range strings.SplitSeq(text[start:], "\n") {
		next, _, named := frontAddress(line)
		if strings.TrimSpace(line) == "" || n >= 12 || named && next.Norm() != a.Norm() {
			break
		}
		n++
		b.WriteString(strings.TrimSpace(line))
		b.WriteByte(' ')
	}
	return b.String()
}

func hasFound(found []foundRecipient, a Address) bool {
	for _, f := range found {
		if f.addr.Norm() == a.Norm() {
			return true
		}
	}
	return false
}

// frontAddress reads an address at the front of a line.
func frontAddress(line string) (Address, string, bool) {
	line = strings.TrimLeft(line, " \t>*-|\"'")
	low := strings.ToLower(line)
	for _, p := range []string{"final-recipient:", "original-recipient:", "recipient address:", "recipient:", "recipients:", "to:", "address:", "user:", "email:", "e-mail:", "rfc822;", "mailto:", "target mail address:", "unknown user:", "name"} {
		if cut, ok := strings.CutPrefix(low, p); ok {
			line = strings.TrimLeft(line[len(line)-len(cut):], " \t<[\"")
			low = strings.ToLower(line)
		}
	}
	end := strings.IndexAny(line, " \t:;,>)]\"'")
	if at := strings.IndexByte(line, '@'); at < 0 || end >= 0 && end < at {
		return Address{}, "", false
	}
	if end < 0 {
		end = len(line)
	}
	a, err := ParseMailbox(strings.Trim(line[:end], "<([.\""))
	if err != nil || !strings.Contains(a.Domain, ".") {
		return Address{}, "", false
	}
	return a, strings.TrimLeft(line[end:], " \t>:;,)]\"'"), true
}

// anyRecipient takes the first foreign address of the text, with its line.
func anyRecipient(lines []string, own map[string]bool) []foundRecipient {
	for _, line := range lines {
		for w := range strings.FieldsFuncSeq(line, func(r rune) bool { return r <= ' ' || strings.ContainsRune("<>()[]\"',;:", r) }) {
			if strings.IndexByte(w, '@') <= 0 {
				continue
			}
			a, err := ParseMailbox(strings.Trim(w, "."))
			if err == nil && strings.Contains(a.Domain, ".") && !own[a.Norm()] && !isDaemon(a.Local) {
				return []foundRecipient{{addr: a, reason: strings.TrimSpace(line)}}
			}
		}
	}
	return nil
}

// mergeFound keeps what a field named and adds the reasons found in the text.
func mergeFound(named []Address, found []foundRecipient) []foundRecipient {
	out := make([]foundRecipient, 0, len(named))
	for _, a := range named {
		f := foundRecipient{addr: Address{Local: a.Local, Domain: a.Domain}}
		for _, g := range found {
			if g.addr.Norm() == a.Norm() {
				f.reason = g.reason
			}
		}
		out = append(out, f)
	}
	return out
}

// tellingLine is the first line with a reply code or a known reason.
func tellingLine(lines []string) string {
	for _, l := range lines {
		low := strings.ToLower(l)
		if findStatus(low) != "" || replyClass(low) != 0 || containsAny(low, deadWords[:]...) || containsAny(low, aliveWords[:]...) {
			return strings.TrimSpace(l)
		}
	}
	return ""
}
