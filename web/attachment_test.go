package web

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// filePart is one part of a mail behind its HTML.
type filePart struct{ name, media, id, content string }

// receiveFiles lets an HTML mail with files come in.
func (p *place) receiveFiles(to mail.Address, from, html string, parts ...filePart) core.Receipt {
	p.t.Helper()
	p.n++
	var b strings.Builder
	fmt.Fprintf(&b, "From: %s\r\nTo: <%s>\r\nSubject: Files\r\nMessage-ID: <%d@example.com>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=part\r\n\r\n--part\r\nContent-Type: text/html\r\n\r\n%s\r\n", from, to.Mailbox(), p.n, html)
	for _, f := range parts {
		fmt.Fprintf(&b, "--part\r\nContent-Type: %s\r\nContent-Disposition: attachment; filename=\"%s\"\r\nContent-ID: <%s>\r\nContent-Transfer-Encoding: base64\r\n\r\n%s\r\n", f.media, f.name, f.id, base64.StdEncoding.EncodeToString([]byte(f.content)))
	}
	b.WriteString("--part--\r\n")
	sender, err := mail.ParseAddress(from)
	must(p.t, err)
	route, err := p.core.Route(context.Background(), to)
	must(p.t, err)
	env := &mail.Envelope{ReversePath: sender, Recipients: []mail.Address{to}, Peer: netip.MustParseAddr("127.0.0.1"), Helo: "mx.example.com", Protocol: "ESMTPS", Trusted: true, ReceivedAt: p.core.Now()}
	res, err := p.road.Accept(context.Background(), env, []core.Route{route}, []byte(b.String()))
	must(p.t, err)
	if res.Receipts[0].Disposition != core.Posted {
		p.t.Fatal(res.Receipts[0].Disposition, res.Receipts[0].Reason)
	}
	return res.Receipts[0]
}

func drawn(t testing.TB, w, h int, as string) string {
	t.Helper()
	var b bytes.Buffer
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = byte(i/50_000) | 0x80
	}
	if as == "jpeg" {
		must(t, jpeg.Encode(&b, m, nil))
	} else {
		must(t, png.Encode(&b, m))
	}
	return b.String()
}

func sender(who core.Person) string {
	a := who.Address()
	return a.Mailbox()
}

func TestPicturesStandInTheirPlaceAndAreNotListedTwice(t *testing.T) {
	s := newScene(t)
	r := s.receiveFiles(s.replyAddress(s.client), sender(s.client), `<p>Before <img src="cid:a@b" alt="the crack"> after <b>it</b></p><img src="https://evil.example/track.gif">`,
		filePart{"crack.png", "image/png", "a@b", drawn(t, 900, 500, "png")}, filePart{"other.png", "image/png", "other", drawn(t, 30, 20, "png")})
	b := s.as(s.anna)
	page := b.wants(b.get(s.path()), 200, "Before ", "the crack")
	if strings.Contains(page.body, "evil.example") || strings.Contains(page.body, "cid:") {
		t.Error("the page loads what is not ours")
	}
	in := regexp.MustCompile(`<img src="(/attachments/[^"]+/crack\.png\?inline=1)"`).FindStringSubmatch(page.body)
	if in == nil || strings.Count(page.body, "crack.png") != 1 || !strings.Contains(page.body, "other.png") {
		t.Fatalf("in place: %v, named %d times", in, strings.Count(page.body, "crack.png"))
	}
	got := b.get(in[1])
	if got.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "inline") {
		t.Errorf("%v", got.header)
	}
	stranger := s.as(s.person("Stranger"))
	stranger.wants(stranger.get(in[1]), 404)
	b.wants(b.get("/messages/"+string(r.ID)), 200, "crack.png", templates.T("en", "filefate.inline"), templates.T("en", "fileway.named"), "other.png", templates.T("en", "filefate.kept"))
}

func TestPreviewsAreSmallAndAskedForOnce(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	b.wants(b.upload(s.path()+"/comments", "photo.jpg", []byte(drawn(t, 2000, 1000, "jpeg"))), http.StatusSeeOther)
	url := regexp.MustCompile(`/previews/[0-9a-v]+`).FindString(b.get(s.path()).body)
	got := b.wants(b.get(url), 200)
	small, err := jpeg.Decode(strings.NewReader(got.body))
	if err != nil || small.Bounds().Dx() != previewSide || small.Bounds().Dy() != previewSide/2 {
		t.Errorf("%v, %v", small.Bounds(), err)
	}
	r, err := http.NewRequest("GET", b.p.url+url, nil)
	must(t, err)
	r.Header.Set("If-None-Match", got.header.Get("ETag"))
	if again := b.send(r); again.status != http.StatusNotModified {
		t.Errorf("again: %d", again.status)
	}
	stranger := s.as(s.person("Stranger"))
	stranger.wants(stranger.get(url), 404)
}

func TestPixelBombsAreShownAsWords(t *testing.T) {
	s := newScene(t)
	b := s.as(s.owner)
	bomb := []byte(drawn(t, 2, 2, "png"))
	binary.BigEndian.PutUint32(bomb[16:], 50_000)
	binary.BigEndian.PutUint32(bomb[20:], 50_000)
	b.wants(b.upload(s.path()+"/comments", "bomb.png", bomb), http.StatusSeeOther)
	page := b.get(s.path()).body
	for _, path := range []string{regexp.MustCompile(`/previews/[0-9a-v]+`).FindString(page), regexp.MustCompile(`/attachments/[0-9a-v]+/bomb\.png`).FindString(page) + "?inline=1"} {
		got := b.wants(b.get(path), 200, templates.T("en", "file.nopreview.large"))
		if got.header.Get("Content-Type") != "image/svg+xml" || strings.Contains(got.body, "PNG") {
			t.Errorf("%s: %v", path, got.header)
		}
	}
	b.wants(b.upload(s.path()+"/comments", "broken.png", []byte(drawn(t, 20, 20, "png")[:60])), http.StatusSeeOther)
	all := regexp.MustCompile(`/previews/[0-9a-v]+`).FindAllString(b.get(s.path()).body, -1)
	b.wants(b.get(all[len(all)-1]), 200, templates.T("en", "file.nopreview.broken"))
}

func TestDangerousFilesAreNamedAndNeverShown(t *testing.T) {
	s := newScene(t)
	script := `<script>alert(1)</script>`
	r := s.receiveFiles(s.replyAddress(s.client), sender(s.client), `<p>see <img src="cid:svg@x"> <b>x</b></p>`,
		filePart{"invoice.pdf.exe", "application/pdf", "exe@x", "MZ" + strings.Repeat("\x00", 80)}, filePart{"logo.png", "image/png", "svg@x", "<svg>" + script + "</svg>"},
		filePart{"page.html", "text/html", "h@x", "<html>" + script}, filePart{"photo.heic", "image/heic", "heic@x", "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00"})
	b := s.as(s.anna)
	page := b.wants(b.get(s.path()), 200, "invoice.pdf.exe", "really a program", "really an SVG drawing", templates.T("en", "filemark.double"), templates.T("en", "fileway.danger"), templates.T("en", "file.nopreview.heic"))
	files := regexp.MustCompile(`/attachments/[0-9a-v]+/[a-z.]+`).FindAllString(page.body, -1)
	if len(files) < 4 || strings.Contains(page.body, "/previews/") {
		t.Fatalf("%v, previews: %v", files, strings.Contains(page.body, "/previews/"))
	}
	for _, f := range files {
		got := b.wants(b.get(f+"?inline=1"), 200)
		h := got.header
		if !strings.HasPrefix(h.Get("Content-Disposition"), "attachment") || h.Get("Content-Type") != "application/octet-stream" || h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s: %v", f, h)
		}
	}
	b.wants(b.get("/messages/"+string(r.ID)), 200, templates.T("en", "filefate.dangerous"), "a program", "a web page")
}

func TestASignaturesPicturesAreFoldedAndComeBackWithOneClick(t *testing.T) {
	s := newScene(t)
	to := s.replyAddress(s.client)
	logo := drawn(t, 60, 20, "png")
	send := func() {
		s.receiveFiles(to, sender(s.client), fmt.Sprintf(`<p>words <b>%d</b></p><img src="cid:logo@x" alt="our logo">`, s.n), filePart{"logo.png", "image/png", "logo@x", logo})
	}
	b := s.as(s.anna)
	for range 2 {
		send()
	}
	if page := b.get(s.path()).body; strings.Contains(page, "picture of the signature") || strings.Count(page, "logo.png?inline=1") != 2 {
		t.Error("folded before it has recurred")
	}
	send()
	page := b.wants(b.get(s.path()), 200, "1 picture of the signature").body
	if strings.Count(page, "logo.png?inline=1") != 2 {
		t.Error("the third is shown in its place too")
	}
	back := regexp.MustCompile(`action="(/tasks/[0-9]+/attachments/[0-9a-v]+/restore)"`).FindStringSubmatch(page)
	stranger := s.as(s.person("Stranger"))
	stranger.wants(stranger.post(back[1]), 404)
	for range 2 { // a second click says the same
		if a := b.wants(b.post(back[1]), http.StatusSeeOther); !strings.Contains(a.location(), "done=broughtback") {
			t.Errorf("leads to %q", a.location())
		}
	}
	send()
	page = b.get(s.path()).body
	if strings.Contains(page, "picture of the signature") || strings.Count(page, "logo.png?inline=1") != 4 {
		t.Errorf("after it was brought back: %d in place", strings.Count(page, "logo.png?inline=1"))
	}
	b.wants(b.get("/log"), 403)
	owner := s.as(s.owner)
	owner.wants(owner.get("/log"), 200, "put back the picture logo.png")
}

func TestPeopleOutsideGetPhotosWithoutThePlace(t *testing.T) {
	s := newScene(t)
	guest := s.person("Gesa Guest", contact(core.BasicAccess, s.firm.ID))
	task := s.shared(guest)
	place := `<x:xmpmeta exif:GPSLatitude="48,12.5N"/>`
	xmp := "http://ns.adobe.com/xap/1.0/\x00" + place
	photo := drawn(t, 40, 30, "jpeg")
	photo = photo[:2] + string(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(xmp)+2))) + xmp + photo[2:]
	b := s.as(s.owner)
	b.wants(b.upload(taskURL(task.Number)+"/comments", "site.jpg", []byte(photo), "text", "the photo", "tell", string(guest.ID)), http.StatusSeeOther)
	page := b.wants(b.get(taskURL(task.Number)), 200).body
	file := regexp.MustCompile(`/attachments/[0-9a-v]+/site\.jpg`).FindString(page)
	if got := b.get(file); got.body != photo {
		t.Error("staff do not get the original")
	}
	out := s.as(guest)
	for _, path := range []string{file, file + "?inline=1"} {
		got := out.wants(out.get(path), 200)
		if strings.Contains(got.body, "GPS") || !strings.HasPrefix(got.body, photo[:2]) || len(got.body) < len(photo)-len(xmp)-4 {
			t.Errorf("%s: %d bytes of %d, place there: %v", path, len(got.body), len(photo), strings.Contains(got.body, "GPS"))
		}
	}
	if got := out.get(regexp.MustCompile(`/previews/[0-9a-v]+`).FindString(page)); strings.Contains(got.body, "GPS") || got.status != 200 {
		t.Errorf("the preview: %d", got.status)
	}
}

// shared is a task shared with somebody from outside.
func (s *scene) shared(guest core.Person) core.Task {
	s.t.Helper()
	t, err := s.core.CreateTask(context.Background(), s.actor(s.owner), core.NewTask{Title: "Photos", Assignee: s.anna.ID, Participants: []core.ID{guest.ID}})
	must(s.t, err)
	return t
}
