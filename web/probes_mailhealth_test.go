package web

import "planpost/core/access"

var mailHealthProbes = map[access.Action]probe{
	"maildomain.edit": {ask: opens(at("/health"))},
}
