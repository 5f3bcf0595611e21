import { defineErrors } from './define-errors.ts';

/** Refusals that any HTTP operation may answer before its own logic runs. */
export const requestErrors = defineErrors({
  malformed_request: {
    status: 400,
    retry: 'never',
    text: 'reading the request: it is not valid HTTP/1.1',
  },
  head_too_large: {
    status: 431,
    retry: 'never',
    text: 'reading the request head: it is too large',
  },
  request_timeout: {
    status: 408,
    retry: 'later',
    text: 'reading the request: it was not complete in time',
  },
  malformed_json: { status: 400, retry: 'never', text: 'reading the body: not valid JSON' },
  invalid_input: { status: 422, retry: 'never', text: 'checking the input: {detail}' },
  body_too_large: {
    status: 413,
    retry: 'never',
    text: 'reading the body: over {limit_bytes} bytes',
  },
  unauthenticated: { status: 401, retry: 'never', text: 'authenticating: no token was sent' },
  forbidden: { status: 403, retry: 'never', text: 'authorising: {detail}' },
  not_found: { status: 404, retry: 'never', text: 'looking up {what}: there is none' },
  method_not_allowed: {
    status: 405,
    retry: 'never',
    text: 'routing: {method} is not offered here',
  },
  idempotency_mismatch: {
    status: 422,
    retry: 'never',
    text: 'replaying idempotency key {key}: the request differs from the first one',
  },
  rate_limited: { status: 429, retry: 'later', text: 'limiting: over {limit} requests a second' },
  internal: { status: 500, retry: 'later', text: 'an internal error was recorded as {error_id}' },
  kernel_unavailable: { status: 503, retry: 'later', text: 'calling {kernel}: it does not answer' },
  kernel_timeout: {
    status: 504,
    retry: 'later',
    text: 'calling {kernel}: no answer in {timeout_ms} ms',
  },
  not_installed: {
    status: 501,
    retry: 'never',
    text: 'calling {kernel}: it is not installed here',
  },
  store_unavailable: { status: 503, retry: 'later', text: 'writing a record: {detail}' },
});
