import { EVENT_TYPES, kernelPrincipal } from '@holdfast/contracts';
import { invertPlan, makePlan } from '@holdfast/change';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createPolicyWorld,
  file,
  governor,
  OWNER_MAY,
  policyRequest,
  refusal,
  type PolicyWorld,
} from '../test-support/policy-world.ts';

let open: PolicyWorld | undefined;
const start = async (home?: string): Promise<PolicyWorld> =>
  (open = await createPolicyWorld({
    shipped: [file(OWNER_MAY)],
    ...(home === undefined ? {} : { home }),
  }));
afterEach(async () => {
  await open?.world.close();
  open = undefined;
});

const SECOND = file(`${OWNER_MAY} @id("all") permit (principal, action, resource);`);
const THIRD = file(
  `${OWNER_MAY} @id("none") forbid (principal, action == Action::"config", resource);`,
);

const stage = async ({ api }: PolicyWorld, text: ReturnType<typeof file>): Promise<string> =>
  (await api.stagePolicies({ files: [text] })).checksum;

describe('staging', () => {
  it('gives the same files the same checksum, in whatever order they come', async () => {
    const { api } = await start();
    const [a, b] = [file(OWNER_MAY, 'a.cedar'), file('// nothing', 'b.cedar')];
    const first = await api.stagePolicies({ files: [a, b] });
    expect(await api.stagePolicies({ files: [b, a] })).toEqual(first);
    expect((await api.getPolicies({})).revision).toBe(1);
  });

  it.each([
    ['a syntax error', 'permit (principal, action);', 'policy_invalid'],
    [
      'an unknown attribute',
      `${OWNER_MAY} permit (principal, action, resource) when { resource.hue == "x" };`,
      'policy_invalid',
    ],
    [
      'an unknown action',
      `${OWNER_MAY} permit (principal, action == Action::"launch", resource);`,
      'policy_invalid',
    ],
    ['an id that is used twice', `${OWNER_MAY} ${OWNER_MAY}`, 'policy_invalid'],
    [
      'a template',
      `${OWNER_MAY} permit (principal == ?principal, action, resource);`,
      'policy_invalid',
    ],
    [
      'a limit that permits',
      `${OWNER_MAY} permit (principal, action == Action::"host.report", resource);`,
      'policy_invalid',
    ],
    [
      'brackets that would bring the parser down',
      `${OWNER_MAY} permit (principal, action, resource) when { ${'('.repeat(500)}true${')'.repeat(500)} };`,
      'policy_invalid',
    ],
    [
      'a set that nobody could change again',
      '@id("x") permit (principal, action == Action::"config", resource);',
      'policy_invalid',
    ],
    [
      'an id that names tripwires',
      `${OWNER_MAY} @id("no-tripwires") permit (principal, action, resource);`,
      'tripwire',
    ],
    [
      'an annotation that names tripwires',
      `${OWNER_MAY} @disable("TripWire T3") permit (principal, action, resource);`,
      'tripwire',
    ],
    [
      'a text that names tripwires',
      `${OWNER_MAY} permit (principal, action, resource) when { resource.target == "trip_wire" };`,
      'tripwire',
    ],
  ])('refuses %s', async (_what, text, code) => {
    const { api } = await start();
    expect(await refusal(api.stagePolicies({ files: [file(text)] }))).toBe(code);
    expect((await api.validatePolicies({ files: [file(text)] })).ok).toBe(false);
  });

  it('puts an attempt at the tripwires on record, with who made it', async () => {
    const { api, world } = await start();
    const files = [
      file(`${OWNER_MAY} @disables("tripwire T4") permit (principal, action, resource);`),
    ];
    expect(await refusal(api.stagePolicies({ files }))).toBe('tripwire');
    const event = await world.waitForEvent(({ type }) => type === EVENT_TYPES.tripwireAlert);
    expect(event).toMatchObject({ actor: 'owner', priority: 'critical', data: { rule: 'T12' } });
  });

  it('says where the error is', async () => {
    const { api } = await start();
    const { problems } = await api.validatePolicies({
      files: [file('// one\n// two\npermit (principl, action, resource);')],
    });
    expect(problems).toMatchObject([{ file: 'test.cedar', severity: 'error' }]);
    expect(problems[0]?.detail).toMatch(/^line 3: /);
  });
});

describe('a change of policies', () => {
  it('is one sensitive step of class covenant, with its way back', async () => {
    const world = await start();
    const draft = await stage(world, SECOND);
    const plan = await world.plan('chg_a', { draft });
    const { checksum } = await world.api.getPolicies({});
    expect(plan).toMatchObject({
      class: 'covenant',
      target: { policy: 'set' },
      base: { revision: `1:${checksum}` },
      steps: [
        {
          do: { params: { to: draft, from: checksum } },
          inverse: { params: { to: checksum, from: draft } },
          effect: { movement: 'configure', sensitive: true, toward_baseline: false },
        },
      ],
    });
  });

  it('is verified by checking it again, and says what it would have decided', async () => {
    const world = await start();
    for (const change of ['c1', 'c2', 'c3']) await world.decide(policyRequest({ change }));
    const plan = await world.plan('chg_a', { draft: await stage(world, SECOND) });
    const report = await world.internal.verifyPlan({ plan });
    expect(report).toMatchObject({ ok: true, world_revision: plan.base.revision });
    expect(report.checks[0]?.detail).toContain(
      '3 of 3 would change (0 newly denied, 3 newly allowed)',
    );
  });

  it('comes into force as a new revision, at once', async () => {
    const world = await start();
    expect((await world.decide(policyRequest())).allowed).toBe(false);
    expect(await world.putIntoForce('chg_a', SECOND)).toMatchObject({ status: 'succeeded' });
    expect(await world.decide(policyRequest())).toMatchObject({ allowed: true, revision: 2 });
    const event = await world.world.waitForEvent(
      ({ type, data }) => type === EVENT_TYPES.policyApplied && data['revision'] === 2,
    );
    expect(event).toMatchObject({ correlationid: 'chg_a', data: { previous: { revision: 1 } } });
  });

  it('is a rollback when it names an earlier revision: a new one with the old checksum', async () => {
    const world = await start();
    const first = await world.api.getPolicies({});
    await world.putIntoForce('chg_a', SECOND);
    await world.change('chg_b', { rollback_to: 1 });
    expect(await world.api.getPolicies({})).toMatchObject({
      revision: 3,
      checksum: first.checksum,
      change: 'chg_b',
    });
    const { steps } = await world.plan('chg_c', { rollback_to: 3 });
    expect(steps).toEqual([]);
  });

  it.each([
    [{ draft: 'f'.repeat(64) }, 'policy_draft_not_found'],
    [{ rollback_to: 12 }, 'policy_revision_not_found'],
    [{ draft: 'a', rollback_to: 1 }, 'invalid_input'],
    [{}, 'invalid_input'],
  ])('with the intent %j is refused', async (intent, code) => {
    const { plan } = await start();
    expect(await refusal(plan('chg_a', intent))).toBe(code);
  });

  it('is undone by the inverse of its plan', async () => {
    const world = await start();
    const { checksum } = await world.api.getPolicies({});
    const plan = await world.plan('chg_a', { draft: await stage(world, SECOND) });
    await world.apply('chg_a', plan.steps[0]!.do);
    expect(await world.internal.observeChange({ plan, undone: false })).toMatchObject({
      status: 'as_planned',
    });
    const seen = await world.internal.observeChange({ plan, undone: true });
    expect(seen.status).toBe('different');
    const progress = { attempts: 1, outcome: '', started_at: null, finished_at: null };
    const steps = plan.steps.map(({ key }) => ({ key, state: 'succeeded' as const, ...progress }));
    const at = plan.created_at;
    const undo = makePlan(
      invertPlan(plan, steps, { revision: seen.world_revision, observed_at: at }),
      { change: 'chg_b', kind: 'revert', owner: 'policy_engine', created_at: at },
    );
    expect(await world.internal.verifyPlan({ plan: undo })).toMatchObject({
      ok: true,
      world_revision: undo.base.revision,
    });
    await world.apply('chg_b', undo.steps[0]!.do);
    expect(await world.api.getPolicies({})).toMatchObject({ revision: 3, checksum });
    expect(await world.internal.observeChange({ plan, undone: true })).toMatchObject({
      status: 'as_planned',
    });
  });
});

describe('a step', () => {
  it('is carried out once, however often and after whatever restart it is asked for', async () => {
    const first = await start();
    const plan = await first.plan('chg_a', { draft: await stage(first, SECOND) });
    const action = plan.steps[0]!.do;
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => first.apply('chg_a', action)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await first.world.close({ keep: true });
    const second = await start(first.world.home);
    await second.change('chg_b', { rollback_to: 1 });
    expect(await second.apply('chg_a', action)).toEqual(answers[0]);
    expect((await second.api.getPolicies({})).revision).toBe(3);
  });

  it('with another action under the same key is refused', async () => {
    const world = await start();
    const plan = await world.plan('chg_a', { draft: await stage(world, SECOND) });
    const { do: action, inverse } = plan.steps[0]!;
    await world.apply('chg_a', action);
    expect(await refusal(world.apply('chg_a', inverse!))).toBe('invalid_input');
    expect(
      await refusal(world.apply('chg_a', { ...action, action: 'other' }, { step: 's2' })),
    ).toBe('invalid_input');
  });

  it('of an engine that was overtaken is refused, even after a restart', async () => {
    const first = await start();
    const plan = await first.plan('chg_a', { draft: await stage(first, SECOND) });
    const action = plan.steps[0]!.do;
    await first.apply('chg_a', action, { fence: 5 });
    expect(await refusal(first.apply('chg_a', action, { fence: 4 }))).toBe('fenced');
    await first.world.close({ keep: true });
    const second = await start(first.world.home);
    expect(await refusal(second.apply('chg_a', action, { fence: 4, step: 's2' }))).toBe('fenced');
    expect(await second.apply('chg_a', action, { fence: 6 })).toMatchObject({
      status: 'succeeded',
    });
  });

  it('fails when other policies came into force since it was planned', async () => {
    const world = await start();
    const plan = await world.plan('chg_a', { draft: await stage(world, SECOND) });
    await world.putIntoForce('chg_b', THIRD);
    expect(await world.apply('chg_a', plan.steps[0]!.do)).toMatchObject({
      status: 'failed',
      code: 'plan_stale',
    });
    expect(await world.api.getPolicies({})).toMatchObject({ revision: 2, change: 'chg_b' });
  });

  it('of many changes at the same moment comes into force for exactly one', async () => {
    const world = await start();
    const drafts = await Promise.all([SECOND, THIRD].map((text) => stage(world, text)));
    const plans = await Promise.all(drafts.map((draft, at) => world.plan(`chg_${at}`, { draft })));
    const results = await Promise.all(
      plans.map((plan, at) => world.apply(`chg_${at}`, plan.steps[0]!.do)),
    );
    expect(results.map(({ status }) => status).toSorted()).toEqual(['failed', 'succeeded']);
    expect((await world.api.getPolicies({})).revision).toBe(2);
  });

  it('that would put broken policies into force leaves the old ones', async () => {
    const world = await start();
    const plan = await world.plan('chg_a', { draft: await stage(world, SECOND) });
    await world.damage(`UPDATE policy_sets SET files = replace(files, 'permit', 'perm')`);
    const result = await world.apply('chg_a', plan.steps[0]!.do);
    expect(result).toMatchObject({ status: 'failed', code: 'policy_draft_not_found' });
    expect(await world.decide(policyRequest())).toMatchObject({ allowed: false, revision: 1 });
  });

  it('is taken from the workflow engine alone', async () => {
    const world = await start();
    const plan = await world.plan('chg_a', { draft: await stage(world, SECOND) });
    const input = {
      run: 'chg_a',
      step: 'policies',
      target: { policy: 'set' },
      action: plan.steps[0]!.do,
      timeout_ms: 1000,
      wait_ms: 0,
      fence: 1,
    };
    for (const principal of [governor, kernelPrincipal('policy_engine')])
      expect(await refusal(world.as(principal).applyStep(input))).toBe('forbidden');
  });
});
