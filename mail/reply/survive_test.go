package reply

import (
	"html"
	"strings"
	"testing"
)

// survivors are texts that look like what goes, and are the author's.
var survivors = map[string]string{
	"on monday":               "On Monday we start with the roof.\nOn Tuesday comes the crane.",
	"on a date, wrote":        "On 5 May 2026 the architect wrote: the wall stays.\nI think she is right.",
	"on a date, he wrote":     "On Monday the 4th he wrote to me that the door is too small, so please measure it.",
	"am montag":               "Am Montag, 4. Mai, fangen wir an.\nAm Dienstag kommt der Kran.",
	"schrieb im satz":         "Am 5. Mai schrieb die Architektin: die Wand bleibt.\nIch finde das gut.",
	"le lundi":                "Le 5 mai 2026, nous commençons.\nElle a écrit une longue lettre à la mairie.",
	"el lunes":                "El lunes 4 de mayo empezamos.\nElla escribió una carta al ayuntamiento.",
	"il giorno":               "Il giorno 5 maggio cominciamo.\nMira ha scritto al comune.",
	"op maandag":              "Op maandag 4 mei beginnen we.\nZij schreef een brief aan de gemeente.",
	"на понеделник":           "На 5 май започваме с покрива.\nМира написа писмо до общината.",
	"в понедельник":           "В понедельник 4 мая мы начинаем.\nОна написала письмо.",
	"em segunda":              "Em 5 de maio começamos.\nEla escreveu uma carta.",
	"den måndag":              "Den 5 maj börjar vi.\nHon skrev ett brev.",
	"dnia":                    "Dnia 5 maja zaczynamy.\nOna napisała list do urzędu.",
	"from the kitchen":        "From: the kitchen\nto the hall it is six metres.\nPlease order the cable.",
	"from and to":             "From Berlin to Sofia it is a long way.\nTo: be honest, I would fly.",
	"von bis":                 "Von: 8 Uhr\nBis: 17 Uhr\nDatum: 5. Mai\nOrt: Baustelle",
	"de à":                    "De : Paris\nÀ : Lyon\nDate : 5 mai\nmerci de réserver.",
	"subject alone":           "Subject: the roof again. It leaks.\nPlease send somebody.",
	"betreff allein":          "Betreff: siehe oben.\nBitte um Rückruf.",
	"date alone":              "Date: 5 May\nThat is when we need it.",
	"to whom":                 "To: do list\nCc: nobody needs to know\nAll of it by Friday.",
	"sent from my desk":       "Sent from my desk I write you these lines, as the phone is broken.\nCall me tomorrow.",
	"sent from berlin":        "The parts were sent from my workshop in Varna.\nThey come on Friday.",
	"von meinem":              "Von meinem Fenster aus sehe ich den Kran.\nEr steht still.",
	"envoyé de":               "Le colis a été envoyé de mon bureau hier.\nIl arrive demain.",
	"изпратено от":            "Писмото е изпратено от моя адвокат вчера.\nЧакаме отговор.",
	"get outlook":             "Get Outlook for all of them, please, and a printer.\nThe old one is dead.",
	"wrote colon":             "I asked Mira and this is what she wrote:\n\nthe wall stays\n\nand so it is.",
	"says colon":              "The plan says:\n\ndoor 90 cm\nwindow 120 cm\n\nIs this right?",
	"two wrote":               "Jonas wrote: no.\nMira wrote: yes.\nWhat do I do?",
	"a time and a colon":      "10:00 Mira: opening\n10:15 Jonas: the roof\n11:00 all: coffee",
	"chat":                    "[10:02] Mira: is it ready?\n[10:03] Jonas: nearly\nThat is all I have.",
	"comparison":              "if a > b && c < d {\n    return a >> 2\n}",
	"arrow":                   "Settings -> Users -> Add\n=> nothing happens\n-> please help",
	"shell":                   "Run this:\n\n$ cat a.txt > b.txt\n$ echo x >> b.txt\n\nThen tell me.",
	"prompt":                  "It says:\n\n>>> import os\n>>> os.name\n'posix'\n\nIs this right?",
	"diff":                    "Please apply:\n\n--- a/plan.txt\n+++ b/plan.txt\n@@ -1,2 +1,2 @@\n-the wall goes\n+the wall stays\n\nThanks",
	"sql":                     "-- all doors\nselect * from doors\n-- where broken\nwhere state > 2;",
	"mail header code":        "```\nFrom: a@example.org\nTo: b@example.org\nSubject: x\n\nbody\n```\nWhy does it bounce?",
	"yaml":                    "---\nname: door\nwidth: 90\n---\nThis is the file.",
	"markdown heading":        "Doors\n=====\nAll ready.\n\nWindows\n-------\nTwo are missing.",
	"markdown rule":           "First the doors, which are all ready now.\n\n* * *\n\nThen the windows, which are not, and need another week.",
	"a rule, a small word":    "These were wrong:\n\n---\n\nred doors",
	"a rule, a sentence":      "This is what I saw.\n\n---\n\nThe left door is open.",
	"dashed list":             "-- doors\n-- windows\n-- roof\nAll of these are late.",
	"bullets":                 "- doors\n- windows\n  - left\n  - right\n- roof",
	"numbers":                 "1. doors\n2. windows\n3) roof",
	"asterisks":               "* doors\n* windows\n\n*All* of them.",
	"table of signs":          "+------+-----+\n| door | 120 |\n+------+-----+\n| roof | 400 |\n+------+-----+",
	"table of tabs":           "Part\tPrice\nDoor\t120\nRoof\t400",
	"dates":                   "5.5.2026\n6.5.2026 10:00\n2026-05-07T10:00:00Z\nall fit me.",
	"a date line":             "Tuesday, 5 May 2026\n\nDear Mira,\n\nthe wall stays.\n\nJonas",
	"a time":                  "10:12\n\nor 11:30, as you like.",
	"address":                 "Write to mira@example.org\nor <jonas@example.org>:\nboth read it.",
	"name and address":        "Ask Mira Petrova <mira@example.org>\nShe knows.",
	"best in prose":           "Best regards from the site are not enough.\nWe need a crane.",
	"thanks above":            "Thanks!\n\nThe door fits now, and here are the numbers:\n90 x 200",
	"regards and more":        "Viele Grüße von der Baustelle!\nWir brauchen noch einen Kran.",
	"sign-off":                "All fine.\n\nKind regards,\nJonas Weber\nWeber Builders Ltd\n+49 30 123456",
	"cordialement":            "C'est bon.\n\nCordialement,\nJonas Weber",
	"поздрави":                "Всичко е наред.\n\nПоздрави,\nЙонас",
	"signature words":         "The signature below the contract is missing.\nPhone: please call first.\nFax: nobody has one.",
	"ps":                      "All fine.\nJonas\n\nPS: the key is under the stone.",
	"original message":        "The original message was lost, please send it again.\nForwarded message or not, I need it.",
	"begin forwarded":         "I begin forwarded planning tomorrow.\nForward: yes. Back: no.",
	"confidential":            "This is confidential: the price is 400.\nPlease tell nobody.",
	"unsubscribe":             "How do I unsubscribe from these notices?\nThere are too many of them.",
	"caution":                 "Caution: the floor is wet.\nNote: use the other door.",
	"external":                "External doors: 4\nExternal walls: 2",
	"virus":                   "The virus is back, half of us are ill.\nWe start on Monday.",
	"reply above":             "I did reply above, please read it.\nThe line is not the point.",
	"one word":                "Ja",
	"a thumb":                 "👍",
	"a question":              "?\n\nWhat is this?",
	"own quote":               "> the wall stays\n\nIs this still right?",
	"quote of a book":         "As the book has it:\n\n> who builds, stays\n\nI like that.",
	"japanese":                "5月5日に始めます。\n山田さんが書きました。",
	"chinese":                 "5月5日开始。\n她写道,墙要留下。",
	"korean":                  "5월 5일에 시작합니다.\n그녀가 편지를 작성했습니다.",
	"arabic":                  "نبدأ في 5 مايو 2026.\nكتبت رسالة إلى البلدية.",
	"hebrew":                  "אנחנו מתחילים ב-5 במאי.\nהיא כתבה מכתב.",
	"greek":                   "Στις 5 Μαΐου αρχίζουμε.\nΈγραψε ένα γράμμα.",
	"turkish":                 "5 Mayıs'ta başlıyoruz.\nBir mektup yazdı.",
	"vietnamese":              "Vào ngày 5 tháng 5 chúng tôi bắt đầu.\nCô ấy đã viết một lá thư.",
	"underscores":             "Name: ______________\nDate: ______________\nPlease fill this in and send it back.",
	"steps with a colon":      "Step 1:\nopen the door\n\nStep 2:\nclose the door",
	"link":                    "See https://example.com/wrote:on:monday\nand http://example.org/From:",
	"a long line and a colon": "What I meant when I spoke of the wall on 5 May 2026 at 10:12 in the office with everybody there:\nit stays.",
}

func TestTextsThatLookLikeHistoryComeThroughWhole(t *testing.T) {
	for name, body := range survivors {
		if got := Extract(Input{Text: body}); got.Reply != body || len(got.Removed) > 0 {
			t.Errorf("%s: got %q, removed %+v", name, got.Reply, got.Removed)
		}
		// Above a real quote they are as safe.
		below := body + "\n\nOn Tue, 5 May 2026 at 10:12, Mira Petrova <mira@example.org> wrote:\n> please look\n"
		if got := Extract(Input{Text: below}); got.Reply != body {
			t.Errorf("%s, above a quote: got %q, removed %+v", name, got.Reply, got.Removed)
		}
	}
}

func TestHTMLThatLooksLikeHistoryComesThroughWhole(t *testing.T) {
	for name, body := range survivors {
		lines := strings.Split(html.EscapeString(body), "\n")
		for kind, in := range map[string]string{
			"divs":   "<div>" + strings.ReplaceAll(strings.Join(lines, "</div><div>"), "<div></div>", "<div><br></div>") + "</div>",
			"breaks": "<p>" + strings.Join(lines, "<br>\n") + "</p>",
		} {
			got := Extract(Input{HTML: in})
			if want := strings.Join(strings.Fields(body), " "); strings.Join(strings.Fields(got.Reply), " ") != want {
				t.Errorf("%s as %s: got %q, removed %+v", name, kind, got.Reply, got.Removed)
			}
		}
	}
}
