import * as z from 'zod';

/** How many seconds a signature of a decision may be valid at most. */
export const LONGEST_SIGNATURE_S = 3600;

const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\x20-\x7e]+$/);

/**
 * What a person adds to a decision to make it theirs: a signature by a registered key over `decisionStatement`. `value`
 * is base64 (64 bytes, Ed25519, RFC 8032).
 */
export const signatureSchema = z.strictObject({
  key: line(100),
  issued_at: z.iso.datetime(),
  expires_at: z.iso.datetime(),
  nonce: line(100),
  value: z.string().min(86).max(90),
});
export type Signature = z.infer<typeof signatureSchema>;

/**
 * What is signed. `subject` is a change or a tripwire case, `digest` the plan hash or the digest of the case, `base` the
 * revision of the world that the plan was made for (empty for a case).
 */
export interface Decision {
  readonly decision: 'approve' | 'challenge' | 'release' | `step ${string}`;
  readonly subject: string;
  readonly digest: string;
  readonly base: string;
  readonly approver: string;
}

/** The exact bytes (ASCII) that a signature covers: one field a line, so that it can be shown before it is signed. */
export const decisionStatement = (
  decision: Decision,
  signature: Omit<Signature, 'value'>,
): string =>
  [
    'holdfast decision v1',
    `decision: ${decision.decision}`,
    `subject: ${decision.subject}`,
    `digest: ${decision.digest}`,
    `base: ${decision.base}`,
    `approver: ${decision.approver}`,
    `key: ${signature.key}`,
    `issued_at: ${signature.issued_at}`,
    `expires_at: ${signature.expires_at}`,
    `nonce: ${signature.nonce}`,
    '',
  ].join('\n');

/** What proves possession of a key when it is registered. `public_key` is base64 of 32 bytes. */
export const keyStatement = (principal: string, public_key: string): string =>
  ['holdfast key v1', `principal: ${principal}`, `public_key: ${public_key}`, ''].join('\n');

/** A signed yes of one principal. `person` is who stands behind it: two principals of one person count once. */
export const approvalSchema = z.object({
  principal: z.string(),
  person: z.string(),
  kind: z.enum(['human', 'agent', 'kernel', 'ai']),
  plan_hash: z.string(),
  base_revision: z.string(),
  signature: signatureSchema,
  approved_at: z.iso.datetime(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** A signed objection during the delay of an approved change. It voids the approvals that were given before it. */
export const challengeSchema = z.object({
  principal: z.string(),
  reason: z.string(),
  challenged_at: z.iso.datetime(),
});
export type Challenge = z.infer<typeof challengeSchema>;
