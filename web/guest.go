package web

import (
	"net/http"
	"strconv"

	"planpost/core"
	"planpost/templates"
)

// What people outside see of a conversation, by a link or with a code: the
// same entries as everybody, and few things around them.

// guestBar is the top of their pages: the house that writes to them, and who they are.
type guestBar struct {
	House, HomeURL          string
	Name, Address, Initials string
	Tone                    int
	// SignOut tells that there is something to end.
	SignOut bool
}

func guestOf(v *visit) *guestBar {
	p := &v.actor.Person
	return &guestBar{House: v.actor.Account.Name, HomeURL: v.base, Name: p.Name, Address: p.Address().Mailbox(), Initials: initials(p.Name), Tone: core.Tone(p), SignOut: v.thread == nil}
}

// taskURL is where the visitor finds a task.
func (v *visit) taskURL(number int64) string {
	switch {
	case v.base == "":
		return taskURL(number)
	case v.thread != nil:
		return v.base
	}
	return v.base + "/" + strconv.FormatInt(number, 10)
}

// guestFrame is the frame of their pages.
func (s *Site) guestFrame(v *visit, title string) Frame {
	f := s.bareFrame(v, title)
	f.AccountName, f.ZoneName = v.actor.Account.Name, v.zone.String()
	if done := "done." + v.URL.Query().Get("done"); templates.Has(done) {
		f.Done = done
	}
	return f
}

// guestTaskView is a conversation as people outside see it.
type guestTaskView struct {
	Frame
	Task        core.Task
	Project     core.Project
	Description string
	Talk        talk
	Readers     []reader
	Visits      visitBlock
	Late        bool
	// Answer is nil for who may not write.
	Answer *replyForm
	Mute   *muteBlock
	// ListURL leads to all conversations; empty for who has only this.
	ListURL string
	// MoreURL leads from the one conversation of a link to the door of the others.
	MoreURL string
	// SignIn tells that the reader has a password here.
	SignIn bool
}

// reader is somebody who reads along, once with all that he is in the task.
type reader struct {
	Card      card
	You       bool
	Relations []string
}

func readersOf(v *visit, t *core.TaskView) (list []reader) {
	at := make(map[core.ID]int)
	for _, group := range relationsOf(v, t) {
		relation := templates.Coded(v.locale, "relation", string(group.Relation))
		for _, c := range group.People {
			i, ok := at[c.ID]
			if !ok {
				i = len(list)
				at[c.ID], list = i, append(list, reader{Card: c, You: c.ID == v.actor.Person.ID})
			}
			list[i].Relations = append(list[i].Relations, relation)
		}
	}
	return list
}

// replyForm is the form of an answer.
type replyForm struct {
	Action string
	// Keep names what was typed in the browser's own memory.
	Keep  string
	Draft draft
	// Proven lets files go along; otherwise a code is mailed to Masked first, and typed at CodeURL.
	Proven                 bool
	Masked, Nonce, CodeURL string
	FileLimit              int64
	// Readers are the names of who reads it.
	Readers []string
}

// guestTask shows a conversation; wrong is what its form met.
func (s *Site) guestTask(w http.ResponseWriter, v *visit, number int64, a replyForm, wrong error) error {
	t, err := s.core.Task(v.Context(), v.actor, number, v.asked("before"))
	if err != nil {
		return err
	}
	view := guestTaskView{Frame: s.guestFrame(v, "#"+strconv.FormatInt(number, 10)+" "+t.Task.Title), Task: t.Task, Project: t.Project, Description: t.Description,
		Talk: s.talk(v, &t), Late: late(&t.Task, s.today(v)), Readers: readersOf(v, &t)}
	view.Talk.Still = true
	if th := v.thread; th != nil {
		view.SignIn = th.Person.Access == core.AdvancedAccess
		if th.Dashboard {
			view.MoreURL = dashboardURL
		}
	} else {
		view.ListURL = dashboardURL
	}
	if view.Visits, err = s.visitBlock(v, number); err != nil {
		return err
	}
	if view.Mute, err = s.muteOf(v, core.Object{Kind: "task", ID: t.Task.ID}, v.taskURL(number)); err != nil {
		return err
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
		if d := a.Draft; d.Comment != "" {
			if d.Problem = view.Problem; !view.Talk.keep(d) {
				return wrong // its own page keeps what was typed
			}
			a.Draft, view.Problem = draft{}, nil
		}
	}
	if t.May["task.comment"] {
		for _, r := range t.Tell {
			a.Readers = append(a.Readers, r.Person.Name)
		}
		a.Draft.Problem, view.Problem = view.Problem, nil
		view.Answer = &a
	}
	return s.render(w, v, status, "guesttask", view)
}
