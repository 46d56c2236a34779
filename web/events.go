package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/core/access"
)

// maxTopics is how many topics one stream may ask for.
const maxTopics = 8

// events is a stream of server-sent events: "changed" with a topic, whenever
// something of it changed; "enough" when the session has too many. It carries no content: the page fetches that
// again, and is asked for its right then.
func (s *Site) events(w http.ResponseWriter, v *visit) error {
	topics, err := s.topics(v)
	if err != nil {
		return err
	}
	control := http.NewResponseController(w)
	if err := control.SetWriteDeadline(time.Time{}); err != nil { // a stream has no end in time
		s.log.Debug("events: write deadline", "error", err)
	}
	door := core.DoorTopic(v.actor.Account.ID)
	changes, end := s.core.Bus().Subscribe(append(keys(topics), door)...)
	defer end()
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // or a proxy holds events back
	if v.Method == http.MethodHead { // a stream without a body would never end
		return nil
	}
	giveWay, leave := s.streams.begin(v.actor.Session)
	defer leave()
	if err := send(w, control, "retry: 2000\n\n"); err != nil {
		return gone(err)
	}
	beat := time.NewTicker(s.cfg.Heartbeat)
	defer beat.Stop()
	for {
		select {
		case topic, ok := <-changes:
			if !ok {
				return nil
			}
			if topic == door {
				if !s.stillHere(v) {
					return errGone
				}
				continue
			}
			err = send(w, control, "event: changed\ndata: "+topics[topic]+"\n\n")
		case <-beat.C:
			if !s.stillHere(v) {
				return errGone // signed out or blocked meanwhile: the stream ends with the session
			}
			err = send(w, control, ":\n\n")
		case <-giveWay: // told, or the browser would come back at once and push the next one out
			return gone(send(w, control, "event: enough\ndata:\n\n"))
		case <-v.Context().Done():
			return errGone
		case <-s.stop:
			return nil
		}
		if err != nil {
			return gone(err)
		}
	}
}

func send(w http.ResponseWriter, c *http.ResponseController, text string) error {
	if _, err := fmt.Fprint(w, text); err != nil {
		return err
	}
	return c.Flush()
}

// topics are those of the bus that were asked for, with the names the page
// knows them by. Each is asked for its right.
func (s *Site) topics(v *visit) (map[string]string, error) {
	asked := v.URL.Query()["topic"]
	if len(asked) == 0 || len(asked) > maxTopics {
		return nil, core.Fail(core.Invalid, "form")
	}
	account := v.actor.Account.ID
	topics := make(map[string]string, len(asked))
	for _, name := range asked {
		kind, id, _ := strings.Cut(name, ":")
		topic, right, object := "", access.Action(""), core.Object{}
		switch kind {
		case "task":
			task, ok := core.ParseID(id)
			if !ok {
				return nil, core.Fail(core.NotFound, "not_found")
			}
			topic, right, object = core.TaskTopic(task), "task.view", core.Object{Kind: "task", ID: task}
		case "tasks":
			topic = core.TasksTopic(account) // tells nothing but that some task changed
		case "notes":
			topic = core.NotesTopic(v.actor.Person.ID) // one's own
		case "held":
			if !v.staff() {
				return nil, core.Fail(core.NotFound, "not_found")
			}
			topic = core.HeldTopic(account)
		case "health":
			topic, right = core.HealthTopic, "maildomain.edit"
		case "mailboxes":
			topic, right = core.MailboxTopic(account), "mailbox.view"
		case "outbox":
			topic, right = core.OutboxTopic(account), "delivery.view"
		default:
			return nil, core.Fail(core.NotFound, "not_found")
		}
		if right != "" {
			if err := s.need(v, right, object); err != nil {
				return nil, err
			}
		}
		topics[topic] = name
	}
	return topics, nil
}

func keys(m map[string]string) (list []string) {
	for k := range m {
		list = append(list, k)
	}
	return list
}
