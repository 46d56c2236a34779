package web

import (
	"html/template"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"planpost/core"
	"planpost/safehtml"
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
	// Draft is what an edit of it met; nil without one.
	Draft *draft
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
	defer v.dropFiles()
	err = v.parseFiles(s.core.Config().AttachmentLimit + maxForm)
	d := draft{Text: v.PostFormValue("text"), Hidden: v.PostFormValue("hidden") != "", Tell: ids(v.PostForm["tell"]), Kept: true, Files: v.hadFiles}
	var c core.Comment
	if err == nil {
		c, err = s.core.Comment(v.Context(), v.actor, core.NewComment{Task: t.ID, Text: d.Text, Hidden: d.Hidden, Tell: d.Tell, Files: v.files})
	}
	switch {
	case err == nil:
		return redirect(w, v, "/tasks/"+v.PathValue("number"), "comment", "c-"+string(c.ID))
	case mendable(err):
		return s.taskPage(w, v, d, err)
	}
	return err
}

func (s *Site) editComment(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := v.id("id")
	if err != nil {
		return err
	}
	text := v.PostFormValue("text")
	err = s.core.EditComment(v.Context(), v.actor, id, text)
	switch {
	case err == nil:
		return redirect(w, v, "/tasks/"+v.PathValue("number"), "edited", "c-"+string(id))
	case mendable(err):
		return s.taskPage(w, v, draft{Comment: id, Text: text, Kept: true}, err)
	}
	return err
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
