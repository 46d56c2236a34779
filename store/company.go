package store

import (
	"context"

	"planpost/core"
)

const (
	createCompany = `insert into company (id, account_id, name, name_key, created_by, created_at) values ($1, $2, $3, $4, $5, $6)`
	findCompany   = `select id, account_id, name, created_by, created_at, deleted_at, deleted_by from company where account_id = $1 and id = $2`
	updateCompany = `update company set name = $3, name_key = $4 where account_id = $1 and id = $2`
	listCompanies = `select id, account_id, name, created_by, created_at, deleted_at, deleted_by from company where account_id = $1 and deleted_at = 0 order by name_key, id`
)

func scanCompany(r row, c *core.Company) error {
	return r.Scan(&c.ID, &c.Account, &c.Name, &c.CreatedBy, into(&c.CreatedAt), into(&c.DeletedAt), &c.DeletedBy)
}

func (x *tx) CreateCompany(ctx context.Context, c *core.Company) error {
	name := text(c.Name)
	_, err := x.exec(ctx, createCompany, c.ID, c.Account, name, nameKey(name), c.CreatedBy, micros(c.CreatedAt))
	return err
}

func (x *tx) FindCompany(ctx context.Context, account, id core.ID) (core.Company, error) {
	return find(ctx, x, "company.unknown", scanCompany, findCompany, account, id)
}

func (x *tx) ListCompanies(ctx context.Context, account core.ID) ([]core.Company, error) {
	return list(ctx, x, scanCompany, listCompanies, account)
}

// UpdateCompany implements core.PersonTx.
func (x *tx) UpdateCompany(ctx context.Context, c *core.Company) error {
	name := text(c.Name)
	n, err := x.exec(ctx, updateCompany, c.Account, c.ID, name, nameKey(name))
	return must(n, err, "company.unknown")
}

const usesOfCompany = `select
	(select count(*) from person where account_id = $1 and company_id = $2 and deleted_at = 0),
	(select count(*) from project where account_id = $1 and counterparty_id = $2 and deleted_at = 0),
	(select count(*) from task where account_id = $1 and counterparty_id = $2 and counterparty_id <> '' and deleted_at = 0)`

// UsesOfCompany implements core.PersonTx.
func (x *tx) UsesOfCompany(ctx context.Context, account, company core.ID) (core.CompanyUses, error) {
	u, _, err := lookup(ctx, x, func(r row, u *core.CompanyUses) error { return r.Scan(&u.Contacts, &u.Projects, &u.Tasks) }, usesOfCompany, account, company)
	return u, err
}
