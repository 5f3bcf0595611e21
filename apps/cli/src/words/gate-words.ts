import type { GateDecision } from '@holdfast/contracts';

/** What the gate says, reason by reason in its order. */
export const gateWords = ({ allowed, reasons, decided_at }: GateDecision): string[] => [
  allowed
    ? `the gate would let it through, as of ${decided_at}`
    : `the gate would stop it at ${reasons[0]?.code}, as of ${decided_at}`,
  ...reasons.map(({ code, detail }, index) => `  ${index + 1}. ${code}: ${detail}`),
];

export const policyWords = (policies: readonly string[]): string =>
  policies.length === 0
    ? 'no policy allows or forbids it'
    : `decided by ${policies.length === 1 ? 'policy' : 'policies'} ${policies.join(', ')}`;
