package web

import (
	"net/http"

	"planpost/core"
	"planpost/templates"
)

// blockRoutes: what a block ends, looked at before, for who may block, and after.
var blockRoutes = []route{
	{"GET", "/projects/{id}/participants/{person}/block", "participant.list", (*Site).previewPlaceBlock},
	{"POST", "/projects/{id}/participants/{person}/block", "participant.block", (*Site).blockPlace},
	{"GET", "/people/{id}/block", "contact.view", (*Site).previewPersonBlock},
	{"POST", "/people/{id}/block", "person.block_everywhere", (*Site).blockPerson},
	{"GET", "/blocks/{id}", "participant.list_blocked", (*Site).blockReceipt},
}

// blockView is a block before it is made, with the form, or its receipt.
type blockView struct {
	Frame
	core.BlockView
	// Action is where the form goes; empty in a receipt. Back is the page of whom it is about.
	Action, Back string
}

func blockURL(id core.ID) string { return "/blocks/" + string(id) }

func personURL(id core.ID) string { return "/people/" + string(id) }

func (s *Site) previewPlaceBlock(w http.ResponseWriter, v *visit) error {
	project, person, err := v.placeIDs()
	if err != nil {
		return err
	}
	b, err := s.core.PreviewBlock(v.Context(), v.actor, project, person)
	switch {
	case err == nil:
		return s.blockPreview(w, v, &b, placeURL(project, person))
	case mendable(err):
		return s.placePage(w, v, err)
	}
	return err
}

func (s *Site) previewPersonBlock(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	b, err := s.core.PreviewBlock(v.Context(), v.actor, "", id)
	switch {
	case err == nil:
		return s.blockPreview(w, v, &b, personURL(id))
	case mendable(err):
		return s.personPage(w, v, err)
	}
	return err
}

func (s *Site) blockPreview(w http.ResponseWriter, v *visit, b *core.BlockView, back string) error {
	return s.render(w, v, http.StatusOK, "blockpreview", blockView{s.frame(v, v.t("block.preview.title", "name", b.Of.Name)), *b, back + "/block", back})
}

// blockPlace blocks in one project and leads to the receipt: what ended.
func (s *Site) blockPlace(w http.ResponseWriter, v *visit) error {
	project, person, err := v.placeIDs()
	if err != nil {
		return err
	}
	b, err := s.core.BlockParticipant(v.Context(), v.actor, project, person)
	switch {
	case err == nil:
		return redirect(w, v, blockURL(b.ID), "", "")
	case mendable(err):
		return s.placePage(w, v, err)
	}
	return err
}

// blockPerson blocks everywhere and leads to the receipt (B10).
func (s *Site) blockPerson(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	b, err := s.core.BlockPerson(v.Context(), v.actor, id)
	switch {
	case err == nil:
		return redirect(w, v, blockURL(b.ID), "", "")
	case mendable(err):
		return s.personPage(w, v, err)
	}
	return err
}

func (s *Site) blockReceipt(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	b, err := s.core.FindBlock(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	back := personURL(b.Person)
	if b.Project != "" {
		back = placeURL(b.Project, b.Person)
	}
	return s.render(w, v, http.StatusOK, "blockreceipt", blockView{s.frame(v, v.t("block.title", "number", templates.Number(v.locale, b.Number))), b, "", back})
}
