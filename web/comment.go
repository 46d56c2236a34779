package web

import (
	"errors"
	"html/template"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"planpost/core"
	"planpost/safehtml"
	"planpost/templates"
)

// entry is one entry of a conversation.
type entry struct {
	ID                  core.ID
	Author              card
	Outside, Hidden     bool
	Change, From, To    string
	ByMail              bool
	Verified            string
	Text                string
	HTML                template.HTML
	CreatedAt, EditedAt time.Time
	Files               []fileRow
	Cuts                []core.Cut
	Sent                []sentRow
	// EditURL and MessageURL are empty for who may not follow them.
	EditURL, MessageURL string
}

type fileRow struct {
	Name, URL string
	Size      int64
	Picture   bool
}

// sentRow is one mail that carried an entry.
type sentRow struct {
	Name, Address string
	State         core.DeliveryState
	At            time.Time
	Reason, Text  string
	URL           string
}

// entryOf makes an entry; look tells that the visitor may open the mails it went out with.
func entryOf(v *visit, t *core.TaskView, c *core.CommentView, look bool) entry {
	e := entry{ID: c.ID, Author: cardOf(v, &c.AuthorPerson), Hidden: c.Hidden, Change: c.Change, From: c.From, To: c.To, ByMail: c.Via == "mail", Verified: c.Verified,
		Text: c.Text, CreatedAt: c.CreatedAt, EditedAt: c.EditedAt, Cuts: c.Cuts}
	e.Outside = e.Author.Outside && e.Change == ""
	if id := c.AuthorPerson.Company; id != "" && id == t.Counterparty.ID {
		e.Author.Company = t.Counterparty.Name
	}
	for i := range c.Attachments {
		e.Files = append(e.Files, fileOf(&c.Attachments[i]))
	}
	if c.HTML != "" {
		e.HTML = safe(c.HTML, c.Attachments)
	}
	if c.CanEdit {
		e.EditURL = taskURL(t.Task.Number) + "/comments/" + string(c.ID)
	}
	if c.Receipt != "" {
		e.MessageURL = "/messages/" + string(c.Receipt)
	}
	for _, it := range c.Sent {
		row := sentRow{Name: it.PersonName, Address: it.Address, State: it.Delivery.State, At: it.Delivery.DoneAt, Reason: it.Delivery.Reason, Text: it.Delivery.Text}
		if row.Name == row.Address {
			row.Address = ""
		}
		if look {
			row.URL = "/outbox/" + string(it.Delivery.ID)
		}
		e.Sent = append(e.Sent, row)
	}
	return e
}

// safe is a comment's HTML, cleaned once more: what is stored may be older
// than what we know today. Inline pictures are those attached to the comment.
func safe(html string, attachments []core.Attachment) template.HTML {
	return template.HTML(safehtml.Clean(html, safehtml.WithInline(func(id string) (string, bool) {
		for i := range attachments {
			if a := &attachments[i]; a.ContentID == id && id != "" && picture(a.Type) {
				return attachmentURL(a) + "?inline=1", true
			}
		}
		return "", false
	})))
}

func fileOf(a *core.Attachment) fileRow {
	return fileRow{Name: a.Name, URL: attachmentURL(a), Size: a.Size, Picture: picture(a.Type) && a.Size < 5<<20}
}

func attachmentURL(a *core.Attachment) string {
	return "/attachments/" + string(a.ID) + "/" + url.PathEscape(a.Name)
}

// picture tells which types a browser may show within the page: raster
// pictures only, for they hold no script.
func picture(kind string) bool {
	switch kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
		return true
	}
	return false
}

// comment reads the form with its files and posts the comment.
func (s *Site) comment(w http.ResponseWriter, v *visit) error {
	t, err := s.taskByNumber(v)
	if err != nil {
		return err
	}
	limit := s.core.Config().AttachmentLimit + maxForm
	v.Body = http.MaxBytesReader(w, v.Body, limit)
	defer v.dropFiles()
	if err := v.parseFiles(limit); err != nil {
		return s.commented(w, v, core.Comment{}, draft{}, err)
	}
	d := draft{Text: v.FormValue("text"), Hidden: v.FormValue("hidden") != "", Tell: ids(v.Form["tell"]), Kept: true}
	files, shut, err := v.uploads()
	defer shut()
	if err != nil {
		return err
	}
	c, err := s.core.Comment(v.Context(), v.actor, core.NewComment{Task: t.ID, Text: d.Text, Hidden: d.Hidden, Tell: d.Tell, Files: files})
	return s.commented(w, v, c, d, err)
}

// commented ends the comment's form; what was typed is never lost.
func (s *Site) commented(w http.ResponseWriter, v *visit, c core.Comment, d draft, err error) error {
	switch {
	case err == nil:
		return redirect(w, v, "/tasks/"+v.PathValue("number"), "comment", "c-"+string(c.ID))
	case mendable(err):
		return s.taskPage(w, v, d, err)
	}
	return err
}

// inMemory is how much of a form's files stays in memory; the rest goes to temporary files.
const inMemory = 256 << 10

// parseFiles reads a form that may have files. Files of any size cost little memory.
func (v *visit) parseFiles(limit int64) error {
	err := v.ParseMultipartForm(inMemory)
	var large *http.MaxBytesError
	switch {
	case err == nil, errors.Is(err, http.ErrNotMultipart):
		return nil
	case errors.As(err, &large):
		return core.Fail(core.TooLarge, "form.too_large", "size", templates.Size(v.locale, limit-maxForm))
	}
	return core.Fail(core.Invalid, "form")
}

func (v *visit) dropFiles() {
	if v.MultipartForm != nil {
		_ = v.MultipartForm.RemoveAll() // temporary files; the system removes what is left
	}
}

// uploads opens the files of the form; shut closes them.
func (v *visit) uploads() (list []core.Upload, shut func(), err error) {
	var open []io.Closer
	shut = func() {
		for _, f := range open {
			f.Close()
		}
	}
	if v.MultipartForm == nil {
		return nil, shut, nil
	}
	for _, h := range v.MultipartForm.File["file"] {
		if h.Filename == "" {
			continue
		}
		var f multipart.File
		if f, err = h.Open(); err != nil {
			return nil, shut, err
		}
		open = append(open, f)
		list = append(list, core.Upload{Name: h.Filename, Type: h.Header.Get("Content-Type"), Content: f})
	}
	return list, shut, nil
}

func (s *Site) editComment(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := s.core.EditComment(v.Context(), v.actor, id, v.PostFormValue("text")); err != nil {
		return s.changed(w, v, "edited", err)
	}
	return redirect(w, v, "/tasks/"+v.PathValue("number"), "edited", "c-"+string(id))
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
	if picture(a.Type) {
		kind = a.Type
		if v.URL.Query().Get("inline") != "" {
			how = "inline"
		}
	}
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", disposition(how, a.Name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	http.ServeContent(w, v.Request, "", a.CreatedAt, content)
	return nil
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
