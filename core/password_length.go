package core

import (
	"context"
	"strconv"
	"unicode/utf8"
)

// longEnough asks of a new password the length that this account wants, and
// every other one to which the login leads: who comes in by one account's
// short password stands in the other account too. A login that is to be made
// has no ID yet.
func (c *Core) longEnough(ctx context.Context, login ID, account *Account, password string) error {
	least := account.PasswordLength
	err := c.store.View(ctx, func(tx Tx) error {
		if login == "" {
			return nil
		}
		people, err := tx.PeopleOfIdentity(ctx, login)
		if err != nil {
			return err
		}
		for i := range people {
			if people[i].Account == account.ID || people[i].Status != Active {
				continue
			}
			other, err := tx.FindAccount(ctx, people[i].Account)
			if err != nil {
				return err
			}
			least = max(least, other.PasswordLength)
		}
		return nil
	})
	if err == nil && utf8.RuneCountInString(password) < least {
		err = Fail(Invalid, "password.short", "min", strconv.Itoa(least))
	}
	return err
}
