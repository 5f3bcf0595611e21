import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { identifyProcess, isSameProcess } from '@holdfast/sdk/process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLogFiles } from '../logs/log-files.ts';
import { startChild } from './child-process.ts';
import { createSpare, type Spare } from './spare.ts';

const entry = fileURLToPath(new URL('../test-support/fixture-child.mjs', import.meta.url));
let folder: string;
let spare: Spare;
let build: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-spare-'));
  const logs = createLogFiles(folder);
  const env = { PATH: process.env['PATH'] ?? '' };
  build = 'first';
  spare = createSpare({
    enabled: true,
    start: () => startChild({ name: 'spare', entry, env, logs }),
    buildId: () => build,
    times: { lookMs: 20, answerMs: 300 },
  });
});
afterEach(async () => {
  spare.close();
  await rm(folder, { recursive: true, force: true });
});

/** The one in reserve that is not the one before. */
const next = async (before?: number): Promise<number> => {
  for (;;) {
    const { pid } = spare;
    if (pid !== undefined && pid !== before) return pid;
    await delay(5);
  }
};

describe('the process in reserve', () => {
  it('that hangs is ended and replaced, so that no recovery waits for it', async () => {
    spare.refill();
    const hung = (await identifyProcess(await next()))!;
    process.kill(hung.pid, 'SIGSTOP');
    const pid = await next(hung.pid);
    while (await isSameProcess(hung)) await delay(5);
    const taken = spare.take('any.js', 'any.log');
    expect(taken?.pid).toBe(pid);
    taken?.kill();
    await taken?.exited;
  });

  it('that was started from the build before is not used: it is ended and replaced', async () => {
    spare.refill();
    const old = (await identifyProcess(await next()))!;
    build = 'second';
    expect(spare.take('any.js', 'any.log')).toBeUndefined();
    await next(old.pid);
    while (await isSameProcess(old)) await delay(5);
  });

  it('is used once, and another one follows', async () => {
    spare.refill();
    const first = await next();
    const taken = spare.take('any.js', 'any.log');
    expect(taken?.pid).toBe(first);
    expect(spare.take('any.js', 'any.log')).toBeUndefined();
    await next(first);
    taken?.kill();
    await taken?.exited;
  });
});
