package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"planpost/core"
)

// A sending in the founding document's own order (E6): filter, check, "Send
// plans", people and addresses, "printing files only", send.
//
//	POST /projects/ID/send (plans of the list's form) -> the form
//	POST … step=look -> sent; or first the question about new addresses
//	POST … step=send -> sent
//
// What was chosen travels with the form: nothing is kept here meanwhile.

// sendRoutes: plans by link.
var sendRoutes = []route{
	{"POST", "/projects/{id}/send", "plan.send", (*Site).send},
	{"GET", "/projects/{id}/sendings", "plan.list", (*Site).sendings},
	{"GET", "/sendings/{id}", "plan.list", (*Site).sending},
	{"POST", "/sendings/{id}/recall", "transmittal.recall", (*Site).recallSending},
	{"POST", "/plans/{id}/versions/{version}/receipt", "plan.confirm_receipt", (*Site).confirmVersion},
	{"GET", "/d/{token}", open, (*Site).downloadLink},
	{"POST", "/d/{token}", "plan.confirm_receipt", (*Site).confirmReceipt},
	{"POST", "/d/{token}/again", "link.request_new", (*Site).downloadAgain},
}

type sendView struct {
	Frame
	Project     core.Project
	Plans, Left []core.PlanItem
	// People are members who can be chosen.
	People             []option
	Addresses, Message string
	PrintOnly          bool
	Copies             string
	Sheets, Foldings   []option
	// Looks are shown before anything is sent to somebody new.
	Looks []lookRow
	// Roles are the trades that plans of the project have.
	Roles []string
}

type lookRow struct {
	core.SendLook
	Role string
}

func (s *Site) send(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	ch, err := s.core.SendChoices(v.Context(), v.actor, id, ids(v.PostForm["sel"]))
	if err != nil {
		return err
	}
	if v.PostFormValue("step") == "" {
		return s.sendForm(w, v, &ch, nil, nil)
	}
	n := v.newSending(&ch)
	if v.PostFormValue("step") == "look" {
		looks, err := s.core.LookAtSending(v.Context(), v.actor, n)
		if mendable(err) {
			return s.sendForm(w, v, &ch, nil, err)
		}
		if err != nil {
			return err
		}
		if slices.ContainsFunc(looks, func(l core.SendLook) bool { return l.OfferRole || len(l.Cautions) > 0 }) {
			return s.sendForm(w, v, &ch, looks, nil)
		}
	}
	t, err := s.core.SendPlans(v.Context(), v.actor, n)
	switch {
	case err == nil:
		return redirect(w, v, sendingURL(t.ID), "planssent", "")
	case mendable(err):
		return s.sendForm(w, v, &ch, nil, err)
	}
	return err
}

func sendingURL(id core.ID) string { return "/sendings/" + string(id) }

// newSending reads the form; an address stands in a line of its own.
func (v *visit) newSending(ch *core.SendChoices) core.NewTransmittal {
	n := core.NewTransmittal{Project: ch.Project.ID, People: ids(v.PostForm["person"]), Message: v.PostFormValue("message"), PrintOnly: v.PostFormValue("printonly") != "",
		Sheet: v.PostFormValue("sheet"), Folding: v.PostFormValue("folding")}
	n.Copies, _ = strconv.Atoi(v.PostFormValue("copies"))
	plans := ch.Plans
	if len(plans) == 0 {
		plans = ch.Left // so that it is said why none of them goes
	}
	for i := range plans {
		n.Versions = append(n.Versions, plans[i].Version.ID)
	}
	roles := v.PostForm["role"]
	for i, line := range addressLines(v.PostFormValue("addresses")) {
		a := core.SendAddress{Address: line}
		if i < len(roles) {
			a.Role = roles[i]
		}
		n.Addresses = append(n.Addresses, a)
	}
	return n
}

func addressLines(text string) (list []string) {
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == ';' || r == ',' }) {
		if line = strings.TrimSpace(line); line != "" {
			list = append(list, line)
		}
	}
	return list
}

func (s *Site) sendForm(w http.ResponseWriter, v *visit, ch *core.SendChoices, looks []core.SendLook, wrong error) error {
	view := sendView{Frame: s.frame(v, v.t("sending.do")), Project: ch.Project, Plans: ch.Plans, Left: ch.Left, Addresses: v.PostFormValue("addresses"), Message: v.PostFormValue("message"),
		PrintOnly: v.PostFormValue("printonly") != "", Copies: v.PostFormValue("copies"),
		Sheets:   options(v.locale, "sending.sheet", v.PostFormValue("sheet"), core.PrintSheets...),
		Foldings: options(v.locale, "sending.folding", v.PostFormValue("folding"), core.Foldings...)}
	chosen := ids(v.PostForm["person"])
	view.People = personOptions(ch.People, "")
	for i := range view.People {
		view.People[i].Chosen = slices.Contains(chosen, ch.People[i].ID)
	}
	roles, at := v.PostForm["role"], 0
	for _, l := range looks {
		row := lookRow{SendLook: l}
		if l.Address != "" {
			if at < len(roles) {
				row.Role = roles[at]
			}
			at++
		}
		view.Looks = append(view.Looks, row)
	}
	for i := range ch.Plans {
		if r := ch.Plans[i].TradeRole; r != "" && !slices.Contains(view.Roles, r) {
			view.Roles = append(view.Roles, r)
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "send", view)
}

type sendingsView struct {
	Frame
	Project core.Project
	Items   []core.TransmittalItemView
	// Of narrows the register to one person or plan, by name.
	Of    string
	After string
}

// sendings is the register: what was sent when to whom.
func (s *Site) sendings(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	f := core.TransmittalFilter{Project: id, Plan: v.asked("plan"), Person: v.asked("person"), Before: v.asked("before"), Limit: page + 1}
	project, list, err := s.core.Transmittals(v.Context(), v.actor, f)
	if err != nil {
		return err
	}
	view := sendingsView{Frame: s.frame(v, v.t("sending.register")), Project: project}
	if len(list) > page {
		list = list[:page]
		view.After = "?before=" + string(list[page-1].ID)
		for name, value := range map[string]core.ID{"plan": f.Plan, "person": f.Person} {
			if value != "" {
				view.After += "&" + name + "=" + string(value)
			}
		}
	}
	view.Items = list
	return s.render(w, v, http.StatusOK, "sendings", view)
}

type sendingView struct {
	Frame
	core.TransmittalView
	Can  map[string]bool
	Rows []sentToRow
}

type sentToRow struct {
	core.SentTo
	// State is how it stands with the link: live, expired or ended.
	State string
}

func (s *Site) sending(w http.ResponseWriter, v *visit) error { return s.sendingPage(w, v, nil) }

func (s *Site) sendingPage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	t, err := s.core.TransmittalPage(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := sendingView{Frame: s.frame(v, v.t("sending.title", "number", strconv.FormatInt(t.Number, 10))), TransmittalView: t, Can: can(t.May)}
	for i := range t.To {
		view.Rows = append(view.Rows, sentToRow{t.To[i], string(t.To[i].Link.State(s.core.Now()))})
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "sending", view)
}

func (s *Site) recallSending(w http.ResponseWriter, v *visit) error {
	return act(w, v, "/sendings/", "recalled", func(id core.ID) error {
		_, _, err := s.core.RecallTransmittal(v.Context(), v.actor, id)
		return err
	}, s.sendingPage)
}

func (s *Site) confirmVersion(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("version")
	if err != nil {
		return err
	}
	p, err := s.core.ConfirmVersion(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return redirect(w, v, planURL(p.ID), "receipt", "")
}
