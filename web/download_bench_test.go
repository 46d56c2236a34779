package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"planpost/core"
	"planpost/store/storetest"
)

// The figures of downloads, printed as "CORPUS NAME VALUE UNIT MIN MAX" for
// bench/all.sh. Each stands in a benchmark of its own, with nothing beside it:
//
//	go test -run ^$ -bench Download -benchtime 1x ./web

// benchRounds is how many people are blocked while they download: PLANPOST_BENCH_DOWNLOAD, or 100.
func benchRounds(b *testing.B) int {
	n, err := strconv.Atoi(os.Getenv("PLANPOST_BENCH_DOWNLOAD"))
	if err != nil {
		return 100
	}
	return n
}

func figure(b testing.TB, name string, value float64, unit string, least, most float64) {
	b.Helper()
	fmt.Printf("\nCORPUS %s %.3f %s %g %g\n", name, value, unit, least, most)
	if value < least || most > 0 && value > most {
		b.Errorf("%s is %.3f %s", name, value, unit)
	}
}

// p99 is the hundredth part's least of what was measured, the largest of fewer than a hundred.
func p99(list []float64) float64 {
	slices.Sort(list)
	return list[(len(list)*99-1)/100]
}

// benchCuts measures rounds of blocks in the middle of a download over TLS.
func benchCuts(b testing.TB, name, database string, rounds int, other bool, most time.Duration) {
	d := newDepot(b, database, 1, sized(64<<20))
	by := d.core
	if other {
		by = emptyPlaceOn(b, database).core
	}
	people := make([]core.Person, rounds)
	for i := range people {
		people[i] = d.outsider(fmt.Sprintf("Eva %d", i))
	}
	for part := range slices.Chunk(people, 100) {
		d.send(part...)
	}
	var took, after []float64
	for _, who := range people {
		t1, n := d.cuts(d.ticket(who, d.files[0].ID), by, time.Minute, d.block(who))
		took, after = append(took, t1.Seconds()*1000), append(after, float64(n)/(1<<20))
	}
	figure(b, name+"/p99", p99(took), "ms", 0, float64(most.Milliseconds()))
	bytesMost := 1.0
	if other {
		bytesMost = 4 // what the reader takes in the second that it may last
	}
	figure(b, name+"/bytes", p99(after), "MiB", 0, bytesMost)
}

func BenchmarkDownloadCut(b *testing.B) {
	benchCuts(b, "download/cut", storetest.SQLite(b), benchRounds(b), false, 250*time.Millisecond)
}

func BenchmarkDownloadCutAcross(b *testing.B) {
	benchCuts(b, "download/cut/across", storetest.Postgres(b), benchRounds(b), true, time.Second)
}

// A thousand links of one person die in one commit.
func BenchmarkDownloadLinks(b *testing.B) {
	for engine, database := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		d := newDepot(b, database(b), 1, sized(1000))
		eva := d.outsider("Eva Engineer")
		var ids []core.ID
		d.tx(func(tx core.Tx) error {
			for range 1000 {
				s := core.Transmittal{ID: core.NewID(), Account: d.account.ID, Project: d.project.ID, Sender: d.owner.ID, CreatedAt: d.core.Now()}
				l := core.Link{ID: core.NewID(), Account: d.account.ID, Kind: core.DownloadLink, Person: eva.ID, Object: s.ID, Scope: eva.Address().Norm(), CreatedBy: d.owner.ID, CreatedAt: d.core.Now()}
				if err := tx.CreateTransmittal(context.Background(), &s, []core.TransmittalItem{{Version: d.files[0].Version, Plan: d.plans[0].ID}}, nil); err != nil {
					return err
				}
				if err := tx.EnsureLink(context.Background(), &l); err != nil {
					return err
				}
				ids = append(ids, l.ID)
			}
			return nil
		})
		begun := time.Now()
		e, err := d.core.BlockParticipant(context.Background(), d.actor(d.owner), d.project.ID, eva.ID)
		took := time.Since(begun)
		must(b, err)
		if e.Links != len(ids) {
			b.Errorf("%d links ended", e.Links)
		}
		figure(b, "download/links/"+engine, took.Seconds()*1000, "ms", 0, 100)
	}
}

// One large file beside http.ServeContent alone, in turn, without and with TLS.
func BenchmarkDownloadRate(b *testing.B) {
	rounds := max(benchRounds(b)/10, 3)
	const size = 512 << 20
	d := newDepot(b, storetest.SQLite(b), 1, make([]byte, size))
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	alone := serveTLS(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, err := d.place.files.Open(r.Context(), d.account.ID, d.files[0].Hash)
		if err != nil {
			b.Error(err)
			return
		}
		defer f.Close()
		http.ServeContent(w, r, "x.pdf", time.Time{}, f)
	}), false)
	rate := func(url string) float64 {
		begun := time.Now()
		res, err := client(d.server).Get(url)
		must(b, err)
		defer res.Body.Close()
		n, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{res.Body}, make([]byte, 1<<20))
		if err != nil || n != size {
			b.Fatalf("%d bytes, %v", n, err)
		}
		return size / time.Since(begun).Seconds()
	}
	median := func(list []float64) float64 { slices.Sort(list); return list[len(list)/2] }
	for name, pair := range map[string][2]string{"tls": {d.server.URL, alone.URL}, "plain": {servePlain(b, d.site), servePlain(b, alone.Config.Handler)}} {
		var ours, theirs []float64
		for range rounds {
			ours, theirs = append(ours, rate(pair[0]+d.ticket(eva, d.files[0].ID))), append(theirs, rate(pair[1]))
		}
		figure(b, "download/rate/"+name, median(ours)/1e6, "MB/s", 0, 0)
		figure(b, "download/rate/"+name+"/share", median(ours)/median(theirs), "x_servecontent", 0.9, 0)
	}
}

// Two hundred downloads at once, readers in the same process: the peak of all of it.
func BenchmarkDownloadParallel(b *testing.B) {
	d := newDepot(b, storetest.SQLite(b), 1, sized(8<<20))
	d.content = nil
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	path := d.ticket(eva, d.files[0].ID)
	base := memory()
	stop, peak := watchMemory()
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			res, err := client(d.server).Get(d.server.URL + path)
			if err != nil {
				b.Error(err)
				return
			}
			defer res.Body.Close()
			p := &pull{t: b, body: res.Body, size: res.ContentLength, buf: make([]byte, pullPiece)}
			if err := p.read(8 << 20); err != nil {
				b.Error(err)
			}
		})
	}
	wg.Wait()
	close(stop)
	figure(b, "download/parallel/memory", float64(<-peak-base)/1e6, "MB", 0, 300)
}

func BenchmarkDownloadArchive(b *testing.B) {
	d := newDepot(b, storetest.SQLite(b), 400, sized(1<<20))
	eva := d.outsider("Eva Engineer")
	d.send(eva)
	path := d.ticket(eva, d.sent.ID)
	base := memory()
	stop, peak := watchMemory()
	begun := time.Now()
	res, err := client(d.server).Get(d.server.URL + path)
	must(b, err)
	defer res.Body.Close()
	_, err = io.ReadFull(res.Body, make([]byte, 1))
	must(b, err)
	first := time.Since(begun)
	n, err := io.Copy(io.Discard, res.Body)
	if err != nil || n+1 != res.ContentLength {
		b.Errorf("%d of %d bytes, %v", n+1, res.ContentLength, err)
	}
	close(stop)
	figure(b, "download/zip/first", first.Seconds()*1000, "ms", 0, 200)
	figure(b, "download/zip/memory", float64(<-peak-base)/1e6, "MB", 0, 20)
}

// Beyond 4 GiB an archive has fields of 64 bits.
func BenchmarkDownloadLargeArchive(b *testing.B) {
	asPredicted(b, "large", []core.OrderedFile{ordered("A", "1", "large.pdf", 1<<32+7), ordered("B", "1", "behind.pdf", 9)})
}

func servePlain(b testing.TB, h http.Handler) string {
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnContext = ConnContext
	s.Start()
	b.Cleanup(s.Close)
	return s.URL
}

// memory is what the program holds of the machine's now, without what it could give back.
func memory() int64 {
	runtime.GC()
	debug.FreeOSMemory()
	return resident()
}

func resident() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	pages, _ := strconv.ParseInt(string(bytes.Fields(b)[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}

// watchMemory finds the peak until stop is closed.
func watchMemory() (stop chan struct{}, peak chan int64) {
	stop, peak = make(chan struct{}), make(chan int64, 1)
	go func() {
		most := int64(0)
		for tick := time.NewTicker(5 * time.Millisecond); ; {
			most = max(most, resident())
			select {
			case <-stop:
				tick.Stop()
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	return stop, peak
}
