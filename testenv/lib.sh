# Shared by the scripts of testenv/ and bench/; sourced, not run.

# freeport prints a port below the ephemeral range on which nothing listens now.
freeport() {
	local p
	while :; do
		p=$((20000 + RANDOM % 12000))
		(exec 3<>"/dev/tcp/127.0.0.1/$p") 2>/dev/null || { echo "$p"; return; }
	done
}

# waitport HOST:PORT [TRIES of 0.1 s] returns when something answers there.
waitport() {
	local h=${1%:*} p=${1##*:} i
	for ((i = 0; i < ${2:-100}; i++)); do
		(exec 3<>"/dev/tcp/$h/$p") 2>/dev/null && return 0
		sleep 0.1
	done
	echo "nothing answers on $1" >&2
	return 1
}

# endpid PID...: TERM, wait 10 s, then KILL. Only what the caller started is passed here.
endpid() {
	local p i
	for p in "$@"; do
		[ -n "$p" ] && [ "$p" -gt 1 ] 2>/dev/null || continue
		kill "$p" 2>/dev/null || continue
		for ((i = 0; i < 100; i++)); do kill -0 "$p" 2>/dev/null || continue 2; sleep 0.1; done
		kill -9 "$p" 2>/dev/null
	done
}

# pgbin prints the folder of PostgreSQL's server programs: $PGBIN, else Debian's newest, else what the PATH has.
pgbin() {
	local d
	[ -n "${PGBIN:-}" ] && { echo "$PGBIN"; return 0; }
	for d in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
		[ -x "$d/initdb" ] && { echo "$d"; return 0; }
	done
	d=$(command -v initdb) && dirname "$(readlink -f "$d")"
}

# browser prints the path of a Chromium that runs without a screen.
browser() {
	command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome
}

# roomy DIR prints DIR when it lies in memory, programs may be run there, and the tests leave most of it free.
roomy() {
	local need=$((3 * 1024 * 1024)) try ok=
	[ "$(stat -f -c %T "$1" 2>/dev/null)" = tmpfs ] || return 1
	[ "$(df --output=avail -k "$1" | tail -1)" -ge "$need" ] || return 1
	[ "$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)" -ge $((2 * need)) ] || return 1
	try=$(mktemp "$1/planpost-try.XXXXXX") || return 1
	printf '#!/bin/sh\n' >"$try" && chmod +x "$try" && "$try" && ok=1
	rm -f "$try"
	[ -n "$ok" ] && echo "$1"
} 2>/dev/null

# reachable DIR lets servers that run as users of their own get to DIR: a folder that Go's tests make in the temporary
# folder is closed to everybody else.
reachable() {
	local d=$1
	while [ "$d" != / ] && [ "$d" != . ] && [[ $d == "${TMPDIR:-/tmp}"/* ]]; do
		chmod o+x "$d"
		d=$(dirname "$d")
	done
}
