package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/reply"
	"planpost/templates"
)

type mailCommand struct {
	Reply mailReplyCommand `cmd:"" help:"The author's own words of each mail."`
	Show  mailShowCommand  `cmd:"" help:"How a mail is understood."`
	Route mailRouteCommand `cmd:"" help:"A dry run: every decision with its evidence, nothing written."`
}

type mailReplyCommand struct {
	JSON  bool     `help:"One JSON value a line."`
	Files []string `arg:"" help:".eml whole message, .txt text body, .html HTML body; a folder is walked; - is standard input."`
}

type removedJSON struct {
	Why  string `json:"why"`
	Text string `json:"text"`
}

type replyJSON struct {
	File    string        `json:"file"`
	Reply   string        `json:"reply"`
	Removed []removedJSON `json:"removed"`
	Error   string        `json:"error,omitempty"`
}

func (m *mailReplyCommand) Run(term *terminal) error {
	return eachMail(term, m.Files, func(file string, b []byte) (any, string, error) {
		in, err := replyInput(file, b)
		r := reply.Extract(in)
		out := replyJSON{File: file, Reply: ownWords(r), Removed: []removedJSON{}, Error: errText(err)}
		for _, c := range r.Removed {
			out.Removed = append(out.Removed, removedJSON{c.Why, c.Text})
		}
		return out, out.Reply, err
	}, m.JSON)
}

// ownWords is the reply with a forwarded message, which is the author's to pass on, below it.
func ownWords(r reply.Result) string {
	if r.Forwarded == "" { // the words may be many MB: no copy
		return strings.TrimSpace(r.Reply)
	}
	return strings.TrimSpace(r.Reply + "\n\n" + r.Forwarded)
}

func replyInput(file string, b []byte) (reply.Input, error) {
	in := reply.Input{Marker: templates.Markers()}
	switch strings.ToLower(filepath.Ext(file)) {
	case ".txt":
		in.Text = string(b)
	case ".html", ".htm":
		in.HTML = string(b)
	default:
		m, err := mail.Parse(b, mail.Limits{})
		if err != nil {
			return in, err
		}
		in.Text, in.HTML, in.Subject = m.Text, m.HTML, m.Subject
	}
	return in, nil
}

type mailShowCommand struct {
	JSON  bool     `help:"One JSON value a line."`
	Files []string `arg:"" help:"Mails; a folder is walked; - is standard input."`
}

type addressJSON struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

type attachmentJSON struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int    `json:"size"`
}

type bounceJSON struct {
	Recipient string `json:"recipient"`
	Status    string `json:"status"`
	Permanent bool   `json:"permanent"`
}

type showJSON struct {
	File        string           `json:"file"`
	Kind        string           `json:"kind"`
	Subject     string           `json:"subject"`
	From        []addressJSON    `json:"from"`
	To          []addressJSON    `json:"to"`
	Text        string           `json:"text"`
	HTML        string           `json:"html"`
	Attachments []attachmentJSON `json:"attachments"`
	Bounces     []bounceJSON     `json:"bounces"`
	Error       string           `json:"error,omitempty"`
}

func (m *mailShowCommand) Run(term *terminal) error {
	return eachMail(term, m.Files, func(file string, b []byte) (any, string, error) {
		msg, err := mail.Parse(b, mail.Limits{})
		if err != nil {
			return showJSON{File: file, Error: errText(err)}, "", err
		}
		out := showOf(file, msg)
		text := fmt.Sprintf("kind: %s\nsubject: %s\nfrom: %v\nto: %v\nattachments: %d\n\n%s", out.Kind, out.Subject, out.From, out.To, len(out.Attachments), out.Text)
		return out, text, nil
	}, m.JSON)
}

func showOf(file string, m *mail.Message) showJSON {
	kind := string(mail.Classify(m, nil).Kind)
	if kind == string(mail.KindReceipt) {
		kind = "auto-reply"
	}
	if kind == string(mail.KindList) {
		kind = "message"
	}
	out := showJSON{File: file, Kind: kind, Subject: m.Subject, From: addressesJSON(m.From), To: addressesJSON(m.To), Text: m.Text, HTML: m.HTML, Attachments: []attachmentJSON{}, Bounces: []bounceJSON{}}
	for _, a := range m.Attachments {
		out.Attachments = append(out.Attachments, attachmentJSON{a.Name, a.Type, len(a.Content)})
	}
	for _, r := range mail.Reports(m) {
		out.Bounces = append(out.Bounces, bounceJSON{r.Recipient.Mailbox(), r.Status, r.Permanent})
	}
	return out
}

func addressesJSON(list []mail.Address) []addressJSON {
	out := []addressJSON{}
	for _, a := range list {
		out = append(out, addressJSON{a.Name, a.Mailbox()})
	}
	return out
}

// eachMail reads every file; a bad one never stops the rest, and gives status 1 at the end.
func eachMail(term *terminal, files []string, do func(file string, b []byte) (value any, text string, err error), asJSON bool) error {
	bad := false
	enc := json.NewEncoder(term.out)
	enc.SetEscapeHTML(false)
	show := func(file string, b []byte, err error) {
		var value any
		var text string
		if err == nil {
			value, text, err = do(file, b)
		} else {
			value = map[string]string{"file": file, "error": err.Error()}
		}
		bad = bad || err != nil
		switch {
		case asJSON:
			_ = enc.Encode(value)
		case err != nil:
			fmt.Fprintf(term.err, "%s: %v\n", file, err)
		default:
			fmt.Fprintf(term.out, "== %s\n", file)
			_, _ = io.WriteString(term.out, text)
			_, _ = io.WriteString(term.out, "\n")
		}
	}
	for _, f := range files {
		walkMails(term, f, show)
	}
	if bad {
		return errReported
	}
	return nil
}

func walkMails(term *terminal, path string, show func(string, []byte, error)) {
	if path == "-" {
		b, err := io.ReadAll(term.in)
		show("-", b, err)
		return
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		b, rerr := readMail(path)
		show(path, b, errors.Join(rerr))
		return
	}
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, rerr := readMail(p)
		show(p, b, rerr)
		return nil
	})
	if err != nil {
		show(path, nil, err)
	}
}

// readMail reads a file. A large mail would let the heap grow to twice what
// lives before garbage is collected: there it is collected early instead, for a
// few milliseconds more.
func readMail(path string) ([]byte, error) {
	b, err := os.ReadFile(path)
	if len(b) > 8<<20 && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(2*int64(len(b)) + 20<<20)
	}
	return b, err
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

type mailRouteCommand struct {
	common
	Rcpt string `required:"" placeholder:"ADDRESS" help:"Envelope recipient."`
	From string `placeholder:"ADDRESS" help:"Envelope sender; the From of the message when not given."`
	File string `arg:"" help:"The message; - is standard input."`
}

// Run decides like the road in and writes nothing.
func (m *mailRouteCommand) Run(ctx context.Context, term *terminal) error {
	return m.with(ctx, term, func(g *gateway) error {
		var raw []byte
		var err error
		walkMails(term, m.File, func(_ string, b []byte, rerr error) { raw, err = b, rerr })
		if err != nil {
			return err
		}
		to, err := mail.ParseMailbox(m.Rcpt)
		if err != nil {
			return fmt.Errorf("--rcpt: %w", err)
		}
		route, err := g.core.Route(ctx, to)
		if err != nil {
			return err
		}
		if route.Refuse != "" {
			return g.show(term, m.JSON, map[string]any{"route": route.Kind, "refused": route.Refuse, "words": templates.T("en", "refuse."+route.Refuse)},
				"refused at RCPT: "+templates.T("en", "refuse."+route.Refuse))
		}
		env := &mail.Envelope{Recipients: []mail.Address{to}, Protocol: "ESMTP", Trusted: true, ReceivedAt: time.Now()}
		if env.ReversePath, err = m.sender(raw); err != nil {
			return err
		}
		in, receipts, err := g.road.DryRun(ctx, env, []core.Route{route}, raw)
		if err != nil {
			return err
		}
		return g.showRoute(term, m.JSON, in, receipts)
	})
}

// sender is the envelope sender that was given, else the author: without one
// the mail would be taken for a machine's.
func (m *mailRouteCommand) sender(raw []byte) (mail.Address, error) {
	if m.From != "" {
		a, err := mail.ParseMailbox(m.From)
		if err != nil {
			return a, fmt.Errorf("--from: %w", err)
		}
		return a, nil
	}
	msg, err := mail.Parse(raw, mail.Limits{})
	if err != nil || len(msg.From) == 0 {
		return mail.Address{}, nil // the dry run will tell what is wrong with it
	}
	return msg.From[0], nil
}

func (g *gateway) showRoute(term *terminal, asJSON bool, in *core.Inbound, receipts []core.Receipt) error {
	for _, r := range receipts {
		steps := append(append([]core.Step{}, in.Trace...), r.Trace...)
		var lines []string
		for _, s := range steps {
			lines = append(lines, "  "+s.Station+": "+templates.T("en", "step."+s.Code, s.Params...))
		}
		text := fmt.Sprintf("%s: %s (%s)\n%s", r.Recipient, r.Disposition, templates.T("en", "reason."+r.Reason, r.Params...), strings.Join(lines, "\n"))
		if err := g.show(term, asJSON, map[string]any{"recipient": r.Recipient, "disposition": r.Disposition, "reason": r.Reason, "params": r.Params, "steps": steps, "reply": in.Words.Reply}, text); err != nil {
			return err
		}
	}
	return nil
}

// show prints one value, as JSON or as text.
func (g *gateway) show(term *terminal, asJSON bool, value any, text string) error {
	if !asJSON {
		_, err := fmt.Fprintln(term.out, templates.BuryText("en", text))
		return err
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(value); err != nil {
		return err
	}
	_, err := term.out.Write(templates.Bury("en", b.Bytes()))
	return err
}
