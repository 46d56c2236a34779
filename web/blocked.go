package web

import (
	"net/http"

	"planpost/core"
)

type blockedView struct {
	Frame
	Ended core.Ended
}

// blockPerson blocks everywhere and answers with the receipt: what ended (B10).
func (s *Site) blockPerson(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	e, err := s.core.BlockPerson(v.Context(), v.actor, id)
	switch {
	case err == nil:
		return s.render(w, v, http.StatusOK, "blockedperson", blockedView{s.frame(v, v.t("ended.title")), e})
	case mendable(err):
		return s.personPage(w, v, err)
	}
	return err
}
