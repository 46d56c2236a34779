package core_test

import (
	"bytes"
	"context"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"planpost/core"
)

// zone is a DNS with texts.
type zone map[string]string

func (z zone) LookupTXT(_ context.Context, name string) ([]string, error) {
	if text, ok := z[name]; ok {
		return []string{text}, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// publish puts the records of keys into it.
func (z zone) publish(keys []core.SigningKey) {
	for i := range keys {
		z[keys[i].Name()+"."] = keys[i].Record()
	}
}

const signedMail = "From: x@in.test\r\nSubject: Door\r\n\r\nWords\r\n"

// signatures verifies what Sign gives for a mail, and counts what holds.
func (h *house) signatures(z zone, at time.Time) (holding int, head []byte) {
	h.t.Helper()
	head, err := h.c.Sign(h.ctx, domain, []byte(signedMail), at)
	h.must(err)
	list, err := dkim.VerifyWithOptions(bytes.NewReader(append(bytes.Clone(head), signedMail...)),
		&dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) { return z.LookupTXT(h.ctx, name+".") }})
	h.must(err)
	for _, v := range list {
		if v.Err == nil {
			holding++
		} else {
			h.t.Errorf("signature of %s: %v", v.Domain, v.Err)
		}
	}
	return holding, head
}

func (h *house) checked(z zone) (begun int) {
	h.t.Helper()
	list, err := h.c.CheckSigningKeys(h.ctx, z)
	h.must(err)
	for _, f := range list {
		if f.Begins {
			begun++
		}
	}
	return begun
}

func TestAKeySignsOnceItsRecordStands(t *testing.T) {
	each(t, func(h *house) {
		z := zone{}
		if n, _ := h.signatures(z, h.now); n != 0 {
			h.t.Fatalf("%d signatures without a key", n)
		}
		keys, err := h.c.NewSigningKeys(h.ctx, "IN.test.")
		h.must(err)
		if len(keys) != 2 || keys[0].Domain != domain || bytes.Contains(keys[0].Sealed, []byte("PRIVATE")) || h.checked(z) != 0 {
			h.t.Fatalf("keys %+v", keys)
		}
		if n, _ := h.signatures(z, h.now); n != 0 {
			h.t.Errorf("%d signatures whose record nobody finds", n)
		}
		z[keys[0].Name()+"."] = keys[1].Record()
		if h.checked(z) != 0 {
			h.t.Error("a key begins by another's record")
		}
		z.publish(keys)
		if h.checked(z) != 2 {
			h.t.Error("the keys do not begin")
		}
		if n, _ := h.signatures(z, h.now); n != 2 {
			h.t.Errorf("%d signatures hold", n)
		}
		_, err = h.c.NewSigningKeys(h.ctx, "no domain")
		h.wants(err, core.Invalid, "signing.domain")
	})
}

func TestARotationKeepsWhatIsUnderWayTheSame(t *testing.T) {
	each(t, func(h *house) {
		z := zone{}
		old, err := h.c.NewSigningKeys(h.ctx, domain)
		h.must(err)
		z.publish(old)
		h.checked(z)
		at := h.now
		_, before := h.signatures(z, at)
		h.pass(24 * time.Hour)
		fresh, err := h.c.NewSigningKeys(h.ctx, domain)
		h.must(err)
		_, err = h.c.NewSigningKeys(h.ctx, domain)
		h.wants(err, core.Conflict, "signing.waits")
		if n, again := h.signatures(z, h.now); n != 2 || bytes.Contains(again, []byte(fresh[0].Selector)) {
			h.t.Error("a key signs before its record stands")
		}
		z.publish(fresh)
		h.checked(z)
		if n, now := h.signatures(z, h.now); n != 2 || !bytes.Contains(now, []byte(fresh[0].Selector)) || bytes.Contains(now, []byte(old[0].Selector)) {
			h.t.Errorf("after the rotation %d hold:\n%s", n, now)
		}
		if _, again := h.signatures(z, at); !bytes.Equal(before, again) {
			h.t.Error("a mail that is sent again is signed otherwise")
		}
		_, err = h.c.RemoveSigningKey(h.ctx, fresh[0].Selector, domain, false)
		h.wants(err, core.Conflict, "signing.signs")
		_, err = h.c.RemoveSigningKey(h.ctx, old[0].Selector, domain, false)
		h.wants(err, core.Conflict, "signing.underway")
		h.pass(8 * 24 * time.Hour)
		_, err = h.c.RemoveSigningKey(h.ctx, old[0].Selector, domain, false)
		h.must(err)
		_, err = h.c.BeginSigning(h.ctx, old[0].Selector, domain)
		h.wants(err, core.NotFound, "signing.unknown")
	})
}
