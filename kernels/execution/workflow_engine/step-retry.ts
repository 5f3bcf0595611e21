import { HoldfastError, type Plan, type PlanStep, type StepProgress } from '@holdfast/contracts';
import type { StepEnd } from './hand-out.ts';
import type { Retry } from './run-record.ts';

const LONGEST_MS = 3_600_000;

/**
 * What an owner knows an attempt by, together with the run: it carries out each key once. Only an attempt that is known
 * to have failed is followed by one under another key.
 */
export const issueKey = (step: string, retry: Retry | null): string =>
  retry?.step === step && retry.issue > 1 ? `${step}#${retry.issue}` : step;

/** Refuses a plan in which two steps, or attempts of them, would go by one name. */
export const checkStepKeys = ({ steps }: Plan): void => {
  const keys = steps.flatMap(({ key, retry }) =>
    Array.from({ length: retry?.attempts ?? 1 }, (_, index) =>
      issueKey(key, { step: key, at: '', issue: index + 1 }),
    ),
  );
  if (new Set(keys).size === keys.length) return;
  const detail = 'the plan has several steps of one key';
  throw new HoldfastError('invalid_input', { detail });
};

/** When a failed step is tried again; undefined when it is not. The pause doubles with each attempt. */
export const nextAttempt = (
  { key, retry: rule }: PlanStep,
  { attempts }: StepProgress,
  before: Retry | null,
  end: StepEnd,
  now: number,
): Retry | undefined => {
  if (end.status === 'succeeded' || end.again === undefined) return undefined;
  if (rule === undefined || attempts >= rule.attempts) return undefined;
  const pauseMs = Math.min(rule.backoff_ms * 2 ** (attempts - 1), LONGEST_MS);
  const issue = before?.step === key ? before.issue : 1;
  return {
    step: key,
    at: new Date(now + pauseMs).toISOString(),
    issue: end.again === 'anew' ? issue + 1 : issue,
  };
};
