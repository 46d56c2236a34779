package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func none(string) string { return "" }

func TestNoConfigurationIsAWorkingOne(t *testing.T) {
	c, err := loadConfig("", none)
	if err != nil {
		t.Fatal(err)
	}
	if c.Web.Listen != "127.0.0.1:8080" || c.databaseURL() != "sqlite:planpost-data/planpost.db" || c.Mailer.GiveUp != 48*time.Hour {
		t.Errorf("defaults: %+v", c)
	}
}

func writeFile(t *testing.T, text string) string {
	t.Helper()
	f := filepath.Join(t.TempDir(), "F.yaml")
	if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return f
}

func TestTheEnvironmentOverridesTheFile(t *testing.T) {
	secret := filepath.Join(t.TempDir(), "password")
	if err := os.WriteFile(secret, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, "web:\n  listen: 127.0.0.1:1\nsmtp:\n  listen: [127.0.0.1:25, 127.0.0.1:26]\nmailer:\n  password_file: "+secret+"\n")
	env := map[string]string{"PLANPOST_WEB_LISTEN": "127.0.0.1:9", "PLANPOST_MAILER_RETRY": "1m,2m"}
	c, err := loadConfig(file, func(k string) string { return env[k] })
	if err != nil {
		t.Fatal(err)
	}
	if c.Web.Listen != "127.0.0.1:9" || len(c.SMTP.Listen) != 2 || c.Mailer.Password != "s3cret" || len(c.Mailer.Retry) != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestEveryMistakeIsReportedAtOnceWithItsLineAndCure(t *testing.T) {
	file := writeFile(t, `web:
  listen: here
smtp:
  max_recipients: many
  lissten: 127.0.0.1:25
mailer:
  tls: maybe
notify:
  quiet: 5 minutes
colour: blue
`)
	_, err := loadConfig(file, none)
	if err == nil {
		t.Fatal("no mistake found")
	}
	for _, want := range []string{
		":4: smtp.max_recipients: \"many\" is not a whole number",
		":5: there is no setting smtp.lissten. Did you mean smtp.listen?",
		":7: mailer.tls: \"maybe\" is none of none, opportunistic, required, implicit",
		":9: notify.quiet: \"5 minutes\" is not a length of time; write it like 90s",
		":10: there is no setting colour",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing %q in:\n%v", want, err)
		}
	}
}

func TestMistakesThatShowOnlyTogether(t *testing.T) {
	cases := []struct{ text, want string }{
		{"web:\n  listen: here\n", ":2: web.listen: here is not host:port"},
		{"web:\n  tls_cert: a.pem\n", "web.tls_cert and web.tls_key belong together"},
		{"mailer:\n  senders:\n    digest: news\n", ":3: mailer.senders.digest: news is not an address"},
		{"mail_domain: bad domain\n", ":1: mail_domain: bad domain is not a domain"},
		{"base_url: planpost.example\n", ":1: base_url: planpost.example is not the address of a site"},
		{"smtp:\n  trusted: [10.0.0.0]\n", ":2: smtp.trusted: 10.0.0.0 is no network"},
		{"mailer:\n  tls: none\n  user: x\n", "mailer.tls: none, with a login"},
		{"alarm:\n  webhook: alarm.example\n", ":2: alarm.webhook is not an address"},
		{"alarm:\n  webhook: https://alarm.example\n  secret: short\n", ":3: alarm.secret is too short"},
		{"notify:\n  quiet: 10m\n", "notify.quiet_max is shorter than notify.quiet"},
		{"master_key: abc\n", ":1: master_key: a master key has 64 hexadecimal characters"},
		{"web:\n  listen: 127.0.0.1:1\n  listen: 127.0.0.1:2\n", ":3: web.listen stands here a second time"},
		{"web: [\n", "did not find"},
	}
	for _, c := range cases {
		_, err := loadConfig(writeFile(t, c.text), none)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q:\n got %v\nwant %q", c.text, err, c.want)
		}
	}
	if _, err := loadConfig(filepath.Join(t.TempDir(), "none.yaml"), none); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing file: %v", err)
	}
}

func TestAHalfWrittenMasterKeyIsNeverLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	first, err := keyFile(path)
	if err != nil {
		t.Fatal(err)
	}
	again, err := keyFile(path)
	if err != nil || again != first {
		t.Errorf("the key changed between starts: %v", err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func TestTheReferenceNamesEverySetting(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docs", "configuration.md"))
	if err != nil {
		t.Fatal(err)
	}
	if want := reference(); string(b) != want {
		t.Error("docs/configuration.md is not what the program says; write it anew with: go run ./cmd/planpost config --reference > docs/configuration.md")
	}
}
