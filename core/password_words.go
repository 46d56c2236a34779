package core

import (
	"slices"
	"strings"
)

// commonWords are what passwords are made of when they are made quickly: the
// words for it, greetings, love, seasons, months, days, names, sports, in the
// languages we speak. They are our own choice of what comes to mind first, the
// longer first, so that a word is not broken by one it contains.
var commonWords = longestFirst(`
password passwort motdepasse parola passwd passphrase kennwort geheim geheimnis secret topsecret login letmein signin access welcome willkommen bienvenue
dobredoshli hello hallo bonjour zdravei goodbye admin administrator root user username guest test testing default changeme change master manager system server
computer internet network windows office google facebook samsung apple android iphone microsoft company firma office buero bureau ofis welcome1
iloveyou loveyou iloveu love liebe amour lubov obicham tebe ichliebedich jetaime baby honey schatz cherie angel engel princess prinzessin princesse
sunshine sonnenschein soleil sunce flower blume fleur monkey dragon tiger lion eagle wolf dolphin butterfly schmetterling papillon hund katze chien chat
football fussball soccer baseball basketball hockey tennis ferrari porsche mercedes audi bmw champion player winner gamer minecraft pokemon starwars
superman batman spiderman shadow killer hunter ninja warrior king queen prince legend freedom forever whatever trustno
spring summer autumn winter fall fruehling fruhling sommer herbst printemps automne hiver prolet lyato esen zima
january february march april june july august september october november december januar februar maerz mai juni juli oktober dezember
janvier fevrier mars avril juin juillet aout octobre decembre monday tuesday wednesday thursday friday saturday sunday
montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi mercredi jeudi vendredi samedi dimanche
michael jennifer jessica daniel thomas andreas stefan martin alexander alexandra nicole julia maria anna ivan georgi dimitar petar
robert charlie jordan ashley amanda joshua matthew andrew christian sebastian philipp nicolas camille pierre
berlin vienna wien paris london sofia munich muenchen hamburg bulgaria deutschland germany france austria
qwerty qwertz azerty asdf abcd abc wasd
парола пароль тайна здравей здрасти добредошли обичам обичамте любов слънце админ администратор потребител тест компютър
лято зима пролет есен януари февруари март април май юни юли август септември октомври ноември декември
понеделник вторник сряда четвъртък петък събота неделя софия българия иван георги димитър петър мария николай йордан футбол левски цска`)

func longestFirst(text string) []string {
	words := strings.Fields(text)
	for i, w := range words {
		words[i] = string(looks(w))
	}
	slices.SortStableFunc(words, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(words)
}
