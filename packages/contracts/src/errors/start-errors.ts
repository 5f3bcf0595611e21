import { defineErrors } from './define-errors.ts';

/** Reasons why a stack or a kernel refuses to start. */
export const startErrors = defineErrors({
  profile_unknown: {
    status: 422,
    retry: 'never',
    text: 'profile {name}: there is none of that name; known: {known}',
  },
  profile_invalid: { status: 422, retry: 'never', text: '{file}: {key}: {detail}' },
  profile_parent_missing: {
    status: 422,
    retry: 'never',
    text: '{file}: inherits: there is no profile {parent}',
  },
  profile_cycle: {
    status: 422,
    retry: 'never',
    text: '{file}: inherits: the chain {chain} comes back to itself',
  },
  config_invalid: { status: 422, retry: 'never', text: '{kernel}: {detail}' },
  admin_token_weak: { status: 422, retry: 'never', text: 'ADMIN_TOKEN: {detail}' },
  port_taken: { status: 409, retry: 'later', text: 'port {port} for {name}: {detail}' },
  already_running: {
    status: 409,
    retry: 'never',
    text: 'a stack already runs in {home} as pid {pid}',
  },
});
