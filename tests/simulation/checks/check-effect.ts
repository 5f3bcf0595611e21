import { isPlanHashOk } from '@holdfast/change';
import { isTerminal } from '@holdfast/contracts';
import type { Rows } from '../store/rows.ts';
import type { Effect } from '../world/owner.ts';
import { changesOf, runOf, type Evidence } from './evidence.ts';

export interface EffectStores {
  readonly governance: Rows;
  readonly workflow: Rows;
}

/** What has to be so when an owner takes a step in that it did not know. */
export const checkOrder = (
  { workflow }: EffectStores,
  run: string,
  step: string,
  evidence: Evidence,
): void => {
  const state = runOf(workflow, run)?.run.state;
  if (state === undefined || isTerminal(state))
    evidence.problems.push(
      `step ${run}/${step} was handed out when its run was ${state ?? 'not there'}`,
    );
};

/** What has to be so at the moment at which a step is carried out. */
export const checkEffect = (
  { governance, workflow }: EffectStores,
  effect: Effect,
  record: Evidence,
): void => {
  const { run, step, host } = effect;
  const name = `step ${run}/${step}`;
  const say = (words: string): void => void record.problems.push(`${name} ${words}`);

  // A further attempt goes by another name, for an owner that carries each name out once.
  const key = step.replace(/#\d+$/, '');
  const intents = workflow.read(
    "SELECT position FROM journal WHERE run = ? AND step = ? AND kind = 'intent'",
    [run, key],
  );
  if (intents.length === 0) say('was applied, but its intent is not in the journal');

  const changes = changesOf(governance);
  const own = changes.find(({ change }) => change.id === run);
  if (!own) return say('was applied for a change that does not exist');
  const { change } = own;
  const plan = change.plan;
  if (!plan) return say('was applied for a change without a plan');
  if (!isPlanHashOk(plan)) say('was applied of a plan that is not what its hash names');
  if (change.gate?.allowed !== true) say(`was applied, but the gate did not allow ${change.state}`);
  const planned = plan.steps.find((one) => one.key === key);
  if (JSON.stringify(planned?.do) !== JSON.stringify(effect.action))
    say('was applied with another action than the approved plan has');
  const kept = runOf(workflow, run);
  if (kept && kept.plan.hash !== plan.hash)
    say('was applied of another plan than the approved one');

  const others = changes.filter(
    (one) =>
      one.change.id !== run &&
      ['applying', 'watching'].includes(one.change.state) &&
      one.change.target['host'] === host,
  );
  for (const other of others) say(`was applied while change ${other.change.id} holds ${host}`);
};
