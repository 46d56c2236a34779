package main

import (
	"context"
	"fmt"
	"mime"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"planpost/core"
)

type planCommand struct {
	List     planList     `cmd:"" help:"Plans and documents of a project, each with its current index."`
	Show     planShow     `cmd:"" help:"One plan with all of its indices."`
	Add      planAdd      `cmd:"" help:"Bring a new plan or document."`
	Index    planIndex    `cmd:"" help:"Bring a new index of a plan."`
	Edit     planEdit     `cmd:"" help:"Change number, title or trade; what is not named stays."`
	Secure   planSecure   `cmd:"" help:"Limit who may see a plan, or with --open let the project see it again."`
	Withdraw planWithdraw `cmd:"" help:"Take an index back, by its id."`
	Delete   planDelete   `cmd:"" help:"Put a plan into the bin."`
	Holders  planHolders  `cmd:"" help:"Who holds which index of a plan."`
	Hand     planHand     `cmd:"" help:"Write down that somebody was handed an index on paper."`
	Current  planCurrent  `cmd:"" help:"The plans of a project that are in force, or with --since what has changed."`
}

func (g *gateway) showPlan(term *terminal, json bool, p *core.Plan, shown *core.Version, review *core.Version) error {
	state := strings.TrimSpace(shown.Index + " " + string(shown.State))
	if review != nil && review.ID != "" {
		state += ", " + review.Index + " " + string(review.State)
	}
	value := map[string]any{"id": p.ID, "project": p.Project, "kind": p.Kind, "number": p.Number, "title": p.Title, "role": p.TradeRole, "secured": p.Secured, "index": shown.Index, "state": shown.State}
	if review != nil && review.ID != "" {
		value["review"] = review.Index
	}
	return g.show(term, json, value, fmt.Sprintf("%s %s: %s", p.ID, p.Name(), state))
}

type planList struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
	Text    string `help:"Words of number or title."`
	State   string `help:"current, in_review, withdrawn or secured."`
	Kind    string `help:"plan or document."`
	Role    string `help:"Trade."`
}

func (c *planList) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		f := core.PlanFilter{Project: core.ID(c.Project), Text: c.Text, State: c.State, Kind: c.Kind, TradeRole: c.Role, Limit: 500}
		for {
			list, err := g.core.Plans(ctx, a, f)
			if err != nil {
				return err
			}
			for i := range list.Items {
				p := &list.Items[i]
				if err := g.showPlan(term, c.JSON, &p.Plan, &p.Version, &p.Review); err != nil {
					return err
				}
				f.After, f.AfterID = p.Key, p.ID
			}
			if len(list.Items) < f.Limit {
				return nil
			}
		}
	})
}

type planShow struct {
	inAccount
	Plan string `arg:"" help:"Plan, by id."`
}

func (c *planShow) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.PlanPage(ctx, a, core.ID(c.Plan))
		if err != nil {
			return err
		}
		for i := range p.Versions {
			v := &p.Versions[i]
			var files []string
			for _, f := range v.Files {
				files = append(files, f.Name)
			}
			value := map[string]any{"id": v.ID, "plan": p.Plan.ID, "name": p.Plan.Name(), "index": v.Index, "state": v.State, "author": p.People[v.Author].Name, "by": p.People[v.UploadedBy].Name,
				"superseded_by": v.By, "created": v.CreatedAt, "files": files, "note": v.Note}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%s %s %s %-10s %s: %s", v.ID, p.Plan.Name(), v.Index, v.State, p.People[v.Author].Name, strings.Join(files, ", "))); err != nil {
				return err
			}
		}
		return nil
	})
}

// broughtIndex is what both ways of bringing an index take.
type broughtIndex struct {
	Index   string   `required:"" help:"Index, such as B."`
	File    []string `required:"" type:"existingfile" placeholder:"FILE" help:"Files of the index."`
	Author  string   `placeholder:"ADDRESS" help:"Who it stands for."`
	Note    string   `help:"What has changed."`
	Approve []string `placeholder:"ADDRESS" help:"Who has to approve it."`
	No      bool     `name:"no-approval" help:"No approval is required. One of the two must be said where somebody may approve."`
	Any     bool     `help:"One of them is enough."`
	Message string   `help:"Message to who has to approve."`
}

// version sends the files to the project and gives the index that is made of them.
func (c *broughtIndex) version(ctx context.Context, g *gateway, a *core.Actor, project core.ID) (n core.NewVersion, err error) {
	n = core.NewVersion{Index: c.Index, Note: c.Note, NewApproval: core.NewApproval{Message: c.Message, Rule: map[bool]string{true: core.ApproveAny, false: core.ApproveAll}[c.Any]}}
	if n.Author, err = g.other(ctx, a, c.Author); err != nil {
		return n, err
	}
	if n.Approvers, err = g.peopleByAddress(ctx, a, c.Approve); err != nil {
		return n, err
	}
	if asked := len(c.Approve) > 0; asked || c.No {
		n.Approval = &asked
	}
	for _, path := range c.File {
		u, err := c.send(ctx, g, a, project, path)
		if err != nil {
			return n, err
		}
		n.Files = append(n.Files, core.NewPlanFile{Upload: u.ID})
	}
	return n, nil
}

func (c *broughtIndex) send(ctx context.Context, g *gateway, a *core.Actor, project core.ID, path string) (core.StagedUpload, error) {
	f, err := os.Open(path)
	if err != nil {
		return core.StagedUpload{}, err
	}
	defer f.Close()
	return g.core.SendUpload(ctx, a, core.NewUpload{Project: project, Purpose: core.PlanPurpose, Name: filepath.Base(path), Type: mime.TypeByExtension(filepath.Ext(path))}, f)
}

type planAdd struct {
	inAccount
	Project  string   `arg:"" help:"Project, by id."`
	Number   string   `help:"Number; a document may have none."`
	Title    string   `help:"Title."`
	Document bool     `help:"It is a document, not a plan."`
	Secured  bool     `help:"Limit who may see it, from the first moment on."`
	For      []string `placeholder:"ADDRESS" help:"With --secured: who may see it, besides author and administrators."`
	broughtIndex
}

func (c *planAdd) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		n := core.NewPlan{Kind: core.DrawingKind, Number: c.Number, Title: c.Title, Secured: c.Secured}
		if c.Document {
			n.Kind = core.DocumentKind
		}
		var err error
		if n.Access, err = g.peopleByAddress(ctx, a, c.For); err != nil {
			return err
		}
		if n.NewVersion, err = c.version(ctx, g, a, core.ID(c.Project)); err != nil {
			return err
		}
		p, v, err := g.core.CreatePlan(ctx, a, core.ID(c.Project), n)
		if err != nil {
			return err
		}
		return g.showPlan(term, c.JSON, &p, &v, nil)
	})
}

type planIndex struct {
	inAccount
	Plan string `arg:"" help:"Plan, by id."`
	broughtIndex
}

func (c *planIndex) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		ch, err := g.core.PlanChoices(ctx, a, "", core.ID(c.Plan))
		if err != nil {
			return err
		}
		n, err := c.version(ctx, g, a, ch.Project.ID)
		if err != nil {
			return err
		}
		p, v, err := g.core.AddVersion(ctx, a, core.ID(c.Plan), n)
		if err != nil {
			return err
		}
		return g.showPlan(term, c.JSON, &p, &v, nil)
	})
}

type planEdit struct {
	inAccount
	Plan   string  `arg:"" help:"Plan, by id."`
	Number *string `help:"Number."`
	Title  *string `help:"Title."`
	Role   *string `help:"Trade whose people may bring its indices."`
}

func (c *planEdit) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.EditPlan(ctx, a, core.ID(c.Plan), core.PlanEdit{Number: c.Number, Title: c.Title, TradeRole: c.Role})
		if err != nil {
			return err
		}
		return g.showPlan(term, c.JSON, &p, &core.Version{}, nil)
	})
}

type planSecure struct {
	inAccount
	Plan string   `arg:"" help:"Plan, by id."`
	Open bool     `help:"Let the whole project see it again."`
	For  []string `placeholder:"ADDRESS" help:"Who may see it, besides administrators; replaces the list."`
}

func (c *planSecure) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		people, err := g.peopleByAddress(ctx, a, c.For)
		if err != nil {
			return err
		}
		p, err := g.core.SecurePlan(ctx, a, core.ID(c.Plan), !c.Open, people)
		if err != nil {
			return err
		}
		return g.showPlan(term, c.JSON, &p, &core.Version{}, nil)
	})
}

type planWithdraw struct {
	inAccount
	Version string `arg:"" help:"Index, by the id that plan show gives."`
}

func (c *planWithdraw) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if err := g.core.WithdrawVersion(ctx, a, core.ID(c.Version)); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": c.Version, "state": core.Withdrawn}, c.Version+" withdrawn")
	})
}

type planDelete struct {
	inAccount
	Plan string `arg:"" help:"Plan, by id."`
}

func (c *planDelete) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		if err := g.core.DeletePlan(ctx, a, core.ID(c.Plan)); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"id": c.Plan, "deleted": true}, c.Plan+" is in the bin")
	})
}

type planHolders struct {
	inAccount
	Plan string `arg:"" help:"Plan, by id."`
}

func (c *planHolders) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		p, err := g.core.PlanHolders(ctx, a, core.ID(c.Plan))
		if err != nil {
			return err
		}
		for i := range p.Rows {
			r := &p.Rows[i]
			behind := "current"
			if r.Behind {
				behind = "older"
			}
			value := map[string]any{"person": r.Person, "name": r.Of.Name, "address": r.Of.Address().Mailbox(), "phone": r.Of.Phone, "index": r.Index, "behind": r.Behind, "how": r.How, "since": r.Since}
			if err := g.show(term, c.JSON, value, fmt.Sprintf("%s  %-7s %-8s since %s  %s", r.Index, behind, r.How, onDay(r.Since), r.Of.Name)); err != nil {
				return err
			}
		}
		return nil
	})
}

type planHand struct {
	inAccount
	Plan    string `arg:"" help:"Plan, by id."`
	Address string `arg:"" help:"Who got it, by e-mail address."`
	Index   string `required:"" help:"Index, such as B."`
	Day     string `placeholder:"DAY" help:"Day, such as 2026-11-23; empty for now."`
}

func (c *planHand) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		day := g.core.Now()
		if c.Day != "" {
			var err error
			if day, err = time.Parse(time.DateOnly, c.Day); err != nil {
				return core.Fail(core.Invalid, "day", "day", c.Day)
			}
		}
		who, err := g.core.Addressed(ctx, a, c.Address)
		if err != nil {
			return err
		}
		p, err := g.core.PlanPage(ctx, a, core.ID(c.Plan))
		if err != nil {
			return err
		}
		at := slices.IndexFunc(p.Versions, func(v core.VersionView) bool { return strings.EqualFold(v.Index, c.Index) })
		if at < 0 {
			return core.Fail(core.NotFound, "version.unknown")
		}
		if err := g.core.HandedOnPaper(ctx, a, core.ID(c.Plan), p.Versions[at].ID, who.ID, day); err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"person": who.ID, "index": p.Versions[at].Index}, who.Name+" holds index "+p.Versions[at].Index)
	})
}

type planCurrent struct {
	inAccount
	Project string `arg:"" help:"Project, by id."`
	Since   string `placeholder:"DAY" help:"Only what became current or was withdrawn since that day."`
}

func (c *planCurrent) Run(ctx context.Context, term *terminal) error {
	return c.within(ctx, term, func(g *gateway, a *core.Actor) error {
		since := time.Time{}
		if c.Since != "" {
			var err error
			if since, err = time.Parse(time.DateOnly, c.Since); err != nil {
				return core.Fail(core.Invalid, "day", "day", c.Since)
			}
		}
		f := core.PlanFilter{Project: core.ID(c.Project), Limit: 500}
		for {
			s, err := g.core.CurrentPlans(ctx, a, f, since)
			if err != nil {
				return err
			}
			shown := s.Items
			if !since.IsZero() {
				shown = s.Changed
			}
			for i := range shown {
				if err := g.showPlan(term, c.JSON, &shown[i].Plan, &shown[i].Version, nil); err != nil {
					return err
				}
			}
			if n := len(s.Items); n < f.Limit || !since.IsZero() {
				return nil
			}
			last := &s.Items[len(s.Items)-1]
			f.After, f.AfterID = last.Key, last.ID
		}
	})
}
