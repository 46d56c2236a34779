package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"planpost/core"
)

type searchView struct {
	Frame
	Hits []hit
	More string
}

// hit is one task or comment that was found.
type hit struct {
	URL       string
	Number    int64
	Title     string
	InComment bool
	Text      []piece
	At        time.Time
}

// piece is a part of a text; marked ones are what was looked for.
type piece struct {
	Text string
	Mark bool
}

// hits is how many are shown at once.
const hits = 20

func (s *Site) search(w http.ResponseWriter, v *visit) error {
	query := strings.TrimSpace(v.URL.Query().Get("q"))
	view := searchView{Frame: s.frame(v, v.t("page.search"))}
	view.Query = query
	if query != "" {
		before, _ := strconv.ParseInt(v.URL.Query().Get("before"), 10, 64)
		found, err := s.core.Search(v.Context(), v.actor, query, max(before, 0), hits+1)
		if err != nil {
			return err
		}
		if len(found) > hits {
			found = found[:hits]
			view.More = v.after("before", strconv.FormatInt(found[hits-1].Seq, 10))
		}
		words := strings.FieldsFunc(strings.ToLower(query), notWord)
		for i := range found {
			view.Hits = append(view.Hits, hitOf(&found[i], words))
		}
	}
	return s.render(w, v, http.StatusOK, "search", view)
}

func hitOf(f *core.Found, words []string) hit {
	h := hit{URL: taskURL(f.Number), Number: f.Number, Title: f.Title, InComment: f.Comment != "", At: f.At, Text: excerpt(f.Text, words)}
	if f.Comment != "" {
		h.URL += "#c-" + string(f.Comment)
	}
	return h
}

func notWord(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// around is how many bytes before the first found word an excerpt begins, and how long it is.
const (
	around  = 60
	longest = 260
)

// excerpt is the part of a text around the first of the words, those words marked.
func excerpt(text string, words []string) []piece {
	text = strings.Join(strings.Fields(text), " ")
	lower := strings.ToLower(text)
	if len(lower) != len(text) { // a few letters change their length; then nothing can be marked
		return plainExcerpt(text)
	}
	start, end := 0, len(text)
	if at, _ := nextWord(lower, 0, words); at > around {
		start = at - around
		for start > 0 && !utf8.RuneStart(text[start]) {
			start--
		}
	}
	if end-start > longest {
		for end = start + longest; !utf8.RuneStart(text[end]); {
			end--
		}
	}
	var list []piece
	if start > 0 {
		list = append(list, piece{Text: "… "})
	}
	for pos := start; pos < end; {
		at, n := nextWord(lower[:end], pos, words)
		if at < 0 {
			list = append(list, piece{Text: text[pos:end]})
			break
		}
		if at > pos {
			list = append(list, piece{Text: text[pos:at]})
		}
		list = append(list, piece{Text: text[at : at+n], Mark: true})
		pos = at + n
	}
	if end < len(text) {
		list = append(list, piece{Text: " …"})
	}
	return list
}

func plainExcerpt(text string) []piece {
	if text == "" {
		return nil
	}
	end := min(len(text), longest)
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end--
	}
	return []piece{{Text: text[:end]}}
}

// nextWord finds the first place from pos on where one of the words begins a word; -1 when there is none.
func nextWord(lower string, pos int, words []string) (at, n int) {
	at = -1
	for _, w := range words {
		for from := pos; from < len(lower); {
			i := strings.Index(lower[from:], w)
			if i < 0 {
				break
			}
			i += from
			before, _ := utf8.DecodeLastRuneInString(lower[:i])
			if i == 0 || notWord(before) {
				if at < 0 || i < at || i == at && len(w) > n {
					at, n = i, len(w)
				}
				break
			}
			from = i + len(w)
		}
	}
	return at, n
}
