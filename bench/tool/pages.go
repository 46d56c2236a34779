package main

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// page is one request of the list that "planpost bench seed --pages" writes: "KIND COOKIE PATH", separated by tabs.
type page struct{ kind, cookie, path string }

func readPages(file string) ([]page, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []page
	sc := bufio.NewScanner(f)
	for sc.Scan() {
		if p := strings.Split(sc.Text(), "\t"); len(p) == 3 {
			out = append(out, page{p[0], p[1], p[2]})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("no line \"KIND COOKIE PATH\" in %s", file)
	}
	return out, sc.Err()
}

// cmdPages times pages from the request to the last byte, one after the other on one connection, kind by kind.
func cmdPages(args []string) error {
	fs := flag.NewFlagSet("pages", flag.ExitOnError)
	addr := fs.String("addr", "", "web host:port (loopback only)")
	file := fs.String("pages", "", "file of lines KIND, COOKIE, PATH")
	n := fs.Int("n", 300, "requests of each kind")
	warm := fs.Int("warm", 20, "requests of each kind before, not counted")
	out := fs.String("out", "", "append the result lines here")
	_ = fs.Parse(args)
	if err := loopbackOnly(*addr); err != nil {
		return err
	}
	pages, err := readPages(*file)
	if err != nil {
		return err
	}
	kinds := map[string][]page{}
	var order []string
	for _, p := range pages {
		if kinds[p.kind] == nil {
			order = append(order, p.kind)
		}
		kinds[p.kind] = append(kinds[p.kind], p)
	}
	for _, k := range order {
		r := result{Label: k, Cell: "pages"}
		var lat []time.Duration
		t0 := time.Now()
		for i := range *warm + *n {
			p := kinds[k][i%len(kinds[k])]
			start := time.Now()
			if _, err := get(*addr, p.cookie, p.path); err != nil {
				r.Failed++
				r.Err = err.Error()
			} else if i >= *warm {
				lat = append(lat, time.Since(start))
			}
		}
		slices.SortFunc(lat, cmp.Compare[time.Duration])
		r.N, r.Secs = len(lat), time.Since(t0).Seconds()
		r.P50, r.P90, r.P99, r.Max = pct(lat, .5), pct(lat, .9), pct(lat, .99), pct(lat, 1)
		r.emit(*out)
	}
	return nil
}

// get reads one page; an answer other than 200, a redirect to the sign-in page included, is an error.
func get(addr, cookie, path string) ([]byte, error) {
	req, err := http.NewRequest("GET", "http://"+addr+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Cookie", cookie)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, res.Status)
	}
	return b, nil
}
