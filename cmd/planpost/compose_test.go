package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// compose is what of docker-compose.yml concerns us.
type compose struct {
	Services map[string]struct {
		User        string            `yaml:"user"`
		ReadOnly    bool              `yaml:"read_only"`
		Environment map[string]string `yaml:"environment"`
		Healthcheck struct {
			Test []string `yaml:"test"`
		} `yaml:"healthcheck"`
	} `yaml:"services"`
}

func TestTheComposeFileUsesSettingsThatExistAndAreValid(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "..", "docker-compose.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var c compose
	if err := yaml.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	gateway := c.Services["gateway"]
	if len(gateway.Environment) == 0 || !gateway.ReadOnly || strings.HasPrefix(gateway.User, "0") || gateway.User == "" {
		t.Fatalf("the gateway must be set up, read-only and not root: %+v", gateway)
	}
	known := map[string]bool{}
	var cfg Config
	for _, s := range settings(&cfg) {
		known[s.env] = true
	}
	for name := range gateway.Environment {
		if !known[name] {
			t.Errorf("%s is no setting of the program", name)
		}
	}
	if _, err := loadConfig("", func(k string) string { return gateway.Environment[k] }); err != nil {
		t.Error(err)
	}
	for name, s := range c.Services {
		if len(s.Healthcheck.Test) == 0 {
			t.Errorf("%s has no health check", name)
		}
	}
}
