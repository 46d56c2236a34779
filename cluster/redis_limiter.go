package cluster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/redis/go-redis/v9"
)

// take is Limiter.Allow inside Redis: the same algorithm, by Redis's own clock,
// so that processes whose clocks differ agree. Times are microseconds; the answer is how long to wait.
var take = redis.NewScript(`
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local burst, every = tonumber(ARGV[1]), tonumber(ARGV[2])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now) + every
local wait = full - now - burst * every
if wait > 0 then return math.ceil(wait) end
redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', math.ceil((full - now) / 1000) + 1)
return 0`)

// Allow is Limiter.Allow over all processes. Both must agree, what came to this
// process and what came to all: when Redis goes away, this process still knows
// of the tries it saw, and nobody gets more than a fresh process would give.
func (r *Redis) Allow(ctx context.Context, key string, burst int, every time.Duration) (ok bool, retry time.Duration) {
	if ok, retry = r.limiter.Allow(ctx, key, burst, every); !ok || every <= 0 || !r.answers() {
		return ok, retry
	}
	wait, err := take.Run(ctx, r.client, []string{limitKey(key)}, burst, max(every.Microseconds(), 1)).Int64()
	if err != nil {
		if ctx.Err() == nil {
			r.failed(err)
		}
		return true, 0
	}
	r.answered()
	return wait == 0, time.Duration(wait) * time.Microsecond
}

// limitKey names no person and no address: keys of limits do, and others may read a Redis.
func limitKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return "planpost:limit:" + hex.EncodeToString(sum[:16])
}
