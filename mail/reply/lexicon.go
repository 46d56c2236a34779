package reply

import "strings"

// The words mail programs use, in lower case. Adding a language means adding
// words here, nowhere else.

// verbs end or carry an attribution: "On … X wrote:".
var verbs = []string{
	"wrote",                              // en; not "said" or "writes", which people use of each other
	"schrieb", "geschrieben", "schreibt", // de
	"a écrit", "a ecrit", "écrit", "ecrit", "écrivait", // fr
	"escribió", "escribio", "ha escrito", "escribía", // es
	"ha scritto", "scrive", "scritto", "scriveva", // it
	"escreveu", "escreveu:", // pt
	"schreef", "heeft geschreven", "geschreven", // nl
	"napisał", "napisała", "napisał(a)", "napisał/a", "pisze", "napisali", "napisana przez", // pl
	"napsal", "napsala", "napsal(a)", "napsal/a", "píše", // cs
	"napísal", "napísala", "napísal(a)", "napísal/a", // sk
	"je napisal", "je napisala", "je napisal(a)", "napisal", "napisala", // sl
	"je napisao", "je napisala", "je napisao/la", "napisao", "napisao je", "napisala je", "piše", // hr
	"írta", "ezt írta", "a következőt írta", // hu
	"a scris", "scris", // ro
	"написа", "написал", "написала", "написал(а)", "пише", "писа", "написа(ла)", // bg, mk
	"пишет", "писал", "писала", "писал(а)", // ru
	"написав", "написала", "пишет", "пишуть", // uk
	"έγραψε", "έγραψαν", "εγραψε", // el
	"yazdı", "şunu yazdı", "yazmış", // tr
	"skrev", "skriver", // sv, da, no
	"kirjoitti",      // fi
	"kirjutas",       // et
	"rašė", "parašė", // lt
	"rakstīja",                                            // lv
	"va escriure", "ha escrit", "escrigué", "missatge de", // ca
	"đã viết", "viết", // vi
	"写道", "寫道", "写到", "撰写", // zh
	"書きました", "のメール", "のメッセージ", "写道：", // ja
	"작성", "작성함", "썼습니다", "님이 작성", "쓴 글", // ko
	"כתב", "כתבה", "כתב/ה", "כתב(ה)", // he
	"كتب", "كتبت", "كتب/ت", "wrote", // ar
	"menulis",           // id, ms
	"เขียนว่า", "เขียน", // th
	"idatzi du", // eu
	"escribiu",  // gl
}

// leads start an attribution that has its date first.
var leads = []string{
	"on", "at", "am", "vom", "den", "der", "um", "le", "el", "em", "no dia", "il", "in data", "il giorno", "op", "op ", "dnia", "w dniu", "dne", "dňa", "dana", "dne:",
	"на", "в", "від", "от", "ob", "u", "pe", "pe data de", "în data de", "la data de", "la", "στις", "την", "på", "vào", "vào lúc", "ngày", "a las", "el dia", "el día",
	"в", "在", "於", "于", "בתאריך", "ב-", "ביום", "في", "بتاريخ", "kl", "pada", "tarihinde", "quoting", "zitat von", "citando", "citat", "เมื่อ", "du", "da", "data",
}

// sources introduce the sender where no verb follows: "5 May 2020, 10:00 from X:".
var sources = []string{"from", "от", "von", "de", "da", "od", "van", "fra", "från", "від", "от:", "מאת", "من", "ze"}

// originals are the words between the dashes above an older message.
var originals = set(
	"original message", "original email", "original mail", "original appointment", "reply message", "original-nachricht", "original nachricht", "originalnachricht", "originalmail", "original e-mail",
	"ursprüngliche nachricht", "ursprüngliche mail", "ursprüngliche e-mail", "urspruengliche nachricht", "ursprünglicher termin", "antwort-nachricht",
	"message d'origine", "message original", "message initial", "message d’origine", "mail original", "e-mail d'origine",
	"mensaje original", "correo original", "mensaje de origen", "messaggio originale", "messaggio di origine", "mensagem original", "mensagem de origem",
	"oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht", "oorspronkelijke e-mail",
	"oryginalna wiadomość", "wiadomość oryginalna", "wiadomość pierwotna", "original-meddelelse",
	"původní zpráva", "pôvodná správa", "izvirno sporočilo", "prvotno sporočilo", "izvorna poruka", "originalna poruka", "eredeti üzenet", "eredeti levél", "mesaj original", "mesajul original",
	"оригинално съобщение", "оригинално писмо", "първоначално съобщение", "исходное сообщение", "оригинальное сообщение", "пересылаемое сообщение:", "початкове повідомлення", "оригінальне повідомлення", "вихідне повідомлення",
	"αρχικό μήνυμα", "πρωτότυπο μήνυμα", "orijinal ileti", "orijinal mesaj", "özgün ileti", "orijinal e-posta",
	"ursprungligt meddelande", "originalmeddelande", "oprindelig meddelelse", "original meddelelse", "opprinnelig melding", "originalmelding", "alkuperäinen viesti",
	"algne sõnum", "algne kiri", "originalus laiškas", "pradinis laiškas", "pradinis pranešimas", "sākotnējais ziņojums", "oriģinālais ziņojums", "missatge original",
	"thư gốc", "tin nhắn gốc", "元のメッセージ", "オリジナルメッセージ", "原始邮件", "原始郵件", "原邮件", "原始信息", "邮件原件", "원본 메시지", "원본 메일", "original message follows",
	"الرسالة الأصلية", "رسالة أصلية", "הודעה מקורית", "ההודעה המקורית", "pesan asli", "ข้อความต้นฉบับ", "mensaxe orixinal",
)

// forwards are the words above a message that is passed on.
var forwards = set(
	"forwarded message", "forwarded email", "forwarded mail", "begin forwarded message", "forwarded by", "fwd", "start of forwarded message", "forward message",
	"weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "weitergeleitete mail", "weitergeleitete e-mail", "beginn der weitergeleiteten nachricht", "weiterleitungsnachricht", "weitergeleitet",
	"message transféré", "message transmis", "début du message réexpédié", "début du message transféré", "message transferé", "message réexpédié", "courriel transféré",
	"mensaje reenviado", "inicio del mensaje reenviado", "mensaje reenviado originalmente", "messaggio inoltrato", "inizio messaggio inoltrato", "inizio del messaggio inoltrato",
	"mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reencaminhada",
	"doorgestuurd bericht", "begin doorgestuurd bericht", "doorgestuurde bericht", "wiadomość przekazana", "przekazana wiadomość", "początek przekazanej wiadomości", "treść przekazanej wiadomości", "przesłana wiadomość",
	"přeposlaná zpráva", "začátek přeposílané zprávy", "přeposlaný email", "preposlaná správa", "začiatok preposlanej správy", "posredovano sporočilo", "proslijeđena poruka", "početak proslijeđene poruke",
	"továbbított üzenet", "továbbított levél", "átirányított üzenet", "mesaj redirecționat", "mesaj redirectionat", "mesaj retransmis", "mesaj transmis", "începutul mesajului redirecționat",
	"препратено съобщение", "препратено писмо", "начало на препратеното съобщение", "пересылаемое сообщение", "пересланное сообщение", "начало переадресованного сообщения", "начало пересылаемого сообщения", "конец пересылаемого сообщения", "переслане повідомлення", "початок переадресованого повідомлення", "переслати повідомлення",
	"προωθημένο μήνυμα", "αρχή προωθημένου μηνύματος", "iletilen mesaj", "yönlendirilen ileti", "yönlendirilmiş ileti", "iletilmiş mesaj", "iletinin başlangıcı",
	"vidarebefordrat meddelande", "vidarebefordrat mejl", "vidarebefordrat brev", "börja vidarebefordrat meddelande", "videresendt meddelelse", "videresendt besked", "start på videresendt besked", "videresendt melding", "start på videresendt melding", "videresendt e-post",
	"välitetty viesti", "edelleenlähetetty viesti", "välitetty viesti alkaa", "edastatud kiri", "edastatud sõnum", "persiųstas laiškas", "persiųsta žinutė", "pārsūtītais ziņojums", "pārsūtīta vēstule",
	"missatge reenviat", "thư chuyển tiếp", "tin nhắn được chuyển tiếp", "転送されたメッセージ", "転送メッセージ", "转发的邮件", "转发邮件", "轉寄郵件", "轉寄的郵件", "已转发邮件", "전달된 메시지", "전달된 메일", "전달 메시지",
	"رسالة معاد توجيهها", "الرسالة المعاد توجيهها", "הודעה שהועברה", "הודעה מועברת", "pesan terusan", "mensaxe reenviada", "ข้อความที่ส่งต่อ",
)

// messageWords are the word "message", and forwardWords "forwarded", in any form.
var (
	messageWords = []string{"message", "nachricht", "mensaje", "messaggio", "mensagem", "bericht", "wiadomość", "zpráv", "správ", "sporočil", "poruk", "üzenet", "levél", "mesaj", "съобщени", "писмо", "сообщени", "повідомлен", "лист", "μήνυμα",
		"ileti", "meddeland", "meddelelse", "besked", "melding", "viesti", "sõnum", "kiri", "laišk", "pranešim", "ziņojum", "vēstul", "missatge", "tin nhắn", "thư", "メッセージ", "メール", "邮件", "郵件", "메시지", "메일", "رسالة", "הודעה", "pesan", "e-mail", "email", "mail"}
	forwardWords = []string{"forward", "weitergeleitet", "transf", "transmis", "réexp", "reenvia", "inoltra", "encaminha", "doorgest", "przekaz", "przesł", "přeposl", "prepos", "posredov", "proslij", "továbbít", "redirec", "препра", "пересл", "пересыл", "переадрес", "προωθ", "iletil", "yönlend", "vidarebef", "videresend", "välitet", "edelleen", "edasta", "persiųs", "pārsūt", "chuyển", "転送", "转发", "轉寄", "전달", "توجيه", "הועבר", "terusan"}
)

// field is what a header key names.
type field uint8

const (
	noField field = iota
	fromField
	dateField
	toField
	subjectField
	otherField
)

// keys are the names of header fields as clients write them above a quoted message.
var keys = func() map[string]field {
	m := make(map[string]field, 256)
	for f, names := range [...]string{
		fromField:    "from,von,de,expéditeur,expediteur,da,van,od,fra,från,lähettäjä,saatja,nuo,kam:,från:,sender,absender,remitente,mittente,remetente,afzender,nadawca,odesílatel,odosielateľ,feladó,expeditor,от,от кого,подател,изпращач,отправитель,від,від кого,відправник,από,αποστολέας,kimden,gönderen,avsändare,afsender,avsender,lähettäjän nimi,saatja:,siuntėjas,no,sūtītājs,từ,người gửi,差出人,送信者,发件人,寄件者,寄件人,發件人,보낸 사람,보낸사람,발신,מאת,من,المرسل,dari,จาก,şu kişiden,de la",
		dateField:    "message du,nachricht vom,mensaje del,sent,date,gesendet,datum,envoyé,envoyé le,envoyée,date d'envoi,enviado,enviado el,fecha,enviada em,enviado em,data,inviato,inviata,data invio,verzonden,verzonden op,wysłano,wysłane,data wysłania,odesláno,odoslané,dátum,poslano,elküldve,küldve,dátuma,trimis,trimis la,изпратено,изпратено на,дата,дата и час,отправлено,дата отправки,надіслано,дата:,εστάλη,στάλθηκε,ημερομηνία,gönderildi,gönderme tarihi,gönderilme tarihi,tarih,skickat,datum:,sendt,dato,lähetetty,päivämäärä,päiväys,pvm,saadetud,kuupäev,išsiųsta,data:,nosūtīts,datums,datums:,enviat,đã gửi,ngày,ngày gửi,date and time,送信日時,日時,日付,发送时间,发送日期,日期,時間,时间,寄件日期,傳送時間,發送時間,發送日期,보낸 날짜,날짜,보낸 시간,נשלח,תאריך,تم الإرسال,تاريخ الإرسال,أرسلت,التاريخ,تاريخ,dikirim,tanggal,วันที่,ส่ง,time",
		toField:      "to,an,à,a,destinataire,destinataires,para,destinatario,aan,do,komu,za,prima,címzett,către,catre,до,до:,за,кому,получател,получатель,получатели,προς,πρὸς,kime,alıcı,till,til,vastaanottaja,saaja,kellele,kam,adresātam,adresāts,per,per a,đến,tới,宛先,收件人,收件者,받는 사람,받는사람,수신,אל,עבור,إلى,kepada,ถึง,naar,empfänger,mottagare,modtager,mottaker",
		subjectField: "subject,betreff,objet,sujet,asunto,oggetto,assunto,onderwerp,temat,předmět,predmet,zadeva,naslov,tárgy,subiect,subiectul,относно,тема,тема:,θέμα,konu,ämne,emne,aihe,teema,tema,temats,temats:,assumpte,chủ đề,tiêu đề,件名,主题,主題,主旨,标题,제목,נושא,الموضوع,موضوع,subjek,perihal,เรื่อง,re",
		otherField:   "cc,bcc,kopie,kopi,kopia,copie,copie à,cópia,copia,cc:,reply-to,reply to,antwort an,antwort-an,répondre à,responder a,responder para,rispondi a,risposta,beantwoorden aan,odpowiedz do,svara till,svar til,vastaus,ответить,кому копия,копия,копие,копія,как,κοιν,κοινοποίηση,bilgi,dw,másolat,másolatot kap,kópia,kópie,kopija,importance,priority,wichtigkeit,priorität,importancia,importância,importanza,priorità,urgentie,ważność,attachments,attachment,anlagen,anhang,pièces jointes,bijlagen,allegati,organization,organisation,抄送,副本,重要性,참조,עותק,نسخة,message-id,newsgroups,resent-from,thread-topic,return-path,sent by,responder a:,posted at,posted to,conversation,vc,kk,sak",
	} {
		for name := range strings.SplitSeq(names, ",") {
			if _, taken := m[name]; !taken {
				m[name] = field(f)
			}
		}
	}
	return m
}()

// sentKeys are the names of the date field that exist in mail only ("Sent", not "Date").
var sentKeys = set("sent", "gesendet", "envoyé", "enviado", "enviado el", "enviada em", "enviado em", "inviato", "verzonden", "wysłano", "wysłane", "skickat", "sendt", "lähetetty", "odesláno", "odoslané",
	"elküldve", "küldve", "trimis", "изпратено", "отправлено", "надіслано", "εστάλη", "στάλθηκε", "gönderildi", "gönderme tarihi", "发送时间", "發送時間", "寄件日期", "送信日時", "보낸 날짜", "נשלח", "تم الإرسال", "poslano", "saadetud", "išsiųsta", "nosūtīts", "enviat", "đã gửi", "envoyée")

func set(list ...string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, s := range list {
		m[s] = true
	}
	return m
}
