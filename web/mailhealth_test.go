package web

import (
	"strings"
	"testing"

	"planpost/core"
)

func TestThePageOfMailHealthShowsWhatToSetAndToWhom(t *testing.T) {
	p := newPlace(t)
	owner := p.as(p.owner)
	owner.wants(owner.get("/health"), 200, "Nothing was looked at yet", "No mail left yet", "Nobody: no mail waits")
	record := `in.example.org. TXT "v=spf1 <b> -all"`
	must(t, p.core.KeepFindings(t.Context(), core.HealthRecords, []core.Finding{
		{Code: "mx.fine", State: core.FindingFine, Name: "in.example.org", Found: "mx.example.org"},
		{Code: "mtasts.missing", State: core.FindingAdvice, Name: "_mta-sts.in.example.org"},
		{Code: "spf.without", State: core.FindingWrong, Name: "in.example.org", Found: strings.Repeat("v=spf1 include:long.example ", 30), Set: record},
	}))
	must(t, p.core.KeepFindings(t.Context(), core.HealthSignIn, []core.Finding{{Code: "relay.refused", State: core.FindingWrong, Name: "smtp.example.org:587", Found: "535 no"}}))
	a := owner.get("/health")
	owner.wants(a, 200, "2 things are wrong", "in.example.org. TXT &#34;v=spf1 &lt;b&gt; -all&#34;", "smtp.example.org:587 refuses the sign-in: 535 no", "See that user and password", "1 thing is fine")
	if strings.Index(a.body, "Who may send") > strings.Index(a.body, "MTA-STS") {
		t.Error("advice stands before what is wrong")
	}
	techie := p.as(p.person("Theo", role(core.TechnicalAdministrator)))
	techie.wants(techie.get("/health"), 200, "2 things are wrong")
	if a := owner.post("/health/check"); a.status != 303 || a.location() != "/health?done=health" {
		t.Errorf("check now: %d to %s", a.status, a.location())
	}
	owner.wants(owner.get("/health?done=health"), 200, "Everything is being looked at now")
	for _, group := range []string{core.HealthRecords, core.HealthSignIn, core.HealthSelfTest} {
		must(t, p.core.KeepFindings(t.Context(), group, []core.Finding{{Code: "mx.fine", State: core.FindingFine, Name: "in.example.org", Found: "mx"}}))
	}
	if a := owner.get("/health"); strings.Contains(a.body, "being looked at now") || !strings.Contains(a.body, "Everything that was looked at is fine") {
		t.Error("the page still waits for what was done")
	}
}

func TestEveryPageOfAdministratorsSaysThatMailIsBroken(t *testing.T) {
	p := newPlace(t)
	owner, techie, eve := p.as(p.owner), p.as(p.person("Theo", role(core.TechnicalAdministrator))), p.as(p.person("Eve"))
	keep := func(code string, state core.FindingState) {
		must(t, p.core.KeepFindings(t.Context(), core.HealthRecords, []core.Finding{{Code: code, State: state, Name: "in.example.org"}}))
		must(t, p.core.WatchMail(t.Context(), p.core.Now()))
	}
	says := func(b *browser, path string, want bool) {
		t.Helper()
		a := b.get(path)
		if got := strings.Contains(a.body, "Mail is broken.") && strings.Contains(a.body, "Answers of others do not reach us.") && strings.Contains(a.body, `href="/health"`); a.status != 200 || got != want {
			t.Errorf("%s: %d, the banner %v, want %v", path, a.status, got, want)
		}
	}
	says(owner, "/tasks", false)
	keep("mx.missing", core.FindingWrong)
	for _, path := range []string{"/", "/tasks", "/settings", "/health", "/me"} {
		says(owner, path, true)
	}
	says(techie, "/tasks", true)
	says(eve, "/tasks", false)
	keep("mx.fine", core.FindingFine)
	says(owner, "/tasks", false)
}

func TestTheGuideShowsWhatBecameOfItsTestMail(t *testing.T) {
	p := newPlace(t)
	owner := p.as(p.owner)
	owner.wants(owner.get("/health/guide"), 200, "Planpost does not fetch mail from a mailbox", "Send a test mail to olga@nordbau.example", "Nothing was looked at yet")
	if a := owner.post("/health/guide", "way", "imap"); a.status != 422 {
		t.Errorf("a way that is not there: %d", a.status)
	}
	record := `in.example.org. MX 10 mx.example.org.`
	must(t, p.core.KeepFindings(t.Context(), core.HealthRecords, []core.Finding{
		{Code: "mx.missing", State: core.FindingWrong, Name: "in.example.org", Set: record}, {Code: "spf.missing", State: core.FindingWrong, Name: "in.example.org", Set: "in.example.org. TXT spf"}}))
	owner.wants(owner.post("/health/guide", "way", "mx"), 303)
	owner.wants(owner.get("/health/guide"), 200, record, "TXT spf", "The relay is ready")
	owner.wants(owner.post("/health/guide", "way", "forward"), 303)
	if a := owner.get("/health/guide"); strings.Contains(a.body, record) || !strings.Contains(a.body, "TXT spf") || !strings.Contains(a.body, `value="forward" required checked`) {
		t.Error("what another server takes has its MX record")
	}
	owner.wants(owner.post("/health/guide/test"), 303)
	owner.wants(owner.get("/health/guide"), 200, "The test mail waits to leave")
	owner.wants(owner.post("/health/guide/test"), 429, "Please wait half a minute", "The test mail waits to leave")
	list, err := p.core.ClaimDeliveries(t.Context(), core.SecurityStream, 10)
	must(t, err)
	for _, d := range list {
		l, err := p.core.Letter(t.Context(), d)
		must(t, err)
		must(t, p.core.RecordAttempt(t.Context(), core.AttemptResult{Delivery: l.Delivery, State: core.DeliverySent}))
		if l.ReplyTo.Local == "" {
			continue
		}
		owner.wants(owner.get("/health/guide"), 200, "The test mail left. Answer it now")
		p.receive(l.ReplyTo, "Olga <olga@nordbau.example>", "Re: test", "it works")
	}
	owner.wants(owner.get("/health/guide"), 200, "The answer arrived", "olga@nordbau.example")
}
