import { describe, expect, it } from 'vitest';
import type { ToChild } from '@holdfast/contracts';
import type { ListenHandle } from '@holdfast/sdk/process';
import { createFakeChild, type FakeChild } from '../test-support/fake-child.ts';
import type { Doorman } from './process-spec.ts';
import { createSupervisedProcess, type SupervisedProcess } from './supervised-process.ts';

const timings = {
  check_interval_s: 60,
  liveness_interval_ms: 20,
  failure_threshold: 3,
  start_timeout_ms: 5_000,
  stop_timeout_ms: 60_000,
  restart_attempts: 3,
  restart_cooldown_s: 30,
  mttr_target_s: 120,
  warm_spare: false,
};
const silent = { info() {}, warn() {}, error() {} };

interface World {
  readonly onDemand?: { idleMs: number; doorman: Doorman };
  /** Whether the processes after the first answer a word. */
  readonly loads?: boolean;
}

const createWorld = ({ onDemand, loads = true }: World = {}) => {
  const children: FakeChild[] = [];
  let changed = (): void => {};
  const process: SupervisedProcess = createSupervisedProcess(
    {
      name: 'governance',
      timings,
      start: () => {
        const child = createFakeChild();
        child.silent = !loads && children.length > 0;
        children.push(child);
        return child;
      },
      init: () =>
        Promise.resolve({ message: { type: 'init' } as ToChild, handle: {} as ListenHandle }),
      probe: () => Promise.resolve({ ok: true }),
      overlaps: false,
      port: () => 1,
      onDemand,
    },
    {
      log: silent,
      restarts: { down() {}, attempt() {}, recovered() {}, limitReached() {} },
      letGo: () => Promise.resolve(),
      changed: () => {
        changed();
        return Promise.resolve();
      },
    },
  );
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (holds()) resolve();
      };
      changed = () => setImmediate(look);
      look();
    });
  const last = (): FakeChild => children.at(-1)!;
  return { process, children, until, last };
};

describe('a replacement in turn', () => {
  it('starts another process when the new one dies while the old one still finishes', async () => {
    const { process, children, until, last } = createWorld();
    process.start(Promise.resolve());
    await until(() => process.state().status === 'healthy');
    const old = last();
    old.obedient = false;
    const replaced = process.replace('a test');
    while (!old.told.includes('stop')) await new Promise(setImmediate);
    last().end();
    await new Promise(setImmediate);
    old.end();
    const pid = await replaced;
    expect(children).toHaveLength(3);
    expect(pid).toBe(last().pid);
    expect(process.state()).toMatchObject({ status: 'healthy', pid });
    expect(process.identities().map((one) => one.pid)).toEqual([pid]);
    await process.stop();
  });

  it('changes nothing when the new program does not even load', async () => {
    const { process, children, until, last } = createWorld({ loads: false });
    process.start(Promise.resolve());
    await until(() => process.state().status === 'healthy');
    const old = last();
    const replaced = process.replace('a test');
    while (last() === old) await new Promise(setImmediate);
    last().end();
    await expect(replaced).rejects.toThrow('ended by the test');
    expect(process.state()).toMatchObject({ status: 'healthy', pid: old.pid });
    expect(old.told).not.toContain('stop');
    expect(children).toHaveLength(2);
    await process.stop();
  });

  it('and a restart at the same time come one after the other, and one process is left', async () => {
    const { process, children, until } = createWorld();
    process.start(Promise.resolve());
    await until(() => process.state().status === 'healthy');
    const pids = await Promise.all([
      process.replace('one'),
      process.restart('two'),
      process.replace('three'),
    ]);
    expect(new Set(pids).size).toBe(3);
    expect(children).toHaveLength(4);
    expect(process.identities().map((one) => one.pid)).toEqual([pids[2]]);
    await process.stop();
  });
});

describe('falling asleep', () => {
  it('and a replacement do not run at once: there is never a second process', async () => {
    let opened = (): void => {};
    const doorman: Doorman = {
      open: () => new Promise<void>((resolve) => (opened = resolve)),
      close() {},
      take: () => [],
      waiting: () => 0,
    };
    const { process, children, until, last } = createWorld({ onDemand: { idleMs: 5, doorman } });
    process.start(Promise.resolve());
    opened();
    await until(() => process.state().status === 'idle');
    const woken = process.restart('somebody came');
    await woken;
    const first = last();
    first.silent = true;
    first.say({ type: 'pong', id: 0, idle_ms: 0, requests: 0 });
    const replaced = process.replace('a test');
    first.silent = false;
    const pid = await replaced;
    expect(process.identities().map((one) => one.pid)).toEqual([pid]);
    expect(children).toHaveLength(2);
    await process.stop();
  });
});
