import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { bundleGuardian } from '../test-support/guardian-world.ts';
import { createKeeper, type Keeper } from './keeper.ts';
import type { ToKeeper } from './protocol.ts';
import { createRespawnDelay } from './respawn-delay.ts';

describe('the pause before the next guardian', () => {
  it('is none after the first that died young, and then ever longer up to ten seconds', () => {
    const delayOf = createRespawnDelay();
    const pauses = Array.from({ length: 12 }, () => delayOf(50));
    expect(pauses.slice(0, 5)).toEqual([0, 100, 200, 400, 800]);
    expect(pauses.slice(-3)).toEqual([10_000, 10_000, 10_000]);
  });

  it('is none again after one that lived long', () => {
    const delayOf = createRespawnDelay();
    for (let n = 0; n < 5; n += 1) delayOf(50);
    expect(delayOf(10_000)).toBe(0);
    expect(delayOf(50)).toBe(0);
    expect(delayOf(50)).toBe(100);
  });
});

describe('a keeper that a guardian has started', () => {
  const start = () => {
    const did: string[] = [];
    const keeper = createKeeper({
      fork: () => {
        did.push('fork');
        throw new Error('no guardian here');
      },
      tell: () => {},
      exit: (code) => did.push(`exit ${code}`),
    });
    keeper.serve({ send: () => {}, kill: () => {} });
    return { did, keeper };
  };
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('leaves when that dies before it has handed over what it knows', async () => {
    const { did, keeper } = start();
    keeper.lost();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(did).toEqual(['exit 1']);
  });

  it('starts the next one when that dies afterwards', async () => {
    const { did, keeper } = start();
    const memory = { secret: 's', running: true, paused: {} };
    keeper.receive({ type: 'remember', memory } as unknown as ToKeeper, undefined);
    keeper.lost();
    await vi.advanceTimersByTimeAsync(0);
    expect(did).toEqual(['fork']);
  });
});

describe('a keeper whose guardians die at once', () => {
  let forked: (ChildProcess & EventEmitter)[];
  let keeper: Keeper;

  const createChild = (): ChildProcess & EventEmitter => {
    const child = new EventEmitter() as ChildProcess & EventEmitter;
    const played = { connected: true, pid: 1_000_000_000, send: () => true, kill: () => true };
    return Object.assign(child, played);
  };
  const die = async (): Promise<void> => {
    forked.at(-1)!.emit('disconnect');
    forked.at(-1)!.emit('exit', 1, null);
    await vi.advanceTimersByTimeAsync(0);
  };
  const startedAfter = async (ms: number): Promise<number> => {
    await vi.advanceTimersByTimeAsync(ms);
    return forked.length;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    forked = [];
    const fresh = (): ChildProcess => {
      forked.push(createChild());
      return forked.at(-1)!;
    };
    keeper = createKeeper({ fork: fresh, tell: () => {}, exit: () => {} });
    keeper.begin();
  });
  afterEach(() => void vi.useRealTimers());

  it('starts the next one at once, and those after it with growing pauses', async () => {
    await die();
    expect(await startedAfter(1)).toBe(2);
    for (const [index, pause] of [100, 200, 400, 800, 1_600].entries()) {
      await die();
      expect(await startedAfter(pause - 1)).toBe(index + 2);
      expect(await startedAfter(1)).toBe(index + 3);
    }
  });

  it('starts one at once when it makes room for another, however young it was', async () => {
    for (const pause of [1, 100, 200]) {
      await die();
      await startedAfter(pause);
    }
    keeper.receive({ type: 'succeed' }, undefined);
    await die();
    expect(await startedAfter(1)).toBe(5);
  });

  it('ends one that answers no word', async () => {
    const killed = vi.spyOn(forked[0]!, 'kill');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(killed).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(killed).toHaveBeenCalledWith('SIGKILL');
  });
});

describe('the program of the keeper', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'holdfast-keeper-'));
    await bundleGuardian(join(folder, 'bundle'));
    await copyFile(join(folder, 'bundle', 'keeper.js'), join(folder, 'keeper.js'));
    await writeFile(join(folder, 'package.json'), '{"type":"module"}');
    const dies = "import { appendFileSync } from 'node:fs';\n";
    const counts = `appendFileSync(${JSON.stringify(join(folder, 'starts'))}, 'x'); process.exit(1);\n`;
    await writeFile(join(folder, 'guardian.js'), dies + counts);
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('lives on while its guardians cannot, starts one now and then, and leaves when it is asked to', async () => {
    const child = fork(join(folder, 'keeper.js'), [], { execArgv: [] });
    const exit = once(child, 'exit');
    const starts = async (): Promise<number> =>
      (await readFile(join(folder, 'starts'), 'utf8').catch(() => '')).length;
    while ((await starts()) < 4) await delay(10);
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    expect((await exit)[0]).toBe(0);
    // A start for each of the pauses that were over, and at most one more for the wish to stop.
    expect(await starts()).toBeLessThanOrEqual(6);
  });
});
