import { makePlan } from '@holdfast/change';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createPolicyWorld,
  policyHost,
  policyRequest,
  refusal,
  type PolicyWorld,
} from './test-support/policy-world.ts';

let open: PolicyWorld | undefined;
const start = async (): Promise<PolicyWorld> =>
  (open = await createPolicyWorld({ profileName: 'pro' }));
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const plannedChange = (risk: string) => ({
  id: 'chg_1',
  kind: 'packages.update',
  target: { host: 'box_linux' },
  reverts: null,
  risk,
  plan: makePlan(
    {
      target: { host: 'box_linux' },
      base: { revision: 'r', observed_at: '2026-03-02T09:30:00.000Z' },
      steps: [
        {
          key: 'a',
          summary: 'put a at 2',
          do: { driver: 'pip', action: 'packages.apply', params: {} },
          inverse: null,
          inverse_summary: '',
          effect: { toward_baseline: false, movement: 'upgrade', major: true, targets: 1 },
        },
      ],
      timeout_ms: 1000,
    },
    {
      change: 'chg_1',
      kind: 'packages.update',
      owner: 'infrastructure_manager',
      created_at: '2026-03-02T09:30:00.000Z',
    },
  ),
});

describe('explaining', () => {
  it('a request names the statements that decide', async () => {
    const { api } = await start();
    const { verdict, statements } = await api.explainPolicy({ request: policyRequest() });
    expect(verdict).toMatchObject({ allowed: true, determining: ['people.operators'] });
    expect(statements).toMatchObject([
      { id: 'people.operators', effect: 'permit', file: 'people.cedar' },
    ]);
  });

  it('a change looks at it as it stands now, with the load of its host', async () => {
    const { api, changes, hosts, decide } = await start();
    changes.set('chg_1', plannedChange('high'));
    const calm = policyHost();
    hosts.push(calm);
    await decide(policyRequest({ risk: 'high' }));
    expect((await api.explainPolicy({ change: 'chg_1' })).verdict.allowed).toBe(true);
    hosts[0] = { ...calm, metrics: { ...calm.metrics!, cpu_percent: 99 } };
    const { request, verdict, statements } = await api.explainPolicy({ change: 'chg_1' });
    expect(request).toMatchObject({
      author: { id: 'ann' },
      steps: [{ major: true }],
      host: { cpu_percent: 99 },
    });
    expect(verdict.determining).toEqual(['load.risky']);
    expect(statements[0]?.text).toContain('host_violations');
  });

  it('refuses a change that is not known, has no plan, or was never asked about', async () => {
    const { api, changes } = await start();
    changes.set('chg_2', { ...plannedChange('low'), id: 'chg_2', plan: null, risk: null });
    changes.set('chg_3', { ...plannedChange('low'), id: 'chg_3' });
    expect(await refusal(api.explainPolicy({ change: 'chg_1' }))).toBe('change_not_found');
    expect(await refusal(api.explainPolicy({ change: 'chg_2' }))).toBe('invalid_input');
    expect(await refusal(api.explainPolicy({ change: 'chg_3' }))).toBe('invalid_input');
    expect(await refusal(api.explainPolicy({}))).toBe('invalid_input');
  });
});
