package mail

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func checkClean(t *testing.T, s string) {
	t.Helper()
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		t.Fatalf("unclean text %q", s)
	}
}

// crlf lets tests write messages with plain line ends.
func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

func TestTextIsReadWhateverItsEncoding(t *testing.T) {
	for _, c := range []struct{ name, head, body, want, defect string }{
		{"plain", "", "Hello\n", "Hello\n", ""},
		{"utf-8", "Content-Type: text/plain; charset=utf-8", "Grüße", "Grüße", ""},
		{"utf-8 with a mark", "Content-Type: text/plain; charset=utf-8", "\uFEFFGrüße", "Grüße", ""},
		{"ascii that is utf-8", "Content-Type: text/plain; charset=us-ascii", "Grüße", "Grüße", "charset.wrong"},
		{"undeclared latin", "Content-Type: text/plain", "Gr\xfc\xdfe \x80", "Grüße €", "charset.wrong"},
		{"utf-8 that is latin", "Content-Type: text/plain; charset=utf-8", "Gr\xfc\xdfe", "Grüße", "charset.wrong"},
		{"utf-8 cut in a character", "Content-Type: text/plain; charset=utf-8", "Grüße für\xc3", "Grüße für\uFFFD", "charset.wrong"},
		{"koi8", "Content-Type: text/plain; charset=\"KOI8-R\"", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет", ""},
		{"windows-1251", "Content-Type: text/plain; charset=windows-1251 (Cyrillic)", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет", ""},
		{"gb2312", "Content-Type: text/plain; charset=gb2312", "\xc4\xe3\xba\xc3", "你好", ""},
		{"iso-2022-jp", "Content-Type: text/plain; charset=iso-2022-jp", "\x1b$B$3$s\x1b(B", "こん", ""},
		{"utf-7", "Content-Type: text/plain; charset=utf-7", "Gr+APwA3w-e +- x", "Grüße + x", ""},
		{"utf-16", "Content-Type: text/plain; charset=utf-16\nContent-Transfer-Encoding: base64", "AEgAaQ==", "Hi", ""},
		{"unknown", "Content-Type: text/plain; charset=x-klingon", "Grüße", "Grüße", "charset.unknown"},
		{"nul", "", "a\x00b", "ab", "text.nul"},
		{"old mac", "", "a\rb", "a\nb", ""},
		{"quoted-printable", "Content-Transfer-Encoding: Quoted-Printable\nContent-Type: text/plain; charset=utf-8", "Gr=C3=BC=\n=C3=9Fe  \n=3D", "Grüße\n=", ""},
		{"quoted-printable, broken", "Content-Transfer-Encoding: quoted-printable", "100 = 100, a=ZZ=3", "100 = 100, a=ZZ=3", "quoted-printable.malformed"},
		{"base64", "Content-Transfer-Encoding: base64", "SGVsbG8g\nV29ybGQ=\n", "Hello World", ""},
		{"base64 with dirt", "Content-Transfer-Encoding: base64", "SGVs*bG8g\nV29y  bGQ\n", "Hello World", "base64.malformed"},
		{"base64 joined of two", "Content-Transfer-Encoding: base64", "SGk=\nSGk=\n", "HiHi", "base64.malformed"},
		{"unknown encoding", "Content-Transfer-Encoding: x-foo", "Hello", "Hello", "encoding.unknown"},
		{"flowed", "Content-Type: text/plain; format=flowed", "one \ntwo\n>> q \n>> r\n> s\n-- \nAnn \nLee", "one two\n>> q r\n> s\n-- \nAnn Lee", ""},
		{"flowed, stuffed", "Content-Type: text/plain; format=flowed", " >no quote\n  two", ">no quote\n two", ""},
		{"flowed, delsp", "Content-Type: text/plain; format=flowed; delsp=yes", "你 \n好", "你好", ""},
		{"broken type", "Content-Type: text", "Hello", "Hello", ""},
	} {
		m := parse(t, "From: a@b.example\r\n"+crlf(c.head)+strings.Repeat("\r\n", min(1, len(c.head)))+"\r\n"+crlf(c.body))
		if m.Text != c.want {
			t.Errorf("%s: %q, want %q", c.name, m.Text, c.want)
		}
		if c.defect == "" && len(m.Defects) > 0 || c.defect != "" && !slices.Contains(m.Defects, c.defect) {
			t.Errorf("%s: defects %v, want %q", c.name, m.Defects, c.defect)
		}
	}
}

func TestBrokenHeadersLoseNoBody(t *testing.T) {
	for _, c := range []struct{ name, raw, subject, text, defect string }{
		{"garbage line", "Subject: x\ngarbage here\nFrom: a@b.example\n\nbody", "x", "body", "header.malformed"},
		{"no blank line", "Subject: x\nFrom: a@b.example\nHello there\nmore\n", "x", "Hello there\nmore\n", "header.malformed"},
		{"mbox", "From ann Mon Nov 2\nSubject: x\n\nbody", "x", "body", "header.mbox"},
		{"quoted mbox", ">From ann Mon Nov 2\nSubject: x\n\nbody", "x", "body", "header.mbox"},
		{"mark", "\uFEFFSubject: x\n\nbody", "x", "body", "message.bom"},
		{"blank first", "\n\nSubject: x\n\nbody", "x", "body", "message.leading-blank"},
		{"blank line of spaces", "Subject: x\n   \nbody", "x", "body", ""},
		{"space before the colon", "Subject : x\n\nbody", "x", "body", ""},
		{"folded", "Subject: x\n  y\n\tz\n\nbody", "x y z", "body", ""},
		{"folded onto an empty line", "Subject:\n x\n\nbody", "x", "body", ""},
		{"only a header", "Subject: x\n", "x", "", "header.unclosed"},
		{"8 bit", "Subject: Gr\xfc\xdfe\n\nbody", "Grüße", "body", "header.charset"},
		{"utf-8", "Subject: Grüße\n\nbody", "Grüße", "body", ""},
		{"control", "Subject: a\x00b\n\nbody", "a\uFFFDb", "body", "header.control"},
		{"no header at all", "Hello World\nthis is it\n", "", "Hello World\nthis is it\n", "header.missing"},
		{"encoded line break", "Subject: =?utf-8?q?a=0D=0ABcc:_x?=\n\nbody", "a Bcc: x", "body", ""},
		{"split character", "Subject: =?utf-8?q?Gr=C3?= =?utf-8?q?=BC=C3=9Fe?=\n\nbody", "Grüße", "body", ""},
		{"words and text", "Subject: Re: =?iso-8859-1?Q?Gr=FC=DFe?= an\n =?utf-8*de?B?QWxsZQ==?=!\n\nbody", "Re: Grüße an Alle!", "body", ""},
		{"broken word", "Subject: =?utf-8?x?abc?= =?utf-8?q?a\n\nbody", "=?utf-8?x?abc?= =?utf-8?q?a", "body", ""},
		{"line feeds only as CR", "Subject: x\r\rbody\rmore", "x", "body\nmore", "message.bare-cr"},
	} {
		for _, raw := range []string{c.raw, crlf(c.raw)} {
			if strings.Contains(c.raw, "\r") && raw != c.raw {
				continue
			}
			m := parse(t, raw)
			if m.Subject != c.subject || m.Text != c.text {
				t.Errorf("%s: subject %q text %q", c.name, m.Subject, m.Text)
			}
			if c.defect == "" && len(m.Defects) > 0 || c.defect != "" && !slices.Contains(m.Defects, c.defect) {
				t.Errorf("%s: defects %v, want %q", c.name, m.Defects, c.defect)
			}
		}
	}
}

func TestPartsBecomeTextHTMLAndAttachments(t *testing.T) {
	const mixed = "From: a@b.example\nContent-Type: multipart/mixed; boundary=\"b\"\n\n"
	for _, c := range []struct{ name, raw, text, html, files, defect string }{
		{"alternative", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nT\n--b\nContent-Type: text/html\n\n<p>H\n--b--\n", "T", "<p>H", "", ""},
		{"alternative, HTML first", "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>H\n--b\n\nT\n--b--\n", "T", "<p>H", "", ""},
		{"file after the text", mixed + "--b\n\nT\n--b\nContent-Type: application/pdf; name=\"a b.pdf\"\nContent-Transfer-Encoding: base64\n\nSGk=\n--b--\n", "T", "", "a b.pdf|application/pdf|2", ""},
		{"texts in order", mixed + "--b\n\nT1\n--b\nContent-Type: image/png\nContent-Disposition: inline; filename=p.png\n\nx\n--b\n\nT2\n--b--\n", "T1\nT2", "", "p.png|image/png|1|inline", ""},
		{"text file", mixed + "--b\n\nT\n--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=n.txt\n\nx\n--b--\n", "T", "", "n.txt|text/plain|1", ""},
		{"plain and HTML side by side", mixed + "--b\n\nT & U\n--b\nContent-Type: text/html\n\n<p>H</p>\n--b--\n", "T & U\nH", "<div style=\"white-space:pre-wrap\">T &amp; U</div>\n<p>H</p>", "", ""},
		{"related", "Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<img src=\"cid:i@x\">\n--b\nContent-Type: image/png\nContent-ID: <i@x>\nContent-Disposition: attachment\n\nx\n--b--\n", "", "<img src=\"cid:i@x\">", "image.png|image/png|1|inline", ""},
		{"signed", "Content-Type: multipart/signed; boundary=b\n\n--b\n\nT\n--b\nContent-Type: application/pgp-signature\n\nx\n--b--\n", "T", "", "", ""},
		{"forwarded", mixed + "--b\n\nT\n--b\nContent-Type: message/rfc822\n\nSubject: Old/plan\n\nbody\n--b--\n", "T", "", "Old-plan.eml|message/rfc822|25", ""},
		{"digest", "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\nx\n--b--\n", "", "", "one.eml|message/rfc822|17", ""},
		{"unclosed", mixed + "--b\n\nT\n", "T\n", "", "", "part.unclosed"},
		{"unclosed inside", mixed + "--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nT\n--b\nContent-Type: image/png\n\nx\n--b--\n", "T", "", "image.png|image/png|1", "part.unclosed"},
		{"wrong boundary", mixed + "--other\nContent-Type: text/plain\n\nT\n--other--\n", "T", "", "", "boundary.missing"},
		{"no boundary anywhere", mixed + "just text\n", "just text\n", "", "", "boundary.missing"},
		{"boundary not declared", "Content-Type: multipart/mixed\n\n--q\nContent-Type: text/plain\n\nT\n--q--\n", "T", "", "", "boundary.missing"},
		{"part without header", mixed + "--b\nHello, no header here\n\nT\n--b--\n", "Hello, no header here\n\nT", "", "", "header.malformed"},
		{"boundary that begins another", mixed + "--b\n\nT\n--bb\nmore\n--b--\n", "T\n--bb\nmore", "", "", ""},
		{"closed too early", mixed + "--b\n\nT\n--b--\n\n--b\nContent-Type: image/png\n\nx\n--b--\n", "T", "", "image.png|image/png|1", ""},
		{"RFC 2231 name", mixed + "--b\nContent-Disposition: attachment;\n filename*0*=utf-8''Pl%C3%A4;\n filename*1=\"ne.pdf\"\nContent-Type: application/pdf\n\nx\n--b--\n", "", "", "Pläne.pdf|application/pdf|1", ""},
		{"RFC 2047 name", mixed + "--b\nContent-Type: application/pdf; name=\"=?utf-8?q?Pl=C3=A4ne.pdf?=\"\n\nx\n--b--\n", "", "", "Pläne.pdf|application/pdf|1", ""},
		{"name with a path", mixed + "--b\nContent-Type: application/pdf; name=\"C:\\\\Users\\\\x\\\\../a.pdf\"\n\nx\n--b--\n", "", "", "a.pdf|application/pdf|1", ""},
		{"name that reads backwards", mixed + "--b\nContent-Disposition: attachment; filename*=utf-8''a%E2%80%AEfdp.exe\n\nx\n--b--\n", "", "", "afdp.exe|application/octet-stream|1", ""},
		{"name without quotes", mixed + "--b\nContent-Type: application/pdf; name=my file.pdf; x=y\n\nx\n--b--\n", "", "", "my file.pdf|application/pdf|1", ""},
		{"HTML without a type", "From: a@b.example\n\n<html><body>x</body></html>", "", "<html><body>x</body></html>", "", ""},
		{"calendar", "Content-Type: multipart/alternative; boundary=b\n\n--b\n\nT\n--b\nContent-Type: text/calendar; method=REQUEST\n\nBEGIN:VCALENDAR\n--b--\n", "T", "", "invite.ics|text/calendar|15", ""},
		{"winmail.dat", mixed + "--b\n\nT\n--b\nContent-Type: application/ms-tnef\n\nx\n--b--\n", "T", "", "winmail.dat|application/ms-tnef|1", "tnef.malformed"},
		{"encoded multipart", "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: base64\n\nLS1iDQoNClQNCi0tYi0tDQo=\n", "T", "", "", "multipart.encoded"},
	} {
		m := parse(t, crlf(c.raw))
		var files []string
		for _, a := range m.Attachments {
			f := fmt.Sprintf("%s|%s|%d", a.Name, a.Type, len(a.Content))
			if a.Inline {
				f += "|inline"
			}
			files = append(files, f)
		}
		norm := func(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
		if m.Text != norm(c.text) || m.HTML != norm(c.html) || strings.Join(files, " ") != c.files {
			t.Errorf("%s:\n text %q\n html %q\nfiles %q", c.name, m.Text, m.HTML, files)
		}
		if c.defect == "" && len(m.Defects) > 0 || c.defect != "" && !slices.Contains(m.Defects, c.defect) {
			t.Errorf("%s: defects %v, want %q", c.name, m.Defects, c.defect)
		}
	}
}

func TestSealedContentIsSaid(t *testing.T) {
	for name, raw := range map[string]string{
		"PGP/MIME":   "Content-Type: multipart/encrypted; boundary=b\n\n--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n--b\nContent-Type: application/octet-stream\n\nx\n--b--\n",
		"S/MIME":     "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nx\n",
		"inline PGP": "From: a@b.example\n\n-----BEGIN PGP MESSAGE-----\n\nx\n",
	} {
		if m := parse(t, crlf(raw)); !m.Encrypted {
			t.Errorf("%s: not noticed", name)
		}
	}
	if m := parse(t, "From: a@b.example\r\n\r\nhi"); m.Encrypted {
		t.Error("an open message is called sealed")
	}
}

func TestPeopleAndThreadsAreRead(t *testing.T) {
	m := parse(t, crlf("From: =?utf-8?q?M=C3=BCller=2C_J?= <j@b.example>\nFrom: second@b.example\nSender: s@b.example\nReply-To: r@b.example\nTo: a@b.example,\n \"B, C\" <b@b.example>\nTo: c@b.example\nCc: team: d@b.example;\nMessage-Id: < 1@b.example>\nIn-Reply-To: Your message of Monday <0@b.example>\nReferences: <a@x> <b@x>\n <0@b.example>\nDate: Mon, 2 Nov 26 10:00 +0100 (CET)\n\nx"))
	if len(m.From) != 2 || m.From[0].Name != "Müller, J" || len(m.To) != 3 || m.To[1].Name != "B, C" || len(m.Cc) != 1 || len(m.Sender) != 1 || len(m.ReplyTo) != 1 {
		t.Errorf("%+v", m)
	}
	if m.MessageID != "1@b.example" || !slices.Equal(m.InReplyTo, []string{"0@b.example"}) || !slices.Equal(m.References, []string{"a@x", "b@x", "0@b.example"}) {
		t.Errorf("%q %q %q", m.MessageID, m.InReplyTo, m.References)
	}
	if !m.Date.Equal(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)) {
		t.Error(m.Date)
	}
	if m.Header.Get("from") != "Müller, J <j@b.example>" || m.Header.Count("To") != 2 || len(m.Header.Values("TO")) != 2 || m.Header.Has("X") {
		t.Errorf("%+v", m.Header)
	}
}

func TestOnlyTheNewestReferencesAreKept(t *testing.T) {
	var b strings.Builder
	for i := range 60 {
		fmt.Fprintf(&b, " <%d@x>", i)
	}
	m := parse(t, "References:"+b.String()+"\r\n\r\nx")
	if len(m.References) != 50 || m.References[49] != "59@x" {
		t.Errorf("%d %v", len(m.References), m.References)
	}
}

func TestDatesOfAllTimesAreRead(t *testing.T) {
	want := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for _, s := range []string{
		"Mon, 02 Nov 2026 10:00:00 +0100", "2 Nov 2026 10:00 +0100", "Mon, 2 Nov 26 09:00:00 GMT", "Mon Nov  2 09:00:00 2026", "Mon, 02 Nov 2026 04:00:00 EST",
		"Mon, 02 Nov 2026 10:00:00 +01:00 (CET)", "02-Nov-2026 09:00:00 UT", "2026-11-02T09:00:00Z", "2026-11-02 10:00:00+0100", "Monday, 2 November 2026 09:00:00 -0000",
	} {
		if got := parseDate(s); !got.Equal(want) {
			t.Errorf("%q: %v", s, got)
		}
	}
	for _, s := range []string{"", "yesterday", "32 Nov 2026 10:00", "Mon, Nov 2026", "99999999999999999999"} {
		if got := parseDate(s); !got.IsZero() {
			t.Errorf("%q: %v", s, got)
		}
	}
}

func TestLimitsStopMailBombs(t *testing.T) {
	deep := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n", i, i)
		}
		return b.String() + "\nx"
	}
	for _, c := range []struct{ name, raw, code string }{
		{"nothing", "", CodeNotAMessage},
		{"blank", " \n\n\x00", CodeNotAMessage},
		{"deep", deep(22), CodeTooDeep},
		{"very deep", deep(10000), CodeTooDeep},
		{"messages in messages", strings.Repeat("Content-Type: message/rfc822\n\n", 25) + "\nx", CodeTooDeep},
		{"10,000 parts", "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 10000), CodeTooManyParts},
		{"parts inside an attached message", "Content-Type: message/rfc822\n\nContent-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", 10000), CodeTooManyParts},
		{"many fields", strings.Repeat("X-A: b\n", 1200) + "\nx", CodeHeaderTooLarge},
		{"long header", "X-A: " + strings.Repeat("x", 300<<10) + "\n\nx", CodeHeaderTooLarge},
		{"long folded header", "X-A: b\n" + strings.Repeat(" x\n", 200<<10) + "\nx", CodeHeaderTooLarge},
		{"long header of a part", "Content-Type: multipart/mixed; boundary=b\n\n--b\nX-A: " + strings.Repeat("x", 300<<10) + "\n\nx", CodeHeaderTooLarge},
	} {
		start := time.Now()
		_, err := Parse([]byte(c.raw), Limits{})
		var pe *ParseError
		if !errors.As(err, &pe) || pe.Code != c.code {
			t.Errorf("%s: %v, want %s", c.name, err, c.code)
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s took %v", c.name, d)
		}
	}
	if _, err := Parse([]byte(deep(15)), Limits{}); err != nil {
		t.Errorf("15 deep and unclosed: %v", err)
	}
	var pe *ParseError
	if _, err := Parse([]byte(deep(5)), Limits{Time: time.Nanosecond}); !errors.As(err, &pe) || pe.Code != CodeTooSlow {
		t.Errorf("no time: %v", err)
	}
}

func TestNoMessageTakesMoreThanLinearTime(t *testing.T) {
	mb := 2 << 20
	for name, raw := range map[string]string{
		"dashes":            "Content-Type: multipart/mixed; boundary=-\n\n" + strings.Repeat("-", mb),
		"boundary prefix":   "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--bx\n", mb/5),
		"quoted lines":      "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat(">", mb),
		"flowed":            "Content-Type: text/plain; format=flowed\n\n" + strings.Repeat("> x \n", mb/5),
		"encoded words":     "Subject: " + strings.Repeat("=?utf-8?q?a?= ", 18000) + "\n\nx",
		"open words":        "Subject: " + strings.Repeat("=?", 120000) + "\n\nx",
		"words never ended": "Subject: " + strings.Repeat("=?a?q?x", 36000) + "\n\nx",
		"escaped comments":  "From: (" + strings.Repeat("\\(", 120000) + "\n\nx",
		"quotes in angles":  "From: <" + strings.Repeat("\\\"", 120000) + "\n\nx",
		"bounce":            "From: mailer-daemon\nSubject: failure notice\n\n" + strings.Repeat("<a@b.example>: user\n", mb/20),
		"bounce, one line":  "From: mailer-daemon\nSubject: failure notice\n\n" + strings.Repeat("a@b.example 4.1.x ", mb/18),
		"comments":          "From: " + strings.Repeat("(", 250000) + "\n\nx",
		"angles":            "From: " + strings.Repeat("<", 250000) + "\n\nx",
		"quotes":            "From: " + strings.Repeat("\"", 250001) + "\n\nx",
		"unclosed quotes":   "From: " + strings.Repeat("\\\"", 120000) + "\n\nx",
		"dots":              "From: " + strings.Repeat("a . ", 60000) + "\n\nx",
		"colons":            "From: " + strings.Repeat("a:", 120000) + "\n\nx",
		"ats":               "From: " + strings.Repeat("a@ ", 80000) + "\n\nx",
		"parameters":        "Content-Type: text/plain" + strings.Repeat("; a*1=b", 35000) + "\n\nx",
		"malformed header":  strings.Repeat("x\n", 100000) + "\n\nx",
		"quoted-printable":  "Content-Transfer-Encoding: quoted-printable\n\n" + strings.Repeat("=", mb),
		"HTML and text":     "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/html\n\n" + strings.Repeat("<div style=display:none>", mb/24),
		"links":             "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx\n--b\nContent-Type: text/html\n\n" + strings.Repeat("<a href=http://x.example/>y", mb/27),
		"cids":              "Content-Type: text/html\n\n" + strings.Repeat("cid:", mb/4),
	} {
		start := time.Now()
		m, err := Parse([]byte(raw), Limits{Time: time.Hour})
		if err == nil {
			Classify(m, nil)
			Reports(m)
		}
		if d := time.Since(start); d > time.Minute {
			t.Errorf("%s took %v", name, d)
		}
	}
}

func TestParseKeepsNothingOfItsInput(t *testing.T) {
	raw := []byte(crlf("From: Ann <a@b.example>\nSubject: plan\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nText\n--b\nContent-Type: image/png; name=x.png\n\nbytes\n--b--\n"))
	m, err := Parse(raw, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		raw[i] = '#'
	}
	if m.Subject != "plan" || m.From[0].Name != "Ann" || m.Text != "Text" || string(m.Attachments[0].Content) != "bytes" || m.Attachments[0].Name != "x.png" || m.Header[0].Name != "From" {
		t.Errorf("%+v", m)
	}
}

func checkMessage(t *testing.T, m *Message) {
	t.Helper()
	for _, f := range m.Header {
		checkClean(t, f.Name+f.Value)
		if strings.ContainsAny(f.Name+f.Value, "\r\n") {
			t.Fatalf("line break in %q", f)
		}
	}
	for _, list := range [][]Address{m.From, m.Sender, m.ReplyTo, m.To, m.Cc} {
		for _, a := range list {
			checkClean(t, a.Name+a.Mailbox())
		}
	}
	checkClean(t, m.Subject+m.MessageID+strings.Join(m.InReplyTo, "")+strings.Join(m.References, "")+m.ReportType)
	checkClean(t, m.Text)
	checkClean(t, m.HTML)
	checkClean(t, HTMLToText(m.HTML))
	if strings.Contains(m.Text+m.HTML, "\r") {
		t.Fatal("a CR in the text")
	}
	for _, a := range m.Attachments {
		checkClean(t, a.Name+a.Type+a.ContentID)
		if a.Name == "" || len(a.Name) > maxFileName || strings.ContainsAny(a.Name, "/\\\r\n") {
			t.Fatalf("name %q", a.Name)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		dsn, hashBase,
		"Content-Type: multipart/alternative; boundary=b\n\n--b\n\nT\n--b\nContent-Type: text/html; charset=iso-8859-1\n\n<p>H\xfc\n--b--\n",
		"Content-Type: message/rfc822\n\nSubject: =?utf-8?b?SGk=?=\n\nx",
		"Content-Type: text/plain; format=flowed; delsp=yes; charset=utf-7\nContent-Transfer-Encoding: quoted-printable\n\n> a=20\n> b+AGE-",
		"Content-Disposition: attachment; filename*0*=utf-8''%20; filename*1=x\nContent-Transfer-Encoding: base64\n\nSGk=",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		ContentHash(raw)
		m, err := Parse(raw, Limits{})
		if err != nil {
			return
		}
		checkMessage(t, m)
	})
}
