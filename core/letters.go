package core

import "context"

// LetterRead is a letter, or why there is none.
type LetterRead struct {
	Letter Letter
	Err    error
}

// Letter is Letters for one delivery.
func (c *Core) Letter(ctx context.Context, d Delivery) (Letter, error) {
	all, err := c.Letters(ctx, []Delivery{d})
	if err != nil {
		return Letter{Delivery: d}, err
	}
	return all[0].Letter, all[0].Err
}

// Letters asks again whether the recipients may have their mails, and reads
// what these are rendered from, all in one snapshot. The order is: account,
// block, right, suppression, time. A Conflict whose code starts with "delivery."
// means that the mail must not be sent; the caller then records it as
// cancelled, as held when it is suppressed, or as due later when it is Postponed. An error of its own means that
// nothing is known of any.
func (c *Core) Letters(ctx context.Context, list []Delivery) ([]LetterRead, error) {
	all := make([]LetterRead, len(list))
	err := c.store.View(ctx, func(tx Tx) error {
		s := share(tx)
		if err := s.meetRecipients(ctx, list); err != nil {
			return err
		}
		for i := range list {
			r := &all[i]
			r.Letter = Letter{Delivery: list[i]}
			if r.Err = c.readLetter(ctx, s, &r.Letter); r.Err == nil {
				r.Err = suppressed(ctx, s, &r.Letter)
			}
			if r.Err == nil {
				r.Err = c.timely(ctx, s, &r.Letter)
			}
			if k := KindOf(r.Err); r.Err != nil && (k == Unavailable || k == Internal) {
				return r.Err // the snapshot may be of no use any more
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := c.ensureLinks(ctx, all); err != nil {
		return nil, err
	}
	for i := range all {
		r := &all[i]
		if r.Err != nil {
			continue
		}
		var mode ReplyMode
		if mode, r.Err = c.ReplyMode(ctx, r.Letter.Delivery.SentDate); r.Err == nil {
			c.addressLinks(&r.Letter)
			c.addressLetter(&r.Letter, mode)
		}
	}
	return all, nil
}

// meetRecipients reads the recipients of each account at once.
func (s *shared) meetRecipients(ctx context.Context, list []Delivery) error {
	if len(list) < 2 {
		return nil // read with the letter
	}
	ids := make(map[ID][]ID)
	for i := range list {
		ids[list[i].Account] = append(ids[list[i].Account], list[i].Person)
	}
	for account, people := range ids {
		if _, err := s.FindPeople(ctx, account, people); err != nil {
			return err
		}
	}
	return nil
}
