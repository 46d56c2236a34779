package demo

import (
	"fmt"
	"strings"
	"time"
)

// phrases are what mail programs say in one language. The forms are those the
// programs write, not those a grammar would choose.
type phrases struct {
	days, shortDays     []string // from Sunday on
	months, shortMonths []string
	// from, sent, to and subject are the labels above a mail that Outlook quotes.
	from, sent, to, subject string
	// outlookMark and webMark stand before the subject of an answer.
	outlookMark, webMark string
	// iPhone is its signature.
	iPhone string
	tag    string // language and country, as programs name them
}

func words(s string) []string { return strings.Fields(s) }

// phrasesOf gives a language's phrases; English for all others.
func phrasesOf(locale string) phrases {
	switch locale {
	case "de":
		return phrases{
			days: words("Sonntag Montag Dienstag Mittwoch Donnerstag Freitag Samstag"), shortDays: words("So. Mo. Di. Mi. Do. Fr. Sa."),
			months:      words("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
			shortMonths: words("Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."),
			from:        "Von:", sent: "Gesendet:", to: "An:", subject: "Betreff:", outlookMark: "AW: ", webMark: "AW: ", iPhone: "Von meinem iPhone gesendet", tag: "de-DE"}
	case "fr":
		return phrases{
			days: words("dimanche lundi mardi mercredi jeudi vendredi samedi"), shortDays: words("dim. lun. mar. mer. jeu. ven. sam."),
			months:      words("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
			shortMonths: words("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
			from:        "De :", sent: "Envoyé :", to: "À :", subject: "Objet :", outlookMark: "RE: ", webMark: "RE: ", iPhone: "Envoyé de mon iPhone", tag: "fr-FR"}
	case "bg":
		return phrases{
			days: words("неделя понеделник вторник сряда четвъртък петък събота"), shortDays: words("нд пн вт ср чт пт сб"),
			months:      words("януари февруари март април май юни юли август септември октомври ноември декември"),
			shortMonths: words("яну фев март апр май юни юли авг сеп окт ное дек"),
			from:        "От:", sent: "Изпратено:", to: "До:", subject: "Относно:", outlookMark: "RE: ", webMark: "Отн: ", iPhone: "Изпратено от моя iPhone", tag: "bg-BG"}
	}
	return phrases{
		days: words("Sunday Monday Tuesday Wednesday Thursday Friday Saturday"), shortDays: words("Sun Mon Tue Wed Thu Fri Sat"),
		months:      words("January February March April May June July August September October November December"),
		shortMonths: words("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
		from:        "From:", sent: "Sent:", to: "To:", subject: "Subject:", outlookMark: "RE: ", webMark: "Re: ", iPhone: "Sent from my iPhone", tag: "en-GB"}
}

// longDate is how Outlook writes when a mail was sent.
func longDate(locale string, t time.Time) string {
	p := phrasesOf(locale)
	day, month, clock := p.days[t.Weekday()], p.months[t.Month()-1], t.Format("15:04")
	switch locale {
	case "de":
		return fmt.Sprintf("%s, %d. %s %d %s", day, t.Day(), month, t.Year(), clock)
	case "fr":
		return fmt.Sprintf("%s %d %s %d %s", day, t.Day(), month, t.Year(), clock)
	case "bg":
		return fmt.Sprintf("%s, %d %s %d г. %s", day, t.Day(), month, t.Year(), clock)
	}
	return fmt.Sprintf("%s, %s %d, %d %s", day, month, t.Day(), t.Year(), t.Format("3:04 PM"))
}

// gmailLine introduces what Gmail quotes; who is "Name <address>".
func gmailLine(locale string, t time.Time, who string) string {
	p := phrasesOf(locale)
	day, month, clock := p.shortDays[t.Weekday()], p.shortMonths[t.Month()-1], t.Format("15:04")
	switch locale {
	case "de":
		return fmt.Sprintf("Am %s, %d. %s %d um %s Uhr schrieb %s:", day, t.Day(), month, t.Year(), clock, who)
	case "fr":
		return fmt.Sprintf("Le %s %d %s %d à %s, %s a écrit :", day, t.Day(), month, t.Year(), clock, who)
	case "bg":
		return fmt.Sprintf("На %s, %s г. в %s %s написа:", day, t.Format("2.01.2006"), clock, who)
	}
	return fmt.Sprintf("On %s, %s %d, %d at %s %s wrote:", day, month, t.Day(), t.Year(), t.Format("3:04 PM"), who)
}

// appleLine introduces what Apple's programs quote.
func appleLine(locale string, t time.Time, who string) string {
	p := phrasesOf(locale)
	clock := t.Format("15:04")
	switch locale {
	case "de":
		return fmt.Sprintf("Am %s um %s schrieb %s:", t.Format("02.01.2006"), clock, who)
	case "fr":
		return fmt.Sprintf("Le %d %s %d à %s, %s a écrit :", t.Day(), p.shortMonths[t.Month()-1], t.Year(), clock, who)
	case "bg":
		return fmt.Sprintf("На %s г., в %s ч., %s написа:", t.Format("2.01.2006"), clock, who)
	}
	return fmt.Sprintf("On %d %s %d, at %s, %s wrote:", t.Day(), p.shortMonths[t.Month()-1], t.Year(), clock, who)
}

// thunderbirdLine introduces what Thunderbird quotes; who is the name alone.
func thunderbirdLine(locale string, t time.Time, who string) string {
	clock := t.Format("15:04")
	switch locale {
	case "de":
		return fmt.Sprintf("Am %s um %s schrieb %s:", t.Format("02.01.06"), clock, who)
	case "fr":
		return fmt.Sprintf("Le %s à %s, %s a écrit :", t.Format("02/01/2006"), clock, who)
	case "bg":
		return fmt.Sprintf("На %s г. в %s ч., %s написа:", t.Format("2.01.06"), clock, who)
	}
	return fmt.Sprintf("On %s %s, %s wrote:", t.Format("02/01/2006"), clock, who)
}
