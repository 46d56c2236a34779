package imapworker

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"planpost/core"
	"planpost/mail"
)

const (
	// tryTime bounds a test: somebody waits for it.
	tryTime = time.Minute
	// mostNames is how many folders of a server are listed.
	mostNames = 500
)

var _ core.MailboxLink = (*Worker)(nil)

// Words implements core.MailboxLink.
func (w *Worker) Words(err error) (code, text string) {
	t := troubleOf(&at{stageSignIn, err})
	return t.Code, t.Text
}

// AgreeURL implements core.MailboxLink.
func (w *Worker) AgreeURL(m *core.Mailbox, back, state, verifier string) string {
	return AgreeURL(m, back, state, verifier)
}

// Try implements core.MailboxLink.
func (w *Worker) Try(ctx context.Context, m *core.Mailbox, secret core.MailboxSecret) (r core.MailboxReport) {
	ctx, cancel := context.WithTimeout(ctx, tryTime)
	defer cancel()
	began := time.Now()
	defer func() { r.Took = time.Since(began) }()
	fail := func(step stage, err error) core.MailboxReport {
		t := troubleOf(err)
		r.Failed, r.Code, r.Text = string(step), t.Code, t.Text
		return r
	}
	w.dialer.tokens.forget(m.ID)
	s, err := w.dialer.open(ctx, m, &secret, func(st stage) { r.Steps = append(r.Steps, string(st)) })
	if err != nil {
		next := stageReach
		for _, st := range []stage{stageReach, stageTLS, stageSignIn} {
			if slices.Contains(r.Steps, string(st)) || st == stageTLS && m.Security == core.MailboxPlain {
				continue
			}
			next = st
			break
		}
		return fail(next, err)
	}
	stop := context.AfterFunc(ctx, func() { s.w.Conn.Close() })
	defer func() {
		if stop() {
			s.logout()
		}
	}()
	caps := s.c.Caps()
	r.Idle, r.ModSeq, r.Move, r.Expunge = caps.Has(imap.CapIdle), caps.Has(imap.CapCondStore), caps.Has(imap.CapMove), caps.Has(imap.CapUIDPlus)
	if r.Names, err = names(s); err != nil {
		return fail(stageFolder, &at{stageFolder, err})
	}
	v := w.watch(m, nil, core.MailFolder{})
	for _, name := range m.Folders {
		f, err := v.look(s, name, &r)
		if err != nil {
			return fail(stageFolder, &at{stageFolder, err})
		}
		r.Folders = append(r.Folders, f)
	}
	r.Steps = append(r.Steps, string(stageFolder))
	return r
}

// names lists the folders that can be opened.
func names(s *session) (list []string, err error) {
	err = s.command(func() error {
		cmd := s.c.List("", "*", nil)
		for box := cmd.Next(); box != nil; box = cmd.Next() {
			if len(list) < mostNames && !slices.Contains(box.Attrs, imap.MailboxAttrNoSelect) && len(box.Mailbox) <= 500 {
				list = append(list, strings.ToValidUTF8(box.Mailbox, "?"))
			}
		}
		return cmd.Close()
	})
	slices.Sort(list)
	return list, err
}

// look counts what there is in a folder, and what of it is old mail that is asked for.
func (v *watch) look(s *session, name string, r *core.MailboxReport) (f core.FolderReport, err error) {
	f.Name = name
	err = s.command(func() error {
		sel, err := s.c.Select(name, &imap.SelectOptions{ReadOnly: true}).Wait()
		if err == nil {
			f.Messages = int(sel.NumMessages)
		}
		return err
	})
	if err != nil || f.Messages == 0 {
		return f, err
	}
	if r.AuthServ == "" && len(r.Fields) == 0 {
		if err := v.lookAtNewest(s, uint32(f.Messages), r); err != nil {
			return f, err
		}
	}
	if v.m.Since.IsZero() {
		return f, nil
	}
	uids, err := v.search(s, since(v.m.Since))
	if err != nil || len(uids) == 0 {
		return f, err
	}
	list, err := v.sizes(s, setOf(uids), uint32(len(uids)))
	for _, it := range list {
		f.Old++
		f.Bytes += it.size
		if it.size > v.m.Size {
			f.Large++
		}
		if f.Oldest.IsZero() || it.at.Before(f.Oldest) {
			f.Oldest = it.at
		}
		if it.at.After(f.Newest) {
			f.Newest = it.at
		}
	}
	return f, err
}

// lookAtNewest finds out what the server writes into the header.
func (v *watch) lookAtNewest(s *session, last uint32, r *core.MailboxReport) error {
	section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, HeaderFields: append([]string{"Authentication-Results"}, core.TrustedFields[:]...), Peek: true}
	return s.command(func() error {
		cmd := s.c.Fetch(imap.SeqSetNum(last), &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{section}})
		for msg := cmd.Next(); msg != nil; msg = cmd.Next() {
			for data := msg.Next(); data != nil; data = msg.Next() {
				body, ok := data.(imapclient.FetchItemDataBodySection)
				if !ok || body.Literal == nil {
					continue
				}
				raw, err := readLiteral(body.Literal, 256<<10, nil)
				if err != nil {
					s.w.Conn.Close()
					_ = cmd.Close()
					return err
				}
				h := mail.ReadHeader(raw)
				id, _, _ := strings.Cut(h.Get("Authentication-Results"), ";")
				if words := strings.Fields(id); len(words) > 0 && len(words[0]) <= 253 {
					r.AuthServ = words[0]
				}
				for _, field := range core.TrustedFields {
					if h.Has(field) {
						r.Fields = append(r.Fields, field)
					}
				}
			}
		}
		return cmd.Close()
	})
}
