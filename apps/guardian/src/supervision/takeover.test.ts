import { mkdtemp, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SUPERVISION_PROTOCOL } from '@holdfast/contracts';
import { identifyProcess, processAgeMs } from '@holdfast/sdk/process';
import { expect, it } from 'vitest';
import type { Adopted } from './supervised-process.ts';
import type { Supervisor } from './supervisor.ts';
import { openTakeover } from './takeover.ts';

const silent = { info() {}, warn() {}, error() {} };
const onLinux = process.platform === 'linux';

it.runIf(onLinux)(
  'a process that is taken over is as old as the system says, also when its clock was set meanwhile (Linux only: needs /proc)',
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-takeover-'));
    const controlPath = join(folder, 'run', 'control.sock');
    let taken = (_: Adopted): void => {};
    const adopted = new Promise<Adopted>((resolve) => (taken = resolve));
    const supervisor: Pick<Supervisor, 'adopt' | 'one'> = {
      adopt: (_, running) => taken(running),
      one: () => undefined,
    };
    const identity = (await identifyProcess(process.pid))!;
    const takeover = await openTakeover({
      controlPath,
      secret: 'secret',
      supervisor: supervisor as Supervisor,
      log: silent,
      records: [{ name: 'scheduler', ...identity }],
      names: ['scheduler'],
      stopTimeoutMs: 1_000,
      wasRunning: () => true,
      isStopping: () => false,
    });
    const socket = connect(controlPath);
    try {
      const youngest = processAgeMs(process.pid)!;
      const hello = {
        type: 'rejoin',
        protocol: SUPERVISION_PROTOCOL,
        name: 'scheduler',
        pid: process.pid,
        secret: 'secret',
        serving: true,
        restarts: 4,
        started_at: '2001-01-01T00:00:00.000Z',
      };
      socket.write(`${JSON.stringify(hello)}\n`);
      const { startedAt, bornAt, restarts } = await adopted;
      expect(startedAt.toISOString()).toBe(hello.started_at);
      expect(restarts).toBe(4);
      // Half a tick of the system either way.
      const age = performance.now() - bornAt;
      expect(age).toBeGreaterThanOrEqual(youngest - 10);
      expect(age).toBeLessThanOrEqual(processAgeMs(process.pid)! + 10);
      expect(takeover.pending()).toEqual([]);
    } finally {
      socket.destroy();
      await takeover.close(false);
      await rm(folder, { recursive: true, force: true });
    }
  },
);
