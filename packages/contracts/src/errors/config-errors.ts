import { defineErrors } from './define-errors.ts';

/** Refusals of the configurator. */
export const configErrors = defineErrors({
  config_patch_invalid: { status: 400, retry: 'never', text: 'checking the patch: {detail}' },
  config_key_forbidden: {
    status: 403,
    retry: 'never',
    text: 'the profile {profile} does not let {key} be changed here',
  },
  config_nothing_pending: {
    status: 409,
    retry: 'later',
    text: 'applying settings: nothing is proposed',
  },
  config_nothing_active: {
    status: 409,
    retry: 'later',
    text: 'reverting settings: no change of settings is in force',
  },
  config_pending: {
    status: 409,
    retry: 'later',
    text: 'proposing settings: change {change} of {author} is pending',
  },
  config_superseded: {
    status: 409,
    retry: 'never',
    text: 'change {change} of settings was asked for, {other} is {state}',
  },
  config_expired: {
    status: 409,
    retry: 'never',
    text: 'applying settings: the proposal expired at {expires_at}',
  },
  config_not_applied: {
    status: 409,
    retry: 'later',
    text: 'applying settings: change {change} ended {state}: {detail}',
  },
});
