package store

import (
	"context"

	"planpost/core"
	"planpost/core/access"
)

// Plans as objects. What is asked of a version is asked of its plan too.
var (
	onPlan     = object{"plan pl", "pl.id", "pl.account_id", "pl.project_id", binOfPlan, withDelBy("pl", planFacts("pl.project_id"))}
	onVersion  = object{"plan_version pv join plan pl on pl.id = pv.plan_id", "pv.id", "pv.account_id", "pl.project_id", binOfPlan, versionFacts()}
	onApproval = object{"approval ap join plan_version pv on pv.id = ap.version_id join plan pl on pl.id = pv.plan_id", "ap.id", "ap.account_id", "pl.project_id", binOfPlan, approvalFacts()}
	onSending  = object{"transmittal tr", "tr.id", "tr.account_id", "tr.project_id", `exists (select 1 from project o where o.id = tr.project_id and o.deleted_at <> 0)`, sendingFacts()}
)

const binOfPlan = `(pl.deleted_at <> 0 or exists (select 1 from project o where o.id = pl.project_id and o.deleted_at <> 0))`

// listed: the person is on the list of a secured plan.
func listed(q *question) string {
	return `exists (select 1 from plan_access e where e.plan_id = pl.id and e.person_id = ` + q.me() + `)`
}

// plansIn is onPlan for rows of one project, which is given as a value: what
// they ask about the person's place there is asked once, not for each row.
func plansIn(project string) *object {
	o := onPlan
	o.project, o.facts = project, withDelBy("pl", planFacts(project))
	return &o
}

// planFacts: a secured plan knows of no members but those on its list, whatever
// is asked of it; so nothing that forgets to ask for the list lets anyone in (V1).
func planFacts(project string) map[access.Fact]predicate {
	facts := projectRelations(project)
	facts[access.Vault] = func(*question) string { return `pl.secured` }
	facts[access.ACL] = listed
	member := participates(project, "")
	facts[access.Mem] = either(facts[access.Padm], func(q *question) string {
		return `(` + member(q) + ` and (not pl.secured or ` + listed(q) + `))`
	})
	facts[access.Role] = participates(project, ` and m.trade_role <> '' and m.trade_role = pl.trade_role`)
	facts[access.SendOK] = func(*question) string {
		return `exists (select 1 from project o where o.id = ` + project + ` and not o.no_sending)`
	}
	facts[access.Mine] = func(q *question) string { return `pl.created_by = ` + q.me() }
	return facts
}

func versionFacts() map[access.Fact]predicate {
	facts := planFacts("pl.project_id")
	facts[access.Author] = func(q *question) string { return `pv.author_id = ` + q.me() }
	facts[access.Appr] = func(q *question) string {
		return `exists (select 1 from approval w join approver n on n.approval_id = w.id where w.version_id = pv.id and w.state = 'waiting' and n.person_id = ` + q.me() + `)`
	}
	facts[access.Req] = func(q *question) string {
		return `exists (select 1 from approval w where w.version_id = pv.id and w.state = 'waiting' and w.requester_id = ` + q.me() + `)`
	}
	return facts
}

// approvalFacts: whoever was asked stays so after the decision, to look at it;
// and it is he himself who hands his own place to a substitute.
func approvalFacts() map[access.Fact]predicate {
	facts := versionFacts()
	facts[access.Appr] = func(q *question) string {
		return `exists (select 1 from approver n where n.approval_id = ap.id and n.person_id = ` + q.me() + `)`
	}
	facts[access.Req] = func(q *question) string { return `ap.requester_id = ` + q.me() }
	facts[access.Self] = facts[access.Appr]
	return facts
}

func sendingFacts() map[access.Fact]predicate {
	facts := projectRelations("tr.project_id")
	facts[access.Mine] = func(q *question) string { return `tr.sender_id = ` + q.me() }
	return facts
}

// carriedPlans is what of the plans a link carries: those that were sent by it, or that of the approval.
func (q *question) carriedPlans(object core.ID) string {
	at := q.a.add(object)
	return `(exists (select 1 from transmittal_item i join transmittal w on w.id = i.transmittal_id where i.transmittal_id = ` + at + ` and i.plan_id = pl.id
			and (w.created_at >= pl.secured_at or not pl.secured or ` + listed(q) + `))
		or exists (select 1 from approval w join plan_version i on i.id = w.version_id where w.id = ` + at + ` and i.plan_id = pl.id))`
}

// PlanFacts implements core.FactTx, as do the methods below.
func (x *tx) PlanFacts(ctx context.Context, p *core.Person, plan core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onPlan, plan, "plan.unknown")
}

func (x *tx) VersionFacts(ctx context.Context, p *core.Person, version core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onVersion, version, "version.unknown")
}

func (x *tx) ApprovalFacts(ctx context.Context, p *core.Person, approval core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onApproval, approval, "approval.unknown")
}

func (x *tx) TransmittalFacts(ctx context.Context, p *core.Person, transmittal core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onSending, transmittal, "transmittal.unknown")
}
