package auth

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
)

// Resolver is what the checks ask of the DNS; *net.Resolver is one. Names are
// given with a final dot, so that no search list is tried. Errors are
// *net.DNSError with IsNotFound when the name or the type does not exist;
// every other error counts as temporary.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// lookups asks a Resolver so that every question ends with its context, even
// when the Resolver does not obey it, and so that errors are of two kinds
// only: not found and temporary.
type lookups struct {
	resolver Resolver
	// cut is set once a question was given up because its context ended.
	cut atomic.Bool
}

func (l *lookups) LookupTXT(ctx context.Context, name string) ([]string, error) {
	return ask(ctx, l, absolute(name), l.resolver.LookupTXT)
}

func (l *lookups) LookupMX(ctx context.Context, name string) ([]*net.MX, error) {
	return ask(ctx, l, absolute(name), l.resolver.LookupMX)
}

func (l *lookups) LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error) {
	return ask(ctx, l, absolute(host), l.resolver.LookupIPAddr)
}

func (l *lookups) LookupAddr(ctx context.Context, addr string) ([]string, error) {
	return ask(ctx, l, addr, l.resolver.LookupAddr)
}

// ask runs one question in a goroutine of its own, which ends when the
// Resolver answers; nobody waits for it longer than ctx lasts.
func ask[T any](ctx context.Context, l *lookups, name string, question func(context.Context, string) ([]T, error)) ([]T, error) {
	type answer struct {
		found []T
		err   error
	}
	if ctx.Err() != nil {
		return nil, l.cutOff(name)
	}
	answered := make(chan answer, 1)
	go func() {
		found, err := question(ctx, name)
		answered <- answer{found, err}
	}()
	select {
	case a := <-answered:
		if a.err != nil && ctx.Err() != nil {
			return nil, l.cutOff(name)
		}
		return settle(name, a.found, a.err)
	case <-ctx.Done():
		return nil, l.cutOff(name)
	}
}

// settle sorts an answer. net.Resolver reports an error beside good records
// when it has dropped malformed ones: the good ones count. It calls a refused
// query or an unreachable server permanent; RFC 7208 §2.6.6 and RFC 6376
// §6.1.2 want anything but "no such name" to be temporary.
func settle[T any](name string, found []T, err error) ([]T, error) {
	if err == nil || len(found) > 0 {
		return found, nil
	}
	if dns, ok := err.(*net.DNSError); ok && dns.IsNotFound {
		return nil, dns
	}
	return nil, &net.DNSError{Err: err.Error(), Name: name, IsTemporary: true}
}

func (l *lookups) cutOff(name string) error {
	l.cut.Store(true)
	return &net.DNSError{Err: "no answer in time", Name: name, IsTimeout: true, IsTemporary: true}
}

// absolute adds the final dot that keeps a resolver from trying its search
// list: a wildcard in the local domain would answer for the whole world.
func absolute(name string) string {
	return strings.TrimSuffix(name, ".") + "."
}
