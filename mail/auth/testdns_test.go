package auth

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
)

// zone is a Resolver over maps, keyed by lower-case names without final dot
// (addresses for ptr).
type zone struct {
	txt   map[string][]string
	mx    map[string][]*net.MX
	ip    map[string][]net.IP
	ptr   map[string][]string
	cname map[string]string
	errs  map[string]error
	// asked counts the questions.
	asked atomic.Int64
}

func newZone() *zone {
	return &zone{
		txt: map[string][]string{}, mx: map[string][]*net.MX{}, ip: map[string][]net.IP{},
		ptr: map[string][]string{}, cname: map[string]string{}, errs: map[string]error{},
	}
}

func notFound(name string) error {
	return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func find[T any](z *zone, records map[string][]T, name string) ([]T, error) {
	z.asked.Add(1)
	name = strings.ToLower(strings.TrimSuffix(name, "."))
	if to, ok := z.cname[name]; ok {
		name = to
	}
	if err := z.errs[name]; err != nil {
		return nil, err
	}
	if len(records[name]) == 0 {
		return nil, notFound(name)
	}
	return records[name], nil
}

// findName insists on the final dot, without which a real resolver would try
// its search list.
func findName[T any](z *zone, records map[string][]T, name string) ([]T, error) {
	if !strings.HasSuffix(name, ".") || strings.HasSuffix(name, "..") {
		return nil, errors.New("not an absolute name: " + name)
	}
	return find(z, records, name)
}

func (z *zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	return findName(z, z.txt, name)
}

func (z *zone) LookupMX(_ context.Context, name string) ([]*net.MX, error) {
	return findName(z, z.mx, name)
}

func (z *zone) LookupIPAddr(_ context.Context, host string) ([]net.IPAddr, error) {
	ips, err := findName(z, z.ip, host)
	addrs := make([]net.IPAddr, len(ips))
	for i, ip := range ips {
		addrs[i].IP = ip
	}
	return addrs, err
}

func (z *zone) LookupAddr(_ context.Context, addr string) ([]string, error) {
	return find(z, z.ptr, addr)
}

// silence is a Resolver that never answers and does not even obey its context;
// it lets go when the test closes it.
type silence chan struct{}

func (s silence) LookupTXT(context.Context, string) ([]string, error)        { <-s; return nil, nil }
func (s silence) LookupMX(context.Context, string) ([]*net.MX, error)        { <-s; return nil, nil }
func (s silence) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) { <-s; return nil, nil }
func (s silence) LookupAddr(context.Context, string) ([]string, error)       { <-s; return nil, nil }
