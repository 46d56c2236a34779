package main

import (
	"context"
	"errors"
	"io"
	"time"

	"planpost/core"
	"planpost/mailer"
	"planpost/templates"
)

// probeLimit is how long a relay may take for one mail of the self-test.
const probeLimit = 30 * time.Second

// checkHealth looks at every group of findings whose time has come, or that
// somebody asked for, and keeps what it finds.
func (g *gateway) checkHealth(ctx context.Context) error {
	due, err := g.core.HealthDue(ctx, g.started)
	if err != nil {
		return err
	}
	for _, group := range due {
		err = errors.Join(err, g.checkGroup(ctx, group))
	}
	return err
}

// checkGroup looks at one group. The self-test takes its time and ends in a later turn.
func (g *gateway) checkGroup(ctx context.Context, group string) error {
	list, done, err := g.look(ctx, group)
	if err != nil || !done {
		return err
	}
	if ctx.Err() != nil {
		return ctx.Err() // half an answer is none
	}
	return g.core.KeepFindings(ctx, group, list)
}

func (g *gateway) look(ctx context.Context, group string) (list []core.Finding, done bool, err error) {
	switch group {
	case core.HealthRecords:
		return recordFindings(ctx, &g.cfg, g.core), true, nil
	case core.HealthSignIn:
		return signInFindings(ctx, &g.cfg, g.core), true, nil
	}
	return g.selfTest(ctx)
}

// selfTest sends a mail of each form to ourselves through the configured
// road, and in later turns sees what became of them. Any process may have got them back.
func (g *gateway) selfTest(ctx context.Context) (list []core.Finding, done bool, err error) {
	if g.cfg.local() {
		return []core.Finding{{Code: "probe.local", State: core.FindingFine, Name: g.cfg.MailDomain}}, true, nil
	}
	under, err := g.core.Probes(ctx)
	if err != nil {
		return nil, false, err
	}
	if len(under) > 0 {
		return g.core.JudgeProbes(ctx)
	}
	transport, err := relayTransport(&g.cfg, g.core, g.log)
	if err != nil || transport == nil { // the sign-in's findings say what is the matter
		mode, err := g.core.ReplyMode(ctx, g.core.Now()) // the one found before stays
		return []core.Finding{{Code: "probe.unsent", State: core.FindingUnknown, Name: g.cfg.MailDomain},
			{Code: "mode." + string(mode), State: core.FindingFine, Name: g.cfg.MailDomain}}, true, err
	}
	return nil, false, g.sendProbes(ctx, transport)
}

func (g *gateway) sendProbes(ctx context.Context, t mailer.Transport) error {
	if c, ok := t.(io.Closer); ok {
		defer c.Close()
	}
	probes, err := g.core.NewProbes(ctx)
	if err != nil {
		return err
	}
	for i := range probes {
		if err := g.sendProbe(ctx, t, &probes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (g *gateway) sendProbe(ctx context.Context, t mailer.Transport, p *core.Probe) error {
	subject, text := templates.T("en", "health.probe.subject"), templates.T("en", "health.probe.text", "host", g.cfg.smtpName())
	path, to, raw, err := g.core.ProbeMail(ctx, p, subject, text)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	out := t.Send(ctx, mailer.Outgoing{ReversePath: path, Recipient: to, Raw: raw, Sender: g.cfg.MailDomain, Stream: core.SecurityStream})
	if out.Class == mailer.Sent || out.Class == mailer.Uncertain {
		return nil
	}
	return g.core.RefuseProbe(context.WithoutCancel(ctx), p.ID, out.Remote+": "+out.Text)
}

// proveMailboxes sends the mails that prove the way to mailboxes, through the configured road.
func (g *gateway) proveMailboxes(ctx context.Context) error {
	transport, err := relayTransport(&g.cfg, g.core, g.log)
	if err != nil || transport == nil {
		return nil // the sign-in's findings say what is the matter
	}
	if c, ok := transport.(io.Closer); ok {
		defer c.Close()
	}
	due, err := g.core.CanariesDue(ctx)
	for i := range due {
		path, to, raw, failed := g.core.CanaryMail(ctx, &due[i], templates.T("en", "canary.subject"), templates.T("en", "canary.text", "host", g.cfg.smtpName()))
		if failed != nil {
			err = errors.Join(err, failed)
			continue
		}
		limited, cancel := context.WithTimeout(ctx, probeLimit)
		out := transport.Send(limited, mailer.Outgoing{ReversePath: path, Recipient: to, Raw: raw, Sender: g.cfg.MailDomain, Stream: core.WorkStream})
		cancel()
		if out.Class != mailer.Sent && out.Class != mailer.Uncertain {
			g.log.Warn("proof of a mailbox", "mailbox", due[i].Mailbox.ID, "refused", out.Text)
		}
	}
	return err
}
