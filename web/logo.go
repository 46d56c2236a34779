package web

import (
	"errors"
	"io"
	"net/http"

	"planpost/core"
	"planpost/picture"
)

// setLogo takes a picture as the account's logo, or takes the logo away.
func (s *Site) setLogo(w http.ResponseWriter, v *visit) error {
	if err := v.parseFiles(maxForm); err != nil {
		return err
	}
	defer v.dropFiles()
	var err error
	switch {
	case len(v.files) > 0:
		err = s.drawLogo(v, v.files[0].Content)
	case v.PostForm.Has("logo"):
		err = s.core.SetSettings(v.Context(), v.actor, map[string]string{"logo": v.PostFormValue("logo")})
	default:
		if err = s.need(v, "account.settings.edit", core.Object{}); err == nil {
			err = core.Fail(core.Invalid, "setting.logo")
		}
	}
	switch {
	case err == nil:
		return redirect(w, v, "/settings", "settings", "logo")
	case mendable(err):
		return s.settingsPage(w, v, "account.settings.view", err)
	}
	return err
}

// drawLogo makes the picture small before the core takes it.
func (s *Site) drawLogo(v *visit, content io.Reader) error {
	if err := s.need(v, "account.settings.edit", core.Object{}); err != nil { // before the work
		return err
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	info := picture.Look(b)
	release, err := s.room(v, info.Cost+int64(len(b)))
	if err != nil {
		return err
	}
	defer release()
	small, err := picture.Logo(b, core.LogoSide, core.LogoMost)
	if errors.Is(err, picture.ErrTooLarge) {
		return core.Fail(core.TooLarge, "setting.logo.large")
	}
	if err != nil {
		return &core.Error{Kind: core.Invalid, Code: "setting.logo", Err: err}
	}
	return s.core.SetLogo(v.Context(), v.actor, small)
}

// logo gives an account's logo to anybody: pages of links and of sign-in show
// it before one knows who asks. Its name changes with its bytes.
func (s *Site) logo(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	content, kind, err := s.core.Logo(v.Context(), id, v.PathValue("name"))
	if err != nil {
		return err
	}
	defer content.Close()
	sandboxed(w, kind, "inline")
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, err = io.Copy(w, content)
	return gone(err)
}
