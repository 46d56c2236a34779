package core

import (
	"context"
	"slices"
	"strings"
	"time"
)

// JudgeProbes ends the self-test once every probe came to its end, or was
// waited for long enough: done is false while one is still under way. The mode
// that the findings choose is in force from when they are kept.
func (c *Core) JudgeProbes(ctx context.Context) (list []Finding, done bool, err error) {
	err = c.store.InTx(ctx, func(tx Tx) error {
		list, done = nil, false
		probes, err := tx.ListProbes(ctx)
		if err != nil || slices.ContainsFunc(probes, c.underWay) {
			return err
		}
		modes, err := tx.ReplyModes(ctx)
		if err != nil {
			return err
		}
		list, done = c.judgeProbes(probes, modeAt(modes, c.Now())), true
		return tx.DeleteProbes(ctx)
	})
	return list, done, err
}

func (c *Core) underWay(p Probe) bool {
	return p.ReturnedAt.IsZero() && p.Refused == "" && c.Now().Before(p.SentAt.Add(probeWait))
}

// judgement collects the findings of one self-test.
type judgement struct {
	c    *Core
	list []Finding
}

func (j *judgement) say(code string, state FindingState, found string) {
	j.list = append(j.list, Finding{Group: HealthSelfTest, Code: code, State: state, Name: j.c.cfg.MailDomain, Found: found})
}

// same says what.fine, or what is the matter when got is not want.
func (j *judgement) same(what, fault string, state FindingState, got, want string) {
	if got == want {
		j.say(what+".fine", FindingFine, got)
		return
	}
	j.say(what+"."+fault, state, got)
}

// judgeProbes names what became of the probes, and chooses the mode; the one in force stays when none came back.
func (c *Core) judgeProbes(probes []Probe, force ReplyMode) []Finding {
	j := &judgement{c: c}
	var best *Probe // who came whole tells most
	var plain, plus Probe
	for i := range probes {
		p := &probes[i]
		if p.Form == ReplyPlus {
			plus = *p
		} else {
			plain = *p
		}
		if p.came() && (best == nil || !c.whole(best)) {
			best = p
		}
	}
	if best == nil {
		j.lost(probes)
		j.mode(force)
		return j.list
	}
	j.say("probe.fine", FindingFine, best.ReturnedAt.Sub(best.SentAt).Round(time.Second).String())
	j.tag(&plain, &plus)
	if c.whole(best) {
		j.address(best)
	}
	j.same("msgid", "rewritten", FindingWrong, best.Seen.MessageID, c.probeMessageID(best.ID))
	j.same("replyto", "rewritten", FindingWrong, shownProbe(best.Seen.ReplyTo), shownProbe(c.ProbeAddress(best).Mailbox()))
	if best.Seen.AuthServ == "" {
		j.say("authserv.none", FindingFine, "")
	} else {
		j.say("authserv.fine", FindingFine, best.Seen.AuthServ)
	}
	j.aligned(&best.Seen)
	switch {
	case c.whole(&plain):
		j.mode(ReplyPlain)
	case c.whole(&plus):
		j.mode(ReplyPlus)
	case best.Seen.MessageID == c.probeMessageID(best.ID):
		j.mode(ReplyThread)
	default: // nothing of ours survives: no answer finds its thread
		j.say("mode.none", FindingWrong, "")
	}
	return j.list
}

// shownProbe is an address of a probe without its token, when that is unharmed in case and length.
func shownProbe(mailbox string) string {
	local, domain, _ := strings.Cut(mailbox, "@")
	if i := strings.Index(strings.ToLower(local), probePrefix); i >= 0 && len(local) == probeLength {
		return local[:i] + probePrefix + "…@" + domain
	}
	return mailbox
}

// came tells that the probe itself came back, and no report about it.
func (p *Probe) came() bool { return !p.ReturnedAt.IsZero() && p.Seen.Bounced == "" }

// whole tells that a probe came by the address it was sent to: its token was there.
func (c *Core) whole(p *Probe) bool {
	local, _, _ := strings.Cut(p.Seen.To, "@")
	id, ok := c.keys.OpenProbe(untagged(local))
	return ok && id == p.ID && p.came()
}

func (j *judgement) lost(probes []Probe) {
	for i := range probes {
		switch p := &probes[i]; {
		case p.Refused != "":
			j.say("probe.refused", FindingWrong, p.Refused)
			return
		case p.Seen.Bounced != "":
			j.say("probe.bounced", FindingWrong, p.Seen.Bounced)
			return
		}
	}
	j.say("probe.lost", FindingWrong, probeWait.String())
}

// tag is wrong only where it is needed: with addresses of our own nothing hangs on it.
func (j *judgement) tag(plain, plus *Probe) {
	state := FindingWrong
	if j.c.whole(plain) {
		state = FindingAdvice
	}
	switch {
	case j.c.whole(plus):
		j.say("tag.fine", FindingFine, "")
	case plus.came():
		j.say("tag.dropped", state, plus.Seen.To)
	default:
		j.say("tag.refused", state, plus.Refused+plus.Seen.Bounced)
	}
}

// address compares a recipient as it came. Our tokens bear both faults, so they
// are worth knowing and nothing is to be done.
func (j *judgement) address(p *Probe) {
	got, _, _ := strings.Cut(p.Seen.To, "@")
	want := j.c.ProbeAddress(p).Local
	if len(got) < len(want) {
		j.say("length.cut", FindingFine, itoa(int64(len(got))))
		want = want[:len(got)]
	} else {
		j.say("length.fine", FindingFine, itoa(int64(len(got))))
	}
	if got == want {
		j.say("case.fine", FindingFine, "")
	} else {
		j.say("case.changed", FindingFine, "")
	}
}

// aligned: DMARC asks that who signed, or the return path, is of the domain in From (RFC 7489 §3.1).
func (j *judgement) aligned(s *ProbeSeen) {
	of := func(mailbox string) string {
		_, domain, _ := strings.Cut(mailbox, "@")
		return strings.ToLower(domain)
	}
	domain := strings.ToLower(j.c.cfg.MailDomain)
	signed, path := slices.Contains(s.Signed, domain), of(s.Path) == domain
	switch {
	case of(s.From) != domain:
		j.say("aligned.from", FindingWrong, s.From)
	case !signed && !path:
		j.say("aligned.none", FindingWrong, of(s.Path))
	case !signed:
		j.say("aligned.unsigned", FindingAdvice, strings.Join(s.Signed, ", "))
	case !path:
		j.say("aligned.path", FindingAdvice, of(s.Path))
	default:
		j.say("aligned.fine", FindingFine, domain)
	}
}

func (j *judgement) mode(m ReplyMode) { j.say("mode."+string(m), FindingFine, "") }
