package templates

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Every code that a room gives a person must have words. The codes are read
// out of the source: literals at the places where a code can only be one.
func TestEveryCodeInTheSourceHasWords(t *testing.T) {
	found := 0
	for _, room := range []string{"core", "ingest", "smtpd", "mailer", "store", "files", "cluster", "web", "demo"} {
		err := filepath.WalkDir(filepath.Join("..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "/storetest/") {
				return err
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			for _, key := range codesOf(file, room) {
				found++
				if !Has(key) {
					t.Errorf("%s: no words for %q", path, key)
				}
			}
			return nil
		})
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if found < 100 {
		t.Errorf("only %d codes were found: does the test still look at the right places?", found)
	}
}

// codesOf are the keys that a file needs words for.
func codesOf(file *ast.File, room string) (keys []string) {
	add := func(kind string, e ast.Expr) {
		if code := literal(e); code != "" && kind != "" && !strings.HasSuffix(code, ".") {
			keys = append(keys, kind+"."+code)
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if nameOf(n.Fun) == "oweNotice" && len(n.Args) > 4 && literal(n.Args[4]) != "" {
				add("notice", &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(literal(n.Args[4]) + ".subject")})
				add("notice", &ast.BasicLit{Kind: token.STRING, Value: strconv.Quote(literal(n.Args[4]) + ".text")})
			}
			for place, arg := range callCodes(nameOf(n.Fun), room) {
				if arg < len(n.Args) {
					add(place, n.Args[arg])
				}
			}
		case *ast.CompositeLit:
			for _, e := range n.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					add(fieldKind(nameOf(n.Type), nameOf(kv.Key)), kv.Value)
				}
			}
		case *ast.AssignStmt:
			for i := range min(len(n.Lhs), len(n.Rhs)) {
				if s, ok := n.Lhs[i].(*ast.SelectorExpr); ok && s.Sel.Name == "Refuse" {
					add("refuse", n.Rhs[i])
				}
			}
		}
		return true
	})
	return keys
}

// callCodes tells which argument of a call is a code of which kind.
func callCodes(name, room string) map[string]int {
	switch name {
	case "Fail":
		return map[string]int{"error": 1}
	case "end":
		if room == "core" {
			return map[string]int{"reason": 1}
		}
	case "step":
		if room == "core" {
			return map[string]int{"station": 0, "step": 1}
		}
	case "add":
		if room == "ingest" {
			return map[string]int{"station": 0, "step": 1}
		}
	case "note":
		if room == "core" {
			return map[string]int{"log": 3}
		}
	case "refuse":
		if room == "smtpd" {
			return map[string]int{"refuse": 0}
		}
	}
	return nil
}

// fieldKind tells of which kind the code in a field is; empty when it is none.
func fieldKind(typ, field string) string {
	switch {
	case typ == "Error" && field == "Code":
		return "error"
	case typ == "Step" && field == "Code":
		return "step"
	case typ == "Step" && field == "Station":
		return "station"
	case typ == "LogEntry" && field == "Code":
		return "log"
	case typ == "LogEntry" && field == "Via":
		return "via"
	case typ == "Route" && field == "Refuse":
		return "refuse"
	case typ == "Refusal" && field == "Reason":
		return "refuse"
	case typ == "Cut" && field == "Why":
		return "cut"
	case typ == "Attempt" && field == "Outcome":
		return "outcome"
	case (typ == "AttemptResult" || typ == "Receipt" || typ == "Delivery") && field == "Reason":
		return "reason"
	case (typ == "Notification" || typ == "notice") && (field == "Reason" || field == "reason"):
		return "why"
	}
	return ""
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

// literal is the text of a literal; a beginning that is continued at run time is no code.
func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(l.Value)
	if err != nil {
		return ""
	}
	return s
}

// The codes of closed lists elsewhere, whose types do not reach here.
func TestEveryClosedListHasWords(t *testing.T) {
	for kind, codes := range map[string]string{
		"status":      "new working waiting done rejected",
		"disposition": "posted created recorded held ignored duplicate refused",
		"delivery":    "due sent failed cancelled uncertain",
		"outcome":     "sent deferred failed uncertain cancelled",
		"relation":    "assigner assignee coassignee participant auditor",
		"why":         "told assigner assignee coassignee participant auditor manager intake",
		"verified":    "pass fail none temporary",
		"route":       "reply project bounce none",
		"step":        "route.reply route.project route.bounce route.none class.message class.list class.auto-reply class.receipt class.bounce class.feedback verify.pass verify.fail verify.none verify.temporary extract.text extract.html",
		"reason":      "class.message class.list class.auto-reply class.receipt class.bounce class.feedback link.revoked link.expired",
		"mailkind":    "message list auto-reply receipt bounce feedback unreadable",
		"role":        "owner admin techadmin manager employee",
		"personkind":  "user contact address",
		"access":      "none basic advanced",
		"visibility":  "inside participants",
		"result":      "none pass fail softfail neutral temperror permerror",
		"via":         "page mail cli system",
		"mail.entry":  "comment created assigned shared status people due change",
		"log":         "task.set_status task.close task.set_people_dates delivery.retry delivery.cancel",
		"filefate":    "kept inline signature dangerous left",
		"fileway":     "plain named unnamed recurs brought_back danger too_many held",
		"filemark":    "steered double differs",
		"filekind":    "program script webpage drawing macro shortcut disk picture heic pdf document sheet slides archive text sound film mail calendar contact",
		"error.kind":  "internal invalid unauthenticated forbidden notfound conflict expired toolarge limited unavailable",
	} {
		for code := range strings.FieldsSeq(codes) {
			if !Has(kind + "." + code) {
				t.Errorf("no words for %s.%s", kind, code)
			}
		}
	}
	for file, kind := range map[string]string{"../mail/reply/reply.go": "cut", "../mail/auth/verdict.go": "evidence"} {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		pattern := map[string]string{"cut": `(?m)^\tWhy\w+ += "([^"]+)"`, "evidence": `(?m)^\tReason\w+ +(?:Reason )?= "([^"]+)"`}[kind]
		all := regexp.MustCompile(pattern).FindAllStringSubmatch(string(src), -1)
		if len(all) < 5 {
			t.Errorf("%s: only %d codes found", file, len(all))
		}
		for _, m := range all {
			if !Has(kind + "." + m[1]) {
				t.Errorf("no words for %s.%s", kind, m[1])
			}
		}
	}
	src, err := os.ReadFile("../mail/parse.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`Code\w+ += "([a-z_]+)"`).FindAllStringSubmatch(string(src), -1) {
		for _, kind := range []string{"unreadable", "reason.parse"} {
			if !Has(kind + "." + m[1]) {
				t.Errorf("no words for %s.%s", kind, m[1])
			}
		}
	}
}

// A key written in a template must exist: at run time it would be shown as it is.
func TestEveryKeyInATemplateExists(t *testing.T) {
	key := regexp.MustCompile(`\b(t|label|plural) "([^"]+)"`)
	for _, pattern := range []string{"pages/*.html", "mails/*"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			src, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range key.FindAllStringSubmatch(string(src), -1) {
				want := []string{m[2]}
				if m[1] == "plural" {
					want = []string{m[2] + ".one", m[2] + ".other"}
				}
				for _, k := range want {
					if !Has(k) {
						t.Errorf("%s: no words for %q", path, k)
					}
				}
			}
		}
	}
}

// A key given to T by another room must exist too.
func TestEveryKeyGivenToTExists(t *testing.T) {
	key := regexp.MustCompile(`(?:templates\.T\([^,]+, |v\.t\()"([^"]+)"[,)]`)
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || d.Name() == "bench") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		src, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, m := range key.FindAllStringSubmatch(string(src), -1) {
			if !Has(m[1]) {
				t.Errorf("%s: no words for %q", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
