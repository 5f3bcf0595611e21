import { EVENT_TYPES, modeKeeperApi, type Principal } from '@holdfast/contracts';
import { owner } from '@holdfast/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTuningWorld, ID, refusal, type TuningWorld } from './test-support/tuning-world.ts';

let world: TuningWorld;
beforeEach(async () => {
  world = await createTuningWorld();
});
afterEach(() => world.close());

const viewer: Principal = { id: 'eve', kind: 'human', role: 'viewer' };

describe('the mode keeper', () => {
  it('is healthy after its start', async () => {
    const health = await world.world.host('mode_keeper').health();
    expect(health.checks.map(({ name, ok }) => [name, ok])).toContainEqual(['store', true]);
  });

  it.each([
    [
      'where none is named',
      null,
      /set mode_keeper\.kubeconfig in the profile .* HOLDFAST_PASS_ENV=KUBECONFIG/,
    ],
    ['where it is not there', '/nowhere/config', /names \/nowhere\/config, which is not there/],
  ])(
    'says what to do about its kubeconfig %s: in its health, its looks and its refusals',
    async (_what, kubeconfig, words) => {
      vi.stubEnv('KUBECONFIG', '/nowhere/of/the/environment');
      const bare = await createTuningWorld({ cluster: world.cluster, settings: { kubeconfig } });
      try {
        const { checks } = await bare.world.host('mode_keeper').health();
        expect(checks.find(({ name }) => name === 'cluster')).toMatchObject({
          ok: true,
          detail: expect.stringMatching(words),
        });
        await bare.register();
        expect((await bare.api.observeWorkload({ id: ID })).problem).toMatch(words);
        await expect(bare.plan()).rejects.toMatchObject({
          code: 'plan_failed',
          message: expect.stringMatching(words),
        });
      } finally {
        vi.unstubAllEnvs();
        await bare.world.close();
      }
    },
  );

  it('registers a workload with what was left out filled in, and says who did', async () => {
    const registered = await world.register();
    expect(registered).toMatchObject({
      id: ID,
      context: null,
      ref: { kind: 'Deployment', namespace: 'default', name: 'trainer' },
      source: { pod_logs: { container: null, format: 'default' } },
      policy: 'chord',
      mode: 'observe',
      registered_by: owner.id,
      change: null,
    });
    await world.world.waitForEvent(
      ({ type, subject }) => type === EVENT_TYPES.workloadRegistered && subject === ID,
    );
    const { items, total } = await world.api.listWorkloads({});
    expect([items.map(({ id }) => id), total]).toEqual([[ID], 1]);
  });

  it('replaces what is on record, and keeps who registered it first', async () => {
    const first = await world.register();
    const second = await world.register({ policy: 'scalar' });
    expect(second).toMatchObject({ policy: 'scalar', registered_at: first.registered_at });
    expect((await world.api.listWorkloads({})).total).toBe(1);
  });

  it('lists in pages', async () => {
    for (const id of ['a', 'b', 'c'])
      await world.api.registerWorkload({
        id,
        ref: { name: id },
        source: { file: { path: 'x.jsonl' } },
      });
    const first = await world.api.listWorkloads({ limit: 2 });
    expect(first).toMatchObject({ total: 3, next_cursor: '2' });
    const { items } = await world.api.listWorkloads({ limit: 2, cursor: '2' });
    expect(items.map(({ id }) => id)).toEqual(['c']);
  });

  it('forgets a workload with what was seen of it', async () => {
    await world.register();
    await world.api.observeWorkload({ id: ID });
    expect(await world.api.removeWorkload({ id: ID })).toEqual({ removed: true });
    for (const work of [
      world.api.getWorkload({ id: ID }),
      world.api.listObservations({ id: ID }),
      world.api.observeWorkload({ id: ID }),
      world.api.removeWorkload({ id: ID }),
    ])
      expect(await refusal(work)).toBe('workload_not_found');
    await world.register();
    expect((await world.api.getWorkload({ id: ID })).change).toBeNull();
  });

  it('keeps a workload in its place while a change is under way on it', async () => {
    await world.register();
    world.governance.changes.set('chg_7', { id: 'chg_7', state: 'applying' });
    await world.plan(undefined, 'chg_7');
    expect(await refusal(world.api.removeWorkload({ id: ID }))).toBe('workload_busy');
    expect(await refusal(world.register({ ref: { name: 'other' } }))).toBe('workload_busy');
    expect(await world.register({ mode: 'propose' })).toMatchObject({ mode: 'propose' });
    const seven = world.governance.changes.get('chg_7')!;
    world.governance.changes.set('chg_8', { id: 'chg_8', state: 'applying' });
    Object.assign(seven, { state: 'done', reverted_by: 'chg_8' });
    expect(await refusal(world.api.removeWorkload({ id: ID }))).toBe('workload_busy');
    Object.assign(seven, { reverted_by: null });
    expect(await world.api.removeWorkload({ id: ID })).toEqual({ removed: true });
  });

  it('takes registrations from operators, and answers viewers', async () => {
    await world.register();
    const asViewer = world.world.client(modeKeeperApi, viewer);
    expect(await asViewer.getWorkload({ id: ID })).toMatchObject({ id: ID });
    expect(await refusal(asViewer.removeWorkload({ id: ID }))).toBe('forbidden');
    expect(await refusal(asViewer.observeWorkload({ id: ID }))).toBe('forbidden');
  });

  it.each([
    ['a name with a path in it', { ref: { name: '../x' } }],
    ['a namespace that is none', { ref: { namespace: 'a b', name: 'x' } }],
    ['a kind that cannot be tuned', { ref: { kind: 'Secret' as 'Job', name: 'x' } }],
    ['a source of no kind', { source: {} as { file: { path: string } } }],
    [
      'an address with a password in it',
      { source: { prometheus: { url: 'http://a:b@c', latency_ms: { metric: 'm' } } } },
    ],
    [
      'an address that is none',
      { source: { prometheus: { url: 'http://[', latency_ms: { metric: 'm' } } } },
    ],
    [
      'an address that is not one of the web',
      { source: { prometheus: { url: 'file:///etc', latency_ms: { metric: 'm' } } } },
    ],
  ])('refuses %s', async (_what, spec) => {
    expect(await refusal(world.register(spec))).toBe('invalid_input');
  });
});
