#!/usr/bin/env bash
# Makes a kind cluster with the trainer in it, or finds it there already. Writes its kubeconfig to a file of its own: the
# current context of the caller stays as it is.
set -Eeuo pipefail
PROGRAM=kind-bootstrap
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
usage() {
  echo 'usage: scripts/kind-bootstrap.sh [--name CLUSTER] [--namespace NS] [--kubeconfig FILE] [--no-trainer]'
}
. "$ROOT/scripts/lib/mk-shell.sh"

NAME=holdfast-mk
NAMESPACE=default
DEPLOYMENT=trainer
FILE="$ROOT/report/kind.kubeconfig"
TRAINER=yes
while [ $# -gt 0 ]; do
  case "$1" in
    --name)
      take_value "$1" "${2-}"
      NAME="$VALUE"
      need_name "$1" "$NAME"
      shift
      ;;
    --namespace)
      take_value "$1" "${2-}"
      NAMESPACE="$VALUE"
      need_name "$1" "$NAMESPACE"
      shift
      ;;
    --kubeconfig)
      take_value "$1" "${2-}"
      FILE="$VALUE"
      shift
      ;;
    --no-trainer) TRAINER=no ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) refuse_argument "unknown argument '$1'" ;;
  esac
  shift
done

need docker 'kind needs it' kind 'makes the cluster' "$KUBECTL" 'reaches the cluster'
need_docker

mkdir -p "$(dirname "$FILE")"
if kind get clusters 2>/dev/null | grep -qxF "$NAME"; then
  say "cluster $NAME is there already"
  kind export kubeconfig --name "$NAME" --kubeconfig "$FILE" >&2
else
  kind create cluster --name "$NAME" --kubeconfig "$FILE" --wait 120s >&2 ||
    fail "kind could not make cluster $NAME"
fi
export KUBECONFIG="$FILE"
"$KUBECTL" wait --for=condition=Ready nodes --all --timeout=120s >&2 ||
  fail 'the nodes of the cluster did not become ready'

make_namespace
if [ "$TRAINER" = yes ]; then
  "$KUBECTL" -n "$NAMESPACE" apply -f "$ROOT/k8s/trainer-minimal.yaml" >&2
  wait_for_rollout
fi
echo "export KUBECONFIG=$FILE"
