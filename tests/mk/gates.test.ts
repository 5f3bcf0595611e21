import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createMkWorld,
  eventsOf,
  templateKnobs,
  withLicence,
  type MkWorld,
} from './support/mk-world.ts';

const KILL_LINE = 'ERROR: MODEKEEPER_KILL_SWITCH=1 blocks apply/mutate operations\n';
const MISSING_LINE =
  'ERROR: apply blocked: license_missing (use --license-path, MODEKEEPER_LICENSE_PATH, or ./modekeeper.license.json)\n';
const INVALID_LINE = 'ERROR: apply blocked: license_invalid\n';
const VERIFY_LINE = 'ERROR: verify_ok=true is required for apply/mutate operations\n';

let world: MkWorld;
let licensed: NodeJS.ProcessEnv;

beforeEach(async () => {
  world = createMkWorld();
  licensed = await withLicence(world);
});
afterEach(() => world.remove());

const breakVerify = (): void => world.change((state) => (state.refuse_patch = 'no such luck'));
const patches = (): string[][] =>
  world
    .calls()
    .filter(
      (call) => call.includes('patch') && call.includes('-p') && !call.includes('--dry-run=server'),
    );

/** Each way to apply, with what its report says of the block. */
const ENTRIES = [
  {
    name: 'closed-loop run --apply',
    prepare: async () => undefined,
    args: 'closed-loop run --apply --out cl',
    report: 'cl/closed_loop_latest.json',
    field: 'apply_blocked_reason',
  },
  {
    name: 'closed-loop watch --apply',
    prepare: async () => undefined,
    args: 'closed-loop watch --scenario drift --apply --max-iterations 2 --interval 0 --out cl',
    report: 'cl/watch_latest.json',
    field: 'apply_blocked_reason',
  },
  {
    name: 'k8s apply',
    prepare: async () => {
      await world.mk('closed-loop run --out plan');
      await world.mk('k8s verify --plan plan/k8s_plan.json --out plan');
    },
    args: 'k8s apply --plan plan/k8s_plan.json --out cl',
    report: 'cl/k8s_apply_latest.json',
    field: 'block_reason',
  },
];

describe.each(ENTRIES)('the gates of $name', ({ prepare, args, report, field }) => {
  const reason = (): unknown => world.read(report)[field];

  it('reports the kill switch before everything else, in one line, with 2, and patches nothing', async () => {
    breakVerify();
    await prepare();
    const { code, stderr } = await world.mk(args, { MODEKEEPER_KILL_SWITCH: '1' });
    expect({ code, stderr }).toEqual({ code: 2, stderr: KILL_LINE });
    expect(reason()).toBe('kill_switch');
    expect(patches()).toEqual([]);
  });

  it.each(['on', 'true', 'yes', '2', 'anything'])(
    'takes a kill switch of %s for on',
    async (value) => {
      await prepare();
      const { code } = await world.mk(args, { ...licensed, MODEKEEPER_KILL_SWITCH: value });
      expect(code).toBe(2);
      expect(reason()).toBe('kill_switch');
    },
  );

  it('lets neither a licence nor the internal override pass the kill switch', async () => {
    await prepare();
    const { code, stderr } = await world.mk(args, {
      ...licensed,
      MODEKEEPER_KILL_SWITCH: '1',
      MODEKEEPER_PAID: '1',
      MODEKEEPER_INTERNAL_OVERRIDE: '1',
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: KILL_LINE });
  });

  it('reports a missing licence before a failed verification', async () => {
    breakVerify();
    await prepare();
    const { code, stderr } = await world.mk(args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: MISSING_LINE });
    expect(reason()).toBe('license_missing');
  });

  it('takes a licence that is named and not there for an invalid one', async () => {
    await prepare();
    const { code, stderr } = await world.mk(`${args} --license-path nowhere.json`);
    expect({ code, stderr }).toEqual({ code: 2, stderr: INVALID_LINE });
    expect(reason()).toBe('license_invalid');
  });

  it('refuses a licence of a key that the ring does not hold', async () => {
    await prepare();
    world.write('other.json', { somebody: Buffer.alloc(32, 7).toString('base64') });
    const { code, stderr } = await world.mk(args, {
      ...licensed,
      MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'other.json',
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: INVALID_LINE });
    expect(reason()).toBe('license_invalid');
  });

  it('does not take the internal override for a licence', async () => {
    await prepare();
    const { code } = await world.mk(args, {
      MODEKEEPER_PAID: '1',
      MODEKEEPER_INTERNAL_OVERRIDE: '1',
    });
    expect(code).toBe(2);
    expect(reason()).toBe('license_missing');
  });

  it('refuses a licence without the entitlement, naming that', async () => {
    await prepare();
    await world.mk('license keygen --kid k --out-priv k.priv --out-keyring k.json');
    await world.mk(
      'license issue --kid k --org me --expires 2090-01-01T00:00:00Z --entitlements observe --out l.json --priv k.priv',
    );
    const { code, stderr } = await world.mk(args, {
      MODEKEEPER_LICENSE_PATH: 'l.json',
      MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: 'k.json',
    });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ERROR: apply blocked: entitlement_missing\n',
    });
    expect(reason()).toBe('entitlement_missing');
  });

  it('takes the licence of the present folder when nothing else names one', async () => {
    await prepare();
    world.write('modekeeper.license.json', world.text('license_dev.json'));
    const { code } = await world.mk(args, { ...licensed, MODEKEEPER_LICENSE_PATH: '' });
    expect(code).toBe(0);
  });

  it('refuses a plan whose verification failed', async () => {
    breakVerify();
    await prepare();
    const { code, stderr } = await world.mk(args, licensed);
    expect({ code, stderr }).toEqual({ code: 2, stderr: VERIFY_LINE });
    expect(reason()).toBe('verify_failed');
    expect(patches()).toEqual([]);
  });

  it.each([undefined, '0', '', 'false', 'no', 'off'])(
    'applies with a kill switch of %s once the licence and the verification hold',
    async (value) => {
      await prepare();
      const { code, stderr } = await world.mk(args, { ...licensed, MODEKEEPER_KILL_SWITCH: value });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(patches()).toHaveLength(1);
      expect(templateKnobs(world)).toMatchObject({
        'modekeeper/knob.grad_accum_steps': '8',
        'modekeeper/knob.microbatch_size': '32',
      });
    },
  );
});

describe('the kill switch', () => {
  it('is decided by k8s apply before the plan is read', async () => {
    const { code, stderr } = await world.mk('k8s apply --plan nowhere.json --out a', {
      MODEKEEPER_KILL_SWITCH: '1',
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: KILL_LINE });
    expect(world.read('a/k8s_apply_latest.json')).toMatchObject({
      ok: false,
      reason: 'kill_switch',
      checks: { items: [] },
    });
  });

  it('lets run write its whole set and a blocked apply report', async () => {
    await world.mk('closed-loop run --apply --out cl', {
      ...licensed,
      MODEKEEPER_KILL_SWITCH: '1',
    });
    const report = world.read('cl/closed_loop_latest.json');
    expect(report).toMatchObject({
      apply_attempted: false,
      apply_ok: null,
      kill_switch_active: true,
      kill_switch_signal: 'env:MODEKEEPER_KILL_SWITCH',
      apply_decision_summary: 'apply blocked: kill_switch',
    });
    expect((report['results'] as unknown[]).length).toBe((report['proposed'] as unknown[]).length);
    expect(world.files('cl')).toEqual(
      expect.arrayContaining(['k8s_plan.json', 'k8s_apply_latest.json', 'summary.md']),
    );
  });

  it('lets watch write its roll-up and no iteration', async () => {
    await world.mk('closed-loop watch --scenario drift --apply --out w', {
      MODEKEEPER_KILL_SWITCH: '1',
    });
    expect(world.files('w')).toEqual(['watch_latest.json', 'watch_summary.md']);
    expect(world.read('w/watch_latest.json')).toMatchObject({ iterations_done: 0 });
  });

  it('does not touch what only reads', async () => {
    const { code } = await world.mk('closed-loop run --out cl', { MODEKEEPER_KILL_SWITCH: '1' });
    expect(code).toBe(0);
  });
});

describe('a verification', () => {
  const plan = 'plan/k8s_plan.json';
  const apply = () => world.mk(`k8s apply --plan ${plan} --out a`, licensed);
  const blocked = () => world.read('a/k8s_apply_latest.json');

  beforeEach(async () => {
    await world.mk('closed-loop run --out plan');
  });

  it('is missing when there is no report beside the plan', async () => {
    const { code, stderr } = await apply();
    expect({ code, stderr }).toEqual({ code: 2, stderr: VERIFY_LINE });
    expect(blocked()['block_reason']).toBe('verify_missing');
  });

  it.each([
    ['says no', { ok: false }, 'did not pass'],
    ['is made by hand', { ok: true }, 'not bound to this plan'],
    ['is of another plan', { ok: true, plan_sha256: 'f'.repeat(64) }, 'another plan'],
  ])('does not count when it %s', async (_name, report, detail) => {
    world.write('plan/k8s_verify_latest.json', report);
    const { code, stderr } = await apply();
    expect({ code, stderr }).toEqual({ code: 2, stderr: VERIFY_LINE });
    expect(blocked()['block_reason']).toBe('verify_failed');
    expect(blocked()['block_detail']).toContain(detail);
  });

  it.each([
    ['of another context', { kube_context: 'kind-other' }, 'in the context kind-other'],
    [
      'of half an hour ago',
      { verified_at: new Date(Date.now() - 1_800_000).toISOString() },
      'minutes ago',
    ],
    ['from the future', { verified_at: '2999-01-01T00:00:00Z' }, 'time of verification'],
  ])('does not count when it is %s', async (_name, change, detail) => {
    await world.mk(`k8s verify --plan ${plan} --out plan`);
    const report = world.read('plan/k8s_verify_latest.json');
    world.write('plan/k8s_verify_latest.json', { ...report, ...change });
    await apply();
    expect(blocked()['block_reason']).toBe('verify_failed');
    expect(blocked()['block_detail']).toContain(detail);
  });

  it('is made again, by itself, where only words about the status moved the version', async () => {
    await world.mk(`k8s verify --plan ${plan} --out plan`);
    world.change((state) => {
      for (const object of state.objects)
        if (object.kind === 'Deployment') {
          object.metadata.resourceVersion = '99';
          object.status = { readyReplicas: 0 };
        }
    });
    expect((await apply()).code).toBe(0);
    expect(blocked()).toMatchObject({
      ok: true,
      items: [{ ok: true, resource_version: '99', verified_again: true }],
    });
  });

  it('does not cover a workload that changed after it', async () => {
    await world.mk(`k8s verify --plan ${plan} --out plan`);
    world.change((state) => {
      for (const object of state.objects)
        if (object.kind === 'Deployment') {
          object.metadata.resourceVersion = '99';
          object.spec = { ...object.spec, replicas: 7 };
        }
    });
    const { code } = await apply();
    expect(code).toBe(1);
    expect(blocked()).toMatchObject({ ok: false, reason: 'apply_failed', block_reason: null });
    expect(templateKnobs(world)['modekeeper/knob.grad_accum_steps']).toBe('4');
  });
});

describe('the limits of the engine', () => {
  it('hold back a second apply of a chord that is cooling down, each action by itself', async () => {
    await world.mk('closed-loop run --apply --out one', licensed);
    world.change((state) => {
      for (const object of state.objects) {
        const template = object.spec?.['template'] as { metadata: { annotations: object } };
        if (object.kind === 'Deployment')
          template.metadata.annotations = {
            'modekeeper/knob.grad_accum_steps': '4',
            'modekeeper/knob.microbatch_size': '64',
          };
      }
    });
    const { code } = await world.mk('closed-loop run --apply --out two', licensed);
    const report = world.read('two/closed_loop_latest.json');
    expect(code).toBe(0);
    expect(report['blocked_reasons']).toEqual({ cooldown_active: 2 });
    expect(report['apply_attempted']).toBe(false);
    expect(eventsOf(world, 'two')).toContain('closed_loop_apply_skipped');
  });

  it('hold back a plan from outside that was applied a moment ago', async () => {
    await world.mk('closed-loop run --out plan');
    const again = async () => {
      await world.mk('k8s verify --plan plan/k8s_plan.json --out plan');
      return world.mk('k8s apply --plan plan/k8s_plan.json --out a', licensed);
    };
    expect((await again()).code).toBe(0);
    expect(await again()).toMatchObject({
      code: 2,
      stderr: 'ERROR: apply blocked: cooldown_active\n',
    });
  });

  it('refuse a plan from outside that breaks the global batch', async () => {
    await world.mk('closed-loop run --out plan');
    world.change((state) => {
      for (const object of state.objects)
        if (object.kind === 'Deployment')
          object.metadata.annotations = { 'modekeeper/global_batch_size': '100' };
    });
    await world.mk('k8s verify --plan plan/k8s_plan.json --out plan');
    const { code, stderr } = await world.mk(
      'k8s apply --plan plan/k8s_plan.json --out a',
      licensed,
    );
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'ERROR: apply blocked: invariant_violated\n',
    });
    expect(patches()).toEqual([]);
  });
});
