package core

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Rate is what an hour of somebody's work costs from a day on, until the next rate.
type Rate struct {
	Account, Person ID
	// From is a civil date "2006-01-02".
	From string
	// Amount is in the currency's hundredths.
	Amount   int64
	Currency string
	// Deductions tells that what is deducted at source is in it.
	Deductions bool
	SetBy      ID
	SetAt      time.Time
}

// RateTx reads and writes rates.
type RateTx interface {
	// SetRate writes the rate of a person from a day on, in place of one from the same day.
	SetRate(ctx context.Context, r *Rate) error
	// DeleteRate: NotFound "rate.unknown" when there is none from that day.
	DeleteRate(ctx context.Context, account, person ID, from string) error
	// RatesOf gives all of a person, the latest first.
	RatesOf(ctx context.Context, account, person ID) ([]Rate, error)
}

// Currencies are those that rates can be in; all have hundredths (ISO 4217).
var Currencies = [...]string{"EUR", "CHF", "USD", "GBP", "BGN", "CZK", "DKK", "HUF", "NOK", "PLN", "RON", "SEK", "TRY", "CAD", "AUD"}

// maxRate is the most an hour can cost, in hundredths: what is more is a slip.
const maxRate = 100_000_000

// NewRate is a rate as people type it.
type NewRate struct {
	From, Amount, Currency string
	Deductions             bool
}

// Rates are those of a person, the latest first: for owner, administrators and the person.
func (c *Core) Rates(ctx context.Context, a *Actor, person ID) (list []Rate, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if _, err := c.staffMember(ctx, tx, a, person); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "user.rate.view", Object{"person", person}); err != nil {
			return err
		}
		list, err = tx.RatesOf(ctx, a.Account.ID, person)
		return err
	})
	return list, err
}

// SetRate says what an hour costs from a day on.
func (c *Core) SetRate(ctx context.Context, a *Actor, person ID, n NewRate) error {
	r := Rate{Account: a.Account.ID, Person: person, From: strings.TrimSpace(n.From), Currency: n.Currency, Deductions: n.Deductions, SetBy: a.Person.ID}
	if _, err := time.Parse(time.DateOnly, r.From); err != nil {
		return Fail(Invalid, "rate.from", "date", oneLine(n.From))
	}
	if !slices.Contains(Currencies[:], r.Currency) {
		return Fail(Invalid, "rate.currency", "currency", oneLine(n.Currency))
	}
	var err error
	if r.Amount, err = parseAmount(n.Amount); err != nil {
		return err
	}
	return c.changeRate(ctx, a, person, r.From, r.String(), func(tx Tx) error {
		r.SetAt = tx.Now()
		return tx.SetRate(ctx, &r)
	})
}

// DeleteRate takes back the rate that began on a day; the one before goes on.
func (c *Core) DeleteRate(ctx context.Context, a *Actor, person ID, from string) error {
	return c.changeRate(ctx, a, person, from, "", func(tx Tx) error { return tx.DeleteRate(ctx, a.Account.ID, person, from) })
}

// changeRate asks the right and notes what was and is. The change log is read
// only by those who may see rates.
func (c *Core) changeRate(ctx context.Context, a *Actor, person ID, from, now string, write func(Tx) error) error {
	return c.store.InTx(ctx, func(tx Tx) error {
		if _, err := c.staffMember(ctx, tx, a, person); err != nil {
			return err
		}
		if err := c.require(ctx, tx, a, "user.rate.edit", Object{"person", person}); err != nil {
			return err
		}
		list, err := tx.RatesOf(ctx, a.Account.ID, person)
		if err != nil {
			return err
		}
		was := ""
		for i := range list {
			if list[i].From == from {
				was = list[i].String()
			}
		}
		if err := write(tx); err != nil {
			return err
		}
		return c.noteChanges(ctx, tx, a, "user.rate", Object{"person", person}, []Change{{"rate", was, now}}, "from", from)
	})
}

// RateOn is the one of list (the latest first) that counts on a day; ok is false before the first.
func RateOn(list []Rate, day string) (r Rate, ok bool) {
	for _, r := range list {
		if r.From <= day {
			return r, true
		}
	}
	return r, false
}

// String is the amount as "45.50 EUR", with "+" behind it when what is deducted at source is in it.
func (r *Rate) String() string {
	s := AmountText(r.Amount) + " " + r.Currency
	if r.Deductions {
		s += " +"
	}
	return s
}

// AmountText is an amount in hundredths with a point.
func AmountText(n int64) string {
	return strconv.FormatInt(n/100, 10) + "." + string([]byte{'0' + byte(n%100/10), '0' + byte(n%10)})
}

// parseAmount reads "45", "45.5" or "45,50"; more than hundredths is a mistake, not rounded.
func parseAmount(s string) (int64, error) {
	given := oneLine(s)
	whole, part, _ := strings.Cut(strings.Replace(strings.TrimSpace(s), ",", ".", 1), ".")
	n, err := strconv.ParseUint(whole+(part + "00")[:2], 10, 63)
	if err != nil || whole == "" || len(part) > 2 || n > maxRate {
		return 0, Fail(Invalid, "rate.amount", "amount", cut(given, 40))
	}
	return int64(n), nil
}
