package mailer

import (
	"testing"
	"time"

	"planpost/core"
)

func TestWhatCannotBeReadTogetherIsReadAlone(t *testing.T) {
	o, tr := newOutbox(5), outcome(Outcome{Class: Sent})
	o.apart = true
	idle(t, mailerFor(o, tr))
	for i := range 5 {
		if d := o.row(i); d.State != core.DeliverySent {
			t.Errorf("mail %d is %s", i, d.State)
		}
	}
}

func TestALetterReadTooLongAgoIsReadAgain(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	m := mailerFor(o, tr)
	list, _ := o.ClaimDeliveries(t.Context(), core.WorkStream, 1)
	gone := core.LetterRead{Err: core.Fail(core.Conflict, "delivery.blocked")}
	for until, want := range map[time.Duration]core.DeliveryState{-time.Second: core.DeliverySent, time.Hour: core.DeliveryCancelled} {
		r := m.deliver(t.Context(), &job{delivery: list[0], letter: gone, until: time.Now().Add(until)})
		if r.State != want {
			t.Errorf("read until %v from now: %s", until, r.State)
		}
	}
}
