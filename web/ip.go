package web

import (
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

// ipView is who may come in from which network.
type ipView struct {
	Frame
	You       string
	Account   string // its zone
	Rules     []ipRow
	Classes   []option
	Who       []option
	People    []option
	Days      []option
	Form      core.IPRule
	Asked     bool
	Verdict   *ipRow // the rule that lets in; nil when none does
	Question  ipQuestion
	Refusals  []ipRefusal
	Questions []option // people of the question
	Sorts     []option // classes of the question
}

// ipQuestion is "may this person come in from there then?".
type ipQuestion struct{ IP, At string }

// ipRow is one rule in words.
type ipRow struct {
	ID                        core.ID
	Class, Who, Network, When string
}

// ipRefusal is how often somebody was refused in an hour.
type ipRefusal struct {
	Person, Class, IP string
	Number            int64
	LastAt            time.Time
}

var ipWho = []string{core.WhoEveryone, core.WhoStaff, core.WhoOutside, core.WhoPerson}

func (s *Site) ipRules(w http.ResponseWriter, v *visit) error {
	view, err := s.ipPage(v, core.IPRule{Class: core.IPSessions, Who: core.WhoEveryone})
	if err != nil {
		return err
	}
	status := http.StatusOK
	if q := v.URL.Query(); q.Has("ip") {
		if err := s.testRules(v, &view); err != nil {
			if !mendable(err) {
				return err
			}
			status = s.again(&view.Frame, v, err)
		}
	}
	return s.render(w, v, status, "ip", view)
}

func (s *Site) ipPage(v *visit, form core.IPRule) (view ipView, err error) {
	rules, err := s.core.IPRules(v.Context(), v.actor)
	if err != nil {
		return view, err
	}
	refusals, err := s.core.IPRefusals(v.Context(), v.actor, 50)
	if err != nil {
		return view, err
	}
	people, err := s.choosable(v, core.UserKind, core.ContactKind)
	if err != nil {
		return view, err
	}
	v.named(people)
	view = ipView{Frame: s.frame(v, v.t("page.ip")), You: v.actor.IP, Account: v.actor.Account.Zone, Form: form}
	view.Classes = options(v.locale, "ipclass", form.Class, core.IPSessions, core.IPLinks)
	view.Who = append(options(v.locale, "ipwho", form.Who, ipWho...), options(v.locale, "role", form.Who, string(core.Owner), string(core.Administrator),
		string(core.TechnicalAdministrator), string(core.Manager), string(core.Employee))...)
	view.People = personOptions(people, form.Person)
	view.Days = weekdays(v, form.Days)
	q := v.URL.Query()
	view.Question = ipQuestion{q.Get("ip"), q.Get("at")}
	if view.Question.At == "" {
		view.Question.At = s.core.Now().In(s.zone(v.actor.Account.Zone)).Format("2006-01-02T15:04")
	}
	view.Questions = personOptions(people, v.asked("person"))
	view.Sorts = options(v.locale, "ipclass", q.Get("class"), core.IPSessions, core.IPLinks)
	for i := range rules {
		view.Rules = append(view.Rules, s.ipRow(v, &rules[i]))
	}
	for _, r := range refusals {
		view.Refusals = append(view.Refusals, ipRefusal{s.nameOf(v, r.Person), templates.Coded(v.locale, "ipclass", r.Class), r.IP, r.Number, r.LastAt})
	}
	return view, nil
}

// ipRow says a rule in words.
func (s *Site) ipRow(v *visit, r *core.IPRule) ipRow {
	row := ipRow{ID: r.ID, Class: templates.Coded(v.locale, "ipclass", r.Class), Network: r.Network, When: v.t("ip.always")}
	switch {
	case r.Person != "":
		row.Who = s.nameOf(v, r.Person)
	case templates.Has("ipwho." + r.Who):
		row.Who = v.t("ipwho." + r.Who)
	default:
		row.Who = templates.Coded(v.locale, "role", r.Who)
	}
	if r.Network == core.Everywhere {
		row.Network = v.t("ip.everywhere")
	}
	var days []string
	for _, d := range r.Days {
		days = append(days, v.t("weekday."+string(d)))
	}
	if when := strings.TrimSpace(strings.Join(days, ", ") + " " + strings.Trim(r.From+"–"+r.Until, "–")); when != "" {
		row.When = when
	}
	return row
}

func (s *Site) testRules(v *visit, view *ipView) error {
	q := v.URL.Query()
	at, err := time.ParseInLocation("2006-01-02T15:04", q.Get("at"), s.zone(v.actor.Account.Zone))
	if err != nil {
		at = s.core.Now()
	}
	rule, err := s.core.TestIPRules(v.Context(), v.actor, core.IPQuestion{Person: v.asked("person"), Class: q.Get("class"), IP: q.Get("ip"), At: at})
	if err != nil {
		return err
	}
	view.Asked = true
	if rule != nil {
		row := s.ipRow(v, rule)
		view.Verdict = &row
	}
	return nil
}

func (s *Site) addIPRule(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	r := core.IPRule{Class: v.PostFormValue("class"), Who: v.PostFormValue("who"), Person: v.one("person"), Network: strings.TrimSpace(v.PostFormValue("network")),
		Days: strings.Join(v.PostForm["day"], ""), From: v.PostFormValue("from"), Until: v.PostFormValue("until")}
	_, err := s.core.AddIPRule(v.Context(), v.actor, r)
	return s.ipChanged(w, v, r, err)
}

func (s *Site) removeIPRule(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	return s.ipChanged(w, v, core.IPRule{Class: core.IPSessions, Who: core.WhoEveryone}, s.core.RemoveIPRule(v.Context(), v.actor, id))
}

func (s *Site) ipChanged(w http.ResponseWriter, v *visit, form core.IPRule, err error) error {
	switch {
	case err == nil:
		return redirect(w, v, "/security/ip", "ip", "")
	case !mendable(err):
		return err
	}
	view, trouble := s.ipPage(v, form)
	if trouble != nil {
		return trouble
	}
	return s.render(w, v, s.again(&view.Frame, v, err), "ip", view)
}
