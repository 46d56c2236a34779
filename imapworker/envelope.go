package imapworker

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"planpost/core"
	"planpost/mail"
)

// mostRecipients bounds the addresses of one message that are looked at.
const mostRecipients = 100

// envelopeOf is what there is of an envelope (RFC 5321 §2.3.1): a mailbox keeps none but what its server wrote into the
// header, and that counts only as far as the mailbox is set to trust it.
func envelopeOf(m *core.Mailbox, h mail.Header, past bool, now time.Time) (env *mail.Envelope, headers []mail.Address) {
	env = &mail.Envelope{Protocol: mail.Fetched, TLS: m.Security != core.MailboxPlain, AuthServID: m.AuthServ, Past: past, ReceivedAt: now}
	for _, field := range m.Trust {
		value := h.Get(field)
		if field == "Return-Path" {
			if list, err := mail.ParseAddressList(value, 1); err == nil && len(list) == 1 {
				env.ReversePath = list[0]
			}
			continue
		}
		env.Recipients = append(env.Recipients, addressesOf(value)...)
	}
	for _, field := range [...]string{"To", "Cc"} {
		for _, value := range h.Values(field) {
			headers = append(headers, addressesOf(value)...)
		}
	}
	if len(headers) > mostRecipients {
		headers = headers[:mostRecipients]
	}
	return env, headers
}

func addressesOf(value string) []mail.Address {
	if value == "" {
		return nil
	}
	list, _ := mail.ParseAddressList(value, mostRecipients) // what can be read of it
	return list
}

// routes tells where a message leads: by the recipients that the server vouches for, else by those that its author wrote.
func (v *watch) routes(ctx context.Context, env *mail.Envelope, headers []mail.Address) ([]core.Route, error) {
	routes, err := v.w.core.FetchedRoutes(ctx, &v.m, env.Recipients)
	if err != nil || len(routes) > 1 {
		return routes, err
	}
	if len(env.Recipients) == 0 {
		env.Recipients = headers
	}
	return v.w.core.FetchedRoutes(ctx, &v.m, headers)
}

// markOf tells a message from others when its server numbers it anew; empty where nothing does. Two that are alike are
// counted, and what the mark does not find is told by its content.
func markOf(messageID string, size int64) string {
	if messageID == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(messageID + " " + strconv.FormatInt(size, 10)))
	return hex.EncodeToString(sum[:10])
}
