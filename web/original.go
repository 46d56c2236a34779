package web

import (
	"encoding/base64"
	"net/http"
	"strings"

	"golang.org/x/net/html"

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
	page := safehtml.Document(showHidden(o.HTML, templates.T(v.locale, "original.hidden")), func(id string) (string, bool) {
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

// showHidden makes visible what a sender hid by an element's own style, in a
// red frame that says so.
func showHidden(source, said string) string {
	var b strings.Builder
	b.Grow(len(source))
	z := html.NewTokenizer(strings.NewReader(source))
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return b.String()
		}
		raw := z.Raw()
		if kind != html.StartTagToken && kind != html.SelfClosingTagToken {
			b.Write(raw)
			continue
		}
		before := string(raw) // the token takes the buffer apart
		token := z.Token()
		if !reveal(&token, said) {
			b.WriteString(before)
			continue
		}
		b.WriteString(token.String())
	}
}

// reveal takes out of an element's attributes what hides it; false when nothing does.
func reveal(t *html.Token, said string) bool {
	hidden := false
	var style string
	attrs := t.Attr[:0]
	for _, a := range t.Attr {
		switch {
		case a.Key == "hidden":
			hidden = true
		case a.Key == "style":
			style = a.Val
		case a.Key != "title":
			attrs = append(attrs, a)
		}
	}
	var kept []string
	for decl := range strings.SplitSeq(style, ";") {
		if hides(decl) {
			hidden = true
			continue
		}
		kept = append(kept, decl)
	}
	if !hidden {
		return false
	}
	kept = append(kept, "border: 2px dashed #c00000")
	t.Attr = append(attrs, html.Attribute{Key: "style", Val: strings.Join(kept, ";")}, html.Attribute{Key: "title", Val: said})
	return true
}

// hides tells whether a style's declaration takes an element out of sight.
func hides(decl string) bool {
	name, value, _ := strings.Cut(strings.ToLower(decl), ":")
	name, value = strings.TrimSpace(name), strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "!important"))
	switch name {
	case "display":
		return value == "none"
	case "visibility":
		return value == "hidden" || value == "collapse"
	case "mso-hide":
		return value == "all"
	case "opacity", "font-size", "max-height", "max-width", "height", "width", "line-height":
		return strings.Trim(value, "0.pxemt% ") == "" && strings.Contains(value, "0")
	}
	return false
}
