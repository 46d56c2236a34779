package mail

import (
	"strings"
	"testing"
)

func parse(t *testing.T, raw string) *Message {
	t.Helper()
	m, err := Parse([]byte(raw), Limits{})
	if err != nil {
		t.Fatalf("%v\n%.300s", err, raw)
	}
	return m
}

func TestMachinesAreToldFromPeople(t *testing.T) {
	const person = "From: Ann <ann@b.example>\r\nTo: c@d.example\r\n"
	for _, c := range []struct {
		name, raw  string
		kind       Kind
		rule, line string
	}{
		{"a person", person + "Subject: Re: plan\r\nIn-Reply-To: <x@y>\r\n\r\nYes", KindMessage, "", ""},
		{"a person whose mailer says no", person + "Auto-Submitted: no\r\nX-Autoreply: no\r\nX-Loop: ann@b.example\r\n\r\nYes", KindMessage, "", ""},
		{"RFC 3834", person + "Auto-Submitted: auto-replied (vacation)\r\n\r\nx", KindAutoReply, "auto-submitted", "Auto-Submitted: auto-replied (vacation)"},
		{"notification", person + "auto-submitted: auto-generated\r\n\r\nx", KindAutoReply, "auto-submitted", ""},
		{"X-Autoreply", person + "X-Autoreply: yes\r\n\r\nx", KindAutoReply, "x-autoreply", ""},
		{"autorespond", person + "X-Autorespond: plan\r\n\r\nx", KindAutoReply, "x-autorespond", ""},
		{"precedence auto_reply", person + "Precedence: auto_reply\r\n\r\nx", KindAutoReply, "precedence", ""},
		{"vacation(1)", person + "Precedence: bulk\r\nIn-Reply-To: <x@y>\r\nSubject: Re: plan\r\n\r\nx", KindAutoReply, "precedence", ""},
		{"newsletter", person + "Precedence: bulk\r\nList-Unsubscribe: <https://x.example>\r\n\r\nx", KindList, "list-unsubscribe", ""},
		{"a person through a group", person + "Precedence: list\r\nList-ID: <g.example>\r\nIn-Reply-To: <x@y>\r\n\r\nx", KindList, "list-id", "List-ID: <g.example>"},
		{"asks for no answer", person + "X-Auto-Response-Suppress: All\r\n\r\nx", KindList, "x-auto-response-suppress", ""},
		{"delivery receipts off only", person + "X-Auto-Response-Suppress: DR, RN\r\n\r\nx", KindMessage, "", ""},
		{"Exchange absence", person + "X-Auto-Response-Suppress: All\r\nSubject: Automatische Antwort: Plan\r\n\r\nx", KindAutoReply, "subject.vacation", "Subject: Automatische Antwort: Plan"},
		{"absence by its words", person + "Subject: Абсолютно\r\n\r\nИзвън офиса съм", KindMessage, "", ""},
		{"Bulgarian absence", person + "Subject: =?utf-8?b?0JDQstGC0L7QvNCw0YLQuNGH0LXQvSDQvtGC0LPQvtCy0L7RgA==?=\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nАз съм в отпуск до понеделник", KindAutoReply, "subject.vacation", ""},
		{"a person writing about an absence", person + "Subject: Vacation plans for July\r\n\r\nWho is here?", KindMessage, "", ""},
		{"an answer to an absence note", person + "Subject: Re: Automatic reply: plan\r\nX-Auto-Response-Suppress: DR\r\n\r\nWelcome back", KindMessage, "", ""},
		{"null path", "Return-Path: <>\r\n" + person + "Subject: hi\r\n\r\nx", KindAutoReply, "path.null", ""},
		{"no-reply", "From: no-reply@b.example\r\nSubject: Your order\r\n\r\nx", KindList, "from.no-reply", ""},
		{"daemon without news", "From: MAILER-DAEMON@b.example\r\nSubject: hi\r\n\r\nx", KindAutoReply, "from.daemon", ""},
		{"a person about parcels", person + "Subject: Undelivered parcels\r\n\r\nThe parcels are still at the gate. What now?", KindMessage, "", ""},
		{"a person answering about a failure", person + "Subject: Delivery failed\r\nIn-Reply-To: <x@y>\r\n\r\nThe glass could not be delivered.", KindMessage, "", ""},
		{"a forwarded bounce", person + "Subject: Fwd: Undelivered Mail Returned to Sender\r\n\r\nWhat is this? user unknown", KindMessage, "", ""},
	} {
		got := Classify(parse(t, c.raw), nil)
		if got.Kind != c.kind || got.Rule != c.rule || c.line != "" && got.Evidence != c.line {
			t.Errorf("%s: %+v, want %s %s", c.name, got, c.kind, c.rule)
		}
	}
}

func TestTheEnvelopeCountsMoreThanAReturnPathField(t *testing.T) {
	m := parse(t, "Return-Path: <>\r\nFrom: Ann <ann@b.example>\r\n\r\nhi")
	if c := Classify(m, &Envelope{ReversePath: Address{Local: "ann", Domain: "b.example"}}); c.Kind != KindMessage {
		t.Errorf("%+v", c)
	}
	m = parse(t, "From: Ann <ann@b.example>\r\n\r\nhi")
	if c := Classify(m, &Envelope{}); c.Kind != KindAutoReply || c.Rule != "path.null" {
		t.Errorf("%+v", c)
	}
}

const dsn = "From: MAILER-DAEMON@mx.b.example\r\nTo: me@d.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n" +
	"Content-Type: multipart/report; boundary=x; report-type=delivery-status\r\n\r\n--x\r\n\r\nSorry.\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n" +
	"Reporting-MTA: dns; mx.b.example\r\n\r\nOriginal-Recipient: rfc822; First@b.example\r\nFinal-Recipient: rfc822; final@c.example\r\nAction: failed\r\nStatus: 5.1.1\r\nRemote-MTA: dns; mx.c.example\r\nDiagnostic-Code: smtp; 550 5.1.1 <final@c.example>:\r\n no such user\r\n\r\n" +
	"Final-Recipient: rfc822; second@b.example\r\nAction: delayed\r\nStatus: 4.2.2 (mailbox full)\r\n\r\n" +
	"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <orig-1@d.example>\r\nSubject: plan\r\n\r\n--x--\r\n"

func TestDeliveryReportsAreRead(t *testing.T) {
	m := parse(t, dsn)
	if c := Classify(m, nil); c.Kind != KindBounce || c.Rule != "report.delivery" {
		t.Errorf("%+v", c)
	}
	list := Reports(m)
	if len(list) != 2 {
		t.Fatalf("%+v", list)
	}
	want := Report{Kind: KindBounce, Recipient: Address{Local: "First", Domain: "b.example"}, Action: "failed", Status: "5.1.1", Permanent: true,
		Diagnostic: "550 5.1.1 <final@c.example>: no such user", RemoteMTA: "mx.c.example", OriginalMessageID: "orig-1@d.example"}
	if list[0] != want {
		t.Errorf("%+v\nwant %+v", list[0], want)
	}
	if r := list[1]; r.Action != "delayed" || r.Status != "4.2.2" || r.Permanent || r.RemoteMTA != "mx.b.example" || r.Diagnostic != "mailbox full" {
		t.Errorf("%+v", r)
	}
}

func TestBouncesInPlainWordsAreRead(t *testing.T) {
	for _, c := range []struct {
		name, raw, rcpt, status string
		permanent               bool
		action                  string
	}{
		{"qmail", "From: MAILER-DAEMON@mx.b.example\r\nTo: me@d.example\r\nSubject: failure notice\r\n\r\nThe program at mx.b.example was not able to deliver:\r\n\r\n<ann@b.example>:\r\nNo mailbox here. (#5.1.1)\r\n\r\n--- Your message follows --\r\n\r\nReturn-Path: <me@d.example>\r\nMessage-ID: <o1@d.example>\r\nTo: other@e.example\r\n",
			"ann@b.example", "5.1.1", true, "failed"},
		{"Exim", "From: Mailer <Mailer-Daemon@b.example>\r\nTo: me@d.example\r\nX-Failed-Recipients: ann@b.example\r\nSubject: Mail delivery failed\r\n\r\nIt could not be delivered to:\r\n\r\n  ann@b.example\r\n    mailbox is full, retry timeout\r\n\r\n------ This is a copy, with headers. ------\r\n\r\nMessage-ID: <o1@d.example>\r\n",
			"ann@b.example", "5.2.2", false, "failed"},
		{"Postfix in text", "Return-Path: <>\r\nFrom: MAILER-DAEMON (Mail Delivery System)\r\nTo: me@d.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\r\nThis is the mail system.\r\n\r\n<ann@b.example>: host mx.b.example[192.0.2.55] said: 550 Unknown user (in reply to RCPT)\r\n\r\nMessage-ID: <o1@d.example>\r\n",
			"ann@b.example", "5.1.1", true, "failed"},
		{"delayed", "From: mailer-daemon@b.example\r\nTo: me@d.example\r\nSubject: Warning: message 1abc delayed 24 hours\r\n\r\nIt has not yet been delivered:\r\n\r\n  ann@b.example\r\n    Delay reason: Connection refused\r\n\r\nMessage-ID: <o1@d.example>\r\n",
			"ann@b.example", "4.4.1", false, "delayed"},
		{"policy", "From: postmaster@b.example\r\nTo: me@d.example\r\nSubject: Undeliverable: plan\r\n\r\nDelivery has failed to these recipients:\r\n\r\nann@b.example\r\n550 5.7.1 Message rejected as spam by policy\r\n\r\nMessage-ID: <o1@d.example>\r\n",
			"ann@b.example", "5.7.1", false, "failed"},
	} {
		m := parse(t, c.raw)
		if k := Classify(m, nil); k.Kind != KindBounce {
			t.Errorf("%s: %+v", c.name, k)
		}
		list := Reports(m)
		if len(list) != 1 {
			t.Errorf("%s: %+v", c.name, list)
			continue
		}
		r := list[0]
		if r.Recipient.Mailbox() != c.rcpt || r.Status != c.status || r.Permanent != c.permanent || r.Action != c.action || r.OriginalMessageID != "o1@d.example" {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestComplaintsAreRead(t *testing.T) {
	m := parse(t, "From: fbl@b.example\r\nContent-Type: multipart/report; boundary=x; report-type=feedback-report\r\n\r\n--x\r\n\r\nComplaint\r\n--x\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nUser-Agent: F/1\r\nVersion: 1\r\nOriginal-Rcpt-To: <ann@b.example>\r\n\r\n--x\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <o1@d.example>\r\nTo: hidden@b.example\r\n\r\nhi\r\n--x--\r\n")
	if c := Classify(m, nil); c.Kind != KindFeedback {
		t.Errorf("%+v", c)
	}
	list := Reports(m)
	if len(list) != 1 || list[0].Kind != KindFeedback || list[0].Action != "abuse" || list[0].Recipient.Mailbox() != "ann@b.example" || list[0].OriginalMessageID != "o1@d.example" || list[0].Permanent {
		t.Errorf("%+v", list)
	}
}

func TestReceiptsAreNoBounces(t *testing.T) {
	m := parse(t, "From: ann@b.example\r\nContent-Type: multipart/report; boundary=x; report-type=disposition-notification\r\n\r\n--x\r\n\r\nread\r\n--x\r\nContent-Type: message/disposition-notification\r\n\r\nDisposition: manual-action/MDN-sent-manually; displayed\r\n\r\n--x--\r\n")
	if c := Classify(m, nil); c.Kind != KindReceipt || !c.Automatic() || c.Answerable() {
		t.Errorf("%+v", c)
	}
}

func TestStatusCodesAreNotAddresses(t *testing.T) {
	for in, want := range map[string]string{
		"550 5.1.1 x": "5.1.1", "(#5.7.1)": "5.7.1", "host 5.1.1.9 said": "", "from 192.0.2.5.1": "", "5.1.1": "5.1.1", "v5.1.1": "", "4.4.7.": "4.4.7", "": "", "5.": "", "5.1": "", "5.1234.1": "",
	} {
		if got := findStatus(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestHopsAreCounted(t *testing.T) {
	m := parse(t, strings.Repeat("Received: from a by b\r\n", 7)+"From: a@b.example\r\n\r\nx")
	if m.ReceivedCount() != 7 {
		t.Error(m.ReceivedCount())
	}
}

func FuzzClassify(f *testing.F) {
	f.Add([]byte(dsn))
	f.Add([]byte(cloud(`{"Message":"{\"eventType\":\"Bounce\",\"bounce\":{\"bouncedRecipients\":[{\"status\":\"5.1\"}]}}"}`)))
	f.Add([]byte(postfixReport("ann@b.example\r\n>>> DATA\r\n<<< 550 x\r\n<<< 503", "5.0.0", "521 x")))
	f.Add([]byte("From: mailer-daemon\nSubject: failure notice\n\n<a@b.c>:\n550 5.1.1 x"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := Parse(raw, Limits{})
		if err != nil {
			return
		}
		c := Classify(m, nil)
		if c.Kind == "" || (c.Kind != KindMessage) != (c.Rule != "") {
			t.Fatalf("no judgement: %+v", c)
		}
		for _, r := range Reports(m) {
			checkClean(t, r.Action+r.Status+r.Diagnostic+r.RemoteMTA+r.OriginalMessageID+r.Recipient.Mailbox())
			if r.Status != "" && findStatus(r.Status) != r.Status {
				t.Fatalf("odd status %q", r.Status)
			}
		}
	})
}
