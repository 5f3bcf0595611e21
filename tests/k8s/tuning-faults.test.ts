import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { unlessShipped } from '../harness/shipped-kernels.ts';
import { until } from '../harness/until.ts';
import { CLUSTER_LIMIT_MS, missingCluster, skipNote } from './support/cluster.ts';
import { knobs } from './support/objects.ts';
import { createTrainers, type Trainers } from './support/trainers.ts';
import { startTuningStack, TUNED, type TuningStack } from './support/tuning-stack.ts';

/** Where there is no API server, or no kernel in the build, the title says `SKIPPED: <why>`. */
const missing = missingCluster();
const note = skipNote(missing) || unlessShipped(['mode_keeper', 'workflow_engine']);

describe.skipIf(note !== '')(`a tuning on a real API server, while things fail${note}`, () => {
  let world: TuningStack;
  let trainers: Trainers;

  beforeAll(async () => {
    world = await startTuningStack();
    trainers = createTrainers(world);
  }, CLUSTER_LIMIT_MS);
  afterAll(() => world?.stop());

  const kill = async (kernel: string): Promise<void> => {
    const { kernels } = await world.stack.guardian.getGuardianStatus({});
    process.kill(kernels.find(({ name }) => name === kernel)!.pid!, 'SIGKILL');
  };
  const patched = (namespace: string) =>
    until('the patch', async () => (await trainers.patchesOf(namespace)) === 1);

  test.each([
    ['the mode keeper is killed', 'killed-keeper', () => kill('mode_keeper')],
    ['the workflow engine is killed', 'killed-engine', () => kill('workflow_engine')],
    ['governance is killed', 'killed-governance', () => kill('governance')],
    [
      'all three are killed at once',
      'killed-all',
      async () => {
        for (const name of ['mode_keeper', 'workflow_engine', 'governance']) await kill(name);
      },
    ],
    [
      'the mode keeper is replaced in order',
      'replaced',
      async () => {
        expect((await world.stack.cli('reload', 'mode_keeper')).code).toBe(0);
      },
    ],
  ])(
    'is patched once and done though, in the middle of its rollout, %s',
    async (_what, id, fault) => {
      await trainers.make(id);
      await trainers.cordon(true);
      try {
        const change = await world.tune(id);
        await patched(id);
        await fault();
        await trainers.cordon(false);
        expect(await world.ended(change.id)).toMatchObject({
          state: 'done',
          observation: { status: 'as_planned' },
        });
      } finally {
        await trainers.cordon(false);
      }
      expect(await trainers.knobsOf(id)).toMatchObject(TUNED);
      expect(await trainers.patchesOf(id)).toBe(1);
    },
  );

  test('waits for an API server that is gone in the middle of it', async () => {
    await trainers.make('silent');
    await trainers.cordon(true);
    const change = await world.tune('silent');
    await patched('silent');
    await trainers.cordon(false);
    const { pids } = world.cluster;
    const server = pids['kube-apiserver']!;
    process.kill(server, 'SIGSTOP');
    try {
      const { version } = await world.stack.governance.getChange({ id: change.id });
      await world.stack.governance.getChange({
        id: change.id,
        after_version: version,
        wait_ms: 3_000,
      });
    } finally {
      process.kill(server, 'SIGCONT');
    }
    expect(await world.ended(change.id)).toMatchObject({ state: 'done' });
    expect(await trainers.patchesOf('silent')).toBe(1);
  });

  test('that comes in the middle of a rollout of somebody else waits for both', async () => {
    await trainers.make('busy');
    await trainers.cordon(true);
    try {
      await trainers.patch('busy', knobs({ 'team.example/release': '2' }));
      const change = await world.tune('busy');
      await patched('busy');
      await trainers.cordon(false);
      expect(await world.ended(change.id)).toMatchObject({ state: 'done' });
    } finally {
      await trainers.cordon(false);
    }
    await trainers.rolledOut('busy', TUNED);
    expect(await trainers.knobsOf('busy')).toMatchObject({ ...TUNED, 'team.example/release': '2' });
  });
});
