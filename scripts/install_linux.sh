#!/bin/sh
# Installs and builds Holdfast on Linux or macOS: checks Node and npm, installs the packages of this folder, builds. Writes
# nothing outside of this folder, asks for no password, and needs no root.
# Usage: scripts/install_linux.sh [--service [options of `holdfast service install`]]
set -eu

usage() {
  echo 'usage: scripts/install_linux.sh [--service [--user|--system] [--profile NAME] [--home DIR] [--run-as ACCOUNT]]'
}

refuse() {
  echo "install: $1" >&2
  exit 1
}

with_service=no
case "${1-}" in
  '') ;;
  --service)
    with_service=yes
    shift
    ;;
  -h | --help)
    usage
    exit 0
    ;;
  *)
    usage >&2
    exit 64
    ;;
esac

# The options after --service may name a folder relative to where the caller stands.
called_from=$(pwd)
cd "$(dirname "$0")/.."
root=$(pwd)

command -v node >/dev/null 2>&1 ||
  refuse 'node is missing: install Node 20.19 or newer with the package manager of this system'
command -v npm >/dev/null 2>&1 ||
  refuse 'npm is missing: it comes with Node, on some systems as a package of its own'
node tools/build/check-node.mjs

npm install --no-audit --no-fund --loglevel=error
node tools/build/build.mjs

if [ "$with_service" = yes ]; then
  cd "$called_from"
  exec "$root/bin/holdfast" service install "$@"
fi
echo "installed; start it with 'make run', or keep it running with 'bin/holdfast service install'"
