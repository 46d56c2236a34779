package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"planpost/imapworker"
	"planpost/mailer"
	"planpost/smtpd"
	"planpost/templates"
	"planpost/web"
)

func stack() string { return string(debug.Stack()) }

type serveCommand struct {
	common
	Roles     []string `help:"Parts to run: web, smtp, imap, mailer, duties." default:"web,smtp,imap,mailer,duties"`
	Relay     string   `placeholder:"HOST:PORT" help:"Mail server that takes our mail, instead of the configured one."`
	UntilIdle bool     `help:"End when no mail is due any more."`
}

func (s *serveCommand) Run(ctx context.Context, term *terminal) error {
	cfg, err := s.load(term)
	if err != nil {
		return err
	}
	if s.Relay != "" {
		cfg.Mailer.Relay = s.Relay
	}
	for _, r := range s.Roles {
		if !slices.Contains([]string{"web", "smtp", "imap", "mailer", "duties"}, r) {
			return fmt.Errorf("there is no role %q; the roles are web, smtp, imap, mailer, duties", r)
		}
	}
	h, err := newHost(ctx, cfg, term, s.Roles)
	if err != nil {
		return err
	}
	defer h.gateway.close()
	if err := h.welcome(ctx); err != nil {
		return err
	}
	if s.UntilIdle {
		return errors.Join(h.mailer.UntilIdle(ctx), h.closeTransport())
	}
	return h.run(ctx)
}

// host is a gateway with its doors open.
type host struct {
	*gateway
	term   *terminal
	roles  []string
	mailer *mailer.Mailer
	// transport is where mail goes, nil while it waits.
	transport mailer.Transport
	smtp      *smtpd.Server
	// imap fetches from mailboxes, where that is a role, and tests them for the pages.
	imap   *imapworker.Worker
	web    *http.Server
	pages  *web.Site
	listen net.Listener
}

// newHost opens every door that the roles ask for, so that a port that is
// taken is known before anything runs.
func newHost(ctx context.Context, cfg Config, term *terminal, roles []string) (*host, error) {
	templates.Load()
	h := &host{term: term, roles: roles}
	var err error
	has := func(role string) bool { return slices.Contains(roles, role) }
	if has("web") {
		if h.listen, err = net.Listen("tcp", cfg.Web.Listen); err != nil {
			return nil, taken("web.listen", cfg.Web.Listen, err)
		}
		if cfg.BaseURL == "" {
			cfg.BaseURL = h.scheme(&cfg) + h.listen.Addr().String()
		}
	}
	if cfg.BaseURL == "" {
		cfg.BaseURL = "http://" + cfg.Web.Listen
	}
	if h.gateway, err = openGateway(ctx, cfg, newLog(&cfg, term)); err != nil {
		return nil, h.abandon(err)
	}
	transport, err := relayTransport(&cfg, h.core, h.log)
	if err != nil {
		return nil, h.abandon(err)
	}
	h.openMailer(transport)
	if h.imap, err = h.openIMAP(nil); err != nil {
		return nil, h.abandon(err)
	}
	if err := h.syncMailboxes(ctx); err != nil {
		return nil, h.abandon(err)
	}
	if has("web") {
		if err := h.openWeb(nil); err != nil {
			return nil, h.abandon(err)
		}
	}
	if has("smtp") { // last: what it opens is closed by its own Run only
		if err := h.openSMTP(); err != nil {
			return nil, h.abandon(err)
		}
	}
	return h, nil
}

// abandon closes what was opened before err.
func (h *host) abandon(err error) error {
	if h.listen != nil {
		h.listen.Close()
	}
	if h.gateway != nil {
		err = errors.Join(err, h.gateway.close())
	}
	return err
}

func taken(setting, address string, err error) error {
	return fmt.Errorf("%s: cannot listen on %s: %w; choose another address or end the program that has it", setting, address, err)
}

func (h *host) scheme(cfg *Config) string {
	if cfg.Web.Cert != "" {
		return "https://"
	}
	return "http://"
}

// openSMTP opens the doors for mail.
func (h *host) openSMTP() error {
	c := &h.cfg.SMTP
	var listeners []smtpd.Listener
	for _, a := range c.Listen {
		listeners = append(listeners, smtpd.Listener{Address: a})
	}
	for _, a := range c.LMTP {
		listeners = append(listeners, smtpd.Listener{Address: a, LMTP: true})
	}
	var err error
	h.smtp, err = smtpd.New(smtpd.Config{Listeners: listeners, Hostname: h.cfg.smtpName(), CertFile: c.Cert, KeyFile: c.Key, Trusted: h.trusted(),
		Connections: c.Sessions, ConnectionsPerIP: c.PerIP, Recipients: c.Rcpt, Size: c.Size, Memory: h.cfg.Limits.Memory, Idle: c.Timeout,
		Flood: smtpd.Flood{Messages: c.Rate, MessagesEvery: time.Minute / time.Duration(max(c.Rate, 1))}}, h.road, h.core.Limiter(), h.log)
	if err != nil {
		return err
	}
	if err := h.smtp.Listen(context.Background()); err != nil {
		return taken("smtp.listen, smtp.lmtp_listen", strings.Join(append(slices.Clone(c.Listen), c.LMTP...), ", "), err)
	}
	return nil
}

func (h *host) smtpAddresses() (list []string) {
	for _, a := range h.smtp.Addrs() {
		list = append(list, a.String())
	}
	return list
}

// openMailer makes the road out; without a transport everything waits.
func (h *host) openMailer(t mailer.Transport) {
	c := &h.cfg.Mailer
	h.transport = t
	h.mailer = mailer.New(mailer.Config{Workers: 3 * c.Concurrency, Retry: c.Retry, GiveUp: c.GiveUp},
		mailer.Parts{Core: h.core, Files: h.store.Files(h.files), Transport: t, Log: h.log})
}

// openWeb makes the site; extra handlers are the demo's.
func (h *host) openWeb(extra map[string]http.Handler) error {
	var err error
	h.pages, err = web.New(web.Config{BaseURL: h.cfg.BaseURL, BehindProxy: h.cfg.Web.Proxy, Ready: h.ready, Mailboxes: h.mailboxLink(), Extra: extra}, h.core, h.log)
	if err != nil {
		return err
	}
	// HTTP/2 lets a browser take megabytes ahead of its reader, which no block can take back: measured, a
	// download went on for a second and 4 MiB, and over HTTP/1.1 for 50 ms and 200 KiB.
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	h.web = &http.Server{Protocols: protocols, Handler: h.pages, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10, ErrorLog: nil, ConnContext: web.ConnContext}
	return nil
}

// ready tells whether the database answers; the doors are open since the start.
func (h *host) ready(ctx context.Context) error { return h.store.Ping(ctx) }

// welcome says where to look, and on an empty host prints the code for the first visit.
func (h *host) welcome(ctx context.Context) error {
	if h.listen == nil {
		return nil
	}
	needed, err := h.core.SetupNeeded(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(h.term.out, "Planpost %s\n  pages  %s\n", version, h.cfg.BaseURL)
	if h.smtp != nil {
		fmt.Fprintf(h.term.out, "  mail   smtp://%s for %s\n", strings.Join(h.smtpAddresses(), ", "), h.cfg.MailDomain)
	}
	if !needed {
		return nil
	}
	code, err := h.core.NewSetupCode(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(h.term.out, "\nThis host has no account yet. Open %s/setup and enter this code, which works once:\n\n  %s\n\n", h.cfg.BaseURL, code)
	return nil
}

// run keeps everything running until ctx ends or a part fails, then stops
// doors first, workers next; the caller closes the database last.
func (h *host) run(ctx context.Context) error {
	doors, closeDoors := context.WithCancel(ctx)
	defer closeDoors()
	workers, stopWorkers := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWorkers()
	failed := make(chan error, 8)
	doorsDone := together(failed, h.doors(doors)...)
	workersDone := together(failed, h.workers(workers)...)
	var err error
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	closeDoors()
	<-doorsDone
	stopWorkers()
	<-workersDone
	return errors.Join(err, h.closeTransport())
}

// closeTransport says goodbye on connections that are kept open.
func (h *host) closeTransport() error {
	if c, ok := h.transport.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// together runs parts side by side; the channel closes when all have ended.
func together(failed chan<- error, parts ...func() error) <-chan struct{} {
	done := make(chan struct{})
	left := make(chan struct{}, len(parts))
	for _, part := range parts {
		go func() {
			defer func() { left <- struct{}{} }()
			if err := part(); err != nil {
				failed <- err
			}
		}()
	}
	go func() {
		for range parts {
			<-left
		}
		close(done)
	}()
	return done
}

func (h *host) doors(ctx context.Context) (parts []func() error) {
	if h.smtp != nil {
		parts = append(parts, func() error { return h.smtp.Run(ctx) })
	}
	if slices.Contains(h.roles, "imap") {
		parts = append(parts, func() error { return h.imap.Run(ctx) })
	}
	if h.web != nil {
		parts = append(parts, func() error { return h.serveWeb(ctx) })
	}
	return parts
}

func (h *host) workers(ctx context.Context) (parts []func() error) {
	parts = append(parts, func() error { return h.road.Run(ctx) })
	if slices.Contains(h.roles, "mailer") {
		parts = append(parts, func() error { return h.mailer.Run(ctx) })
	}
	if slices.Contains(h.roles, "duties") {
		parts = append(parts, func() error { h.runDuties(ctx); return nil })
	}
	return parts
}

// serveWeb serves pages until ctx ends, then lets requests finish.
func (h *host) serveWeb(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() {
		if h.cfg.Web.Cert != "" {
			failed <- h.web.ServeTLS(h.listen, h.cfg.Web.Cert, h.cfg.Web.Key)
			return
		}
		failed <- h.web.Serve(h.listen)
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	h.pages.Stop() // ends the live streams, which never end by themselves
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := h.web.Shutdown(grace); err != nil {
		return h.web.Close()
	}
	return nil
}
