package web

import (
	"cmp"
	"slices"

	"planpost/core"
)

// peopleForm is the part of a form that says who works on a task and when it is due.
type peopleForm struct {
	Assignee []option
	// Rows are the people with a relation already, Adds empty lines for more.
	Rows             []relationRow
	Adds             []addRow
	DueDate, DueTime string
}

type relationRow struct {
	ID                               core.ID
	Name                             string
	Outside                          bool
	CoAssignee, Participant, Auditor bool
}

// addRow is a line with a person and a relation to choose.
type addRow struct {
	N                 int
	People, Relations []option
}

// addLines is how many people one form can add at once.
const addLines = 3

// peopleForm fills the form with what p says. known are people of the task
// who may not be among those to choose from.
func (s *Site) peopleForm(v *visit, p core.TaskPeople, known map[core.ID]core.Person) (*peopleForm, error) {
	everyone, err := s.choosable(v)
	if err != nil {
		return nil, err
	}
	for id, person := range known {
		if id != "" && person.ID != "" && !slices.ContainsFunc(everyone, func(o core.Person) bool { return o.ID == id }) {
			everyone = append(everyone, person)
		}
	}
	f := &peopleForm{Assignee: s.doers(v, everyone, p.Assignee), DueDate: p.DueDate, DueTime: p.DueTime}
	for i := range everyone {
		o := &everyone[i]
		row := relationRow{ID: o.ID, Name: o.Name, Outside: !o.Staff(), CoAssignee: slices.Contains(p.CoAssignees, o.ID),
			Participant: slices.Contains(p.Participants, o.ID), Auditor: slices.Contains(p.Auditors, o.ID)}
		if row.CoAssignee || row.Participant || row.Auditor {
			f.Rows = append(f.Rows, row)
		}
	}
	slices.SortFunc(f.Rows, func(a, b relationRow) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	choices, relations := s.doers(v, everyone, ""), options(v.locale, "relation", "participant", "participant", "coassignee", "auditor")
	for n := range addLines {
		f.Adds = append(f.Adds, addRow{n + 1, choices, relations})
	}
	return f, nil
}

// taskPeople reads the form.
func (v *visit) taskPeople() core.TaskPeople {
	p := core.TaskPeople{Assignee: v.one("assignee"), CoAssignees: ids(v.PostForm["coassignee"]), Participants: ids(v.PostForm["participant"]),
		Auditors: ids(v.PostForm["auditor"]), DueDate: v.PostFormValue("due"), DueTime: v.PostFormValue("duetime")}
	as := v.PostForm["addas"]
	for i, value := range v.PostForm["add"] {
		id, ok := core.ParseID(value)
		if !ok || i >= len(as) {
			continue
		}
		switch core.Relation(as[i]) {
		case core.CoAssignee:
			p.CoAssignees = append(p.CoAssignees, id)
		case core.Auditor:
			p.Auditors = append(p.Auditors, id)
		default:
			p.Participants = append(p.Participants, id)
		}
	}
	return p
}
