package main

import (
	"context"
	"fmt"
	"strings"

	"planpost/core"
)

type dkimCommand struct {
	New    dkimNew    `cmd:"" help:"Make keys that sign the mail of a domain, and print the DNS records to set. Also the beginning of a rotation."`
	List   dkimList   `cmd:"" help:"All keys with their state and record."`
	Check  dkimCheck  `cmd:"" help:"Look for the records; a key whose record stands begins to sign and replaces the older one."`
	Begin  dkimBegin  `cmd:"" help:"Let a key sign although its record was not seen from this host."`
	Remove dkimRemove `cmd:"" help:"Take a key away: one that waits, or one replaced a week ago."`
}

// showKey prints a key with its record, in pieces as a zone file takes them (RFC 1035 §3.3.14: at most 255 octets each).
func (g *gateway) showKey(term *terminal, json bool, k *core.SigningKey, says string) error {
	state := k.State(g.core.Now())
	value := map[string]any{"domain": k.Domain, "selector": k.Selector, "algorithm": k.Algorithm, "state": state, "name": k.Name(), "record": k.Record(), "made": k.CreatedAt}
	if says != "" {
		value["dns"] = says
	}
	line := fmt.Sprintf("%-8s %-14s %s", state, k.Algorithm, k.Name())
	if says != "" {
		line += ": " + says
	}
	if state != core.SigningRetired && says != "fine" {
		line += "\n  " + k.Name() + ". TXT " + zoneText(k.Record())
	}
	return g.show(term, json, value, line)
}

// zoneText is a text as it stands in a zone file.
func zoneText(s string) string {
	const most = 255
	var pieces []string
	for len(s) > most {
		pieces, s = append(pieces, `"`+s[:most]+`"`), s[most:]
	}
	return strings.Join(append(pieces, `"`+s+`"`), " ")
}

type dkimNew struct {
	common
	Domain string `arg:"" optional:"" help:"Domain of the senders; the mail domain of the configuration when left out."`
}

func (c *dkimNew) Run(ctx context.Context, term *terminal) error {
	return c.with(ctx, term, func(g *gateway) error {
		if c.Domain == "" {
			c.Domain = g.cfg.MailDomain
		}
		list, err := g.core.NewSigningKeys(ctx, c.Domain)
		for i := range list {
			if err := g.showKey(term, c.JSON, &list[i], ""); err != nil {
				return err
			}
		}
		if err == nil && !c.JSON {
			fmt.Fprintln(term.out, "Set these records, then run: planpost dkim check")
		}
		return err
	})
}

type dkimList struct{ common }

func (c *dkimList) Run(ctx context.Context, term *terminal) error {
	return c.with(ctx, term, func(g *gateway) error {
		list, err := g.core.SigningKeys(ctx)
		for i := range list {
			if err := g.showKey(term, c.JSON, &list[i], ""); err != nil {
				return err
			}
		}
		return err
	})
}

type dkimCheck struct{ common }

// Run ends with status 1 when a record that is needed is not as it should be.
func (c *dkimCheck) Run(ctx context.Context, term *terminal) error {
	return c.with(ctx, term, func(g *gateway) error {
		list, err := g.core.CheckSigningKeys(ctx, g.resolver())
		if err != nil {
			return err
		}
		bad := false
		for i := range list {
			f := &list[i]
			bad = bad || f.Says != "fine" && f.Key.State(g.core.Now()) != core.SigningRetired
			says := f.Says
			if f.Begins && !c.JSON {
				says += ", begins to sign"
			}
			if err := g.showKey(term, c.JSON, &f.Key, says); err != nil {
				return err
			}
		}
		if bad {
			return errReported
		}
		return nil
	})
}

type dkimBegin struct {
	common
	onKey
}

// onKey names a key.
type onKey struct {
	Selector string `arg:"" help:"Selector of the key."`
	Domain   string `arg:"" help:"Its domain."`
}

func (c *dkimBegin) Run(ctx context.Context, term *terminal) error {
	return c.with(ctx, term, func(g *gateway) error {
		k, err := g.core.BeginSigning(ctx, c.Selector, c.Domain)
		if err != nil {
			return err
		}
		return g.showKey(term, c.JSON, &k, "")
	})
}

type dkimRemove struct {
	common
	onKey
	Last bool `help:"Also one that signs: its mail goes out unsigned from now on."`
}

func (c *dkimRemove) Run(ctx context.Context, term *terminal) error {
	return c.with(ctx, term, func(g *gateway) error {
		k, err := g.core.RemoveSigningKey(ctx, c.Selector, c.Domain, c.Last)
		if err != nil {
			return err
		}
		return g.show(term, c.JSON, map[string]any{"removed": k.Name()}, k.Name()+": removed; its record may go, too")
	})
}
