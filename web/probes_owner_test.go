package web

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"planpost/core"
	"planpost/core/access"
)

var ownerProbes = map[access.Action]probe{
	// A wrong password is the answer to who may: the account must keep its owner for the next question.
	"account.ownership.transfer": {ask: func(w *cellWorld, b *browser) (bool, string) {
		withFactor(w, w.assignee.ID)
		a := b.post("/account/transfer", "person", string(w.assignee.ID), "role", "manager", "proofpassword", "wrong")
		if a.status == http.StatusUnprocessableEntity {
			return true, "asked for the password"
		}
		return verdict(w, a)
	}},
	// Each of the two with a link of its kind to the subject, and with one of another kind.
	"session.activate": {ask: func(w *cellWorld, b *browser) (bool, string) {
		phrase := password // of who has a login already
		if w.subject.Role != core.Owner {
			phrase = "seven grey herons wade"
			p := w.now(w.subject.ID)
			p.Status = core.Pending
			w.update(p)
		}
		return w.byLink(b, core.ActivationLink, "/i", phrase)
	}},
	"session.reset_password": {ask: func(w *cellWorld, b *browser) (bool, string) {
		if w.subject.Role == core.Owner { // the same words again: others sign in with them
			return w.byLink(b, core.ResetLink, "/p", password)
		}
		return w.byLink(b, core.ResetLink, "/p", "seven grey herons wade")
	}},
	// The answer is the same for everybody: whether there is a link tells.
	"session.request_reset": {ask: func(w *cellWorld, b *browser) (bool, string) {
		address := w.subject.Address().Mailbox()
		p := w.now(w.subject.ID)
		w.tx(func(tx core.Tx) error { return tx.MoveLogin(w.t.Context(), p.Identity, address, p.Addresses[0].Norm) })
		w.later.Add(int64(time.Hour))
		before := w.resets()
		b.wants(b.post("/forgot", "login", address), http.StatusOK, "on its way")
		after := w.resets()
		return after != before, fmt.Sprintf("links %q, then %q", before, after)
	}},
}

// now reads a person as he stands.
func (p *place) now(id core.ID) (who core.Person) {
	p.t.Helper()
	p.tx(func(tx core.Tx) (err error) { who, err = tx.FindPerson(p.t.Context(), p.account.ID, id); return err })
	return who
}

func (w *cellWorld) resets() (ids string) {
	w.t.Helper()
	w.tx(func(tx core.Tx) error {
		ids = ""
		list, err := tx.LinksOf(w.t.Context(), w.account.ID, w.subject.ID, core.ResetLink)
		for _, l := range list {
			ids += string(l.ID) + " "
		}
		return err
	})
	return ids
}

// byLink opens a link to the subject, of the kind when LNK is declared and of
// another otherwise, and sends its form.
func (w *cellWorld) byLink(b *browser, kind core.LinkKind, path, phrase string) (bool, string) {
	w.t.Helper()
	id, err := core.RandomID(strings.NewReader(string(core.NewID())))
	must(w.t, err)
	l := core.Link{ID: id, Account: w.account.ID, Kind: kind, Person: w.subject.ID, Object: id, Scope: w.subject.Addresses[0].Norm, CreatedAt: w.core.Now(), ExpiresAt: w.core.Now().Add(time.Hour)}
	if !w.declared.Has(access.Lnk) {
		l.Kind = core.MuteLink
	}
	w.tx(func(tx core.Tx) error { return tx.EnsureLink(w.t.Context(), &l) })
	w.later.Add(int64(time.Hour))
	b.get(path + "/" + w.keys.LinkToken(kind, id, 0))
	pass := b.jar["planpost-"+string(kind)]
	a := b.post(path, "nonce", w.site.nonceAt(pass, w.core.Now().Add(-time.Minute)), "newpassword", phrase)
	if a.location() == "/signin?done=reset" {
		return true, "reset"
	}
	return verdict(w, a)
}
