package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"planpost/core"
)

// masterKeys reads keys of 64 hexadecimal characters, separated by commas or lines, newest first.
func masterKeys(text string) (keys [][]byte, err error) {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' || r == ' ' || r == '\r' }) {
		k, err := hex.DecodeString(part)
		if err != nil || len(k) != 32 {
			return nil, errors.New("a master key has 64 hexadecimal characters")
		}
		keys = append(keys, k)
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no master key")
	}
	return keys, nil
}

// openKeyring takes the master key from the configuration, else from the
// file beside the data, which is made at the first start. Whoever has this
// key and the database can act for everyone: it stays out of backups.
func openKeyring(c *Config) (*core.Keyring, error) {
	text := c.MasterKey
	if text == "" {
		var err error
		if text, err = keyFile(c.dataPath("master.key")); err != nil {
			return nil, err
		}
	}
	keys, err := masterKeys(text)
	if err != nil {
		return nil, err
	}
	return core.NewKeyring(keys...)
}

func keyFile(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		return string(b), nil
	}
	if !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("master key: %w", err)
	}
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		return "", fmt.Errorf("master key: %w", err)
	}
	text := hex.EncodeToString(key) + "\n"
	return text, writeDurable(path, []byte(text))
}

// writeDurable makes a file that is there after a crash, or is not there at
// all: half a key would end every link and every sealed mail.
func writeDurable(path string, b []byte) error {
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// editDistance is the least number of letters to change (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		last := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := last
			if a[i-1] != b[j-1] {
				cost++
			}
			last = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
