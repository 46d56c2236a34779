package core

import (
	"context"
	"strings"
	"time"
)

// NetworkAllows tells whether somebody of an account may come in from an
// address now: a session or, with IPLinks, a link that was mailed to him.
func (c *Core) NetworkAllows(ctx context.Context, account *Account, p *Person, class, ip string) (ok bool, err error) {
	err = c.store.Ask(ctx, func(tx Tx) error {
		ok, err = c.networkAllows(ctx, tx, account, p, class, ip)
		return err
	})
	return ok, err
}

// networkAllows reads the rules anew each time: a changed rule counts at the
// next request, in every process.
func (c *Core) networkAllows(ctx context.Context, tx Tx, account *Account, p *Person, class, ip string) (bool, error) {
	rules, err := tx.ListIPRules(ctx, account.ID)
	if err != nil {
		return false, err
	}
	return fittingRule(rules, class, p, ip, civil(c.Now(), account)) != nil, nil
}

// civil is the moment on the clocks of the account.
func civil(now time.Time, a *Account) time.Time {
	if zone, err := time.LoadLocation(a.Zone); err == nil {
		return now.In(zone)
	}
	return now
}

// NoteRefusal counts that somebody was refused because of where he came from.
func (c *Core) NoteRefusal(ctx context.Context, account, person ID, class, ip string) error {
	c.log.Info("refused by network", "account", account, "person", person, "class", class, "ip", ip)
	return c.store.InTx(ctx, func(tx Tx) error {
		return tx.CountIPRefusal(ctx, &IPRefusal{Account: account, Person: person, Class: class, IP: cut(ip, 60), LastAt: tx.Now()})
	})
}

// IPRules gives the account's rules, the oldest first.
func (c *Core) IPRules(ctx context.Context, a *Actor) (rules []IPRule, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.ip_rules.edit", Object{}); err != nil {
			return err
		}
		rules, err = tx.ListIPRules(ctx, a.Account.ID)
		return err
	})
	return rules, err
}

// IPRefusals tells who was refused, the newest first.
func (c *Core) IPRefusals(ctx context.Context, a *Actor, limit int) (list []IPRefusal, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.ip_rules.edit", Object{}); err != nil {
			return err
		}
		list, err = tx.ListIPRefusals(ctx, a.Account.ID, pageSize(limit))
		return err
	})
	return list, err
}

// AddIPRule makes a rule.
func (c *Core) AddIPRule(ctx context.Context, a *Actor, r IPRule) (IPRule, error) {
	r.ID, r.Account, r.CreatedAt = NewID(), a.Account.ID, c.Now()
	if err := r.check(); err != nil {
		return r, err
	}
	return r, c.changeIPRules(ctx, a, "ip_rule.add", func(tx Tx) (string, string, error) {
		if r.Person != "" {
			if _, err := tx.FindPerson(ctx, a.Account.ID, r.Person); err != nil {
				return "", "", err
			}
		}
		return "", r.String(), tx.CreateIPRule(ctx, &r)
	})
}

// RemoveIPRule takes a rule away.
func (c *Core) RemoveIPRule(ctx context.Context, a *Actor, id ID) error {
	return c.changeIPRules(ctx, a, "ip_rule.remove", func(tx Tx) (string, string, error) {
		rules, err := tx.ListIPRules(ctx, a.Account.ID)
		if err != nil {
			return "", "", err
		}
		for i := range rules {
			if rules[i].ID == id {
				return rules[i].String(), "", tx.DeleteIPRule(ctx, a.Account.ID, id)
			}
		}
		return "", "", Fail(NotFound, "ip.rule.unknown")
	})
}

// OpenNetwork takes all rules away and lets everyone in from everywhere: the
// way back in from the host when the rules shut everybody out.
func (c *Core) OpenNetwork(ctx context.Context, a *Actor) error {
	return c.changeIPRules(ctx, a, "ip_rule.off", func(tx Tx) (string, string, error) {
		rules, err := tx.ListIPRules(ctx, a.Account.ID)
		if err != nil {
			return "", "", err
		}
		was := make([]string, len(rules))
		for i := range rules {
			was[i] = rules[i].String()
		}
		if a.Operator {
			if err := c.tellAdministrators(ctx, tx, a.Account.ID, "ip.off", nil); err != nil {
				return "", "", err
			}
		}
		open := OpenIPRule(a.Account.ID, tx.Now())
		if err := tx.DeleteIPRules(ctx, a.Account.ID); err != nil {
			return "", "", err
		}
		return strings.Join(was, "; "), open.String(), tx.CreateIPRule(ctx, &open)
	})
}

// changeIPRules changes them, and only so that the one who does can still
// come in from where he is (requirement S3). The operator needs no address.
func (c *Core) changeIPRules(ctx context.Context, a *Actor, code string, change func(Tx) (was, now string, err error)) error {
	err := c.inTxAndWake(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.ip_rules.edit", Object{}); err != nil {
			return err
		}
		was, now, err := change(tx)
		if err != nil {
			return err
		}
		if !a.Operator && a.Via != "cli" { // who has a shell on the host can open it again
			ok, err := c.networkAllows(ctx, tx, &a.Account, &a.Person, IPSessions, a.IP)
			if err == nil && !ok {
				err = Fail(Conflict, "ip.lockout", "ip", a.IP)
			}
			if err != nil {
				return err
			}
		}
		return c.noteChanges(ctx, tx, a, code, Object{}, []Change{{"ip_rule", was, now}})
	})
	if err == nil {
		c.bus.Publish(DoorTopic(a.Account.ID))
	}
	return err
}

// DoorTopic is the Bus topic of who may come into an account: rules, sessions, second factors.
func DoorTopic(account ID) string { return "door:" + string(account) }

// String is the rule as the change log and the command line show it.
func (r *IPRule) String() string {
	who := r.Who
	if r.Person != "" {
		who += " " + string(r.Person)
	}
	s := r.Class + ": " + who + " from " + r.Network
	if r.Days != "" {
		s += " on days " + r.Days
	}
	if r.From != "" {
		s += " " + r.From + "-" + r.Until
	}
	return s
}

// IPQuestion asks whether somebody may come in from an address at a time.
type IPQuestion struct {
	Person    ID
	Class, IP string
	At        time.Time
}

// TestIPRules tells which rule answers the question with yes; nil when none does.
func (c *Core) TestIPRules(ctx context.Context, a *Actor, q IPQuestion) (rule *IPRule, err error) {
	if _, ok := normNetwork(q.IP); !ok || strings.Contains(q.IP, "/") || q.IP == Everywhere {
		return nil, Fail(Invalid, "ip.address", "ip", cut(oneLine(q.IP), 60))
	}
	err = c.store.View(ctx, func(tx Tx) error {
		if err := c.require(ctx, tx, a, "account.ip_rules.edit", Object{}); err != nil {
			return err
		}
		p, err := tx.FindPerson(ctx, a.Account.ID, q.Person)
		if err != nil {
			return err
		}
		rules, err := tx.ListIPRules(ctx, a.Account.ID)
		rule = fittingRule(rules, q.Class, &p, strings.TrimSpace(q.IP), civil(q.At, &a.Account))
		return err
	})
	return rule, err
}
