package web

import (
	"net/http"
	"slices"
	"time"

	"planpost/core"
	"planpost/templates"
)

// mailHealthRoutes: how mail is, for administrators.
var mailHealthRoutes = []route{
	{"GET", "/health", "maildomain.edit", (*Site).mailHealth},
	{"POST", "/health/check", "maildomain.edit", (*Site).checkHealth},
}

type mailHealthView struct {
	Frame
	// Wrong and Advice are how many findings are so; Unknown tells that nothing was looked at yet.
	Wrong, Advice int
	Unknown       bool
	// Checked is when something was looked at last, Asked that it is to be again.
	Checked time.Time
	Asked   bool
	// Groups are the findings to do something about, Fine all others.
	Groups     []findingGroup
	Fine       []findingRow
	Rates      []mailRateRow
	OldestDue  time.Time
	OldestURL  string
	Deferrals  []deferralRow
	Stopped    []stoppedRow
	StoppedURL string
}

// alarmBar says that mail is broken.
type alarmBar struct {
	// Out tells that mail does not leave, In that answers do not come in, Stuck that it is due and nobody takes it.
	Out, In, Stuck bool
	Since          time.Time
}

func (s *Site) alarmBar(v *visit) *alarmBar {
	alarm, ok, err := s.core.MailAlarm(v.Context(), v.actor)
	if err != nil || !ok {
		return nil
	}
	b := &alarmBar{Since: alarm.BeganAt}
	for i := range alarm.Causes {
		out := alarm.Causes[i].Out()
		b.Out, b.In, b.Stuck = b.Out || out, b.In || !out, b.Stuck || alarm.Causes[i].Code == core.AlarmStuck
	}
	return b
}

type findingGroup struct {
	Key  string
	Rows []findingRow
}

// findingRow is one finding in words.
type findingRow struct {
	// N tells it apart on the page.
	N                 int
	State             string
	Title, Says, Cure string
	// Record is what to set.
	Record         string
	Since, Checked time.Time
}

type mailRateRow struct {
	Key              string
	Of, Bad          int64
	Share, Most      int64
	Few, High, Empty bool
}

type deferralRow struct {
	Domain      string
	Mails       int64
	Since, Next time.Time
	Text        string
}

type stoppedRow struct {
	Stream, Reason string
	N              int64
}

func (s *Site) mailHealth(w http.ResponseWriter, v *visit) error {
	h, err := s.core.MailHealth(v.Context(), v.actor)
	if err != nil {
		return err
	}
	view := mailHealthView{Frame: s.frame(v, v.t("page.health")), Asked: h.Asked, OldestDue: h.Oldest.Since}
	view.find(v.locale, h.Findings)
	for _, at := range h.Checked {
		if at.After(view.Checked) {
			view.Checked = at
		}
	}
	view.Unknown = view.Checked.IsZero()
	view.Rates = []mailRateRow{mailRateRowOf("bounces", h.Bounces), mailRateRowOf("complaints", h.Complaints)}
	if h.Oldest.Delivery != "" && h.May["delivery.view"] {
		view.OldestURL = "/outbox/" + string(h.Oldest.Delivery)
	}
	for _, d := range h.Deferrals {
		view.Deferrals = append(view.Deferrals, deferralRow(d))
	}
	for _, c := range h.Stopped {
		view.Stopped = append(view.Stopped, stoppedRow{string(c.Stream), string(c.Reason), c.N})
	}
	if h.May["suppression.view"] {
		view.StoppedURL = "/suppressed"
	}
	return s.render(w, v, http.StatusOK, "health", view)
}

// find sorts the findings: by group what there is to do, the gravest first, and all that is fine.
func (m *mailHealthView) find(locale string, list []core.Finding) {
	for _, group := range []string{core.HealthSignIn, core.HealthSelfTest, core.HealthRecords} {
		g := findingGroup{Key: "health.group." + group}
		for i := range list {
			if list[i].Group != group {
				continue
			}
			row := findingRowOf(locale, i, &list[i])
			switch list[i].State {
			case core.FindingFine:
				m.Fine = append(m.Fine, row)
				continue
			case core.FindingWrong:
				m.Wrong++
			case core.FindingAdvice:
				m.Advice++
			}
			g.Rows = append(g.Rows, row)
		}
		order := []string{string(core.FindingWrong), string(core.FindingAdvice), string(core.FindingUnknown)}
		slices.SortStableFunc(g.Rows, func(a, b findingRow) int {
			return slices.Index(order, a.State) - slices.Index(order, b.State)
		})
		if len(g.Rows) > 0 {
			m.Groups = append(m.Groups, g)
		}
	}
}

func findingRowOf(locale string, n int, f *core.Finding) findingRow {
	row := findingRow{N: n, State: string(f.State), Title: templates.T(locale, "health."+f.What()), Says: templates.T(locale, "health."+f.Code, f.Params()...), Since: f.Since, Checked: f.CheckedAt}
	switch cure := f.Cure(); {
	case cure == "":
	case f.Set != "":
		row.Cure, row.Record = templates.T(locale, "health.set.this"), f.Set
	default:
		row.Cure = templates.T(locale, cure, f.Params()...)
	}
	return row
}

func mailRateRowOf(key string, r core.MailRate) mailRateRow {
	return mailRateRow{Key: key, Of: r.Of, Bad: r.Bad, Share: r.Share(), Most: r.Most, Few: r.Few(), High: r.High(), Empty: r.Of == 0}
}

func (s *Site) checkHealth(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := s.core.CheckHealth(v.Context(), v.actor); err != nil {
		return err
	}
	return redirect(w, v, "/health", "health", "")
}
