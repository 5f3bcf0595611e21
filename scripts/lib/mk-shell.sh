# shellcheck shell=bash
# What the scripts around `mk` share. Sourced by them, never run. They set PROGRAM, ROOT and `usage` first.
# Exit codes: 0 done, 1 failed or something is absent, 2 an argument that is not known.

MK="$ROOT/bin/mk"
KUBECTL="${KUBECTL:-kubectl}"

say() { printf '%s: %s\n' "$PROGRAM" "$*" >&2; }

fail() {
  say "$*"
  exit 1
}

refuse_argument() {
  say "$1"
  usage >&2
  exit 2
}

# take_value FLAG VALUE: into VALUE; an empty one is refused.
take_value() {
  VALUE="$2"
  [ -n "$VALUE" ] || refuse_argument "$1 needs a value"
}

has() { command -v "$1" >/dev/null 2>&1; }

# need COMMAND WHAT-FOR ...: names everything that is absent in one line.
need() {
  local absent=''
  while [ $# -gt 0 ]; do
    has "$1" || absent="$absent${absent:+, }$1 ($2)"
    shift 2
  done
  [ -z "$absent" ] || fail "not on PATH: $absent"
}

need_mk() {
  need node 'runs mk'
  [ -f "$ROOT/dist/mk.js" ] || fail 'mk is not built: run `make build` first'
}

need_docker() {
  docker info >/dev/null 2>&1 || fail 'the docker daemon does not answer: kind needs it'
}

need_cluster() {
  "$KUBECTL" get namespace "$NAMESPACE" -o name >/dev/null 2>&1 ||
    fail "no cluster answers for namespace $NAMESPACE: $KUBECTL get namespace $NAMESPACE fails"
}

make_namespace() {
  "$KUBECTL" get namespace "$NAMESPACE" -o name >/dev/null 2>&1 ||
    "$KUBECTL" create namespace "$NAMESPACE" >&2 ||
    fail "no cluster answers, or it lets nobody make namespace $NAMESPACE"
}

# A namespace or a workload as Kubernetes allows it, so that it can stand in any command.
need_name() {
  [[ "$2" =~ ^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$ ]] ||
    refuse_argument "$1 is '$2', expected a Kubernetes name"
}

# A demo must show what its own steps do: nothing that the caller has set for mk reaches them.
forget_mk_settings() {
  unset MODEKEEPER_LICENSE_PATH MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH
  unset MODEKEEPER_PAID MODEKEEPER_INTERNAL_OVERRIDE MODEKEEPER_ISSUER_PRIVKEY_PATH
}

# The kill switch is the caller's: nothing here turns it off.
need_kill_switch_off() {
  case "${MODEKEEPER_KILL_SWITCH:-0}" in
    0 | false | no | off) ;;
    *) fail 'MODEKEEPER_KILL_SWITCH is on: unset it to let this apply anything' ;;
  esac
}

# field FILE PATH: what a JSON report says at a dotted path.
field() { node "$ROOT/scripts/lib/json-field.mjs" "$1" "$2"; }

# expect FILE PATH VALUE
expect() {
  local got
  got="$(field "$1" "$2")" || fail "cannot read $1"
  [ "$got" = "$3" ] || fail "$1: $2 is $got, expected $3"
}

# expect_applied REPORT: a run that has verified and applied; the reasons of one that has not.
expect_applied() {
  [ "$(field "$1" apply_attempted)" = true ] ||
    fail "mk has applied nothing, blocked: $(field "$1" blocked_reasons); its report is $1"
  expect "$1" verify_ok true
  expect "$1" apply_ok true
}

# The annotations of the workload's pod template: knob NAME
knob() {
  "$KUBECTL" -n "$NAMESPACE" get "deployment/$DEPLOYMENT" \
    -o "go-template={{index .spec.template.metadata.annotations \"modekeeper/knob.$1\"}}"
}

wait_for_rollout() {
  "$KUBECTL" -n "$NAMESPACE" rollout status "deployment/$DEPLOYMENT" --timeout=180s >&2 ||
    fail "deployment $DEPLOYMENT did not become ready"
}

# Knobs away from the declared global batch, as somebody might leave them behind.
set_drift() {
  "$KUBECTL" -n "$NAMESPACE" patch "deployment/$DEPLOYMENT" --type merge -p \
    '{"spec":{"template":{"metadata":{"annotations":{"modekeeper/knob.grad_accum_steps":"4","modekeeper/knob.microbatch_size":"16"}}}}}' >&2
  wait_for_rollout
}

expect_knobs() {
  local got
  got="$(knob grad_accum_steps)/$(knob microbatch_size)"
  [ "$got" = "$1" ] || fail "grad_accum_steps/microbatch_size is $got, expected $1"
  say "grad_accum_steps/microbatch_size is $got"
}

# mint_license FOLDER: a development licence there, used by every mk that follows.
mint_license() {
  "$ROOT/bin/mk-mint-dev-license" --dir "$1" >&2 || fail 'no development licence could be made'
  export MODEKEEPER_LICENSE_PATH="$1/license_dev.json"
  export MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH="$1/license_dev_public_keys.json"
}
