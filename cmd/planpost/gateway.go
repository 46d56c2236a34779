package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"strings"
	"time"

	"planpost/cluster"
	"planpost/core"
	"planpost/files"
	"planpost/ingest"
	"planpost/mail/auth"
	"planpost/sheet"
	"planpost/store"
	"planpost/templates"
)

// gateway is everything built from one configuration. Two of them fit in one process.
type gateway struct {
	cfg   Config
	log   *slog.Logger
	store *store.Store
	files *files.Folder
	core  *core.Core
	road  *ingest.Road
	// redis is nil where this process is alone.
	redis *cluster.Redis
	// started is when this process began.
	started time.Time
}

// openGateway builds the parts below the doors. The caller closes it.
func openGateway(ctx context.Context, cfg Config, log *slog.Logger) (*gateway, error) {
	if err := os.MkdirAll(cfg.Data, 0o700); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	keys, err := openKeyring(&cfg)
	if err != nil {
		return nil, err
	}
	g := &gateway{cfg: cfg, log: log, started: time.Now()}
	if g.files, err = files.Open(cfg.dataPath("files")); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	if g.store, err = store.Open(ctx, store.Config{URL: cfg.databaseURL(), Connections: cfg.Connections, Log: log}); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	bus, limiter, err := g.share()
	if err != nil {
		return nil, errors.Join(err, g.close())
	}
	quiet := cfg.Notify.Quiet
	if quiet == 0 {
		quiet = -1 // asked for: every event at once
	}
	drawings, err := sheet.NewReader()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("drawings: %w", err), g.close())
	}
	g.core = core.New(core.Config{
		MailDomain: cfg.MailDomain, Senders: cfg.Mailer.Senders.addresses(), BaseURL: strings.TrimRight(cfg.BaseURL, "/"), Quiet: quiet, QuietMax: cfg.Notify.QuietMax, Undo: cfg.Notify.Undo,
		SessionLife: cfg.SessionLife, Registration: cfg.Registration, RawInRow: cfg.Limits.RawInRow, AttachmentLimit: cfg.Limits.Attachment,
	}, core.Parts{Store: g.store, Files: g.store.Files(g.files), Staging: g.files, Sheets: sheets{drawings}, Bus: bus, Limiter: limiter, Keys: keys, Log: log})
	g.road = ingest.New(ingest.Config{Hostname: cfg.smtpName(), Markers: templates.Markers, Memory: cfg.Limits.Memory}, g.core, g.verifier(), log)
	return g, nil
}

// sheets reads drawings for the core.
type sheets struct{ reader *sheet.Reader }

func (s sheets) Look(ctx context.Context, content io.ReadSeeker) core.Sheet {
	return core.Sheet(s.reader.Look(ctx, content))
}

// share gives what processes have in common: through Redis where one is configured, else within this process.
func (g *gateway) share() (core.Bus, core.Limiter, error) {
	if g.cfg.Redis == "" {
		return cluster.NewBus(), cluster.NewLimiter(nil), nil
	}
	var err error
	if g.redis, err = cluster.DialRedis(g.cfg.Redis, g.log); err != nil {
		return nil, nil, fmt.Errorf("setting redis: %w", err)
	}
	return g.redis, g.redis, nil
}

// close ends what openGateway opened: the database last.
func (g *gateway) close() error {
	var err error
	if g.redis != nil {
		err = g.redis.Close()
	}
	return errors.Join(err, g.files.Close(), g.store.Close())
}

// verifier asks the DNS for SPF, DKIM and DMARC.
func (g *gateway) verifier() *auth.Verifier {
	return auth.NewVerifier(auth.Config{Resolver: g.resolver(), Timeout: g.cfg.SMTP.DNSLimit})
}

// resolver asks the DNS server of the configuration, or the system's.
func (g *gateway) resolver() *net.Resolver { return resolverOf(&g.cfg) }

func resolverOf(cfg *Config) *net.Resolver {
	server := cfg.SMTP.Resolver
	if server == "" {
		return net.DefaultResolver
	}
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{Timeout: 2 * time.Second}).DialContext(ctx, network, server)
	}}
}

func (g *gateway) trusted() (list []netip.Prefix) {
	for _, s := range g.cfg.SMTP.Trusted {
		if p, err := netip.ParsePrefix(s); err == nil { // checked when the configuration was read
			list = append(list, p)
		}
	}
	return list
}

// newLog writes what an operator should know to the terminal's error stream.
func newLog(c *Config, term *terminal) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Log.Level)) // one of four, checked when read
	opt := &slog.HandlerOptions{Level: level}
	if c.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(term.err, opt))
	}
	return slog.New(slog.NewTextHandler(term.err, opt))
}

// load reads the configuration for a command.
func (c *common) load(term *terminal) (Config, error) {
	return loadConfig(c.ConfigFile, term.getenv)
}

// open loads the configuration and builds the gateway, quiet on the terminal, for one command.
func (c *common) open(ctx context.Context, term *terminal) (*gateway, error) {
	cfg, err := c.load(term)
	if err != nil {
		return nil, err
	}
	if cfg.Log.Level == "info" {
		cfg.Log.Level = "warn"
	}
	return openGateway(ctx, cfg, newLog(&cfg, term))
}

// with opens the gateway for do and closes it when do is done.
func (c *common) with(ctx context.Context, term *terminal, do func(*gateway) error) error {
	g, err := c.open(ctx, term)
	if err != nil {
		return err
	}
	defer g.close()
	return do(g)
}
