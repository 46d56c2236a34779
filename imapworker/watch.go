package imapworker

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime/debug"
	"time"

	"github.com/emersion/go-imap/v2"

	"planpost/core"
)

// watch is one folder of a mailbox, watched over one connection at a time.
// Everything in it belongs to the goroutine that runs it.
type watch struct {
	w      *Worker
	m      core.Mailbox
	secret *sharedSecret
	f      core.MailFolder
	// got counts the messages taken in.
	got int
	// fresh tells that a connection is new: what an earlier one left unfinished is looked for.
	fresh bool
	// held tells that what is at hand (core.MailFolder) is written down.
	held bool
	// breaks counts batches in a row that broke the connection; nextTry is when a message is tried again.
	breaks  int
	nextTry time.Time
	// compared is when server and ledger were last compared, modSeq the server's state at the last SELECT.
	compared time.Time
	modSeq   uint64
	// written is when the state was last handed on.
	written time.Time
}

func (w *Worker) watch(m *core.Mailbox, secret *sharedSecret, f core.MailFolder) *watch {
	return &watch{w: w, m: *m, secret: secret, f: f}
}

// passingWait is the longest wait between two tries to connect while the server may be back at any moment. After what
// somebody has to mend, or a server that is asked too much, it is lastingWait at first and mostWait at last: servers shut
// out who tries a wrong password again and again.
const (
	passingWait = 30 * time.Second
	lastingWait = time.Minute
	mostWait    = 5 * time.Minute
)

// run watches until ctx ends. Whatever happens, it begins again.
func (v *watch) run(ctx context.Context) {
	for tries := 0; ctx.Err() == nil; tries++ {
		before := v.f.ContactAt
		err := v.guarded(ctx)
		if ctx.Err() != nil {
			return
		}
		if v.f.ContactAt.After(before) { // it went well for a time
			tries = 0
		}
		t := troubleOf(err)
		v.note(t)
		v.w.log.Warn("mailbox", "mailbox", v.m.ID, "folder", v.f.Name, "code", t.Code, "err", clip(err.Error()))
		wait := min(passingWait, v.w.cfg.Retry<<min(tries, 12))
		if t.lasting() || t.Code == "throttled" || t.Code == "connections" {
			wait = min(mostWait, max(wait, min(lastingWait, 60*v.w.cfg.Retry)<<min(tries, 4)))
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait/2 + rand.N(wait)): // not all at once when a server is back
		}
	}
}

// guarded is connected, with a panic as an error: one folder must not end the others.
func (v *watch) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			v.w.log.Error("panic", "in", "mailbox", "panic", p, "stack", string(debug.Stack()))
			err = errors.New("we broke over what the server sent")
		}
	}()
	return v.connected(ctx, false)
}

// once connects, takes in what is there, and leaves.
func (v *watch) once(ctx context.Context) (int, error) {
	err := v.connected(ctx, true)
	return v.got, err
}

// connected is one connection from its beginning to its end, which is an error unless it was to look once.
func (v *watch) connected(ctx context.Context, once bool) error {
	v.secret.mu.Lock()
	s, err := v.w.dialer.open(ctx, &v.m, &v.secret.secret, nil)
	v.secret.mu.Unlock()
	if err != nil {
		return err
	}
	// The end of ctx ends what waits for the server; what is taken in already is finished.
	stop := context.AfterFunc(ctx, func() { s.w.Conn.Close() })
	defer func() {
		if stop() && err == nil {
			s.logout()
			return
		}
		s.close()
	}()
	v.fresh = true
	if err = v.open(ctx, s); err != nil {
		return err
	}
	if err = v.suspect(ctx, s); err != nil {
		return err
	}
	defer v.letGo(ctx)
	for {
		if err = v.pass(ctx, s); err != nil {
			return err
		}
		v.well()
		if once {
			return nil
		}
		if err = v.wait(ctx, s); err != nil {
			return err
		}
	}
}

// wait waits for news: in IDLE (RFC 2177), or for the next poll where the server knows none. In both cases it ends
// with proof that the connection lives.
func (v *watch) wait(ctx context.Context, s *session) error {
	if !s.c.Caps().Has(imap.CapIdle) {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-s.c.Closed():
			return s.because(errors.New("imapclient: the connection ended"))
		case <-time.After(v.w.cfg.Poll):
		}
		return s.command(func() error { return s.c.Noop().Wait() })
	}
	select {
	case <-s.news: // came before we began to listen
		return nil
	default:
	}
	s.w.expect(s.silence, s.silence, idleBytes)
	idle, err := s.c.Idle()
	if err != nil {
		return s.because(err)
	}
	s.w.expect(0, 0, idleBytes)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-s.c.Closed():
		return s.because(errors.New("imapclient: the connection ended"))
	case <-s.news:
	case <-time.After(v.untilDue()):
	}
	return s.command(func() error {
		if err := idle.Close(); err != nil {
			return err
		}
		return idle.Wait()
	})
}

// untilDue is how long an IDLE may last: the connection is proven now and then, and what failed is tried again in time.
func (v *watch) untilDue() time.Duration {
	wait := min(v.w.cfg.Idle, v.w.cfg.Compare)
	if next := time.Until(v.nextTry); next > 0 && next < wait {
		return next + time.Millisecond
	}
	return wait
}

// errOurs marks trouble that is ours and no message's: everything is tried again later.
type errOurs struct{ err error }

func (e errOurs) Error() string { return e.err.Error() }
func (e errOurs) Unwrap() error { return e.err }

// well notes that all is as it should be.
func (v *watch) well() {
	st := &v.f.MailFolderState
	now := time.Now().UTC()
	changed := st.Code != "" || st.ContactAt.IsZero()
	if changed {
		st.Code, st.Text, st.Since = "", "", now
	}
	st.ContactAt = now
	v.hand(changed)
}

// note keeps what is wrong.
func (v *watch) note(t Trouble) {
	st := &v.f.MailFolderState
	changed := st.Code != t.Code
	if changed {
		st.Since = time.Now().UTC()
	}
	st.Code, st.Text = t.Code, t.Text
	v.hand(changed)
}

// stateEvery is how often the state of a folder is written while nothing changes in it.
const stateEvery = 20 * time.Second

// hand gives the state to be written: at once when it changed, now and then otherwise.
func (v *watch) hand(changed bool) {
	if !changed && time.Since(v.written) < stateEvery {
		return
	}
	v.written = time.Now()
	v.w.noted(v.f.ID, v.f.MailFolderState)
	if !changed {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	v.w.flush(ctx)
	v.w.bus.Publish(core.MailboxTopic(v.m.Account))
}
