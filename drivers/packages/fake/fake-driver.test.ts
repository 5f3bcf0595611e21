import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageStep } from '@holdfast/testkit';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { createFakeDriver } from './fake-driver.ts';
import { createFakeWorld, openFakeWorld } from './fake-world.ts';
import type { FakeKnobs } from './fake-world.ts';

const versions = ['1.0.0', '2.0.0'];
const catalogue = { a: versions, b: versions };
const environments = { '/env': { a: '1.0.0', b: '1.0.0' } };
const action = packageStep('pip', '/env', [
  { package: 'a', from: '1.0.0', to: '2.0.0' },
  { package: 'b', from: '1.0.0', to: '2.0.0' },
]);
const context = {
  timeoutMs: 5000,
  signal: new AbortController().signal,
  onSpawn: () => Promise.resolve(),
};

const driverWith = (knobs: FakeKnobs) => {
  const world = createFakeWorld({ catalogue, environments, knobs });
  return { world, driver: createFakeDriver({ world }) };
};

describe('fake driver', () => {
  it.each([
    ['fails_before', 'failed', { a: '1.0.0', b: '1.0.0' }],
    ['fails_midway', 'failed', { a: '2.0.0', b: '1.0.0' }],
    ['fails_after', 'failed', { a: '2.0.0', b: '2.0.0' }],
    ['lies', 'succeeded', { a: '1.0.0', b: '1.0.0' }],
    [undefined, 'succeeded', { a: '2.0.0', b: '2.0.0' }],
  ] as const)('with apply set to %s is %s and leaves %j', async (knob, status, packages) => {
    const { driver, world } = driverWith({ apply: knob });
    expect(await driver.apply(action, context)).toMatchObject({ status });
    expect((await world.read()).environments['/env']).toEqual(packages);
  });

  it.each(['failed', 'partial', 'absent'] as const)(
    'can have an inventory that is %s',
    async (status) => {
      const { driver } = driverWith({ inventory: status });
      const found = await driver.inventory({ path: '/env', managers: ['pip'] });
      expect(found.coverage).toMatchObject({ status, reason: expect.any(String) });
    },
  );

  it('fails where it is told to', async () => {
    const { driver } = driverWith({
      inventory: 'throws',
      resolve: 'fails',
      verify: 'refuses',
      apply: 'throws',
    });
    const request = { environment: '/env', requirements: ['a'], options: [] };
    await expect(driver.inventory('system')).rejects.toThrow('broke');
    await expect(driver.resolve(request)).rejects.toMatchObject({ code: 'plan_failed' });
    expect(await driver.verify(action)).toMatchObject({ ok: false });
    await expect(driver.apply(action, context)).rejects.toThrow('broke');
  });

  it('is slow for as long as it is told, and stops at its time limit', async () => {
    const { driver } = driverWith({ delay_ms: 60_000 });
    const result = await driver.apply(action, { ...context, timeoutMs: 20 });
    expect(result).toMatchObject({ status: 'failed', code: 'step_timeout' });
  });

  it('leaves half of the work in its file when it ends its process midway', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-fake-'));
    try {
      const file = join(dir, 'world.json');
      const knobs = { apply: 'crashes_midway' };
      await writeFile(file, JSON.stringify({ catalogue, environments, knobs }));
      const program = `
        import { createFakeDriver } from './fake-driver.ts';
        import { openFakeWorld } from './fake-world.ts';
        const driver = createFakeDriver({ world: openFakeWorld(${JSON.stringify(file)}) });
        const signal = new AbortController().signal;
        await driver.apply(${JSON.stringify(action)}, { timeoutMs: 5000, signal, onSpawn: async () => {} });
      `;
      const outfile = join(dir, 'crash.mjs');
      await build({
        stdin: { contents: program, resolveDir: import.meta.dirname, loader: 'ts' },
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile,
      });
      expect(spawnSync(process.execPath, [outfile]).signal).toBe('SIGKILL');
      const world = openFakeWorld(file);
      expect((await world.read()).environments['/env']).toEqual({ a: '2.0.0', b: '1.0.0' });
      await world.change((state) => ({ ...state, knobs: {} }));
      expect(await createFakeDriver({ world }).apply(action, context)).toMatchObject({
        status: 'succeeded',
      });
      expect((await world.read()).environments['/env']).toEqual({ a: '2.0.0', b: '2.0.0' });
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});
