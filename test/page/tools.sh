#!/usr/bin/env bash
# Installs the browser that drives the page, where this is a Debian and we are root; otherwise the tests say what is missing.
set -uo pipefail
command -v chromium >/dev/null && exit 0
[[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null || exit 0
apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null 2>&1
exit 0
