package web

import (
	"encoding/base64"
	"net/http"
	"strings"

	"planpost/core"
	"planpost/mail"
	"planpost/picture"
	"planpost/safehtml"
	"planpost/templates"
)

// originalPolicy is what a mail's own HTML may do: lie in a frame of ours and
// show its own pictures. It has no origin, runs nothing and loads nothing.
const originalPolicy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"

// mostEmbedded bounds the pictures that one document carries, in bytes.
const mostEmbedded = 10 << 20

// original gives a mail's HTML for the frame on its page. The headers would be
// enough; it is reduced as well, so that two mistakes are needed for one request.
func (s *Site) original(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	o, err := s.core.MessageOriginal(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	if o.HTML == "" {
		return core.Fail(core.NotFound, "not_found")
	}
	left := mostEmbedded
	page := safehtml.Document(safehtml.ShowHidden(o.HTML, templates.T(v.locale, "original.hidden")), func(id string) (string, bool) {
		return embedded(o.Files, id, &left)
	})
	h := w.Header()
	h.Set("Content-Security-Policy", originalPolicy)
	h.Set("X-DNS-Prefetch-Control", "off")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte(page))
	return gone(err)
}

// embedded is a picture of the mail as a data address.
func embedded(files []mail.Attachment, id string, left *int) (string, bool) {
	for i := range files {
		f := &files[i]
		if id == "" || f.ContentID != id || len(f.Content) > *left {
			continue
		}
		kind := pictureType(f.Content)
		if kind == "" {
			return "", false
		}
		*left -= len(f.Content)
		return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(f.Content), true
	}
	return "", false
}

// pictureType is the type of a raster picture, by its bytes.
func pictureType(content []byte) string {
	if picture.Look(content).Height <= 0 {
		return ""
	}
	kind := http.DetectContentType(content)
	if !strings.HasPrefix(kind, "image/") || strings.Contains(kind, "svg") {
		return ""
	}
	return kind
}
