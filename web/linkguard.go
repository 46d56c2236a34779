package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"net/http"
	"strings"
	"time"

	"planpost/core"
)

// The rules that hold for every mailed link (links.md, 3) stand here:
//
//	GET /i/TOKEN -> checked, token exchanged for a cookie -> GET /i (the form) -> POST /i
//
// Looking changes nothing. A form is taken only with a nonce of its own view,
// which is at least two seconds old, and with something that a person knows.

const (
	// nonceYoung and nonceOld bound the age of a form when it is sent (ASVS 2.4.2).
	nonceYoung = 2 * time.Second
	nonceOld   = 30 * time.Minute
)

// mailed marks a path as one of a mailed link.
func mailed(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return len(first) == 1 && strings.Contains("ipetuqads", first)
}

// loggable is a path as the log may keep it: without the token of a mailed link.
func loggable(path string) string {
	if rest := path[min(len(path), 3):]; mailed(path) && rest != "" {
		return path[:3] + "…"
	}
	return path
}

// onlyKnownMethods answers 405 to whatever is not a page being read or a form being sent.
func onlyKnownMethods(w http.ResponseWriter, r *http.Request) bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodPost:
		w.Header().Set("X-Robots-Tag", "noindex")
		return true
	}
	w.Header().Set("Allow", "GET, HEAD, POST")
	w.WriteHeader(http.StatusMethodNotAllowed)
	return false
}

// linkCookie is the cookie of a kind of link; with TLS it has the prefix that binds it to this very host.
func (s *Site) linkCookie(kind core.LinkKind) string { return s.cookieName() + "-" + string(kind) }

// keepPass lets the browser go on without the token in the address.
func (s *Site) keepPass(w http.ResponseWriter, kind core.LinkKind, pass string) {
	c := &http.Cookie{Name: s.linkCookie(kind), Value: pass, Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode, MaxAge: int(nonceOld / time.Second)}
	if pass == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

func (s *Site) passOf(v *visit, kind core.LinkKind) string {
	c, err := v.Cookie(s.linkCookie(kind))
	if err != nil {
		return ""
	}
	return c.Value
}

// nonce is what a form of a link carries: when it was shown, bound to the link.
func (s *Site) nonce(pass string) string { return s.nonceAt(pass, s.core.Now()) }

func (s *Site) nonceAt(pass string, at time.Time) string {
	b := binary.BigEndian.AppendUint64(nil, uint64(at.UnixMilli()))
	return base64.RawURLEncoding.EncodeToString(append(b, s.nonceTag(pass, b)...))
}

func (s *Site) nonceTag(pass string, at []byte) []byte {
	h := hmac.New(sha256.New, s.core.PageKey())
	h.Write([]byte(pass))
	h.Write([]byte{0})
	h.Write(at)
	return h.Sum(nil)[:16]
}

// checkNonce refuses forms that were never shown, or by a machine at once, or long ago.
func (s *Site) checkNonce(pass, nonce string) error {
	b, err := base64.RawURLEncoding.DecodeString(nonce)
	if err != nil || len(b) != 24 || !hmac.Equal(b[8:], s.nonceTag(pass, b[:8])) {
		return core.Fail(core.Invalid, "form.stale")
	}
	age := s.core.Now().Sub(time.UnixMilli(int64(binary.BigEndian.Uint64(b))))
	switch {
	case age < nonceYoung:
		return core.Fail(core.Invalid, "form.fast")
	case age > nonceOld:
		return core.Fail(core.Invalid, "form.stale")
	}
	return nil
}
