package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail/auth"
)

type messagesView struct {
	Frame
	Find       string
	Fates      []option
	TaskNumber string
	// From and Until are the days that were asked for, Reason the code; Alike leads to all with a row's reason.
	From, Until, Reason string
	Items               []messageRow
	More                string
	Refusals            []core.Refusal
}

// messageRow is a receipt in a list.
type messageRow struct {
	URL, Subject, From string
	Fate               core.Disposition
	TaskNumber         int64
	TaskTitle          string
	Reason             string
	Params             []string
	Alike              string
	At                 time.Time
}

func (s *Site) messages(w http.ResponseWriter, v *visit) error {
	q := v.URL.Query()
	f := core.MessageFilter{Disposition: fate(q.Get("fate")), Query: q.Get("q"), Reason: q.Get("reason"), Before: v.asked("before"), Limit: page + 1}
	view := messagesView{Find: f.Query, TaskNumber: q.Get("task"), From: q.Get("from"), Until: q.Get("until"), Reason: f.Reason}
	var wrong error
	f.From, f.Until, wrong = v.days()
	if view.TaskNumber == "" {
		if err := s.need(v, "inbound.list", core.Object{}); err != nil {
			return err
		}
	} else if err := s.messagesOf(v, view.TaskNumber, &f); err != nil {
		return err
	}
	var items []core.MessageItem
	if wrong == nil {
		var err error
		if items, err = s.core.Messages(v.Context(), v.actor, f); err != nil {
			return err
		}
	}
	if len(items) > page {
		items = items[:page]
		view.More = v.after("before", string(items[page-1].Receipt.ID))
	}
	for i := range items {
		row := messageRowOf(&items[i])
		if row.Reason != f.Reason && view.TaskNumber == "" {
			row.Alike = "/messages?" + url.Values{"reason": {row.Reason}}.Encode()
		}
		view.Items = append(view.Items, row)
	}
	if view.TaskNumber == "" && f.Before == "" && f.Reason == "" && f.Query == "" {
		var err error
		if view.Refusals, err = s.core.Refusals(v.Context(), v.actor); err != nil {
			return err
		}
	}
	view.Frame = s.frame(v, v.t("page.messages"))
	view.Fates = options(v.locale, "disposition", string(f.Disposition), fates...)
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "messages", view)
}

// messagesOf narrows the list to one task, whose people may see its mail.
func (s *Site) messagesOf(v *visit, number string, f *core.MessageFilter) error {
	v.SetPathValue("number", number)
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	f.Task = t.ID
	return s.need(v, "inbound.view", core.Object{Kind: "task", ID: t.ID})
}

var fates = []string{string(core.Posted), string(core.Created), string(core.Recorded), string(core.Held), string(core.Ignored), string(core.Duplicate), string(core.Refused)}

func fate(s string) core.Disposition {
	for _, f := range fates {
		if f == s {
			return core.Disposition(s)
		}
	}
	return ""
}

func messageRowOf(it *core.MessageItem) messageRow {
	row := messageRow{URL: "/messages/" + string(it.Receipt.ID), Subject: it.Message.Subject, From: it.Message.From, Fate: it.Receipt.Disposition, TaskNumber: it.TaskNumber,
		TaskTitle: it.TaskTitle, Reason: it.Receipt.Reason, Params: it.Receipt.Params, At: it.Receipt.ReceivedAt}
	if it.Message.FromName != "" {
		row.From = it.Message.FromName + " <" + it.Message.From + ">"
	}
	return row
}

type messageView struct {
	Frame
	core.MessageView
	PersonName, DecidedBy string
	Steps                 []core.Step
	Verdict               auth.Verdict
	Checks                []check
	ShowEvidence          bool
	HeldHere              bool
	Held                  heldRow
	SourceURL             string
	// OriginalURL leads to the HTML, for a frame; empty when there is none.
	OriginalURL string
	Facts       factCards
	// Forwarded is a message that it passes on; the words are those before it.
	Forwarded string
	// Empty tells that nothing but quotes was found in it.
	Empty bool
	Files []fileRow
}

// check is the result of one method about the sender.
type check struct {
	Name, Result, Domain, Detail string
	Aligned                      bool
}

func (s *Site) message(w http.ResponseWriter, v *visit) error { return s.messagePage(w, v, nil) }

func (s *Site) messagePage(w http.ResponseWriter, v *visit, wrong error) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	m, err := s.core.Message(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	view := messageView{Frame: s.frame(v, first(m.Message.Subject, v.t("message.nosubject"))), MessageView: m, PersonName: m.Person.Name}
	view.Message.Text, view.Forwarded = forwarded(m.Words, "", m.Message.Facts.Forwarded)
	view.Steps = append(append(view.Steps, m.Message.Trace...), m.Receipt.Trace...)
	// Evidence that cannot be read is shown as none: the outcome is kept beside it.
	if json.Unmarshal([]byte(m.Message.Evidence), &view.Verdict) == nil && !m.Masked {
		view.Checks = checks(&view.Verdict)
		view.ShowEvidence = len(view.Checks) > 0
	}
	for i := range m.Attachments {
		view.Files = append(view.Files, fileOf(v, &m.Attachments[i]))
	}
	if !m.Receipt.DecidedAt.IsZero() {
		view.DecidedBy = s.nameOf(v, m.Receipt.DecidedBy)
	}
	view.Facts = factsOf(v.locale, v.zone, &m.Message.Facts)
	view.Empty = m.Receipt.Reason == "reply.empty" && m.Receipt.Disposition == core.Recorded && m.Releasable
	view.HeldHere = m.Receipt.Disposition == core.Held
	view.Held = s.heldRowOf(v, &m)
	if m.May["inbound.source"] && !m.Masked {
		view.SourceURL = "/messages/" + string(id) + "/source"
		if o, err := s.core.MessageOriginal(v.Context(), v.actor, id); err == nil && o.HTML != "" {
			view.OriginalURL = "/messages/" + string(id) + "/original"
		}
	}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "message", view)
}

func checks(v *auth.Verdict) (list []check) {
	if v.Trusted || v.Outcome == "" {
		return nil
	}
	list = append(list, check{"SPF", word(v.SPF.Result), v.SPF.Domain, v.SPF.Detail, v.SPF.Aligned})
	for _, d := range v.DKIM {
		list = append(list, check{"DKIM", word(d.Result), d.Domain, d.Detail, d.Aligned})
	}
	list = append(list, check{"DMARC", word(v.DMARC.Result), v.DMARC.Domain, v.DMARC.Detail, v.DMARC.Result == auth.ResultPass})
	if v.ARC.Result == "" {
		return list
	}
	var sealers []string
	for _, s := range v.ARC.Sets {
		sealers = append(sealers, s.Sealer)
	}
	return append(list, check{"ARC", word(v.ARC.Result), strings.Join(sealers, ", "), v.ARC.Detail, v.Reason == auth.ReasonARC})
}

func word(r auth.Result) string { return first(string(r), string(auth.ResultNone)) }

// nameOf is a person's name for who may see it, else what stands for somebody.
func (s *Site) nameOf(v *visit, id core.ID) string {
	if id == "" {
		return v.t("log.actor.cli")
	}
	if id == v.actor.Person.ID {
		return v.actor.Person.Name
	}
	if name, ok := v.names[id]; ok {
		return name
	}
	if p, err := s.core.Person(v.Context(), v.actor, id); err == nil {
		v.named([]core.Person{p.Person})
		return p.Person.Name
	}
	return v.t("log.actor.page")
}

// messageSource gives the source as a file; our own live addresses are taken out by the core.
func (s *Site) messageSource(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	raw, err := s.core.MessageSource(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/octet-stream")
	h.Set("Content-Disposition", disposition("attachment", "message-"+string(id)+".eml"))
	h.Set("Content-Length", strconv.Itoa(len(raw)))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err = w.Write(raw)
	return gone(err)
}
