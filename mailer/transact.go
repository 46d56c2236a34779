package mailer

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"planpost/mail"
)

// transact sends one mail over the connection. It calls meanwhile when the
// server has all of it and thinks: then the next mail may be announced.
func (c *conn) transact(ctx context.Context, out *Outgoing, meanwhile func()) Outcome {
	defer c.under(ctx)()
	kept := c.carried > 0
	c.carried++
	a, err := c.begin(out)
	var refusal *unfit
	if errors.As(err, &refusal) {
		return refusal.Outcome
	}
	if err != nil {
		// A kept connection may have been closed in the meantime, or be asked to end: nothing of this mail was taken.
		c.stale = kept && ctx.Err() == nil && (c.broken && a.code == 0 || a.code == 421)
		return c.before(ctx, a, err)
	}
	return c.content(ctx, out.Raw, meanwhile)
}

// begin names the mail to the server, unless it was announced: then only the answers are to come.
func (c *conn) begin(out *Outgoing) (answer, error) {
	if lines := c.announced; lines != nil {
		c.announced = nil
		return c.answers(lines)
	}
	lines, refusal := c.commands(out)
	if refusal != nil {
		return answer{}, refusal
	}
	return c.negotiate(lines)
}

// takesNext tells whether another mail may be announced at all: not where it
// would wait long for its turn.
func (c *conn) takesNext() bool {
	return c.quick && c.carried < c.cfg.PerConnection && c.offers("PIPELINING")
}

// mayFollow tells whether a mail may be announced behind the one in hand.
func (c *conn) mayFollow(out *Outgoing) bool {
	c.announced = nil
	if lines, refusal := c.commands(out); refusal == nil { // a refused one will learn so in its own turn
		c.announced = lines
	}
	return c.announced != nil
}

// announce names the mail that mayFollow was asked about while the server still
// thinks about the one before: the end of a mail may be the first of a group of
// commands (RFC 2920 §3.1). That saves a round trip. An error shows where the
// answers are awaited.
func (c *conn) announce() { c.say(c.announced) }

// commands are the lines that name the mail, or the reason why this server cannot take it.
func (c *conn) commands(out *Outgoing) (lines []string, refusal *unfit) {
	if c.reset {
		lines = append(lines, "RSET")
	}
	from, to := path(out.ReversePath), path(out.Recipient)
	mailFrom := "MAIL FROM:<" + from + ">"
	if size, ok := c.ext["SIZE"]; ok {
		if most, err := strconv.Atoi(size); err == nil && most > 0 && len(out.Raw) > most {
			return nil, c.unable("5.3.4", "the mail has "+strconv.Itoa(len(out.Raw))+" bytes and the relay takes "+size) // RFC 1870 §6
		}
		mailFrom += " SIZE=" + strconv.Itoa(len(out.Raw))
	}
	if !ascii(out.Raw) {
		if !c.offers("8BITMIME") {
			return nil, c.unable("5.6.3", "the relay takes no 8-bit mail") // RFC 6152 §3
		}
		mailFrom += " BODY=8BITMIME"
	}
	if !ascii([]byte(from)) || !ascii([]byte(to)) {
		if !c.offers("SMTPUTF8") {
			return nil, c.unable("5.6.7", "the relay takes no addresses with letters beyond ASCII") // RFC 6531 §3.5
		}
		mailFrom += " SMTPUTF8"
	}
	return append(lines, mailFrom, "RCPT TO:<"+to+">", "DATA"), nil
}

// path is an address for the envelope: the domain in its ASCII form (RFC 5890), no display name.
func path(a mail.Address) string {
	if a.IsZero() {
		return "" // RFC 5321 §4.5.5
	}
	return mail.Address{Local: a.Local, Domain: a.Domain}.String()
}

func ascii(b []byte) bool {
	for _, v := range b {
		if v >= 0x80 {
			return false
		}
	}
	return true
}

// unfit is a permanent failure that we can tell without asking the server.
type unfit struct{ Outcome }

func (u *unfit) Error() string { return u.Text }

func (c *conn) unable(code, text string) *unfit {
	return &unfit{Outcome{Class: Permanent, Remote: c.remote, Enhanced: code, Text: text}}
}

var errRefused = errors.New("refused")

// negotiate sends the commands, all at once where the server allows it
// (RFC 2920), and gives the answer that stopped it. After a nil error the
// server waits for the mail.
func (c *conn) negotiate(lines []string) (answer, error) {
	if !c.offers("PIPELINING") {
		for _, line := range lines {
			a, err := c.ask(verb(line), line)
			if err != nil {
				return a, err
			}
			if !accepted(line, a) {
				c.reset = true
				return a, errRefused
			}
		}
		return answer{}, nil
	}
	if err := c.say(lines); err != nil {
		c.broken = true
		return answer{}, &fault{stage: "MAIL", err: err}
	}
	return c.answers(lines)
}

// say sends lines in one go.
func (c *conn) say(lines []string) error {
	c.within(c.cfg.Step)
	for _, line := range lines {
		c.out.WriteString(line)
		c.out.WriteString("\r\n")
	}
	return c.out.Flush()
}

// answers reads the answers to a group of commands. When an earlier one was
// refused and DATA still allowed, the server gets an empty mail, as RFC 2920 §3.1 demands.
func (c *conn) answers(lines []string) (refused answer, err error) {
	for _, line := range lines {
		a, err := c.read(c.cfg.Step)
		if err != nil {
			return refused, &fault{stage: verb(line), err: err}
		}
		if accepted(line, a) {
			if line == "DATA" && refused.code != 0 {
				_, err := c.ask("DATA", ".")
				c.reset = true
				if err != nil {
					c.broken = true
				}
				return refused, errRefused
			}
			continue
		}
		if refused.code == 0 {
			refused = a
		}
		if a.code == 421 { // RFC 5321 §3.8: the server closes now
			c.broken = true
			return refused, errRefused
		}
	}
	if refused.code != 0 {
		c.reset = true
		return refused, errRefused
	}
	return answer{}, nil
}

func verb(line string) string {
	v, _, _ := strings.Cut(line, " ")
	return v
}

func accepted(line string, a answer) bool {
	if line == "DATA" {
		return a.code == 354
	}
	return a.ok()
}

// before is the outcome of trouble before the mail itself was sent: it was certainly not taken.
func (c *conn) before(ctx context.Context, a answer, err error) Outcome {
	o := Outcome{Class: Temporary, Remote: c.remote, Code: a.code, Enhanced: enhanced(a.code, a.text), Text: a.line()}
	switch {
	case a.code == 0:
		o.Text = err.Error()
	default:
		o.Class = refused(a.code)
	}
	o.Slow = slow(&o)
	if a.code == 421 {
		c.broken = true
	}
	if a.code == 0 && errors.Is(ctx.Err(), context.Canceled) {
		o.Class = Interrupted
	}
	return o
}

// content sends the mail and waits for what the server says to it. From the
// final dot on until that answer, nobody knows whose the mail is.
func (c *conn) content(ctx context.Context, raw []byte, meanwhile func()) Outcome {
	if err := c.write(raw); err != nil {
		c.broken = true
		if a, said := c.lastWords(); said {
			return c.before(ctx, a, errRefused)
		}
		return c.before(ctx, answer{}, &fault{stage: "DATA", err: err})
	}
	begun := time.Now()
	meanwhile()
	a, err := c.read(c.cfg.Final)
	c.quick = time.Since(begun) < c.cfg.atOnce
	o := Outcome{Class: Sent, Remote: c.remote, Code: a.code, Enhanced: enhanced(a.code, a.text), Text: a.line()}
	switch {
	case err != nil:
		o.Class, o.Text = Uncertain, "after the mail: "+err.Error()
	case a.ok():
	case a.code/100 == 4, a.code/100 == 5:
		o.Class, o.Slow = refused(a.code), slow(&o)
		c.broken = c.broken || a.code == 421
	default: // RFC 5321 §4.2.1: no such answer can stand here; what the server means is its secret
		o.Class, c.broken = Uncertain, true
	}
	return o
}

// refused is the class of an answer that takes no mail.
func refused(code int) Class {
	switch code {
	case 530, 535, 538: // RFC 4954 §6: our sign-in is at fault, not the mail
		return Temporary
	}
	if code/100 == 5 {
		return Permanent
	}
	return Temporary
}

// slow tells whether an answer asks for fewer mails. X.2.Y speaks of one mailbox only (RFC 3463 §3.3).
func slow(o *Outcome) bool {
	return (o.Code == 421 || o.Code == 450) && !strings.HasPrefix(o.Enhanced, "4.2.")
}

// chunk is how much is written under one deadline.
const chunk = 64 << 10

// write sends the mail with its leading dots doubled (RFC 5321 §4.5.2). The
// final dot leaves with the last bytes: a failed write never sent it.
func (c *conn) write(raw []byte) error {
	rest := raw
	if len(rest) > 0 && rest[0] == '.' {
		c.out.WriteByte('.')
	}
	for len(rest) > 0 {
		c.within(c.cfg.Step)
		part := rest[:min(len(rest), chunk)]
		for {
			i := bytes.Index(part, []byte("\n."))
			if i < 0 {
				break
			}
			c.out.Write(part[:i+1])
			c.out.WriteByte('.')
			part, rest = part[i+1:], rest[i+1:]
		}
		if n := len(part); n < len(rest) && part[n-1] == '\n' {
			part = part[:n-1] // a dot may follow in the next chunk
		}
		if _, err := c.out.Write(part); err != nil {
			return err
		}
		rest = rest[len(part):]
	}
	if !bytes.HasSuffix(raw, []byte("\r\n")) {
		c.out.WriteString("\r\n")
	}
	c.out.WriteString(".\r\n")
	return c.out.Flush()
}

// lastWords is what a server may have said before it closed in our face.
func (c *conn) lastWords() (answer, bool) {
	if c.ctx.Err() != nil {
		return answer{}, false
	}
	a, err := c.read(farewell)
	return a, err == nil && a.code >= 400
}

// enhanced is the status code of RFC 2034 at the beginning of an answer, if it has one.
func enhanced(code int, text string) string {
	word, _, _ := strings.Cut(text, " ")
	parts := strings.Split(word, ".")
	if len(parts) != 3 || parts[0] != strconv.Itoa(code/100) {
		return ""
	}
	for _, p := range parts[1:] {
		if n, err := strconv.Atoi(p); err != nil || n < 0 || n > 999 {
			return ""
		}
	}
	return word
}
