package demo

import "planpost/core"

// The sample company builds façades and interiors. Every name is invented and
// every address lies in a domain that can never exist (RFC 2606).

const (
	companyName   = "Kranich Façades"
	companyLocale = "en"
	companyZone   = "Europe/Vienna"
)

// worker is somebody inside. The first one is the owner.
type worker struct {
	key, name, address string
	// title is the role in an English word, for the list of sign-ins.
	title, locale string
	role          core.Role
	manager       string
}

var staff = []worker{
	{"helene", "Helene Kranich", "helene@kranich.example", "owner", "en", core.Owner, ""},
	{"tomasz", "Tomasz Wilk", "tomasz@kranich.example", "administrator", "en", core.Administrator, "helene"},
	{"mira", "Mira Vogt", "mira@kranich.example", "manager", "de", core.Manager, "helene"},
	{"jonas", "Jonas Feld", "jonas@kranich.example", "employee", "de", core.Employee, "mira"},
	{"sofia", "Sofia Ilieva", "sofia@kranich.example", "employee", "bg", core.Employee, "mira"},
}

// outsider is a contact; client is the mail program the person uses.
type outsider struct {
	key, name, address, locale string
	firm                       string
	client                     string
}

var firms = []string{"Atelier Moreau", "Rila Hotels"}

var outsiders = []outsider{
	{"claire", "Claire Moreau", "claire@atelier-moreau.example", "fr", "Atelier Moreau", "gmail"},
	{"julien", "Julien Petit", "julien@atelier-moreau.example", "fr", "Atelier Moreau", "iphone"},
	{"georgi", "Георги Димитров", "georgi@rila-hotels.example", "bg", "Rila Hotels", "outlookcom"},
	{"katrin", "Katrin Sommer", "katrin@statik-sommer.example", "de", "", "thunderbird"},
	{"oliver", "Oliver Grant", "oliver@grant-glass.example", "en", "", "outlook"},
	{"felix", "Felix Brand", "felix@haustechnik-brand.example", "de", "", "thunderbird"},
}

// stranger is somebody to whom Julien passed a mail on.
var stranger = outsider{"antoine", "Antoine Roux", "antoine@roux-miroiterie.example", "fr", "", "apple"}
