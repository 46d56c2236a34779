package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// browser is somebody's browser without script: it keeps cookies, follows
// redirects, and sends forms as they stand in the page.
type browser struct {
	t    testing.TB
	base string
	http.Client
}

func newBrowser(t testing.TB, base string) *browser {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	return &browser{t: t, base: base, Client: http.Client{Jar: jar, Timeout: patience}}
}

// page is an answer that has been read.
type page struct {
	status     int
	path, body string
	root       *html.Node
}

func (b *browser) do(r *http.Request) page {
	b.t.Helper()
	// As browsers do: CSRF protection looks at these.
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if r.Method == http.MethodPost {
		r.Header.Set("Origin", b.base)
	}
	res, err := b.Do(r)
	must(b.t, err)
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	must(b.t, err)
	root, err := html.Parse(bytes.NewReader(body))
	must(b.t, err)
	return page{res.StatusCode, res.Request.URL.Path, string(body), root}
}

func (b *browser) get(path string) page {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.base+path, nil)
	must(b.t, err)
	return b.do(r)
}

// submit fills in the form with that action and sends it.
func (b *browser) submit(p page, action string, values url.Values) page {
	b.t.Helper()
	form := find(p.root, func(n *html.Node) bool { return n.Data == "form" && attr(n, "action") == action })
	if form == nil {
		b.t.Fatalf("%s has no form for %s:\n%s", p.path, action, p.body)
	}
	fields := formValues(form)
	for name, v := range values {
		if find(form, func(n *html.Node) bool { return attr(n, "name") == name }) == nil {
			b.t.Fatalf("the form for %s has no field %s", action, name)
		}
		fields[name] = v
	}
	body, kind := encode(b.t, fields, attr(form, "enctype"))
	r, err := http.NewRequest(http.MethodPost, b.base+action, body)
	must(b.t, err)
	r.Header.Set("Content-Type", kind)
	return b.do(r)
}

func (b *browser) signIn(login, password string) page {
	b.t.Helper()
	return b.submit(b.get("/signin"), "/signin", url.Values{"login": {login}, "password": {password}})
}

func encode(t testing.TB, fields url.Values, kind string) (io.Reader, string) {
	if kind != "multipart/form-data" {
		return strings.NewReader(fields.Encode()), "application/x-www-form-urlencoded"
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name, values := range fields {
		for _, v := range values {
			must(t, w.WriteField(name, v))
		}
	}
	must(t, w.Close())
	return &b, w.FormDataContentType()
}

// formValues are what a form sends when nothing is changed in it.
func formValues(form *html.Node) url.Values {
	v := url.Values{}
	each(form, func(n *html.Node) {
		name := attr(n, "name")
		switch {
		case name == "":
		case n.Data == "textarea":
			v.Add(name, text(n))
		case n.Data == "select":
			each(n, func(o *html.Node) {
				if o.Data == "option" && has(o, "selected") {
					v.Add(name, attr(o, "value"))
				}
			})
		case n.Data == "input" && (attr(n, "type") == "checkbox" || attr(n, "type") == "radio"):
			if has(n, "checked") {
				v.Add(name, attr(n, "value"))
			}
		case n.Data == "input" && attr(n, "type") != "file":
			v.Add(name, attr(n, "value"))
		}
	})
	return v
}

func each(n *html.Node, do func(*html.Node)) {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode {
			do(d)
		}
	}
}

func find(n *html.Node, is func(*html.Node) bool) *html.Node {
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && is(d) {
			return d
		}
	}
	return nil
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func text(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}

// listen opens the page's live stream; each topic that changed comes through the channel.
func (b *browser) listen(topic string) <-chan string {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+"/events?topic="+url.QueryEscape(topic), nil)
	must(b.t, err)
	res, err := (&http.Client{Jar: b.Jar}).Do(r) // a stream has no end in time
	must(b.t, err)
	if res.StatusCode != http.StatusOK {
		b.t.Fatalf("events: %s", res.Status)
	}
	changed, done := make(chan string, 100), make(chan struct{})
	go func() { // ends when the request is cancelled
		defer close(done)
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				changed <- data
			}
		}
	}()
	b.t.Cleanup(func() { stop(); res.Body.Close(); <-done })
	return changed
}
