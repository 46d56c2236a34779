package mail

import (
	"strings"
	"testing"
)

func TestHTMLReadsAsAPersonSeesIt(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"paragraphs", "<p>Hello</p><p>World</p>", "Hello\n\nWorld"},
		{"lines", "a<br>b<div>c</div>d", "a\nb\nc\nd"},
		{"empty line by br", "a<br><br>b", "a\n\nb"},
		{"gmail empty line", "<div>a</div><div><br></div><div>b</div>", "a\n\nb"},
		{"white space", "  a \n  b&nbsp;&nbsp;c ", "a b  c"},
		{"hidden", `<div style="display: none">x<div>y</div></div><span hidden>z</span>seen`, "seen"},
		{"hidden by a class", `<style>.x{display:none}</style><p class=x>x<b>y</b></p>seen`, "seen"},
		{"hidden by its colour", `<font color=white>x</font><table><tr><td bgcolor=navy><font color=white>seen</font></td></tr></table>`, "seen"},
		{"size undone", `<div style="font-size:0">x<div style="font-size:14px">seen</div></div>`, "seen"},
		{"hidden paragraph never closed", `<p style="display:none">x<p>seen`, "seen"},
		{"script and style", "<head><title>t</title></head><style>p{}</style><script>1</script>x", "x"},
		{"head never closed", "<head><meta><body>x", "x"},
		{"link", `<a href="https://example.com/a?b=1">here</a>, ok`, "here (https://example.com/a?b=1), ok"},
		{"link that tells its address", `<a href="https://www.example.com/">example.com</a>`, "example.com"},
		{"mail link", `<a href="mailto:a@b.example">a@b.example</a>`, "a@b.example"},
		{"script link", `<a href="javascript:alert(1)">x</a>`, "x"},
		{"list", "<ul><li>a</li><li>b<ol><li>c</li></ol></li></ul>", "- a\n- b\n  1. c"},
		{"quote", "yes<blockquote>a<br>b<blockquote>c</blockquote></blockquote>no", "yes\n\n> a\n> b\n>\n>> c\n\nno"},
		{"table", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>", "a  b\nc  d"},
		{"pre", "<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"},
		{"stray ends", "</div></blockquote></ul>a</p>", "a"},
		{"entities and nul", "a&amp;b&#0;\x00c\xff", "a&b\uFFFDc\uFFFD"},
	} {
		got := HTMLToText(c.in)
		if c.name == "entities and nul" {
			if !strings.HasPrefix(got, "a&b") || strings.Contains(got, "\x00") {
				t.Errorf("%s: %q", c.name, got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%s:\n got %q\nwant %q", c.name, got, c.want)
		}
	}
}

func TestHTMLOfAnyDepthIsRead(t *testing.T) {
	deep := strings.Repeat("<div><blockquote>", 20000) + "bottom"
	if got := HTMLToText(deep); !strings.Contains(got, "bottom") {
		t.Errorf("the text at the bottom is lost: %.80q", got)
	}
}
