import { defineErrors } from './define-errors.ts';

/** Refusals about who may call. */
export const identityErrors = defineErrors({
  principal_not_found: { status: 404, retry: 'never', text: 'there is no principal {id}' },
  principal_exists: { status: 409, retry: 'never', text: 'principal {id} exists already' },
  principal_reserved: { status: 422, retry: 'never', text: 'the id {id} belongs to the product' },
  token_not_found: { status: 404, retry: 'never', text: 'there is no token {id}' },
  token_limit: { status: 409, retry: 'never', text: '{id} has {most} tokens, which is the most' },
  scope_invalid: { status: 422, retry: 'never', text: 'checking the scopes: {detail}' },
  key_not_found: { status: 404, retry: 'never', text: 'there is no key {id}' },
  key_invalid: { status: 422, retry: 'never', text: 'checking the key: {detail}' },
  key_taken: { status: 409, retry: 'never', text: 'this key was registered before' },
  key_limit: { status: 409, retry: 'never', text: '{id} has {most} keys, which is the most' },
  key_one_voice: { status: 403, retry: 'never', text: 'confirming the key: {detail}' },
  issuer_unknown: {
    status: 422,
    retry: 'never',
    text: 'linking a person: the identity provider of this profile is {expected}, got {issuer}',
  },
  login_not_configured: {
    status: 501,
    retry: 'never',
    text: 'logging in: the profile names no identity provider',
  },
  login_failed: { status: 403, retry: 'later', text: 'logging in: {detail}' },
  login_provider_unavailable: {
    status: 503,
    retry: 'later',
    text: 'logging in: the identity provider does not answer: {detail}',
  },
});
