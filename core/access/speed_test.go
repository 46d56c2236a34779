package access

import "testing"

var speedRequests = []Request{
	{Action: "task.view", Subject: Employee, Facts: FactsOf(Par)},
	{Action: "doc.update", Subject: ExternalAdvanced, Facts: FactsOf(Mem, Role, Vault), MayKnow: true},
	{Action: "task.comment", Subject: Owner, Gates: Gates{ViewingAs: true}},
	{Action: "delivery.view", Subject: TechnicalAdministrator, Gates: Gates{ViewingAs: true}},
	{Action: "plan.view", Addressee: ExternalBasic, Facts: FactsOf(Lnk), Gates: Gates{Link: LinkActive}},
	{Action: "no.such", Subject: Owner},
}

func TestDecideAllocatesNothing(t *testing.T) {
	for _, r := range speedRequests {
		if n := testing.AllocsPerRun(100, func() { _ = Decide(r) }); n != 0 {
			t.Errorf("%s, %s: %.0f allocations", r.Action, r.Subject, n)
		}
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, r := range speedRequests {
		b.Run(string(r.Action)+"/"+r.Subject.String(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = Decide(r)
			}
		})
	}
}
