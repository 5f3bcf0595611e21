import { afterEach, describe, expect, it } from 'vitest';
import {
  createPolicyWorld,
  file,
  OWNER_MAY,
  policyRequest,
  refusal,
  type PolicyWorld,
} from '../test-support/policy-world.ts';

let open: PolicyWorld | undefined;
const start = async (home?: string): Promise<PolicyWorld> =>
  (open = await createPolicyWorld(home === undefined ? {} : { home }));
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const RISKS = ['low', 'medium', 'high', 'critical'] as const;
const NOTHING_RISKY = file(
  `${OWNER_MAY}
  @id("people") permit (principal in Role::"operator", action, resource);
  @id("calm") @reason("too much at once") forbid (principal, action in Action::"packages", resource) when { resource.risk_level >= 2 || resource.steps > 7 };`,
);

describe('a dry run', () => {
  it('says of how many of the last decisions what it would change, and which', async () => {
    const { api, decide } = await start();
    for (let at = 0; at < 20; at += 1)
      await decide(policyRequest({ change: `chg_${at}`, risk: RISKS[at % 4]! }));
    const answer = await api.dryRunPolicies({ files: [NOTHING_RISKY] });
    expect(answer).toMatchObject({ total: 20, changed: 10, newly_denied: 10, newly_allowed: 0 });
    expect(answer.summary).toBe('10 of 20 would change (10 newly denied, 0 newly allowed)');
    expect(answer.differences[0]).toMatchObject({
      change: 'chg_19',
      before: true,
      after: false,
      determining: ['calm'],
      denials: ['policy calm forbids it: too much at once'],
    });
    expect(await api.dryRunPolicies({ files: [NOTHING_RISKY], last: 2 })).toMatchObject({
      total: 2,
      changed: 2,
    });
  });

  it('looks at decisions that outlived a restart, each as it was asked', async () => {
    const first = await start();
    const steps = Array.from({ length: 9 }, () => policyRequest().steps[0]!);
    await first.decide(policyRequest({ risk: 'low', steps }));
    await first.decide(policyRequest({ risk: 'low' }));
    await first.world.close({ keep: true });
    const { api } = await start(first.world.home);
    expect(await api.dryRunPolicies({ files: [NOTHING_RISKY] })).toMatchObject({
      total: 2,
      newly_denied: 1,
    });
  });

  it('leaves out what was not to be recorded, and changes nothing', async () => {
    const { api, decide } = await start();
    await decide(policyRequest(), false);
    const before = await api.getPolicies({});
    const answer = await api.dryRunPolicies({ files: [NOTHING_RISKY] });
    expect(answer.summary).toBe('no decision has been recorded yet');
    expect(await api.getPolicies({})).toEqual(before);
  });

  it('of policies that are not valid is refused', async () => {
    const { api } = await start();
    expect(await refusal(api.dryRunPolicies({ files: [file('nonsense')] }))).toBe('policy_invalid');
  });
});
