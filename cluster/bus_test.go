package cluster

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// drain takes what waits, without waiting.
func drain(events <-chan string) []string {
	var got []string
	for {
		select {
		case t, ok := <-events:
			if !ok {
				return got
			}
			got = append(got, t)
		default:
			return got
		}
	}
}

func TestASubscriberHearsItsTopicsOnly(t *testing.T) {
	b := NewBus()
	one, endOne := b.Subscribe("task:1", "tasks", "task:1")
	defer endOne()
	two, endTwo := b.Subscribe("task:2")
	defer endTwo()
	for _, topic := range []string{"task:1", "task:2", "task:3", "tasks"} {
		b.Publish(topic)
	}
	if got := fmt.Sprint(drain(one)); got != "[task:1 tasks]" {
		t.Errorf("one heard %s", got)
	}
	if got := fmt.Sprint(drain(two)); got != "[task:2]" {
		t.Errorf("two heard %s", got)
	}
}

func TestASlowSubscriberHearsATopicOnceAndBlocksNobody(t *testing.T) {
	b := NewBus()
	events, end := b.Subscribe("a", "b")
	defer end()
	for range 1000 {
		b.Publish("a")
	}
	b.Publish("b")
	b.Publish("a")
	if got := fmt.Sprint(drain(events)); got != "[a b]" {
		t.Errorf("heard %s", got)
	}
}

func TestATopicHeardIsHeardAgainWhenPublishedAgain(t *testing.T) {
	b := NewBus()
	events, end := b.Subscribe("a", "b")
	defer end()
	b.Publish("a")
	b.Publish("b")
	if got := <-events; got != "a" {
		t.Fatalf("heard %s", got)
	}
	b.Publish("a") // while b still waits
	b.Publish("b")
	if got := fmt.Sprint(drain(events)); got != "[b a]" {
		t.Errorf("heard %s", got)
	}
}

func TestAnEndedSubscriptionIsClosedAndForgotten(t *testing.T) {
	b := NewBus()
	first, endFirst := b.Subscribe("a", "b")
	second, endSecond := b.Subscribe("a")
	defer endSecond()
	endFirst()
	endFirst()
	b.Publish("a")
	if _, open := <-first; open {
		t.Error("the ended one heard something")
	}
	if got := fmt.Sprint(drain(second)); got != "[a]" {
		t.Errorf("the other heard %s", got)
	}
	endSecond()
	if n := len(b.topics); n != 0 {
		t.Errorf("%d topics are kept for nobody", n)
	}
}

// The last change of many at once must reach every reader: each fetches after
// it heard, and must in the end have fetched the last value.
func TestTheLastChangeIsNeverMissed(t *testing.T) {
	const writers, changes = 4, 500
	b := NewBus()
	var value atomic.Int64
	var readers, publishers sync.WaitGroup
	for range 8 {
		events, end := b.Subscribe("a", "b")
		readers.Go(func() {
			defer end()
			late := time.After(10 * time.Second)
			for value.Load() < writers*changes {
				select {
				case <-events:
				case <-late:
					t.Error("a reader was not told of the last change")
					return
				}
			}
		})
	}
	for i := range writers {
		publishers.Go(func() {
			for range changes {
				value.Add(1)
				b.Publish([]string{"a", "b"}[i%2])
			}
		})
	}
	publishers.Wait()
	readers.Wait()
}

func TestPublishingWhileOthersComeAndGo(t *testing.T) {
	b := NewBus()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for range 200 {
				topic := fmt.Sprint(i % 3)
				events, end := b.Subscribe(topic)
				b.Publish(topic)
				if got := <-events; got != topic {
					t.Errorf("heard %q, want %q", got, topic)
				}
				end()
			}
		})
	}
	wg.Wait()
}

func BenchmarkPublishToNobody(b *testing.B) {
	bus := NewBus()
	b.ReportAllocs()
	for b.Loop() {
		bus.Publish("task:1")
	}
}

func BenchmarkPublishToFiftySlowOnes(b *testing.B) {
	bus := NewBus()
	for range 50 {
		_, end := bus.Subscribe("task:1", "tasks")
		defer end()
	}
	b.ReportAllocs()
	for b.Loop() {
		bus.Publish("task:1")
	}
}
