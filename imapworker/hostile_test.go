package imapworker

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"runtime"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// evil answers each command by what say gives for its name; an empty answer is silence. The test fails when it hears
// what say gives for HEARD.
func evil(t *testing.T, greeting string, say map[string]string) *core.Mailbox {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() { // ends with l
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprint(c, greeting)
				in := bufio.NewScanner(c)
				for in.Scan() {
					if heard := say["HEARD"]; strings.Contains(in.Text(), heard) && heard != "" {
						t.Errorf("the server heard %q", in.Text())
					}
					words := strings.Fields(in.Text())
					if len(words) < 2 {
						continue
					}
					name := strings.ToUpper(words[1])
					if name == "UID" {
						name += " " + strings.ToUpper(words[2])
					}
					answer, ok := say[name]
					switch {
					case name == "CAPABILITY" && !ok:
						answer = "* CAPABILITY IMAP4rev1 UIDPLUS ESEARCH\r\nTAG OK done\r\n"
					case !ok:
						answer = "TAG OK done\r\n"
					}
					if rest, endless := strings.CutPrefix(answer, "ENDLESS "); endless {
						for {
							if _, err := io.WriteString(c, rest); err != nil {
								return
							}
						}
					}
					fmt.Fprint(c, strings.ReplaceAll(answer, "TAG", words[0]))
				}
			}()
		}
	}()
	m := &core.Mailbox{ID: "m", Account: "a"}
	m.Host, m.Port, m.Security, m.Auth, m.User, m.Folders, m.Size = "127.0.0.1", l.Addr().(*net.TCPAddr).Port, core.MailboxPlain, core.MailboxPassword, "u", []string{"INBOX"}, 1<<20
	m.Since = time.Now().AddDate(0, 0, -3)
	return m
}

const selected = "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] x\r\n* OK [UIDNEXT 9] x\r\nTAG OK [READ-ONLY] done\r\n"

// A server that answers nothing, or never stops, costs neither time nor memory, and says what it did in plain words.
func TestHostileServersAreCutOff(t *testing.T) {
	const hello = "* OK ready\r\n"
	long := strings.Repeat("x", 1<<16)
	for name, c := range map[string]struct {
		greeting string
		say      map[string]string
		want     []string
	}{
		"no greeting":            {"", nil, []string{"timeout"}},
		"not IMAP":               {"220 mx.example.org ESMTP\r\n", nil, []string{"protocol", "timeout", "unknown"}},
		"silent at sign-in":      {hello, map[string]string{"LOGIN": ""}, []string{"timeout"}},
		"endless line":           {hello, map[string]string{"LOGIN": "ENDLESS " + long}, []string{"protocol"}},
		"endless unasked lines":  {hello, map[string]string{"SELECT": "ENDLESS * 1 EXISTS\r\n", "EXAMINE": "ENDLESS * 1 EXISTS\r\n"}, []string{"protocol", "timeout"}},
		"endless folder names":   {hello, map[string]string{"LIST": "ENDLESS * LIST () \"/\" " + long[:1000] + "\r\n"}, []string{"protocol"}},
		"all numbers there are":  {hello, map[string]string{"EXAMINE": selected, "UID SEARCH": "* ESEARCH (TAG \"TAG\") UID ALL 1:4294967295\r\nTAG OK done\r\n"}, []string{"protocol"}},
		"a header of a gigabyte": {hello, map[string]string{"EXAMINE": selected, "FETCH": "* 3 FETCH (UID 8 BODY[HEADER.FIELDS (AUTHENTICATION-RESULTS)] {1073741824}\r\n" + long}, []string{"protocol"}},
		"a text of a gigabyte":   {hello, map[string]string{"LIST": "* LIST () \"/\" {1073741824}\r\n" + long}, []string{"timeout", "protocol"}},
		"preauth by whom":        {"* PREAUTH welcome\r\n", nil, []string{"mechanism"}},
		"the connection ends":    {"* BYE full\r\n", nil, []string{"lost", "unavailable", "protocol", "unknown"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := evil(t, c.greeting, c.say)
			w, err := New(Config{Silence: 300 * time.Millisecond}, nil, nil, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			r := w.Try(ctx, m, core.MailboxSecret{Password: "p"})
			runtime.ReadMemStats(&after)
			if r.Failed == "" {
				t.Fatalf("it passed: %+v", r)
			}
			found := false
			for _, code := range c.want {
				found = found || r.Code == code
			}
			if !found || ctx.Err() != nil {
				t.Errorf("%s: %q (%s), want one of %v", r.Failed, r.Code, r.Text, c.want)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 256<<20 {
				t.Errorf("%d MiB were taken", grown>>20)
			}
		})
	}
}

// Somebody on the way who says that there is no TLS, or speaks before it begins, hears no password.
func TestStartTLSIsNeverStripped(t *testing.T) {
	for name, say := range map[string]map[string]string{
		"not offered, refused":  {"STARTTLS": "TAG BAD unknown command\r\n"},
		"said to be on already": {"STARTTLS": "TAG NO TLS is active\r\n"},
		"agreed, then none":     {"STARTTLS": "TAG OK begin\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"},
		"words slipped in":      {"STARTTLS": "TAG OK begin\r\n* PREAUTH welcome\r\nT2 OK done\r\n"},
		"silence":               {"STARTTLS": ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			say["HEARD"] = "very secret"
			m := evil(t, "* OK ready\r\n", say)
			m.Security = core.MailboxStartTLS
			w, err := New(Config{Silence: 300 * time.Millisecond}, nil, nil, nil, slog.New(slog.DiscardHandler))
			if err != nil {
				t.Fatal(err)
			}
			r := w.Try(t.Context(), m, core.MailboxSecret{Password: "very secret"})
			if r.Failed == "" || r.Failed == string(stageSignIn) {
				t.Errorf("it came to %+v", r)
			}
		})
	}
}
