#!/bin/bash
# proto-ingress.sh [bench-ingress options...]: what a plain Go stack reaches: go-smtp + parser + PostgreSQL (inbound row
# and comment row in one transaction, grouped) or SQLite, beside Postfix. A = parser "stdlib" + PostgreSQL.
. "$(dirname "$0")/lib.sh"
build_bench; build_peers
S=$RUN/proto-$$; mkdir -p "$S"; PIDS=(); X=()
trap 'endpid "${PIDS[@]:-}"; "$TESTENV/postgres" stop "$S/pg"; rm -rf "$S"' EXIT
DSN=$("$TESTENV/postgres" start "$S/pg"); PGPID=$("$TESTENV/postgres" pid "$S/pg")
srv() { P=$(freeport); "$PEERS" serve -addr 127.0.0.1:$P "$@" 2>/dev/null & LAST=$!; PIDS+=($LAST); waitport 127.0.0.1:$P; }
srv -parse stdlib -store pg -where "$DSN"; A=127.0.0.1:$P AP=$LAST,$PGPID
srv -parse enmime-nodetect -store pg -where "$DSN"; X+=(-x "enmime-nodetect+pg 127.0.0.1:$P $LAST,$PGPID")
srv -parse enmime -store pg -where "$DSN"; X+=(-x "enmime+pg 127.0.0.1:$P $LAST,$PGPID")
srv -parse stdlib -store modernc -where "$S/sq"; X+=(-x "stdlib+sqlite 127.0.0.1:$P $LAST")
"$HARNESS/bench-ingress.sh" $A -p $AP "${X[@]}" "$@"
