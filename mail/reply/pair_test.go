package reply

import "testing"

func TestWordsBelowAQuoteInItsContainerAreNoAttribution(t *testing.T) {
	const html = `<div dir="ltr"><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On Fri, Nov 20, 2026 at 10:00 AM A &lt;a@b.test&gt; wrote:<br></div>` +
		`<blockquote class="gmail_quote">Here are the samples.</blockquote><div><br></div><div>Thanks.</div><div><br></div><div>Two questions:</div><div>- who pays?</div></div></div>`
	if got := Extract(Input{HTML: html}).Reply; got != "Thanks.\n\nTwo questions:\n- who pays?" {
		t.Errorf("left %q", got)
	}
}
