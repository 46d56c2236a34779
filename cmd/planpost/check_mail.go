package main

import (
	"context"
	"time"

	"planpost/core"
)

const (
	// mailLimit is how long the command waits for a mail to come back; the gateway itself waits longer.
	mailLimit = time.Minute
	mailPause = 100 * time.Millisecond
)

// checkMail gives what the last self-test found, or makes one now.
func checkMail(ctx context.Context, cfg *Config, now bool) (list []core.Finding) {
	g := openThere(ctx, cfg)
	if g == nil {
		return nil
	}
	defer g.close()
	if now {
		return g.selfTestNow(ctx)
	}
	all, _ := g.core.Findings(ctx) // a database that does not answer is said elsewhere
	for i := range all {
		if all[i].Group == core.HealthSelfTest {
			list = append(list, all[i])
		}
	}
	return list
}

// selfTestNow makes a self-test and keeps what it finds. One that takes longer is ended by the gateway.
func (g *gateway) selfTestNow(ctx context.Context) []core.Finding {
	ctx, cancel := context.WithTimeout(ctx, mailLimit)
	defer cancel()
	for {
		list, done, err := g.selfTest(ctx)
		if err == nil && done {
			err = g.core.KeepFindings(ctx, core.HealthSelfTest, list)
		}
		switch {
		case err != nil:
			return []core.Finding{{Code: "probe.waits", State: core.FindingUnknown, Name: g.cfg.MailDomain, Found: words(err)}}
		case done:
			return list
		}
		select {
		case <-ctx.Done():
			return []core.Finding{{Code: "probe.waits", State: core.FindingUnknown, Name: g.cfg.MailDomain, Found: mailLimit.String()}}
		case <-time.After(mailPause):
		}
	}
}
