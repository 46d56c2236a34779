package reply

import (
	"net/url"
	"strings"
)

// longestLink is the most bytes of a link that is compared with what we sent.
const longestLink = 2000

// leadsToOurs tells that a link goes to an address we sent: what it is called
// stands in our HTML only, so its words are not in the text we compare with.
func (d *doc) leadsToOurs(link string) bool {
	if len(link) > longestLink || !strings.HasPrefix(link, "http") {
		return false
	}
	if d.links == nil {
		d.links = linksIn(d.in.Sent)
	}
	if d.links[link] {
		return true
	}
	inner, ok := checked(link)
	return ok && d.links[inner]
}

// checked is the address within a link that a gateway put its own before.
func checked(link string) (inner string, ok bool) {
	at, err := url.Parse(link)
	if err != nil || at.RawQuery == "" {
		return "", false
	}
	for _, key := range []string{"url", "u", "q"} {
		if inner = at.Query().Get(key); strings.HasPrefix(inner, "http") {
			return inner, true
		}
	}
	return "", false
}

// linksIn collects the addresses in a text of ours.
func linksIn(sent string) map[string]bool {
	all := make(map[string]bool)
	for at := strings.Index(sent, "http"); at >= 0; {
		rest := sent[at:]
		end := strings.IndexAny(rest, " \t\r\n<>\"")
		if end < 0 {
			end = len(rest)
		}
		if end <= longestLink {
			all[strings.TrimRight(rest[:end], ".,;:!?)")] = true
		}
		next := strings.Index(rest[end:], "http")
		if next < 0 {
			break
		}
		at += end + next
	}
	return all
}
