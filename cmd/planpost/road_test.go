package main

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"planpost/core"
	"planpost/demo"
	"planpost/mail"
)

// TestWholeRoad goes once round: page, mail out, a genuine reply, comment,
// page, mail out again; beside it a second gateway that hears nothing of it.
func TestWholeRoad(t *testing.T) {
	bothEngines(t, func(t *testing.T, database string) {
		out, elsewhere := newSink(t), newSink(t)
		cfg := localConfig(t, database)
		cfg.Mailer.Relay = out.addr
		w := start(t, cfg).furnish()
		other := localConfig(t, "")
		other.Mailer.Relay = elsewhere.addr
		second := start(t, other).furnish()

		b := newBrowser(t, w.cfg.BaseURL)
		if p := b.signIn("olga@holzbau.test", testPassword); p.status != 200 || p.path == "/signin" {
			t.Fatalf("signed in: %d at %s", p.status, p.path)
		}
		p := b.get("/tasks/1")
		topic := attr(find(p.root, func(n *html.Node) bool { return attr(n, "id") == "conversation" }), "data-live")
		changed := b.listen(topic)

		p = b.submit(p, "/tasks/1/comments", url.Values{"text": {"Which colour shall the door have?"}, "tell": {string(w.klara.ID)}})
		if p.status != 200 || !strings.Contains(p.body, "Which colour shall the door have?") {
			t.Fatalf("after the comment: %d %s", p.status, p.body)
		}
		heard(t, changed, topic)
		question := out.find(t, "klara@client.test", "Which colour shall the door have?")
		if m := parse(t, question.raw); strings.Contains(m.Text+m.HTML, "for us only") || len(m.ReplyTo) != 1 {
			t.Errorf("what Klara reads: %s", question.raw)
		}

		words := "Dark green, like the windows."
		w.reply(t, question, words)
		heard(t, changed, topic)
		for _, staff := range []string{"eve@holzbau.test", "olga@holzbau.test"} { // before Olga reads it in the page: then no mail need tell her
			out.find(t, staff, words)
		}
		li := commentWith(t, b.get("/tasks/1"), words)
		if s := text(li); !strings.Contains(s, "Klara Client") {
			t.Errorf("the comment in the page: %s", s)
		}
		w.checkWay(t, b, li, question, words)
		if got := w.texts(); len(got) != 2 || got[1] != words {
			t.Errorf("comments: %q", got)
		}
		if got := second.texts(); len(got) != 0 {
			t.Errorf("the other gateway has %q", got)
		}
		for _, m := range elsewhere.mails() {
			if strings.Contains(m.raw, "colour") || strings.Contains(m.raw, words) {
				t.Errorf("the other gateway sent %s", m.raw)
			}
		}
		if got := code(second.send("klara@client.test", []byte(letter("klara@client.test", "x", "x")), w.replyTo(w.klara))); got != 550 {
			t.Errorf("the other gateway answers %d to our address", got)
		}
	})
}

// heard waits until the stream tells of the topic.
func heard(t *testing.T, changed <-chan string, topic string) {
	t.Helper()
	select {
	case got := <-changed:
		if got != topic {
			t.Errorf("heard of %s", got)
		}
	case <-time.After(patience):
		t.Fatal("the open page is not told")
	}
}

// reply answers a mail as its reader's Gmail does, through our SMTP port.
func (w *world) reply(t *testing.T, to kept, words string) {
	t.Helper()
	original := parse(t, to.raw)
	from, err := mail.ParseAddress("Klara Client <" + to.to + ">")
	must(t, err)
	raw := demo.Clients()[0].Compose(demo.Answer{Original: original, From: from, Words: words, Place: demo.Top, Locale: "en", At: time.Now(), ID: "whole-road"})
	if !strings.Contains(string(raw), "Which colour") {
		t.Fatalf("the reply quotes nothing: %s", raw)
	}
	must(t, w.send(to.to, raw, original.ReplyTo[0].Mailbox()))
}

func commentWith(t *testing.T, p page, words string) *html.Node {
	t.Helper()
	li := find(p.root, func(n *html.Node) bool {
		return n.Data == "li" && has(n, "data-comment") && strings.Contains(text(n), words)
	})
	if li == nil {
		t.Fatalf("%s does not show %q:\n%s", p.path, words, p.body)
	}
	return li
}

// checkWay follows the comment to its message: envelope, decisions, what was cut, and the source without the live address.
func (w *world) checkWay(t *testing.T, b *browser, li *html.Node, question kept, words string) {
	t.Helper()
	link := find(li, func(n *html.Node) bool { return n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/messages/") })
	if link == nil {
		t.Fatal("the comment does not lead to its message")
	}
	p := b.get(attr(link, "href"))
	for _, want := range []string{"klara@client.test", "127.0.0.1", words, "Which colour shall the door have?"} {
		if p.status != 200 || !strings.Contains(text(p.root), want) {
			t.Errorf("the message's page (%d) does not tell of %q:\n%s", p.status, want, text(p.root))
		}
	}
	token, _, _ := strings.Cut(parse(t, question.raw).ReplyTo[0].Mailbox(), "@")
	source := b.get(attr(link, "href") + "/source")
	if source.status != 200 || !strings.Contains(source.body, words) || strings.Contains(source.body, token) {
		t.Errorf("the source: %d %s", source.status, source.body)
	}
	list, err := w.core.Messages(w.ctx, w.as(w.olga), core.MessageFilter{})
	must(t, err)
	if len(list) != 1 || list[0].Receipt.Disposition != core.Posted {
		t.Errorf("the recorder: %+v", list)
	}
}
