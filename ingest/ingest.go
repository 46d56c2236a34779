// Package ingest is the one road by which mail enters.
//
//	envelope + bytes -> parse -> verify -> classify -> extract -> core.AcceptInbound -> Result
//
// Each station adds to one core.Inbound, the decision and its evidence to the
// trace. No station can stop the message: what cannot be read is accepted as
// unreadable and gets a disposition like any other. Parsing, name servers and
// signatures are done before the core opens a transaction. Accept returns only
// after the core has committed, so a door may answer 250 as soon as it has a
// Result.
//
// It knows mail and it knows the core; it knows no socket and no SQL, and it
// decides nothing about people or tasks.
package ingest

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
)

// Core is what the road needs of *core.Core.
type Core interface {
	Route(ctx context.Context, to mail.Address) (core.Route, error)
	AcceptInbound(ctx context.Context, in *core.Inbound) ([]core.Receipt, error)
	DryRun(ctx context.Context, in *core.Inbound) ([]core.Receipt, error)
	Resolve(ctx context.Context, in *core.Inbound) error
	Recall(ctx context.Context, in *core.Inbound, quotes bool) (sent string, err error)
	CountRefusal(ctx context.Context, peer netip.Addr, reason string, n int) error
}

// Config says how a Road works. Zero fields have defaults.
type Config struct {
	// Hostname is our own name in Received fields, by which mail that goes in circles is seen.
	Hostname string
	// Limits bound what is parsed; zero means mail.DefaultLimits.
	Limits mail.Limits
	// Markers gives our "reply above this line" texts, in all languages; it is asked once, for the first message. Nil: there are none.
	Markers func() []string
	// Memory bounds the bytes of all messages that are worked on together; zero
	// means 32 MiB. A larger message is worked on alone.
	Memory int64
	// FlushEvery is how often counted refusals are written; zero means five seconds.
	FlushEvery time.Duration
}

// Road is the road in. It is safe for concurrent use.
type Road struct {
	cfg      Config
	core     Core
	verifier *auth.Verifier
	log      *slog.Logger
	room     *semaphore.Weighted
	markers  func() []string
	refusals refusals
}

// Result is what became of an accepted message.
type Result struct {
	// Receipts are its fate, one for each route.
	Receipts []core.Receipt
	// ID is our name of the message, for the 250 and for logs.
	ID string
}

// New makes a Road.
func New(cfg Config, c Core, verifier *auth.Verifier, log *slog.Logger) *Road {
	if cfg.Memory <= 0 {
		cfg.Memory = 32 << 20
	}
	if cfg.FlushEvery <= 0 {
		cfg.FlushEvery = 5 * time.Second
	}
	if cfg.Markers == nil {
		cfg.Markers = func() []string { return nil }
	}
	return &Road{cfg: cfg, markers: sync.OnceValue(cfg.Markers), core: c, verifier: verifier, log: log, room: semaphore.NewWeighted(cfg.Memory)}
}

// Route tells where an envelope recipient leads. It is asked each time: an
// address may end between two messages.
func (r *Road) Route(ctx context.Context, to mail.Address) (core.Route, error) {
	return r.core.Route(ctx, to)
}

// Accept takes one message in. When it returns nil, every route has its receipt
// and all of it is durable. An error is our own trouble: the sender shall try
// again. raw is only read, and the caller's again afterwards.
func (r *Road) Accept(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte) (Result, error) {
	return r.travel(ctx, env, routes, raw, nil, r.core.AcceptInbound)
}

// AcceptFetched is Accept for a message fetched from a mailbox: with it the
// ledger's entry is written, so that it is taken in once.
func (r *Road) AcceptFetched(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte, from *core.FetchedFrom) (Result, error) {
	return r.travel(ctx, env, routes, raw, from, r.core.AcceptInbound)
}

// AcceptAside takes in a fetched message that could not be read in several
// tries: unread, for a person to look at. raw is what there is of it, why the code for that.
func (r *Road) AcceptAside(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte, from *core.FetchedFrom, why string) (Result, error) {
	in := &core.Inbound{Envelope: env, Raw: raw, Hash: mail.ContentHash(raw), Routes: distinct(routes), Unreadable: why, Fetched: from,
		Verdict: auth.Verdict{Outcome: auth.None, Reason: auth.ReasonNoEvidence}}
	t := trace{}
	t.envelope(env, len(raw))
	t.parse(in)
	in.Trace = t.steps
	receipts, err := r.core.AcceptInbound(ctx, in)
	if err != nil {
		return Result{}, err
	}
	return Result{Receipts: receipts, ID: string(receipts[0].Message)}, nil
}

// DryRun decides like Accept and writes nothing. The Inbound tells what was
// found on the way.
func (r *Road) DryRun(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte) (*core.Inbound, []core.Receipt, error) {
	var in *core.Inbound
	res, err := r.travel(ctx, env, routes, raw, nil, func(ctx context.Context, i *core.Inbound) ([]core.Receipt, error) {
		in = i
		return r.core.DryRun(ctx, i)
	})
	return in, res.Receipts, err
}

func (r *Road) travel(ctx context.Context, env *mail.Envelope, routes []core.Route, raw []byte, from *core.FetchedFrom, end func(context.Context, *core.Inbound) ([]core.Receipt, error)) (Result, error) {
	room := min(int64(len(raw)), r.cfg.Memory)
	if err := r.room.Acquire(ctx, room); err != nil {
		return Result{}, &core.Error{Kind: core.Unavailable, Code: "ingest.busy", Err: err}
	}
	defer r.room.Release(room)
	in, err := r.read(ctx, env, routes, raw, from)
	if err != nil {
		return Result{}, err
	}
	receipts, err := end(ctx, in)
	if err != nil {
		return Result{}, err
	}
	if len(receipts) == 0 { // a message nobody has a receipt for would be lost
		return Result{}, fmt.Errorf("accept message: no receipt for %d routes", len(routes))
	}
	return Result{Receipts: receipts, ID: string(receipts[0].Message)}, nil
}
