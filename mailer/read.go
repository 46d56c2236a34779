package mailer

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"planpost/core"
)

const (
	// together is how many letters are read at once: those of one event are claimed
	// one after the other and speak of the same.
	together = 8
	// reading is how many such readings go on at once.
	reading = 3
	// fresh is how long a mail may wait for its turn before its rights are asked again.
	fresh = time.Second
)

// job is a claimed delivery on its way to a worker, with its letter as long as that is fresh.
type job struct {
	delivery core.Delivery
	letter   core.LetterRead
	until    time.Time // zero when the letter was not read
}

// reader reads the letters of what was claimed and hands them to the workers.
func (r *round) reader(ctx, sending context.Context) {
	for list := range r.claimed {
		until := time.Now().Add(fresh)
		var letters []core.LetterRead
		if ctx.Err() == nil {
			letters = r.letters(sending, list)
		}
		for i := range list {
			j := &job{delivery: list[i]}
			if letters != nil {
				j.letter, j.until = letters[i], until
			}
			r.work <- j
		}
	}
}

// letters never panics. Nil means that each must be read alone, for one of them may keep the others from it.
func (r *round) letters(ctx context.Context, list []core.Delivery) (all []core.LetterRead) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("read letters", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			all = nil
		}
	}()
	all, err := r.core.Letters(ctx, list)
	if err != nil {
		r.log.Warn("letters not read together", "letters", len(list), "err", err)
		return nil
	}
	return all
}

// letter gives the letter and until when it is fresh: as it was read, or read now when that was too long ago.
func (m *Mailer) letter(ctx context.Context, j *job) (l core.Letter, until time.Time, err error) {
	if time.Now().Before(j.until) {
		return j.letter.Letter, j.until, j.letter.Err
	}
	until = time.Now().Add(fresh)
	l, err = m.core.Letter(ctx, j.delivery)
	return l, until, err
}
