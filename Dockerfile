# The orchestrator with the stack files of this repository: docs/components/orchestrator.md
#   docker build --tag REGISTRY/orchestrator:1.0.0 .
# The node image is pinned by the digest of its index, which has amd64 and arm64. Pulumi is the version that the real tests
# run; Renovate adds its digest.
FROM docker.io/library/node:22.21.1-bookworm-slim@sha256:25b3eb23a00590b7499f2a2ce939322727fcce1b15fdd69754fcd09536a3ae2c AS node
FROM docker.io/pulumi/pulumi-base:3.259.0 AS pulumi

FROM node AS app
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund && npm cache clean --force
COPY . .

# Providers, of the versions of the packages that speak to them, on PATH, where the CLI finds them wherever its home is.
FROM app AS plugins
COPY --from=pulumi /pulumi/bin/pulumi /usr/local/bin/
COPY --from=pulumi /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
ENV PULUMI_HOME=/plugins PULUMI_SKIP_UPDATE_CHECK=true
RUN for name in gcp kubernetes random; do \
      pulumi plugin install resource "$name" "$(node -p "require('@pulumi/$name/package.json').version")" || exit 1; \
    done && mkdir /providers && cp /plugins/plugins/resource-*/pulumi-resource-* /providers/

FROM node
# The CLI asks its backend over TLS; processes that a killed CLI leaves behind need a parent that waits for them, as tini
# does and node does not.
RUN apt-get update && apt-get install --yes --no-install-recommends ca-certificates tini && rm -rf /var/lib/apt/lists/* \
    && install --directory --owner=65534 --group=65534 /data
COPY --from=pulumi /pulumi/bin/pulumi /pulumi/bin/pulumi-language-nodejs /usr/local/bin/
COPY --from=plugins /providers/ /usr/local/bin/
COPY --from=app /app /app
# Programs are bundled when they are first loaded.
RUN install --directory --owner=65534 --group=65534 /app/node_modules/.cache
WORKDIR /app
ENV NODE_ENV=production HOME=/tmp PULUMI_HOME=/tmp/pulumi PULUMI_SKIP_UPDATE_CHECK=true
USER 65534:65534
EXPOSE 8080
VOLUME /data
ENTRYPOINT ["/usr/bin/tini", "-s", "--", "node", "/app/cli/bin.cjs"]
CMD ["orchestrator", "serve", "--host", "0.0.0.0", "--data-dir", "/data/orchestrator", "--tokens", "/etc/noetl-orchestrator/tokens.yaml"]
