package web

import (
	"errors"
	"html"
	"io"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/sync/semaphore"

	"planpost/core"
	"planpost/picture"
)

// Previews are made when they are asked for. The memory of all that are being
// decoded together is bounded; who finds no room waits for it. The last ones
// made are kept, for a page is mostly read by several people at once.
type previews struct {
	room *semaphore.Weighted

	mu   sync.Mutex // guards made and ring
	made map[string][]byte
	ring []string
	next int
}

const (
	// previewSide is the longest side in pixels: twice what pages show, for fine screens.
	previewSide = 640
	// previewRoom bounds, in bytes, what decoding may need at once.
	previewRoom = picture.MostCost + 64<<20
	// previewsKept is how many are kept; one is some 50 KB.
	previewsKept = 128
)

func newPreviews() *previews {
	return &previews{room: semaphore.NewWeighted(previewRoom), made: make(map[string][]byte), ring: make([]string, previewsKept)}
}

func (p *previews) find(key string) []byte {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.made[key]
}

func (p *previews) keep(key string, b []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.made[key]; ok {
		return
	}
	delete(p.made, p.ring[p.next])
	p.made[key], p.ring[p.next] = b, key
	p.next = (p.next + 1) % len(p.ring)
}

// room waits until n bytes may be used, and gives what ends that.
func (s *Site) room(v *visit, n int64) (release func(), err error) {
	n = min(max(n, 1<<20), previewRoom)
	if err := s.previews.room.Acquire(v.Context(), n); err != nil {
		return nil, errGone // only the visitor's going away ends the wait
	}
	return func() { s.previews.room.Release(n) }, nil
}

// preview gives a small copy of a picture, or a drawing that says why there is
// none. Rights are asked each time; an unchanged copy is not sent again.
func (s *Site) preview(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	a, content, err := s.core.Attachment(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	defer content.Close()
	if !showable(&a) {
		return core.Fail(core.NotFound, "not_found")
	}
	key := string(a.Account) + a.Hash
	h := w.Header()
	h.Set("ETag", `"p1-`+a.Hash+`"`)
	h.Set("Cache-Control", "private, no-cache")
	if v.Header.Get("If-None-Match") == h.Get("ETag") {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	small := s.previews.find(key)
	if small == nil {
		small, err = s.makePreview(v, &a, content)
		switch {
		case errors.Is(err, errGone):
			return err
		case errors.Is(err, picture.ErrTooLarge):
			return noPreview(w, v, "large")
		case errors.Is(err, picture.ErrKind):
			return s.attachmentAsPreview(w, v, &a, content)
		case err != nil:
			return noPreview(w, v, "broken")
		}
		s.previews.keep(key, small)
	}
	sandboxed(w, picture.JPEG, "inline")
	_, err = w.Write(small)
	return gone(err)
}

// makePreview looks at the headers first, then waits for room to decode.
func (s *Site) makePreview(v *visit, a *core.Attachment, content io.ReadSeeker) ([]byte, error) {
	head, err := io.ReadAll(io.LimitReader(content, headOfPicture))
	if err != nil {
		return nil, err
	}
	info := picture.Look(head)
	if err := info.Refuse(); err != nil {
		return nil, err
	}
	release, err := s.room(v, info.Cost+a.Size)
	if err != nil {
		return nil, err
	}
	defer release()
	rest, err := io.ReadAll(content)
	if err != nil {
		return nil, err
	}
	return picture.Preview(append(head, rest...), previewSide)
}

// attachmentAsPreview shows a picture that browsers can decode and we cannot
// (WebP), while it is of a sensible size.
func (s *Site) attachmentAsPreview(w http.ResponseWriter, v *visit, a *core.Attachment, content io.ReadSeeker) error {
	if a.Size > 5<<20 {
		return noPreview(w, v, "large")
	}
	if _, err := content.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if large, err := tooLarge(content); large || err != nil {
		return firstErr(err, func() error { return noPreview(w, v, "large") })
	}
	b, err := io.ReadAll(content)
	if err != nil {
		return err
	}
	b, _ = picture.WithoutPlace(b)
	sandboxed(w, a.Found, "inline")
	_, err = w.Write(b)
	return gone(err)
}

// noPreview is our own drawing in place of a picture, with the reason in words.
func noPreview(w http.ResponseWriter, v *visit, why string) error {
	words := v.t("file.nopreview." + why)
	above, below := halves(words)
	h := w.Header()
	h.Del("ETag")
	sandboxed(w, "image/svg+xml", "inline")
	h.Set("Cache-Control", "no-store")
	_, err := io.WriteString(w, `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="120" viewBox="0 0 200 120" role="img"><title>`+html.EscapeString(words)+
		`</title><rect width="200" height="120" fill="#e6e6e4"/><g text-anchor="middle" font-family="sans-serif" font-size="16" fill="#444444"><text x="100" y="56">`+
		html.EscapeString(above)+`</text><text x="100" y="78">`+html.EscapeString(below)+`</text></g></svg>`)
	return gone(err)
}

// halves parts words into two lines of about the same length.
func halves(words string) (above, below string) {
	best := len(words)
	for i, r := range words {
		if r == ' ' && max(i, len(words)-i) < max(best, len(words)-best) {
			best = i
		}
	}
	return words[:best], strings.TrimSpace(words[best:])
}
