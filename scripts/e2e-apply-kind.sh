#!/usr/bin/env bash
# On a kind cluster: the trainer's knobs have drifted, mk applies with a licence, and the trainer's own log shows the knobs
# that mk has set. All of it happens in a namespace of its own, mk-e2e, which stays, as do the artifacts.
set -Eeuo pipefail
PROGRAM=e2e-apply-kind
ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
usage() {
  echo 'usage: scripts/e2e-apply-kind.sh [--name CLUSTER] [--out DIR] [--use-current-context]'
}
. "$ROOT/scripts/lib/mk-shell.sh"

NAME=holdfast-mk
NAMESPACE=mk-e2e
DEPLOYMENT=trainer
OUT=report/_e2e_apply_kind
CURRENT=no
LOG_LIMIT_S=180
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
need helm 'installs the trainer' "$KUBECTL" 'reaches the cluster'
if [ "$CURRENT" = no ]; then
  need docker 'kind needs it' kind 'makes the cluster'
  need_docker
fi
need_kill_switch_off
forget_mk_settings
mkdir -p "$OUT"
OUT="$(cd "$OUT" && pwd)"
rm -f "$OUT/closed_loop_latest.json" "$OUT/k8s_plan.json" "$OUT/k8s_verify_latest.json"
if [ "$CURRENT" = no ]; then
  "$ROOT/scripts/kind-bootstrap.sh" --name "$NAME" --namespace "$NAMESPACE" --no-trainer \
    --kubeconfig "$OUT/kubeconfig" >&2
  export KUBECONFIG="$OUT/kubeconfig"
fi
export KUBECTL

# With the drifted knobs from the start, and once more when mk had mended them in an earlier run.
helm uninstall trainer --namespace "$NAMESPACE" --ignore-not-found --wait >&2
helm install trainer "$ROOT/k8s/charts/trainer" --namespace "$NAMESPACE" --create-namespace \
  --set name="$DEPLOYMENT",knobs.grad_accum_steps=4,knobs.microbatch_size=16,globalBatchSize=256 >&2
wait_for_rollout
expect_knobs 4/16

deployment() { "$KUBECTL" -n "$NAMESPACE" get "deployment/$DEPLOYMENT" -o json; }
deployment >"$OUT/deploy_before.json"

mint_license "$OUT"
rc=0
"$MK" closed-loop run --scenario drift --apply --k8s-namespace "$NAMESPACE" \
  --k8s-deployment "$DEPLOYMENT" --out "$OUT" || rc=$?
[ "$rc" -eq 0 ] || fail "mk closed-loop run --apply ended with $rc; its report is in $OUT"
REPORT="$OUT/closed_loop_latest.json"
expect_applied "$REPORT"
expect "$REPORT" apply_blocked_reason null
expect "$REPORT" results.length "$(field "$REPORT" proposed.length)"

wait_for_rollout
deployment >"$OUT/deploy_after.json"
expect_knobs 8/32

# Ready and running pods first; then those that end or begin, and what a restarted container had said before.
pods() {
  "$KUBECTL" -n "$NAMESPACE" get pods -l "app=$DEPLOYMENT" -o \
    'go-template={{range .items}}{{$name := .metadata.name}}{{$phase := .status.phase}}{{range .status.containerStatuses}}{{.ready}} {{$phase}} {{$name}}{{"\n"}}{{end}}{{end}}' |
    sort -r | sed 's/.* //'
}
SEEN='"modekeeper/knob.grad_accum_steps=8"'
look_for_knob() {
  local pod before
  while read -r pod; do
    for before in false true; do
      if "$KUBECTL" -n "$NAMESPACE" logs "$pod" -c trainer --tail=500 --previous="$before" \
        2>/dev/null >"$OUT/trainer.log" && grep -qF "$SEEN" "$OUT/trainer.log"; then
        say "pod $pod trains with $SEEN"
        return 0
      fi
    done
  done < <(pods)
  return 1
}
DEADLINE=$((SECONDS + LOG_LIMIT_S))
until look_for_knob; do
  [ "$SECONDS" -lt "$DEADLINE" ] || fail "no trainer has logged $SEEN within $LOG_LIMIT_S s"
  sleep 2
done
echo "mk has applied, and the trainer obeys; the artifacts are in $OUT"
