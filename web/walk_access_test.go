package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"planpost/core"
)

const herons = "seven grey herons wade"

// "Creating new users" and "Assign permissions", step by step.
func TestU1U2WalkInvitingAColleague(t *testing.T) {
	p := newPlace(t)
	w := startWalk(t, p)
	w.signIn("olga@nordbau.example", password)
	w.press("People")
	w.press("New colleague")
	w.reads("An invitation is mailed.")
	w.fill("Name", "Nora New")
	w.fill("E-mail address", "nora@nordbau.example")
	w.choose("Role", "Manager")
	w.press("Add")
	w.reads("Pending", "about to be mailed")
	invitation := w.mailed("nora@nordbau.example", "Your invitation to Planpost", "Olga Owner invites you", "set a password")
	w.press("People")
	w.reads("Nora New", "Pending: mailed")
	nora := w.known("nora@nordbau.example")
	w.leave()

	w.follow(invitation, "i")
	w.reads("Your invitation", "Olga Owner invites you")
	if got := w.status(nora.ID); got == core.Active {
		t.Error("looking at the invitation makes active")
	}
	w.patience()
	w.unfold("Accept the invitation")
	w.reads("Your invitation")
	if got := w.status(nora.ID); got == core.Active {
		t.Error("without a password: active")
	}
	w.fill("Your password", herons)
	w.press("Accept the invitation")
	w.reads("My tasks", "Nora New")
	if got := w.status(nora.ID); got != core.Active {
		t.Errorf("with a password set: %s", got)
	}
	w.leave()
	w.signIn("nora@nordbau.example", herons)
	w.reads("My tasks", "Nora New")

	w.be(p.owner)
	w.press("People")
	w.misses("Pending")
	w.press("Nora New")
	w.press("Change")
	w.fill("Code (licence number)", "QC-4711")
	w.tick("Colour 3")
	w.press("Save")
	w.reads("The card is changed.", "QC-4711")
	w.press("Hourly rate")
	w.fill("Amount per hour", "48.50")
	w.tick("includes deductions at source")
	w.press("Save")
	w.reads("48.50 EUR", "deductions at source included")
	w.open("/people/" + string(nora.ID))
	w.press("Role and switches")
	w.choose("Role", "Employee")
	w.press("Give this role")
	w.reads("The role is changed.", "Colleague, Employee")
	w.press("Role and switches")
	w.choose("Visits and calendar", "off")
	w.press("Save")
	w.reads("The switches are saved.")
	w.quiet()
}

// "External users": the option of the card for who may grant, the option of
// the contact's card, the invitation, and what the client then sees.
func TestX8X14X15WalkGrantingAdvancedAccess(t *testing.T) {
	s := newScene(t)
	other, err := s.core.CreateProject(t.Context(), s.actor(s.owner), core.NewProject{Name: "Town hall"})
	must(t, err)
	_, err = s.core.CreateTask(t.Context(), s.actor(s.owner), core.NewTask{Title: "Roof of the hall", Project: other.ID, Assignee: s.anna.ID})
	must(t, err)
	_, err = s.core.CreateTask(t.Context(), s.actor(s.owner), core.NewTask{Title: "Among ourselves", Project: s.task.Project, Assignee: s.anna.ID})
	must(t, err)
	w := startWalk(t, s.place)
	clara := s.client.Address().Mailbox()
	w.be(s.anna)
	w.press("People")
	w.press("Clara Client")
	w.misses("Edit access", "Advanced access")

	w.be(s.owner)
	w.press("People")
	w.press("Anna Berg")
	w.press("Role and switches")
	w.choose("Give clients access", "on")
	w.press("Save")
	w.reads("The switches are saved.")

	w.be(s.anna)
	w.press("People")
	w.press("Clara Client")
	w.unfold("Edit access")
	w.reads("Settings and guest access")
	if last := js[string](w.tab, `document.querySelector("fieldset:has([name=advanced])").lastElementChild.innerText.trim()`); last != "Advanced access" {
		t.Errorf("the last line of the block is %q", last)
	}
	w.mails(clara)
	w.tick("Advanced access")
	w.press("Save")
	w.reads("The access is saved.", "Pending")
	invitation := w.mailed(clara, "Your access to Planpost", "Nordbau gives you access", "set a password")
	w.leave()

	w.follow(invitation, "i")
	w.reads("Nordbau gives you access", "You will sign in with")
	w.patience()
	w.fill("Your password", herons)
	w.press("Accept the invitation")
	w.reads("Clara Client")
	w.leave()
	w.signIn("PERSON1@example.com", herons)
	w.press("Projects")
	w.reads("School", "1 open task")
	w.misses("Town hall")
	w.press("School")
	w.reads("Windows on the north side")
	w.misses("Among ourselves")
	w.open("/tasks?status=any")
	w.misses("Roof of the hall", "Among ourselves")
	w.press("#1 Windows on the north side")
	w.reads("Measure <all> openings.")
	w.open("/me")
	w.misses("Login name")
	w.quiet()
}

// The whole way is walked with the keys only.
func TestX12WalkForgottenPasswordByKeyboard(t *testing.T) {
	p := newPlace(t)
	w := startWalk(t, p)
	w.open("/signin")
	focused := func(what string) {
		t.Helper()
		w.holds(`(e => e && (e.id || e.textContent.trim()) === "` + what + `")(document.activeElement)`)
	}
	keys := func(text string) { t.Helper(); w.do(chromedp.KeyEvent(text)) }
	focused("login")
	for _, next := range []string{"password", "Sign in", "Forgot password"} {
		keys("\t")
		focused(next)
	}
	keys("\r")
	w.reads("Mail me a link")
	focused("login")
	keys("nobody@nordbau.example\r")
	w.reads("If this address is known here")
	unknown := js[string](w.tab, readable)
	w.open("/forgot")
	focused("login")
	keys("Olga@Nordbau.example\r")
	w.reads("If this address is known here")
	w.fits()
	if known := js[string](w.tab, readable); known != unknown {
		t.Errorf("a known address gets\n%s\nan unknown one\n%s", known, unknown)
	}
	if list := w.mails("nobody@nordbau.example"); len(list) != 0 {
		t.Errorf("mailed to nobody: %v", list)
	}

	w.follow(w.mailed("olga@nordbau.example", "A new password", "If not, ignore this mail"), "p")
	w.reads("Set a new password", "Every session ends")
	w.patience()
	focused("newpassword")
	keys(herons + "\r")
	w.reads("The new password is set.")
	w.fits()
	w.mailed("olga@nordbau.example", "Your password was set anew")
	focused("login")
	keys("olga@nordbau.example\t" + password + "\r")
	w.reads("Name or password is wrong.")
	w.fits()
	w.open("/signin")
	focused("login")
	keys("olga@nordbau.example\t" + herons + "\r")
	w.reads("My tasks", "Olga Owner")
}
