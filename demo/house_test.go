package demo

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"planpost/cluster"
	"planpost/core"
	"planpost/files"
	"planpost/ingest"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/mailer"
	"planpost/store"
	"planpost/templates"
)

// house is a whole gateway without its doors: what a test delivers takes the road in at once.
type house struct {
	core *core.Core
	road *ingest.Road
	log  *bytes.Buffer
}

func newHouse(t *testing.T) *house {
	t.Helper()
	dir := t.TempDir()
	h := &house{log: new(bytes.Buffer)}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelWarn}))
	db, err := store.Open(t.Context(), store.Config{URL: "sqlite:" + filepath.Join(dir, "planpost.db"), Log: log})
	if err != nil {
		t.Fatal(err)
	}
	folder, err := files.Open(filepath.Join(dir, "files"))
	if err != nil {
		t.Fatal(err)
	}
	keys, err := core.NewKeyring(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	h.core = core.New(core.Config{BaseURL: "http://127.0.0.1:8080", PasswordCost: core.PasswordCost{Passes: 1, Memory: 64}, Quiet: 50 * time.Millisecond, QuietMax: 100 * time.Millisecond},
		core.Parts{Store: db, Files: folder, Staging: folder, Bus: cluster.NewBus(), Limiter: cluster.NewLimiter(nil), Keys: keys, Log: log})
	h.road = ingest.New(ingest.Config{Hostname: "planpost.localhost", Markers: templates.Markers}, h.core, auth.NewVerifier(auth.Config{Resolver: net.DefaultResolver}), log)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- mailer.New(mailer.Config{}, mailer.Parts{Core: h.core, Files: folder, Transport: mailer.Capture{}, Log: log}).Run(ctx)
	}()
	t.Cleanup(func() {
		stop()
		if err := errors.Join(<-ended, folder.Close(), db.Close()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(h.log.String())
		}
	})
	return h
}

// deliver stands for the SMTP port: it refuses what that refuses, and takes the road.
func (h *house) deliver(ctx context.Context, from, to string, raw []byte) error {
	rcpt, err := mail.ParseMailbox(to)
	if err != nil {
		return err
	}
	sender, err := mail.ParseMailbox(from)
	if err != nil {
		return err
	}
	route, err := h.road.Route(ctx, rcpt)
	if err != nil {
		return err
	}
	if route.Refuse != "" {
		return errors.New("550 5.1.1 " + route.Refuse)
	}
	env := &mail.Envelope{ReversePath: sender, Recipients: []mail.Address{rcpt}, Peer: netip.MustParseAddr("127.0.0.1"), Helo: "localhost", Protocol: "ESMTP", Trusted: true, ReceivedAt: time.Now()}
	_, err = h.road.Accept(ctx, env, []core.Route{route}, raw)
	return err
}

// seeded is a house with the sample company.
func seeded(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	if err := Seed(t.Context(), h.core, h.deliver); err != nil {
		t.Fatal(err)
	}
	return h
}

// operator acts in the only account.
func (h *house) operator(t *testing.T) *core.Actor {
	t.Helper()
	list, err := h.core.Accounts(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%d accounts, %v", len(list), err)
	}
	return core.OperatorOf(list[0])
}
