#!/bin/bash
# bench-ingress.sh OURS_HOST:PORT|- [options]
# Starts a private Postfix and sends the same mail to ours (A) and Postfix (B) in turn, A B A B ...
# "-" measures the peers alone.
#   -p PIDS    process id(s) of ours: CPU and memory of the whole tree
#   -d CMD     shell command printing how many of our messages are accepted but not yet applied (0 = drained);
#              default: ours is done when it answers 250
#   -m MODE    Postfix: hold (accept only) | discard | maildir (default: durable final delivery)
#   -r N       rounds (3)          -s "1 10 50" sessions       -l "4096 102400" sizes
#   -n N       messages per run (default 1000, large sizes 300)
#   -t RCPT    recipient, %d = number below 5000 (reply+%d@in.test)
#   -T FILE    lines "FROM RCPT": who writes to which address of ours (planpost bench seed writes it)
#   -D DIR     send the mails of this directory instead of made ones (sizes are then ignored)
#   -k         keep the connection for many messages (default: one connection each, as smtp-source)
#   -g GEN     own (default) | smtp-source
#   -x "LABEL HOST:PORT PIDS [lmtp]"  a further peer, may be repeated
#   -b CMD     run before each run of ours (takes count of what is there)
#   -v CMD     run after each run of ours with N in its environment: a run counts only if it ends with status 0
. "$(dirname "$0")/lib.sh"
[ $# -ge 1 ] || { sed -n 2,21p "$0"; exit 2; }
OURS=$1; shift
PIDS= DRAIN= MODE=maildir R=3 SES="1 10 50" SIZES="4096 102400" N= TO='reply+%d@in.test' DIR= KEEP= GEN=own EXTRA=() OUT= TARGETS= BEFORE= VERIFY=
while getopts p:d:m:r:s:l:n:t:T:D:kg:x:o:b:v: o; do case $o in
	p) PIDS=$OPTARG ;; d) DRAIN=$OPTARG ;; m) MODE=$OPTARG ;; r) R=$OPTARG ;; s) SES=$OPTARG ;; l) SIZES=$OPTARG ;;
	n) N=$OPTARG ;; t) TO=$OPTARG ;; T) TARGETS=$OPTARG ;; D) DIR=$OPTARG ;; k) KEEP=-persist ;; g) GEN=$OPTARG ;; x) EXTRA+=("$OPTARG") ;; o) OUT=$OPTARG ;; b) BEFORE=$OPTARG ;; v) VERIFY=$OPTARG ;;
	*) exit 2 ;;
esac; done
build_bench
OUT=${OUT:-$RESULTS/ingress-$(date +%H%M%S)-$$.jsonl}; : >"$OUT"
PF=$RUN/pf-ingress-$$ PFPORT=$(freeport)
trap '"$TESTENV/postfix" stop "$PF" wipe' EXIT
"$TESTENV/postfix" start "$PF" "$PFPORT" "$MODE" || exit 1
PFPID=$("$TESTENV/postfix" pid "$PF")
now() { date +%s.%N; }
cpu() { "$BENCH" tree -pid "$1" | sed 's/.*"cpu_s":\([0-9.]*\).*/\1/'; }

# one LABEL ADDR PIDS DRAINCMD PROTO SESSIONS SIZE COUNT
one() {
	local lab=$1 addr=$2 pids=$3 drain=$4 proto=$5 s=$6 l=$7 n=$8 t0 t1 c0=0 c1=0 cell=s$6/l$7 el
	[ -n "$pids" ] && c0=$(cpu "$pids")
	t0=$(now)
	if [ "$GEN" = smtp-source ]; then
		smtp-source -A $([ -n "$KEEP" ] && echo -d) $([ "$proto" = lmtp ] && echo -L) -N -s "$s" -l "$l" -m "$n" -f user1@sender.test -t "${TO//%d/}" "inet:$addr" >/dev/null 2>>"$RESULTS/smtp-source.err"
		t1=$(now)
		[ -n "$pids" ] && c1=$(cpu "$pids")
		"$BENCH" record -out "$OUT" "$lab" "accept $cell" n="$n" secs="$(echo "$t1-$t0" | bc)" cpu1000="$(echo "scale=4; ($c1-$c0)*1000/$n" | bc)" >/dev/null
	else
		"$BENCH" load -addr "$addr" $KEEP $([ "$proto" = lmtp ] && echo -lmtp) -s "$s" -l "$l" -m "$n" -to "$TO" $([ "$lab" = ours ] && [ -n "$TARGETS" ] && echo "-targets $TARGETS") ${DIR:+-dir "$DIR"} ${pids:+-pid "$pids"} -label "$lab" -cell "accept $cell" -out "$OUT" >/dev/null
	fi
	case $drain in
	"") return ;;
	postfix) "$BENCH" waitempty "$PF/spool/incoming" "$PF/spool/active" "$PF/spool/maildrop" ;;
	*) "$BENCH" waitempty -cmd "$drain" ;;
	esac
	t1=$(now); el=$(echo "$t1-$t0" | bc)
	[ -n "$pids" ] && c1=$(cpu "$pids")
	"$BENCH" record -out "$OUT" "$lab" "done $cell" n="$n" secs="$el" cpu1000="$(echo "scale=4; ($c1-$c0)*1000/$n" | bc)" >/dev/null
}
noise
for l in $SIZES; do for s in $SES; do
	n=${N:-$([ "$l" -gt 20000 ] && echo 300 || echo 1000)}
	for ((r = 1; r <= R; r++)); do
		if [ "$OURS" != - ]; then
			[ -n "$BEFORE" ] && { sh -c "$BEFORE" || exit 1; }
			one ours "$OURS" "$PIDS" "${DRAIN:-echo 0}" smtp "$s" "$l" "$n"
			[ -n "$VERIFY" ] && { N=$n sh -c "$VERIFY" || { echo "not a result: s$s/l$l, round $r" >&2; exit 1; }; }
		fi
		pd=postfix; [ "$MODE" = hold ] && pd=
		one "postfix-$MODE" "127.0.0.1:$PFPORT" "$PFPID" "$pd" smtp "$s" "$l" "$n"
		[ "$MODE" = hold ] && postsuper -c "$PF/conf" -d ALL >/dev/null 2>&1
		for x in "${EXTRA[@]:-}"; do
			[ -n "$x" ] || continue
			set -- $x
			one "$1" "$2" "${3:-}" "" "${4:-smtp}" "$s" "$l" "$n"
		done
	done
done; done
noise
echo "# results in $OUT"
"$BENCH" summary -a ours "$OUT"
