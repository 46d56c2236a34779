package reply

import (
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// ourMail is a mail of ours as it was rendered, text and HTML.
type ourMail struct {
	name, text, inner string
	// pars and parts are the same in pieces between which an author may type.
	pars, parts []string
}

var piece = regexp.MustCompile(`(?s)<p[ >].*?</p>|<ul.*?</ul>|<h[12].*?</h[12]>`)

// ourMails reads the mails that the mailer's own tests hold to be right.
func ourMails(t testing.TB) map[string][]ourMail {
	t.Helper()
	all := make(map[string][]ourMail)
	for _, locale := range []string{"en", "de", "fr", "bg"} {
		for _, name := range []string{"outside", "staff", "held", "held-many"} {
			path := filepath.Join("..", "..", "mailer", "testdata", name+"."+locale)
			text, err := os.ReadFile(path + ".txt")
			if err != nil {
				t.Fatal(err)
			}
			page, err := os.ReadFile(path + ".html")
			if err != nil {
				t.Fatal(err)
			}
			_, body, _ := strings.Cut(string(text), "\n\n") // below the subject
			_, inner, _ := strings.Cut(string(page), "<body")
			_, inner, _ = strings.Cut(inner, ">")
			inner, _, _ = strings.Cut(inner, "</body>")
			m := ourMail{name: name + "." + locale, text: strings.TrimSpace(body), inner: strings.TrimSpace(inner)}
			for p := range strings.SplitSeq(m.text, "\n\n") {
				m.pars = append(m.pars, strings.Trim(p, "\n"))
			}
			m.parts = piece.FindAllString(m.inner, -1)
			all[locale] = append(all[locale], m)
		}
	}
	return all
}

// layout is where the author types.
type layout string

const (
	onTop   layout = "top"
	atEnd   layout = "bottom"
	between layout = "between"
	below   layout = "below the marker"
)

// own are the author's paragraphs in a language.
func (t tongue) paragraphs() []string {
	return []string{t.own[0], t.own[1], "17 mm, " + t.own[0]}
}

// typed tells which of the author's paragraphs follow piece i of n of our
// mail; i is -1 for above the attribution, n-1 for below it all.
func (l layout) typed(i, n int, own []string) []string {
	switch {
	case l == onTop && i == -1, l == atEnd && i == n-1, l == below && i == 0:
		return own
	case l == between && i == -1:
		return own[:1]
	case l == between && i == n/3:
		return own[1:2]
	case l == between && i == n*2/3:
		return own[2:]
	}
	return nil
}

// textAnswer is the text body c writes.
func (c client) textAnswer(t tongue, m ourMail, l layout) string {
	var b strings.Builder
	own := t.paragraphs()
	say := func(i int) {
		for _, s := range l.typed(i, len(m.pars), own) {
			b.WriteString(wrapped(s, c.width) + "\n\n")
		}
	}
	say(-1)
	if c.tag != nil {
		b.WriteString(c.tag(t) + "\n\n")
	}
	quote := func(s string) {
		if c.link {
			s = regexp.MustCompile(`https://\S+`).ReplaceAllString(s, "$0<$0>")
		}
		for line := range strings.SplitSeq(c.typo(s), "\n") {
			for part := range strings.SplitSeq(wrapped(line, c.width), "\n") {
				b.WriteString(strings.TrimRight(c.mark+part, " ") + "\n")
			}
		}
	}
	intro := wrapped(c.intro(t), c.width)
	if c.inside {
		quote(intro + "\n")
	} else {
		b.WriteString(intro + "\n\n")
	}
	for i, p := range m.pars {
		typed := l.typed(i, len(m.pars), own)
		if quote(p); i+1 < len(m.pars) && typed == nil {
			quote("")
		}
		if typed != nil {
			b.WriteString("\n")
			say(i)
		}
	}
	return b.String()
}

// htmlAnswer is the HTML body c writes.
func (c client) htmlAnswer(t tongue, m ourMail, l layout) string {
	var b strings.Builder
	own := t.paragraphs()
	say := func(i int, with string) {
		for _, s := range l.typed(i, len(m.parts), own) {
			b.WriteString(strings.Replace(with, "%s", html.EscapeString(s), 1))
		}
	}
	b.WriteString("<html><head><style>p{margin:0}</style></head><body>")
	say(-1, c.own)
	if c.tagHTML != nil {
		b.WriteString(c.tagHTML(t))
	}
	b.WriteString(c.open + c.introHTML(t) + c.box)
	if l == onTop || l == atEnd {
		b.WriteString(c.rewritten(m.inner) + c.end + c.close)
		say(len(m.parts)-1, c.own)
		return b.String() + "</body></html>"
	}
	for i, p := range m.parts {
		b.WriteString(c.rewritten(p))
		if l.typed(i, len(m.parts), own) == nil {
			continue
		}
		if c.inline != "" {
			say(i, c.inline)
			continue
		}
		b.WriteString(c.end)
		say(i, c.own)
		b.WriteString(c.box)
	}
	return b.String() + c.end + c.close + "</body></html>"
}

var shown = regexp.MustCompile(`>[^<]+<`)

// rewritten is HTML of ours as the client passes it on.
func (c client) rewritten(s string) string {
	s = shown.ReplaceAllStringFunc(s, c.typo)
	if c.rename != nil {
		s = c.rename(s)
	}
	return s
}

// wrapped breaks the lines of s at width; 0 leaves them.
func wrapped(s string, width int) string {
	if width == 0 {
		return s
	}
	var out []string
	for line := range strings.SplitSeq(s, "\n") {
		out = append(out, wrap(line, width))
	}
	return strings.Join(out, "\n")
}

// score counts over many answers.
type score struct{ cases, right, lost, left, ours int }

func (s *score) add(o score) {
	s.cases += o.cases
	s.right += o.right
	s.lost += o.lost
	s.left += o.left
	s.ours += o.ours
}

func (s score) String() string {
	return fmt.Sprintf("%d answers, %d right, %d words lost, %d of %d of ours left", s.cases, s.right, s.lost, s.left, s.ours)
}

// judge compares a reply with what the author typed. Quoted lines between his
// words may stay, attributions may not.
func judge(got, first string, own []string, l layout, ours int) score {
	s := score{cases: 1, ours: ours}
	all := wordsIn(got)
	at, start := 0, 0
	for n, p := range own {
		want := wordsIn(p)
		i := indexWords(all[at:], want)
		if i < 0 {
			s.lost += len(want)
			continue
		}
		switch gap := strings.Join(all[at:at+i], " "); {
		case n == 0 && l == below && gap == strings.Join(wordsIn(first), " "):
			// A mail that nobody answers has no marker: it is its first piece that is answered.
		case n == 0 || l != between:
			s.left += i
		case strings.Contains(gap, "k3x9v2"):
			s.left++
		}
		at += i + len(want)
		start = at
	}
	s.left += len(all) - start
	if s.lost == 0 && s.left == 0 {
		s.right = 1
	}
	return s
}

func wordsIn(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.IsMark(r) })
}

func indexWords(in, part []string) int {
	for i := 0; i+len(part) <= len(in); i++ {
		if slices.Equal(in[i:i+len(part)], part) {
			return i
		}
	}
	return -1
}

// TestTheAuthorsWordsAreFoundInEveryClientAndLanguage answers mails of ours in
// every way of the matrix, with and without knowing what we sent.
func TestTheAuthorsWordsAreFoundInEveryClientAndLanguage(t *testing.T) {
	mails := ourMails(t)
	var marker []string
	for _, locale := range mails {
		marker = append(marker, locale[0].pars[0])
	}
	var known, unknown score
	for ci, c := range clients() {
		for ti, tongue := range tongues() {
			list := mails[tongue.code]
			if list == nil {
				list = mails["en"]
			}
			m := list[(ci+ti)%len(list)]
			for _, l := range []layout{onTop, atEnd, between, below} {
				for _, in := range []Input{{Text: c.textAnswer(tongue, m, l)}, {HTML: c.htmlAnswer(tongue, m, l)}} {
					in.Subject, in.Marker = "Re: [#12] Windows on the north side", marker
					kind, apart := "html", c.apart()
					if in.Text != "" {
						kind, apart = "text", c.marked()
					}
					ours := len(wordsIn(m.text))
					in.Sent = m.text
					s := judge(Extract(in).Reply, m.pars[0], tongue.paragraphs(), l, ours)
					if s.lost > 0 || s.left*20 > ours {
						t.Errorf("%s, %s, %s, %s, %s: %v", c.name, tongue.code, m.name, l, kind, s)
					}
					known.add(s)
					in.Sent = ""
					if !apart && l != onTop {
						continue // nothing but the text we sent can tell the author's lines from ours
					}
					s = judge(Extract(in).Reply, m.pars[0], tongue.paragraphs(), l, ours)
					if s.lost > 0 {
						t.Errorf("%s, %s, %s, %s, %s, unknown what was sent: %v", c.name, tongue.code, m.name, l, kind, s)
					}
					unknown.add(s)
				}
			}
		}
	}
	t.Logf("what we sent is known: %v", known)
	t.Logf("what we sent is not known: %v", unknown)
	if known.lost > 0 || known.left*100 >= known.ours || known.right*1000 < known.cases*995 {
		t.Errorf("what we sent is known: %v", known)
	}
	if unknown.lost > 0 || unknown.left*100 >= unknown.ours {
		t.Errorf("what we sent is not known: %v", unknown)
	}
}
