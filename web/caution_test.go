package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// mailbox gives who is made an address.
func mailbox(t *testing.T, address string) func(*core.Person) {
	return func(p *core.Person) {
		a, err := mail.ParseMailbox(address)
		must(t, err)
		p.Addresses[0].Given, p.Addresses[0].Norm = a, a.Norm()
	}
}

// A page without script: the words stand beside the tick, and who can be taken for another is ticked by hand.
func TestTheCommentFormSaysBesideATickWhatToLookAtTwice(t *testing.T) {
	s := newScene(t)
	karin := s.person("Karin", contact(core.NoAccess, s.firm.ID), mailbox(t, "karin@glasbau.example"))
	twin := s.person("Karin G.", contact(core.NoAccess, ""), mailbox(t, "karin@g1asbau.example"))
	task := s.place.task("Panes", with(karin, core.Participate), with(twin, core.Participate), func(n *core.Task) { n.Counterparty = s.firm.ID })
	words := func(kind core.CautionKind, address string) string {
		return templates.Coded("en", "caution", string(kind), "address", address, "like", "Karin", "likeaddress", "karin@glasbau.example", "company", "g1asbau.example", "counterparty", "Glasbau KG")
	}
	b := s.as(s.owner)
	page := b.wants(b.get(taskURL(task.Number)), http.StatusOK, words(core.CautionFirst, "karin@glasbau.example"),
		words(core.CautionAlike, "karin@g1asbau.example"), words(core.CautionCompany, "karin@g1asbau.example")).body
	for id, want := range map[core.ID]bool{karin.ID: true, twin.ID: false} {
		tick := regexp.MustCompile(`<input type="checkbox" name="tell" value="` + string(id) + `"[^>]*>`).FindString(page)
		if strings.Contains(tick, " checked") != want || !strings.Contains(tick, `aria-describedby="look-`+string(id)+`"`) {
			t.Errorf("the tick is %q", tick)
		}
	}
}

func TestTheInviteFormSaysWhatToLookAtTwiceBeforeItInvites(t *testing.T) {
	s := newScene(t)
	s.person("Karin", contact(core.NoAccess, s.firm.ID), mailbox(t, "karin@glasbau.example"))
	b := s.as(s.owner)
	form := "/projects/" + string(s.task.Project) + "/invite?address="
	look := templates.T("en", "caution.look")
	b.wants(b.get(form+url.QueryEscape("karin@g1asbau.example")), http.StatusOK, look, "looks like karin@glasbau.example of Karin", templates.T("en", "project.invite.do"))
	if page := b.wants(b.get(form+url.QueryEscape(s.anna.Addresses[0].Norm)), http.StatusOK).body; strings.Contains(page, look) {
		t.Error("a colleague is warned of")
	}
}
