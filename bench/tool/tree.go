package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// treeStat is the accounting of one process and all its descendants: CPU of the
// living ones, plus what their parents collected from children already reaped.
type treeStat struct {
	Procs int     `json:"procs"`
	CPU   float64 `json:"cpu_s"`
	RSSMB float64 `json:"rss_mb"` // sum of resident sets: shared pages counted once per process
	PSSMB float64 `json:"pss_mb,omitempty"`
	IOWB  int64   `json:"write_bytes,omitempty"`
}

const clkTck = 100.0

func readTree(roots []int, pss bool) treeStat {
	type proc struct {
		ppid int
		cpu  float64
		rss  int64
	}
	procs := map[int]proc{}
	kids := map[int][]int{}
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, d := range dirs {
		b, err := os.ReadFile(d + "/stat")
		if err != nil {
			continue
		}
		i := bytes.LastIndexByte(b, ')')
		if i < 0 {
			continue
		}
		f := strings.Fields(string(b[i+1:]))
		if len(f) < 22 {
			continue
		}
		pid, _ := strconv.Atoi(filepath.Base(d))
		ppid, _ := strconv.Atoi(f[1])
		var cpu float64
		for _, k := range []int{11, 12, 13, 14} {
			v, _ := strconv.ParseFloat(f[k], 64)
			cpu += v / clkTck
		}
		rss, _ := strconv.ParseInt(f[21], 10, 64)
		procs[pid] = proc{ppid, cpu, rss * int64(os.Getpagesize())}
		kids[ppid] = append(kids[ppid], pid)
	}
	var st treeStat
	seen := map[int]bool{}
	var walk func(int)
	walk = func(p int) {
		pr, ok := procs[p]
		if !ok || seen[p] {
			return
		}
		seen[p] = true
		st.Procs++
		st.CPU += pr.cpu
		st.RSSMB += float64(pr.rss) / 1e6
		if pss {
			if f, err := os.Open(fmt.Sprintf("/proc/%d/smaps_rollup", p)); err == nil {
				sc := bufio.NewScanner(f)
				for sc.Scan() {
					if strings.HasPrefix(sc.Text(), "Pss:") {
						v, _ := strconv.ParseFloat(strings.Fields(sc.Text())[1], 64)
						st.PSSMB += v * 1024 / 1e6
					}
				}
				f.Close()
			}
		}
		for _, k := range kids[p] {
			walk(k)
		}
	}
	for _, r := range roots {
		walk(r)
	}
	return st
}

func parsePids(s string) []int {
	var out []int
	for _, f := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' }) {
		if v, err := strconv.Atoi(f); err == nil && v > 1 {
			out = append(out, v)
		}
	}
	return out
}

// sampler follows a tree while something runs and keeps its peak resident size.
type sampler struct {
	roots []int
	pss   bool // sample the proportional set size too: dear where there are many processes
	start treeStat
	peak  treeStat
	stop  chan struct{}
	done  chan struct{}
}

func newSampler(pids string, pss ...bool) *sampler {
	r := parsePids(pids)
	if len(r) == 0 {
		return nil
	}
	s := &sampler{roots: r, pss: len(pss) > 0 && pss[0], stop: make(chan struct{}), done: make(chan struct{})}
	s.start = readTree(r, false)
	s.peak = s.start
	every := 500 * time.Millisecond
	if s.pss {
		every = 50 * time.Millisecond
	}
	go func() {
		defer close(s.done)
		t := time.NewTicker(every)
		defer t.Stop()
		for {
			select {
			case <-s.stop:
				return
			case <-t.C:
				st := readTree(r, s.pss)
				s.peak.RSSMB, s.peak.PSSMB = max(s.peak.RSSMB, st.RSSMB), max(s.peak.PSSMB, st.PSSMB)
			}
		}
	}()
	return s
}

// end returns the CPU used since the start, the peak RSS sum, and the PSS at the end, or its peak where it was sampled.
func (s *sampler) end() (cpu, rss, pss float64, procs int) {
	if s == nil {
		return
	}
	close(s.stop)
	<-s.done
	e := readTree(s.roots, true)
	if e.RSSMB > s.peak.RSSMB {
		s.peak.RSSMB = e.RSSMB
	}
	return e.CPU - s.start.CPU, s.peak.RSSMB, max(e.PSSMB, s.peak.PSSMB), e.Procs
}

func cmdTree(args []string) error {
	fs := flag.NewFlagSet("tree", flag.ExitOnError)
	pid := fs.String("pid", "", "root process ids, comma separated")
	_ = fs.Parse(args)
	st := readTree(parsePids(*pid), true)
	b, _ := json.Marshal(st)
	fmt.Println(string(b))
	return nil
}
