# The image of the Home Assistant app: one Node process, no build step, the files of the checkout as they are.
FROM node:26-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
# The image brings its own Node, so neither it nor the tools are installed here; nothing compiles.
RUN npm ci --omit=dev --ignore-scripts

FROM node:26-bookworm-slim
ARG BUILD_VERSION=0.1.0
ARG BUILD_ARCH=amd64
LABEL io.hass.version="${BUILD_VERSION}" \
      io.hass.type="app" \
      io.hass.arch="${BUILD_ARCH}" \
      org.opencontainers.image.title="ML Data Layer" \
      org.opencontainers.image.licenses="Apache-2.0"
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json config.yaml LICENSE ./
COPY contracts ./contracts
COPY src ./src
COPY addon/ml-data-layer /usr/local/bin/ml-data-layer
COPY addon/backup-pre /usr/local/bin/ml-data-layer-backup-pre
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD ["node", "/app/src/cli.ts", "healthcheck"]
CMD ["node", "/app/src/main.ts"]
