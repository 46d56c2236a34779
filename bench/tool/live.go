package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"flag"
	"fmt"
	"math/rand"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// watched is one open task page out of the list that "planpost bench seed --live" writes, a line each, separated by
// tabs: who writes to which address of which task, and the cookie, event stream and page of somebody who looks at it.
type watched struct{ from, rcpt, cookie, events, page string }

func readWatched(file string) ([]watched, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []watched
	for line := range strings.Lines(string(b)) {
		if p := strings.Split(strings.TrimSpace(line), "\t"); len(p) == 5 {
			out = append(out, watched{p[0], p[1], p[2], p[3], p[4]})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no line \"FROM RCPT COOKIE EVENTS PAGE\" in %s", file)
	}
	return out, nil
}

// live follows the pages and remembers when each mail was answered and when its words were seen.
type live struct {
	addr     string
	mu       sync.Mutex           // guards the maps
	pending  []map[string]bool    // by page: words sent and not yet seen
	answered map[string]time.Time // by word
	seen     map[string]time.Time
	broken   error // the first trouble of a watcher
}

// cmdLive keeps task pages open as a browser does (an event stream, and the page fetched again at each event), sends
// mail at a fixed rate, and times each from its 250 to the arrival of a page that shows its words.
func cmdLive(args []string) error {
	fs := flag.NewFlagSet("live", flag.ExitOnError)
	smtp := fs.String("smtp", "", "SMTP host:port (loopback only)")
	web := fs.String("web", "", "web host:port (loopback only)")
	file := fs.String("watch", "", "file of lines FROM, RCPT, COOKIE, EVENTS, PAGE")
	rate := fs.Float64("rate", 100, "mails a second")
	n := fs.Int("m", 1000, "mails")
	label := fs.String("label", "ours", "label in the result line")
	out := fs.String("out", "", "append the result line here")
	_ = fs.Parse(args)
	if err := cmp.Or(loopbackOnly(*smtp), loopbackOnly(*web)); err != nil {
		return err
	}
	pages, err := readWatched(*file)
	if err != nil {
		return err
	}
	l := &live{addr: *web, pending: make([]map[string]bool, len(pages)), answered: map[string]time.Time{}, seen: map[string]time.Time{}}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	var opened sync.WaitGroup
	for i, p := range pages {
		l.pending[i] = map[string]bool{}
		opened.Add(1)
		go l.watch(ctx, i, p, opened.Done)
	}
	opened.Wait()
	failed := l.send(*smtp, pages, *n, *rate)
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end) && l.open() > 0; {
		time.Sleep(20 * time.Millisecond)
	}
	l.result(*label, fmt.Sprintf("live @%g/s", *rate), failed).emit(*out)
	return nil
}

// watch reads the event stream of one page until the context ends; ready is called once it is open.
func (l *live) watch(ctx context.Context, i int, p watched, ready func()) {
	once := sync.OnceFunc(ready)
	defer once()
	req, err := http.NewRequestWithContext(ctx, "GET", "http://"+l.addr+p.events, nil)
	if err != nil {
		l.trouble(err)
		return
	}
	req.Header.Set("Cookie", p.cookie)
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		l.trouble(err)
		return
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		l.trouble(fmt.Errorf("%s: %s", p.events, res.Status))
		return
	}
	once()
	sc := bufio.NewScanner(res.Body)
	for sc.Scan() {
		if bytes.HasPrefix(sc.Bytes(), []byte("data:")) {
			l.look(i, p)
		}
	}
}

// look fetches the page, as its script does at an event, and notes which words have appeared.
func (l *live) look(i int, p watched) {
	b, err := get(l.addr, p.cookie, p.page)
	if err != nil {
		l.trouble(err)
		return
	}
	now := time.Now()
	l.mu.Lock()
	defer l.mu.Unlock()
	for word := range l.pending[i] {
		if bytes.Contains(b, []byte(word)) {
			l.seen[word] = now
			delete(l.pending[i], word)
		}
	}
}

// send gives the mails to the server at the rate, each on a connection of its own, and returns how many failed.
func (l *live) send(addr string, pages []watched, n int, rate float64) int {
	cf := &loadConf{addr: addr, helo: "load.test", timeout: 30 * time.Second}
	r := rand.New(rand.NewSource(7))
	run := time.Now().UnixNano()
	var wg sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	t0 := time.Now()
	for i := range n {
		at := i % len(pages)
		p, word := pages[at], fmt.Sprintf("mark%dx%d", run, i)
		m := makeMail(r, p.from, p.rcpt, word+"@load.test", 0, 4096, time.Now())
		m = bytes.Replace(m, []byte("\r\n\r\n"), []byte("\r\n\r\n"+word+" "), 1)
		time.Sleep(time.Until(t0.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
		l.mu.Lock()
		l.pending[at][word] = true
		l.mu.Unlock()
		wg.Go(func() {
			if err := sendOne(cf, p, m); err != nil {
				l.trouble(err)
				mu.Lock()
				failed++
				mu.Unlock()
				return
			}
			l.mu.Lock()
			l.answered[word] = time.Now()
			l.mu.Unlock()
		})
	}
	wg.Wait()
	return failed
}

func sendOne(cf *loadConf, p watched, m []byte) error {
	c, err := dial(cf)
	if err != nil {
		return err
	}
	defer c.quit()
	return c.send(p.from, p.rcpt, m)
}

func (l *live) open() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.answered) - len(l.seen)
}

func (l *live) trouble(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.broken = cmp.Or(l.broken, err)
}

func (l *live) result(label, cell string, failed int) result {
	l.mu.Lock()
	defer l.mu.Unlock()
	var lat []time.Duration
	for word, t := range l.answered {
		if at, ok := l.seen[word]; ok {
			lat = append(lat, max0(at.Sub(t))) // the page may be there before our own 250 was read
		} else {
			failed++
		}
	}
	slices.SortFunc(lat, cmp.Compare[time.Duration])
	r := result{Label: label, Cell: cell, N: len(lat), Failed: failed, P50: pct(lat, .5), P90: pct(lat, .9), P99: pct(lat, .99), Max: pct(lat, 1)}
	if l.broken != nil {
		r.Err = l.broken.Error()
	}
	return r
}
