# regsync with Node and the certificates of the usual authorities, and no shell.
#
#   docker build --tag regsync .
#   docker run --rm --read-only --volume "$PWD:/etc/regsync:ro" regsync once -c /etc/regsync/regsync.yml
#
# Both images below may be others that have glibc, libstdc++ and certificates, of the same age: Node comes from the first.
ARG BUILD_IMAGE=docker.io/library/node:24-bookworm-slim
ARG BASE_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${BUILD_IMAGE} AS build
WORKDIR /build

# What is bundled, and what bundles it. For a package registry of your own: --secret id=npmrc,src=$HOME/.npmrc
COPY package.json package-lock.json .npmrc ./
COPY .ci/node-runtime .ci/node-runtime
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --omit=dev --ignore-scripts

COPY .ci/*.mjs .ci/
COPY config config
COPY src src
# What "regsync version" says, since the image is not built from a checkout: a tag, a commit, and its date in RFC 3339.
ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
RUN REGSYNC_VERSION="$VERSION" REGSYNC_REVISION="$REVISION" REGSYNC_CREATED="$CREATED" node .ci/build.mjs

# The image is laid out here, where there is a shell. The program is found by its name, and there is no "env" to find Node.
COPY LICENSE ./
RUN mkdir -p /image/opt/regsync/helpers /image/usr/local/bin /image/home /image/var/lib /home/appuser /var/lib/regsync \
 && cp -R dist package.json LICENSE /image/opt/regsync/ \
 && sed -i '1s|^#!.*|#!/usr/local/bin/node|' /image/opt/regsync/dist/main.js \
 && ln -s /opt/regsync/dist/main.js /image/usr/local/bin/regsync \
 && cp "$(node -p process.execPath)" /image/usr/local/bin/node

FROM ${BASE_IMAGE}
COPY --from=build /image /
# The same user and home as regclient's image has, so that files mounted for that one fit here. The program itself writes
# to the state directory alone, and works as any other user and on a read-only file system too.
COPY --from=build --chown=1000:1000 /home/appuser /home/appuser
COPY --from=build --chown=1000:1000 /var/lib/regsync /var/lib/regsync
# Credential helpers (docker-credential-...) go to, or are mounted at, /opt/regsync/helpers.
ENV HOME=/home/appuser \
    PATH=/usr/local/bin:/usr/bin:/bin:/opt/regsync/helpers \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
WORKDIR /home/appuser
USER 1000:1000

ARG VERSION=unknown
ARG REVISION=unknown
ARG CREATED=unknown
LABEL org.opencontainers.image.title="regsync" \
      org.opencontainers.image.description="Keeps container images mirrored between registries and OCI layouts." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.created="$CREATED"

EXPOSE 9090
ENTRYPOINT ["/usr/local/bin/regsync"]
# For "server"; who runs another command for long says --no-healthcheck. A server that listens elsewhere is told so by
# REGSYNC_LISTEN, which this asks as well.
HEALTHCHECK --start-period=5m --interval=30s --timeout=5s --retries=3 CMD ["/usr/local/bin/regsync", "health"]
