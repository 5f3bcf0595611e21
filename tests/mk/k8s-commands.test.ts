import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createMkWorld,
  eventsOf,
  templateKnobs,
  withLicence,
  type Json,
  type MkWorld,
} from './support/mk-world.ts';

let world: MkWorld;
beforeEach(() => {
  world = createMkWorld();
});
afterEach(() => world.remove());

const ITEM = {
  namespace: 'default',
  name: 'trainer',
  patch: { metadata: { annotations: { 'modekeeper/knob.concurrency': '4' } } },
};

describe('k8s render', () => {
  it('writes the script of a plan and a report', async () => {
    world.write('plan.json', [ITEM]);
    const { code } = await world.mk('k8s render --plan plan.json --out r');
    expect(code).toBe(0);
    expect(world.read('r/k8s_render_latest.json')).toMatchObject({
      mode: 'K8S_RENDER',
      k8s_plan_items: 1,
      k8s_namespace: 'default',
      k8s_deployment: 'trainer',
    });
    expect(eventsOf(world, 'r')).toEqual([
      'k8s_render_start',
      'k8s_kubectl_plan_written',
      'k8s_render_report',
    ]);
  });

  it('names a plan of several workloads mixed', async () => {
    world.write('plan.json', [ITEM, { ...ITEM, name: 'other' }]);
    await world.mk('k8s render --plan plan.json --out r');
    expect(world.read('r/k8s_render_latest.json')).toMatchObject({
      k8s_namespace: 'default',
      k8s_deployment: 'mixed',
    });
  });

  it('writes no kubectl patch for an empty plan', async () => {
    world.write('plan.json', []);
    await world.mk('k8s render --plan plan.json --out r');
    expect(world.text('r/k8s_plan.kubectl.sh')).not.toContain('patch');
  });

  it.each([
    ['no file', undefined, 'not_found'],
    ['no JSON', '{', 'invalid_json'],
    ['no list', { items: [ITEM] }, 'invalid_shape'],
    ['an item without a name', [ITEM, { namespace: 'default' }], 'invalid_item'],
    ['a name that is a command', [{ ...ITEM, namespace: 'ns; reboot' }], 'invalid_item'],
  ])('refuses %s with one line, and writes no report', async (_name, plan, kind) => {
    if (plan !== undefined) world.write('plan.json', plan);
    const { code, stderr } = await world.mk('k8s render --plan plan.json --out r');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: .*\n$/);
    expect(world.files('r')).toEqual(['explain.jsonl']);
    expect(world.lines('r/explain.jsonl').at(-1)).toMatchObject({
      event: 'k8s_render_error',
      payload: { kind },
    });
  });
});

describe('k8s verify', () => {
  const verify = async (plan: unknown = [ITEM]): Promise<Json> => {
    world.write('plan.json', plan);
    const { code, stderr } = await world.mk('k8s verify --plan plan.json --out v');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    return world.read('v/k8s_verify_latest.json');
  };

  it('binds its yes to the plan, the context, the versions and the time', async () => {
    expect(await verify()).toMatchObject({
      schema_version: 'v0',
      mode: 'plan_only',
      ok: true,
      verify_blocker: null,
      kube_context: 'kind-test',
      plan_sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      verified_at: expect.stringMatching(/Z$/),
      resource_versions: { 'Deployment/default/trainer': '10' },
    });
    expect(templateKnobs(world)).not.toHaveProperty(['modekeeper/knob.concurrency']);
  });

  it.each([
    ['a list', [ITEM]],
    ['an object with items', { items: [ITEM] }],
    ['one object', ITEM],
  ])('takes %s', async (_name, plan) => {
    expect(await verify(plan)).toMatchObject({ ok: true, k8s_plan_items: 1 });
  });

  it('is content with an empty plan', async () => {
    expect(await verify([])).toMatchObject({ ok: true, k8s_plan_items: 0 });
  });

  it.each([
    ['a namespace that is not there', { ...ITEM, namespace: 'nowhere' }, 'namespace_missing'],
    ['a workload that is not there', { ...ITEM, name: 'nobody' }, 'deployment_missing'],
  ])('finds %s, and stops there', async (_name, item, kind) => {
    const report = await verify([ITEM, item, ITEM]);
    expect(report).toMatchObject({ ok: false, verify_blocker: { kind, index: 1 } });
    expect((report['checks'] as { items: unknown[] }).items).toHaveLength(2);
  });

  it('finds a patch that the server refuses', async () => {
    world.change((state) => (state.refuse_patch = 'no such luck'));
    expect(await verify()).toMatchObject({ ok: false, verify_blocker: { kind: 'dry_run_failed' } });
  });

  it('finds a right that is missing, and says which rule would give it', async () => {
    world.change((state) => (state.denied = [{ verb: 'patch', resource: 'deployments' }]));
    expect(await verify()).toMatchObject({
      ok: false,
      verify_blocker: { kind: 'rbac_denied' },
      details: {
        rbac: { verb: 'patch', resource: 'deployments', suggested_rule: { verbs: ['patch'] } },
      },
    });
  });

  it('says that there is no kubectl', async () => {
    world.write('plan.json', [ITEM]);
    const { code } = await world.mk('k8s verify --plan plan.json --out v', { KUBECTL: '/nowhere' });
    expect(code).toBe(0);
    expect(world.read('v/k8s_verify_latest.json')).toMatchObject({
      ok: false,
      checks: { kubectl_present: false },
      verify_blocker: { kind: 'kubectl_missing' },
    });
  });

  it('refuses a plan that it cannot read', async () => {
    const { code, stderr } = await world.mk('k8s verify --plan nowhere.json --out v');
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'ERROR: nowhere.json: no such file\n' });
    expect(eventsOf(world, 'v')).toEqual(['k8s_verify_error']);
  });
});

describe('k8s rollback', () => {
  it('puts back the values that an apply replaced, through the same gates', async () => {
    const licensed = await withLicence(world);
    const before = templateKnobs(world);
    await world.mk('closed-loop run --apply --out cl', licensed);
    expect(templateKnobs(world)).not.toEqual(before);
    expect(world.read('cl/policy_bundle_latest.json')).toMatchObject({
      rollback: {
        from_verify_report: 'cl/k8s_verify_latest.json',
        rollback_plan_path: 'cl/rollback_plan_latest.json',
      },
    });
    const plan = '--plan cl/rollback_plan_latest.json';
    expect((await world.mk(`k8s rollback ${plan} --out rb`)).code).toBe(2);
    expect(
      (
        await world.mk(`k8s rollback ${plan} --out rb`, {
          ...licensed,
          MODEKEEPER_KILL_SWITCH: '1',
        })
      ).code,
    ).toBe(2);
    expect(templateKnobs(world)).not.toEqual(before);
    const { code, stderr } = await world.mk(`k8s rollback ${plan} --out rb`, licensed);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(templateKnobs(world)).toEqual(before);
  });

  it('removes what was not there before', async () => {
    const licensed = await withLicence(world);
    await world.mk('closed-loop run --scenario burst --apply --out cl', licensed);
    expect(templateKnobs(world)).toHaveProperty(['modekeeper/knob.concurrency'], '4');
    await world.mk('k8s rollback --plan cl/rollback_plan_latest.json --out rb', licensed);
    expect(templateKnobs(world)).not.toHaveProperty(['modekeeper/knob.concurrency']);
  });

  it('refuses a plan in which nothing was captured', async () => {
    world.write('plan.json', { items: [] });
    const { code, stderr } = await world.mk('k8s rollback --plan plan.json --out rb');
    expect(code).toBe(2);
    expect(stderr).toMatch(/^ERROR: plan.json: there is nothing to roll back.*\n$/);
  });
});

describe('k8s preflight', () => {
  it('says 0 where the cluster and the workload are there', async () => {
    const { code } = await world.mk('k8s preflight --out p');
    expect(world.read('p/preflight_latest.json')).toMatchObject({
      schema_version: 'preflight.v0',
      top_blocker: null,
    });
    expect(code).toBe(0);
  });

  it('says 1 and what stands in the way', async () => {
    const { code, stderr } = await world.mk('k8s preflight --k8s-deployment nobody --out p');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^ERROR: preflight: get_deployment_wide failed .*\n$/);
  });
});
