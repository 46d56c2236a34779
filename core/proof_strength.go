package core

import (
	"slices"

	"planpost/mail/auth"
)

// What an account may ask of a mail's sender for what the mail does, the least first (auth.Strength).
const (
	anyProof    = "any"
	provenProof = "proven"
	signedProof = "signed"
)

var proofs = [...]string{anyProof, provenProof, signedProof}

// Choices are the values of a ChoiceSetting: what a mail brings may ask nothing of its sender, what it orders must ask something.
func (s *Setting) Choices() []string {
	switch s.Name {
	case "proofcomment", "prooffiles":
		return proofs[:]
	case "proofcommand", "proofapproval":
		return proofs[1:]
	}
	return nil
}

// reaches tells that the sender is as well known as a proof wants.
func (d *decision) reaches(proof string) bool {
	switch proof {
	case anyProof:
		return true
	case signedProof:
		return d.verdict.Strength() >= auth.Signed
	}
	return d.verdict.Strength() >= auth.Proven
}

// lacks is the reason why a message may not become what it would, empty when it may.
func (d *decision) lacks() string {
	wanted := []string{d.account.ProofComment}
	if len(d.in.Message.Attachments) > 0 {
		wanted = append(wanted, d.account.ProofFiles)
	}
	for i, proof := range wanted {
		switch {
		case d.reaches(proof):
		case i > 0:
			return "auth.files"
		case d.verdict.Verified():
			return "auth.signature"
		default:
			return "auth.required"
		}
	}
	return ""
}

// oneOf takes one of a list.
func oneOf(list []string) func(string) (string, error) {
	return func(value string) (string, error) {
		if !slices.Contains(list, value) {
			return "", Fail(Invalid, "setting.choice", "value", cut(oneLine(value), 40))
		}
		return value, nil
	}
}
