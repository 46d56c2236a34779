package reply

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tags are the openings of "Sent from my …", in lower case.
var tags = []string{
	"sent from", "sent via", "sent with", "sent using", "sent by", "get outlook for", "from my", "composed on", "written on my", "typed on my", "sent on", "message sent from", "this message was sent from", "this email was sent from my", "download outlook for", "try outlook for",
	"gesendet von", "gesendet mit", "gesendet über", "gesendet vom", "gesendet aus", "von meinem", "von meiner", "von unterwegs gesendet", "versendet mit", "versendet von", "verschickt von", "diese e-mail wurde von meinem", "diese nachricht wurde von meinem", "mobil gesendet", "holen sie sich outlook", "outlook für", "hole dir outlook", "laden sie outlook", "beziehen sie outlook",
	"envoyé de mon", "envoyé de ma", "envoyé depuis", "envoyé à partir d", "envoyé avec", "envoyé via", "envoyé par", "envoyé à l'aide", "envoyé d'un", "télécharger outlook", "téléchargez outlook", "obtenez outlook", "obtenir outlook", "provenance", "depuis mon",
	"enviado desde", "enviado con", "enviado a través", "enviado mediante", "obtener outlook", "obtén outlook", "descargar outlook", "descarga outlook", "mandado desde",
	"inviato da", "inviato con", "inviato tramite", "inviato via", "scarica outlook", "ottieni outlook", "spedito da",
	"enviado do", "enviado da", "enviado a partir", "enviado de", "enviado pel", "enviado via", "enviado por", "enviada do", "obter o outlook", "obtenha o outlook", "baixe o outlook", "baixar o outlook",
	"verstuurd vanaf", "verstuurd met", "verstuurd via", "verstuurd van", "verzonden vanaf", "verzonden met", "verzonden via", "verzonden van", "outlook voor", "download outlook voor", "vanaf mijn",
	"wysłano z", "wysłane z", "wysłano za", "wysłane za", "pobierz aplikację outlook", "pobierz outlook", "pobierz program outlook", "uzyskaj outlook",
	"odesláno z", "odesláno ze", "odesláno pomocí", "odesláno prostřednictvím", "získejte outlook", "získat outlook", "stáhnout outlook", "poslano z", "posláno z", "odoslané z", "odoslané pomocou", "odoslané prostredníctvom", "získajte outlook", "získať outlook",
	"poslano iz", "poslano s", "poslano sa", "poslano pomoću", "pošlji", "preuzmite outlook", "pridobite outlook", "nabavite outlook",
	"elküldve", "küldve", "küldés", "az outlook beszerzése", "szerezze be az outlook", "töltse le az outlook",
	"trimis de pe", "trimis din", "trimis prin", "trimis cu", "trimis de", "descărcați outlook", "obțineți outlook", "obţineţi outlook",
	"изпратено от", "изпратено с", "изпратено чрез", "изпратено през", "изтегляне на outlook", "изтеглете outlook", "вземете outlook", "вземи outlook",
	"отправлено с", "отправлено из", "отправлено через", "отправлено от", "отправлено при", "послано с", "скачать outlook", "скачайте outlook", "получить outlook", "получите outlook", "написано с",
	"надіслано з", "надіслано із", "надіслано за", "надіслано через", "відправлено з", "відправлено із", "завантажити outlook", "завантажте outlook", "отримати outlook",
	"στάλθηκε από", "στάλθηκε με", "εστάλη από", "αποστολή από", "σταλμένο από", "λήψη του outlook", "αποκτήστε το outlook", "απόκτηση του outlook",
	"skickat från", "skickades från", "skickat med", "skickat via", "hämta outlook", "skaffa outlook", "sendt fra", "sendt med", "sendt via", "hent outlook", "få outlook", "skaff deg outlook", "last ned outlook",
	"lähetetty", "hanki outlook", "lataa outlook", "saadetud", "hankige outlook", "hangi outlook", "laadige alla outlook", "išsiųsta", "siųsta iš", "gauti outlook", "gaukite", "atsisiųskite", "nosūtīts no", "sūtīts no", "nosūtīts ar", "iegūt outlook", "iegūstiet",
	"enviat des", "enviat amb", "enviat de", "obteniu l'outlook", "obtén l'outlook", "đã gửi từ", "gửi từ", "được gửi từ", "tải outlook", "tải về outlook", "nhận outlook",
	"发自我的", "从我的", "發自我的", "发自", "發自", "傳送自", "寄自", "发送自", "来自我的", "來自我的", "获取", "取得", "下载适用于", "获取适用于", "通过",
	"나의", "내", "ios용 outlook", "android용 outlook", "أرسلت من", "مرسل من", "تم الإرسال من", "أُرسلت من", "أرسل من", "الحصول على outlook", "נשלח מ", "נשלח באמצעות", "הורד את outlook", "קבל את outlook",
	"dikirim dari", "dapatkan outlook", "ส่งจาก", "bidalia", "enviado dende",
}

// tagEnds close the same words in languages that put the verb last.
var tagEnds = []string{
	"gesendet", "gesendet.", "gesendet von", "versendet", "küldve", "küldtem", "gönderildi", "gönderilmiştir", "gönderdim", "から送信", "から送信されました", "から送信。", "を入手", "を入手する", "から送信しています",
	"에서 보냄", "에서 보냈습니다", "에서 보낸 메일", "보냄", "다운로드", "edinin", "indirin", "发送", "發送", "傳送", "寄出", "beziehen", "herunterladen", "downloaden", "lähetetty", "saadetud", "beszerzése",
}

// devices are words that show a tag is one: what it was sent from.
var devices = []string{
	"iphon", "ipad", "ipod", "ios", "android", "samsung", "galaxy", "huawei", "xiaomi", "redmi", "oppo", "oneplus", "pixel", "nokia", "lumia", "htc", "sony", "xperia", "motorola", "blackberry", "lenovo",
	"outlook", "mail", "gmail", "yahoo", "windows", "proton", "thunderbird", "k-9", "spark", "airmail", "hotmail", "gmx", "web.de", "orange", "nine", "superhuman", "tutanota", "fairemail", "aquamail", "mac", "macbook", "watch", "surface", "skynet",
	"mobile", "mobil", "handy", "phone", "telefon", "téléphone", "teléfono", "telefono", "telefone", "smartphone", "tablet", "tablette", "cell", "cellulare", "celular", "móvil", "movil", "komórk", "komork", "puhelim", "handheld", "device", "gerät", "dispositivo", "appareil", "laptop", "computer",
	"телефон", "мобил", "мобіл", "смартфон", "устройств", "таблет", "айфон", "пристро", "почт", "κινητ", "τηλ", "手机", "手機", "设备", "携帯", "스마트폰", "휴대", "هاتف", "جوال", "الهاتف", "טלפון", "נייד", "điện thoại", "ponsel", "qq邮箱", "邮箱", "邮件", "メール",
}

// isSentFrom tells that line i is a tag the mail program or phone adds.
func (d *doc) isSentFrom(i int) bool {
	l := &d.lines[i]
	s := l.text
	if !bare(s) {
		s = strings.Trim(s, "*_[]()<>-–—~• ")
	}
	if s == "" || len(s) > 200 || !tagShaped(s) {
		return false
	}
	if !opensTag(s) && !closesTag(s) && strings.IndexAny(s, "<([") <= 0 {
		return false
	}
	low := strings.ToLower(s)
	if cut := strings.IndexAny(low, "<(["); cut > 0 && strings.Contains(low[cut:], "http") {
		low = strings.TrimSpace(low[:cut])
		s = s[:min(cut, len(s))]
	}
	if low == "" {
		return false
	}
	rest, ok := afterTag(low)
	if !ok || len(strings.Fields(low)) > 16 {
		return false
	}
	known := false
	for _, w := range devices {
		if strings.Contains(rest, w) {
			known = true
			break
		}
	}
	open := d.standsAlone(i)
	prose := strings.HasSuffix(s, ".") || strings.HasSuffix(s, ",") || strings.HasSuffix(s, ":") || strings.HasSuffix(s, "?")
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case strings.HasPrefix(low, "from my") && (len(s) > 40 || !known):
		return false
	case known && open && !prose:
		return !unicode.IsLower(first) || len(strings.Fields(low)) <= 6
	case known && open:
		return !unicode.IsLower(first) && (strings.Contains(low, "k-9") || strings.Contains(low, "brevity") || len(strings.Fields(low)) <= 7)
	case known:
		return !unicode.IsLower(first) && !prose && len(strings.Fields(low)) <= 9
	}
	// An unknown make: "Sent from my Wiko Ridge 4G" is one, "Sent from my desk" is not.
	return open && !prose && strings.HasPrefix(low, "sent ") && named(s)
}

// tagShaped is the cheap first look: few tags open with a small Latin letter,
// and none is long prose.
func tagShaped(s string) bool {
	return strings.IndexByte(s, ' ') > 0 || s[0] >= utf8.RuneSelf || strings.HasPrefix(s, "i") || strings.HasPrefix(s, "A")
}

// afterTag returns what follows the opening words of a tag, or what stands
// before the closing ones.
func afterTag(low string) (string, bool) {
	for _, t := range tagsBy[low[0]] {
		if strings.HasPrefix(low, t) {
			if strings.Contains(t, "outlook") {
				return low, true
			}
			return low[len(t):], true
		}
	}
	for _, t := range tagEndsBy[low[len(low)-1]] {
		if strings.HasSuffix(low, t) {
			return low[:len(low)-len(t)], len(low) > len(t)
		}
	}
	return "", false
}

// opensTag and closesTag tell that s begins or ends as a tag does, in any case.
func opensTag(s string) bool {
	for _, t := range tagsBy[firstByte(s)] {
		if beginsFold(s, t) {
			return true
		}
	}
	return false
}

func closesTag(s string) bool {
	for _, t := range tagEndsBy[lastByte(s)] {
		if rest, ok := cutEndFold(s, t); ok {
			return rest != ""
		}
	}
	return false
}

var tagEndsBy = byLast(tagEnds)

// byLast sorts words by their last byte.
func byLast(words []string) (by [256][]string) {
	for _, w := range words {
		by[w[len(w)-1]] = append(by[w[len(w)-1]], w)
	}
	return by
}

var tagsBy = func() (by [256][]string) {
	for _, t := range tags {
		by[t[0]] = append(by[t[0]], t)
	}
	return by
}()

// named tells that most of the last words are names: capitals or digits.
func named(s string) bool {
	f := strings.Fields(s)
	if len(f) < 3 || len(f) > 9 {
		return false
	}
	hits := 0
	for _, w := range f[2:] {
		r, _ := utf8.DecodeRuneInString(w)
		if unicode.IsUpper(r) || unicode.IsDigit(r) || strings.IndexFunc(w, unicode.IsUpper) > 0 {
			hits++
		}
	}
	return hits > 0 && 2*hits >= len(f)-3
}

// standsAlone tells that no line of prose touches line i from below, and that
// above it is a gap, another tag, or the start.
func (d *doc) standsAlone(i int) bool {
	if i+1 < len(d.lines) {
		n := &d.lines[i+1]
		if n.kind == words && n.depth == d.lines[i].depth && n.cut == kept && !d.tagAhead(i+1) {
			return false
		}
	}
	return i == 0 || d.lines[i-1].kind != words || d.lines[i-1].depth != d.lines[i].depth
}

// tagAhead tells that line i opens like a tag itself, without looking further.
func (d *doc) tagAhead(i int) bool {
	s := strings.Trim(d.lines[i].text, "*_[]()<>-–—~• ")
	return s != "" && len(s) <= 200 && (opensTag(s) || closesTag(s))
}

const (
	// tallestSignature is the most lines below a bare "--" that are taken for a
	// signature; below the exact "-- " (RFC 3676 §4.3) there is no limit.
	tallestSignature = 16
	// tallestRuled is the same below a line of underscores, and longestRuled
	// the most bytes each may have: a rule may as well divide the author's text.
	tallestRuled, longestRuled = 6, 60
)

// isDelimiter tells a line that opens a signature, and whether it can be nothing else.
func isDelimiter(l *line) (delimiter, exact bool) {
	s := l.text
	if l.depth > 0 || s == "" {
		return false, false
	}
	if s[0] != '-' && s[0] != '_' && s[0] < utf8.RuneSelf {
		return false, false
	}
	switch trimRight(s) {
	case "--":
		return true, strings.HasPrefix(l.raw, "--")
	case "- --", "---", "—", "–", "——", "–-", "-–", "__":
		return true, false
	}
	if l.kind == rule && len(s) >= 5 && (s[0] == '_' || strings.HasPrefix(s, "—")) {
		return true, false
	}
	return false, false
}

// signatures cuts delimited signatures: from the delimiter to the end of the
// author's stretch of lines.
func (d *doc) signatures() {
	// Below a bare rule without words above it stands all the author wrote; and
	// one like the line the mail begins with closes what that opened.
	spoke, top := false, ""
	if first := d.nextText(0); first < len(d.lines) {
		top = d.lines[first].text
	}
	for i := 0; i < len(d.lines); i++ {
		l := &d.lines[i]
		if l.cut != kept || l.kind == code {
			spoke = spoke || l.cut == kept
			continue
		}
		if l.kind == signature {
			l.cut = asSignature
			continue
		}
		delimiter, exact := isDelimiter(l)
		if !delimiter {
			spoke = spoke || l.kind == words && l.depth == 0
			continue
		}
		// RFC 3676 §4.3: two dashes and a space, alone on the line.
		strict := exact && l.spaced
		end, full, long := i+1, 0, 0
		for end < len(d.lines) && d.lines[end].cut == kept && d.lines[end].depth == 0 && d.lines[end].kind != forward {
			if next, _ := isDelimiter(&d.lines[end]); next && !strict {
				break
			}
			if !strict && (full > tallestSignature || end > i+2*tallestSignature) {
				break
			}
			if k := d.lines[end].kind; k != blank && k != rule {
				full++
				if t := d.lines[end].text; len(t) > longestRuled && strings.IndexByte(t, ' ') > 0 {
					long++
				}
			}
			end++
		}
		why := asSignature
		switch {
		case full == 0:
			continue
		case full <= tallestSignature && d.isList(i+1, end):
			why = asBanner
		case exact && full <= tallestSignature:
		case strict:
		case !exact && full <= tallestRuled && long == 0 && !d.sentences(i+1, end) && d.signs(i+1, end) && spoke && l.text != top:
		default:
			continue
		}
		for j := i; j < end; j++ {
			d.lines[j].cut = why
		}
		i = end - 1
	}
}

// sentences tells that a stretch reads like prose rather than name and address.
func (d *doc) sentences(from, to int) bool {
	n := 0
	for i := from; i < to; i++ {
		s := d.lines[i].text
		if len(strings.Fields(s)) >= 4 && endsSentence(s) {
			n++
		}
	}
	return n > 1
}

// signs tells that a stretch below a mere rule begins as a signature does: with
// a name or a firm, not in small letters and not with a sentence. A rule may as
// well divide what the author wrote, and then it would be lost.
func (d *doc) signs(from, to int) bool {
	for i := from; i < to; i++ {
		s := strings.TrimLeft(d.lines[i].text, "*_ ")
		if s == "" || d.lines[i].kind == rule {
			continue
		}
		first, _ := utf8.DecodeRuneInString(s)
		return !unicode.IsLower(first) && !endsSentence(strings.TrimRight(s, "*_ "))
	}
	return false
}
