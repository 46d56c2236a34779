package smtpd

import (
	"fmt"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkDialogue is one message with its road left out, client included:
// what SMTP itself costs. cpu-µs is the processor time of both sides.
func BenchmarkDialogue(b *testing.B) {
	for _, size := range []int{4 << 10, 100 << 10} {
		mail := strings.Repeat(strings.Repeat("x", 70)+"\r\n", size/72) + ".\r\n"
		for _, keep := range []bool{false, true} {
			b.Run(fmt.Sprintf("%dKB/kept=%v", size>>10, keep), func(b *testing.B) {
				w := serve(b, false, nil)
				w.road.drop = true
				var p *peer
				b.ReportAllocs()
				start := processorTime()
				for b.Loop() {
					if p == nil {
						c, err := net.Dial("tcp", w.addr())
						if err != nil {
							b.Fatal(err)
						}
						p = newPeer(b, c)
						p.expect("220")
						p.do("EHLO c", "250-")
					}
					p.do("MAIL FROM:<a@x.test>", "250")
					p.do("RCPT TO:<ok@in.test>", "250")
					p.do("DATA", "354")
					p.send(mail)
					p.expect("250 2.0.0")
					if !keep {
						p.do("QUIT", "221")
						p.Close()
						p = nil
					}
				}
				b.ReportMetric(float64((processorTime()-start).Microseconds())/float64(b.N), "cpu-µs/op")
			})
		}
	}
}

func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
