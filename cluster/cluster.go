// Package cluster is what several processes share: who listens is told that
// something changed, and tries are counted. Bus and Limiter do so within one
// process, Redis for all that know the same Redis; when it is away, each
// process goes on with a Bus and a Limiter of its own.
//
//	Publish("task:42") -> every Subscribe that asked for it -> a page fetches again
//	Allow("sign-in:192.0.2.1", ...) -> yes, or how long to wait
//
// Nothing here must survive: losing it loses a hint or forgives a try. It must
// not know what topics and keys mean.
package cluster

import "planpost/core"

var (
	_ core.Bus     = (*Bus)(nil)
	_ core.Limiter = (*Limiter)(nil)
	_ core.Bus     = (*Redis)(nil)
	_ core.Limiter = (*Redis)(nil)
)
