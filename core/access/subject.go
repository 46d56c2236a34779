package access

// Subject is the kind of person who asks: a column of the table. The zero value
// is Stranger, who has the least.
type Subject uint8

// The subjects. Owner to Employee are internal people with an account,
// ExternalAdvanced is a contact with a session, ExternalBasic a contact with
// the dashboard only, AddressOnly an e-mail address known in a project or a
// contact without access, Stranger somebody without a session.
const (
	Stranger Subject = iota
	Owner
	Administrator
	TechnicalAdministrator
	Manager
	Employee
	ExternalAdvanced
	ExternalBasic
	AddressOnly

	subjects = int(AddressOnly) + 1
)

// String gives the column's name in the table; Stranger has no column there.
func (s Subject) String() string {
	switch s {
	case Stranger:
		return "stranger"
	case Owner:
		return "owner"
	case Administrator:
		return "admin"
	case TechnicalAdministrator:
		return "techadmin"
	case Manager:
		return "manager"
	case Employee:
		return "employee"
	case ExternalAdvanced:
		return "ext_adv"
	case ExternalBasic:
		return "ext_basic"
	case AddressOnly:
		return "email_only"
	}
	return "unknown"
}

func (s Subject) known() bool { return int(s) < subjects }
