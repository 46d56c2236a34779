package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"planpost/core"
)

// begins tells the site of a file, as the page's script does.
func (b *browser) begins(project core.ID, name string, size int) uploadAnswer {
	b.p.t.Helper()
	a := b.wants(b.post("/projects/"+string(project)+"/uploads", "name", name, "type", "application/pdf", "size", fmt.Sprint(size), "mark", "7"), http.StatusOK)
	return uploadRead(b.p.t, a.body)
}

func uploadRead(t testing.TB, body string) (u uploadAnswer) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &u); err != nil {
		t.Fatalf("%v in %s", err, clip(body))
	}
	return u
}

func (b *browser) part(project, id core.ID, at int, content string) answer {
	b.p.t.Helper()
	r, err := http.NewRequest("POST", fmt.Sprintf("%s/projects/%s/uploads/%s?at=%d", b.p.url, project, id, at), strings.NewReader(content))
	must(b.p.t, err)
	return b.send(r)
}

func (p *place) projectCalled(name string) core.ID {
	p.t.Helper()
	j, err := p.core.CreateProject(p.t.Context(), &core.Actor{Person: p.owner, Account: p.account}, core.NewProject{Name: name})
	must(p.t, err)
	return j.ID
}

// planProject is one in which eve takes part.
func planProject(p *place) (eve core.Person, project core.ID) {
	eve = p.person("Eve")
	project = p.projectCalled("House")
	must(p.t, p.core.AddParticipant(p.t.Context(), &core.Actor{Person: p.owner, Account: p.account}, project, eve.ID, false, false))
	return eve, project
}

func TestD1FilesComeInPartsAndBecomeAPlan(t *testing.T) {
	p := newPlace(t)
	eve, project := planProject(p)
	b := p.as(eve)
	u := b.begins(project, "ground.pdf", 10)
	if got := uploadRead(t, b.wants(b.part(project, u.ID, 0, "%PDF-"), http.StatusOK).body); got.Received != 5 || got.Done {
		t.Errorf("%+v", got)
	}
	form := "/projects/" + string(project) + "/plans/new"
	page := b.wants(b.get(form), 200, "ground.pdf", "c-"+string(u.ID)).body
	if strings.Contains(page, `value="`+string(u.ID)) {
		t.Error("half a file can be used")
	}
	if got := uploadRead(t, b.wants(b.part(project, u.ID, 0, "%PDF-"), http.StatusConflict).body); got.Received != 5 || got.Code != "upload.moved" || got.Error == "" {
		t.Errorf("a part that came before: %+v", got)
	}
	b.wants(b.post("/projects/"+string(project)+"/plans", "kind", "plan", "number", "G-1", "index", "A", "author", string(eve.ID), "upload", string(u.ID)+" print"), http.StatusConflict, "ground.pdf")
	if got := uploadRead(t, b.wants(b.part(project, u.ID, 5, "1.7 x"), http.StatusOK).body); !got.Done || got.Class != "print" || got.About == "" {
		t.Errorf("%+v", got)
	}
	b.wants(b.get(form), 200, `value="`+string(u.ID)+` print">`, `<option value="" selected>`) // it may be meant for another form
	made := b.post("/projects/"+string(project)+"/plans", "kind", "plan", "number", "G-1", "index", "A", "author", string(eve.ID), "upload", string(u.ID)+" print")
	if made.status != http.StatusSeeOther {
		t.Fatalf("%d %s", made.status, clip(made.body))
	}
	b.wants(b.get(made.location()), 200, "G-1", "ground.pdf")
	if page := b.get(form).body; strings.Contains(page, "ground.pdf") {
		t.Error("it waits for a form once more")
	}
}

func TestD1TwoAtOnceForTheSameNumberLoseNothing(t *testing.T) {
	p := newPlace(t)
	eve, project := planProject(p)
	b := p.as(eve)
	at := "/projects/" + string(project) + "/plans"
	var ids []string
	for i, content := range []string{"first", "other"} {
		u := b.begins(project, fmt.Sprintf("g%d.pdf", i), 5)
		b.wants(b.part(project, u.ID, 0, content), http.StatusOK)
		ids = append(ids, string(u.ID))
	}
	form := func(id string) answer {
		return b.post(at, "kind", "plan", "number", "G-1", "index", "A", "author", string(eve.ID), "upload", id+" print")
	}
	if a := form(ids[0]); a.status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.status, clip(a.body))
	}
	b.wants(form(ids[1]), http.StatusConflict, "g1.pdf", `value="`+ids[1]+` print" selected`) // the file waits on
	made := b.post(at, "kind", "plan", "number", "G-2", "index", "A", "author", string(eve.ID), "upload", ids[1]+" print")
	b.wants(b.get(made.location()), 200, "G-2", "g1.pdf")
}

func TestD1WithoutScriptTheFormSendsItsFiles(t *testing.T) {
	p := newPlace(t)
	eve, project := planProject(p)
	b := p.as(eve)
	send := func(files map[string]string, pairs ...string) answer {
		var body bytes.Buffer
		m := multipart.NewWriter(&body)
		for i := 0; i < len(pairs); i += 2 {
			_ = m.WriteField(pairs[i], pairs[i+1])
		}
		for _, name := range []string{"a.pdf", "b.dwg", "empty.pdf", ""} {
			if content, ok := files[name]; ok {
				w, _ := m.CreateFormFile("file", name)
				_, _ = w.Write([]byte(content))
			}
		}
		_ = m.Close()
		r, err := http.NewRequest("POST", p.url+"/projects/"+string(project)+"/plans", &body)
		must(t, err)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return b.send(r)
	}
	fields := []string{"kind", "plan", "number", "G-1", "index", "A", "author", string(eve.ID)}
	b.wants(send(map[string]string{"": ""}, fields...), http.StatusUnprocessableEntity)
	a := send(map[string]string{"a.pdf": "%PDF-1.7", "empty.pdf": ""}, fields...)
	b.wants(a, http.StatusUnprocessableEntity, "empty.pdf", "a.pdf", `value="G-1"`) // the good one is kept
	made := send(map[string]string{"a.pdf": "%PDF-1.7", "b.dwg": "AC1032"}, fields...)
	if made.status != http.StatusSeeOther {
		t.Fatalf("%d %s", made.status, clip(made.body))
	}
	b.wants(b.get(made.location()), 200, "a.pdf", "b.dwg", "CAD")
}

func TestD1AnUploadIsGivenUpAndIsNobodyElses(t *testing.T) {
	p := newPlace(t)
	eve, project := planProject(p)
	b := p.as(eve)
	u := b.begins(project, "a.pdf", 3)
	at := "/projects/" + string(project) + "/uploads/" + string(u.ID)
	other := p.projectCalled("Other")
	b.wants(b.part(other, u.ID, 0, "abc"), http.StatusNotFound)
	b.wants(p.as(p.owner).part(project, u.ID, 0, "abc"), http.StatusNotFound)
	b.wants(b.part(project, u.ID, 0, "abcd"), http.StatusUnprocessableEntity, "upload.longer")
	b.wants(b.post("/projects/"+string(project)+"/uploads", "name", "a.pdf", "size", "0"), http.StatusUnprocessableEntity, "upload.empty")
	b.wants(b.post(at+"/drop"), http.StatusOK)
	b.wants(b.post(at+"/drop"), http.StatusNotFound)
	b.wants(b.part(project, u.ID, 0, "abc"), http.StatusNotFound)
}
