import type { PolicyVerdict } from '@holdfast/contracts';
import type { Draws } from '../core/draws.ts';
import { createLife, type Weather } from '../core/life.ts';
import type { Scheduler } from '../core/scheduler.ts';
import type { Server } from '../net/wire.ts';

const MS = 1;

/** A policy engine that forbids nothing, and is away now and then. */
export const createPolicyDouble = (
  scheduler: Scheduler,
  draws: Draws,
  weather: Weather,
): Server => {
  const life = createLife({
    name: 'policy_engine',
    scheduler,
    draws,
    weather,
    longestPauseMs: 3_000,
    mortal: false,
  });
  const verdict: PolicyVerdict = {
    allowed: true,
    denials: [],
    determining: ['simulated'],
    errors: [],
    revision: 1,
  };
  return {
    life,
    ready: true,
    answer: ({ name }) =>
      life.io(name, MS, () => {
        if (name !== 'decidePolicies') throw new Error(`the policy double has no ${name}`);
        return verdict;
      }),
  };
};
