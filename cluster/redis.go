package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"
)

// Times of the conversation with Redis. A page waits for it, so they are short;
// where there is no answer in time, what this process knows has to do.
const (
	dialTime    = 500 * time.Millisecond
	answerTime  = 250 * time.Millisecond
	pauseLeast  = 250 * time.Millisecond // between tries while it is away
	pauseMost   = 4 * time.Second
	quietTime   = 20 * time.Second // after which a silent subscription is asked whether it lives
	closingTime = time.Second
)

// Redis is what several processes share through one Redis: topics and limits.
// Use DialRedis. Nothing in it must survive: when Redis is away, topics reach
// this process only and limits count what came here; when it is back, every
// subscriber of every process gets each of its topics once, for what it missed.
type Redis struct {
	client *redis.Client
	log    *slog.Logger
	// bus and limiter are this process's own; they go on when Redis is away.
	bus     *Bus
	limiter *Limiter
	// self marks our own messages: they were heard before they were sent.
	self  string
	queue queue
	// away is until when Redis is not asked, in nanoseconds since 1970; 0 while it answers.
	away atomic.Int64
	end  context.CancelFunc
	work sync.WaitGroup
}

// DialRedis starts sharing through the Redis at url, such as
// redis://:password@host:6379/0 or rediss:// with TLS. An error is a mistake
// in the url: a Redis that does not answer now is waited for, and said in the log.
func DialRedis(url string, log *slog.Logger) (*Redis, error) {
	opt, err := redis.ParseURL(url)
	if err != nil {
		return nil, errors.New("the address of Redis is not like redis://host:6379/0") // err would tell the password
	}
	opt.ClientName, opt.DisableIdentity = "planpost", true
	opt.DialTimeout, opt.ReadTimeout, opt.WriteTimeout, opt.PoolTimeout = dialTime, answerTime, answerTime, answerTime
	opt.MaxRetries, opt.DialerRetries, opt.ContextTimeoutEnabled = -1, 1, true
	redis.SetLogger(silent{}) // it writes to the standard logger; we say ourselves what is wrong
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	ctx, end := context.WithCancel(context.Background())
	r := &Redis{client: redis.NewClient(opt), log: log, bus: NewBus(), limiter: NewLimiter(nil), self: newName(), queue: newQueue(), end: end}
	r.work.Go(func() { r.send(ctx) })
	r.work.Go(func() { r.hear(ctx) })
	return r, nil
}

type silent struct{}

func (silent) Printf(context.Context, string, ...any) {}

// Close ends the sharing; what waits to be told is told first, if that is quick.
func (r *Redis) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closingTime)
	defer cancel()
	_ = r.tell(ctx) // whoever misses it fetches again when he next looks
	r.end()
	err := r.client.Close() // also ends a read that waits
	r.work.Wait()
	return err
}

// Ping tells whether Redis answers.
func (r *Redis) Ping(ctx context.Context) error {
	if err := r.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("redis: %w", err)
	}
	return nil
}

// answers tells whether asking Redis makes sense now.
func (r *Redis) answers() bool { return time.Now().UnixNano() >= r.away.Load() }

// failed notes that Redis did not answer: for a moment nobody waits for it.
func (r *Redis) failed(err error) {
	if r.away.Swap(time.Now().Add(pauseLeast).UnixNano()) == 0 {
		r.log.Warn("redis does not answer: limits and live pages are this process's own until it does", "error", err)
	}
}

// answered notes that it did.
func (r *Redis) answered() {
	if r.away.Load() != 0 && r.away.Swap(0) != 0 {
		r.log.Info("redis answers again")
	}
}
