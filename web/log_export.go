package web

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/templates"
)

// logCSV gives the change log as a table, newest first, with the filter of the page.
func (s *Site) logCSV(w http.ResponseWriter, v *visit) error {
	out := csv.NewWriter(w)
	return s.exportLog(w, v, "text/csv; charset=utf-8", "log.csv", func() error {
		return out.Write([]string{"time", "person", "on behalf of", "way", "proof", "code", "deed", "object", "object id", "changes"})
	}, func(e *core.LogEntry, names map[core.ID]string) error {
		r := s.logRow(v, e, names)
		var changes []string
		for _, ch := range r.Changes {
			changes = append(changes, ch.Field+": "+ch.Was+" -> "+ch.Now)
		}
		line := []string{e.At.Format(time.RFC3339Nano), r.Actor, r.Behalf, e.Via, e.Auth, e.Code, templates.Coded(v.locale, "log", e.Code, r.Params...), r.Object, string(e.ObjectID), strings.Join(changes, "; ")}
		for i := range line {
			line[i] = plainCell(templates.BuryText(v.locale, line[i]))
		}
		return out.Write(line)
	}, func() error { out.Flush(); return out.Error() })
}

// plainCell keeps spreadsheets from taking what somebody typed for a formula.
func plainCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// logLines gives it as one JSON value a line, in codes.
func (s *Site) logLines(w http.ResponseWriter, v *visit) error {
	b := bufio.NewWriter(w)
	out := json.NewEncoder(b)
	return s.exportLog(w, v, "application/jsonl; charset=utf-8", "log.jsonl", func() error { return nil }, func(e *core.LogEntry, _ map[core.ID]string) error {
		return out.Encode(map[string]any{"id": e.ID, "at": e.At, "actor": e.Actor, "behalf": e.Behalf, "via": e.Via, "auth": e.Auth,
			"code": e.Code, "object": e.Object, "object_id": e.ObjectID, "params": e.Params, "changes": e.Changes})
	}, b.Flush)
}

// exportLog streams the log; the first entry is asked for before anything is sent, so that a refusal is a clean page.
func (s *Site) exportLog(w http.ResponseWriter, v *visit, kind, name string, head func() error, line func(*core.LogEntry, map[core.ID]string) error, end func() error) error {
	f, err := s.logFilter(v)
	if err != nil {
		return err
	}
	started := false
	start := func() error {
		if started {
			return nil
		}
		started = true
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Content-Disposition", disposition("attachment", name))
		return head()
	}
	err = s.core.EachLog(v.Context(), v.actor, f, func(e *core.LogEntry, names map[core.ID]string) error {
		if err := start(); err != nil {
			return err
		}
		return line(e, names)
	})
	if err == nil {
		err = start()
	}
	if err == nil {
		err = end()
	}
	if err != nil && started {
		panic(http.ErrAbortHandler) // half a file must not look whole
	}
	return err
}
