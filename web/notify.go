package web

import (
	"net/http"
	"slices"

	"planpost/core"
	"planpost/templates"
)

// notifyRoutes: what people are told, and what they want to be told.
var notifyRoutes = []route{
	{"GET", "/notifications", "notif.edit", (*Site).notes},
	{"GET", "/notifications/bell", "notif.edit", (*Site).bell},
	{"POST", "/notifications/read", "notif.edit", (*Site).readNotes},
	{"GET", "/me/notifications", "notif.edit", (*Site).ownNotif},
	{"POST", "/me/notifications", "notif.edit", (*Site).setOwnNotif},
	{"POST", "/me/notifications/rhythm", "notif.edit", (*Site).setOwnRhythm},
	{"POST", "/me/notifications/digest", "notif.edit", (*Site).resumeOwnDigest},
	{"POST", "/people/{id}/notifications/rhythm", "notif.edit", (*Site).setRhythm},
	{"POST", "/people/{id}/notifications/digest", "notif.edit", (*Site).resumeDigest},
	{"GET", "/people/{id}/notifications", "notif.edit", (*Site).notif},
	{"POST", "/people/{id}/notifications", "notif.edit", (*Site).setNotif},
	{"POST", "/me/mutes", "notif.mute", (*Site).unmute},
	{"POST", "/tasks/{number}/mute", "notif.mute", (*Site).muteTask},
	{"POST", "/projects/{id}/mute", "notif.mute", (*Site).muteProject},
	{"POST", "/t/{token}/mute", "notif.mute", byLink((*Site).muteThread)},
	{"POST", "/c/{number}/mute", "notif.mute", byCode((*Site).muteTask)},
}

// notesView is the list of one's notifications.
type notesView struct {
	Frame
	Items []noteRow
	// Newest is the first one shown: what comes while the page is read stays unread.
	Newest              core.ID
	OnlyUnread, AnyOpen bool
	NextURL             string
}

// noteRow is one notification.
type noteRow struct {
	core.Note
	// Text is what happened, URL where it did.
	Text, URL string
	New       bool
}

func (s *Site) notes(w http.ResponseWriter, v *visit) error {
	f := core.NoteFilter{Unread: v.URL.Query().Get("show") == "unread", Before: v.asked("before"), Limit: page}
	list, more, err := s.core.Notes(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := notesView{Frame: s.frame(v, v.t("page.notifications")), OnlyUnread: f.Unread}
	for i := range list {
		row := noteRowOf(v, &list[i])
		view.AnyOpen = view.AnyOpen || row.New
		view.Items = append(view.Items, row)
	}
	if len(list) > 0 {
		view.Newest = list[0].ID
	}
	if more {
		q := v.URL.Query()
		q.Set("before", string(list[len(list)-1].ID))
		view.NextURL = "/notifications?" + q.Encode()
	}
	return s.render(w, v, http.StatusOK, "notes", view)
}

func noteRowOf(v *visit, n *core.Note) noteRow {
	key := "note." + string(n.Event)
	if n.Who != "" && templates.Has(key+".who") {
		key += ".who"
	}
	r := noteRow{Note: *n, Text: templates.T(v.locale, key, "who", n.Who), New: n.ReadAt.IsZero()}
	switch {
	case n.Receipt != "":
		r.URL = "/messages/" + string(n.Receipt)
	case n.Number > 0 && n.Comment != "":
		r.URL = taskURL(n.Number) + "#c-" + string(n.Comment)
	case n.Number > 0:
		r.URL = taskURL(n.Number)
	}
	return r
}

// bellView is the bell alone, fetched again when something was told.
type bellView struct{ Frame }

func (s *Site) bell(w http.ResponseWriter, v *visit) error {
	return s.render(w, v, http.StatusOK, "bell", bellView{s.frame(v, v.t("page.notifications"))})
}

// readNotes marks one notification, or all up to the newest that was shown.
func (s *Site) readNotes(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	newest, some := v.one("newest"), ids(v.PostForm["notice"])
	if newest == "" && len(some) == 0 {
		return core.Fail(core.Invalid, "form")
	}
	if err := s.core.ReadNotes(v.Context(), v.actor, some, newest); err != nil {
		return err
	}
	return redirect(w, v, "/notifications", "read", "")
}

// notifView is somebody's table of events and channels.
type notifView struct {
	Frame
	// Own tells that it is the reader's; else ID and Name are whose it is.
	Own   bool
	ID    core.ID
	Name  string
	URL   string
	Rows  []notifRow
	Later []notifRow
	Mutes []muteRow
	rhythmView
}

// notifRow is one event; Mail and Page are its switches.
type notifRow struct {
	core.NotifRow
	Mail, Page bool
}

// muteRow is one thing that is muted.
type muteRow struct {
	Name, URL, Kind string
	ID              core.ID
}

func (s *Site) ownNotif(w http.ResponseWriter, v *visit) error {
	return s.notifPage(w, v, v.actor.Person.ID, nil, nil)
}

func (s *Site) notif(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.notifPage(w, v, id, nil, nil)
}

// notifPage shows the table, and the rhythm as it was typed when that was wrong.
func (s *Site) notifPage(w http.ResponseWriter, v *visit, person core.ID, typed *core.Rhythm, wrong error) error {
	p, rows, err := s.core.NotifTable(v.Context(), v.actor, person)
	if err != nil {
		return err
	}
	view := notifView{Frame: s.frame(v, v.t("page.notif")), Own: person == v.actor.Person.ID, ID: p.ID, Name: p.Name, URL: notifURL(v, person)}
	for i := range rows {
		row := notifRow{rows[i], rows[i].Hears(core.MailChannel), rows[i].Hears(core.PageChannel)}
		if row.Since == "" {
			view.Rows = append(view.Rows, row)
		} else {
			view.Later = append(view.Later, row)
		}
	}
	if view.rhythmView, err = s.rhythmView(v, &p, typed); err != nil {
		return err
	}
	if view.Own {
		if view.Mutes, err = s.mutes(v); err != nil {
			return err
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "notif", view)
}

func (s *Site) mutes(v *visit) (rows []muteRow, err error) {
	list, err := s.core.Muted(v.Context(), v.actor)
	for _, m := range list {
		r := muteRow{Name: m.Name, URL: "/projects/" + string(m.Object), Kind: m.Kind, ID: m.Object}
		if m.Kind == "task" {
			r.URL = taskURL(m.Number)
		}
		rows = append(rows, r)
	}
	return rows, err
}

func (s *Site) setOwnNotif(w http.ResponseWriter, v *visit) error {
	return s.keepNotif(w, v, v.actor.Person.ID)
}

func (s *Site) setNotif(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.keepNotif(w, v, id)
}

// keepNotif takes the whole table: a box that is not ticked is off.
func (s *Site) keepNotif(w http.ResponseWriter, v *visit, person core.ID) error {
	if err := v.parse(); err != nil {
		return err
	}
	_, rows, err := s.core.NotifTable(v.Context(), v.actor, person)
	if err != nil {
		return err
	}
	ticked := v.PostForm["hear"]
	var choices []core.NotifChoice
	for i := range rows {
		for _, ch := range core.Channels {
			if rows[i].Choosable(ch) {
				on := slices.Contains(ticked, string(rows[i].Event)+"/"+string(ch))
				choices = append(choices, core.NotifChoice{Event: rows[i].Event, Channel: ch, On: on})
			}
		}
	}
	if err := s.core.SetNotif(v.Context(), v.actor, person, choices); err != nil {
		if !mendable(err) {
			return err
		}
		return s.notifPage(w, v, person, nil, err)
	}
	return redirect(w, v, v.URL.Path, "notif", "")
}

func (s *Site) muteTask(w http.ResponseWriter, v *visit) error {
	number, err := v.number()
	if err != nil {
		return err
	}
	t, err := s.core.Task(v.Context(), v.actor, number, "")
	if err != nil {
		return err
	}
	return s.mute(w, v, core.Object{Kind: "task", ID: t.Task.ID}, v.taskURL(number))
}

func (s *Site) muteProject(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.mute(w, v, core.Object{Kind: "project", ID: id}, "/projects/"+string(id))
}

// muteThread is the same for who comes by a link.
func (s *Site) muteThread(w http.ResponseWriter, v *visit) error {
	return s.mute(w, v, core.Object{Kind: "task", ID: v.thread.Link.Object}, v.base)
}

// unmute lets something be heard again from the list, whether it can still be opened or not.
func (s *Site) unmute(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	o := core.Object{Kind: v.PostFormValue("kind"), ID: v.one("object")}
	on, err := s.core.Mutes(v.Context(), v.actor, o)
	if err != nil {
		return err
	}
	if !on {
		return core.Fail(core.NotFound, "not_found")
	}
	if err := s.core.SetMute(v.Context(), v.actor, o, false); err != nil {
		return err
	}
	return redirect(w, v, "/me/notifications", "unmuted", "")
}

func (s *Site) mute(w http.ResponseWriter, v *visit, o core.Object, back string) error {
	if err := v.parse(); err != nil {
		return err
	}
	on := v.PostFormValue("mute") != ""
	if err := s.core.SetMute(v.Context(), v.actor, o, on); err != nil {
		return err
	}
	done := map[bool]string{true: "muted", false: "unmuted"}[on]
	return redirect(w, v, back, done, "")
}

// muteBlock is the switch of a page about one thing.
type muteBlock struct {
	URL string
	On  bool
	// Project tells what is muted.
	Project bool
	// Outside gets nothing more, those inside still what is addressed to them.
	Outside bool
}

// muteOf is nil for who cannot mute it.
func (s *Site) muteOf(v *visit, o core.Object, url string) (*muteBlock, error) {
	if v.actor.Person.ID == "" || v.actor.ViewedBy != nil || v.thread != nil && !v.thread.Proven {
		return nil, nil
	}
	on, err := s.core.Mutes(v.Context(), v.actor, o)
	return &muteBlock{URL: url + "/mute", On: on, Project: o.Kind == "project", Outside: !v.staff()}, err
}
