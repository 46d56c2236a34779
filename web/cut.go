package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"planpost/core"
)

// cutRow is what was cut out of a mail, with what can be done about it.
type cutRow struct {
	core.Cut
	// By is who put it back; Is that somebody did.
	Is bool
	By string
	// URL is where the button sends to; empty for who may not.
	URL string
}

// cutsOf are the cuts of an entry, and who put any of them back, each name once.
func cutsOf(t *core.TaskView, c *core.CommentView) (rows []cutRow, names []string) {
	for _, b := range c.PutBack.Cuts {
		if name := t.People[b.By].Name; name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for i, cut := range c.Cuts {
		row := cutRow{Cut: cut}
		back, is := c.PutBack.Has(i)
		row.Is, row.By = is, t.People[back.By].Name
		if t.May["inbound.quarantine.release"] {
			row.URL = taskURL(t.Task.Number) + "/comments/" + string(c.ID) + "/cuts/" + strconv.Itoa(i)
			if is {
				row.URL += "/fold"
			} else {
				row.URL += "/back"
			}
		}
		rows = append(rows, row)
	}
	return rows, names
}

// forwarded parts the author's note from the message that it passes on: the
// last n bytes of the text as it came in. before is that text when something
// was put back since, else empty. What somebody changed is not parted.
func forwarded(text, before string, n int) (note, passedOn string) {
	if before == "" {
		before = text
	}
	at := len(before) - n
	if n <= 0 || at < 0 || at > 0 && !strings.HasSuffix(before[:at], "\n\n") {
		return text, ""
	}
	passedOn = before[at:]
	if !strings.HasSuffix(text, passedOn) {
		return text, ""
	}
	return strings.TrimSpace(strings.TrimSuffix(text, passedOn)), passedOn
}

func (s *Site) putBack(w http.ResponseWriter, v *visit) error {
	return s.turnCut(w, v, "putback", s.core.PutBack)
}

func (s *Site) foldAgain(w http.ResponseWriter, v *visit) error {
	return s.turnCut(w, v, "folded", s.core.FoldAgain)
}

func (s *Site) turnCut(w http.ResponseWriter, v *visit, done string, turn func(context.Context, *core.Actor, core.ID, int) error) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	cut, err := strconv.Atoi(v.PathValue("cut"))
	if err != nil {
		return core.Fail(core.NotFound, "not_found")
	}
	err = turn(v.Context(), v.actor, id, cut)
	switch {
	case err == nil:
		return redirect(w, v, "/tasks/"+v.PathValue("number"), done, "c-"+string(id))
	case mendable(err):
		return s.taskPage(w, v, draft{}, err)
	}
	return err
}
