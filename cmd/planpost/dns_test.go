package main

import (
	"net"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// nameServer is a small DNS server: TXT, MX and address records by lower-case name without the final dot.
type nameServer struct {
	mu  sync.Mutex // guards the rest
	txt map[string]string
	mx  map[string]string
	ip  map[string]string
}

// change is how a test plants something.
func (z *nameServer) change(plant func()) {
	z.mu.Lock()
	defer z.mu.Unlock()
	plant()
}

// serve answers over UDP until the test ends, and gives the address.
func (z *nameServer) serve(t *testing.T) string {
	t.Helper()
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	must(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		buf := make([]byte, 1500)
		for {
			n, from, err := pc.ReadFrom(buf)
			if err != nil {
				return
			}
			if answer := z.answer(buf[:n]); answer != nil {
				_, _ = pc.WriteTo(answer, from)
			}
		}
	}()
	t.Cleanup(func() { pc.Close(); <-done })
	return pc.LocalAddr().String()
}

// answer is nil for what is no question.
func (z *nameServer) answer(question []byte) []byte {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil || len(m.Questions) != 1 {
		return nil
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	name := strings.ToLower(strings.TrimSuffix(q.Name.String(), "."))
	var body dnsmessage.ResourceBody
	if text, ok := z.txt[name]; ok && q.Type == dnsmessage.TypeTXT {
		r := &dnsmessage.TXTResource{}
		for len(text) > 255 { // RFC 1035 §3.3.14
			r.TXT, text = append(r.TXT, text[:255]), text[255:]
		}
		r.TXT = append(r.TXT, text)
		body = r
	}
	if host, ok := z.mx[name]; ok && q.Type == dnsmessage.TypeMX {
		body = &dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(host + ".")}
	}
	if ip, ok := z.ip[name]; ok && q.Type == dnsmessage.TypeA {
		body = &dnsmessage.AResource{A: [4]byte(net.ParseIP(ip).To4())}
	}
	if name == "25.2.0.192.in-addr.arpa" && q.Type == dnsmessage.TypePTR {
		body = &dnsmessage.PTRResource{PTR: dnsmessage.MustNewName("mail.in.test.")}
	}
	if body == nil {
		m.RCode = dnsmessage.RCodeNameError
	} else {
		m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 1}, Body: body}}
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}
