package core

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"planpost/core/access"
)

// NewPlan is a plan to be made, with its first version.
type NewPlan struct {
	// Kind is DrawingKind or DocumentKind; a drawing needs a number.
	Kind          string
	Number, Title string
	// Secured limits it to Access and the project's administrators, from the first moment on.
	Secured bool
	Access  []ID
	NewVersion
}

// NewVersion is an index to be brought.
type NewVersion struct {
	Index, Note string
	// Author is who it stands for. Who may bring plans for others must name one, himself or another (D4);
	// everybody else is it himself.
	Author ID
	Files  []NewPlanFile
	// Approval is whether it has to be approved; nil where nobody has chosen. Where somebody may approve it must be chosen.
	Approval *bool
	NewApproval
}

// NewPlanFile is an upload that is whole, with what it is for; empty: by its name.
type NewPlanFile struct {
	Upload ID
	Class  FileClass
}

// planRight is the right of documents in place of that of plans, where the plan is one or is secured.
func planRight(kind string, secured bool, action access.Action) access.Action {
	if kind == DrawingKind && !secured {
		return action
	}
	if of, ok := documentRights[action]; ok {
		return of
	}
	return action
}

var documentRights = map[access.Action]access.Action{
	"plan.view": "doc.view", "plan.download_current": "doc.download", "plan.download_superseded": "doc.download", "plan.download_in_review": "doc.download",
	"plan.create": "doc.create", "plan.create_on_behalf": "doc.create_on_behalf", "plan.new_index": "doc.update", "plan.edit": "doc.update", "plan.send": "doc.send", "plan.delete": "doc.delete",
}

// right is the action as it is asked about this plan.
func (p *Plan) right(action access.Action) access.Action {
	return planRight(p.Kind, p.Secured, action)
}

// requirePlan reads a plan for who may do the action with it.
func (c *Core) requirePlan(ctx context.Context, tx Tx, a *Actor, plan ID, action access.Action) (p Plan, err error) {
	if p, err = tx.FindPlan(ctx, a.Account.ID, plan); err != nil {
		return p, err
	}
	return p, c.require(ctx, tx, a, p.right(action), p.object())
}

// CreatePlan brings a new plan into a project.
func (c *Core) CreatePlan(ctx context.Context, a *Actor, project ID, n NewPlan) (p Plan, v Version, err error) {
	err = c.withUploads(ctx, a, &n.NewVersion, func(tx Tx) error {
		p, v, err = c.createPlan(ctx, tx, a, project, &n)
		return err
	})
	c.plansChanged(a, err)
	return p, v, err
}

func (c *Core) createPlan(ctx context.Context, tx Tx, a *Actor, project ID, n *NewPlan) (p Plan, v Version, err error) {
	if n.Kind != DrawingKind && n.Kind != DocumentKind {
		return p, v, Fail(Invalid, "plan.kind")
	}
	o := Object{"project", project}
	if err := c.require(ctx, tx, a, planRight(n.Kind, false, "plan.create"), o); err != nil {
		return p, v, err
	}
	author, err := c.authorOf(ctx, tx, a, project, n.Author, n.Kind)
	if err != nil {
		return p, v, err
	}
	p = Plan{ID: NewID(), Account: a.Account.ID, Project: project, Kind: n.Kind, Number: n.Number, Title: n.Title, TradeRole: author.TradeRole,
		Secured: n.Secured, CreatedBy: author.Person, CreatedAt: tx.Now(), UpdatedAt: tx.Now()}
	if err := c.checkPlan(&p); err != nil {
		return p, v, err
	}
	if p.Secured {
		p.SecuredAt = tx.Now()
	}
	if err := tx.CreatePlan(ctx, &p); err != nil {
		return p, v, err
	}
	if err := c.note(ctx, tx, a, "plan.create", p.object(), "name", p.Name(), "author", string(author.Person)); err != nil {
		return p, v, err
	}
	if n.Secured { // before there is anything in it
		if err := c.limitAccess(ctx, tx, a, &p, append([]ID{author.Person}, n.Access...)); err != nil {
			return p, v, err
		}
		if err := c.require(ctx, tx, a, "doc.secure", p.object()); err != nil {
			return p, v, err
		}
	}
	v, err = c.addVersion(ctx, tx, a, &p, author.Person, &n.NewVersion)
	return p, v, err
}

// check makes number and title plain and refuses what cannot be told from others.
func (c *Core) checkPlan(p *Plan) error {
	p.Number, p.Title = cut(oneLine(c.redact(p.Number)), 60), cut(oneLine(c.redact(p.Title)), 200)
	switch {
	case p.Kind == DrawingKind && p.Number == "":
		return Fail(Invalid, "plan.number")
	case p.Name() == "":
		return Fail(Invalid, "plan.title")
	}
	return nil
}

// authorOf is the place of who a version stands for. On behalf of another only by name (D4).
func (c *Core) authorOf(ctx context.Context, tx Tx, a *Actor, project, named ID, kind string) (Participant, error) {
	ans, err := c.may(ctx, tx, a, planRight(kind, false, "plan.create_on_behalf"), Object{"project", project})
	if err != nil {
		return Participant{}, err
	}
	switch {
	case named == "" && ans.Allowed:
		return Participant{}, Fail(Invalid, "plan.author")
	case named == "":
		named = a.Person.ID
	case named != a.Person.ID && !ans.Allowed:
		return Participant{}, denied(ans)
	}
	j, err := tx.FindProject(ctx, a.Account.ID, project)
	if err != nil {
		return Participant{}, err
	}
	place, ok, err := tx.FindParticipant(ctx, a.Account.ID, project, named)
	if err != nil {
		return place, err
	}
	if named != a.Person.ID && named != j.Owner && (!ok || place.Guest || !place.BlockedAt.IsZero()) {
		return place, Fail(Invalid, "plan.author_away")
	}
	place.Person = named
	return place, nil
}

// AddVersion brings a new index of a plan. Unless it must be approved first, it
// is the current one from now on, and the former is superseded.
func (c *Core) AddVersion(ctx context.Context, a *Actor, plan ID, n NewVersion) (p Plan, v Version, err error) {
	err = c.withUploads(ctx, a, &n, func(tx Tx) error {
		if p, err = c.requirePlan(ctx, tx, a, plan, "plan.new_index"); err != nil {
			return err
		}
		author, err := c.authorOf(ctx, tx, a, p.Project, n.Author, p.Kind)
		if err != nil {
			return err
		}
		if v, err = c.addVersion(ctx, tx, a, &p, author.Person, &n); err != nil {
			return err
		}
		p.UpdatedAt = tx.Now()
		return tx.UpdatePlan(ctx, &p)
	})
	c.plansChanged(a, err)
	return p, v, err
}

func (c *Core) addVersion(ctx context.Context, tx Tx, a *Actor, p *Plan, author ID, n *NewVersion) (v Version, err error) {
	v = Version{ID: NewID(), Account: p.Account, Plan: p.ID, Index: n.Index, State: Current, Author: author, UploadedBy: a.Person.ID,
		Note: cut(body(c.redact(n.Note)), 2000), CreatedAt: tx.Now(), CurrentAt: tx.Now()}
	if v.UploadedBy == "" { // the operator has no person
		v.UploadedBy = author
	}
	if v.Index, err = indexText(n.Index); err != nil {
		return v, err
	}
	files, err := c.takeUploads(ctx, tx, a, p, &v, n.Files)
	if err != nil {
		return v, err
	}
	approve, err := c.approvalChosen(ctx, tx, p, n.Approval)
	if err != nil {
		return v, err
	}
	if err := c.endReview(ctx, tx, a, p); err != nil {
		return v, err
	}
	if approve {
		v.State, v.Approval, v.CurrentAt = InReview, true, time.Time{}
	} else if err := c.supersede(ctx, tx, a, p); err != nil {
		return v, err
	}
	if err := tx.CreateVersion(ctx, &v, files); err != nil {
		return v, err
	}
	if err := c.note(ctx, tx, a, "plan.index", v.object(), "name", p.Name(), "index", v.Index, "author", string(author)); err != nil {
		return v, err
	}
	if approve {
		return v, c.askApproval(ctx, tx, a, p, &v, &n.NewApproval)
	}
	return v, c.tellHolders(ctx, tx, a, p, &v)
}

// indexText makes an index plain: a few letters, digits and marks between them.
func indexText(s string) (string, error) {
	s = strings.Join(strings.Fields(oneLine(s)), "")
	wrong := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-._", r)
	}
	if s == "" || len([]rune(s)) > 10 || strings.IndexFunc(s, wrong) >= 0 {
		return "", Fail(Invalid, "version.index")
	}
	return s, nil
}

// takeUploads makes files of uploads that are whole. They are the actor's own
// and of this project; once taken they are gone as uploads.
func (c *Core) takeUploads(ctx context.Context, tx Tx, a *Actor, p *Plan, v *Version, list []NewPlanFile) ([]PlanFile, error) {
	if len(list) == 0 {
		return nil, Fail(Invalid, "plan.no_file")
	}
	var files []PlanFile
	for i, n := range list {
		u, err := c.ownUpload(ctx, tx, a, n.Upload)
		switch {
		case err != nil:
			return nil, err
		case u.Project != p.Project:
			return nil, Fail(NotFound, "upload.unknown")
		case !u.Whole():
			return nil, Fail(Conflict, "upload.not_whole", "name", u.Name)
		}
		f := PlanFile{ID: NewID(), Account: p.Account, Version: v.ID, Position: i, Name: u.Name, Type: u.Type, Class: n.Class, Size: u.Size, Hash: u.DoneHash,
			Pages: u.Pages, Width: u.Width, Height: u.Height}
		if !slices.Contains([]FileClass{PrintFile, CADFile, OtherFile}, f.Class) {
			f.Class = ClassOf(f.Name)
		}
		if err := tx.DeleteUpload(ctx, u.Account, u.ID); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// withUploads keeps the bytes of what is to be taken, before the transaction
// that takes it, and lets go of what is left of the uploads behind it.
func (c *Core) withUploads(ctx context.Context, a *Actor, n *NewVersion, do func(Tx) error) error {
	var taken []ID
	for _, f := range n.Files {
		taken = append(taken, f.Upload)
	}
	if err := c.keepUploads(ctx, a, taken); err != nil {
		return err
	}
	if err := c.store.InTx(ctx, do); err != nil {
		return err
	}
	c.dropStaged(ctx, a.Account.ID, taken)
	return nil
}

// classes are what files with these endings are for; all others are other.
var classes = map[FileClass][]string{
	PrintFile: {".pdf", ".plt", ".hpgl", ".hpg", ".prn", ".tif", ".tiff", ".dwf", ".dwfx", ".ps", ".cgm"},
	CADFile:   {".dwg", ".dxf", ".dgn", ".rvt", ".ifc", ".pln", ".pla", ".skp", ".3dm", ".vwx", ".ndw", ".nwd", ".step", ".stp"},
}

// ClassOf tells by a file's name what it is for.
func ClassOf(name string) FileClass {
	at := strings.LastIndexByte(name, '.')
	for class, endings := range classes {
		if at >= 0 && slices.Contains(endings, strings.ToLower(name[at:])) {
			return class
		}
	}
	return OtherFile
}
