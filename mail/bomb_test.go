package mail

import (
	"encoding/base64"
	"errors"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"
)

// bombs are messages that grow with n, in bytes, and that a careless reader
// goes through more than once.
var bombs = map[string]func(n int) string{
	"commas in an address": func(n int) string { return "From: a@b.example\nTo: " + strings.Repeat(",", n) + "\n\nx" },
	"commas in fields":     func(n int) string { return strings.Repeat("To: "+strings.Repeat(",", 990)+"\n", n/1000) + "\nx" },
	"one line":             func(n int) string { return "Subject: x\n\n" + strings.Repeat("x", n) },
	"one line of HTML":     func(n int) string { return "Content-Type: text/html\n\n" + strings.Repeat("<b>x", n/4) },
	"empty lines":          func(n int) string { return "Subject: x\n\n" + strings.Repeat("\n", n) },
	"blank lines in front": func(n int) string { return strings.Repeat("\n", n) + "Subject: x\n\nx" },
	"no header ever":       func(n int) string { return strings.Repeat("x\n", n/2) },
	"parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\nx\n", n/7)
	},
	"large parts": func(n int) string {
		return "Content-Type: multipart/mixed; boundary=b\n\n" + strings.Repeat("--b\n\n"+strings.Repeat("x", n/900)+"\n", 900)
	},
	"parts in parts": func(n int) string {
		head := ""
		for i := range 18 {
			b := strings.Repeat("b", i+1)
			head += "Content-Type: multipart/mixed; boundary=" + b + "\n\n--" + b + "\n"
		}
		return head + "\n" + strings.Repeat("--bbb \n", n/7)
	},
	"one boundary for all": func(n int) string { return strings.Repeat("Content-Type: multipart/mixed; boundary=b\n\n--b\n", n/48) },
	"messages in messages": func(n int) string {
		return strings.Repeat("Content-Type: message/rfc822\n\n", 18) + strings.Repeat("x\n", n/2)
	},
	"a boundary of its own": func(n int) string {
		return "Content-Type: multipart/mixed\n\n" + strings.Repeat("--x\nContent-Typ\n", n/16)
	},
	"encoded word": func(n int) string {
		return "Subject: =?utf-8?Q?" + strings.Repeat("?=20", min(n, 200<<10)/4) + "\n\n" + strings.Repeat("x", n)
	},
	"names": func(n int) string {
		return strings.Repeat("Content-Disposition: attachment; filename*0=a\n", min(n/46, 900)) + "\n" + strings.Repeat("x", n)
	},
	"beginnings of files":      func(n int) string { return "Subject: x\n\n" + strings.Repeat("begin 644 x\n", n/12) },
	"files in the text":        func(n int) string { return "Subject: x\n\n" + strings.Repeat(uuCat, n/len(uuCat)) },
	"a file never ended":       func(n int) string { return "Subject: x\n\nbegin 644 x\n" + strings.Repeat("#0V%T\n", n/6) },
	"beginnings of signatures": func(n int) string { return "Subject: x\n\n" + strings.Repeat(pgpSigned+"\n", n/35) },
	"sealed blocks":            func(n int) string { return "Subject: x\n\n" + strings.Repeat(pgpSealed+"\n"+pgpSealedEnd+"\n", n/54) },
	"signature lines":          func(n int) string { return "Subject: x\n\n" + strings.Repeat(pgpSigned+" x\n", n/37) },
	"open values": func(n int) string {
		return "Content-Type: application/pkcs7-mime\n\n" + strings.Repeat("\x30\x80", n/2)
	},
	"pieces of signed data": func(n int) string {
		return "Content-Type: application/pkcs7-mime\n\n" + signedBER(strings.Repeat(der(tagOctets, "x"), n/3))
	},
}

// work is what a parse allocates in bytes and the least time of some it takes.
func work(raw []byte) (allocated uint64, took time.Duration) {
	took = time.Hour
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		_, _ = Parse(raw, Limits{Time: time.Hour}) // many are refused, as they should be
		took = min(took, time.Since(start))
		runtime.ReadMemStats(&after)
		allocated = after.TotalAlloc - before.TotalAlloc
	}
	return allocated, took
}

// The margin for time is wide, because other work shares the machine: it lets
// ten times the input take sixty times as long, where a quadratic reader takes
// a hundred times.
func TestTenTimesTheInputIsTenTimesTheWork(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some 200 MB")
	}
	for name, make := range bombs {
		memory, once := work([]byte(make(1 << 19)))
		memory10, tenfold := work([]byte(make(10 << 19)))
		if memory10 > 12*memory+1<<20 {
			t.Errorf("%s: %d KB of memory for 0.5 MB, %d KB for 5 MB", name, memory>>10, memory10>>10)
		}
		if tenfold > 60*once && tenfold > 500*time.Millisecond {
			t.Errorf("%s: %v for 0.5 MB, %v for 5 MB", name, once, tenfold)
		}
	}
}

func BenchmarkBombs(b *testing.B) {
	for name, make := range bombs {
		one, ten := []byte(make(1<<20)), []byte(make(10<<20))
		b.Run(name, func(b *testing.B) {
			var ratio float64
			for b.Loop() {
				_, small := work(one)
				_, large := work(ten)
				ratio = float64(large) / float64(small)
			}
			b.ReportMetric(ratio, "times-for-10x")
		})
	}
}

func TestBombsEndInARefusalOrAMessage(t *testing.T) {
	for name, make := range bombs {
		m, err := Parse([]byte(make(1<<18)), Limits{Time: time.Hour})
		var pe *ParseError
		if err != nil && !errors.As(err, &pe) || err == nil && m == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The heap is watched while the message is read. What is garbage when it is
// looked at is collected first: when that happens else is the collector's
// affair, and other for each machine.
func TestAMessageOf50MBTakesLessThanThreeTimesItsSize(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 300 MB")
	}
	const size = 50 << 20
	lines := strings.Repeat("The north wall is 12 cm off the drawing, please check.\r\n", size/56)
	file := base64.StdEncoding.EncodeToString(make([]byte, size/4*3))
	for name, raw := range map[string]string{
		"text":               "Content-Type: text/plain; charset=utf-8\r\n\r\n" + lines,
		"text, not declared": "Subject: x\r\n\r\n" + lines,
		"text, Latin":        "Content-Type: text/plain; charset=iso-8859-1\r\n\r\n" + strings.ReplaceAll(lines, "wall", "w\xe4ll"),
		"HTML":               "Content-Type: text/html; charset=utf-8\r\n\r\n" + lines,
		"file":               "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n" + file + "\r\n--b--\r\n",
		"signed": "Content-Type: application/pkcs7-mime; smime-type=signed-data\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
			base64.StdEncoding.EncodeToString([]byte(signedDER("Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n"+file[:8<<20]))),
	} {
		bytes := []byte(raw)
		limit, held := 3*uint64(len(bytes)), uint64(0)
		// What is allocated while a collection runs counts as in use: a busy machine shows more than there
		// is, never less. So the least of a few counts.
		for try := 0; try < 4 && (try == 0 || held >= limit); try++ {
			held = heldBy(t, name, bytes)
		}
		if held >= limit {
			t.Errorf("%s: %d MB for a message of %d MB", name, held>>20, len(bytes)>>20)
		} else {
			t.Logf("%s: %d MB for a message of %d MB", name, held>>20, len(bytes)>>20)
		}
	}
}

// heldBy is the most that was in use while a message was read, in bytes, with the message itself.
func heldBy(t *testing.T, name string, bytes []byte) uint64 {
	before := heap()
	done, peaks := make(chan struct{}), make(chan uint64)
	go watchHeap(done, peaks)
	m, err := Parse(bytes, Limits{Time: time.Hour})
	close(done)
	peak := max(<-peaks, heap())
	if err != nil || len(m.Text)+len(m.HTML)+len(m.Attachments) == 0 {
		t.Errorf("%s: %v", name, err)
	}
	return uint64(len(bytes)) + max(peak, before) - before
}

// heap is what a collection found to be in use, in bytes.
func heap() uint64 {
	runtime.GC()
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	return live[0].Value.Uint64()
}

// watchHeap sends the most that was in use until done.
func watchHeap(done <-chan struct{}, peaks chan<- uint64) {
	var most uint64
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			most = max(most, heap())
		case <-done:
			peaks <- most
			return
		}
	}
}
