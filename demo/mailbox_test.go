package demo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

// desk is a browser before the mailbox of a house.
type desk struct {
	t   *testing.T
	h   *house
	box *Mailbox
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	h := seeded(t)
	return &desk{t, h, NewMailbox(h.core, h.deliver, nil)}
}

func (d *desk) request(method, path string, body []byte, kind string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest(method, "http://127.0.0.1:8080"+path, bytes.NewReader(body))
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	d.box.ServeHTTP(w, r)
	return w
}

func (d *desk) get(path string) string {
	d.t.Helper()
	w := d.request("GET", path, nil, "")
	if w.Code != http.StatusOK {
		d.t.Fatalf("%s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// answer sends the form of a mail; files are names with their content.
func (d *desk) answer(id core.ID, fields, files map[string]string) *httptest.ResponseRecorder {
	d.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for name, value := range fields {
		form.WriteField(name, value)
	}
	for name, content := range files {
		part, err := form.CreateFormFile("files", name)
		if err != nil {
			d.t.Fatal(err)
		}
		part.Write([]byte(content))
	}
	form.Close()
	return d.request("POST", "/mailbox/mail/"+string(id)+"/reply", b.Bytes(), form.FormDataContentType())
}

// mailOf is the newest mail about a task to a person of the sample company.
func (d *desk) mailOf(address string, task int64) core.DeliveryItem {
	d.t.Helper()
	op := d.h.operator(d.t)
	p, err := d.h.core.PersonByAddress(d.t.Context(), op.Account.ID, address)
	if err != nil {
		d.t.Fatal(err)
	}
	list, err := d.h.core.Deliveries(d.t.Context(), op, core.DeliveryFilter{Person: p.ID, State: core.DeliverySent, Limit: 100})
	if err != nil {
		d.t.Fatal(err)
	}
	for _, it := range list {
		if it.TaskNumber == task {
			return it
		}
	}
	d.t.Fatalf("no mail to %s about task %d", address, task)
	return core.DeliveryItem{}
}

func TestTheMailboxShowsEveryReaderWithWhatIsUnread(t *testing.T) {
	d := newDesk(t)
	page := d.get("/mailbox/")
	for _, o := range outsiders {
		if !strings.Contains(page, o.name) || !strings.Contains(page, o.address) {
			t.Errorf("%s is missing", o.name)
		}
	}
	if !strings.Contains(page, templates.T("en", "mailbox.warning")) {
		t.Error("the page does not say that it shows live addresses")
	}
	it := d.mailOf("claire@atelier-moreau.example", 1)
	unread := func() (n int) {
		m := regexp.MustCompile(`(?s)>Claire Moreau</a> <span class="count" title="(\d+) unread`).FindStringSubmatch(d.get("/mailbox/"))
		if m == nil {
			t.Fatal("nothing says how much is unread")
		}
		n, _ = strconv.Atoi(m[1])
		return n
	}
	before := unread()
	d.get("/mailbox/mail/" + string(it.Delivery.ID))
	after := unread()
	if before < 2 || after != before-1 {
		t.Errorf("unread before %d, after %d", before, after)
	}
	list := d.get("/mailbox/person/" + string(it.Delivery.Person))
	if n := strings.Count(list, `class="row mb-new"`); n != after {
		t.Errorf("%d unread mails in the list, %d counted", n, after)
	}
}

func TestAMailIsShownInEveryForm(t *testing.T) {
	d := newDesk(t)
	it := d.mailOf("claire@atelier-moreau.example", 1)
	path := "/mailbox/mail/" + string(it.Delivery.ID)
	if page := d.get(path); !strings.Contains(page, `sandbox="allow-popups`) || !strings.Contains(page, "r-") || !strings.Contains(page, "Claire Moreau") {
		t.Error("the page lacks the frame, the reply address or the reader")
	}
	if page := d.get(path + "?view=text"); !strings.Contains(page, "nous commandons tout dans le même lot") {
		t.Error("no text")
	}
	if page := d.get(path + "?view=header"); !strings.Contains(page, "Auto-Submitted") || !strings.Contains(page, "Message-ID") {
		t.Error("no header")
	}
	if page := d.get(path + "?view=source"); !strings.Contains(page, "Content-Transfer-Encoding") {
		t.Error("no source")
	}
	w := d.request("GET", path+"/html", nil, "")
	if csp := w.Header().Get("Content-Security-Policy"); w.Code != 200 || !strings.Contains(csp, "sandbox") || strings.Contains(csp, "script-src") || !strings.Contains(csp, "default-src 'none'") {
		t.Errorf("the frame: %d, policy %q", w.Code, csp)
	}
	raw := d.request("GET", path+"/source", nil, "").Body.Bytes()
	if m, err := mail.Parse(raw, mail.Limits{}); err != nil || !strings.HasPrefix(m.Subject, "[#1]") {
		t.Errorf("the source: %v", err)
	}
}

func TestAnAttachmentOfAMailCanBeHad(t *testing.T) {
	d := newDesk(t)
	op := d.h.operator(t)
	p, err := d.h.core.PersonByAddress(t.Context(), op.Account.ID, "claire@atelier-moreau.example")
	if err != nil {
		t.Fatal(err)
	}
	list, err := d.h.core.Deliveries(t.Context(), op, core.DeliveryFilter{Person: p.ID, State: core.DeliverySent, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, it := range list {
		path := "/mailbox/mail/" + string(it.Delivery.ID)
		if !strings.Contains(d.get(path), "samples.pdf") {
			continue
		}
		w := d.request("GET", path+"/file/0", nil, "")
		if !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF")) || !strings.HasPrefix(w.Header().Get("Content-Disposition"), "attachment") {
			t.Errorf("%d %q", w.Code, w.Header())
		}
		if w := d.request("GET", path+"/file/1", nil, ""); w.Code != http.StatusNotFound {
			t.Errorf("a file that is not there: %d", w.Code)
		}
		return
	}
	t.Error("no mail with the samples")
}

func TestAReplyFromTheMailboxBecomesAComment(t *testing.T) {
	d := newDesk(t)
	for i, c := range Clients() {
		it := d.mailOf("claire@atelier-moreau.example", 1)
		words := "Réponse écrite avec " + c.Name + " :\nc’est parfait.\n\nMerci !"
		w := d.answer(it.Delivery.ID, map[string]string{"words": strings.ReplaceAll(words, "\n", "\r\n"), "client": c.Key}, map[string]string{"façade.txt": "gris"})
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d %s", c.Key, w.Code, w.Body)
		}
		page := d.get(strings.TrimSuffix(w.Header().Get("Location"), "#done"))
		if !strings.Contains(page, templates.T("en", "disposition.posted")) || !strings.Contains(page, `href="/tasks/1#c-`) {
			t.Errorf("%s: what became of it is not said", c.Key)
		}
		v, err := d.h.core.Task(t.Context(), d.h.operator(t), 1, "")
		if err != nil {
			t.Fatal(err)
		}
		last := v.Comments[len(v.Comments)-1]
		if last.Text != words || v.People[last.Author].Name != "Claire Moreau" || len(last.Attachments) != 1 || last.Attachments[0].Name != "façade.txt" {
			t.Errorf("%d %s: the comment is %q by %s with %+v", i, c.Key, last.Text, v.People[last.Author].Name, last.Attachments)
		}
	}
}

func TestSomebodyElsesReplyIsHeld(t *testing.T) {
	d := newDesk(t)
	it := d.mailOf("claire@atelier-moreau.example", 1)
	op := d.h.operator(t)
	julien, err := d.h.core.PersonByAddress(t.Context(), op.Account.ID, "julien@atelier-moreau.example")
	if err != nil {
		t.Fatal(err)
	}
	for reason, fields := range map[string]map[string]string{
		"token.other":    {"words": "C’est moi.", "as": string(julien.ID)},
		"token.stranger": {"words": "It is me.", "address": "eve@elsewhere.example"},
	} {
		w := d.answer(it.Delivery.ID, fields, nil)
		if w.Code != http.StatusSeeOther {
			t.Fatalf("%s: %d", reason, w.Code)
		}
		page := d.get(strings.TrimSuffix(w.Header().Get("Location"), "#done"))
		if !strings.Contains(page, templates.T("en", "disposition.held")) || !strings.Contains(page, `href="/held"`) {
			t.Errorf("%s: the page does not say that it is held", reason)
		}
		held, err := d.h.core.Messages(t.Context(), op, core.MessageFilter{Disposition: core.Held, Limit: 1})
		if err != nil || held[0].Receipt.Reason != reason {
			t.Errorf("%+v, want %s", held, reason)
		}
	}
}

func TestAMistakeInTheFormKeepsTheWords(t *testing.T) {
	d := newDesk(t)
	it := d.mailOf("claire@atelier-moreau.example", 1)
	for want, fields := range map[string]map[string]string{
		"mailbox.error.empty":   {"words": " \r\n "},
		"mailbox.error.address": {"words": "Hello <b>", "address": "no address"},
		"mailbox.error.refused": {"words": "Hello <b>"},
	} {
		if want == "mailbox.error.refused" {
			d.box.deliver = func(context.Context, string, string, []byte) error { return errors.New("452 4.3.1 <full>") }
		}
		w := d.answer(it.Delivery.ID, fields, nil)
		text := templates.T("en", want, "address", "no address", "text", "452 4.3.1 &lt;full&gt;")
		if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), text) || want != "mailbox.error.empty" && !strings.Contains(w.Body.String(), "Hello &lt;b&gt;</textarea>") {
			t.Errorf("%s: %d", want, w.Code)
		}
	}
}

func TestOnlyThisComputerSeesTheMailbox(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		remote, host string
		status       int
	}{
		{"127.0.0.1:5", "127.0.0.1:8080", 200}, {"[::1]:5", "localhost:8080", 200}, {"[::1]:5", "[::1]:8080", 200},
		{"192.0.2.7:5", "127.0.0.1:8080", 403}, {"127.0.0.1:5", "evil.example", 403}, {"127.0.0.1:5", "192.0.2.1:8080", 403}, {"", "localhost", 403},
	} {
		r := httptest.NewRequest("GET", "http://x/mailbox/", nil)
		r.RemoteAddr, r.Host = c.remote, c.host
		w := httptest.NewRecorder()
		d.box.ServeHTTP(w, r)
		if w.Code != c.status || c.status == 403 && strings.Contains(w.Body.String(), "kranich") {
			t.Errorf("from %q to %q: %d", c.remote, c.host, w.Code)
		}
	}
}

func TestAddressesThatLeadNowhereAreNotFound(t *testing.T) {
	d := newDesk(t)
	for _, path := range []string{"/mailbox/mail/x", "/mailbox/mail/" + string(core.NewID()), "/mailbox/person/" + string(core.NewID()), "/mailbox/other"} {
		if w := d.request("GET", path, nil, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	empty := NewMailbox(newHouse(t).core, nil, nil)
	d.box = empty
	if !strings.Contains(d.get("/mailbox/"), templates.T("en", "mailbox.none")) {
		t.Error("an empty mailbox does not say so")
	}
}

func TestAMailThatCannotBeAnsweredHasNoForm(t *testing.T) {
	d := newDesk(t)
	op := d.h.operator(t)
	changed, end := d.h.core.Bus().Subscribe(core.OutboxTopic(op.Account.ID))
	defer end()
	for {
		list, err := d.h.core.Deliveries(t.Context(), op, core.DeliveryFilter{State: core.DeliverySent, Limit: 200})
		if err != nil {
			t.Fatal(err)
		}
		for _, it := range list {
			raw, err := d.h.core.Captured(t.Context(), op.Account.ID, it.Delivery.ID)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(raw, []byte("\nReply-To:")) {
				continue
			}
			page := d.get("/mailbox/mail/" + string(it.Delivery.ID))
			if strings.Contains(page, "<textarea") || !strings.Contains(page, templates.T("en", "mailbox.noreply")) {
				t.Error("there is a form")
			}
			if w := d.answer(it.Delivery.ID, map[string]string{"words": "x"}, nil); w.Code != http.StatusUnprocessableEntity {
				t.Errorf("an answer: %d", w.Code)
			}
			return
		}
		select {
		case <-changed: // the mail about the held message comes after the task was quiet
		case <-time.After(10 * time.Second):
			t.Fatal("nobody was told of the held message")
		}
	}
}

func TestNewMailIsToldToOpenPages(t *testing.T) {
	d := newDesk(t)
	server := httptest.NewServer(d.box)
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", server.URL+"/mailbox/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	lines := bufio.NewScanner(res.Body)
	if !lines.Scan() || lines.Text() != "retry: 2000" {
		t.Fatalf("the stream begins with %q", lines.Text())
	}
	if w := d.answer(d.mailOf("claire@atelier-moreau.example", 1).Delivery.ID, map[string]string{"words": "Bonjour"}, nil); w.Code != http.StatusSeeOther {
		t.Fatal(w.Code)
	}
	for lines.Scan() {
		if lines.Text() == "event: mail" {
			return
		}
	}
	t.Error("nothing was told")
}

func TestTheMailboxSpeaksEveryLanguage(t *testing.T) {
	d := newDesk(t)
	it := d.mailOf("claire@atelier-moreau.example", 1)
	for _, locale := range templates.Locales() {
		for _, path := range []string{"/mailbox/", "/mailbox/mail/" + string(it.Delivery.ID)} {
			r := httptest.NewRequest("GET", "http://localhost"+path, nil)
			r.RemoteAddr = "127.0.0.1:5"
			r.Header.Set("Accept-Language", locale)
			w := httptest.NewRecorder()
			d.box.ServeHTTP(w, r)
			if !strings.Contains(w.Body.String(), templates.T(locale, "mailbox.warning")) || regexp.MustCompile(`>mailbox\.`).MatchString(w.Body.String()) {
				t.Errorf("%s %s lacks words", locale, path)
			}
		}
	}
}

func TestAMailIsShownWithThePicturesItCarries(t *testing.T) {
	m := &mail.Message{HTML: `<p><img src="cid:logo@x" alt="Firm"><img src="cid:other@x">`, Attachments: []mail.Attachment{
		{Name: "logo.png", Type: "image/png", ContentID: "logo@x", Inline: true, Content: []byte("abc")},
		{Name: "page.html", Type: "text/html", ContentID: "other@x", Inline: true, Content: []byte("<script>")}}}
	if got := withPictures(m); got != `<p><img src="data:image/png;base64,YWJj" alt="Firm"><img src="cid:other@x">` {
		t.Error(got)
	}
}
