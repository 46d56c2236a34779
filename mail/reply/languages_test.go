package reply

import "strings"

// tongue is what mail programs write in one language, and what an author may
// say in it.
type tongue struct {
	code string
	// gmail, apple and bird are the attributions of three families of clients.
	gmail, apple, bird string
	// The keys of a header block, the words of its divider and a phone's tag.
	from, sent, to, subject, original, phone string
	// own are two sentences of the author.
	own [2]string
}

const (
	senderName    = "Anna Berg (Planpost)"
	senderAddress = "reply+k3x9v2@in.example.org"
)

// tongues are all languages whose mail programs must be understood.
func tongues() []tongue {
	var all []tongue
	for row := range strings.Lines(tongueTable) {
		f := strings.Split(strings.TrimSpace(row), "|")
		for i := 1; i <= 3; i++ {
			f[i] = strings.NewReplacer("{n}", senderName, "{a}", senderAddress).Replace(f[i])
		}
		all = append(all, tongue{f[0], f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9], [2]string{f[10], f[11]}})
	}
	return all
}

// tongueTable holds one language a line: the fields of tongue, {n} for the
// sender's name and {a} for the address.
const tongueTable = `en|On Tue, 5 May 2026 at 10:12, {n} <{a}> wrote:|On 5 May 2026, at 10:12, {n} <{a}> wrote:|On 05.05.26 10:12, {n} wrote:|From|Sent|To|Subject|Original Message|Sent from my iPhone|The crane cannot turn there before noon.|I will bring the ladder myself.
de|Am Di., 5. Mai 2026 um 10:12 Uhr schrieb {n} <{a}>:|Am 05.05.2026 um 10:12 schrieb {n} <{a}>:|Am 05.05.26 um 10:12 schrieb {n}:|Von|Gesendet|An|Betreff|Ursprüngliche Nachricht|Von meinem iPhone gesendet|Der Kran kann dort vor Mittag nicht wenden.|Die Leiter bringe ich selbst mit.
fr|Le mar. 5 mai 2026 à 10:12, {n} <{a}> a écrit :|Le 5 mai 2026 à 10:12, {n} <{a}> a écrit :|Le 05/05/2026 à 10:12, {n} a écrit :|De|Envoyé|À|Objet|Message d'origine|Envoyé de mon iPhone|La grue ne peut pas y tourner avant midi.|J'apporterai l'échelle moi-même.
es|El mar, 5 may 2026 a las 10:12, {n} (<{a}>) escribió:|El 5 may 2026, a las 10:12, {n} <{a}> escribió:|El 5/5/26 a las 10:12, {n} escribió:|De|Enviado|Para|Asunto|Mensaje original|Enviado desde mi iPhone|La grúa no puede girar allí antes del mediodía.|Yo mismo llevaré la escalera.
it|Il giorno mar 5 mag 2026 alle ore 10:12 {n} <{a}> ha scritto:|Il giorno 5 mag 2026, alle ore 10:12, {n} <{a}> ha scritto:|Il 05/05/26 10:12, {n} ha scritto:|Da|Inviato|A|Oggetto|Messaggio originale|Inviato da iPhone|La gru non può girare lì prima di mezzogiorno.|La scala la porto io.
pt|Em ter., 5 de mai. de 2026 às 10:12, {n} <{a}> escreveu:|Em 5 de mai. de 2026, à(s) 10:12, {n} <{a}> escreveu:|Em 05/05/2026 10:12, {n} escreveu:|De|Enviado|Para|Assunto|Mensagem original|Enviado do meu iPhone|A grua não pode virar ali antes do meio-dia.|Eu mesmo levo a escada.
nl|Op di 5 mei 2026 om 10:12 schreef {n} <{a}>:|Op 5 mei 2026 om 10:12 heeft {n} <{a}> het volgende geschreven:|Op 05-05-2026 om 10:12 schreef {n}:|Van|Verzonden|Aan|Onderwerp|Oorspronkelijk bericht|Verstuurd vanaf mijn iPhone|De kraan kan daar vóór de middag niet draaien.|De ladder breng ik zelf mee.
pl|wt., 5 maj 2026 o 10:12 {n} <{a}> napisał(a):|Wiadomość napisana przez {n} <{a}> w dniu 5 maj 2026, o godz. 10:12:|W dniu 5.05.2026 o 10:12, {n} pisze:|Od|Wysłano|Do|Temat|Wiadomość oryginalna|Wysłane z iPhone'a|Dźwig nie może tam zawrócić przed południem.|Drabinę przyniosę osobiście.
cs|út 5. 5. 2026 v 10:12 odesílatel {n} <{a}> napsal:|5. 5. 2026 v 10:12, {n} <{a}>:|Dne 05. 05. 26 v 10:12 {n} napsal(a):|Od|Odesláno|Komu|Předmět|Původní zpráva|Odesláno z iPhonu|Jeřáb se tam před polednem neotočí.|Žebřík přinesu osobně.
sk|ut 5. 5. 2026 o 10:12 {n} <{a}> napísal(a):|Dňa 5. 5. 2026, o 10:12, používateľ {n} <{a}> napísal:|Dňa 5. 5. 2026 o 10:12 {n} napísal(a):|Od|Odoslané|Komu|Predmet|Pôvodná správa|Odoslané z iPhonu|Žeriav sa tam pred poludním neotočí.|Rebrík prinesiem osobne.
sl|V V tor., 5. maj 2026 ob 10:12 je oseba {n} <{a}> napisala:|Dne 5. maj 2026 ob 10:12 je {n} <{a}> napisal:|Dne 5. 05. 2026 ob 10:12 je {n} napisal(a):|Od|Poslano|Za|Zadeva|Izvirno sporočilo|Poslano iz iPhona|Žerjav se tam pred poldnevom ne more obrniti.|Lestev prinesem osebno.
hr|uto, 5. svi 2026. u 10:12 {n} <{a}> napisao je:|Dana 5. svi 2026., u 10:12, {n} <{a}> je napisao/la:|Dana 5. 5. 2026. u 10:12, {n} je napisao/la:|Od|Poslano|Prima|Predmet|Izvorna poruka|Poslano s iPhonea|Dizalica se ondje prije podneva ne može okrenuti.|Ljestve donosim osobno.
hu|{n} <{a}> ezt írta (időpont: 2026. máj. 5., K, 10:12):|{n} <{a}> írta (2026. máj. 5., 10:12):|2026. 05. 05. 10:12 keltezéssel, {n} írta:|Feladó|Elküldve|Címzett|Tárgy|Eredeti üzenet|Az iPhone-omról küldve|A daru ott délelőtt nem tud megfordulni.|A létrát magam viszem.
ro|mar., 5 mai 2026 la 10:12 {n} <{a}> a scris:|Pe 5 mai 2026, la 10:12, {n} <{a}> a scris:|Pe 05.05.2026 10:12, {n} a scris:|De la|Trimis|Către|Subiect|Mesaj original|Trimis de pe iPhone-ul meu|Macaraua nu poate întoarce acolo înainte de prânz.|Scara o aduc personal.
bg|На вт, 5.05.2026 г. в 10:12 {n} <{a}> написа:|На 5.05.2026 г., в 10:12, {n} <{a}> написа:|На 5.05.26 г. в 10:12, {n} написа:|От|Изпратено|До|Относно|Оригинално съобщение|Изпратено от моя iPhone|Кранът не може да завие там преди обяд.|Стълбата ще донеса лично.
ru|вт, 5 мая 2026 г. в 10:12, {n} <{a}>:|5 мая 2026 г., в 10:12, {n} <{a}> написал(а):|05.05.2026 10:12, {n} пишет:|От|Отправлено|Кому|Тема|Исходное сообщение|Отправлено с iPhone|Кран там до полудня не развернётся.|Лестницу привезу лично.
uk|вт, 5 трав. 2026 р. о 10:12 {n} <{a}> пише:|5 трав. 2026 р. о 10:12 {n} <{a}> пише:|05.05.26 10:12, {n} пише:|Від|Надіслано|Кому|Тема|Початкове повідомлення|Надіслано з iPhone|Кран там до полудня не розвернеться.|Драбину привезу особисто.
el|Στις Τρί 5 Μαΐ 2026 στις 10:12 π.μ., ο χρήστης {n} <{a}> έγραψε:|Στις 5 Μαΐ 2026, 10:12, ο χρήστης {n} <{a}> έγραψε:|Στις 5/5/26 10:12, ο/η {n} έγραψε:|Από|Στάλθηκε|Προς|Θέμα|Αρχικό μήνυμα|Στάλθηκε από το iPhone μου|Ο γερανός δεν μπορεί να στρίψει εκεί πριν το μεσημέρι.|Τη σκάλα θα την φέρω ο ίδιος.
tr|{n} <{a}>, 5 May 2026 Sal, 10:12 tarihinde şunu yazdı:|{n} <{a}> şunları yazdı (5 May 2026 10:12):|5.05.2026 10:12 tarihinde {n} yazdı:|Kimden|Gönderildi|Kime|Konu|Orijinal İleti|iPhone'umdan gönderildi|Vinç orada öğleden önce dönemez.|Merdiveni kendim getiririm.
sv|Den tis 5 maj 2026 kl 10:12 skrev {n} <{a}>:|5 maj 2026 kl. 10:12 skrev {n} <{a}>:|Den 2026-05-05 kl. 10:12, skrev {n}:|Från|Skickat|Till|Ämne|Ursprungligt meddelande|Skickat från min iPhone|Kranen kan inte vända där före lunch.|Stegen tar jag med själv.
da|Den tir. 5. maj 2026 kl. 10.12 skrev {n} <{a}>:|Den 5. maj 2026 kl. 10.12 skrev {n} <{a}>:|Den 05.05.2026 kl. 10.12 skrev {n}:|Fra|Sendt|Til|Emne|Oprindelig meddelelse|Sendt fra min iPhone|Kranen kan ikke dreje der før middag.|Stigen tager jeg selv med.
no|tir. 5. mai 2026 kl. 10:12 skrev {n} <{a}>:|5. mai 2026 kl. 10:12 skrev {n} <{a}>:|Den 05.05.2026 10:12, skrev {n}:|Fra|Sendt|Til|Emne|Opprinnelig melding|Sendt fra min iPhone|Kranen kan ikke snu der før lunsj.|Stigen tar jeg med selv.
fi|ti 5. toukok. 2026 klo 10.12 {n} ({a}) kirjoitti:|{n} <{a}> kirjoitti 5.5.2026 kello 10.12:|{n} kirjoitti 5.5.2026 klo 10.12:|Lähettäjä|Lähetetty|Vastaanottaja|Aihe|Alkuperäinen viesti|Lähetetty iPhonesta|Nosturi ei mahdu kääntymään siellä aamupäivällä.|Tikkaat tuon itse.
et|{n} <{a}> kirjutas kuupäeval T, 5. mai 2026 kell 10:12:|{n} <{a}> kirjutas 5. mai 2026 kell 10:12:|Kirjutas {n} kuupäeval 05.05.2026 10:12:|Saatja|Saadetud|Adressaat|Teema|Algne sõnum|Saadetud minu iPhone'ist|Kraana ei saa seal enne lõunat pöörata.|Redeli toon ise kaasa.
lt|2026-05-05, an, 10:12 {n} <{a}> rašė:|2026-05-05 10:12, {n} <{a}> parašė:|2026-05-05 10:12, {n} rašė:|Nuo|Išsiųsta|Kam|Tema|Pradinis laiškas|Išsiųsta iš mano iPhone|Kranas ten iki pietų neapsisuks.|Kopėčias atsinešiu asmeniškai.
lv|otrd., 2026. g. 5. maijs, plkst. 10:12 — lietotājs {n} (<{a}>) rakstīja:|{n} <{a}> rakstīja (2026. gada 5. maijs 10:12):|05.05.2026 10:12, {n} rakstīja:|No|Nosūtīts|Kam|Temats|Sākotnējais ziņojums|Nosūtīts no mana iPhone|Celtnis tur pirms pusdienlaika neapgriezīsies.|Kāpnes atvedīšu personīgi.
ca|Missatge de {n} <{a}> del dia dt., 5 de maig 2026 a les 10:12:|El dia 5 de maig 2026, a les 10:12, {n} <{a}> va escriure:|El 5/5/26 a les 10:12, {n} ha escrit:|De|Enviat|Per a|Assumpte|Missatge original|Enviat des del meu iPhone|La grua no hi pot girar abans de migdia.|L'escala la porto jo mateix.
vi|Vào Th 3, 5 thg 5, 2026 vào lúc 10:12 {n} <{a}> đã viết:|Vào 5 thg 5, 2026, lúc 10:12, {n} <{a}> đã viết:|Vào 05/05/2026 10:12, {n} đã viết:|Từ|Đã gửi|Đến|Chủ đề|Thư gốc|Đã gửi từ iPhone của tôi|Cần cẩu không thể quay ở đó trước buổi trưa.|Thang thì tôi sẽ mang theo.
ja|2026年5月5日(火) 10:12 {n} <{a}>:|2026/05/05 10:12、{n} <{a}>のメール：|On 2026/05/05 10:12, {n} wrote:|差出人|送信日時|宛先|件名|元のメッセージ|iPhoneから送信|クレーンは正午までそこで旋回できません。|はしごは自分で持って行きます。
zh|{n} <{a}> 于2026年5月5日周二 10:12写道：|在 2026年5月5日，10:12，{n} <{a}> 写道：|在 2026/5/5 10:12, {n} 写道:|发件人|发送时间|收件人|主题|原始邮件|发自我的iPhone|吊车中午之前不能在那里掉头。|梯子我自己带来。
ko|2026년 5월 5일 (화) 오전 10:12, {n} <{a}>님이 작성:|2026. 5. 5. 오전 10:12, {n} <{a}> 작성:|2026-05-05 10:12에 {n} 이(가) 쓴 글:|보낸 사람|보낸 날짜|받는 사람|제목|원본 메시지|나의 iPhone에서 보냄|크레인은 정오 전에 거기서 돌 수 없습니다.|사다리는 제가 직접 가져갑니다.
ar|في الثلاثاء، 5 مايو 2026 في 10:12 ص تمت كتابة ما يلي بواسطة {n} <{a}>:|في ٥ مايو ٢٠٢٦، الساعة ١٠:١٢، كتب/كتبت {n} <{a}>:|في 5/5/26 10:12، كتب {n}:|من|تم الإرسال|إلى|الموضوع|الرسالة الأصلية|أرسلت من الـ iPhone|لا تستطيع الرافعة الدوران هناك قبل الظهر.|سأحضر السلم بنفسي.
he|בתאריך יום ג׳, 5 במאי 2026 ב-10:12 מאת {n} <{a}>:|ב-5 במאי 2026, בשעה 10:12, {n} <{a}> כתב/ה:|בתאריך 05/05/2026 10:12, {n} כתב:|מאת|נשלח|אל|נושא|הודעה מקורית|נשלח מה-iPhone שלי|העגורן לא יכול להסתובב שם לפני הצהריים.|את הסולם אביא בעצמי.`
