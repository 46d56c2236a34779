// Command bench is the measuring tool of the side-by-side harness. It uses only
// the standard library: SMTP/LMTP load, an SMTP sink, a reference SMTP server
// for bounds, durable-write limits, mail generation, IMAP fetch and IDLE timing,
// process-tree accounting and the A/B summary.
package main

import (
	"fmt"
	"os"
)

var cmds = map[string]struct {
	run  func([]string) error
	help string
}{
	"load":      {cmdLoad, "SMTP/LMTP load generator"},
	"sink":      {cmdSink, "counting SMTP sink (loss and duplicates by Message-ID)"},
	"ref":       {cmdRef, "reference SMTP server: null | sync | group (bounds)"},
	"tree":      {cmdTree, "CPU seconds and memory of a process tree"},
	"fsync":     {cmdFsync, "durable-write limits of this disk"},
	"mkmail":    {cmdMkmail, "write realistic reply mails (directory or Maildir)"},
	"waitdir":   {cmdWaitdir, "wait until directories hold N files, print the rate"},
	"imapget":   {cmdImapget, "minimal pipelined raw IMAP fetch (bound)"},
	"imapidle":  {cmdImapidle, "APPEND to seen latency (own IDLE client, or a directory written by a peer)"},
	"waitempty": {cmdWaitempty, "wait until directories are empty or a command prints 0"},
	"summary":   {cmdSummary, "A/B table from result lines"},
	"e2e":       {cmdE2e, "join accepted Message-IDs with the times they were applied: latency, loss, duplicates"},
	"counted":   {cmdCounted, "compare what is stored before and after N mails"},
	"pick":      {cmdPick, "one number out of result lines: a median, or a median of pairwise ratios"},
	"figure":    {cmdFigure, "print a figure beside what is wanted of it"},
	"pages":     {cmdPages, "time web pages, kind by kind"},
	"live":      {cmdLive, "from the 250 of a mail to its words in an open page"},
	"record":    {cmdRecord, "append one result line by hand (label cell key=value...)"},
}

func main() {
	if len(os.Args) < 2 || cmds[os.Args[1]].run == nil {
		fmt.Fprintln(os.Stderr, "usage: bench <command> [flags]; commands:")
		for k, v := range cmds {
			fmt.Fprintf(os.Stderr, "  %-9s %s\n", k, v.help)
		}
		os.Exit(2)
	}
	if err := cmds[os.Args[1]].run(os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench "+os.Args[1]+": "+err.Error())
		os.Exit(1)
	}
}
