package core

import (
	"strings"
	"unicode"
)

// columnNames are what people call the columns of a table, in four languages.
var columnNames = map[string]string{
	"name":     "name|full name|display name|vollständiger name|nom complet|име|пълно име|име и фамилия",
	"first":    "first name|given name|vorname|prénom|prenom|собствено име",
	"last":     "last name|surname|family name|nachname|familienname|nom|nom de famille|фамилия|фамилно име",
	"address":  "e mail|email|mail|e mail address|email address|e mail 1 value|e mail adresse|email adresse|mailadresse|adresse e mail|adresse email|courriel|adresse courriel|имейл|имейл адрес|е поща|ел поща|електронна поща",
	"company":  "company|firm|organisation|organization|firma|unternehmen|betrieb|société|societe|entreprise|фирма|компания|организация",
	"phone":    "phone|telephone|phone number|mobile|tel|telefon|telefonnummer|handy|mobil|téléphone|mobile phone|portable|телефон|мобилен|телефонен номер",
	"language": "language|locale|sprache|langue|език",
	"role":     "role|rolle|rôle|роля",
	"code":     "code|licence|license|licence number|license number|lizenz|lizenznummer|licence numéro|numéro de licence|код|лиценз|номер на лиценз",
}

// columnOf tells which field a heading names; empty when none of ours.
func columnOf(heading string) string {
	h := plainWords(heading)
	for field, names := range columnNames {
		for name := range strings.SplitSeq(names, "|") {
			if h == name {
				return field
			}
		}
	}
	return ""
}

// plainWords are the words in lower case, all that parts them one space.
func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), " ")
}

// fill takes the cells of a line by the headings of their columns.
func (r *ImportRow) fill(columns, cells []string) {
	var given, family string
	for i, cell := range cells {
		if i >= len(columns) {
			break
		}
		cell = oneLine(cell)
		switch columns[i] {
		case "name":
			r.Name = cell
		case "first":
			given = cell
		case "last":
			family = cell
		case "address":
			r.Address = cell
		case "company":
			r.Company = cell
		case "phone":
			r.Phone = cell
		case "language":
			r.Locale = cell
		case "role":
			r.Role = cell
		case "code":
			r.Code = cell
		}
	}
	if r.Name == "" {
		r.Name = strings.TrimSpace(given + " " + family)
	}
}

var languageNames = map[string]string{
	"en": "en|english|englisch|anglais|английски", "de": "de|german|deutsch|allemand|немски",
	"fr": "fr|french|französisch|français|francais|френски", "bg": "bg|bulgarian|bulgarisch|bulgare|български",
}

func localeOf(s string) (string, error) {
	for locale, names := range languageNames {
		for name := range strings.SplitSeq(names, "|") {
			if plainWords(s) == name {
				return locale, nil
			}
		}
	}
	return "", Fail(Invalid, "import.language", "language", cut(s, 40))
}

var roleNames = map[Role]string{
	Employee: "|employee|staff|mitarbeiter|mitarbeiterin|angestellter|angestellte|employé|employée|служител",
	Manager:  "manager|managerin|leiter|leiterin|responsable|мениджър|ръководител",
}

// roleOf reads a role. Nobody becomes an administrator by a line in a table.
func roleOf(s string) (Role, error) {
	for role, names := range roleNames {
		for name := range strings.SplitSeq(names, "|") {
			if plainWords(s) == name {
				return role, nil
			}
		}
	}
	return "", Fail(Invalid, "import.role", "role", cut(s, 40))
}
