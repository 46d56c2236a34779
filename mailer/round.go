package mailer

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"planpost/core"
)

const (
	// tick is how often the outbox is looked at without any sign: another process may have filled it.
	tick = 15 * time.Second
	// breath is the shortest wait after an empty claim, so that rows leased elsewhere cause no busy loop.
	breath = 100 * time.Millisecond
	// trouble is the wait after the database did not answer.
	trouble = 5 * time.Second
	// reserve is what must be left of a lease for a mail to be begun.
	reserve = 2 * time.Minute
)

// round is one run of the mailer for one stream: a claimer, and behind it readers, workers and recorders.
type round struct {
	*Mailer
	stream    core.Stream
	workers   int
	batch     int
	untilIdle bool
	claimed   chan []core.Delivery
	work      chan *job
	results   chan *core.AttemptResult // what workers found out and nobody has recorded yet
	again     chan struct{}            // told when there may be something to claim
	underway  atomic.Int64             // claimed and not recorded yet
}

func newRound(m *Mailer, stream core.Stream, untilIdle bool) *round {
	r := &round{Mailer: m, stream: stream, workers: m.cfg.Workers, untilIdle: untilIdle, again: make(chan struct{}, 1)}
	if stream != core.WorkStream {
		r.workers = max(1, r.workers/4)
	}
	if r.batch = m.cfg.Batch; r.batch <= 0 {
		r.batch = 4 * r.workers
	}
	r.claimed, r.work, r.results = make(chan []core.Delivery, (r.batch+together-1)/together), make(chan *job), make(chan *core.AttemptResult)
	return r
}

// run claims until ctx ends, or nothing is due and that was asked for, and
// returns when every worker has stopped.
func (r *round) run(ctx context.Context) error {
	// Mail on its way outlives ctx by the grace, then it is cut off.
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	defer context.AfterFunc(ctx, func() { // ends with the run: cut is called by then
		select {
		case <-time.After(r.cfg.Grace):
			cut()
		case <-sending.Done():
		}
	})()
	var readers, workers, recorders sync.WaitGroup
	for range min(r.workers, reading) {
		readers.Go(func() { r.reader(ctx, sending) })
	}
	for range r.workers {
		workers.Go(func() { r.worker(ctx, sending) })
		recorders.Go(func() { r.recorder(sending) })
	}
	err := r.claim(ctx)
	close(r.claimed)
	readers.Wait()
	close(r.work)
	workers.Wait()
	close(r.results)
	recorders.Wait()
	return err
}

func (r *round) worker(ctx, sending context.Context) {
	for j := range r.work {
		if ctx.Err() != nil {
			r.results <- r.giveBack(&j.delivery, "stopped")
		} else {
			r.results <- r.deliver(sending, j)
		}
	}
}

// recorder writes results down, so that a worker need not wait for the
// database before it sends the next mail. There are as many as workers.
func (r *round) recorder(ctx context.Context) {
	for res := range r.results {
		r.record(ctx, res)
		r.underway.Add(-1)
		if r.untilIdle || res.Delivery.Task != "" {
			r.look() // a later mail of the thread may have waited for this one
		}
	}
}

// claim leases batches and hands them to the readers. The queue between them
// is as long as one batch, so no lease waits long behind others.
func (r *round) claim(ctx context.Context) error {
	for ctx.Err() == nil {
		asked, resting := r.core.Now(), r.underway.Load() == 0 // what was under way may free what a claim just missed
		list, err := r.core.ClaimDeliveries(ctx, r.stream, r.batch)
		if err != nil && ctx.Err() == nil {
			r.log.Error("claim deliveries", "err", err)
			if r.untilIdle {
				return err
			}
			r.wait(ctx, trouble)
			continue
		}
		r.underway.Add(int64(len(list)))
		for some := range slices.Chunk(list, together) {
			r.claimed <- some // never blocks for long: when ctx ends, workers give back what is left
		}
		switch {
		case len(list) > 0: // there may be more
		case r.untilIdle && resting:
			return nil
		default:
			r.wait(ctx, r.untilNext(ctx, asked))
		}
	}
	return nil
}

// look lets the claimer look at once; it never blocks.
func (r *round) look() {
	select {
	case r.again <- struct{}{}:
	default:
	}
}

// untilNext is how long nothing will be due, as far as is known; what was due when it was asked is claimed.
func (r *round) untilNext(ctx context.Context, asked time.Time) time.Duration {
	at, ok, err := r.core.NextDue(ctx, r.stream, asked)
	if err != nil || !ok {
		return tick
	}
	return min(max(at.Sub(r.core.Now()), breath), tick)
}

// wait returns at a sign, after d, or when ctx ends.
func (r *round) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-r.again:
	case <-timer.C:
	}
}
