package ingest

import (
	"strings"

	"planpost/core"
	"planpost/mail"
	"planpost/picture"
	"planpost/safehtml"
)

// heights are those of the attachments that are pictures, in pixels, by their
// headers; 0 for all others.
func heights(m *mail.Message) []int {
	if m == nil || len(m.Attachments) == 0 {
		return nil
	}
	list := make([]int, len(m.Attachments))
	for i := range m.Attachments {
		list[i] = picture.Look(m.Attachments[i].Content).Height
	}
	return list
}

// ownPictures lets the HTML keep the pictures that came with the message; each
// keeps the name by which the message refers to it until it is shown.
func ownPictures(m *mail.Message) safehtml.Option {
	return safehtml.WithInline(func(id string) (string, bool) {
		for i := range m.Attachments {
			if id != "" && m.Attachments[i].ContentID == id {
				return core.CidURL(id), true
			}
		}
		return "", false
	})
}

// showsPicture tells whether the HTML shows a part of its own message.
func showsPicture(html string) bool {
	return strings.Contains(html, "cid:") || strings.Contains(html, "CID:")
}
