package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// largest is the most bytes that a form with its files may have.
const largest = 20 << 20

// replyForm is what the form brings.
type replyForm struct {
	words, client, address string
	place                  Place
	as                     core.ID
	files                  []mail.Attachment
}

// mistake is something the person can mend; its text is in the person's language.
type mistake struct{ text string }

func (e mistake) Error() string { return e.text }

// reply writes an answer as the chosen program does, hands it to the SMTP
// port, and leads to what became of it.
func (m *Mailbox) reply(w http.ResponseWriter, r *http.Request) error {
	l, err := m.letter(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, largest)
	form, err := readReply(r)
	var receipt core.ID
	if err == nil {
		receipt, err = m.send(r, &l, form)
	}
	var wrong mistake
	if errors.As(err, &wrong) {
		v, err := m.letterView(r, &l, form)
		if err != nil {
			return err
		}
		v.Frame.Problem = &problem{"mailbox.error.title", wrong.text}
		return m.render(w, r, http.StatusUnprocessableEntity, "mailboxmail", v)
	}
	if err != nil {
		return err
	}
	to := "/mailbox/mail/" + string(l.item.Delivery.ID)
	if receipt != "" {
		to += "?done=" + string(receipt) + "#done"
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// readReply reads the form; its words are kept also when something is wrong.
func readReply(r *http.Request) (*replyForm, error) {
	locale, f := localeOf(r), &replyForm{}
	if err := r.ParseMultipartForm(largest); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return f, mistake{templates.T(locale, "mailbox.error.large")}
		}
		return f, mistake{templates.T(locale, "error.kind.invalid")}
	}
	defer r.MultipartForm.RemoveAll()
	f.words, f.client, f.place = r.PostFormValue("words"), r.PostFormValue("client"), Place(r.PostFormValue("place"))
	f.address = strings.TrimSpace(r.PostFormValue("address"))
	f.as, _ = core.ParseID(r.PostFormValue("as"))
	for _, h := range r.MultipartForm.File["files"] {
		content, err := readUpload(h)
		if err != nil {
			return f, err
		}
		f.files = append(f.files, mail.Attachment{Name: h.Filename, Type: kindOf(h.Header), Content: content})
	}
	if strings.TrimSpace(f.words) == "" && len(f.files) == 0 {
		return f, mistake{templates.T(locale, "mailbox.error.empty")}
	}
	return f, nil
}

func readUpload(h *multipart.FileHeader) ([]byte, error) {
	file, err := h.Open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(file)
}

func kindOf(h textproto.MIMEHeader) string {
	kind, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if strings.ContainsAny(kind, "\r\n\"") || strings.Count(kind, "/") != 1 {
		return "application/octet-stream"
	}
	return kind
}

// send writes the answer, delivers it, and finds its receipt.
func (m *Mailbox) send(r *http.Request, l *letter, f *replyForm) (core.ID, error) {
	ctx, locale := r.Context(), localeOf(r)
	if len(l.msg.ReplyTo) == 0 {
		return "", mistake{templates.T(locale, "mailbox.noreply")}
	}
	from, language, err := m.author(ctx, locale, l, f)
	if err != nil {
		return "", err
	}
	raw := clientOf(f.client).Compose(Answer{Original: l.msg, From: from, Words: f.words, Place: f.place, Locale: language,
		At: m.core.Now().In(zoneOf(&l.account)).Truncate(time.Second), Files: f.files, ID: rand.Text()})
	if err := m.deliver(ctx, from.Mailbox(), answerTo(l.msg).Mailbox(), raw); err != nil {
		m.log.Info("demo answer refused", "err", err)
		return "", mistake{templates.T(locale, "mailbox.error.refused", "text", err.Error())}
	}
	return m.receipt(ctx, &l.account, raw)
}

// author is who writes: the mail's reader, somebody else of the house, or any address.
func (m *Mailbox) author(ctx context.Context, locale string, l *letter, f *replyForm) (mail.Address, string, error) {
	if f.address != "" {
		a, err := mail.ParseMailbox(f.address)
		if err != nil {
			return a, "", mistake{templates.T(locale, "mailbox.error.address", "address", f.address)}
		}
		return a, l.person.Locale, nil
	}
	p := l.person
	if f.as != "" {
		v, err := m.core.Person(ctx, core.OperatorOf(l.account), f.as)
		if err != nil {
			return mail.Address{}, "", err
		}
		p = v.Person
	}
	if p.Locale == "" {
		p.Locale = l.account.Locale
	}
	return p.Address(), p.Locale, nil
}

// receipt finds the newest receipt of the message just delivered, by its Message-ID.
func (m *Mailbox) receipt(ctx context.Context, a *core.Account, raw []byte) (core.ID, error) {
	msg, err := mail.Parse(raw, mail.Limits{})
	if err != nil {
		return "", err
	}
	list, err := m.core.Messages(ctx, core.OperatorOf(*a), core.MessageFilter{Query: msg.MessageID, Limit: 1})
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0].Receipt.ID, nil
}
