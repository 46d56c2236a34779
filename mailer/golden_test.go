package mailer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"planpost/core"
	"planpost/mail"
	"planpost/templates"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

var goldenLocales = []string{"en", "de", "fr", "bg"}

// said are the words of people in the sample mails.
var said = map[string][]string{
	"en": {"The frames come on Monday, at about nine.\n\nPlease keep the yard free for the lorry, and tell us who signs for them. Plans: https://example.org/plans?x=1&y=2", "Monday suits us. Who pays for the crane?", "The crane is in our offer, position 14.", "Windows on the north side", "School in Mill Lane", "Too dear: they want 20 % more than last year. Do not say yes before Friday.", "Measure all <openings> first, then order."},
	"de": {"Die Rahmen kommen am Montag gegen neun.\n\nBitte halten Sie den Hof für den Lastwagen frei und sagen Sie uns, wer den Lieferschein unterschreibt. Pläne: https://example.org/plans?x=1&y=2", "Montag passt uns. Wer zahlt den Kran?", "Der Kran steht in unserem Angebot, Position 14.", "Fenster auf der Nordseite", "Schule in der Mühlgasse", "Zu teuer: Sie wollen 20 % mehr als im letzten Jahr. Vor Freitag nicht zusagen.", "Erst alle <Öffnungen> messen, dann bestellen."},
	"fr": {"Les cadres arrivent lundi vers neuf heures.\n\nGardez la cour libre pour le camion, s’il vous plaît, et dites-nous qui signe le bon. Plans : https://example.org/plans?x=1&y=2", "Lundi nous convient. Qui paie la grue ?", "La grue est dans notre offre, poste 14.", "Fenêtres côté nord", "École rue du Moulin", "Trop cher : ils demandent 20 % de plus que l’an dernier. Ne rien accepter avant vendredi.", "Mesurer d’abord toutes les <ouvertures>, puis commander."},
	"bg": {"Рамките идват в понеделник около девет.\n\nМоля, оставете двора свободен за камиона и ни кажете кой ще подпише. Планове: https://example.org/plans?x=1&y=2", "Понеделник ни устройва. Кой плаща крана?", "Кранът е в нашата оферта, позиция 14.", "Прозорци от северната страна", "Училище на ул. Мелнична", "Твърде скъпо: искат с 20 % повече от миналата година. Не се съгласявайте преди петък.", "Първо измерете всички <отвори>, после поръчайте."},
}

// sample makes a letter that a test case then changes.
func sample(locale string) core.Letter {
	at := time.Date(2026, 5, 4, 9, 15, 0, 0, time.UTC)
	anna, ivan, claire := core.Person{ID: "anna", Name: "Anna Berg"}, core.Person{ID: "ivan", Name: "Иван Петров"}, core.Person{ID: "claire", Name: "Claire Moreau"}
	w := said[locale]
	logo, _ := os.ReadFile("testdata/logo.png")
	sum := sha256.Sum256(logo)
	return core.Letter{
		Delivery: core.Delivery{ID: "d0000000000000000000000001", Account: "a", Task: "t", Link: "l", Scope: core.ScopeExternal, Stream: core.WorkStream, CreatedAt: at, SentDate: at.Add(2 * time.Minute)},
		Account:  core.Account{ID: "a", AccountSettings: core.AccountSettings{Name: "Nordbau", Zone: "Europe/Berlin", Color: "#318142", Logo: hex.EncodeToString(sum[:]) + ".png", MailFoot: "Nordbau GmbH · Hafenstraße 4 · 24103 Kiel\nHRB 1234 Kiel"}},
		Person:   claire, To: mail.Address{Name: "Claire Moreau", Local: "claire", Domain: "out.test"}, Locale: locale,
		Topic:   w[3],
		Task:    core.Task{ID: "t", Number: 12, Title: w[3], Status: core.TaskWaiting, CreatedAt: at.Add(-72 * time.Hour)},
		Project: core.Project{ID: "pr", Name: w[4]},
		Entries: []core.LetterEntry{{Author: anna, Comment: core.Comment{Text: w[0], CreatedAt: at,
			Attachments: []core.Attachment{{ID: "f1", Account: "a", Name: "frames.txt", Type: "text/plain", Size: 6, Hash: "frames"}, {ID: "f2", Account: "a", Name: "фасада 1:20.txt", Type: "text/plain", Size: 4, Hash: "front"}}}}},
		Earlier: []core.LetterEntry{{Author: ivan, Comment: core.Comment{Text: w[2], CreatedAt: at.Add(-20 * time.Hour)}}, {Author: anna, Comment: core.Comment{Text: w[1], CreatedAt: at.Add(-26 * time.Hour)}}},
		Readers: []string{"Anna Berg", "Иван Петров", "Marie Roux"}, Event: core.CommentAdded, Reasons: []string{"told"},
		From: mail.Address{Name: "Nordbau", Local: "planpost", Domain: "in.test"}, ReplyTo: mail.Address{Name: "Nordbau", Local: "r-token", Domain: "in.test"},
		ReversePath: mail.Address{Local: "b-token", Domain: "in.test"}, MessageID: "d-d1.mac@in.test", References: []string{"t-t@in.test"}, Date: at.Add(2 * time.Minute),
		ThreadURL: "https://planpost.example/t/token", FilesURL: "https://planpost.example/t/token/attachments/",
		People: map[core.ID]core.Person{"anna": anna, "ivan": ivan, "claire": claire},
	}
}

func inside(l *core.Letter) {
	l.Staff, l.Person, l.To = true, core.Person{ID: "ivan", Name: "Иван Петров"}, mail.Address{Name: "Иван Петров", Local: "ivan", Domain: "nordbau.test"}
	l.Readers, l.OutsideReaders = []string{"Anna Berg", "Marie Roux"}, []string{"Claire Moreau"}
	l.MuteURL, l.ChooseURL = "https://planpost.example/tasks/12#mute", "https://planpost.example/me/notifications"
	l.ThreadURL, l.TaskURL, l.FilesURL, l.HeldURL = "", "https://planpost.example/tasks/12", "https://planpost.example/attachments/", "https://planpost.example/held"
}

// without takes the task from a letter that speaks of none.
func without(l *core.Letter, kind core.LetterKind, stream core.Stream) {
	l.Delivery.Kind, l.Delivery.Task, l.Delivery.Stream, l.Delivery.Link = kind, "", stream, ""
	l.Task, l.Project, l.Entries, l.Earlier, l.References, l.ReplyTo, l.ThreadURL, l.Reasons = core.Task{}, core.Project{}, nil, nil, nil, mail.Address{}, "", nil
	l.MuteURL = ""
	if stream == core.SecurityStream {
		l.ChooseURL, l.From = "", mail.Address{Name: "Planpost", Local: "security", Domain: "in.test"}
	}
	l.QuickURL = "https://planpost.example/start/" + l.Locale
}

func link(l *core.Letter, kind core.LinkKind) {
	without(l, core.LinkLetter, core.SecurityStream)
	l.Link, l.By = core.Link{ID: "l", Kind: kind, ExpiresAt: l.Date.Add(7 * 24 * time.Hour)}, core.Person{ID: "anna", Name: "Anna Berg"}
	l.LinkURL = "https://planpost.example" + kind.Path() + "token"
}

func waits(from, name, subject, reason string, params ...string) core.LetterHeld {
	return core.LetterHeld{Receipt: core.Receipt{Reason: reason, Params: params}, URL: "https://planpost.example/messages/1",
		Message: core.Message{From: from, FromName: name, Subject: subject, ReceivedAt: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}}
}

// goldenLetters are all sorts of mails, each for every language.
func goldenLetters() map[string]func(*core.Letter) {
	bob := waits("bob@example.com", "Bob Builder", "Re: Windows", "right.missing", "name", "Bob Builder")
	all := map[string]func(*core.Letter){
		"outside": func(*core.Letter) {},
		"plans": func(l *core.Letter) {
			project := l.Project
			without(l, core.TransmittalLetter, core.WorkStream)
			l.Project, l.From.Name = project, "Nordbau"
			l.Link, l.LinkURL = core.Link{ID: "l", Kind: core.DownloadLink, ExpiresAt: l.Date.Add(60 * 24 * time.Hour)}, "https://planpost.example/d/token"
			l.By = core.Person{ID: "anna", Kind: core.UserKind, Name: "Anna Berg", Addresses: []core.PersonAddress{{Given: mail.Address{Local: "anna", Domain: "nordbau.test"}, Primary: true}}}
			l.Sending = core.Sending{Project: project, Transmittal: core.Transmittal{Message: said[l.Locale][0], Copies: 2, Sheet: "A1", Folding: "folded"}}
			for i, title := range []string{said[l.Locale][3], "2. OG <Decke> & Ständerwerk mit einem recht langen Namen, der umbrechen muss", ""} {
				l.Sending.Plans = append(l.Sending.Plans, core.SentPlan{Plan: core.Plan{Number: fmt.Sprintf("A-10%d", i), Title: title}, Version: core.Version{Index: string(rune('A' + i)), CurrentAt: l.Date.AddDate(0, 0, -i)}})
			}
		},
		"approval": func(l *core.Letter) { asks(l, "first") },
		"approval-again": func(l *core.Letter) {
			asks(l, "again")
			l.Approval.ByReply, l.Approval.For.Name = true, "Nele Nordmann"
		},
		"approval-code": func(l *core.Letter) { asks(l, "code"); l.Approval.Approval.Message = "" },
		"approval-how":  func(l *core.Letter) { asks(l, "remark"); l.Approval.ByReply = true },
		"approval-session": func(l *core.Letter) {
			asks(l, "first")
			l.Person.Kind, l.Approval.Session, l.LinkURL, l.ChooseURL = core.UserKind, true, "https://planpost.example/plans/06h0lca885rfn9d9426blc9gj0", "https://planpost.example/settings/mail"
		},
		"outside-apart": func(l *core.Letter) {
			l.Entries[0].Comment.Attachments[0].Size, l.OthersRead, l.Earlier = 48_000_000, true, nil
		},
		"outside-shared": func(l *core.Letter) {
			l.Event, l.Entries, l.Earlier, l.Reasons = core.TaskShared, nil, nil, []string{"participant"}
			l.UnsubscribeURL = "https://planpost.example/u/token"
			l.Task.People, l.Task.DueDate = []core.TaskPerson{{Person: "anna", Relation: core.Assigner}, {Person: "ivan", Relation: core.Assignee}}, "2026-06-01"
		},
		"staff": func(l *core.Letter) {
			inside(l)
			l.Entries[0].Author, l.Entries[0].Comment.Via, l.Entries[0].Comment.Verified, l.Reasons = core.Person{ID: "claire", Name: "Claire Moreau"}, "mail", "none", []string{"assignee"}
			l.Entries[0].Comment.HTML = "<p><b>" + strings.ReplaceAll(l.Entries[0].Comment.Text, "\n\n", "</b></p><ul><li>") + "</li></ul>"
		},
		"staff-assigned": func(l *core.Letter) {
			inside(l)
			l.Event, l.Entries, l.Earlier, l.Reasons, l.OutsideReaders = core.TaskAssigned, nil, nil, []string{"assignee"}, nil
			l.Task.People, l.Task.DueDate, l.Task.DueTime, l.Description = []core.TaskPerson{{Person: "anna", Relation: core.Assigner}, {Person: "ivan", Relation: core.Assignee}}, "2026-06-01", "08:00", said[l.Locale][6]
		},
		"staff-note": func(l *core.Letter) {
			inside(l)
			l.Delivery.Scope, l.OutsideReaders, l.Reasons = core.ScopeInternal, nil, []string{"told", "coassignee"}
			l.Entries[0].Comment = core.Comment{Text: said[l.Locale][5], CreatedAt: l.Delivery.CreatedAt, Hidden: true}
		},
		"staff-changes": func(l *core.Letter) {
			inside(l)
			l.Readers, l.OutsideReaders, l.Held, l.Reasons = nil, nil, []core.LetterHeld{bob}, []string{"auditor"}
			l.UnsubscribeURL = "https://planpost.example/u/token"
			at, anna := l.Delivery.CreatedAt, l.Entries[0].Author
			l.Entries = nil
			for i, c := range []core.Comment{{Change: "status", From: "new", To: "waiting"}, {Change: "due", To: "2026-12-24 08:00"}, {Change: "due"}, {Change: "people"}, {Change: "change"}} {
				c.CreatedAt = at.Add(time.Duration(i) * time.Minute)
				l.Entries = append(l.Entries, core.LetterEntry{Author: anna, Comment: c})
			}
		},
		"held": func(l *core.Letter) {
			inside(l)
			l.Event, l.Entries, l.Held, l.Reasons = core.MessageHeld, nil, []core.LetterHeld{bob}, []string{"assignee"}
		},
		"held-many": func(l *core.Letter) {
			inside(l)
			nobody := waits("", "", "", "parse.not_a_message")
			nobody.Project = core.Project{Name: "Town hall"}
			l.Task, l.Delivery.Task, l.References, l.Project = core.Task{}, "", nil, core.Project{}
			l.Event, l.Entries, l.Held, l.MoreHeld, l.Reasons = core.MessageHeld, nil, []core.LetterHeld{bob, nobody}, 3, []string{"intake"}
		},
		"activation": func(l *core.Letter) { link(l, core.ActivationLink); l.Staff = true },
		"guest":      func(l *core.Letter) { link(l, core.ActivationLink) },
		"owner": func(l *core.Letter) {
			link(l, core.ActivationLink)
			l.Staff, l.Person.Role, l.Account.AccountSettings = true, core.Owner, core.AccountSettings{}
		},
		"code": func(l *core.Letter) {
			link(l, core.CodeLink)
			l.Code, l.LinkURL, l.Link.ExpiresAt = "K7QP-3MWX", "", l.Date.Add(10*time.Minute)
		},
		"emailcancel": func(l *core.Letter) {
			link(l, core.EmailCancelLink)
			l.Delivery.Params = []string{"to", "new@out.test"}
		},
		"security": func(l *core.Letter) {
			without(l, core.NoticeLetter, core.SecurityStream)
			l.Delivery.Params = []string{"code", "password.reset", "at", l.Date.Format(time.RFC3339)}
		},
		"mailbox_broken": func(l *core.Letter) {
			inside(l)
			without(l, core.NoticeLetter, core.SecurityStream)
			l.Delivery.Params = []string{"code", "mailbox.broken", "name", "Replies", "address", "replies@nordbau.test", "mailbox", "b1", "trouble", "token.ended", "at", l.Date.Format(time.RFC3339)}
			l.LinkURL = "https://planpost.example/mailboxes/b1"
		},
		"mailbox_mended": func(l *core.Letter) {
			inside(l)
			without(l, core.NoticeLetter, core.SecurityStream)
			l.Delivery.Params = []string{"code", "mailbox.mended", "name", "Replies", "address", "replies@nordbau.test", "mailbox", "b1", "at", l.Date.Format(time.RFC3339)}
			l.LinkURL = "https://planpost.example/mailboxes/b1"
		},
		"mailbox_expiry": func(l *core.Letter) {
			inside(l)
			without(l, core.NoticeLetter, core.SecurityStream)
			l.Delivery.Params = []string{"code", "mailbox.expiry", "name", "Replies", "address", "replies@nordbau.test", "mailbox", "b1", "day", "2026-06-01"}
			l.LinkURL = "https://planpost.example/mailboxes/b1"
		},
		"notice": func(l *core.Letter) {
			without(l, core.NoticeLetter, core.WorkStream)
			l.Delivery.Params = []string{"code", "project.added", "who", "Anna Berg", "project", said[l.Locale][4]}
		},
	}
	all["digest"] = func(l *core.Letter) {
		inside(l)
		task, project, entries := l.Task, l.Project, append(l.Earlier, l.Entries...)
		without(l, core.DigestLetter, core.DigestStream)
		l.Reasons, l.From.Local, l.MoreTasks, l.UnsubscribeURL, l.NotesURL = []string{"auditor", "coassignee"}, "digest", 3, "https://planpost.example/u/token", "https://planpost.example/notifications"
		note := core.LetterEntry{Author: entries[0].Author, Comment: core.Comment{Text: said[l.Locale][5], CreatedAt: l.Delivery.CreatedAt, Hidden: true}}
		due := core.LetterEntry{Author: entries[0].Author, Comment: core.Comment{Change: "due", To: "2026-12-24 08:00", CreatedAt: l.Delivery.CreatedAt}}
		other := core.Task{Number: 7, Title: said[l.Locale][4]}
		l.Digest = []core.DigestTask{{Task: task, Project: project, URL: "https://planpost.example/tasks/12", Entries: entries, More: 6}, {Task: other, URL: "https://planpost.example/tasks/7", Entries: []core.LetterEntry{note, due}}}
	}
	for _, kind := range []core.LinkKind{core.ResetLink, core.EmailLink, core.ThreadLink} {
		all[string(kind)] = func(l *core.Letter) { link(l, kind) }
	}
	for _, what := range []string{"news", "remind", "phone"} {
		all["holder-"+what] = func(l *core.Letter) {
			project, max := l.Project, core.Person{Name: "Max Kern", Phone: "+43 1 234"}
			without(l, core.HolderLetter, core.WorkStream)
			l.Project, l.LinkURL = project, "https://planpost.example/d/token"
			l.Holder = core.HolderNews{What: what, Plans: []core.HolderPlan{{Plan: core.Plan{Number: "A-101", Title: said[l.Locale][3]}, Now: core.Version{Index: "C", CurrentAt: l.Date.AddDate(0, 0, -4)}, Held: core.Version{Index: "B"}, All: 11,
				Still: []core.HolderRow{{Of: max, Index: "B"}, {Of: l.Person, Index: "A"}}}}}
		}
		one := all["holder-"+what]
		all["holder-"+what+"-many"] = func(l *core.Letter) {
			one(l)
			other := l.Holder.Plans[0]
			other.Plan, other.Now.Index, other.Held.Index = core.Plan{Number: "A-102", Title: said[l.Locale][4]}, "B", "A"
			l.Holder.Plans = append(l.Holder.Plans, other)
		}
	}
	for _, cancel := range []bool{false, true} {
		all[map[bool]string{false: "visit", true: "visit-off"}[cancel]] = func(l *core.Letter) {
			title := l.Task.Title
			inside(l)
			without(l, core.VisitLetter, core.WorkStream)
			l.VisitURL = "https://planpost.example/visits/v1"
			l.Visit = core.VisitNews{Visit: "v1", Cancel: cancel, Sequence: 2, Number: 12, Title: title, Day: "2026-06-01", From: "08:00", Until: "09:30", Zone: "Europe/Berlin", Resource: "Mira Vogt", Note: said[l.Locale][6]}
		}
	}
	return all
}

// drawn makes the mail of a letter.
func drawn(t *testing.T, l *core.Letter) (raw []byte, d *mail.Draft) {
	t.Helper()
	logo, err := os.ReadFile("testdata/logo.png")
	if err != nil {
		t.Fatal(err)
	}
	m := mailerFor(newOutbox(0), nil)
	m.files = memory{"frames": "frames", "front": "1:20", l.Account.LogoHash(): string(logo)}
	if d, err = m.draft(context.Background(), l); err != nil {
		t.Fatal(err)
	}
	if raw, err = mail.Compose(d); err != nil {
		t.Fatal(err)
	}
	return raw, d
}

// everyMail runs a test over all sorts of mails in all languages.
// asks makes of a letter one that asks for an approval.
func asks(l *core.Letter, why string) {
	project, reply := l.Project, l.ReplyTo
	without(l, core.ApprovalLetter, core.WorkStream)
	l.ReplyTo, l.Readers, l.OutsideReaders = reply, nil, nil
	l.Project, l.From.Name, l.Code, l.Reasons = project, "Nordbau", "C-47", []string{"approval"}
	l.Link, l.LinkURL = core.Link{ID: "l", Kind: core.ApprovalLink, ExpiresAt: l.Date.Add(30 * 24 * time.Hour)}, "https://planpost.example/a/token"
	l.By = core.Person{ID: "anna", Kind: core.UserKind, Name: "Anna Berg"}
	l.Approval = core.ApprovalNews{Why: why, Approval: core.Approval{Message: said[l.Locale][0]}, Plan: core.Plan{Number: "A-101", Title: said[l.Locale][3]}, Version: core.Version{Index: "C"},
		Files: []core.PlanFile{{Name: "A-101_C.pdf", Size: 2_400_000, Pages: 3}, {Name: "A-101_C.dwg", Size: 812_000}}}
}

func everyMail(t *testing.T, test func(t *testing.T, name string, l *core.Letter, raw []byte, d *mail.Draft)) {
	for name, change := range goldenLetters() {
		for _, locale := range goldenLocales {
			t.Run(name+"."+locale, func(t *testing.T) {
				l := sample(locale)
				change(&l)
				raw, d := drawn(t, &l)
				test(t, name+"."+locale, &l, raw, d)
			})
		}
	}
}

func TestEveryMailReadsAsItShould(t *testing.T) {
	everyMail(t, func(t *testing.T, name string, _ *core.Letter, raw []byte, d *mail.Draft) {
		golden(t, name+".eml", strings.ReplaceAll(string(raw), "\r\n", "\n"))
		golden(t, name+".html", d.HTML)
		golden(t, name+".txt", "Subject: "+d.Subject+"\n\n"+d.Text)
	})
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs (go test -update rewrites it):\n%s", name, got)
	}
}

func words(locale, key string) string { return templates.T(locale, key) }
