import type { Signals } from '@holdfast/tuning';

/** Booleans and absent values as the text artifacts of the contract spell them. */
export const pythonWord = (value: boolean | string | number | null | undefined): string => {
  if (value === true) return 'True';
  if (value === false) return 'False';
  return value === null || value === undefined ? 'None' : String(value);
};

/** summary.md: one run at a glance. */
export const summaryText = (facts: {
  readonly startedAt: string;
  readonly policy: string;
  readonly target: string;
  readonly sampleCount: number;
  readonly signals: Signals;
  readonly proposed: number;
  readonly applied: number;
  readonly blocked: number;
  readonly applyRequested: boolean;
  readonly verifyOk: boolean | null;
  readonly applyOk: boolean | null;
  readonly blockedReason: string | null;
  readonly decision: string;
  readonly planPath: string;
}): string =>
  [
    '# Closed loop',
    '',
    `- started: ${facts.startedAt}`,
    `- policy: ${facts.policy}`,
    `- target: ${facts.target}`,
    `- samples: ${facts.sampleCount}`,
    `- signals: ${facts.signals.notes.join(', ') || 'none'}`,
    `- incident: ${pythonWord(facts.signals.incident)}`,
    `- proposed: ${facts.proposed}`,
    `- applied: ${facts.applied}`,
    `- blocked: ${facts.blocked}`,
    `- apply_requested: ${pythonWord(facts.applyRequested)}`,
    `- verify_ok: ${pythonWord(facts.verifyOk)}`,
    `- apply_ok: ${pythonWord(facts.applyOk)}`,
    `- apply_blocked_reason: ${pythonWord(facts.blockedReason)}`,
    `- decision: ${facts.decision}`,
    `- plan: ${facts.planPath}`,
    '',
  ].join('\n');
