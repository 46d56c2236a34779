package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"planpost/cluster"
	"planpost/core"
	"planpost/files"
	"planpost/ingest"
	"planpost/mail"
	"planpost/mail/auth"
	"planpost/store"
	"planpost/store/storetest"
	"planpost/templates"
)

// place is a whole host for one test: the real core over a real database, its
// pages behind a real server.
type place struct {
	t     testing.TB
	core  *core.Core
	store *store.Store
	files *files.Folder
	// database is where the rows are, for a look past the store.
	database string
	// trouble is between the core and the store.
	trouble *trouble
	road    *ingest.Road
	keys    *core.Keyring
	// ahead is the same with a clock that has left all quiet times behind.
	ahead *core.Core
	// later is how much later than now the limits take it to be.
	later *atomic.Int64
	site  *Site
	url   string
	log   *bytes.Buffer
	// account and owner are there from the start; owner's password is password.
	account core.Account
	owner   core.Person
	n       int
	// neighbours is how many other accounts were made beside this one.
	neighbours int
}

const password = "many words make it long"

// emptyPlace is a host that nobody has set up.
func emptyPlace(t testing.TB) *place {
	t.Helper()
	return emptyPlaceOn(t, storetest.SQLite(t))
}

// emptyPlaceOn is such a host over a database that has no rows.
func emptyPlaceOn(t testing.TB, database string) *place {
	t.Helper()
	p := &place{t: t, log: new(bytes.Buffer), later: new(atomic.Int64), database: database}
	log := slog.New(slog.NewTextHandler(io.MultiWriter(t.Output(), p.log), &slog.HandlerOptions{Level: slog.LevelWarn}))
	p.store = storetest.Open(t, store.Config{URL: database})
	p.trouble = &trouble{Store: p.store}
	folder, err := files.Open(t.TempDir())
	must(t, err)
	t.Cleanup(func() { folder.Close() })
	p.files = folder
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	keys, err := core.NewKeyring(key)
	must(t, err)
	p.keys = keys
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	p.url = "http://" + listener.Addr().String()
	cfg := core.Config{MailDomain: "in.example.org", BaseURL: p.url, PasswordCost: core.PasswordCost{Passes: 1, Memory: 64}, AttachmentLimit: 1 << 20, Registration: true}
	parts := core.Parts{Store: p.trouble, Files: folder, Staging: folder, Bus: cluster.NewBus(), Limiter: cluster.NewLimiter(func() time.Time { return time.Now().Add(time.Duration(p.later.Load())) }), Keys: keys, Log: log}
	p.core = core.New(cfg, parts)
	parts.Now = func() time.Time { return time.Now().Add(6 * time.Minute) }
	p.ahead = core.New(cfg, parts)
	p.road = ingest.New(ingest.Config{Hostname: "in.example.org", Markers: templates.Markers}, p.core, auth.NewVerifier(auth.Config{}), log)
	p.site, err = New(Config{BaseURL: p.url, Heartbeat: 50 * time.Millisecond, AnswerAfter: 30 * time.Millisecond}, p.core, log)
	must(t, err)
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: p.site}}
	server.Start()
	t.Cleanup(func() { p.site.Stop(); server.Close() })
	return p
}

// newPlace is a host with an account and its owner.
func newPlace(t testing.TB) *place {
	t.Helper()
	return newPlaceOn(t, storetest.SQLite(t))
}

// onBoth gives the test a database of each engine, at the same time.
func onBoth(t *testing.T, test func(t *testing.T, database string)) {
	t.Run("sqlite", func(t *testing.T) { t.Parallel(); test(t, storetest.SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { t.Parallel(); test(t, storetest.Postgres(t)) })
}

func newPlaceOn(t testing.TB, database string) *place {
	t.Helper()
	p := emptyPlaceOn(t, database)
	var err error
	p.account, p.owner, err = p.core.CreateAccount(context.Background(), core.Setup{AccountName: "Nordbau", Locale: "en", Zone: "Europe/Berlin", Name: "Olga Owner", Address: "olga@nordbau.example", Password: password})
	must(t, err)
	return p
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// actor is somebody acting in pages.
func (p *place) actor(who core.Person) *core.Actor {
	return &core.Actor{Person: who, Account: p.account, Via: "page"}
}

func (p *place) tx(fn func(tx core.Tx) error) {
	p.t.Helper()
	must(p.t, p.store.InTx(context.Background(), fn))
}

// person writes a person as it is, employee unless changed, without a password.
func (p *place) person(name string, change ...func(*core.Person)) core.Person {
	p.t.Helper()
	p.n++
	who := core.Person{ID: core.NewID(), Account: p.account.ID, Kind: core.UserKind, Name: name, Role: core.Employee, Status: core.Active, CreatedAt: p.core.Now()}
	a, err := mail.ParseMailbox(fmt.Sprintf("person%d@example.com", p.n))
	must(p.t, err)
	who.Addresses = []core.PersonAddress{{ID: core.NewID(), Account: p.account.ID, Person: who.ID, Given: a, Norm: a.Norm(), Primary: true}}
	for _, c := range change {
		c(&who)
	}
	p.tx(func(tx core.Tx) error { return tx.CreatePerson(context.Background(), &who) })
	return who
}

// contact makes an outsider of who.
func contact(access string, company core.ID) func(*core.Person) {
	return func(p *core.Person) { p.Kind, p.Role, p.Access, p.Company = core.ContactKind, "", access, company }
}

func role(r core.Role) func(*core.Person) { return func(p *core.Person) { p.Role = r } }

// task writes a task of the owner's with more people.
func (p *place) task(title string, change ...func(*core.Task)) core.Task {
	p.t.Helper()
	now := p.core.Now()
	t := core.Task{ID: core.NewID(), Account: p.account.ID, Title: title, Status: core.TaskNew, Visibility: core.VisibleParticipants, CreatedAt: now, UpdatedAt: now,
		People: []core.TaskPerson{{Person: p.owner.ID, Relation: core.Assigner}}}
	for _, c := range change {
		c(&t)
	}
	p.tx(func(tx core.Tx) error { return tx.CreateTask(context.Background(), &t) })
	return t
}

func with(who core.Person, r core.Relation) func(*core.Task) {
	return func(t *core.Task) { t.People = append(t.People, core.TaskPerson{Person: who.ID, Relation: r}) }
}

// browser is somebody's browser: cookies kept, redirects not followed.
type browser struct {
	p *place
	http.Client
	jar map[string]string
	// header is sent with every request.
	header http.Header
}

// people is a visitor who sends what the browser of a person does.
func (b *browser) people() *browser {
	b.header = http.Header{"User-Agent": {"Mozilla/5.0 (Windows NT 10.0; rv:133.0) Gecko/20100101 Firefox/133.0"}, "Accept-Language": {"en-GB,en;q=0.7"}}
	return b
}

// visitor is a browser of nobody known.
func (p *place) visitor() *browser {
	b := &browser{p: p, jar: map[string]string{}}
	b.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

// as is a browser in which who is signed in, without the work of a password.
func (p *place) as(who core.Person) *browser {
	p.t.Helper()
	b := p.visitor()
	seed := sha256.Sum256([]byte(core.NewID()))
	token := hex.EncodeToString(seed[:])
	sum := sha256.Sum256([]byte(token))
	now := p.core.Now()
	login := core.Identity{ID: core.NewID(), Login: string(who.ID), LoginNorm: string(who.ID), CreatedAt: now}
	p.tx(func(tx core.Tx) error {
		ctx := context.Background()
		if who.Identity == "" {
			if err := tx.CreateIdentity(ctx, &login); err != nil {
				return err
			}
			who.Identity = login.ID
			if err := tx.UpdatePerson(ctx, &who); err != nil {
				return err
			}
		}
		return tx.CreateSession(ctx, &core.Session{ID: hex.EncodeToString(sum[:]), Identity: who.Identity, Person: who.ID, Account: who.Account,
			CreatedAt: now, LastSeenAt: now, ExpiresAt: now.Add(time.Hour)})
	})
	b.jar["planpost"] = token
	return b
}

// answer is a response that has been read.
type answer struct {
	status int
	header http.Header
	body   string
}

func (a answer) location() string { return a.header.Get("Location") }

func (b *browser) send(r *http.Request) answer {
	b.p.t.Helper()
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	for name, values := range b.header {
		r.Header[name] = values
	}
	res, err := b.Do(r)
	must(b.p.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.p.t, err)
	for _, c := range res.Cookies() {
		b.jar[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.jar, c.Name)
		}
	}
	return answer{res.StatusCode, res.Header, string(body)}
}

func (b *browser) get(path string) answer {
	b.p.t.Helper()
	r, err := http.NewRequest("GET", b.p.url+path, nil)
	must(b.p.t, err)
	return b.send(r)
}

// post sends a form of pairs.
func (b *browser) post(path string, pairs ...string) answer {
	b.p.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequest("POST", b.p.url+path, strings.NewReader(form.Encode()))
	must(b.p.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.send(r)
}

// upload sends a form with one file.
func (b *browser) upload(path, name string, content []byte, pairs ...string) answer {
	b.p.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		must(b.p.t, w.WriteField(pairs[i], pairs[i+1]))
	}
	if name != "" {
		f, err := w.CreateFormFile("file", name)
		must(b.p.t, err)
		_, _ = f.Write(content)
	}
	must(b.p.t, w.Close())
	r, err := http.NewRequest("POST", b.p.url+path, &body)
	must(b.p.t, err)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.send(r)
}

// wants fails the test unless the answer has the status and the texts.
func (b *browser) wants(a answer, status int, texts ...string) answer {
	b.p.t.Helper()
	if a.status != status {
		b.p.t.Fatalf("status %d, want %d: %s", a.status, status, clip(a.body))
	}
	a.body = strings.ReplaceAll(a.body, "\u00a0", " ")
	for _, text := range texts {
		if !strings.Contains(a.body, text) {
			b.p.t.Errorf("no %q in %s", text, clip(a.body))
		}
	}
	return a
}

func clip(s string) string {
	if i := strings.Index(s, "<main"); i >= 0 {
		s = s[i:]
	}
	return s[:min(len(s), 3000)]
}

// replyAddress takes the mail that is due for who and gives its reply address.
func (p *place) replyAddress(who core.Person) mail.Address {
	p.t.Helper()
	ctx := context.Background()
	for {
		list, err := storetest.Claim(ctx, p.core, 50)
		must(p.t, err)
		if len(list) == 0 {
			p.t.Fatalf("no mail is due for %s", who.Name)
		}
		for _, d := range list {
			if d.Person == who.ID {
				l, err := p.core.Letter(ctx, d)
				must(p.t, err)
				return l.ReplyTo
			}
		}
	}
}

// receive lets a mail come in, from a source that is trusted.
func (p *place) receive(to mail.Address, from, subject, text string, header ...string) core.Receipt {
	p.t.Helper()
	route, err := p.core.Route(context.Background(), to)
	must(p.t, err)
	if route.Refuse != "" {
		p.t.Fatalf("%s is refused: %s", to.Mailbox(), route.Refuse)
	}
	sender, err := mail.ParseAddress(from)
	must(p.t, err)
	p.n++
	raw := "From: " + from + "\r\nTo: <" + to.Mailbox() + ">\r\nSubject: " + subject + fmt.Sprintf("\r\nMessage-ID: <%d@example.com>\r\n", p.n) + strings.Join(header, "\r\n")
	if len(header) > 0 {
		raw += "\r\n"
	}
	raw += "Content-Type: text/plain; charset=utf-8\r\n\r\n" + strings.ReplaceAll(text, "\n", "\r\n") + "\r\n"
	env := &mail.Envelope{ReversePath: sender, Recipients: []mail.Address{to}, Peer: netip.MustParseAddr("127.0.0.1"), Helo: "mx.example.com", Protocol: "ESMTPS", Trusted: true, ReceivedAt: p.core.Now()}
	_, err = p.road.Accept(context.Background(), env, []core.Route{route}, []byte(raw))
	must(p.t, err)
	items, err := p.core.Messages(context.Background(), p.actor(p.owner), core.MessageFilter{Limit: 1})
	must(p.t, err)
	if len(items) == 0 { // what tests the way of mail is nobody's message
		return core.Receipt{}
	}
	return items[0].Receipt
}
