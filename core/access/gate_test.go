package access

import (
	"strings"
	"testing"
)

// gateCases name each gate in its order, with what closes it.
var gateCases = []struct {
	reason string
	close  func(*Gates)
}{
	{"gate:tenant", func(g *Gates) { g.OtherTenant = true }},
	{"gate:frozen", func(g *Gates) { g.Frozen = true }},
	{"gate:inactive", func(g *Gates) { g.Status = StatusInactive }},
	{"gate:blocked", func(g *Gates) { g.BlockedInProject = true }},
	{"gate:ip", func(g *Gates) { g.IPRefused = true }},
	{"gate:second-factor", func(g *Gates) { g.SecondFactorOutstanding = true }},
	{"gate:viewing-as", func(g *Gates) { g.ViewingAs = true }},
	{"gate:bin", func(g *Gates) { g.InBin = true }},
	{"gate:link-revoked", func(g *Gates) { g.Link = LinkRevoked }},
}

// task.comment is open to an owner whatever the facts, it writes, and no gate
// makes an exception for it.
func TestTheFirstGateThatFailsDecides(t *testing.T) {
	for bits := range 1 << len(gateCases) {
		r := Request{Action: "task.comment", Subject: Owner}
		want := "cell:Y"
		for i := len(gateCases) - 1; i >= 0; i-- {
			if bits>>i&1 == 1 {
				gateCases[i].close(&r.Gates)
				want = gateCases[i].reason
			}
		}
		if got := Decide(r); got.Reason != want || got.Allowed != (bits == 0) {
			t.Errorf("%+v: %+v, want %s", r.Gates, got, want)
		}
	}
}

func TestAGateIsJudgedBeforeTheCell(t *testing.T) {
	r := Request{Action: "quote.decide", Subject: Owner, Gates: Gates{IPRefused: true}}
	if got := Decide(r); got.Reason != "gate:ip" {
		t.Errorf("a cell spoke before a gate: %+v", got)
	}
}

func TestAFrozenAccountIsOpenToItsOwnerForThreeThings(t *testing.T) {
	open := map[Action]bool{"account.unfreeze": true, "account.export.create": true, "account.billing.order": true}
	for _, a := range Actions() {
		for _, s := range everySubject() {
			got := Decide(Request{Action: a, Subject: s, Facts: allFacts.Without(Lnk), Gates: Gates{Frozen: true}})
			if got.Allowed != (s == Owner && open[a]) {
				t.Errorf("frozen, %s, %s: %+v", a, s, got)
			}
		}
	}
}

func TestWhoIsPendingMayOnlyActivate(t *testing.T) {
	for _, a := range Actions() {
		for _, s := range everySubject() {
			cell, _ := CellOf(a, s)
			for status := StatusPending; status <= StatusDeleted+1; status++ {
				gates := Gates{Status: status, Link: LinkActive}
				got := Decide(Request{Action: a, Subject: s, Facts: allFacts, Gates: gates})
				if want := status == StatusPending && a == "session.activate" && cell.Eval(allFacts); got.Allowed != want {
					t.Errorf("status %d, %s, %s: %+v, want %t", status, a, s, got, want)
				}
			}
		}
	}
}

func TestAProjectOwnerCannotBeBlockedInTheProject(t *testing.T) {
	r := Request{Action: "task.create", Subject: ExternalAdvanced, Gates: Gates{BlockedInProject: true, ProjectOwner: true}}
	if got := Decide(r); !got.Allowed {
		t.Errorf("the project's owner was blocked in it: %+v", got)
	}
	r.Gates.BlockedEverywhere = true
	if got := Decide(r); got.Allowed || got.Reason != "gate:blocked-everywhere" {
		t.Errorf("owning a project helped against a block everywhere: %+v", got)
	}
	r.Gates = Gates{BlockedInProject: true}
	r.Facts = FactsOf(Pown)
	if got := Decide(r); got.Allowed {
		t.Errorf("a fact passed a gate: %+v", got)
	}
}

func TestWhatIsInTheBinIsOnlySeenThroughTheBin(t *testing.T) {
	for _, a := range Actions() {
		got := Decide(Request{Action: a, Subject: Owner, Facts: allFacts.Without(Lnk), Gates: Gates{InBin: true}, MayKnow: true})
		inBin := strings.HasPrefix(string(a), "bin.")
		if got.Allowed != inBin || !inBin && got.Deny != Conflict {
			t.Errorf("in the bin, %s: %+v", a, got)
		}
	}
}

func TestALinkServesOnlyInTheStateTheActionWants(t *testing.T) {
	for _, a := range Actions() {
		for link := LinkNone; link <= LinkRightEnded+1; link++ {
			got := Decide(Request{Action: a, Subject: AddressOnly, Facts: allFacts.Without(Sealed), Gates: Gates{Link: link}})
			cell, _ := CellOf(a, AddressOnly)
			want := cell.Eval(allFacts)
			switch {
			case link == LinkNone:
				want = cell.Eval(allFacts.Without(Lnk))
			case a == "link.request_new":
				want = want && link == LinkExpired
			default:
				want = want && link == LinkActive
			}
			if got.Allowed != want {
				t.Errorf("link state %d, %s: %+v, want %t", link, a, got, want)
			}
		}
	}
}

func TestAClaimedLinkThatPassedNoGateCountsForNothing(t *testing.T) {
	r := Request{Action: "plan.view", Subject: AddressOnly, Facts: FactsOf(Lnk)}
	if got := Decide(r); got.Allowed {
		t.Errorf("LNK without a link: %+v", got)
	}
	r.Gates.Link = LinkActive
	if got := Decide(r); !got.Allowed {
		t.Errorf("LNK with an active link: %+v", got)
	}
}

func TestHowARefusalLooksFromOutside(t *testing.T) {
	const gone, unknown = Gone, NotFound
	for _, c := range []struct {
		name         string
		gates        Gates
		action       Action
		hidden, told DenyKind // without and with MayKnow
	}{
		{"cell", Gates{}, "account.log.view", NotFound, Forbidden},
		{"unknown action", Gates{}, "no.such", NotFound, NotFound},
		{"other account", Gates{OtherTenant: true}, "plan.view", NotFound, NotFound},
		{"other account by link", Gates{OtherTenant: true, Link: LinkActive}, "plan.view", NotFound, NotFound},
		{"frozen", Gates{Frozen: true}, "plan.view", NotFound, Forbidden},
		{"frozen by link", Gates{Frozen: true, Link: LinkActive}, "plan.view", gone, gone},
		{"deleted by link", Gates{Status: StatusDeleted, Link: LinkActive}, "plan.view", gone, gone},
		{"blocked", Gates{BlockedInProject: true}, "plan.view", NotFound, Forbidden},
		{"blocked by link", Gates{BlockedInProject: true, Link: LinkActive}, "plan.view", gone, gone},
		{"blocked, link already revoked", Gates{BlockedEverywhere: true, Link: LinkRevoked}, "plan.view", gone, gone},
		{"blocked, link of another kind", Gates{BlockedEverywhere: true, Link: LinkWrongKind}, "plan.view", unknown, Forbidden},
		{"address refused", Gates{IPRefused: true, Link: LinkActive}, "plan.view", NotFound, Forbidden},
		{"second factor", Gates{SecondFactorOutstanding: true}, "plan.view", NotFound, Forbidden},
		{"viewing as", Gates{ViewingAs: true}, "plan.edit", Forbidden, Forbidden},
		{"in the bin", Gates{InBin: true}, "plan.view", NotFound, Conflict},
		{"in the bin by link", Gates{InBin: true, Link: LinkActive}, "plan.view", gone, gone},
		{"expired", Gates{Link: LinkExpired}, "plan.view", gone, gone},
		{"revoked", Gates{Link: LinkRevoked}, "plan.view", gone, gone},
		{"right ended", Gates{Link: LinkRightEnded}, "plan.view", gone, gone},
		{"consumed", Gates{Link: LinkConsumed}, "plan.view", Conflict, Conflict},
		{"wrong kind", Gates{Link: LinkWrongKind}, "plan.view", unknown, unknown},
		{"a state to come", Gates{Link: LinkRightEnded + 1}, "plan.view", unknown, unknown},
		{"new link while the old one works", Gates{Link: LinkActive}, "link.request_new", Conflict, Conflict},
		{"new link for a revoked one", Gates{Link: LinkRevoked}, "link.request_new", gone, gone},
	} {
		r := Request{Action: c.action, Subject: ExternalBasic, Facts: FactsOf(Lnk), Gates: c.gates}
		if got := Decide(r); got.Allowed || got.Deny != c.hidden {
			t.Errorf("%s, may not know: %+v, want %s", c.name, got, c.hidden)
		}
		r.MayKnow = true
		if got := Decide(r); got.Allowed || got.Deny != c.told {
			t.Errorf("%s, may know: %+v, want %s", c.name, got, c.told)
		}
	}
}

func TestAnAllowedAnswerIsNoRefusal(t *testing.T) {
	if got := ask("task.create", ExternalBasic, 0); !got.Allowed || got.Deny != NotDenied {
		t.Errorf("%+v", got)
	}
}
