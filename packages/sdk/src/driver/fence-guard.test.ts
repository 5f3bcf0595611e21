import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isHoldfastError } from '@holdfast/contracts';
import { isStoreError, openStore, type Store } from '@holdfast/store';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../clock.ts';
import { createFenceGuard, fenceMigration, type FenceGuard } from './fence-guard.ts';

let dir = '';
let store: Store;
let guard: FenceGuard;
const open = async (): Promise<void> => {
  store = await openStore({ kernel: 'fences', dir, migrations: [fenceMigration] });
  guard = createFenceGuard(store, systemClock);
};
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'holdfast-fence-'));
  await open();
});
afterEach(async () => {
  await store.close();
  rmSync(dir, { recursive: true, force: true });
});

const isRefused = (run: string, fence: number): Promise<boolean> =>
  guard.check(run, fence).then(
    () => false,
    (error: unknown) => {
      if (isHoldfastError(error, 'fenced')) return true;
      throw error;
    },
  );

it('refuses a fence lower than one that was seen for the same run, and only of that run', async () => {
  expect(await isRefused('a', 2)).toBe(false);
  expect(await isRefused('a', 2)).toBe(false);
  expect(await isRefused('a', 1)).toBe(true);
  expect(await isRefused('b', 1)).toBe(false);
  expect(await isRefused('a', 3)).toBe(false);
  expect(await isRefused('a', 2)).toBe(true);
});

it('remembers what it saw over a restart', async () => {
  await guard.check('a', 7);
  await store.close();
  await open();
  expect(await isRefused('a', 6)).toBe(true);
  expect(await isRefused('a', 7)).toBe(false);
});

it('takes a write back whose call was overtaken, and writes the fence down with one that was not', async () => {
  await store.write([guard.entering('a', 1)]);
  await store.write([guard.entering('a', 1)]);
  await guard.check('a', 2);
  const late = store.write([guard.entering('a', 1)]);
  await expect(late).rejects.toSatisfy((error) => isStoreError(error, 'WRITE_CONFLICT'));
  await store.write([guard.entering('a', 3)]);
  await store.close();
  await open();
  expect(await isRefused('a', 2)).toBe(true);
});

it('lets only the highest so far pass, whatever order they come in and however many at once', async () => {
  let runs = 0;
  const property = fc.asyncProperty(
    fc.array(fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
    async (bursts) => {
      const run = `run-${(runs += 1)}`;
      let highest = 0;
      for (const burst of bursts) {
        const refused = await Promise.all(burst.map((fence) => isRefused(run, fence)));
        for (const [index, fence] of burst.entries())
          if (fence < highest) expect(refused[index]).toBe(true);
        const most = Math.max(highest, ...burst);
        for (const [index, fence] of burst.entries())
          if (fence === most) expect(refused[index]).toBe(false);
        highest = most;
      }
    },
  );
  await fc.assert(property, { numRuns: 30, seed: 4 });
});
