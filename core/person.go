package core

import (
	"context"
	"time"

	"planpost/core/access"
	"planpost/mail"
)

// Role is the capacity of a user.
type Role string

// The roles of users; contacts and addresses have none.
const (
	Owner                  Role = "owner"
	Administrator          Role = "admin"
	TechnicalAdministrator Role = "techadmin"
	Manager                Role = "manager"
	Employee               Role = "employee"
)

// PersonKind tells users (staff), contacts (outsiders with a card) and addresses (known only by e-mail) apart.
type PersonKind string

// The kinds of person. An upgrade keeps the ID.
const (
	UserKind    PersonKind = "user"
	ContactKind PersonKind = "contact"
	AddressKind PersonKind = "address"
)

// Status of a person.
const (
	Pending  = "pending"
	Active   = "active"
	Inactive = "inactive"
	Deleted  = "deleted"
)

// Access of a contact.
const (
	NoAccess       = "none"
	BasicAccess    = "basic"
	AdvancedAccess = "advanced"
)

// Person is anyone who can write, be told, be named or be blocked.
type Person struct {
	ID, Account ID
	Kind        PersonKind
	Name        string
	// Locale and Zone are empty when the account's count.
	Locale, Zone string
	// Role is for users, Access for contacts.
	Role    Role
	Access  string
	Status  string
	Company ID
	// Manager is the user this user answers to.
	Manager ID
	// Identity links to a sign-in; empty for who cannot sign in.
	Identity ID
	// Caps are the switches that are on: tasks, contacts, intake, …
	Caps []string
	// CompanyTasks lets a contact see all tasks of the company as counterparty.
	CompanyTasks bool
	// Code is a licence number or the like, printed on documents; Color tells people apart in the calendar: "#rrggbb".
	Code, Color, Phone string
	// Deputy takes over tasks, held mail and approvals from AwayFrom to AwayUntil, civil dates "2006-01-02", both included.
	Deputy              ID
	AwayFrom, AwayUntil string
	// Tuned tells that he has chosen what he hears of, or muted something. Only those choices set it.
	Tuned bool
	// Visibility of a contact inside the account: VisibleInside (fact OPEN) or VisibleParticipants.
	Visibility string
	// BlockedAt is set when the person is blocked everywhere.
	BlockedAt time.Time
	// CreatedBy is who made the card (fact MINE); empty when mail or the operator did.
	CreatedBy ID
	CreatedAt time.Time
	// DeletedAt is set when only the name is left, or the card lies in the bin; DeletedBy did it.
	DeletedAt time.Time
	DeletedBy ID
	// Addresses are the person's e-mail addresses, the primary first. Filled by Find and List.
	Addresses []PersonAddress
}

// Staff tells whether the person is inside.
func (p *Person) Staff() bool { return p.Kind == UserKind }

// Address is the primary address, zero when there is none.
func (p *Person) Address() mail.Address {
	if len(p.Addresses) == 0 {
		return mail.Address{}
	}
	a := p.Addresses[0].Given
	a.Name = p.Name
	return a
}

// Subject is the person's column in the permission table.
func (p *Person) Subject() access.Subject {
	switch {
	case p.Kind == UserKind:
		switch p.Role {
		case Owner:
			return access.Owner
		case Administrator:
			return access.Administrator
		case TechnicalAdministrator:
			return access.TechnicalAdministrator
		case Manager:
			return access.Manager
		}
		return access.Employee
	case p.Kind == ContactKind && p.Access == AdvancedAccess:
		return access.ExternalAdvanced
	case p.Kind == ContactKind && p.Access == BasicAccess:
		return access.ExternalBasic
	}
	return access.AddressOnly
}

// PersonAddress is one e-mail address of a person.
type PersonAddress struct {
	ID, Account, Person ID
	// Given is as written; Norm what is compared (mail.Address.Norm), unique per account.
	Given mail.Address
	Norm  string
	// ConfirmedAt is zero until the person proved to read this mailbox.
	ConfirmedAt time.Time
	Primary     bool
}

// Company is a firm that contacts belong to and projects are done for.
type Company struct {
	ID, Account ID
	Name        string
	// CreatedBy is who made it (fact MINE); empty when the operator did.
	CreatedBy ID
	CreatedAt time.Time
	// DeletedAt is set while it lies in the bin; DeletedBy put it there.
	DeletedAt time.Time
	DeletedBy ID
}

// PersonFilter narrows a list of people. The zero value lists all.
type PersonFilter struct {
	Kinds   []PersonKind
	Company ID
	// Query matches the beginning of words in the name and addresses, folded.
	Query string
	// Deleted lists tombstones too.
	Deleted bool
	// Uninvited leaves only those who are meant to sign in and were never mailed an invitation.
	Uninvited bool
	// Blocked narrows to who is blocked everywhere, NotBlocked to the others.
	Blocked, NotBlocked bool
	// After continues behind the person with this name key and ID (see PersonKey).
	AfterName string
	AfterID   ID
	Limit     int
}

// PersonTx reads and writes people, their addresses and companies.
type PersonTx interface {
	// CreatePerson writes the person with p.Addresses. Conflict "address.taken" when one is in use.
	CreatePerson(ctx context.Context, p *Person) error
	UpdatePerson(ctx context.Context, p *Person) error
	AddAddress(ctx context.Context, a *PersonAddress) error
	// ConfirmAddress notes that the person proved to read this mailbox.
	ConfirmAddress(ctx context.Context, account, address ID, at time.Time) error
	// ReplaceAddress writes a confirmed address in place of another. Conflict "address.taken" when it is in use.
	ReplaceAddress(ctx context.Context, a *PersonAddress) error
	// MoveLogin gives an identity another address to sign in with. Conflict "login.taken" when one has it.
	MoveLogin(ctx context.Context, identity ID, login, norm string) error
	FindPerson(ctx context.Context, account, id ID) (Person, error)
	// FindPeople gives those that exist, in no order.
	FindPeople(ctx context.Context, account ID, ids []ID) ([]Person, error)
	// FindInside gives those of ids who are inside, and those of them that are named besides.
	FindInside(ctx context.Context, account ID, ids, named []ID) ([]Person, error)
	// HasColleague tells whether another one of the person's company, from outside and active, has to do with the task.
	HasColleague(ctx context.Context, p *Person, task ID) (bool, error)
	// FindPersonByAddress: NotFound "person.unknown" when nobody has it.
	FindPersonByAddress(ctx context.Context, account ID, norm string) (Person, error)
	// CountAdministrators tells how many besides one can administer the account now, its owner included.
	CountAdministrators(ctx context.Context, account, but ID) (int, error)
	// TeamOf lists who answer to a user and are still here, by name.
	TeamOf(ctx context.Context, account, manager ID) ([]Person, error)
	// DeleteAddress lets others of the account have one address.
	DeleteAddress(ctx context.Context, account, address ID) error
	// SetMainAddress makes one of a person's addresses the main one.
	SetMainAddress(ctx context.Context, account, person, address ID) error
	// FreeAddresses lets others of the account have a person's addresses.
	FreeAddresses(ctx context.Context, account, person ID) error
	PeopleOfIdentity(ctx context.Context, identity ID) ([]Person, error)
	OwnerOf(ctx context.Context, account ID) (Person, error)
	// ListPeople gives whom the viewer may know of, ordered by folded name, then ID.
	ListPeople(ctx context.Context, v Viewer, f PersonFilter) ([]Person, error)

	CreateCompany(ctx context.Context, c *Company) error
	FindCompany(ctx context.Context, account, id ID) (Company, error)
	ListCompanies(ctx context.Context, account ID) ([]Company, error)
	UpdateCompany(ctx context.Context, c *Company) error
	UsesOfCompany(ctx context.Context, account, company ID) (CompanyUses, error)
}
