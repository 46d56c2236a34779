package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
)

// samplePlan is a drawing of the project "lumiere" with its indices.
type samplePlan struct {
	number, title, paper, scale string
	draws                       string // floor, facade or detail
	author                      string
	indices                     string // such as "ABC"
	// asks are who approves the last index; empty where none has to.
	asks []string
}

const planProject = "lumiere"

// planPeople take part in the project, with their trades.
var planPeople = []struct {
	key, role       string
	admin, approves bool
}{
	{"mira", "Project management", true, false},
	{"jonas", "Façade planning", false, false},
	{"sofia", "Façade planning", false, false},
	{"claire", "Architecture", false, true},
	{"julien", "Architecture", false, false},
	{"katrin", "Structural engineering", false, true},
	{"oliver", "Glazing", false, false},
	{"felix", "Building services", false, false},
}

var samplePlans = []samplePlan{
	{"F-101", "Ground floor, façade axes", "A1", "1:50", "floor", "jonas", "AB", nil},
	{"F-102", "First floor, façade axes", "A1", "1:50", "floor", "jonas", "AB", nil},
	{"F-103", "Second floor, façade axes", "A1", "1:50", "floor", "sofia", "A", nil},
	{"F-201", "North elevation", "A1", "1:50", "facade", "jonas", "AB", []string{"claire", "katrin"}},
	{"F-202", "Courtyard elevation, with the new windows beside the staircase and the lift", "A1", "1:50", "facade", "sofia", "A", []string{"claire"}},
	{"F-301", "Section through parapet and roof edge", "A2", "1:10", "detail", "jonas", "A", nil},
	{"F-302", "Window sill, level 2", "A3", "1:5", "detail", "jonas", "AB", nil},
	{"S-401", "Brackets, level 3", "A2", "1:20", "detail", "katrin", "A", nil},
	{"G-501", "Glazing, types 1 to 4", "A3", "1:20", "detail", "oliver", "A", nil},
	{"H-601", "Outlets behind the façade", "A2", "1:50", "floor", "felix", "A", nil},
}

var printShop = core.SendAddress{Address: "Druckwerk Süd <plot@druckwerk-sued.example>", Role: "Print shop"}

// plans plays a project: plans come, go out, are renewed and approved; a
// sending is recalled and an engineer blocked.
func (s *seeder) plans(ctx context.Context) error {
	p := &planWork{seeder: s, made: map[string]core.Plan{}, current: map[string]core.ID{}}
	for _, step := range []func(context.Context) error{p.people, p.first, p.sendings, p.renew, p.approvals, p.vault, p.block} {
		if err := step(ctx); err != nil {
			return fmt.Errorf("plans: %w", err)
		}
	}
	return nil
}

// planWork remembers the plans by number, and the version of each that is current.
type planWork struct {
	*seeder
	made    map[string]core.Plan
	current map[string]core.ID
}

func (p *planWork) people(ctx context.Context) error {
	for _, o := range planPeople {
		n := core.NewParticipant{Person: p.seeder.people[o.key]}
		n.TradeRole = &o.role
		if o.admin {
			n.Admin = &o.admin
		}
		if o.approves {
			n.Approves = &o.approves
		}
		if _, err := p.core.InviteParticipant(ctx, p.actors["helene"], p.projects[planProject], n); err != nil {
			return fmt.Errorf("%s: %w", o.key, err)
		}
	}
	return nil
}

// first brings each plan with its first index. Mira brings those of people outside, as their author wants it.
func (p *planWork) first(ctx context.Context) error {
	for i := range samplePlans {
		d := &samplePlans[i]
		n := core.NewPlan{Kind: core.DrawingKind, Number: d.number, Title: d.title}
		var err error
		if n.NewVersion, err = p.index(ctx, d, "A"); err != nil {
			return err
		}
		plan, v, err := p.core.CreatePlan(ctx, p.by(d), p.projects[planProject], n)
		if err != nil {
			return fmt.Errorf("%s: %w", d.number, err)
		}
		p.made[d.number] = plan
		if v.State == core.Current {
			p.current[d.number] = v.ID
		}
	}
	return nil
}

// by is who brings a plan.
func (p *planWork) by(d *samplePlan) *core.Actor {
	if a := p.actors[d.author]; a != nil {
		return a
	}
	return p.actors["mira"]
}

// index draws an index and takes its files in as the page does.
func (p *planWork) index(ctx context.Context, d *samplePlan, index string) (n core.NewVersion, err error) {
	s := drawSheet(d, index, p.now().Format(time.DateOnly))
	n = core.NewVersion{Index: index}
	if p.actors[d.author] == nil {
		n.Author = p.seeder.people[d.author]
	}
	required := len(d.asks) > 0 && strings.HasSuffix(d.indices, index)
	n.Approval = &required
	if required {
		n.Message = "Please look at the window heads; the rest is as before."
		for _, key := range d.asks {
			n.Approvers = append(n.Approvers, p.seeder.people[key])
		}
	}
	name := d.number + "_" + index
	for _, f := range []struct {
		mail.Attachment
		class core.FileClass
	}{{s.pdf(name + ".pdf"), core.PrintFile}, {s.dxf(name + ".dxf"), core.CADFile}} {
		u, err := p.core.SendUpload(ctx, p.by(d), core.NewUpload{Project: p.projects[planProject], Purpose: core.PlanPurpose, Name: f.Name, Type: f.Type}, bytes.NewReader(f.Content))
		if err != nil {
			return n, fmt.Errorf("%s: %w", f.Name, err)
		}
		n.Files = append(n.Files, core.NewPlanFile{Upload: u.ID, Class: f.class})
	}
	return n, nil
}

func (p *planWork) versions(numbers ...string) (list []core.ID) {
	for _, n := range numbers {
		list = append(list, p.current[n])
	}
	return list
}

// sendings go to the site, to a print shop and, by mistake, to somebody who bids.
func (p *planWork) sendings(ctx context.Context) error {
	project := p.projects[planProject]
	all := []string{"F-101", "F-102", "F-103", "F-301", "F-302"}
	send := func(n core.NewTransmittal) (core.Transmittal, error) {
		n.Project = project
		return p.core.SendPlans(ctx, p.actors["mira"], n)
	}
	site, err := send(core.NewTransmittal{Versions: p.versions(all...), People: []core.ID{p.seeder.people["julien"], p.seeder.people["oliver"], p.seeder.people["felix"]}, Message: "First set for the site meeting on Thursday."})
	if err != nil {
		return err
	}
	if _, err = send(core.NewTransmittal{Versions: p.versions(all...), Addresses: []core.SendAddress{printShop}, PrintOnly: true, Copies: 2, Sheet: "original", Folding: "folded",
		Message: "Two sets, folded, by courier to the site office please. The gate is open until five."}); err != nil {
		return err
	}
	wrong, err := send(core.NewTransmittal{Versions: p.versions("G-501", "S-401"), Addresses: []core.SendAddress{{Address: "angebote@glas-huber.example", Role: "Bidder"}}, Message: "For your offer."})
	if err != nil {
		return err
	}
	page, err := p.core.TransmittalPage(ctx, p.actors["mira"], wrong.ID)
	if err != nil {
		return err
	}
	// The mail has left by then: its link ends all the same.
	if _, err := p.mailTo(ctx, core.DeliveryFilter{Person: page.To[0].Person.ID, Kind: core.TransmittalLetter, State: core.DeliverySent, Limit: 1}); err != nil {
		return err
	}
	if _, _, err := p.core.RecallTransmittal(ctx, p.actors["mira"], wrong.ID); err != nil {
		return err
	}
	for _, key := range []string{"julien", "oliver"} {
		if err := p.confirm(ctx, key, site.ID); err != nil {
			return fmt.Errorf("receipt of %s: %w", key, err)
		}
	}
	return nil
}

var linkIn = regexp.MustCompile(`/([ad])/([A-Za-z0-9_-]{43})`)

// confirm is the click of somebody who has downloaded what he was sent.
func (p *planWork) confirm(ctx context.Context, key string, sending core.ID) error {
	m, err := p.letterTo(ctx, key, core.TransmittalLetter)
	if err != nil {
		return err
	}
	token := linkIn.FindStringSubmatch(m.Text)
	if token == nil {
		return errors.New("the mail has no link")
	}
	d, err := p.core.VisitDownload(ctx, token[2], "127.0.0.1")
	if err != nil {
		return err
	}
	var versions []core.ID
	for _, one := range d.Sending.Plans {
		versions = append(versions, one.Version.ID)
	}
	return p.core.ConfirmReceipt(ctx, token[2], "127.0.0.1", versions, core.Visitor{IP: "127.0.0.1", Agent: "Mozilla/5.0 (iPhone)", Language: true})
}

// renew brings the second index of most plans; those who hold the first are mailed.
func (p *planWork) renew(ctx context.Context) error {
	for i := range samplePlans {
		d := &samplePlans[i]
		for _, index := range d.indices[1:] {
			n, err := p.index(ctx, d, string(index))
			if err != nil {
				return err
			}
			_, v, err := p.core.AddVersion(ctx, p.by(d), p.made[d.number].ID, n)
			if err != nil {
				return fmt.Errorf("%s %c: %w", d.number, index, err)
			}
			if v.State == core.Current {
				p.current[d.number] = v.ID
			}
		}
	}
	return nil
}

// approvals: Katrin approves the north elevation, and Claire has not decided yet.
func (p *planWork) approvals(ctx context.Context) error {
	m, err := p.letterTo(ctx, "katrin", core.ApprovalLetter)
	if err != nil {
		return err
	}
	token, code := linkIn.FindStringSubmatch(m.Text), regexp.MustCompile(`(?m)^    (\S+)$`).FindStringSubmatch(m.Text)
	if token == nil || code == nil {
		return errors.New("the mail that asks for an approval has no link or no code")
	}
	v, err := p.core.VisitLink(ctx, core.ApprovalLink, token[2], "127.0.0.1")
	if err != nil {
		return err
	}
	return p.core.DecideByLink(ctx, v.Pass, code[1], core.Decision{Deed: core.Approve, Words: "Heads are fine. Keep the anchor M12 at axis 3."}, core.Credentials{IP: "127.0.0.1", UserAgent: "Mozilla/5.0 (Windows NT 10.0)"})
}

// vault is a document that only few may see.
func (p *planWork) vault(ctx context.Context) error {
	f := pdfFile("contract.pdf", "Contract, façade works", "Between Atelier Moreau and Kranich Façades", "Prices in annex 2")
	u, err := p.core.SendUpload(ctx, p.actors["mira"], core.NewUpload{Project: p.projects[planProject], Purpose: core.PlanPurpose, Name: f.Name, Type: f.Type}, bytes.NewReader(f.Content))
	if err != nil {
		return err
	}
	no := false
	_, _, err = p.core.CreatePlan(ctx, p.actors["mira"], p.projects[planProject], core.NewPlan{Kind: core.DocumentKind, Title: "Contract, façade works", Secured: true, Access: []core.ID{p.seeder.people["claire"]},
		NewVersion: core.NewVersion{Index: "1", Author: p.seeder.people["mira"], Approval: &no, Files: []core.NewPlanFile{{Upload: u.ID}}}})
	return err
}

// block ends the part of an engineer who left the job.
func (p *planWork) block(ctx context.Context) error {
	if _, err := p.letterTo(ctx, "felix", core.TransmittalLetter); err != nil {
		return err
	}
	_, err := p.core.BlockParticipant(ctx, p.actors["mira"], p.projects[planProject], p.seeder.people["felix"])
	return err
}

// letterTo waits for the newest mail of a kind to somebody.
func (p *planWork) letterTo(ctx context.Context, key string, kind core.LetterKind) (*mail.Message, error) {
	return p.mailTo(ctx, core.DeliveryFilter{Person: p.seeder.people[key], Kind: kind, State: core.DeliverySent, Limit: 1})
}
