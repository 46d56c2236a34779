package web

import (
	"planpost/core/access"
)

// Probes of what is set of a task.
var taskProbes = map[access.Action]probe{
	"task.edit":             {ask: posts(atTask("/edit"), fields("title", "Other title"))},
	"task.set_visibility":   {ask: posts(atTask("/edit"), fields("visibility", "inside"))},
	"task.set_counterparty": {ask: posts(atTask("/edit"), fields("counterparty", "", "seen", "1"))},
	"task.add_participant":  {ask: posts(atTask("/add"), helper("relation", "participant"))},
	"task.set_auditor":      {given: access.FactsOf(access.TgtInt), ask: posts(atTask("/add"), helper("relation", "auditor"))},
	"task.delete":           {ask: posts(atTask("/delete"), fields())},
}
