package web

import (
	"net/http"
	"time"

	"planpost/core"
)

type outboxView struct {
	Frame
	States []option
	// Suppressed leads to the addresses whose mail is stopped, for who may see them.
	Suppressed bool
	Items      []deliveryRow
	More       string
}

// deliveryRow is one mail that we owe or sent.
type deliveryRow struct {
	ID            core.ID
	Name, Address string
	State         core.DeliveryState
	TaskNumber    int64
	TaskTitle     string
	// About is what a letter without a task tells of; Held are held messages.
	About        core.LetterKind
	Held         bool
	Attempts     int
	At           time.Time
	Reason, Text string
	CreatedAt    time.Time
	DueAt        time.Time
	Waits        bool
}

var states = []string{string(core.DeliveryDue), string(core.DeliverySent), string(core.DeliveryFailed), string(core.DeliveryCancelled), string(core.DeliveryUncertain), string(core.DeliveryHeld)}

func (s *Site) outbox(w http.ResponseWriter, v *visit) error {
	f := core.DeliveryFilter{Before: v.asked("before"), Limit: page + 1}
	for _, st := range states {
		if v.URL.Query().Get("state") == st {
			f.State = core.DeliveryState(st)
		}
	}
	items, err := s.core.Deliveries(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := outboxView{Frame: s.frame(v, v.t("page.outbox")), States: options(v.locale, "delivery", string(f.State), states...), Suppressed: s.may(v, "suppression.view", core.Object{})}
	if len(items) > page {
		items = items[:page]
		view.More = v.after("before", string(items[page-1].Delivery.ID))
	}
	for i := range items {
		view.Items = append(view.Items, deliveryRowOf(&items[i]))
	}
	return s.render(w, v, http.StatusOK, "outbox", view)
}

func deliveryRowOf(it *core.DeliveryItem) deliveryRow {
	d := &it.Delivery
	row := deliveryRow{ID: d.ID, Name: it.PersonName, Address: it.Address, State: d.State, TaskNumber: it.TaskNumber, TaskTitle: it.TaskTitle, About: d.Kind, Held: d.Task == "" && d.Kind == core.TaskLetter, Attempts: d.Attempts,
		At: d.CreatedAt, Reason: d.Reason, Text: d.Text, CreatedAt: d.CreatedAt, DueAt: d.DueAt, Waits: d.State == core.DeliveryDue}
	if !d.DoneAt.IsZero() {
		row.At = d.DoneAt
	}
	if row.Name == row.Address {
		row.Name = ""
	}
	return row
}

type deliveryView struct {
	Frame
	To                  string
	Item                deliveryRow
	Attempts            []core.Attempt
	Fate                core.DeliveryFate
	MayAgain, MayCancel bool
}

func (s *Site) delivery(w http.ResponseWriter, v *visit) error { return s.deliveryPage(w, v, nil) }

func (s *Site) deliveryPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	d, err := s.core.Delivery(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	row := deliveryRowOf(&d.Item)
	to := first(row.Name, row.Address)
	view := deliveryView{Frame: s.frame(v, v.t("outbox.mailto", "name", to)), To: to, Item: row, Attempts: d.Attempts, Fate: d.Fate}
	// A mail that was sent is not sent twice by a slip; one that waits needs no repeat.
	view.MayAgain = d.May["delivery.retry"] && (row.State == core.DeliveryFailed || row.State == core.DeliveryCancelled || row.State == core.DeliveryUncertain || row.State == core.DeliveryHeld)
	view.MayCancel = d.May["delivery.cancel"] && row.Waits
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "delivery", view)
}

func (s *Site) sendAgain(w http.ResponseWriter, v *visit) error {
	return s.redeliver(w, v, "again", func(id core.ID) error { return s.core.SendAgain(v.Context(), v.actor, id) })
}

func (s *Site) cancelDelivery(w http.ResponseWriter, v *visit) error {
	return s.redeliver(w, v, "cancelled", func(id core.ID) error { return s.core.CancelDelivery(v.Context(), v.actor, id) })
}

func (s *Site) holdDelivery(w http.ResponseWriter, v *visit) error {
	return s.redeliver(w, v, "held", func(id core.ID) error { return s.core.HoldDelivery(v.Context(), v.actor, id) })
}

func (s *Site) redeliver(w http.ResponseWriter, v *visit, done string, do func(core.ID) error) error {
	return act(w, v, "/outbox/", done, do, s.deliveryPage)
}
