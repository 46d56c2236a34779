package mailer

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// peer is an SMTP server that does what a test tells it, also what none should.
type peer struct {
	ln       net.Listener
	greeting string
	// greet gives the nth connection its greeting instead.
	greet func(n int) string
	// cutAfter ends the connection with lastWords after so many bytes of a mail, unless it is below zero.
	cutAfter  int
	lastWords string
	ext       []string
	tls       *tls.Config
	implicit  bool
	// say gives the answer to a command line; "" is the usual one, "CLOSE" none but an end, "HANG" none at all,
	// "PART…" the rest as it is and an end, "STALL…" the rest and then nothing.
	say func(conn int, line string) string
	// took gives the answer to the nth mail, counted from 1.
	took func(n int) string
	// ahead tells that the nth mail is not answered before the client has begun the next.
	ahead func(n int) bool

	mu       sync.Mutex
	conns    int
	commands []string
	mails    []string
	live     map[net.Conn]bool
	arrived  chan struct{}
}

func newPeer(t *testing.T, change ...func(*peer)) *peer {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{ln: ln, cutAfter: -1, greeting: "220 peer.test ESMTP", ext: []string{"PIPELINING", "8BITMIME", "SIZE 50000000", "ENHANCEDSTATUSCODES"}, live: map[net.Conn]bool{}, arrived: make(chan struct{}, 10000)}
	for _, c := range change {
		c(p)
	}
	var served sync.WaitGroup
	served.Go(func() {
		for {
			nc, err := ln.Accept()
			if err != nil {
				return
			}
			p.mu.Lock()
			p.conns++
			n := p.conns
			p.live[nc] = true
			p.mu.Unlock()
			served.Go(func() { p.serve(n, nc) })
		}
	})
	t.Cleanup(func() {
		ln.Close()
		p.hangUp()
		served.Wait()
	})
	return p
}

func (p *peer) addr() string { return p.ln.Addr().String() }

// hangUp closes every connection without a word.
func (p *peer) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for nc := range p.live {
		nc.Close()
		delete(p.live, nc)
	}
}

func (p *peer) seen() (commands, mails []string, conns int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string(nil), p.commands...), append([]string(nil), p.mails...), p.conns
}

func (p *peer) serve(n int, nc net.Conn) {
	raw := nc
	defer raw.Close()
	if p.implicit {
		nc = tls.Server(nc, p.tls)
	}
	r := bufio.NewReader(nc)
	send := func(s string) bool {
		switch part, cut := strings.CutPrefix(s, "PART"); {
		case cut:
			fmt.Fprint(nc, part)
			fallthrough
		case s == "CLOSE":
			raw.Close()
			return false
		case strings.HasPrefix(s, "STALL"):
			fmt.Fprint(nc, s[len("STALL"):])
			fallthrough
		case s == "HANG":
			r.Peek(1 << 20) // until the other side gives up
			return false
		}
		fmt.Fprintf(nc, "%s\r\n", s)
		return true
	}
	greeting := p.greeting
	if p.greet != nil {
		greeting = p.greet(n)
	}
	if !send(greeting) {
		return
	}
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return
		}
		line = strings.TrimRight(line, "\r\n")
		p.mu.Lock()
		p.commands = append(p.commands, line)
		p.mu.Unlock()
		answer := ""
		if p.say != nil {
			answer = p.say(n, line)
		}
		word, _, _ := strings.Cut(strings.ToUpper(line), " ")
		if answer == "" {
			answer = p.usual(word, nc)
		}
		if !send(answer) {
			return
		}
		switch {
		case word == "QUIT":
			return
		case word == "STARTTLS" && strings.HasPrefix(answer, "220"):
			nc = tls.Server(nc, p.tls)
			r = bufio.NewReader(nc)
		case word == "DATA" && strings.HasPrefix(answer, "354"):
			if p.cutAfter >= 0 {
				io.CopyN(io.Discard, r, int64(p.cutAfter))
				fmt.Fprint(nc, p.lastWords)
				return
			}
			if !send(p.receive(r)) {
				return
			}
		}
	}
}

func (p *peer) usual(word string, nc net.Conn) string {
	switch word {
	case "EHLO":
		ext := append([]string{"peer.test"}, p.ext...)
		if _, secure := nc.(*tls.Conn); p.tls != nil && !secure {
			ext = append(ext, "STARTTLS")
		}
		for i := range ext {
			sep := "-"
			if i == len(ext)-1 {
				sep = " "
			}
			ext[i] = "250" + sep + ext[i]
		}
		return strings.Join(ext, "\r\n")
	case "STARTTLS":
		return "220 go ahead"
	case "DATA":
		return "354 go on"
	case "QUIT":
		return "221 bye"
	}
	return "250 2.0.0 ok"
}

func (p *peer) receive(r *bufio.Reader) string {
	var b strings.Builder
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return "CLOSE"
		}
		if line == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(line, "."))
	}
	if b.Len() == 0 {
		return "554 5.5.1 no valid recipients" // what a server says that let DATA through without any (RFC 2920 §3.1)
	}
	p.mu.Lock()
	p.mails = append(p.mails, b.String())
	n := len(p.mails)
	p.mu.Unlock()
	p.arrived <- struct{}{}
	if p.ahead != nil && p.ahead(n) {
		r.Peek(1)
	}
	if p.took != nil {
		if s := p.took(n); s != "" {
			return s
		}
	}
	return "250 2.0.0 queued"
}

// certificate makes a certificate for 127.0.0.1 and the pool that trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	return certificateWith(t, func(*x509.Certificate) {})
}

func certificateWith(t *testing.T, change func(*x509.Certificate)) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "peer.test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	change(tmpl)
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

func plainAuth(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte("\x00" + user + "\x00" + password))
}
