#!/usr/bin/env bash
# On a kind cluster: mk makes a plan, renders it and verifies it against the cluster, and with the kill switch on it applies
# nothing. All of it happens in a namespace of its own, mk-smoke, which stays.
set -Eeuo pipefail
PROGRAM=e2e-smoke-kind
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
usage() {
  echo 'usage: scripts/e2e-smoke-kind.sh [--name CLUSTER] [--out DIR] [--use-current-context]'
}
. "$ROOT/scripts/lib/mk-shell.sh"

NAME=holdfast-mk
NAMESPACE=mk-smoke
DEPLOYMENT=trainer
OUT=report/_e2e_smoke_kind
CURRENT=no
while [ $# -gt 0 ]; do
  case "$1" in
    --name)
      take_value "$1" "${2-}"
      NAME="$VALUE"
      need_name "$1" "$NAME"
      shift
      ;;
    --out)
      take_value "$1" "${2-}"
      OUT="$VALUE"
      shift
      ;;
    --use-current-context) CURRENT=yes ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) refuse_argument "unknown argument '$1'" ;;
  esac
  shift
done

need_mk
if [ "$CURRENT" = no ]; then
  need docker 'kind needs it' kind 'makes the cluster' "$KUBECTL" 'reaches the cluster'
  need_docker
else
  need "$KUBECTL" 'reaches the cluster'
fi
forget_mk_settings
mkdir -p "$OUT"
for name in plan render run watch apply; do rm -rf "${OUT:?}/$name"; done
if [ "$CURRENT" = no ]; then
  "$ROOT/scripts/kind-bootstrap.sh" --name "$NAME" --namespace "$NAMESPACE" \
    --kubeconfig "$OUT/kubeconfig" >&2
  export KUBECONFIG="$OUT/kubeconfig"
else
  make_namespace
  "$KUBECTL" -n "$NAMESPACE" apply -f "$ROOT/k8s/trainer-minimal.yaml" >&2
  wait_for_rollout
fi
export KUBECTL
set_drift

fingerprint() {
  "$KUBECTL" -n "$NAMESPACE" get "deployment/$DEPLOYMENT" -o 'jsonpath={.metadata.uid}/{.metadata.generation}'
}
BEFORE="$(fingerprint)"

TARGET=(--k8s-namespace "$NAMESPACE" --k8s-deployment "$DEPLOYMENT")
unset MODEKEEPER_KILL_SWITCH
"$MK" closed-loop run --scenario drift --dry-run "${TARGET[@]}" --out "$OUT/plan"
expect "$OUT/plan/closed_loop_latest.json" k8s_plan_items 1
"$MK" k8s render --plan "$OUT/plan/k8s_plan.json" --out "$OUT/render"
bash -n "$OUT/render/k8s_plan.kubectl.sh"
"$MK" k8s verify --plan "$OUT/plan/k8s_plan.json" --out "$OUT/plan"
expect "$OUT/plan/k8s_verify_latest.json" ok true

# blocked WHAT COMMAND ...: an apply that has to be refused with the line of the kill switch, and only that.
export MODEKEEPER_KILL_SWITCH=1
LINE='ERROR: MODEKEEPER_KILL_SWITCH=1 blocks apply/mutate operations'
blocked() {
  local what="$1" rc=0
  shift
  "$@" 2>"$OUT/stderr.log" || rc=$?
  [ "$rc" -eq 2 ] || fail "$what: ended with $rc, expected 2"
  [ "$(cat "$OUT/stderr.log")" = "$LINE" ] || fail "$what: said '$(cat "$OUT/stderr.log")', expected '$LINE'"
  say "$what: blocked"
}
blocked 'closed-loop run --apply' \
  "$MK" closed-loop run --scenario drift --apply "${TARGET[@]}" --out "$OUT/run"
expect "$OUT/run/closed_loop_latest.json" apply_blocked_reason '"kill_switch"'
blocked 'closed-loop watch --apply' \
  "$MK" closed-loop watch --scenario drift --apply --max-iterations 1 --interval 0 "${TARGET[@]}" --out "$OUT/watch"
blocked 'k8s apply' "$MK" k8s apply --plan "$OUT/plan/k8s_plan.json" --out "$OUT/apply"
expect "$OUT/apply/k8s_apply_latest.json" block_reason '"kill_switch"'

[ "$(fingerprint)" = "$BEFORE" ] || fail "deployment $DEPLOYMENT was changed"
expect_knobs 4/16
echo "nothing was changed while the kill switch was on; the artifacts are in $OUT"
