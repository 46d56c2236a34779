package web

import (
	"bytes"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"planpost/core"
	"planpost/mail"
	"planpost/picture"
	"planpost/safehtml"
)

// fileRow is one attachment of an entry or a message.
type fileRow struct {
	Name, URL string
	Size      int64
	// Kind is what it is, by its bytes; Said that the page tells so because the name does not.
	Kind mail.FileKind
	Said bool
	// Fate, Reason and Marks are codes.
	Fate   core.FileFate
	Reason string
	Marks  []string
	// PreviewURL leads to a small copy; empty for what is no picture. HEIC pictures have none.
	PreviewURL string
	HEIC       bool
	// RestoreURL brings a folded picture back; empty for who may not.
	RestoreURL string
}

// fileSet is an entry's attachments by where they are shown: pictures in a
// strip, other files in a list, a signature's pictures folded. What the words
// show in its place is in none of them.
type fileSet struct {
	Strip, List, Signature []fileRow
	// More are those beyond the first few, folded.
	More fileRest
}

// fileRest are attachments that are folded because there are many.
type fileRest struct {
	Strip, List []fileRow
}

// Len is how many they are.
func (r fileRest) Len() int { return len(r.Strip) + len(r.List) }

// filesShown is how many pictures, and how many other files, an entry shows at once.
const filesShown = 12

// filesOf sorts attachments. placed are those that the words show.
func filesOf(v *visit, list []core.Attachment, placed map[core.ID]bool, restore func(*core.Attachment) string) (f fileSet) {
	for i := range list {
		a := &list[i]
		row := fileOf(v, a)
		switch {
		case placed[a.ID]:
		case a.Fate == core.FileSignature:
			row.RestoreURL = restore(a)
			f.Signature = append(f.Signature, row)
		case row.PreviewURL != "" || row.HEIC:
			f.Strip = append(f.Strip, row)
		default:
			f.List = append(f.List, row)
		}
	}
	f.Strip, f.More.Strip = firstFew(f.Strip)
	f.List, f.More.List = firstFew(f.List)
	return f
}

// firstFew parts what is shown at once from the rest; a single one is not worth folding.
func firstFew(rows []fileRow) (shown, rest []fileRow) {
	if len(rows) <= filesShown+1 {
		return rows, nil
	}
	return rows[:filesShown], rows[filesShown:]
}

func fileOf(v *visit, a *core.Attachment) fileRow {
	row := fileRow{Name: a.Name, Size: a.Size, Kind: a.Kind, Fate: a.Fate, Reason: a.Reason, Marks: a.Marks,
		Said: a.Kind != "" && (a.Fate == core.FileDangerous || len(a.Marks) > 0), HEIC: a.Kind == mail.FileHEIC && a.Fate != core.FileLeft}
	if a.Fate != core.FileLeft {
		row.URL = attachmentURL(v, a)
	}
	if showable(a) {
		row.PreviewURL = v.base + "/previews/" + string(a.ID)
	}
	return row
}

func attachmentURL(v *visit, a *core.Attachment) string {
	return v.base + "/attachments/" + string(a.ID) + "/" + url.PathEscape(a.Name)
}

// showable tells which files a browser may show within the page: raster
// pictures only, for they hold no script, and by their bytes, not by their name.
func showable(a *core.Attachment) bool {
	if a.Fate == core.FileDangerous || a.Fate == core.FileLeft {
		return false
	}
	switch a.Found {
	case picture.PNG, picture.JPEG, picture.GIF, picture.WebP:
		return true
	}
	return false
}

// safe is a comment's HTML, cleaned once more: what is stored may be older
// than what we know today. Inline pictures are those attached to the comment;
// placed tells which of them it shows. Those of a signature are folded instead.
func safe(v *visit, html string, attachments []core.Attachment) (clean template.HTML, placed map[core.ID]bool) {
	placed = make(map[core.ID]bool)
	return template.HTML(safehtml.Clean(html, safehtml.WithInline(func(id string) (string, bool) {
		for i := range attachments {
			if a := &attachments[i]; a.ContentID == id && id != "" && showable(a) && a.Fate != core.FileSignature {
				placed[a.ID] = true
				return attachmentURL(v, a) + "?inline=1", true
			}
		}
		return "", false
	}))), placed
}

// attachment gives a file: as a download, or within the page when it is a
// harmless picture and the page asks for it.
func (s *Site) attachment(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	a, content, err := s.core.Attachment(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	defer content.Close()
	how, kind := "attachment", "application/octet-stream"
	if showable(&a) {
		kind = a.Found
		if v.URL.Query().Get("inline") != "" {
			how = "inline"
		}
	}
	if how == "inline" {
		if large, err := tooLarge(content); large || err != nil {
			return firstErr(err, func() error { return noPreview(w, v, "large") })
		}
	}
	if !v.staff() && tellsOfPlace(&a) {
		release, err := s.room(v, 2*a.Size)
		if err != nil {
			return err
		}
		defer release()
		b, err := io.ReadAll(content)
		if err != nil {
			return err
		}
		clean, _ := picture.WithoutPlace(b)
		sandboxed(w, kind, disposition(how, a.Name))
		http.ServeContent(w, v.Request, "", a.CreatedAt, bytes.NewReader(clean))
		return nil
	}
	sandboxed(w, kind, disposition(how, a.Name))
	http.ServeContent(w, v.Request, "", a.CreatedAt, content)
	return nil
}

// firstErr gives err, or what otherwise does.
func firstErr(err error, otherwise func() error) error {
	if err != nil {
		return err
	}
	return otherwise()
}

// sandboxed sets the headers of what strangers sent: should a browser open it
// as a page against all of them, it has no origin and loads nothing.
func sandboxed(w http.ResponseWriter, kind, how string) {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", how)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
}

// tellsOfPlace tells which files can say where they were made; people outside
// get those without it.
func tellsOfPlace(a *core.Attachment) bool {
	return strings.HasPrefix(a.Found, "image/")
}

// headOfPicture is how much is read to learn a picture's size: what cameras put
// before it is shorter.
const headOfPicture = 1 << 20

// tooLarge tells whether a picture would be a burden for the browser; content
// is at its beginning again afterwards.
func tooLarge(content io.ReadSeeker) (bool, error) {
	head, err := io.ReadAll(io.LimitReader(content, headOfPicture))
	if err == nil {
		_, err = content.Seek(0, io.SeekStart)
	}
	return picture.Look(head).Pixels() > picture.MostPixels, err
}

// bringBack unfolds a picture of a signature.
func (s *Site) bringBack(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	c, err := s.core.RestorePicture(v.Context(), v.actor, id)
	switch {
	case err == nil, core.CodeOf(err) == "attachment.not_folded": // pressed twice: it is back
		return redirect(w, v, "/tasks/"+v.PathValue("number"), "broughtback", "c-"+string(c.ID))
	}
	return err
}

// deleteAttachment puts one file of an entry into the bin.
func (s *Site) deleteAttachment(w http.ResponseWriter, v *visit) error {
	done := "filedeleted"
	if !v.staff() { // who has no bin is not told of it
		done = "filegone"
	}
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	a, err := s.core.DeleteAttachment(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return redirect(w, v, "/tasks/"+v.PathValue("number"), done, "c-"+string(a.Comment))
}

// disposition writes the header of RFC 6266: a plain name for old browsers
// and the exact one in UTF-8 (RFC 8187) for all others.
func disposition(how, name string) string {
	plain := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || r == '"' || r == '\\' || r == '%' {
			return '_'
		}
		return r
	}, name)
	if plain == name {
		return mime.FormatMediaType(how, map[string]string{"filename": name})
	}
	return how + `; filename="` + plain + `"; filename*=UTF-8''` + strings.ReplaceAll(url.QueryEscape(name), "+", "%20")
}
