#!/usr/bin/env bash
# Builds Vault (server and agent in one program) from the Go module proxy alone, and prints its path:
# ${XDG_CACHE_HOME:-~/.cache}/flyte-vault-webhook/bin/vault. Its module has replace lines for folders that the proxy serves as
# modules of their own, so a copy is built without them. Built with the tag `minimal`, plus the Kubernetes auth method.
set -euo pipefail
version=1.21.4
command -v go >/dev/null || { echo "These tests need Go 1.25 or newer to build Vault: https://go.dev/dl" >&2; exit 1; }
out=${XDG_CACHE_HOME:-$HOME/.cache}/flyte-vault-webhook/bin
mkdir -p "$out"
exec 9>"$out/.vault-lock"; flock 9 # one build at a time; whoever waited finds it done
stamp="$version $(go env GOVERSION) $(sha256sum <"$0" | cut -d' ' -f1)"
if [[ $(cat "$out/.vault-stamp" 2>/dev/null) != "$stamp" ]]; then
  echo "building Vault $version: some 20 minutes on two cores, once" >&2
  work=$(mktemp -d); trap 'chmod -R u+w "$work"; rm -rf "$work"' EXIT
  export GOTOOLCHAIN=local GOFLAGS=-mod=mod CGO_ENABLED=0
  source=$(cd "$work" && go mod download -json "github.com/hashicorp/vault@v$version" | sed -n 's/^\t"Dir": "\(.*\)",$/\1/p')
  cp -r "$source" "$work/src"; chmod -R u+w "$work/src"; cd "$work/src"
  for module in api api/auth/approle api/auth/kubernetes api/auth/userpass sdk; do
    go mod edit -dropreplace "github.com/hashicorp/vault/$module"
  done
  cat >helper/builtinplugins/registry_min.go <<'GO'
//go:build minimal

package builtinplugins

import credKube "github.com/hashicorp/vault-plugin-auth-kubernetes"

func extendAddonPlugins(r *registry) {
	r.credentialBackends["kubernetes"] = credentialBackend{Factory: credKube.Factory}
}
GO
  # Transit and one call are of another version of the sdk than the one that the proxy serves; no test needs them.
  sed -i '/builtin\/logical\/transit"/d; /logicalTransit/d' helper/builtinplugins/registry.go
  sed -i 's/ActivationFunc: iStore.activateDeduplication,/ActivationFunc: func(ctx context.Context, r *logical.Request, _ string) error { return iStore.activateDeduplication(ctx, r) },/' vault/identity_store.go
  sed -i 's/ActivationFunc(ctx, nil)/ActivationFunc(ctx, nil, "")/' vault/logical_system_activation_flags.go
  # Not optimised (-N -l): quicker to compile, and quick enough for tests.
  nice go build -tags minimal -trimpath -buildvcs=false -gcflags='all=-N -l' -ldflags='-s -w' -o "$out/vault" .
  echo "$stamp" >"$out/.vault-stamp"
fi
echo "$out/vault"
