#!/usr/bin/env bash
# Makes .venv and installs the given requirements file into it. Does nothing when that was done already for these
# very requirements.
set -euo pipefail
cd "$(dirname "$0")/.."

requirements=$1
marker=.venv/.installed-$requirements
wanted=$(cat requirements.txt "$requirements" | sha256sum | cut -d' ' -f1)

if [ "$(cat "$marker" 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

python=${PYTHON:-}
if [ -z "$python" ]; then
    for name in python3.11 python3.12 python3.13 python3; do
        if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$name
            break
        fi
    done
fi
if [ -z "$python" ]; then
    echo "Python 3.11 or newer is needed, with its module venv (Debian: apt-get install python3-venv)." >&2
    exit 1
fi

if [ ! -x .venv/bin/python ]; then
    echo "Making .venv with $("$python" --version) ..."
    "$python" -m venv .venv
fi
# Not compiled: most of it is never loaded, and what is gets compiled then.
echo "Installing $requirements (the first time takes about half a minute) ..."
.venv/bin/python -m pip install --quiet --no-compile --disable-pip-version-check --requirement "$requirements"
echo "$wanted" >"$marker"
