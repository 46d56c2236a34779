package web

import (
	"planpost/core/access"
)

var settingsProbes = map[access.Action]probe{
	"account.settings.view": {ask: opens(at("/settings"))},
	"account.settings.edit": {ask: posts(at("/settings"), fields("section", "people", "invitation", "8"))},
	"routing.view":          {ask: opens(at("/settings/mail"))},
	"routing.edit":          {ask: posts(at("/settings/mail"), fields("section", "mail", "intake", ""))},
}
