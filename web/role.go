package web

import (
	"net/http"

	"planpost/core"
	"planpost/core/access"
)

// roleRoutes: what a member of staff may do.
var roleRoutes = []route{
	{"GET", "/people/{id}/role", "user.set_toggles", (*Site).role},
	{"POST", "/people/{id}/role", "user.edit", (*Site).setRole},
	{"POST", "/people/{id}/switches", "user.set_toggles", (*Site).setSwitches},
}

type roleView struct {
	Frame
	ID   core.ID
	Name string
	// Role is the code of the present one; Owner tells that it changes by a transfer only.
	Role             string
	Owner, MayRole   bool
	MayTransfer      bool
	Roles            []option
	Reach            []roleReach
	Switches         []switchRow
	Confirm, Private string // asked again about a private mailbox
}

// roleReach says in words what a role may do, as the permission table has it.
type roleReach struct {
	Role      string
	All, None []string // keys of areas
	Some      []areaReach
}

// areaReach is what a role may do in one area: always, when it is concerned, with a switch, and never; keys of actions.
type areaReach struct {
	Area                               string
	Always, Concerned, Switched, Never []string
}

type switchRow struct {
	Name    string
	On      bool
	Fixed   bool // only the owner turns it
	Default bool
	States  []option
	Opens   []string // keys of the actions
}

func (s *Site) role(w http.ResponseWriter, v *visit) error { return s.rolePage(w, v, nil) }

func (s *Site) rolePage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	p, err := s.core.Person(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if !p.Person.Staff() || p.Person.Status == core.Deleted {
		return core.Fail(core.NotFound, "not_found")
	}
	o := core.Object{Kind: "person", ID: id}
	if err := s.need(v, "user.set_toggles", o); err != nil {
		return err
	}
	role := string(p.Person.Role)
	view := roleView{Frame: s.frame(v, v.t("page.role")), ID: id, Name: p.Person.Name, Role: role, Owner: p.Person.Role == core.Owner, MayRole: s.may(v, "user.edit", o)}
	view.MayTransfer = view.Owner && s.may(v, "account.ownership.transfer", core.Object{})
	codes := []string{string(core.Manager), string(core.Employee), string(core.TechnicalAdministrator)}
	if s.may(v, "account.roles.appoint_admin", core.Object{}) || p.Person.Role == core.Administrator {
		codes = append([]string{string(core.Administrator)}, codes...)
	}
	view.Roles = options(v.locale, "role", role, codes...)
	if view.Owner {
		codes = []string{role}
	}
	for _, c := range codes {
		view.Reach = append(view.Reach, reachWords(core.Role(c)))
	}
	for _, sw := range core.SwitchesOf(&p.Person) {
		view.Switches = append(view.Switches, switchRow{sw.Name, sw.On, sw.OwnerOnly && v.actor.Person.Role != core.Owner, sw.Default,
			options(v.locale, "switchstate", string(sw.State), "default", "on", "off"), actionKeys(core.OpenedBy(sw.Name, p.Person.Role))})
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
		if core.CodeOf(wrong) == "role.freemail" {
			view.Confirm, view.Private = v.PostFormValue("role"), p.Person.Address().Domain
		}
	}
	return s.render(w, v, status, "role", view)
}

func reachWords(r core.Role) roleReach {
	out := roleReach{Role: string(r)}
	for _, a := range core.ReachOf(r) {
		key := "actiongroup." + a.Area
		switch {
		case a.All:
			out.All = append(out.All, key)
		case a.Some:
			out.Some = append(out.Some, areaWords(key, a.Deeds))
		default:
			out.None = append(out.None, key)
		}
	}
	return out
}

func areaWords(area string, deeds []core.ReachedDeed) areaReach {
	out := areaReach{Area: area}
	for _, d := range deeds {
		key := "action." + string(d.Action)
		switch {
		case d.Always:
			out.Always = append(out.Always, key)
		case d.Switched:
			out.Switched = append(out.Switched, key)
		case d.Some:
			out.Concerned = append(out.Concerned, key)
		default:
			out.Never = append(out.Never, key)
		}
	}
	return out
}

func actionKeys(list []access.Action) (keys []string) {
	for _, a := range list {
		keys = append(keys, "action."+string(a))
	}
	return keys
}

func (s *Site) setRole(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/people/", "role", func(id core.ID) error {
		return s.core.SetRole(v.Context(), v.actor, id, core.NewRole{Role: core.Role(v.PostFormValue("role")), Confirmed: v.PostFormValue("confirmed") == "1"})
	}, s.rolePage)
}

func (s *Site) setSwitches(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/people/", "switches", func(id core.ID) error {
		states := make(map[string]core.SwitchState)
		for _, name := range core.SwitchNames() {
			if state := v.PostFormValue("switch-" + name); state != "" {
				states[name] = core.SwitchState(state)
			}
		}
		return s.core.SetSwitches(v.Context(), v.actor, id, states)
	}, s.rolePage)
}
