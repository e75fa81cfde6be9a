#!/usr/bin/env bash
# The acceptance suite over HTTP alone, against `npm start`: a server of its own with an empty data folder, whose catalogue is replaced by the
# suite's fixture; tokens come from `trr token` and the server's own secret.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
cd "$project"
export PATH="$project/node_modules/.bin:$PATH"
work=$(mktemp -d)
chmod 711 "$work"
port=${ACCEPTANCE_PORT:-8017}
server=""
clean() {
  [ -n "$server" ] && kill -TERM -- "-$server" 2>/dev/null && wait "$server" 2>/dev/null || true
  TRR_DATA_DIR="$work/data" npx trr db stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT

export TRR_DATA_DIR="$work/data"
mkdir -m 711 "$TRR_DATA_DIR"
# The suite asks more in a minute than any person may.
for limit in USER_READS USER_WRITES ADDRESS_READS ADDRESS_WRITES; do export "RATE_LIMIT_$limit=0"; done
PORT=$port LOG_LEVEL=warn setsid npm start >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 1 300); do
  curl -fsS --max-time 2 "http://127.0.0.1:$port/health/ready" -o /dev/null 2>/dev/null && break
  sleep 0.1
done
curl -fsS --max-time 2 "http://127.0.0.1:$port/health/ready" >/dev/null || { cat "$work/server.log"; exit 1; }

node tests/acceptance/write-fixture.ts >"$work/fixture.sql"
# The refusal names what to confirm.
confirm=$({ npx trr db sql --write --confirm nobody/nothing 'select 1' 2>&1 || true; } | grep -o -- '--confirm [^ ]*' | head -1 | cut -d' ' -f2)
npx trr db sql --write --confirm "$confirm" --file "$work/fixture.sql" >/dev/null
TRR_ADMIN_TOKEN=$(npx trr token --user admin@example.test --admin --minutes 120)
export TRR_ADMIN_TOKEN TRR_BASE_URL="http://127.0.0.1:$port" TRR_TOKEN_SECRET_FILE="$work/data/secrets/local-tokens"
# One file after the other: they share one catalogue.
npx vitest run tests/acceptance --no-file-parallelism "$@"
