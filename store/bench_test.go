package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

// engines are the addresses benchmarks run on; PostgreSQL is left out when there is none.
func engines(b *testing.B, run func(b *testing.B, s *store.Store, cpu func() time.Duration)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, storetest.Open(b, store.Config{URL: storetest.SQLite(b)}), ownCPU)
	})
	b.Run("postgres", func(b *testing.B) {
		s := storetest.Open(b, store.Config{URL: storetest.Postgres(b)})
		server := store.ServerPID(b, s)
		run(b, s, func() time.Duration { return ownCPU() + familyCPU(server) })
	})
}

// ownCPU is the processor time of this process.
func ownCPU() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// familyCPU is the processor time of a process and its children, ended ones included.
func familyCPU(pid int) (sum time.Duration) {
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		_, rest, _ := strings.Cut(string(text), ") ")
		fields := strings.Fields(rest)
		if len(fields) < 15 {
			continue
		}
		self := filepath.Base(filepath.Dir(f)) == strconv.Itoa(pid)
		if !self && fields[1] != strconv.Itoa(pid) {
			continue
		}
		for i, n := range fields[11:15] {
			if i >= 2 && !self {
				break
			}
			ticks, _ := strconv.Atoi(n)
			sum += time.Duration(ticks) * 10 * time.Millisecond
		}
	}
	return sum
}

// BenchmarkAccept is one reply by e-mail with two notifications, which gather
// as most do, among 200 tasks. cpu-µs/op counts the database too.
func BenchmarkAccept(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store, cpu func() time.Duration) {
		for _, conc := range []int{1, 10, 50} {
			b.Run(fmt.Sprint(conc), func(b *testing.B) { benchmarkAccept(b, s, conc, cpu) })
		}
	})
}

func benchmarkAccept(b *testing.B, s *store.Store, conc int, cpu func() time.Duration) {
	w := storetest.MakeWorld(b, s)
	told := []core.ID{w.Person().ID, w.Person().ID}
	out := w.Person(storetest.Contact(""))
	links := make([]core.Link, 200)
	for i := range links {
		links[i] = w.Link(out.ID, w.Task(storetest.With(told[0], core.Assignee), storetest.With(told[1], core.Participate), storetest.With(out.ID, core.Participate)).ID)
	}
	text := strings.Repeat("The quick brown fox jumps over the lazy dog, and so on. ", 8)
	all := make([]*core.Acceptance, b.N)
	for i := range all {
		all[i] = w.Reply(links[i%len(links)], fmt.Sprint(text, i), told...)
		for k := range all[i].Deliveries {
			d := &all[i].Deliveries[k]
			d.Gather, d.GatherUntil, d.DueAt = true, d.DueAt.Add(5*time.Minute), d.DueAt.Add(time.Minute)
		}
	}
	before := cpu()
	b.ResetTimer()
	var next atomic.Int64
	var wg sync.WaitGroup
	for range conc {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				if _, err := s.Accept(context.Background(), all[i]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "accepted/s")
}

// BenchmarkReplyContext is the road in's hot read.
func BenchmarkReplyContext(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store, cpu func() time.Duration) {
		w, link, _ := conversation(b, s)
		before := cpu()
		b.ReportAllocs()
		for b.Loop() {
			err := s.Ask(context.Background(), func(tx core.Tx) error {
				_, err := tx.FindReplyContext(context.Background(), link.ID, core.Answer{Quotes: true})
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
		_ = w
	})
}

// BenchmarkIndex is one comment of 300 words on its way into the full-text index.
func BenchmarkIndex(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store, cpu func() time.Duration) {
		w := storetest.MakeWorld(b, s)
		task := w.Task()
		z := rand.NewZipf(rand.New(rand.NewPCG(3, 4)), 1.1, 8, 50000)
		for at := 0; at < b.N; at += 500 {
			inTx(b, s, func(ctx context.Context, tx core.Tx) error {
				for range min(500, b.N-at) {
					c := core.Comment{ID: core.NewID(), Account: w.Account.ID, Task: task.ID, Author: w.Owner.ID, Text: sentence(z, 300), CreatedAt: tx.Now()}
					if err := tx.CreateComment(ctx, &c); err != nil {
						return err
					}
				}
				return nil
			})
		}
		before := cpu()
		b.ResetTimer()
		for left := true; left; {
			n, err := s.IndexPending(context.Background(), 200)
			if err != nil {
				b.Fatal(err)
			}
			left = n.Number > 0
		}
		b.StopTimer()
		b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	})
}

// BenchmarkClaim claims and finishes deliveries, twenty at a time.
func BenchmarkClaim(b *testing.B) {
	engines(b, func(b *testing.B, s *store.Store, cpu func() time.Duration) {
		w, link, told := conversation(b, s)
		var wg sync.WaitGroup
		for k := range 20 {
			wg.Go(func() {
				for i := k; i < (b.N+1)/2; i += 20 {
					accept(b, s, w.Reply(link, fmt.Sprint("reply ", i), told...))
				}
			})
		}
		wg.Wait()
		before := cpu()
		b.ResetTimer()
		for done := 0; done < b.N; {
			list := claim(b, s, storetest.Now(), 20)
			if len(list) == 0 {
				break
			}
			done += len(list)
			var wg sync.WaitGroup
			for _, d := range list {
				wg.Go(func() {
					r := result(d, core.DeliverySent, storetest.Now())
					r.SentText = "what was sent"
					finish(b, s, r)
				})
			}
			wg.Wait()
		}
		b.StopTimer()
		b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
	})
}
