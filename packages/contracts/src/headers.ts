/** Proves on an internal call that the caller belongs to this start of the stack. */
export const SECRET_HEADER = 'x-holdfast-secret';
/** The authenticated principal, JSON in base64url; only believed together with the secret. */
export const PRINCIPAL_HEADER = 'x-holdfast-principal';
export const IDEMPOTENCY_HEADER = 'idempotency-key';
export const PROBLEM_TYPE = 'application/problem+json';
