package core

import (
	"context"
	"net/netip"
	"strings"
	"time"
)

// IPRule lets people come in from a network. Rules only allow: where none
// fits, the answer is no (requirement S2).
type IPRule struct {
	ID, Account ID
	// Class is IPSessions or IPLinks.
	Class string
	// Who is everyone, staff, outside, a role, or person: then Person says whom.
	Who    string
	Person ID
	// Network is everywhere, or one prefix such as 192.0.2.0/24.
	Network string
	// Days are the digits of weekdays, Monday is 1; empty is every day.
	Days string
	// From and Until are "15:04" in the account's zone, both or none; Until
	// before From goes on past midnight, into the day after.
	From, Until string
	CreatedAt   time.Time
}

// What a rule is about. Sessions are people who signed in; links are those in
// mails. As long as an account has no rule for links they open from everywhere.
const (
	IPSessions = "sessions"
	IPLinks    = "links"
)

// Whom a rule is for, besides the codes of roles.
const (
	WhoEveryone = "everyone"
	WhoStaff    = "staff"
	WhoOutside  = "outside"
	WhoPerson   = "person"
)

// Everywhere is the network that holds every address.
const Everywhere = "everywhere"

// OpenIPRule is the one rule an account starts with: everyone, from everywhere.
func OpenIPRule(account ID, now time.Time) IPRule {
	return IPRule{ID: NewID(), Account: account, Class: IPSessions, Who: WhoEveryone, Network: Everywhere, CreatedAt: now}
}

// IPRefusal counts how often somebody was refused from one address in one hour.
type IPRefusal struct {
	Account, Person ID
	Class, IP       string
	Number          int64
	LastAt          time.Time
}

// IPRuleTx reads and writes rules and what they refused.
type IPRuleTx interface {
	CreateIPRule(ctx context.Context, r *IPRule) error
	// ListIPRules gives all rules of the account, the oldest first.
	ListIPRules(ctx context.Context, account ID) ([]IPRule, error)
	// DeleteIPRule: NotFound "ip.rule.unknown" when the account has no such rule.
	DeleteIPRule(ctx context.Context, account, id ID) error
	DeleteIPRules(ctx context.Context, account ID) error
	// CountIPRefusal adds one to the refusals of its hour.
	CountIPRefusal(ctx context.Context, r *IPRefusal) error
	// ListIPRefusals gives the newest first.
	ListIPRefusals(ctx context.Context, account ID, limit int) ([]IPRefusal, error)
	// DeleteIPRefusals removes those of all accounts from before a time.
	DeleteIPRefusals(ctx context.Context, before time.Time) error
}

// fittingRule is the first rule that lets p come in from ip at a time in the
// account's zone; nil when none does.
func fittingRule(rules []IPRule, class string, p *Person, ip string, at time.Time) *IPRule {
	address, err := netip.ParseAddr(ip)
	known := err == nil
	if class == IPLinks && !ruled(rules, IPLinks) {
		return &IPRule{Class: IPLinks, Who: WhoEveryone, Network: Everywhere}
	}
	for i := range rules {
		r := &rules[i]
		if r.Class == class && r.isFor(p) && r.holds(address.WithZone("").Unmap(), known) && r.isOpen(at) {
			return r
		}
	}
	return nil
}

func ruled(rules []IPRule, class string) bool {
	for i := range rules {
		if rules[i].Class == class {
			return true
		}
	}
	return false
}

func (r *IPRule) isFor(p *Person) bool {
	switch r.Who {
	case WhoEveryone:
		return true
	case WhoStaff:
		return p.Staff()
	case WhoOutside:
		return !p.Staff()
	case WhoPerson:
		return r.Person == p.ID
	}
	return p.Staff() && r.Who == string(p.Role)
}

// holds tells whether the address lies in the rule's network. One that is not
// known lies only in "everywhere".
func (r *IPRule) holds(a netip.Addr, known bool) bool {
	if r.Network == Everywhere {
		return true
	}
	network, err := netip.ParsePrefix(r.Network)
	return err == nil && known && network.Contains(a)
}

func (r *IPRule) isOpen(at time.Time) bool {
	day, clock := at.Weekday(), at.Format("15:04")
	if r.From == "" {
		return r.onDay(day)
	}
	if r.From <= r.Until {
		return r.onDay(day) && r.From <= clock && clock < r.Until
	}
	// The hours after midnight belong to the day on which they began.
	return r.onDay(day) && clock >= r.From || r.onDay((day+6)%7) && clock < r.Until
}

func (r *IPRule) onDay(d time.Weekday) bool {
	n := (int(d)+6)%7 + 1 // Monday is 1, Sunday 7
	return r.Days == "" || strings.ContainsRune(r.Days, rune('0'+n))
}

// check makes the rule what is compared, or says what is wrong with it.
func (r *IPRule) check() error {
	if r.Class != IPSessions && r.Class != IPLinks {
		return Fail(Invalid, "ip.class")
	}
	switch r.Who {
	case WhoEveryone, WhoStaff, WhoOutside, WhoPerson, string(Owner), string(Administrator), string(TechnicalAdministrator), string(Manager), string(Employee):
	default:
		return Fail(Invalid, "ip.who")
	}
	if (r.Who == WhoPerson) != (r.Person != "") {
		return Fail(Invalid, "ip.person")
	}
	network, ok := normNetwork(r.Network)
	if !ok {
		return Fail(Invalid, "ip.network", "network", cut(oneLine(r.Network), 60))
	}
	r.Network = network
	return r.checkTimes()
}

func (r *IPRule) checkTimes() error {
	for i, d := range r.Days {
		if d < '1' || d > '7' || strings.ContainsRune(r.Days[:i], d) {
			return Fail(Invalid, "ip.days")
		}
	}
	if (r.From == "") != (r.Until == "") || r.From != "" && r.From == r.Until {
		return Fail(Invalid, "ip.hours")
	}
	for _, t := range []string{r.From, r.Until} {
		if _, err := time.Parse("15:04", t); t != "" && (err != nil || len(t) != 5) {
			return Fail(Invalid, "ip.hours")
		}
	}
	return nil
}

// normNetwork reads a prefix or one address; bits behind the prefix are cut off.
func normNetwork(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if s == Everywhere {
		return s, true
	}
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.WithZone("").Unmap()
		return netip.PrefixFrom(a, a.BitLen()).String(), true
	}
	p, err := netip.ParsePrefix(s)
	if err != nil || p.Addr().Is4In6() {
		return "", false
	}
	return p.Masked().String(), true
}
