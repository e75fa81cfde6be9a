#!/usr/bin/env bash
# What a stranger sees: a fresh clone of HEAD, an empty HOME, a bare environment, and the README's commands. Checks that
# `npm ci && npm start` answers with the sample catalogue, that a second start is quick, and that kill -9 leaves nothing broken.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
port=${NEWCOMER_PORT:-8000}
server=""
clean() {
  [ -n "$server" ] && kill -9 -- "-$server" 2>/dev/null || true
  [ -x "$work/clone/node_modules/.bin/node" ] && (cd "$work/clone" && bare npx trr db stop >/dev/null 2>&1) || true
  rm -rf "$work"
}
trap clean EXIT

# The tools a machine with Node 20 and npm has, and nothing of this project's.
bare() { env -i PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME="$work/home" LANG=C.UTF-8 "$@"; }

# Waits for the first answer of GET /api/v1/shows; prints the seconds it took.
await_answer() {
  local started now
  started=$(date +%s.%N)
  for _ in $(seq 1 300); do
    if curl -fsS --max-time 2 "http://127.0.0.1:$port/api/v1/shows" -o "$work/shows.json" 2>/dev/null; then
      now=$(date +%s.%N)
      printf '%s: first answer after %.2f s\n' "$1" "$(echo "$now $started" | awk '{print $1-$2}')"
      return 0
    fi
    sleep 0.05
  done
  echo "$1: no answer within 30 s"
  cat "$work/server.log"
  return 1
}

start() {
  (cd "$work/clone" && exec setsid env -i PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME="$work/home" LANG=C.UTF-8 PORT="$port" npm start >"$work/server.log" 2>&1) &
  server=$!
}

mkdir -p "$work/home"
git clone --quiet "$project" "$work/clone"
cd "$work/clone"
bare npm ci --no-audit --no-fund >"$work/install.log" 2>&1 || { cat "$work/install.log"; exit 1; }

start
await_answer "first start"
grep -q 'Survivor' "$work/shows.json" || { echo "the sample is not there:"; cat "$work/shows.json"; exit 1; }
for path in / /health /health/ready /openapi.json /docs /api/v1/shows/survivor; do
  curl -fsSL --max-time 5 -o /dev/null "http://127.0.0.1:$port$path" || { echo "GET $path failed"; exit 1; }
done

kill -9 -- "-$server"
wait "$server" 2>/dev/null || true
start
await_answer "second start, after kill -9"
kill -TERM -- "-$server"
wait "$server" 2>/dev/null || true
server=""

bare npx trr doctor
bare npx trr sync --no-such-flag >"$work/misuse.log" 2>&1 && { echo "an unknown flag was accepted"; exit 1; }
[ "$(wc -l <"$work/misuse.log")" -eq 1 ] || { echo "misuse should be explained in one line:"; cat "$work/misuse.log"; exit 1; }
echo "newcomer: all good"
