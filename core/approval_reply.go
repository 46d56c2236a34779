package core

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"
	"unicode"

	"planpost/mail"
)

// An answer to the mail that asks for an approval:
//
//	"OK C-47" in the first line, or the word of another language  approves
//	the code with other words                                     wants a correction
//	anything else                                                 is a remark, and its sender is told how to decide
//
// The first two only where the project allows it and the sender is proven.

// assents are what approves beside the code, in the languages of the product.
var assents = []string{
	"ok", "okay", "o.k.", "yes", "approved", "i approve", "approve",
	"ja", "freigabe", "freigegeben", "genehmigt", "einverstanden",
	"oui", "d'accord", "d’accord", "approuvé", "bon pour accord", "validé",
	"да", "ок", "окей", "одобрено", "одобрен", "одобрявам", "съгласен", "съгласна",
}

// opinion is what an answer says to a request.
type opinion struct {
	receipt        ID
	link, approval ID
	person         Person
	// deed is Approve, Correct or empty for a remark.
	deed, words string
	files       []mail.Attachment
}

// judgeApproval decides about a message to the reply address of a request for approval.
func (d *decision) judgeApproval(ctx context.Context, tx Tx, r *Receipt) error {
	l, err := tx.FindLink(ctx, r.Link)
	if err != nil {
		return err
	}
	p, err := tx.FindPerson(ctx, l.Account, l.Person)
	if err != nil {
		return err
	}
	o, err := d.core.askingOf(ctx, tx, l.Account, l.Object)
	if err != nil {
		return err
	}
	r.Person, r.Project = p.ID, o.Approval.Project
	if reason := d.core.deadLink(l); reason != "" {
		r.end(Held, reason)
		return nil
	}
	if ended, err := d.common(ctx, tx, r); err != nil || ended {
		return err
	}
	if ended, err := d.checkSender(ctx, tx, r, &ReplyContext{Person: p}); err != nil || ended {
		return err
	}
	if !p.BlockedAt.IsZero() {
		r.end(Held, "person.blocked", "name", p.Name)
		return nil
	}
	if !slices.ContainsFunc(o.Approvers, func(of Approver) bool { return of.Person == p.ID }) {
		r.end(Held, "right.missing", "name", p.Name)
		return nil
	}
	reader := approvalReader(&l, &p, &d.account)
	seen, err := d.core.may(ctx, tx, reader, "approval.view", o.Approval.object())
	if err = unlessGone(err); err != nil {
		return err
	}
	if !seen.Allowed {
		r.end(Held, "right.missing", "name", p.Name)
		return nil
	}
	project, err := tx.FindProject(ctx, l.Account, o.Approval.Project)
	if err != nil {
		return err
	}
	say := opinion{receipt: r.ID, link: l.ID, approval: o.Approval.ID, person: p, words: d.commentText(d.in.Words.Reply), files: d.in.Message.Attachments}
	if say.words == "" && len(say.files) == 0 {
		r.end(Recorded, "reply.empty")
		return nil
	}
	decides := project.ReplyApproves && d.reaches(d.account.ProofApproval) && o.Approval.State == ApprovalWaiting
	if decides {
		say.deed, say.words = d.core.deedIn(say.words, &l, o.Version.Index, len(say.files) > 0)
	} else if !project.ReplyApproves {
		r.step("accept", "approval.replies_off")
	} else if !d.reaches(d.account.ProofApproval) {
		r.step("accept", "approval.unproven")
	}
	r.end(Posted, say.reason(), "index", o.Version.Index, "plan", o.Plan.Name())
	d.opinions = append(d.opinions, say)
	return nil
}

func (o *opinion) reason() string {
	if o.deed == "" {
		return "approval.remark"
	}
	return "approval." + o.deed
}

// deedIn reads what an answer decides, and the words that are left for people.
func (c *Core) deedIn(text string, l *Link, index string, files bool) (deed, words string) {
	first, rest, _ := strings.Cut(strings.TrimSpace(text), "\n")
	rest = strings.TrimSpace(rest)
	fits := func(s string) bool { return c.keys.ApprovalCodeFits(s, l.ID, l.Generation, index) }
	if assent(first, fits) {
		return Approve, rest
	}
	switch {
	case fits(first) && (rest != "" || files):
		return Correct, rest
	case !fits(first) && codeAmong(first, fits):
		return Correct, text
	}
	return "", text
}

// assent tells whether a line is a code that fits with a word of assent before or behind it, and nothing else.
func assent(line string, fits func(string) bool) bool {
	line = strings.ToLower(strings.TrimFunc(line, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }))
	for _, word := range assents {
		for _, cut := range []func(string, string) (string, bool){strings.CutPrefix, strings.CutSuffix} {
			code, ok := cut(line, word)
			if ok && len(code) > 0 && apart(code, word) && fits(code) {
				return true
			}
		}
	}
	return false
}

// apart tells that a word ended where the code begins: "okC-47" is a slip, and "jaC" may be an index.
func apart(code, word string) bool {
	return strings.ContainsAny(code[:1]+code[len(code)-1:], " \t,.;:!-–—") || strings.HasSuffix(word, ".")
}

// codeAmong tells whether some words side by side in a line are the code.
func codeAmong(line string, fits func(string) bool) bool {
	words := strings.Fields(line)
	for i := range words {
		for n := 1; n <= 3 && i+n <= len(words); n++ {
			if fits(strings.Join(words[i:i+n], "")) {
				return true
			}
		}
	}
	return false
}

// takeOpinion writes what an answer says, before the message itself is
// written: should that fail, the sender comes again, and saying a thing twice
// changes nothing. What cannot be decided any more is kept with the message.
func (c *Core) takeOpinion(ctx context.Context, d *decision, o *opinion) error {
	i := slices.IndexFunc(d.Receipts, func(r Receipt) bool { return r.ID == o.receipt })
	r := &d.Receipts[i]
	if o.deed != "" {
		err := c.decideByMail(ctx, d, o)
		switch CodeOf(err) {
		case "":
			return err
		case "approval.decided", "approval.ended":
			r.end(Recorded, CodeOf(err))
			return nil
		}
		if k := KindOf(err); k != Forbidden && k != NotFound && k != Invalid {
			return err
		}
		r.end(Held, "right.missing", "name", o.person.Name)
		return nil
	}
	return c.remarkByMail(ctx, d, o)
}

func (o *opinion) uploads() (list []Upload) {
	for i := range o.files {
		if len(list) == mostApprovalFiles {
			break
		}
		list = append(list, Upload{Name: o.files[i].Name, Type: o.files[i].Type, Content: bytes.NewReader(o.files[i].Content)})
	}
	return list
}

func (c *Core) decideByMail(ctx context.Context, d *decision, o *opinion) error {
	a := &Actor{Person: o.person, Account: d.account, Via: "mail", Auth: "mail"}
	if !o.person.signsIn() {
		var l Link
		err := c.store.View(ctx, func(tx Tx) (err error) { l, err = tx.FindLink(ctx, o.link); return err })
		if err != nil {
			return err
		}
		a = linkActor(&l, &o.person, &d.account)
		a.Via, a.Auth = "mail", "mail"
	}
	_, err := c.decideAs(ctx, a, o.approval, &Decision{Deed: o.deed, Words: o.words, Files: o.uploads()}, func(Tx) error { return nil })
	return err
}

// remarkByMail keeps an answer that decides nothing, tells who asked, and its sender how to decide.
func (c *Core) remarkByMail(ctx context.Context, d *decision, o *opinion) error {
	a := &Actor{Person: o.person, Account: d.account, Via: "mail", Auth: "mail"}
	files, err := c.storeApprovalFiles(ctx, a, o.approval, o.uploads())
	if err != nil {
		return err
	}
	words := cut(o.words, longestDecision)
	err = c.store.InTx(ctx, func(tx Tx) error {
		q, err := c.askingOf(ctx, tx, d.account.ID, o.approval)
		if err != nil {
			return err
		}
		mine, ok := q.of(o.person.ID)
		if !ok || words != "" && strings.HasSuffix(mine.Comment, words) { // the sender comes again
			return nil
		}
		mine.Comment = cut(strings.TrimSpace(mine.Comment+"\n\n"+words), 4*longestDecision)
		if err := tx.SetApprover(ctx, mine, mine.State); err != nil {
			return err
		}
		if err := tx.CreateApprovalFiles(ctx, files...); err != nil {
			return err
		}
		if err := c.note(ctx, tx, a, "approval.remark", q.Approval.object(), "name", q.Plan.Name(), "index", q.Version.Index); err != nil {
			return err
		}
		if err := c.tellOfApproval(ctx, tx, o.person.ID, &q, "plan.remark", "who", o.person.Name, "words", words); err != nil {
			return err
		}
		if q.Approval.State != ApprovalWaiting || !mine.waits() {
			return nil
		}
		if ok, _ := c.limiter.Allow(ctx, "approvalhow:"+string(o.link), 1, 24*time.Hour); !ok {
			return nil
		}
		was := mine.State
		if err := c.askApprover(ctx, tx, &q.Approval, mine, askedHow); err != nil {
			return err
		}
		return tx.SetApprover(ctx, mine, was)
	})
	if err == nil {
		c.wakeMailer()
	}
	return err
}
