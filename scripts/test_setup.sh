#!/usr/bin/env bash
# Installs what the tests need beside Python packages: PostgreSQL, Redis, nginx, Chromium with fonts for Greek, gettext,
# and Node.js for the chargers that are not ours. As root on Debian by itself, elsewhere it says what is missing.
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
need() { # package, then commands or files of which one has to be there
    local package=$1
    shift
    for candidate in "$@"; do
        if command -v "$candidate" >/dev/null || compgen -G "$candidate" >/dev/null; then
            return
        fi
    done
    missing+=("$package")
}

need postgresql "/usr/lib/postgresql/*/bin/initdb" initdb
need redis-server redis-server
need nginx-light nginx /usr/sbin/nginx
need chromium chromium "${CHROMIUM:-chromium}"
need fonts-noto-core "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf"
need gettext msgfmt
need nodejs node
need npm npm
if [ ! -x .venv/bin/python ] && ! python3 -c 'import venv, ensurepip' 2>/dev/null; then
    missing+=(python3-venv)
fi

if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "Missing for the tests: ${missing[*]}" >&2
        echo "Install them, for example: sudo apt-get install ${missing[*]}" >&2
        exit 1
    fi
    echo "Installing ${missing[*]} ..."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

npm_clients() {
    for client in ocpp_rpc/node_modules/ocpp-rpc ocpp_ws_cli/node_modules/ocpp-ws-cli; do
        if [ ! -d "tests/$client" ]; then
            echo "Installing the npm client ${client##*/} ..."
            (cd "tests/${client%%/*}" && npm ci --no-audit --no-fund --loglevel=error)
        fi
    done
}

# Beside the Python packages: either waits for the network.
npm_clients &
npm=$!
scripts/setup.sh requirements-dev.txt
wait "$npm"
