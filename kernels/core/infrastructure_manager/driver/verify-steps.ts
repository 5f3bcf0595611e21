import type { PlanStep, VerifyReport } from '@holdfast/contracts';
import type { AgentChannel } from '../channel/agent-channel.ts';

const VERIFY_MS = 120_000;
const PARALLEL_STEPS = 4;

type Check = VerifyReport['checks'][number];

const verifyStep = async (channel: AgentChannel, host: string, step: PlanStep): Promise<Check> => {
  const task = { type: 'verify_step', step_key: step.key, action: step.do } as const;
  const { step: result, error } = await channel.ask(host, task, VERIFY_MS);
  if (result) return { step: step.key, ok: result.status === 'succeeded', detail: result.detail };
  return { step: step.key, ok: false, detail: error?.detail ?? 'the agent gave no result' };
};

/** Dry-runs every step on the host, a few at a time; the checks come in the order of the steps. */
export const verifySteps = async (
  channel: AgentChannel,
  host: string,
  steps: readonly PlanStep[],
): Promise<Check[]> => {
  const checks: Check[] = [];
  const left = [...steps.entries()].toReversed();
  const worker = async (): Promise<void> => {
    for (let next = left.pop(); next; next = left.pop())
      checks[next[0]] = await verifyStep(channel, host, next[1]);
  };
  await Promise.all(Array.from({ length: PARALLEL_STEPS }, worker));
  return checks;
};
