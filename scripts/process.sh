#!/usr/bin/env bash
# The processes of a production set-up, as compose.yaml starts them: web, worker, beat; and migrate, healthcheck.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="${VENV:-.venv}/bin:$PATH"

case "${1:-}" in
    # A charger's websocket stays for months; daphne would cut it after a day.
    web) exec daphne --bind "${HOST:-0.0.0.0}" --port "${PORT:-8000}" --websocket_timeout=-1 --server-name TwinEV twinev.asgi:application ;;
    worker) exec celery --app twinev.celery worker --loglevel INFO --without-gossip --without-mingle ;;
    beat) exec celery --app twinev.celery beat --loglevel INFO ;;
    migrate) exec python manage.py migrate --noinput ;;
    healthcheck) exec python scripts/healthcheck.py ;;
    *)
        echo "usage: process.sh web|worker|beat|migrate|healthcheck" >&2
        exit 2
        ;;
esac
