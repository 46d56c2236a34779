package main

import (
	"fmt"
	"strings"
)

// reference is the documentation of every setting, made from the tags of Config.
func reference() string {
	var b strings.Builder
	b.WriteString(`# Settings

Every setting has a default; none is needed for a local instance. Order: default, file (` + "`--config F.yaml`" + `), environment, flag.
A list is a YAML list in the file and separated by commas in the environment. Secrets can also be read from a file: append
` + "`_file`" + ` to the name in YAML, ` + "`_FILE`" + ` to the variable. ` + "`planpost config`" + ` shows what is in force, ` + "`planpost check`" + ` looks whether it works.
All mistakes are reported at once, each with its line and cure, and nothing starts until they are mended.

| setting | variable | default | meaning |
|---|---|---|---|
`)
	var c Config
	for _, s := range settings(&c) {
		def := "–"
		if s.def != "" {
			def = "`" + s.def + "`"
		}
		doc := s.doc
		if s.secret {
			doc += " A secret: hidden, and may come from a file."
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", s.path, s.env, def, doc)
	}
	return b.String()
}
