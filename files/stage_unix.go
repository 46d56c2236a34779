//go:build unix

package files

import (
	"errors"
	"os"
	"syscall"

	"planpost/core"
)

// claim takes a file for one writer until it is closed; the system lets go of
// it too when the process dies. It holds against other processes of this machine.
func claim(f *os.File) (bool, error) {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	return err == nil, err
}

// freeBelow tells how many bytes may still be written in a folder.
func freeBelow(root *os.Root) func() (int64, error) {
	return func() (int64, error) {
		var s syscall.Statfs_t
		if err := syscall.Statfs(root.Name(), &s); err != nil {
			return 0, err
		}
		return int64(s.Bavail) * int64(s.Bsize), nil
	}
}

// disk words trouble of writing: a full one is something people can mend.
func disk(deed string, err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return &core.Error{Kind: core.Unavailable, Code: "upload.no_room", Err: err}
	}
	return unavailable(deed, err)
}
