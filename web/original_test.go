package web

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

// receiveHTML lets an HTML mail of the client's come in as a reply.
func (s *scene) receiveHTML(html string) core.Receipt {
	s.t.Helper()
	const mark = "--b"
	return s.receive(s.replyAddress(s.client), "Clara <"+s.client.Address().Mailbox()+">", "Re: Windows",
		mark+"\nContent-Type: text/html; charset=utf-8\n\n"+html+"\n"+mark+"--\n", "MIME-Version: 1.0", "Content-Type: multipart/related; boundary=b", "X-Rest:")
}

func TestTheOriginalOfAMailIsShutIn(t *testing.T) {
	s := newScene(t)
	r := s.receiveHTML(`<p>Hello <b>there</b></p><p style="display:none; color: red">secret</p><img src="http://127.0.0.1:1/x.png"><script>alert(1)</script><a href="http://127.0.0.1:1/">go</a>`)
	path := "/messages/" + string(r.ID)
	b := s.as(s.owner)
	b.wants(b.get(path), 200, "<iframe sandbox src=\""+path+"/original\"", "How the mail looked")
	a := b.wants(b.get(path+"/original"), 200, "Hello <b>there</b>", "secret", "dashed", "Hidden by the sender")
	if got := a.header.Values("Content-Security-Policy"); len(got) != 1 || !strings.HasPrefix(got[0], "sandbox; default-src 'none'; img-src data:;") || strings.Contains(got[0], "allow-") {
		t.Errorf("policy %q", got)
	}
	for _, bad := range []string{"<script", "http://127.0.0.1:1/x.png", "display:none", "display: none"} {
		if strings.Contains(a.body, bad) {
			t.Errorf("%q is in %s", bad, a.body)
		}
	}
	for _, who := range []core.Person{s.client, s.person("Nobody of it")} {
		if a := s.as(who).get(path + "/original"); a.status == 200 {
			t.Errorf("%s sees it", who.Name)
		}
	}
}

func TestBrowserFetchesNothingForAMailFromOutside(t *testing.T) {
	var hits atomic.Int32
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	outside := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { hits.Add(1) })}}
	outside.Start()
	t.Cleanup(outside.Close)
	s := newScene(t)
	b := openBrowser(t)
	u := outside.URL
	r := s.receiveHTML(`<html><head><base href="` + u + `/"><link rel="stylesheet" href="` + u + `/a.css"><link rel="preconnect" href="` + u + `"><link rel="prefetch" href="` + u + `/p">
<meta http-equiv="refresh" content="0;url=` + u + `/m"><style>@import "` + u + `/b.css"; body { background: url(` + u + `/c.png) } @font-face { font-family: x; src: url(` + u + `/f) }</style></head>
<body background="` + u + `/d.png" onload="top.document.title='ran'"><p>Words of the mail</p><img src="` + u + `/e.png"><img srcset="` + u + `/g.png 1x"><div style="background:url('` + u + `/h.png')">x</div>
<iframe src="` + u + `/i"></iframe><video src="` + u + `/j" poster="` + u + `/k"></video><object data="` + u + `/l"></object><form action="` + u + `/n"><input type="image" src="` + u + `/o"></form>
<script>top.document.title='ran'</script><svg><image href="` + u + `/q"/></svg><img src=x onerror="top.document.title='ran'"></body></html>`)
	b.signIn(s.place)
	b.do(chromedp.Navigate(s.url+"/messages/"+string(r.ID)), chromedp.WaitVisible(".original > summary"))
	js[bool](b, `document.querySelector(".original iframe").addEventListener("load", () => document.body.dataset.framed = "yes"), true`)
	b.do(chromedp.Click(".original > summary"))
	b.until(`document.body.dataset.framed === "yes"`)
	if !js[bool](b, `document.querySelector(".original iframe").contentDocument === null && performance.getEntriesByType("resource").some(e => e.name.endsWith("/original"))`) {
		t.Error("the frame is not the mail's, or the page reaches into it")
	}
	b.quiet()
	// Alone in a tab there is nothing around it that could hold it back.
	b.do(chromedp.Navigate(s.url + "/messages/" + string(r.ID) + "/original"))
	if got := js[string](b, `document.body.innerText`); !strings.Contains(got, "Words of the mail") {
		t.Errorf("the mail says %q", got)
	}
	if got := js[string](b, `document.title + "|" + origin`); strings.Contains(got, "ran") || !strings.HasSuffix(got, "|null") {
		t.Errorf("title and origin: %q", got)
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("%d requests to the outside", n)
	}
}
