// Command summary reads what "go test -json" prints and tells a person what came of it.
//
// Each package gives a line when it ends, each failure its output, each skip its reason; the last lines count passed,
// failed and skipped per engine. It ends with status 1 when anything failed, when a required test did not run, and,
// where the environment says CI=true, when anything was skipped that could have run. It knows nothing of the product.
//
//	go test -json ./... | summary [-require TestA,TestB] [-optional FOLDER]
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"
)

func main() {
	require := flag.String("require", "", "names of top-level tests, separated by commas, that must be among those that ran")
	optional := flag.String("optional", "../shared", "a folder outside of the project: tests that say in their reason that its corpus is missing may skip while it is")
	flag.Parse()
	c := newCollector(os.Stdout)
	if err := c.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "summary:", err)
		os.Exit(1)
	}
	v := verdict{ci: os.Getenv("CI") == "true", corpus: exists(*optional)}
	if *require != "" {
		v.require = strings.Split(*require, ",")
	}
	if !v.report(os.Stdout, c.results) {
		os.Exit(1)
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
