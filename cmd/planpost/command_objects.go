package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
)

// onHost is what the operator's own deeds in an account take: nobody else does them.
type onHost struct {
	common
	Account string `help:"Account, by name or id; not needed while there is one."`
}

func (c *onHost) asOperator(ctx context.Context, term *terminal, do func(*gateway, *core.Actor) error) error {
	return c.with(ctx, term, func(g *gateway) error {
		account, err := c.account(ctx, g)
		if err != nil {
			return err
		}
		return do(g, core.OperatorOf(account))
	})
}

func (c *onHost) account(ctx context.Context, g *gateway) (core.Account, error) {
	accounts, err := g.core.Accounts(ctx)
	if err != nil {
		return core.Account{}, err
	}
	return pickAccount(accounts, c.Account)
}

// inAccount is what commands about one account's things take.
type inAccount struct {
	onHost
	As string `placeholder:"PERSON" help:"Ask rights as this person (address), like a page would."`
}

// within opens the gateway for do and says on whose behalf the command acts:
// the operator, who has a shell on the host, or with --as a person.
func (c *inAccount) within(ctx context.Context, term *terminal, do func(*gateway, *core.Actor) error) error {
	return c.with(ctx, term, func(g *gateway) error {
		a, err := c.actor(ctx, g)
		if err != nil {
			return err
		}
		return do(g, a)
	})
}

func (c *inAccount) actor(ctx context.Context, g *gateway) (*core.Actor, error) {
	account, err := c.account(ctx, g)
	if err != nil {
		return nil, err
	}
	if c.As == "" {
		return core.OperatorOf(account), nil
	}
	p, err := g.core.PersonByAddress(ctx, account.ID, c.As)
	if err != nil {
		return nil, err
	}
	return &core.Actor{Person: p, Account: account, Via: "cli"}, nil
}

func pickAccount(accounts []core.Account, want string) (core.Account, error) {
	for _, a := range accounts {
		if want == string(a.ID) || want != "" && strings.EqualFold(a.Name, want) || want == "" && len(accounts) == 1 {
			return a, nil
		}
	}
	switch {
	case len(accounts) == 0:
		return core.Account{}, fmt.Errorf("there is no account yet; make one with planpost account create")
	case want == "":
		return core.Account{}, fmt.Errorf("there are %d accounts; name one with --account", len(accounts))
	}
	return core.Account{}, fmt.Errorf("there is no account %q", want)
}

type accountCommand struct {
	Create accountCreate `cmd:"" help:"Make an account and its owner."`
	List   accountList   `cmd:"" help:"All accounts."`
	Factor accountFactor `cmd:"" help:"Who must have a second factor."`

	Settings accountSettings `cmd:"" help:"What the account decides for itself: name, languages, time zone and the rest."`
	Transfer accountTransfer `cmd:"" help:"Give the account to another owner; both are told."`
}

type accountCreate struct {
	common
	Name     string `required:"" help:"Name of the account, usually the firm's."`
	Owner    string `required:"" placeholder:"ADDRESS" help:"E-mail address of the owner."`
	Person   string `help:"Name of the owner."`
	Password string `help:"Password of the owner; - reads it from standard input."`
	Locale   string `default:"en" help:"Language: en, de, fr or bg."`
	Zone     string `default:"UTC" help:"Time zone, like Europe/Vienna."`
}

func (c *accountCreate) Run(ctx context.Context, term *terminal) error {
	return c.with(ctx, term, func(g *gateway) error {
		password, err := readPassword(term, c.Password)
		if err != nil {
			return err
		}
		a, p, err := g.core.CreateAccount(ctx, core.Setup{AccountName: c.Name, Locale: c.Locale, Zone: c.Zone, Name: c.Person, Address: c.Owner, Password: password})
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": a.ID, "name": a.Name, "owner": p.ID}, fmt.Sprintf("account %s made; its owner is %s", a.Name, p.Address().Mailbox()))
	})
}

// readPassword takes "-" as one line of standard input, so that the password is in no process list.
func readPassword(term *terminal, given string) (string, error) {
	if given != "-" {
		return given, nil
	}
	var line strings.Builder
	b := make([]byte, 1)
	for {
		n, err := term.in.Read(b)
		if n == 0 || b[0] == '\n' || err != nil {
			return strings.TrimRight(line.String(), "\r"), nil
		}
		line.WriteByte(b[0])
	}
}

type accountList struct{ common }

func (c *accountList) Run(ctx context.Context, term *terminal) error {
	return c.with(ctx, term, func(g *gateway) error {
		accounts, err := g.core.Accounts(ctx)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			if err := g.show(term, c.JSON, map[string]any{"id": a.ID, "name": a.Name, "locale": a.Locale, "zone": a.Zone}, string(a.ID)+"  "+a.Name); err != nil {
				return err
			}
		}
		return nil
	})
}

type userCommand struct {
	Invite    userInvite          `cmd:"" help:"Invite a member of staff, who sets the password by the mailed link."`
	InviteAll userInviteAll       `cmd:"" help:"Mail the invitation to all who were brought in without one."`
	Create    userCreate          `cmd:"" help:"Make a member of staff."`
	List      userList            `cmd:"" help:"All staff."`
	Factor    userFactorCommand   `cmd:"" help:"Second factor."`
	Sessions  userSessionsCommand `cmd:"" help:"Where a person is signed in."`

	Role   userRole   `cmd:"" help:"Give somebody a role: admin, techadmin, manager or employee."`
	Switch userSwitch `cmd:"" help:"Turn switches of somebody on, off, or back to what the role brings; without any, list them."`

	Work       userWork       `cmd:"" help:"What is open for somebody."`
	Reassign   userReassign   `cmd:"" help:"Give open work of somebody to another."`
	Deactivate userDeactivate `cmd:"" help:"Set somebody inactive; open work must be moved or left."`
	Activate   userActivate   `cmd:"" help:"Set somebody active again."`
	Delete     userDelete     `cmd:"" help:"Leave only a tombstone of somebody inactive."`
	Deputy     userDeputy     `cmd:"" help:"Say who stands in for somebody, and when."`
	Mail       userMail       `cmd:"" help:"Say when mail about tasks comes to somebody; without anything, tell it."`
	Notify     userNotify     `cmd:"" help:"Switch what somebody is told and how; without anything, list it."`
	Rate       userRate       `cmd:"" help:"Hourly rate of somebody; without an amount, list them."`
	Password   userPassword   `cmd:"" help:"Break-glass: set a lost password while no mail goes out; sessions end, the person and the administrators are told."`
	Address    userAddress    `cmd:"" help:"Another e-mail address: links go to both mailboxes; at once for who cannot sign in yet."`
	Login      userLogin      `cmd:"" help:"Login name beside the address; empty takes it away."`
}

type userCreate struct {
	inAccount
	Name     string   `required:"" help:"Name."`
	Address  string   `required:"" help:"E-mail address; also the login."`
	Role     string   `required:"" enum:"admin,techadmin,manager,employee" help:"admin, techadmin, manager or employee."`
	Password string   `help:"Password; - reads it from standard input; without one the person cannot sign in."`
	Locale   string   `help:"Language; the account's when not given."`
	Caps     []string `help:"Switches, instead of the role's defaults."`
}

func (c *userCreate) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		password, err := readPassword(term, c.Password)
		if err != nil {
			return err
		}
		p, err := g.core.CreateUser(ctx, a, core.NewUser{Name: c.Name, Address: c.Address, Password: password, Locale: c.Locale, Role: core.Role(c.Role), Caps: c.Caps})
		if err != nil {
			return err
		}
		return g.showPerson(term, c.JSON, &p)
	})
}

func (g *gateway) showPerson(term *terminal, asJSON bool, p *core.Person) error {
	kind := string(p.Kind)
	if p.Role != "" {
		kind = string(p.Role)
	}
	return g.show(term, asJSON, map[string]any{"id": p.ID, "name": p.Name, "kind": p.Kind, "role": p.Role, "access": p.Access, "status": p.Status, "address": p.Address().Mailbox()},
		fmt.Sprintf("%s  %-10s %-9s %s <%s>", p.ID, kind, p.Status, p.Name, p.Address().Mailbox()))
}

type userList struct{ inAccount }

func (c *userList) Run(ctx context.Context, term *terminal) error {
	return c.listPeople(ctx, term, core.PersonFilter{Kinds: []core.PersonKind{core.UserKind}})
}

func (c *inAccount) listPeople(ctx context.Context, term *terminal, f core.PersonFilter) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f.Limit = 200
		for {
			people, err := g.core.People(ctx, a, f)
			if err != nil {
				return err
			}
			for i := range people {
				if err := g.showPerson(term, c.JSON, &people[i]); err != nil {
					return err
				}
			}
			if len(people) < f.Limit {
				return nil
			}
			last := people[len(people)-1]
			f.AfterName, f.AfterID = last.Name, last.ID
		}
	})
}

type contactCommand struct {
	Access contactAccess `cmd:"" help:"Give a contact advanced access, or take it away."`
	Create contactCreate `cmd:"" help:"Make a contact."`
	List   contactList   `cmd:"" help:"All contacts and known addresses."`
	Import contactImport `cmd:"" help:"Bring people in from a CSV file; nobody is mailed."`

	Edit       contactEdit       `cmd:"" help:"Change the card of a contact."`
	Visibility contactVisibility `cmd:"" help:"Say who inside may know of a contact: inside or participants."`
	Delete     contactDelete     `cmd:"" help:"Put a contact into the bin; links, sign-in and waiting mail end."`
	Block      contactBlock      `cmd:"" help:"Block somebody in every project."`
	Unblock    contactUnblock    `cmd:"" help:"Let a blocked person take part again."`
}

type contactCreate struct {
	inAccount
	Name    string `required:"" help:"Name."`
	Address string `required:"" help:"E-mail address."`
	Company string `help:"Firm, by name; made when it is new."`
	Access  string `default:"none" enum:"none,basic,advanced" help:"none, basic or advanced."`
	Locale  string `help:"Language; the account's when not given."`
}

func (c *contactCreate) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		company, err := g.company(ctx, a, c.Company)
		if err != nil {
			return err
		}
		p, err := g.core.CreateContact(ctx, a, core.NewContact{Name: c.Name, Address: c.Address, Locale: c.Locale, Company: company, Access: c.Access})
		if err != nil {
			return err
		}
		return g.showPerson(term, c.JSON, &p)
	})
}

// company finds a firm by name, or makes it.
func (g *gateway) company(ctx context.Context, a *core.Actor, name string) (core.ID, error) {
	if name == "" {
		return "", nil
	}
	list, err := g.core.Companies(ctx, a)
	if err != nil {
		return "", err
	}
	for _, co := range list {
		if strings.EqualFold(co.Name, name) {
			return co.ID, nil
		}
	}
	co, err := g.core.CreateCompany(ctx, a, name)
	return co.ID, err
}

type contactList struct {
	inAccount
	Blocked bool `help:"Those blocked everywhere, who are not in the list otherwise."`
}

func (c *contactList) Run(ctx context.Context, term *terminal) error {
	return c.listPeople(ctx, term, core.PersonFilter{Kinds: []core.PersonKind{core.ContactKind, core.AddressKind}, Blocked: c.Blocked, NotBlocked: !c.Blocked})
}

type projectCommand struct {
	Create       projectCreate       `cmd:"" help:"Make a project."`
	List         projectList         `cmd:"" help:"All projects."`
	Edit         projectEdit         `cmd:"" help:"Change a project."`
	Transfer     projectTransfer     `cmd:"" help:"Give a project to another colleague."`
	Delete       projectDelete       `cmd:"" help:"Put a project into the bin; its owner only."`
	Address      projectAddress      `cmd:"" help:"Give a project a new mail address."`
	Participants projectParticipants `cmd:"" help:"Who takes part."`
	Invite       projectInvite       `cmd:"" help:"Bring somebody into a project."`
	Place        projectPlace        `cmd:"" help:"Change what somebody may do in a project."`
	Block        projectBlock        `cmd:"" help:"Block a person or address in a project."`
	Unblock      projectUnblock      `cmd:"" help:"Let a blocked person take part again."`
	Remove       projectRemove       `cmd:"" help:"Take somebody out of a project."`
	Leave        projectLeave        `cmd:"" help:"Leave a project; with --as."`
	Mute         projectMute         `cmd:"" help:"Hear nothing of a project but what is addressed to oneself; with --as."`
}

type projectCreate struct {
	inAccount
	Name         string `required:"" help:"Name."`
	Counterparty string `help:"Firm it is done for, by name; made when it is new."`
	Participants bool   `help:"Only participants see it, not everyone inside."`
}

func (c *projectCreate) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		var err error
		n := core.NewProject{Name: c.Name}
		if c.Participants {
			n.Visibility = core.VisibleParticipants
		}
		if n.Counterparty, err = g.company(ctx, a, c.Counterparty); err != nil {
			return err
		}
		p, err := g.core.CreateProject(ctx, a, n)
		if err != nil {
			return err
		}
		return g.showProject(term, c.JSON, &p)
	})
}

func (g *gateway) showProject(term *terminal, asJSON bool, p *core.Project) error {
	address := p.Inbound + "@" + g.core.Config().MailDomain
	return g.show(term, asJSON, map[string]any{"id": p.ID, "name": p.Name, "inbound": address, "visibility": p.Visibility}, fmt.Sprintf("%s  %s  (new tasks: %s)", p.ID, p.Name, address))
}

type projectList struct{ inAccount }

func (c *projectList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		var name string
		var id core.ID
		for {
			list, err := g.core.Projects(ctx, a, name, id, 200)
			if err != nil {
				return err
			}
			for i := range list {
				if err := g.showProject(term, c.JSON, &list[i].Project); err != nil {
					return err
				}
				name, id = list[i].Name, list[i].ID
			}
			if len(list) < 200 {
				return nil
			}
		}
	})
}
