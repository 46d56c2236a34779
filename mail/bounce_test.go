package mail

import (
	"strings"
	"testing"
)

// postfixReport is a report in two forms: the code is in one, the stage in the other.
func postfixReport(words, status, diagnostic string) string {
	return "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.b.example\r\nTo: me@d.example\r\nSubject: Undelivered Mail\r\nMIME-Version: 1.0\r\n" +
		"Content-Type: multipart/report; boundary=x; report-type=delivery-status\r\n\r\n--x\r\n\r\nNo luck today.\r\n\r\n" + words + "\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n" +
		"Reporting-MTA: dns; mx.b.example\r\n\r\nFinal-Recipient: rfc822; ann@b.example\r\nAction: failed\r\nStatus: " + status + "\r\nDiagnostic-Code: smtp; " + diagnostic + "\r\n\r\n" +
		"--x\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <orig-1@d.example>\r\n\r\n--x--\r\n"
}

func TestOnlyWhoIsNotThereIsPermanent(t *testing.T) {
	for _, c := range []struct {
		name, words, status, diagnostic string
		permanent                       bool
	}{
		{"nobody there", "", "5.1.1", "550 5.1.1 user unknown", true},
		{"unknown, refused at the recipient", "<ann@b.example>: host mx said:\r\n 550 unknown user (in reply to RCPT\r\n TO)", "5.0.0", "550 unknown user", true},
		{"unknown, but only after the content", "<ann@b.example>: host mx said:\r\n 550 unknown user (in reply to\r\n DATA command)", "5.0.0", "550 unknown user", false},
		{"the same in a transcript", "ann@b.example\r\n\r\n>>> DATA\r\n<<< 550 unknown user", "5.0.0", "550 unknown user", false},
		{"commands in a bundle", "ann@b.example\r\n\r\n>>> DATA\r\n<<< 550 unknown user\r\n<<< 503 Need RCPT", "5.0.0", "550 unknown user", true},
		{"another recipient's stage", "<bob@b.example>: 550 spam (in reply to DATA command)\r\n\r\n<ann@b.example>: 550 unknown user (in reply to RCPT TO)", "5.0.0", "550 unknown user", true},
		{"a closed mailbox", "", "5.2.1", "550 5.2.1 user unknown", false},
		{"a full mailbox", "", "5.2.2", "552 5.2.2 the mailbox is full now", false},
		{"only for now", "", "4.1.1", "450 4.1.1 user unknown", false},
		{"policy", "", "5.7.1", "550 5.7.1 user unknown or unwanted", false},
		{"an account that is switched off", "The account is disabled.", "5.0.0", "550 user unknown", false},
		{"a host that never takes mail", "", "5.0.0", "521 mx.b.example takes no mail", true},
		{"a blocklist with the same code", "", "5.7.1", "521 5.7.1 client blocked", false},
		{"a null MX", "", "5.1.10", "556 5.1.10 domain has a null MX", true},
		{"the sender's null MX", "", "5.7.27", "550 5.7.27 sender has a null MX", false},
		{"by words of another language", "", "5.0.0", "550 Empfänger unbekannt", true},
	} {
		m := parse(t, strings.Replace(postfixReport(c.words, c.status, c.diagnostic), "--x\r\n\r\n", "--x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n", 1))
		list := Reports(m)
		if len(list) != 1 || list[0].Permanent != c.permanent || list[0].OriginalMessageID != "orig-1@d.example" {
			t.Errorf("%s: %+v", c.name, list)
		}
	}
}

func TestReportsForTwoAreKeptApart(t *testing.T) {
	raw := strings.Replace(postfixReport("ann@b.example: 550 5.1.1 User unknown\r\nbob@b.example: 552 5.2.2 mailbox is full now", "5.0.0", "x"), "Action: failed", "Action: failed", 1)
	m := parse(t, raw)
	if r := Reports(m); len(r) != 1 || r[0].Status != "5.1.1" || !r[0].Permanent {
		t.Errorf("the other's full mailbox counts: %+v", r)
	}
}

func TestReportsOfManyLanguagesAreTold(t *testing.T) {
	for _, c := range []struct{ subject, text string }{
		{"Ihre Nachricht konnte nicht zugestellt werden", "Sie konnte nicht zugestellt werden. Das Postfach ist voll.\n\nann@b.example"},
		{"Échec de la livraison", "Il n'a pas pu être remis :\n\nann@b.example\n\nboîte pleine"},
		{"Error de entrega", "No se ha podido entregar:\n\nann@b.example\n\nbuzón lleno"},
		{"Mancata consegna", "Impossibile recapitare:\n\nann@b.example\n\ncasella piena"},
		{"Niedostarczona wiadomość", "Wiadomość nie została dostarczona:\n\nann@b.example\n\nskrzynka jest pełna"},
		{"Ошибка доставки", "Письмо не было доставлено:\n\nann@b.example\n\nящик переполнен"},
		{"Неуспешна доставка", "Писмото не беше доставено:\n\nann@b.example\n\nкутията е пълна"},
		{"配信エラー", "送信できませんでした\n\nann@b.example\n\nメールボックスが一杯です"},
		{"退信", "无法投递\n\nann@b.example\n\n邮箱已满"},
		{"반송", "배달하지 못했습니다\n\nann@b.example\n\n사서함이 가득 찼습니다"},
	} {
		m := parse(t, "From: noreply@mx.b.example\r\nTo: me@d.example\r\nSubject: "+c.subject+"\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"+c.text+"\r\n")
		if k := Classify(m, nil); k.Kind != KindBounce {
			t.Errorf("%s: %+v", c.subject, k)
			continue
		}
		if r := Reports(m); len(r) != 1 || r[0].Recipient.Mailbox() != "ann@b.example" || r[0].Status != "5.2.2" || r[0].Permanent {
			t.Errorf("%s: %+v", c.subject, r)
		}
	}
}

func cloud(text string) string {
	return "From: Service <no-reply@sns.example>\r\nTo: me@d.example\r\nX-Amz-Sns-Message-Id: 1\r\nSubject: Notification\r\n\r\n" + text + "\r\n\r\n--\r\nTo stop, click here.\r\n"
}

func TestNoticesOfCloudSendersAreRead(t *testing.T) {
	bounce := `{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bouncedRecipients":[{"emailAddress":"ann@b.example","action":"failed","status":"5.1.1","diagnosticCode":"smtp; 550 user unknown"}]},"mail":{"headers":[{"name":"Message-ID","value":"<o1@d.example>"}],"commonHeaders":{"messageId":"theirs"}}}`
	wrapped := `{"Type":"Notification","Message":"` + strings.ReplaceAll(bounce, `"`, `\"`) + `"}`
	broken := strings.Replace(bounce, "Permanent", "Perma!\r\n nent", 1)
	for name, raw := range map[string]string{"plain": bounce, "wrapped": wrapped, "broken line": broken} {
		m := parse(t, cloud(raw))
		if k := Classify(m, nil); k.Kind != KindBounce || k.Rule != "report.cloud" {
			t.Errorf("%s: %+v", name, k)
		}
		r := Reports(m)
		if len(r) != 1 || r[0].Recipient.Mailbox() != "ann@b.example" || r[0].Status != "5.1.1" || !r[0].Permanent || r[0].OriginalMessageID != "o1@d.example" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	m := parse(t, cloud(`{"eventType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"ann@b.example"}],"complaintFeedbackType":"abuse"}}`))
	if r := Reports(m); Classify(m, nil).Kind != KindFeedback || len(r) != 1 || r[0].Action != "abuse" || r[0].Recipient.Mailbox() != "ann@b.example" {
		t.Errorf("%+v", r)
	}
	m = parse(t, cloud(`{"notificationType":"Delivery","delivery":{"recipients":["ann@b.example"]}}`))
	if r := Reports(m); len(r) != 1 || r[0].Action != "delivered" || r[0].Status != "2.0.0" || r[0].Permanent {
		t.Errorf("%+v", r)
	}
	m = parse(t, "From: ann@b.example\r\n\r\n"+bounce)
	if k := Classify(m, nil); k.Kind != KindMessage {
		t.Errorf("a person who quotes one: %+v", k)
	}
}

func TestUnsubscribingIsAComplaint(t *testing.T) {
	m := parse(t, "From: Ann <ann@b.example>\r\nAuto-Submitted: auto-replied\r\nX-Apple-Unsubscribe: true\r\nSubject: unsubscribe\r\n\r\nx")
	if r := Reports(m); Classify(m, nil).Kind != KindFeedback || len(r) != 1 || r[0].Action != "opt-out" || r[0].Recipient.Mailbox() != "ann@b.example" {
		t.Errorf("%+v %+v", Classify(m, nil), r)
	}
}
