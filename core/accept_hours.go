package core

import (
	"context"
	"slices"
	"strings"
	"time"

	"planpost/core/access"
)

// hoursCommands begin a line of a reply that records working time, in the languages of the product.
var hoursCommands = []string{"#time", "#zeit", "#temps", "#време"}

// hoursIn takes the lines "#time 1h30 [2006-01-02] [note]" off the top of a
// reply. A line that names no duration is text like any other.
func hoursIn(text string) (list []NewHours, rest string) {
	rest = text
	for {
		line, after, _ := strings.Cut(strings.TrimLeft(rest, " \t\r\n"), "\n")
		h, ok := hoursLine(line)
		if !ok {
			return list, rest
		}
		list, rest = append(list, h), after
	}
}

func hoursLine(line string) (h NewHours, ok bool) {
	words := strings.Fields(line)
	if len(words) < 2 || !isHoursCommand(words[0]) {
		return h, false
	}
	words = words[1:]
	n := spanWords(words)
	if n == 0 {
		return h, false
	}
	h.Spent, words = strings.Join(words[:n], " "), words[n:]
	if len(words) > 0 {
		if _, err := time.Parse(time.DateOnly, words[0]); err == nil {
			h.Day, words = words[0], words[1:]
		}
	}
	h.Note = strings.Join(words, " ")
	return h, true
}

func isHoursCommand(word string) bool {
	for _, c := range hoursCommands {
		if strings.EqualFold(word, c) {
			return true
		}
	}
	return false
}

// spanWords is how many words at the beginning say how long: the most that
// do, and of several the last with its unit, or "1h 30 people came" were half an hour more.
func spanWords(words []string) int {
	for n := min(4, len(words)); n > 0; n-- {
		last := words[n-1]
		if n > 1 && strings.Trim(last, "0123456789") == "" {
			continue
		}
		if _, ok := ParseSpan(strings.Join(words[:n], " ")); ok {
			return n
		}
	}
	return 0
}

// recordHours takes what a member of staff recorded out of his reply and says
// whether nothing else is in it. What cannot be recorded he is told by mail: in
// no case do others read it.
func (d *decision) recordHours(ctx context.Context, tx Tx, r *Receipt, rc *ReplyContext, cm *Comment) (nothingElse bool, err error) {
	if !rc.Person.Staff() || !strings.Contains(d.in.Words.Reply, "#") {
		return false, nil
	}
	list, rest := hoursIn(d.in.Words.Reply)
	if len(list) == 0 {
		return false, nil
	}
	cm.Text, cm.HTML = d.commentText(rest), ""
	for i := range list {
		if err := d.recordOne(ctx, tx, r, rc, &list[i]); err != nil {
			return false, err
		}
	}
	return cm.Text == "" && len(d.in.Message.Attachments) == 0, nil
}

func (d *decision) recordOne(ctx context.Context, tx Tx, r *Receipt, rc *ReplyContext, n *NewHours) error {
	minutes, _ := ParseSpan(n.Spent)
	h := Hours{ID: NewID(), Account: rc.Task.Account, Task: rc.Task.ID, Person: rc.Person.ID, Day: n.Day, Minutes: minutes, Note: d.core.redact(body(n.Note)),
		Via: "mail", CreatedAt: d.Message.ReceivedAt}
	if slices.ContainsFunc(d.Hours, func(o Hours) bool { return o.Task != h.Task }) {
		return nil // sent to two tasks: it was worked once
	}
	err := firstError(d.mayRecord(ctx, tx, rc), d.core.checkHours(ctx, tx, &d.account, &h, d.Hours...))
	if code := CodeOf(err); code != "" && KindOf(err) != Internal {
		r.step("accept", "hours.refused", "spent", n.Spent, "why", code)
		d.tellHours(rc, n, code)
		return nil
	}
	if err != nil {
		return err
	}
	d.Hours = append(d.Hours, h)
	r.step("accept", "hours.recorded", "spent", Span(minutes), "day", h.Day)
	d.Log = append(d.Log, LogEntry{ID: NewID(), Account: h.Account, At: h.CreatedAt, Actor: h.Person, Via: "mail", Auth: "mail", Code: "hours.record", Object: "hours", ObjectID: h.ID,
		Params: []string{"task", string(h.Task)}, Changes: h.changesOf(&Hours{})})
	return nil
}

// mayRecord asks more than a comment does: a forged sender can say things, but not what somebody worked.
func (d *decision) mayRecord(ctx context.Context, tx Tx, rc *ReplyContext) error {
	if !d.reaches(d.account.ProofCommand) {
		return Fail(Forbidden, "hours.unverified")
	}
	facts, blocked, err := tx.TaskFacts(ctx, &rc.Person, rc.Task.ID)
	if err != nil {
		return err
	}
	gates := access.Gates{Status: statusGate(rc.Person.Status), BlockedInProject: blocked}
	if !access.Decide(access.Request{Action: "time.record", Subject: rc.Person.Subject(), Facts: facts, Gates: gates}).Allowed {
		return Fail(Forbidden, "hours.right")
	}
	return nil
}

// tellHours writes to the sender that his hours were not recorded, and why.
func (d *decision) tellHours(rc *ReplyContext, n *NewHours, code string) {
	if !writable(&rc.Person) {
		return
	}
	l := d.core.plainLetter(rc.Task.Account, rc.Person.ID, NoticeLetter, "code", code, "spent", n.Spent, "number", itoa(rc.Task.Number))
	d.Deliveries = append(d.Deliveries, l)
}
