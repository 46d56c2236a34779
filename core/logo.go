package core

import (
	"bytes"
	"context"
	"io"
	"strings"

	"planpost/mail"
)

const (
	// LogoSide is how wide and high an account's logo may be, in points; pages
	// show it at a third of that, for fine screens.
	LogoSide = 320
	// LogoMost is its largest size in bytes: it goes along with mails.
	LogoMost = 32 << 10
)

// logoNames are the media types that a logo may have, by how its name ends.
var logoNames = map[string]string{"image/png": ".png", "image/jpeg": ".jpg"}

// LogoType is the media type of the account's logo; empty when there is none.
func (a *AccountSettings) LogoType() string {
	for kind, end := range logoNames {
		if strings.HasSuffix(a.Logo, end) {
			return kind
		}
	}
	return ""
}

// LogoEnd is how the logo's name ends: ".png", ".jpg".
func (a *AccountSettings) LogoEnd() string { return logoNames[a.LogoType()] }

// LogoHash is under what the bytes are kept; empty when there is no logo.
func (a *AccountSettings) LogoHash() string {
	hash, _, _ := strings.Cut(a.Logo, ".")
	return hash
}

// checkLogo takes the logo away. Another comes by SetLogo only: a name would
// let any file of the account be shown to everybody.
func checkLogo(value string) (string, error) {
	if value != "" {
		return "", Fail(Invalid, "setting.logo")
	}
	return "", nil
}

// SetLogo makes a picture the account's logo. The door has drawn it small.
func (c *Core) SetLogo(ctx context.Context, a *Actor, picture []byte) error {
	head, tail := mail.FileSample(picture)
	end, ok := logoNames[mail.FactsOfFile("", "", head, tail).Type]
	switch {
	case !ok:
		return Fail(Invalid, "setting.logo")
	case len(picture) > LogoMost:
		return Fail(TooLarge, "setting.logo.large")
	}
	entry := settingOf("logo")
	err := c.store.View(ctx, func(tx Tx) error { return c.require(ctx, tx, a, entry.Action, Object{}) })
	if err != nil {
		return err
	}
	// First the bytes, then the row that names them.
	ref, err := c.files.Put(ctx, a.Account.ID, bytes.NewReader(picture), LogoMost)
	if err != nil {
		return err
	}
	return c.store.InTx(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, entry.Action, Object{}); err != nil {
			return err
		}
		was, err := tx.FindAccount(ctx, a.Account.ID)
		if err != nil {
			return err
		}
		now := was
		now.Logo = ref.Hash + end
		return c.keepSettings(ctx, tx, a, &was, &now)
	})
}

// Logo gives the picture that stands on an account's pages, by its name, to
// anybody: it is in mails too. NotFound "file.missing" for any other name.
func (c *Core) Logo(ctx context.Context, account ID, name string) (content io.ReadSeekCloser, kind string, err error) {
	var a Account
	err = c.store.Ask(ctx, func(tx Tx) (err error) { a, err = tx.FindAccount(ctx, account); return err })
	if KindOf(err) == NotFound || err == nil && (a.Logo == "" || a.Logo != name) {
		return nil, "", Fail(NotFound, "file.missing")
	}
	if err != nil {
		return nil, "", err
	}
	content, err = c.files.Open(ctx, account, a.LogoHash())
	return content, a.LogoType(), err
}
