#!/bin/bash
# limits.sh [rounds] [seconds]: physical limits of this machine. Cells run in turn, `rounds` times.
. "$(dirname "$0")/lib.sh"
build_bench; build_peers
R=${1:-3} T=${2:-2}
OUT=$RESULTS/limits.jsonl; : >"$OUT"
noise
PGD=$RUN/pg; DSN=$("$TESTENV/postgres" start "$PGD") || exit 1
trap '"$TESTENV/postgres" stop "$PGD"' EXIT
PGP=$(cat "$PGD/port")
export PATH=$(pgbin):$PATH
psqlq() { psql -qAt "$DSN" "$@"; }
psqlq -c "create table if not exists t(id bigserial primary key, mid text not null, body text not null)"
cat >"$RUN/ins200.sql" <<'S'
insert into t(mid,body) values (gen_random_uuid()::text, repeat('x',200));
S
cat >"$RUN/ins4k.sql" <<'S'
insert into t(mid,body) values (gen_random_uuid()::text, (select string_agg(md5(random()::text),'') from generate_series(1,128)));
S
cat >"$RUN/insb100.sql" <<'S'
insert into t(mid,body) select gen_random_uuid()::text, repeat('x',200) from generate_series(1,100);
S
for ((r = 1; r <= R; r++)); do
	"$BENCH" fsync -dir "$RUN/fs" -t "$T" -out "$OUT"
	for drv in modernc mattn; do for lim in 1 100; do for c in 1 64; do
		[ $lim = 100 ] && [ $c = 1 ] && continue
		rm -rf "$RUN/sq"; "$PEERS" db -store $drv -where "$RUN/sq" -clients $c -limit $lim -l 4096 -t "$T" -out "$OUT"
	done; done; done
	rm -rf "$RUN/sq"
	for sc in ins200 ins4k insb100; do for c in 1 16 64; do
		[ $sc = insb100 ] && [ $c != 1 ] && continue
		psqlq -c "truncate t"
		tps=$(pgbench -n -h 127.0.0.1 -p "$PGP" -U postgres -f "$RUN/$sc.sql" -c $c -j 2 -T "$T" -M prepared postgres 2>/dev/null | awk '/^tps/{print $3}')
		"$BENCH" record -out "$OUT" pgbench "$sc/c$c" rate="$tps"
	done; done
	for c in "1 1 1" "16 16 1" "64 64 1" "64 1 100" "64 2 100" "256 2 256"; do set -- $c
		psqlq -c "truncate inbound" 2>/dev/null
		"$PEERS" db -store pg -where "$DSN" -clients $1 -workers $2 -limit $3 -comment -l 4096 -t "$T" -out "$OUT"
	done
done
noise
"$BENCH" summary -a none "$OUT"
