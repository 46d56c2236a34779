package web

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf16"

	"planpost/core"
	"planpost/mail"
	"planpost/store/storetest"
)

// No live token rests anywhere but in sealed raw mail (model.md, links.md): whoever quotes or forwards one of our
// mails, in whatever dress, must not leave a reply address or a link where others read it, nor in the search.

// dressed are mails that carry a link and a reply address, by how they carry it.
func dressed(link, address string) map[string]string {
	words := "Please see " + link + " or write to " + address + " soon."
	page := "<p>See <a href=\"" + link + "\">" + link + "</a> or <a href=\"mailto:" + address + "\">" + address + "</a></p>"
	ours := "From: Nordbau <planpost@in.example.org>\r\nReply-To: <" + address + ">\r\nSubject: Invitation\r\nMIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nSet your password: " + link + "\r\n"
	event := "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:20310303T080000Z\r\nSUMMARY:See " + link + "\r\nLOCATION:" + link + "\r\nDESCRIPTION:" + words + "\r\nORGANIZER:mailto:" + address + "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
	return map[string]string{
		"plain":            part("text/plain; charset=utf-8", words),
		"UTF-16, little":   coded("text/plain; charset=utf-16le", wide(binary.LittleEndian, words)),
		"UTF-16, big":      coded("text/plain; charset=utf-16be", wide(binary.BigEndian, words)),
		"UTF-16, marked":   coded("text/html; charset=utf-16", "\xff\xfe"+wide(binary.LittleEndian, page)),
		"HTML in base64":   coded("text/html; charset=utf-8", page),
		"quoted-printable": "Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + soft(strings.NewReplacer("=", "=3D").Replace(page)),
		"both":             multi("alternative", part("text/plain", words), coded("text/html", page)),
		"a mail in it":     multi("mixed", part("text/plain", "Look at this."), part("message/rfc822", ours)),
		"a coded mail":     multi("mixed", part("text/plain", "Look at this."), part("message/rfc822", strings.Split(ours, "Content-Type")[0]+coded("text/html", page))),
		"digest":           multi("digest", part("message/rfc822", ours)),
		"event":            multi("mixed", part("text/plain", "Come."), part("text/calendar; method=REQUEST", event), coded("text/calendar; method=REQUEST", event)),
		"bounce":           multi("report; report-type=delivery-status", part("text/plain", "It failed. "+words), part("message/delivery-status", "Final-Recipient: rfc822; "+address+"\r\nAction: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; "+words+"\r\n"), part("message/rfc822", ours)),
	}
}

func part(kind, body string) string { return "Content-Type: " + kind + "\r\n\r\n" + body + "\r\n" }

func coded(kind, body string) string {
	var b strings.Builder
	for text := base64.StdEncoding.EncodeToString([]byte(body)); text != ""; {
		n := min(76, len(text))
		b.WriteString(text[:n] + "\r\n")
		text = text[n:]
	}
	return "Content-Type: " + kind + "\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b.String()
}

func multi(kind string, parts ...string) string {
	return "Content-Type: multipart/" + kind + "; boundary=\"=b=\"\r\n\r\n--=b=\r\n" + strings.Join(parts, "\r\n--=b=\r\n") + "\r\n--=b=--\r\n"
}

// soft breaks lines as quoted-printable does (RFC 2045 §6.7), in the middle of tokens too.
func soft(s string) string {
	var b strings.Builder
	for ; len(s) > 60; s = s[60:] {
		b.WriteString(s[:60] + "=\r\n")
	}
	return b.String() + s + "\r\n"
}

func wide(order binary.AppendByteOrder, s string) string {
	var out []byte
	for _, u := range utf16.Encode([]rune(s)) {
		out = order.AppendUint16(out, u)
	}
	return string(out)
}

func TestNoLiveTokenRestsInRowsNorInTheSearch(t *testing.T) {
	t.Parallel()
	onBoth(t, noTokenRests)
}

func noTokenRests(t *testing.T, database string) {
	p := newPlaceOn(t, database)
	w := furnish(p, "Amsel")
	b := p.as(p.owner)
	b.wants(b.post("/people", "kind", "user", "name", "Nora", "address", "nora@nordbau.example", "role", "employee"), http.StatusSeeOther)
	nora, err := p.core.PersonByAddress(t.Context(), p.account.ID, "nora@nordbau.example")
	must(t, err)
	path := p.letter(nora.ID)
	token, local := path[strings.LastIndex(path, "/")+1:], w.replies().Local
	link, address := "https://plan.example.org"+path, w.replies().Mailbox()
	n, before := 0, len(storetest.Dump(t, p.database)["comment"])
	for dress, body := range dressed(link, address) {
		for _, from := range []string{w.client.Address().Mailbox(), "stranger@other.example"} { // posted, and held
			n++
			subject := "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte("Re "+link)) + "?="
			name := "=?utf-8?B?" + base64.StdEncoding.EncodeToString([]byte(address)) + "?="
			raw := fmt.Sprintf("From: %s <%s>\r\nTo: <%s>\r\nSubject: %s\r\nMessage-ID: <%d@tokens.example>\r\nMIME-Version: 1.0\r\n%s", name, from, address, subject, n, body)
			p.take(t, w.replies(), from, raw)
		}
		for { // into the search
			if n, err := p.core.IndexPending(t.Context()); err != nil || n == 0 {
				must(t, err)
				break
			}
		}
		for table, rows := range storetest.Dump(t, p.database) {
			for _, row := range rows {
				if at := strings.Index(strings.ToLower(row), local[2:40]); at >= 0 {
					t.Errorf("%s: %s keeps the reply address: …%s", dress, table, clip(row[max(0, at-80):]))
				}
				if at := strings.Index(row, token[:30]); at >= 0 {
					t.Errorf("%s: %s keeps the link: …%s", dress, table, clip(row[max(0, at-80):]))
				}
			}
		}
		for _, query := range []string{token, local, token[:12], local[2:12]} {
			found, err := p.core.Search(t.Context(), p.actor(p.owner), query, 0, 10)
			must(t, err)
			if len(found) > 0 {
				t.Errorf("%s: the search finds %q", dress, query)
			}
		}
		if t.Failed() {
			return
		}
	}
	if posted := len(storetest.Dump(t, p.database)["comment"]) - before; posted < 9 {
		t.Errorf("only %d of the mails became comments", posted)
	}
}

// take lets a message come in as it is.
func (p *place) take(t *testing.T, to mail.Address, from, raw string) {
	t.Helper()
	route, err := p.core.Route(context.Background(), to)
	must(t, err)
	sender, err := mail.ParseAddress(from)
	must(t, err)
	env := &mail.Envelope{ReversePath: sender, Recipients: []mail.Address{to}, Peer: netip.MustParseAddr("127.0.0.1"), Helo: "mx.example.com", Protocol: "ESMTPS", Trusted: true, ReceivedAt: p.core.Now()}
	if _, err = p.road.Accept(context.Background(), env, []core.Route{route}, []byte(raw)); err != nil {
		t.Fatalf("%v: %s", err, raw)
	}
}
