package core

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"planpost/mail/reply"
)

// PutBack is what of the cuts stands in a comment's text again. The zero value is nothing.
type PutBack struct {
	// Text and HTML are the comment's without it.
	Text string `json:"text"`
	HTML string `json:"html,omitempty"`
	// Cuts are in the order of the mail.
	Cuts []CutBack `json:"cuts"`
}

// CutBack is one cut that somebody put back.
type CutBack struct {
	// Cut is its index in the message's Cuts.
	Cut int       `json:"cut"`
	By  ID        `json:"by"`
	At  time.Time `json:"at"`
}

// Has tells who put a cut back.
func (p *PutBack) Has(cut int) (CutBack, bool) {
	i := slices.IndexFunc(p.Cuts, func(b CutBack) bool { return b.Cut == cut })
	if i < 0 {
		return CutBack{}, false
	}
	return p.Cuts[i], true
}

// PutBack puts what was cut out of a mail back at its place in the comment.
// Nobody is told by mail: it is text of a comment that they had.
func (c *Core) PutBack(ctx context.Context, a *Actor, comment ID, cut int) error {
	return c.turnCut(ctx, a, comment, cut, true)
}

// FoldAgain takes out again what PutBack put in.
func (c *Core) FoldAgain(ctx context.Context, a *Actor, comment ID, cut int) error {
	return c.turnCut(ctx, a, comment, cut, false)
}

// turnCut asks the right of who decides what of a mail becomes a comment: the
// cut was such a decision, made by us. Doing it twice changes nothing.
func (c *Core) turnCut(ctx context.Context, a *Actor, comment ID, cut int, back bool) error {
	m, err := c.cutMessage(ctx, a, comment)
	if err != nil {
		return err
	}
	if cut < 0 || cut >= len(m.Cuts) {
		return Fail(NotFound, "not_found")
	}
	var t Task
	err = c.store.InTx(ctx, func(tx Tx) error {
		cm, err := c.cutComment(ctx, tx, a, comment)
		if err != nil {
			return err
		}
		t = Task{ID: cm.Task, Account: cm.Account}
		if _, is := cm.PutBack.Has(cut); is == back {
			return nil
		}
		if back {
			cm.unfold(m.Cuts, CutBack{Cut: cut, By: a.Person.ID, At: tx.Now()})
		} else {
			cm.fold(m.Cuts, cut)
		}
		if slices.ContainsFunc(cm.PutBack.Cuts, func(b CutBack) bool { return m.Cuts[b.Cut].Left > 0 }) {
			return Fail(Conflict, "cut.dropped")
		}
		if err := tx.UpdateComment(ctx, &cm); err != nil {
			return err
		}
		if back {
			return c.note(ctx, tx, a, "comment.put_back", Object{"comment", comment}, "task", string(cm.Task), "why", m.Cuts[cut].Why)
		}
		return c.note(ctx, tx, a, "comment.fold", Object{"comment", comment}, "task", string(cm.Task), "why", m.Cuts[cut].Why)
	})
	if err == nil {
		c.changed(&t)
	}
	return err
}

// cutMessage is the message a comment came in, its cuts whole.
func (c *Core) cutMessage(ctx context.Context, a *Actor, comment ID) (m Message, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		cm, err := c.cutComment(ctx, tx, a, comment)
		if err != nil {
			return err
		}
		m, err = tx.FindMessage(ctx, cm.Account, cm.Message)
		return err
	})
	if err != nil {
		return m, err
	}
	return m, c.wholeCuts(ctx, a, &m)
}

func (c *Core) cutComment(ctx context.Context, tx Tx, a *Actor, id ID) (Comment, error) {
	cm, err := tx.FindComment(ctx, a.Account.ID, id)
	if err != nil {
		return cm, err
	}
	if err := c.require(ctx, tx, a, "inbound.quarantine.release", Object{"comment", id}); err != nil {
		return cm, err
	}
	if cm.Message == "" {
		return cm, Fail(NotFound, "not_found")
	}
	return cm, nil
}

// wholeCuts replaces the beginnings of long cuts by their whole. Where the
// source was dropped, so were they.
func (c *Core) wholeCuts(ctx context.Context, a *Actor, m *Message) error {
	if !slices.ContainsFunc(m.Cuts, func(c Cut) bool { return c.Left > 0 }) {
		return nil
	}
	_, whole, err := c.rawOf(ctx, &a.Account, m)
	if KindOf(err) == NotFound {
		return nil
	}
	if err == nil {
		m.Cuts = completed(m.Cuts, whole)
	}
	return err
}

// completed are the cuts of a row with the texts that lie beside the source,
// in the same order.
func completed(cuts, whole []Cut) []Cut {
	for i := range cuts {
		if cuts[i].Left > 0 && i < len(whole) {
			cuts[i].Text, cuts[i].Left = whole[i].Text, 0
		}
	}
	return cuts
}

// unfold puts a cut into the text.
func (cm *Comment) unfold(cuts []Cut, back CutBack) {
	p := &cm.PutBack
	if len(p.Cuts) == 0 {
		p.Text, p.HTML = cm.Text, cm.HTML
	}
	p.Cuts = append(p.Cuts, back)
	slices.SortFunc(p.Cuts, func(a, b CutBack) int { return a.Cut - b.Cut })
	cm.Text, cm.HTML = withCuts(p.Text, cuts, p.Cuts), ""
}

// unfoldAll makes the text of all that was cut.
func (cm *Comment) unfoldAll(cuts []Cut, by ID, at time.Time) {
	cm.PutBack = PutBack{Text: cm.Text, HTML: cm.HTML}
	for i := range cuts {
		cm.PutBack.Cuts = append(cm.PutBack.Cuts, CutBack{Cut: i, By: by, At: at})
	}
	cm.Text, cm.HTML = withCuts(cm.Text, cuts, cm.PutBack.Cuts), ""
}

// fold takes it out; with the last one the comment is as it was.
func (cm *Comment) fold(cuts []Cut, cut int) {
	p := &cm.PutBack
	p.Cuts = slices.DeleteFunc(slices.Clone(p.Cuts), func(b CutBack) bool { return b.Cut == cut })
	if len(p.Cuts) > 0 {
		cm.Text = withCuts(p.Text, cuts, p.Cuts)
		return
	}
	cm.Text, cm.HTML, cm.PutBack = p.Text, p.HTML, PutBack{}
}

// withCuts is a text with cuts at their places, a blank line around each.
func withCuts(text string, cuts []Cut, back []CutBack) string {
	var b strings.Builder
	add := func(piece string) {
		if piece == "" {
			return
		}
		if b.Len() > 0 {
			b.WriteString("\n\n")
		}
		b.WriteString(piece)
	}
	last := 0
	for _, one := range back {
		cut := &cuts[one.Cut]
		at := max(lineEnd(text, cut.At), last)
		add(strings.Trim(text[last:at], "\n"))
		add(strings.Trim(cut.Text, "\n"))
		last = at
	}
	add(strings.Trim(text[last:], "\n"))
	return b.String()
}

// lineEnd is at, or where the line ends within which at lies: the text may
// have become another since the place was noted.
func lineEnd(text string, at int) int {
	if at = min(at, len(text)); at <= 0 {
		return 0
	}
	if text[at-1] == '\n' {
		return at
	}
	if n := strings.IndexByte(text[at:], '\n'); n >= 0 {
		return at + n
	}
	return len(text)
}

// cutsOf are the cuts of a message, each with its place in the comment's text.
func (c *Core) cutsOf(w *reply.Result) []Cut {
	if len(w.Removed) == 0 {
		return nil
	}
	text := w.Reply
	switch {
	case text == "":
		text = w.Forwarded
	case w.Forwarded != "":
		text += "\n\n" + w.Forwarded
	}
	lead := len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace)) // what body takes off
	cuts := make([]Cut, 0, len(w.Removed))
	for _, r := range w.Removed {
		at := min(max(r.At, 0), len(text))
		if at = len(c.redact(text[:at])) - lead; at < 0 {
			at = 0
		}
		cuts = append(cuts, Cut{Why: r.Why, Text: c.redact(r.Text), At: at})
	}
	return cuts
}
