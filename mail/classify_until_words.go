package mail

import "strings"

// The words around the dates of absence notes, in lower case.
var (
	// untilWords stand before the last day.
	untilWords = [...]string{
		"until", "till", "til", "through", "thru", "bis", "jusqu'au", "jusqu'à", "jusque", "до", "hasta", "fino", "sino", "tot", "t/m", "do", "até", "până", "egészen", "till", "til", "μέχρι", "έως",
	}
	// spanWords stand before the last day only where a first one precedes.
	spanWords = [...]string{"to", "-", "–", "au", "al", "a", "à", "ao", "по", "la", "και", "och"}
	// fromWords stand before the day of return when "again" follows it.
	fromWords = [...]string{"ab", "am", "from", "on", "as", "dès", "partir", "le", "от", "на", "desde", "dal", "vanaf", "op", "od", "с", "a", "des", "från", "fra"}
	// returnWords say that somebody comes back.
	returnWords = [...]string{
		"back", "return", "returning", "returns", "again", "zurück", "wieder", "rückkehr", "retour", "reviens", "reviendrai", "rentre", "rentrerai", "nouveau", "върна", "връщам", "отново", "разположение",
		"vuelvo", "volveré", "vuelta", "regreso", "regresaré", "reincorporo", "torno", "tornerò", "rientro", "rientrerò", "ritorno", "nuovamente", "nuevamente", "nuevo", "terug", "weer", "wracam", "wrócę", "powrót", "powrocie", "ponownie", "regresso", "volto", "retorno", "вернусь", "снова", "tillbaka", "tilbage", "tilbake",
	}
	// ofWords join day, month and year.
	ofWords = [...]string{"of", "de", "del", "di", "d'", "do"}
	// fillers stand between such a word and the date and say nothing.
	fillers = [...]string{
		"the", "and", "including", "incl", "incl.", "inclusive", "end", "of", "on", "day", "den", "dem", "zum", "am", "einschließlich", "einschliesslich", "inkl", "inkl.", "inklusive", "und", "mit", "au", "le", "et", "compris", "y", "inclus", "на", "включително", "вкл", "вкл.", "края", "ден",
		"el", "día", "inclusive", "al", "il", "giorno", "compreso", "incluso", "en", "met", "dnia", "włącznie", "och", "med", "og", "to", "a", "à", "l'",
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "montag", "dienstag", "mittwoch", "donnerstag", "freitag", "samstag", "sonntag", "mo", "di", "mi", "do.", "fr", "sa", "so", "mo.", "di.", "mi.", "fr.", "sa.", "so.",
		"lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche", "понеделник", "вторник", "сряда", "четвъртък", "петък", "събота", "неделя", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo",
		"lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica", "maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag", "poniedziałku", "wtorku", "środy", "czwartku", "piątku", "soboty", "niedzieli", "poniedziałek", "wtorek", "środę", "czwartek", "piątek", "sobotę", "niedzielę",
	}
)

// monthForms are the names of each month, whole, bent and shortened.
var monthForms = [12]string{
	"january jan januar jänner janvier janv януари ян enero ene gennaio gen januari stycznia styczeń sty janeiro января ledna januára січня ianuarie",
	"february feb februar février févr fév февруари фев febrero febbraio februari lutego luty fevereiro февраля února februára лютого februarie",
	"march mar märz mär mars март марта marzo maart mrt marca marzec março březen března березня martie",
	"april apr avril avr април апр abril abr aprile kwietnia kwiecień kwi апреля dubna apríla квітня aprilie",
	"may mai май мая mayo maggio mag mei maja maj maio května mája травня",
	"june jun juni juin юни юн junio jun giugno giu czerwca czerwiec cze junho июня června júna червня iunie",
	"july jul juli juillet juil юли юл julio luglio lug lipca lipiec julho июля července júla липня iulie",
	"august aug août aout август авг agosto ago augustus sierpnia sierpień августа srpna augusta серпня augusti",
	"september sep sept septembre септември септ septiembre setiembre settembre set września wrzesień wrz setembro сентября září septembra вересня septembrie",
	"october oct oktober okt octobre октомври окт octubre ottobre ott października październik paź outubro октября října októbra жовтня octombrie",
	"november nov novembre ноември ное noviembre listopada listopad novembro ноября novembra листопада noiembrie",
	"december dec dezember dez décembre déc декември дек diciembre dic dicembre grudnia grudzień gru dezembro декабря prosince decembra грудня decembrie",
}

// monthNamed gives the month of a name, 0 for any other word.
func monthNamed(w string) int {
	w = strings.TrimRight(w, ".,")
	if len(w) < 3 {
		return 0
	}
	for i := range monthForms {
		rest := monthForms[i]
		for form := range strings.FieldsSeq(rest) {
			if form == w {
				return i + 1
			}
		}
	}
	return 0
}

func isOneOf(w string, words []string) bool {
	for _, one := range words {
		if w == one {
			return true
		}
	}
	return false
}

func isFiller(w string) bool { return isOneOf(w, fillers[:]) }
