#!/bin/bash
# bench-latency.sh OURS_HOST:PORT|- [-a 'APPLIED COMMAND'] [-R "20 100"] [-S seconds] [-r rounds] [-l 4096] [-p PIDS] [-L LABEL] [-T TARGETS]
# Open loop: mail arrives at a fixed rate, whatever the server does; latency counts from the due time.
# "accept": due -> 250.  "e2e": due -> applied (Postfix: the file's link into Maildir/new; ours: -a prints
# "message-id epoch-seconds" lines, e.g. psql -Atc "select mid, extract(epoch from created_at) from comments").
# -b CMD, -v CMD: before and after each run of ours, as in bench-ingress.sh.
. "$(dirname "$0")/lib.sh"
[ $# -ge 1 ] || { sed -n 2,6p "$0"; exit 2; }
OURS=$1; shift
APPLIED= RATES="20 100" SECS=10 R=2 L=4096 PIDS= OUT= LAB=ours TARGETS= BEFORE= VERIFY=
while getopts a:R:S:r:l:p:f:L:T:b:v: o; do case $o in a) APPLIED=$OPTARG ;; R) RATES=$OPTARG ;; S) SECS=$OPTARG ;; r) R=$OPTARG ;; l) L=$OPTARG ;; p) PIDS=$OPTARG ;; f) OUT=$OPTARG ;; L) LAB=$OPTARG ;; T) TARGETS=$OPTARG ;; b) BEFORE=$OPTARG ;; v) VERIFY=$OPTARG ;; *) exit 2 ;; esac; done
build_bench
OUT=${OUT:-$RESULTS/latency-$(date +%H%M%S)-$$.jsonl}; : >"$OUT"
PF=$RUN/pf-lat-$$ PFPORT=$(freeport); trap '"$TESTENV/postfix" stop "$PF" wipe; rm -f "$RUN/ids-$$"' EXIT
"$TESTENV/postfix" start "$PF" "$PFPORT" maildir || exit 1
PFPID=$("$TESTENV/postfix" pid "$PF")
# warm both
"$BENCH" load -addr "127.0.0.1:$PFPORT" -s 10 -m 100 >/dev/null
[ "$OURS" != - ] && "$BENCH" load ${TARGETS:+-targets "$TARGETS"} -addr "$OURS" -s 10 -m 100 >/dev/null
noise
for rate in $RATES; do for ((r = 1; r <= R; r++)); do
	n=$((rate * SECS))
	if [ "$OURS" != - ]; then
		[ -n "$BEFORE" ] && { sh -c "$BEFORE" || exit 1; }
		"$BENCH" load ${TARGETS:+-targets "$TARGETS"} -addr "$OURS" -rate "$rate" -s 50 -m $n -l "$L" ${PIDS:+-pid "$PIDS"} -label "$LAB" -cell "accept @$rate/s" -ids "$RUN/ids-$$" -out "$OUT" >/dev/null
		[ -n "$VERIFY" ] && { N=$n sh -c "$VERIFY" || { echo "not a result: @$rate/s, round $r" >&2; exit 1; }; }
		sleep 1
		[ -n "$APPLIED" ] && sh -c "$APPLIED" | "$BENCH" e2e -ids "$RUN/ids-$$" -label "$LAB" -cell "e2e @$rate/s" -out "$OUT"
	fi
	"$BENCH" load -addr "127.0.0.1:$PFPORT" -rate "$rate" -s 50 -m $n -l "$L" -pid "$PFPID" -label postfix-maildir -cell "accept @$rate/s" -ids "$RUN/ids-$$" -out "$OUT" >/dev/null
	"$BENCH" waitempty "$PF/spool/incoming" "$PF/spool/active"
	(cd "$PF/mail/all/Maildir/new" && find . -type f -printf '%f %C@\n' | sort >"$RUN/ct-$$" &&
		grep -rHm1 '^Message-ID:' . | sed 's/^\.\/\([^:]*\):Message-ID: *<\(.*\)>.*/\1 \2/' | sort | join - "$RUN/ct-$$" | cut -d' ' -f2,3) |
		"$BENCH" e2e -ids "$RUN/ids-$$" -label postfix-maildir -cell "e2e @$rate/s" -out "$OUT"
	rm -f "$PF/mail/all/Maildir/new"/* "$RUN/ct-$$"
done; done
noise
"$BENCH" summary -a "$LAB" "$OUT" | cut -d'|' -f1-4,7-9,12
