package main

import (
	"context"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	gosmtp "github.com/emersion/go-smtp"

	"planpost/core"
	"planpost/templates"
)

// plantedRelay takes our mail as a provider does and brings it back to our
// door, after doing to it what a test plants.
type plantedRelay struct {
	sink *sink
	door string
	mu   sync.Mutex // guards bend
	bend func(*kept) error
}

// newPlantedRelay gives one; its door is set once the host runs.
func newPlantedRelay(t *testing.T) *plantedRelay {
	t.Helper()
	r := &plantedRelay{sink: &sink{}}
	r.sink.serve(t, func() gosmtp.Session { return &plantedSession{sinkSession{sink: r.sink}, r} })
	return r
}

func (r *plantedRelay) plant(bend func(*kept) error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.bend = bend
}

type plantedSession struct {
	sinkSession
	relay *plantedRelay
}

// Data bends the mail and brings it to the door. Mail to others stays here.
func (s *plantedSession) Data(body io.Reader) error {
	raw, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	s.relay.mu.Lock()
	bend := s.relay.bend
	s.relay.mu.Unlock()
	m := kept{s.from, s.to[0], string(raw)}
	if !strings.HasSuffix(m.to, "@in.test") {
		s.relay.sink.mu.Lock()
		defer s.relay.sink.mu.Unlock()
		s.relay.sink.got = append(s.relay.sink.got, m)
		return nil
	}
	if err := bend(&m); err != nil || m.to == "" {
		return err
	}
	return sendMail(s.relay.door, m.from, []byte(m.raw), m.to)
}

func untouched(*kept) error { return nil }

// toBox delivers all addresses of the domain to the one mailbox.
func toBox(m *kept) error {
	m.to = "planpost@in.test"
	return nil
}

// rewrite gives one header field another value.
func rewrite(m *kept, name, value string) {
	head, body, _ := strings.Cut(m.raw, "\r\n\r\n")
	lines, skip := []string{}, false
	for line := range strings.SplitSeq(head, "\r\n") {
		folded := strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t")
		skip = folded && skip || !folded && strings.HasPrefix(strings.ToLower(line), strings.ToLower(name)+":")
		if !skip {
			lines = append(lines, line)
		}
	}
	if value != "" {
		lines = append([]string{name + ": " + value}, lines...)
	}
	m.raw = strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

// tested runs the self-test to its end.
func (w *world) tested(t *testing.T) (list []core.Finding) {
	t.Helper()
	_, _, err := w.selfTest(w.ctx) // sends
	must(t, err)
	until(t, "the end of the self-test", func() bool {
		var done bool
		list, done, err = w.selfTest(w.ctx)
		must(t, err)
		return done
	})
	must(t, w.core.KeepFindings(w.ctx, core.HealthSelfTest, list))
	return list
}

// notFine are the codes of what is not as it was sent, and the mode.
func notFine(t *testing.T, list []core.Finding) (codes []string) {
	t.Helper()
	for i := range list {
		f := &list[i]
		if !templates.Has("health."+f.What()) || !templates.Has("health."+f.Code) || f.Cure() != "" && !templates.Has(f.Cure()) {
			t.Errorf("%s has no words, or its cure %q has none", f.Code, f.Cure())
		}
		if strings.Contains(f.Found, "p-") && !strings.Contains(f.Found, "…") && f.What() != "msgid" {
			t.Errorf("%s tells a token: %q", f.Code, f.Found)
		}
		if f.State != core.FindingFine || !strings.HasSuffix(f.Code, ".fine") && f.Code != "authserv.none" {
			codes = append(codes, f.Code)
		}
	}
	slices.Sort(codes)
	return codes
}

// TestTheSelfTestNamesWhatHappensOnTheWayAndChoosesTheMode plants each fault into the relay.
func TestTheSelfTestNamesWhatHappensOnTheWayAndChoosesTheMode(t *testing.T) {
	relay := newPlantedRelay(t)
	cfg := localConfig(t, "")
	cfg.Mailer.Relay, cfg.Notify.Undo = relay.sink.addr, 0
	w := start(t, cfg).furnish()
	relay.door = w.smtpAddresses()[0]
	keys, err := w.core.NewSigningKeys(w.ctx, "in.test")
	must(t, err)
	records := texts{}
	for i := range keys {
		records[keys[i].Name()+"."] = keys[i].Record()
	}
	_, err = w.core.CheckSigningKeys(w.ctx, records)
	must(t, err)
	changed := func(name, value string) func(*kept) error {
		return func(m *kept) error { rewrite(m, name, value); return nil }
	}
	for _, c := range []struct {
		fault string
		bend  func(*kept) error
		want  string
	}{
		{"none", untouched, "mode.plain"},
		{"plus-tag dropped", func(m *kept) error {
			if local, _, ok := strings.Cut(m.to, "+"); ok {
				m.to = local + "@in.test"
			}
			return nil
		}, "mode.plain tag.dropped"},
		{"plus-tag refused", func(m *kept) error {
			if strings.Contains(m.to, "+") {
				return &gosmtp.SMTPError{Code: 550, EnhancedCode: gosmtp.EnhancedCode{5, 1, 1}, Message: "no such mailbox"}
			}
			return nil
		}, "mode.plain tag.refused"},
		{"one mailbox with plus", func(m *kept) error {
			if !strings.Contains(m.to, "+") {
				return errors.New("no such mailbox")
			}
			return nil
		}, "mode.plus"},
		{"one mailbox without plus", toBox, "mode.thread tag.dropped"},
		{"Message-ID rewritten", changed("Message-ID", "<other@relay.test>"), "mode.plain msgid.rewritten"},
		{"nothing survives", func(m *kept) error {
			rewrite(m, "Message-ID", "<other@relay.test>")
			return toBox(m)
		}, "mode.none msgid.rewritten tag.dropped"},
		{"Reply-To rewritten", changed("Reply-To", "noreply@relay.test"), "mode.plain replyto.rewritten"},
		{"From not aligned", changed("From", "we@relay.test"), "aligned.from mode.plain"},
		{"signatures taken off", changed("DKIM-Signature", ""), "aligned.unsigned mode.plain"},
		{"return path changed", func(m *kept) error { m.from = "srs=x@relay.test"; return nil }, "aligned.path mode.plain"},
		{"case changed", func(m *kept) error { m.to = strings.ToLower(m.to); return nil }, "case.changed mode.plain"},
		{"address cut", func(m *kept) error {
			local, _, _ := strings.Cut(m.to, "@")
			m.to = local[:60] + "@in.test"
			return nil
		}, "length.cut mode.plain"},
		{"refused", func(*kept) error { return errors.New("not from you") }, "mode.plain probe.refused"},
	} {
		relay.plant(c.bend)
		want := strings.Fields(c.want)
		slices.Sort(want)
		if got := notFine(t, w.tested(t)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", c.fault, got, want)
		}
	}
	relay.plant(func(m *kept) error {
		m.raw = "Authentication-Results: mx.relay.test 1; spf=pass\r\n" + m.raw
		return nil
	})
	list := w.tested(t)
	if i := slices.IndexFunc(list, func(f core.Finding) bool { return f.Code == "authserv.fine" }); i < 0 || list[i].Found != "mx.relay.test" {
		t.Errorf("whose results they are: %+v", list)
	}
}

// texts is a DNS of TXT records.
type texts map[string]string

func (z texts) LookupTXT(_ context.Context, name string) ([]string, error) {
	return []string{z[name]}, nil
}

// TestTheModeIsHowRepliesComeBack lets somebody answer in each mode, over a way that leaves no other.
func TestTheModeIsHowRepliesComeBack(t *testing.T) {
	relay := newPlantedRelay(t)
	cfg := localConfig(t, "")
	cfg.Mailer.Relay, cfg.Notify.Undo = relay.sink.addr, 0
	w := start(t, cfg).furnish()
	relay.door = w.smtpAddresses()[0]
	for _, c := range []struct {
		bend   func(*kept) error
		prefix string
	}{
		{untouched, "r-"},
		{func(m *kept) error {
			if !strings.Contains(m.to, "+") {
				return errors.New("no such mailbox")
			}
			return nil
		}, "planpost+r-"},
		{toBox, "planpost@"},
	} {
		relay.plant(c.bend)
		w.tested(t)
		words := "asked for " + c.prefix
		_, err := w.core.Comment(w.ctx, w.as(w.olga), core.NewComment{Task: w.task.ID, Text: words, Tell: []core.ID{w.klara.ID}})
		must(t, err)
		got := relay.sink.find(t, "klara@client.test", words)
		m := parse(t, got.raw)
		if to := m.ReplyTo[0].Mailbox(); !strings.HasPrefix(to, c.prefix) {
			t.Errorf("mode of %s: answers go to %s", c.prefix, to)
		}
		if !strings.HasPrefix(got.from, strings.Replace(c.prefix, "r-", "b-", 1)) {
			t.Errorf("mode of %s: reports go to %s", c.prefix, got.from)
		}
		answer := kept{"klara@client.test", m.ReplyTo[0].Mailbox(), strings.Replace(letter("klara@client.test", "a"+strconv.Itoa(len(c.prefix)), "answer by "+c.prefix), "\r\n\r\n", "\r\nIn-Reply-To: <"+m.MessageID+">\r\n\r\n", 1)}
		must(t, c.bend(&answer))
		must(t, w.send(answer.from, []byte(answer.raw), answer.to))
		if n := count(w.texts(), "answer by "+c.prefix); n != 1 {
			t.Errorf("mode of %s: %d comments", c.prefix, n)
		}
	}
	if err := w.send("x@client.test", []byte(letter("x@client.test", "stray", "whose is this?")), "planpost@in.test"); code(err) != 550 {
		t.Errorf("a mail that names nothing of ours: %v", err)
	}
}
