package demo

import (
	"encoding/base64"
	"fmt"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// option is one choice of a form.
type option struct {
	Value, Text string
	Chosen      bool
}

type fileView struct {
	URL, Name string
	Size      int
}

// resultView tells what became of an answer.
type resultView struct {
	ID          core.ID
	Disposition core.Disposition
	Reason      string
	Params      []string
	Number      int64
	Anchor      string
	Held        bool
}

// letterView is the page of one mail.
type letterView struct {
	Frame                      pageFrame
	ID                         core.ID
	Person                     readerView
	Subject, From, To, ReplyTo string
	At                         time.Time
	Number                     int64
	View                       string
	Views                      []string
	Text, Source               string
	Header                     mail.Header
	Files                      []fileView
	Result                     *resultView
	Words, Address             string
	Clients, Places, Others    []option
}

var views = []string{"html", "text", "header", "source"}

// mail shows one mail and the form to answer it.
func (m *Mailbox) mail(w http.ResponseWriter, r *http.Request) error {
	l, err := m.letter(r)
	if err != nil {
		return err
	}
	m.open(l.item.Delivery.ID)
	v, err := m.letterView(r, &l, &replyForm{client: programOf(l.person)})
	if err != nil {
		return err
	}
	if id, ok := core.ParseID(r.URL.Query().Get("done")); ok {
		if v.Result, err = m.result(r, &l.account, id); err != nil {
			return err
		}
	}
	return m.render(w, r, http.StatusOK, "mailboxmail", v)
}

func (m *Mailbox) letterView(r *http.Request, l *letter, form *replyForm) (*letterView, error) {
	v := &letterView{Frame: frameOf(r, &l.account), ID: l.item.Delivery.ID, Subject: l.msg.Subject, From: shown(l.msg.From), To: shown(l.msg.To), At: l.msg.Date,
		Number: l.item.TaskNumber, View: views[0], Views: views, Text: l.msg.Text, Source: string(l.raw), Header: l.msg.Header, Words: form.words, Address: form.address,
		Person: readerView{ID: l.person.ID, Name: l.person.Name, Address: l.item.Address}}
	v.Frame.Title = l.msg.Subject
	if len(l.msg.ReplyTo) > 0 {
		v.ReplyTo = l.msg.ReplyTo[0].Mailbox()
	}
	if asked := r.URL.Query().Get("view"); slices.Contains(views, asked) {
		v.View = asked
	}
	for i, f := range l.msg.Attachments {
		if f.Inline && f.ContentID != "" { // it stands in the words
			continue
		}
		v.Files = append(v.Files, fileView{URL: fmt.Sprintf("/mailbox/mail/%s/file/%d", v.ID, i), Name: f.Name, Size: len(f.Content)})
	}
	for _, c := range Clients() {
		v.Clients = append(v.Clients, option{c.Key, c.Name, c.Key == form.client})
	}
	v.Places = []option{{"", "mailbox.place.habit", form.place == ""}}
	for _, p := range []Place{Top, Bottom, Interleaved} {
		v.Places = append(v.Places, option{string(p), "mailbox.place." + string(p), form.place == p})
	}
	people, err := m.core.People(r.Context(), core.OperatorOf(l.account), core.PersonFilter{Limit: 200})
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if p.ID != l.person.ID && len(p.Addresses) > 0 {
			v.Others = append(v.Others, option{string(p.ID), p.Name, p.ID == form.as})
		}
	}
	return v, nil
}

func shown(list []mail.Address) string {
	var out []string
	for _, a := range list {
		if a.Name == "" {
			out = append(out, a.Mailbox())
			continue
		}
		out = append(out, a.Name+" <"+a.Mailbox()+">")
	}
	return strings.Join(out, ", ")
}

// programOf is the mail program of a person of the sample company; Gmail for everybody else.
func programOf(p core.Person) string {
	for _, o := range outsiders {
		if len(p.Addresses) > 0 && p.Addresses[0].Norm == o.address {
			return o.client
		}
	}
	return Clients()[0].Key
}

// result tells what became of the answer with this receipt.
func (m *Mailbox) result(r *http.Request, a *core.Account, receipt core.ID) (*resultView, error) {
	v, err := m.core.Message(r.Context(), core.OperatorOf(*a), receipt)
	if err != nil {
		return nil, err
	}
	res := &resultView{ID: receipt, Disposition: v.Receipt.Disposition, Params: v.Receipt.Params, Number: v.Task.Number, Held: v.Receipt.Disposition == core.Held}
	if templates.Has("reason." + v.Receipt.Reason) {
		res.Reason = v.Receipt.Reason
	}
	if v.Receipt.Comment != "" {
		res.Anchor = "c-" + string(v.Receipt.Comment)
	}
	return res, nil
}

// framePolicy shows a mail's HTML: its inline styles, no scripts, nothing from
// elsewhere, links in a window of their own.
const framePolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

// html is the mail's own HTML, as it was sent, for the frame.
func (m *Mailbox) html(w http.ResponseWriter, r *http.Request) error {
	l, err := m.letter(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", framePolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte(strings.Replace(withPictures(l.msg), "<head>", `<head><base target="_blank">`, 1)))
	return err
}

// withPictures is a mail's HTML with the pictures that it carries, as mail programs show it.
func withPictures(m *mail.Message) string {
	var pairs []string
	for i := range m.Attachments {
		if f := &m.Attachments[i]; f.Inline && f.ContentID != "" && strings.HasPrefix(f.Type, "image/") {
			pairs = append(pairs, `src="`+core.CidURL(f.ContentID)+`"`, `src="data:`+f.Type+`;base64,`+base64.StdEncoding.EncodeToString(f.Content)+`"`)
		}
	}
	return strings.NewReplacer(pairs...).Replace(m.HTML)
}

// source is the mail as it would have gone over the wire.
func (m *Mailbox) source(w http.ResponseWriter, r *http.Request) error {
	l, err := m.letter(r)
	if err != nil {
		return err
	}
	return download(w, "mail.eml", "message/rfc822", l.raw)
}

// file is one attachment.
func (m *Mailbox) file(w http.ResponseWriter, r *http.Request) error {
	l, err := m.letter(r)
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(l.msg.Attachments) {
		return errGone
	}
	f := &l.msg.Attachments[n]
	return download(w, f.Name, f.Type, f.Content)
}

func download(w http.ResponseWriter, name, kind string, content []byte) error {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; sandbox")
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	_, err := w.Write(content)
	return err
}
