package core

import (
	"context"
	"time"
)

// Account is one company's house on the host. Every other row bears its ID.
type Account struct {
	ID ID
	// AccountSettings are what its people change of it (settings.go).
	AccountSettings
	// Key is the account's content key, wrapped by the host's master key.
	Key       []byte
	CreatedAt time.Time
	// FrozenAt is zero while the account works; mail to a frozen one is held.
	FrozenAt time.Time
}

// Identity is how somebody signs in; per host, linked to people of any number of accounts.
type Identity struct {
	ID ID
	// Login is an address or a chosen name as given; LoginNorm what is compared.
	Login, LoginNorm string
	// Name works beside it for staff, in lower case; empty for none.
	Name string
	// PasswordHash is argon2id in PHC form; empty while none is set.
	PasswordHash string
	CreatedAt    time.Time
}

// Session is one signed-in browser. Its ID is the SHA-256 of the cookie's token, in hex.
type Session struct {
	ID       string
	Identity ID
	// Person is who the session acts as; empty until an account was chosen.
	Person, Account                  ID
	UserAgent, IP                    string
	CreatedAt, LastSeenAt, ExpiresAt time.Time
	// Auth is how its holder proved who he is (LogEntry.Auth).
	Auth string
	// ProvenAt is when that was done last, FactorAt when a second factor was given; zero is never.
	ProvenAt, FactorAt time.Time
	// View is the viewing through another's eyes that goes on until ViewUntil; empty for none.
	View      ID
	ViewUntil time.Time
}

// AccountTx reads and writes accounts, identities, sessions and the change log.
type AccountTx interface {
	CreateAccount(ctx context.Context, a *Account) error
	FindAccount(ctx context.Context, id ID) (Account, error)
	ListAccounts(ctx context.Context) ([]Account, error)
	// FindUnconfirmed finds the owner of an account that was registered with an address and nobody came into yet.
	FindUnconfirmed(ctx context.Context, norm string) (Person, bool, error)
	// UnconfirmedAccounts are those made before a time whose owner never came.
	UnconfirmedAccounts(ctx context.Context, before time.Time, limit int) ([]ID, error)
	// ForgetAccount leaves no row of an account that nobody ever came into.
	ForgetAccount(ctx context.Context, account ID) error
	// PutSetting keeps one setting of an account; the value is right already.
	PutSetting(ctx context.Context, account ID, name, value string) error

	CreateIdentity(ctx context.Context, i *Identity) error
	// FindIdentity looks a normalised login up; NotFound "identity.unknown" when there is none.
	FindIdentity(ctx context.Context, loginNorm string) (Identity, error)
	FindIdentityByID(ctx context.Context, id ID) (Identity, error)
	UpdatePassword(ctx context.Context, identity ID, hash string) error
	// SetLoginName gives a name that FindIdentity finds too; empty takes it away.
	SetLoginName(ctx context.Context, identity ID, name string) error
	// DeleteIdentity ends a login with its sessions and second factor.
	DeleteIdentity(ctx context.Context, identity ID) error

	CreateSession(ctx context.Context, s *Session) error
	FindSession(ctx context.Context, id string) (Session, error)
	// TouchSession moves last use and end; nothing happens when the session is gone.
	TouchSession(ctx context.Context, id string, seen, expires time.Time) error
	ChooseSessionPerson(ctx context.Context, id string, account, person ID) error
	DeleteSession(ctx context.Context, id string) error
	DeleteSessionsOf(ctx context.Context, identity ID) error
	// DeleteSessionsOfPerson ends those that act as a person; the login's others go on in their accounts.
	DeleteSessionsOfPerson(ctx context.Context, person ID) error
	// SessionsOf gives a login's sessions that live at now, the last used first.
	SessionsOf(ctx context.Context, identity ID, now time.Time) ([]Session, error)
	// DeleteOtherSessions leaves only the one named.
	DeleteOtherSessions(ctx context.Context, identity ID, but string) error
	// ProveSession notes how and when its holder proved who he is.
	ProveSession(ctx context.Context, id, auth string, proven, factor time.Time) error
	// DeleteExpiredSessions removes at most limit of them and tells how many.
	DeleteExpiredSessions(ctx context.Context, now time.Time, limit int) (int, error)

	// PutValue and TakeValue keep small host-wide secrets by their hash, such as the set-up code:
	// TakeValue deletes the value and tells whether it was there, so it can be used once.
	PutValue(ctx context.Context, key, value string) error
	FindValue(ctx context.Context, key string) (value string, ok bool, err error)
	TakeValue(ctx context.Context, key, value string) (bool, error)
}
