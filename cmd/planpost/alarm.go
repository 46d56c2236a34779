package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"planpost/core"
)

const (
	// webhookLimit is how long who is called may take to answer.
	webhookLimit = 10 * time.Second
	// leastAlarmSecret is the least length of the key that signs calls.
	leastAlarmSecret = 16
)

// mistakes are those of the webhook, each with its setting and cure.
func (a *AlarmConfig) mistakes() (list [][3]string) {
	if a.Webhook == "" {
		return nil
	}
	if u, err := url.Parse(a.Webhook); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		list = append(list, [3]string{"alarm.webhook", "alarm.webhook is not an address", "Write it like https://alarm.example.org/planpost."})
	}
	if len(a.Secret) < leastAlarmSecret {
		list = append(list, [3]string{"alarm.secret", "alarm.secret is too short to sign the calls of alarm.webhook", "Make one with: openssl rand -hex 32"})
	}
	return list
}

// watchMail sounds the alarm when mail breaks, ends it, and calls the webhook.
func (g *gateway) watchMail(ctx context.Context) error {
	if err := g.core.WatchMail(ctx, g.started); err != nil || g.cfg.Alarm.Webhook == "" {
		return err
	}
	calls, err := g.core.AlarmCalls(ctx)
	for _, call := range calls {
		failed := g.callWebhook(ctx, &call)
		if failed != nil && ctx.Err() != nil {
			return ctx.Err() // an interruption is no try
		}
		if failed != nil {
			g.log.Warn("webhook", "alarm", call.Alarm.ID, "err", failed)
		}
		err = errors.Join(err, g.core.NoteCall(context.WithoutCancel(ctx), call, failed == nil))
	}
	return err
}

// alarmCall is what the webhook is told. It holds no secret and no words of others.
type alarmCall struct {
	Event      string            `json:"event"` // mail.broken or mail.recovered
	ID         core.ID           `json:"id"`    // the same in both
	At         time.Time         `json:"at"`
	Host       string            `json:"host"`
	MailDomain string            `json:"mail_domain"`
	Causes     []core.AlarmCause `json:"causes"`
	Page       string            `json:"page"`
}

// callWebhook is well when the other side answers 2xx.
func (g *gateway) callWebhook(ctx context.Context, call *core.AlarmCall) error {
	told := alarmCall{"mail.broken", call.Alarm.ID, call.Alarm.BeganAt, g.cfg.smtpName(), g.cfg.MailDomain, call.Alarm.Causes, g.core.Config().BaseURL + "/health"}
	if call.Recovered {
		told.Event, told.At = "mail.recovered", call.Alarm.EndedAt
	}
	body, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("alarm: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, webhookLimit)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, g.cfg.Alarm.Webhook, bytes.NewReader(body))
	if err != nil {
		return errors.New("the address cannot be called") // the error tells the address, which may hold a secret
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Planpost")
	r.Header.Set("Planpost-Signature", alarmSignature(g.cfg.Alarm.Secret, time.Now(), body))
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	answer, err := client.Do(r)
	if err != nil {
		var cause *url.Error // as above
		if errors.As(err, &cause) {
			err = cause.Err
		}
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode/100 != 2 {
		return errors.New("answered " + answer.Status)
	}
	return nil
}

// alarmSignature is the time and the HMAC-SHA256 over time, dot and body: what was heard once cannot be used later.
func alarmSignature(secret string, at time.Time, body []byte) string {
	t := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v1=" + hex.EncodeToString(mac.Sum(nil))
}
