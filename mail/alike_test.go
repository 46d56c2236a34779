package mail_test

import (
	"testing"

	"planpost/mail"
)

func TestDomainsThatCanBeTakenForOneAnotherAreFound(t *testing.T) {
	for _, c := range []struct {
		x, y string
		want bool
	}{
		{"client.test", "client.test", false},
		{"CLIENT.test", "client.test", false},
		{"c1ient.test", "client.test", true},
		{"сlient.test", "client.test", true}, // the first letter is Cyrillic
		{"xn--lient-0ye.test", "client.test", true},
		{"clıent.test", "client.test", true},
		{"clíent.test", "client.test", true},
		{"nordbau-gmbh.test", "nordbaugmbh.test", true},
		{"rnuller.test", "muller.test", true},
		{"cliemt.test", "client.test", true},
		{"cilent.test", "client.test", true},
		{"clent.test", "client.test", true},
		{"client.example", "client.test", true},
		{"client.test.evil.example", "client.test", true},
		{"mail.client.test", "client.test", false}, // of the same owner
		{"other.test", "client.test", false},
		{"a.co.uk", "b.co.at", false},
		{"web.test", "wed.test", false},
	} {
		if got := (mail.Address{Local: "a", Domain: c.x}).DomainAlike(mail.Address{Local: "b", Domain: c.y}); got != c.want {
			t.Errorf("%s and %s: %v", c.x, c.y, got)
		}
	}
}

func TestLocalPartsThatCanBeTakenForOneAnotherAreFound(t *testing.T) {
	for _, c := range []struct {
		x, y string
		want bool
	}{
		{"klara.meier", "klara.meier", false},
		{"Klara.Meier", "klara.meier", false},
		{"klarameier", "klara.meier", true},
		{"klara.meyer", "klara.meier", true},
		{"k1ara", "klara", true},
		{"klara", "karl", false},
		{"jan", "jon", false},
	} {
		if got := (mail.Address{Local: c.x, Domain: "d"}).LocalAlike(mail.Address{Local: c.y, Domain: "d"}); got != c.want {
			t.Errorf("%s and %s: %v", c.x, c.y, got)
		}
	}
}
