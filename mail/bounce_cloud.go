package mail

import (
	"encoding/json"
	"strings"
)

// cloudNotice is the form in which Amazon SES tells of bounces and complaints
// through its notification service: a JSON object as the text of a mail.
type cloudNotice struct {
	Type  string `json:"notificationType"`
	Event string `json:"eventType"`
	// Inner is the notice itself where the service wraps it.
	Inner  string `json:"Message"`
	Bounce struct {
		Type       string `json:"bounceType"`
		Recipients []struct {
			Address    string `json:"emailAddress"`
			Action     string `json:"action"`
			Status     string `json:"status"`
			Diagnostic string `json:"diagnosticCode"`
		} `json:"bouncedRecipients"`
		ReportingMTA string `json:"reportingMTA"`
	} `json:"bounce"`
	Complaint struct {
		Recipients []struct {
			Address string `json:"emailAddress"`
		} `json:"complainedRecipients"`
		Type string `json:"complaintFeedbackType"`
	} `json:"complaint"`
	Delivery struct {
		Recipients []string `json:"recipients"`
		Response   string   `json:"smtpResponse"`
	} `json:"delivery"`
	Mail struct {
		Common struct {
			MessageID string `json:"messageId"`
		} `json:"commonHeaders"`
		Headers []struct{ Name, Value string } `json:"headers"`
	} `json:"mail"`
}

// kind tells what the notice is about; "" for what is neither.
func (n *cloudNotice) kind() Kind {
	what := n.Type
	if what == "" {
		what = n.Event
	}
	switch strings.ToLower(what) {
	case "bounce", "delivery":
		return KindBounce
	case "complaint":
		return KindFeedback
	}
	return ""
}

// cloudNoticeOf reads the notice out of a mail; ok is false for all others.
// Behind the object there may be words for people.
func cloudNoticeOf(m *Message) (n cloudNotice, ok bool) {
	if !m.Header.Has("X-Amz-Sns-Message-Id") && !m.Header.Has("X-Amz-Sns-Subscription-Arn") {
		return n, false
	}
	text := strings.TrimSpace(m.Text)
	if !strings.HasPrefix(text, "{") || len(text) > 1<<20 {
		return n, false
	}
	text = strings.ReplaceAll(text, "!\n ", "") // how a server broke a line that was too long for it
	err := json.NewDecoder(strings.NewReader(text)).Decode(&n)
	if inner := n.Inner; err == nil && inner != "" && n.kind() == "" {
		n = cloudNotice{}
		err = json.Unmarshal([]byte(inner), &n)
	}
	return n, err == nil && n.kind() != ""
}

// reports are what the notice says about each recipient.
func (n *cloudNotice) reports() (list []Report) {
	for _, b := range n.Bounce.Recipients {
		if len(list) >= maxReports {
			break
		}
		r := Report{Kind: KindBounce, Action: strings.ToLower(word(b.Action)), Status: findStatus(b.Status), Diagnostic: diagnostic(afterType(b.Diagnostic)), RemoteMTA: afterType(n.Bounce.ReportingMTA)}
		r.Recipient, _ = reportAddress(b.Address)
		if strings.EqualFold(n.Bounce.Type, "transient") && r.Status == "" {
			r.Action, r.Status = "failed", "4.0.0"
		}
		r.settle(r.Diagnostic, "", "")
		list = append(list, r)
	}
	for _, to := range n.Delivery.Recipients {
		if len(list) >= maxReports {
			break
		}
		r := Report{Kind: KindBounce, Action: "delivered", Status: "2.0.0", Diagnostic: diagnostic(n.Delivery.Response)}
		r.Recipient, _ = reportAddress(to)
		list = append(list, r)
	}
	for _, c := range n.Complaint.Recipients {
		if len(list) >= maxReports {
			break
		}
		r := Report{Kind: KindFeedback, Action: strings.ToLower(word(n.Complaint.Type))}
		r.Recipient, _ = reportAddress(c.Address)
		list = append(list, r.complete(nil))
	}
	return list
}

// originalID is the Message-ID that the sender gave, where the notice has it;
// "messageId" beside it is the service's own.
func (n *cloudNotice) originalID() string {
	for _, h := range n.Mail.Headers {
		if strings.EqualFold(h.Name, "Message-ID") {
			if ids := messageIDs(h.Value, 1); len(ids) > 0 {
				return ids[0]
			}
		}
	}
	if ids := messageIDs(n.Mail.Common.MessageID, 1); len(ids) > 0 {
		return ids[0]
	}
	return ""
}
