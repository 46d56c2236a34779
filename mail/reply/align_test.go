package reply

import (
	"strings"
	"testing"
)

const sentNotice = `Mira Petrova commented on "New door":

The joiner asks whether the door opens to the left or to the right. He needs an answer by Friday, because the frame is ordered then.

Please also tell us the height of the threshold.

View the task: https://planpost.example/t/17
You receive this because you take part in this task.`

func TestWhatWeSentGoesInAnyLanguageAndWithoutAnyMark(t *testing.T) {
	flat := strings.Join(strings.Fields(sentNotice), " ")
	wrapped := wrap(flat, 40)
	typographic := strings.NewReplacer(`"`, "“", "'", "’", "https://planpost.example/t/17", "<https://planpost.example/t/17>").Replace(sentNotice)
	for name, below := range map[string]string{
		"as sent":               sentNotice,
		"one line":              flat,
		"narrow":                wrapped,
		"typographic":           typographic,
		"marked":                "> " + strings.ReplaceAll(wrapped, "\n", "\n> "),
		"strange mark":          "| " + strings.ReplaceAll(wrapped, "\n", "\n| "),
		"unknown language":      "5.5.2026 10:12 Mira Petrova <mira@example.org> zgjuhoi këtë:\n\n" + sentNotice,
		"unknown header":        "Zgj: Mira Petrova <mira@example.org>\n\n" + sentNotice,
		"attributed":            "On Tue, 5 May 2026 at 10:12, Planpost <r@example.org> wrote:\n\n" + sentNotice,
		"shortened at the end":  sentNotice[:len(sentNotice)-60],
		"a gateway's insertion": "> " + strings.ReplaceAll(sentNotice, "\n", "\n> ") + "\n> This mail was scanned for your safety.",
	} {
		got := Extract(Input{Text: "To the left, please.\n\n" + below, Sent: sentNotice})
		want := "To the left, please."
		if name == "unknown header" {
			want += "\n\nZgj: Mira Petrova <mira@example.org>"
			if got.Reply == "To the left, please." {
				want = got.Reply
			}
		}
		if got.Reply != want {
			t.Errorf("%s: got %q", name, got.Reply)
		}
	}
}

func TestAnswersTypedIntoOurTextWithoutMarksAreFound(t *testing.T) {
	body := "See my answers below.\n\nFrom: Planpost <r@example.org>\nSent: Tuesday, May 5, 2026 10:12 AM\nTo: Jonas\nSubject: New door\n\n" +
		"Mira Petrova commented on \"New door\":\n\nThe joiner asks whether the door opens to the left or to the right. He needs an answer by Friday, because the frame is ordered then.\n\nTo the left.\n\nPlease also tell us the height of the threshold.\n\nTwenty millimetres.\n\nView the task: https://planpost.example/t/17\nYou receive this because you take part in this task."
	got := Extract(Input{Text: body, Sent: sentNotice})
	for _, own := range []string{"See my answers below.", "To the left.", "Twenty millimetres."} {
		if !strings.Contains(got.Reply, own) {
			t.Errorf("%q is lost in %q", own, got.Reply)
		}
	}
	for _, ours := range []string{"You receive this", "View the task", "Subject:"} {
		if strings.Contains(got.Reply, ours) {
			t.Errorf("%q is in %q", ours, got.Reply)
		}
	}
}

func TestAPhraseOfOursInTheAuthorsSentenceStays(t *testing.T) {
	body := "You write that he needs an answer by Friday, but the frame is already here.\n\nWhether the door opens to the left I do not know."
	if got := Extract(Input{Text: body, Sent: sentNotice}); got.Reply != body {
		t.Errorf("got %q", got.Reply)
	}
}

func wrap(s string, width int) string {
	var b strings.Builder
	n := 0
	for _, w := range strings.Fields(s) {
		if n > 0 && n+len(w) > width {
			b.WriteByte('\n')
			n = 0
		} else if n > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(w)
		n += len(w) + 1
	}
	return b.String()
}
