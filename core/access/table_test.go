package access

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"slices"
	"strings"
	"testing"
)

// tableDigest pins the table. Whoever changes a right changes this line too, in
// the same commit, after the rows before and after were read by a second person.
const tableDigest = "3ca15ce0366e7614228ae1faa822164b75c2a5708e24334037279b483fff2f53"

func TestTableChangesOnlyAsAReviewedDiff(t *testing.T) {
	text, err := os.ReadFile("permissions.tsv")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(text)
	if got := hex.EncodeToString(sum[:]); got != tableDigest {
		t.Fatalf("permissions.tsv has changed (%s). A change of rights is a reviewed diff: have it read, then pin it here.", got)
	}
	if string(text) != permissionsTSV {
		t.Fatal("the embedded table is not the file")
	}
}

func TestEveryCellIsReadAsItIsWritten(t *testing.T) {
	rows := readTSV(t)
	if len(rows) != len(Actions()) || len(rows) != 172 {
		t.Fatalf("%d rows in the file, %d actions known, want 172", len(rows), len(Actions()))
	}
	for i, row := range rows {
		if Actions()[i] != row.action || !Known(row.action) || Object(row.action) != row.object {
			t.Errorf("row %d: action %q on %q not as in the file", i, row.action, row.object)
		}
		for s, text := range row.cells {
			cell, ok := CellOf(row.action, s)
			if !ok || cell.String() != text {
				t.Errorf("%s, %s: read %q, written %q", row.action, s, cell, text)
			}
		}
	}
}

func TestEveryObjectIsOneOfTheDesign(t *testing.T) {
	known := strings.Fields("account settings log user company contact project task comment plan plan_version document " +
		"vault approval link delivery quote invoice review booking visit session address person inbound mailbox " +
		"routing report dashboard tender any")
	for _, row := range readTSV(t) {
		if !slices.Contains(known, row.object) {
			t.Errorf("%s: unknown object %q", row.action, row.object)
		}
	}
}

func TestEveryFactDecidesSomething(t *testing.T) {
	var words []string
	for _, row := range readTSV(t) {
		for _, cell := range row.cells {
			words = append(words, wordsOf(cell)...)
		}
	}
	for _, f := range AllFacts() {
		if !slices.Contains(words, f.String()) {
			t.Errorf("fact %s is in no cell and in no fact of a cell", f)
		}
	}
}

func TestABrokenTableIsRefused(t *testing.T) {
	cells := func(cell string) string {
		return strings.SplitN(permissionsTSV, "\n", 2)[0] + "\nx.do\tuser\t" + cell + "\tN\tN\tN\tN\tN\tN\tN\t\t\n"
	}
	if _, err := readTable(cells("Y")); err == nil || !strings.Contains(err.Error(), "reading action") {
		t.Errorf("a table without the reading actions: %v", err)
	}
	for cell, want := range map[string]string{
		"":                "unknown fact",
		"MAYBE":           "unknown fact",
		"MEM|":            "unknown fact",
		"MEM&&ACL":        "unknown fact",
		"!!MEM":           "unknown fact",
		"mem":             "unknown fact",
		"MEM & ACL":       "unknown fact",
		"Y|MEM":           "unknown fact",
		"MEM&!MEM":        "stands twice",
		"MEM&MEM":         "stands twice",
		"Y+hide":          "unknown obligation",
		"Y+":              "unknown obligation",
		"Y+assurance>=":   "unknown obligation",
		"Y+assurance>=10": "unknown obligation",
		"N+mask":          "never allowed",
		"MEM|ACL+mask":    "ambiguous",
	} {
		if _, err := readTable(cells(cell)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("cell %q: got %v, want %q", cell, err, want)
		}
	}
	for name, text := range map[string]string{
		"twice":   permissionsTSV + "task.view\ttask\tY\tY\tN\tN\tN\tN\tN\tN\t\t\n",
		"short":   permissionsTSV + "x.do\ttask\tY\n",
		"swapped": strings.Replace(permissionsTSV, "owner\tadmin", "admin\towner", 1),
		"header":  strings.Replace(permissionsTSV, "\tnote", "", 1),
		"empty":   "",
	} {
		if _, err := readTable(text); err == nil {
			t.Errorf("%s: a broken table was read", name)
		}
	}
}

func TestObligationsReachTheAnswer(t *testing.T) {
	cell, err := parseCell("MEM&ACL+warn+assurance>=2")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"warn", "assurance>=2"}; !slices.Equal(cell.Obligations, want) {
		t.Errorf("obligations %v, want %v", cell.Obligations, want)
	}
	for _, row := range readTSV(t) {
		for s, text := range row.cells {
			_, obligation, _ := strings.Cut(text, "+")
			answer := ask(row.action, s, factsOfWords(t, allTrue(wordsOf(text))))
			if obligation != "" && (!answer.Allowed || !answer.Must(obligation)) {
				t.Errorf("%s, %s: %+v does not oblige to %s", row.action, s, answer, obligation)
			}
			if obligation == "" && len(answer.Obligations) != 0 {
				t.Errorf("%s, %s: obligations %v out of nothing", row.action, s, answer.Obligations)
			}
		}
	}
}

func allTrue(words []string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[w] = true
	}
	return set
}

func TestACellHandedOutIsTheCallersOwn(t *testing.T) {
	cell, _ := CellOf("task.view", ExternalBasic)
	cell.Any[0][0] = Literal{Fact: Open}
	masked, _ := CellOf("delivery.view", TechnicalAdministrator)
	masked.Obligations[0] = "nothing"
	if again, _ := CellOf("task.view", ExternalBasic); again.String() != "REL|CPY" {
		t.Errorf("a caller changed the table: %s", again)
	}
	if answer := ask("delivery.view", TechnicalAdministrator, 0); !answer.Must(Mask) {
		t.Errorf("a caller took away an obligation: %+v", answer)
	}
	Actions()[0] = "gone"
	if Actions()[0] != "account.settings.view" {
		t.Error("a caller changed the list of actions")
	}
}
