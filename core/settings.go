package core

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"planpost/core/access"
)

// AccountSettings are what an account's own people change of it, each by its
// entry in the registry below.
type AccountSettings struct {
	Name string
	// Color is one of the Palette, empty for none; Logo the name of a picture (logo.go), empty for none.
	Color, Logo string
	// MailFoot stands below every mail: what a firm must or wants to say there; may have several lines.
	MailFoot string
	// Languages are what its people choose from, a space between two; Locale counts for who
	// chose none, and Zone (IANA name) for them and for civil dates.
	Languages, Locale, Zone string
	// InviteDays is how long an invitation works.
	InviteDays int
	// IntakePerson gets tasks that have no project; empty means the owner.
	IntakePerson ID
	// PasswordLength is how many characters a new password needs at least.
	PasswordLength int
	// MailsAnHour is how many mails of work somebody inside gets in an hour; the rest comes in a digest, but what
	// is addressed to him. 0 sets no limit.
	MailsAnHour int
	// UndoSeconds is how long mail to people outside waits, so that it can be taken back; negative is as long as the host says.
	UndoSeconds int
	// AllUnhidden shows people from outside every comment of their tasks that is not hidden;
	// else only those that were addressed to them (X18).
	AllUnhidden bool
	// ReplyMailbox is the mailbox that answers to our mail come to; empty: they come to the host's mail domain.
	ReplyMailbox ID
	// ReplyAddress is its address, ReplyPlus whether its server keeps what stands behind a plus.
	ReplyAddress string
	ReplyPlus    bool
	// ProofComment, ProofFiles, ProofCommand and ProofApproval are what must be known of a mail's sender for it to become a
	// comment or a task, to bring files, to record hours, and to decide an approval: one of the Proofs.
	ProofComment, ProofFiles, ProofCommand, ProofApproval string
	// Sealers are domains whose word counts for mail that they pass on (ARC, RFC 8617), one a line.
	Sealers string
}

// SettingKind is what sort of value a setting has.
type SettingKind string

// The kinds of settings.
const (
	TextSetting      SettingKind = "text"      // one line
	LinesSetting     SettingKind = "lines"     // a few lines
	ColorSetting     SettingKind = "color"     // one of the Palette, or none
	PictureSetting   SettingKind = "picture"   // the name of a small one, or none
	LanguageSetting  SettingKind = "language"  // a code like "de"
	LanguagesSetting SettingKind = "languages" // several of them, a space between two
	ZoneSetting      SettingKind = "zone"      // an IANA name
	DaysSetting      SettingKind = "days"      // how many
	NumberSetting    SettingKind = "number"    // how many of something else
	OptionalSetting  SettingKind = "optional"  // how many, or nothing
	PersonSetting    SettingKind = "person"    // an ID; empty for nobody
	RepliesSetting   SettingKind = "replies"   // a mailbox; empty for none
	SwitchSetting    SettingKind = "switch"    // "on" or "off"
	ChoiceSetting    SettingKind = "choice"    // one of its Choices
)

// Setting is one entry of the registry: a thing that every account decides for itself.
type Setting struct {
	// Name is what the command line, the change log and the rows call it.
	Name string
	Kind SettingKind
	// Section is the part of the pages that it stands in.
	Section string
	// Default counts while the account has decided nothing.
	Default string
	// View is the right to see it, Action the right to change it.
	View, Action access.Action

	get   func(*AccountSettings) string
	put   func(*AccountSettings, string)
	check func(ctx context.Context, tx Tx, account ID, value string) (string, error)
}

// Of is the account's value.
func (s *Setting) Of(a *Account) string { return s.get(&a.AccountSettings) }

// The rights that the entries ask. Who is handed mail that belongs to nobody
// reads it, so that is no matter of a technical administrator.
const (
	viewSettings, editSettings access.Action = "account.settings.view", "account.settings.edit"
	viewRouting, editRouting   access.Action = "routing.view", "routing.edit"
	editSecurity               access.Action = "account.2fa_policy.edit"
)

// settings is the registry, in the order of the pages. There is no other way
// to change any of these.
var settings = [...]Setting{
	{"name", TextSetting, "company", "", viewSettings, editSettings,
		func(a *AccountSettings) string { return a.Name }, func(a *AccountSettings, v string) { a.Name = v }, alone(checkAccountName)},
	{"color", ColorSetting, "company", "", viewSettings, editSettings,
		func(a *AccountSettings) string { return a.Color }, func(a *AccountSettings, v string) { a.Color = v }, alone(checkColor)},
	{"logo", PictureSetting, "logo", "", viewSettings, editSettings,
		func(a *AccountSettings) string { return a.Logo }, func(a *AccountSettings, v string) { a.Logo = v }, alone(checkLogo)},
	{"mailfoot", LinesSetting, "company", "", viewSettings, editSettings,
		func(a *AccountSettings) string { return a.MailFoot }, func(a *AccountSettings, v string) { a.MailFoot = v }, alone(checkMailFoot)},
	{"languages", LanguagesSetting, "language", strings.Join(Languages[:], " "), viewSettings, editSettings,
		func(a *AccountSettings) string { return a.Languages }, func(a *AccountSettings, v string) { a.Languages = v }, alone(checkLanguages)},
	{"locale", LanguageSetting, "language", Languages[0], viewSettings, editSettings,
		func(a *AccountSettings) string { return a.Locale }, func(a *AccountSettings, v string) { a.Locale = v }, alone(checkKnownLanguage)},
	{"zone", ZoneSetting, "language", "UTC", viewSettings, editSettings,
		func(a *AccountSettings) string { return a.Zone }, func(a *AccountSettings, v string) { a.Zone = v }, alone(checkZone)},
	{"invitation", DaysSetting, "people", "7", viewSettings, editSettings,
		func(a *AccountSettings) string { return strconv.Itoa(a.InviteDays) }, func(a *AccountSettings, v string) { a.InviteDays, _ = strconv.Atoi(v) }, alone(checkInviteDays)},
	{"unhidden", SwitchSetting, "outside", "off", viewSettings, "contact.company_tasks.set",
		func(a *AccountSettings) string { return onOff(a.AllUnhidden) }, func(a *AccountSettings, v string) { a.AllUnhidden = v == "on" }, alone(checkSwitch)},
	{"proofcomment", ChoiceSetting, "proof", anyProof, viewSettings, editSettings,
		func(a *AccountSettings) string { return a.ProofComment }, func(a *AccountSettings, v string) { a.ProofComment = v }, alone(oneOf(proofs[:]))},
	{"prooffiles", ChoiceSetting, "proof", anyProof, viewSettings, editSettings,
		func(a *AccountSettings) string { return a.ProofFiles }, func(a *AccountSettings, v string) { a.ProofFiles = v }, alone(oneOf(proofs[:]))},
	{"proofcommand", ChoiceSetting, "proof", provenProof, viewSettings, editSettings,
		func(a *AccountSettings) string { return a.ProofCommand }, func(a *AccountSettings, v string) { a.ProofCommand = v }, alone(oneOf(proofs[1:]))},
	{"proofapproval", ChoiceSetting, "proof", provenProof, viewSettings, editSettings,
		func(a *AccountSettings) string { return a.ProofApproval }, func(a *AccountSettings, v string) { a.ProofApproval = v }, alone(oneOf(proofs[1:]))},
	{"sealers", LinesSetting, "proof", "", viewSettings, editSettings,
		func(a *AccountSettings) string { return a.Sealers }, func(a *AccountSettings, v string) { a.Sealers = v }, alone(checkSealers)},
	{"intake", PersonSetting, "mail", "", viewRouting, editRouting,
		func(a *AccountSettings) string { return string(a.IntakePerson) }, func(a *AccountSettings, v string) { a.IntakePerson = ID(v) }, checkIntake},
	{"replies", RepliesSetting, "mail", "", viewRouting, editRouting,
		func(a *AccountSettings) string { return a.repliesText() }, func(a *AccountSettings, v string) { a.putReplies(v) }, checkReplies},
	{"mailrate", NumberSetting, "mail", "6", viewRouting, editRouting,
		func(a *AccountSettings) string { return strconv.Itoa(a.MailsAnHour) }, func(a *AccountSettings, v string) { a.MailsAnHour, _ = strconv.Atoi(v) }, alone(checkMailRate)},
	{"undo", OptionalSetting, "mail", "", viewRouting, editRouting,
		func(a *AccountSettings) string { return undoText(a.UndoSeconds) }, func(a *AccountSettings, v string) { a.UndoSeconds = undoSeconds(v) }, alone(checkUndo)},
	{"minpassword", NumberSetting, "password", strconv.Itoa(minPassword), editSecurity, editSecurity,
		func(a *AccountSettings) string { return strconv.Itoa(a.PasswordLength) }, func(a *AccountSettings, v string) { a.PasswordLength, _ = strconv.Atoi(v) }, alone(checkPasswordLength)},
}

// AllSettings is the registry.
func AllSettings() []Setting { return slices.Clone(settings[:]) }

// DefaultSettings are those of an account that decided nothing.
func DefaultSettings() (a AccountSettings) {
	for i := range settings {
		settings[i].put(&a, settings[i].Default)
	}
	return a
}

// Put sets what was kept of one setting; a name of another release is left out.
func (a *AccountSettings) Put(name, value string) {
	if s := settingOf(name); s != nil {
		s.put(a, value)
	}
}

func settingOf(name string) *Setting {
	for i := range settings {
		if settings[i].Name == name {
			return &settings[i]
		}
	}
	return nil
}

// SettingValue is a setting as it stands.
type SettingValue struct {
	Setting
	Value string
	// Person is who Value names; the zero person for another kind.
	Person Person
	// May tells that the asker may change it.
	May bool
}

// Settings gives the settings that go by one right to see them.
func (c *Core) Settings(ctx context.Context, a *Actor, view access.Action) (list []SettingValue, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, view, Object{}); err != nil {
			return err
		}
		account, err := tx.FindAccount(ctx, a.Account.ID)
		if err != nil {
			return err
		}
		for i := range settings {
			if settings[i].View != view {
				continue
			}
			v := SettingValue{Setting: settings[i], Value: settings[i].Of(&account)}
			ans, err := c.may(ctx, tx, a, v.Action, Object{})
			if err != nil {
				return err
			}
			v.May = ans.Allowed
			if v.Kind == PersonSetting && v.Value != "" {
				if v.Person, err = tx.FindPerson(ctx, account.ID, ID(v.Value)); err != nil {
					return err
				}
			}
			list = append(list, v)
		}
		return nil
	})
	return list, err
}

// SetSettings changes settings by name, all or none. Each asks its own right,
// and what changed is one entry of the log.
func (c *Core) SetSettings(ctx context.Context, a *Actor, values map[string]string) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		was, err := tx.FindAccount(ctx, a.Account.ID)
		if err != nil {
			return err
		}
		now, err := c.withSettings(ctx, tx, a, was, values)
		if err != nil {
			return err
		}
		return c.keepSettings(ctx, tx, a, &was, &now)
	})
}

// keepSettings writes what is not as it was, and one entry of the log.
func (c *Core) keepSettings(ctx context.Context, tx Tx, a *Actor, was, now *Account) error {
	var changes []Change
	for i := range settings {
		ch := Change{settings[i].Name, settings[i].Of(was), settings[i].Of(now)}
		if ch.Was == ch.Now {
			continue
		}
		if err := tx.PutSetting(ctx, was.ID, ch.Field, ch.Now); err != nil {
			return err
		}
		changes = append(changes, ch)
	}
	if len(changes) == 0 {
		return nil
	}
	return c.noteChanges(ctx, tx, a, "settings.edit", Object{}, changes)
}

// withSettings is the account as it would be with other settings.
func (c *Core) withSettings(ctx context.Context, tx Tx, a *Actor, account Account, values map[string]string) (Account, error) {
	known := 0
	for i := range settings {
		s := &settings[i]
		value, ok := values[s.Name]
		if !ok {
			continue
		}
		known++
		if err := c.require(ctx, tx, a, s.Action, Object{}); err != nil {
			return account, err
		}
		value, err := s.check(ctx, tx, account.ID, strings.TrimSpace(value))
		if err != nil {
			return account, err
		}
		s.put(&account.AccountSettings, value)
	}
	if known < len(values) || known == 0 {
		return account, Fail(Invalid, "setting.unknown", "names", unknownSettings(values))
	}
	if !account.Offers(account.Locale) {
		return account, Fail(Invalid, "setting.locale")
	}
	return account, nil
}

func unknownSettings(values map[string]string) string {
	var names []string
	for name := range values {
		if settingOf(name) == nil {
			names = append(names, cut(oneLine(name), 60))
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}
