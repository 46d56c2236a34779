package reply

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// role is what an element is to the mail program that wrote it.
type role uint8

const (
	noRole       role = iota
	quoteBox          // holds an older message, and nothing else
	pairBox           // holds an attribution, and the older message in a blockquote or bare
	introBox          // holds an attribution
	signatureBox      // holds the signature
	splitHere         // an older message starts here and runs to the end
	borderTop         // a line above: Outlook draws one over the header block
)

// attributes is what an element's attributes say.
type attributes struct {
	role role
	// cite tells a blockquote that answering made; indent one that only moves text in.
	cite, indent bool
	// tight tells a paragraph without space around it.
	tight bool
}

// classes and ids are the names vendors give their elements, in lower case.
// Outlook puts "x_" before names of mails it shows, so that is taken off.
var classes = map[string]role{
	"gmail_quote": pairBox, "gmail_quote_container": pairBox, "gmail_attr": introBox, "moz-cite-prefix": introBox, "protonmail_quote": pairBox, "tutanota_quote": pairBox,
	"yahoo_quoted": quoteBox, "yahoo-quoted-begin": splitHere, "zmail_extra": pairBox, "outlookmessageheader": splitHere, "wm_quote": quoteBox,
	"front-blockquote": quoteBox, "isreplycontent": quoteBox, "mail_quote": pairBox, "quoted_reply": quoteBox, "airmail_ext_on": introBox, "hs_reply": quoteBox,
	"gmail_signature": signatureBox, "moz-signature": signatureBox, "protonmail_signature_block": signatureBox, "protonmail_signature_block-user": signatureBox, "tutanota_signature": signatureBox,
	"ms-outlook-mobile-signature": signatureBox, "zimbra-signature": signatureBox,
}

var ids = map[string]role{
	"divrplyfwdmsg": splitHere, "olk_src_body_section": quoteBox, "yahoo_quoted": quoteBox, "mail-editor-reference-message-container": quoteBox, "reply-intro": introBox, "replybody": noRole,
	"isreplycontent": quoteBox, "zwchr": splitHere, "signature": signatureBox, "ms-outlook-mobile-signature": signatureBox, "composer_signature": signatureBox, "gmail_quote": pairBox, "message_quote": quoteBox, "lotus_notes_quote": quoteBox,
	"mailcontainer_quote": quoteBox, "qm_reply": quoteBox,
}

// attributesOf reads an element's attributes once.
func attributesOf(n *html.Node) (a attributes) {
	for i := range n.Attr {
		switch v := n.Attr[i].Val; n.Attr[i].Key {
		case "class":
			a.class(n, v)
		case "id":
			id := vendorName(v)
			if r, ok := ids[id]; ok {
				a.role = r
			} else if strings.HasPrefix(id, "yahoo_quoted") || strings.HasPrefix(id, "ydp") && strings.HasSuffix(id, "yahoo_quoted") {
				a.role = quoteBox
			}
		case "name":
			if v == "quote" && n.DataAtom == atom.Div || v == "messageReplySection" {
				a.role = pairBox
			} else if v == "messageSignatureSection" {
				a.role = signatureBox
			}
		case "data-marker":
			if v == "__DIVIDER__" || v == "__HEADERS__" || v == "__QUOTED_TEXT__" {
				a.role = splitHere
			}
		case "data-smartmail":
			if v == "gmail_signature" {
				a.role = signatureBox
			}
		case "data-signatureblock":
			a.role = signatureBox
		case "type":
			a.cite = a.cite || strings.EqualFold(v, "cite") && n.DataAtom == atom.Blockquote
		case "cite":
			a.cite = a.cite || strings.HasPrefix(v, "mid:") || strings.HasPrefix(v, "http") && strings.Contains(v, "@")
		case "style":
			a.style(n, v)
		}
	}
	return a
}

func (a *attributes) class(n *html.Node, v string) {
	for c := range strings.FieldsSeq(v) {
		name := vendorName(c)
		if strings.HasPrefix(name, "mso") || name == "gmail_default" {
			a.tight = true
		}
		r, ok := classes[name]
		if !ok && strings.HasSuffix(name, "yahoo_quoted") {
			r, ok = quoteBox, true
		}
		// Gmail gives the class of its quotes to what its quote button makes, too.
		if ok && !(r == pairBox && n.DataAtom == atom.Blockquote) {
			a.role = r
		}
	}
}

// style reads the few properties that say something about the mail.
func (a *attributes) style(n *html.Node, v string) {
	s := strings.ToLower(strings.ReplaceAll(v, " ", ""))
	a.tight = a.tight || strings.Contains(s, "margin:0") || strings.Contains(s, "margin-top:0")
	if n.DataAtom == atom.Blockquote {
		a.indent = strings.Contains(s, "border:none") || strings.Contains(s, "border:0") && !strings.Contains(s, "border-left:")
	}
	if n.DataAtom == atom.Div && a.role == noRole && strings.Contains(s, "border-top") && !strings.Contains(s, "border-top:none") {
		a.role = borderTop
	}
}

func vendorName(s string) string {
	s = strings.ToLower(s)
	for strings.HasPrefix(s, "x_") {
		s = s[2:]
	}
	return strings.TrimPrefix(s, "ecx") // Hotmail's way of the same
}

func attr(n *html.Node, key string) string {
	for i := range n.Attr {
		if n.Attr[i].Key == key {
			return n.Attr[i].Val
		}
	}
	return ""
}
