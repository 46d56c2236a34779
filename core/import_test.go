package core_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"planpost/core"
)

// wide writes UTF-16, little or big end first, with its mark.
func wide(s string, big bool) []byte {
	var raw []byte
	for _, u := range append([]uint16{0xfeff}, utf16.Encode([]rune(s))...) {
		if big {
			raw = append(raw, byte(u>>8), byte(u))
		} else {
			raw = append(raw, byte(u), byte(u>>8))
		}
	}
	return raw
}

func TestContactImportReadsWhatSpreadsheetsWrite(t *testing.T) {
	each(t, func(h *house) {
		for name, raw := range map[string][]byte{
			"UTF-8, comma, English":       []byte("Name,E-mail,Company\n\"Müller, Jürgen\",j@new.test,Neu\n"),
			"UTF-8 with mark, semicolon":  []byte("\xef\xbb\xbfVorname;Nachname;E-Mail-Adresse\r\n\"Müller,\";Jürgen;j@new.test\r\n"),
			"Windows-1252, tab, French":   []byte("Nom complet\tAdresse e-mail\nM\xfcller, J\xfcrgen\tj@new.test\n"),
			"UTF-16 little, Bulgarian":    wide("Име;Имейл\nMüller, Jürgen;j@new.test\n", false),
			"UTF-16 big":                  wide("Име;Имейл\nMüller, Jürgen;j@new.test\n", true),
			"lone carriage returns, gaps": []byte("name,email\r\r\"Müller, Jürgen\",j@new.test\r\r"),
		} {
			p, err := h.c.PreviewImport(h.ctx, h.as(h.owner), core.Import{Kind: core.ImportContacts, Raw: raw})
			h.must(err)
			if len(p.Rows) != 1 || p.Rows[0].Name != "Müller, Jürgen" || p.Rows[0].Address != "j@new.test" || p.Rows[0].State != core.ImportNew {
				t.Errorf("%s: %+v", name, p.Rows)
			}
		}
	})
}

func TestContactImportTellsEachLineAndWritesOnlyWhenConfirmed(t *testing.T) {
	each(t, func(h *house) {
		n := core.Import{Kind: core.ImportContacts, Raw: []byte("name,mail,company,language,phone\nAnna,anna@new.test,client,German,\nKlara,KLARA@client.test,,,\nTwin,anna@new.test,,,\nBad,nowhere,,,\nTongue,t@new.test,,Klingon,\nTel,u@new.test,,,call\nBea,bea@new.test,Brand New,,+43 1\n")}
		owner := h.as(h.owner)
		p, err := h.c.PreviewImport(h.ctx, owner, n)
		h.must(err)
		var states []string
		for _, r := range p.Rows {
			s := string(r.State)
			if r.Problem != nil {
				s += ":" + r.Problem.Code
			}
			states = append(states, fmt.Sprint(r.Line, s))
		}
		if got := strings.Join(states, " "); got != "2new 3known 4twice 5wrong:address 6wrong:import.language 7wrong:person.phone 8new" {
			t.Errorf("lines: %s", got)
		}
		if people, err := h.c.People(h.ctx, owner, core.PersonFilter{Query: "Anna"}); err != nil || len(people) != 0 {
			t.Errorf("the preview wrote: %v, %v", people, err)
		}
		before, err := h.c.Deliveries(h.ctx, owner, core.DeliveryFilter{})
		h.must(err)
		_, err = h.c.ImportPeople(h.ctx, owner, n)
		h.must(err)
		people, err := h.c.People(h.ctx, owner, core.PersonFilter{Query: "Anna"})
		h.must(err)
		if len(people) != 1 || people[0].Company != h.client.ID || people[0].Locale != "de" || people[0].Kind != core.ContactKind {
			t.Errorf("Anna is %+v", people)
		}
		after, err := h.c.Deliveries(h.ctx, owner, core.DeliveryFilter{})
		h.must(err)
		if len(after) != len(before) {
			t.Error("somebody is mailed")
		}
		if p, err = h.c.ImportPeople(h.ctx, owner, n); err != nil || p.Count(core.ImportNew) != 0 {
			t.Errorf("twice: %+v, %v", p, err)
		}
	})
}

func TestU1ImportedStaffArePendingAndNotMailed(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		p, err := h.c.ImportPeople(h.ctx, owner, core.Import{Kind: core.ImportStaff, Raw: []byte("name,mail,role\nNora,nora@holzbau.test,manager\nAdam,adam@holzbau.test,admin\n")})
		h.must(err)
		if p.Rows[1].State != core.ImportWrong || p.Rows[1].Problem.Code != "import.role" {
			t.Errorf("an administrator by a table: %+v", p.Rows[1])
		}
		people, err := h.c.People(h.ctx, owner, core.PersonFilter{Query: "Nora"})
		h.must(err)
		if len(people) != 1 || people[0].Status != core.Pending || people[0].Role != core.Manager {
			t.Fatalf("Nora is %+v", people)
		}
		list, err := h.c.Deliveries(h.ctx, owner, core.DeliveryFilter{Person: people[0].ID})
		h.must(err)
		if len(list) != 0 {
			t.Error("Nora is mailed")
		}
		if _, err := h.c.ImportPeople(h.ctx, h.as(h.eve), core.Import{Kind: core.ImportStaff, Raw: []byte("mail\nx@holzbau.test\n")}); core.KindOf(err) != core.Forbidden {
			t.Errorf("by an employee: %v", err)
		}
	})
}

func TestImportedParticipantsJoinTheProject(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		n := core.Import{Kind: core.ImportParticipants, Project: h.project.ID, Raw: []byte("name,mail\nNina,nina@new.test\nSub,sub@other.test\n")}
		p, err := h.c.ImportPeople(h.ctx, owner, n)
		h.must(err)
		if p.Count(core.ImportNew) != 1 || p.Count(core.ImportJoins) != 1 {
			t.Errorf("lines %+v", p.Rows)
		}
		if p, err = h.c.PreviewImport(h.ctx, owner, n); err != nil || p.Count(core.ImportKnown) != 2 {
			t.Errorf("afterwards %+v, %v", p.Rows, err)
		}
		n.Project = core.NewID()
		if _, err := h.c.PreviewImport(h.ctx, owner, n); core.KindOf(err) != core.NotFound {
			t.Errorf("a project elsewhere: %v", err)
		}
	})
}

func TestContactImportHasBounds(t *testing.T) {
	each(t, func(h *house) {
		owner := h.as(h.owner)
		for want, raw := range map[string]string{"import.empty": "mail\n", "import.no_address": "name,street\nA,B\n", "import.too_many": "mail\n" + strings.Repeat("a@b.test\n", core.ImportLines+1),
			"import.too_large": strings.Repeat("x", 4<<20)} {
			if _, err := h.c.PreviewImport(h.ctx, owner, core.Import{Kind: core.ImportContacts, Raw: []byte(raw)}); core.CodeOf(err) != want {
				t.Errorf("want %s: %v", want, err)
			}
		}
		var b strings.Builder
		b.WriteString("name,mail\n")
		for i := range core.ImportLines {
			fmt.Fprintf(&b, "Person %d,p%d@many.test\n", i, i)
		}
		p, err := h.c.ImportPeople(h.ctx, owner, core.Import{Kind: core.ImportContacts, Raw: []byte(b.String())})
		h.must(err)
		if p.Count(core.ImportNew) != core.ImportLines {
			t.Errorf("%d came in", p.Count(core.ImportNew))
		}
	})
}
