// Package cluster is what several processes share, in its version for one
// process: Bus tells who listens that something changed, Limiter counts tries.
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
)
