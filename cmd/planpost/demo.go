package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/smtp"
	"os"
	"time"

	"planpost/demo"
	"planpost/mailer"
)

type demoCommand struct {
	Data string `help:"Folder of the demo's data." default:"planpost-data"`
	Web  string `help:"Address of the pages." default:"127.0.0.1:8080"`
	SMTP string `name:"smtp" help:"Address for mail." default:"127.0.0.1:2525"`
}

// Run starts everything on loopback over SQLite. A second start keeps the data.
func (d *demoCommand) Run(ctx context.Context, term *terminal) error {
	cfg, err := d.config(term)
	if err != nil {
		return err
	}
	h, err := newDemoHost(ctx, cfg, term)
	if err != nil {
		return err
	}
	defer h.gateway.close()
	if err := d.own(ctx, h); err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- h.run(running) }()
	if err := d.fill(ctx, h, term); err != nil {
		stop()
		return errors.Join(err, <-ended)
	}
	return <-ended
}

// config is the demo's: no file and no environment, so that it cannot touch real data.
func (d *demoCommand) config(term *terminal) (Config, error) {
	cfg, err := loadConfig("", func(string) string { return "" })
	if err != nil {
		return cfg, err
	}
	cfg.Data, cfg.Log.Level = d.Data, "warn"
	if level := term.getenv("PLANPOST_LOG_LEVEL"); level != "" {
		cfg.Log.Level = level
	}
	// People who try the demo want to see the mail now, not after a minute of quiet.
	cfg.Notify.Quiet, cfg.Notify.QuietMax, cfg.Notify.Undo = 3*time.Second, 15*time.Second, 0
	cfg.Web.Listen = freePort(term, "pages", d.Web)
	cfg.SMTP.Listen = []string{freePort(term, "mail", d.SMTP)}
	return cfg, nil
}

// freePort gives the address, or one with another port, said clearly, when it is taken.
func freePort(term *terminal, what, address string) string {
	l, err := net.Listen("tcp", address)
	if err == nil {
		l.Close()
		return address
	}
	host, _, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return address // the error comes when it is opened
	}
	if l, err = net.Listen("tcp", net.JoinHostPort(host, "0")); err != nil {
		return address
	}
	defer l.Close()
	fmt.Fprintf(term.out, "%s is taken by another program; the %s are at %s this time.\n", address, what, l.Addr())
	return l.Addr().String()
}

func newDemoHost(ctx context.Context, cfg Config, term *terminal) (*host, error) {
	h := &host{term: term, roles: []string{"web", "smtp", "imap", "mailer", "duties"}}
	var err error
	if h.listen, err = net.Listen("tcp", cfg.Web.Listen); err != nil {
		return nil, taken("--web", cfg.Web.Listen, err)
	}
	cfg.BaseURL = "http://" + h.listen.Addr().String()
	if h.gateway, err = openGateway(ctx, cfg, newLog(&cfg, term)); err != nil {
		return nil, h.abandon(err)
	}
	h.openMailer(mailer.Capture{})
	if h.imap, err = h.openIMAP(nil); err != nil {
		return nil, h.abandon(err)
	}
	if err = h.openWeb(map[string]http.Handler{"/mailbox/": demo.NewMailbox(h.core, h.deliver, h.log)}); err == nil {
		err = h.openSMTP()
	}
	if err != nil {
		return nil, h.abandon(err)
	}
	return h, nil
}

// deliver sends mail the public road: through our own SMTP port.
func (h *host) deliver(ctx context.Context, from, to string, raw []byte) error {
	return smtp.SendMail(h.smtpAddresses()[0], nil, from, []string{to}, raw)
}

// own refuses a folder in which the demo has not made the whole company: with
// somebody's own data it would keep their mail instead of sending it, and show it to everybody.
func (d *demoCommand) own(ctx context.Context, h *host) error {
	needed, err := h.core.SetupNeeded(ctx)
	if err != nil || needed {
		return err
	}
	if _, err := os.Stat(h.cfg.dataPath("demo")); errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s holds data of another use, or of a demo that was ended while it was made; choose another folder with --data, or remove this one", d.Data)
	}
	return nil
}

// fill makes the sample company when there is none, and says where to look.
func (d *demoCommand) fill(ctx context.Context, h *host, term *terminal) error {
	needed, err := h.core.SetupNeeded(ctx)
	if err != nil {
		return err
	}
	mark := h.cfg.dataPath("demo")
	if needed {
		fmt.Fprintln(term.out, "Making a sample company …")
		if err := demo.Seed(ctx, h.core, h.deliver); err != nil {
			return fmt.Errorf("sample company: %w", err)
		}
		if err := writeDurable(mark, []byte("The sample company in this folder is complete.\n")); err != nil {
			return fmt.Errorf("sample company: %w", err)
		}
	}
	fmt.Fprintf(term.out, "\nPlanpost demo is running. Its data is in %s and is kept for the next start.\n\n", d.Data)
	fmt.Fprintf(term.out, "  pages      %s\n  all mail   %s/mailbox/\n  smtp       %s\n\n", h.cfg.BaseURL, h.cfg.BaseURL, h.smtpAddresses()[0])
	fmt.Fprintln(term.out, "  sign in with          password")
	for _, l := range demo.Logins() {
		fmt.Fprintf(term.out, "  %-21s %s   (%s)\n", l.Login, l.Password, l.Role)
	}
	fmt.Fprintln(term.out, "\nOpen a task, write a comment, then look at the mail in the mailbox and reply as its reader.\nEnd with Ctrl-C.")
	return nil
}
