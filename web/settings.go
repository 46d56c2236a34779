package web

import (
	"net/http"
	"slices"
	"strings"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

// settingsRoutes: what an account decides for itself. Each page is of the
// entries of the registry that go by its right.
var settingsRoutes = []route{
	{"GET", "/settings", "account.settings.view", (*Site).settings},
	{"POST", "/settings", "account.settings.edit", (*Site).setSettings},
	{"POST", "/settings/logo", "account.settings.edit", (*Site).setLogo},
	{"GET", "/logo/{id}/{name}", open, (*Site).logo},
	{"GET", "/settings/mail", "routing.view", (*Site).mailSettings},
	{"POST", "/settings/mail", "routing.edit", (*Site).setMailSettings},
	{"GET", "/settings/password", "account.2fa_policy.edit", (*Site).passwordSettings},
	{"POST", "/settings/password", "account.2fa_policy.edit", (*Site).setPasswordSettings},
}

// settingsView is a page of settings.
type settingsView struct {
	Frame
	// URL is where the forms go.
	URL      string
	Sections []settingSection
	// Up leads to the page above; Links to those of other settings.
	Up    bool
	Links []settingLink
}

// settingSection is one form.
type settingSection struct {
	Name   string
	Fields []settingField
	// May tells that at least one of its fields can be changed.
	May bool
}

// settingField is one entry of the registry in a form.
type settingField struct {
	Name, Kind, Value string
	// Text is the value in words, for who may not change it.
	Text    string
	May, On bool
	Options []option
	Zones   []string
	// Swatches are the colours; LogoURL is where the picture is.
	Swatches swatches
	LogoURL  string
}

// settingLink leads to a page that has settings of its own.
type settingLink struct{ URL, Key string }

// languages are those that the account offers.
func (v *visit) languages(chosen string) []option {
	return languages(chosen, strings.Fields(v.actor.Account.Languages))
}

func (s *Site) settings(w http.ResponseWriter, v *visit) error {
	return s.settingsPage(w, v, "account.settings.view", nil)
}

func (s *Site) mailSettings(w http.ResponseWriter, v *visit) error {
	return s.settingsPage(w, v, "routing.view", nil)
}

func (s *Site) passwordSettings(w http.ResponseWriter, v *visit) error {
	return s.settingsPage(w, v, "account.2fa_policy.edit", nil)
}

func (s *Site) setPasswordSettings(w http.ResponseWriter, v *visit) error {
	return s.changeSettings(w, v, "account.2fa_policy.edit")
}

func (s *Site) setSettings(w http.ResponseWriter, v *visit) error {
	return s.changeSettings(w, v, "account.settings.view")
}

func (s *Site) setMailSettings(w http.ResponseWriter, v *visit) error {
	return s.changeSettings(w, v, "routing.view")
}

// settingsPage shows the settings that go by one right, with what went wrong above them.
func (s *Site) settingsPage(w http.ResponseWriter, v *visit, right access.Action, wrong error) error {
	list, err := s.core.Settings(v.Context(), v.actor, right)
	if err != nil {
		return err
	}
	view := settingsView{URL: v.URL.Path}
	switch right {
	case "account.settings.view":
		view.URL, view.Links = "/settings", s.settingLinks(v) // a logo is sent elsewhere
		view.Frame = s.frame(v, v.t("page.settings"))
	case "routing.view":
		view.Frame = s.frame(v, v.t("page.settings.mail"))
	default:
		view.Frame = s.frame(v, v.t("page.settings.password"))
	}
	view.Up = view.URL != "/settings" && s.may(v, "account.settings.view", core.Object{})
	typed := map[string]string{}
	if wrong != nil {
		typed = settingsOf(v, right)
	}
	for i := range list {
		f, err := s.settingField(v, &list[i], typed)
		if err != nil {
			return err
		}
		n := len(view.Sections) - 1
		if n < 0 || view.Sections[n].Name != list[i].Section {
			view.Sections = append(view.Sections, settingSection{Name: list[i].Section})
			n++
		}
		view.Sections[n].Fields = append(view.Sections[n].Fields, f)
		view.Sections[n].May = view.Sections[n].May || f.May
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "settings", view)
}

// settingLinks lead on, each for who may open it.
func (s *Site) settingLinks(v *visit) (links []settingLink) {
	for _, l := range []struct {
		right    access.Action
		url, key string
	}{{"template.edit", "/templates", "page.templates"}, {"routing.view", "/settings/mail", "page.settings.mail"}, {"account.2fa_policy.edit", "/security", "security.policy.title"},
		{"account.2fa_policy.edit", "/settings/password", "page.settings.password"}, {"account.ip_rules.edit", "/security/ip", "page.ip"}, {"maildomain.edit", "/health", "page.health"}, {"mailbox.view", "/mailboxes", "page.mailboxes"}} {
		if s.may(v, l.right, core.Object{}) {
			links = append(links, settingLink{l.url, l.key})
		}
	}
	return links
}

func (s *Site) settingField(v *visit, e *core.SettingValue, typed map[string]string) (f settingField, err error) {
	f = settingField{Name: e.Name, Kind: string(e.Kind), Value: e.Value, Text: settingText(v, e), May: e.May}
	if value, ok := typed[e.Name]; ok {
		f.Value = value
	}
	switch e.Kind {
	case core.LanguageSetting:
		f.Options = languages(f.Value, templates.Locales())
	case core.LanguagesSetting:
		f.Options = languages("", templates.Locales())
		for i := range f.Options {
			f.Options[i].Chosen = slices.Contains(strings.Fields(f.Value), f.Options[i].Value)
		}
	case core.ColorSetting:
		f.Swatches = swatchesOf(f.Value)
		f.Swatches.Legend, f.Swatches.None = "setting.color", "setting.color.none"
	case core.PictureSetting:
		if e.Value != "" {
			f.LogoURL = "/logo/" + string(v.actor.Account.ID) + "/" + e.Value
		}
	case core.ZoneSetting:
		f.Zones = zones
	case core.SwitchSetting:
		f.On = f.Value == "on"
	case core.ChoiceSetting:
		for _, c := range e.Choices() {
			f.Options = append(f.Options, option{Value: c, Text: v.t("setting.choice." + c), Chosen: c == f.Value})
		}
	case core.PersonSetting:
		f.Options, err = s.intakeOptions(v, e, core.ID(f.Value))
	case core.RepliesSetting:
		f.Options, err = s.boxOptions(v, f.Value)
	}
	return f, err
}

// intakeOptions are the staff; who is named stays even where the asker may not list people.
func (s *Site) intakeOptions(v *visit, e *core.SettingValue, chosen core.ID) ([]option, error) {
	people, err := s.choosable(v, core.UserKind)
	if named := e.Person.ID; named != "" && !slices.ContainsFunc(people, func(p core.Person) bool { return p.ID == named }) {
		people = append(people, e.Person)
	}
	return personOptions(people, chosen), err
}

// settingText is a value in words.
func settingText(v *visit, e *core.SettingValue) string {
	switch e.Kind {
	case core.ColorSetting, core.PictureSetting: // shown as they are
		return ""
	case core.PersonSetting:
		return e.Person.Name
	case core.RepliesSetting:
		return addressOfReplies(e.Value)
	}
	return settingWords(v.locale, e.Name, e.Value)
}

// settingWords puts a value into words that no page can show as it is, such as the change log.
func settingWords(locale, name, value string) string {
	all := core.AllSettings()
	i := slices.IndexFunc(all, func(e core.Setting) bool { return e.Name == name })
	if i < 0 || value == "" {
		return value
	}
	switch all[i].Kind {
	case core.LanguageSetting, core.LanguagesSetting:
		var names []string
		for l := range strings.FieldsSeq(value) {
			names = append(names, templates.LocaleName(l))
		}
		return strings.Join(names, ", ")
	case core.SwitchSetting:
		return templates.T(locale, "setting."+value)
	case core.ChoiceSetting:
		return templates.T(locale, "setting.choice."+value)
	case core.RepliesSetting:
		return addressOfReplies(value)
	case core.PictureSetting:
		return templates.T(locale, "setting."+name)
	case core.ColorSetting:
		if n := slices.Index(core.Palette[:], value); n >= 0 {
			return templates.T(locale, "staff.color.n", "number", templates.Number(locale, int64(n+1)))
		}
	}
	return value
}

// settingsOf reads the entries of the section that was sent.
func settingsOf(v *visit, right access.Action) map[string]string {
	values := map[string]string{}
	for _, e := range core.AllSettings() {
		if e.View != right || e.Section != v.PostFormValue("section") {
			continue
		}
		switch e.Kind {
		case core.LanguagesSetting: // none ticked sends nothing
			values[e.Name] = strings.Join(v.PostForm[e.Name], " ")
		case core.SwitchSetting:
			values[e.Name] = "off"
			if v.PostFormValue(e.Name) != "" {
				values[e.Name] = "on"
			}
		default:
			if v.PostForm.Has(e.Name) {
				values[e.Name] = v.PostFormValue(e.Name)
			}
		}
	}
	return values
}

func (s *Site) changeSettings(w http.ResponseWriter, v *visit, right access.Action) error {
	if err := v.parse(); err != nil {
		return err
	}
	err := s.core.SetSettings(v.Context(), v.actor, settingsOf(v, right))
	switch {
	case err == nil && !s.may(v, right, core.Object{}):
		return redirect(w, v, "/", "settings", "")
	case err == nil:
		return redirect(w, v, v.URL.Path, "settings", "")
	case mendable(err):
		return s.settingsPage(w, v, right, err)
	}
	return err
}

// addressOfReplies is the address in the setting of where answers come to.
func addressOfReplies(value string) string {
	words := strings.Fields(value)
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// boxOptions are the account's mailboxes, for who may see them; the one that is set stays in any case.
func (s *Site) boxOptions(v *visit, chosen string) (list []option, err error) {
	id, _, _ := strings.Cut(chosen, " ")
	if s.may(v, "mailbox.view", core.Object{}) {
		all, err := s.core.Mailboxes(v.Context(), v.actor)
		if err != nil {
			return nil, err
		}
		for i := range all {
			m := &all[i].Mailbox
			list = append(list, option{string(m.ID), m.Address.Mailbox(), string(m.ID) == id})
		}
	}
	if chosen != "" && !slices.ContainsFunc(list, func(o option) bool { return o.Chosen }) {
		list = append(list, option{id, addressOfReplies(chosen), true})
	}
	return list, nil
}
