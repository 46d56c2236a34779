package store

import (
	"context"
	"strings"

	"planpost/core"
)

const personColumns = `p.id, p.account_id, p.kind, p.name, p.locale, p.zone, p.role, p.access, p.status, p.company_id, p.manager_id,
	p.identity_id, p.caps, p.company_tasks, p.code, p.color, p.phone, p.deputy_id, p.away_from, p.away_until, p.tuned, p.visibility,
	p.blocked_at, p.created_by, p.created_at, p.deleted_at, p.deleted_by`

const addressColumns = `a.id, a.account_id, a.person_id, a.name, a.local_part, a.domain, a.norm, a.confirmed_at, a.is_primary`

// The address columns of somebody who has none are empty.
const addressColumnsOrNone = `coalesce(a.id, ''), coalesce(a.account_id, ''), coalesce(a.person_id, ''), coalesce(a.name, ''),
	coalesce(a.local_part, ''), coalesce(a.domain, ''), coalesce(a.norm, ''), coalesce(a.confirmed_at, 0), coalesce(a.is_primary, false)`

// Each person comes once for each address, the primary first.
const selectPeople = `select ` + personColumns + `, ` + addressColumnsOrNone + `
	from person p left join address a on a.person_id = p.id`

const (
	findPerson          = selectPeople + ` where p.account_id = $1 and p.id = $2 order by a.is_primary desc, a.id`
	findPersonByAddress = selectPeople + ` where p.id = (select person_id from address where account_id = $1 and norm = $2) order by a.is_primary desc, a.id`
	peopleOfIdentity    = selectPeople + ` where p.identity_id = $1 and p.identity_id <> '' order by p.account_id, p.id, a.is_primary desc, a.id`
	ownerOf             = selectPeople + ` where p.id = (
		select id from person where account_id = $1 and role = 'owner' and kind = 'user' order by id limit 1) order by a.is_primary desc, a.id`
)

func personFields(p *core.Person) []any {
	return []any{&p.ID, &p.Account, &p.Kind, &p.Name, &p.Locale, &p.Zone, &p.Role, &p.Access, &p.Status, &p.Company, &p.Manager,
		&p.Identity, wordList{&p.Caps}, &p.CompanyTasks, &p.Code, &p.Color, &p.Phone, &p.Deputy, &p.AwayFrom, &p.AwayUntil, &p.Tuned, &p.Visibility,
		into(&p.BlockedAt), &p.CreatedBy, into(&p.CreatedAt), into(&p.DeletedAt), &p.DeletedBy}
}

func addressFields(a *core.PersonAddress) []any {
	return []any{&a.ID, &a.Account, &a.Person, &a.Given.Name, &a.Given.Local, &a.Given.Domain, &a.Norm, into(&a.ConfirmedAt), &a.Primary}
}

// peopleReader reads the rows of a selectPeople query, in which those of one
// person stand together.
type peopleReader struct {
	all    []core.Person
	p      core.Person
	a      core.PersonAddress
	fields []any
}

func (l *peopleReader) scan(r row) error {
	if l.fields == nil {
		l.fields = append(personFields(&l.p), addressFields(&l.a)...)
	}
	if err := r.Scan(l.fields...); err != nil {
		return err
	}
	if len(l.all) == 0 || l.all[len(l.all)-1].ID != l.p.ID {
		l.all = append(l.all, l.p)
	}
	if l.a.ID != "" {
		latest := &l.all[len(l.all)-1]
		latest.Addresses = append(latest.Addresses, l.a)
	}
	return nil
}

func (x *tx) people(ctx context.Context, q string, args ...any) ([]core.Person, error) {
	l := peopleReader{}
	err := x.each(ctx, l.scan, q, args...)
	return l.all, err
}

func (x *tx) person(ctx context.Context, q string, args ...any) (core.Person, error) {
	all, err := x.people(ctx, q, args...)
	if err != nil {
		return core.Person{}, err
	}
	if len(all) == 0 {
		return core.Person{}, core.Fail(core.NotFound, "person.unknown")
	}
	return all[0], nil
}

func (x *tx) FindPerson(ctx context.Context, account, id core.ID) (core.Person, error) {
	return x.person(ctx, findPerson, account, id)
}

func (x *tx) FindPersonByAddress(ctx context.Context, account core.ID, norm string) (core.Person, error) {
	return x.person(ctx, findPersonByAddress, account, text(norm))
}

func (x *tx) OwnerOf(ctx context.Context, account core.ID) (core.Person, error) {
	return x.person(ctx, ownerOf, account)
}

func (x *tx) PeopleOfIdentity(ctx context.Context, identity core.ID) ([]core.Person, error) {
	return x.people(ctx, peopleOfIdentity, identity)
}

func (x *tx) FindPeople(ctx context.Context, account core.ID, ids []core.ID) ([]core.Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	a := args{}
	q := selectPeople + ` where p.account_id = ` + a.add(account) + ` and p.id in ` + a.in(ids) + ` order by p.id, a.is_primary desc, a.id`
	return x.people(ctx, q, a.values...)
}

const colleague = `select 1 from task_person r join person p on p.id = r.person_id
	where r.task_id = $1 and p.account_id = $2 and p.company_id = $3 and p.id <> $4 and p.kind <> 'user' and p.status = 'active' limit 1`

func (x *tx) HasColleague(ctx context.Context, p *core.Person, task core.ID) (bool, error) {
	if p.Company == "" {
		return false, nil
	}
	_, ok, err := lookup(ctx, x, func(r row, n *int) error { return r.Scan(n) }, colleague, task, p.Account, p.Company, p.ID)
	return ok, err
}

// FindInside implements core.PersonTx.
func (x *tx) FindInside(ctx context.Context, account core.ID, ids, named []core.ID) ([]core.Person, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	a := args{}
	where := ` where p.account_id = ` + a.add(account) + ` and p.id in ` + a.in(ids) + ` and (p.kind = 'user'`
	if len(named) > 0 {
		where += ` or p.id in ` + a.in(named)
	}
	return x.people(ctx, selectPeople+where+`) order by p.id, a.is_primary desc, a.id`, a.values...)
}

// ListPeople pages over people, not over the rows of the join with their addresses.
func (x *tx) ListPeople(ctx context.Context, v core.Viewer, f core.PersonFilter) ([]core.Person, error) {
	a := args{}
	where := `s.account_id = ` + a.add(v.Account)
	seen, err := x.seesPeople(ctx, &a, v)
	if err != nil {
		return nil, err
	}
	if where += ` and ` + seen; !f.Deleted {
		where += ` and s.status <> 'deleted' and s.deleted_at = 0`
	}
	if len(f.Kinds) > 0 {
		var kinds []string
		for _, k := range f.Kinds {
			kinds = append(kinds, a.add(string(k)))
		}
		where += ` and s.kind in (` + strings.Join(kinds, ", ") + `)`
	}
	if f.Blocked {
		where += ` and s.blocked_at <> 0`
	}
	if f.NotBlocked {
		where += ` and s.blocked_at = 0`
	}
	if f.Uninvited {
		where += ` and s.identity_id = '' and s.blocked_at = 0 and (s.kind = 'user' and s.status = 'pending' or s.kind = 'contact' and s.status = 'active' and s.access = 'advanced')
			and not exists (select 1 from link i where i.person_id = s.id and i.object_id = s.id and i.kind = 'activation' and i.revoked_at = 0)`
	}
	if f.Company != "" {
		where += ` and s.company_id = ` + a.add(f.Company)
	}
	for _, w := range wordsOf(f.Query, maxWords) {
		// Folded words hold letters and digits only, so nothing in them is special to like.
		p := a.add("% " + w + "%")
		where += ` and (' ' || s.name_key like ` + p + ` or exists (select 1 from address b where b.person_id = s.id and b.words like ` + p + `))`
	}
	if f.AfterID != "" {
		where += ` and (s.name_key, s.id) > (` + a.add(fold(f.AfterName)) + `, ` + a.add(f.AfterID) + `)`
	}
	q := selectPeople + ` where p.id in (select s.id from person s where ` + where + ` order by s.name_key, s.id limit ` + upTo(limit(f.Limit, 100)) + `)
		order by p.name_key, p.id, a.is_primary desc, a.id`
	return x.people(ctx, q, a.values...)
}

var personTable = newTable("person", "", "id key", "account_id key", "kind text", "name text", "name_key key", "locale text", "zone text",
	"role text", "access text", "status text", "company_id key", "manager_id key", "identity_id key", "caps text", "company_tasks bool",
	"code text", "color text", "phone text", "deputy_id key", "away_from text", "away_until text", "visibility text",
	"blocked_at int", "created_by key", "created_at int", "deleted_at int", "deleted_by key")

func personRow(p *core.Person) []any {
	name := text(p.Name)
	return []any{p.ID, p.Account, string(p.Kind), name, nameKey(name), p.Locale, p.Zone, string(p.Role), p.Access, p.Status, p.Company, p.Manager,
		p.Identity, wordList{&p.Caps}, p.CompanyTasks, text(p.Code), p.Color, text(p.Phone), p.Deputy, p.AwayFrom, p.AwayUntil, visibilityOf(p),
		micros(p.BlockedAt), p.CreatedBy, micros(p.CreatedAt), micros(p.DeletedAt), p.DeletedBy}
}

// visibilityOf is where a person is seen; everywhere inside unless told.
func visibilityOf(p *core.Person) string {
	if p.Visibility == "" {
		return core.VisibleInside
	}
	return p.Visibility
}

// nameKey is what names are compared and sorted by: folded, its words parted
// by one space, so that words can be looked for by their beginning.
func nameKey(name string) string { return strings.Join(strings.Fields(fold(name)), " ") }

const (
	updatePerson = `
		update person set kind = $3, name = $4, name_key = $5, locale = $6, zone = $7, role = $8, access = $9, status = $10, company_id = $11,
			manager_id = $12, identity_id = $13, caps = $14, company_tasks = $15, code = $16, color = $17, phone = $18, deputy_id = $19,
			away_from = $20, away_until = $21, visibility = $22, blocked_at = $23, created_by = $24, deleted_at = $25, deleted_by = $26
		where account_id = $1 and id = $2`
	addAddress = `
		insert into address (id, account_id, person_id, name, local_part, domain, norm, words, confirmed_at, is_primary)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		on conflict (account_id, norm) do nothing`
	demoteAddresses = `update address set is_primary = false where person_id = $1 and id <> $2 and is_primary`
)

func (x *tx) CreatePerson(ctx context.Context, p *core.Person) error {
	if err := x.insert(ctx, personTable, personRow(p)); err != nil {
		return err
	}
	for i := range p.Addresses {
		if err := x.AddAddress(ctx, &p.Addresses[i]); err != nil {
			return err
		}
	}
	return nil
}

func (x *tx) UpdatePerson(ctx context.Context, p *core.Person) error {
	name := text(p.Name)
	n, err := x.exec(ctx, updatePerson, p.Account, p.ID, string(p.Kind), name, nameKey(name), p.Locale, p.Zone, string(p.Role), p.Access, p.Status,
		p.Company, p.Manager, p.Identity, wordList{&p.Caps}, p.CompanyTasks, text(p.Code), p.Color, text(p.Phone), p.Deputy, p.AwayFrom, p.AwayUntil,
		visibilityOf(p), micros(p.BlockedAt), p.CreatedBy, micros(p.DeletedAt), p.DeletedBy)
	return must(n, err, "person.unknown")
}

// AddAddress: Conflict "address.taken" when somebody of the account has it.
// A primary address takes the place of the one before.
func (x *tx) AddAddress(ctx context.Context, a *core.PersonAddress) error {
	n, err := x.exec(ctx, addAddress, a.ID, a.Account, a.Person, text(a.Given.Name), text(a.Given.Local), text(a.Given.Domain), text(a.Norm),
		findable(a.Given.Local, a.Given.Domain), micros(a.ConfirmedAt), a.Primary)
	if err := conflict(n, err, "address.taken"); err != nil || !a.Primary {
		return err
	}
	_, err = x.exec(ctx, demoteAddresses, a.Person, a.ID)
	return err
}
