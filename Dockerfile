# The image of the Home Assistant app: one Node process that runs what is built of the sources; the sources themselves are there for the user's apps.
FROM node:26.10.0-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings its own Node, so neither it nor the tools are installed here; nothing compiles.
RUN npm ci --omit=dev --ignore-scripts

FROM node:26.10.0-bookworm-slim AS built
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY src ./src
RUN node src/build.js && test -f dist/program/main.js && test -f dist/panel/index.html

FROM node:26.10.0-bookworm-slim
ARG BUILD_VERSION=0.1.0
ARG BUILD_ARCH=amd64
LABEL io.hass.version="${BUILD_VERSION}" \
      io.hass.type="app" \
      io.hass.arch="${BUILD_ARCH}" \
      org.opencontainers.image.title="ML Data Layer" \
      org.opencontainers.image.description="Home Assistant events in one SQLite file, turned into features, calibrated probabilities and change points." \
      org.opencontainers.image.version="${BUILD_VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
# addon/start says what it is for. Not pinned: a superseded revision vanishes from Debian's archive, and the image could not be built any more.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends libjemalloc2 && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/lib/*-linux-gnu/libjemalloc.so.2 /usr/local/lib/libjemalloc.so.2
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json config.yaml LICENSE ./
COPY contracts ./contracts
COPY src ./src
COPY --from=built /app/dist ./dist
COPY addon/start /usr/local/bin/ml-data-layer-start
COPY examples ./examples
COPY addon/ml-data-layer /usr/local/bin/ml-data-layer
COPY addon/backup-pre /usr/local/bin/ml-data-layer-backup-pre
COPY addon/healthcheck /usr/local/bin/ml-data-layer-healthcheck
# An image whose SQLite cannot be loaded on its architecture is not built.
RUN node -e "new (require('better-sqlite3'))(':memory:').exec('SELECT json(1)')"
# What is compiled for the user's apps is kept where the app may write.
ENV NODE_ENV=production \
    COMPILED_FOLDER=/data/compiled/${BUILD_VERSION}
# The Supervisor waits for the first "healthy" before it says "started", and restarts what is not when the watchdog is on.
HEALTHCHECK --interval=30s --timeout=5s --start-period=120s --start-interval=2s CMD ["ml-data-layer-healthcheck"]
ENTRYPOINT ["ml-data-layer-start"]
