package mailer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// quick gives up on a silent server at once.
func quick(c *RelayConfig) { c.Step, c.Final = 150*time.Millisecond, 150*time.Millisecond }

// once answers the first line of a verb in one way and all else as usual.
func once(verb, answer string) func(*peer) {
	var mu sync.Mutex
	said := false
	return func(p *peer) {
		p.say = func(_ int, line string) string {
			mu.Lock()
			defer mu.Unlock()
			if said || !strings.HasPrefix(line, verb) {
				return ""
			}
			said = true
			return answer
		}
	}
}

// outcomeAt is what an answer to a step must come to: only what follows the
// mail's last dot can be unknown, only an answer about the mail can end it.
func outcomeAt(step, answer string) Class {
	ends := map[string]bool{"MAIL": true, "RCPT": true, "DATA": true, ".": true}
	switch {
	case step == "." && (answer == "CLOSE" || answer == "HANG" || !strings.Contains("245", answer[:1])):
		return Uncertain
	case answer[0] == '2' && step != "DATA", answer[0] == '3' && step == "DATA":
		return Sent
	case step == "EHLO" && answer[0] == '5': // an old server, greeted by HELO
		return Sent
	case answer[0] == '5' && ends[step] && !strings.HasPrefix(answer, "530"):
		return Permanent
	}
	return Temporary
}

// TestEveryReplyAtEveryStep says everything at every step, with and without
// pipelining: the outcome is right, a mail that was not taken is never told to
// be, and the next mail goes through.
func TestEveryReplyAtEveryStep(t *testing.T) {
	answers := []string{"250 2.0.0 fine", "354 go on", "421 4.3.2 closing", "450 4.7.1 slowly", "451 4.3.0 trouble", "452 4.2.2 full", "530 5.7.0 sign in", "550 5.1.1 unknown", "554 5.7.1 no",
		"199 what", "600 what", "25", "nonsense", "CLOSE", "HANG", "550-5.1.1 several\r\n550 5.1.1 lines", "250-2.0.0 broken\r\n550 off"}
	for _, step := range []string{"greeting", "EHLO", "MAIL", "RCPT", "DATA", "."} {
		for _, answer := range answers {
			for _, ext := range [][]string{nil, {"PIPELINING"}} {
				t.Run(fmt.Sprintf("%s/%.8s/%v", step, answer, ext), func(t *testing.T) {
					t.Parallel()
					reply := answer
					if step == "greeting" && strings.HasPrefix(answer, "250 ") {
						reply = "220 fine"
					}
					p := newPeer(t, func(p *peer) {
						p.ext = ext
						switch step {
						case "greeting":
							p.greet = func(n int) string {
								if n > 1 {
									return "220 fine again"
								}
								return reply
							}
						case ".":
							p.took = func(n int) string {
								if n > 1 {
									return ""
								}
								return reply
							}
						default:
							once(step, reply)(p)
						}
					})
					r := relayTo(t, p.addr(), quick)
					want := outcomeAt(step, answer)
					if answer == "25" || answer == "nonsense" || strings.HasPrefix(answer, "250-2.0.0 broken") {
						want = Temporary // no answer at all
						if step == "." {
							want = Uncertain
						}
					}
					o := r.Send(t.Context(), outgoing())
					if o.Class != want {
						t.Errorf("%+v, want %s", o, want)
					}
					_, mails, _ := p.seen()
					if (o.Class == Sent || o.Class == Uncertain) != (len(mails) == 1) && !(step == "." && len(mails) == 1) {
						t.Errorf("%s, and the server has %d mails", o.Class, len(mails))
					}
					if slowly := strings.HasPrefix(answer, "421") || strings.HasPrefix(answer, "450"); o.Slow != (slowly && (step != "greeting" && step != "EHLO")) {
						t.Errorf("asked for fewer: %v", o.Slow)
					}
					if o := r.Send(t.Context(), outgoing()); o.Class != Sent {
						t.Errorf("the next mail: %+v", o)
					}
				})
			}
		}
	}
}

// TestCutAtEveryByteOfTheFinalAnswer ends the connection before and after each
// byte of what follows the last dot. Until the code of the last line and the
// space after it are there nobody knows; then the code counts, whatever the
// words would have been (RFC 5321 §4.2).
func TestCutAtEveryByteOfTheFinalAnswer(t *testing.T) {
	for _, answer := range []string{"250 2.0.0 queued as 17\r\n", "250-2.0.0 queued\r\n250 as 17\r\n", "554 5.7.1 no\r\n", "451 4.3.0 later\r\n"} {
		for n := range len(answer) + 1 {
			t.Run(fmt.Sprintf("%.3s/%d", answer, n), func(t *testing.T) {
				t.Parallel()
				p := newPeer(t, func(p *peer) { p.took = func(int) string { return "PART" + answer[:n] } })
				o := relayTo(t, p.addr(), quick).Send(t.Context(), outgoing())
				want := Uncertain
				if last := strings.LastIndex(answer[:len(answer)-2], "\n") + 1; n > last+3 {
					want = map[byte]Class{'2': Sent, '4': Temporary, '5': Permanent}[answer[0]]
				}
				if o.Class != want {
					t.Errorf("cut after %q: %+v, want %s", answer[:n], o, want)
				}
			})
		}
	}
}

// TestASilentServerAtEveryByteOfTheFinalAnswer stalls instead of closing: such a connection is used no more.
func TestASilentServerAtEveryByteOfTheFinalAnswer(t *testing.T) {
	answer := "250 2.0.0 ok\r\n"
	for n := range len(answer) {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			p := newPeer(t, func(p *peer) { p.took = func(int) string { return "STALL" + answer[:n] } })
			r := relayTo(t, p.addr(), quick)
			want := Uncertain
			if n > 3 {
				want = Sent
			}
			if o := r.Send(t.Context(), outgoing()); o.Class != want {
				t.Errorf("%+v, want %s", o, want)
			}
			if c := r.take(); c != nil {
				t.Error("the connection is kept")
			}
		})
	}
}

// TestCutWithinTheMail ends the connection while the mail is on its way: without its last dot no server takes it.
func TestCutWithinTheMail(t *testing.T) {
	big := outgoing()
	big.Raw = []byte("Subject: x\r\n\r\n" + strings.Repeat("0123456789abcdef\r\n", 1_200_000))
	for _, n := range []int{0, 1, 1000, 100_000, 3_000_000} { // what is left fits into no buffer on the way
		for _, words := range []string{"", "552 5.3.4 too much\r\n", "421 4.3.2 closing\r\n"} {
			p := newPeer(t, func(p *peer) { p.cutAfter, p.lastWords = n, words })
			o := relayTo(t, p.addr(), func(c *RelayConfig) { c.Step, c.Final = time.Second, time.Second }).Send(t.Context(), big)
			// The words may be lost when the connection is reset; then it is tried again.
			if o.Class != Temporary && !(o.Class == Permanent && words != "" && words[0] == '5') {
				t.Errorf("cut after %d bytes with %q: %+v", n, words, o)
			}
		}
	}
}

// TestEveryFailureOfTLSSendsNothing breaks the encryption in each way there is.
func TestEveryFailureOfTLSSendsNothing(t *testing.T) {
	good, pool := certificate(t)
	expired, _ := certificateWith(t, func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Minute) })
	other, _ := certificateWith(t, func(c *x509.Certificate) { c.IPAddresses, c.DNSNames = nil, []string{"mail.other.test"} })
	trust := func(c *tls.Config) *x509.CertPool {
		p := x509.NewCertPool()
		leaf, err := x509.ParseCertificate(c.Certificates[0].Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		p.AddCert(leaf)
		return p
	}
	for _, c := range []struct {
		name   string
		server func(*peer)
		pool   *x509.CertPool
	}{
		{"expired", func(p *peer) { p.tls = expired }, trust(expired)},
		{"of another name", func(p *peer) { p.tls = other }, trust(other)},
		{"of nobody", func(p *peer) { p.tls = good }, trust(other)},
		{"too old a version", func(p *peer) {
			p.tls = good.Clone()
			p.tls.MinVersion, p.tls.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		}, pool},
		{"refused", func(p *peer) { p.tls = good; once("STARTTLS", "454 4.7.0 not now")(p) }, pool},
		{"closed", func(p *peer) { p.tls = good; once("STARTTLS", "CLOSE")(p) }, pool},
		{"silent", func(p *peer) { p.tls = good; once("STARTTLS", "HANG")(p) }, pool},
		{"plain words after the offer", func(p *peer) {
			p.tls = nil
			p.ext = []string{"STARTTLS"}
			always("STARTTLS", "220-go\r\n220 ahead\r\n250 hello")(p)
		}, pool},
	} {
		for _, security := range []Security{StartTLS, ImplicitTLS} {
			if security == ImplicitTLS && slices.Contains([]string{"refused", "closed", "silent", "plain words after the offer"}, c.name) {
				continue
			}
			t.Run(c.name+"/"+string(security), func(t *testing.T) {
				t.Parallel()
				p := newPeer(t, c.server, func(p *peer) { p.implicit = security == ImplicitTLS })
				r := relayTo(t, p.addr(), func(cfg *RelayConfig) {
					cfg.Security, cfg.TLS, cfg.Step = security, &tls.Config{RootCAs: c.pool}, 300*time.Millisecond
				})
				o := r.Send(t.Context(), outgoing())
				if o.Class != Temporary || o.Text == "" || o.Slow {
					t.Errorf("%+v", o)
				}
				if commands, mails, _ := p.seen(); len(mails) > 0 || slices.ContainsFunc(commands, func(s string) bool { return strings.HasPrefix(s, "MAIL") || strings.HasPrefix(s, "AUTH") }) {
					t.Errorf("the server was told %q", commands)
				}
			})
		}
	}
}

// TestAServerThatClosesInTheMiddleLosesAndDoublesNothing says 421 after every third mail, before or after it is taken.
func TestAServerThatClosesInTheMiddleLosesAndDoublesNothing(t *testing.T) {
	for _, step := range []string{"MAIL", "RCPT", "DATA", "."} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			seen, refused := 0, 0
			p := newPeer(t, func(p *peer) {
				closing := func() string {
					mu.Lock()
					defer mu.Unlock()
					if seen++; seen%3 == 0 {
						refused++
						return "421 4.3.2 closing"
					}
					return ""
				}
				if step == "." {
					p.took = func(int) string { return closing() }
					return
				}
				p.say = func(_ int, line string) string {
					if strings.HasPrefix(line, step) {
						return closing()
					}
					return ""
				}
			})
			r := relayTo(t, p.addr(), func(c *RelayConfig) { c.Connections = 4 })
			var all sync.WaitGroup
			for i := range 40 {
				all.Go(func() {
					out := outgoing()
					out.Raw = fmt.Appendf(nil, "Subject: %d\r\n\r\nx\r\n", i)
					for range 20 {
						switch o := r.Send(context.Background(), out); o.Class {
						case Sent:
							return
						case Temporary:
						default:
							t.Errorf("%+v", o)
							return
						}
					}
					t.Error("never sent")
				})
			}
			all.Wait()
			_, mails, _ := p.seen()
			if step == "." {
				mails = mails[:len(mails)-refused] // what was refused after its dot came again
			}
			if slices.Sort(mails); len(mails) != 40 || step != "." && len(slices.Compact(mails)) != 40 {
				t.Errorf("%d mails, %d different", len(mails), len(slices.Compact(mails)))
			}
		})
	}
}
