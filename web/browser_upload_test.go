package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

func TestBrowserSendsPlansInPartsAndGoesOnAfterACut(t *testing.T) {
	s := newScene(t)
	project := s.projectCalled("House")
	b := openBrowser(t)
	b.signIn(s.place)
	content := bytes.Repeat([]byte("%PDF-1.7 0123456"), 40_000)
	file := filepath.Join(t.TempDir(), "ground floor.pdf")
	must(t, os.WriteFile(file, content, 0o600))
	changed := time.UnixMilli(1_790_000_000_000)
	must(t, os.Chtimes(file, changed, changed))

	// An earlier page was left when a part had come.
	owner := s.as(s.owner)
	u := uploadRead(t, owner.wants(owner.post("/projects/"+string(project)+"/uploads", "name", "ground floor.pdf", "type", "application/pdf",
		"size", fmt.Sprint(len(content)), "mark", fmt.Sprint(changed.UnixMilli())), http.StatusOK).body)
	owner.wants(owner.part(project, u.ID, 0, string(content[:100_000])), http.StatusOK)

	b.do(chromedp.Navigate(s.url+"/projects/"+string(project)+"/plans/new"), chromedp.WaitVisible("#file"))
	b.until(`document.querySelector(".broken")?.textContent.includes("ground floor.pdf")`)
	// Small parts; the connection of the second one breaks.
	js[bool](b, `(() => {
		document.querySelector("[data-uploads]").dataset.part = 100000;
		const send = XMLHttpRequest.prototype.send;
		let parts = 0;
		window.sent = [];
		XMLHttpRequest.prototype.send = function (body) {
			if (body instanceof Blob) {
				window.sent.push(body.size);
				if (++parts === 2) {
					queueMicrotask(() => this.abort());
					setTimeout(() => dispatchEvent(new Event("online")), 50);
				}
			}
			return send.call(this, body);
		};
		return true;
	})()`)
	b.do(chromedp.SetUploadFiles("#file", []string{file}))
	js[bool](b, `(() => {
		const dropped = new DataTransfer();
		dropped.items.add(new File(["AC1032 drawing"], "ground floor.dwg"));
		dropped.items.add(new File([""], "nothing.pdf"));
		return document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true })) || true;
	})()`)
	b.do(chromedp.SendKeys("#number", "G-1"), chromedp.Click("form.card button.main")) // waits for what still comes
	b.until(`document.querySelectorAll(".staged select").length === 2`)
	b.until(`document.querySelector(".coming .wrong")?.textContent.includes("nothing.pdf is empty")`)
	if got := js[string](b, `[...document.querySelectorAll(".staged select")].map((s) => s.selectedOptions[0].text).join()`); got != "for printing,CAD" {
		t.Errorf("classes: %s", got)
	}
	rest := len(content) - 100_000 + len("AC1032 drawing")
	if n := js[int](b, `window.sent.reduce((a, n) => a + n, 0)`); n < rest || n > rest+100_000 { // the broken part twice, unless it had arrived before it broke; nothing else
		t.Errorf("%d bytes were sent, %d were missing", n, rest)
	}
	b.do(chromedp.Click(".coming .wrong button"))
	js[bool](b, `(() => { const a = document.querySelector("#author"); if (a) a.selectedIndex = 1; return true; })()`)
	b.do(chromedp.Click("form.card button.main"), chromedp.WaitVisible(".done"))
	b.until(`document.querySelector("main").textContent.includes("ground floor.dwg")`)
	sum := sha256.Sum256(content)
	if ok, err := s.files.Has(t.Context(), s.account.ID, hex.EncodeToString(sum[:])); !ok || err != nil {
		t.Errorf("what was kept is not what was chosen (%v)", err)
	}
	if list, err := s.core.Uploads(t.Context(), &core.Actor{Person: s.owner, Account: s.account}, project); err != nil || len(list) != 0 {
		t.Errorf("left over: %v, %v", list, err)
	}
	for _, said := range b.said { // the refusal of the empty file is told by browsers, too
		if !bytes.Contains([]byte(said), []byte("422")) {
			t.Errorf("the console says: %s", said)
		}
	}
}
