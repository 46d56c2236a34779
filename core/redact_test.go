package core_test

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail/auth"
)

func TestTheSourceShowsNoTokenInAnyEncoding(t *testing.T) {
	each(t, func(h *house) {
		to := h.replyTo(h.klara)
		secret := to[2:47]
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("some text before it ", 9) + to + " and after\n"))
		for len(coded)%76 != 0 {
			coded += "\n"
		}
		parts := map[string]string{
			"quoted-printable": "Content-Transfer-Encoding: quoted-printable\n\nwrite to r=\n-" + secret[:20] + "=\n" + secret[20:] + "@in.test now\n",
			"base64":           "Content-Transfer-Encoding: base64\n\n" + coded[:76] + "\n" + coded[76:152] + "\n" + coded[152:] + "\n",
		}
		for name, part := range parts {
			raw := fmt.Sprintf("From: klara@client.test\nMessage-ID: <%s@t>\nSubject: see %s\nMIME-Version: 1.0\nContent-Type: text/plain\n", name, to) + part
			r := h.one(raw, auth.Pass, to)
			v, err := h.c.Message(h.ctx, h.as(h.owner), r.ID)
			h.must(err)
			if strings.Contains(fmt.Sprintf("%+v", v), secret) || !strings.Contains(v.Message.Subject, "see r-…@") {
				h.t.Errorf("%s: the page shows it: %s", name, v.Message.Subject)
			}
			src, err := h.c.MessageSource(h.ctx, h.as(h.owner), r.ID)
			h.must(err)
			joined := bytes.ReplaceAll(src, []byte("=\r\n"), nil)
			_, bodyPart, _ := bytes.Cut(src, []byte("\r\n\r\n"))
			plain, _ := base64.StdEncoding.DecodeString(string(bodyPart))
			if bytes.Contains(joined, []byte(secret)) || bytes.Contains(plain, []byte(secret)) {
				h.t.Errorf("%s: the source shows it:\n%s", name, src)
			}
			if name == "base64" && !bytes.Contains(plain, []byte("and after")) {
				h.t.Errorf("the text around it is lost: %q", plain)
			}
		}
	})
}

func TestNobodyHasOneOfOurOwnAddresses(t *testing.T) {
	each(t, func(h *house) {
		to := h.replyTo(h.klara)
		r := h.one("From: "+to+"\nMessage-ID: <own@t>\nSubject: x\n\nhello\n", auth.Pass, h.project.Inbound+"@"+domain)
		if r.Disposition != core.Ignored || r.Reason != "loop" {
			h.t.Errorf("%s (%s)", r.Disposition, r.Reason)
		}
		if _, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Loop", Address: to}); core.CodeOf(err) != "address" {
			h.t.Errorf("a contact with a reply address: %v", err)
		}
	})
}

const dsn = "From: MAILER-DAEMON@mx.test\nMessage-ID: <%s@mx.test>\nSubject: failure\nMIME-Version: 1.0\nAuto-Submitted: auto-replied\n" +
	"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: text/plain\n\nIt failed.\n" +
	"--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; x@client.test\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 nobody %s\n" +
	"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\n\n--b--\n"

func TestAReportEndsOnlyTheDeliveryItMayNameAndKeepsNoToken(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		state := func(l core.Letter) core.DeliveryState {
			v, err := h.c.Delivery(h.ctx, h.as(h.owner), l.Delivery.ID)
			h.must(err)
			if strings.Contains(fmt.Sprintf("%+v", v), h.replyTo(h.karl)[2:47]) {
				h.t.Error("a server's words keep a token")
			}
			return v.Item.Delivery.State
		}
		// Klara's address names nothing of Karl's; a return address names its own mail only.
		h.one(fmt.Sprintf(dsn, "1", "", sent["Karl"].MessageID), auth.None, h.replyTo(h.klara))
		h.one(fmt.Sprintf(dsn, "2", "", sent["Karl"].MessageID), auth.None, sent["Sub"].ReversePath.Mailbox())
		if got := state(sent["Karl"]); got != core.DeliverySent {
			h.t.Errorf("Karl's mail is %s by somebody else's report", got)
		}
		if got := state(sent["Sub"]); got != core.DeliveryFailed {
			h.t.Errorf("the return address's own mail is %s", got)
		}
		h.one(fmt.Sprintf(dsn, "3", h.replyTo(h.karl), sent["Karl"].MessageID), auth.None, sent["Karl"].ReversePath.Mailbox())
		if got := state(sent["Karl"]); got != core.DeliveryFailed {
			h.t.Errorf("Karl's mail is %s", got)
		}
	})
}

func TestWhatAPersonWritesToAReturnAddressIsHeldAndSaid(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		r := h.one(h.letter("klara@client.test", "I answered the wrong address"), auth.Pass, sent["Klara"].ReversePath.Mailbox())
		if r.Disposition != core.Held || r.Reason != "class.message" || r.Task != h.task.ID {
			h.t.Fatalf("%s (%s)", r.Disposition, r.Reason)
		}
		h.pass(3600e9)
		if later, _ := h.letters(); later["Eve"].Event != core.MessageHeld {
			h.t.Errorf("told: %v", keys(later))
		}
		cm, err := h.c.Release(h.ctx, h.as(h.owner), r.ID, core.Release{})
		if err != nil || cm.Text != "I answered the wrong address" || cm.Author != h.klara.ID {
			h.t.Errorf("released %+v, %v", cm, err)
		}
	})
}

func TestAnAnsweredInvitationLeavesNoLiveLinkAnywhere(t *testing.T) {
	each(t, func(h *house) {
		h.letters()
		h.invited("Nora", "nora@holzbau.test")
		sent, _ := h.letters()
		token, to := tokenOf(sent["Nora"]), h.replyTo(h.klara)
		var rs []core.Receipt
		link := "http://" + domain + "/i/" + token
		rs = append(rs, h.one("From: klara@client.test\nMessage-ID: <i1@t>\nSubject: Re: "+link+"\n\nPlease open "+link+" for me.\n\nOn Monday Holzbau wrote:\n> Set your password: "+link+"\n", auth.Pass, to))
		rs = append(rs, h.one("From: klara@client.test\nMessage-ID: <i2@t>\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nPlease http://"+domain+"/i/"+token[:9]+"=\n"+token[9:]+" now\n", auth.Pass, to))
		rs = append(rs, h.one("From: klara@client.test\nMessage-ID: <i3@t>\nSubject: y\nMIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n"+base64.StdEncoding.EncodeToString([]byte("<p>So <a href=\""+link+"\">"+link+"</a></p>"))+"\n", auth.Pass, to))
		if n := len(h.comments()); n < 3 {
			t.Fatalf("%d comments", n)
		}
		for _, cv := range h.comments() {
			if strings.Contains(fmt.Sprintf("%+v", cv), token) || !strings.Contains(cv.Comment.Text, "/i/…") {
				t.Errorf("a comment keeps the link, or lost its words: %+v", cv)
			}
		}
		for _, m := range rs {
			v, err := h.c.Message(h.ctx, h.as(h.owner), m.ID)
			h.must(err)
			src, err := h.c.MessageSource(h.ctx, h.as(h.owner), m.ID)
			h.must(err)
			_, body, _ := bytes.Cut(src, []byte("\r\n\r\n"))
			plain, _ := base64.StdEncoding.DecodeString(string(body))
			all := fmt.Sprintf("%+v", v) + string(bytes.ReplaceAll(src, []byte("=\r\n"), nil)) + string(plain)
			if strings.Contains(all, token) {
				t.Errorf("a message shows the link:\n%s", all)
			}
		}
		mails, _ := h.letters()
		for name, l := range mails {
			if strings.Contains(fmt.Sprintf("%+v", l), token) {
				t.Errorf("the mail to %s brings the link on", name)
			}
		}
	})
}
