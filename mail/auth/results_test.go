package auth

import (
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/authres"
)

func TestTheHeaderIsReadBackByAnotherReader(t *testing.T) {
	v := verify(t, world(t), from(goodPeer, "ada@example.org"), sign(t, plainMessage, signing{}))
	id, results, err := authres.Parse(v.Header("mx.planpost.example"))
	if err != nil || id != "mx.planpost.example" || len(results) != 3 {
		t.Fatalf("got %q, %d results, %v from %q", id, len(results), err, v.Header("mx.planpost.example"))
	}
	if r, ok := results[0].(*authres.SPFResult); !ok || r.Value != authres.ResultPass || r.From != "example.org" {
		t.Errorf("spf: %+v", results[0])
	}
	if r, ok := results[1].(*authres.DKIMResult); !ok || r.Value != authres.ResultPass || r.Domain != "example.org" {
		t.Errorf("dkim: %+v", results[1])
	}
	if r, ok := results[2].(*authres.DMARCResult); !ok || r.Value != authres.ResultPass || r.From != "example.org" {
		t.Errorf("dmarc: %+v", results[2])
	}
}

func TestAStrangerWritesNothingIntoTheHeader(t *testing.T) {
	v := Verdict{
		SPF:   SPFResult{Result: ResultFail, Domain: "a\r\nX-Evil: 1"},
		DKIM:  []DKIMResult{{Result: ResultFail, Domain: `x"; dmarc=pass`, Selector: "s\\"}},
		DMARC: DMARCResult{Result: ResultFail, Domain: "example.org", Policy: "reject"},
	}
	got := v.Header("mx")
	for line := range strings.SplitSeq(got[len("mx"):], "\r\n") {
		if line != ";" && !strings.HasPrefix(line, "\t") {
			t.Errorf("line %q stands alone in %q", line, got)
		}
	}
	if _, results, err := authres.Parse(got); err != nil || len(results) != 3 {
		t.Errorf("%d results, %v: %q", len(results), err, got)
	}
}

func TestNothingExaminedIsSaidSo(t *testing.T) {
	for _, v := range []Verdict{{}, {Trusted: true, Outcome: Pass}} {
		if got := v.Header("mx.example"); got != "mx.example; none" {
			t.Errorf("got %q", got)
		}
	}
}

func TestCodesAreShort(t *testing.T) {
	v := Verdict{SPF: SPFResult{Result: ResultSoftFail}, DKIM: []DKIMResult{{Result: ResultFail}, {Result: ResultPass}}, DMARC: DMARCResult{Result: ResultPass}}
	if got := v.Codes(); got != "spf=softfail dkim=fail,pass dmarc=pass" {
		t.Errorf("got %q", got)
	}
	if got := (Verdict{}).Codes(); got != "spf=none dkim=none dmarc=none" {
		t.Errorf("got %q", got)
	}
}
