package smtpd

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"strings"
	"time"
)

// gate lets connections in while there is room; the others are told to come
// back (RFC 5321 §3.8) before anything is spent on them.
type gate struct {
	net.Listener
	srv *Server
}

// Accept implements net.Listener for go-smtp.
func (g *gate) Accept() (net.Conn, error) {
	for {
		c, err := g.Listener.Accept()
		if err != nil {
			return nil, err
		}
		w := newWire(c, g.srv)
		if g.srv.admit(w) {
			return w, nil
		}
		g.srv.log.Info("connection refused", slog.String("peer", w.peer.String()), slog.String("why", "connections"))
		_ = c.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		_, _ = c.Write([]byte("421 4.7.0 " + g.srv.cfg.Hostname + " too many connections, please try again later\r\n"))
		c.Close()
	}
}

// admit counts the connection, or refuses it.
func (s *Server) admit(w *wire) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() || len(s.wires) >= s.cfg.Connections {
		return false
	}
	if !w.trusted {
		key := network(w.peer)
		if s.perIP[key] >= s.cfg.ConnectionsPerIP {
			return false
		}
		s.perIP[key]++
	}
	s.wires[w] = struct{}{}
	return true
}

// leave forgets the connection; a second call does nothing.
func (s *Server) leave(w *wire) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, in := s.wires[w]; !in {
		return
	}
	delete(s.wires, w)
	if w.trusted {
		return
	}
	key := network(w.peer)
	if s.perIP[key]--; s.perIP[key] <= 0 {
		delete(s.perIP, key)
	}
}

// trusted tells whether a peer's word counts. Who reaches a unix socket has
// passed the rights of the file.
func (s *Server) trusted(a net.Addr, peer netip.Addr) bool {
	if _, local := a.(*net.UnixAddr); local {
		return true
	}
	if peer.IsLoopback() {
		return true
	}
	for _, p := range s.cfg.Trusted {
		if p.Contains(peer) {
			return true
		}
	}
	return false
}

// peerOf is the IP address of the other side; invalid for a unix socket.
func peerOf(a net.Addr) netip.Addr {
	if t, ok := a.(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap().WithZone("")
	}
	return netip.Addr{}
}

// network is what counts as one stranger: an IPv4 address, an IPv6 /64, since
// every customer has one of those.
func network(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, err := a.Prefix(64)
	if err != nil {
		return a
	}
	return p.Addr()
}

// protocolLog takes what go-smtp reports: panics are ours, the rest is what peers do.
type protocolLog struct{ log *slog.Logger }

// Printf implements smtp.Logger.
func (l protocolLog) Printf(format string, v ...any) {
	level := slog.LevelDebug
	if strings.HasPrefix(format, "panic") {
		level = slog.LevelError
	}
	l.log.Log(context.Background(), level, "smtp: "+fmt.Sprintf(format, v...))
}

// Println implements smtp.Logger.
func (l protocolLog) Println(v ...any) { l.Printf("%v", v) }
