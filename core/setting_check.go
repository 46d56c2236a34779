package core

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"planpost/mail"
	"planpost/mail/auth"
)

// alone is a check that looks at the value only.
func alone(check func(string) (string, error)) func(context.Context, Tx, ID, string) (string, error) {
	return func(_ context.Context, _ Tx, _ ID, value string) (string, error) { return check(value) }
}

// maxAccountName keeps the name of a firm fit for the line From of its mails.
const maxAccountName = 200

func checkAccountName(value string) (string, error) {
	name := oneLine(value)
	if name == "" || utf8.RuneCountInString(value) > maxAccountName { // of the value: oneLine cuts what is very long
		return "", Fail(Invalid, "account.name")
	}
	return name, nil
}

const (
	mostFootLines = 6
	maxMailFoot   = 500
)

// checkMailFoot takes a few lines of plain text, or none.
func checkMailFoot(value string) (string, error) {
	var lines []string
	for line := range strings.SplitSeq(body(value), "\n") {
		lines = append(lines, oneLine(line))
	}
	foot := strings.Join(lines, "\n")
	if len(lines) > mostFootLines || utf8.RuneCountInString(value) > maxMailFoot {
		return "", Fail(Invalid, "setting.mailfoot", "lines", strconv.Itoa(mostFootLines), "most", strconv.Itoa(maxMailFoot))
	}
	return foot, nil
}

// mostSealers are the domains that a person can still know one by one.
const mostSealers = 30

// checkSealers takes domains, one a line, or none.
func checkSealers(value string) (string, error) {
	var list []string
	for _, text := range strings.FieldsFunc(value, func(r rune) bool { return r == ',' || unicode.IsSpace(r) }) {
		domain, ok := auth.Domain(text)
		if !ok {
			return "", Fail(Invalid, "setting.sealers.domain", "domain", cut(oneLine(text), 80))
		}
		if !slices.Contains(list, domain) {
			list = append(list, domain)
		}
	}
	if len(list) > mostSealers {
		return "", Fail(Invalid, "setting.sealers", "most", strconv.Itoa(mostSealers))
	}
	return strings.Join(list, "\n"), nil
}

func checkLanguages(value string) (string, error) {
	var list []string
	for _, l := range strings.FieldsFunc(value, func(r rune) bool { return r == ' ' || r == ',' }) {
		if !slices.Contains(Languages[:], l) {
			return "", Fail(Invalid, "language.unknown", "language", cut(oneLine(l), 40))
		}
		list = append(list, l)
	}
	if len(list) == 0 {
		return "", Fail(Invalid, "setting.languages")
	}
	return strings.Join(slices.DeleteFunc(slices.Clone(Languages[:]), func(l string) bool { return !slices.Contains(list, l) }), " "), nil
}

func checkKnownLanguage(value string) (string, error) {
	if !slices.Contains(Languages[:], value) {
		return "", Fail(Invalid, "language.unknown", "language", cut(oneLine(value), 40))
	}
	return value, nil
}

func checkZone(value string) (string, error) {
	// "" and "Local" would be taken too, and mean the host's.
	if _, err := time.LoadLocation(value); err != nil || value == "" || value == "Local" {
		return "", Fail(Invalid, "zone", "zone", cut(oneLine(value), 100))
	}
	return value, nil
}

// mostInviteDays: an invitation opens an account to whoever reads the mail (links.md).
const mostInviteDays = 30

const mostMailRate = 1000

func checkMailRate(value string) (string, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > mostMailRate {
		return "", Fail(Invalid, "setting.mailrate", "max", strconv.Itoa(mostMailRate))
	}
	return strconv.Itoa(n), nil
}

const mostUndo = 3600

// checkUndo takes a number of seconds, or nothing for what the host says.
func checkUndo(value string) (string, error) {
	if value = strings.TrimSpace(value); value == "" {
		return "", nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > mostUndo {
		return "", Fail(Invalid, "setting.undo", "max", strconv.Itoa(mostUndo))
	}
	return strconv.Itoa(n), nil
}

func undoText(seconds int) string {
	if seconds < 0 {
		return ""
	}
	return strconv.Itoa(seconds)
}

func undoSeconds(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return -1
	}
	return n
}

func checkInviteDays(value string) (string, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > mostInviteDays {
		return "", Fail(Invalid, "setting.days", "max", fmt.Sprint(mostInviteDays))
	}
	return strconv.Itoa(n), nil
}

// mostPasswordLength: nobody may be asked for more than every program takes (ASVS 6.2.9).
const mostPasswordLength = 64

func checkPasswordLength(value string) (string, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < minPassword || n > mostPasswordLength {
		return "", Fail(Invalid, "setting.password", "min", strconv.Itoa(minPassword), "max", strconv.Itoa(mostPasswordLength))
	}
	return strconv.Itoa(n), nil
}

func checkSwitch(value string) (string, error) {
	if value != "on" && value != "off" {
		return "", Fail(Invalid, "setting.switch", "value", cut(oneLine(value), 40))
	}
	return value, nil
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// checkIntake takes an ID, an address, or nothing.
func checkIntake(ctx context.Context, tx Tx, account ID, value string) (string, error) {
	if value == "" {
		return "", nil
	}
	p, err := personNamed(ctx, tx, account, value)
	if KindOf(err) == NotFound || err == nil && (!p.Staff() || p.Status != Active || !p.BlockedAt.IsZero()) {
		err = Fail(Invalid, "setting.intake")
	}
	return string(p.ID), err
}

// personNamed finds somebody by ID or address.
func personNamed(ctx context.Context, tx Tx, account ID, value string) (Person, error) {
	if id, ok := ParseID(value); ok {
		return tx.FindPerson(ctx, account, id)
	}
	address, err := mail.ParseMailbox(value)
	if err != nil {
		return Person{}, Fail(NotFound, "person.unknown")
	}
	return tx.FindPersonByAddress(ctx, account, address.Norm())
}
