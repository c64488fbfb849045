#!/usr/bin/env bash
# Installs what the image's tests need, where this is a Debian and we are root; otherwise they say themselves what is missing.
set -uo pipefail
tools=(buildah podman runc busybox)
for tool in "${tools[@]}"; do
  command -v "$tool" >/dev/null && continue
  [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null || exit 0
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends buildah podman runc busybox-static
  exit 0
done >/dev/null 2>&1
