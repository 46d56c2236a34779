package imapworker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"planpost/core"
)

// after does on the server what is to be done with messages that are kept: as the mailbox says with those taken in, and
// into their folder with those set aside. Doing it twice changes nothing.
func (v *watch) after(ctx context.Context, s *session, done, failed []uint32) error {
	slices.Sort(done)
	slices.Sort(failed)
	if len(done) > 0 && v.m.After != core.LeaveFetched {
		if err := v.act(s, done, v.m.After, v.m.MoveTo); err != nil {
			return err
		}
		if err := v.w.core.DoneAfter(ctx, &v.f, done); err != nil {
			return errOurs{err}
		}
	}
	if len(failed) > 0 && v.m.FailedTo != "" {
		if err := v.act(s, failed, core.MoveFetched, v.m.FailedTo); err != nil {
			return err
		}
		if err := v.w.core.DoneAfter(ctx, &v.f, failed); err != nil {
			return errOurs{err}
		}
	}
	return nil
}

func (v *watch) act(s *session, uids []uint32, what core.AfterFetch, folder string) error {
	set := setOf(uids)
	var err error
	switch what {
	case core.MarkFetched:
		err = store(s, set, imap.FlagSeen)
	case core.MoveFetched:
		err = move(s, set, folder)
	case core.DeleteFetched:
		err = remove(s, set)
	}
	if err != nil {
		return &at{stageFolder, err}
	}
	return nil
}

func store(s *session, set imap.UIDSet, flag imap.Flag) error {
	return s.command(func() error {
		return s.c.Store(set, &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{flag}}, nil).Close()
	})
}

// remove takes messages off the server. Without UIDPLUS (RFC 4315) they are only marked: EXPUNGE would take along what
// others marked.
func remove(s *session, set imap.UIDSet) error {
	if err := store(s, set, imap.FlagDeleted); err != nil || !s.c.Caps().Has(imap.CapUIDPlus) {
		return err
	}
	return s.command(func() error { return s.c.UIDExpunge(set).Close() })
}

// move puts messages into a folder, which is made when it is not there.
func move(s *session, set imap.UIDSet, folder string) error {
	err := moveOnce(s, set, folder)
	var refused *imap.Error
	if !errors.As(err, &refused) || refused.Code != imap.ResponseCodeTryCreate && refused.Code != imap.ResponseCodeNonExistent {
		return err
	}
	if err := s.command(func() error { return s.c.Create(folder, nil).Wait() }); err != nil {
		return err
	}
	return moveOnce(s, set, folder)
}

func moveOnce(s *session, set imap.UIDSet, folder string) error {
	if s.c.Caps().Has(imap.CapMove) { // RFC 6851
		return s.command(func() error {
			_, err := s.c.Move(set, folder).Wait()
			return err
		})
	}
	err := s.command(func() error {
		_, err := s.c.Copy(set, folder).Wait()
		return err
	})
	if err != nil {
		return err
	}
	return remove(s, set)
}

// compareMost is how many messages are fetched at once that a comparison found missing.
const compareMost = 1000

// compare looks whether each message on the server is in the ledger, now and then: what is not is fetched at once, and
// what still is not then is told. Where the server says that nothing changed (CONDSTORE, RFC 7162) it is not asked more.
func (v *watch) compare(ctx context.Context, s *session) error {
	if !v.compared.IsZero() && time.Since(v.compared) < v.w.cfg.Compare {
		return nil
	}
	if v.modSeq != 0 && v.modSeq == v.f.ModSeq && v.compared.IsZero() && v.f.Missing == 0 {
		v.compared = time.Now()
		v.f.CheckedAt = v.compared.UTC()
		return nil
	}
	modSeq := v.modSeq // what came since is in what follows
	missing, err := v.missing(ctx, s)
	if err != nil {
		return err
	}
	if len(missing) > 0 {
		v.w.log.Warn("messages were passed over", "mailbox", v.m.ID, "folder", v.f.Name, "messages", len(missing))
		list, err := v.sizes(s, setOf(missing[:min(len(missing), compareMost)]), uint32(len(missing)))
		if err != nil {
			return &at{stageFetch, err}
		}
		for len(list) > 0 {
			n := v.batchOf(list)
			if err := v.take(ctx, s, list[:n]); err != nil {
				return err
			}
			list = list[n:]
		}
		if missing, err = v.missing(ctx, s); err != nil {
			return err
		}
	}
	st, now := &v.f.MailFolderState, time.Now().UTC()
	v.compared, st.CheckedAt = now, now
	changed := st.Missing != len(missing)
	if st.Missing = len(missing); st.Missing == 0 {
		st.MissingSince = time.Time{}
	} else if st.MissingSince.IsZero() {
		st.MissingSince = now
	}
	v.hand(changed)
	if v.f.ModSeq != modSeq && st.Missing == 0 {
		v.f.ModSeq = modSeq
		return v.keep(ctx)
	}
	return nil
}

// missing are the messages on the server that are ours and not in the ledger.
func (v *watch) missing(ctx context.Context, s *session) ([]uint32, error) {
	there, err := v.search(s, &imap.SearchCriteria{UID: []imap.UIDSet{{{Start: imap.UID(v.f.First), Stop: lastUID}}}})
	if err != nil {
		return nil, &at{stageFetch, err}
	}
	if len(there) == 0 {
		return nil, nil
	}
	known, err := v.w.core.FetchedUIDs(ctx, &v.f, v.f.First)
	if err != nil {
		return nil, errOurs{err}
	}
	backlog := parseSet(v.f.Backlog) // of those it is known that they are still to come
	return slices.DeleteFunc(there, func(uid uint32) bool {
		if uid < v.f.First || uid >= v.f.Next { // what comes just now is new, not missing
			return true
		}
		if _, ok := slices.BinarySearch(known, uid); ok {
			return true
		}
		_, ok := slices.BinarySearch(backlog, uid)
		return ok
	}), nil
}

// heading is what the server says of a message that is not fetched.
type heading struct{ from, subject, id string }

// headingOf asks for it.
func (v *watch) headingOf(s *session, uid uint32) (h heading, err error) {
	err = s.command(func() error {
		cmd := s.c.Fetch(setOf([]uint32{uid}), &imap.FetchOptions{UID: true, Envelope: true})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			for data := msg.Next(); data != nil; data = msg.Next() {
				if e, ok := data.(imapclient.FetchItemDataEnvelope); ok && e.Envelope != nil {
					h.subject, h.id = clip(e.Envelope.Subject), e.Envelope.MessageID
					if len(e.Envelope.From) > 0 {
						h.from = clip(strings.TrimSpace(e.Envelope.From[0].Name + " <" + e.Envelope.From[0].Addr() + ">"))
					}
				}
			}
		}
		return cmd.Close()
	})
	return h, err
}

// tooLarge notes a message that is larger than is fetched unasked: somebody decides about it.
func (v *watch) tooLarge(ctx context.Context, s *session, it item) error {
	h, err := v.headingOf(s, it.uid)
	var refused *imap.Error
	if err != nil && !errors.As(err, &refused) {
		return &at{stageFetch, err}
	}
	e := v.entry(it, core.FetchLarge)
	e.From, e.Subject, e.Mark = h.from, h.subject, markOf(h.id, it.size)
	if err := v.w.core.KeepFetched(ctx, []core.Fetched{e}); err != nil {
		return errOurs{err}
	}
	v.w.bus.Publish(core.MailboxTopic(v.m.Account))
	return nil
}

// unread notes a message that the server does not give: it is tried again, and after some tries set aside with what is
// known of it.
func (v *watch) unread(ctx context.Context, s *session, it item, broke error) (core.Fetched, error) {
	from := v.from(it)
	t := troubleOf(&at{stageFetch, broke})
	e := v.failed(from.Fetched, t.Code, t.Text)
	var refused *imap.Error
	if errors.As(broke, &refused) { // the connection lives
		h, err := v.headingOf(s, it.uid)
		if err != nil && !errors.As(err, &refused) {
			return e, &at{stageFetch, err}
		}
		e.From, e.Subject, e.Mark = h.from, h.subject, markOf(h.id, it.size)
	}
	if e.Tries < mostTries {
		return e, nil
	}
	if e.From == "" && it.entry != nil {
		e.From, e.Subject = it.entry.From, it.entry.Subject
	}
	from.Fetched = e
	from.Tries-- // it is counted there
	stub := fmt.Appendf(nil, "X-Planpost-Source: folder %d, UID %d\r\nDate: %s\r\nSubject: %s\r\n\r\n%s\r\n", v.f.Validity, it.uid, it.at.Format(time.RFC1123Z), e.Subject, e.From)
	if err := v.setAside(ctx, stub, from, "unfetched", broke); err != nil {
		return e, errOurs{err}
	}
	e.State = core.FetchFailed
	return e, nil
}
