package web

import (
	"net/http"

	"planpost/core"
	"planpost/core/access"
)

func actionOf(name string) access.Action { return access.Action(name) }

// can is rights by name, as templates look them up.
func can(r core.Rights) map[string]bool {
	m := make(map[string]bool, len(r))
	for action, ok := range r {
		m[string(action)] = ok
	}
	return m
}

type participantsView struct {
	Frame
	Project core.Project
	Blocked bool
	Items   []participantRow
	Can     map[string]bool
}

type participantRow struct {
	Person                   card
	URL                      string
	Owner                    bool
	Admin, Auditor, Approves bool
	TradeRole                string
	Place                    core.Participant
}

func (s *Site) participants(w http.ResponseWriter, v *visit) error {
	return s.participantsPage(w, v, false, nil)
}

func (s *Site) blockedParticipants(w http.ResponseWriter, v *visit) error {
	return s.participantsPage(w, v, true, nil)
}

func (s *Site) participantsPage(w http.ResponseWriter, v *visit, blocked bool, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	j, list, may, err := s.core.Participants(v.Context(), v.actor, id, blocked)
	if err != nil {
		return err
	}
	view := participantsView{Frame: s.frame(v, v.t("project.participants")), Project: j, Blocked: blocked, Can: can(may)}
	for i := range list {
		m := &list[i]
		view.Items = append(view.Items, participantRow{Person: cardOf(v, &m.Of), URL: placeURL(id, m.Person), Owner: m.Person == j.Owner,
			Admin: m.Admin, Auditor: m.Auditor, Approves: m.Approves, TradeRole: m.TradeRole, Place: m.Participant})
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "participants", view)
}

func placeURL(project, person core.ID) string {
	return "/projects/" + string(project) + "/participants/" + string(person)
}

type bringInView struct {
	Frame
	Project                               core.Project
	Everyone, Languages                   []option
	Chosen                                core.ID
	Address, Name, TradeRole              string
	Admin, Auditor, Approves, Login       bool
	MayAdmin, MayAuditor, MayLogin        bool
	Asked                                 bool
	Sight                                 core.Sight
	Cautions                              []core.Caution
	Locale                                string
	MayRole, MayApprove, WantsPerson, New bool
}

// invitePage is the form, and with an address or a person in it a look at what
// that person would see. Nothing is done before the second form is sent.
func (s *Site) invitePage(w http.ResponseWriter, v *visit) error { return s.inviteForm(w, v, nil) }

func (s *Site) inviteForm(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	o := core.Object{Kind: "project", ID: id}
	if err := s.need(v, "participant.invite", o); err != nil {
		return err
	}
	p, err := s.core.Project(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	_ = v.ParseForm()
	view := bringInView{Frame: s.frame(v, v.t("project.invite")), Project: p.Project, Address: v.FormValue("address"), Name: v.FormValue("name"), TradeRole: v.FormValue("role"), Locale: v.FormValue("locale"),
		Admin: v.FormValue("admin") != "", Auditor: v.FormValue("auditor") != "", Approves: v.FormValue("approves") != "", Login: v.FormValue("login") != "",
		MayAdmin: p.May["participant.set_admin"], MayLogin: s.may(v, "contact.grant_access", core.Object{}), MayRole: true, MayApprove: true}
	view.MayAuditor = view.MayAdmin && v.staff()
	view.Chosen, _ = core.ParseID(v.FormValue("person"))
	people, err := s.choosable(v)
	if err != nil {
		return err
	}
	view.Everyone = personOptions(people, view.Chosen)
	view.Languages = v.languages(view.Locale)
	status := http.StatusOK
	if wrong == nil && (view.Chosen != "" || view.Address != "") {
		n := v.newParticipant()
		if view.Sight, wrong = s.core.PreviewParticipant(v.Context(), v.actor, id, n); wrong == nil {
			view.Cautions, wrong = s.core.InviteCautions(v.Context(), v.actor, id, n)
		}
		view.Asked = wrong == nil
		if wrong != nil && !mendable(wrong) {
			return wrong
		}
	}
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "invite", view)
}

// newParticipant reads the form, from the address or the body.
func (v *visit) newParticipant() core.NewParticipant {
	n := core.NewParticipant{Address: v.FormValue("address"), Name: v.FormValue("name"), Locale: v.FormValue("locale"), Login: v.FormValue("login") != ""}
	n.Person, _ = core.ParseID(v.FormValue("person"))
	flag := func(name string, field **bool) {
		if v.FormValue(name) != "" {
			on := true
			*field = &on
		}
	}
	flag("admin", &n.Admin)
	flag("auditor", &n.Auditor)
	flag("approves", &n.Approves)
	if role := v.FormValue("role"); role != "" {
		n.TradeRole = &role
	}
	return n
}

func (s *Site) addParticipant(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/projects/", "participant", func(id core.ID) error {
		_, err := s.core.InviteParticipant(v.Context(), v.actor, id, v.newParticipant())
		return err
	}, s.inviteForm)
}

type placeView struct {
	Frame
	core.PlaceView
	Card                                  card
	CanAdmin, CanAuditor, CanRole, CanAsk bool
	CanBlock, CanUnblock, CanRemove       bool
	Blocks                                []core.Block
}

func (s *Site) place(w http.ResponseWriter, v *visit) error { return s.placePage(w, v, nil) }

func (s *Site) placePage(w http.ResponseWriter, v *visit, wrong error) error {
	project, person, err := v.placeIDs()
	if err != nil {
		return err
	}
	p, err := s.core.Place(v.Context(), v.actor, project, person)
	if err != nil {
		return err
	}
	here, blocked := !p.Place.Guest, !p.Place.BlockedAt.IsZero()
	view := placeView{Frame: s.frame(v, p.Person.Name), PlaceView: p, Card: cardOf(v, &p.Person), Blocks: p.Blocks,
		CanAdmin: p.May["participant.set_admin"] && here && !p.Owner, CanAuditor: p.May["project.set_auditor"] && here,
		CanRole: p.May["participant.set_role"], CanAsk: p.May["participant.grant_approval"] && here,
		CanBlock: p.May["participant.block"] && !blocked, CanUnblock: p.May["participant.unblock"] && blocked,
		CanRemove: p.May["participant.invite"] && here && !blocked && !p.Owner}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "place", view)
}

func (v *visit) placeIDs() (project, person core.ID, err error) { return v.two("id", "person") }

// atPlace does one thing to a place and shows its page afterwards, or where that leads.
func (s *Site) atPlace(w http.ResponseWriter, v *visit, done string, do func(project, person core.ID) (string, error)) error {
	if err := v.parse(); err != nil {
		return err
	}
	project, person, err := v.placeIDs()
	if err != nil {
		return err
	}
	to, err := do(project, person)
	switch {
	case err == nil:
		return redirect(w, v, to, done, "")
	case mendable(err):
		return s.placePage(w, v, err)
	}
	return err
}

// setPlace changes the fields that the form names in "fields"; a tick that is not there is off.
func (s *Site) setPlace(w http.ResponseWriter, v *visit) error {
	return s.atPlace(w, v, "place", func(project, person core.ID) (string, error) {
		var e core.PlaceEdit
		for _, name := range v.PostForm["fields"] {
			on := v.PostFormValue(name) != ""
			switch name {
			case "admin":
				e.Admin = &on
			case "auditor":
				e.Auditor = &on
			case "approves":
				e.Approves = &on
			case "role":
				role := v.PostFormValue("role")
				e.TradeRole = &role
			}
		}
		return placeURL(project, person), s.core.EditPlace(v.Context(), v.actor, project, person, e)
	})
}

func (s *Site) unblockPlace(w http.ResponseWriter, v *visit) error {
	return s.atPlace(w, v, "unblocked", func(project, person core.ID) (string, error) {
		return "/projects/" + string(project) + "/blocked", s.core.UnblockParticipant(v.Context(), v.actor, project, person)
	})
}

func (s *Site) removePlace(w http.ResponseWriter, v *visit) error {
	return s.atPlace(w, v, "removed", func(project, person core.ID) (string, error) {
		return "/projects/" + string(project) + "/participants", s.core.RemoveParticipant(v.Context(), v.actor, project, person)
	})
}

func (s *Site) leaveProject(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.core.LeaveProject(v.Context(), v.actor, id); err != nil {
		return err
	}
	return redirect(w, v, "/projects", "left", "")
}
