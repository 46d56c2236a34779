package imapworker

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"planpost/core"
	"planpost/mail"
)

const (
	// batch is how many messages are fetched by one command; after each it is kept how far we are.
	batch = 2000
	// batchBytes bounds what one command fetches, but for a single larger message.
	batchBytes = 32 << 20
	// hands take messages in side by side: many that wait share one commit. Few messages are taken in one after the
	// other, in the order in which they came.
	hands, fewMessages = 64, 16
	// inFlight bounds the bytes of messages that are fetched and not taken in yet, but for a single larger one.
	inFlight = 4 << 20
	// mostTries is how often a message may fail before it is set aside.
	mostTries = 3
)

// pass brings folder and ledger together: what is new, then what is old and asked for, then what failed before or is to
// be done afterwards. Now and then both are compared as a whole.
func (v *watch) pass(ctx context.Context, s *session) error {
	select {
	case <-s.news:
	default:
	}
	fresh, err := v.sizes(s, imap.UIDSet{{Start: imap.UID(v.f.Next), Stop: lastUID}}, v.count(s))
	if err != nil {
		return &at{stageFetch, err}
	}
	if fresh, err = v.unknown(ctx, fresh); err != nil {
		return err
	}
	for len(fresh) > 0 {
		n := v.batchOf(fresh)
		if err := v.take(ctx, s, fresh[:n]); err != nil {
			return err
		}
		v.f.Next = fresh[n-1].uid + 1
		if err := v.keep(ctx); err != nil {
			return err
		}
		fresh = fresh[n:]
	}
	if err := v.old(ctx, s); err != nil {
		return err
	}
	if err := v.due(ctx, s); err != nil {
		return err
	}
	return v.compare(ctx, s)
}

// count is how many messages the folder has.
func (v *watch) count(s *session) uint32 {
	if box := s.c.Mailbox(); box != nil {
		return box.NumMessages
	}
	return 0
}

// unknown leaves out what the ledger has: taken in by a connection that ended before it was kept how far it was.
func (v *watch) unknown(ctx context.Context, list []item) ([]item, error) {
	list = slices.DeleteFunc(list, func(it item) bool { return it.uid < v.f.Next }) // "*" is the last one, however low
	if !v.fresh || len(list) == 0 {
		return list, nil
	}
	uids, err := v.w.core.FetchedUIDs(ctx, &v.f, list[0].uid)
	if err != nil {
		return nil, errOurs{err}
	}
	v.fresh = false
	return slices.DeleteFunc(list, func(it item) bool {
		_, known := slices.BinarySearch(uids, it.uid)
		return known
	}), nil
}

// mostBreaks is how often a batch may break the connection before its messages are fetched each alone: one of them may
// be the reason.
const mostBreaks = 2

// batchOf is how many of the list one command fetches.
func (v *watch) batchOf(list []item) (n int) {
	if v.breaks >= mostBreaks {
		return 1
	}
	var size int64
	for n = range list {
		if size += list[n].size; n == batch || n > 0 && size > batchBytes {
			return n
		}
	}
	return len(list)
}

// old takes in what was there before, a batch at a time: between two of them, what is new comes first.
func (v *watch) old(ctx context.Context, s *session) error {
	if v.f.Backlog == "" {
		return nil
	}
	left := parseSet(v.f.Backlog)
	known, err := v.w.core.FetchedUIDs(ctx, &v.f, 0)
	if err != nil {
		return errOurs{err}
	}
	for len(left) > 0 {
		n := min(batch, len(left))
		now := slices.DeleteFunc(slices.Clone(left[:n]), func(uid uint32) bool {
			_, done := slices.BinarySearch(known, uid)
			return done
		})
		if len(now) > 0 {
			list, err := v.sizes(s, setOf(now), uint32(len(now)))
			if err != nil {
				return &at{stageFetch, err}
			}
			for len(list) > 0 {
				k := v.batchOf(list)
				if err := v.take(ctx, s, list[:k]); err != nil {
					return err
				}
				list = list[k:]
			}
		}
		left = left[n:]
		v.f.Backlog, v.f.Left = setOf(left).String(), len(left)
		if err := v.keep(ctx); err != nil {
			return err
		}
		v.f.ContactAt = time.Now().UTC()
		v.hand(len(left) == 0 || time.Since(v.written) > time.Second)
		select {
		case <-s.news:
			if len(left) > 0 {
				s.tell() // seen again after the return
				return v.newFirst(ctx, s)
			}
		default:
		}
	}
	return nil
}

// newFirst begins the pass anew.
func (v *watch) newFirst(ctx context.Context, s *session) error { return v.pass(ctx, s) }

func (v *watch) keep(ctx context.Context) error {
	if err := v.w.core.KeepFolder(ctx, &v.f, nil, false); err != nil {
		return errOurs{err}
	}
	v.held = v.f.AtHand != ""
	return nil
}

// due does what is left over: messages that failed and are tried again, such as somebody asked for, and what happens on
// the server to those that are kept.
func (v *watch) due(ctx context.Context, s *session) error {
	list, err := v.w.core.DueFetched(ctx, &v.f, batch)
	if err != nil {
		return errOurs{err}
	}
	var again []item
	var done, failed []uint32
	for i := range list {
		e := &list[i]
		switch {
		case !e.Due:
			again = append(again, item{uid: e.UID, size: e.Size, at: e.At, entry: e})
		case e.State == core.FetchFailed:
			failed = append(failed, e.UID)
		default:
			done = append(done, e.UID)
		}
	}
	if err := v.after(ctx, s, done, failed); err != nil {
		return err
	}
	for i := range again { // each alone: one of them may be what breaks the connection
		if err := v.take(ctx, s, again[i:i+1]); err != nil {
			return err
		}
	}
	if len(again) > 0 {
		return v.keep(ctx)
	}
	return nil
}

// job is one message on its way in.
type job struct {
	it  item
	raw []byte
}

// outcome is what became of the messages of one batch.
type outcome struct {
	mu sync.Mutex // guards what follows
	// done are kept now, failed kept unread, seen those that the server sent.
	done, failed, seen []uint32
	aside              []core.Fetched
	ours               error
}

// suspect looks at what a process had at hand when it died: any of it may be the reason. Each is tried alone from now on,
// and one that ends processes again and again is set aside unread.
func (v *watch) suspect(ctx context.Context, s *session) error {
	if v.f.AtHand == "" {
		return nil
	}
	suspects := parseSet(v.f.AtHand)
	known, err := v.w.core.FetchedUIDs(ctx, &v.f, 0)
	if err != nil {
		return errOurs{err}
	}
	var entries []core.Fetched
	due, err := v.w.core.DueFetched(ctx, &v.f, len(known))
	if err != nil {
		return errOurs{err}
	}
	for i := range due {
		if _, is := slices.BinarySearch(suspects, due[i].UID); is && !due[i].Due {
			entries = append(entries, v.failed(due[i], codeEnded, ""))
		}
	}
	fresh := slices.DeleteFunc(suspects, func(uid uint32) bool {
		_, is := slices.BinarySearch(known, uid)
		return is
	})
	if len(fresh) > 0 {
		list, err := v.sizes(s, setOf(fresh), uint32(len(fresh)))
		if err != nil {
			return &at{stageFetch, err}
		}
		for _, it := range list {
			entries = append(entries, v.failed(v.entry(it, core.FetchWaiting), codeEnded, ""))
		}
	}
	for i := range entries {
		entries[i].NextTry = time.Now().UTC()
	}
	v.w.log.Warn("a process died while it took in messages", "mailbox", v.m.ID, "folder", v.f.Name, "messages", len(entries))
	v.f.AtHand = ""
	if err := v.w.core.KeepFolder(ctx, &v.f, entries, false); err != nil {
		return errOurs{err}
	}
	return nil
}

// codeEnded is why a message waits at whose taking in a process died.
const codeEnded = "ended"

// hold notes what is taken in now, release that it is no more: the next keep writes that down.
func (v *watch) hold(ctx context.Context, list []item) error {
	uids := make([]uint32, len(list))
	for i := range list {
		uids[i] = list[i].uid
	}
	v.f.AtHand = setOf(uids).String()
	return v.keep(ctx)
}

func (v *watch) release() { v.f.AtHand = "" }

// letGo writes down that nothing is at hand, where a connection ended in the midst of it.
func (v *watch) letGo(ctx context.Context) {
	if !v.held {
		return
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := v.keep(last); err != nil {
		v.w.log.Warn("what was at hand will be suspected", "mailbox", v.m.ID, "err", err)
	}
}

// take fetches messages and takes them in. One that fails stands in the ledger then, and the others go on; an error is
// one of the connection, or ours.
func (v *watch) take(ctx context.Context, s *session, list []item) error {
	var small []item
	for _, it := range list {
		it.past = it.uid < v.f.First || !it.at.IsZero() && it.at.Before(v.f.BeganAt.Truncate(time.Second)) // a server tells whole seconds
		if it.size > v.m.Size && (it.entry == nil || !it.entry.Asked) {
			if err := v.tooLarge(ctx, s, it); err != nil {
				return err
			}
			continue
		}
		small = append(small, it)
	}
	if len(small) == 0 {
		return nil
	}
	if err := v.hold(ctx, small); err != nil {
		return err
	}
	defer v.release()
	var out outcome
	err := v.stream(ctx, s, small, &out)
	if out.ours != nil {
		return errOurs{out.ours}
	}
	if kept := v.settle(ctx, s, small, &out, err); kept != nil {
		return kept
	}
	var refused *imap.Error
	if err != nil && !errors.As(err, &refused) {
		if ctx.Err() == nil {
			v.breaks++
		}
		return &at{stageFetch, err}
	}
	v.breaks = 0
	return v.after(ctx, s, out.done, out.failed)
}

// stream fetches the list with one command and hands each message on while the next ones come.
func (v *watch) stream(ctx context.Context, s *session, list []item, out *outcome) error {
	var set []uint32
	var size int64
	of := make(map[uint32]item, len(list))
	for _, it := range list {
		set = append(set, it.uid)
		size += it.size
		of[it.uid] = it
	}
	n := hands
	if len(list) <= fewMessages {
		n = 1
	}
	jobs := make(chan job)
	room := newRoom(inFlight)
	// What is taken in is finished even when it is time to stop.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Minute)
	defer cancel()
	var working sync.WaitGroup
	for range n {
		working.Go(func() { // ends when jobs is closed
			for j := range jobs {
				v.accept(last, j, out)
				room.give(int64(len(j.raw)))
			}
		})
	}
	// A slow server may take its time as long as something comes; a generous rate bounds all of it.
	all := 2*commandTime + time.Duration(size/(16<<10))*time.Second
	err := s.limited(all, size+size/8+int64(len(list))*1024+commandBytes, func() error {
		cmd := s.c.Fetch(setOf(set), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{{Peek: true}}})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			uid, raw, err := v.read(msg, of, room)
			if err != nil {
				s.w.Conn.Close()
				_ = cmd.Close()
				return err
			}
			if raw == nil {
				continue
			}
			out.saw(uid)
			jobs <- job{of[uid], raw}
			if out.trouble() != nil { // nothing can be kept now: no use in fetching more
				s.w.Conn.Close()
				_ = cmd.Close()
				return out.trouble()
			}
		}
		return cmd.Close()
	})
	close(jobs)
	working.Wait()
	return err
}

// read reads one message of a FETCH; raw is nil for what was not asked for.
func (v *watch) read(msg *imapclient.FetchMessageData, of map[uint32]item, room *room) (uid uint32, raw []byte, err error) {
	for data := msg.Next(); data != nil; data = msg.Next() {
		switch data := data.(type) {
		case imapclient.FetchItemDataUID:
			uid = uint32(data.UID)
		case imapclient.FetchItemDataBodySection:
			it, asked := of[uid]
			if !asked || data.Literal == nil || raw != nil {
				continue
			}
			// RFC822.SIZE is only about right with some servers; far off is no mistake any more.
			limit := max(it.size+it.size/8+64<<10, 1<<20)
			n := data.Literal.Size()
			room.take(n)
			if raw, err = readLiteral(data.Literal, limit, nil); err != nil {
				room.give(n)
				return uid, nil, err
			}
		}
	}
	return uid, raw, nil
}

func (o *outcome) saw(uid uint32) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, uid)
}

func (o *outcome) trouble() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.ours
}

// accept takes one message in, and notes what became of it.
func (v *watch) accept(ctx context.Context, j job, out *outcome) {
	h := mail.ReadHeader(j.raw)
	id := messageIDOf(h)
	from := v.from(j.it)
	from.Mark = markOf(id, j.it.size)
	var err error
	if from.Code == codeEnded && from.Tries >= mostTries {
		err = errEnded
	} else {
		err = v.acceptOne(ctx, h, j.raw, from)
	}
	aside := err != nil && from.Tries+1 >= mostTries && !temporary(err)
	if aside {
		err = v.setAside(ctx, j.raw, from, "failed", err)
	}
	out.mu.Lock()
	defer out.mu.Unlock()
	switch {
	case err == nil && aside:
		out.failed = append(out.failed, j.it.uid)
	case err == nil:
		out.done = append(out.done, j.it.uid)
		v.got++
		v.f.ImportedAt = time.Now().UTC()
		v.w.cfg.Accepted(id)
	case temporary(err):
		out.ours = err
	default:
		e := v.failed(from.Fetched, "failed", clip(err.Error()))
		e.From, e.Subject = clip(h.Get("From")), clip(h.Get("Subject"))
		out.aside = append(out.aside, e)
		v.w.log.Warn("a message could not be taken in", "mailbox", v.m.ID, "uid", j.it.uid, "tries", e.Tries, "err", err)
	}
}

func (v *watch) from(it item) *core.FetchedFrom {
	f := &core.FetchedFrom{Mailbox: &v.m, Fetched: v.entry(it, core.FetchDone), Past: it.past}
	if it.entry != nil {
		f.Fetched = *it.entry
		f.State = core.FetchDone
	}
	return f
}

func (v *watch) acceptOne(ctx context.Context, h mail.Header, raw []byte, from *core.FetchedFrom) error {
	env, headers := envelopeOf(&v.m, h, from.Past, time.Now())
	routes, err := v.routes(ctx, env, headers)
	if err != nil {
		return err
	}
	_, err = v.w.road.AcceptFetched(ctx, env, routes, raw, from)
	return err
}

// errEnded: the message is not tried any more.
var errEnded = errors.New("processes died whenever this message was taken in")

// temporary tells that an error is no message's fault: the database is away, or it is time to stop.
func temporary(err error) bool {
	return core.KindOf(err) == core.Unavailable || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// failed is the ledger's entry of a message after one more try.
func (v *watch) failed(e core.Fetched, code, text string) core.Fetched {
	e.Tries++
	e.State, e.Code, e.Text = core.FetchWaiting, code, text
	e.NextTry = time.Now().UTC().Add(v.w.cfg.TryAgain << min(e.Tries-1, 6))
	v.nextTry = e.NextTry
	return e
}

// setAside keeps a message unread, for a person to look at; the way goes on for the others.
func (v *watch) setAside(ctx context.Context, raw []byte, from *core.FetchedFrom, why string, because error) error {
	h := mail.ReadHeader(raw)
	env, _ := envelopeOf(&v.m, h, from.Past, time.Now())
	routes, err := v.w.core.FetchedRoutes(ctx, &v.m, nil)
	if err != nil {
		return err
	}
	from.State, from.Tries, from.Asked, from.Due = core.FetchFailed, from.Tries+1, false, v.m.FailedTo != ""
	if f := h.Get("From"); f != "" {
		from.From, from.Subject = clip(f), clip(h.Get("Subject"))
	}
	if _, err := v.w.road.AcceptAside(ctx, env, routes, raw, from, why); err != nil {
		return err
	}
	v.w.log.Error("a message is set aside", "mailbox", v.m.ID, "uid", from.UID, "err", because)
	return nil
}

// settle writes what became of those that are not kept: what failed, and what the server did not send. Of several that
// were asked for together nobody knows which broke the connection, so each is tried alone next time.
func (v *watch) settle(ctx context.Context, s *session, list []item, out *outcome, broke error) error {
	slices.Sort(out.seen)
	for _, it := range list {
		if _, came := slices.BinarySearch(out.seen, it.uid); came {
			continue
		}
		var refused *imap.Error
		switch {
		case broke == nil && it.entry == nil: // it was deleted meanwhile
		case broke == nil:
			e := *it.entry
			e.State, e.Asked, e.NextTry = core.FetchGone, false, time.Time{}
			out.aside = append(out.aside, e)
		case len(list) == 1 || errors.As(broke, &refused):
			e, err := v.unread(ctx, s, it, broke)
			if err != nil {
				return err
			}
			if e.State == core.FetchFailed {
				out.failed = append(out.failed, it.uid)
				continue
			}
			out.aside = append(out.aside, e)
		}
	}
	if len(out.aside) == 0 {
		return nil
	}
	if err := v.w.core.KeepFetched(ctx, out.aside); err != nil {
		return errOurs{err}
	}
	return nil
}

// room bounds bytes that are in memory.
type room struct {
	mu   sync.Mutex // guards left
	free *sync.Cond
	left int64
	all  int64
}

func newRoom(n int64) *room {
	r := &room{left: n, all: n}
	r.free = sync.NewCond(&r.mu)
	return r
}

// take waits for room; what is larger than all of it waits until it is alone.
func (r *room) take(n int64) {
	n = min(n, r.all)
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.left < n {
		r.free.Wait()
	}
	r.left -= n
}

func (r *room) give(n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left += min(n, r.all)
	r.free.Broadcast()
}
