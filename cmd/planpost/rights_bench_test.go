package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/core/access"
	"planpost/store/storetest"
)

// requests are n questions about tasks, by all kinds of people, with any facts.
func requests(n int) []access.Request {
	r := rand.New(rand.NewPCG(1, 2))
	all := access.AllFacts()
	list := make([]access.Request, n)
	for i := range list {
		q := access.Request{Action: "task.view", Subject: access.Owner + access.Subject(r.IntN(int(access.AddressOnly-access.Owner)+1)), MayKnow: true}
		for range r.IntN(6) {
			q.Facts = q.Facts.With(all[r.IntN(len(all))])
		}
		list[i] = q
	}
	return list
}

// BenchmarkDecisions: what the permission table costs once the facts are there, for one object and for a long list.
func BenchmarkDecisions(b *testing.B) {
	list := requests(10_000)
	yes := 0
	took := least(15, func() {
		for i := range list {
			if access.Decide(list[i]).Allowed {
				yes++
			}
		}
	})
	if yes == 0 || yes == 15*len(list) {
		b.Fatalf("%d of %d are allowed: nothing was decided", yes, 15*len(list))
	}
	actions := access.Actions()
	one := least(15, func() {
		for i := range list {
			q := list[i]
			q.Action = actions[i%len(actions)]
			_ = access.Decide(q)
		}
	})
	logFigure(b, "rights/one", one.Seconds()*1e6/float64(len(list)), "us", 0, 2)
	logFigure(b, "rights/10000-tasks", took.Seconds()*1e3, "ms", 0, 3)
}

// BenchmarkSignIn: what a sign-in through its page costs beyond the password hash, both measured in turn.
func BenchmarkSignIn(b *testing.B) {
	for name, database := range map[string]func(testing.TB) string{"sqlite": func(testing.TB) string { return "" }, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) { signInCost(b, name, database(b)) })
	}
}

const signIns = 40

func signInCost(b *testing.B, name, database string) {
	ctx := context.Background()
	cfg := Config{Data: b.TempDir(), Database: database, BaseURL: "http://plan.test", MailDomain: "plan.test"}
	g, err := openGateway(ctx, cfg, slog.New(slog.NewTextHandler(io.Discard, nil)))
	must(b, err)
	b.Cleanup(func() { must(b, g.close()) })
	h := &host{gateway: g}
	must(b, h.openWeb(nil))
	account, owner, err := g.core.CreateAccount(ctx, core.Setup{AccountName: "Firm", Name: "Olga", Address: "olga@firm.test", Password: testPassword})
	must(b, err)
	var over []time.Duration
	for i := range signIns + 5 {
		// Each is somebody else from elsewhere, or the limits would speak.
		address := fmt.Sprintf("user%d@firm.test", i)
		_, err := g.core.CreateUser(ctx, &core.Actor{Person: owner, Account: account, Via: "cli"}, core.NewUser{Name: "User", Address: address, Password: testPassword, Role: core.Employee})
		must(b, err)
		start := time.Now()
		_, err = core.HashPassword(testPassword)
		must(b, err)
		hash := time.Since(start)
		form := url.Values{"login": {address}, "password": {testPassword}}.Encode()
		r := httptest.NewRequest(http.MethodPost, "http://plan.test/signin", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.RemoteAddr = fmt.Sprintf("192.0.2.%d:4000", i+1)
		w := httptest.NewRecorder()
		start = time.Now()
		h.pages.ServeHTTP(w, r)
		if took := time.Since(start); i >= 5 {
			over = append(over, took-hash)
		}
		if w.Code != http.StatusSeeOther || w.Header().Get("Set-Cookie") == "" {
			b.Fatalf("status %d %s", w.Code, w.Body)
		}
	}
	slices.Sort(over)
	logFigure(b, "signin/"+name+"/beyond-hash", math.Max(0, over[len(over)/2].Seconds()*1e3), "ms", 0, 5)
}
