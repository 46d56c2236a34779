package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"planpost/core"
	"planpost/sheet"
)

// binary builds the real program once for all tests that need it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "planpost-binary")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "planpost")
	if out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		return file, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return file, nil
})

var built bool // whether there is something to remove; written by program, read when all tests have ended

func TestMain(m *testing.M) {
	if sheet.Child() {
		return
	}
	status := m.Run()
	if built {
		file, _ := binary()
		os.RemoveAll(filepath.Dir(file))
	}
	os.Exit(status)
}

// program is the path of the real program.
func program(t testing.TB) string {
	t.Helper()
	built = true
	file, err := binary()
	must(t, err)
	return file
}

// machine is where processes of one host run, one after the other.
type machine struct {
	t    testing.TB
	file string
	env  []string
	data string
}

func newMachine(t testing.TB, database, relay string) *machine {
	t.Helper()
	return machineIn(t, t.TempDir(), database, relay)
}

func machineIn(t testing.TB, data, database, relay string) *machine {
	t.Helper()
	m := &machine{t: t, file: program(t), data: data}
	m.env = append(os.Environ(), "PLANPOST_DATA="+data, "PLANPOST_DATABASE="+database, "PLANPOST_MAILER_RELAY="+relay, "PLANPOST_MAILER_TLS=none",
		// A mail names the address of the pages, and its second copy must be the same after a restart.
		"PLANPOST_WEB_LISTEN="+sparePort(t), "PLANPOST_SMTP_LISTEN=127.0.0.1:0", "PLANPOST_MAIL_DOMAIN=in.test", "PLANPOST_NOTIFY_QUIET=0", "PLANPOST_LOG_LEVEL=error")
	return m
}

// givenPorts are those that a test of this process has been given: it may not listen there yet.
var givenPorts sync.Map

// sparePort is a free address. Its port is below those that the system gives
// to outgoing connections, so it is still free after a restart.
func sparePort(t testing.TB) string {
	t.Helper()
	for range 100 {
		l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", 20000+rand.IntN(12000)))
		if err != nil {
			continue
		}
		l.Close()
		if _, given := givenPorts.LoadOrStore(l.Addr().String(), true); !given {
			return l.Addr().String()
		}
	}
	t.Fatal("no free port")
	return ""
}

// config is what the processes read, for a look at what they left.
func (m *machine) config() Config {
	m.t.Helper()
	cfg, err := loadConfig("", func(name string) string {
		for _, v := range m.env {
			if rest, ok := strings.CutPrefix(v, name+"="); ok {
				return rest
			}
		}
		return ""
	})
	must(m.t, err)
	return cfg
}

// command runs one command to its end.
func (m *machine) command(args ...string) {
	m.t.Helper()
	cmd := exec.Command(m.file, args...)
	cmd.Env = m.env
	if out, err := cmd.CombinedOutput(); err != nil {
		m.t.Fatalf("planpost %v: %v\n%s", args, err, out)
	}
}

// target is a sender with his reply address.
type target struct{ from, to string }

// seed makes tasks and gives the addresses of n of them.
func (m *machine) seed(n int) (list []target) {
	m.t.Helper()
	file := filepath.Join(m.t.TempDir(), "targets")
	m.command("bench", "seed", "--tasks", fmt.Sprint(n+seedWatched), "--targets", file)
	b, err := os.ReadFile(file)
	must(m.t, err)
	for line := range strings.Lines(string(b)) {
		from, to, _ := strings.Cut(strings.TrimSpace(line), " ")
		list = append(list, target{from, to})
	}
	if len(list) < n {
		m.t.Fatalf("%d targets of %d", len(list), n)
	}
	return list[:n]
}

// process is one running gateway.
type process struct {
	t         testing.TB
	cmd       *exec.Cmd
	smtp, web string
	out       *screen
	ended     chan struct{}
	err       error // readable when ended is closed
}

var announced = regexp.MustCompile(`pages  (http://\S+)\n\s+mail   smtp://(\S+) for`)

// serve starts the gateway and waits until it says where it is.
func (m *machine) serve() *process {
	m.t.Helper()
	p := &process{t: m.t, cmd: exec.Command(m.file, "serve"), out: &screen{}, ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = m.env, p.out, p.out
	must(m.t, p.cmd.Start())
	go func() { p.err = p.cmd.Wait(); close(p.ended) }()
	m.t.Cleanup(p.kill)
	until(m.t, "the gateway starts", func() bool {
		select {
		case <-p.ended:
			m.t.Fatalf("the gateway ended: %v\n%s", p.err, p.out)
		default:
		}
		found := announced.FindStringSubmatch(p.out.String())
		if found == nil {
			return false
		}
		p.web, p.smtp = found[1], found[2]
		return true
	})
	return p
}

// kill ends the process as a loss of power does for it: nothing of it runs any more.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// quit ends the process as an operator does.
func (p *process) quit() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.t.Fatal("the gateway does not stop")
	}
	if p.err != nil {
		p.t.Errorf("the gateway ended with %v\n%s", p.err, p.out)
	}
}

// peer is a client that keeps its connection while it can.
type peer struct {
	conn net.Conn
	*smtp.Client
	server string
}

// send tries once. Nil is a 250; after any trouble of the connection the next send opens a new one.
func (p *peer) send(server string, to target, raw []byte) error {
	if p.Client == nil || p.server != server {
		p.close()
		conn, err := net.DialTimeout("tcp", server, 10*time.Second)
		if err != nil {
			return err
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		c, err := smtp.NewClient(conn, "127.0.0.1")
		if err != nil {
			conn.Close()
			return err
		}
		p.conn, p.Client, p.server = conn, c, server
	}
	_ = p.conn.SetDeadline(time.Now().Add(patience))
	err := transact(p.Client, to.from, raw, to.to)
	if err != nil {
		p.close()
	}
	return err
}

func (p *peer) close() {
	if p.conn != nil {
		p.conn.Close()
	}
	p.conn, p.Client = nil, nil
}

var errGaveUp = errors.New("not answered with 250 in time")

// comments are all texts that the processes have left, with how often they are
// there; the database is checked along the way.
func (m *machine) comments() map[string]int {
	m.t.Helper()
	ctx, cfg := context.Background(), m.config()
	g, err := openGateway(ctx, cfg, newLog(&cfg, &terminal{err: &screen{}}))
	must(m.t, err)
	defer g.close()
	if found, err := g.store.Check(ctx); err != nil || len(found) > 0 {
		m.t.Errorf("self-check: %v, %v", found, err)
	}
	accounts, err := g.core.Accounts(ctx)
	must(m.t, err)
	operator, times := core.OperatorOf(accounts[0]), map[string]int{}
	for _, task := range allTasks(m.t, g, operator) {
		for _, c := range allComments(m.t, g, operator, task.Number) {
			times[c.Text]++
		}
	}
	return times
}

// allTasks are those of a host that has few.
func allTasks(t testing.TB, g *gateway, a *core.Actor) []core.TaskItem {
	t.Helper()
	tasks, err := g.core.Tasks(context.Background(), a, core.TaskFilter{Status: "any", Limit: 200})
	must(t, err)
	if len(tasks) == 200 {
		t.Fatal("there are more tasks than this looks at")
	}
	return tasks
}
