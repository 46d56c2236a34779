package web

import (
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"planpost/templates"
)

// views are the views of all pages; a page without one fails a test below.
var views = map[string]any{
	"endedlink":    endedView{},
	"activate":     linkView{},
	"forgot":       forgotView{},
	"reset":        linkView{},
	"quickstart":   Frame{},
	"signin":       signinView{},
	"profile":      profileView{},
	"choose":       chooseView{},
	"setup":        setupView{},
	"tasks":        tasksView{},
	"search":       searchView{},
	"task":         taskView{},
	"conversation": talk{},
	"newtask":      newTaskView{},
	"plans":        plansView{},
	"plan":         planView{},
	"planpreview":  previewView{},
	"planform":     planFormView{},
	"approvallink": approvalLinkView{},

	"holders":         holdersView{},
	"sheets":          sheetsView{},
	"send":            sendView{},
	"sendings":        sendingsView{},
	"sending":         sendingView{},
	"download":        downloadView{},
	"projects":        projectsView{},
	"project":         projectView{},
	"newproject":      newProjectView{},
	"people":          peopleView{},
	"edituser":        editUserView{},
	"rates":           ratesView{},
	"deputy":          deputyView{},
	"work":            workView{},
	"import":          importView{},
	"person":          personView{},
	"newperson":       newPersonView{},
	"messages":        messagesView{},
	"message":         messageView{},
	"held":            heldView{},
	"outbox":          outboxView{},
	"suppressed":      suppressedView{},
	"health":          mailHealthView{},
	"guide":           mailGuideView{},
	"boxes":           boxesView{},
	"box":             boxView{},
	"boxform":         boxFormView{},
	"boxagreed":       agreedView{},
	"mutelink":        muteLinkView{},
	"delivery":        deliveryView{},
	"edittask":        editTaskView{},
	"calendar":        calendarView{},
	"newvisit":        visitFormView{},
	"visit":           visitFormView{},
	"hours":           hoursView{},
	"notes":           notesView{},
	"notif":           notifView{},
	"bell":            bellView{},
	"tasksight":       sightView{},
	"publish":         publishView{},
	"movecomment":     moveView{},
	"commenthistory":  historyView{},
	"templates":       templatesView{},
	"template":        templateView{},
	"guestsight":      guestSight{},
	"editcontact":     contactView{},
	"companies":       companiesView{},
	"company":         companyView{},
	"editcompany":     editCompanyView{},
	"editproject":     editProjectView{},
	"projectsight":    editProjectView{},
	"projectsettings": projectView{},
	"participants":    participantsView{},
	"invite":          bringInView{},
	"place":           placeView{},
	"blockpreview":    blockView{},
	"blockreceipt":    blockView{},
	"bin":             binView{},
	"log":             logView{},
	"register":        registerView{},
	"address":         addressView{},
	"newaddress":      newAddressView{},
	"role":            roleView{},
	"transfer":        transferView{},
	"why":             whyView{},
	"error":           errorView{},
	"security":        securityView{},
	"settings":        settingsView{},
	"ip":              ipView{},
	"access":          accessView{},
	"factor":          factorView{},
	"givefactor":      factorView{},
	"recovery":        factorView{},
	"personlinks":     personLinksView{},
	"linkhistory":     linkHistoryView{},
	"uninvited":       uninvitedView{},
	"guesttask":       guestTaskView{},
	"dashboard":       dashboardView{},
	"dashboarddoor":   doorView{},
	"guestnew":        guestNewView{},
	"guestaccesspage": browsersView{},
	"code":            codeView{},
}

// hostile is what a stranger might write anywhere.
const hostile = "\"'><script>alert(1)</script><img src=x onerror=alert(1)> javascript:alert(1) {{.}} {who} \u202e\x00 Страница ☂ "

// fill sets every field of v: texts to s, numbers, booleans, and lists of n.
func fill(v reflect.Value, s string, n, depth int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(int64(n))
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(uint64(n))
	case reflect.Bool:
		v.SetBool(n > 0)
	case reflect.Pointer:
		if v.Type() == reflect.TypeFor[*time.Location]() {
			v.Set(reflect.ValueOf(time.UTC))
			return
		}
		if n > 0 && depth > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), s, n, depth-1)
		}
	case reflect.Slice:
		if depth == 0 {
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		for i := range n {
			fill(v.Index(i), s, n, depth-1)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			if n > 0 {
				v.Set(reflect.ValueOf(time.Date(2026, 5, 4, 9, 15, 0, 0, time.UTC)))
			}
			return
		}
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(v.Field(i), s, n, depth)
			}
		}
	}
}

func TestEveryPageRendersWithFullEmptyAndHostileViewsInEveryLanguage(t *testing.T) {
	sizes := map[string]struct {
		text string
		n    int
	}{"empty": {"", 0}, "full": {"Plain words", 2}, "hostile": {hostile, 2}, "long": {strings.Repeat("Donaudampfschifffahrt", 200), 1}}
	for name, zero := range views {
		for title, size := range sizes {
			view := reflect.New(reflect.TypeOf(zero)).Elem()
			fill(view, size.text, size.n, 6)
			clearHTML(view)
			for _, locale := range templates.Locales() {
				var b strings.Builder
				if err := templates.Page(&b, locale, name, view.Interface()); err != nil {
					t.Fatalf("%s, %s, %s: %v", name, title, locale, err)
				}
				checkPage(t, fmt.Sprintf("%s, %s, %s", name, title, locale), b.String())
			}
		}
	}
}

// clearHTML takes out what is trusted to be safe: that is not for templates to escape.
func clearHTML(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		if v.Type() == reflect.TypeFor[template.HTML]() {
			v.SetString("")
		}
	case reflect.Slice:
		for i := range v.Len() {
			clearHTML(v.Index(i))
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				clearHTML(v.Field(i))
			}
		}
	}
}

// checkPage parses a page and looks for what must never be in one.
func checkPage(t *testing.T, what, page string) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	ids, labels, fields := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for n := range root.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" {
				t.Errorf("%s: <%s %s=…>, which the content policy forbids", what, n.Data, a.Key)
			}
			if (a.Key == "href" || a.Key == "src" || a.Key == "action") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("%s: a script in %s", what, a.Key)
			}
		}
		if n.Data == "script" && !strings.HasPrefix(attr["src"], "/static/") {
			t.Errorf("%s: a script within the page", what)
		}
		if id := attr["id"]; id != "" && !strings.Contains(id, "-") { // ids made of data repeat when the data do
			if ids[id] {
				t.Errorf("%s: the id %q is there twice", what, id)
			}
			ids[id] = true
		}
		switch n.Data {
		case "label":
			labels[attr["for"]] = true
		case "input", "select", "textarea":
			if attr["type"] != "hidden" && attr["type"] != "checkbox" && attr["aria-label"] == "" {
				fields[attr["id"]] = true
			}
		case "img":
			if _, ok := attr["alt"]; !ok {
				t.Errorf("%s: a picture without words for it", what)
			}
		}
	}
	for id := range fields {
		if !labels[id] {
			t.Errorf("%s: the field %q has no label", what, id)
		}
	}
}

func TestEveryPageTemplateHasAViewInTheTest(t *testing.T) {
	paths, err := filepath.Glob("../templates/pages/*.html")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	whole := regexp.MustCompile(`\{\{define "(\w+)"\}\}\{\{template "top"`)
	for _, path := range paths {
		src, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range whole.FindAllStringSubmatch(string(src), -1) {
			if _, ok := views[m[1]]; !ok && !elsewhere[m[1]] {
				t.Errorf("%s: the page %q has no view here", path, m[1])
			}
		}
	}
}

// elsewhere are pages whose views belong to other rooms.
var elsewhere = map[string]bool{"mailbox": true, "mailboxmail": true}
