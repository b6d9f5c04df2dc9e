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
    MATINEE_DATA_DIR=/data
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
ENTRYPOINT ["matinee"]
CMD ["run"]
