package web

import (
	"net/http"
	"time"

	"planpost/core"
)

// invitedView is how it stands with somebody's invitation, shown on the card and in the list.
type invitedView struct {
	Person core.ID
	// Mail is queued, deferred, sent or bounced; empty before any was owed. State is that of the link.
	Mail, State       string
	MailedAt, Expires time.Time
	Zone              *time.Location
	May               bool
}

// guestView is the block "Settings and guest access" of a contact's card.
type guestView struct {
	Person              core.ID
	Dashboard, Advanced bool
	Login               string
}

// invites gives the invitations of those among people who have no password yet.
func (s *Site) invites(v *visit, people []core.Person) (map[core.ID]*invitedView, error) {
	all, err := s.core.Invitations(v.Context(), v.actor, people)
	views := make(map[core.ID]*invitedView, len(all))
	for id, i := range all {
		views[id] = &invitedView{Person: id, Mail: i.Mail, State: string(i.State), MailedAt: i.MailedAt, Expires: i.Expires, Zone: v.zone}
	}
	return views, err
}

// guestOf is the block for who may grant or take access; nil for others.
func (s *Site) guestOf(v *visit, p *core.Person) *guestView {
	o := core.Object{Kind: "person", ID: p.ID}
	if p.Kind != core.ContactKind || !s.may(v, "contact.grant_access", o) {
		return nil
	}
	advanced := p.Access == core.AdvancedAccess
	return &guestView{Person: p.ID, Dashboard: advanced || p.Access == core.BasicAccess, Advanced: advanced, Login: p.Address().Mailbox()}
}

func (s *Site) inviteAgain(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/people/", "invited", func(id core.ID) error {
		return s.core.Invite(v.Context(), v.actor, id, v.PostFormValue("fresh") != "")
	}, s.personPage)
}

// accessLevel reads the two ticks of the block; the advanced one has the other in it.
func (v *visit) accessLevel() string {
	switch {
	case v.PostFormValue("advanced") != "":
		return core.AdvancedAccess
	case v.PostFormValue("dashboard") != "":
		return core.BasicAccess
	}
	return core.NoAccess
}

// guestSight is what a contact sees with an access that nobody has given yet (X24).
type guestSight struct {
	Frame
	ID                  core.ID
	Name, Access        string
	Sight               core.AccessSight
	Dashboard, Advanced bool
}

// lookAtGuest shows what the access in the form would show, and saves nothing.
func (s *Site) lookAtGuest(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	level := v.accessLevel()
	sight, err := s.core.PreviewAccess(v.Context(), v.actor, id, level)
	if err != nil {
		return err
	}
	view := guestSight{Frame: s.frame(v, v.t("guest.look")), ID: id, Name: sight.Person.Name, Access: level, Sight: sight,
		Dashboard: v.PostFormValue("dashboard") != "", Advanced: level == core.AdvancedAccess}
	return s.render(w, v, http.StatusOK, "guestsight", view)
}

func (s *Site) setGuest(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if v.PostFormValue("look") != "" {
		return s.lookAtGuest(w, v)
	}
	return act(w, v, "/people/", "access", func(id core.ID) error {
		return s.core.SetAccess(v.Context(), v.actor, id, v.accessLevel())
	}, s.personPage)
}
