package mailer

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
)

func TestEveryDueMailIsSentOnce(t *testing.T) {
	o, tr := newOutbox(100), outcome(Outcome{Class: Sent, Remote: "r", Code: 250, Text: "ok"})
	idle(t, mailerFor(o, tr))
	seen := map[string]bool{}
	for _, out := range tr.mails() {
		m, err := mail.Parse(out.Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if seen[m.MessageID] {
			t.Errorf("%s was sent twice", m.MessageID)
		}
		seen[m.MessageID] = true
	}
	for i := range o.rows {
		if d := o.row(i); d.State != core.DeliverySent || d.Attempts != 1 {
			t.Fatalf("delivery %+v", d)
		}
	}
	if len(seen) != 100 {
		t.Errorf("%d mails", len(seen))
	}
}

func TestTheMailSaysWhatItMust(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	idle(t, mailerFor(o, tr))
	out := tr.mails()[0]
	m, err := mail.Parse(out.Raw, mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Defects) > 0 {
		t.Errorf("defects %v", m.Defects)
	}
	if m.Subject != "[#42] Façade: échantillons" || m.MessageID != "d-"+string(o.rows[0].ID)+".mac@in.test" || !m.Date.Equal(o.now) {
		t.Errorf("subject %q, id %q, date %s", m.Subject, m.MessageID, m.Date)
	}
	if !slices.Equal(m.References, []string{"t-t@in.test"}) || !slices.Equal(m.InReplyTo, m.References) {
		t.Errorf("references %q, in reply to %q", m.References, m.InReplyTo)
	}
	if m.ReplyTo[0].Mailbox() != "r-token@in.test" || m.To[0].Name != "Élodie Moreau" || m.From[0].Name != "Nordlicht Innenausbau" {
		t.Errorf("reply to %v, to %v, from %v", m.ReplyTo, m.To, m.From)
	}
	for name, want := range map[string]string{"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All", "Thread-Topic": "[#42] Façade: échantillons", "List-Id": "Maison Lumière <p-pr.in.test>"} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if out.ReversePath.Mailbox() != "b-token@in.test" || out.Recipient.Mailbox() != "elodie@out.test" {
		t.Errorf("envelope %v %v", out.ReversePath, out.Recipient)
	}
	if !strings.Contains(m.Text, "voici les plans") || !strings.Contains(m.HTML, "voici les plans") {
		t.Errorf("text %q\nhtml %q", m.Text, m.HTML)
	}
	if len(m.Attachments) != 1 || m.Attachments[0].Name != "plan.txt" || string(m.Attachments[0].Content) != "file" {
		t.Errorf("attachments %+v", m.Attachments)
	}
}

func TestTheTextKeptHoldsNoLiveAddress(t *testing.T) {
	o := newOutbox(1)
	idle(t, mailerFor(o, outcome(Outcome{Class: Sent})))
	kept := o.last().SentText
	if !strings.Contains(kept, "voici les plans") || !strings.Contains(kept, "{reply}") || strings.Contains(kept, "token") {
		t.Errorf("kept %q", kept)
	}
	if o.last().Captured != nil {
		t.Error("the mail itself was kept")
	}
}

func TestACapturedMailIsKeptSealed(t *testing.T) {
	o := newOutbox(1)
	idle(t, mailerFor(o, Capture{}))
	if r := o.last(); r.State != core.DeliverySent || !bytes.HasPrefix(r.Captured, []byte("sealed:X-Signed: ")) {
		t.Errorf("state %s, kept %.40q", r.State, r.Captured)
	}
}

func TestRightsThatEndedMeanwhileStopTheMail(t *testing.T) {
	for err, reason := range map[error]string{
		core.Fail(core.Conflict, "delivery.right"):   "delivery.right",
		core.Fail(core.Conflict, "delivery.blocked"): "delivery.blocked",
		core.Fail(core.NotFound, "person.unknown"):   "delivery.gone",
	} {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(core.Delivery) (core.Letter, error) { return core.Letter{}, err }
		idle(t, mailerFor(o, tr))
		if d := o.row(0); d.State != core.DeliveryCancelled || d.Reason != reason || o.last().SentText != "" {
			t.Errorf("%v: %+v", err, d)
		}
		if len(tr.mails()) > 0 {
			t.Errorf("%v: a mail left the house", err)
		}
	}
}

func TestOurOwnTroubleIsNoAttempt(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	o.letter = func(core.Delivery) (core.Letter, error) {
		return core.Letter{}, core.Fail(core.Unavailable, "store.unavailable")
	}
	m := mailerFor(o, tr)
	idle(t, m)
	if d := o.row(0); d.State != core.DeliveryDue || d.Attempts != 0 || d.DueAt.Before(o.now.Add(30*time.Second)) {
		t.Errorf("%+v", d)
	}
	o.letter = letterOf
	o.pass(2 * time.Minute)
	idle(t, m)
	if d := o.row(0); d.State != core.DeliverySent || d.Attempts != 1 {
		t.Errorf("%+v", d)
	}
}

func TestTemporaryFailuresFollowTheSchedule(t *testing.T) {
	o := newOutbox(1)
	m := mailerFor(o, outcome(Outcome{Class: Temporary, Code: 450, Text: "later"}))
	min, hour := time.Minute, time.Hour
	want := []time.Duration{min, 5 * min, 15 * min, 30 * min, hour, 2 * hour, 4 * hour, 4 * hour, 4 * hour}
	start := o.now
	for n := 0; ; n++ {
		idle(t, m)
		d := o.row(0)
		if d.State != core.DeliveryDue {
			if d.State != core.DeliveryFailed || d.Reason != reasonExpired || o.now.Sub(start) < 44*hour || o.now.Sub(start) > 48*hour {
				t.Errorf("given up after %s: %+v", o.now.Sub(start), d)
			}
			break
		}
		if n < len(want) && d.DueAt.Sub(o.now) != want[n] || d.Reason != reasonDeferred || n > 30 {
			t.Fatalf("wait %d is %s, reason %s", n, d.DueAt.Sub(o.now), d.Reason)
		}
		o.pass(d.DueAt.Sub(o.now))
	}
	if r := o.last(); r.Attempt.Code != 450 || r.Attempt.Text != "later" {
		t.Errorf("the server's words are lost: %+v", r.Attempt)
	}
}

func TestAWaitIsSpreadALittle(t *testing.T) {
	m := mailerFor(newOutbox(0), nil)
	for share, want := range map[float64]time.Duration{0: 54 * time.Minute, 0.5: time.Hour, 0.9999999: 66 * time.Minute} {
		m.spread = func() float64 { return share }
		if got := m.jitter(time.Hour).Round(time.Second); got != want {
			t.Errorf("share %v: %s, want %s", share, got, want)
		}
	}
}

func TestAPermanentFailureEndsIt(t *testing.T) {
	o := newOutbox(1)
	idle(t, mailerFor(o, outcome(Outcome{Class: Permanent, Remote: "r", Code: 550, Enhanced: "5.1.1", Text: "no such user"})))
	if d, r := o.row(0), o.last(); d.State != core.DeliveryFailed || d.Reason != reasonRefused || r.Attempt.Outcome != "failed" || r.Attempt.Enhanced != "5.1.1" {
		t.Errorf("%+v %+v", d, r.Attempt)
	}
}

func TestAnUnknownEndIsRepeatedOnceByteForByte(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Uncertain})
	m := mailerFor(o, tr)
	idle(t, m)
	if d := o.row(0); d.State != core.DeliveryDue || d.DueAt.Sub(o.now) != 15*time.Minute || d.Reason != reasonUncertain {
		t.Fatalf("%+v", d)
	}
	o.pass(15 * time.Minute)
	idle(t, m)
	if d := o.row(0); d.State != core.DeliveryUncertain || o.last().SentText == "" {
		t.Errorf("%+v", d)
	}
	if mails := tr.mails(); len(mails) != 2 || !bytes.Equal(mails[0].Raw, mails[1].Raw) {
		t.Errorf("%d mails, or they differ", len(mails))
	}
}

func TestAFailureAfterAnUnknownEndDoesNotForgetIt(t *testing.T) {
	o := newOutbox(1)
	tr := &transport{send: func(_ context.Context, n int) Outcome {
		return Outcome{Class: []Class{Uncertain, Temporary, Uncertain}[n-1]}
	}}
	m := mailerFor(o, tr)
	for range 3 {
		idle(t, m)
		if d := o.row(0); d.State == core.DeliveryDue {
			o.pass(d.DueAt.Sub(o.now))
		}
	}
	if d := o.row(0); d.State != core.DeliveryUncertain {
		t.Errorf("%+v", d)
	}
}

func TestStoppingGivesBackWhatIsHeldAndCountsNothing(t *testing.T) {
	o := newOutbox(8)
	begun := make(chan struct{}, 8)
	tr := &transport{send: func(ctx context.Context, _ int) Outcome {
		begun <- struct{}{}
		<-ctx.Done()
		return Outcome{Class: Interrupted}
	}}
	m := mailerFor(o, tr)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	for range 3 {
		<-begun
	}
	cancel()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for i := range o.rows {
		if d := o.row(i); d.State != core.DeliveryDue || d.Attempts != 0 || d.LeaseToken != "" || d.DueAt.After(o.now) {
			t.Errorf("delivery %d: %+v", i, d)
		}
	}
}

func TestMailOnItsWayMayArriveWhileWeStop(t *testing.T) {
	o := newOutbox(1)
	begun, finish := make(chan struct{}), make(chan struct{})
	tr := &transport{send: func(ctx context.Context, _ int) Outcome {
		close(begun)
		select {
		case <-finish:
			return Outcome{Class: Sent}
		case <-ctx.Done():
			return Outcome{Class: Interrupted}
		}
	}}
	m := mailerFor(o, tr)
	m.cfg.Grace = time.Minute
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- m.Run(ctx) }()
	<-begun
	cancel()
	close(finish)
	if err := <-ended; err != nil || o.row(0).State != core.DeliverySent {
		t.Errorf("%v, %+v", err, o.row(0))
	}
}

func TestALeaseAboutToEndIsNotUsed(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	m := mailerFor(o, tr)
	list, _ := o.ClaimDeliveries(t.Context(), core.WorkStream, 1)
	o.mu.Lock()
	o.now = o.now.Add(9 * time.Minute)
	o.mu.Unlock()
	m.record(t.Context(), m.deliver(t.Context(), &job{delivery: list[0]}))
	if d := o.row(0); len(tr.mails()) > 0 || d.State != core.DeliveryDue || d.Attempts != 0 {
		t.Errorf("%d mails, %+v", len(tr.mails()), d)
	}
}

func TestRunIsWokenByNewMail(t *testing.T) {
	o := newOutbox(0)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- mailerFor(o, outcome(Outcome{Class: Sent})).Run(ctx) }()
	o.add("d0000000000000000000000new")
	o.pass(0)
	<-o.changed // a lost wake-up would end this test by its time limit
	cancel()
	<-ended
	if o.row(0).State != core.DeliverySent {
		t.Errorf("%+v", o.row(0))
	}
}

func TestWithoutATransportEverythingWaits(t *testing.T) {
	o := newOutbox(3)
	m := mailerFor(o, nil)
	idle(t, m)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if err := m.Run(ctx); err != nil || o.letters > 0 || o.row(0).Attempts > 0 {
		t.Errorf("%v, %d letters, %+v", err, o.letters, o.row(0))
	}
}

func TestADeliveryThatMakesUsStumbleStopsNoOther(t *testing.T) {
	o, tr := newOutbox(5), outcome(Outcome{Class: Sent})
	o.letter = func(d core.Delivery) (core.Letter, error) {
		if d.ID == o.rows[1].ID {
			panic("what nobody thought of")
		}
		return letterOf(d)
	}
	idle(t, mailerFor(o, tr))
	for i := range o.rows {
		d := o.row(i)
		if i == 1 && (d.State != core.DeliveryDue || d.Attempts != 1 || d.Reason != reasonInternal) || i != 1 && d.State != core.DeliverySent {
			t.Errorf("delivery %d: %+v", i, d)
		}
	}
}

func TestWhatCannotBeAValidMailIsNotTriedForEver(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	o.letter = func(d core.Delivery) (core.Letter, error) {
		l, err := letterOf(d)
		l.To.Domain = "out\r\nBcc: everybody.test"
		return l, err
	}
	idle(t, mailerFor(o, tr))
	if d := o.row(0); d.State != core.DeliveryFailed || d.Reason != reasonDraft || len(tr.mails()) > 0 {
		t.Errorf("%+v", d)
	}
}

func TestPeopleOutsideGetNoPlaceNoSignatureAndNothingThatIsNotUnpacked(t *testing.T) {
	photo := "\xff\xd8\xff\xe1\x00\x2fhttp://ns.adobe.com/xap/1.0/\x00GPSLatitude=48.2\xff\xd9"
	for staff, want := range map[bool]string{true: photo, false: "\xff\xd8\xff\xd9"} {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(d core.Delivery) (core.Letter, error) {
			l, err := letterOf(d)
			l.Staff = staff
			l.Entries[0].Comment.Attachments = []core.Attachment{
				{ID: "p", Account: "a", Name: "photo.jpg", Type: "image/jpeg", Size: int64(len(photo)), Hash: "photo"},
				{ID: "s", Account: "a", Name: "logo.png", Type: "image/png", Size: 1, Hash: "lost", Fate: core.FileSignature},
				{ID: "l", Account: "a", Name: "more.txt", Type: "text/plain", Size: 1 << 40, Fate: core.FileLeft},
			}
			return l, err
		}
		m := mailerFor(o, tr)
		m.files = memory{"photo": photo}
		idle(t, m)
		got, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(got.Attachments) != 1 || string(got.Attachments[0].Content) != want {
			t.Errorf("staff %v: %+v", staff, got.Attachments)
		}
		if strings.Contains(got.Text, "logo.png") || strings.Contains(got.Text, "more.txt") || !strings.Contains(got.Text, "photo.jpg") {
			t.Errorf("staff %v: %q", staff, got.Text)
		}
	}
}

func TestFilesThatAreTooLargeOrMissingStayBehindAndAreNamed(t *testing.T) {
	for name, change := range map[string]func(*core.Attachment){
		"too large": func(a *core.Attachment) { a.Size = 10_000_001 },
		"missing":   func(a *core.Attachment) { a.Hash = "lost" },
	} {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(d core.Delivery) (core.Letter, error) {
			l, err := letterOf(d)
			change(&l.Entries[0].Comment.Attachments[0])
			return l, err
		}
		idle(t, mailerFor(o, tr))
		m, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if len(m.Attachments) > 0 || !strings.Contains(m.Text, "plan.txt") || !strings.Contains(m.Text, "Trop volumineux") || !strings.Contains(m.HTML, "Trop volumineux") {
			t.Errorf("%s: %d attachments, %q", name, len(m.Attachments), m.Text)
		}
	}
}

func TestANewTaskComesWithItsSheet(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	o.letter = func(d core.Delivery) (core.Letter, error) {
		l, err := letterOf(d)
		l.Event, l.Entries, l.Description, l.Staff, l.Locale = core.TaskAssigned, nil, "Please order the samples.", true, "en"
		l.Task.Status, l.Task.DueDate, l.TaskURL = core.TaskNew, "2026-12-01", "http://127.0.0.1/tasks/42"
		l.Task.People = []core.TaskPerson{{Person: "x", Relation: core.Assigner}, {Person: "y", Relation: core.Assignee}}
		l.People = map[core.ID]core.Person{"x": {Name: "Anna Berg"}, "y": {Name: "Mira Vogt"}}
		return l, err
	}
	idle(t, mailerFor(o, tr))
	m, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Anna Berg gave you this task", "Mira Vogt", "1\u00a0Dec 2026", "order the samples", "http://127.0.0.1/tasks/42"} {
		if !strings.Contains(m.Text, want) {
			t.Errorf("%q is missing in %q", want, m.Text)
		}
	}
}

func TestAHeldMessageIsToldOfWithItsReasonAndNoWayToAnswer(t *testing.T) {
	held := core.LetterHeld{Receipt: core.Receipt{Reason: "token.stranger", Params: []string{"from", "eve@evil.test", "owner", "Bob"}},
		Message: core.Message{From: "eve@evil.test", Subject: "Re: plans"}, URL: "http://127.0.0.1/messages/r"}
	for _, alone := range []bool{true, false} {
		o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
		o.letter = func(d core.Delivery) (core.Letter, error) {
			l, err := letterOf(d)
			l.Event, l.Held, l.Staff, l.Locale, l.HeldURL = core.MessageHeld, []core.LetterHeld{held}, true, "en", "http://127.0.0.1/held"
			if alone {
				l.Entries = nil
			}
			return l, err
		}
		idle(t, mailerFor(o, tr))
		m, err := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(m.Text, "eve@evil.test") || !strings.Contains(m.Text, "Re: plans") || !strings.Contains(m.Text, "http://127.0.0.1/messages/r") {
			t.Errorf("alone %v: %q", alone, m.Text)
		}
		if alone == (len(m.ReplyTo) > 0) {
			t.Errorf("alone %v: reply to %v", alone, m.ReplyTo)
		}
	}
}

func TestWhatWasSentIsRecordedWhenTheDatabaseIsBack(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	m := New(Config{}, Parts{Core: &forgetful{outbox: o, times: 2}, Files: memory{"h": "file"}, Transport: tr})
	idle(t, m)
	if d := o.row(0); d.State != core.DeliverySent || len(tr.mails()) != 1 {
		t.Errorf("%d mails, %+v", len(tr.mails()), d)
	}
}

// forgetful is an outbox whose database is away for a few times of recording.
type forgetful struct {
	*outbox
	times int
}

func (f *forgetful) RecordAttempt(ctx context.Context, r core.AttemptResult) error {
	if f.times--; f.times >= 0 {
		return core.Fail(core.Unavailable, "store.unavailable")
	}
	return f.outbox.RecordAttempt(ctx, r)
}

func TestTheDatabaseAwayStopsUntilIdleWithAnError(t *testing.T) {
	o := newOutbox(1)
	m := New(Config{}, Parts{Core: away{o}, Files: memory{}, Transport: Capture{}})
	if err := m.UntilIdle(t.Context()); core.KindOf(err) != core.Unavailable {
		t.Errorf("%v", err)
	}
}

type away struct{ *outbox }

func (away) ClaimDeliveries(context.Context, core.Stream, int) ([]core.Delivery, error) {
	return nil, errors.Join(core.Fail(core.Unavailable, "store.unavailable"))
}

func TestMailLeavesSignedForItsSendersDomainOrNotAtAll(t *testing.T) {
	o, tr := newOutbox(1), outcome(Outcome{Class: Sent})
	o.unsigned = errors.New("the key cannot be opened")
	idle(t, mailerFor(o, tr))
	if d := o.row(0); len(tr.mails()) != 0 || d.State != core.DeliveryDue || d.Attempts != 0 {
		t.Errorf("without its key %d mails left, the delivery is %+v", len(tr.mails()), d)
	}
	o.unsigned = nil
	o.pass(time.Hour)
	idle(t, mailerFor(o, tr))
	if list := tr.mails(); len(list) != 1 || !strings.HasPrefix(string(list[0].Raw), "X-Signed: in.test 2026-11-20T10:00:00Z\r\n") {
		t.Errorf("sent %d mails", len(list))
	}
}
