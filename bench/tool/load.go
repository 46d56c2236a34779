package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand"
	"net"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// result is one measured run; every command that measures appends one as a JSON line.
type result struct {
	Label    string             `json:"label"`
	Cell     string             `json:"cell"`
	N        int                `json:"n"`
	Failed   int                `json:"failed"`
	Secs     float64            `json:"secs"`
	Rate     float64            `json:"rate"`
	P50      float64            `json:"p50_ms,omitempty"`
	P90      float64            `json:"p90_ms,omitempty"`
	P99      float64            `json:"p99_ms,omitempty"`
	Max      float64            `json:"max_ms,omitempty"`
	SrvCPU   float64            `json:"srv_cpu_s_per_1000,omitempty"`
	CliCPU   float64            `json:"cli_cpu_s_per_1000,omitempty"`
	SrvRSS   float64            `json:"srv_rss_mb,omitempty"`
	SrvPSS   float64            `json:"srv_pss_mb,omitempty"`
	SrvProcs int                `json:"srv_procs,omitempty"`
	Extra    map[string]float64 `json:"extra,omitempty"`
	Err      string             `json:"err,omitempty"`
}

func (r result) emit(file string) {
	b, _ := json.Marshal(r)
	fmt.Println(string(b))
	if file == "" {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return
	}
	defer f.Close()
	_, _ = f.Write(append(b, '\n'))
}

func pct(d []time.Duration, p float64) float64 {
	if len(d) == 0 {
		return 0
	}
	i := int(p*float64(len(d))+0.5) - 1
	if i < 0 {
		i = 0
	}
	if i >= len(d) {
		i = len(d) - 1
	}
	return float64(d[i].Microseconds()) / 1000
}

func selfCPU() float64 {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Sec+u.Stime.Sec) + float64(u.Utime.Usec+u.Stime.Usec)/1e6
}

type loadConf struct {
	addr, helo, from, to string
	lmtp, persist, pipe  bool
	timeout              time.Duration
}

type client struct {
	c  net.Conn
	r  *bufio.Reader
	w  *bufio.Writer
	cf *loadConf
}

func (c *client) reply(want byte) error {
	for {
		l, err := c.r.ReadSlice('\n')
		if err != nil {
			return err
		}
		if len(l) < 4 {
			return fmt.Errorf("short reply %q", l)
		}
		if l[3] == '-' {
			continue
		}
		if l[0] != want {
			return fmt.Errorf("reply %q", bytes.TrimSpace(l))
		}
		return nil
	}
}

func dial(cf *loadConf) (*client, error) {
	n, err := net.DialTimeout("tcp", cf.addr, cf.timeout)
	if err != nil {
		return nil, err
	}
	_ = n.SetDeadline(time.Now().Add(cf.timeout))
	c := &client{n, bufio.NewReaderSize(n, 4096), bufio.NewWriterSize(n, 65536), cf}
	if err := c.reply('2'); err != nil {
		n.Close()
		return nil, err
	}
	verb := "EHLO"
	if cf.lmtp {
		verb = "LHLO"
	}
	if err := c.cmd('2', verb+" "+cf.helo); err != nil {
		n.Close()
		return nil, err
	}
	return c, nil
}

func (c *client) cmd(want byte, s string) error {
	_, _ = c.w.WriteString(s + "\r\n")
	if err := c.w.Flush(); err != nil {
		return err
	}
	return c.reply(want)
}

func (c *client) send(from, rcpt string, msg []byte) error {
	_ = c.c.SetDeadline(time.Now().Add(c.cf.timeout))
	if c.cf.pipe {
		fmt.Fprintf(c.w, "MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n", from, rcpt)
		if err := c.w.Flush(); err != nil {
			return err
		}
		for _, want := range []byte("223") {
			if err := c.reply(want); err != nil {
				return err
			}
		}
	} else {
		if err := c.cmd('2', "MAIL FROM:<"+from+">"); err != nil {
			return err
		}
		if err := c.cmd('2', "RCPT TO:<"+rcpt+">"); err != nil {
			return err
		}
		if err := c.cmd('3', "DATA"); err != nil {
			return err
		}
	}
	_, _ = c.w.Write(msg)
	_, _ = c.w.WriteString(".\r\n")
	if err := c.w.Flush(); err != nil {
		return err
	}
	return c.reply('2')
}

func (c *client) quit() {
	_ = c.cmd('2', "QUIT")
	c.c.Close()
}

const idLen = 32

// target is who writes to which address; made from the lines "FROM RCPT" of a file.
type target struct{ from, rcpt string }

// Stand for the sender and the recipient in a made mail when targets are given.
const fromMark, toMark = "from-mark@load.test", "to-mark@load.test"

func readTargets(file string) ([]target, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var out []target
	for _, l := range strings.Split(string(b), "\n") {
		if f := strings.Fields(l); len(f) == 2 {
			out = append(out, target{f[0], f[1]})
		}
	}
	if len(out) == 0 {
		return nil, errors.New("no line \"FROM RCPT\" in " + file)
	}
	return out, nil
}

// template is a message whose Message-ID is overwritten in place for each send.
type template struct {
	b  []byte
	at int
}

func loadTemplates(dir string, size int, from, to string) ([]template, error) {
	mark := strings.Repeat("Z", idLen)
	var out []template
	if dir == "" {
		r := rand.New(rand.NewSource(7))
		for i := 0; i < 16; i++ {
			m := makeMail(r, from, strings.ReplaceAll(to, "%d", "0"), mark+"@load.test", i, size, time.Now())
			out = append(out, template{m, bytes.Index(m, []byte(mark))})
		}
		return out, nil
	}
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\n"), []byte("\r\n"))
		if !bytes.HasSuffix(b, []byte("\r\n")) {
			b = append(b, '\r', '\n')
		}
		b = bytes.ReplaceAll(b, []byte("\r\n."), []byte("\r\n.."))
		end := bytes.Index(b, []byte("\r\n\r\n"))
		if end < 0 {
			continue
		}
		// the file's own Message-ID line is dropped, a fresh one goes first
		lines := strings.Split(string(b[:end]), "\r\n")
		keep, skip := []string{"Message-ID: <" + mark + "@load.test>"}, false
		for _, l := range lines {
			if skip && (strings.HasPrefix(l, " ") || strings.HasPrefix(l, "\t")) {
				continue
			}
			skip = strings.HasPrefix(strings.ToLower(l), "message-id:")
			if !skip {
				keep = append(keep, l)
			}
		}
		m := append([]byte(strings.Join(keep, "\r\n")), b[end:]...)
		out = append(out, template{m, bytes.Index(m, []byte(mark))})
	}
	if len(out) == 0 {
		return nil, errors.New("no usable mail in " + dir)
	}
	return out, nil
}

func cmdLoad(args []string) error {
	fs := flag.NewFlagSet("load", flag.ExitOnError)
	cf := &loadConf{}
	fs.StringVar(&cf.addr, "addr", "", "server host:port (loopback only)")
	fs.StringVar(&cf.helo, "helo", "load.test", "HELO name")
	fs.StringVar(&cf.from, "from", "user1@sender.test", "envelope sender")
	fs.StringVar(&cf.to, "to", "reply+%d@in.test", "envelope recipient, %d becomes a number below -tos")
	tos := fs.Int("tos", 5000, "how many different recipients")
	fs.BoolVar(&cf.lmtp, "lmtp", false, "speak LMTP")
	fs.BoolVar(&cf.persist, "persist", false, "many messages on one connection (default: one each)")
	fs.BoolVar(&cf.pipe, "pipeline", false, "send MAIL, RCPT and DATA together")
	fs.DurationVar(&cf.timeout, "timeout", 60*time.Second, "per message")
	s := fs.Int("s", 1, "parallel sessions")
	m := fs.Int("m", 1000, "messages")
	size := fs.Int("l", 4096, "message size in bytes (headers included)")
	targetFile := fs.String("targets", "", "file of lines FROM RCPT, used in turn instead of -from and -to")
	dir := fs.String("dir", "", "send the mails of this directory instead of made ones")
	rate := fs.Float64("rate", 0, "open loop: this many messages per second, latency counted from the due time")
	pid := fs.String("pid", "", "server root pid(s), for CPU and memory")
	pss := fs.Bool("pss", false, "the peak of the proportional set size, sampled often, instead of its last value")
	label := fs.String("label", "server", "label in the result line")
	cell := fs.String("cell", "", "cell in the result line")
	out := fs.String("out", "", "append the result line here")
	ids := fs.String("ids", "", "write each accepted Message-ID here, with the times it was due and answered")
	maxFail := fs.Int("maxfail", 50, "stop after this many failures")
	_ = fs.Parse(args)
	if err := loopbackOnly(cf.addr); err != nil {
		return err
	}
	targets := []target{}
	if *targetFile != "" {
		var err error
		if targets, err = readTargets(*targetFile); err != nil {
			return err
		}
		cf.from, cf.to = fromMark, toMark
	}
	tmpl, err := loadTemplates(*dir, *size, cf.from, cf.to)
	if err != nil {
		return err
	}
	if *cell == "" {
		*cell = fmt.Sprintf("s%d/l%d", *s, *size)
	}
	run := uint32(time.Now().UnixNano())
	var next, failed int64
	lats := make([][]time.Duration, *s)
	okIDs := make([][]string, *s)
	var firstErr atomic.Value
	smp := newSampler(*pid, *pss)
	cpu0 := selfCPU()
	var wg sync.WaitGroup
	t0 := time.Now()
	for w := 0; w < *s; w++ {
		wg.Add(1)
		go func(w int) {
			defer wg.Done()
			var c *client
			buf := make([]byte, 0, *size+4096)
			for {
				i := int(atomic.AddInt64(&next, 1)) - 1
				if i >= *m || atomic.LoadInt64(&failed) > int64(*maxFail) {
					break
				}
				start := time.Now()
				if *rate > 0 {
					due := t0.Add(time.Duration(float64(i) / *rate * float64(time.Second)))
					if d := time.Until(due); d > 0 {
						time.Sleep(d)
					}
					start = due
				}
				t := tmpl[i%len(tmpl)]
				buf = append(buf[:0], t.b...)
				id := fmt.Sprintf("%08x.%08d.%014d", run, i, i)
				if t.at >= 0 {
					copy(buf[t.at:], id)
				}
				from, rcpt := cf.from, strings.ReplaceAll(cf.to, "%d", fmt.Sprint(i%*tos))
				if len(targets) > 0 {
					from, rcpt = targets[i%len(targets)].from, targets[i%len(targets)].rcpt
					buf = bytes.ReplaceAll(bytes.ReplaceAll(buf, []byte(fromMark), []byte(from)), []byte(toMark), []byte(rcpt))
				}
				var err error
				if c == nil {
					c, err = dial(cf)
				}
				if err == nil {
					err = c.send(from, rcpt, buf)
				}
				if err == nil {
					lats[w] = append(lats[w], time.Since(start))
					if *ids != "" {
						okIDs[w] = append(okIDs[w], fmt.Sprintf("%s@load.test %.6f %.6f", id, float64(start.UnixNano())/1e9, float64(time.Now().UnixNano())/1e9))
					}
				} else {
					atomic.AddInt64(&failed, 1)
					firstErr.CompareAndSwap(nil, err.Error())
					if c != nil {
						c.c.Close()
						c = nil
					}
				}
				if c != nil && !cf.persist {
					c.quit()
					c = nil
				}
			}
			if c != nil {
				c.quit()
			}
		}(w)
	}
	wg.Wait()
	secs := time.Since(t0).Seconds()
	cli := selfCPU() - cpu0
	var all []time.Duration
	for _, l := range lats {
		all = append(all, l...)
	}
	sort.Slice(all, func(i, j int) bool { return all[i] < all[j] })
	r := result{Label: *label, Cell: *cell, N: len(all), Failed: int(failed), Secs: secs, Rate: float64(len(all)) / secs,
		P50: pct(all, .5), P90: pct(all, .9), P99: pct(all, .99), Max: pct(all, 1)}
	k := float64(len(all)) / 1000
	if k > 0 {
		r.CliCPU = cli / k
		if smp != nil {
			var cpu float64
			cpu, r.SrvRSS, r.SrvPSS, r.SrvProcs = smp.end()
			r.SrvCPU = cpu / k
		}
	}
	if e := firstErr.Load(); e != nil {
		r.Err = e.(string)
	}
	if *ids != "" {
		f, err := os.Create(*ids)
		if err != nil {
			return err
		}
		bw := bufio.NewWriter(f)
		for _, l := range okIDs {
			for _, id := range l {
				_, _ = io.WriteString(bw, id+"\n")
			}
		}
		bw.Flush()
		f.Close()
	}
	r.emit(*out)
	return nil
}

func loopbackOnly(addr string) error {
	h, _, err := net.SplitHostPort(addr)
	if err != nil {
		return err
	}
	if h == "localhost" {
		return nil
	}
	if ip := net.ParseIP(h); ip != nil && ip.IsLoopback() {
		return nil
	}
	return errors.New("only loopback addresses: " + addr)
}
