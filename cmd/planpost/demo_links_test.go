package main

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"regexp"
	"strings"
	"testing"
)

// Whoever clicks in a mail must come somewhere. The demo has mail of all sorts
// of people in all languages, and the pages that its links lead to.
func TestEveryLinkInTheDemosMailsOpensAPage(t *testing.T) {
	d := startDemo(t, t.TempDir(), "127.0.0.1:0")
	base := regexp.MustCompile(`pages +(http://\S+)`).FindStringSubmatch(d.said.String())[1]
	jar, err := cookiejar.New(nil)
	must(t, err)
	browser := &http.Client{Jar: jar} // the page of an approval puts a cookie in the token's place
	ended := 0
	page := func(address string) string {
		t.Helper()
		resp, err := browser.Get(address)
		must(t, err)
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		must(t, err)
		switch resp.StatusCode {
		case http.StatusOK:
		case http.StatusGone: // of the engineer who was blocked, and of the sending that was recalled
			ended++
		default:
			t.Errorf("%s: %s", address, resp.Status)
		}
		return string(body)
	}
	hrefs := func(page, begin string) (list []string) {
		for _, m := range regexp.MustCompile(`href="([^"]+)"`).FindAllStringSubmatch(page, -1) {
			if u := html.UnescapeString(m[1]); strings.HasPrefix(u, begin) {
				list = append(list, u)
			}
		}
		return list
	}
	seen := map[string]bool{}
	for _, person := range hrefs(page(base+"/mailbox/"), "/mailbox/person/") {
		for _, mail := range hrefs(page(base+person), "/mailbox/mail/") {
			body := page(base + mail + "/html")
			links := hrefs(body, "")
			if len(links) == 0 && !strings.Contains(body, "<h1") && !strings.Contains(body, "<p") {
				t.Errorf("%s is empty", mail)
			}
			for _, u := range links {
				if !strings.HasPrefix(u, base+"/") {
					t.Errorf("%s leads away, to %s", mail, u)
				} else if !seen[u] {
					seen[u] = true
					body := page(u)
					if _, at, ok := strings.Cut(u, "#"); ok && strings.HasPrefix(u, base+"/t/") && !strings.Contains(body, ` id="`+at+`"`) {
						t.Errorf("%s leads to no place of its page", mail)
					}
				}
			}
		}
	}
	if ended != 2 {
		t.Errorf("%d links are not active any more", ended)
	}
	if len(seen) < 10 {
		t.Errorf("only %d links were found", len(seen))
	}
}
