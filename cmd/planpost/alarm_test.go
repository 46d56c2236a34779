package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"planpost/core"
)

// TestTheWebhookIsCalledSignedOnceOnBreakAndOnceOnRecovery breaks mail, with a receiver that refuses first.
func TestTheWebhookIsCalledSignedOnceOnBreakAndOnceOnRecovery(t *testing.T) {
	const secret = "a secret of sixteen and more"
	status := http.StatusInternalServerError
	var heard []alarmCall
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		must(t, err)
		seconds, signature, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Planpost-Signature"), "t="), ",v1=")
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write([]byte(seconds + "."))
		mac.Write(body)
		if signature != hex.EncodeToString(mac.Sum(nil)) || r.Method != http.MethodPost || r.URL.Path != "/hook" {
			t.Errorf("%s %s, signed %q", r.Method, r.URL.Path, signature)
		}
		if strings.Contains(string(body), "hunter2") || strings.Contains(string(body), secret) {
			t.Errorf("a secret is told: %s", body)
		}
		if status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(status)
		var call alarmCall
		must(t, json.Unmarshal(body, &call))
		heard = append(heard, call)
	}))
	defer receiver.Close()
	cfg := localConfig(t, "")
	cfg.Alarm = AlarmConfig{Webhook: receiver.URL + "/hook", Secret: secret}
	g, err := openGateway(t.Context(), cfg, slog.New(slog.DiscardHandler))
	must(t, err)
	defer g.close()
	watch := func(now bool, want ...string) {
		t.Helper()
		if now {
			must(t, g.store.InTx(t.Context(), func(tx core.Tx) error {
				list, err := tx.UntoldAlarms(t.Context(), time.Now().Add(time.Hour), time.Time{})
				for i := range list {
					list[i].NextTry = time.Time{}
					if err := tx.PutAlarm(t.Context(), &list[i]); err != nil {
						return err
					}
				}
				return err
			}))
		}
		heard = nil
		must(t, g.watchMail(t.Context()))
		if len(heard) != len(want) || len(want) > 0 && heard[0].Event != want[0] {
			t.Errorf("heard %+v, want %v", heard, want)
		}
	}
	keep := func(f core.Finding) {
		must(t, g.core.KeepFindings(t.Context(), core.HealthSelfTest, []core.Finding{f}))
	}
	watch(true)
	keep(core.Finding{Code: "probe.refused", State: core.FindingWrong, Name: "in.test", Found: "535 hunter2"})
	watch(false, "mail.broken")
	watch(false) // refused: later
	status = http.StatusFound
	watch(true, "mail.broken") // not followed, and not taken
	status = http.StatusNoContent
	watch(true, "mail.broken")
	if c := heard[0].Causes; len(c) != 1 || c[0].Code != "probe.refused" || c[0].Name != "in.test" || heard[0].MailDomain != cfg.MailDomain || !strings.HasSuffix(heard[0].Page, "/health") {
		t.Errorf("told %+v", heard[0])
	}
	broken := heard[0].ID
	watch(true)
	keep(core.Finding{Code: "probe.fine", State: core.FindingFine, Name: "in.test"})
	watch(false, "mail.recovered")
	if heard[0].ID != broken {
		t.Error("the recovery is of another alarm")
	}
	watch(true)
}
