package demo

import (
	"strings"
	"time"
	"unicode/utf8"

	"planpost/mail"
)

// Place is where in the answer people type.
type Place string

// The places. Interleaved puts each paragraph below a piece of what it answers.
const (
	Top         Place = "top"
	Bottom      Place = "bottom"
	Interleaved Place = "interleaved"
)

// Answer is what a person does in a mail program.
type Answer struct {
	// Original is the mail that is answered; nil writes a new one with Subject to To.
	Original *mail.Message
	To       mail.Address
	Subject  string
	From     mail.Address
	// Words are typed by the person: paragraphs parted by an empty line, lines by \n.
	Words string
	Place Place
	// Locale is the language of the person's program; At is now, in the person's zone.
	Locale string
	At     time.Time
	Files  []mail.Attachment
	// ID is random letters and figures of which Message-ID and boundaries are made.
	ID string
}

// Client is a mail program.
type Client struct {
	Key, Name string
	// Places are those that the program leads people to, its own habit first.
	Places []Place
	write  func(a *Answer) *part
}

// Clients are the programs that replies can be written with.
func Clients() []Client {
	return []Client{
		{"gmail", "Gmail (web)", []Place{Top, Bottom, Interleaved}, gmail},
		{"outlook", "Outlook (desktop)", []Place{Top}, outlook},
		{"outlookcom", "Outlook.com", []Place{Top}, outlookCom},
		{"apple", "Apple Mail", []Place{Top, Bottom, Interleaved}, appleMail},
		{"iphone", "iPhone", []Place{Top}, iPhone},
		{"thunderbird", "Thunderbird", []Place{Bottom, Top, Interleaved}, thunderbird},
	}
}

// clientOf finds a program by its key; the first one when there is none.
func clientOf(key string) Client {
	all := Clients()
	for _, c := range all {
		if c.Key == key {
			return c
		}
	}
	return all[0]
}

// Compose writes the answer as this program does. A place the program does
// not offer becomes its habit.
func (c Client) Compose(a Answer) []byte {
	place := c.Places[0]
	for _, p := range c.Places {
		if p == a.Place {
			place = p
		}
	}
	a.Place = place
	a.Words = strings.TrimSpace(strings.Map(typeable, strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(a.Words)))
	if a.Original == nil {
		a.Original = &mail.Message{}
	} else {
		a.To, a.Subject = answerTo(a.Original), a.Original.Subject
	}
	return c.write(&a).bytes()
}

// typeable drops what no keyboard makes.
func typeable(r rune) rune {
	if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == utf8.RuneError {
		return -1
	}
	return r
}

// answerTo is where an answer goes (RFC 5322 §3.6.3).
func answerTo(m *mail.Message) mail.Address {
	for _, list := range [][]mail.Address{m.ReplyTo, m.From} {
		if len(list) > 0 {
			return list[0]
		}
	}
	return mail.Address{}
}

// answers tells whether there is something to quote.
func (a *Answer) answers() bool { return a.Original.MessageID != "" }

// author is who wrote the original, as attributions name him.
func (a *Answer) author() mail.Address {
	if len(a.Original.From) > 0 {
		return a.Original.From[0]
	}
	return mail.Address{}
}

// when is when the original was written, as the person's clock had it.
func (a *Answer) when() time.Time { return a.Original.Date.In(a.At.Location()) }

// paragraphs are the typed words by paragraph, lines within parted by \n.
func (a *Answer) paragraphs() (list []string) {
	for p := range strings.SplitSeq(a.Words, "\n\n") {
		if p = strings.Trim(p, "\n"); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// threading are the fields that tie an answer to what it answers (RFC 5322 §3.6.4).
func (a *Answer) threading() []string {
	if !a.answers() {
		return nil
	}
	refs := append(append([]string(nil), a.Original.References...), a.Original.MessageID)
	for i := range refs {
		refs[i] = "<" + refs[i] + ">"
	}
	return []string{"In-Reply-To: <" + a.Original.MessageID + ">", "References: " + strings.Join(refs, "\r\n ")}
}

// subject puts the program's mark before the original's subject, once.
func (a *Answer) subject(mark string) string {
	s := a.Subject
	if a.answers() && !strings.HasPrefix(strings.ToLower(s), strings.ToLower(mark)) {
		s = mark + s
	}
	return "Subject: " + encoded(s)
}

func (a *Answer) date() string { return "Date: " + a.At.Format("Mon, 2 Jan 2006 15:04:05 -0700") }

// piece is a stretch of an interleaved answer: what is quoted, then what is typed below it.
type piece struct {
	quoted, typed string
}

// interleave puts each paragraph below a piece of the original; what is left
// of it follows in a piece without words.
func (a *Answer) interleave() []piece {
	blocks := strings.Split(strings.TrimSpace(a.Original.Text), "\n\n")
	typed := a.paragraphs()
	// The first three are our line about answering, the author's name, and the beginning of what was said.
	first := min(3, len(blocks))
	list := []piece{{quoted: strings.Join(blocks[:first], "\n\n")}}
	blocks = blocks[first:]
	for i, p := range typed {
		list[len(list)-1].typed = p
		if i == len(typed)-1 {
			break
		}
		quoted := ""
		if len(blocks) > 0 {
			quoted, blocks = blocks[0], blocks[1:]
		}
		list = append(list, piece{quoted: quoted})
	}
	if len(blocks) > 0 {
		list = append(list, piece{quoted: strings.Join(blocks, "\n\n")})
	}
	return list
}
