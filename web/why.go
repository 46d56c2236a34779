package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"planpost/core"
	"planpost/core/access"
	"planpost/templates"
)

var whyRoutes = []route{
	{"GET", "/why", "account.log.view", (*Site).why},
}

// whyView answers "why can X do Y?" and shows what X sees.
type whyView struct {
	Frame
	Person, Thing string // as typed
	Action        string
	Groups        []whyGroup
	Answer        *whyAnswer
	Outlook       *outlook
}

// whyGroup are the actions on one kind of object.
type whyGroup struct {
	Name    string
	Options []option
}

type whyAnswer struct {
	Name, URL, Deed, Thing string
	Allowed                bool
	// Because is the reason in one sentence; Ways are the conditions, any one of which is enough.
	Because string
	Ways    []whyWay
}

type whyWay struct {
	Holds bool
	Facts []whyFact
}

type whyFact struct {
	Holds   bool
	Negated bool
	Text    string
}

type outlook struct {
	Name         string
	Projects     []core.ProjectItem
	MoreProjects bool
	Tasks        taskList
	MoreTasks    bool
}

func (s *Site) why(w http.ResponseWriter, v *visit) error {
	if err := s.need(v, "account.log.view", core.Object{}); err != nil {
		return err
	}
	q := v.URL.Query()
	view := whyView{Frame: s.frame(v, v.t("page.why")), Person: strings.TrimSpace(q.Get("person")), Thing: strings.TrimSpace(q.Get("thing")), Action: q.Get("action")}
	view.Groups = whyGroups(v.locale, view.Action)
	status := http.StatusOK
	if view.Person != "" {
		if err := s.answerWhy(v, &view); core.KindOf(err) == core.NotFound || core.KindOf(err) == core.Invalid {
			status = s.again(&view.Frame, v, err)
		} else if err != nil {
			return err
		}
	}
	return s.render(w, v, status, "why", view)
}

// answerWhy fills in what was asked: a question when an action was chosen, and what the person sees.
func (s *Site) answerWhy(v *visit, view *whyView) error {
	p, err := s.core.PersonNamed(v.Context(), v.actor, view.Person)
	if err != nil {
		return err
	}
	view.Person = p.Address().Mailbox()
	if view.Person == "" {
		view.Person = string(p.ID)
	}
	sees, err := s.core.OutlookOf(v.Context(), v.actor, p.ID, page)
	if err != nil {
		return err
	}
	view.Outlook = &outlook{Name: p.Name, Projects: sees.Projects, MoreProjects: sees.MoreProjects, Tasks: s.taskList(v, sees.Tasks, "why.notasks"), MoreTasks: sees.MoreTasks}
	if view.Action == "" {
		return nil
	}
	o, name, err := s.core.ThingNamed(v.Context(), v.actor, view.Thing)
	if err != nil {
		return err
	}
	why, err := s.core.Why(v.Context(), v.actor, p.ID, access.Action(view.Action), o)
	if err != nil {
		return err
	}
	view.Answer = whyWords(v, &why, name)
	return nil
}

// whyWords says a reasoning in words.
func whyWords(v *visit, why *core.Why, thing string) *whyAnswer {
	r := &why.Reasoning
	a := &whyAnswer{Name: why.Person.Name, URL: "/people/" + string(why.Person.ID), Deed: v.t("action." + string(why.Action)), Thing: thing, Allowed: r.Answer.Allowed}
	kind := v.t("subject." + why.Person.Subject().String())
	switch {
	case r.Stop != "":
		a.Because = v.t("gate." + r.Stop)
	case r.Always:
		a.Because = v.t("why.always", "kind", kind)
	case r.Never:
		a.Because = v.t("why.never", "kind", kind)
	case r.Answer.Allowed:
		a.Because = v.t("why.one", "kind", kind)
	default:
		a.Because = v.t("why.none", "kind", kind)
	}
	for _, term := range r.Terms {
		way := whyWay{Holds: term.Holds}
		for _, l := range term.Literals {
			way.Facts = append(way.Facts, whyFact{Holds: l.Holds, Negated: l.Negated, Text: v.t("truth." + l.Fact.String())})
		}
		a.Ways = append(a.Ways, way)
	}
	return a
}

// whyGroups are all actions by the kind of thing they are done to.
func whyGroups(locale, chosen string) (groups []whyGroup) {
	for _, action := range access.Actions() {
		area, _, _ := strings.Cut(string(action), ".")
		at := slices.IndexFunc(groups, func(g whyGroup) bool { return g.Name == area })
		if at < 0 {
			at = len(groups)
			groups = append(groups, whyGroup{Name: area})
		}
		g := &groups[at]
		g.Options = append(g.Options, option{string(action), templates.T(locale, "action."+string(action)), string(action) == chosen})
	}
	return groups
}

// whyURL leads to the question about a task.
func whyURL(number int64) string {
	return "/why?action=task.view&thing=%23" + strconv.FormatInt(number, 10)
}
