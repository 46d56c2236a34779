package web

import (
	"net/http"

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
}
