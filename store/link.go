package store

import (
	"context"
	"slices"
	"time"

	"planpost/core"
)

const linkColumns = `l.id, l.account_id, l.kind, l.person_id, l.object_id, l.scope, l.generation, l.created_by, l.created_at,
	l.expires_at, l.consumed_at, l.revoked_at, l.revoke_reason, l.topic`

const (
	findLink    = `select ` + linkColumns + ` from link l where l.id = $1`
	linkOf      = `select ` + linkColumns + ` from link l where l.person_id = $1 and l.object_id = $2 and l.kind = $3 and l.scope = $4 and l.revoked_at = 0`
	revokeLinks = `update link set revoked_at = $3, revoke_reason = $2 where person_id = $1 and revoked_at = 0 and account_id = $4`
	linksOf     = `select ` + linkColumns + ` from link l where l.account_id = $1 and l.person_id = $2 and l.kind = $3 and l.revoked_at = 0 order by l.created_at desc, l.id desc`
	consumeLink = `update link set consumed_at = $3 where account_id = $1 and id = $2 and revoked_at = 0 and consumed_at = 0`
	renewLink   = `update link set generation = $3, expires_at = $4 where account_id = $1 and id = $2 and revoked_at = 0 and consumed_at = 0`
	expiring    = `select ` + linkColumns + ` from link l where l.kind = $1 and l.expires_at > $2 and l.expires_at <= $3 and l.revoked_at = 0 and l.consumed_at = 0 order by l.expires_at limit $4`
	letterOf    = `select ` + deliveryColumns + ` from delivery d where d.account_id = $1 and d.link_id = $2 and d.kind = 'link' order by d.id desc limit 1`
	revokeLink  = `update link set revoked_at = $4, revoke_reason = $3 where account_id = $1 and id = $2 and revoked_at = 0`
)

var linkTable = newTable("link", "on conflict (person_id, object_id, kind, scope) where revoked_at = 0 do nothing", "id key", "account_id key", "kind text",
	"person_id key", "object_id key", "scope text", "generation int", "created_by key", "created_at int", "expires_at int", "consumed_at int",
	"revoked_at int", "revoke_reason text", "topic text")

func linkRow(l *core.Link) []any {
	return []any{l.ID, l.Account, string(l.Kind), l.Person, l.Object, l.Scope, l.Generation, l.CreatedBy, micros(l.CreatedAt),
		micros(l.ExpiresAt), micros(l.ConsumedAt), micros(l.RevokedAt), l.RevokeReason, text(l.Topic)}
}

func linkFields(l *core.Link) []any {
	return []any{&l.ID, &l.Account, &l.Kind, &l.Person, &l.Object, &l.Scope, &l.Generation, &l.CreatedBy, into(&l.CreatedAt),
		into(&l.ExpiresAt), into(&l.ConsumedAt), into(&l.RevokedAt), &l.RevokeReason, &l.Topic}
}

func scanLink(r row, l *core.Link) error { return r.Scan(linkFields(l)...) }

// EnsureLink writes first: whoever needs a link has mostly looked before. Losing a race, it takes the winner's row.
func (x *tx) EnsureLink(ctx context.Context, l *core.Link) error {
	for range 2 {
		n, err := x.exec(ctx, linkTable.one, linkRow(l)...)
		if err != nil || n == 1 {
			return err
		}
		there, ok, err := lookup(ctx, x, scanLink, linkOf, l.Person, l.Object, string(l.Kind), l.Scope)
		if err != nil {
			return err
		}
		if ok {
			*l = there
			return nil
		}
	}
	return core.Fail(core.Conflict, "link.exists")
}

func (x *tx) FindLinkOf(ctx context.Context, kind core.LinkKind, person, object core.ID, scope string) (core.Link, bool, error) {
	return lookup(ctx, x, scanLink, linkOf, person, object, string(kind), scope)
}

func (x *tx) FindLink(ctx context.Context, id core.ID) (core.Link, error) {
	return find(ctx, x, "link.unknown", scanLink, findLink, id)
}

// RevokeLinksOf ends all live links of a person.
func (x *tx) RevokeLinksOf(ctx context.Context, account, person core.ID, reason string, at time.Time) error {
	_, err := x.exec(ctx, revokeLinks, person, reason, micros(at), account)
	return err
}

// RevokeLink ends a link; one that has ended keeps its first reason.
func (x *tx) RevokeLink(ctx context.Context, account, id core.ID, reason string, at time.Time) error {
	_, err := x.exec(ctx, revokeLink, account, id, reason, micros(at))
	return err
}

func (x *tx) LinksOf(ctx context.Context, account, person core.ID, kind core.LinkKind) ([]core.Link, error) {
	return list(ctx, x, scanLink, linksOf, account, person, string(kind))
}

func (x *tx) ConsumeLink(ctx context.Context, account, id core.ID, at time.Time) (bool, error) {
	n, err := x.exec(ctx, consumeLink, account, id, micros(at))
	return n == 1, err
}

func (x *tx) RenewLink(ctx context.Context, account, id core.ID, generation int, expires time.Time) error {
	_, err := x.exec(ctx, renewLink, account, id, generation, micros(expires))
	return err
}

func (x *tx) ExpiringLinks(ctx context.Context, kind core.LinkKind, from, until time.Time, n int) ([]core.Link, error) {
	return list(ctx, x, scanLink, expiring, string(kind), micros(from), micros(until), n)
}

func (x *tx) LetterOf(ctx context.Context, account, link core.ID) (core.Delivery, bool, error) {
	return lookup(ctx, x, scanDelivery, letterOf, account, link)
}

// The road in reads these for every message, so they are few and touch keys
// only.
const (
	replyContext = `
		select ` + linkColumns + `, ` + accountColumns + `,
			` + taskColumns + `, ` + projectColumnsOrNone + `, coalesce(b.blocked_at, 0),
			exists (select 1 from address w join suppression s on s.account_id = w.account_id and s.address = w.norm and s.lifted_at = 0 where w.person_id = l.person_id)
		from link l join account c on c.id = l.account_id join task t on t.id = l.object_id join activity n on n.task_id = l.object_id
			left join project j on j.id = t.project_id
			left join participant b on b.project_id = t.project_id and b.person_id = l.person_id
		where l.id = $1`
	replyTaskPeople = `select task_id, person_id, relation from task_person where task_id = (select object_id from link where id = $1) order by position`
	replyPeople     = selectPeople + `
		where p.id in (select person_id from task_person where task_id = (select object_id from link where id = $1)
			union select person_id from link where id = $1)
		order by p.id, a.is_primary desc, a.id`
	projectColumnsOrNone = `coalesce(j.id, ''), coalesce(j.account_id, ''), coalesce(j.name, ''), coalesce(j.owner_id, ''), coalesce(j.counterparty_id, ''),
		coalesce(j.hidden, false), coalesce(j.client_manager_id, ''), coalesce(j.responsible_id, ''), coalesce(j.visibility, ''),
		coalesce(j.inbound, ''), coalesce(j.no_sending, false), coalesce(j.reply_approves, false), coalesce(j.link_days, 0), coalesce(j.created_at, 0), coalesce(j.closed_at, 0), coalesce(j.deleted_at, 0), coalesce(j.deleted_by, '')`
)

// FindReplyContext reads all that the road in must know about a reply address.
func (x *tx) FindReplyContext(ctx context.Context, link core.ID, answer core.Answer) (core.ReplyContext, error) {
	var c core.ReplyContext
	var blockedAt time.Time
	people := peopleReader{}
	arg := []any{link}
	questions := []reading{
		{func(r row) error {
			fields := append(linkFields(&c.Link), accountFields(&c.Account)...)
			fields = append(append(fields, taskFields(&c.Task)...), projectFields(&c.Project)...)
			return r.Scan(append(fields, into(&blockedAt), &c.Stopped)...)
		}, replyContext, arg},
		{func(r row) error { return scanTaskPerson(r, &c.Task) }, replyTaskPeople, arg},
		{people.scan, replyPeople, arg},
	}
	sent := func(r row) error { return r.Scan(&c.Sent) }
	switch {
	case answer.Quotes && answer.Delivery != "":
		questions = append(questions, reading{sent, sentOfDelivery, []any{link, answer.Delivery}})
	case answer.Quotes:
		questions = append(questions, reading{sent, lastSentText, arg})
	}
	if err := x.readAll(ctx, questions...); err != nil {
		return c, err
	}
	if c.Link.ID == "" {
		return c, core.Fail(core.NotFound, "link.unknown")
	}
	// The owner of a project cannot be blocked in it.
	c.Blocked = !blockedAt.IsZero() && c.Project.Owner != c.Link.Person
	related := c.Task.Related()
	for _, p := range people.all {
		if p.ID == c.Link.Person {
			c.Person = p
		}
		if slices.Contains(related, p.ID) {
			c.People = append(c.People, p)
		}
	}
	if c.Person.ID == "" {
		return c, core.Fail(core.NotFound, "person.unknown")
	}
	return c, nil
}
