// Command planpost is the whole gateway in one binary: it reads the
// configuration, builds every part, runs them together and stops them in
// order; and it is the command line of operators, tests and benchmarks.
//
// It knows every room and no rule: what a command does is done by the core.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"planpost/core"
	"planpost/sheet"
	"planpost/templates"
)

// version is set by the build.
var version = "development"

// commands is the command line (docs/commands.md).
type commands struct {
	Demo  demoCommand  `cmd:"" help:"Everything on loopback with sample people, projects and mail."`
	Serve serveCommand `cmd:"" help:"Run the gateway."`
	Check checkCommand `cmd:"" help:"Look at configuration, database, files and ports; every finding with its cure."`

	Ping        pingCommand        `cmd:"" help:"Ask the gateway on this machine whether it is well."`
	Config      configCommand      `cmd:"" help:"Show what is in force, secrets hidden."`
	Account     accountCommand     `cmd:"" help:"Accounts of this host."`
	Admin       adminCommand       `cmd:"" help:"Who manages an account, mended on the host."`
	User        userCommand        `cmd:"" help:"Staff."`
	Contact     contactCommand     `cmd:"" help:"Outsiders."`
	Company     companyCommand     `cmd:"" help:"Firms of outsiders."`
	IP          ipCommand          `cmd:"" name:"ip" help:"From which networks people may come in."`
	Project     projectCommand     `cmd:"" help:"Projects."`
	Bin         binCommand         `cmd:"" help:"What was deleted."`
	Health      healthCommand      `cmd:"" help:"How mail is: findings with their cure, rates, what waits."`
	Outbox      outboxCommand      `cmd:"" help:"Outgoing mail: what became of each, hold, cancel, send again."`
	Mailbox     mailboxCommand     `cmd:"" help:"Mailboxes on other servers that mail is fetched from."`
	Guide       guideCommand       `cmd:"" help:"Set mail up step by step: how it comes in, and a test mail to be answered."`
	Suppression suppressionCommand `cmd:"" help:"Addresses whose mail is stopped."`
	Task        taskCommand        `cmd:"" help:"Tasks and their conversation."`
	Template    templateCommand    `cmd:"" help:"Task templates."`
	Comment     commentCommand     `cmd:"" help:"Single comments of a conversation."`
	Plan        planCommand        `cmd:"" help:"Plans and documents of a project, index by index."`
	Transmittal transmittalCommand `cmd:"" help:"Plans that were sent by link."`
	Approval    approvalCommand    `cmd:"" help:"Requests to approve an index."`
	Visit       visitCommand       `cmd:"" help:"Visits: who goes where and when."`
	Hours       hoursCommand       `cmd:"" help:"Working time on tasks: record, list, sums, take back."`
	Link        linkCommand        `cmd:"" help:"Links that were mailed."`
	Log         logCommand         `cmd:"" help:"The change log."`
	Explain     explainCommand     `cmd:"" help:"Why a person may or may not do something."`
	DKIM        dkimCommand        `cmd:"" name:"dkim" help:"Keys that sign outgoing mail."`
	Keys        keysCommand        `cmd:"" help:"Master keys."`
	Mail        mailCommand        `cmd:"" help:"How mail is understood."`
	Bench       benchCommand       `cmd:"" help:"Data and counts for benchmarks."`
	Version     versionCommand     `cmd:"" help:"Print the version."`
}

// common is what every command that touches the data takes.
type common struct {
	ConfigFile string `name:"config" placeholder:"F.yaml" help:"Configuration file." env:"PLANPOST_CONFIG"`
	JSON       bool   `help:"One JSON value a line instead of text."`
}

// terminal is where a command reads and writes; tests give their own.
type terminal struct {
	in       io.Reader
	out, err io.Writer
	getenv   func(string) string
}

func main() {
	if sheet.Child() { // started by another of us, for one drawing
		return
	}
	collectLess()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], &terminal{os.Stdin, os.Stdout, os.Stderr, os.Getenv}))
}

// How far, in percent, the heap may grow before garbage is collected. A process starts with 4 MiB, so the first collection
// comes at some 32 MiB: most commands end before. What runs on lets its heap grow to three times what lives: a twentieth
// of all processor time for some twenty megabytes under load.
const (
	garbageFirst  = 800
	garbageLonger = 200
)

// collectLess sets when garbage is collected. The environment variable GOGC goes before.
func collectLess() {
	if os.Getenv("GOGC") != "" {
		return
	}
	debug.SetGCPercent(garbageFirst)
	runtime.AddCleanup(new([16]byte), func(struct{}) { debug.SetGCPercent(garbageLonger) }, struct{}{})
}

// errReported ends with status 1 after what was wrong has been said already.
var errReported = errors.New("reported")

// run executes one command line and gives the exit status.
func run(ctx context.Context, args []string, term *terminal) (status int) {
	exited := -1
	parser, err := kong.New(commandsFor(args), kong.Name("planpost"), kong.Description("An e-mail-driven collaboration gateway."), kong.UsageOnError(),
		kong.Writers(term.out, term.err), kong.Exit(func(code int) { exited = code; panic(exit{}) }), kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(term))
	if err != nil {
		fmt.Fprintln(term.err, "planpost:", err)
		return 2
	}
	defer func() {
		if p := recover(); p != nil {
			if _, ours := p.(exit); !ours {
				panic(p)
			}
			status = exited
		}
	}()
	k, err := parser.Parse(args)
	if err != nil {
		fmt.Fprintln(term.err, "planpost:", err)
		return 2
	}
	if err := k.Run(); err != nil {
		if !errors.Is(err, errReported) {
			fmt.Fprintln(term.err, "planpost:", words(err))
		}
		return 1
	}
	return 0
}

// commandsFor gives the command line, or only the branch of it that args begin with: to describe all commands costs most of
// what a short one does.
func commandsFor(args []string) any {
	all := &commands{}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return all
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[commands]()) {
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		if name == args[0] {
			return reflect.New(reflect.StructOf([]reflect.StructField{f})).Interface()
		}
	}
	return all // which says what there is
}

// exit carries kong's wish to end (help was printed) out of the parser.
type exit struct{}

// words is an error for the operator: the sentence for its code, with the cause, which he may see.
func words(err error) string {
	var e *core.Error
	if !errors.As(err, &e) {
		return err.Error()
	}
	s := templates.T("en", "error."+e.Code, e.Params...)
	if e.Err != nil {
		s += " (" + e.Err.Error() + ")"
	}
	return s
}

type versionCommand struct{}

func (versionCommand) Run(term *terminal) error {
	_, err := fmt.Fprintln(term.out, "planpost", version)
	return err
}
