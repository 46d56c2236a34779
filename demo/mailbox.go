package demo

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

//go:embed static/mailbox.css static/mailbox.js
var static embed.FS

// Mailbox shows captured mail and writes replies to it. It is to be mounted
// at "/mailbox/" and is safe for concurrent use.
type Mailbox struct {
	core    *core.Core
	deliver Deliver
	log     *slog.Logger
	mux     *http.ServeMux

	mu   sync.Mutex
	read map[core.ID]bool // mails that were opened since the start; guarded by mu
}

// NewMailbox builds the handler. A nil log discards.
func NewMailbox(c *core.Core, deliver Deliver, log *slog.Logger) *Mailbox {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	m := &Mailbox{core: c, deliver: deliver, log: log, mux: http.NewServeMux(), read: make(map[core.ID]bool)}
	for pattern, h := range map[string]func(http.ResponseWriter, *http.Request) error{
		"GET /mailbox/{$}":                m.index,
		"GET /mailbox/person/{id}":        m.index,
		"GET /mailbox/mail/{id}":          m.mail,
		"GET /mailbox/mail/{id}/html":     m.html,
		"GET /mailbox/mail/{id}/source":   m.source,
		"GET /mailbox/mail/{id}/file/{n}": m.file,
		"POST /mailbox/mail/{id}/reply":   m.reply,
		"GET /mailbox/events":             m.events,
		"GET /mailbox/mailbox.css":        staticFile("text/css; charset=utf-8"),
		"GET /mailbox/mailbox.js":         staticFile("text/javascript; charset=utf-8"),
	} {
		m.mux.HandleFunc(pattern, m.serve(h))
	}
	return m
}

// policy is the site's, and lets our own frames in.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// errGone is the answer to addresses that lead to nothing.
var errGone = core.Fail(core.NotFound, "not_found")

// ServeHTTP answers on this computer only: whoever opens the page can answer
// in the name of anybody. Another name for this computer is refused too, so
// that a page from elsewhere cannot read it by pointing its own name here.
func (m *Mailbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !peer.Addr().Unmap().IsLoopback() || !localName(r.Host) {
		http.Error(w, "The demo's mailbox can be opened on its own computer only.", http.StatusForbidden)
		return
	}
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	m.mux.ServeHTTP(w, r)
}

func localName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.Unmap().IsLoopback()
}

// serve turns errors into answers: this is a tool for trying out, so they are plain.
func (m *Mailbox) serve(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		locale, status, key := localeOf(r), http.StatusInternalServerError, "error.kind.internal"
		if core.KindOf(err) == core.NotFound {
			status, key = http.StatusNotFound, "error.kind.notfound"
		} else {
			m.log.Error("demo mailbox", "path", r.URL.Path, "err", err)
		}
		http.Error(w, templates.T(locale, key), status)
	}
}

func localeOf(r *http.Request) string {
	return templates.MatchAccept(r.Header.Get("Accept-Language"))
}

func staticFile(kind string) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		b, err := static.ReadFile("static/" + r.URL.Path[len("/mailbox/"):])
		if err != nil {
			return errGone
		}
		w.Header().Set("Content-Type", kind)
		_, err = w.Write(b)
		return err
	}
}

// house is the sample company's account; its ID is empty while there is none.
func (m *Mailbox) house(ctx context.Context) (core.Account, error) {
	list, err := m.core.Accounts(ctx)
	if err != nil || len(list) == 0 {
		return core.Account{}, err
	}
	return list[0], nil
}

// most is how many mails are listed in all.
const most = 2000

// sent lists captured mail, newest first; of one person when that is not empty.
func (m *Mailbox) sent(ctx context.Context, a core.Account, person core.ID) (all []core.DeliveryItem, err error) {
	f := core.DeliveryFilter{State: core.DeliverySent, Person: person, Limit: 200}
	for len(all) < most {
		page, err := m.core.Deliveries(ctx, core.OperatorOf(a), f)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if len(page) < f.Limit {
			break
		}
		f.Before = page[len(page)-1].Delivery.ID
	}
	return all, nil
}

// letter is one captured mail, read.
type letter struct {
	account core.Account
	item    core.DeliveryItem
	person  core.Person
	raw     []byte
	msg     *mail.Message
}

func (m *Mailbox) letter(r *http.Request) (l letter, err error) {
	ctx := r.Context()
	id, ok := core.ParseID(r.PathValue("id"))
	if !ok {
		return l, errGone
	}
	if l.account, err = m.house(ctx); err != nil || l.account.ID == "" {
		return l, errors.Join(err, errGone)
	}
	op := core.OperatorOf(l.account)
	v, err := m.core.Delivery(ctx, op, id)
	if err != nil {
		return l, err
	}
	l.item = v.Item
	p, err := m.core.Person(ctx, op, l.item.Delivery.Person)
	if err != nil {
		return l, err
	}
	l.person = p.Person
	if l.raw, err = m.core.Captured(ctx, l.account.ID, id); err != nil {
		return l, err
	}
	l.msg, err = mail.Parse(l.raw, mail.Limits{})
	return l, err
}

func (m *Mailbox) seen(id core.ID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.read[id]
}

func (m *Mailbox) open(id core.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.read[id] = true
}

// events tells open pages that mail was sent. It ends with the request.
func (m *Mailbox) events(w http.ResponseWriter, r *http.Request) error {
	a, err := m.house(r.Context())
	if err != nil {
		return err
	}
	changed, end := m.core.Bus().Subscribe(core.OutboxTopic(a.ID))
	defer end()
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{}) // a stream has no end in time; who cannot set it has none
	w.Header().Set("Content-Type", "text/event-stream")
	beat := time.NewTicker(20 * time.Second)
	defer beat.Stop()
	text := "retry: 2000\n\n"
	for {
		if _, err := w.Write([]byte(text)); err != nil {
			return err
		}
		if err := control.Flush(); err != nil {
			return err
		}
		select {
		case <-r.Context().Done():
			return nil
		case <-beat.C:
			text = ":\n\n"
		case _, ok := <-changed:
			if !ok {
				return nil
			}
			text = "event: mail\ndata: new\n\n"
		}
	}
}

func (m *Mailbox) render(w http.ResponseWriter, r *http.Request, status int, name string, view any) error {
	var b bytes.Buffer
	if err := templates.Page(&b, localeOf(r), name, view); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, err := w.Write(b.Bytes())
	return err
}
