package web

import (
	"testing"
	"time"

	"planpost/core"
)

// "Setting a resource inactive": the visits are filtered, all selected and given to another in the grid; what else is
// open goes the same way when the person is set inactive.
func TestU9U10WalkSettingSomebodyInactive(t *testing.T) {
	p := newPlace(t)
	eve, max := p.person("Eve Early"), p.person("Max Later")
	for _, title := range []string{"Measure the oak door", "Oak stairs", "Paint"} {
		_, err := p.core.CreateTask(t.Context(), p.actor(p.owner), core.NewTask{Title: title, Assignee: eve.ID})
		must(t, err)
	}
	berlin, err := time.LoadLocation(p.account.Zone)
	must(t, err)
	today := p.core.Now().In(berlin)
	for _, v := range []core.NewVisit{{Person: eve.ID, Day: today.Format(time.DateOnly)}, {Person: max.ID, Day: today.Format(time.DateOnly)}, {Person: eve.ID, Day: today.AddDate(0, 0, 70).Format(time.DateOnly)}} {
		_, err := p.core.AddVisit(t.Context(), p.actor(p.owner), 2, v)
		must(t, err)
	}
	w := startWalk(t, p)
	w.be(p.owner)
	w.press("Calendar")
	w.reads("Oak stairs", "Eve Early", "Max Later")
	w.choose("Who", "Eve Early")
	w.press("Show")
	w.press("Select all")
	w.choose("Give to", "Max Later")
	w.press("Assign what is ticked")
	w.reads("The visits are assigned.", "No visits in these days.")
	w.mails(eve.Address().Mailbox())
	w.mails(max.Address().Mailbox())

	w.press("People")
	w.press("Eve Early")
	w.press("Set inactive")
	w.reads("What is open for Eve Early", "Measure the oak door", "Paint", "goes to the visit", "responsible for the task")
	w.press("Select none")
	w.press("Move what is ticked and set inactive")
	w.reads("Open work: 4.")
	w.press("Eve Early")
	w.press("Open work")
	w.fill("Words in the title", "paint")
	w.press("Show")
	w.misses("Oak stairs")
	w.press("Select all")
	w.choose("Give to", "Max Later")
	w.press("Move what is ticked")
	w.reads("The work is moved.", "Oak stairs")
	w.misses("Paint")
	w.press("Select all")
	w.choose("Give to", "Max Later")
	w.press("Move what is ticked and set inactive")
	w.reads("The person is inactive now.", "inactive")
	if list := w.mails(max.Address().Mailbox()); len(list) == 0 {
		t.Error("Max hears nothing of his new work")
	}

	w.press("People")
	w.reads("Eve Early", "inactive")
	w.press("Max Later")
	w.press("Open work")
	w.reads("Measure the oak door", "Oak stairs", "Paint", "goes to the visit")
	w.press("Projects")
	w.open("/tasks/new")
	w.misses("Eve Early")
	w.press("People")
	w.press("Eve Early")
	w.unfold("Delete for good")
	w.reads("can never sign in again")
	w.press("Delete this person")
	w.reads("The person is deleted.")
}

// The contact, her mail and her pages are German here; whoever grants reads English.
func TestX27WalkAllTasksOfTheCompany(t *testing.T) {
	s := newScene(t)
	for _, title := range []string{"Doors", "Prices of the next year"} {
		_, err := s.core.CreateTask(t.Context(), s.actor(s.owner), core.NewTask{Title: title, Project: s.task.Project, Assignee: s.anna.ID})
		must(t, err)
	}
	w := startWalk(t, s.place)
	w.be(s.owner)
	w.press("People")
	w.press("New contact")
	w.fill("Name", "Cora Chief")
	w.fill("E-mail address", "cora@glas.example")
	w.choose("Language", "Deutsch")
	w.choose("Company", "Glasbau KG")
	w.choose("Access", "advanced: can sign in")
	w.tick("sees all tasks done for the own company")
	w.press("Add")
	w.reads("Pending")
	invitation := w.mailed("cora@glas.example", "Ihr Zugang zu Planpost")
	w.leave()
	w.follow(invitation, "i")
	w.reads("Ihre Einladung")
	w.patience()
	w.fill("Ihr Passwort", herons)
	w.press("Einladung annehmen")
	w.press("Aufgaben")
	w.reads("Windows on the north side", "Doors", "Prices of the next year")

	w.be(s.owner)
	w.press("Tasks")
	w.press("#3 Prices of the next year")
	w.press("Change the task")
	w.choose("All contacts of the client?", "No, only who takes part")
	w.press("Save")
	w.reads("Nothing is saved yet.", "Cora Chief")
	w.press("Save it all the same")
	w.reads("The task is saved.")
	w.be(w.known("cora@glas.example"))
	w.press("Aufgaben")
	w.reads("Windows on the north side", "Doors")
	w.misses("Prices of the next year")
	w.open("/tasks/3")
	w.misses("Prices of the next year")
}

// "Removing a participant by blocking".
func TestB3B5WalkBlockingAParticipant(t *testing.T) {
	s := newScene(t)
	gina := s.person("Gina Glass", contact(core.AdvancedAccess, s.firm.ID))
	must(t, s.core.AddTaskPerson(t.Context(), s.actor(s.owner), s.task.ID, gina.ID, core.Participate))
	w := startWalk(t, s.place)
	w.be(s.owner)
	w.press("Projects")
	w.press("School")
	for _, name := range []string{"Gina Glass", "Anna Berg"} {
		w.press("All who take part")
		w.press("Add somebody")
		w.choose("Who", name)
		w.press("See what they will see")
		w.reads(name+" will see", "Nothing that was not visible already.")
		w.press("Add to the project")
		w.reads("The person now takes part in the project.", name)
	}
	list := "/projects/" + string(s.task.Project) + "/participants"
	tell := func(words string) int {
		t.Helper()
		w.mails(gina.Address().Mailbox())
		_, err := s.core.Comment(t.Context(), s.actor(s.anna), core.NewComment{Task: s.task.ID, Text: words, Tell: []core.ID{gina.ID}})
		must(t, err)
		return len(w.mails(gina.Address().Mailbox()))
	}
	if n := tell("The glass is here."); n != 1 {
		t.Errorf("%d mails to her who takes part", n)
	}
	w.open(list)
	w.press("Gina Glass")
	w.press("Block in this project …")
	w.reads("Block Gina Glass?", "What will end at once", "What cannot be called back")
	w.press("Block here")
	w.reads("Block: receipt no. 1", "What ended", "Links of the person", "Blocked by")
	w.open(list)
	w.reads("Anna Berg")
	w.misses("Gina Glass")
	if n := tell("It is broken."); n != 0 {
		t.Errorf("%d mails to the blocked", n)
	}
	w.be(gina)
	w.press("Projects")
	w.misses("School")
	w.open(s.path())
	w.misses("Windows on the north side")

	w.be(s.owner)
	w.open(list)
	w.press("Blocked")
	w.reads("Gina Glass", "Blocked since")
	w.misses("Anna Berg")
	w.press("Gina Glass")
	w.press("Unblock")
	w.reads("The person may take part again.", "Nobody is blocked in this project.")
	w.press("Taking part")
	w.reads("Gina Glass", "Anna Berg")
	w.be(gina)
	w.press("Projects")
	w.reads("School")
}
