package safehtml

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestCleanKeepsWhatACommentNeeds(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain words":       {`a < b & c`, `a &lt; b &amp; c`},
		"emphasis":          {`<p>one <b>two</b> <i>three</i></p>`, `<p>one <b>two</b> <i>three</i></p>`},
		"list":              {`<ul><li>a</li><li>b</li></ul>`, `<ul><li>a</li><li>b</li></ul>`},
		"numbered list":     {`<ol start="3"><li>c</li></ol>`, `<ol start="3"><li>c</li></ol>`},
		"quote and code":    {`<blockquote>q</blockquote><pre><code>x &lt; y</code></pre>`, `<blockquote>q</blockquote><pre><code>x &lt; y</code></pre>`},
		"table":             {`<table><tr><td colspan=2>a</td></tr></table>`, `<table><tbody><tr><td colspan="2">a</td></tr></tbody></table>`},
		"link":              {`<a href="https://example.com/a?b=1&amp;c=2" onclick="x()">go</a>`, `<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow noreferrer noopener">go</a>`},
		"mail link":         {`<a href="mailto:a@example.com">a</a>`, `<a href="mailto:a@example.com" rel="nofollow noreferrer noopener">a</a>`},
		"foreign rel":       {`<a href="http://example.com" rel="opener" target="_top">x</a>`, `<a href="http://example.com" rel="nofollow noreferrer noopener">x</a>`},
		"big headings sink": {`<h1>T</h1><h4>u</h4>`, `<h3>T</h3><h4>u</h4>`},
		"office paragraph":  {`<p class="MsoNormal" style="color:red" id="x">hi<o:p>&nbsp;</o:p></p>`, "<p>hi\u00a0</p>"},
		"invalid UTF-8":     {"a\xffb", "a\uFFFDb"},
	} {
		if got := Clean(c.in); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestCleanDropsWhatActsOrLoads(t *testing.T) {
	for name, in := range map[string]string{
		"script":              `<script>alert(1)</script>x`,
		"script in odd case":  `<ScRiPt src=//evil>alert(1)</sCrIpT>x`,
		"handler":             `<p onclick="a()" onmouseover=b()>x</p>`,
		"handler with slash":  `<img/src=x/onerror=alert(1)>x`,
		"javascript link":     `<a href="javascript:alert(1)">x</a>`,
		"upper case":          `<a href="JaVaScRiPt:alert(1)">x</a>`,
		"leading blank":       `<a href="  javascript:alert(1)">x</a>`,
		"tab inside":          "<a href=\"java\tscript:alert(1)\">x</a>",
		"newline inside":      "<a href=\"java&#10;script:alert(1)\">x</a>",
		"entities":            `<a href="&#106;&#x61;vascript&colon;alert(1)">x</a>`,
		"control character":   "<a href=\"\x01javascript:alert(1)\">x</a>",
		"data link":           `<a href="data:text/html,<script>alert(1)</script>">x</a>`,
		"vbscript":            `<a href="vbscript:msgbox(1)">x</a>`,
		"scheme-less host":    `<a href="//evil.example/x">x</a>`,
		"remote picture":      `<img src="https://evil.example/pixel.gif">x`,
		"data picture":        `<img src="data:image/png;base64,AAAA">x`,
		"cid without owner":   `<img src="cid:a@b">x`,
		"form":                `<form action="https://evil.example"><input name=p><button>go</button></form>x`,
		"frame":               `<iframe src="https://evil.example"></iframe>x`,
		"frame from text":     `<iframe srcdoc="<script>alert(1)</script>"></iframe>x`,
		"base":                `<base href="https://evil.example/"><a href="x">x</a>`,
		"meta refresh":        `<meta http-equiv=refresh content="0;url=https://evil.example">x`,
		"style element":       `<style>@import url(https://evil.example);</style>x`,
		"style attribute":     `<p style="background:url(https://evil.example)">x</p>`,
		"svg":                 `<svg onload=alert(1)><script>alert(1)</script></svg>x`,
		"svg use":             `<svg><use href="data:image/svg+xml,<svg onload=alert(1)>"></use></svg>x`,
		"math":                `<math><maction actiontype="statusline#" xlink:href="javascript:alert(1)">x</maction></math>`,
		"object":              `<object data="https://evil.example"></object><embed src="https://evil.example">x`,
		"conditional comment": `<!--[if mso]><script>alert(1)</script><![endif]-->x`,
	} {
		got := Clean(in)
		if found := forbidden(got, commentElements); found != "" {
			t.Errorf("%s: %s in %q", name, found, got)
		}
		if !strings.Contains(got, "x") {
			t.Errorf("%s: the words are gone: %q", name, got)
		}
		if strings.Contains(got, "evil.example") || strings.Contains(got, "alert") {
			t.Errorf("%s: something stayed: %q", name, got)
		}
	}
}

// Payloads that change their meaning when a browser reads the cleaned text again.
func TestCleanIsNotFooledByMutation(t *testing.T) {
	for _, in := range []string{
		`<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">`,
		`<form><math><mtext></form><form><mglyph><svg><mtext><style><path id="</style><img onerror=alert(1) src>">`,
		`<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">`,
		`<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
		`<textarea><p title="</textarea><img src=x onerror=alert(1)>">`,
		`<xmp><p title="</xmp><svg/onload=alert(1)>"></xmp>`,
		`<template><s><template><s><img src=x onerror=alert(1)>@</s></template></s></template>`,
		`<select><style></select><img src=x onerror=alert(1)></style></select>`,
		`<table><a href="javascript:alert(1)"><tr><td><a href="https://a.example">`,
		"<a title='`<img src=x onerror=alert(1)>`'>x</a>",
		`<p><a href="https://a.example/"><b><p><a href="https://b.example/">x</b>`,
		`<![CDATA[<img src=x onerror=alert(1)>]]>`,
		`<plaintext><img src=x onerror=alert(1)>`,
		"<pre>\n\n<b>x</pre>",
	} {
		got := Clean(in)
		if found := forbidden(got, commentElements); found != "" {
			t.Errorf("%q: %s in %q", in, found, got)
		}
		if again := Clean(got); again != got {
			t.Errorf("%q: not stable: %q, then %q", in, got, again)
		}
	}
}

func TestCleanBalancesWhatItLetsThrough(t *testing.T) {
	for in, want := range map[string]string{
		`</div></div><b>x<div>`:       `<b>x<div></div></b>`,
		`a</p></table></body></html>`: `a<p></p>`,
		`<td>cell</td>`:               `cell`,
		`<ul><li>a<li>b`:              `<ul><li>a</li><li>b</li></ul>`,
	} {
		if got := Clean(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

func TestDepthBombsBecomeText(t *testing.T) {
	for _, tag := range []string{"div", "b", "blockquote", "table><tr><td", "span", "ul><li", "font"} {
		bomb := strings.Repeat("<"+tag+">", 20000) + "the words <script>alert(1)</script>&lt;b"
		for kind, got := range map[string]string{"comment": Clean(bomb), "document": Document(bomb, nil)} {
			if !strings.Contains(got, "the words") || !strings.Contains(got, "&lt;b") {
				t.Errorf("%s of <%s>: the words are gone: %.80q", kind, tag, got)
			}
			if strings.Contains(got, "alert") {
				t.Errorf("%s of <%s>: script text stayed", kind, tag)
			}
		}
	}
}

func TestTooLongHTMLIsShownAsText(t *testing.T) {
	got := Clean("<p>first</p>" + strings.Repeat("<i>y</i>", longest/8) + "<script>z</script>")
	if !strings.HasPrefix(got, "<pre>first") || strings.Contains(got, "<i>") || strings.Contains(got, "z") {
		t.Errorf("got %.60q", got)
	}
}

func TestPicturesComeOnlyFromTheMessageItself(t *testing.T) {
	known := func(id string) (string, bool) { return "/files/1", id == "logo@example" }
	in := `<p><img src="CID:logo%40example" alt="Logo" width="10" onload="x()"><img src="cid:other@example"><img src="https://evil.example/a.gif"></p>`
	want := `<p><img src="/files/1" alt="Logo" width="10"/></p>`
	if got := Clean(in, WithInline(known)); got != want {
		t.Errorf("comment: got %q, want %q", got, want)
	}
	if got := Document(in, known); !strings.Contains(got, want) || strings.Contains(got, "evil.example") {
		t.Errorf("document: got %q", got)
	}
	if got := Clean(`<a href="cid:logo@example">x</a>`, WithInline(known)); got != "x" {
		t.Errorf("a link to a part: got %q", got)
	}
}

func TestDocumentKeepsLayoutButNothingThatLoads(t *testing.T) {
	in := `<!DOCTYPE html><html><head><title>T</title><base href="https://evil.example"><style>p{}</style><link rel=stylesheet href=https://evil.example/x></head>
	<body background="https://evil.example/b.png" onload="x()"><table bgcolor="#eeeeee" width="600" background="https://evil.example/t.png"><tr><td align="center" style="color:#333;padding:4px;position:fixed;background:url(https://evil.example)">words</td></tr></table>
	<a href="https://example.com">link</a><form><input></form></body></html>`
	got := Document(in, nil)
	for _, want := range []string{`bgcolor="#eeeeee"`, `width="600"`, `style="color: #333; padding: 4px"`, "words", `target="_blank"`, `rel="nofollow noreferrer noopener"`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in %q", want, got)
		}
	}
	for _, bad := range []string{"evil.example", "onload", "<form", "<input", "<base", "<link", "<title", "position"} {
		if strings.Contains(got, bad) {
			t.Errorf("%s is in %q", bad, got)
		}
	}
	if strings.Count(got, "<body") != 1 || strings.Count(got, "<html") != 1 {
		t.Errorf("not one document: %q", got)
	}
}

func TestStylesAreReducedToHarmlessOnes(t *testing.T) {
	for in, want := range map[string]string{
		"color: red; FONT-SIZE:12px":                     "color: red; font-size: 12px",
		"color: rgb(1, 2, 3)":                            "color: rgb(1, 2, 3)",
		`font-family: "Segoe UI", sans-serif`:            `font-family: "Segoe UI", sans-serif`,
		"background-color: url(https://evil.example)":    "",
		"background: red":                                "",
		"width: expression(alert(1))":                    "",
		"width: calc(1px)":                               "",
		"wid\\74h: 1px":                                  "",
		"color: r\\65 d":                                 "",
		"color: red/**/":                                 "",
		"position: fixed; top: 0; color: blue":           "color: blue",
		"@import 'https://evil.example'; color: blue":    "color: blue",
		"behavior: url(x); -moz-binding: url(y)":         "",
		"font: 12px/1 url(x)":                            "",
		"content: 'x'; list-style-image: url(x)":         "",
		"color: var(--x)":                                "",
		"color: <b>":                                     "",
		"color: red; color: " + strings.Repeat("a", 300): "color: red",
	} {
		if got := safeStyle(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}

// forbidden names what a browser would find in out that allowed does not list.
func forbidden(out string, allowed elements) string {
	z := html.NewTokenizer(strings.NewReader(out))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.CommentToken, html.DoctypeToken:
			return "a comment"
		case html.StartTagToken, html.SelfClosingTagToken:
			tok := z.Token()
			attrs, ok := allowed[tok.Data]
			if !ok {
				return "<" + tok.Data + ">"
			}
			for _, a := range tok.Attr {
				if !slices.Contains(attrs, a.Key) {
					return tok.Data + " " + a.Key
				}
				if a.Key == "href" && !linkable(a.Val) || a.Key == "src" && !strings.HasPrefix(a.Val, "/") {
					return tok.Data + " to " + a.Val
				}
			}
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{
		`<p>a<b>b</p>c`, `<a href="jav&#x09;ascript:x">y</a>`, `<svg><style><img src=x onerror=y>`,
		`<table><tr><p>x</table>`, "<pre>\n\nx", `</div><div>`, `<img src=cid:a>`, `<li><ul><table><a href=http://x><a href=http://y>`,
		"<b><i><p>x</b></i>y", `<td style="color:red;x:url(y)">`, "a\x00b\r\nc",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := Clean(in)
		if found := forbidden(out, commentElements); found != "" {
			t.Fatalf("%q: %s in %q", in, found, out)
		}
		if strings.Contains(strings.ToLower(out), "<script") {
			t.Fatalf("%q: script in %q", in, out)
		}
		if again := Clean(out); again != out {
			t.Fatalf("%q: %q is cleaned again to %q", in, out, again)
		}
		doc := Document(in, func(string) (string, bool) { return "/p", true })
		body := strings.TrimSuffix(strings.TrimPrefix(doc, documentHead), documentFoot)
		if found := forbidden(body, documentElements); found != "" {
			t.Fatalf("%q: %s in document %q", in, found, doc)
		}
	})
}

func BenchmarkClean4KB(b *testing.B) {
	in := strings.Repeat(`<p class="MsoNormal" style="margin:0">A paragraph of words with <b>weight</b> and <a href="https://example.com/x">a link</a>.<o:p></o:p></p>`, 30)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		Clean(in)
	}
}
