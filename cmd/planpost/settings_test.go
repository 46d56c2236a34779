package main

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"planpost/core"
)

// A8: whatever a page changes, a command changes too.
func TestA8EverySettingIsShownAndChangedByACommand(t *testing.T) {
	s := furnished(t)
	values := map[string]string{"name": "Stahl = Bau", "color": core.Palette[2], "languages": "en de", "locale": "de", "zone": "Asia/Tokyo", "invitation": "12", "intake": "eve@holzbau.test", "proofcomment": "proven", "prooffiles": "signed", "proofcommand": "signed", "proofapproval": "signed", "sealers": "lists.example.org", "minpassword": "20", "mailrate": "9", "undo": "90", "mailfoot": "Holzbau GmbH\nWien", "unhidden": "on"}
	values["replies"] = objects(t, s.ok("mailbox", "add", "imaps://answers%40boxes.test:none@imap.boxes.test/INBOX", "--json"))[0]["id"].(string) + " off answers@boxes.test"
	shown := map[string]map[string]any{}
	for _, o := range objects(t, s.ok("account", "settings", "--json")) {
		shown[o["name"].(string)] = o
	}
	for _, e := range core.AllSettings() {
		o := shown[e.Name]
		if o == nil || o["action"] != string(e.Action) || o["kind"] != string(e.Kind) || o["may_change"] != true {
			t.Errorf("%s is shown as %v", e.Name, o)
		}
		if e.Kind == core.PictureSetting {
			var b bytes.Buffer
			must(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, 600, 200))))
			file := filepath.Join(t.TempDir(), "mark.png")
			must(t, os.WriteFile(file, b.Bytes(), 0o600))
			out := objects(t, s.ok("account", "settings", "--json", "--"+e.Name, file, "--as", "olga@holzbau.test"))
			values[e.Name], _ = out[slices.IndexFunc(out, func(o map[string]any) bool { return o["name"] == e.Name })]["value"].(string)
			if values[e.Name] == "" {
				t.Errorf("%s is not kept: %v", e.Name, out)
			}
			continue
		}
		value, ok := values[e.Name]
		if !ok {
			t.Errorf("%s: say what it is changed to", e.Name)
			continue
		}
		s.ok("account", "settings", "--set", e.Name+"="+value, "--as", "olga@holzbau.test")
	}
	for _, o := range objects(t, s.ok("account", "settings", "--json")) {
		want := values[o["name"].(string)]
		if o["name"] == "intake" {
			want = objects(t, s.ok("user", "list", "--json"))[0]["id"].(string)
		}
		if o["value"] != want {
			t.Errorf("%s is %v, not %q", o["name"], o["value"], want)
		}
	}
	s.bad(1, "from 1 to 30", "account", "settings", "--set", "name=Other", "--set", "invitation=90")
	s.bad(1, "PNG, JPEG or GIF", "account", "settings", "--logo", "settings_test.go")
	s.ok("account", "settings", "--set", "logo=")
	s.bad(1, "write NAME=VALUE", "account", "settings", "--set", "name")
	if list := objects(t, s.ok("account", "list", "--json")); list[0]["name"] != "Stahl = Bau" {
		t.Errorf("a refused command changed %v", list[0])
	}
	// A technical administrator has most of them.
	if list := objects(t, s.ok("account", "settings", "--json", "--as", "ted@holzbau.test")); len(list) < 5 || len(list) >= len(core.AllSettings()) {
		t.Errorf("a technical administrator sees %d settings", len(list))
	}
	s.ok("account", "settings", "--set", "zone=Europe/Paris", "--as", "ted@holzbau.test")
	s.run("", "account", "settings", "--set", "aligned=off", "--as", "ted@holzbau.test")
	if out := s.ok("account", "settings", "--json"); !strings.Contains(out, `"value":"Europe/Paris"`) || !strings.Contains(out, `"value":"on"`) {
		t.Errorf("after a technical administrator's commands: %s", out)
	}
}
