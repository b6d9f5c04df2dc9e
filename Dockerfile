# The bot in a small image: locked by hash, without root, nothing written outside /data and /tmp.

FROM python:3.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /source
COPY requirements/ requirements/
RUN python -m pip install --require-hashes -r requirements/build.txt \
 && python -m venv /opt/matinee \
 && /opt/matinee/bin/python -m pip install --require-hashes -r requirements/run.txt
COPY pyproject.toml LICENSE README.md ./
COPY bot/ bot/
COPY cogs/ cogs/
COPY core/ core/
COPY providers/ providers/
COPY storage/ storage/
COPY web/ web/
COPY sandbox/ sandbox/
RUN python -m pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/matinee/bin/python -m pip install --no-deps --no-index /wheels/*.whl \
 && /opt/matinee/bin/python -m pip uninstall --yes pip

FROM python:3.13-slim-bookworm
RUN apt-get update \
 && apt-get install --yes --no-install-recommends ffmpeg \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --gid 10001 matinee \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin matinee \
 && install --directory --owner=10001 --group=10001 --mode=0700 /data
COPY --from=build /opt/matinee /opt/matinee
ENV PATH=/opt/matinee/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MATINEE_DATA_DIR=/data \
    MATINEE_HTTP_LISTEN=127.0.0.1:8080
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
# Whether a restart would help. Where the web server is off, that is unknown, and the check passes.
HEALTHCHECK --start-period=2m --interval=1m --timeout=10s CMD ["python", "-c", "\
import http.client as http, os, sys; \
port = os.environ.get('MATINEE_HTTP_LISTEN', '').rpartition(':')[2] or sys.exit(); \
ask = http.HTTPConnection('localhost', int(port), timeout=8); \
ask.request('GET', '/healthz'); sys.exit(ask.getresponse().status != 200)"]
ENTRYPOINT ["matinee"]
CMD ["run"]
