#!/bin/bash
# all.sh [PART...]: the figures Planpost is measured by, over SQLite and over PostgreSQL, each printed as
#   FIGURE name value unit (wanted at least|at most x, met|missed)
# With no part all are measured, in 30 minutes at most; BENCH_LIMIT=SECONDS sets another limit. Parts:
#   ingress, ingress-postgres   mail in, beside a private Postfix that delivers into a Maildir: rate and processor
#   latency, latency-postgres   100 mails a second, open loop: due to comment committed, beside the same Postfix
#   live, live-postgres         the same load: from the 250 to the words in an open page
#   memory                      start, idle, under 50 sessions
#   search, search-postgres     pages and search over 1,000,000 comments in 50,000 tasks
#   growth, growth-postgres     processor cost of a mail on those, beside an empty database
#   rights                      a decision for one object and for a list; a sign-in beyond the password hash
#   queue                       10,000 recipients of one event until queued; a claim while 1,000,000 mails are due; both engines
#   outbound, outbound-postgres the durable queue into a counting sink beside Postfix: with an Ed25519 signature, with RSA-2048
#                               too, and into a sink that waits 20 ms
#   reply                       answers understood a second, 10 MB beside 1 MB of one thing, all on one core
#   download                    files of plans: block to last byte in one process and across two, a thousand links ended, rate
#                               beside http.ServeContent alone, memory of 200 at once, an archive of 400 plans
#   imap                        10,000 messages of a private Dovecot, each a comment, beside mbsync that only fetches them; 100,000 in
#                               bounded memory; a poll that finds nothing; APPEND to kept, beside the least an IDLE client can do
#   parse                       cost of a mail of others, memory of one of 50 MB; shares told apart rightly, if they are there
# A run counts only if every mail became one comment, one raw mail, one receipt and two deliveries.
# BENCH_ROUNDS=N (5) alternating rounds; BENCH_COMMENTS, BENCH_TASKS: a smaller amount of data, to try things out.
# The large data is made once and kept under BENCH_HOME; it needs 8 GB of disk for each database.
# Status 1: something could not be measured. A figure that was missed does not change the status.
. "$(dirname "$0")/lib.sh"
PARTS="rights reply parse memory queue download imap outbound outbound-postgres ingress ingress-postgres latency latency-postgres live live-postgres search growth search-postgres growth-postgres"
case ${1:-} in help | -h | --help) sed -n 2,24p "$0"; exit 0 ;; esac
LIMIT=${BENCH_LIMIT:-1800} ROUNDS=${BENCH_ROUNDS:-5} COMMENTS=${BENCH_COMMENTS:-1000000} TASKS=${BENCH_TASKS:-50000}
GW=$HARNESS/gateway.sh
FIGURES=${BENCH_FIGURES:-$RESULTS/figures.txt}
build_bench

figure() { "$BENCH" figure -out "$FIGURES" "$@"; } # [-min X|-max X] NAME VALUE UNIT
pick() { "$BENCH" pick "$@"; }
fail() { echo "# $*" >&2; exit 1; }

# One part runs in a process of its own, with what it started ended by its trap, and the time that is left.
if [ $# != 1 ] || [[ " $PARTS " != *" $1 "* ]]; then
	for p in "$@"; do [[ " $PARTS " == *" $p "* ]] || fail "no such part: $p (all.sh help lists them)"; done
	: >"$FIGURES"
	bad=0
	for p in ${*:-$PARTS}; do
		left=$((LIMIT - SECONDS))
		echo "== $(date +%T), $left s left: $p"
		[ "$left" -gt 10 ] || { echo "FIGURE $p none - (not measured: the time is up)" | tee -a "$FIGURES"; bad=1; continue; }
		BENCH_FIGURES=$FIGURES timeout --signal=TERM --kill-after=30 "$left" "$HARNESS/all.sh" "$p" || { bad=1; echo "FIGURE $p none - (not measured: see above)" | tee -a "$FIGURES"; }
	done
	echo "== $(date +%T): all figures, after $SECONDS s"
	cat "$FIGURES"
	exit $bad
fi

PART=$1 ENGINE=sqlite
[[ $PART == *-postgres ]] && ENGINE=postgres
OUT=$RESULTS/$PART.jsonl; : >"$OUT"
STARTED=() # folders of gateways
W=$RUN/$PART-$$
stopall() { trap - EXIT TERM INT; kill $(jobs -p) 2>/dev/null; for d in "${STARTED[@]}"; do "$GW" stop "$d"; done; rm -rf "$W"; }
trap stopall EXIT
trap 'exit 143' TERM INT
mkdir -p "$W"

# gateway DIR [SEED ARGS...]: makes one of this part's engine, seeds it, starts it
gateway() {
	local d=$1; shift
	STARTED+=("$d")
	[ $# = 0 ] || ENGINE=$ENGINE "$GW" seed "$d" "$@" || fail "cannot seed $d"
	STARTMS=$("$GW" start "$d" "$ENGINE") || fail "the gateway does not start"
}
# load DIR LABEL CELL ARGS...: a run of our own generator against one gateway, counted and verified
load() {
	local d=$1 label=$2 cell=$3 n; shift 3
	n=$(printf '%s\n' "$@" | grep -A1 -x -- -m | tail -1)
	"$GW" mark "$d" || return 1
	"$BENCH" load -addr "$("$GW" smtp "$d")" -label "$label" -cell "$cell" -out "$OUT" "$@" >/dev/null && "$GW" verify "$d" "$n"
}
# settled DIR waits until everything is indexed for the search.
settled() { "$BENCH" waitempty -cmd "$GW pending $1"; }
cpu() { "$BENCH" tree -pid "$("$GW" pids "$1")" | sed 's/.*"cpu_s":\([0-9.]*\).*/\1/'; }
# cost DIR LABEL N TARGETS: processor time, database and indexing included, of N mails from 10 sessions
cost() {
	local c0 c1
	settled "$1" && "$GW" mark "$1" || return 1
	c0=$(cpu "$1")
	"$BENCH" load -addr "$("$GW" smtp "$1")" -label "$2" -cell load -out "$OUT" -m "$3" -s 10 -targets "$4" >/dev/null
	settled "$1" || return 1
	c1=$(cpu "$1")
	"$GW" verify "$1" "$3" || return 1
	"$BENCH" record -out "$OUT" "$2" cost n="$3" cpu1000="$(echo "scale=4; ($c1-$c0)*1000/$3" | bc)"
}
need_postfix() { [ "$(id -u)" = 0 ] && command -v postfix >/dev/null || fail "this part measures beside Postfix, which needs root and the Debian package postfix"; }

ingress() {
	need_postfix
	gateway "$W/gw" --tasks 5000 --targets "$W/targets"
	local common=("$("$GW" smtp "$W/gw")" -p "$("$GW" pids "$W/gw")" -m maildir -r "$ROUNDS" -T "$W/targets" -b "$GW mark $W/gw" -v "$GW verify $W/gw \$N" -d "$GW pending $W/gw")
	load "$W/gw" warm warm -m 200 -s 10 -targets "$W/targets" || fail "the first mails are not as they should be"
	"$HARNESS/bench-ingress.sh" "${common[@]}" -o "$OUT.fresh" || return 1
	"$HARNESS/bench-ingress.sh" "${common[@]}" -k -s "10 50" -l 4096 -n 2000 -o "$OUT.kept" || return 1
	if [ $ENGINE = sqlite ]; then
		ratios fresh 4096 1:1.8 10:3 50:3.5; ratios kept 4096 10:4 50:5; ratios fresh 102400 1:1.2 10:1.5 50:2; processor 0.9
	else
		ratios fresh 4096 1:1.5 10:2.5 50:3; ratios kept 4096 10:3 50:3; ratios fresh 102400 1:1 10:1 50:1.2; processor 1.2
	fi
}
ratios() { # fresh|kept SIZE SESSIONS:WANTED...
	local kind=$1 l=$2 c s; shift 2
	for c in "$@"; do
		s=${c%:*}
		# The harder comparison: Postfix's own 250, before it delivers. Delivered mails are given beside it.
		figure -min "${c#*:}" "$PART/$kind/$l/$s" "$(pick -cell "accept s$s/l$l" -over "postfix-maildir@accept s$s/l$l" "$OUT.$kind")" "x_postfix_250"
		figure "$PART/$kind/$l/$s/delivered" "$(pick -cell "accept s$s/l$l" -over "postfix-maildir@done s$s/l$l" "$OUT.$kind")" "x_postfix_delivered"
	done
}
processor() { # WANTED
	local s
	for s in 10 50; do
		# "done" counts until the mails are indexed for the search too.
		figure -max "$1" "$PART/processor/fresh/$s" "$(pick -field srv_cpu_s_per_1000 -cell "done s$s/l4096" "$OUT.fresh")" "s/1000"
		figure -max "$1" "$PART/processor/kept/$s" "$(pick -field srv_cpu_s_per_1000 -cell "done s$s/l4096" "$OUT.kept")" "s/1000"
	done
}

latency() {
	need_postfix
	gateway "$W/gw" --tasks 5000 --targets "$W/targets"
	"$HARNESS/bench-latency.sh" "$("$GW" smtp "$W/gw")" -T "$W/targets" -p "$("$GW" pids "$W/gw")" -R 100 -r 3 -f "$OUT" \
		-b "$GW mark $W/gw" -v "$GW verify $W/gw \$N" || return 1
	local ours theirs
	# The comment is committed before the 250, so the time to the 250 is the upper bound of the time to the comment.
	ours=$(pick -field p99_ms -cell "accept @100/s" "$OUT") theirs=$(pick -label postfix-maildir -field p99_ms -cell "e2e @100/s" "$OUT")
	figure -max 60 "$PART/p99" "$ours" ms
	figure -max "$theirs" "$PART/p99/beside-postfix-delivered" "$ours" ms
	figure "$PART/p50" "$(pick -field p50_ms -cell "accept @100/s" "$OUT")" ms
}

live() {
	gateway "$W/gw" --tasks 100 --targets "$W/targets" --live "$W/live"
	load "$W/gw" warm warm -m 200 -s 10 -targets "$W/targets" || fail "the first mails are not as they should be"
	"$GW" mark "$W/gw"
	"$BENCH" live -smtp "$("$GW" smtp "$W/gw")" -web "$("$GW" web "$W/gw")" -watch "$W/live" -m 1500 -out "$OUT" || return 1
	"$GW" verify "$W/gw" 1500 || return 1
	figure -max 200 "$PART/p99" "$(pick -field p99_ms -cell "live @100/s" "$OUT")" ms
	figure "$PART/p50" "$(pick -field p50_ms -cell "live @100/s" "$OUT")" ms
}

memory() {
	gateway "$W/gw" --tasks 5000 --targets "$W/targets"
	figure -max 1 "$PART/start" "$(echo "scale=3; $STARTMS/1000" | bc)" s
	sleep 3 # what the start needed is given back
	figure -max 40 "$PART/idle" "$("$BENCH" tree -pid "$("$GW" pid "$W/gw")" | sed 's/.*"pss_mb":\([0-9.]*\).*/\1/')" MB
	load "$W/gw" ours 4096 -m 5000 -s 50 -l 4096 -targets "$W/targets" -pss -pid "$("$GW" pid "$W/gw")" || return 1
	figure -max 80 "$PART/50x4KB" "$(pick -field srv_pss_mb -cell 4096 "$OUT")" MB
	load "$W/gw" ours 102400 -m 2000 -s 50 -l 102400 -targets "$W/targets" -pss -pid "$("$GW" pid "$W/gw")" || return 1
	figure -max 160 "$PART/50x100KB" "$(pick -field srv_pss_mb -cell 102400 "$OUT")" MB
}

# large starts a gateway on the large data, which is made when it is not there, or made by another schema.
large() {
	local schema free
	schema=$(cat "$HARNESS"/../store/migrations/* 2>/dev/null | cksum | cut -d' ' -f1)
	LARGE=$BENCH_HOME/large/$ENGINE-$COMMENTS-$TASKS-$schema
	if [ ! -f "$LARGE/complete" ]; then
		rm -rf "$BENCH_HOME/large/$ENGINE-$COMMENTS-$TASKS-"*
		mkdir -p "$LARGE"
		free=$(df -Pk "$LARGE" | awk 'NR==2{print int($4/1024)}')
		[ "$free" -gt $((COMMENTS / 125)) ] || fail "$free MB free under $BENCH_HOME, $((COMMENTS / 125)) wanted"
		STARTED+=("$LARGE")
		ENGINE=$ENGINE "$GW" seed "$LARGE" --tasks "$TASKS" --comments "$COMMENTS" --targets "$LARGE/targets" --pages "$LARGE/pages" || fail "the large data could not be made"
		touch "$LARGE/complete"
	fi
	gateway "$LARGE"
}

search() {
	large
	settled "$LARGE" || return 1
	"$BENCH" pages -addr "$("$GW" web "$LARGE")" -pages "$LARGE/pages" -out "$OUT" || return 1
	local k
	for k in $(cut -f1 "$LARGE/pages" | sort -u); do
		figure -max "$([[ $k == search* ]] && echo 100 || echo 25)" "$PART/$k/p99" "$(pick -label "$k" -field p99_ms -cell pages "$OUT")" ms
	done
}

growth() {
	large
	gateway "$W/gw" --tasks 1000 --targets "$W/targets"
	load "$W/gw" warm warm -m 200 -s 10 -targets "$W/targets" && load "$LARGE" warm warm -m 200 -s 10 -targets "$LARGE/targets" || return 1
	local r
	for ((r = 1; r <= 9; r++)); do
		cost "$LARGE" large 500 "$LARGE/targets" && cost "$W/gw" empty 500 "$W/targets" || return 1
	done
	figure -max 1.3 "$PART/processor" "$(pick -label large -field srv_cpu_s_per_1000 -cell cost -over empty@cost "$OUT")" "x_empty"
}

# understood KIND PATTERN [PACKAGE]: runs tests of the program that print CORPUS NAME VALUE UNIT MIN MAX, and gives their figures
understood() {
	local out=$W/$1 name value unit min max bound package=${3:-./cmd/planpost}
	case $1 in
	bench) set -- -run '^$' -bench "$2" -benchtime 1x ;;
	test) set -- -run "$2" -count 1 -v ;;
	esac
	# A figure that was missed fails its test, too; what was printed before counts.
	(cd "$HARNESS/.." && go test -timeout 280s "$@" "$package") >"$out" 2>&1
	sed -n 's/^.*CORPUS \([^ ]* [^ ]* [^ ]* [^ ]* [^ ]*\)$/\1/p' "$out" >"$out.figures"
	while read -r name value unit min max; do
		bound=(-min "$min")
		case "$min $max" in "0 0") bound=() ;; "0 "*) bound=(-max "$max") ;; esac
		figure "${bound[@]}" "$name" "$value" "$unit"
	done <"$out.figures"
	[ -s "$out.figures" ] || { grep -q -e '^--- SKIP' -e 'not beside the project' "$out" && echo "# the collection of other people's mails is not beside the project"; } || { tail -20 "$out" >&2; return 1; }
}
reply() { understood bench '^BenchmarkUnderstand(Replies|Large)$'; }
download() {
	local url
	url=$("$TESTENV/postgres" start "$W/pg") || fail "PostgreSQL does not start"
	PLANPOST_BENCH_DOWNLOAD=${BENCH_BLOCKS:-100} PLANPOST_TEST_POSTGRES=$url understood bench '^BenchmarkDownload' ./web
	local bad=$?
	"$TESTENV/postgres" stop "$W/pg" immediate
	return $bad
}
parse() { understood bench '^BenchmarkUnderstand(Mails|Memory)$' && understood test 'OfOthers'; }

# rights measures sign-ins over both engines, with durable commits.
rights() {
	local url
	url=$("$TESTENV/postgres" start "$W/pg") || fail "PostgreSQL does not start"
	PLANPOST_TEST_POSTGRES=$url TMPDIR=$W understood bench '^Benchmark(Decisions|SignIn)$'
	local bad=$?
	"$TESTENV/postgres" stop "$W/pg" immediate
	return $bad
}

# queue asks both engines, with durable commits.
queue() {
	local url
	url=$("$TESTENV/postgres" start "$W/pg") || fail "PostgreSQL does not start"
	PLANPOST_TEST_POSTGRES=$url TMPDIR=$W understood bench '^BenchmarkQueue$'
	local bad=$?
	"$TESTENV/postgres" stop "$W/pg" immediate
	return $bad
}

# outbound drains a queue of 5,000 mails, made anew for each round, over as many connections as Postfix has.
outbound() {
	need_postfix
	local keys
	STARTED+=("$W/out")
	for keys in ed25519 both; do
		drained "$keys" -n 5000 -r "$ROUNDS" -x postfix -f "$OUT.$keys" || return 1
	done
	drained ed25519 -n 3000 -r 3 -d 20ms -x none -f "$OUT.slow" || return 1
	figure -min 1.5 "$PART/ed25519" "$(pick -label ours -cell "deliver n5000/l4096/d0ms" -over "postfix@deliver n5000/l4096/d0ms" "$OUT.ed25519")" x_postfix
	figure -min 0.7 "$PART/rsa-and-ed25519" "$(pick -label ours -cell "deliver n5000/l4096/d0ms" -over "postfix@deliver n5000/l4096/d0ms" "$OUT.both")" x_postfix
	# 20 connections, each 20 ms for a mail: 1,000 a second are possible.
	figure -min 0.9 "$PART/slow-sink" "$(echo "scale=4; $(pick -label ours -cell "deliver n3000/l4096/d20ms" "$OUT.slow")/1000" | bc)" x_possible
}
# drained KEYS ARGS...: bench-outbound.sh with our queue; every mail must have arrived once and be recorded
drained() {
	local keys=$1; shift
	ENGINE=$ENGINE "$HARNESS/bench-outbound.sh" -P "$GW queue $W/out \$N $keys" -o "$GW drain $W/out \$SINK_ADDR" "$@"
}

# imap measures with every message a comment of a task that it makes.
imap() {
	[ "$(id -u)" = 0 ] && [ -x /usr/lib/dovecot/imap ] && command -v mbsync >/dev/null || fail "this part needs root and the Debian packages dovecot-imapd, dovecot-lmtpd and isync"
	local gw=$W/box url='imap://$IMAP_USER:test@$IMAP_ADDR/$IMAP_BOX?address=box@in.test' ours a b
	"$GW" mailbox "$gw" || return 1
	ours="cp -r $gw/. \$OUT_DIR/ && $GW import \$OUT_DIR \"$url&since=2000-01-01\" \$IMAP_N"
	"$HARNESS/bench-imap.sh" -n 10000 -r "$ROUNDS" -x mbsync -f "$OUT.first" -o "$ours" || return 1
	figure -min 2 "$PART/first-10000" "$(pick -label ours -cell "first fetch 10000" -over "mbsync@first fetch 10000" "$OUT.first")" x_mbsync
	"$HARNESS/bench-imap.sh" -n 100000 -r 1 -x "" -f "$OUT.large" -o "$ours" || return 1
	figure -max 80 "$PART/memory-100000" "$(pick -label ours -field srv_rss_mb -cell "first fetch 100000" "$OUT.large")" MB
	# The same mailboxes, all of them known: what a look costs a process that starts for it, all it does told, and mbsync.
	local d=$RUN/dc-imap ip lp
	for n in 10000 100000; do
		ip=$(freeport) lp=$(freeport)
		"$HARNESS/dovecot.sh" start "$d" "$ip" "$lp" >/dev/null 2>&1 </dev/null || return 1
		cp -r "$gw" "$W/poll$n"
		(export IMAP_USER=u$n IMAP_ADDR=127.0.0.1:$ip IMAP_BOX=INBOX; sh -c "$GW import $W/poll$n \"$url&since=2000-01-01\" $n") &&
			/usr/bin/time -o "$W/time" -f '%U %S' "$GW" poll "$W/poll$n" 50 && read -r a b <"$W/time"
		"$HARNESS/dovecot.sh" stop "$d"
		figure -max 10 "$PART/poll-$n" "$(echo "scale=2; ($a+$b)*1000/50" | bc)" ms_cpu
	done
	cp -r "$gw" "$W/idle"
	PLANPOST_DATA=$W/idle/data PLANPOST_DATABASE=$W/idle/data/planpost.db PLANPOST_LOG_LEVEL=warn "$HARNESS/bench-idle.sh" -n 60 -x bound -f "$OUT.idle" -w "$W/seen" \
		-o "env IMAP_ADDR=\$IMAP_ADDR sh -c '$GW import $W/idle \"$url\" 0 && exec ${PLANPOST:-$HARNESS/../planpost} mailbox watch --seen $W/seen box@in.test'" || return 1
	a=$(pick -label ours -field p99_ms -cell append-to-seen "$OUT.idle") b=$(pick -label bound-idle -field p99_ms -cell append-to-seen "$OUT.idle")
	figure -max 50 "$PART/idle-p99-above-bound" "$(echo "scale=2; $a-$b" | bc)" ms
}

noise
"${PART%-postgres}" || fail "$PART: not measured"
