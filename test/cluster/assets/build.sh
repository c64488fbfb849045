#!/usr/bin/env bash
# Builds kube-apiserver, etcd, kubectl and helm from the Go module proxy alone, and prints the folder they are in:
# ${XDG_CACHE_HOME:-~/.cache}/flyte-vault-webhook/cluster-assets-v1.X.Y. Nothing is built again while this folder stays as it is.
#
# go.mod names the four as its tools, so there is no Go code of ours here. To move Kubernetes: set the version of
# k8s.io/kubernetes, the version of etcd's server that its own go.mod asks for, and the v0.X.Y of every replace line; then
# `go mod tidy`. Helm is the release that is made for that Kubernetes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
command -v go >/dev/null || { echo "The cluster tests need Go (1.21 or newer) to build kube-apiserver and etcd." >&2; exit 1; }
# A Go older than go.mod asks for fetches the one that it needs from the module proxy.
export GOTOOLCHAIN=auto GOFLAGS=-mod=readonly CGO_ENABLED=0
kubernetes=$(go list -m -f '{{.Version}}' k8s.io/kubernetes)
# A folder for each version, so that two checkouts do not build in turns.
out=${XDG_CACHE_HOME:-$HOME/.cache}/flyte-vault-webhook/cluster-assets-$kubernetes
mkdir -p "$out"
exec 9>"$out/.lock"; flock 9 # one build at a time; whoever waited finds it done
stamp=$({ go env GOVERSION GOOS GOARCH; cat build.sh go.mod go.sum; } | sha256sum | cut -d' ' -f1)
if [[ $(cat "$out/.stamp" 2>/dev/null) != "$stamp" ]]; then
  echo "building kube-apiserver, etcd, kubectl and helm: some minutes, once" >&2
  start=$SECONDS new=$out/.new
  rm -rf "$new"; mkdir "$new"
  version=k8s.io/component-base/version
  # Not optimised (-N -l): quicker to compile, and a server for tests starts as fast.
  go build -trimpath -buildvcs=false -gcflags='all=-N -l' -o "$new/" \
    -ldflags "-s -w -X $version.gitVersion=$kubernetes -X $version.gitMajor=1 -X $version.gitMinor=$(cut -d. -f2 <<<"$kubernetes") -X $version.gitTreeState=clean" \
    tool
  mv "$new/server" "$new/etcd" 2>/dev/null || true # older Go names it after its folder
  mv -f "$new"/* "$out/"; rmdir "$new"
  echo "$stamp" >"$out/.stamp"
  echo "built in $((SECONDS - start)) s" >&2
fi
echo "$out"
