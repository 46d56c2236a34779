package ingest

import (
	"strconv"
	"strings"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/mail/reply"
)

// Hops beyond which a message is noted as going in circles; the core decides about it.
const (
	mostHops    = 100
	mostOurHops = 30
)

// trace collects the decisions of the road in. The words for "step.<code>" are
// in templates.
type trace struct{ steps []core.Step }

func (t *trace) add(station, code string, params ...string) {
	t.steps = append(t.steps, core.Step{Station: station, Code: code, Params: params})
}

func (t *trace) envelope(env *mail.Envelope, size int) {
	from := env.ReversePath.Mailbox()
	if from == "" {
		from = "<>"
	}
	t.add("parse", "envelope", "from", from, "recipients", strconv.Itoa(len(env.Recipients)), "helo", clip(env.Helo, 255),
		"protocol", env.Protocol, "size", strconv.Itoa(size))
	if env.Trusted {
		t.add("parse", "envelope.trusted")
	}
	if n := len(env.Recipients); n > 1 {
		t.add("route", "route.several", "n", strconv.Itoa(n))
	}
}

func (t *trace) parse(in *core.Inbound) {
	m := in.Message
	if m == nil {
		t.add("parse", "parse.unreadable", "code", in.Unreadable)
		return
	}
	t.add("parse", "parse.read", "attachments", strconv.Itoa(len(m.Attachments)))
	for _, d := range m.Defects {
		t.add("parse", "parse.mended", "defect", d)
	}
	if m.Signed != "" {
		t.add("parse", "parse.signed."+m.Signed)
	}
	if m.Encrypted {
		t.add("parse", "parse.encrypted")
	}
}

// verdict notes each method's result and what follows from all of them.
func (t *trace) verdict(v *auth.Verdict) {
	if !v.Trusted {
		if v.SPF.Result != "" {
			t.add("verify", "verify.spf", "result", string(v.SPF.Result), "domain", v.SPF.Domain, "aligned", yes(v.SPF.Aligned), "detail", v.SPF.Detail)
		}
		for i := range v.DKIM {
			d := &v.DKIM[i]
			t.add("verify", "verify.dkim", "result", string(d.Result), "domain", d.Domain, "aligned", yes(d.Aligned), "detail", d.Detail)
		}
		if v.DMARC.Result != "" {
			t.add("verify", "verify.dmarc", "result", string(v.DMARC.Result), "domain", v.DMARC.Domain, "policy", v.DMARC.Policy, "detail", v.DMARC.Detail)
		}
	}
	t.add("verify", "verify."+string(v.Outcome), "reason", string(v.Reason))
}

// hops notes a message that has travelled too far (RFC 5321 §6.3).
func (t *trace) hops(m *mail.Message, hostname string) {
	n := m.ReceivedCount()
	if n > mostHops {
		t.add("classify", "loop.hops", "n", strconv.Itoa(n))
	}
	if n <= mostOurHops || hostname == "" {
		return
	}
	ours := 0
	for _, v := range m.Header.Values("Received") {
		if strings.Contains(v, "by "+hostname) {
			ours++
		}
	}
	if ours > mostOurHops {
		t.add("classify", "loop.ours", "n", strconv.Itoa(ours))
	}
}

func (t *trace) class(c *mail.Class) {
	t.add("classify", "class."+string(c.Kind), "rule", c.Rule, "evidence", c.Evidence)
}

// words notes where the author's words were found and what was cut for which reason.
func (t *trace) words(in *core.Inbound, sent bool) {
	if in.Message == nil {
		return
	}
	w := &in.Words
	t.add("extract", "extract."+w.From, "length", strconv.Itoa(len(w.Reply)))
	if sent {
		t.add("extract", "extract.compared")
	}
	t.cuts(w.Removed)
	if w.Forwarded != "" {
		t.add("extract", "extract.forwarded", "length", strconv.Itoa(len(w.Forwarded)))
	}
	if w.Empty {
		t.add("extract", "extract.empty")
	}
	if in.HTML != "" {
		t.add("extract", "extract.structure")
	}
}

// cuts notes each reason once: answers between quotes may have thousands of pieces.
func (t *trace) cuts(removed []reply.Removed) {
	first := len(t.steps)
	var lengths []int
next:
	for i := range removed {
		for j := range lengths {
			if t.steps[first+j].Params[1] == removed[i].Why {
				lengths[j] += len(removed[i].Text)
				continue next
			}
		}
		t.add("extract", "extract.cut", "why", removed[i].Why, "length", "")
		lengths = append(lengths, len(removed[i].Text))
	}
	for j, n := range lengths {
		t.steps[first+j].Params[3] = strconv.Itoa(n)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
