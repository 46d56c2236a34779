package store

import (
	"context"
	"strings"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// onLink: a link belongs to the project of its task, of what was sent or is to be approved by it, or to the project that it covers itself. It
// does not lie in the bin: what it opens may.
var onLink = object{linkAndAround, "l.id", "l.account_id", linkProject, no, linkFacts()}

const (
	linkAndAround = `link l left join task t on t.id = l.object_id left join transmittal tr on tr.id = l.object_id
		left join approval ap on ap.id = l.object_id left join project j on j.id = coalesce(t.project_id, tr.project_id, ap.project_id, l.object_id)`
	linkProject = `coalesce(j.id, '')`

	createLinkVisit = `insert into link_visit (id, account_id, link_id, at, class, reasons, ip, network, agent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	raiseLinkVisit  = `update link_visit set class = 'person' where account_id = $1 and link_id = $2 and agent = $3 and at >= $4 and class = 'unknown'`
	maskLinkVisits  = `update link_visit set ip = '' where at < $1 and ip <> ''`
	maskLinkEvents  = `update link_event set ip = '' where at < $1 and ip <> ''`
	createLinkEvent = `insert into link_event (id, account_id, link_id, at, code, actor_id, ip, network, agent) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	linkEvents      = `select id, account_id, link_id, at, code, actor_id, ip, network, agent from link_event where account_id = $1 and link_id = $2 order by at desc, id desc limit $3`
	lettersOf       = `select ` + deliveryColumns + ` from delivery d where d.account_id = $1 and d.link_id = $2 and d.kind = 'link' and d.state = 'sent' order by d.id desc limit $3`
	// A conversation's link and reply address are in every mail about it as long as they live.
	mailsOfTask = `select ` + deliveryColumns + ` from delivery d where d.account_id = $1 and d.state = 'sent' and d.done_at >= $4 and d.done_at <= $5
		and d.id in (select n.delivery_id from notification n where n.person_id = $2 and n.task_id = $3)
		order by d.id desc limit $6`
	linkVisits = `select id, account_id, link_id, at, class, reasons, ip, network, agent from link_visit where account_id = $1 and link_id = $2 order by at desc, id desc limit $3`
)

func linkFacts() map[access.Fact]predicate {
	facts := projectRelations(linkProject)
	facts[access.Mine] = func(q *question) string { return `l.created_by = ` + q.me() }
	return facts
}

// LinkFacts implements core.FactTx.
func (x *tx) LinkFacts(ctx context.Context, p *core.Person, link core.ID) (access.Facts, bool, error) {
	return x.facts(ctx, p, &onLink, link, "link.unknown")
}

func (x *tx) LivingLinks(ctx context.Context, v core.Viewer, person core.ID, now time.Time, n int) ([]core.LinkItem, error) {
	a := args{}
	allowed, err := x.rights(ctx, &a, v, "link.list", &onLink)
	if err != nil || allowed.never() {
		return nil, err
	}
	end, err := x.mayColumn(ctx, &a, v, "link.revoke", &onLink)
	if err != nil {
		return nil, err
	}
	q := `select ` + linkColumns + `, coalesce(t.number, 0), coalesce(t.title, ''), coalesce(j.name, ''),
			coalesce((select max(s.at) from link_visit s where s.link_id = l.id and s.class = 'person'), 0),
			(select count(*) from link_visit s where s.link_id = l.id and s.class <> 'person'), ` + end + `
		from ` + linkAndAround + `
		where l.person_id = ` + a.add(person) + ` and l.revoked_at = 0 and l.account_id = ` + a.add(v.Account) + `
			and l.consumed_at = 0 and (l.expires_at = 0 or l.expires_at > ` + a.add(micros(now)) + `) and ` + allowed.where() + `
		order by l.created_at desc, l.id desc limit ` + upTo(n)
	return list(ctx, x, func(r row, i *core.LinkItem) error {
		return r.Scan(append(linkFields(&i.Link), &i.Task, &i.Title, &i.Project, into(&i.SeenAt), &i.Machines, &i.MayEnd)...)
	}, q, a.values...)
}

func (x *tx) CreateLinkVisit(ctx context.Context, v *core.LinkVisit) error {
	_, err := x.exec(ctx, createLinkVisit, v.ID, v.Account, v.Link, micros(v.At), string(v.Class), strings.Join(v.Reasons, " "), v.IP, v.Network, v.Agent)
	return err
}

func (x *tx) RaiseLinkVisit(ctx context.Context, account, link core.ID, agent string, since time.Time) error {
	_, err := x.exec(ctx, raiseLinkVisit, account, link, agent, micros(since))
	return err
}

func (x *tx) MaskLinkVisits(ctx context.Context, before time.Time) error {
	if _, err := x.exec(ctx, maskLinkEvents, micros(before)); err != nil {
		return err
	}
	_, err := x.exec(ctx, maskLinkVisits, micros(before))
	return err
}

func (x *tx) CreateLinkEvent(ctx context.Context, e *core.LinkEvent) error {
	_, err := x.exec(ctx, createLinkEvent, e.ID, e.Account, e.Link, micros(e.At), e.Code, e.Actor, e.IP, e.Network, e.Agent)
	return err
}

func (x *tx) LinkEvents(ctx context.Context, account, link core.ID, n int) ([]core.LinkEvent, error) {
	return list(ctx, x, func(r row, e *core.LinkEvent) error {
		return r.Scan(&e.ID, &e.Account, &e.Link, into(&e.At), &e.Code, &e.Actor, &e.IP, &e.Network, &e.Agent)
	}, linkEvents, account, link, n)
}

func (x *tx) MailsOfLink(ctx context.Context, l *core.Link, n int) ([]core.Delivery, error) {
	switch l.Kind {
	case core.ThreadLink, core.ReplyLink:
		until := l.RevokedAt
		if until.IsZero() {
			until = x.Now()
		}
		return list(ctx, x, scanDelivery, mailsOfTask, l.Account, l.Person, l.Object, micros(l.CreatedAt), micros(until), n)
	}
	return list(ctx, x, scanDelivery, lettersOf, l.Account, l.ID, n)
}

func (x *tx) LinkVisits(ctx context.Context, account, link core.ID, n int) ([]core.LinkVisit, error) {
	return list(ctx, x, func(r row, v *core.LinkVisit) error {
		var reasons string
		err := r.Scan(&v.ID, &v.Account, &v.Link, into(&v.At), &v.Class, &reasons, &v.IP, &v.Network, &v.Agent)
		v.Reasons = strings.Fields(reasons)
		return err
	}, linkVisits, account, link, n)
}
