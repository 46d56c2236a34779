package mail

import (
	"testing"
	"time"
)

func TestAbsencesEndOnADayOrNobodyKnows(t *testing.T) {
	summer := time.Date(2026, 8, 3, 9, 0, 0, 0, time.UTC)
	winter := time.Date(2026, 12, 21, 9, 0, 0, 0, time.UTC)
	sofia := summer.In(time.FixedZone("", 3*3600))
	denver := summer.In(time.FixedZone("", -6*3600))
	for _, c := range []struct {
		text string
		at   time.Time
		want string
	}{
		{"I am away until 12 August.", summer, "2026-08-12"},
		{"Out of office until Wednesday, August 12th, 2026", summer, "2026-08-12"},
		{"I'm out through Friday, August 14", summer, "2026-08-14"},
		{"I will be back in the office on Monday, August 17th.", summer, "2026-08-16"},
		{"Away from 3 to 12 August", summer, "2026-08-12"},
		{"On leave 3-12 August 2026", summer, "2026-08-12"},
		{"I return on 2026-08-17", summer, "2026-08-16"},
		{"away until 4 January", winter, "2027-01-04"},
		{"until 08/12/2026 I am out of the office", denver, "2026-08-12"},
		{"until 08/12/2026 I am out of the office", sofia, "2026-12-08"},
		{"until 08/12/2026 I am out of the office", summer, ""},
		{"until 08/25/2026 I am out of the office", summer, "2026-08-25"},
		{"Ich bin bis 12.08.2026 nicht im Büro.", summer, "2026-08-12"},
		{"Ich bin vom 1.8. bis einschließlich Mi. 12.8. im Urlaub.", summer, "2026-08-12"},
		{"Ab dem 17.08. wieder erreichbar", summer, "2026-08-16"},
		{"Ich bin am Do. 13.8. zurück", summer, "2026-08-12"},
		{"Urlaub 3.8.–12.8.", summer, "2026-08-12"},
		{"Absent jusqu’au 12 août 2026 inclus", summer, "2026-08-12"},
		{"En congé du 1er au 12 août", summer, "2026-08-12"},
		{"De retour le lundi 17 août", summer, "2026-08-16"},
		{"В отпуск до 12 август 2026 г.", summer, "2026-08-12"},
		{"Отсъствам от 1 до 12 август", summer, "2026-08-12"},
		{"Ще се върна на 17.08.2026 г.", summer, "2026-08-16"},
		{"Ausente hasta el 12 de agosto de 2026", summer, "2026-08-12"},
		{"Vuelvo el lunes 17 de agosto", summer, "2026-08-16"},
		{"De vacaciones hasta el 08/12/2026", summer, "2026-12-08"},
		{"Assente fino al 12 agosto", summer, "2026-08-12"},
		{"Tornerò lunedì 17 agosto", summer, "2026-08-16"},
		{"In ferie dal 1 al 12 agosto", summer, "2026-08-12"},
		{"Afwezig tot en met 12 augustus", summer, "2026-08-12"},
		{"Vanaf 17-08-2026 ben ik weer bereikbaar", summer, "2026-08-16"},
		{"Nieobecny do 12 sierpnia 2026", summer, "2026-08-12"},
		{"Wracam 17 sierpnia", summer, "2026-08-16"},
		// What nobody knows.
		{"I am away until Monday.", summer, ""},
		{"away until the end of August", summer, ""},
		{"until 5 pm", summer, ""},
		{"away until 12 August", time.Time{}, ""},
		{"away until 12 August 2026", time.Time{}, "2026-08-12"},
		{"I am away since 1 August", summer, ""},
		{"Our new office opened on 12 August", summer, ""},
		{"away until 31 June 2027", summer, ""},
		{"away until 12 May 2019", summer, ""},
		{"Call 0171/123456, we are back 24/7", summer, ""},
		{"bis 12. Sie erreichen mich unter 0171", summer, ""},
		{"Odsutan sam do 12. listopada, želim vam ugodan dan", summer, ""},
		{"until 12.30", summer, ""},
		{"", summer, ""},
	} {
		if got := awayUntil("", c.text, c.at); got != c.want {
			t.Errorf("%q at %v: %q, want %q", c.text, c.at.Format("02.01. MST"), got, c.want)
		}
	}
}

func TestSortsOfAutomaticAnswersAreTold(t *testing.T) {
	const head = "From: Ann <ann@b.example>\r\nDate: Mon, 3 Aug 2026 09:00:00 +0200\r\nAuto-Submitted: auto-replied\r\nContent-Type: text/plain; charset=utf-8\r\n"
	for _, c := range []struct {
		name, raw string
		auto      Auto
		until     string
	}{
		{"away", head + "Subject: Re: plan\r\n\r\nI am on holiday until 12 August.", AutoAway, "2026-08-12"},
		{"away in the subject", head + "Subject: Abwesend bis 12.08.2026\r\n\r\nGrüße", AutoAway, "2026-08-12"},
		{"away without a word for it", head + "Subject: Automatic reply: plan\r\n\r\nPlease ask Bob until 12 August.", AutoAway, "2026-08-12"},
		{"away by its field", "From: a@b.example\r\nAuto-Submitted: auto-replied (vacation)\r\n\r\nx", AutoAway, ""},
		{"a help desk", head + "Subject: [#4711] plan\r\n\r\nWe have received your request until now.", AutoReceived, ""},
		{"a help desk by its field", head + "X-OTRS-Loop: 1\r\nSubject: plan\r\n\r\nDanke.", AutoReceived, ""},
		{"a German help desk", head + "Subject: Eingangsbestätigung\r\n\r\nDanke.", AutoReceived, ""},
		{"neither", head + "Subject: Backup\r\n\r\nDone.", "", ""},
		{"what it answers is not its own", head + "Subject: Re: plan\r\n\r\nDone.\r\n> I am on vacation until 12 August", "", ""},
		{"a person", "From: a@b.example\r\n\r\nI am on vacation until 12 August", "", ""},
	} {
		if got := Classify(parse(t, c.raw), nil); got.Auto != c.auto || got.Until != c.until {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

func FuzzAwayUntil(f *testing.F) {
	at := time.Date(2026, 8, 3, 0, 0, 0, 0, time.UTC)
	f.Add("until 12.08.2026 - 1.1.-2.2.")
	f.Add("ab dem 31/12/26 wieder. do. ’’ – 1-")
	f.Fuzz(func(t *testing.T, s string) {
		got := awayUntil("", s, at)
		if got == "" {
			return
		}
		day, err := time.Parse("2006-01-02", got)
		if err != nil || day.Before(at.AddDate(0, 0, -3)) || day.After(at.AddDate(2, 0, 0)) {
			t.Errorf("%q from %q", got, s)
		}
	})
}
