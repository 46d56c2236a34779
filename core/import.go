package core

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// ImportKind is what the people of a table become.
type ImportKind string

// The kinds of import.
const (
	ImportContacts     ImportKind = "contacts"
	ImportStaff        ImportKind = "staff"
	ImportParticipants ImportKind = "participants"
)

// ImportLines is how many people one table may have.
const ImportLines = 10_000

// importSize is how many bytes a table may have.
const importSize = 3 << 20

// Import is a table of people. Nobody is mailed by it.
type Import struct {
	Kind ImportKind
	// Project is for participants.
	Project ID
	// Raw is the file as it is.
	Raw []byte
}

// ImportState is what becomes of one line.
type ImportState string

// The states of lines.
const (
	ImportNew   ImportState = "new"
	ImportJoins ImportState = "joins" // is known, and gets a place in the project
	ImportKnown ImportState = "known" // is known: nothing happens
	ImportTwice ImportState = "twice" // an earlier line of the table has the address
	ImportWrong ImportState = "wrong" // Problem says why
)

// ImportRow is one line of the table as it is understood.
type ImportRow struct {
	Line                                              int
	Name, Address, Company, Phone, Locale, Code, Role string
	State                                             ImportState
	Problem                                           *Error

	person Person
}

// ImportPreview is what an import would do.
type ImportPreview struct {
	Rows []ImportRow
	// Columns are the fields that were found, in the table's order.
	Columns []string
	// Text is the whole table as it was read, to be sent again with the confirmation.
	Text string
}

// Count is how many lines are in a state.
func (p *ImportPreview) Count(s ImportState) (n int) {
	for i := range p.Rows {
		if p.Rows[i].State == s {
			n++
		}
	}
	return n
}

// PreviewImport tells what an import would do and writes nothing.
func (c *Core) PreviewImport(ctx context.Context, a *Actor, n Import) (p ImportPreview, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		p, err = c.planImport(ctx, tx, a, n)
		return err
	})
	return p, err
}

// ImportPeople does what PreviewImport told, in one transaction. Wrong lines
// are left out. Staff are Pending until invited (Invite) and their password is set.
func (c *Core) ImportPeople(ctx context.Context, a *Actor, n Import) (p ImportPreview, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		if p, err = c.planImport(ctx, tx, a, n); err != nil {
			return err
		}
		firms, err := c.importFirms(ctx, tx, a, &p)
		if err != nil {
			return err
		}
		for i := range p.Rows {
			if err := c.importRow(ctx, tx, a, n, &p.Rows[i], firms); err != nil {
				return err
			}
		}
		return c.note(ctx, tx, a, "contact.import", Object{"project", n.Project}, "kind", string(n.Kind), "number", itoa(int64(p.Count(ImportNew)+p.Count(ImportJoins))))
	})
	return p, err
}

func (c *Core) mayImport(ctx context.Context, tx Tx, a *Actor, n Import) error {
	switch n.Kind {
	case ImportContacts:
		return c.require(ctx, tx, a, "contact.import", Object{})
	case ImportStaff:
		return c.require(ctx, tx, a, "user.invite", Object{})
	case ImportParticipants:
		if err := c.require(ctx, tx, a, "contact.import", Object{}); err != nil {
			return err
		}
		if _, err := tx.FindProject(ctx, a.Account.ID, n.Project); err != nil {
			return err
		}
		return c.require(ctx, tx, a, "participant.invite", Object{"project", n.Project})
	}
	return Fail(Invalid, "import.kind")
}

func (c *Core) planImport(ctx context.Context, tx Tx, a *Actor, n Import) (p ImportPreview, err error) {
	if err := c.mayImport(ctx, tx, a, n); err != nil {
		return p, err
	}
	if len(n.Raw) > importSize {
		return p, Fail(TooLarge, "import.too_large")
	}
	p.Text = decodeTable(n.Raw)
	table, err := readTable(p.Text, ImportLines)
	if err != nil {
		return p, err
	}
	if len(table) < 2 {
		return p, Fail(Invalid, "import.empty")
	}
	for _, cell := range table[0].cells {
		p.Columns = append(p.Columns, columnOf(cell))
	}
	if !slices.Contains(p.Columns, "address") {
		return p, Fail(Invalid, "import.no_address")
	}
	seen := map[string]bool{}
	for _, row := range table[1:] {
		r := ImportRow{Line: row.line, State: ImportNew}
		r.fill(p.Columns, row.cells)
		if err := c.planRow(ctx, tx, a, n, &r, seen); err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, r)
	}
	return p, nil
}

// planRow decides about one line; an error is trouble, not a mistake in the line.
func (c *Core) planRow(ctx context.Context, tx Tx, a *Actor, n Import, r *ImportRow, seen map[string]bool) error {
	kind := ContactKind
	if n.Kind == ImportStaff {
		kind = UserKind
	}
	p, err := c.newPerson(a.Account.ID, kind, r.Name, r.Address)
	if err == nil {
		p.Phone, err = checkPhone(r.Phone)
	}
	if err == nil && r.Locale != "" {
		if p.Locale, err = localeOf(r.Locale); err == nil {
			err = a.Account.checkLocale(p.Locale)
		}
	}
	if err == nil && n.Kind == ImportStaff {
		p.Role, err = roleOf(r.Role)
		p.Status, p.Code, p.Access = Pending, cut(oneLine(r.Code), 60), ""
	}
	if err != nil {
		if !errors.As(err, &r.Problem) {
			return err
		}
		r.State = ImportWrong
		return nil
	}
	r.person = p
	norm := p.Addresses[0].Norm
	if seen[norm] {
		r.State = ImportTwice
		return nil
	}
	seen[norm] = true
	known, err := tx.FindPersonByAddress(ctx, a.Account.ID, norm)
	if KindOf(err) == NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	r.State, r.person = ImportKnown, known
	if n.Kind == ImportParticipants {
		place, err := participantOf(ctx, tx, a.Account.ID, n.Project, known.ID)
		if err != nil {
			return err
		}
		if place.Person == "" && known.BlockedAt.IsZero() && (known.Status == Active || known.Status == Pending) {
			r.State = ImportJoins
		}
	}
	return nil
}

// importFirms makes the companies that the lines name and that are new.
func (c *Core) importFirms(ctx context.Context, tx Tx, a *Actor, p *ImportPreview) (map[string]ID, error) {
	firms := map[string]ID{}
	list, err := tx.ListCompanies(ctx, a.Account.ID)
	if err != nil {
		return nil, err
	}
	for i := range list {
		firms[strings.ToLower(list[i].Name)] = list[i].ID
	}
	for i := range p.Rows {
		r := &p.Rows[i]
		name := strings.ToLower(r.Company)
		if r.State != ImportNew || name == "" || r.person.Staff() || firms[name] != "" {
			continue
		}
		co := Company{ID: NewID(), Account: a.Account.ID, Name: r.Company, CreatedBy: a.Person.ID, CreatedAt: tx.Now()}
		if err := tx.CreateCompany(ctx, &co); err != nil {
			return nil, err
		}
		firms[name] = co.ID
	}
	return firms, nil
}

func (c *Core) importRow(ctx context.Context, tx Tx, a *Actor, n Import, r *ImportRow, firms map[string]ID) error {
	if r.State == ImportNew {
		p := &r.person
		p.CreatedBy = a.Person.ID
		if !p.Staff() {
			p.Company = firms[strings.ToLower(r.Company)]
		}
		if err := tx.CreatePerson(ctx, p); err != nil {
			return err
		}
		code := "contact.create"
		if p.Staff() {
			code = "user.create"
		}
		if err := c.note(ctx, tx, a, code, Object{"person", p.ID}); err != nil {
			return err
		}
	}
	if n.Kind != ImportParticipants || r.State != ImportNew && r.State != ImportJoins {
		return nil
	}
	if err := tx.SetParticipant(ctx, &Participant{Account: a.Account.ID, Project: n.Project, Person: r.person.ID}); err != nil {
		return err
	}
	return c.note(ctx, tx, a, "participant.add", Object{"project", n.Project}, "person", string(r.person.ID))
}
