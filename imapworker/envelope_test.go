package imapworker

import (
	"slices"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
)

// Anybody can write Delivered-To into a mail. It counts only where the mailbox's settings say that its server writes it,
// and then the topmost, which the server put there.
func TestOnlyTrustedFieldsSayForWhom(t *testing.T) {
	const raw = "Return-Path: <sender@real.test>\r\nDelivered-To: box@in.test\r\nReceived: by mx.in.test\r\n" +
		"Delivered-To: secret@in.test\r\nX-Original-To: other@in.test\r\nReturn-Path: <forged@x.test>\r\nFrom: a@x.test\r\nTo: someone@in.test, Box <box@in.test>\r\nCc: third@in.test\r\n\r\nx\r\n"
	h := mail.ReadHeader([]byte(raw))
	for name, c := range map[string]struct {
		trust []string
		want  []string
		from  string
	}{
		"nothing is trusted":      {nil, nil, ""},
		"the field of the server": {[]string{"Delivered-To"}, []string{"box@in.test"}, ""},
		"another field":           {[]string{"X-Original-To"}, []string{"other@in.test"}, ""},
		"a field that is missing": {[]string{"Envelope-To"}, nil, ""},
		"the path back":           {[]string{"Return-Path", "Delivered-To"}, []string{"box@in.test"}, "sender@real.test"},
	} {
		env, headers := envelopeOf(&core.Mailbox{MailboxSettings: core.MailboxSettings{Trust: c.trust}}, h, false, time.Now())
		var got, shown []string
		for _, a := range env.Recipients {
			got = append(got, a.Norm())
		}
		for _, a := range headers {
			shown = append(shown, a.Norm())
		}
		if !slices.Equal(got, c.want) || env.ReversePath.Norm() != c.from && !(c.from == "" && env.ReversePath == mail.Address{}) {
			t.Errorf("%s: for %v, from %q", name, got, env.ReversePath.Norm())
		}
		if want := []string{"someone@in.test", "box@in.test", "third@in.test"}; !slices.Equal(shown, want) {
			t.Errorf("%s: in the header %v", name, shown)
		}
	}
}
