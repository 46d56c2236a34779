package core_test

import (
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// What is written to somebody outside by name is no subscription; that a task
// is shared with him, and its end, is. Its link stops all of the task.
func TestWhoIsOutsideStopsTheMailOfATaskByItsLink(t *testing.T) {
	each(t, func(h *house) {
		shared, _ := h.letters()
		l := shared["Klara"]
		if l.Event != core.TaskShared || l.UnsubscribeURL == "" || l.UnsubscribeURL == l.ThreadURL {
			h.t.Fatalf("a shared task: %s %q", l.Event, l.UnsubscribeURL)
		}
		h.tell("by name", h.klara, h.karl)
		told, _ := h.letters()
		if told["Klara"].Person.ID == "" || told["Klara"].UnsubscribeURL != "" {
			h.t.Errorf("written to by name: %q", told["Klara"].UnsubscribeURL)
		}
		h.must(h.c.MuteByLink(h.ctx, l.UnsubscribeURL[strings.LastIndexByte(l.UnsubscribeURL, '/')+1:], "127.0.0.1", "task", true))
		h.tell("again", h.klara, h.karl)
		after, _ := h.letters()
		if after["Klara"].Person.ID != "" || after["Karl"].Person.ID == "" {
			h.t.Errorf("after it was stopped: %v", after)
		}
		if sent := h.lastComment().Sent; !hasReason(sent, h.klara.ID, "delivery.muted") {
			h.t.Errorf("its author is not told: %+v", sent)
		}
		h.must(h.c.SetStatus(h.ctx, h.as(h.owner), h.task.ID, core.TaskDone))
		h.pass(10 * time.Minute)
		ended, _ := h.letters()
		if ended["Klara"].Person.ID != "" || ended["Karl"].Event != core.TaskChanged || ended["Karl"].UnsubscribeURL == "" {
			h.t.Errorf("the end of the task: %v %q", ended["Karl"].Event, ended["Karl"].UnsubscribeURL)
		}
	})
}

func hasReason(sent []core.DeliveryItem, person core.ID, reason string) bool {
	for _, it := range sent {
		if it.Delivery.Person == person {
			return it.Delivery.Reason == reason
		}
	}
	return false
}
