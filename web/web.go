// Package web holds the pages people see and the forms they send.
//
//	request -> guard (headers, cross-origin) -> mux -> session -> handler -> core -> view -> templates -> response
//
// routes.go is the one table of all addresses. A handler reads a typed form,
// calls one core method, and renders a view or redirects; a page is rendered
// into a buffer first, so an error is a clean page. Every page works without
// script; the script only fetches again what changed, told by /events.
//
// It knows HTTP and the core. It must not know SQL, how mail is parsed, or
// any rule: what a person may do is asked of the core, every time.
package web

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"planpost/core"
	"planpost/templates"
)

// Config says how the site is reached. The zero value serves plain HTTP on loopback.
type Config struct {
	// BaseURL is the address as people see it, e.g. "https://planpost.example.org".
	// When it starts with https, cookies are bound to it and browsers told to stay there.
	BaseURL string
	// BehindProxy takes the client's address from the last entry of X-Forwarded-For.
	BehindProxy bool
	// Ready tells whether the program's doors are open, for /readyz; nil means they are.
	Ready func(context.Context) error
	// Mailboxes reaches the servers of mailboxes; nil where nothing does.
	Mailboxes core.MailboxLink
	// Extra are further handlers by pattern, such as the demo's "/mailbox/". They get the same guard and headers, no session.
	Extra map[string]http.Handler
	// Heartbeat is how often a silent event stream says that it lives; zero means 25 seconds.
	Heartbeat time.Duration
	// AnswerAfter is when "Forgot password" and the door of the dashboard answer, whatever was
	// typed: how long it took would tell who is known. Zero means 400 milliseconds.
	AnswerAfter time.Duration
}

// Site is the whole of the pages as one handler. It is safe for concurrent use.
type Site struct {
	cfg     Config
	core    *core.Core
	log     *slog.Logger
	secure  bool
	static  map[string]asset
	version string // of the static files, part of their addresses
	handler http.Handler
	// settled is set once an account exists; it never becomes unset.
	settled atomic.Bool
	zones   sync.Map  // IANA name -> *time.Location; loading one reads a file
	buffers sync.Pool // of *bytes.Buffer: pages while they are rendered
	streams streams
	flights flights
	// stallWithin is how long a reader may take for a piece of a file.
	stallWithin time.Duration
	stop        chan struct{}
	// previews are small copies of pictures.
	previews *previews
	stopped  sync.Once
}

// New builds the site. Errors are mistakes in the configuration.
func New(cfg Config, c *core.Core, log *slog.Logger) (*Site, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if cfg.AnswerAfter == 0 {
		cfg.AnswerAfter = 400 * time.Millisecond
	}
	if cfg.Heartbeat == 0 {
		cfg.Heartbeat = 25 * time.Second
	}
	s := &Site{cfg: cfg, core: c, log: log, secure: strings.HasPrefix(cfg.BaseURL, "https://"), stop: make(chan struct{}), previews: newPreviews()}
	s.stallWithin = stallWithin
	s.flights = flights{core: c, failed: func(err error) { log.Warn("running downloads", "error", err) }}
	if err := s.loadStatic(templates.Static()); err != nil {
		return nil, err
	}
	cross := http.NewCrossOriginProtection()
	if cfg.BaseURL != "" {
		u, err := url.Parse(cfg.BaseURL)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("base address %q is not an address such as https://planpost.example.org", cfg.BaseURL)
		}
		// Behind a proxy the Host may be another than the one people see.
		if err := cross.AddTrustedOrigin(u.Scheme + "://" + u.Host); err != nil {
			return nil, fmt.Errorf("base address: %w", err)
		}
	}
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, s.visitor(r), core.Fail(core.Forbidden, "crossorigin"))
	}))
	s.handler = s.guard(cross.Handler(s.mux()))
	return s, nil
}

// ServeHTTP answers one request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Stop ends the live event streams, which never end by themselves, so that a
// server can shut down. Further requests are still answered.
func (s *Site) Stop() { s.stopped.Do(func() { close(s.stop) }) }

// policy is what our pages may load: nothing that is not ours, no script or
// style within the page, no frames around it.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// guard sets the headers of every response and recovers from panics.
func (s *Site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if s.secure {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler {
				panic(p)
			}
			s.fail(w, s.visitor(r), fmt.Errorf("panic: %v\n%s", p, stack()))
		}()
		if mailed(r.URL.Path) && !onlyKnownMethods(w, r) {
			return
		}
		next.ServeHTTP(w, r)
	})
}

// asset is one static file.
type asset struct {
	body []byte
	kind string
}

func (s *Site) loadStatic(files fs.FS) error {
	kinds := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	s.static = make(map[string]asset)
	sum := sha256.New()
	return fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return fmt.Errorf("static file %s: %w", name, err)
		}
		s.static[name] = asset{body, kinds[name[strings.LastIndexByte(name, '.'):]]}
		sum.Write(body)
		s.version = hex.EncodeToString(sum.Sum(nil)[:6])
		return nil
	})
}

// staticFile serves a file that may be kept for ever: its address changes with its content.
func (s *Site) staticFile(w http.ResponseWriter, v *visit) error {
	a, ok := s.static[v.PathValue("file")]
	if !ok {
		return core.Fail(core.NotFound, "not_found")
	}
	w.Header().Set("Content-Type", a.kind)
	if v.URL.Query().Get("v") == s.version {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, err := w.Write(a.body)
	return gone(err)
}
