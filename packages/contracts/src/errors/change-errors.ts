import { defineErrors } from './define-errors.ts';

/** Refusals and failures in the life of a change. */
export const changeErrors = defineErrors({
  change_not_found: { status: 404, retry: 'never', text: 'there is no change {id}' },
  change_kind_unknown: {
    status: 422,
    retry: 'never',
    text: 'no kernel owns changes of kind {kind}',
  },
  change_conflict: {
    status: 409,
    retry: 'later',
    text: 'change {other} is still open on {target}',
  },
  change_state: {
    status: 409,
    retry: 'never',
    text: 'change {id} is {state}: it cannot be {verb}',
  },
  plan_hash_mismatch: {
    status: 409,
    retry: 'never',
    text: 'the plan hash {got} is not that of the plan, {expected}',
  },
  approval_key_unknown: {
    status: 403,
    retry: 'never',
    text: 'checking the signature: {approver} has no active key {key}',
  },
  approval_signature_invalid: {
    status: 403,
    retry: 'never',
    text: 'checking the signature: it is not that of key {key} over this decision',
  },
  approval_expired: {
    status: 403,
    retry: 'never',
    text: 'checking the signature: {detail}',
  },
  approval_replayed: {
    status: 409,
    retry: 'never',
    text: 'checking the signature: it was used before',
  },
  not_a_voter: {
    status: 403,
    retry: 'never',
    text: '{approver} is no voter of the class {class}',
  },
  not_a_person: { status: 403, retry: 'never', text: 'only people approve, not {kind}' },
  quorum_invalid: { status: 422, retry: 'never', text: 'checking the quorum: {detail}' },
  fenced: {
    status: 409,
    retry: 'never',
    text: 'run {run} was taken over: this engine holds fence {fence}, {seen} was seen',
  },
  receipt_missing: {
    status: 503,
    retry: 'later',
    text: 'waiting for a signed receipt of the ledger: {detail}',
  },
  tripwire_case_not_found: {
    status: 404,
    retry: 'never',
    text: 'there is no tripwire case {id}',
  },
  self_approval: {
    status: 403,
    retry: 'never',
    text: 'nobody approves their own change; a token is also the word of whoever made it, the owner excepted',
  },
  nothing_to_do: { status: 409, retry: 'later', text: 'there is no drift to repair on {host}' },
  plan_failed: { status: 409, retry: 'later', text: 'making a plan: {detail}' },
  step_failed: { status: 500, retry: 'later', text: 'step {step}: {detail}' },
  step_timeout: {
    status: 504,
    retry: 'later',
    text: 'step {step}: not finished after {timeout_ms} ms',
  },
  watch_failed: { status: 409, retry: 'later', text: 'watching the result: {detail}' },
  revert_impossible: { status: 409, retry: 'never', text: 'change {id} has no inverse: {detail}' },
});
