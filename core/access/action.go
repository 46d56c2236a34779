package access

// Action is one thing that may be done, by its name in the first column of the
// table: "task.comment".
type Action string

// Actions lists every action in the order of the table; the caller owns the
// slice.
func Actions() []Action {
	all := make([]Action, len(permissions.rows))
	for i := range permissions.rows {
		all[i] = permissions.rows[i].action
	}
	return all
}

// Known reports whether the table has the action.
func Known(a Action) bool {
	_, ok := permissions.find(a)
	return ok
}

// Object gives what the action is done to, the second column; empty when the
// action is unknown.
func Object(a Action) string {
	row, ok := permissions.find(a)
	if !ok {
		return ""
	}
	return row.object
}

// Writes reports whether the action changes anything; it is what viewing as
// another forbids. An unknown action writes.
func Writes(a Action) bool {
	row, ok := permissions.find(a)
	return !ok || !row.reads
}

// readings are the actions that change nothing but counters and visits. They
// are listed, not guessed from the name: a new action writes until somebody
// says here that it does not.
var readings = map[Action]bool{
	"account.settings.view":    true,
	"account.log.view":         true,
	"user.view":                true,
	"user.rate.view":           true,
	"contact.view":             true,
	"project.view":             true,
	"participant.list":         true,
	"participant.list_blocked": true,
	"task.view":                true,
	"task.view_description":    true,
	"comment.view_public":      true,
	"comment.view_hidden":      true,
	"plan.list":                true,
	"plan.view":                true,
	"plan.download_current":    true,
	"plan.download_superseded": true,
	"plan.download_in_review":  true,
	"doc.view":                 true,
	"doc.download":             true,
	"approval.view":            true,
	"link.list":                true,
	"delivery.view":            true,
	"suppression.view":         true,
	"inbound.list":             true,
	"inbound.view":             true,
	"inbound.source":           true,
	"inbound.quarantine.view":  true,
	"bin.view":                 true,
	"visit.view":               true,
	"quote.view":               true,
	"invoice.view":             true,
	"review.view":              true,
	"report.view":              true,
	"report.profit.view":       true,
	"time.view":                true,
	"dashboard.view":           true,
	"tender.view_bids":         true,
	"routing.view":             true,
	"routing.simulate":         true, // a dry run, nothing is written
	"mailbox.view":             true,
}
