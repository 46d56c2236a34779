package web

import (
	"net/http"
	"strings"

	"planpost/core"
)

// rhythmView is when mail about work comes to somebody inside.
type rhythmView struct {
	Inside, Stopped    bool
	Digests, Days      []option
	From, Until, Clock string
}

// weekdays are the seven to choose from, Monday is 1; chosen are the numbers of those that are.
func weekdays(v *visit, chosen string) (list []option) {
	for d := '1'; d <= '7'; d++ {
		list = append(list, option{string(d), v.t("weekday." + string(d)), strings.ContainsRune(chosen, d)})
	}
	return list
}

func (s *Site) rhythmView(v *visit, p *core.Person, typed *core.Rhythm) (r rhythmView, err error) {
	if !p.Staff() {
		return r, nil
	}
	now, stopped, err := s.core.RhythmOf(v.Context(), v.actor, p.ID)
	if typed != nil {
		now = *typed
	}
	r = rhythmView{Inside: true, Stopped: stopped, From: now.From, Until: now.Until, Clock: p.Zone}
	if r.Clock == "" {
		r.Clock = v.actor.Account.Zone
	}
	for _, d := range core.Digests {
		r.Digests = append(r.Digests, option{string(d), v.t("rhythm.digest." + string(d)), d == now.Digest})
	}
	r.Days = weekdays(v, now.Days)
	return r, err
}

// notifURL is the page of a person's notifications.
func notifURL(v *visit, person core.ID) string {
	if person == v.actor.Person.ID {
		return "/me/notifications"
	}
	return "/people/" + string(person) + "/notifications"
}

func (s *Site) setOwnRhythm(w http.ResponseWriter, v *visit) error {
	return s.keepRhythm(w, v, v.actor.Person.ID)
}

func (s *Site) setRhythm(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.keepRhythm(w, v, id)
}

func (s *Site) keepRhythm(w http.ResponseWriter, v *visit, person core.ID) error {
	if err := v.parse(); err != nil {
		return err
	}
	r := core.Rhythm{Person: person, Digest: core.Digest(v.PostFormValue("digest")), Days: strings.Join(v.PostForm["day"], ""),
		From: v.PostFormValue("from"), Until: v.PostFormValue("until")}
	if err := s.core.SetRhythm(v.Context(), v.actor, r); err != nil {
		if !mendable(err) {
			return err
		}
		return s.notifPage(w, v, person, &r, err)
	}
	return redirect(w, v, notifURL(v, person), "notif", "")
}

func (s *Site) resumeOwnDigest(w http.ResponseWriter, v *visit) error {
	return s.digestAgain(w, v, v.actor.Person.ID)
}

func (s *Site) resumeDigest(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.digestAgain(w, v, id)
}

func (s *Site) digestAgain(w http.ResponseWriter, v *visit, person core.ID) error {
	if err := s.core.ResumeDigest(v.Context(), v.actor, person); err != nil {
		if !mendable(err) {
			return err
		}
		return s.notifPage(w, v, person, nil, err)
	}
	return redirect(w, v, notifURL(v, person), "notif", "")
}
