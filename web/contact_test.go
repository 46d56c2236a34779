package web

import (
	"net/http"
	"strings"
	"testing"

	"planpost/core"
)

func TestX8AnUntickedAdvancedAccessLeavesTheDashboard(t *testing.T) {
	p := newPlace(t)
	bea := p.person("Bea", contact(core.BasicAccess, ""))
	b := p.as(p.owner)
	url := "/people/" + string(bea.ID)
	level := func() string {
		q, err := p.core.Person(t.Context(), p.actor(p.owner), bea.ID)
		must(t, err)
		return q.Person.Access
	}
	if page := b.get(url); !strings.Contains(page.body, `name="dashboard" value="1" checked`) {
		t.Fatalf("the dashboard is not ticked: %d", page.status)
	}
	for _, step := range []struct {
		form []string
		want string
	}{{[]string{"dashboard", "1"}, core.BasicAccess}, {[]string{"dashboard", "1", "advanced", "1"}, core.AdvancedAccess},
		{[]string{"dashboard", "1"}, core.BasicAccess}, {nil, core.NoAccess}} {
		if a := b.post(url+"/guest", step.form...); a.status != http.StatusSeeOther {
			t.Fatalf("%v: %d", step.form, a.status)
		}
		if got := level(); got != step.want {
			t.Errorf("after %v the access is %s, want %s", step.form, got, step.want)
		}
	}
}
