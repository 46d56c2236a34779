package web

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"strings"
	"testing"

	"planpost/core"
	"planpost/core/access"
	"planpost/mail"
	"planpost/templates"
)

// settingsPages are where the entries of a right are.
var settingsPages = map[access.Action]string{"account.settings.view": "/settings", "routing.view": "/settings/mail", "account.2fa_policy.edit": "/settings/password"}

// A8, "each entry with its action, each changeable in a page": the registry is walked.
func TestA8EverySettingHasAFieldWordsAndIsChangedInAPage(t *testing.T) {
	p := newPlace(t)
	eve := p.person("Eve")
	b := p.as(p.owner)
	changed := map[string]string{"name": "Südbau", "color": core.Palette[3], "languages": "en", "locale": "en", "zone": "Asia/Tokyo", "invitation": "12", "intake": string(eve.ID), "unhidden": "on", "proofcomment": "proven", "prooffiles": "signed", "proofcommand": "signed", "proofapproval": "signed", "sealers": "lists.example.org", "minpassword": "20", "mailrate": "9", "undo": "90", "mailfoot": "Holzbau GmbH\nWien"}
	box := core.Mailbox{Address: mail.Address{Local: "replies", Domain: "boxes.test"}}
	box.Host, box.PausedAt = "imap.boxes.test", p.core.Now()
	box, err := p.core.PutMailbox(t.Context(), p.actor(p.owner), box, core.MailboxSecret{Password: "none"})
	must(t, err)
	changed["replies"] = string(box.ID) + " off replies@boxes.test"
	for _, e := range core.AllSettings() {
		url := settingsPages[e.View]
		if url == "" {
			t.Errorf("%s is on no page", e.Name)
			continue
		}
		if e.Kind == core.PictureSetting {
			b.wants(b.get(url), http.StatusOK, `action="/settings/`+e.Name+`" enctype="multipart/form-data"`, `type="file" name="file"`)
		} else {
			b.wants(b.get(url), http.StatusOK, ` name="`+e.Name+`"`, `name="section" value="`+e.Section+`"`)
		}
		for _, key := range []string{"setting." + e.Name, "setting." + e.Name + ".hint", "settings." + e.Section, "logfield." + e.Name} {
			if !templates.Has(key) { // in all languages then: templates proves that
				t.Errorf("no words for %s", key)
			}
		}
		if e.Kind == core.PictureSetting {
			b.wants(b.upload("/settings/"+e.Name, "mark.png", drawing(t, 900, 300)), http.StatusSeeOther)
			if account := p.reread(); e.Of(&account) == "" {
				t.Errorf("%s is not kept", e.Name)
			}
			continue
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
	b.wants(b.get("/settings/mail"), http.StatusOK, `<option value="`+string(eve.ID)+`" selected>`, `name="mailrate" value="9"`)
	b.wants(b.get("/log?area=settings"), http.StatusOK, "languages offered", "English, Deutsch, Français, Български", "proof for comments", "Yes", "Colour 4", "A picture", "Eve")
	// It counts at the next page of everybody.
	me := p.as(eve)
	me.wants(me.get("/me"), http.StatusOK, "Südbau", "Asia/Tokyo", `<option value="en"`, `class="stripe tone-3"`, `<img class="logo" src="/logo/`+string(p.account.ID)+`/`+p.account.Logo+`" alt="Südbau">`)
	if page := me.get("/me").body; strings.Contains(page, `<option value="fr"`) {
		t.Error("a language that is not offered can be chosen")
	}
}

// drawing is a picture as a file.
func drawing(t *testing.T, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))))
	return b.Bytes()
}

func TestA8TheLogoIsOnPagesOfGuestsAndKeptByBrowsers(t *testing.T) {
	p := newPlace(t)
	b := p.as(p.owner)
	b.wants(b.upload("/settings/logo", "page.html", []byte("<script>alert(1)</script>")), http.StatusUnprocessableEntity, "PNG, JPEG or GIF")
	b.wants(b.upload("/settings/logo", "", nil), http.StatusUnprocessableEntity, "PNG, JPEG or GIF")
	b.wants(b.upload("/settings/logo", "x.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>`)), http.StatusUnprocessableEntity)
	b.wants(b.upload("/settings/logo", "mark.png", drawing(t, 900, 300)), http.StatusSeeOther)
	b.wants(b.post("/settings", "section", "company", "name", "Nordbau", "color", core.Palette[2]), http.StatusSeeOther)
	url := "/logo/" + string(p.account.ID) + "/" + p.reread().Logo
	b.wants(b.post("/people", "kind", "user", "name", "Nora", "address", "nora@nordbau.example", "role", "employee"), http.StatusSeeOther)
	nora, err := p.core.PersonByAddress(t.Context(), p.account.ID, "nora@nordbau.example")
	must(t, err)
	guest := p.visitor()
	guest.get(p.letter(nora.ID))
	guest.wants(guest.get("/i"), http.StatusOK, `src="`+url+`"`, `class="stripe tone-2"`)
	a := guest.get(url)
	guest.wants(a, http.StatusOK)
	if h := a.header; h.Get("Content-Type") != "image/png" || !strings.Contains(h.Get("Cache-Control"), "immutable") || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") || h.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the picture comes with %v", h)
	}
	if m, err := png.Decode(strings.NewReader(a.body)); err != nil || m.Bounds().Dx() != core.LogoSide {
		t.Errorf("it is %v", err)
	}
	b.wants(b.post("/settings/logo", "logo", ""), http.StatusSeeOther)
	guest.wants(guest.get(url), http.StatusNotFound)
	if strings.Contains(b.get("/settings").body, "<img") {
		t.Error("a logo that was taken away is shown")
	}
	eve := p.as(p.person("Eve"))
	eve.wants(eve.upload("/settings/logo", "mark.png", drawing(t, 9, 9)), http.StatusForbidden)
	eve.wants(eve.upload("/settings/logo", "", nil), http.StatusForbidden)
	eve.wants(eve.post("/settings/logo", "logo", ""), http.StatusForbidden)
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
	b.wants(b.post("/settings", "section", "mail", "intake", "", "mailrate", "9"), http.StatusUnprocessableEntity) // of another page
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
	router.wants(router.post("/settings/mail", "section", "mail", "intake", "", "mailrate", "9"), http.StatusSeeOther)
	nobody := p.as(p.person("Eve"))
	if strings.Contains(nobody.get("/").body, `href="/settings`) {
		t.Error("the menu offers settings to who may not see them")
	}
}
