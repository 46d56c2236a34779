package store_test

import (
	"context"
	"testing"

	"planpost/core"
	"planpost/store"
	"planpost/store/storetest"
)

func TestACallerWhoGivesUpIsNotWrittenToLater(t *testing.T) {
	storetest.Each(t, func(t *testing.T, open func() *store.Store) {
		s := open()
		ctx, giveUp := context.WithCancel(context.Background())
		began, goOn := make(chan struct{}), make(chan struct{})
		finished, returned := false, make(chan bool)
		go func() {
			_ = s.InTx(ctx, func(core.Tx) error {
				close(began)
				<-goOn
				finished = true
				return nil
			})
			returned <- finished // a race, or false, when the function still runs
		}()
		<-began
		giveUp()
		close(goOn)
		if !<-returned {
			t.Error("InTx returned while its function was still at work")
		}
	})
}
