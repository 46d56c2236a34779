package mailer

import (
	"context"
	"errors"
	"io"
	"strings"
)

// Routes is a Transport that chooses another by the domain in a mail's From:
// who signs and vouches for a domain is often the only one that may send for it.
type Routes struct {
	// By has the domains in lower case; Else takes the mail of all others.
	By   map[string]Transport
	Else Transport
}

// Send gives the mail to the transport of its sender.
func (r *Routes) Send(ctx context.Context, out Outgoing) Outcome {
	if t, ok := r.By[strings.ToLower(out.Sender)]; ok {
		return t.Send(ctx, out)
	}
	return r.Else.Send(ctx, out)
}

// Close closes those that can be.
func (r *Routes) Close() error {
	errs := []error{closeOf(r.Else)}
	for _, t := range r.By {
		errs = append(errs, closeOf(t))
	}
	return errors.Join(errs...)
}

func closeOf(t Transport) error {
	if c, ok := t.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
