package web

import (
	"net/http"

	"planpost/core"
)

// uninvitedRoutes: those who were brought in and wait for an invitation.
var uninvitedRoutes = []route{
	{"GET", "/people/invite", "user.invite", (*Site).uninvited},
	{"POST", "/people/invite", "user.invite", (*Site).inviteAll},
}

type uninvitedView struct {
	Frame
	Items []uninvitedRow
	More  bool
}

type uninvitedRow struct{ ID, Name, Address, Role string }

func (s *Site) uninvited(w http.ResponseWriter, v *visit) error { return s.uninvitedPage(w, v, nil) }

func (s *Site) uninvitedPage(w http.ResponseWriter, v *visit, wrong error) error {
	people, more, err := s.core.Uninvited(v.Context(), v.actor)
	if err != nil {
		return err
	}
	view := uninvitedView{Frame: s.frame(v, v.t("uninvited.title")), More: more}
	for i := range people {
		p := &people[i]
		view.Items = append(view.Items, uninvitedRow{string(p.ID), p.Name, p.Address().Mailbox(), string(p.Role)})
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "uninvited", view)
}

// inviteAll mails those chosen; who is left over by the limit stays on the page.
func (s *Site) inviteAll(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	_, err := s.core.InviteAll(v.Context(), v.actor, ids(v.PostForm["chosen"]))
	switch {
	case err == nil:
		return redirect(w, v, "/people/invite", "invitedall", "")
	case mendable(err):
		return s.uninvitedPage(w, v, err)
	}
	return err
}

// waiting counts those who could be invited, for the page of people; 0 for who may not.
func (s *Site) waiting(v *visit) (int, error) {
	people, _, err := s.core.Uninvited(v.Context(), v.actor)
	if k := core.KindOf(err); k == core.Forbidden || k == core.NotFound {
		return 0, nil
	}
	return len(people), err
}
