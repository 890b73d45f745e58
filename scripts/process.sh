#!/usr/bin/env bash
# The processes of a production set-up, as compose.yaml starts them: web, worker, beat; and migrate, healthcheck.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="${VENV:-.venv}/bin:$PATH"

case "${1:-}" in
    web) exec python manage.py web --host "${HOST:-0.0.0.0}" --port "${PORT:-8000}" ;;
    worker) exec celery --app twinev.celery worker --loglevel INFO --without-gossip --without-mingle ;;
    beat) exec celery --app twinev.celery beat --loglevel INFO ;;
    migrate) exec python manage.py migrate --noinput ;;
    healthcheck) exec python scripts/healthcheck.py ;;
    *)
        echo "usage: process.sh web|worker|beat|migrate|healthcheck" >&2
        exit 2
        ;;
esac
