# Shared by the scripts of this directory; sourced, not run.
# BENCH_HOME: where everything made here goes; default planpost-bench in the temporary folder
# BENCH_RUN: where servers keep their state (on the disk to be measured); default $BENCH_HOME/run
# BENCH_RESULTS: where result lines go; default $BENCH_HOME/results
set -u
HARNESS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TESTENV=$(cd "$HARNESS/../testenv" && pwd)
. "$TESTENV/lib.sh"
export PLANPOST_PG_DURABLE=1 # what is measured is synced to disk
BENCH_HOME=${BENCH_HOME:-${TMPDIR:-/tmp}/planpost-bench}
RUN=${BENCH_RUN:-$BENCH_HOME/run}
RESULTS=${BENCH_RESULTS:-$BENCH_HOME/results}
mkdir -p "$RUN" "$RESULTS" "$BENCH_HOME/bin"
RUN=$(cd "$RUN" && pwd); RESULTS=$(cd "$RESULTS" && pwd)
BENCH=$BENCH_HOME/bin/bench
PEERS=$BENCH_HOME/bin/peers

build_bench() {
	[ -x "$BENCH" ] && [ -z "$(find "$HARNESS/tool" -name '*.go' -newer "$BENCH" -print -quit)" ] && return
	(cd "$HARNESS/tool" && GOWORK=off go build -o "$BENCH" .) || exit 1
}
build_peers() {
	[ -x "$PEERS" ] && [ -z "$(find "$HARNESS/peers" -name '*.go' -newer "$PEERS" -print -quit)" ] && return
	(cd "$HARNESS/peers" && GOWORK=off go build -o "$PEERS" .) || exit 1
}
noise() { echo "# $(date -u +%FT%TZ) load $(cut -d' ' -f1-3 /proc/loadavg) steal/idle ticks $(awk '/^cpu /{print $9"/"$5}' /proc/stat)"; }
