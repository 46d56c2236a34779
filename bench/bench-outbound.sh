#!/bin/bash
# bench-outbound.sh [-o 'OURS COMMAND'] [-n 5000] [-r 3] [-l 4096] [-d 0ms] [-x postfix,postfix-through,go-mail,bound] [-c 20]
# N messages into a counting sink on loopback, every sender in turn. The clock runs from the first message at the
# sink to the last ("deliver"), and from the start signal ("total"). The sink checks for loss and duplicates.
# OURS is a shell command; environment: SINK_HOST SINK_PORT SINK_ADDR N SIZE. It must deliver N mails with different
# Message-IDs (prepare the queue before, in PREP: -P 'COMMAND'), and may end before or after the last one.
# -p FILE: file holding the pid(s) of ours (read after the start), for CPU and memory.
# postfix: N mails wait on hold, released at the start signal.  postfix-through: N mails go in by SMTP (10
# sessions) and out again: durable queue and relay in one.  go-mail: one connection, one loop.  bound: this
# tool's load generator with 10 connections, pipelined, nothing queued.
. "$(dirname "$0")/lib.sh"
OURS= PREP= N=5000 R=3 L=4096 DELAY=0ms X=postfix,postfix-through,go-mail,bound OUT= CONC=20 PIDF=
while getopts o:P:p:n:r:l:d:x:f:c: o; do case $o in o) OURS=$OPTARG ;; P) PREP=$OPTARG ;; p) PIDF=$OPTARG ;; n) N=$OPTARG ;; r) R=$OPTARG ;; l) L=$OPTARG ;; d) DELAY=$OPTARG ;; x) X=$OPTARG ;; f) OUT=$OPTARG ;; c) CONC=$OPTARG ;; *) exit 2 ;; esac; done
build_bench; case ,$X, in *,go-mail,*) build_peers ;; esac
OUT=${OUT:-$RESULTS/outbound-$(date +%H%M%S)-$$.jsonl}; : >"$OUT"
S=$RUN/out-$$; mkdir -p "$S"
SP=$(freeport) PFPORT= SINKPID=
trap '"$TESTENV/postfix" stop "$S/pf" 2>/dev/null; endpid $SINKPID; rm -rf "$S"' EXIT
export SINK_HOST=127.0.0.1 SINK_PORT=$SP SINK_ADDR=127.0.0.1:$SP N SIZE=$L
CELL="n$N/l$L/d$DELAY"
sink() { # label pids
	rm -f "$S/go"
	"$BENCH" sink -addr "127.0.0.1:$SP" -n "$N" -delay "$DELAY" -idle 20s -max 400s ${2:+-pid "$2"} -label "$1" -cell "deliver $CELL" -out "$OUT" >"$S/sink.json" 2>/dev/null &
	SINKPID=$!
	waitport "127.0.0.1:$SP"
}
total() { # label start
	wait "$SINKPID"; SINKPID= # the sink lingers 0.3 s
	"$BENCH" record -out "$OUT" "$1" "total $CELL" n="$N" secs="$(echo "$(date +%s.%N)-$2-0.3" | bc)" ${3:-} >/dev/null
	tail -1 "$S/sink.json"
}
pfstart() {
	PFPORT=$(freeport)
	BENCH_PF_EXTRA="default_destination_concurrency_limit=$CONC" "$TESTENV/postfix" start "$S/pf" "$PFPORT" "$1" "127.0.0.1:$SP" || exit 1
	PFPID=$("$TESTENV/postfix" pid "$S/pf")
}
noise
for ((r = 1; r <= R; r++)); do
	if [ -n "$OURS" ]; then
		[ -z "$PREP" ] || sh -c "$PREP" || exit 1
		sink ours "$([ -n "$PIDF" ] && cat "$PIDF")"; t0=$(date +%s.%N)
		sh -c "$OURS" >"$S/ours.log" 2>&1 || { echo "# ours: exit $?: $(tail -1 "$S/ours.log")" >&2; exit 1; }
		total ours "$t0"
		grep -q "\"n\":$N,\"failed\":0" "$S/sink.json" && grep -q '"duplicates":0' "$S/sink.json" || { echo "# ours: lost or doubled, or not in time" >&2; exit 1; }
	fi
	for x in ${X//,/ }; do case $x in
	postfix)
		pfstart relayhold
		"$BENCH" load -addr "127.0.0.1:$PFPORT" -persist -s 10 -m "$N" -l "$L" -to 'user%d@out.test' >/dev/null
		sink postfix "$PFPID"; t0=$(date +%s.%N)
		"$TESTENV/postfix" release "$S/pf"; postqueue -c "$S/pf/conf" -f
		total postfix "$t0"; "$TESTENV/postfix" stop "$S/pf" wipe ;;
	postfix-through)
		pfstart relay
		sink postfix-through "$PFPID"; t0=$(date +%s.%N)
		"$BENCH" load -addr "127.0.0.1:$PFPORT" -persist -s 10 -m "$N" -l "$L" -to 'user%d@out.test' >/dev/null
		total postfix-through "$t0"; "$TESTENV/postfix" stop "$S/pf" wipe ;;
	go-mail)
		sink go-mail; t0=$(date +%s.%N)
		"$PEERS" mail -addr "127.0.0.1:$SP" -n "$N" -l "$L" >"$S/gm.json" || cat "$S/gm.json"
		total go-mail "$t0" "cpu1000=$(sed 's/.*"srv_cpu_s_per_1000":\([0-9.]*\).*/\1/' "$S/gm.json")" ;;
	bound)
		sink bound; t0=$(date +%s.%N)
		"$BENCH" load -addr "127.0.0.1:$SP" -persist -pipeline -s 10 -m "$N" -l "$L" -to 'user%d@out.test' >/dev/null
		total bound "$t0" ;;
	esac; done
done
noise
echo "# results in $OUT"
"$BENCH" summary -a "$([ -n "$OURS" ] && echo ours || echo bound)" "$OUT"
