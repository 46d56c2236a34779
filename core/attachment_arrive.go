package core

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"

	"planpost/mail"
)

const (
	// mostFiles is how many attachments of one message are unpacked.
	mostFiles = 200
	// smallPicture and lowPicture (bytes, pixels of height) bound what can be part of a signature.
	smallPicture = 100_000
	lowPicture   = 400
	// signatureAfter is how many messages with the same picture teach that it belongs to the signature.
	signatureAfter = 2
)

// arrived is one attachment of a message on its way into a comment.
type arrived struct {
	file *mail.Attachment
	// height is that of a picture in pixels, 0 when unknown.
	height int
	// named tells that the words show it in their place.
	named bool
	facts mail.FileFacts
	// hash is known for pictures that could belong to a signature.
	hash  string
	known PictureHistory
	// ours tells that it is the account's logo, back from a mail of ours.
	ours bool
}

// decoration tells whether it can belong to a signature.
func (f *arrived) decoration() bool {
	return f.facts.Kind == mail.FilePicture && (len(f.file.Content) <= smallPicture || f.height > 0 && f.height <= lowPicture)
}

// arrivals looks at the attachments of a message by author. html is what the
// comment shows; heights go with the attachments and may be missing.
func arrivals(ctx context.Context, tx Tx, account *Account, author ID, list []mail.Attachment, html string, heights []int) ([]arrived, error) {
	files := make([]arrived, min(len(list), mostFiles))
	var hashes []string
	for i := range files {
		f := &files[i]
		f.file = &list[i]
		head, tail := mail.FileSample(f.file.Content)
		f.facts = mail.FactsOfFile(f.file.Name, f.file.Type, head, tail)
		f.named = namedIn(html, f.file.ContentID)
		if i < len(heights) {
			f.height = heights[i]
		}
		if f.decoration() {
			f.hash = hashOf(f.file.Content)
			f.ours = f.hash == account.LogoHash()
			hashes = append(hashes, f.hash)
		}
	}
	if len(hashes) == 0 {
		return files, nil
	}
	known, err := tx.PicturesOf(ctx, account.ID, author, hashes)
	for i := range files {
		files[i].known = known[files[i].hash]
	}
	return files, err
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// CidURL is how stored HTML refers to an attachment by its Content-ID (RFC 2392).
func CidURL(id string) string { return "cid:" + url.PathEscape(id) }

// namedIn tells whether stored HTML shows the attachment with this Content-ID.
func namedIn(html, id string) bool {
	return id != "" && strings.Contains(html, `src="`+htmlEscaped(CidURL(id))+`"`)
}

// htmlEscaped writes what PathEscape leaves and an attribute must not hold as it is.
func htmlEscaped(s string) string { return strings.ReplaceAll(s, "&", "&amp;") }

// attachment is the row of an attachment, with its fate.
func (f *arrived) attachment() Attachment {
	a := Attachment{ID: NewID(), Name: fileName(f.file.Name), Type: f.file.Type, Size: int64(len(f.file.Content)), Hash: f.hash, ContentID: cut(f.file.ContentID, 200),
		Kind: f.facts.Kind, Found: f.facts.Type, Marks: marksOf(&f.facts, f.file.Steered)}
	a.Fate, a.Reason = f.fate()
	return a
}

func (f *arrived) fate() (FileFate, string) {
	picture := f.facts.Kind == mail.FilePicture
	switch {
	case f.facts.Kind.Dangerous():
		return FileDangerous, "danger"
	case f.ours && !f.known.Kept:
		return FileSignature, "ours"
	case f.hash != "" && !f.known.Kept && f.known.Messages >= signatureAfter:
		return FileSignature, "recurs"
	case picture && f.named:
		return FileInline, "named"
	case picture && f.known.Kept:
		return FileKept, "brought_back"
	case picture && f.file.Inline:
		return FileKept, "unnamed"
	}
	return FileKept, "plain"
}

// seen is what is learned of it; nil when nothing is new.
func (f *arrived) seen(account, author, message ID) *PictureSeen {
	if f.hash == "" || f.ours || f.known.Kept || f.known.Messages >= signatureAfter {
		return nil
	}
	return &PictureSeen{Account: account, Person: author, Message: message, Hash: f.hash}
}

func marksOf(f *mail.FileFacts, steered bool) (marks []string) {
	for mark, is := range map[string]bool{"steered": steered, "double": f.Double, "differs": f.Differs} {
		if is {
			marks = append(marks, mark)
		}
	}
	slices.Sort(marks)
	return marks
}

// leftBehind is the row of an attachment beyond mostFiles.
func leftBehind(f *mail.Attachment) Attachment {
	return Attachment{ID: NewID(), Name: fileName(f.Name), Type: f.Type, Size: int64(len(f.Content)), Fate: FileLeft, Reason: "too_many"}
}

// attach puts the message's files with a comment into the acceptance.
func (d *decision) attach(ctx context.Context, tx Tx, cm *Comment) error {
	list := d.in.Message.Attachments
	d.core.redactFiles(list)
	files, err := arrivals(ctx, tx, &d.account, cm.Author, list, cm.HTML, d.in.Heights)
	if err != nil {
		return err
	}
	for i := range files {
		d.keep(cm, files[i].attachment(), files[i].file.Content)
		if s := files[i].seen(cm.Account, cm.Author, cm.Message); s != nil {
			d.Pictures = append(d.Pictures, *s)
		}
	}
	for i := len(files); i < len(list); i++ {
		d.keep(cm, leftBehind(&list[i]), nil)
	}
	return nil
}

func (d *decision) keep(cm *Comment, a Attachment, content []byte) {
	a.Account, a.Task, a.Comment, a.CreatedAt = cm.Account, cm.Task, cm.ID, cm.CreatedAt
	d.Attachments = append(d.Attachments, a)
	d.files = append(d.files, content)
}

// keepFiles makes the attachments' bytes durable before the rows that name them.
func (c *Core) keepFiles(ctx context.Context, d *decision) error {
	for i, content := range d.files {
		a := &d.Attachments[i]
		if a.Fate == FileLeft {
			continue
		}
		if a.Hash == "" {
			a.Hash = hashOf(content)
		}
		// The same logo comes with every mail of a firm: what is there need not be written and synced again.
		there, err := c.files.Has(ctx, d.account.ID, a.Hash)
		if err == nil && !there {
			_, err = c.files.Put(ctx, d.account.ID, bytes.NewReader(content), 0)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// receive gives a comment that is written at once the files of its message,
// whose bytes are kept already.
func (cm *Comment) receive(ctx context.Context, tx Tx, list []mail.Attachment) error {
	account, err := tx.FindAccount(ctx, cm.Account)
	if err != nil {
		return err
	}
	files, err := arrivals(ctx, tx, &account, cm.Author, list, cm.HTML, nil)
	if err != nil {
		return err
	}
	for i := range files {
		a := files[i].attachment()
		if a.Hash == "" {
			a.Hash = hashOf(files[i].file.Content)
		}
		cm.Attachments = append(cm.Attachments, a)
		if s := files[i].seen(cm.Account, cm.Author, cm.Message); s != nil {
			if err := tx.CreatePictureSeen(ctx, s); err != nil {
				return err
			}
		}
	}
	for i := len(files); i < len(list); i++ {
		cm.Attachments = append(cm.Attachments, leftBehind(&list[i]))
	}
	for i := range cm.Attachments {
		a := &cm.Attachments[i]
		a.Account, a.Task, a.Comment, a.CreatedAt = cm.Account, cm.Task, cm.ID, cm.CreatedAt
	}
	return nil
}
