import type { OpOutput } from '@holdfast/contracts';
import { KERNEL_TABLE, guardianApi, kernelRow } from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FLAWLESS, startLoad, type LoadCall } from '../harness/load.ts';
import { unlessShipped, ships } from '../harness/shipped-kernels.ts';
import { createOwnStack } from '../harness/own-stack.ts';
import type { Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';

type Reloaded = OpOutput<(typeof guardianApi)['ops']['reload']>;

/** Empty, or '(SKIPPED: not shipped yet: ...)'. */
const NO_LIBRARIAN = unlessShipped(['librarian_kernel']);
const LEAST_ANSWERS = 100;

describe('reload replaces processes under load without a failed request', () => {
  let stack: Stack;
  let turn = 0;

  const pids = async (): Promise<Record<string, number | null>> =>
    Object.fromEntries((await stack.processes()).map((one) => [one.name, one.pid]));

  const portsOfKernels = (): number[] =>
    KERNEL_TABLE.filter((row) => ships(row.id)).map((row) => row.port + stack.offset);

  /** Reads and durable writes through the main port; a frozen stack takes proposals and refuses them at once. */
  const nextCall = (): LoadCall => {
    const token = stack.token();
    const calls: LoadCall[] = [
      { url: `${stack.url}/health` },
      { url: `${stack.url}/api/changes?limit=1`, token },
      { url: `${stack.url}/api/infrastructure/hosts`, token },
      {
        url: `${stack.url}/api/changes`,
        token,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: { kind: 'packages.repair', target: { host: 'local' } },
      },
      ...(NO_LIBRARIAN ? [] : [{ url: `${stack.url}/librarian/search?query=kernel`, token }]),
    ];
    turn += 1;
    return calls[turn % calls.length]!;
  };

  const reload = async (...what: string[]): Promise<Reloaded> => {
    const done = await stack.cli('reload', ...what, '--json');
    expect(done.stderr).toBe('');
    expect(done.code).toBe(0);
    return done.json<Reloaded>();
  };

  /** What changed is what was said; the answers and the processes tell the same. */
  const expectReplaced = async (
    before: Record<string, number | null>,
    said: Reloaded,
    names: readonly string[],
  ): Promise<void> => {
    // A new guardian knows of each process when that has come back to it.
    const after = await until('every process known to the guardian', async () => {
      const now = await pids();
      return Object.keys(before).every((name) => now[name]) && now;
    });
    const changed = Object.keys(before).filter((name) => before[name] !== after[name]);
    expect(changed.toSorted()).toEqual([...names].toSorted());
    for (const one of said.reloaded) {
      expect(one.old_pid, one.component).toBe(before[one.component]);
      expect(one.new_pid, one.component).toBe(after[one.component]);
    }
  };

  const newGuardian = (oldPid: number | null | undefined): Promise<unknown> =>
    until('a new guardian', async () => {
      const { guardian } = await pids();
      return guardian !== null && guardian !== oldPid;
    });

  beforeAll(async () => {
    stack = await createOwnStack();
    const up = await stack.up();
    if (up.code !== 0) throw new Error(up.stderr);
    await until('this host', () => stack.infrastructure.getHost({ id: 'local' }));
    await stack.governance.freeze({ reason: 'load' });
  });
  afterAll(() => stack?.destroy());

  /** Does it while callers never pause, and looks at what they got. */
  const underLoad = (work: () => Promise<void>) => async (): Promise<void> => {
    const load = startLoad({
      call: nextCall,
      kept: 3,
      fresh: 2,
      ports: portsOfKernels,
      pauseMs: 20,
    });
    try {
      await work();
      await until('a good many answers', () => load.figures().answered >= LEAST_ANSWERS);
    } finally {
      await load.stop();
    }
    expect(load.figures()).toMatchObject(FLAWLESS);
  };

  test.skipIf(NO_LIBRARIAN)(
    `one kernel is replaced, and nobody else${NO_LIBRARIAN}`,
    underLoad(async () => {
      const before = await pids();
      const said = await reload('librarian_kernel');
      expect(said.reloaded.map((one) => one.component)).toEqual(['librarian_kernel']);
      expect(said.guardian_follows).toBe(false);
      await expectReplaced(before, said, ['librarian_kernel']);
    }),
  );

  test(
    'a kernel that others write through is replaced between two writes',
    underLoad(async () => {
      const before = await pids();
      const said = await reload('governance');
      await expectReplaced(before, said, ['governance']);
    }),
  );

  test(
    'the gateway is replaced while clients keep their connections',
    underLoad(async () => {
      const before = await pids();
      const said = await reload('gateway');
      await expectReplaced(before, said, ['gateway']);
    }),
  );

  test(
    'the guardian is replaced, and every process that it watched lives on',
    underLoad(async () => {
      const before = await pids();
      const said = await reload('guardian');
      expect(said).toMatchObject({ guardian_follows: true });
      await newGuardian(before['guardian']);
      await expectReplaced(before, { ...said, reloaded: [] }, ['guardian']);
    }),
  );

  test(
    'everything is replaced',
    underLoad(async () => {
      const before = await pids();
      const said = await reload();
      expect(said.guardian_follows).toBe(true);
      await newGuardian(before['guardian']);
      await expectReplaced(before, said, Object.keys(before));
      const { kernels } = await until('a stack that is whole again', async () => {
        const status = await stack.client(guardianApi).getGuardianStatus({});
        return status.state === 'running' && status;
      });
      for (const { id } of KERNEL_TABLE.filter((row) => ships(row.id))) {
        const port = kernelRow(id).port + stack.offset;
        expect(kernels).toContainEqual(
          expect.objectContaining({ name: id, port, status: 'healthy' }),
        );
      }
    }),
  );

  test(
    'a process that is not there is refused by name',
    underLoad(async () => {
      const refused = await stack.cli('reload', 'nobody', '--json');
      expect([refused.code, refused.stderr]).toEqual([
        1,
        expect.stringContaining('component_unknown'),
      ]);
    }),
  );
});
