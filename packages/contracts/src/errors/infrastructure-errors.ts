import { defineErrors } from './define-errors.ts';

export const infrastructureErrors = defineErrors({
  host_not_found: { status: 404, retry: 'never', text: "there is no host '{id}'" },
  host_exists: { status: 409, retry: 'never', text: "host '{id}' already exists" },
  agent_offline: { status: 503, retry: 'later', text: "the agent of host '{id}' is not connected" },
  agent_timeout: {
    status: 504,
    retry: 'later',
    text: "the agent of host '{id}' did not answer in {timeout_ms} ms",
  },
  agent_unknown: { status: 401, retry: 'never', text: 'the agent key is not enrolled' },
  enrolment_invalid: { status: 401, retry: 'never', text: 'the enrolment token is not valid' },
  enrolment_used: { status: 409, retry: 'never', text: 'the enrolment token was used before' },
  enrolment_expired: {
    status: 401,
    retry: 'never',
    text: 'the enrolment token expired at {expires_at}',
  },
  baseline_missing: { status: 404, retry: 'never', text: "host '{id}' has no baseline" },
  baseline_empty: {
    status: 422,
    retry: 'never',
    text: 'the baseline declares no package: {detail}',
  },
  manifest_invalid: { status: 422, retry: 'never', text: '{file}: {detail}' },
  environment_not_isolated: {
    status: 422,
    retry: 'never',
    text: '{path} is not a target environment: {detail}; expected a venv or a node project',
  },
  package_name_invalid: { status: 422, retry: 'never', text: 'package name {name}: {detail}' },
  driver_unavailable: { status: 409, retry: 'later', text: 'driver {driver}: {detail}' },
});
