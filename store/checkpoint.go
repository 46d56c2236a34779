package store

import (
	"context"
	"encoding/binary"
	"errors"
	"sync/atomic"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// A checkpoint copies SQLite's log into its file and syncs that. SQLite's own
// is done by the one who commits, and all who wait to write stand still for a
// tenth of a second. So another connection copies beside the writer, and
// then the writer copies the little that was added meanwhile, upon which the
// log begins anew.

// checkpointPages of the log are worth a checkpoint, 16 MB: pages that many
// messages write, such as the ends of indexes, are copied once for all of them.
const checkpointPages = 4000

type checkpointer struct {
	s    *Store
	c    *conn         // nil before there is work for it
	wake chan struct{} // closed to end it
	gone chan struct{}

	copied  atomic.Bool // told by the checkpointer: the writer has to copy the rest
	copying bool        // the rest is the writer's own
	since   int64       // pages written when the log last began
}

func newCheckpointer(s *Store) *checkpointer {
	k := &checkpointer{s: s, wake: make(chan struct{}, 1), gone: make(chan struct{})}
	go k.run() // ended by close
	return k
}

func (k *checkpointer) run() {
	defer close(k.gone)
	defer func() {
		if k.c != nil {
			k.c.close()
		}
	}()
	for range k.wake {
		if err := k.checkpoint(); err != nil {
			k.s.log.Error("the log could not be copied into the database", "error", err)
		}
		k.copied.Store(true)
	}
}

func (k *checkpointer) checkpoint() (err error) {
	if k.c == nil {
		if k.c, err = k.s.openConn(); err != nil {
			return err
		}
	}
	return k.c.checkpoint()
}

func (k *checkpointer) close() {
	close(k.wake)
	<-k.gone
}

// after is called by the writer between transactions, when the callers have
// their answers.
func (k *checkpointer) after(c *conn) {
	written := c.pagesWritten()
	switch {
	case k.copied.Swap(false):
		if err := c.checkpoint(); err != nil {
			k.s.log.Error("the rest of the log could not be copied into the database", "error", err)
		}
		k.copying, k.since = false, written
	case !k.copying && written-k.since >= checkpointPages:
		k.copying = true
		k.wake <- struct{}{}
	}
}

// checkpoint copies what nobody reads an older state of, and waits for nobody.
func (c *conn) checkpoint() error {
	all, err := c.query(context.Background(), "pragma wal_checkpoint(passive)", nil)
	if err != nil {
		return err
	}
	for all.Next() {
	}
	return errors.Join(all.Err(), all.Close())
}

// pagesWritten is how many pages the connection has written to the log, ever.
func (c *conn) pagesWritten() int64 {
	p, err := c.put("", 8)
	if err != nil {
		return 0
	}
	sqlite3.Xsqlite3_db_status(c.tls, c.db, sqlite3.SQLITE_DBSTATUS_CACHE_WRITE, p, p+4, 0)
	return int64(binary.NativeEndian.Uint32(libc.GoBytes(p, 4)))
}
