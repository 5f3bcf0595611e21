import { EVENT_TYPES, kernelPrincipal, type Principal } from '@holdfast/contracts';
import { afterEach, describe, expect, it } from 'vitest';
import { checksumOf } from './cedar/compiled-set.ts';
import {
  createPolicyWorld,
  file,
  OWNER_MAY,
  policyRequest,
  refusal,
  type PolicyWorld,
  type PolicyWorldOptions,
} from './test-support/policy-world.ts';

let open: PolicyWorld | undefined;
const start = async (options: PolicyWorldOptions = {}): Promise<PolicyWorld> =>
  (open = await createPolicyWorld(options));
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const restart = async (options: PolicyWorldOptions = {}): Promise<PolicyWorld> => {
  const { home } = open!.world;
  await open!.world.close({ keep: true });
  open = undefined;
  return start({ ...options, home });
};

describe('the first start', () => {
  it('puts the shipped defaults of the profile into force as revision 1', async () => {
    const { api, world } = await start({ profileName: 'pro' });
    const { revision, change, files, items } = await api.getPolicies({});
    expect({ revision, change }).toEqual({ revision: 1, change: null });
    expect(files).toEqual([
      'ai.cedar',
      'limits.cedar',
      'load.cedar',
      'people.cedar',
      'restore.cedar',
      'workloads.cedar',
    ]);
    expect(items.map(({ id }) => id)).toContain('load.risky');
    const event = await world.waitForEvent(({ type }) => type === EVENT_TYPES.policyApplied);
    expect(event).toMatchObject({ priority: 'high', data: { revision: 1, defaults_of: 'pro' } });
  });

  it('keeps what is in force when the shipped defaults become others, and says so', async () => {
    await start({ shipped: [file(OWNER_MAY)] });
    const { api, world } = await restart({ shipped: [file(`${OWNER_MAY} // newer`)] });
    expect((await api.getPolicies({})).revision).toBe(1);
    const { checks } = await world.host('policy_engine').health();
    expect(checks.find(({ name }) => name === 'policies')).toMatchObject({
      ok: true,
      detail: expect.stringContaining('not the shipped defaults of user'),
    });
  });

  it('follows a switch of the profile only as long as nobody applied policies', async () => {
    await start({ profileName: 'user' });
    const second = await restart({ profileName: 'enterprise-vip' });
    expect(await second.api.getPolicies({})).toMatchObject({ revision: 2, change: null });
    await second.putIntoForce('chg_a', file(OWNER_MAY));
    const third = await restart({ profileName: 'pro' });
    expect(await third.api.getPolicies({})).toMatchObject({ revision: 3, change: 'chg_a' });
  });
});

describe('deciding', () => {
  it('is for governance alone', async () => {
    const { as } = await start();
    const call = (principal: Principal) =>
      refusal(as(principal).decidePolicies({ request: policyRequest() }));
    expect(await call(kernelPrincipal('workflow_engine'))).toBe('forbidden');
    expect(await call({ id: 'ann', kind: 'human', role: 'owner' })).toBe('forbidden');
    expect(await call(kernelPrincipal('governance'))).toBe('not refused');
  });

  it('denies what no policy permits, and says that', async () => {
    const { decide } = await start();
    const verdict = await decide(
      policyRequest({ author: { id: 'x', kind: 'human', role: 'viewer' } }),
    );
    expect(verdict).toMatchObject({
      allowed: false,
      determining: [],
      errors: [],
      denials: [
        'no policy permits a change of kind packages.update and medium risk by x (human, viewer)',
      ],
    });
  });

  it('names the policies that decide, with the reason that a forbid gives', async () => {
    const { decide, putIntoForce } = await start();
    await putIntoForce(
      'chg_a',
      file(
        `${OWNER_MAY}
        @id("all") permit (principal, action, resource);
        @id("nights") @reason("nobody is awake") forbid (principal, action, resource) when { context.hour < 6 };`,
      ),
    );
    expect(await decide(policyRequest())).toMatchObject({ allowed: true, determining: ['all'] });
    expect(await decide(policyRequest({ at: '2026-03-02T03:00:00.000Z' }))).toMatchObject({
      allowed: false,
      determining: ['nights'],
      denials: ['policy nights forbids it: nobody is awake'],
    });
  });

  it('denies where a policy cannot be evaluated, whether it permits or forbids', async () => {
    const { decide, putIntoForce } = await start();
    const overflow = '9223372036854775807 + resource.steps > 0';
    await putIntoForce(
      'chg_a',
      file(
        `${OWNER_MAY}
        @id("all") permit (principal, action, resource);
        @id("bad") permit (principal, action == Action::"packages.repair", resource) when { ${overflow} };`,
      ),
    );
    expect((await decide(policyRequest())).allowed).toBe(true);
    const verdict = await decide(policyRequest({ kind: 'packages.repair' }));
    expect(verdict.allowed).toBe(false);
    expect(verdict.errors).toEqual([expect.stringContaining('policy bad')]);
    expect(verdict.denials).toEqual([expect.stringContaining('could not be evaluated')]);
  });
});

describe('policies that cannot be used', () => {
  const expectNothingAllowed = async ({ api, decide, world }: PolicyWorld): Promise<string> => {
    const health = await world.host('policy_engine').health();
    const check = health.checks.find(({ name }) => name === 'policies');
    expect(health.status).toBe('failing');
    expect(check?.ok).toBe(false);
    expect(await decide(policyRequest({ undo: true }))).toMatchObject({
      allowed: false,
      determining: [],
    });
    expect((await api.getPolicies({})).items).toEqual([]);
    return check!.detail;
  };

  it('deny everything and make the kernel ill when they are not those that were applied', async () => {
    const { damage } = await start();
    await damage(`UPDATE policy_sets SET files = replace(files, 'forbid', 'permit')`);
    expect(await expectNothingAllowed(await restart())).toContain('not those applied');
  });

  it('deny everything when another version wrote them and this one cannot read them', async () => {
    const { damage } = await start();
    const files = [file('permit (principal, action, resource) when { resource.colour == "red" };')];
    await damage(
      `UPDATE policy_sets SET files = ?, checksum = ?, parsed_by = 'another'`,
      JSON.stringify(files),
      checksumOf(files),
    );
    await damage('UPDATE policy_revisions SET checksum = ?', checksumOf(files));
    expect(await expectNothingAllowed(await restart())).toContain('colour');
  });

  it('are read again from their files when only what was parsed is damaged', async () => {
    const { damage } = await start();
    await damage(`UPDATE policy_sets SET parsed = replace(parsed, 'forbid', 'permit')`);
    const { decide, world } = await restart();
    expect((await world.host('policy_engine').health()).status).toBe('ok');
    const author = { id: 'bot', kind: 'ai', role: 'operator' };
    const verdict = await decide(policyRequest({ author, class: 'covenant' }));
    expect(verdict.determining).toEqual(['ai.rules']);
  });
});

describe('reading', () => {
  it('answers the files of any revision, and lists revisions newest first', async () => {
    const { api, putIntoForce } = await start({ shipped: [file(OWNER_MAY)] });
    await putIntoForce('chg_a', file(`${OWNER_MAY} // second`));
    const { items } = await api.listPolicyRevisions({});
    expect(items.map(({ revision, change }) => [revision, change])).toEqual([
      [2, 'chg_a'],
      [1, null],
    ]);
    expect((await api.getPolicyFiles({ revision: 1 })).sources).toEqual([file(OWNER_MAY)]);
    expect((await api.getPolicyFiles({})).sources[0]?.text).toContain('second');
    expect(await refusal(api.getPolicyFiles({ revision: 9 }))).toBe('policy_revision_not_found');
  });
});
