package web

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"

	"planpost/core"
	"planpost/templates"
)

// inMemory is how much of one file stays in memory; a larger one goes to a
// temporary file, so that files of any size cost little memory.
const inMemory = 256 << 10

// maxParts bounds the fields and files of one form.
const maxParts = 1000

// parseFiles reads a form that may have files, piece by piece: what was written
// is known even when a file after it turns out to be too large. The caller
// ends with dropFiles.
func (v *visit) parseFiles(limit int64) error { return v.readParts(limit, (*visit).keepFile) }

// parseWords reads such a form and passes over its files.
func (v *visit) parseWords() error {
	return v.readParts(maxForm, func(*visit, *multipart.Part) error { return nil })
}

func (v *visit) readParts(limit int64, file func(*visit, *multipart.Part) error) error {
	r, err := v.MultipartReader()
	if errors.Is(err, http.ErrNotMultipart) {
		return v.parse()
	}
	if err != nil {
		return core.Fail(core.Invalid, "form")
	}
	v.PostForm, v.Form = url.Values{}, v.URL.Query()
	room := int64(maxForm)
	for range maxParts {
		p, err := r.NextPart()
		if err == io.EOF {
			return nil
		}
		switch {
		case err != nil:
		case p.FileName() != "":
			v.hadFiles = true
			err = file(v, p)
		default:
			err = v.keepValue(p, &room)
		}
		if err != nil {
			return partsError(v.locale, limit, err)
		}
	}
	return core.Fail(core.Invalid, "form")
}

func partsError(locale string, limit int64, err error) error {
	var large *http.MaxBytesError
	var system *os.PathError
	switch {
	case errors.As(err, &large), errors.Is(err, errRoom):
		return core.Fail(core.TooLarge, "form.too_large", "size", templates.Size(locale, max(limit-maxForm, maxForm)))
	case errors.As(err, &system): // no room for a temporary file, not the person's mistake
		return err
	}
	return core.Fail(core.Invalid, "form")
}

var errRoom = errors.New("more words than a form may have")

func (v *visit) keepValue(p *multipart.Part, room *int64) error {
	b, err := io.ReadAll(io.LimitReader(p, *room+1))
	if err != nil {
		return err
	}
	if *room -= int64(len(b)); *room < 0 {
		return errRoom
	}
	name := p.FormName()
	v.PostForm.Add(name, string(b))
	v.Form.Add(name, string(b))
	return nil
}

func (v *visit) keepFile(p *multipart.Part) error {
	if p.FormName() != "file" {
		return nil
	}
	var start bytes.Buffer
	_, err := io.CopyN(&start, p, inMemory)
	u := core.Upload{Name: p.FileName(), Type: p.Header.Get("Content-Type")}
	switch {
	case err == io.EOF:
		u.Content = &start
	case err != nil:
		return err
	default:
		if u.Content, err = v.spool(io.MultiReader(&start, p)); err != nil {
			return err
		}
	}
	v.files = append(v.files, u)
	return nil
}

// spool writes a file's content to a temporary file and gives it from its beginning.
func (v *visit) spool(r io.Reader) (io.Reader, error) {
	f, err := os.CreateTemp("", "planpost-upload-*")
	if err != nil {
		return nil, err
	}
	v.spooled = append(v.spooled, f)
	if _, err := io.Copy(f, r); err != nil {
		return nil, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return f, err
}

// dropFiles ends the temporary files; the system removes what is left.
func (v *visit) dropFiles() {
	for _, f := range v.spooled {
		_ = f.Close()
		_ = os.Remove(f.Name())
	}
	v.files, v.spooled = nil, nil
}
