package auth

import (
	"context"
	"testing"

	"planpost/mail"
)

// judged is what becomes of a message with these header lines on top, fetched from a mailbox of mx.provider.test.
func judged(t *testing.T, top string) Verdict {
	t.Helper()
	raw := []byte(top + "From: Klara <klara@client.test>\r\nTo: x@provider.test\r\nSubject: s\r\n\r\nhello\r\n")
	from := mail.Address{Local: "klara", Domain: "client.test"}
	return NewVerifier(Config{}).Verify(context.Background(), &mail.Envelope{Protocol: mail.Fetched, AuthServID: "mx.provider.test"}, raw, from)
}

func TestTheMailboxServersWordCounts(t *testing.T) {
	for _, c := range []struct {
		name, top string
		want      Outcome
	}{
		{"DMARC passed", "Authentication-Results: mx.provider.test; spf=fail smtp.mailfrom=x.test; dmarc=pass (p=REJECT) header.from=client.test\r\n", Pass},
		{"its name in other letters, with a version", "authentication-results: MX.Provider.Test 1; dmarc=pass header.from=client.test\r\n", Pass},
		{"folded", "Authentication-Results: mx.provider.test;\r\n\tdkim=pass header.d=client.test;\r\n\tspf=none\r\n", Pass},
		{"DKIM of a subdomain", "Authentication-Results: mx.provider.test; dkim=pass header.i=@news.client.test\r\n", Pass},
		{"SPF of the author's domain", "Authentication-Results: mx.provider.test; spf=pass smtp.mailfrom=bounce@client.test\r\n", Pass},
		{"DMARC failed", "Authentication-Results: mx.provider.test; dmarc=fail header.from=client.test\r\n", Fail},
		{"SPF failed", "Authentication-Results: mx.provider.test; spf=fail smtp.mailfrom=klara@client.test\r\n", Fail},
		{"DMARC of somebody else", "Authentication-Results: mx.provider.test; dmarc=pass header.from=evil.test\r\n", None},
		{"DKIM of somebody else", "Authentication-Results: mx.provider.test; dkim=pass header.d=evil.test\r\n", None},
		{"nothing was examined", "Authentication-Results: mx.provider.test; none\r\n", None},
		{"no results at all", "", None},
		{"another server's", "Authentication-Results: mx.evil.test; dmarc=pass header.from=client.test\r\n", None},
		{"the server's name below another's", "Authentication-Results: mx.evil.test; none\r\nAuthentication-Results: mx.provider.test; dmarc=pass header.from=client.test\r\n", None},
		{"the server's failure above the sender's forgery", "Authentication-Results: mx.provider.test; dmarc=fail header.from=client.test\r\nAuthentication-Results: mx.provider.test; dmarc=pass header.from=client.test\r\n", Fail},
		{"results hidden in a quoted address", "Authentication-Results: mx.provider.test; spf=pass smtp.mailfrom=\"a; dmarc=pass header.from=client.test; x\"@evil.test\r\n", None},
		{"results hidden behind an escaped quote", "Authentication-Results: mx.provider.test; spf=pass smtp.mailfrom=\"a\\\"; dmarc=pass header.from=client.test; x=\"@evil.test\r\n", None},
		{"results hidden in a comment", "Authentication-Results: mx.provider.test; spf=none (sender said ; dmarc=pass header.from=client.test) smtp.mailfrom=evil.test\r\n", None},
		{"a quote that never ends", "Authentication-Results: mx.provider.test; dmarc=pass header.from=client.test; spf=none smtp.mailfrom=\"\r\n", None},
		{"two results of DMARC, the first of another domain", "Authentication-Results: mx.provider.test; dmarc=fail header.from=other.test; dkim=none\r\n", None},
	} {
		if v := judged(t, c.top); v.Outcome != c.want {
			t.Errorf("%s: %s (%s), want %s", c.name, v.Outcome, v.Reason, c.want)
		}
	}
}

// Old mail asks nobody, and proves nothing.
func TestOldMailAsksNobody(t *testing.T) {
	raw := []byte("From: klara@client.test\r\n\r\nhello\r\n")
	v := NewVerifier(Config{Resolver: nil}).Verify(context.Background(), &mail.Envelope{Protocol: mail.Fetched, Past: true}, raw, mail.Address{Local: "klara", Domain: "client.test"})
	if v.Outcome != None || v.Reason != ReasonPast {
		t.Errorf("%+v", v)
	}
}
