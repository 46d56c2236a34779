package core

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"planpost/mail"
)

// ContactCard is what may be changed of a contact (contact.edit).
type ContactCard struct {
	Name, Phone, Locale string
	Company             ID
	// CompanyTasks lets the contact see all tasks of the company as counterparty (X27); it asks a right of its own.
	CompanyTasks bool
	// Addresses are the mailboxes, the main one first; there is at least one.
	Addresses []string
}

// ContactCardOf is a contact's card as it stands.
func ContactCardOf(p *Person) ContactCard {
	n := ContactCard{Name: p.Name, Phone: p.Phone, Locale: p.Locale, Company: p.Company, CompanyTasks: p.CompanyTasks}
	for i := range p.Addresses {
		n.Addresses = append(n.Addresses, p.Addresses[i].Given.Mailbox())
	}
	return n
}

// maxAddresses bounds the mailboxes of one contact.
const maxAddresses = 10

// EditContact changes the card of a contact, or of a known address, which
// becomes a contact by it. An open invitation follows the main address.
func (c *Core) EditContact(ctx context.Context, a *Actor, id ID, n ContactCard) error {
	err := c.store.InTx(ctx, func(tx Tx) error {
		p, err := c.contactTarget(ctx, tx, a, id, "contact.edit")
		if err != nil {
			return err
		}
		return c.editContact(ctx, tx, a, &p, n)
	})
	if err == nil {
		c.wakeMailer()
	}
	return err
}

func (c *Core) editContact(ctx context.Context, tx Tx, a *Actor, p *Person, n ContactCard) (err error) {
	if n.Name = oneLine(n.Name); n.Name == "" {
		return Fail(Invalid, "person.name")
	}
	if n.Phone, err = checkPhone(n.Phone); err != nil {
		return err
	}
	if err := c.mayMoveContact(ctx, tx, a, p, &n); err != nil {
		return err
	}
	was := ContactCardOf(p)
	changes := []Change{{"kind", string(p.Kind), string(ContactKind)}, {"name", p.Name, n.Name}, {"phone", p.Phone, n.Phone}, {"locale", p.Locale, n.Locale},
		{"company", string(p.Company), string(n.Company)}, {"company_tasks", strconv.FormatBool(p.CompanyTasks), strconv.FormatBool(n.CompanyTasks)}}
	p.Kind, p.Access = ContactKind, accessOf(p)
	p.Name, p.Phone, p.Locale, p.Company, p.CompanyTasks = n.Name, n.Phone, n.Locale, n.Company, n.CompanyTasks
	if err := tx.UpdatePerson(ctx, p); err != nil {
		return err
	}
	if err := c.setAddresses(ctx, tx, a, p, n.Addresses); err != nil {
		return err
	}
	now := ContactCardOf(p)
	changes = append(changes, Change{"addresses", strings.Join(was.Addresses, ", "), strings.Join(now.Addresses, ", ")})
	if !slices.ContainsFunc(changes, func(ch Change) bool { return ch.Was != ch.Now }) {
		return nil
	}
	return c.noteChanges(ctx, tx, a, "contact.edit", Object{"person", p.ID}, changes)
}

// mayMoveContact asks for what a card gives beside words: another company shows
// its projects to who has access, and its tasks to who sees company tasks.
func (c *Core) mayMoveContact(ctx context.Context, tx Tx, a *Actor, p *Person, n *ContactCard) error {
	o := Object{"person", p.ID}
	moved := n.Company != p.Company
	if moved && n.Company != "" {
		if err := c.choosableCompany(ctx, tx, a, n.Company); err != nil {
			return err
		}
	}
	if n.CompanyTasks != p.CompanyTasks || moved && n.CompanyTasks {
		if err := c.require(ctx, tx, a, "contact.company_tasks.set", o); err != nil {
			return err
		}
	}
	if moved && accessOf(p) != NoAccess {
		return c.require(ctx, tx, a, "contact.grant_access", o)
	}
	return nil
}

// setAddresses gives a person these mailboxes, the main one first. Who signs in
// keeps the address of the sign-in as the main one: a new password is mailed there.
func (c *Core) setAddresses(ctx context.Context, tx Tx, a *Actor, p *Person, given []string) error {
	wanted, err := c.parseAddresses(given)
	if err != nil {
		return err
	}
	had := p.Addresses
	mainMoved := len(had) == 0 || had[0].Norm != wanted[0].Norm()
	if mainMoved && p.Identity != "" {
		return Fail(Conflict, "contact.login_address", "address", had[0].Given.Mailbox())
	}
	var list []PersonAddress
	for i, w := range wanted {
		at := slices.IndexFunc(had, func(h PersonAddress) bool { return h.Norm == w.Norm() })
		if at >= 0 {
			list = append(list, had[at])
			continue
		}
		list = append(list, PersonAddress{ID: NewID(), Account: p.Account, Person: p.ID, Given: w, Norm: w.Norm(), Primary: i == 0})
	}
	for _, h := range had {
		if !slices.ContainsFunc(list, func(n PersonAddress) bool { return n.ID == h.ID }) {
			if err := tx.DeleteAddress(ctx, p.Account, h.ID); err != nil {
				return err
			}
		}
	}
	for i := range list {
		if !slices.ContainsFunc(had, func(h PersonAddress) bool { return h.ID == list[i].ID }) {
			if err := tx.AddAddress(ctx, &list[i]); err != nil {
				return err
			}
		}
		list[i].Primary = i == 0
	}
	p.Addresses = list
	if !mainMoved {
		return nil
	}
	if err := tx.SetMainAddress(ctx, p.Account, p.ID, list[0].ID); err != nil || p.Access != AdvancedAccess {
		return err
	}
	return c.inviteElsewhere(ctx, tx, a, p)
}

// inviteElsewhere ends the invitation that went to the address before and owes one to the new.
func (c *Core) inviteElsewhere(ctx context.Context, tx Tx, a *Actor, p *Person) error {
	if err := c.require(ctx, tx, a, "contact.grant_access", Object{"person", p.ID}); err != nil {
		return err
	}
	if err := c.endInvitations(ctx, tx, p, "address"); err != nil {
		return err
	}
	return c.oweInvitation(ctx, tx, a, p, "")
}

// parseAddresses reads mailboxes as people type them; the same one twice is one.
func (c *Core) parseAddresses(given []string) (list []mail.Address, err error) {
	for _, s := range given {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		addr, err := mail.ParseMailbox(s)
		if err != nil || c.ownAddress(addr) {
			return nil, Fail(Invalid, "address", "address", oneLine(s))
		}
		if !slices.ContainsFunc(list, func(o mail.Address) bool { return o.Norm() == addr.Norm() }) {
			list = append(list, addr)
		}
	}
	if len(list) == 0 || len(list) > maxAddresses {
		return nil, Fail(Invalid, "contact.addresses", "max", itoa(maxAddresses))
	}
	return list, nil
}
