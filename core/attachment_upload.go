package core

import (
	"bytes"
	"context"
	"errors"
	"io"

	"planpost/mail"
)

// uploaded is the row of a file that a person sent in a page, once its bytes are kept.
func (c *Core) uploaded(ctx context.Context, cm *Comment, f *Upload, ref FileRef) (Attachment, error) {
	a := Attachment{ID: NewID(), Account: cm.Account, Task: cm.Task, Comment: cm.ID, Name: fileName(f.Name), Type: mediaType(f.Type), Size: ref.Size, Hash: ref.Hash,
		Fate: FileKept, Reason: "plain", CreatedAt: cm.CreatedAt}
	head, tail, err := c.fileSample(ctx, cm.Account, ref)
	if err != nil {
		return a, err
	}
	facts := mail.FactsOfFile(a.Name, a.Type, head, tail)
	a.Kind, a.Found, a.Marks = facts.Kind, facts.Type, marksOf(&facts, false)
	if a.Kind.Dangerous() {
		a.Fate, a.Reason = FileDangerous, "danger"
	}
	return a, nil
}

// fileSample reads the beginning and the end of a kept file.
func (c *Core) fileSample(ctx context.Context, account ID, ref FileRef) (head, tail []byte, err error) {
	content, err := c.files.Open(ctx, account, ref.Hash)
	if err != nil {
		return nil, nil, err
	}
	defer content.Close()
	part := make([]byte, 64<<10)
	read := func(at int64) ([]byte, error) {
		if _, err := content.Seek(at, io.SeekStart); err != nil {
			return nil, err
		}
		n, err := io.ReadFull(content, part)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err = nil
		}
		return bytes.Clone(part[:n]), err
	}
	if head, err = read(0); err != nil {
		return nil, nil, err
	}
	tail, err = read(max(0, ref.Size-int64(len(part))))
	return head, tail, err
}
