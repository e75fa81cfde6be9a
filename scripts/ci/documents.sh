#!/usr/bin/env bash
# Runs what the documents tell people to type: the set-up page docs/setup/local.md literally in a fresh clone of HEAD, then every `sh` block of the
# runbooks there (or of the pages named), with the sample catalogue. A page fails with its last lines.
set -euo pipefail
project=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
chmod 711 "$work"
port=${DOCUMENTS_PORT:-8027}
bare() { env -i PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" HOME="$work/home" LANG=C.UTF-8 PORT="$port" "$@"; }
clean() {
  [ -d "$work/clone/node_modules" ] && (cd "$work/clone" && bare npx trr db stop >/dev/null 2>&1) || true
  rm -rf "$work"
}
trap clean EXIT

mkdir -p "$work/home"
git clone --quiet "$project" "$work/clone"
failed=()
# page PAGE: its blocks, in a shell of their own
page() {
  local name=$1 started=$SECONDS
  "$project/node_modules/.bin/node" "$project/scripts/docs-blocks.ts" "$work/clone/$name" >"$work/script.sh"
  if [ "$(wc -l <"$work/script.sh")" -le 5 ]; then return 0; fi
  if (cd "$work/clone" && bare bash "$work/script.sh" >"$work/page.log" 2>&1); then
    printf '%s: ok (%d s)\n' "$name" $((SECONDS - started))
  else
    printf '%s: FAILED\n' "$name"
    tail -25 "$work/page.log"
    failed+=("$name")
  fi
}

page docs/setup/local.md
if [ $# -eq 0 ]; then set -- "$work"/clone/docs/runbooks/*.md; fi
for name in "$@"; do page "docs/runbooks/$(basename "$name")"; done
(cd "$work/clone" && [ -z "$(git status --porcelain)" ]) || { echo "the pages leave files behind:"; git -C "$work/clone" status --short; failed+=("files left behind"); }
[ ${#failed[@]} -eq 0 ] || { printf 'documents: failed: %s\n' "${failed[*]}"; exit 1; }
echo "documents: all good"
