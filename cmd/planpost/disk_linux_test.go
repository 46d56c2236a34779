package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// A full disk is our own trouble: the sender is asked to come again, what was
// promised stays, and when there is room again nobody has to do anything.
func TestAFullDiskPutsMailOffAndLosesNothing(t *testing.T) {
	m := machineIn(t, t.TempDir(), "", "")
	full, room := smallDisk(t, m.data)
	targets := m.seed(5)
	p := m.serve()
	var c peer
	defer c.close()
	want := map[string]int{}
	send := func(i int) int {
		text := fmt.Sprintf("message %d", i)
		to := targets[i%len(targets)]
		err := c.send(p.smtp, to, []byte(letter(to.from, fmt.Sprint(i), text)))
		if n := code(err); n != 250 {
			t.Logf("message %d: %v", i, err)
			return n
		}
		want[text] = 1
		return 250
	}
	if send(0) != 250 {
		t.Fatal("not taken while there is room")
	}
	full(p)
	i, got := 1, 0
	for ; i < 3000; i++ { // what the log of the database has taken before it may use again
		if got = send(i); got != 250 {
			break
		}
	}
	for range 3 {
		if got != 451 {
			t.Fatalf("with a full disk the answer is %d", got)
		}
		got = send(i)
	}
	if n := status(t, p.web+"/signin"); n != http.StatusOK {
		t.Errorf("with a full disk a page that writes nothing is %d", n)
	}
	room(p)
	until(t, "mail is taken again", func() bool { return send(i) == 250 })
	if send(i+1) != 250 {
		t.Error("the next message is not taken")
	}
	p.quit()
	if got := m.comments(); len(got) != len(want) {
		t.Errorf("%d comments for %d answers 250", len(got), len(want))
	} else {
		for text := range want {
			if got[text] != 1 {
				t.Errorf("%q is there %d times", text, got[text])
			}
		}
	}
}

// smallDisk makes dir a disk that can be filled up and emptied. Who may not
// mount one gets a limit to the size of files, which is EFBIG instead of ENOSPC.
func smallDisk(t *testing.T, dir string) (full, room func(*process)) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=16m"); err != nil {
		t.Logf("no disk of its own (%v): files are limited instead", err)
		return limitFiles(t, dir)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	filler := filepath.Join(dir, "filler")
	full = func(*process) {
		f, err := os.Create(filler)
		must(t, err)
		defer f.Close()
		if _, err := io.Copy(f, zeros{}); !errors.Is(err, syscall.ENOSPC) {
			t.Fatalf("the disk does not fill up: %v", err)
		}
	}
	return full, func(*process) { must(t, os.Remove(filler)) }
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func limitFiles(t *testing.T, dir string) (full, room func(*process)) {
	var before unix.Rlimit
	full = func(p *process) {
		info, err := os.Stat(filepath.Join(dir, "planpost.db-wal"))
		must(t, err)
		must(t, unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, nil, &before))
		must(t, unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: uint64(info.Size()) + 1000, Max: before.Max}, nil))
	}
	return full, func(p *process) { must(t, unix.Prlimit(p.cmd.Process.Pid, unix.RLIMIT_FSIZE, &before, nil)) }
}
