#!/bin/bash
# gateway.sh: a private Planpost to be measured, over SQLite or PostgreSQL, with all its state under DIR.
#   start DIR sqlite|postgres   starts the database and the gateway; prints how long the gateway took, in ms
#   seed DIR ARGS...            planpost bench seed ARGS..., before the start
#   stop DIR                    gateway first, database last
#   smtp DIR | web DIR          HOST:PORT
#   pid DIR | pids DIR          process id of the gateway; of the gateway and its database, separated by a comma
#   count DIR                   what is stored, as one line of JSON
#   pending DIR                 how many mails wait to be indexed for the search
#   queue DIR N ed25519|both|none   an empty database with N mails due, and keys that sign them
#   drain DIR HOST:PORT         sends all that is due there, over 20 connections; fails when one is not recorded as sent
#   mailbox DIR                 an account whose mailboxes' mail becomes tasks of its one project
#   import DIR URL N            adds the mailbox and takes all of it in; fails unless it was N messages
#   poll DIR N                  looks N times into that mailbox, by a process each; fails unless there was nothing new
#   mark DIR                    remembers the counts
#   verify DIR N                N mails since the mark: N comments, N raw mails, N receipts, 2 N deliveries, or status 1
# The program is $PLANPOST (default: planpost in the project's folder, as "make build" leaves it).
. "$(dirname "$0")/lib.sh"
act=${1:-} D=${2:-}
[ -n "$D" ] || { sed -n 2,18p "$0"; exit 2; }
shift 2
mkdir -p "$D"; D=$(cd "$D" && pwd)
PLANPOST=$(realpath "${PLANPOST:-$HARNESS/../planpost}")

# settings says, in the environment, all that a measured gateway needs: everything on loopback, and no limit on how
# much one peer may send, for the load comes from one address. It is the one place that knows Planpost's configuration.
settings() {
	export PLANPOST_DATABASE PLANPOST_DATA=$D/data PLANPOST_SMTP_LISTEN PLANPOST_WEB_LISTEN
	# Nothing is gathered, so that each mail in owes two mails out: the most work, and it can be counted.
	export PLANPOST_NOTIFY_QUIET=0s PLANPOST_NOTIFY_UNDO=0s PLANPOST_LOG_LEVEL=info
	PLANPOST_SMTP_LISTEN=$(cat "$D/smtp") PLANPOST_WEB_LISTEN=$(cat "$D/web")
	PLANPOST_DATABASE=$D/data/planpost.db
	[ "$(cat "$D/engine")" = postgres ] && PLANPOST_DATABASE=postgres://postgres@127.0.0.1:$(cat "$D/pg/port")/planpost?sslmode=disable
}

database() { # starts PostgreSQL unless it runs or is not wanted
	mkdir -p "$D/data"
	echo "${1:-$(cat "$D/engine")}" >"$D/engine"
	[ -f "$D/smtp" ] || echo "127.0.0.1:$(freeport)" >"$D/smtp"
	[ -f "$D/web" ] || echo "127.0.0.1:$(freeport)" >"$D/web"
	[ "$(cat "$D/engine")" = postgres ] || return 0
	kill -0 "$("$TESTENV/postgres" pid "$D/pg" 2>/dev/null || echo none)" 2>/dev/null && return 0
	"$TESTENV/postgres" start "$D/pg" >/dev/null || exit 1
	[ -f "$D/pg/made" ] && return 0
	"$(pgbin)/createdb" -h 127.0.0.1 -p "$(cat "$D/pg/port")" -U postgres planpost && touch "$D/pg/made"
}

case $act in
start)
	database "${1:-}"
	echo "127.0.0.1:$(freeport)" >"$D/smtp"; echo "127.0.0.1:$(freeport)" >"$D/web"
	settings
	cd "$D" || exit 1
	t0=$(date +%s%3N)
	"$PLANPOST" serve >"$D/log" 2>&1 </dev/null &
	echo $! >"$D/gateway.pid"
	for at in "$PLANPOST_SMTP_LISTEN" "$PLANPOST_WEB_LISTEN"; do
		until (exec 3<>"/dev/tcp/${at%:*}/${at##*:}") 2>/dev/null; do
			kill -0 "$(cat "$D/gateway.pid")" 2>/dev/null || { tail -5 "$D/log" >&2; exit 1; }
			[ $(($(date +%s%3N) - t0)) -lt 60000 ] || { echo "the gateway does not answer on $at" >&2; exit 1; }
			sleep 0.01
		done
	done
	echo $(($(date +%s%3N) - t0)) ;;
seed)
	database "${ENGINE:-}"; settings
	cd "$D" && "$PLANPOST" bench seed "$@" ;;
stop)
	[ -f "$D/gateway.pid" ] && endpid "$(cat "$D/gateway.pid")"
	rm -f "$D/gateway.pid"
	[ -f "$D/pg/data/postmaster.pid" ] && "$TESTENV/postgres" stop "$D/pg"
	exit 0 ;;
smtp | web) cat "$D/$act" ;;
pid) cat "$D/gateway.pid" ;;
pids) echo "$(cat "$D/gateway.pid")$([ -f "$D/pg/data/postmaster.pid" ] && echo ",$(head -1 "$D/pg/data/postmaster.pid")")" ;;
count) settings; cd "$D" && "$PLANPOST" bench count --json ;;
pending) settings; cd "$D" && "$PLANPOST" bench count --json --only pending_search | tr -dc '0-9\n' ;;
queue)
	"$HARNESS/gateway.sh" stop "$D"
	rm -rf "$D/data" "$D/pg"; database "${ENGINE:-}"; settings
	cd "$D" && "$PLANPOST" bench enqueue "$1" >/dev/null || exit 1
	[ "$2" = none ] && exit 0
	"$PLANPOST" dkim new >/dev/null || exit 1
	domain=$("$PLANPOST" dkim list --json | sed -n 's/.*"domain":"\([^"]*\)".*/\1/p' | head -1)
	for key in $("$PLANPOST" dkim list --json | sed -n 's/.*"algorithm":"\([^"]*\)".*"selector":"\([^"]*\)".*/\1:\2/p'); do
		[ "$2" = both ] || [[ $key == "$2"* ]] && "$PLANPOST" dkim begin "${key#*:}" "$domain" >/dev/null
	done; exit 0 ;;
drain)
	settings
	cd "$D" && PLANPOST_MAILER_CONCURRENCY=20 "$PLANPOST" serve --roles mailer --relay "$1" --until-idle >"$D/log" 2>&1 || { tail -5 "$D/log" >&2; exit 1; }
	[ "$("$PLANPOST" bench count --only due)" = 0 ] || { echo "mails are left in the queue" >&2; exit 1; } ;;
mailbox)
	database sqlite; settings
	cd "$D" && "$PLANPOST" account create --name Bench --owner owner@bench.test --password "paper lanterns over water" >/dev/null || exit 1
	"$PLANPOST" project create --name Import --json | sed -n 's/.*"id":"\([^"]*\)".*/\1/p' >"$D/project" ;;
import)
	settings
	cd "$D" && "$PLANPOST" mailbox add "$1&else=$(cat "$D/project")&authserv=mx.in.test" >/dev/null || exit 1
	[ "$("$PLANPOST" mailbox pull box@in.test)" = "box@in.test: $2 new" ] || { echo "not every message was taken in once" >&2; exit 1; } ;;
poll)
	settings
	for ((i = 0; i < $1; i++)); do [ "$("$PLANPOST" mailbox pull box@in.test)" = "box@in.test: 0 new" ] || exit 1; done ;;
mark) "$HARNESS/gateway.sh" count "$D" >"$D/mark.json" ;;
verify)
	"$HARNESS/gateway.sh" count "$D" >"$D/now.json" || exit 1
	"$BENCH" counted -n "$1" "$D/mark.json" "$D/now.json" ;;
*) sed -n 2,18p "$0"; exit 2 ;;
esac
