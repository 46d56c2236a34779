package store

import (
	"context"
	"strings"

	"planpost/core"
	"planpost/core/access"
)

const (
	planColumns = `pl.id, pl.account_id, pl.project_id, pl.kind, pl.number, pl.title, pl.trade_role, pl.secured, pl.secured_at, pl.created_by, pl.created_at, pl.updated_at, pl.deleted_at, pl.deleted_by`
	createPlan  = `
		insert into plan (id, account_id, project_id, kind, number, number_norm, sort_key, title, title_norm, trade_role, secured, secured_at, created_by, created_at, updated_at)
		values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		on conflict do nothing`
	updatePlan = `
		update plan set number = $3, number_norm = $4, sort_key = $5, title = $6, title_norm = $7, trade_role = $8, secured = $9, secured_at = $10, updated_at = $11
		where account_id = $1 and id = $2`
	findPlan         = `select ` + planColumns + ` from plan pl where pl.account_id = $1 and pl.id = $2`
	findPlanByNumber = `select ` + planColumns + ` from plan pl where pl.account_id = $1 and pl.project_id = $2 and pl.number_norm = $3 and pl.number_norm <> '' and pl.deleted_at = 0`
	clearPlanAccess  = `delete from plan_access where account_id = $1 and plan_id = $2`
	planAccess       = `select person_id from plan_access where account_id = $1 and plan_id = $2 order by person_id`

	// shownVersion is the current one, or the latest that is not in review where none is.
	shownVersion = `coalesce((select x.id from plan_version x where x.plan_id = pl.id and x.state = 'current'),
		(select x.id from plan_version x where x.plan_id = pl.id and x.state <> 'in_review' order by x.position desc limit 1), '')`
	shownOfItem  = ` left join plan_version cv on cv.id = ` + shownVersion
	reviewOfItem = ` left join plan_version rv on rv.plan_id = pl.id and rv.state = 'in_review'`
)

var planAccessTable = newTable("plan_access", "on conflict (plan_id, person_id) do nothing", "plan_id key", "person_id key", "account_id key")

func planFields(p *core.Plan) []any {
	return []any{&p.ID, &p.Account, &p.Project, &p.Kind, &p.Number, &p.Title, &p.TradeRole, &p.Secured, into(&p.SecuredAt), &p.CreatedBy, into(&p.CreatedAt), into(&p.UpdatedAt), into(&p.DeletedAt), &p.DeletedBy}
}

func scanPlan(r row, p *core.Plan) error { return r.Scan(planFields(p)...) }

// numberNorm is what makes two numbers the same: neither case nor spaces tell plans apart.
func numberNorm(number string) string { return strings.Join(strings.Fields(fold(text(number))), "") }

// sortKey puts A-2 before A-10: digits are compared by what they count. A plan
// without a number stands behind the others, by its title.
func sortKey(p *core.Plan) string {
	s := numberNorm(p.Number)
	if s == "" {
		s = "\U0010FFFF" + nameKey(text(p.Title))
	}
	b, digits := strings.Builder{}, ""
	flush := func() {
		if digits != "" {
			digits = strings.TrimLeft(digits, "0")
			b.WriteString(strings.Repeat("0", max(0, 9-len(digits))) + digits)
			digits = ""
		}
	}
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits += string(r)
			continue
		}
		flush()
		b.WriteRune(r)
	}
	flush()
	return b.String()
}

// CreatePlan implements core.PlanTx, as do the methods below.
func (x *tx) CreatePlan(ctx context.Context, p *core.Plan) error {
	n, err := x.exec(ctx, createPlan, p.ID, p.Account, p.Project, p.Kind, text(p.Number), numberNorm(p.Number), sortKey(p), text(p.Title), nameKey(text(p.Title)),
		text(p.TradeRole), p.Secured, micros(p.SecuredAt), p.CreatedBy, micros(p.CreatedAt), micros(p.UpdatedAt))
	return conflict(n, err, "plan.number_taken")
}

func (x *tx) UpdatePlan(ctx context.Context, p *core.Plan) error {
	if there, ok, err := x.FindPlanByNumber(ctx, p.Account, p.Project, p.Number); err != nil || ok && there.ID != p.ID {
		return firstOf(err, core.Fail(core.Conflict, "plan.number_taken"))
	}
	n, err := x.exec(ctx, updatePlan, p.Account, p.ID, text(p.Number), numberNorm(p.Number), sortKey(p), text(p.Title), nameKey(text(p.Title)), text(p.TradeRole), p.Secured, micros(p.SecuredAt), micros(p.UpdatedAt))
	if uniqueViolation(err) {
		return core.Fail(core.Conflict, "plan.number_taken")
	}
	return must(n, err, "plan.unknown")
}

func firstOf(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (x *tx) FindPlan(ctx context.Context, account, id core.ID) (core.Plan, error) {
	return find(ctx, x, "plan.unknown", scanPlan, findPlan, account, id)
}

func (x *tx) FindPlanByNumber(ctx context.Context, account, project core.ID, number string) (core.Plan, bool, error) {
	return lookup(ctx, x, scanPlan, findPlanByNumber, account, project, numberNorm(number))
}

func (x *tx) SetPlanAccess(ctx context.Context, account, plan core.ID, people []core.ID) error {
	if _, err := x.exec(ctx, clearPlanAccess, account, plan); err != nil {
		return err
	}
	var rows [][]any
	for _, p := range people {
		rows = append(rows, []any{plan, p, account})
	}
	return x.insert(ctx, planAccessTable, rows...)
}

func (x *tx) PlanAccess(ctx context.Context, account, plan core.ID) ([]core.ID, error) {
	return list(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, planAccess, account, plan)
}

func (x *tx) SecuredAmong(ctx context.Context, account core.ID, plans ...core.ID) ([]core.ID, error) {
	if len(plans) == 0 {
		return nil, nil
	}
	a := args{}
	q := `select id from plan where account_id = ` + a.add(account) + ` and secured and id in ` + a.in(plans)
	return list(ctx, x, func(r row, id *core.ID) error { return r.Scan(id) }, q, a.values...)
}

// mayPlan is a right as a column: that of a plan, or of a document where the row is one or secured.
func (x *tx) mayPlan(ctx context.Context, a *args, v core.Viewer, o *object, plan, document access.Action) (string, error) {
	open, err := x.mayColumn(ctx, a, v, plan, o)
	if err != nil || plan == document {
		return open, err
	}
	closed, err := x.mayColumn(ctx, a, v, document, o)
	if err != nil || open == closed {
		return open, err
	}
	return `(case when pl.kind = 'plan' and not pl.secured then ` + open + ` else ` + closed + ` end)`, nil
}

// seenPlans is the condition of a filter and of what the viewer may see, and the
// kind of object that its further questions are about; empty when that is nothing.
func (x *tx) seenPlans(ctx context.Context, a *args, v core.Viewer, f *core.PlanFilter) (string, *object, error) {
	o, q := &onPlan, ` where pl.account_id = `+a.add(v.Account)
	if f.Project != "" {
		project := a.add(f.Project)
		o, q = plansIn(project), q+` and pl.project_id = `+project
	}
	allowed, err := x.mayPlan(ctx, a, v, o, "plan.view", "doc.view")
	if err != nil || allowed == no {
		return "", o, err
	}
	q += ` and ` + allowed
	for _, part := range []struct {
		value any
		none  bool
		sql   string
	}{
		{f.Kind, f.Kind == "", ` and pl.kind = `},
		{text(f.TradeRole), f.TradeRole == "", ` and pl.trade_role = `}, {f.Author, f.Author == "", ` and coalesce(rv.author_id, cv.author_id) = `},
	} {
		if !part.none {
			q += part.sql + a.add(part.value)
		}
	}
	q += map[string]string{"current": ` and cv.state = 'current'`, "in_review": ` and rv.id is not null`, "withdrawn": ` and rv.id is null and cv.state = 'withdrawn'`,
		"secured": ` and pl.secured`, "unsecured": ` and not pl.secured`}[f.State]
	if f.Only != nil {
		q += ` and pl.id in ` + a.in(f.Only)
	}
	if !f.Since.IsZero() {
		at := a.add(micros(f.Since))
		q += ` and (cv.current_at > ` + at + ` or cv.ended_at > ` + at + `)`
	}
	for _, word := range strings.Fields(fold(text(f.Text))) {
		like := a.add("%" + likeText(word) + "%")
		q += ` and (pl.number_norm like ` + like + ` escape '\' or pl.title_norm like ` + like + ` escape '\')`
	}
	return q, o, nil
}

// likeText is a word in a pattern that means nothing but itself.
func likeText(word string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(word)
}

func (x *tx) ListPlans(ctx context.Context, v core.Viewer, f core.PlanFilter) ([]core.PlanItem, error) {
	a := &args{}
	where, o, err := x.seenPlans(ctx, a, v, &f)
	if err != nil || where == "" {
		return nil, err
	}
	columns := planColumns + `, pl.sort_key, ` + itemVersion("cv") + `, ` + itemVersion("rv")
	for _, right := range [][2]access.Action{{"plan.new_index", "doc.update"}, {"plan.download_current", "doc.download"}, {"plan.send", "doc.send"}} {
		may, err := x.mayPlan(ctx, a, v, o, right[0], right[1])
		if err != nil {
			return nil, err
		}
		columns += `, ` + may
	}
	if f.AfterID != "" {
		where += ` and (pl.sort_key, pl.id) > (` + a.add(f.After) + `, ` + a.add(f.AfterID) + `)`
	}
	// Which ones first, and only then what is shown of them: else all that fit are asked for rights and versions before they are sorted.
	chosen := `select pl.id from plan pl` + joinsOf(&f) + where + ` order by pl.sort_key, pl.id limit ` + upTo(limit(f.Limit, 50))
	q := `select ` + columns + ` from plan pl` + reviewOfItem + shownOfItem + ` where pl.id in (` + chosen + `) order by pl.sort_key, pl.id`
	return list(ctx, x, func(r row, i *core.PlanItem) error {
		fields := append(planFields(&i.Plan), &i.Key)
		fields = append(append(fields, versionFields(&i.Version)...), versionFields(&i.Review)...)
		return r.Scan(append(fields, &i.MayNew, &i.MayDownload, &i.MaySend)...)
	}, q, a.values...)
}

// joinsOf are the versions that a filter asks about; one for what is in review begins there.
func joinsOf(f *core.PlanFilter) string {
	switch {
	case f.State == "in_review" && f.Author == "" && f.Since.IsZero():
		return strings.Replace(reviewOfItem, `left join`, `join`, 1)
	case f.Author != "" || f.State == "current" || f.State == "withdrawn" || f.State == "in_review" || !f.Since.IsZero():
		return reviewOfItem + shownOfItem
	}
	return ""
}

// itemVersion are the columns of a version that may not be there.
func itemVersion(alias string) string {
	var list []string
	for _, c := range strings.Fields(strings.ReplaceAll(versionColumns, ",", " ")) {
		c = strings.TrimPrefix(c, "pv.")
		none := `''`
		switch c {
		case "position", "created_at", "current_at", "ended_at":
			none = `0`
		case "approval":
			none = `false`
		}
		list = append(list, `coalesce(`+alias+`.`+c+`, `+none+`)`)
	}
	return strings.Join(list, ", ")
}

func (x *tx) CountPlans(ctx context.Context, v core.Viewer, f core.PlanFilter) (int, error) {
	a := &args{}
	where, _, err := x.seenPlans(ctx, a, v, &f)
	if err != nil || where == "" {
		return 0, err
	}
	n, err := x.count(ctx, `select count(*) from (select 1 from plan pl`+joinsOf(&f)+where+` limit `+upTo(core.MostCounted+1)+`) counted`, a.values...)
	return int(n), err
}

// PlanRoles goes from trade to trade by the index, for a project has many plans and few trades.
func (x *tx) PlanRoles(ctx context.Context, v core.Viewer, project core.ID) (roles []string, err error) {
	last := ""
	for range 100 {
		a := &args{}
		where, _, err := x.seenPlans(ctx, a, v, &core.PlanFilter{Project: project})
		if err != nil || where == "" {
			return nil, err
		}
		next, ok, err := lookup(ctx, x, func(r row, s *string) error { return r.Scan(s) },
			`select pl.trade_role from plan pl`+where+` and pl.trade_role > `+a.add(last)+` order by pl.trade_role limit 1`, a.values...)
		if err != nil || !ok {
			return roles, err
		}
		roles, last = append(roles, next), next
	}
	return roles, nil
}
