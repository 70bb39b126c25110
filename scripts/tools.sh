# Sourced by the other scripts: pinned versions, the cache, and which Rust to use.
# shellcheck shell=bash

set -euo pipefail

TRUNK_VERSION=0.21.14
WASM_BINDGEN_VERSION=0.2.126 # equal to the one in Cargo.toml
MDBOOK_VERSION=0.5.4
RUST_VERSION_MIN=1.95.0      # equal to rust-version in Cargo.toml
WASM_TARGET=wasm32-unknown-unknown

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/statefulset-playground/tools
TRUNK_ROOT=$CACHE/trunk-$TRUNK_VERSION
WASM_BINDGEN_ROOT=$CACHE/wasm-bindgen-$WASM_BINDGEN_VERSION
MDBOOK_ROOT=$CACHE/mdbook-$MDBOOK_VERSION
# VitePress and Docusaurus, which build the sites of docs/recipes.md in the tests.
RECIPES_ROOT=$CACHE/recipes-$(cksum <"$ROOT/tests/recipes/package-lock.json" | cut -d' ' -f1)
DEBIAN_RUST=$CACHE/debian-rust # links to the programs of Debian's rustc-web

export RECIPE_MODULES=$RECIPES_ROOT/node_modules
export TRUNK_SKIP_VERSION_CHECK=true
export CHROMIUM=${CHROMIUM:-$(command -v chromium || command -v chromium-browser \
  || command -v google-chrome || echo /usr/bin/chromium)}

say() { printf '==> %s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

is_debian_root() { [ "$(id -u)" = 0 ] && have apt-get; }

# rust_is_new_enough RUSTC
rust_is_new_enough() {
  local version
  version=$("$1" --version 2>/dev/null | cut -d' ' -f2) || return 1
  [ -n "$version" ] || return 1
  [ "$(printf '%s\n' "$RUST_VERSION_MIN" "${version%%-*}" | sort -V | head -n1)" = "$RUST_VERSION_MIN" ]
}

# rust_has_wasm RUSTC: is the standard library for the browser beside this compiler?
rust_has_wasm() {
  rust_is_new_enough "$1" || return 1
  compgen -G "$("$1" --print sysroot)/lib/rustlib/$WASM_TARGET/lib/libstd-*.rlib" >/dev/null
}

# Puts the pinned tools first in PATH, and Debian's Rust where the default one cannot build for wasm32.
use_tools() {
  PATH=$TRUNK_ROOT/bin:$WASM_BINDGEN_ROOT/bin:$MDBOOK_ROOT/bin:$PATH
  if ! rust_has_wasm rustc && rust_has_wasm "$DEBIAN_RUST/rustc"; then
    PATH=$DEBIAN_RUST:$PATH
    unset RUSTUP_TOOLCHAIN
  fi
  export PATH
}
