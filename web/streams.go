package web

import (
	"slices"
	"sync"
)

// maxStreams is how many event streams one session keeps open. More pages than
// that are rarely looked at together, and a stolen session must not bind the
// gateway's connections without end.
const maxStreams = 12

// streams counts the open event streams of each session. The zero value is ready.
type streams struct {
	mu   sync.Mutex
	open map[string][]chan struct{} // session to its streams, oldest first; guarded by mu
}

// begin enters one more stream of a session. The oldest one gives way, so that
// the page opened last works: its channel is closed. The stream itself calls end.
func (s *streams) begin(session string) (giveWay <-chan struct{}, end func()) {
	mine := make(chan struct{})
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[string][]chan struct{}{}
	}
	list := s.open[session]
	if len(list) == maxStreams {
		close(list[0])
		list = list[1:]
	}
	s.open[session] = append(slices.Clip(list), mine)
	return mine, func() { s.end(session, mine) }
}

func (s *streams) end(session string, mine chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.DeleteFunc(s.open[session], func(c chan struct{}) bool { return c == mine })
	if s.open[session] = list; len(list) == 0 {
		delete(s.open, session)
	}
}
