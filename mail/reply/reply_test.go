package reply

import (
	"strings"
	"testing"
)

// replies are texts of our own making. The answer is the same in each; what a
// client puts around it differs.
func TestTheHistoryBelowAnAnswerGoes(t *testing.T) {
	const answer = "Ja 42, вижте плана."
	for name, below := range map[string]string{
		"en gmail":          "On Tue, 5 May 2026 at 10:12, Mira Petrova <mira@example.org> wrote:\n\n> please look at the plan\n> and answer",
		"en gmail wrapped":  "On Tue, 5 May 2026 at 10:12, Mira Petrova of the Long Company Name <\nmira.petrova.of.the.office@example.org> wrote:\n\n> please look",
		"en bare quote":     "On Tue, 5 May 2026 at 10:12, Mira Petrova <mira@example.org> wrote:\nplease look at the plan\nand answer",
		"en quoted lead":    "> On 5 May 2026, at 10:12, Mira Petrova <mira@example.org> wrote:\n> \n> please look",
		"en no date":        "Mira Petrova <mira@example.org> wrote:\n> please look",
		"en outlook":        "From: Mira Petrova <mira@example.org>\nSent: Tuesday, May 5, 2026 10:12 AM\nTo: Jonas\nSubject: Plan\n\nplease look at the plan",
		"en outlook bold":   "*From:* Mira Petrova\n*Sent:* Tuesday, May 5, 2026 10:12 AM\n*To:* jonas@example.net\n*Subject:* Plan\n\nplease look",
		"en old outlook":    "-----Original Message-----\nFrom: Mira\nSubject: Plan\n\nplease look at the plan",
		"en yahoo":          "     On Tuesday, May 5, 2026 at 10:12:01 AM GMT+2, Mira Petrova <mira@example.org> wrote:  \n \n please look at the plan",
		"de gmail":          "Am Di., 5. Mai 2026 um 10:12 Uhr schrieb Mira Petrova <mira@example.org>:\n\n> bitte den Plan ansehen",
		"de thunderbird":    "Am 05.05.26 um 10:12 schrieb Mira Petrova:\n> bitte den Plan ansehen",
		"de apple wrapped":  "> Am 05.05.2026 um 10:12 schrieb Mira Petrova\n> <mira@example.org>:\n> \n> bitte den Plan ansehen",
		"de outlook":        "Von: Mira Petrova <mira@example.org>\nGesendet: Dienstag, 5. Mai 2026 10:12\nAn: Jonas\nBetreff: Plan\n\nbitte den Plan ansehen",
		"de web.de":         "Gesendet: Dienstag, 05. Mai 2026 um 10:12 Uhr\nVon: \"Mira Petrova\" <mira@example.org>\nAn: jonas@example.net\nBetreff: Plan\n\nbitte ansehen",
		"fr gmail":          "Le mar. 5 mai 2026 à 10:12, Mira Petrova <mira@example.org> a écrit :\n\n> merci de regarder",
		"fr wrapped":        "Le 5 mai 2026 à 10:12, Mira Petrova <mira@example.org> a\nécrit :\n\n> merci de regarder",
		"fr outlook":        "De : Mira Petrova <mira@example.org>\nEnvoyé : mardi 5 mai 2026 10:12\nÀ : Jonas\nObjet : Plan\n\nmerci de regarder",
		"bg gmail":          "На вт, 5.05.2026 г. в 10:12 ч. Мира Петрова <mira@example.org> написа:\n\n> моля вижте",
		"bg outlook":        "От: Мира Петрова <mira@example.org>\nИзпратено: вторник, 5 май 2026 г. 10:12\nДо: Йонас\nТема: План\n\nмоля вижте",
		"es gmail":          "El mar, 5 may 2026 a las 10:12, Mira Petrova (<mira@example.org>) escribió:\n\n> por favor mire",
		"es outlook":        "De: Mira Petrova <mira@example.org>\nEnviado: martes, 5 de mayo de 2026 10:12\nPara: Jonas\nAsunto: Plan\n\npor favor mire",
		"it gmail":          "Il giorno mar 5 mag 2026 alle ore 10:12 Mira Petrova <mira@example.org> ha scritto:\n\n> per favore guardi",
		"it outlook":        "Da: Mira Petrova\nInviato: martedì 5 maggio 2026 10:12\nA: Jonas\nOggetto: Piano\n\nper favore guardi",
		"nl gmail":          "Op di 5 mei 2026 om 10:12 schreef Mira Petrova <mira@example.org>:\n\n> graag kijken",
		"nl apple":          "> Op 5 mei 2026 om 10:12 heeft Mira Petrova <mira@example.org> het volgende geschreven:\n> \n> graag kijken",
		"pl gmail":          "wt., 5 maj 2026 o 10:12 Mira Petrova <mira@example.org> napisał(a):\n\n> proszę spojrzeć",
		"pl outlook":        "Od: Mira Petrova <mira@example.org>\nWysłano: wtorek, 5 maja 2026 10:12\nDo: Jonas\nTemat: Plan\n\nproszę spojrzeć",
		"ru gmail":          "вт, 5 мая 2026 г. в 10:12, Мира Петрова <mira@example.org>:\n\n> прошу посмотреть",
		"ru mail.ru":        "Вторник, 5 мая 2026, 10:12 +03:00 от Мира Петрова <mira@example.org>:\n\nпрошу посмотреть",
		"pt gmail":          "Em ter., 5 de mai. de 2026 às 10:12, Mira Petrova <mira@example.org> escreveu:\n\n> por favor veja",
		"cs gmail":          "út 5. 5. 2026 v 10:12 odesílatel Mira Petrova <mira@example.org> napsal:\n\n> prosím podívejte se",
		"hu gmail":          "Mira Petrova <mira@example.org> ezt írta (időpont: 2026. máj. 5., K, 10:12):\n\n> kérem nézze meg",
		"tr gmail":          "Mira Petrova <mira@example.org>, 5 May 2026 Sal, 10:12 tarihinde şunu yazdı:\n\n> lütfen bakın",
		"sv outlook":        "Från: Mira Petrova <mira@example.org>\nSkickat: den 5 maj 2026 10:12\nTill: Jonas\nÄmne: Plan\n\nvänligen titta",
		"da gmail":          "Den tir. 5. maj 2026 kl. 10.12 skrev Mira Petrova <mira@example.org>:\n\n> se venligst",
		"fi gmail":          "ti 5. toukok. 2026 klo 10.12 Mira Petrova (mira@example.org) kirjoitti:\n\n> katso",
		"el gmail":          "Στις Τρί 5 Μαΐ 2026 στις 10:12 π.μ., ο χρήστης Mira Petrova <mira@example.org> έγραψε:\n\n> δείτε",
		"ja gmail":          "2026年5月5日(火) 10:12 Mira Petrova <mira@example.org>:\n\n> ご確認ください",
		"zh gmail":          "Mira Petrova <mira@example.org> 于2026年5月5日周二 10:12写道：\n\n> 请看",
		"zh outlook":        "发件人: Mira Petrova <mira@example.org>\n发送时间: 2026年5月5日 10:12\n收件人: Jonas\n主题: 计划\n\n请看",
		"ko gmail":          "2026년 5월 5일 (화) 오전 10:12, Mira Petrova <mira@example.org>님이 작성:\n\n> 봐주세요",
		"he gmail":          "\u202bבתאריך יום ג׳, 5 במאי 2026 ב-10:12 מאת \u202aMira Petrova\u202c\u200f <\u202amira@example.org\u202c\u200f>:\u202c\n\n> נא לבדוק",
		"vi gmail":          "Vào Th 3, 5 thg 5, 2026 vào lúc 10:12 Mira Petrova <mira@example.org> đã viết:\n\n> xin xem",
		"uk gmail":          "вт, 5 трав. 2026 р. о 10:12 Мира Петрова <mira@example.org> пише:\n\n> прошу подивитись",
		"signature too":     "-- \nJonas Weber\nBuilder\n+49 1\n\nOn Tue, 5 May 2026 at 10:12, Mira <mira@example.org> wrote:\n> please look",
		"signature below":   "On Tue, 5 May 2026 at 10:12, Mira <mira@example.org> wrote:\n> please look\n\n-- \nJonas Weber",
		"phone":             "Sent from my iPhone\n\n> On 5 May 2026, at 10:12, Mira <mira@example.org> wrote:\n> \n> please look",
		"phone de":          "Von meinem iPad gesendet",
		"phone fr":          "Envoyé de mon iPhone",
		"phone bg":          "Изпратено от моя iPhone",
		"phone es":          "Enviado desde mi Samsung Galaxy",
		"phone it":          "Inviato da iPhone",
		"phone nl":          "Verstuurd vanaf mijn iPhone",
		"phone pl":          "Wysłane z iPhone'a",
		"phone ru":          "Отправлено с iPhone",
		"phone ja":          "iPhoneから送信",
		"phone unknown":     "Sent from my Fairfone 9 Plus",
		"outlook app":       "Get Outlook for iOS<https://aka.ms/abc>\n________________________________\nFrom: Mira <mira@example.org>\nSent: Tuesday, May 5, 2026 10:12:01 AM\nTo: Jonas\nSubject: Plan\n\nplease look",
		"mailing list":      "_______________________________________________\nBuilders mailing list\nbuilders@lists.example.org",
		"list footer":       "_______________________________________________\nBuilders list, a place for all who build houses with their own hands\nhttps://lists.example.org/listinfo/builders",
		"scanner":           "Virus-free. www.avast.com",
		"gateway":           "CAUTION: This email originated from outside of the organisation. Do not click links.",
		"old phone":         "---- Mira Petrova wrote ----\n\nplease look at the plan",
		"foreign marker":    "## Please type your reply above this line ##\n\nYour ticket has an answer",
		"our marker":        "--- Schreiben Sie über diese Linie ---\n\nMira hat geschrieben: bitte ansehen",
		"our marker quoted": "Am 5. Mai 2026 schrieb Planpost <x@example.org>:\n> --- Schreiben Sie über\n> diese Linie ---\n> bitte ansehen",
	} {
		got := Extract(Input{Text: answer + "\n\n" + below + "\n", Marker: []string{"--- Schreiben Sie über diese Linie ---"}})
		if got.Reply != answer {
			t.Errorf("%s: got %q", name, got.Reply)
		}
		if len(got.Removed) == 0 || got.Empty || got.From != "text" {
			t.Errorf("%s: removed %v, empty %v, from %q", name, got.Removed, got.Empty, got.From)
		}
		if got := Extract(Input{Text: strings.ReplaceAll(answer+"\n\n"+below, "\n", "\r\n"), Marker: []string{"--- Schreiben Sie über diese Linie ---"}}); got.Reply != answer {
			t.Errorf("%s with CRLF: got %q", name, got.Reply)
		}
	}
}

func TestWhatLooksLikeHistoryButIsTheAuthorsStays(t *testing.T) {
	for name, body := range map[string]string{
		"on in prose":         "On Monday we start.\n\nOn 5 May 2026 the crane comes, as Jonas wrote in the plan.\nBring tools.",
		"wrote in prose":      "I asked the architect and this is what she wrote:\n\nthe wall stays.\n\nSo it stays.",
		"header words":        "Two things:\n\nFrom: Berlin\nTo: Sofia\nDate: 5 May\n\nPlease book the van.",
		"a list of times":     "Date: Friday\nTime: 10:00\nPlace: the site\n\nSee you there.",
		"colon and number":    "Room 12:\n- new door\n\nRoom 13:\n- new window",
		"sent from":           "The crate was\nsent from my brother's mobile workshop in Varna, so it is late.\nSent from my desk to yours.",
		"rule of dashes":      "First part\n\n----\n\nSecond part, which matters more than the first one.\nIt goes on.",
		"underlined heading":  "Summary\n-------\nAll fine so far.\n\nDetails\n-------\nNone at all, really.",
		"unattributed quote":  "> the wall stays\n\nDoes it really?",
		"quote at the end":    "You said it yourself:\n\n> the wall stays",
		"code":                "Try this:\n\n```\n-- comment\nselect * from x;\nFrom: a@b.example\nSubject: s\n```\n\nDone?",
		"quoted words":        "He said \"On 5 May 2026 at 10:12 nothing works\" and left.\nWhat now?",
		"table":               "| part | price |\n|------|-------|\n| door | 120 |",
		"original in prose":   "Please send the original message again, mine was empty.",
		"sign-off":            "All fine.\n\nBest regards\nJonas Weber\nBuilder Ltd",
		"greater than":        "Beams must be\n> 5 m long\nor we cannot use them.",
		"a long dash section": "Points\n--\n" + strings.Repeat("This is a full line of the author's text, and it goes on.\n", 20) + "End.",
	} {
		got := Extract(Input{Text: body, Marker: []string{"Please reply above this line"}})
		if got.Reply != body {
			t.Errorf("%s: got %q\nwant %q\nremoved %v", name, got.Reply, body, got.Removed)
		}
	}
}

func TestAnswersBetweenTheLinesKeepWhatTheyAnswer(t *testing.T) {
	body := "Hello,\n\nOn Tue, 5 May 2026 at 10:12, Mira <mira@example.org> wrote:\n> Is the door ready?\n\nYes.\n\n> And the window?\n> Or both?\n\nNot yet.\n\n> Thanks\n> Mira\n"
	want := "Hello,\n\n> Is the door ready?\n\nYes.\n\n> And the window?\n> Or both?\n\nNot yet."
	got := Extract(Input{Text: body})
	if got.Reply != want {
		t.Errorf("got %q", got.Reply)
	}
	if n := len(got.Removed); n != 2 || got.Removed[0].Why != WhyAttribution || got.Removed[1] != (Removed{Why: WhyQuote, Text: "> Thanks\n> Mira", At: len(got.Reply)}) {
		t.Errorf("removed %+v", got.Removed)
	}
}

func TestAnAnswerBelowTheQuoteStandsAlone(t *testing.T) {
	body := "Am 05.05.26 um 10:12 schrieb Mira:\n> Ist die Tür fertig?\n> Gruß\n\nJa, seit gestern.\n\n-- \nJonas\n"
	if got := Extract(Input{Text: body}); got.Reply != "Ja, seit gestern." {
		t.Errorf("got %q", got.Reply)
	}
}

func TestOnlyAQuoteIsAnEmptyReply(t *testing.T) {
	for name, in := range map[string]Input{
		"attributed": {Text: "On Tue, 5 May 2026 at 10:12, Mira <mira@example.org> wrote:\n> please look\n"},
		"headers":    {Text: "From: Mira <mira@example.org>\nSent: Tuesday\nTo: Jonas\nSubject: Plan\n\nplease look\n"},
		"phone":      {Text: "Sent from my iPhone\n\n> On 5 May 2026, at 10:12, Mira <mira@example.org> wrote:\n> please look"},
		"html":       {HTML: `<div><br></div><div class="gmail_quote"><div class="gmail_attr">On Tue wrote:</div><blockquote class="gmail_quote">please look</blockquote></div>`},
		"ours":       {Text: "please look at the plan of the new door and tell us", Sent: "Please look at the plan of the new door, and tell us."},
	} {
		if got := Extract(in); got.Reply != "" || !got.Empty || len(got.Removed) == 0 {
			t.Errorf("%s: reply %q, empty %v, removed %v", name, got.Reply, got.Empty, got.Removed)
		}
	}
	if got := Extract(Input{}); got.Reply != "" || !got.Empty {
		t.Errorf("nothing at all: %+v", got)
	}
}

func TestASignatureAloneIsNotThrownAway(t *testing.T) {
	for _, in := range []Input{{Text: "-- \nJonas, I agree"}, {HTML: `<div class="gmail_signature">I agree, Jonas</div>`}} {
		if got := Extract(in); !strings.Contains(got.Reply, "agree") {
			t.Errorf("%+v: got %q", in, got.Reply)
		}
	}
}

func TestAForwardedMessageIsKeptApart(t *testing.T) {
	head := "From: Mira <mira@example.org>\nDate: Tue, 5 May 2026 at 10:12\nSubject: Plan\nTo: Jonas <jonas@example.net>\n\nplease look"
	for name, in := range map[string]Input{
		"gmail":   {Text: "See below.\n\n---------- Forwarded message ---------\n" + head},
		"apple":   {Text: "See below.\n\nBegin forwarded message:\n\n" + head},
		"outlook": {Text: "See below.\n\n" + head, Subject: "FW: Plan"},
		"de":      {Text: "See below.\n\n-------- Weitergeleitete Nachricht --------\n" + head},
	} {
		got := Extract(in)
		if got.Reply != "See below." || !strings.HasSuffix(got.Forwarded, "please look") || !strings.Contains(got.Forwarded, "Mira") {
			t.Errorf("%s: reply %q, forwarded %q", name, got.Reply, got.Forwarded)
		}
	}
}

func TestTheAuthorsWordsOnASplittersOwnLineStay(t *testing.T) {
	for body, want := range map[string]string{
		"Agreed. On Tue, 5 May 2026 at 10:12, Mira <mira@example.org> wrote:\n> please look":                        "Agreed.",
		"Agreed On 5 May 2026, Mira <mira@example.org> wrote: -- REPLY ABOVE THIS LINE -- please look":              "Agreed",
		"Einverstanden! Am 5. Mai 2026 um 10:12 schrieb Mira <mira@example.org>:\n> bitte":                          "Einverstanden!",
		"Agreed -- please reply above this line -- Your task has a new comment and more text than one would expect": "Agreed",
	} {
		if got := Extract(Input{Text: body}); got.Reply != want {
			t.Errorf("%q: got %q", body, got.Reply)
		}
	}
}

func TestTheResultIsValidTextWhateverComesIn(t *testing.T) {
	got := Extract(Input{Text: "a\xff\x00b\r\nc\rd"})
	if got.Reply != "a\uFFFDb\nc\nd" {
		t.Errorf("got %q", got.Reply)
	}
}

func TestOfAThreadWithoutAWordAboveTheNewestMessageStays(t *testing.T) {
	head := func(who string) string {
		return "From: " + who + " <x@example.org>\nSent: Tuesday, May 5, 2026 10:12 AM\nTo: Jonas\nSubject: Plan\n\n"
	}
	got := Extract(Input{Text: "\n\n" + head("Mira") + "the wall stays\n\n" + head("Jonas") + "and the wall?\n"})
	if got.Reply != "the wall stays" || got.Empty {
		t.Errorf("got %q, empty %v", got.Reply, got.Empty)
	}
	sent := "Jonas asked about the wall and whether it stays where it is"
	if got := Extract(Input{Text: head("Planpost") + sent + "\n\n" + head("Mira") + "words of somebody else\n", Sent: sent}); got.Reply != "" || !got.Empty {
		t.Errorf("a quote of ours alone: got %q, empty %v", got.Reply, got.Empty)
	}
}
