package main

import (
	"context"
	"fmt"
	"io"
	"math/rand"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
)

// Words of benchmark texts. Two are in about a third of all comments, one in
// three of 100,000; the rest are spread as in real language (Zipf).
const (
	commonWord, secondWord = "window", "concrete"
	rareWord               = "zeppelin"
)

var seedSyllables = []string{"ba", "de", "fi", "gol", "hu", "ka", "len", "mi", "nor", "pu", "ra", "sel", "ti", "vo", "wer", "za"}

func seedWord(n uint64) string {
	var b strings.Builder
	for n += 17; n > 0; n /= 16 {
		b.WriteString(seedSyllables[n%16])
	}
	return b.String()
}

// seedText is text i, the same at every run.
func seedText(i, words int) string {
	r := rand.New(rand.NewSource(int64(i)))
	z := rand.NewZipf(r, 1.2, 4, 20000)
	var b strings.Builder
	for range words {
		b.WriteString(seedWord(z.Uint64()))
		b.WriteByte(' ')
	}
	if i%3 == 0 {
		b.WriteString(commonWord + " ")
	}
	if i%7 < 2 {
		b.WriteString(secondWord + " ")
	}
	if i%33333 == 7 {
		b.WriteString(rareWord + " ")
	}
	return strings.TrimSpace(b.String())
}

func seedTitle(i int) string { return fmt.Sprintf("Task %d %s", i+1, seedText(i+1<<30, 4)) }

// makeComments brings n replies over the road in, sharing commits.
func (s *seeding) makeComments(ctx context.Context, n int) error {
	routes := make([]core.Route, len(s.tasks))
	err := s.many(ctx, "addresses", len(routes), func(i int) error {
		to, err := s.core.ReplyAddress(ctx, s.account.ID, s.guests[i%seedGuests].ID, s.tasks[i].ID)
		if err == nil {
			routes[i], err = s.core.Route(ctx, to)
		}
		return err
	})
	if err != nil {
		return err
	}
	return s.many(ctx, "comments", n, func(i int) error {
		k := i % len(routes)
		from := s.guests[k%seedGuests].Address()
		raw := fmt.Sprintf("From: %s\r\nTo: planpost@%s\r\nSubject: Re: [#%d]\r\nMessage-ID: <%d.%d@sender.test>\r\nDate: %s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s\r\n",
			from.String(), s.cfg.MailDomain, s.tasks[k].Number, i, time.Now().UnixNano(), time.Now().Format(time.RFC1123Z), seedText(i, 45))
		env := &mail.Envelope{ReversePath: from, Protocol: "ESMTP", Trusted: true, ReceivedAt: time.Now()}
		res, err := s.road.Accept(ctx, env, routes[k:k+1], []byte(raw))
		if err == nil && (len(res.Receipts) != 1 || res.Receipts[0].Disposition != core.Posted) {
			err = fmt.Errorf("not posted: %v", res.Receipts)
		}
		return err
	})
}

func (s *seeding) writeTargets(ctx context.Context, w io.Writer) error {
	for i := range min(len(s.tasks)-seedWatched, maxTargets) {
		guest := s.guests[i%seedGuests]
		to, err := s.core.ReplyAddress(ctx, s.account.ID, guest.ID, s.tasks[i].ID)
		if err != nil {
			return err
		}
		fmt.Fprintln(w, guest.Address().Mailbox(), to.Mailbox())
	}
	return nil
}

// cookie signs in and gives the browser's cookie, as the pages on plain http name it.
func (s *seeding) cookie(ctx context.Context, p *core.Person) (string, error) {
	token, _, err := s.core.SignIn(ctx, core.Credentials{Login: p.Address().Mailbox(), Password: seedPassword, UserAgent: "benchmark"})
	return "planpost=" + token, err
}

func (s *seeding) writePages(ctx context.Context, w io.Writer) error {
	all, err := s.cookie(ctx, &s.owner)
	if err != nil {
		return err
	}
	few, err := s.cookie(ctx, &s.watcher)
	if err != nil {
		return err
	}
	searches := []struct{ name, query string }{{"rare", rareWord}, {"common", commonWord}, {"two", commonWord + "+" + secondWord}}
	for who, cookie := range map[string]string{"all": all, "50": few} {
		fmt.Fprintf(w, "list-%s\t%s\t/tasks\n", who, cookie)
		for _, q := range searches {
			fmt.Fprintf(w, "search-%s-%s\t%s\t/search?q=%s\n", q.name, who, cookie, q.query)
		}
	}
	for i := range min(len(s.tasks), 200) {
		fmt.Fprintf(w, "task\t%s\t/tasks/%d\n", all, s.tasks[i*len(s.tasks)/min(len(s.tasks), 200)].Number)
	}
	return nil
}

func (s *seeding) writeLive(ctx context.Context, w io.Writer) error {
	cookie, err := s.cookie(ctx, &s.owner)
	if err != nil {
		return err
	}
	for i := range min(len(s.tasks)-seedWatched, maxLive) {
		guest := s.guests[i%seedGuests]
		to, err := s.core.ReplyAddress(ctx, s.account.ID, guest.ID, s.tasks[i].ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t/events?topic=task:%s\t/tasks/%d\n", guest.Address().Mailbox(), to.Mailbox(), cookie, s.tasks[i].ID, s.tasks[i].Number)
	}
	return nil
}
