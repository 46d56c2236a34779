package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"planpost/core"
)

// mailGuideRoutes: setting mail up, step by step.
var mailGuideRoutes = []route{
	{"GET", "/health/guide", "maildomain.edit", (*Site).mailGuide},
	{"POST", "/health/guide", "maildomain.edit", (*Site).chooseMailWay},
	{"POST", "/health/guide/test", "maildomain.edit", (*Site).sendTest},
}

type mailGuideView struct {
	Frame
	MailDomain string
	// Way is how mail comes in; Ways are those to choose from.
	Way  string
	Ways []option
	// Checked tells that the records were looked at, Asked that something is to be now.
	Checked, Asked bool
	// Relays and Records are what is to be mended on the way out and in the DNS.
	Relays, Records []findingRow
	// Address is where a test mail goes to; Test the last one, nil before.
	Address string
	Test    *testRow
}

// testRow is a test mail and what became of it.
type testRow struct {
	State, Reason, Text string
	Address             string
	SentAt, AnsweredAt  time.Time
	AnsweredBy          string
	// URL is its page among outgoing mail.
	URL string
}

func (s *Site) mailGuide(w http.ResponseWriter, v *visit) error { return s.mailGuidePage(w, v, nil) }

func (s *Site) mailGuidePage(w http.ResponseWriter, v *visit, wrong error) error {
	g, err := s.core.MailGuide(v.Context(), v.actor)
	if err != nil {
		return err
	}
	view := mailGuideView{Frame: s.frame(v, v.t("page.guide")), MailDomain: s.core.Config().MailDomain, Way: string(g.Guide.Way), Checked: g.Records, Asked: g.Asked, Address: v.actor.Person.Address().Mailbox()}
	view.Ways = options(v.locale, "mailway", view.Way, string(core.OwnMX), string(core.ForwardedMail))
	view.find(v.locale, g.Findings, g.Guide.Way)
	if g.Guide.Test != "" {
		d := &g.Sent.Delivery
		view.Test = &testRow{State: string(d.State), Reason: d.Reason, Text: d.Text, Address: g.Sent.Address, SentAt: g.Guide.SentAt, AnsweredAt: g.Guide.AnsweredAt, AnsweredBy: g.Guide.AnsweredBy}
		if s.may(v, "delivery.view", core.Object{}) {
			view.Test.URL = "/outbox/" + string(g.Guide.Test)
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "guide", view)
}

// find keeps what is to be done. Where another server takes the mail, the MX record is its.
func (m *mailGuideView) find(locale string, list []core.Finding, way core.MailWay) {
	for i := range list {
		f := &list[i]
		ours := way != core.ForwardedMail || !slices.Contains([]string{"mx", "mtasts", "tlsrpt"}, f.What())
		switch {
		case f.State != core.FindingWrong && f.State != core.FindingAdvice:
		case f.Group == core.HealthRecords && ours:
			m.Records = append(m.Records, findingRowOf(locale, i, f))
		case f.Group == core.HealthSignIn && strings.HasPrefix(f.Code, "relay."):
			m.Relays = append(m.Relays, findingRowOf(locale, i, f))
		}
	}
}

func (s *Site) chooseMailWay(w http.ResponseWriter, v *visit) error {
	return s.guided(w, v, "guide", func() error {
		return s.core.ChooseMailWay(v.Context(), v.actor, core.MailWay(v.PostFormValue("way")))
	})
}

func (s *Site) sendTest(w http.ResponseWriter, v *visit) error {
	return s.guided(w, v, "mailtest", func() error { return s.core.SendTest(v.Context(), v.actor) })
}

func (s *Site) guided(w http.ResponseWriter, v *visit, done string, do func() error) error {
	if err := v.parse(); err != nil {
		return err
	}
	err := do()
	switch {
	case err == nil:
		return redirect(w, v, "/health/guide", done, "")
	case mendable(err):
		return s.mailGuidePage(w, v, err)
	}
	return err
}
