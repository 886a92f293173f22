#!/bin/sh
# Make .venv what the committed pins say, and do nothing when it is that already.
# Called by every target of the Makefile.
set -eu
cd "$(dirname "$0")/.."
unset PYTHONPATH PYTHONHOME # a caller's own modules are no part of .venv

fail() { printf 'setup: %s\n' "$*" >&2; exit 2; }
pip() { .venv/bin/python -m pip "$@"; }
digest() { sha256sum | cut -c 1-64; }
# Did the step that left this mark run to its end, on what is here now?
done_for() { [ "$(cat ".venv/$1" 2>/dev/null || true)" = "$2" ]; }

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
version=$("$python" --version)

# By content: a fresh checkout or a touched file reinstalls nothing. An environment of other pins, of another
# Python or place, or one that was not finished, is not mended but made anew, so that it holds the pins alone.
pins=$({ echo "$version"; pwd; cat requirements/dev.txt tools/setup.sh; } | digest)
ours=$(cat packages/*/pyproject.toml | digest)

if ! done_for .pins "$pins" || ! .venv/bin/python -c '' 2>/dev/null; then
    echo "setup 1/3: a virtual environment in .venv ($version)"
    "$python" -m venv --clear .venv || fail ".venv could not be made; the lines above say why"

    echo "setup 2/3: the pinned tools of requirements/dev.txt (some minutes the first time)"
    total=$(grep -c '^[A-Za-z0-9].*==' requirements/dev.txt || true)
    {
        pip install --disable-pip-version-check --progress-bar off --require-hashes \
            -r requirements/dev.txt 2>&1 && touch .venv/.installed
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
    if [ ! -e .venv/.installed ]; then
        tail -n 20 .venv/pip.log >&2
        fail "the pins of requirements/dev.txt could not be installed; the lines above say why, .venv/pip.log has them all. Then run the same command again"
    fi
    printf '%s' "$pins" > .venv/.pins
fi

done_for .ours "$ours" && exit 0
echo "setup 3/3: the packages of this repository, editable"
rm -f .venv/.ours
set --
for project in packages/*/pyproject.toml; do
    set -- "$@" -e "${project%/*}"
done
pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation "$@" \
    || fail "the packages of this repository could not be installed; the lines above say why"
pip check --disable-pip-version-check >/dev/null \
    || fail "what is installed does not fit together: run .venv/bin/python -m pip check"
.venv/bin/python -m compileall -q packages || fail "the packages of this repository do not compile; the lines above say where"
printf '%s' "$ours" > .venv/.ours
