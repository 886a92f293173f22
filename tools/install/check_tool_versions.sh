#!/bin/sh
# Checks that every place which states a version of a tool or package states the same one.
# A thin wrapper of `sage-dev versions`; further words are handed on: --format json, --strict …
set -eu

here=$(readlink -f -- "$0")
root=$(CDPATH='' cd -- "$(dirname -- "$here")/../.." && pwd)

if [ -x "$root/.venv/bin/sage-dev" ]; then
    command="$root/.venv/bin/sage-dev"
elif command -v sage-dev >/dev/null 2>&1; then
    command=sage-dev
else
    echo "check_tool_versions: no sage-dev here; run \`make setup\` first" >&2
    exit 2
fi
exec "$command" versions --root "$root" "$@"
