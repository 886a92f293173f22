#!/bin/sh
# Make .venv what the committed pins say, and do nothing when it is that already.
# Called by every target of the Makefile.
set -eu
cd "$(dirname "$0")/.."

fail() { printf 'setup: %s\n' "$*" >&2; exit 2; }

command -v git >/dev/null 2>&1 || fail "git is missing. On Debian: apt-get install git"

python=${PYTHON:-}
if [ -z "$python" ]; then
    for candidate in python3.11 python3.12 python3.13 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$candidate
            break
        fi
    done
fi
[ -n "$python" ] || fail "Python 3.11 or newer is missing. On Debian 12: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
    || fail "PYTHON=$python is not a Python 3.11 or newer"
"$python" -c 'import venv, ensurepip' 2>/dev/null \
    || fail "$python has no venv. On Debian 12: apt-get install python3-venv"

# What the environment depends on, by content: a fresh checkout or a touched file reinstalls nothing.
want=$({ "$python" --version; pwd; cat requirements/dev.txt pyproject.toml packages/*/pyproject.toml tools/setup.sh; } | sha256sum)
[ "$(cat .venv/.ready 2>/dev/null || true)" = "$want" ] && exit 0

echo "setup 1/3: a virtual environment in .venv ($("$python" --version))"
rm -f .venv/.ready
[ -x .venv/bin/python ] || "$python" -m venv .venv

echo "setup 2/3: the pinned tools of requirements/dev.txt (some minutes the first time)"
total=$(grep -c '^[A-Za-z0-9].*==' requirements/dev.txt || true)
rm -f .venv/.failed
{
    .venv/bin/python -m pip install --disable-pip-version-check --progress-bar off --require-hashes \
        -r requirements/dev.txt 2>&1 || touch .venv/.failed
} | tee .venv/pip.log | {
    read=0
    while IFS= read -r line; do
        case $line in
        Collecting*)
            read=$((read + 1))
            [ $((read % 25)) -ne 0 ] || echo "  $read of $total packages read"
            ;;
        "Installing collected packages"*) echo "  all $total read; installing them" ;;
        esac
    done
}
if [ -e .venv/.failed ]; then
    tail -n 20 .venv/pip.log >&2
    fail "the pins of requirements/dev.txt could not be installed; the lines above say why, .venv/pip.log has them all. Run the same command again to go on"
fi

echo "setup 3/3: the packages of this repository, editable"
.venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation \
    -e packages/sage-common -e packages/sage-platform -e packages/sage-kernel -e packages/sage-tools \
    || fail "the packages of this repository could not be installed; the lines above say why"
.venv/bin/python -m pip check --disable-pip-version-check >/dev/null \
    || fail "what is installed does not fit together: run .venv/bin/python -m pip check"
.venv/bin/python -m compileall -q packages || fail "the packages of this repository do not compile; the lines above say where"
printf '%s' "$want" > .venv/.ready
