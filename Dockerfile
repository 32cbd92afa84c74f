# Two images, for `forecast run /data/input.csv` every night: `train` has everything; `predict` has no torch, and
# forecasts with the model in /data/model, or with the base model where there is none. `train` draws charts, too.
#   docker build --target predict -t forecast:predict .
#   docker build --target train -t forecast:train .
# For the CPU build of torch, which is much smaller, pass its package index with --build-arg PIP_EXTRA_INDEX_URL=...
# Every package is installed by its checksum in requirements/, whatever an index serves.

ARG PYTHON_IMAGE=python:3.11-slim

FROM ${PYTHON_IMAGE} AS build
ARG PIP_EXTRA_INDEX_URL
ENV PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/forecast
ENV PATH=/opt/forecast/bin:$PATH
WORKDIR /source
COPY requirements/ requirements/
RUN pip install --require-hashes -r requirements/build.txt -r requirements/predict.txt
COPY pyproject.toml README.md LICENSE ./
COPY forecaster/ forecaster/
RUN pip install --no-deps --no-build-isolation .

FROM build AS build-train
ARG PIP_EXTRA_INDEX_URL
# the CPU build of torch where pip finds it, else the CUDA build
RUN pip install --require-hashes -r requirements/train.txt \
    && { pip install --require-hashes --no-deps -r requirements/torch-cpu.txt \
    || pip install --require-hashes --no-deps -r requirements/torch-cuda.txt; }
# remove what only building and testing need: headers, static libraries, test suites, the installer itself
RUN set -e; site=$(python -c "import sysconfig; print(sysconfig.get_path('purelib'))"); \
    rm -rf "$site"/torch/include "$site"/torch/test; \
    rm -rf "$site"/PIL/_avif* "$site"/pillow.libs/libavif*; \
    find "$site"/torch -name '*.a' -delete; \
    find "$site"/pandas "$site"/numpy "$site"/fastparquet -type d -name tests -prune -exec rm -rf {} +; \
    rm -rf "$site"/pip "$site"/pip-*; \
    python -m compileall -q -j 0 "$site" || true

FROM build AS build-predict
RUN set -e; site=$(python -c "import sysconfig; print(sysconfig.get_path('purelib'))"); \
    find "$site"/pandas "$site"/numpy "$site"/fastparquet -type d -name tests -prune -exec rm -rf {} +; \
    rm -rf "$site"/pip "$site"/pip-* "$site"/setuptools "$site"/setuptools-* "$site"/_distutils_hack \
        "$site"/distutils-precedence.pth; \
    python -m compileall -q -j 0 "$site" || true

FROM ${PYTHON_IMAGE} AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/* \
    && mkdir /data && chown 10001:10001 /data
ENV PATH=/opt/forecast/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp
USER 10001:10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["tini", "--", "forecast"]
CMD ["run", "/data/input.csv"]
LABEL org.opencontainers.image.title="forecast" \
      org.opencontainers.image.description="Time-series forecasts with honest intervals from a CSV" \
      org.opencontainers.image.licenses="Apache-2.0"

FROM runtime AS train
# the font of charts, and where it is found
USER root
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-dejavu-core fontconfig-config \
    && rm -rf /usr/share/fonts/truetype/dejavu/*Serif* /usr/share/fonts/truetype/dejavu/*Mono* \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/*
USER 10001:10001
COPY --from=build-train /opt/forecast /opt/forecast
LABEL org.opencontainers.image.version="0.1.0"

FROM runtime AS predict
ENV FORECAST_TRAIN=never
COPY --from=build-predict /opt/forecast /opt/forecast
LABEL org.opencontainers.image.version="0.1.0"
