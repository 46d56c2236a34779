package core_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"

	"planpost/core"
	"planpost/mail"
	"planpost/mail/auth"
)

// compoundOf writes a compound file (MS-CFB) with these streams. Neighbouring
// sectors are swapped, so that no stream of more than one lies in one piece.
func compoundOf(streams ...string) []byte {
	var sectors [][]byte // of 512 bytes
	fat := map[int]uint32{}
	add := func(content string, size int, into *[][]byte, table map[int]uint32) uint32 {
		first := len(*into)
		n := (len(content) + size - 1) / size
		for i := range n {
			*into = append(*into, make([]byte, size))
			table[first+i] = 0xfffffffe
		}
		place := func(i int) int { // 1 0 3 2 …, an odd last one where it is
			if i^1 < n {
				return first + (i ^ 1)
			}
			return first + i
		}
		for i := range n {
			copy((*into)[place(i)], content[i*size:])
			if i > 0 {
				table[place(i-1)] = uint32(place(i))
			}
		}
		if n == 0 {
			return 0xfffffffe
		}
		return uint32(place(0))
	}
	var minis [][]byte
	after := map[int]uint32{}
	entry := func(kind byte, start uint32, size int) string {
		e := make([]byte, 128)
		copy(e, inUnits(binary.LittleEndian, "__substg1.0_1000001F"))
		e[64], e[66] = 42, kind
		binary.LittleEndian.PutUint32(e[116:], start)
		binary.LittleEndian.PutUint32(e[120:], uint32(size))
		return string(e)
	}
	directory := ""
	for _, s := range streams {
		if len(s) >= 4096 {
			if len(sectors)%2 == 1 {
				add(" ", 512, &sectors, fat)
			}
			directory += entry(2, add(s, 512, &sectors, fat), len(s))
		} else {
			if len(minis)%2 == 1 {
				add(" ", 64, &minis, after)
			}
			directory += entry(2, add(s, 64, &minis, after), len(s))
		}
	}
	even := func() {
		if len(sectors)%2 == 1 {
			add(" ", 512, &sectors, fat)
		}
	}
	table := func(m map[int]uint32) string {
		var b []byte
		for i := range len(m) {
			b = binary.LittleEndian.AppendUint32(b, m[i])
		}
		for len(b)%512 != 0 {
			b = binary.LittleEndian.AppendUint32(b, 0xffffffff)
		}
		return string(b)
	}
	even()
	small := string(bytes.Join(minis, nil))
	root := add(small, 512, &sectors, fat)
	even()
	dir := add(entry(5, root, len(small))+directory, 512, &sectors, fat)
	even()
	mini := add(table(after), 512, &sectors, fat)
	at := len(sectors)
	fat[at] = 0xfffffffd
	header := make([]byte, 512)
	copy(header, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	for place, v := range map[int]uint32{44: 1, 48: dir, 56: 4096, 60: mini, 64: 1, 68: 0xfffffffe, 76: uint32(at)} {
		binary.LittleEndian.PutUint32(header[place:], v)
	}
	for i := 80; i < 512; i++ {
		header[i] = 0xff
	}
	header[26], header[28], header[29], header[30], header[32] = 3, 0xfe, 0xff, 9, 6
	return append(append(header, bytes.Join(sectors, nil)...), table(fat)...)
}

// streamsOf reads the streams of a compound file.
func streamsOf(t *testing.T, file []byte) (list []string) {
	t.Helper()
	if !mail.EditCompound(file, func(b []byte) { list = append(list, string(b)) }) {
		t.Fatal("the file cannot be opened")
	}
	return list
}

func TestStreamsOfACompoundFileAreReadInTheirOrder(t *testing.T) {
	want := []string{"short", strings.Repeat("0123456789", 300), strings.Repeat("abcdefghijk", 900), "", strings.Repeat("xyz", 1400)}
	got := streamsOf(t, compoundOf(want...))
	if len(got) != len(want) {
		t.Fatalf("%d streams", len(got))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("stream %d: %.80q", i, got[i])
		}
	}
	file := compoundOf(want...)
	for n := range len(file) { // damaged anywhere, nothing falls over
		if n < 600 || n%97 == 0 {
			bad := bytes.Clone(file)
			bad[n] ^= 0xff
			mail.EditCompound(bad, func([]byte) {})
			mail.EditCompound(bytes.Clone(file[:n]), func([]byte) {})
		}
	}
}

// packedRTF is RTF in the compression of MS-OXRTFCP, with nothing repeated: a
// zero stands before every eight letters.
func packedRTF(words string) string {
	body := ""
	for run := range slices.Chunk([]byte(words), 8) {
		body += "\x00" + string(run)
	}
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(body)+12))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(words)))
	return string(b) + "LZFu\x00\x00\x00\x00" + body
}

// A mail that Outlook saved is attached whole: its texts lose their tokens, and
// Outlook can still open it.
func TestAMailSavedByOutlookKeepsNoLiveToken(t *testing.T) {
	each(t, func(h *house) {
		sent, _ := h.letters()
		u, err := url.Parse(sent["Klara"].ThreadURL)
		h.must(err)
		token, to := strings.TrimPrefix(u.Path, "/t/"), h.replyTo(h.klara)
		words := "see http://" + domain + "/t/" + token + " or write to " + to + ", вход A\n"
		wide := inUnits(binary.LittleEndian, strings.Repeat("long before ", 250)+words+"after")
		file := compoundOf("Reply-To: "+to+"\r\n", inUnits(binary.LittleEndian, words), wide, "\x01"+inUnits(binary.LittleEndian, words), strings.Repeat("<p>", 2000)+words, packedRTF(words))
		h.one(h.withFiles("klara@client.test", "as a file", part("mail.msg", "application/vnd.ms-outlook", string(file))), auth.Pass, to)
		damaged := bytes.Clone(file)
		binary.LittleEndian.PutUint32(damaged[48:], 0x7fffffff) // the directory is nowhere
		for _, f := range [][]byte{file, damaged} {
			_, err = h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Text: "uploaded", Files: []core.Upload{{Name: "mail.msg", Content: bytes.NewReader(f)}}})
			h.must(err)
		}
		files := h.allFiles()
		if len(files) != 3 {
			h.t.Fatalf("%d files", len(files))
		}
		for i, f := range files[:2] {
			if len(f) != len(file) {
				h.t.Fatalf("file %d has %d bytes, not %d", i, len(f), len(file))
			}
			for j, s := range streamsOf(h.t, []byte(f)) {
				narrow := strings.ReplaceAll(s, "\x00", "") // which takes the marks of compression away, too
				if strings.Contains(narrow, token) || strings.Contains(narrow, to[2:40]) {
					h.t.Errorf("stream %d of file %d keeps a token: %q", j, i, narrow)
				}
				if !strings.Contains(narrow, "r-.....") || j > 0 && !strings.Contains(narrow, "/t/.....") {
					h.t.Errorf("stream %d of file %d lost its words: %q", j, i, narrow)
				}
			}
		}
	})
}

func TestABrokenOutlookFileKeepsNoLiveTokenEither(t *testing.T) {
	each(t, func(h *house) {
		content := "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00\x01 Words /t/" + strings.Repeat("aB3-_xY", 7)[:43] + " and more"
		cm, err := h.c.Comment(h.ctx, h.as(h.owner), core.NewComment{Task: h.task.ID, Files: []core.Upload{{Name: "odd.msg", Content: strings.NewReader(content)}}})
		h.must(err)
		_, f, err := h.c.Attachment(h.ctx, h.as(h.owner), cm.Attachments[0].ID)
		h.must(err)
		defer f.Close()
		got, err := io.ReadAll(f)
		h.must(err)
		if strings.Contains(string(got), "aB3-_xY") || len(got) != len(content) || !strings.HasSuffix(string(got), " and more") {
			h.t.Errorf("it became %q", got)
		}
	})
}
