import { defineErrors } from './define-errors.ts';

/**
 * Reasons why the gate blocks a change, in the fixed order in which they are reported.
 * The order of these rows IS the gate order (see packages/change).
 */
export const gateErrors = defineErrors({
  kill_switch: { status: 423, retry: 'later', text: 'the kill switch is on: {detail}' },
  tripwire: { status: 403, retry: 'never', text: 'a hard rule forbids this: {detail}' },
  plan_stale: { status: 409, retry: 'later', text: 'the world moved since the plan was made' },
  license_missing: { status: 403, retry: 'later', text: 'no licence covers this action' },
  license_invalid: { status: 403, retry: 'later', text: 'the licence is not valid: {detail}' },
  entitlement_missing: { status: 403, retry: 'later', text: 'the profile does not allow {detail}' },
  verify_missing: { status: 409, retry: 'later', text: 'the plan has not been verified' },
  verify_failed: { status: 409, retry: 'later', text: 'the dry run failed: {detail}' },
  policy_denied: { status: 403, retry: 'never', text: 'a policy denies this: {detail}' },
  cooldown_active: { status: 409, retry: 'later', text: 'the target is cooling down' },
  budget_exhausted: { status: 409, retry: 'later', text: 'the change budget is spent' },
  freeze_window: { status: 409, retry: 'later', text: 'a freeze window is open' },
  approval_required: { status: 409, retry: 'later', text: 'an approval is needed: {detail}' },
  quorum_missing: { status: 409, retry: 'later', text: 'more approvals are needed: {detail}' },
  challenge_window: { status: 409, retry: 'later', text: 'it can still be challenged: {detail}' },
});

export type GateReasonCode = keyof typeof gateErrors;
export const GATE_ORDER = Object.keys(gateErrors) as GateReasonCode[];
