package imapworker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"planpost/core"
	"planpost/mail"
)

// knownBefore is for how long before the beginning messages are remembered: a server that numbers anew may give them
// another date, and they must not be taken for new ones then.
const knownBefore = 48 * time.Hour

// open selects the folder and finds out whether what we know of it still holds.
func (v *watch) open(ctx context.Context, s *session) error {
	var sel *imap.SelectData
	opt := &imap.SelectOptions{ReadOnly: v.m.After == core.LeaveFetched && v.m.FailedTo == "", CondStore: s.c.Caps().Has(imap.CapCondStore)}
	err := s.command(func() (err error) {
		sel, err = s.c.Select(v.f.Name, opt).Wait()
		return err
	})
	if err != nil {
		return &at{stageFolder, err}
	}
	v.modSeq = sel.HighestModSeq
	switch v.f.Validity {
	case sel.UIDValidity:
		return nil
	case 0:
		return v.begin(ctx, s, sel)
	}
	return v.renumber(ctx, s, sel)
}

// begin opens a folder for the first time: what is there is not ours, but for the old mail that was asked for.
func (v *watch) begin(ctx context.Context, s *session, sel *imap.SelectData) error {
	now := time.Now().UTC()
	f := v.f
	f.Validity, f.BeganAt = sel.UIDValidity, now
	recent, err := v.list(s, since(now.Add(-knownBefore)), sel.NumMessages)
	if err != nil {
		return err
	}
	var entries []core.Fetched
	if f.Next = uint32(sel.UIDNext); sel.UIDNext == 0 { // RFC 3501 calls it required, RFC 2060 did not
		if f.Next, err = v.highest(s); err != nil {
			return err
		}
	}
	f.First = f.Next
	for _, it := range recent {
		if v.m.Since.IsZero() && it.uid < f.Next { // what came since is new
			e := v.entry(it, core.FetchBefore)
			e.Validity = f.Validity
			entries = append(entries, e)
		}
	}
	if !v.m.Since.IsZero() {
		old, err := v.search(s, since(v.m.Since))
		if err != nil {
			return err
		}
		old = slices.DeleteFunc(old, func(uid uint32) bool { return uid >= f.Next })
		f.Total, f.Left = len(old), len(old)
		f.Backlog = setOf(old).String()
	}
	if err := v.w.core.KeepFolder(ctx, &f, entries, false); err != nil {
		return errOurs{err}
	}
	v.f = f
	v.hand(true)
	return nil
}

// renumber follows a server that gave its messages new numbers: those that the ledger knows by their marks keep what
// became of them, those from before the beginning stay outside, and all others are looked at as if they were new.
func (v *watch) renumber(ctx context.Context, s *session, sel *imap.SelectData) error {
	v.w.log.Warn("the server numbers a folder anew", "mailbox", v.m.ID, "folder", v.f.Name, "was", v.f.Validity, "now", sel.UIDValidity)
	marks, err := v.w.core.FetchedMarks(ctx, &v.f, sel.UIDValidity)
	if err != nil {
		return errOurs{err}
	}
	all, err := v.list(s, imap.UIDSet{{Start: 1, Stop: lastUID}}, sel.NumMessages)
	if err != nil {
		return err
	}
	f := v.f
	f.Validity, f.First, f.Next, f.Backlog, f.AtHand, f.ModSeq = sel.UIDValidity, 1, 1, "", "", 0
	v.f.Validity = f.Validity // of the entries that follow; a stop before all is kept begins anew
	var known []core.Fetched
	var fresh []uint32
	for _, it := range all {
		f.Next = max(f.Next, it.uid+1)
		switch {
		case it.mark != "" && marks[it.mark] > 0:
			marks[it.mark]--
			known = append(known, v.entry(it, core.FetchDone))
		case v.before(it):
			known = append(known, v.entry(it, core.FetchBefore))
		default:
			fresh = append(fresh, it.uid)
		}
	}
	f.Next = max(f.Next, uint32(sel.UIDNext))
	// The new ones go the way of old mail that is still to come: a stop in between loses none.
	f.Backlog = setOf(fresh).String()
	f.Left = len(fresh)
	if err := v.w.core.KeepFolder(ctx, &f, known, true); err != nil {
		return errOurs{err}
	}
	v.f = f
	return nil
}

// before tells that a message was there before the folder was connected, as far as can be told.
func (v *watch) before(it item) bool {
	if !v.m.Since.IsZero() && !it.at.Before(v.m.Since.Add(-24*time.Hour)) {
		return false
	}
	return it.at.Before(v.f.BeganAt.Add(-24*time.Hour)) || !it.written.IsZero() && it.written.Before(v.f.BeganAt.Add(-3*24*time.Hour))
}

// item is a message on the server as it is listed.
type item struct {
	uid  uint32
	size int64
	at   time.Time
	// mark and written (the Date field) are only known where the header was asked for.
	mark    string
	written time.Time
	// entry is the ledger's, of one that is tried again.
	entry *core.Fetched
	past  bool
}

func (v *watch) entry(it item, state core.FetchState) core.Fetched {
	return core.Fetched{Account: v.m.Account, Folder: v.f.ID, Validity: v.f.Validity, UID: it.uid, State: state, Mark: it.mark, Size: it.size, At: it.at}
}

// lastUID is the highest there can be.
const lastUID = imap.UID(1<<32 - 1)

// since are the messages that the server got on or after a day (RFC 9051 §6.4.4 knows no hours).
func since(t time.Time) *imap.SearchCriteria { return &imap.SearchCriteria{Since: t} }

// search gives UIDs, sorted.
func (v *watch) search(s *session, criteria *imap.SearchCriteria) (uids []uint32, err error) {
	var opt *imap.SearchOptions
	if s.c.Caps().Has(imap.CapESearch) {
		opt = &imap.SearchOptions{ReturnAll: true}
	}
	err = s.limited(commandTime, 64<<20, func() error {
		found, err := s.c.UIDSearch(criteria, opt).Wait()
		if err != nil {
			return err
		}
		uids, err = numbers(found.All)
		return err
	})
	slices.Sort(uids)
	return slices.Compact(uids), err
}

// highest is the UID after the last one, for a server that does not say it.
func (v *watch) highest(s *session) (uint32, error) {
	uids, err := v.search(s, &imap.SearchCriteria{UID: []imap.UIDSet{{{Start: 1, Stop: lastUID}}}})
	if err != nil || len(uids) == 0 {
		return 1, err
	}
	return uids[len(uids)-1] + 1, nil
}

// headerFields are what tells a message when its number is another.
var headerFields = &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: []string{"Message-ID", "Date"}, Peek: true}

// list gives messages with their marks: those of a search, or of a set. There are n messages in the folder.
func (v *watch) list(s *session, of any, n uint32) (list []item, err error) {
	var set imap.UIDSet
	switch of := of.(type) {
	case imap.UIDSet:
		set = of
	case *imap.SearchCriteria:
		uids, err := v.search(s, of)
		if err != nil || len(uids) == 0 {
			return nil, err
		}
		set = setOf(uids)
	}
	if n == 0 {
		return nil, nil
	}
	opt := &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{headerFields}}
	return v.items(s, set, opt, n, 4<<10)
}

// sizes gives messages of a set, without their marks.
func (v *watch) sizes(s *session, set imap.UIDSet, n uint32) ([]item, error) {
	return v.items(s, set, &imap.FetchOptions{UID: true, RFC822Size: true, InternalDate: true}, n, 512)
}

// items fetches what is listed of messages; each may take up to size bytes.
func (v *watch) items(s *session, set imap.UIDSet, opt *imap.FetchOptions, n uint32, size int64) (list []item, err error) {
	if n > mostUIDs {
		return nil, errTooMany
	}
	err = s.limited(commandTime+time.Duration(n)*time.Millisecond, int64(n)*size+commandBytes, func() error {
		cmd := s.c.Fetch(set, opt)
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			it, err := itemOf(msg)
			if err != nil {
				s.w.Conn.Close()
				_ = cmd.Close()
				return err
			}
			if it.uid != 0 {
				list = append(list, it)
			}
			if len(list) > mostUIDs {
				s.w.Conn.Close()
				_ = cmd.Close()
				return errTooMany
			}
		}
		return cmd.Close()
	})
	slices.SortFunc(list, func(a, b item) int { return int(int64(a.uid) - int64(b.uid)) })
	return slices.CompactFunc(list, func(a, b item) bool { return a.uid == b.uid }), err
}

func itemOf(msg *imapclient.FetchMessageData) (it item, err error) {
	for data := msg.Next(); data != nil; data = msg.Next() {
		switch data := data.(type) {
		case imapclient.FetchItemDataUID:
			it.uid = uint32(data.UID)
		case imapclient.FetchItemDataRFC822Size:
			it.size = data.Size
		case imapclient.FetchItemDataInternalDate:
			it.at = data.Time.UTC()
		case imapclient.FetchItemDataBodySection:
			if data.Literal == nil {
				continue
			}
			raw, err := readLiteral(data.Literal, 64<<10, nil)
			if err != nil {
				return it, err
			}
			h := mail.ReadHeader(raw)
			it.mark, it.written = markOf(messageIDOf(h), it.size), dateOf(h)
		}
	}
	return it, nil
}

// readLiteral reads what the server sends whole, into buf where it has room. The server names its length first; more
// than limit is not read at all.
func readLiteral(lit imap.LiteralReader, limit int64, buf []byte) ([]byte, error) {
	n := lit.Size()
	if n < 0 || n > limit {
		return nil, fmt.Errorf("%w: %d bytes of %d", errTooMuch, n, limit)
	}
	if int64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	for read := 0; read < len(buf); {
		k, err := lit.Read(buf[read:])
		read += k
		if err != nil && read < len(buf) {
			return nil, err
		}
	}
	return buf, nil
}
