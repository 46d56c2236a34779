package demo

import "planpost/core"

// sampleProject is a project; its people are keys.
type sampleProject struct {
	key, name, firm, manager, responsible string
}

var sampleProjects = []sampleProject{
	{"lumiere", "Maison Lumière", "Atelier Moreau", "mira", "jonas"},
	{"rila", "Hotel Rila, lobby", "Rila Hotels", "mira", "sofia"},
}

// sampleTask is a task with its conversation.
type sampleTask struct {
	project, title, description string
	by, assignee                string
	others                      []string // participants
	due                         int      // days from today; 0 for none
	lines                       []line
	status                      string // in the end; empty leaves it new
	worked                      []work
	visits                      []round
}

// round is a visit so many days from today.
type round struct {
	in                int
	from, until, note string
	by                string
	tell              []string
}

// work are hours of the assignee, so many days ago.
type work struct {
	ago         int
	spent, note string
}

// line is one contribution. Staff write in the page; outsiders, and staff with
// a program, answer by mail.
type line struct {
	by, text string
	tell     []string
	hidden   bool
	files    []string
	client   string
	place    Place
	// as writes from another address than that of the person whose mail is answered.
	as *outsider
	// away makes it an automatic answer.
	away bool
}

var sampleTasks = []sampleTask{
	{project: "lumiere", title: "Façade samples, north side", by: "mira", assignee: "jonas", others: []string{"claire"}, due: 12, status: core.TaskWaiting, worked: []work{{6, "2h30", "Three samples mounted"}, {4, "1h15", "Photos and measures"}}, visits: []round{{2, "09:00", "11:30", "Bring the ladder and both samples", "jonas", []string{"claire"}}},
		description: "Two tones of fibre cement for the north side. The architect chooses, we order.",
		lines: []line{
			{by: "mira", tell: []string{"claire"}, files: []string{"samples.pdf"}, text: "Bonjour Claire,\n\nvoici les deux tons pour la façade nord. Le premier est un peu plus froid, le second plus chaud et plus proche de la pierre de la maison voisine.\n\nLequel préférez-vous ? Pour garder le délai, nous devrions commander vendredi au plus tard.\n\nMira"},
			{by: "claire", place: Top, text: "Bonjour Mira,\n\nmerci pour les échantillons. Nous prenons le second, le plus chaud. Le client l’a vu hier sur place et il en est très content.\n\nUne question : la teinte est-elle garantie pour toute la commande ?\n\nBien à vous\nClaire"},
			{by: "mira", tell: []string{"jonas"}, hidden: true, text: "The supplier only guarantees the tone within one batch. Jonas, please order everything at once, and do not promise April yet."},
			{by: "jonas", client: "iphone", text: "Mach ich. Bestellung geht heute raus, alles aus einer Charge."},
			{by: "mira", tell: []string{"claire"}, text: "Bonjour Claire,\n\noui : nous commandons tout dans le même lot, la teinte sera donc la même partout.\n\nMira"},
		}},
	{project: "lumiere", title: "Brackets: structural check", by: "jonas", assignee: "jonas", others: []string{"katrin"}, due: 6, status: core.TaskWorking, worked: []work{{3, "3h", "Loads recalculated"}, {1, "45 min", ""}}, visits: []round{{1, "08:00", "12:00", "", "jonas", nil}, {2, "10:00", "12:00", "Anchors on level 3", "jonas", nil}},
		description: "Check of the brackets on level 3 with the new, heavier panels.",
		lines: []line{
			{by: "jonas", tell: []string{"katrin"}, files: []string{"loads.txt", "bracket.png"}, text: "Hallo Katrin,\n\ndie neuen Platten wiegen 31 kg/m² statt 26. Reichen die Konsolen in Ebene 3 noch?\n\nUnd wie viele Anker brauchen wir an der Ecke?\n\nJonas"},
			{by: "katrin", place: Interleaved, files: []string{"reinforcement.txt"}, text: "Hallo Jonas, die Konsolen reichen, die Auslastung steigt von 71 auf 84 Prozent.\n\nAn der Ecke bitte vier statt drei Anker, Abstand höchstens 40 cm. Die Rechnung hängt an.\n\nGrüße, Katrin"},
			{by: "jonas", tell: []string{"katrin"}, text: "Danke, vier Anker also. Ich ändere den Plan und schicke ihn morgen zur Freigabe."},
		}},
	{project: "lumiere", title: "Glass for the stairwell: delivery date", by: "mira", assignee: "jonas", others: []string{"oliver"}, due: 20, status: core.TaskWaiting,
		lines: []line{
			{by: "jonas", tell: []string{"oliver"}, text: "Hello Oliver,\n\nthe scaffold at Maison Lumière comes down in three weeks. Can you confirm the delivery of the eleven panes before that?\n\nJonas"},
			{by: "oliver", text: "Hi Jonas,\n\nten panes are ready and can be with you on Tuesday. The large one for the landing needs to be cut again, that takes another week.\n\nShall I send the ten now, or all together?\n\nOliver"},
			{by: "jonas", tell: []string{"oliver"}, text: "Please send the ten on Tuesday, before noon if possible. The crane is booked until two."},
			{by: "oliver", away: true, text: "Thank you for your message. I am out of the office until Monday and will answer then. In urgent cases please call our workshop.\n\nOliver Grant"},
		}},
	{project: "lumiere", title: "Détails des fenêtres, niveau 2", by: "jonas", assignee: "jonas", others: []string{"julien"}, due: 9, status: core.TaskWorking,
		lines: []line{
			{by: "jonas", tell: []string{"julien"}, files: []string{"window-detail.pdf"}, text: "Bonjour Julien,\n\nvoici le détail de l’appui de fenêtre. Est-ce que la pente de 3 % vous convient, ou faut-il 5 % comme au niveau 1 ?\n\nJonas"},
			{by: "julien", text: "3 % suffit au niveau 2, c’est abrité. Merci de garder le même profil."},
			{by: "julien", as: &stranger, text: "Bonjour, Julien m’a transféré votre message. Je peux fournir les miroirs du hall au même prix que l’an dernier, dites-moi simplement quand."},
		}},
	{project: "rila", title: "Тавански панели във фоайето", by: "sofia", assignee: "sofia", others: []string{"georgi"}, due: 15, status: core.TaskWorking, worked: []work{{2, "1:20", "Заявка и количества"}}, visits: []round{{3, "", "", "Монтаж през нощта", "sofia", []string{"georgi"}}, {9, "13:00", "15:00", "", "", nil}},
		description: "Акустични панели, дъб, 140 м². Монтажът е само през нощта, докато хотелът работи.",
		lines: []line{
			{by: "sofia", tell: []string{"georgi"}, files: []string{"ceiling.pdf"}, text: "Здравейте, Георги,\n\nизпращам плана на тавана. Осветлението остава на същите места, а панелите са с 2 см по-тънки от старите.\n\nМожем ли да започнем монтажа в понеделник вечер?\n\nСофия"},
			{by: "georgi", text: "Здравейте, София,\n\nв понеделник имаме група до 23 часа, затова ви моля да започнете във вторник в 22:30.\n\nДостъпът е през служебния вход, охраната ще е предупредена.\n\nПоздрави\nГеорги"},
			{by: "sofia", tell: []string{"georgi"}, text: "Благодаря, започваме във вторник в 22:30. Ще бъдем четирима души."},
		}},
	{project: "rila", title: "Fire certificate for the wall panels", by: "mira", assignee: "sofia", others: []string{"georgi", "katrin"}, due: 4, status: core.TaskWaiting,
		lines: []line{
			{by: "mira", tell: []string{"katrin"}, text: "Hallo Katrin,\n\nfür das Hotel brauchen wir den Nachweis B-s1,d0 für die Wandpaneele. Hast du das Prüfzeugnis aus dem letzten Projekt noch?\n\nMira"},
			{by: "katrin", place: Bottom, files: []string{"certificate.pdf"}, text: "Hallo Mira,\n\nja, es gilt noch bis nächstes Jahr. Ich hänge es an.\n\nKatrin"},
			{by: "sofia", tell: []string{"georgi"}, text: "Здравейте, Георги,\n\nсертификатът за панелите вече е при нас и важи до края на следващата година. Ще го донеса на срещата във вторник.\n\nСофия"},
		}},
	{project: "", title: "Crane for week 14", by: "helene", assignee: "jonas", others: []string{"mira"}, due: 2, status: core.TaskDone, worked: []work{{5, "0:30", "Phoned the yard"}},
		description: "One crane for both sites, if the roads allow it.",
		lines: []line{
			{by: "jonas", tell: []string{"helene"}, text: "Booked: 60 t, Tuesday to Thursday. The town wants the road plan by Friday, I have sent it."},
			{by: "helene", tell: []string{"jonas"}, text: "Good. Please keep Thursday afternoon free for the hotel."},
		}},
}

// mailedTask is made by a mail to a project's address.
var mailedTask = struct {
	project, by, client, subject, text string
	files                              []string
}{"rila", "georgi", "gmail", "Пукнато огледало на входа", "Здравейте,\n\nдясното огледало на входа се е пукнало снощи. Никой не е пострадал, но ъгълът е остър и засега го облепихме.\n\nМоля, кажете кога можете да го смените. Снимката е отдолу.\n\nГеорги", []string{"mirror.png"}}
