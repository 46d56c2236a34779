package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// pull is a download whose reader takes about 4 MiB a second, as over a usual line.
type pull struct {
	t    testing.TB
	body io.ReadCloser
	size int64
	got  int64
	buf  []byte
}

const (
	pullPiece = 64 << 10
	pullPause = time.Second / 64
)

func (d *depot) pull(url string) *pull {
	d.t.Helper()
	res, err := client(d.server).Get(url)
	must(d.t, err)
	if res.StatusCode != http.StatusOK {
		d.t.Fatalf("status %d", res.StatusCode)
	}
	d.t.Cleanup(func() { res.Body.Close() })
	return &pull{t: d.t, body: res.Body, size: res.ContentLength, buf: make([]byte, pullPiece)}
}

// read takes n more bytes at the reader's pace.
func (p *pull) read(n int64) error {
	for end := p.got + n; p.got < end; {
		k, err := io.ReadFull(p.body, p.buf)
		p.got += int64(k)
		if err != nil {
			return err
		}
		time.Sleep(pullPause)
	}
	return nil
}

// untilCut reads to the end, which must come too early, and tells how long it
// took from now on and how many bytes came.
func (p *pull) untilCut() (time.Duration, int64) {
	p.t.Helper()
	begun, had := time.Now(), p.got
	err := p.read(p.size)
	if err == nil || err == io.EOF || p.got >= p.size {
		p.t.Errorf("all %d bytes came: %v", p.got, err)
	}
	return time.Since(begun), p.got - had
}

// cuts plays a block in the middle of a download, and checks what is written down of it.
func (d *depot) cuts(path string, by *core.Core, within time.Duration, end func(by *core.Core)) (time.Duration, int64) {
	d.t.Helper()
	p := d.pull(d.server.URL + path)
	must(d.t, p.read(1<<20))
	committed := make(chan time.Time, 1)
	go func() {
		end(by)
		committed <- time.Now()
	}()
	took, after := p.untilCut()
	took = min(took, time.Since(<-committed))
	if took > within || after > 1<<20+int64(within/pullPause)*pullPiece {
		d.t.Errorf("it ended after %v and %d bytes", took, after)
	}
	return took, after
}

func (d *depot) block(who core.Person) func(*core.Core) {
	return func(by *core.Core) {
		if _, err := by.BlockParticipant(context.Background(), d.actor(d.owner), d.project.ID, who.ID); err != nil {
			d.t.Error(err)
		}
	}
}

// What may pass until the last byte. Other tests share the machine with these;
// make bench-download has the figures alone.
const (
	cutWithin     = 2 * time.Second
	cutElsewhere  = 3 * time.Second
	cutTestLength = 32 << 20
)

func TestB4ABlockCutsWhatIsRunningOverTLS(t *testing.T) {
	for _, http2 := range []bool{false, true} {
		t.Run(fmt.Sprintf("http2=%v", http2), func(t *testing.T) {
			d := newDepot(t, storetest.SQLite(t), 2, sized(cutTestLength))
			eva, otto := d.outsider("Eva Engineer"), d.outsider("Otto Other")
			d.send(eva, otto)
			d.server = serveTLS(t, d.site, http2)
			other := d.pull(d.server.URL + d.ticket(otto, d.files[0].ID))
			must(t, other.read(1<<20))
			took, after := d.cuts(d.ticket(eva, d.files[0].ID), d.core, cutWithin, d.block(eva))
			t.Logf("ended %v after the commit, %d bytes", took, after)
			n, err := io.Copy(io.Discard, other.body)
			if err != nil || n+other.got != cutTestLength {
				t.Errorf("another's ended after %d bytes: %v", n+other.got, err)
			}
			for _, f := range d.fetches(2) {
				if is := f.Person == eva.ID; f.Cut != is || f.Whole == is || is && f.Sent >= cutTestLength {
					t.Errorf("%+v", f)
				}
			}
			if res, _ := d.fetch("GET", d.ticket(eva, d.files[0].ID), "Range", "bytes=2000000-"); res.StatusCode != 410 {
				t.Errorf("going on: %d", res.StatusCode)
			}
		})
	}
}

// A reader that stops reading is cut as well: nothing waits for it.
func TestB4AReaderThatWaitsIsCut(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 1, sized(cutTestLength))
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	p := d.pull(d.server.URL + d.ticket(eva, d.files[0].ID))
	must(t, p.read(1<<20))
	d.block(eva)(d.core)
	if f := d.fetches(1)[0]; !f.Cut || f.Whole {
		t.Errorf("%+v", f)
	}
	until(t, func() bool {
		d.site.flights.mu.Lock()
		defer d.site.flights.mu.Unlock()
		return len(d.site.flights.running) == 0 && d.site.flights.wake == nil
	})
}

// Who stops reading and never says so does not hold the server for ever; whoever reads on has each piece's time anew.
func TestAReaderThatStopsIsGivenUp(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 1, sized(cutTestLength))
	d.site.stallWithin = 300 * time.Millisecond
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	p := d.pull(d.server.URL + d.ticket(eva, d.files[0].ID))
	must(t, p.read(1<<20))
	if f := d.fetches(1)[0]; f.Cut || f.Whole || f.Sent >= f.Size {
		t.Errorf("%+v", f)
	}
}

func TestB4WhatEndsALinkCutsArchivesToo(t *testing.T) {
	for name, end := range map[string]func(d *depot, who core.Person) func(*core.Core){
		"a link is withdrawn": func(d *depot, who core.Person) func(*core.Core) {
			return func(by *core.Core) {
				if _, err := by.RevokeLink(context.Background(), d.actor(d.owner), d.links[who.ID].ID); err != nil {
					d.t.Error(err)
				}
			}
		},
		"a plan is secured": func(d *depot, who core.Person) func(*core.Core) {
			return func(by *core.Core) {
				if _, err := by.SecurePlan(context.Background(), d.actor(d.owner), d.plans[0].ID, true, nil); err != nil {
					d.t.Error(err)
				}
			}
		},
		"blocked everywhere": func(d *depot, who core.Person) func(*core.Core) {
			return func(by *core.Core) {
				if _, err := by.BlockPerson(context.Background(), d.actor(d.owner), who.ID); err != nil {
					d.t.Error(err)
				}
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDepot(t, storetest.SQLite(t), 3, sized(cutTestLength/2))
			eva := d.outsider("Eva Engineer")
			d.send(eva)
			d.cuts(d.ticket(eva, d.sent.ID), d.core, cutWithin, end(d, eva))
			for _, f := range d.fetches(3) {
				if !f.Cut || f.Whole {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

// Two processes share nothing but the database.
func TestB4ABlockInAnotherProcessCutsWithinASecond(t *testing.T) {
	onBoth(t, func(t *testing.T, database string) {
		d := newDepot(t, database, 1, sized(cutTestLength))
		eva := d.outsider("Eva Engineer")
		d.send(eva)
		elsewhere := emptyPlaceOn(t, database)
		took, after := d.cuts(d.ticket(eva, d.files[0].ID), elsewhere.core, cutElsewhere, d.block(eva))
		t.Logf("ended %v after the commit, %d bytes", took, after)
		if f := d.fetches(1)[0]; !f.Cut || f.Whole {
			t.Errorf("%+v", f)
		}
	})
}

// In session a block in the project cuts as it does for links.
func TestB4ABlockCutsWhatASessionFetches(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 1, sized(cutTestLength))
	emil := d.person("Emil Employee")
	d.tx(func(tx core.Tx) error {
		return tx.SetParticipant(context.Background(), &core.Participant{Account: d.account.ID, Project: d.project.ID, Person: emil.ID})
	})
	b := d.as(emil)
	r, err := http.NewRequest("GET", d.server.URL+planFileURL(&d.files[0]), nil)
	must(t, err)
	for name, value := range b.jar {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := client(d.server).Do(r)
	must(t, err)
	defer res.Body.Close()
	p := &pull{t: t, body: res.Body, size: res.ContentLength, buf: make([]byte, pullPiece)}
	must(t, p.read(1<<20))
	d.block(emil)(d.core)
	p.untilCut()
	if f := d.fetches(1)[0]; !f.Cut || f.Person != emil.ID {
		t.Errorf("%+v", f)
	}
}

// Many begin and end at once while blocks happen: none is forgotten (for -race).
func TestB4ManyDownloadsComeAndGo(t *testing.T) {
	d := newDepot(t, storetest.SQLite(t), 1, sized(100_000))
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	path := d.ticket(eva, d.files[0].ID)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			res, err := client(d.server).Get(d.server.URL + path)
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if n, err := io.Copy(io.Discard, res.Body); n != 100_000 {
				t.Errorf("%d bytes, %v", n, err)
			}
		})
	}
	wg.Wait()
	for _, f := range d.fetches(20) {
		if !f.Whole {
			t.Errorf("%+v", f)
		}
	}
}
