# flyte-vault-webhook: buildah bud -t flyte-vault-webhook:0.1.0 .   (or docker build, podman build)
#
# Three stages on Bun's own images: the page is built and packages are installed in two that have a shell, and the third,
# which has none, runs.

FROM oven/bun:1.4.5-slim AS page
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
# The packages that the page is made of are development packages; of these, the optional ones are programs.
RUN bun install --frozen-lockfile --omit optional --ignore-scripts
COPY . ./
RUN bun config/page/build.ts

FROM oven/bun:1.4.5-slim AS packages
WORKDIR /app
COPY package.json bun.lock bunfig.toml ./
# What bun.lock says, without development packages and without running anybody's install script.
RUN bun install --frozen-lockfile --production --omit peer --ignore-scripts
COPY . ./
RUN bun config/image/sbom.ts > /app/sbom.cdx.json && bun config/image/bundle.ts && rm -r config/image config/page src/page
COPY --from=page /app/dist/page dist/page

FROM oven/bun:1.4.5-distroless
LABEL org.opencontainers.image.title="flyte-vault-webhook" \
      org.opencontainers.image.description="Turns Flyte secret requests into HashiCorp Vault Agent Injector annotations" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="oven/bun:1.4.5-distroless"
# Bun writes nothing: the root file system is read-only in the cluster.
ENV NODE_ENV=production \
    BUN_RUNTIME_TRANSPILER_CACHE_PATH=0 \
    FLYTE_VAULT_WEBHOOK_CONFIG=/etc/flyte-vault-webhook/config
WORKDIR /app
COPY --from=packages /app /app
COPY --from=packages /app/sbom.cdx.json /usr/share/sbom/flyte-vault-webhook.cdx.json
# A team's plugins: mounted as a ConfigMap at /etc/flyte-vault-webhook/plugins, or copied there by an image FROM this one.
USER 65532:65532
EXPOSE 9443 8080
# A package that is missing is an error, never a download.
ENTRYPOINT ["/usr/local/bin/bun", "--no-install", "/app/dist/flyte-vault-webhook.js"]
CMD ["serve", "--config", "/etc/flyte-vault-webhook/config"]
