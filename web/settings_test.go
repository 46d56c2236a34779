package web

import (
	"net/http"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

// settingsPages are where the entries of a right are.
var settingsPages = map[access.Action]string{"account.settings.view": "/settings", "routing.view": "/settings/mail"}

// A8, "each entry with its action, each changeable in a page": the registry is walked.
func TestA8EverySettingHasAFieldWordsAndIsChangedInAPage(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	b := p.as(p.owner)
	changed := map[string]string{"name": "Südbau", "languages": "en", "locale": "en", "zone": "Asia/Tokyo", "invitation": "12", "intake": string(eve.ID), "aligned": "on"}
	for _, e := range core.AllSettings() {
		url := settingsPages[e.View]
		if url == "" {
			t.Errorf("%s is on no page", e.Name)
			continue
		}
		b.wants(b.get(url), http.StatusOK, ` name="`+e.Name+`"`, `name="section" value="`+e.Section+`"`)
		for _, key := range []string{"setting." + e.Name, "setting." + e.Name + ".hint", "settings." + e.Section, "logfield." + e.Name} {
			if !templates.Has(key) { // in all languages then: templates proves that
				t.Errorf("no words for %s", key)
			}
		}
		value, ok := changed[e.Name]
		if !ok {
			t.Errorf("%s: say in changed what it is changed to", e.Name)
			continue
		}
		// The other fields of the form go along, as a browser sends them.
		pairs := []string{"section", e.Section}
		account := p.reread()
		for _, other := range core.AllSettings() {
			now := other.Of(&account)
			if other.Name == e.Name {
				now = value
			}
			if other.Section != e.Section || other.Kind == core.SwitchSetting && now == "off" {
				continue
			}
			if other.Kind != core.LanguagesSetting {
				pairs = append(pairs, other.Name, now)
				continue
			}
			for l := range strings.FieldsSeq(now) {
				pairs = append(pairs, other.Name, l)
			}
		}
		a := b.post(url, pairs...)
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), url+"?done=settings") {
			t.Errorf("%s: %d %s", e.Name, a.status, clip(a.body))
		}
		if account = p.reread(); e.Of(&account) != value {
			t.Errorf("%s is %q, not %q", e.Name, e.Of(&account), value)
		}
	}
	b.wants(b.get("/settings?done=settings"), http.StatusOK, "The settings are saved", `value="Südbau"`, "Asia/Tokyo")
	b.wants(b.get("/settings/mail"), http.StatusOK, `<option value="`+string(eve.ID)+`" selected>`, `value="on" aria-describedby="aligned-hint" checked`)
	// It counts at the next page of everybody.
	me := p.as(eve)
	me.wants(me.get("/me"), http.StatusOK, "Südbau", "Asia/Tokyo", `<option value="en"`)
	if page := me.get("/me").body; strings.Contains(page, `<option value="fr"`) {
		t.Error("a language that is not offered can be chosen")
	}
}

// reread is the account as it stands, in p too.
func (p *place) reread() core.Account {
	p.t.Helper()
	p.tx(func(tx core.Tx) (err error) { p.account, err = tx.FindAccount(p.t.Context(), p.account.ID); return err })
	return p.account
}

func TestA8AWrongSettingIsTypedAgainUnderItsReason(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	before := p.reread()
	b.wants(b.post("/settings", "section", "language", "languages", "en", "locale", "fr", "zone", "Asia/Tokyo"), http.StatusUnprocessableEntity,
		"must be one of those offered", `value="Asia/Tokyo"`, `<option value="fr" selected>`)
	b.wants(b.post("/settings", "section", "people", "invitation", "400"), http.StatusUnprocessableEntity, "from 1 to 30", `value="400"`)
	b.wants(b.post("/settings", "section", "mail", "intake", "", "aligned", "on"), http.StatusUnprocessableEntity) // of another page
	b.wants(b.post("/settings", "section", "nowhere"), http.StatusUnprocessableEntity)
	if now := p.reread(); now.AccountSettings != before.AccountSettings {
		t.Errorf("refused forms changed %+v", now.AccountSettings)
	}
}

func TestA6ATechnicalAdministratorSeesSettingsButNotWhoGetsTheMail(t *testing.T) {
	p := newPlace(t)
	tech := p.as(p.person("Ted", role(core.TechnicalAdministrator)))
	a := tech.get("/settings")
	tech.wants(a, http.StatusOK, `name="name"`, `name="zone"`)
	for _, link := range []string{"/settings/mail", "/security"} {
		if strings.Contains(a.body, link) {
			t.Errorf("%s is offered to a technical administrator", link)
		}
	}
	tech.wants(tech.get("/settings/mail"), http.StatusForbidden)
	tech.wants(tech.post("/settings/mail", "section", "mail", "intake", ""), http.StatusForbidden)
	// Routing without settings: one page, and the way to it.
	router := p.as(p.person("Rosa", func(q *core.Person) { q.Caps = []string{"routing"} }))
	router.wants(router.get("/"), http.StatusOK, `href="/settings/mail"`)
	router.wants(router.get("/settings"), http.StatusForbidden)
	router.wants(router.post("/settings/mail", "section", "mail", "intake", "", "aligned", "on"), http.StatusSeeOther)
	nobody := p.as(p.person("Eve"))
	if strings.Contains(nobody.get("/").body, `href="/settings`) {
		t.Error("the menu offers settings to who may not see them")
	}
}
