package reply

import (
	"strings"
	"testing"
)

// kinds are what clients put around an answer, made from a language's words.
func (t tongue) kinds() map[string]string {
	const old = "> the wall stays\n> and the door goes\n"
	undated := func(s string) string { return senderName + " <" + senderAddress + "> " + s + ":\n" + old }
	all := map[string]string{
		"attribution of the first family":         t.gmail + "\n" + old,
		"attribution of the second family":        t.apple + "\n" + old,
		"attribution of the third family":         t.bird + "\n" + old,
		"a gap below the attribution":             t.gmail + "\n\n" + old,
		"attribution wrapped at 76":               wrap(t.gmail, 76) + "\n" + old,
		"attribution wrapped at 60":               wrap(t.apple, 60) + "\n" + old,
		"attribution wrapped at 40":               wrap(t.gmail, 40) + "\n" + old,
		"attribution with a direction mark":       "\u200e" + t.gmail + "\u200e\n" + old,
		"attribution without its colon":           strings.TrimRight(t.apple, ":：") + "\n" + old,
		"quoted attribution":                      "> " + t.apple + "\n" + old,
		"header block":                            headerText(t, "", "") + "\nthe wall stays\n",
		"header block in bold":                    headerText(t, "*", "") + "\nthe wall stays\n",
		"header block with gaps before the colon": headerText(t, "", " ") + "\nthe wall stays\n",
		"divider and header block":                "-----" + t.original + "-----\n" + headerText(t, "", "") + "\nthe wall stays\n",
		"divider and lines without colons":        "------ " + t.original + " ------\n" + strings.ReplaceAll(headerText(t, "", ""), ":", "") + "\nthe wall stays\n",
		"tag":                                     t.phone + "\n",
		"tag and attribution":                     t.phone + "\n\n" + t.apple + "\n\n" + old,
	}
	if v := t.verb(); v != "" {
		all["attribution without a date"] = undated(v)
	}
	return all
}

// verb is the word of the attribution that stands last, where one does.
func (t tongue) verb() string {
	for _, s := range []string{t.apple, t.bird, t.gmail} {
		s = strings.TrimRight(s, " :：")
		if _, v, ok := strings.Cut(s, senderName); ok {
			v = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(v), "<"+senderAddress+">"))
			if v != "" && !hasDigit(v) && !strings.ContainsAny(v, ",(@") {
				return v
			}
		}
	}
	return ""
}

func TestEveryLanguagesLinesAroundAnAnswerGo(t *testing.T) {
	if n := len(tongues()); n < 31 {
		t.Fatalf("only %d languages", n)
	}
	for _, tongue := range tongues() {
		for kind, below := range tongue.kinds() {
			want := tongue.own[0] + "\n" + tongue.own[1]
			got := Extract(Input{Text: want + "\n\n" + below})
			if got.Reply != want {
				t.Errorf("%s, %s: got %q of %q", tongue.code, kind, got.Reply, below)
			}
			if got.Empty || len(got.Removed) == 0 {
				t.Errorf("%s, %s: empty %v, removed %v", tongue.code, kind, got.Empty, got.Removed)
			}
		}
	}
}

// What an author may write with the same words.
func TestEveryLanguagesProseWithTheSameWordsStays(t *testing.T) {
	for _, tongue := range tongues() {
		for kind, body := range map[string]string{
			"a list of fields":      tongue.to + ": 12\n" + tongue.own[0],
			"one field":             tongue.from + ": 7 mm\n\n" + tongue.own[0],
			"the divider's words":   tongue.own[0] + "\n" + tongue.original + "?\n" + tongue.own[1],
			"the tag in a sentence": tongue.own[0] + " " + tongue.phone + ", " + tongue.own[1],
			"a date on its own":     "05.05.2026 10:12\n\n" + tongue.own[0],
			"a rule of dashes":      tongue.own[0] + "\n\n----------\n\n" + tongue.own[1] + " " + tongue.own[0],
			"an unattributed quote": "> " + tongue.own[0] + "\n\n" + tongue.own[1],
			"a colon before a list": tongue.own[0] + "\n5.5.:\n- 12 mm\n- 17 mm\n\n" + tongue.own[1],
		} {
			if got := Extract(Input{Text: body}); got.Reply != body {
				t.Errorf("%s, %s: got %q, removed %v", tongue.code, kind, got.Reply, got.Removed)
			}
		}
	}
}

func TestWordsThatLookLikeAClientsStay(t *testing.T) {
	for name, body := range map[string]string{
		"a day and a verb":           "On Monday we wrote:\n\nthe door is too wide.\n\nNobody answered us.",
		"a day, a verb and a list":   "On Monday I wrote down what is missing:\n- hinges\n- two handles\nPlease order them.",
		"a source":                   "From: the kitchen\nTo: the hall\nlay the cable along the wall.",
		"a desk":                     "Sent from my desk I saw the crane move.\nIt was too close.",
		"a desk at the end":          "I saw the crane move.\n\nSent from my desk I cannot see more.",
		"a rule of dashes":           "Upper floor: done.\n\n--------------------\n\nLower floor: the screed is wet, and it will stay wet until Friday.\nWe wait.",
		"a rule of equals":           "Floors\n======\nUpper floor: done.",
		"code":                       "Run it like this:\n\n    $ mail -s test a@example.org\n    > On 5 May 2026 nothing came\n\nIt fails.",
		"fenced headers":             "```\nFrom: a@example.org\nTo: b@example.org\nSubject: x\n\nbody\n```\n\nWhy is this refused?",
		"a list of dates":            "Dates:\n5 May 2026: crane\n6 May 2026: roof\n7 May 2026: windows",
		"times with colons":          "10:00: crane\n11:30: roof, as Anna wrote:\nnot before noon.",
		"a table of fields":          "Name: Anna\nDate: 5.5.2026\nSubject: the roof\n\nPlease fill in the rest of the form.",
		"a table with bars":          "| day | who |\n|-----|-----|\n| Mon | Anna |\n| Tue | Ivan |",
		"an address and a verb":      "Please write to anna@example.org, she wrote the plan.\nThe plan is old.",
		"an address and a colon":     "Ask these two, anna@example.org and ivan@example.org:\n- may we start?\n- who pays?",
		"what somebody said":         "Ivan wrote:\nthe beam is 5 m long.\n\nI measured 4.8 m.",
		"numbers after a mark":       "> 5 mm is too much, < 3 mm is fine.\nPlease measure again.",
		"forwarding in prose":        "I forwarded the message to Ivan.\nForwarded message or not, he has to answer.",
		"original message in prose":  "The original message\nhad two pictures. Where are they?",
		"a quoted sentence and more": "You wrote: \"On 5 May 2026 the crane comes.\"\n\nIt did not come.",
		"a short line with a dash":   "Yes -\nbut not before noon.",
		"initials and a mark":        "A> is left, B> is right.\nTake B.",
		"a phone number":             "Call me:\n+49 30 1234567\nbefore 10:00",
		"reply above in prose":       "I typed my answer above this line, did you see it?",
	} {
		if got := Extract(Input{Text: body}); got.Reply != body {
			t.Errorf("%s: got %q\nwant %q\nremoved %v", name, got.Reply, body, got.Removed)
		}
		page := "<div>" + strings.ReplaceAll(strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "    ", "&nbsp;&nbsp;&nbsp;&nbsp;").Replace(body), "\n", "<br>") + "</div>"
		if got := Extract(Input{HTML: page}); strings.Join(wordsIn(got.Reply), " ") != strings.Join(wordsIn(body), " ") {
			t.Errorf("%s in HTML: got %q\nwant %q\nremoved %v", name, got.Reply, body, got.Removed)
		}
	}
}
