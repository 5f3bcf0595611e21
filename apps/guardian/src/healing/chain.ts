import {
  ISSUE_PLAYBOOKS,
  type IssueType,
  type KernelId,
  type PlaybookId,
  type PlaybookResult,
} from '@holdfast/contracts';
import { ALL_PLAYBOOKS } from './playbooks/all-playbooks.ts';
import type { Playbook, PlaybookContext, PlaybookOutcome } from './playbooks/playbook.ts';

export interface ChainResult {
  readonly results: readonly PlaybookResult[];
  /** The remedy that was seen to work. */
  readonly remedy?: PlaybookId;
  /** Why there is none; null on success. */
  readonly error: string | null;
}

/** Called before and after each playbook. */
export interface ChainHooks {
  started(playbook: Playbook): void;
  finished(playbook: Playbook, result: PlaybookResult): void;
}

/** The playbooks of an issue in their order, or only the one that was asked for. */
export const chainFor = (issue: IssueType, action: PlaybookId | undefined): readonly Playbook[] => {
  const ids: readonly PlaybookId[] = action === undefined ? ISSUE_PLAYBOOKS[issue] : [action];
  return ids.map((id) => ALL_PLAYBOOKS.find((one) => one.id === id)!);
};

/** A remedy is believed only when the kernel answers, on a port that nobody else has. */
const confirm = async (
  { components }: PlaybookContext,
  id: KernelId,
  outcome: PlaybookOutcome,
): Promise<PlaybookOutcome> => {
  const found = await components.probe(id);
  if (found.ok && components.holdsPort(id)) return outcome;
  const why = found.ok ? 'its port is held by somebody else' : found.reason;
  return { ...outcome, success: false, error: `${id} does not answer after it: ${why}` };
};

const runOne = async (
  context: PlaybookContext,
  playbook: Playbook,
  id: KernelId,
  issue: IssueType,
): Promise<PlaybookResult> => {
  const began = performance.now();
  let outcome: PlaybookOutcome;
  try {
    outcome = await playbook.run(context, id, issue);
    if (playbook.remedy && outcome.success) outcome = await confirm(context, id, outcome);
  } catch (error) {
    const { message } = error as Error;
    outcome = { success: false, action_taken: 'none', steps: [], error: message, details: {} };
  }
  const duration_ms = Math.round(performance.now() - began);
  return { playbook: playbook.id, ...outcome, duration_ms };
};

/** Runs playbooks until a remedy worked. One that only looks never ends the chain. */
export const runChain = async (
  context: PlaybookContext,
  chain: readonly Playbook[],
  id: KernelId,
  issue: IssueType,
  hooks: ChainHooks,
): Promise<ChainResult> => {
  const results: PlaybookResult[] = [];
  let error: string | undefined;
  for (const playbook of chain) {
    hooks.started(playbook);
    const result = await runOne(context, playbook, id, issue);
    hooks.finished(playbook, result);
    results.push(result);
    if (!playbook.remedy) continue;
    if (result.success) return { results, remedy: playbook.id, error: null };
    error = `${playbook.id}: ${result.error ?? 'it did not help'}`;
  }
  return { results, error: error ?? 'nothing was repaired: it was only looked at' };
};
