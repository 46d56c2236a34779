package core_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// cautions are those of the comment form, by name of the person.
func (h *house) cautions(who core.Person) map[string][]core.Caution {
	all := map[string][]core.Caution{}
	for _, r := range h.view(who).Tell {
		all[r.Person.Name] = r.Cautions
	}
	return all
}

func (h *house) warns(what string, got []core.Caution, want ...core.Caution) {
	h.t.Helper()
	if len(got) != len(want) {
		h.t.Fatalf("%s: %+v", what, got)
	}
	for i := range want {
		if got[i] != want[i] {
			h.t.Errorf("%s: %+v, not %+v", what, got[i], want[i])
		}
	}
}

func TestWhoWritesToOutsideIsWarnedOfNewAlikeAndForeignAddresses(t *testing.T) {
	each(t, func(h *house) {
		first := func(address string) core.Caution { return core.Caution{Kind: core.CautionFirst, Address: address} }
		foreign := core.Caution{Kind: core.CautionCompany, Address: "sub@other.test", Company: "Other", Counterparty: "Client"}
		got := h.cautions(h.eve)
		h.warns("somebody new", got["Klara"], first("klara@client.test"))
		h.warns("another company", got["Sub"], foreign, first("sub@other.test"))
		h.warns("somebody inside", got["Olga"])
		for name, list := range h.cautions(h.dashboard(h.klara)) { // from outside nothing is told of others
			h.warns(name+" for Klara", list)
		}

		twin := h.contact("Klara K.", "klara@c1ient.test", "")
		h.must(h.c.SetPeopleAndDates(h.ctx, h.as(h.owner), h.task.ID, core.TaskPeople{Assignee: h.eve.ID, Participants: []core.ID{h.klara.ID, h.karl.ID, h.sub.ID, twin.ID}}))
		h.tell("a plan", h.klara, h.karl, h.sub, twin)
		h.letters()
		alike := core.Caution{Kind: core.CautionAlike, Address: "klara@c1ient.test", LikeName: "Klara", LikeAddress: "klara@client.test"}
		strange := core.Caution{Kind: core.CautionCompany, Address: "klara@c1ient.test", Company: "c1ient.test", Counterparty: "Client"}
		got = h.cautions(h.eve)
		h.warns("written to", got["Klara"])
		h.warns("written to, of the same firm", got["Karl"])
		h.warns("another company, written to", got["Sub"], foreign)
		h.warns("who writes under another's name, once answered", got["Klara K."], alike, strange)

		h.pass(31 * 24 * time.Hour)
		h.warns("known for a month", h.cautions(h.eve)["Klara K."])
	})
}

func TestWhoBringsPeopleIntoATaskIsWarnedBeforeTheyAreWrittenTo(t *testing.T) {
	each(t, func(h *house) {
		twin := h.contact("Klara K.", "klara@c1ient.test", "")
		ask := func(p core.Person, task core.ID, people ...core.ID) string {
			h.t.Helper()
			list, err := h.c.TaskCautions(h.ctx, h.as(p), task, core.NewTask{Title: "A task", Project: h.project.ID, Participants: people}, people)
			h.must(err)
			var b strings.Builder
			for _, d := range list {
				fmt.Fprintf(&b, "%s:", d.Person.Name)
				for _, c := range d.Cautions {
					fmt.Fprintf(&b, " %s", c.Kind)
				}
				b.WriteString("; ")
			}
			return b.String()
		}
		is := func(what, got, want string) {
			h.t.Helper()
			if got != want {
				h.t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		is("a new task", ask(h.owner, "", h.eve.ID, h.klara.ID, twin.ID), "Klara: first; Klara K.: alike company first; ")
		is("who takes part already", ask(h.owner, h.task.ID, h.klara.ID), "")
		is("who is added", ask(h.owner, h.task.ID, h.klara.ID, twin.ID), "Klara K.: alike company first; ")
		is("from outside nothing is told of others", ask(h.klara, "", twin.ID), "")
		h.tell("a plan", h.klara)
		h.letters()
		is("written to", ask(h.owner, "", h.klara.ID), "")

		_, err := h.c.TaskCautions(h.ctx, h.as(h.owner), core.NewID(), core.NewTask{}, []core.ID{twin.ID})
		h.wants(err, core.NotFound, "")
		_, err = h.c.TaskCautions(h.ctx, h.as(h.owner), "", core.NewTask{}, []core.ID{twin.ID})
		h.wants(err, core.Invalid, "task.title")
	})
}

func TestWhoInvitesIsWarnedBeforeTheAddressIsWrittenTo(t *testing.T) {
	each(t, func(h *house) {
		ask := func(p core.Person, n core.NewParticipant) []core.Caution {
			h.t.Helper()
			list, err := h.c.InviteCautions(h.ctx, h.as(p), h.project.ID, n)
			h.must(err)
			return list
		}
		kinds := func(what string, list []core.Caution, want ...core.CautionKind) {
			h.t.Helper()
			for i := range list {
				if len(list) != len(want) || list[i].Kind != want[i] {
					h.t.Fatalf("%s: %+v", what, list)
				}
			}
			if len(list) != len(want) {
				h.t.Fatalf("%s: %+v", what, list)
			}
		}
		h.contact("Anna Bauer", "anna.bauer@gmail.com", "")
		for address, want := range map[string][]core.CautionKind{
			"new@client.test":           {core.CautionFirst},
			"new@nord.test":             {core.CautionCompany, core.CautionFirst},
			"new@client.example":        {core.CautionAlike, core.CautionCompany, core.CautionFirst},
			"new@сlient.test":           {core.CautionAlike, core.CautionCompany, core.CautionFirst}, // Cyrillic
			"new@ho1zbau.test":          {core.CautionAlike, core.CautionCompany, core.CautionFirst}, // the house's own
			"k1ara@client.test":         {core.CautionAlike, core.CautionFirst},
			"anna.bauer1@gmail.com":     {core.CautionAlike, core.CautionCompany, core.CautionFirst},
			"anna.bauer@googlemail.com": {core.CautionCompany, core.CautionFirst},
		} {
			kinds(address, ask(h.owner, core.NewParticipant{Address: address}), want...)
		}
		kinds("an address inside", ask(h.owner, core.NewParticipant{Address: "eve@holzbau.test"}))
		kinds("a contact", ask(h.owner, core.NewParticipant{Person: h.sub.ID}), core.CautionCompany, core.CautionFirst)
		h.tell("a plan", h.sub)
		h.letters()
		kinds("a contact written to", ask(h.owner, core.NewParticipant{Address: "Sub@Other.test"}), core.CautionCompany)

		_, err := h.c.InviteCautions(h.ctx, h.as(h.eve), h.project.ID, core.NewParticipant{Address: "new@nord.test"})
		h.wants(err, core.Forbidden, "")
		_, err = h.c.InviteCautions(h.ctx, h.as(h.owner), h.project.ID, core.NewParticipant{Address: "no address"})
		h.wants(err, core.Invalid, "address")
	})
}
