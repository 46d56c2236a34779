package mail

import (
	"strings"
	"testing"
)

const hashBase = "From: a@b.example\r\nTo: c@d.example\r\nSubject: one two\r\nMessage-ID: <1@b.example>\r\nDate: Mon, 02 Nov 2026 10:00:00 +0000\r\n\r\nHello\r\nWorld\r\n"

func TestOneMessageByTwoRoadsHasOneHash(t *testing.T) {
	want := ContentHash([]byte(hashBase))
	for name, other := range map[string]string{
		"trace fields": "Return-Path: <x@y.example>\r\nReceived: from a by b;\r\n\tMon, 02 Nov 2026\r\nDKIM-Signature: v=1;\r\n b=x\r\nX-Spam: no\r\nAuthentication-Results: z\r\nDelivered-To: q@d.example\r\n" + hashBase,
		"folding":      strings.Replace(hashBase, "one two", "one\r\n two", 1),
		"line feeds":   strings.ReplaceAll(hashBase, "\r\n", "\n"),
		"blank end":    hashBase + "\r\n\r\n",
		"field order":  "Subject: one two\r\n" + strings.Replace(hashBase, "Subject: one two\r\n", "", 1),
		"field case":   strings.Replace(hashBase, "Message-ID", "Message-Id", 1),
	} {
		if ContentHash([]byte(other)) != want {
			t.Errorf("%s: another hash", name)
		}
	}
}

func TestTwoMessagesHaveTwoHashes(t *testing.T) {
	seen := map[[32]byte]string{ContentHash([]byte(hashBase)): "base"}
	for name, other := range map[string]string{
		"body":              strings.Replace(hashBase, "World", "world", 1),
		"space in the body": strings.Replace(hashBase, "World", " World", 1),
		"sender":            strings.Replace(hashBase, "a@b", "x@b", 1),
		"subject":           strings.Replace(hashBase, "one two", "one  three", 1),
		"id":                strings.Replace(hashBase, "<1@", "<2@", 1),
		"second From":       "From: z@b.example\r\n" + hashBase,
		"value in To":       strings.Replace(strings.Replace(hashBase, "To: c@d.example\r\n", "", 1), "one two", "one two To: c@d.example", 1),
		"no header":         "Hello\r\nWorld\r\n",
		"content type":      "Content-Type: text/html\r\n" + hashBase,
	} {
		h := ContentHash([]byte(other))
		if was, ok := seen[h]; ok {
			t.Errorf("%s and %s share a hash", name, was)
		}
		seen[h] = name
	}
}

func TestNoiseWithoutAHeaderIsToldByAllOfIt(t *testing.T) {
	noise := []string{"", "\x00\x00", "one line", "another line", "one line\r\n\r\nhello", "another line\r\n\r\nhello"}
	seen := map[[32]byte]string{}
	for _, raw := range noise {
		h := ContentHash([]byte(raw + "\r\n"))
		if old, ok := seen[h]; ok {
			t.Errorf("%q and %q are one message", old, raw)
		}
		seen[h] = raw
	}
}
