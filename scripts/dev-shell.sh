#!/usr/bin/env bash
# A shell in which `mk` is found. Alone it starts one; with a command it runs that; sourced it changes the shell that reads
# it. DEV_SHELL_QUIET=1 leaves out the help of mk.
# Usage: scripts/dev-shell.sh [COMMAND [ARGUMENT ...]], or . scripts/dev-shell.sh

_dev_shell_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"

_dev_shell_enter() {
  if ! command -v node >/dev/null 2>&1; then
    echo 'dev-shell: not on PATH: node (runs mk)' >&2
    return 1
  fi
  if [ ! -f "$_dev_shell_root/dist/mk.js" ]; then
    echo 'dev-shell: mk is not built: run `make build` first' >&2
    return 1
  fi
  case ":$PATH:" in
    *":$_dev_shell_root/bin:"*) ;;
    *) export PATH="$_dev_shell_root/bin:$PATH" ;;
  esac
  [ "${DEV_SHELL_QUIET:-0}" = 1 ] || mk --help >&2
}

if [ "${BASH_SOURCE[0]}" != "$0" ]; then
  _dev_shell_enter
  return
fi

case "${1-}" in
  -h | --help)
    echo 'usage: scripts/dev-shell.sh [COMMAND [ARGUMENT ...]]'
    exit 0
    ;;
  -*)
    echo "dev-shell: unknown argument '$1'" >&2
    echo 'usage: scripts/dev-shell.sh [COMMAND [ARGUMENT ...]]' >&2
    exit 2
    ;;
esac
_dev_shell_enter || exit 1
if [ $# -gt 0 ]; then exec "$@"; fi
exec "${SHELL:-/bin/sh}"
