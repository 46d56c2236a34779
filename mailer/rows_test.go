package mailer

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"planpost/cluster"
	"planpost/core"
	"planpost/files"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/store"
	"planpost/store/storetest"
)

// bureau is a core over a real database with one task that somebody outside takes part in.
type bureau struct {
	core   *core.Core
	files  *files.Folder
	owner  *core.Actor
	person core.Person
	task   core.Task
}

func newBureau(t *testing.T, db *store.Store) *bureau {
	t.Helper()
	folder, err := files.Open(filepath.Join(t.TempDir(), "files"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { folder.Close() })
	keys, err := core.NewKeyring(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	b := &bureau{files: folder, core: core.New(core.Config{BaseURL: "http://127.0.0.1:8080", Quiet: -1}, core.Parts{Store: db, Files: folder, Staging: folder, Bus: cluster.NewBus(), Limiter: cluster.NewLimiter(nil), Keys: keys})}
	account, owner, err := b.core.CreateAccount(t.Context(), core.Setup{AccountName: "Nordlicht", Name: "Anna Berg", Address: "anna@nordlicht.example", Password: "paper boats at noon"})
	if err != nil {
		t.Fatal(err)
	}
	b.owner = &core.Actor{Person: owner, Account: account, Via: "page"}
	if b.person, err = b.core.CreateContact(t.Context(), b.owner, core.NewContact{Name: "Élodie Moreau", Address: "elodie@out.example", Locale: "fr"}); err != nil {
		t.Fatal(err)
	}
	if b.task, err = b.core.CreateTask(t.Context(), b.owner, core.NewTask{Title: "Façade", Assignee: owner.ID, Participants: []core.ID{b.person.ID}}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bureau) tell(t *testing.T, text, file string) {
	t.Helper()
	n := core.NewComment{Task: b.task.ID, Text: text, Tell: []core.ID{b.person.ID}}
	if file != "" {
		n.Files = []core.Upload{{Name: "plan.txt", Type: "text/plain", Content: strings.NewReader(file)}}
	}
	if _, err := b.core.Comment(t.Context(), b.owner, n); err != nil {
		t.Fatal(err)
	}
}

func (b *bureau) deliveries(t *testing.T) []core.DeliveryItem {
	t.Helper()
	list, err := b.core.Deliveries(t.Context(), b.owner, core.DeliveryFilter{})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestWhatIsOwedInTheDatabaseIsSent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		b := newBureau(t, open())
		b.tell(t, "Voici le plan.", "le plan")
		tr := outcome(Outcome{Class: Sent, Remote: "r", Code: 250, Text: "ok"})
		idle(t, New(Config{Workers: 1}, Parts{Core: b.core, Files: b.files, Transport: tr}))
		mails := tr.mails()
		if len(mails) != 2 {
			t.Fatalf("%d mails for an invitation and a comment", len(mails))
		}
		m, err := mail.Parse(mails[1].Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if m.Subject != "[#1] Façade" || !strings.Contains(m.Text, "Voici le plan.") || len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "le plan" {
			t.Errorf("subject %q, text %q, attachments %+v", m.Subject, m.Text, m.Attachments)
		}
		route, err := b.core.Route(t.Context(), m.ReplyTo[0])
		if err != nil || route.Kind != core.RouteReply || route.Refuse != "" {
			t.Errorf("an answer would go to %+v, %v", route, err)
		}
		if back, err := b.core.Route(t.Context(), mails[1].ReversePath); err != nil || back.Kind != core.RouteBounce || back.Delivery == "" {
			t.Errorf("a report would go to %+v, %v", back, err)
		}
		sent, err := b.core.Recall(t.Context(), &core.Inbound{Routes: []core.Route{route}, Message: &mail.Message{InReplyTo: []string{m.MessageID}}}, true)
		if err != nil || !strings.Contains(sent, "Voici le plan.") {
			t.Errorf("the text kept is %q, %v", sent, err)
		}
		for _, d := range b.deliveries(t) {
			if d.Delivery.State != core.DeliverySent || d.Delivery.Attempts != 1 {
				t.Errorf("%+v", d.Delivery)
			}
		}
	})
}

func TestABlockBetweenQueueAndSendStopsTheMail(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		b := newBureau(t, open())
		b.tell(t, "Secret", "")
		if _, err := b.core.BlockPerson(t.Context(), b.owner, b.person.ID); err != nil {
			t.Fatal(err)
		}
		tr := outcome(Outcome{Class: Sent})
		idle(t, New(Config{}, Parts{Core: b.core, Files: b.files, Transport: tr}))
		if len(tr.mails()) > 0 {
			t.Error("a mail left the house")
		}
		for _, d := range b.deliveries(t) {
			if d.Delivery.State != core.DeliveryCancelled || d.Delivery.Reason != "delivery.blocked" {
				t.Errorf("%+v", d.Delivery)
			}
		}
	})
}

func TestSomebodyTakenOffATaskGetsNothingMore(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		b := newBureau(t, open())
		b.tell(t, "Secret", "")
		if err := b.core.SetPeopleAndDates(t.Context(), b.owner, b.task.ID, core.TaskPeople{Assignee: b.owner.Person.ID}); err != nil {
			t.Fatal(err)
		}
		tr := outcome(Outcome{Class: Sent})
		idle(t, New(Config{}, Parts{Core: b.core, Files: b.files, Transport: tr}))
		if len(tr.mails()) > 0 {
			m, _ := mail.Parse(tr.mails()[0].Raw, mail.Limits{})
			t.Errorf("a mail left the house: %s", m.Text)
		}
	})
}

func TestAnUnknownEndIsRepeatedByteForByteOutOfTheDatabase(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		b := newBureau(t, open())
		tr := outcome(Outcome{Class: Uncertain})
		m := New(Config{Again: time.Microsecond}, Parts{Core: b.core, Files: b.files, Transport: tr})
		for b.deliveries(t)[0].Delivery.State == core.DeliveryDue {
			idle(t, m)
		}
		mails := tr.mails()
		if d := b.deliveries(t)[0].Delivery; len(mails) != 2 || !bytes.Equal(mails[0].Raw, mails[1].Raw) || d.State != core.DeliveryUncertain || d.Attempts != 2 {
			t.Errorf("%d mails, or they differ; %+v", len(mails), d)
		}
	})
}

// hold brings in a mail to a project that claims to be from the owner and does not prove it.
func (b *bureau) hold(t *testing.T, p *core.Project, subject string) {
	t.Helper()
	raw := []byte("From: Anna Berg <anna@nordlicht.example>\r\nSubject: " + subject + "\r\nMessage-ID: <" + subject + "@x>\r\n\r\nPay at once.\r\n")
	m, err := mail.Parse(raw, mail.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	env := &mail.Envelope{ReversePath: mail.Address{Local: "a", Domain: "x.test"}}
	to, err := b.core.ReplyAddress(t.Context(), b.task.Account, b.person.ID, b.task.ID)
	if err != nil {
		t.Fatal(err)
	}
	to.Local = p.Inbound
	route, err := b.core.Route(t.Context(), to)
	if err != nil || route.Kind != core.RouteProject {
		t.Fatal(route, err)
	}
	in := &core.Inbound{Envelope: env, Raw: raw, Hash: mail.ContentHash(raw), Message: m, Class: mail.Classify(m, env), Routes: []core.Route{route}, Verdict: auth.Verdict{Outcome: auth.None}}
	in.Words.Reply = m.Text
	if rs, err := b.core.AcceptInbound(t.Context(), in); err != nil || rs[0].Disposition != core.Held {
		t.Fatal(rs, err)
	}
}

func TestHeldMailOfAProjectIsOneMailOfItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		b := newBureau(t, open())
		p, err := b.core.CreateProject(t.Context(), b.owner, core.NewProject{Name: "Haus am See"})
		if err != nil {
			t.Fatal(err)
		}
		tr := outcome(Outcome{Class: Sent})
		m := New(Config{Workers: 1}, Parts{Core: b.core, Files: b.files, Transport: tr})
		idle(t, m)
		before := len(tr.mails())
		b.hold(t, &p, "first")
		b.hold(t, &p, "second") // gathers although this house gathers nothing else
		idle(t, m)
		mails := tr.mails()[before:]
		if len(mails) != 1 || mails[0].Recipient.Mailbox() != "anna@nordlicht.example" {
			t.Fatalf("%d mails: %+v", len(mails), mails)
		}
		got, err := mail.Parse(mails[0].Raw, mail.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(got.Text, "first") || !strings.Contains(got.Text, "second") || !strings.HasPrefix(got.Subject, "[Haus am See] ") || len(got.ReplyTo) > 0 {
			t.Errorf("subject %q, reply to %v: %s", got.Subject, got.ReplyTo, got.Text)
		}
		if back, err := b.core.Route(t.Context(), mails[0].ReversePath); err != nil || back.Kind != core.RouteBounce || back.Delivery == "" {
			t.Errorf("a report would go to %+v, %v", back, err)
		}
		from, err := b.core.Route(t.Context(), got.From[0])
		if err != nil {
			t.Fatal(err)
		}
		answer := &core.Inbound{Message: &mail.Message{InReplyTo: []string{got.MessageID}}, Routes: []core.Route{from}}
		if err := b.core.Resolve(t.Context(), answer); core.CodeOf(err) != "route.unknown" {
			t.Errorf("an answer would go to %+v, %v", answer.Routes, err)
		}
	})
}
