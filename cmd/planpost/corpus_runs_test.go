package main

import (
	"hash/maphash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"planpost/mail"
)

// protocolWords are words of protocols and markup, not of people.
var protocolWords = strings.Fields(`
	content type text plain html charset utf iso windows ascii us mime version transfer encoding quoted printable
	base64 7bit 8bit multipart mixed alternative related boundary disposition attachment inline filename name format flowed
	delsp yes no auto suppress message rfc822 delivery status report action failed final recipient diagnostic code smtp remote mta dns
	reporting arrival date original from to cc subject reply sent by with esmtp esmtps esmtpsa id for received return path
	mailer x the on at wrote gmail quote attr div dir ltr class blockquote style border left solid px pt margin padding
	ex ccc rgb none font family size color background width height body head meta http equiv p br span a href table tr td
	tbody cellspacing cellpadding doctype public w3c dtd xhtml transitional en www org tr xhtml1 strict
	mon tue wed thu fri sat sun monday tuesday wednesday thursday friday saturday sunday jan feb mar apr may jun jul aug sep
	oct nov dec am pm gmt utc begin end vcalendar vevent prodid dtstart dtend dtstamp tzid uid method request summary
	mailto com net example localhost https txt eml log type returned dkim signature v rsa sha256 relaxed simple s q c d h bh
	in references list unsubscribe precedence bulk auto submitted generated replied user agent
	application pkcs7 mime pgp signed encrypted protocol micalg octet stream image png jpeg gif pdf`)

// A run must be long enough not to be the same by chance, and tell something.
const (
	runLength = 6  // words in a row
	runSigns  = 18 // of a script without spaces, where each sign counts as a word
	ownWanted = 3  // words in a run that are not protocolWords
)

// runReader walks the words of a text, in lower case and as replies are graded by.
type runReader struct {
	known map[string]bool
	found func(run []string)
	row   []string
	own   []bool // which of row tell something
	signs int    // how many at the end of row are signs of a script without spaces
}

func (r *runReader) add(word string, sign bool) {
	word = strings.ToLower(word)
	dull := !sign && (r.known[word] || utf8.RuneCountInString(word) == 1 || strings.Trim(word, "0123456789") == "")
	r.row, r.own = append(r.row, word), append(r.own, !dull)
	if r.signs++; !sign {
		r.signs = 0
	}
	n := runLength
	if r.signs >= runLength {
		n = runSigns
	}
	if r.signs >= runLength && r.signs < runSigns || len(r.row) < n {
		return
	}
	own := 0
	for _, is := range r.own[len(r.own)-n:] {
		if is {
			own++
		}
	}
	if own >= ownWanted {
		r.found(r.row[len(r.row)-n:])
	}
	if len(r.row) >= 512 {
		r.row, r.own = append(r.row[:0], r.row[len(r.row)-runSigns:]...), append(r.own[:0], r.own[len(r.own)-runSigns:]...)
	}
}

// read takes a text apart. Tags are left out: what programs write between <
// and > is not what anybody said.
func (r *runReader) read(text string) {
	r.row, r.own, r.signs = r.row[:0], r.own[:0], 0
	start, past := -1, 0
	for i, c := range text {
		if i < past {
			continue
		}
		letter := unicode.IsLetter(c) || unicode.IsNumber(c)
		switch {
		case start < 0 && singly(c):
			r.add(text[i:i+utf8.RuneLen(c)], true)
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			r.add(text[start:i], false)
			start = -1
		}
		if c == '<' {
			past = i + tagLength(text[i:])
		}
	}
	if start >= 0 {
		r.add(text[start:], false)
	}
}

// tagLength is the length of the tag at the start of s; 0 when there is none.
func tagLength(s string) int {
	if len(s) < 3 || !strings.ContainsRune("/!?", rune(s[1])) && !unicode.IsLetter(rune(s[1])) {
		return 0
	}
	return strings.IndexByte(s[:min(len(s), 1000)], '>') + 1
}

// singly tells whether a letter of a script without spaces is a word of its own.
func singly(r rune) bool {
	return r >= 0x3040 && r <= 0x30ff || r >= 0x3400 && r <= 0x9fff || r >= 0xac00 && r <= 0xd7af || r >= 0x0e00 && r <= 0x0e7f
}

// place is where the project's text has a run.
type place struct {
	file string
	run  string
}

func TestNothingOfTheCollectionIsInTheProject(t *testing.T) {
	top := collected(t)
	known := map[string]bool{}
	for _, w := range protocolWords {
		known[w] = true
	}
	seed := maphash.MakeSeed()
	sum := func(run []string) uint64 {
		var h maphash.Hash
		h.SetSeed(seed)
		for _, w := range run {
			h.WriteString(w)
			h.WriteByte(0)
		}
		return h.Sum64()
	}
	ours := map[uint64]place{}
	for _, file := range projectTexts(t) {
		text, err := os.ReadFile(file)
		must(t, err)
		r := runReader{known: known, found: func(run []string) { ours[sum(run)] = place{file, strings.Join(run, " ")} }}
		r.read(string(text))
	}
	if len(ours) < 100_000 {
		t.Fatalf("only %d runs of words found in the project", len(ours))
	}
	theirs, hits := 0, map[place]string{}
	for _, file := range collectionTexts(t, top) {
		r := runReader{known: known, found: func(run []string) {
			theirs++
			if p, ok := ours[sum(run)]; ok && !allowedRun(p.run) {
				hits[p] = file
			}
		}}
		raw, err := os.ReadFile(file)
		must(t, err)
		r.read(string(raw))
		if m, err := mail.Parse(raw, mail.Limits{}); err == nil && strings.HasSuffix(file, ".eml") {
			r.read(m.Text)
			r.read(mail.HTMLToText(m.HTML))
		}
	}
	t.Logf("%d runs of the project, %d of the collection, %d in both", len(ours), theirs, len(hits))
	if theirs < 500_000 {
		t.Errorf("only %d runs of words found in the collection", theirs)
	}
	for p, file := range hits {
		t.Errorf("%s: %q is in %s", p.file, p.run, strings.TrimPrefix(file, top))
	}
}

// allowedRun tells whether a run belongs to a text both have a right to.
func allowedRun(run string) bool {
	return slices.ContainsFunc(allowedTexts, func(text string) bool { return strings.Contains(text, run) })
}

// allowedTexts, in lower case words, are names of fields and programs, and fixed
// words of standards: they must be written as they are.
var allowedTexts = []string{
	"this is a multi part message in mime format",
	"mime version 1 0 mac os x mail 16 0", // the version as Apple Mail writes it
	"x ms tnef correlator content type",
	"x ms exchange inbox rules loop",
	"below this line is a copy",    // qmail's mark before the returned mail
	"reply to end of data command", // Postfix names the command refused
	"not exist or you may not",     // our own error, by chance the same
}

// projectTexts are the project's text files, its history and binaries left out.
func projectTexts(t *testing.T) (files []string) {
	t.Helper()
	must(t, filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == ".git" {
				return fs.SkipDir
			}
			return nil
		}
		// This file holds the list of what is common.
		if filepath.Base(path) == "corpus_runs_test.go" || d.Name() == "go.sum" {
			return nil
		}
		if info, err := d.Info(); err != nil || !info.Mode().IsRegular() || info.Size() > 2<<20 {
			return err
		}
		files = append(files, path)
		return nil
	}))
	return files
}

// collectionTexts are the mails and what is expected of them.
func collectionTexts(t *testing.T, top string) (files []string) {
	t.Helper()
	for _, folder := range []string{"reply", "reply_checks", "odd", "bounce", "auto"} {
		must(t, filepath.WalkDir(filepath.Join(top, folder), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && d.Name() != "meta.json" {
				files = append(files, path)
			}
			return err
		}))
	}
	return files
}
