package mail

import (
	"slices"
	"strings"
	"testing"
)

func TestEncodedWordsAreReadInTheirWrongForms(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"no space between", "=?utf-8?q?Gr=C3=BC?==?utf-8?q?=C3=9Fe?=", "Grüße"},
		{"a character in two words", "=?UTF-8?B?R3LD?= =?utf-8?B?vMOfZQ==?=", "Grüße"},
		{"a group of base64 in two words", "=?utf-8?B?R3LDv?=  =?utf-8?B?MOfZQ==?=", "Grüße"},
		{"a group never finished", "=?utf-8?B?R3LDvMOfZ?= x", "Grüß x"},
		{"odd case", "=?uTf-8?q?gr=c3=bc=C3=9fe?=", "grüße"},
		{"charset without a dash", "=?utf8?Q?Gr=C3=BC=C3=9Fe?= =?ISO8859-1?Q?=FC?=", "Grüßeü"},
		{"charset unknown", "=?x-none?Q?Gr=C3=BC?= =?x-other?Q?=FC?=", "Grüü"},
		{"spaces inside", "=?utf-8?Q?Gr=C3=BC=C3=9Fe an alle?=", "Grüße an alle"},
		{"raw UTF-8 inside", "=?utf-8?Q?Grüße_an?= alle", "Grüße an alle"},
		{"raw UTF-8 beside", "für =?utf-8?Q?Gr=C3=BC=C3=9Fe?=", "für Grüße"},
		{"a bare question mark before an escape", "=?utf-8?Q?so?=20w=C3=A4r?=", "so? wär"},
		{"a question mark at the end", "=?utf-8?Q?w=C3=A4r??=", "wär?"},
		{"in quotes", "\"=?utf-8?Q?M=C3=BCller?=\" x", "\"Müller\" x"},
		{"two charsets", "=?utf-8?Q?=C3=BC?= =?iso-8859-1?Q?=FC?=", "üü"},
		{"base64 with dirt", "=?utf-8?B?R3LD vMOf ZQ?=", "Grüße"},
		{"no word at all", "a =? b ?= c", "a =? b ?= c"},
		{"an escape that is none", "=?utf-8?Q?100=_sure?=", "100= sure"},
	} {
		if got := decodeWords(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestParametersAreReadInTheirWrongForms(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"quoted", `filename*="UTF-8''Pl%C3%A4ne.pdf"`, "Pläne.pdf"},
		{"one quote", `filename*=UTF-8'Pl%C3%A4ne.pdf`, "Pläne.pdf"},
		{"no charset", `filename*=Pl%C3%A4ne.pdf`, "Pläne.pdf"},
		{"charset unknown", `filename*=x-none'en'Pl%E4ne.pdf`, "Pläne.pdf"},
		{"the star forgotten", `filename=utf-8''Pl%C3%A4ne.pdf`, "Pläne.pdf"},
		{"an apostrophe and a percent sign", `filename="Ann's 50% plan.pdf"`, "Ann's 50% plan.pdf"},
		{"a gap", `filename*0="Plan"; filename*2=".pdf"`, "Plan.pdf"},
		{"from one", `filename*1*=utf-8''Pl%C3%A4; filename*2*=ne.pdf`, "Pläne.pdf"},
		{"a character in two pieces", `filename*0*=utf-8''Pl%C3; filename*1*=%A4ne.pdf`, "Pläne.pdf"},
		{"out of order", `filename*1="ne.pdf"; filename*0*=utf-8''Pl%C3%A4`, "Pläne.pdf"},
		{"an encoded word in two pieces", `filename*0="=?utf-8?Q?Pl=C3"; filename*1="=A4ne.pdf?="`, "Pläne.pdf"},
		{"an encoded word without quotes", `filename==?utf-8?Q?Pl=C3=A4ne.pdf?=`, "Pläne.pdf"},
		{"unclosed quote", `filename="Pläne.pdf`, "Pläne.pdf"},
		{"both forms", `filename="Pl_ne.pdf"; filename*=utf-8''Pl%C3%A4ne.pdf`, "Pläne.pdf"},
		{"an escape that is none", `filename*=utf-8''50%.pdf`, "50%.pdf"},
		{"spaces around", `filename = "Pläne.pdf" ; x = y`, "Pläne.pdf"},
	} {
		if got := parseMediaType("attachment; " + c.in).get("filename"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestWhatATextWasDecodedAsIsSaid(t *testing.T) {
	for _, c := range []struct{ name, raw, text, defect string }{
		{"unknown, UTF-8", "Content-Type: text/plain; charset=x-none\n\nGrüße", "Grüße", "decoded.utf-8"},
		{"unknown, Windows", "Content-Type: text/plain; charset=x-none\n\nGr\xfc\xdfe \x84so\x93", "Grüße „so“", "decoded.windows-1252"},
		{"ASCII, UTF-8", "Content-Type: text/plain; charset=us-ascii\n\nGrüße", "Grüße", "decoded.utf-8"},
		{"nothing, Windows", "Subject: x\n\nGr\xfc\xdfe", "Grüße", "decoded.windows-1252"},
		{"header, Windows", "Subject: Gr\xfc\xdfe\n\nx", "x", "decoded.windows-1252"},
	} {
		m := parse(t, crlf(c.raw))
		if m.Text != c.text || !slices.Contains(m.Defects, c.defect) {
			t.Errorf("%s: %q %v", c.name, m.Text, m.Defects)
		}
	}
}

func TestSendersWithoutAnAddressAreReadable(t *testing.T) {
	for _, from := range []string{"", "<>", "Ann Lee", "Ann at b.example", "undisclosed:;", "\"Ann", "(Ann)", "ann@", "\xfc\xdf"} {
		m := parse(t, "From: "+from+"\r\nSubject: plan\r\n\r\nThe wall.")
		if len(m.From) != 0 || m.Text != "The wall." || m.Subject != "plan" || !slices.Contains(m.Defects, "address.missing") {
			t.Errorf("%q: from %v, text %q, defects %v", from, m.From, m.Text, m.Defects)
		}
	}
}

// The block is "Cat", as in the manual page of uuencode.
const uuCat = "begin 644 cat.txt\n#0V%T\n`\nend\n"

func TestFilesWrittenIntoATextAreTakenOut(t *testing.T) {
	for _, c := range []struct{ name, body, text, files string }{
		{"one", "Hello\n" + uuCat + "Ann\n", "Hello\nAnn\n", "cat.txt:Cat"},
		{"two", uuCat + "and\n" + strings.Replace(uuCat, "cat.", "dog.", 1), "and\n", "cat.txt:Cat dog.txt:Cat"},
		{"blank for the last line", strings.Replace(uuCat, "`", " ", 1), "", "cat.txt:Cat"},
		{"name with a folder", strings.Replace(uuCat, "cat.txt", "../a b.txt", 1), "", "a b.txt:Cat"},
		{"no end", "begin 644 cat.txt\n#0V%T\n", "begin 644 cat.txt\n#0V%T\n", ""},
		{"words", "We\nbegin 100 meters off\nthe north wall\nend\n", "We\nbegin 100 meters off\nthe north wall\nend\n", ""},
		{"words, then a file", "begin work now\n" + uuCat, "begin work now\n", "cat.txt:Cat"},
	} {
		m := parse(t, "From: a@b.example\n\n"+c.body)
		var files []string
		for _, a := range m.Attachments {
			files = append(files, a.Name+":"+string(a.Content))
		}
		if m.Text != c.text || strings.Join(files, " ") != c.files || (c.files != "") != slices.Contains(m.Defects, "uuencode.opened") {
			t.Errorf("%s: %q %q %v", c.name, m.Text, files, m.Defects)
		}
	}
	m := parse(t, "From: a@b.example\nContent-Type: application/x-cat; name=cat.txt\nContent-Transfer-Encoding: x-uuencode\n\n"+uuCat)
	if len(m.Attachments) != 1 || string(m.Attachments[0].Content) != "Cat" {
		t.Errorf("as an encoding: %+v", m.Attachments)
	}
}

func FuzzHeaderForms(f *testing.F) {
	for _, s := range []string{"=?utf-8?B?R3LDv?= =?utf-8?B?MOfZQ==?=", "=?utf-8?Q?so?=20w=C3=A4r?=", "filename*0*=utf-8''Pl%C3; filename*1*=%A4ne.pdf", "filename*=UTF-8'Pl%C3%A4ne.pdf; x=\"a\\\"b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkClean(t, decodeWords(mendString(s)))
		m := parseMediaType(mendString(s))
		checkClean(t, m.get("filename")+m.get("name")+m.raw("boundary"))
	})
}

func FuzzUUEncoded(f *testing.F) {
	f.Add("a\n" + uuCat + "b")
	f.Add("begin 644 x\n" + strings.Repeat("#0V%T\n", 20) + "begin 644 y\nend")
	f.Fuzz(func(t *testing.T, s string) {
		w := &walker{lim: DefaultLimits(), msg: &Message{Size: len(s)}}
		out := w.uuencoded(s)
		size := len(out)
		for _, a := range w.msg.Attachments {
			size += len(a.Content)
		}
		if len(w.msg.Attachments) == 0 && out != s || size > 2*len(s)*20 {
			t.Errorf("%q", out)
		}
	})
}
