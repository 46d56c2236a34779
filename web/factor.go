package web

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"rsc.io/qr"

	"planpost/core"
)

// factorView is the second factor: given, set up or changed.
type factorView struct {
	Frame
	core.FactorState
	Next string
	// Picture is what an authenticator photographs; nil when nothing waits to be set up.
	Picture *qrPicture
	// Open is the address in the picture, for an authenticator on the same device.
	Open template.URL
	// Codes are recovery codes, shown this once.
	Codes []string
}

// qrPicture is a QR code as one path of an SVG drawing: nothing to be loaded from anywhere.
type qrPicture struct {
	// Size is the side with its quiet border, in modules; Path draws the dark ones.
	Size int
	Path string
}

// pictureOf draws text; nil when it is too long for a code.
func pictureOf(text string) *qrPicture {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return nil
	}
	const border = 4 // ISO/IEC 18004: a quiet zone of four modules
	var path strings.Builder
	for y := range code.Size {
		for x := 0; x < code.Size; x++ {
			if !code.Black(x, y) {
				continue
			}
			from := x
			for x < code.Size && code.Black(x, y) {
				x++
			}
			fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+border, y+border, x-from, x-from)
		}
	}
	return &qrPicture{code.Size + 2*border, path.String()}
}

func (s *Site) factorForm(v *visit) (factorView, error) {
	st, err := s.core.Factor(v.Context(), v.actor)
	if err != nil {
		return factorView{}, err
	}
	view := factorView{Frame: s.frame(v, v.t("page.factor")), FactorState: st, Next: next(v.FormValue("next"))}
	if st.Outstanding { // no menu: nothing of it would open
		view.Frame = s.bareFrame(v, v.t("page.factor"))
	}
	if st.URI != "" {
		view.Picture, view.Open = pictureOf(st.URI), template.URL(st.URI) // made by the core, escaped there
	}
	return view, nil
}

// factorPage asks for the code of a session that waits for it; who has to set
// the factor up first is led there.
func (s *Site) factorPage(w http.ResponseWriter, v *visit) error {
	view, err := s.factorForm(v)
	if err != nil {
		return err
	}
	if !view.Outstanding {
		http.Redirect(w, v.Request, view.Next, http.StatusSeeOther)
		return nil
	}
	if !view.On {
		http.Redirect(w, v.Request, "/me/factor?next="+escape(view.Next), http.StatusSeeOther)
		return nil
	}
	return s.render(w, v, http.StatusOK, "givefactor", view)
}

func (s *Site) giveFactor(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	err := s.core.GiveFactor(v.Context(), v.actor, v.PostFormValue("code"))
	if err == nil {
		http.Redirect(w, v.Request, next(v.PostFormValue("next")), http.StatusSeeOther)
		return nil
	}
	return s.factorAgain(w, v, "givefactor", err)
}

func (s *Site) factorAgain(w http.ResponseWriter, v *visit, page string, err error) error {
	if !mendable(err) {
		return err
	}
	view, trouble := s.factorForm(v)
	if trouble != nil {
		return trouble
	}
	return s.render(w, v, s.again(&view.Frame, v, err), page, view)
}

func (s *Site) ownFactor(w http.ResponseWriter, v *visit) error {
	view, err := s.factorForm(v)
	if err != nil {
		return err
	}
	if view.Outstanding && view.On {
		http.Redirect(w, v.Request, "/factor?next="+escape(view.Next), http.StatusSeeOther)
		return nil
	}
	return s.render(w, v, http.StatusOK, "factor", view)
}

func (s *Site) beginFactor(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := s.core.BeginFactor(v.Context(), v.actor); err != nil {
		return s.factorAgain(w, v, "factor", err)
	}
	http.Redirect(w, v.Request, "/me/factor?next="+escape(next(v.PostFormValue("next"))), http.StatusSeeOther)
	return nil
}

// confirmFactor shows the recovery codes in its answer: they are kept nowhere
// in clear, so no other address could show them.
func (s *Site) confirmFactor(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	codes, err := s.core.ConfirmFactor(v.Context(), v.actor, v.PostFormValue("code"))
	if err != nil {
		return s.factorAgain(w, v, "factor", err)
	}
	return s.showCodes(w, v, codes)
}

func (s *Site) newCodes(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	codes, err := s.core.NewRecoveryCodes(v.Context(), v.actor, proofOf(v))
	if err != nil {
		return s.factorAgain(w, v, "factor", err)
	}
	return s.showCodes(w, v, codes)
}

func (s *Site) showCodes(w http.ResponseWriter, v *visit, codes []string) error {
	return s.render(w, v, http.StatusOK, "recovery", factorView{Frame: s.bareFrame(v, v.t("page.factor")), Codes: codes, Next: next(v.PostFormValue("next"))})
}

func (s *Site) dropFactor(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := s.core.DropFactor(v.Context(), v.actor, proofOf(v)); err != nil {
		return s.factorAgain(w, v, "factor", err)
	}
	return redirect(w, v, "/me/factor", "factoroff", "")
}

// proofOf reads the fields of the template "proof".
func proofOf(v *visit) core.Proof {
	return core.Proof{Password: v.PostFormValue("proofpassword"), Code: v.PostFormValue("proofcode")}
}
