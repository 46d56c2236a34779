package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"planpost/cluster"
)

type configCommand struct {
	common
	Reference bool `help:"Print the documentation of every setting instead."`
}

// Run prints what is in force; secrets are only said to be set.
func (c *configCommand) Run(term *terminal) error {
	if c.Reference {
		_, err := fmt.Fprint(term.out, reference())
		return err
	}
	cfg, err := c.load(term)
	if err != nil {
		return err
	}
	values := map[string]string{}
	for _, s := range settings(&cfg) {
		v := s.String()
		if s.secret && v != "" {
			v = "(set)"
		}
		values[s.path] = v
		if !c.JSON {
			fmt.Fprintf(term.out, "%-28s %s\n", s.path, v)
		}
	}
	if c.JSON {
		return json.NewEncoder(term.out).Encode(values)
	}
	return nil
}

type checkCommand struct {
	common
	Mail bool `help:"Send a mail to ourselves and wait for it; the gateway must be running to take it."`
}

// finding is one thing looked at.
type finding struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Says string `json:"says"`
	Cure string `json:"cure,omitempty"`
}

// Run looks at everything that can be looked at without changing it.
func (c *checkCommand) Run(ctx context.Context, term *terminal) error {
	cfg, err := c.load(term)
	if err != nil {
		return err
	}
	list := []finding{{What: "configuration", OK: true, Says: "no mistakes"}, checkFolder(&cfg), checkPort("web.listen", cfg.Web.Listen)}
	for _, a := range cfg.SMTP.Listen {
		list = append(list, checkPort("smtp.listen", a))
	}
	list = append(list, checkDatabase(ctx, &cfg, term), checkRedis(ctx, &cfg))
	for _, f := range slices.Concat(checkSignIn(ctx, &cfg), checkRecords(ctx, &cfg), checkMail(ctx, &cfg, c.Mail)) {
		list = append(list, findingOf(&f))
	}
	bad := false
	for _, f := range list {
		bad = bad || !f.OK
		if c.JSON {
			if err := json.NewEncoder(term.out).Encode(f); err != nil {
				return err
			}
			continue
		}
		mark := "ok   "
		if !f.OK {
			mark = "WRONG"
		}
		fmt.Fprintf(term.out, "%s %s: %s\n", mark, f.What, f.Says)
		if f.Cure != "" {
			fmt.Fprintf(term.out, "      %s\n", f.Cure)
		}
	}
	if bad {
		return errReported
	}
	return nil
}

func checkFolder(cfg *Config) finding {
	f := finding{What: "data folder", OK: true, Says: cfg.Data}
	info, err := os.Stat(cfg.Data)
	switch {
	case errors.Is(err, os.ErrNotExist):
		f.Says += ", made at the first start"
	case err != nil || !info.IsDir():
		f.OK, f.Says, f.Cure = false, cfg.Data+" is not a folder that can be read", "Choose another with data, or set its owner."
	case info.Mode().Perm()&0o077 != 0:
		f.OK, f.Says, f.Cure = false, cfg.Data+" can be read by others on this machine", "chmod 700 "+cfg.Data
	}
	return f
}

func checkPort(what, address string) finding {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return finding{What: what, Says: address + ": " + err.Error(), Cure: "Choose another address, or end the program that has it (perhaps Planpost runs already)."}
	}
	l.Close()
	return finding{What: what, OK: true, Says: address + " is free"}
}

func checkDatabase(ctx context.Context, cfg *Config, term *terminal) finding {
	if _, err := os.Stat(cfg.dataPath("planpost.db")); cfg.Database == "" && err != nil {
		return finding{What: "database", OK: true, Says: "SQLite, made at the first start"}
	}
	quiet := *cfg
	quiet.Log.Level = "error"
	g, err := openGateway(ctx, quiet, newLog(&quiet, term))
	if err != nil {
		return finding{What: "database", Says: words(err), Cure: "See that the server runs and that user, password and database in the URL are right."}
	}
	defer g.close()
	wrong, err := g.store.Check(ctx)
	if err != nil || len(wrong) > 0 {
		return finding{What: "database", Says: strings.Join(append(wrong, errText(err)), "; "), Cure: "Keep a copy of the database and write to us: this should not be."}
	}
	return finding{What: "database", OK: true, Says: "answers, nothing out of place"}
}

func checkRedis(ctx context.Context, cfg *Config) finding {
	if cfg.Redis == "" {
		return finding{What: "redis", OK: true, Says: "none: limits and live pages are each process's own"}
	}
	r, err := cluster.DialRedis(cfg.Redis, nil)
	if err == nil {
		defer r.Close()
		err = r.Ping(ctx)
	}
	if err != nil {
		return finding{What: "redis", Says: err.Error(), Cure: "See that the server runs and that the address and password in redis are right. Without it each process counts for itself."}
	}
	return finding{What: "redis", OK: true, Says: "answers"}
}

type keysCommand struct {
	Show keysShow `cmd:"" help:"Which master keys are in use, by fingerprint."`
}

type keysShow struct{ common }

// Run shows fingerprints only: enough to see that two hosts have the same key.
func (c *keysShow) Run(term *terminal) error {
	cfg, err := c.load(term)
	if err != nil {
		return err
	}
	keys, err := openKeyring(&cfg)
	if err != nil {
		return err
	}
	for i, f := range keys.Fingerprints() {
		if c.JSON {
			if err := json.NewEncoder(term.out).Encode(map[string]any{"key": f, "in_use": i == 0}); err != nil {
				return err
			}
			continue
		}
		use := "verifies and opens only"
		if i == 0 {
			use = "in use"
		}
		fmt.Fprintf(term.out, "%s  %s\n", f, use)
	}
	return nil
}

type pingCommand struct{ common }

// Run asks the gateway on this machine whether it is well: the container's health check.
func (c *pingCommand) Run(ctx context.Context, term *terminal) error {
	cfg, err := c.load(term)
	if err != nil {
		return err
	}
	_, port, err := net.SplitHostPort(cfg.Web.Listen)
	if err != nil {
		return err
	}
	scheme := "http"
	if cfg.Web.Cert != "" {
		scheme = "https"
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://127.0.0.1:"+port+"/healthz", nil)
	if err != nil {
		return err
	}
	// The certificate is for the public name; this asks our own process on loopback.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the gateway answers %s", res.Status)
	}
	return nil
}
