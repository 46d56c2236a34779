package web

import "planpost/core/access"

var roleProbes = map[access.Action]probe{
	"user.set_toggles": {given: access.FactsOf(access.TgtAny), ask: posts(atTarget("/switches"), fields("switch-intake", "on"))},
}
