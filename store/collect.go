package store

import (
	"slices"

	"planpost/core"
)

// accepting collects the rows of a group, a table at a time.
type accepting struct {
	parts []*part

	messages [][]any // when they are not written before

	raw, receipts, tasks, activity, people, comments, recipients [][]any
	attachments, pictures, notifications, deliveries             [][]any
	hours, log, pending, fetched                                 [][]any
}

func (w *accepting) bulks() []bulk {
	return []bulk{
		{newMessageTable, w.messages}, {rawTable, w.raw}, {taskTable, w.tasks}, {activityTable, w.activity}, {taskPersonTable, w.people}, {receiptTable, w.receipts},
		{commentTable, w.comments}, {recipientTable, w.recipients}, {attachmentTable, w.attachments}, {pictureSeenTable, w.pictures}, {deliveryTable, w.deliveries},
		{notificationTable, w.notifications}, {hoursTable, w.hours}, {logTable, w.log}, {pendingTable, w.pending}, {fetchedTable, w.fetched},
	}
}

// collect adds the rows of one acceptance, with the IDs that count.
func (w *accepting) collect(p *part) {
	a := p.a
	if a.Raw != nil {
		w.raw = append(w.raw, []any{a.Message.ID, a.Raw})
	}
	for i := range a.Tasks {
		w.task(p, a.Tasks[i], p.numbers[i])
	}
	for _, r := range a.Receipts {
		r.Link, r.Person, r.Task, r.Comment, r.Delivery = p.id(r.Link), p.id(r.Person), p.id(r.Task), p.id(r.Comment), p.id(r.Delivery)
		w.receipts = append(w.receipts, receiptRow(&r))
	}
	for _, c := range a.Comments {
		w.comment(p, c)
	}
	for i := range a.Attachments {
		w.attachments = append(w.attachments, attachmentRow(&a.Attachments[i]))
	}
	for _, s := range a.Pictures {
		s.Person = p.id(s.Person)
		w.pictures = append(w.pictures, pictureSeenRow(&s))
	}
	for _, n := range a.Notifications {
		n.Person, n.Delivery = p.id(n.Person), p.id(n.Delivery)
		w.notifications = append(w.notifications, notificationRow(&n))
	}
	for _, d := range a.Deliveries {
		if !d.Gather {
			d.Person, d.Link = p.id(d.Person), p.id(d.Link)
			w.deliveries = append(w.deliveries, deliveryRow(&d))
		}
	}
	for i := range a.Hours {
		w.hours = append(w.hours, hoursRow(&a.Hours[i]))
	}
	if a.Fetched != nil {
		w.fetched = append(w.fetched, fetchedRow(a.Fetched))
	}
	for _, e := range a.Log {
		e.Actor, e.ObjectID = p.id(e.Actor), p.id(e.ObjectID)
		w.log = append(w.log, logRow(&e))
	}
}

func (w *accepting) task(p *part, t core.Task, number int64) {
	t.Number = number
	w.tasks = append(w.tasks, taskRow(&t))
	w.activity = append(w.activity, activityRow(&t))
	people := make([]core.TaskPerson, 0, len(t.People))
	for _, m := range t.People {
		m.Person = p.id(m.Person)
		if !slices.Contains(people, m) {
			people = append(people, m)
		}
	}
	w.people = append(w.people, taskPersonRows(t.Account, t.ID, people)...)
	w.pending = append(w.pending, pendingRow(taskNew, t.Account, t.ID, t.ID, t.UpdatedAt))
}

func (w *accepting) comment(p *part, c core.Comment) {
	c.Author = p.id(c.Author)
	w.comments = append(w.comments, commentRow(&c))
	if p.instead != nil {
		c.Recipients = slices.Clone(c.Recipients)
		for i, id := range c.Recipients {
			c.Recipients[i] = p.id(id)
		}
	}
	w.recipients = recipientRows(&c, w.recipients)
	w.pending = append(w.pending, pendingRow(commentNew, c.Account, c.Task, c.ID, c.CreatedAt))
}
