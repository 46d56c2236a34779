package core

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"planpost/mail"
	"planpost/mail/auth"
)

// AcceptInbound decides what becomes of a message and writes it durably: when
// it returns nil, a door may answer 250. An error is our own trouble, and the
// sender shall try again. There is one receipt for each route, whatever
// happened to the message.
func (c *Core) AcceptInbound(ctx context.Context, in *Inbound) ([]Receipt, error) {
	all, err := c.probesReturned(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, account := range accountsOf(in.Routes) {
		receipts, err := c.acceptFor(ctx, in, account)
		if err != nil {
			return nil, err
		}
		all = append(all, receipts...)
	}
	return all, c.keepEntry(ctx, in)
}

// acceptRounds is how often a message is decided anew because copies of it
// arrive at the same moment for different recipients.
const acceptRounds = 5

// acceptFor accepts a message for one account. A message that is there
// already may come again for recipients it did not have: senders split one
// mail into several transactions. For those it is decided again.
func (c *Core) acceptFor(ctx context.Context, in *Inbound, account ID) ([]Receipt, error) {
	var known *AcceptResult
	for range acceptRounds {
		d, err := c.decideInbound(ctx, in, account, known)
		if err != nil {
			return nil, err
		}
		if len(d.Receipts) == 0 {
			return c.again(in, account, known), nil
		}
		if err := c.keepFiles(ctx, d); err != nil {
			return nil, err
		}
		for i := range d.opinions {
			if err := c.takeOpinion(ctx, d, &d.opinions[i]); err != nil {
				return nil, err
			}
		}
		res, err := c.store.Accept(ctx, d.Acceptance)
		if err != nil {
			return nil, err
		}
		if !res.Duplicate {
			return append(c.again(in, account, known), c.accepted(d)...), nil
		}
		known = &res
		c.dropSealed(ctx, d)
	}
	return nil, Fail(Unavailable, "store.unknown")
}

// dropSealed removes the sealed source of a message that turned out to be
// kept already: no two seals are equal, so nobody else names that file.
func (c *Core) dropSealed(ctx context.Context, d *decision) {
	if d.Message.RawHash == "" || d.Known {
		return
	}
	if err := c.files.Delete(ctx, d.account.ID, d.Message.RawHash); err != nil {
		c.log.Warn("sealed source of a duplicate stays", "message", d.Message.ID, "error", err)
	}
}

// again are the receipts of routes by which the message came before.
func (c *Core) again(in *Inbound, account ID, known *AcceptResult) (list []Receipt) {
	for i := range in.Routes {
		r := known.receipt(&in.Routes[i])
		if r == nil || in.Routes[i].Account != account {
			continue
		}
		c.log.Info("accepted", "message", r.Message, "disposition", string(Duplicate), "reason", "again")
		dup := *r
		dup.Trace = nil
		dup.end(Duplicate, "duplicate")
		list = append(list, dup)
	}
	return list
}

// receipt is the one kept for a route; nil when there is none.
func (res *AcceptResult) receipt(route *Route) *Receipt {
	if res == nil {
		return nil
	}
	for i := range res.Known {
		if res.Known[i].Key == route.Key {
			return &res.Known[i]
		}
	}
	return nil
}

// DryRun decides like AcceptInbound and writes nothing.
func (c *Core) DryRun(ctx context.Context, in *Inbound) ([]Receipt, error) {
	var all []Receipt
	for i := range in.Routes {
		if in.Routes[i].Kind == RouteProbe {
			all = append(all, c.probeReceipt(&in.Routes[i]))
		}
	}
	for _, account := range accountsOf(in.Routes) {
		d, err := c.decideInbound(ctx, in, account, nil)
		if err != nil {
			return nil, err
		}
		all = append(all, d.Receipts...)
	}
	return all, nil
}

func accountsOf(routes []Route) (ids []ID) {
	seen := make(map[ID]bool, 1)
	for i := range routes {
		if id := routes[i].Account; id != "" && !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// decision is an Acceptance in the making.
type decision struct {
	*Acceptance
	core    *Core
	in      *Inbound
	account Account
	// verdict is that of the Inbound, with what the account's sealers say.
	verdict auth.Verdict
	// cuts are the whole of what was cut.
	cuts []Cut
	// files are attachments whose bytes are not stored yet, by index into Attachments.
	files []([]byte)
	// tasks says which tasks this message has already become part of.
	tasks map[ID]bool
	// opinions are what approvers say by it, written just before the message is.
	opinions []opinion
}

// decideInbound decides for the routes of one account, except those by which
// the message is known already.
func (c *Core) decideInbound(ctx context.Context, in *Inbound, account ID, known *AcceptResult) (*decision, error) {
	var d *decision
	err := c.store.View(ctx, func(tx Tx) error {
		// Begun anew each time: the store may run this more than once.
		d = &decision{Acceptance: &Acceptance{}, core: c, in: in, account: Account{ID: account}, verdict: in.Verdict, tasks: make(map[ID]bool, 1)}
		if err := d.honour(ctx, tx); err != nil {
			return err
		}
		if err := d.describe(); err != nil {
			return err
		}
		d.continueFrom(known)
		for i := range in.Routes {
			if in.Routes[i].Account != account || known.receipt(&in.Routes[i]) != nil {
				continue
			}
			if err := d.judge(ctx, tx, &in.Routes[i]); err != nil {
				return err
			}
		}
		d.keepWords()
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("decide message: %w", err)
	}
	if d.Known || len(d.Receipts) == 0 {
		return d, nil
	}
	return d, d.seal(ctx)
}

// continueFrom takes over what the message became for its earlier recipients:
// a task it is part of gets it only once.
func (d *decision) continueFrom(known *AcceptResult) {
	if known == nil {
		return
	}
	d.Known, d.Message.ID = true, known.Message
	if d.Fetched != nil {
		d.Fetched.Message = known.Message
	}
	for i := range known.Known {
		if r := &known.Known[i]; r.Disposition == Posted || r.Disposition == Created {
			d.tasks[r.Task], d.tasks[r.Project] = true, r.Disposition == Created
		}
	}
}

// honour lets those vouch for a message who passed it on and whom the account trusts.
func (d *decision) honour(ctx context.Context, tx Tx) error {
	if d.verdict.ARC.Result != auth.ResultPass {
		return nil
	}
	if err := d.readAccount(ctx, tx); err != nil {
		return err
	}
	d.verdict = d.verdict.Honour(strings.Fields(d.account.Sealers))
	return nil
}

// describe fills the message row from what the road in found out.
func (d *decision) describe() error {
	in, env := d.in, d.in.Envelope
	m := &d.Message
	*m = Message{ID: NewID(), Account: d.account.ID, Kind: string(in.Class.Kind), Verified: string(d.verdict.Outcome),
		ReversePath: d.core.redact(env.ReversePath.Mailbox()), Helo: cut(oneLine(env.Helo), 255), Protocol: env.Protocol, Trace: d.core.redactSteps(in.Trace), Size: len(in.Raw), ReceivedAt: d.core.Now()}
	if env.Peer.IsValid() {
		m.Peer = env.Peer.String()
	}
	m.Hash = MessageHash(m.Account, "", in.Hash)
	evidence, err := json.Marshal(d.verdict)
	if err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	m.Evidence = d.core.redact(string(evidence))
	if in.Fetched != nil {
		d.Fetched = in.Fetched.entry(m.ID)
	}
	d.cuts = d.core.cutsOf(&in.Words)
	for _, cut := range d.cuts {
		m.Cuts = append(m.Cuts, cut.short())
	}
	if in.Message == nil {
		m.Kind = "unreadable"
		return nil
	}
	m.Subject, m.HeaderID, m.InReplyTo = oneLine(d.core.redact(in.Message.Subject)), cut(in.Message.MessageID, 998), answered(in.Message)
	m.Facts = d.core.factsOf(in.Message, in.Class)
	m.Facts.Forwarded = len(d.core.redact(body(in.Words.Forwarded)))
	m.Hash = MessageHash(m.Account, m.HeaderID, in.Hash)
	if len(in.Message.From) > 0 {
		m.From, m.FromName = d.core.redact(in.Message.From[0].Mailbox()), oneLine(d.core.redact(in.Message.From[0].Name))
	}
	return nil
}

// MessageHash names a message within its account and by its content. Five bytes
// are the HeaderKey, twenty make two messages with one name as unlikely as must be.
func MessageHash(account ID, headerID string, content [32]byte) string {
	h := sha256.New()
	h.Write([]byte(account))
	h.Write(content[:])
	return HeaderKey(account, headerID) + hex.EncodeToString(h.Sum(nil)[:20])
}

// HeaderKey is what Message.Hash begins with: messages are found by their
// Message-ID through the index of the hash, and need no other.
func HeaderKey(account ID, headerID string) string {
	sum := sha256.Sum256([]byte(string(account) + " " + headerID))
	return hex.EncodeToString(sum[:5])
}

// answered is the id of the message that m answers.
func answered(m *mail.Message) string {
	if len(m.InReplyTo) > 0 {
		return cut(m.InReplyTo[0], 998)
	}
	if n := len(m.References); n > 0 {
		return cut(m.References[n-1], 998)
	}
	return ""
}

// receipt starts the receipt of one route.
func (d *decision) receipt(r *Route) *Receipt {
	d.Receipts = append(d.Receipts, Receipt{ID: NewID(), Account: d.account.ID, Message: d.Message.ID, Recipient: r.Shown, Key: r.Key, Route: r.Kind,
		Link: r.Link, Project: r.Project.ID, Delivery: r.Delivery, ReceivedAt: d.Message.ReceivedAt})
	return &d.Receipts[len(d.Receipts)-1]
}

// end closes a receipt with its disposition and the reason for it.
func (r *Receipt) end(as Disposition, reason string, params ...string) {
	r.Disposition, r.Reason, r.Params = as, reason, params
}

// step notes one decision with its evidence.
func (r *Receipt) step(station, code string, params ...string) {
	r.Trace = append(r.Trace, Step{Station: station, Code: code, Params: params})
}

func (d *decision) judge(ctx context.Context, tx Tx, route *Route) error {
	r := d.receipt(route)
	r.step("route", "route."+string(route.Kind), "recipient", route.Shown)
	if route.Kind == RouteReply {
		return d.judgeReply(ctx, tx, r, route)
	}
	if err := d.readAccount(ctx, tx); err != nil {
		return err
	}
	switch route.Kind {
	case RouteProject:
		return d.judgeProject(ctx, tx, r, route)
	case RouteApproval:
		if d.past() { // what was decided then is decided
			r.end(Recorded, "box.past")
			return nil
		}
		return d.judgeApproval(ctx, tx, r)
	case RouteBox:
		return d.judgeBox(ctx, tx, r)
	}
	return d.judgeReport(ctx, tx, r)
}

// readAccount reads the account unless it came with a reply's context.
func (d *decision) readAccount(ctx context.Context, tx Tx) (err error) {
	if d.account.Key == nil {
		d.account, err = tx.FindAccount(ctx, d.account.ID)
	}
	return err
}

// common ends what no route wants as a contribution: unreadable, automatic,
// looping mail, mail to a frozen account or with an unusable From. It tells
// whether the receipt has ended.
func (d *decision) common(ctx context.Context, tx Tx, r *Receipt) (ended bool, err error) {
	in := d.in
	switch {
	case !d.account.FrozenAt.IsZero():
		r.end(Held, "account.frozen")
	case in.Message == nil:
		r.end(Held, "parse."+in.Unreadable)
	case d.looping():
		r.end(Ignored, "loop")
	case in.Class.Kind == mail.KindList:
		// A person may have written it, but not surely for this task.
		r.end(Held, "class.list", "rule", in.Class.Rule)
	case in.Class.Kind != mail.KindMessage:
		return true, d.automatic(ctx, tx, r)
	case len(in.Message.From) == 0:
		r.end(Held, "from.missing")
	case len(in.Message.From) > 1:
		r.end(Held, "from.several")
	case d.verdict.Outcome == "fail":
		r.end(Held, "auth.fail", "domain", in.Message.From[0].Domain)
	default:
		lacks := d.lacks()
		if lacks == "" {
			return false, nil
		}
		r.end(Held, lacks, "domain", in.Message.From[0].Domain)
	}
	return true, nil
}

// maxReceived is how many hops a message may have made (RFC 5321 §6.3 asks for at least 100).
const maxReceived = 100

// looping tells that the message is one of ours that came back as itself, or has travelled in circles.
func (d *decision) looping() bool {
	m := d.in.Message
	return d.core.OwnMessageID(m.MessageID) || m.ReceivedCount() > maxReceived || len(m.From) == 1 && d.core.ownAddress(m.From[0])
}

// judgeReport takes what came back to the reverse-path of one of our mails.
func (d *decision) judgeReport(ctx context.Context, tx Tx, r *Receipt) error {
	switch {
	case d.in.Message == nil:
		r.end(Recorded, "parse."+d.in.Unreadable)
	case d.looping():
		r.end(Ignored, "loop")
	case d.in.Class.Kind == mail.KindMessage:
		return d.holdReturned(ctx, tx, r)
	default:
		return d.automatic(ctx, tx, r)
	}
	return nil
}

// holdReturned keeps what a person wrote to a return address: some clients
// answer there, and it must not be lost among the reports.
func (d *decision) holdReturned(ctx context.Context, tx Tx, r *Receipt) error {
	r.end(Held, "class.message")
	out, err := tx.FindDelivery(ctx, d.account.ID, r.Delivery)
	if err != nil || out.Task == "" {
		return err
	}
	r.Person, r.Task = out.Person, out.Task
	rc := ReplyContext{}
	if rc.Task, err = tx.FindTask(ctx, d.account.ID, out.Task); err != nil {
		return err
	}
	r.Project = rc.Task.Project
	people, err := peopleByID(ctx, tx, d.account.ID, rc.Task.Related())
	for _, p := range people {
		rc.People = append(rc.People, p)
	}
	return firstError(err, d.tellHeld(ctx, tx, r, &rc))
}

// takeReports notes what a delivery report or a complaint says about our own
// mail. The address it came to names the delivery; where it came elsewhere,
// our Message-ID in it does, if that mail went to whom this address was given.
// A delivery has one recipient, so of many reports the gravest counts. Good
// news and complaints are noted with the receipt and leave the delivery as it is.
func (d *decision) takeReports(ctx context.Context, tx Tx, r *Receipt) error {
	if len(d.in.Reports) == 0 || d.past() {
		return nil
	}
	rep := d.in.Reports[0]
	for _, other := range d.in.Reports[1:] {
		if gravity(&other) > gravity(&rep) {
			rep = other
		}
	}
	delivery, address := r.Delivery, ""
	proven := d.proves(r)
	if delivery == "" {
		delivery, _ = d.core.keys.OpenMessageID(rep.OriginalMessageID, d.core.cfg.MailDomain)
	}
	if delivery == "" {
		return nil
	}
	out, err := tx.FindDelivery(ctx, d.account.ID, delivery)
	if KindOf(err) == NotFound || err == nil && r.Person != "" && r.Person != out.Person {
		return nil
	}
	if err != nil {
		return err
	}
	text := d.core.redact(oneLine(rep.Diagnostic))
	r.Delivery = delivery
	if proven {
		if address, err = reportedAddress(ctx, tx, &rep, &out); err != nil {
			return err
		}
	}
	if rep.Kind == mail.KindFeedback {
		d.suppress(SuppressComplaint, r, &out, address, text)
		r.step("classify", "complaint", "type", cut(rep.Action, 40), "text", cut(text, 200))
		return nil
	}
	r.step("classify", "report", "status", rep.Status, "text", cut(text, 200))
	if rep.Permanent {
		d.suppress(SuppressBounce, r, &out, address, rep.Status+" "+text)
	}
	if gravity(&rep) > 0 {
		d.Reports = append(d.Reports, DeliveryReport{Account: d.account.ID, Delivery: delivery, Status: rep.Status, Text: cut(text, 500), Permanent: gravity(&rep) > 1, At: d.Message.ReceivedAt})
	}
	return nil
}

// proves tells whether a report may stop mail: it came to the mail's own return
// path, or from a proven sender. A Message-ID alone stands in every forward.
func (d *decision) proves(r *Receipt) bool {
	i := slices.IndexFunc(d.in.Routes, func(o Route) bool { return o.Delivery != "" && o.Delivery == r.Delivery })
	return i >= 0 && !d.in.Routes[i].Named || d.verdict.Verified()
}

// reportedAddress is the address of ours that a report speaks of: one that the
// mail was sent to, the last one when the report names none of them. Where that
// mailbox forwards to is of no concern.
func reportedAddress(ctx context.Context, tx Tx, rep *mail.Report, out *Delivery) (address string, err error) {
	attempts, err := tx.ListAttempts(ctx, out.Account, out.ID)
	for _, t := range slices.Backward(attempts) {
		if address == "" || t.Address == rep.Recipient.Norm() {
			address = t.Address
		}
	}
	return address, err
}

// suppress stops what a report about one of our mails tells to stop.
func (d *decision) suppress(reason SuppressReason, r *Receipt, out *Delivery, address, evidence string) {
	if address == "" {
		return
	}
	for _, s := range stops(reason, out.Stream) {
		d.Suppressions = append(d.Suppressions, Suppression{ID: NewID(), Account: out.Account, Address: address, Stream: s, Reason: reason,
			Evidence: cut(evidence, 500), Delivery: out.ID, Receipt: r.ID, CreatedAt: d.Message.ReceivedAt})
	}
}

// wrote notes that an address whose mail is stopped wrote to us, and is read therefore.
func (d *decision) wrote(stopped bool) {
	if stopped && !d.past() && d.verdict.Verified() && len(d.in.Message.From) == 1 {
		d.Written = d.in.Message.From[0].Norm()
	}
}

// gravity orders reports: 3 nobody is there, 2 this mail will not arrive, 1
// it is late, 0 it has arrived. "failed" is final whatever the code is (RFC 3464 §2.3.3).
func gravity(rep *mail.Report) int {
	switch {
	case rep.Kind != mail.KindBounce:
		return 0
	case rep.Permanent:
		return 3
	case rep.Action == "failed":
		return 2
	case rep.Action == "delayed":
		return 1
	}
	return 0
}

// seal compresses and seals the source; what is too large for a row goes to the files.
func (d *decision) seal(ctx context.Context) error {
	sealed, err := d.core.sealMail(&d.account, d.Message.ID, d.in.Raw, d.cuts)
	if err != nil {
		return err
	}
	if len(sealed) <= d.core.cfg.RawInRow {
		d.Raw = sealed
		return nil
	}
	ref, err := d.core.files.Put(ctx, d.account.ID, bytes.NewReader(sealed), 0)
	d.Message.RawHash = ref.Hash
	return err
}

// accepted tells who waits of what was written.
func (c *Core) accepted(d *decision) []Receipt {
	for i := range d.Receipts {
		r := &d.Receipts[i]
		c.log.Info("accepted", "message", r.Message, "disposition", string(r.Disposition), "reason", r.Reason, "from", d.in.Envelope.ReversePath.Masked(), "size", d.Message.Size)
		if r.Disposition == Held {
			c.bus.Publish(HeldTopic(r.Account))
		}
		if r.Task != "" {
			c.bus.Publish(TaskTopic(r.Task))
		}
	}
	for i := range d.Notifications {
		c.bus.Publish(NotesTopic(d.Notifications[i].Person))
	}
	for _, w := range d.Answered {
		c.bus.Publish(NotesTopic(w.Person))
	}
	if len(d.Deliveries) > 0 {
		c.wakeMailer()
	}
	return d.Receipts
}

// OwnMessageID tells whether a Message-ID is one that we gave.
func (c *Core) OwnMessageID(id string) bool {
	_, ok := c.keys.OpenMessageID(id, c.cfg.MailDomain)
	return ok
}
