import type { PolicyRequest } from '@holdfast/contracts';
import { beforeAll, describe, expect, it } from 'vitest';
import { needsReference, type CompiledSet } from '../cedar/compiled-set.ts';
import { decideBy } from '../decisions/verdict.ts';
import { policyRequest } from '../test-support/policy-world.ts';
import { checkSet } from './check-set.ts';
import { readShippedPolicies } from './shipped-policies.ts';

const PROFILES = ['user', 'pro', 'enterprise-vip'] as const;
type Profile = (typeof PROFILES)[number];

const AT = '2026-03-02T09:30:00.000Z';
const sets = new Map<Profile, CompiledSet>();
beforeAll(async () => {
  for (const profile of PROFILES) {
    const { set } = await checkSet(await readShippedPolicies(profile), AT);
    if (set) sets.set(profile, set);
  }
});

const person = (role: string) => ({ id: 'ann', kind: 'human', role });
const ai = { id: 'bot', kind: 'ai', role: 'operator' };
const kernel = { id: 'kernel:governance', kind: 'kernel', role: 'kernel' };
const step = policyRequest().steps[0]!;
const RESTORING: Partial<PolicyRequest> = {
  risk: 'low',
  steps: [{ ...step, toward_baseline: true }],
};
const UNDO: Partial<PolicyRequest> = { kind: 'revert', undo: true, risk: 'high' };
const AUTOMATIC: Partial<PolicyRequest> = { ...UNDO, automatic: true };
const moving = (movement: string, more: Partial<typeof step> = {}): Partial<PolicyRequest> => ({
  ...RESTORING,
  steps: [{ ...step, toward_baseline: true, movement, ...more }],
});
const CONFIG: Partial<PolicyRequest> = {
  kind: 'config',
  owner: 'governance',
  target: { config: 'profile' },
};
const POLICIES: Partial<PolicyRequest> = {
  kind: 'policy',
  owner: 'policy_engine',
  class: 'covenant',
  target: { policy: 'set' },
  risk: 'high',
};
const keeper = { id: 'kernel:mode_keeper', kind: 'kernel', role: 'kernel' };
const TUNING: Partial<PolicyRequest> = {
  kind: 'workload.tune',
  owner: 'mode_keeper',
  target: { workload: 'trainer' },
  risk: 'low',
  steps: [{ ...step, driver: 'mode_keeper', action: 'knobs.set', movement: 'configure' }],
};
const busy = {
  id: 'box_linux',
  os_type: 'linux',
  cpu_percent: 95,
  memory_percent: 20,
  capabilities: ['compute', 'network', 'storage'],
};

/** In which profiles it is allowed. */
const allowedIn = (request: Partial<PolicyRequest>): Profile[] =>
  PROFILES.filter((profile) => decideBy(sets.get(profile)!, policyRequest(request), 1).allowed);

describe('the shipped policies', () => {
  const ALL = [...PROFILES];
  const LESS_STRICT: Profile[] = ['user', 'pro'];
  it.each<[string, Partial<PolicyRequest>, Profile[]]>([
    ['an AI agent restoring the baseline', { author: ai, ...RESTORING }, ALL],
    ['an AI agent at medium risk', { author: ai }, LESS_STRICT],
    ['an AI agent at high risk', { author: ai, risk: 'high' }, []],
    ['an AI agent at critical risk', { author: ai, risk: 'critical' }, []],
    ['an AI agent changing policies', { author: ai, ...POLICIES }, []],
    ['an AI agent undoing a change of policies', { author: ai, ...POLICIES, ...UNDO }, []],
    ['an AI agent undoing settings', { author: ai, ...CONFIG, ...UNDO, risk: 'low' }, []],
    ['an AI agent undoing a change of packages', { author: ai, ...UNDO }, LESS_STRICT],
    [
      'an AI agent undoing a major change of packages',
      { author: ai, ...UNDO, steps: [{ ...step, major: true }] },
      [],
    ],
    ['an AI agent restoring by a downgrade', { author: ai, ...moving('downgrade') }, []],
    [
      'an AI agent restoring over a major version',
      { author: ai, ...moving('upgrade', { major: true }) },
      [],
    ],
    ['an AI agent restoring by a removal', { author: ai, ...moving('remove') }, LESS_STRICT],
    [
      'a person restoring by a downgrade',
      { author: person('operator'), ...moving('downgrade') },
      ALL,
    ],
    ['a viewer undoing a change of packages', { author: person('viewer'), ...UNDO }, []],
    ['an operator undoing a change of packages', { author: person('operator'), ...UNDO }, ALL],
    ['an operator undoing settings', { author: person('operator'), ...CONFIG, ...UNDO }, ['user']],
    [
      'an operator undoing policies',
      { author: person('operator'), ...POLICIES, ...UNDO },
      ['user'],
    ],
    ['an admin undoing settings', { author: person('admin'), ...CONFIG, ...UNDO }, ALL],
    ['an admin undoing policies', { author: person('admin'), ...POLICIES, ...UNDO }, ALL],
    ['a kernel undoing a change', { author: kernel, ...UNDO }, []],
    ['the undo that a failed change of a kernel demands', { author: kernel, ...AUTOMATIC }, ALL],
    ['the undo that a failed change of an AI agent demands', { author: ai, ...AUTOMATIC }, ALL],
    [
      'the undo that a failed change of settings demands',
      { author: person('admin'), ...CONFIG, ...AUTOMATIC },
      ALL,
    ],
    ['a kernel moving off the baseline', { author: kernel, risk: 'low' }, []],
    ['an operator at high risk', { author: person('operator'), risk: 'high' }, ALL],
    ['an operator at critical risk', { author: person('operator'), risk: 'critical' }, ['user']],
    ['an admin at critical risk', { author: person('admin'), risk: 'critical' }, LESS_STRICT],
    ['an operator changing policies', { author: person('operator'), ...POLICIES }, ['user']],
    ['an admin changing policies', { author: person('admin'), ...POLICIES }, ALL],
    ['the mode keeper tuning a workload', { author: keeper, ...TUNING }, ALL],
    ['the mode keeper at high risk', { author: keeper, ...TUNING, risk: 'high' }, []],
    ['the mode keeper changing packages', { author: keeper, risk: 'low' }, []],
    ['another kernel tuning a workload', { author: kernel, ...TUNING }, []],
    ['an operator tuning a workload', { author: person('operator'), ...TUNING }, ALL],
    ['a viewer tuning a workload', { author: person('viewer'), ...TUNING }, []],
    ['an AI agent tuning a workload', { author: ai, ...TUNING }, []],
    ['an operator undoing a tuning', { author: person('operator'), ...TUNING, ...UNDO }, ALL],
    ['a viewer', { author: person('viewer') }, []],
    ['medium risk on a busy host', { host: busy }, LESS_STRICT],
    ['high risk on a busy host', { host: busy, risk: 'high' }, ['user']],
    ['restoring on a busy host', { host: busy, ...RESTORING }, ALL],
    ['undoing on a busy host', { host: busy, ...UNDO }, ALL],
    ['medium risk at unknown load', { host: { ...busy, cpu_percent: null } }, LESS_STRICT],
    [
      'high risk on a host that lacks what it needs',
      { risk: 'high', host: { ...busy, cpu_percent: 5, capabilities: ['compute'] } },
      ['user'],
    ],
  ])('allow %s where they should', (_what, request, profiles) => {
    expect(allowedIn(request)).toEqual(profiles);
  });

  it('pass their own check without a warning', async () => {
    for (const profile of PROFILES)
      expect((await checkSet(await readShippedPolicies(profile), AT)).problems).toEqual([]);
  });

  it('decide without the reference evaluator', () => {
    expect(sets.size).toBe(PROFILES.length);
    for (const set of sets.values()) expect(set.statements.filter(needsReference)).toEqual([]);
  });

  it('never allow in a stricter profile what a less strict one denies', () => {
    for (const risk of ['low', 'medium', 'high', 'critical'] as const)
      for (const author of [
        ai,
        kernel,
        keeper,
        person('operator'),
        person('admin'),
        person('owner'),
      ])
        for (const host of [null, busy])
          for (const more of [{}, RESTORING, POLICIES, TUNING, UNDO, AUTOMATIC]) {
            const profiles = allowedIn({ author, host, ...more, risk });
            expect(profiles).toEqual(ALL.slice(0, profiles.length));
          }
  });
});
