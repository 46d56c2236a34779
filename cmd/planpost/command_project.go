package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
	"planpost/templates"
)

// projectEdit changes what is given; everything else stays.
type projectEdit struct {
	inAccount
	Project       string  `arg:"" help:"Project, by id."`
	Name          *string `help:"Name."`
	Counterparty  *string `help:"Firm it is done for, by name; empty for none."`
	ClientManager *string `placeholder:"ADDRESS" help:"Who looks after the client; empty for nobody."`
	Responsible   *string `placeholder:"ADDRESS" help:"Who is responsible; empty for nobody."`
	Visibility    *string `help:"inside or participants."`
	Hidden        *bool   `negatable:"" help:"Keep it from the client."`
	Closed        *bool   `negatable:"" help:"End the work, or with --no-closed take it up again."`
	Sending       *bool   `negatable:"" help:"Participants may send plans, or with --no-sending only administrators."`
	ReplyApproves *bool   `negatable:"" help:"Approvers may decide about plans by a reply with the code."`
	LinkDays      *int    `placeholder:"N" help:"How many days links to plans live, 1 to 365."`
	Preview       bool    `help:"Only say which clients would gain or lose sight."`
}

func (c *projectEdit) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		e := core.ProjectEdit{Name: c.Name, Visibility: c.Visibility, Hidden: c.Hidden, Closed: c.Closed,
			Sending: c.Sending, ReplyApproves: c.ReplyApproves, LinkDays: c.LinkDays}
		if c.Counterparty != nil {
			firm, err := g.company(ctx, a, *c.Counterparty)
			if err != nil {
				return err
			}
			e.Counterparty = &firm
		}
		for address, field := range map[*string]**core.ID{c.ClientManager: &e.ClientManager, c.Responsible: &e.Responsible} {
			if address == nil {
				continue
			}
			ids, err := g.peopleByAddress(ctx, a, []string{*address})
			if err != nil {
				return err
			}
			*field = &ids[0]
		}
		if c.Preview {
			return c.preview(ctx, term, g, a, e)
		}
		p, err := g.core.EditProject(ctx, a, core.ID(c.Project), e)
		if err != nil {
			return err
		}
		return g.showProject(term, c.JSON, &p)
	})
}

func (c *projectEdit) preview(ctx context.Context, term *terminal, g *gateway, a *core.Actor, e core.ProjectEdit) error {
	list, err := g.core.PreviewProject(ctx, a, core.ID(c.Project), e)
	for _, one := range list {
		for verb, s := range map[string]core.Sight{"gains": one.Gains, "loses": one.Loses} {
			if err == nil && !s.Nothing() {
				err = g.showSight(term, c.JSON, verb, &s)
			}
		}
	}
	return err
}

func (g *gateway) showSight(term *terminal, asJSON bool, verb string, s *core.Sight) error {
	var titles []string
	for _, t := range s.Tasks {
		titles = append(titles, t.Task.Title)
	}
	return g.show(term, asJSON, map[string]any{"person": s.Person.ID, "name": s.Person.Name, "change": verb, "project": s.Project, "tasks": titles, "comments": s.Comments, "more": s.More},
		fmt.Sprintf("%s %s: project %v, %d tasks, %d comments %s", s.Person.Name, verb, s.Project, len(s.Tasks), s.Comments, strings.Join(titles, "; ")))
}

type projectTransfer struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
	To      string `required:"" placeholder:"ADDRESS" help:"The new owner, a colleague."`
}

func (c *projectTransfer) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		to, err := g.core.Addressed(ctx, a, c.To)
		if err != nil {
			return err
		}
		return g.core.TransferProject(ctx, a, core.ID(c.Project), to.ID)
	})
}

type projectDelete struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
}

func (c *projectDelete) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return g.core.DeleteProject(ctx, a, core.ID(c.Project))
	})
}

type projectAddress struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
}

func (c *projectAddress) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.RenewInbound(ctx, a, core.ID(c.Project))
		if err != nil {
			return err
		}
		return g.showProject(term, c.JSON, &p)
	})
}

type projectParticipants struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
	Blocked bool   `help:"The blocked ones instead."`
}

func (c *projectParticipants) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		_, list, _, err := g.core.Participants(ctx, a, core.ID(c.Project), c.Blocked)
		for i := range list {
			if err == nil {
				m := &list[i]
				err = g.show(term, c.JSON, map[string]any{"person": m.Person, "name": m.Of.Name, "address": m.Of.Address().Mailbox(), "admin": m.Admin, "auditor": m.Auditor,
					"approves": m.Approves, "role": m.TradeRole, "blocked": !m.BlockedAt.IsZero()}, fmt.Sprintf("%s  %s <%s> %s", m.Person, m.Of.Name, m.Of.Address().Mailbox(), strings.Join(marks(m), ", ")))
			}
		}
		return err
	})
}

func marks(m *core.ParticipantView) (list []string) {
	for _, one := range []struct {
		is   bool
		word string
	}{{m.Admin, "administrator"}, {m.Auditor, "auditor"}, {m.Approves, "approves"}, {m.TradeRole != "", m.TradeRole}, {!m.BlockedAt.IsZero(), "blocked"}} {
		if one.is {
			list = append(list, one.word)
		}
	}
	return list
}

// inPlace is what commands about one person in one project take.
type inPlace struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
	Address string `arg:"" help:"The person, by e-mail address."`
}

func (c *inPlace) at(ctx context.Context, term *terminal, do func(g *gateway, a *core.Actor, project, person core.ID) error) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.Addressed(ctx, a, c.Address)
		if err != nil {
			return err
		}
		return do(g, a, core.ID(c.Project), p.ID)
	})
}

// placeFlags are what somebody may do in a project.
type placeFlags struct {
	Admin    *bool   `negatable:"" help:"Runs the project."`
	Auditor  *bool   `negatable:"" help:"Oversees it; colleagues only."`
	Approves *bool   `negatable:"" help:"Can be asked for approvals."`
	Role     *string `help:"Trade."`
}

func (f *placeFlags) edit() core.PlaceEdit {
	return core.PlaceEdit{Admin: f.Admin, Auditor: f.Auditor, Approves: f.Approves, TradeRole: f.Role}
}

type projectInvite struct {
	inAccount
	placeFlags
	Project string `arg:"" help:"Project, by id."`
	Address string `arg:"" help:"E-mail address; one that nobody has becomes a contact."`
	Name    string `help:"Name of a new contact."`
	Locale  string `help:"Language of a new contact."`
	Login   bool   `help:"An outsider may sign in, if you may grant that."`
	Preview bool   `help:"Only say what would become visible, and what to look at twice in the address."`
}

func (c *projectInvite) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		n := core.NewParticipant{Address: c.Address, Name: c.Name, Locale: c.Locale, Login: c.Login, PlaceEdit: c.edit()}
		if c.Preview {
			s, err := g.core.PreviewParticipant(ctx, a, core.ID(c.Project), n)
			if err != nil {
				return err
			}
			if err := g.showSight(term, c.JSON, "gains", &s); err != nil {
				return err
			}
			return g.showCautions(ctx, term, a, c, n)
		}
		p, err := g.core.InviteParticipant(ctx, a, core.ID(c.Project), n)
		if err != nil {
			return err
		}
		return g.showPerson(term, c.JSON, &p)
	})
}

// showCautions says what to look at twice before the address is written to.
func (g *gateway) showCautions(ctx context.Context, term *terminal, a *core.Actor, c *projectInvite, n core.NewParticipant) error {
	list, err := g.core.InviteCautions(ctx, a, core.ID(c.Project), n)
	for _, one := range list {
		if err == nil {
			text := templates.Coded("en", "caution", string(one.Kind), "address", one.Address, "like", one.LikeName, "likeaddress", one.LikeAddress, "company", one.Company, "counterparty", one.Counterparty)
			err = g.show(term, c.JSON, map[string]any{"caution": one.Kind, "address": one.Address, "like": one.LikeAddress, "company": one.Company}, text)
		}
	}
	return err
}

type projectPlace struct {
	inPlace
	placeFlags
}

func (c *projectPlace) Run(ctx context.Context, term *terminal) error {
	return c.at(ctx, term, func(g *gateway, a *core.Actor, project, person core.ID) error {
		return g.core.EditPlace(ctx, a, project, person, c.edit())
	})
}

type projectBlock struct {
	inPlace
	Preview bool `help:"Only tell what would end, and what cannot be called back."`
}

func (c *projectBlock) Run(ctx context.Context, term *terminal) error {
	return c.at(ctx, term, func(g *gateway, a *core.Actor, project, person core.ID) error {
		if c.Preview {
			v, err := g.core.PreviewBlock(ctx, a, project, person)
			if err != nil {
				return err
			}
			return g.showBlock(term, c.JSON, &v.Block, "not blocked")
		}
		b, err := g.core.BlockParticipant(ctx, a, project, person)
		if err != nil {
			return err
		}
		return g.showBlock(term, c.JSON, &b, "blocked")
	})
}

// showBlock prints what a block ended, or would end.
func (g *gateway) showBlock(term *terminal, asJSON bool, b *core.Block, state string) error {
	return g.show(term, asJSON, map[string]any{"id": b.ID, "number": b.Number, "state": state, "person": b.Person, "project": b.Project, "links": b.Links, "sent": b.SentLinks, "mails": b.Mails,
		"downloads": b.Downloads, "approvals": b.Approvals, "fetched": b.Fetched, "delivered": b.Delivered, "sessions": b.Sessions},
		fmt.Sprintf("%s  %s  receipt %d: %d links, %d links sent to others, %d mails, %d running downloads, %d open approvals; beyond recall: %d downloaded indices, %d mails",
			b.Person, state, b.Number, b.Links, b.SentLinks, b.Mails, b.Downloads, b.Approvals, b.Fetched, b.Delivered))
}

type projectUnblock struct{ inPlace }

func (c *projectUnblock) Run(ctx context.Context, term *terminal) error {
	return c.at(ctx, term, func(g *gateway, a *core.Actor, project, person core.ID) error {
		return g.core.UnblockParticipant(ctx, a, project, person)
	})
}

type projectRemove struct{ inPlace }

func (c *projectRemove) Run(ctx context.Context, term *terminal) error {
	return c.at(ctx, term, func(g *gateway, a *core.Actor, project, person core.ID) error {
		return g.core.RemoveParticipant(ctx, a, project, person)
	})
}

type projectLeave struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
}

func (c *projectLeave) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		return g.core.LeaveProject(ctx, a, core.ID(c.Project))
	})
}
