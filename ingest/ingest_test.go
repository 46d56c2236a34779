package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/mail/reply"
)

// fakeCore remembers what it was offered and gives one receipt a route.
type fakeCore struct {
	mu       sync.Mutex
	accepted []*core.Inbound
	dry      int
	sent     string
	asked    int
	err      error
	hold     chan struct{}
	refused  map[string]int
	writes   int
}

func (f *fakeCore) Resolve(context.Context, *core.Inbound) error { return nil }

func (f *fakeCore) Route(_ context.Context, to mail.Address) (core.Route, error) {
	return core.Route{Kind: core.RouteReply, Account: "a", Key: to.Local}, f.err
}

func (f *fakeCore) AcceptInbound(_ context.Context, in *core.Inbound) ([]core.Receipt, error) {
	if f.hold != nil {
		<-f.hold
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err
	}
	f.accepted = append(f.accepted, in)
	return receipts(in), nil
}

func receipts(in *core.Inbound) (all []core.Receipt) {
	for i := range in.Routes {
		all = append(all, core.Receipt{Message: "m1", Key: in.Routes[i].Key, Disposition: core.Posted})
	}
	return all
}

func (f *fakeCore) DryRun(_ context.Context, in *core.Inbound) ([]core.Receipt, error) {
	f.dry++
	return receipts(in), nil
}

func (f *fakeCore) Recall(_ context.Context, _ *core.Inbound, quotes bool) (string, error) {
	if !quotes {
		return "", nil
	}
	f.asked++
	return f.sent, f.err
}

func (f *fakeCore) CountRefusal(_ context.Context, peer netip.Addr, reason string, n int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return f.err
	}
	if f.refused == nil {
		f.refused = make(map[string]int)
	}
	f.refused[peer.String()+" "+reason] += n
	f.writes++
	return nil
}

// noDNS knows no name and counts the questions.
type noDNS struct {
	mu    sync.Mutex
	asked int
}

func (d *noDNS) miss(name string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.asked++
	return &net.DNSError{Name: name, IsNotFound: true}
}

func (d *noDNS) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, d.miss(name)
}
func (d *noDNS) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return nil, d.miss(name)
}
func (d *noDNS) LookupIPAddr(_ context.Context, name string) ([]net.IPAddr, error) {
	return nil, d.miss(name)
}
func (d *noDNS) LookupAddr(_ context.Context, name string) ([]string, error) {
	return nil, d.miss(name)
}

func newRoad(c *fakeCore, cfg Config) (*Road, *noDNS) {
	dns := &noDNS{}
	return New(cfg, c, auth.NewVerifier(auth.Config{Resolver: dns}), slog.New(slog.DiscardHandler)), dns
}

func envelope(trusted bool) *mail.Envelope {
	return &mail.Envelope{ReversePath: mail.Address{Local: "anna", Domain: "client.test"}, Recipients: []mail.Address{{Local: "r-x", Domain: "in.test"}},
		Peer: netip.MustParseAddr("192.0.2.7"), Helo: "mx.client.test", Protocol: "ESMTP", Trusted: trusted, ReceivedAt: time.Now()}
}

var oneRoute = []core.Route{{Kind: core.RouteReply, Account: "a", Key: "link"}}

const head = "From: Anna <anna@client.test>\r\nTo: r-x@in.test\r\nSubject: Re: plans\r\nMessage-ID: <1@client.test>\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n"

// offer sends a message along the road and gives what the core was offered.
func offer(t *testing.T, c *fakeCore, raw string) *core.Inbound {
	t.Helper()
	r, _ := newRoad(c, Config{Hostname: "gw.test", Markers: func() []string { return []string{"Write above this line"} }})
	res, err := r.Accept(t.Context(), envelope(true), oneRoute, []byte(raw))
	if err != nil || res.ID != "m1" || len(res.Receipts) != 1 {
		t.Fatalf("accept: %+v, %v", res, err)
	}
	if len(c.accepted) != 1 {
		t.Fatalf("the core was asked %d times", len(c.accepted))
	}
	return c.accepted[0]
}

func codes(in *core.Inbound) string {
	var b strings.Builder
	for _, s := range in.Trace {
		b.WriteString(s.Code + " ")
	}
	return b.String()
}

func TestAReplyComesToTheCoreUnderstood(t *testing.T) {
	in := offer(t, &fakeCore{}, head+"\r\nYes, that is fine.\r\n\r\nOn Sunday, Planpost wrote:\r\n> Shall we?\r\n")
	if in.Words.Reply != "Yes, that is fine." || in.Message.Subject != "Re: plans" || in.Class.Kind != mail.KindMessage || !in.Verdict.Verified() {
		t.Errorf("%+v", in)
	}
	if in.Hash != mail.ContentHash(in.Raw) || in.Unreadable != "" {
		t.Errorf("hash or code: %+v", in)
	}
	for _, want := range []string{"envelope ", "envelope.trusted ", "parse.read ", "verify.pass ", "class.message ", "extract.text ", "extract.cut "} {
		if !strings.Contains(codes(in), want) {
			t.Errorf("no step %sin %s", want, codes(in))
		}
	}
}

func TestWhatCannotBeReadIsAcceptedAsUnreadable(t *testing.T) {
	deep := head + "Content-Type: multipart/mixed; boundary=b0\r\n\r\n"
	for i := range 40 {
		deep += fmt.Sprintf("--b%d\r\nContent-Type: multipart/mixed; boundary=b%d\r\n\r\n", i, i+1)
	}
	for code, raw := range map[string]string{
		mail.CodeNotAMessage:    "\r\n\r\n",
		mail.CodeTooDeep:        deep,
		mail.CodeTooManyParts:   head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--b\r\n\r\nx\r\n", 10000) + "--b--\r\n",
		mail.CodeHeaderTooLarge: head + strings.Repeat("X-A: b\r\n", 5000) + "\r\nx\r\n",
	} {
		in := offer(t, &fakeCore{}, raw)
		if in.Message != nil || in.Unreadable != code || !strings.Contains(codes(in), "parse.unreadable") {
			t.Errorf("%s: unreadable %q, trace %s", code, in.Unreadable, codes(in))
		}
	}
}

func TestAPanicInAStationStopsNeitherMessageNorProcess(t *testing.T) {
	r, _ := newRoad(&fakeCore{}, Config{})
	if r.guard("test", func() { panic("a test's panic") }) {
		t.Error("the panic went unseen")
	}
	if !r.guard("test", func() {}) {
		t.Error("a panic was seen")
	}
}

func TestTheSentTextIsAskedForOnlyWhereSomethingIsQuoted(t *testing.T) {
	for body, asked := range map[string]int{
		"Yes, please.\r\nAnna\r\n":                                             0,
		"See https://x.test/a?b=c for it.\r\n":                                 0,
		"Yes.\r\n\r\n> what we wrote\r\n":                                      1,
		"Yes.\r\n\r\nOn Monday you wrote:\r\nwhat we wrote\r\n":                1,
		"Yes.\r\n\r\nFrom: Planpost\r\nSent: Monday\r\nwhat we wrote\r\n":      1,
		"Yes.\r\n\r\n-----Original Message-----\r\nwhat we wrote\r\n":          1,
		"Yes.\r\n\r\nWrite above this line\r\nwhat we wrote\r\n":               1,
		"Oui.\r\n\r\n________________________________\r\nwhat we wrote\r\n":    1,
		strings.Repeat("Just a longer text without any sign of it.\r\n", 1000): 0,
	} {
		c := &fakeCore{sent: "what we wrote"}
		in := offer(t, c, head+"\r\n"+body)
		if c.asked != asked {
			t.Errorf("%.40q: asked %d times", body, c.asked)
		}
		if compared := strings.Contains(codes(in), "extract.compared"); compared != (asked == 1) {
			t.Errorf("%.40q: compared %v", body, compared)
		}
	}
}

func TestWithoutTheSentTextTheWordsAreStillFound(t *testing.T) {
	c := &forgetful{}
	r, _ := newRoad(&c.fakeCore, Config{})
	r.core = c
	if _, err := r.Accept(t.Context(), envelope(true), oneRoute, []byte(head+"\r\nYes.\r\n\r\nOn Mon, 2 Nov 2026 at 10:00, Planpost <r-x@in.test> wrote:\r\n> quoted text\r\n")); err != nil {
		t.Fatal(err)
	}
	if got := c.accepted[0].Words.Reply; got != "Yes." {
		t.Errorf("reply %q", got)
	}
}

// forgetful cannot find what was sent.
type forgetful struct{ fakeCore }

func (*forgetful) Recall(context.Context, *core.Inbound, bool) (string, error) {
	return "", errors.New("away")
}

func TestOnlyHTMLThatIsTheAuthorsOwnAndSaysMoreIsKept(t *testing.T) {
	for html, want := range map[string]string{
		`<p>Two things:</p><ul><li>one</li><li>two<script>alert(1)</script></li></ul>`: "<li>one</li>",
		`<div>Just words.</div>`: "",
		`<div>Yes <b>please</b></div><blockquote type="cite"><b>history</b></blockquote>`: "",
	} {
		in := offer(t, &fakeCore{}, head+"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"+html+"\r\n")
		if (want == "") != (in.HTML == "") || !strings.Contains(in.HTML, want) || strings.Contains(in.HTML, "script") {
			t.Errorf("%s became %q (%+v)", html, in.HTML, in.Words)
		}
	}
}

func TestReportsAreReadAndNotTakenForWords(t *testing.T) {
	in := offer(t, &fakeCore{}, "From: MAILER-DAEMON@relay.test\r\nTo: b-x@in.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nIt did not arrive.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"+
		"Reporting-MTA: dns; relay.test\r\n\r\nFinal-Recipient: rfc822; anna@client.test\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n")
	if in.Class.Kind != mail.KindBounce || len(in.Reports) != 1 || in.Reports[0].Status != "5.1.1" || !strings.Contains(codes(in), "class.bounce") {
		t.Errorf("%+v %+v %s", in.Class, in.Reports, codes(in))
	}
}

func TestThousandCutsAreOneStepForEachReason(t *testing.T) {
	var removed []reply.Removed
	for range 1000 {
		removed = append(removed, reply.Removed{Why: reply.WhyQuote, Text: "a question"}, reply.Removed{Why: reply.WhySignature, Text: "name"})
	}
	var got trace
	got.cuts(removed)
	want := []core.Step{
		{Station: "extract", Code: "extract.cut", Params: []string{"why", "quote", "length", "10000"}},
		{Station: "extract", Code: "extract.cut", Params: []string{"why", "signature", "length", "4000"}},
	}
	if !reflect.DeepEqual(got.steps, want) {
		t.Errorf("%+v", got.steps)
	}
}

func TestMailInCirclesIsNoted(t *testing.T) {
	in := offer(t, &fakeCore{}, strings.Repeat("Received: from x.test by gw.test with ESMTP; Mon, 2 Nov 2026 10:00:00 +0000\r\n", 40)+head+"\r\nx\r\n")
	if !strings.Contains(codes(in), "loop.ours") || strings.Contains(codes(in), "loop.hops") {
		t.Error(codes(in))
	}
	in = offer(t, &fakeCore{}, strings.Repeat("Received: from x.test by y.test; Mon, 2 Nov 2026 10:00:00 +0000\r\n", 101)+head+"\r\nx\r\n")
	if strings.Contains(codes(in), "loop.ours") || !strings.Contains(codes(in), "loop.hops") {
		t.Error(codes(in))
	}
}

func TestAStrangerIsVerifiedAndATrustedSourceCostsNoLookup(t *testing.T) {
	for _, trusted := range []bool{true, false} {
		c := &fakeCore{}
		r, dns := newRoad(c, Config{})
		if _, err := r.Accept(t.Context(), envelope(trusted), oneRoute, []byte(head+"\r\nx\r\n")); err != nil {
			t.Fatal(err)
		}
		if (dns.asked == 0) != trusted || c.accepted[0].Verdict.Verified() != trusted {
			t.Errorf("trusted %v: %d questions, %+v", trusted, dns.asked, c.accepted[0].Verdict)
		}
		if !trusted && (!strings.Contains(codes(c.accepted[0]), "verify.spf verify.dmarc verify.none")) {
			t.Error(codes(c.accepted[0]))
		}
	}
}

func TestTwoAddressesOfOneRouteAreOne(t *testing.T) {
	c := &fakeCore{}
	r, _ := newRoad(c, Config{})
	routes := []core.Route{{Account: "a", Key: "x"}, {Account: "a", Key: "y"}, {Account: "a", Key: "x"}, {Account: "b", Key: "x"}}
	res, err := r.Accept(t.Context(), envelope(true), routes, []byte(head+"\r\nx\r\n"))
	if err != nil || len(res.Receipts) != 3 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestTheCoresTroubleIsToldAsItIs(t *testing.T) {
	for _, raw := range []string{head + "\r\nx\r\n", ""} {
		want := core.Fail(core.Unavailable, "store.unavailable")
		r, _ := newRoad(&fakeCore{err: want}, Config{})
		if _, err := r.Accept(t.Context(), envelope(true), oneRoute, []byte(raw)); !errors.Is(err, want) {
			t.Errorf("got %v", err)
		}
	}
}

func TestAMessageWithoutReceiptIsNotAccepted(t *testing.T) {
	r, _ := newRoad(&fakeCore{}, Config{})
	if _, err := r.Accept(t.Context(), envelope(true), nil, []byte(head+"\r\nx\r\n")); err == nil {
		t.Error("no error")
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	c := &fakeCore{}
	r, _ := newRoad(c, Config{})
	in, receipts, err := r.DryRun(t.Context(), envelope(true), oneRoute, []byte(head+"\r\nx\r\n"))
	if err != nil || in == nil || len(receipts) != 1 || c.dry != 1 || len(c.accepted) != 0 {
		t.Errorf("%v, %v, %v, %+v", in, receipts, err, c)
	}
}

func TestMessagesWorkedOnTogetherAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCore{hold: make(chan struct{})}
		r, _ := newRoad(c, Config{Memory: 1000})
		large := []byte(head + "\r\n" + strings.Repeat("x\r\n", 1000)) // larger than all there is: alone
		done := make(chan error, 2)
		go func() { _, err := r.Accept(context.Background(), envelope(true), oneRoute, large); done <- err }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		_, err := r.Accept(ctx, envelope(true), oneRoute, []byte(head+"\r\nx\r\n"))
		if core.KindOf(err) != core.Unavailable {
			t.Errorf("got %v", err)
		}
		go func() {
			_, err := r.Accept(context.Background(), envelope(true), oneRoute, []byte(head+"\r\nx\r\n"))
			done <- err
		}()
		close(c.hold)
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
	})
}

func TestAFloodOfRefusalsIsOneWriteEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &fakeCore{}
		r, _ := newRoad(c, Config{})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() { done <- r.Run(ctx) }()
		for i := range 1000 {
			r.Refused(netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), "unknown")
			r.Refused(netip.MustParseAddr(fmt.Sprintf("2001:db8:1:%x::1", i)), "relay")
		}
		time.Sleep(6 * time.Second) // the clock of synctest
		synctest.Wait()
		if c.writes != 2 || c.refused["192.0.2.0 unknown"] != 1000 || c.refused["2001:db8:1:: relay"] != 1000 {
			t.Errorf("%d writes: %v", c.writes, c.refused)
		}
		c.err = errors.New("away")
		r.Refused(netip.MustParseAddr("192.0.2.1"), "unknown")
		time.Sleep(6 * time.Second)
		synctest.Wait()
		c.err = nil
		r.Refused(netip.MustParseAddr("192.0.2.2"), "unknown")
		cancel()
		<-done
		if c.writes != 3 || c.refused["192.0.2.0 unknown"] != 1002 {
			t.Errorf("after the trouble: %d writes: %v", c.writes, c.refused)
		}
	})
}

func TestRefusalsFromEverywhereTakeBoundedMemory(t *testing.T) {
	r, _ := newRoad(&fakeCore{}, Config{})
	for i := range 100_000 {
		r.Refused(netip.AddrFrom4([4]byte{byte(i >> 16), byte(i >> 8), byte(i), 1}), "unknown")
	}
	total := 0
	for _, n := range r.refusals.count {
		total += n
	}
	if n := len(r.refusals.count); n > mostRefusals+1 || total != 100_000 {
		t.Errorf("%d kept, %d counted", n, total)
	}
}

func TestEveryOddMailIsAccepted(t *testing.T) {
	dir := filepath.FromSlash("../../shared/corpus/odd")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the corpus of odd mail is not here: ", dir)
	}
	n := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		n++
		r, _ := newRoad(&fakeCore{}, Config{})
		start := time.Now()
		if res, err := r.Accept(t.Context(), envelope(true), oneRoute, raw); err != nil || len(res.Receipts) != 1 {
			t.Errorf("%s: %v", path, err)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("%s took %v", path, took)
		}
		return nil
	})
	if err != nil || n == 0 {
		t.Errorf("%d mails, %v", n, err)
	}
}

func FuzzAccept(f *testing.F) {
	f.Add([]byte(head + "\r\nYes.\r\n\r\n> no\r\n"))
	f.Add([]byte(head + "MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<ul><li>x<blockquote>y"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c := &fakeCore{sent: "what we wrote"}
		r, _ := newRoad(c, Config{})
		if _, err := r.Accept(t.Context(), envelope(true), oneRoute, raw); err != nil {
			t.Fatal(err)
		}
		if in := c.accepted[0]; in.Unreadable == codePanic || in.Message == nil && in.Unreadable == "" {
			t.Errorf("unreadable: %q", in.Unreadable)
		}
	})
}

// reply4K is a reply of 4 KB as a client writes it, its history below.
func reply4K() []byte {
	var b strings.Builder
	b.WriteString(head + "In-Reply-To: <d-x@in.test>\r\nReferences: <d-x@in.test>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n")
	for b.Len() < 1500 {
		b.WriteString("We have looked at the plans again and für die Tür fehlt noch ein Maß.\r\n")
	}
	b.WriteString("\r\nOn Mon, 2 Nov 2026 at 10:00, Planpost wrote:\r\n")
	for b.Len() < 4096 {
		b.WriteString("> Please tell us whether the drawing of the second floor is complete.\r\n")
	}
	return []byte(b.String())
}

// BenchmarkAccept is everything here without the core: the goal is 150 µs.
func BenchmarkAccept(b *testing.B) {
	raw := reply4K()
	c := &discard{}
	c.sent = strings.Repeat("Please tell us whether the drawing of the second floor is complete.\n", 40)
	r := New(Config{}, c, auth.NewVerifier(auth.Config{}), slog.New(slog.DiscardHandler))
	env := envelope(true)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Accept(context.Background(), env, oneRoute, raw); err != nil {
			b.Fatal(err)
		}
	}
}

type discard struct{ fakeCore }

func (*discard) AcceptInbound(_ context.Context, in *core.Inbound) ([]core.Receipt, error) {
	return make([]core.Receipt, 1), nil
}
