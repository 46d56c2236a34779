package web

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// depot is a host with a project, people outside and plans that were sent to them, behind a server with TLS.
type depot struct {
	*place
	project core.Project
	sent    core.Transmittal
	plans   []core.Plan
	files   []core.PlanFile
	// content is that of the first file.
	content []byte
	links   map[core.ID]core.Link
	server  *httptest.Server
}

// sized gives bytes that no two places of a file share.
func sized(n int) []byte {
	b := make([]byte, n)
	r := rand.NewChaCha8([32]byte{7})
	_, _ = r.Read(b)
	return b
}

func newDepot(t testing.TB, database string, plans int, content []byte) *depot {
	t.Helper()
	d := &depot{place: newPlaceOn(t, database), content: content, links: map[core.ID]core.Link{}}
	ctx := context.Background()
	var err error
	d.project, err = d.core.CreateProject(ctx, d.actor(d.owner), core.NewProject{Name: "School"})
	must(t, err)
	ref, err := d.place.files.Put(ctx, d.account.ID, bytes.NewReader(content), 0)
	must(t, err)
	var versions []core.ID
	now := d.core.Now()
	d.tx(func(tx core.Tx) error {
		for i := range plans {
			p := core.Plan{ID: core.NewID(), Account: d.account.ID, Project: d.project.ID, Kind: core.DrawingKind, Number: fmt.Sprintf("A-%03d", i+1), Title: "Stairs", CreatedBy: d.owner.ID, CreatedAt: now, UpdatedAt: now}
			v := core.Version{ID: core.NewID(), Account: d.account.ID, Plan: p.ID, Index: "A", State: core.Current, Author: d.owner.ID, UploadedBy: d.owner.ID, CreatedAt: now, CurrentAt: now}
			f := core.PlanFile{ID: core.NewID(), Account: d.account.ID, Version: v.ID, Name: "Grundriß.pdf", Type: "application/pdf", Class: core.PrintFile, Hash: ref.Hash, Size: ref.Size}
			if err := tx.CreatePlan(ctx, &p); err != nil {
				return err
			}
			if err := tx.CreateVersion(ctx, &v, []core.PlanFile{f}); err != nil {
				return err
			}
			d.plans, d.files, versions = append(d.plans, p), append(d.files, f), append(versions, v.ID)
		}
		return nil
	})
	d.server = serveTLS(t, d.site, false)
	return d
}

// send sends all plans to people outside.
func (d *depot) send(people ...core.Person) {
	d.t.Helper()
	ctx := context.Background()
	var versions, to []core.ID
	for i := range d.files {
		versions = append(versions, d.files[i].Version)
	}
	for _, p := range people {
		to = append(to, p.ID)
	}
	var err error
	d.sent, err = d.core.SendPlans(ctx, d.actor(d.owner), core.NewTransmittal{Project: d.project.ID, Versions: versions, People: to})
	must(d.t, err)
	d.tx(func(tx core.Tx) error {
		all, err := tx.TransmittalRecipients(ctx, d.account.ID, d.sent.ID)
		if err != nil {
			return err
		}
		for _, r := range all {
			l, err := tx.FindLink(ctx, r.Link)
			if err != nil {
				return err
			}
			d.links[r.Person] = l
		}
		return nil
	})
}

func (d *depot) outsider(name string) core.Person { return d.person(name, contact(core.NoAccess, "")) }

// ticket is the path to a file, or to the archive with d.sent.ID.
func (d *depot) ticket(who core.Person, object core.ID) string {
	l := d.links[who.ID]
	return "/d/f/" + d.core.Ticket(&l, object) + "/x"
}

func serveTLS(t testing.TB, h http.Handler, http2 bool) *httptest.Server {
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnContext = ConnContext
	s.EnableHTTP2 = http2
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// client has a connection of its own for each request.
func client(s *httptest.Server) *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true, DisableCompression: true,
		ForceAttemptHTTP2: s.EnableHTTP2}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func (d *depot) fetch(method, path string, header ...string) (*http.Response, []byte) {
	d.t.Helper()
	r, err := http.NewRequest(method, d.server.URL+path, nil)
	must(d.t, err)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := client(d.server).Do(r)
	must(d.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(d.t, err)
	return res, body
}

// fetches are the lines of downloads, once none runs any more.
func (d *depot) fetches(n int) (list []core.Fetch) {
	d.t.Helper()
	until(d.t, func() bool {
		d.tx(func(tx core.Tx) (err error) {
			list, err = tx.ListFetches(context.Background(), d.account.ID, core.FetchFilter{Limit: 1000})
			return err
		})
		return len(list) == n && !slices.ContainsFunc(list, func(f core.Fetch) bool { return f.EndedAt.IsZero() })
	})
	return list
}

func until(t testing.TB, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited in vain")
		}
	}
}

func TestE7AFileIsServedWholeAndInParts(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 1, sized(300_000))
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	path := d.ticket(eva, d.files[0].ID)

	res, body := d.fetch("HEAD", path)
	if res.StatusCode != 200 || res.ContentLength != 300_000 || len(body) != 0 {
		t.Errorf("HEAD: %d, %d", res.StatusCode, res.ContentLength)
	}
	d.fetches(0)
	res, body = d.fetch("GET", path)
	if res.StatusCode != 200 || res.ContentLength != 300_000 || !bytes.Equal(body, d.content) {
		t.Fatalf("%d, %d bytes", res.StatusCode, len(body))
	}
	for name, want := range map[string]string{"Content-Disposition": `attachment; filename="Grundri_.pdf"; filename*=UTF-8''Grundri%C3%9F.pdf`, "Cache-Control": "no-store",
		"Content-Security-Policy": "default-src 'none'; sandbox", "X-Robots-Tag": "noindex", "Accept-Ranges": "bytes", "Referrer-Policy": "no-referrer"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	f := d.fetches(1)[0]
	if !f.Whole || f.Cut || f.Sent != 300_000 || f.Size != 300_000 || f.Person != eva.ID || f.Link != d.links[eva.ID].ID || f.Transmittal != d.sent.ID || f.File != d.files[0].ID {
		t.Errorf("%+v", f)
	}
	res, body = d.fetch("GET", path, "Range", "bytes=100000-100009")
	if res.StatusCode != 206 || !bytes.Equal(body, d.content[100000:100010]) {
		t.Errorf("part: %d, %d bytes", res.StatusCode, len(body))
	}
	if f := d.fetches(2)[0]; f.Whole || f.Sent != 10 {
		t.Errorf("part: %+v", f)
	}
	if res, _ = d.fetch("GET", path, "Range", "bytes=0-9", "If-Range", `"another"`); res.StatusCode != 200 {
		t.Errorf("a part of another file: %d", res.StatusCode)
	}
	if res, _ = d.fetch("GET", path, "Range", "bytes=400000-"); res.StatusCode != 416 {
		t.Errorf("beyond the end: %d", res.StatusCode)
	}
}

// Whatever ended a link, its tickets say the same bytes, and no part of a file is given any more.
func TestB3ATicketOfAnEndedLinkGivesNoPartAnyMore(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 1, sized(1000))
	eva, otto, kim := d.outsider("Eva Engineer"), d.outsider("Otto Other"), d.outsider("Kim Client")
	d.send(eva, otto, kim)
	ctx := context.Background()
	paths := []string{d.ticket(eva, d.files[0].ID), d.ticket(otto, d.files[0].ID)}
	whole := d.ticket(kim, d.sent.ID)
	_, err := d.core.BlockParticipant(ctx, d.actor(d.owner), d.project.ID, eva.ID)
	must(t, err)
	_, err = d.core.RevokeLink(ctx, d.actor(d.owner), d.links[otto.ID].ID)
	must(t, err)
	var first []byte
	for _, p := range paths {
		res, body := d.fetch("GET", p, "Range", "bytes=10-19")
		if res.StatusCode != 410 || bytes.Contains(body, []byte("Stairs")) || bytes.Contains(body, []byte("A-001")) {
			t.Errorf("%d: %s", res.StatusCode, clip(string(body)))
		}
		if first == nil {
			first = body
		}
		if !bytes.Equal(body, first) {
			t.Error("what ended the link can be told from the page")
		}
	}
	if res, _ := d.fetch("GET", whole); res.StatusCode != 200 {
		t.Errorf("another's: %d", res.StatusCode)
	}
	for _, p := range []string{"/d/f/abc/x", paths[0][:40] + otherThan(paths[0][40:41]) + paths[0][41:], strings.ToLower(paths[0])} {
		if res, _ := d.fetch("GET", p); res.StatusCode != 404 {
			t.Errorf("%s: %d", p, res.StatusCode)
		}
	}
	d.fetches(1)
}

func TestE8AnArchiveHasEachFileUnderANameOfItsOwn(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 3, sized(50_000))
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	res, body := d.fetch("GET", d.ticket(eva, d.sent.ID))
	if res.StatusCode != 200 || res.ContentLength != int64(len(body)) || res.Header.Get("Content-Type") != "application/zip" {
		t.Fatalf("%d, %d of %d bytes", res.StatusCode, len(body), res.ContentLength)
	}
	z, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	must(t, err)
	for i, f := range z.File {
		if want := fmt.Sprintf("A-%03d_A_Grundriß.pdf", i+1); f.Name != want || f.Method != zip.Store {
			t.Errorf("%s, method %d", f.Name, f.Method)
		}
		r, err := f.Open()
		must(t, err)
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, d.content) {
			t.Errorf("%s: %d bytes, %v", f.Name, len(got), err)
		}
	}
	if len(z.File) != 3 {
		t.Errorf("%d files", len(z.File))
	}
	for _, f := range d.fetches(3) {
		if !f.Whole || f.File != "" || f.Sent != 50_000 {
			t.Errorf("%+v", f)
		}
	}
}

// In session: the file, the archive of what was chosen, and nothing of what is secured from them (V1).
func TestE8WhoHasASessionFetchesFilesAndArchives(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 3, sized(50_000))
	emil := d.person("Emil Employee")
	d.tx(func(tx core.Tx) error {
		d.plans[1].Secured, d.plans[1].SecuredAt = true, d.core.Now()
		if err := tx.UpdatePlan(context.Background(), &d.plans[1]); err != nil {
			return err
		}
		return tx.SetParticipant(context.Background(), &core.Participant{Account: d.account.ID, Project: d.project.ID, Person: emil.ID})
	})
	b := d.as(emil)
	if a := b.get(planFileURL(&d.files[0])); a.status != 200 || a.body != string(d.content) {
		t.Errorf("file: %d", a.status)
	}
	if a := b.get(planFileURL(&d.files[1])); a.status != 404 {
		t.Errorf("secured file: %d", a.status)
	}
	sel := []string{"sel", string(d.plans[0].ID), "sel", string(d.plans[1].ID), "sel", string(d.plans[2].ID)}
	a := b.post("/projects/"+string(d.project.ID)+"/plans/zip", sel...)
	z, err := zip.NewReader(strings.NewReader(a.body), int64(len(a.body)))
	must(t, err)
	if len(z.File) != 2 || strings.Contains(a.body, "A-002") {
		t.Errorf("%d files", len(z.File))
	}
	if f := d.fetches(3)[2]; f.Person != emil.ID || f.Link != "" || !f.Whole || f.Class != string(core.VisitPerson) {
		t.Errorf("%+v", f)
	}
	if a := b.post("/projects/" + string(d.project.ID) + "/plans/zip"); a.status != 422 {
		t.Errorf("nothing chosen: %d", a.status)
	}
	stranger := d.as(d.outsider("Nobody"))
	if a := stranger.get(planFileURL(&d.files[0])); a.status == 200 {
		t.Error("a stranger has the file")
	}
}
