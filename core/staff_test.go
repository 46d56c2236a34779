package core_test

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"planpost/core"
)

// luminance is that of WCAG 2.2 for "#rrggbb".
func luminance(t *testing.T, color string) float64 {
	t.Helper()
	n, err := strconv.ParseUint(strings.TrimPrefix(color, "#"), 16, 32)
	if err != nil {
		t.Fatal(err)
	}
	part := func(shift int) float64 {
		v := float64(n>>shift&255) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*part(16) + 0.7152*part(8) + 0.0722*part(0)
}

func contrast(t *testing.T, a, b string) float64 {
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func TestU4EveryColourHasContrastOnLightAndDarkPages(t *testing.T) {
	for _, c := range core.Palette {
		if got := contrast(t, c, "#ffffff"); got < 4.5 {
			t.Errorf("%s carries white letters with %.2f", c, got)
		}
		if got := contrast(t, c, "#1e2426"); got < 3 {
			t.Errorf("%s stands off from a dark page with %.2f", c, got)
		}
	}
}

func TestU4TheDefaultColourIsAlwaysTheSameAndTheChosenOneCounts(t *testing.T) {
	used := map[int]int{}
	for range 2000 {
		p := core.Person{ID: core.NewID()}
		again := core.Person{ID: p.ID, Name: "Another name"}
		if core.Tone(&p) != core.Tone(&again) {
			t.Fatalf("%s has two colours", p.ID)
		}
		used[core.Tone(&p)]++
		p.Color = core.Palette[3]
		if core.Tone(&p) != 3 {
			t.Fatal("the chosen colour does not count")
		}
	}
	if len(used) != len(core.Palette) {
		t.Errorf("only %d colours are ever given", len(used))
	}
}

func TestU3TheCardIsEditedWithWhatWasBefore(t *testing.T) {
	each(t, func(h *house) {
		card := core.UserCard{Name: "Eva", Code: "Ing. 4711", Color: core.Palette[2], Phone: "+43 1 234", Locale: "fr", Zone: "Europe/Sofia", Manager: h.owner.ID}
		h.must(h.c.EditUser(h.ctx, h.as(h.owner), h.eve.ID, card))
		v, err := h.c.Person(h.ctx, h.as(h.owner), h.eve.ID)
		h.must(err)
		if got := core.CardOf(&v.Person); got != card {
			t.Errorf("the card is %+v", got)
		}
		log, err := h.log(h.as(h.owner))
		h.must(err)
		if log[0].Code != "user.edit" || len(log[0].Changes) != 7 || log[0].Changes[0] != (core.Change{Field: "name", Was: "Eve", Now: "Eva"}) {
			t.Errorf("the log says %+v", log)
		}
		for want, bad := range map[string]core.UserCard{"person.name": {Name: " "}, "zone": {Name: "E", Zone: "Mars/North"}, "person.color": {Name: "E", Color: "#ffffff"},
			"person.phone": {Name: "E", Phone: "call me"}, "person.gone": {Name: "E", Manager: h.klara.ID}} {
			if err := h.c.EditUser(h.ctx, h.as(h.owner), h.eve.ID, bad); core.CodeOf(err) != want {
				t.Errorf("%+v: %v, want %s", bad, err, want)
			}
		}
	})
}

func TestU6NobodyAnswersToHimself(t *testing.T) {
	each(t, func(h *house) {
		max, err := h.c.CreateUser(h.ctx, h.as(h.owner), core.NewUser{Name: "Max", Address: "max@holzbau.test", Role: core.Manager, Manager: h.eve.ID})
		h.must(err)
		for _, manager := range []core.ID{h.eve.ID, max.ID} {
			if err := h.c.EditUser(h.ctx, h.as(h.owner), h.eve.ID, core.UserCard{Name: "Eve", Manager: manager}); core.CodeOf(err) != "person.manager_cycle" {
				t.Errorf("answers to himself: %v", err)
			}
		}
	})
}

func TestU3NobodyChoosesHisOwnCodeOrSuperior(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.c.EditUser(h.ctx, h.as(h.owner), h.eve.ID, core.UserCard{Name: "Eve", Code: "L-1", Manager: h.owner.ID}))
		h.must(h.c.SetProfile(h.ctx, h.as(h.eve), core.Profile{Name: "Evi", Phone: "0664 1", Color: core.Palette[0]}))
		v, err := h.c.Person(h.ctx, h.as(h.owner), h.eve.ID)
		h.must(err)
		if p := v.Person; p.Name != "Evi" || p.Code != "L-1" || p.Manager != h.owner.ID || p.Phone != "0664 1" {
			t.Errorf("the card is %+v", core.CardOf(&p))
		}
		if err := h.c.EditUser(h.ctx, h.as(h.eve), h.eve.ID, core.UserCard{Name: "Eve", Code: "L-2"}); core.KindOf(err) != core.Forbidden {
			t.Errorf("an employee edits the own card: %v", err)
		}
	})
}

func TestX13StaffMaySignInByANameAndOutsidersNot(t *testing.T) {
	each(t, func(h *house) {
		h.must(h.c.SetLoginName(h.ctx, h.as(h.eve), h.eve.ID, " Eve.H "))
		for _, login := range []string{"eve.h", "EVE.H", "eve@holzbau.test"} {
			if _, people, err := h.c.SignIn(h.ctx, core.Credentials{Login: login, Password: "another long phrase", IP: "192.0.2.1"}); err != nil || people[0].ID != h.eve.ID {
				t.Errorf("%s: %v", login, err)
			}
		}
		if err := h.c.SetLoginName(h.ctx, h.as(h.owner), h.owner.ID, "eve.h"); core.CodeOf(err) != "login_name.taken" {
			t.Errorf("two of one name: %v", err)
		}
		for _, bad := range []string{"e", "a@b.test", "with space", "-x-y"} {
			if err := h.c.SetLoginName(h.ctx, h.as(h.owner), h.owner.ID, bad); core.CodeOf(err) != "login_name" {
				t.Errorf("%q: %v", bad, err)
			}
		}
		if err := h.c.SetLoginName(h.ctx, h.as(h.owner), h.eve.ID, "other"); core.KindOf(err) != core.Forbidden {
			t.Errorf("of somebody else: %v", err)
		}
		ada, err := h.c.CreateContact(h.ctx, h.as(h.owner), core.NewContact{Name: "Ada", Address: "ada@client.test", Access: core.AdvancedAccess})
		h.must(err)
		if err := h.c.SetLoginName(h.ctx, h.as(ada), ada.ID, "ada"); core.KindOf(err) != core.Forbidden {
			t.Errorf("an outsider: %v", err)
		}
		if err := h.c.SetLoginName(h.ctx, core.OperatorOf(h.account), ada.ID, "ada"); core.CodeOf(err) != "login_name.outside" {
			t.Errorf("an outsider by the operator: %v", err)
		}
		h.must(h.c.SetLoginName(h.ctx, h.as(h.eve), h.eve.ID, ""))
		if _, _, err := h.c.SignIn(h.ctx, core.Credentials{Login: "eve.h", Password: "another long phrase", IP: "192.0.2.1"}); core.CodeOf(err) != "signin.wrong" {
			t.Errorf("the name was taken away: %v", err)
		}
	})
}

func TestU5RatesCountFromTheirDayForWhoMaySeeThem(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		for _, r := range []core.NewRate{{From: "2026-01-01", Amount: "45,50", Currency: "EUR"}, {From: "2026-07-01", Amount: "52", Currency: "EUR", Deductions: true}, {From: "2026-01-01", Amount: "46.5", Currency: "EUR"}} {
			h.must(h.c.SetRate(h.ctx, owner, h.eve.ID, r))
		}
		list, err := h.c.Rates(h.ctx, h.as(h.eve), h.eve.ID) // the person sees the own
		h.must(err)
		if len(list) != 2 || list[0].Amount != 5200 || !list[0].Deductions || list[1].Amount != 4650 {
			t.Fatalf("rates %+v", list)
		}
		for day, want := range map[string]int64{"2026-06-30": 4650, "2026-07-01": 5200, "2025-12-31": 0} {
			if r, ok := core.RateOn(list, day); r.Amount != want && ok || ok != (want != 0) {
				t.Errorf("on %s %+v, want %d", day, r, want)
			}
		}
		max, err := h.c.CreateUser(h.ctx, owner, core.NewUser{Name: "Max", Address: "max@holzbau.test", Role: core.Manager})
		h.must(err)
		h.must(h.c.EditUser(h.ctx, owner, h.eve.ID, core.UserCard{Name: "Eve", Manager: max.ID}))
		if _, err := h.c.Rates(h.ctx, h.as(max), h.eve.ID); core.KindOf(err) != core.Forbidden {
			t.Errorf("the superior sees the rate: %v", err)
		}
		if err := h.c.SetRate(h.ctx, h.as(h.eve), h.eve.ID, core.NewRate{From: "2026-01-01", Amount: "99", Currency: "EUR"}); core.KindOf(err) != core.Forbidden {
			t.Errorf("the person sets the own rate: %v", err)
		}
		for want, bad := range map[string]core.NewRate{"rate.from": {From: "1.1.2026", Amount: "1", Currency: "EUR"}, "rate.currency": {From: "2026-01-01", Amount: "1", Currency: "XXX"},
			"rate.amount": {From: "2026-01-01", Amount: "1.005", Currency: "EUR"}} {
			if err := h.c.SetRate(h.ctx, owner, h.eve.ID, bad); core.CodeOf(err) != want {
				t.Errorf("%+v: %v, want %s", bad, err, want)
			}
		}
		for _, bad := range []string{"", "-5", "+5", "1e3", ".5", "1.2.3", "99999999999999999999"} {
			if err := h.c.SetRate(h.ctx, owner, h.eve.ID, core.NewRate{From: "2026-01-01", Amount: bad, Currency: "EUR"}); core.CodeOf(err) != "rate.amount" {
				t.Errorf("%q is an amount: %v", bad, err)
			}
		}
		h.must(h.c.DeleteRate(h.ctx, owner, h.eve.ID, "2026-07-01"))
		if err := h.c.DeleteRate(h.ctx, owner, h.eve.ID, "2026-07-01"); core.CodeOf(err) != "rate.unknown" {
			t.Errorf("twice: %v", err)
		}
	})
}
