package core

import (
	"strings"

	"planpost/mail"
)

// product is whose name mail for signing in comes in: words of whoever registered must not look like a bank's.
const product = "Planpost"

// boxLocal is the local part of the one mailbox behind all our addresses.
const boxLocal = "planpost"

// senderLocals are the local parts of our senders. What people do with the mail of one stream should not
// count against another's.
var senderLocals = map[Stream]string{SecurityStream: "security", WorkStream: boxLocal, DigestStream: "digest"}

// sender is the From address of a stream's mail as configured, else one of the mail domain. A provider
// with one mailbox for us lets nothing else be written in its name.
func (c *Core) sender(s Stream, mode ReplyMode) mail.Address {
	if a := c.cfg.Senders[s]; a.Local != "" {
		return a
	}
	if mode != ReplyPlain {
		return mail.Address{Local: boxLocal, Domain: c.cfg.MailDomain}
	}
	return mail.Address{Local: senderLocals[s], Domain: c.cfg.MailDomain}
}

// ownSender tells that an address is a From of ours: who answers there meant to answer the mail.
func (c *Core) ownSender(a mail.Address) bool {
	for _, s := range Streams {
		if own := c.sender(s, ReplyPlain); strings.EqualFold(a.Local, own.Local) && strings.EqualFold(a.Domain, own.Domain) {
			return true
		}
	}
	return false
}

// senderName is the name in From: the account's, or the product's where nobody answers for that or
// signing in is at stake. It never holds what one person wrote, nor what looks like an address.
func senderName(l *Letter) string {
	if l.Delivery.Stream == SecurityStream || unconfirmed(&l.Person) || strings.Contains(l.Account.Name, "@") {
		return product
	}
	return l.Account.Name
}
