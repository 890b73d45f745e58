# The steps are plain, and tests/architecture/test_image.py carries out those of the first stage in a clean folder.

FROM python:3.11-slim AS build
ENV VENV=/opt/venv TWINEV_STATIC_ROOT=/opt/static
WORKDIR /app
COPY requirements.txt .
RUN python3 -m venv "$VENV"
RUN "$VENV/bin/pip" install --quiet --no-cache-dir --disable-pip-version-check --requirement requirements.txt
COPY . .
# The files need no secret; settings insist on one, so this command gets one that goes nowhere.
RUN TWINEV_SECRET_KEY="$(head -c 48 /dev/urandom | base64)" TWINEV_ALLOWED_HOSTS=localhost EMAIL_URL=console:// "$VENV/bin/python" manage.py collectstatic --noinput --verbosity 0

FROM python:3.11-slim
ENV VENV=/opt/venv TWINEV_STATIC_ROOT=/opt/static PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin twinev
WORKDIR /app
COPY --from=build /opt/venv /opt/venv
COPY --from=build /opt/static /opt/static
COPY --from=build /app /app
USER twinev
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s CMD ["scripts/process.sh", "healthcheck"]
CMD ["scripts/process.sh", "web"]
