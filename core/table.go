package core

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// windows1252 are the characters of the bytes 0x80 to 0x9f; the others are those of Latin-1.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// decodeTable finds out how the text of a table is written: a byte order mark
// says so, zeros tell UTF-16, what is no UTF-8 is what spreadsheets of the west write.
func decodeTable(raw []byte) string {
	switch {
	case bytes.HasPrefix(raw, []byte("\xef\xbb\xbf")):
		return strings.ToValidUTF8(string(raw[3:]), "\ufffd")
	case bytes.HasPrefix(raw, []byte("\xff\xfe")):
		return wide(raw[2:], 1)
	case bytes.HasPrefix(raw, []byte("\xfe\xff")):
		return wide(raw[2:], 0)
	case len(raw) > 3 && raw[0] != 0 && raw[1] == 0:
		return wide(raw, 1)
	case len(raw) > 3 && raw[0] == 0 && raw[1] != 0:
		return wide(raw, 0)
	case utf8.Valid(raw):
		return string(raw)
	}
	high := []rune(windows1252)
	var b strings.Builder
	b.Grow(len(raw) + len(raw)/8)
	for _, c := range raw {
		if c >= 0x80 && c <= 0x9f {
			b.WriteRune(high[c-0x80])
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

// wide reads UTF-16; high is where the high byte of each pair stands.
func wide(raw []byte, high int) string {
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i+high])<<8 | uint16(raw[2*i+1-high])
	}
	return string(utf16.Decode(units))
}

// separatorOf is what parts the columns: what the first line has most of, outside of quotes.
func separatorOf(text string) rune {
	counts := map[rune]int{}
	quoted := false
	for _, r := range text {
		if r == '"' {
			quoted = !quoted
		}
		if !quoted && (r == '\n' || r == '\r') {
			break
		}
		if !quoted {
			counts[r]++
		}
	}
	best := ','
	for _, r := range []rune{';', '\t'} {
		if counts[r] > counts[best] {
			best = r
		}
	}
	return best
}

// tableRow is one line of a table and where in the file it begins.
type tableRow struct {
	line  int
	cells []string
}

// readTable reads a table of comma-separated values (RFC 4180), however it is
// separated. Lines that are empty are left out. More than limit
// lines are TooLarge "import.too_many".
func readTable(text string, limit int) (rows []tableRow, err error) {
	// A lone CR ends a line where old programs wrote the file.
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	r := csv.NewReader(strings.NewReader(strings.ReplaceAll(text, "\x00", "")))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separatorOf(text), -1, true
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, Fail(Invalid, "import.unreadable")
		}
		line, _ := r.FieldPos(0)
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		if rows = append(rows, tableRow{line, cells}); len(rows) > limit+1 {
			return nil, Fail(TooLarge, "import.too_many", "number", itoa(int64(limit)))
		}
	}
}
