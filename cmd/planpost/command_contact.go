package main

import (
	"context"
	"strings"

	"planpost/core"
)

type contactEdit struct {
	onUser
	Name         *string  `help:"Name."`
	Mailbox      []string `placeholder:"ADDRESS" help:"All mailboxes, the main one first, instead of those before."`
	Phone        *string  `help:"Telephone."`
	Locale       *string  `help:"Language; empty for the account's."`
	Company      *string  `placeholder:"FIRM" help:"Firm, by name or id; empty for none."`
	CompanyTasks *bool    `negatable:"" help:"Sees all tasks done for the firm."`
	Preview      bool     `help:"Only tell what the contact would see more or less of."`
}

func (c *contactEdit) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		n := core.ContactCardOf(&p)
		for field, given := range map[*string]*string{&n.Name: c.Name, &n.Phone: c.Phone, &n.Locale: c.Locale} {
			if given != nil {
				*field = *given
			}
		}
		if len(c.Mailbox) > 0 {
			n.Addresses = c.Mailbox
		}
		if c.CompanyTasks != nil {
			n.CompanyTasks = *c.CompanyTasks
		}
		if c.Company != nil {
			co, err := g.companyNamed(ctx, a, *c.Company)
			if err != nil {
				return err
			}
			n.Company = co.ID
		}
		if c.Preview {
			return c.foresee(ctx, term, g, a, p.ID, n)
		}
		if err := g.core.EditContact(ctx, a, p.ID, n); err != nil {
			return err
		}
		return c.done(g, term, &p, "saved")
	})
}

func (c *contactEdit) foresee(ctx context.Context, term *terminal, g *gateway, a *core.Actor, id core.ID, n core.ContactCard) error {
	x, err := g.core.PreviewContact(ctx, a, id, n)
	if err == nil {
		err = g.showSight(term, c.JSON, "gains", &x.Gains)
	}
	if err == nil {
		err = g.showSight(term, c.JSON, "loses", &x.Loses)
	}
	return err
}

type contactVisibility struct {
	onUser
	Who string `arg:"" enum:"inside,participants" help:"inside: everyone who may see contacts; participants: only who works with it."`
}

func (c *contactVisibility) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.SetContactVisibility(ctx, a, p.ID, c.Who); err != nil {
			return err
		}
		return c.done(g, term, &p, "visibility saved")
	})
}

type contactDelete struct{ onUser }

func (c *contactDelete) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.DeleteContact(ctx, a, p.ID); err != nil {
			return err
		}
		return c.done(g, term, &p, "in the bin")
	})
}

type contactBlock struct {
	onUser
	Preview bool `help:"Only tell what would end, and what cannot be called back."`
}

func (c *contactBlock) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if c.Preview {
			v, err := g.core.PreviewBlock(ctx, a, "", p.ID)
			if err != nil {
				return err
			}
			return g.showBlock(term, c.JSON, &v.Block, "not blocked")
		}
		b, err := g.core.BlockPerson(ctx, a, p.ID)
		if err != nil {
			return err
		}
		return g.showBlock(term, c.JSON, &b, "blocked")
	})
}

type contactUnblock struct{ onUser }

func (c *contactUnblock) Run(ctx context.Context, term *terminal) error {
	return c.person(ctx, term, func(g *gateway, a *core.Actor, p core.Person) error {
		if err := g.core.UnblockPerson(ctx, a, p.ID); err != nil {
			return err
		}
		return c.done(g, term, &p, "unblocked")
	})
}

type companyCommand struct {
	List   companyList   `cmd:"" help:"All firms."`
	Edit   companyEdit   `cmd:"" help:"Give a firm another name."`
	Access companyAccess `cmd:"" help:"Give access that was wanted for a firm to a person of it."`
	Delete companyDelete `cmd:"" help:"Put a firm into the bin that nothing hangs on."`
}

type companyList struct{ inAccount }

func (c *companyList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		list, err := g.core.Companies(ctx, a)
		if err != nil {
			return err
		}
		for i := range list {
			if err := g.showCompany(term, c.JSON, &list[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (g *gateway) showCompany(term *terminal, asJSON bool, co *core.Company) error {
	return g.show(term, asJSON, map[string]any{"id": co.ID, "name": co.Name}, string(co.ID)+"  "+co.Name)
}

// onCompany is what commands about one firm take.
type onCompany struct {
	inAccount
	Company string `arg:"" placeholder:"FIRM" help:"The firm, by name or id."`
}

func (c *onCompany) company(ctx context.Context, term *terminal, do func(*gateway, *core.Actor, core.Company) error) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		co, err := g.companyNamed(ctx, a, c.Company)
		if err == nil && co.ID == "" {
			err = core.Fail(core.NotFound, "company.unknown")
		}
		if err != nil {
			return err
		}
		return do(g, a, co)
	})
}

// companyNamed finds a firm; none for the empty name.
func (g *gateway) companyNamed(ctx context.Context, a *core.Actor, name string) (co core.Company, err error) {
	if name == "" {
		return co, nil
	}
	list, err := g.core.Companies(ctx, a)
	for _, co := range list {
		if strings.EqualFold(co.Name, name) || string(co.ID) == name {
			return co, nil
		}
	}
	if err == nil {
		err = core.Fail(core.NotFound, "company.unknown")
	}
	return co, err
}

type companyEdit struct {
	onCompany
	Name string `required:"" help:"The new name."`
}

func (c *companyEdit) Run(ctx context.Context, term *terminal) error {
	return c.company(ctx, term, func(g *gateway, a *core.Actor, co core.Company) error {
		if err := g.core.EditCompany(ctx, a, co.ID, c.Name); err != nil {
			return err
		}
		co.Name = c.Name
		return g.showCompany(term, c.JSON, &co)
	})
}

type companyAccess struct {
	onCompany
	Person string `placeholder:"ADDRESS" help:"The person of the firm who gets it."`
}

func (c *companyAccess) Run(ctx context.Context, term *terminal) error {
	return c.company(ctx, term, func(g *gateway, a *core.Actor, co core.Company) error {
		person, err := g.other(ctx, a, c.Person)
		if err != nil {
			return err
		}
		if err := g.core.GrantCompany(ctx, a, co.ID, person); err != nil {
			return err
		}
		return g.showCompany(term, c.JSON, &co)
	})
}

type companyDelete struct{ onCompany }

func (c *companyDelete) Run(ctx context.Context, term *terminal) error {
	return c.company(ctx, term, func(g *gateway, a *core.Actor, co core.Company) error {
		if err := g.core.DeleteCompany(ctx, a, co.ID); err != nil {
			return err
		}
		return g.showCompany(term, c.JSON, &co)
	})
}
