package markup

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// unseen is what is hidden of a document, by its tree and by its tokens.
func unseen(t *testing.T, src string) (byTree, byTokens string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(src))
	if err != nil {
		t.Fatal(err)
	}
	sheet := ReadSheet(src)
	var a, b strings.Builder
	var walk func(n *html.Node, s Sight)
	walk = func(n *html.Node, s Sight) {
		if n.Type == html.TextNode && s.Hidden() {
			a.WriteString(n.Data)
		}
		if n.Type == html.ElementNode {
			s = sheet.Enter(s, n.Data, n.Attr)
		}
		for c := n.FirstChild; c != nil && n.Data != "style"; c = c.NextSibling {
			walk(c, s)
		}
	}
	walk(root, sheet.Root())
	trail, z := NewTrail(src), html.NewTokenizer(strings.NewReader(src))
	for kind := z.Next(); kind != html.ErrorToken; kind = z.Next() {
		switch tok := z.Token(); kind {
		case html.StartTagToken, html.SelfClosingTagToken:
			trail.Start(tok.Data, tok.Attr)
		case html.EndTagToken:
			trail.End(tok.Data)
		case html.TextToken:
			if trail.Sight().Hidden() {
				b.WriteString(tok.Data)
			}
		}
	}
	return a.String(), b.String()
}

// In each document "GONE" is what a reader does not see.
func TestWhatAReaderDoesNotSeeIsFound(t *testing.T) {
	for name, src := range map[string]string{
		"display":               `<div style="display: none !important">GONE</div>seen`,
		"display with comment":  `<div style="display:/**/none">GONE</div>seen`,
		"attribute":             `<span hidden>GONE</span>seen`,
		"visibility":            `<div style="visibility:hidden">GONE<b style="visibility:visible">seen</b></div>`,
		"opacity":               `<div style="opacity:0;display:block">GONE</div>`,
		"mso-hide":              `<div style="mso-hide:all;display:block">GONE</div>`,
		"font-size 0":           `<table><tr><td style="font-size:0px">GONE</td></tr></table><p style="font-size:0">GONE</p>`,
		"font-size 1":           `<p style="font-size:1px;line-height:1px">GONE</p>`,
		"font shorthand":        `<p style="font:0/0 a">GONE</p><p style="font:700 14px/20px Arial">seen</p>`,
		"size undone":           `<div style="font-size:0"><div style="font-size:14px">seen</div>GONE</div>`,
		"max-height":            `<div style="max-height:0px;overflow:hidden">GONE</div>`,
		"no size":               `<div style="overflow:hidden;width:0;height:0">GONE</div>`,
		"off screen":            `<div style="position:absolute;left:-9999px">GONE</div>`,
		"indented away":         `<div style="text-indent:-9999px">GONE</div>`,
		"clipped":               `<div style="position:absolute;clip:rect(0,0,0,0)">GONE</div>`,
		"class":                 `<style>.x{display:none} </style><p class="a X">GONE</p>seen`,
		"class in a list":       `<style><!-- p{margin:0} /* a */ .y, div.x {color:red;display:none!important} --></style><div class=x>GONE</div><p class=x>seen</p>`,
		"id":                    `<style>#x{opacity:0}</style><p id=x>GONE</p>`,
		"colour by class":       `<style>.x{color:#FFF}</style><p class=x>GONE</p>`,
		"white on white":        `<p style="color:#ffffff">GONE</p>`,
		"white font":            `<font color=white>GONE</font>`,
		"nearly white":          `<span style="color:rgb(254, 254, 254)">GONE</span>`,
		"same as its cell":      `<table><tr><td bgcolor="#000080"><span style="color:navy">GONE</span></td></tr></table>`,
		"same as the body":      `<body style="background-color:black"><p style="color:#000">GONE</p></body>`,
		"transparent letters":   `<p style="color:transparent">GONE</p><p style="color:rgba(0,0,0,0)">GONE</p>`,
		"white in nested white": `<div style="background:#000"><div style="background:#fff"><i style="color:#fff">GONE</i></div></div>`,
	} {
		byTree, byTokens := unseen(t, src)
		checkUnseen(t, name+" by tree", src, byTree)
		checkUnseen(t, name+" by tokens", src, byTokens)
	}
}

func checkUnseen(t *testing.T, name, src, got string) {
	t.Helper()
	if want := strings.Repeat("GONE", strings.Count(src, "GONE")); got != want {
		t.Errorf("%s: hidden is %q, should be %q", name, got, want)
	}
}

func TestWhatMayBeSeenCountsAsSeen(t *testing.T) {
	for name, src := range map[string]string{
		"white on a coloured cell":   `<table><tr><td bgcolor="#003366"><font color="#ffffff">seen</font></td></tr></table>`,
		"white on coloured style":    `<div style="background:#036 url(x.png) no-repeat"><b style="color:white">seen</b></div>`,
		"white on a picture":         `<table><tr><td background="cid:1"><b style="color:white">seen</b></td></tr></table>`,
		"white on a gradient":        `<div style="background-image:linear-gradient(#000,#111)"><b style="color:white">seen</b></div>`,
		"white by unknown class":     `<style>.dark td{background:#123}</style><div class=dark><table><tr><td style="color:white">seen</td></tr></table></div>`,
		"white on a coloured class":  `<style>.b{background-color:#123}</style><a class=b style="color:#fff" href="https://example.com">seen</a>`,
		"dark document":              `<meta name="color-scheme" content="light dark"><p style="color:#fff">seen</p>`,
		"dark by media":              `<style>@media (prefers-color-scheme: dark){body{background:#000}}</style><p style="color:#fff">seen</p>`,
		"dark body":                  `<body style="background-color:rgb(30,30,30)"><div style="color:rgb(255,255,255)">seen</div></body>`,
		"dark phone":                 `<div style="caret-color: rgb(255, 255, 255); color: rgb(255, 255, 255);">seen</div>`,
		"dark phone, other order":    `<div style="color: rgb(255, 255, 255); caret-color: rgb(255, 255, 255);">seen</div>`,
		"turned dark by the program": `<div style="color: rgb(255, 255, 255) !important" data-ogsc="rgb(0, 0, 0)">seen</div>`,
		"link in white text":         `<div style="background:#fff;color:#fff"><a href="https://example.com">seen</a></div>`,
		"above a picture":            `<div style="position:absolute;color:#fff">seen</div>`,
		"size undone":                `<table style="font-size:0"><tr><td style="font-size:14px;color:#000">seen</td></tr></table>`,
		"relative size":              `<p style="font-size:0.9em">seen</p><p style="font-size:smaller">seen</p>`,
		"small print":                `<p style="font-size:6px">seen</p>`,
		"class shown on phones":      `<style>.m{display:none} @media (min-width:600px){.m{display:block}}</style><p class=m>seen</p>`,
		"hidden on phones only":      `<style>@media (max-width:600px){.m{display:none}}</style><p class=m>seen</p>`,
		"hidden within another":      `<style>.q .m{display:none} a:hover{display:none}</style><p class=m>seen</p><a href=x>seen</a>`,
		"one program's own rules":    `<!--[if mso]><style>.m{display:none}</style><![endif]--><p class=m>seen</p>`,
		"no height that flows over":  `<div style="height:0">seen</div>`,
		"moved a little":             `<div style="position:relative;left:-20px;text-indent:-18pt">seen</div>`,
		"half transparent":           `<div style="opacity:0.5;color:rgba(255,255,255,0.5)">seen</div>`,
		"letters of a picture":       `<b style="color:transparent;-webkit-background-clip:text;background:linear-gradient(red,blue)">seen</b>`,
		"hidden, closed":             `<p style="display:none"></p><p>seen</p>`,
		"black, nothing said":        `<body bgcolor=black>seen</body>`,
		"nothing":                    `<p style="">seen</p><p style=";:;x">seen</p>`,
	} {
		if a, b := unseen(t, src); a != "" || b != "" {
			t.Errorf("%s: hidden is %q by tree, %q by tokens", name, a, b)
		}
	}
}

func FuzzSight(f *testing.F) {
	for _, s := range []string{`<style>.x{display:none}</style><p class=x>a`, `<style>@media{@media{{{`, `<p style="font:0/0 a;color:rgb(1,2`, `<style><!-- /* */ a,b{color:#fff}`, `</p></b><td style=opacity:0>`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		Repeats(src)
		if _, err := html.Parse(strings.NewReader(src)); err == nil {
			unseen(t, src)
		}
	})
}
