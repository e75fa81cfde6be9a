#!/bin/sh
# Runs a command against a throw-away PostgreSQL 15 (Debian's), the oldest version we support:
#   scripts/ci/postgres15.sh npx vitest run
# The command finds a superuser's URL in TRR_TEST_DATABASE_URL. Everything is removed afterwards, whatever happens.
set -eu

if [ $# -eq 0 ]; then
  echo "usage: $0 <command> [arguments...]" >&2
  exit 2
fi

bin=/usr/lib/postgresql/15/bin
if [ ! -x "$bin/postgres" ]; then
  if [ "$(id -u)" -ne 0 ]; then
    echo "PostgreSQL 15 is not installed: apt-get install postgresql-15" >&2
    exit 1
  fi
  # The package would start a cluster of its own, which nobody needs here.
  mkdir -p /etc/postgresql-common
  [ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-15 >/dev/null
fi

base=/dev/shm
[ -d "$base" ] || base=${TMPDIR:-/tmp}
work=$(mktemp -d "$base/trr-pg15-XXXXXX")
chmod 711 "$work"

# PostgreSQL refuses to run as root.
as_server() {
  if [ "$(id -u)" -eq 0 ]; then setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; else "$@"; fi
}

stop() {
  as_server "$bin/pg_ctl" -D "$work/server/data" -m immediate stop >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

password=$(od -An -N18 -tx1 /dev/urandom | tr -d ' \n')
mkdir "$work/server"
chmod 700 "$work/server"
(umask 077 && printf '%s\n' "$password" > "$work/server/password")
if [ "$(id -u)" -eq 0 ]; then chown -R 65534:65534 "$work/server"; fi
cd "$work"
as_server "$bin/initdb" -D "$work/server/data" -U postgres --pwfile="$work/server/password" \
  --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >/dev/null

# A port that is free now can be taken a moment later: try some.
port=
for _ in 1 2 3 4 5; do
  try=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
  if as_server "$bin/pg_ctl" -D "$work/server/data" -w -l "$work/server/log" \
    -o "-p $try -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=300" \
    start >/dev/null 2>&1; then
    port=$try
    break
  fi
done
if [ -z "$port" ]; then
  tail -5 "$work/server/log" >&2
  exit 1
fi

cd "$OLDPWD"
# Not exec: the trap has to run afterwards.
TRR_TEST_DATABASE_URL="postgresql://postgres:$password@127.0.0.1:$port/postgres" "$@"
