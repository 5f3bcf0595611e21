import type {
  ApplyContext,
  PackageOperation,
  ReadContext,
  SpawnNote,
  StepAction,
} from '@holdfast/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inverseOf, packageStep } from './driver-harness.ts';
import type { DriverHarness } from './driver-harness.ts';
import { runningInGroup } from './fixtures/process-group.ts';

const CASE_TIMEOUT_MS = 90_000;
const STEP_TIMEOUT_MS = 60_000;

/** Why a driver has nothing that some cases are about: those are skipped, and their titles say why. */
export interface DriverLacks {
  readonly process?: string;
  readonly credentials?: string;
}

const because = (why: string | undefined): string =>
  why === undefined ? '' : ` (SKIPPED: ${why})`;

/**
 * Cases that every driver which can apply has to pass. `missing` says why its tool cannot be had here: the suite is
 * then skipped under a title that says so.
 */
export const describeDriverConformance = (
  name: string,
  open: () => Promise<DriverHarness>,
  missing?: string,
  lacks: DriverLacks = {},
): void => {
  const title = missing === undefined ? name : `${name} (SKIPPED: ${missing})`;
  describe.skipIf(missing !== undefined)(`driver conformance: ${title}`, () => {
    let harness: DriverHarness;
    let notes: SpawnNote[];

    beforeAll(async () => {
      harness = await open();
    }, CASE_TIMEOUT_MS);
    afterAll(async () => harness?.close());

    const context = (changes: Partial<ApplyContext> = {}): ApplyContext => ({
      timeoutMs: STEP_TIMEOUT_MS,
      signal: new AbortController().signal,
      onSpawn: (note) => {
        notes.push(note);
        return Promise.resolve();
      },
      ...changes,
    });
    const apply = (action: StepAction, changes?: Partial<ApplyContext>) => {
      notes = [];
      return harness.driver.apply(action, context(changes));
    };
    const step = (environment: string, operations: readonly PackageOperation[]): StepAction =>
      packageStep(harness.driver.id, environment, operations);
    const inventory = (path: string) =>
      harness.driver.inventory({ path, managers: [harness.driver.id] });
    const packagesOf = async (path: string) => (await inventory(path)).packages;
    /** Changes one, removes two, adds three. */
    const mixed = (): PackageOperation[] => {
      const { one, two, three } = harness.packages;
      return [
        { package: one, from: '1.0.0', to: '1.1.0' },
        { package: two, from: '1.0.0', to: null },
        { package: three, from: null, to: '2.0.0' },
      ];
    };
    const upgrade = (to = '1.1.0'): PackageOperation[] => [
      { package: harness.packages.one, from: '1.0.0', to },
    ];
    const test = (sentence: string, body: () => Promise<void>, lacking?: string): void =>
      it.skipIf(lacking !== undefined)(`${sentence}${because(lacking)}`, body, CASE_TIMEOUT_MS);

    test('states what a scan covered', async () => {
      const path = await harness.createEnvironment();
      const found = await inventory(path);
      const { one, two, three } = harness.packages;
      expect(found.coverage).toMatchObject({ status: 'complete' });
      expect(found.coverage.scanned).not.toEqual([]);
      expect(found).toMatchObject({ manager: harness.driver.id, environment: path });
      expect(found.packages).toMatchObject({ [one]: '1.0.0', [two]: '1.0.0' });
      expect(found.packages).not.toHaveProperty([three]);
      expect(await harness.driver.probe(path)).toMatchObject({ isolated: true });
    });

    test('says why when there is nothing to scan', async () => {
      const found = await inventory('/nowhere/at/all');
      expect(['failed', 'absent']).toContain(found.coverage.status);
      expect(found.coverage.reason).toBeTruthy();
      expect(found.packages).toEqual({});
    });

    test('resolves a requirement to the operation that is missing', async () => {
      const environment = await harness.createEnvironment();
      const { one, two } = harness.packages;
      const requirements = [harness.requirement(one, '1.1.0'), harness.requirement(two, '1.0.0')];
      const before = await packagesOf(environment);
      const operations = await harness.driver.resolve({ environment, requirements, options: [] });
      expect(operations).toEqual([{ package: one, from: '1.0.0', to: '1.1.0', requested: true }]);
      expect(await packagesOf(environment)).toEqual(before);
    });

    test('refuses to resolve what is not on offer', async () => {
      const environment = await harness.createEnvironment();
      const requirements = [harness.requirement(harness.packages.one, '9.9.9')];
      await expect(
        harness.driver.resolve({ environment, requirements, options: [] }),
      ).rejects.toMatchObject({ code: 'plan_failed' });
    });

    test('verifies a step without changing anything', async () => {
      const environment = await harness.createEnvironment();
      const before = await packagesOf(environment);
      expect(await harness.driver.verify(step(environment, mixed()))).toMatchObject({ ok: true });
      const impossible = await harness.driver.verify(step(environment, upgrade('9.9.9')));
      expect(impossible.ok).toBe(false);
      expect(impossible.detail).not.toBe('');
      expect(await packagesOf(environment)).toEqual(before);
    });

    test('applies a step to the letter, twice to no effect, and its inverse exactly back', async () => {
      const environment = await harness.createEnvironment();
      const { one, two, three } = harness.packages;
      const before = await packagesOf(environment);
      const action = step(environment, mixed());

      expect((await apply(action)).detail).toMatch(/^done: /);
      const { [two]: _removed, ...rest } = before;
      const after = await inventory(environment);
      expect(after.packages).toEqual({ ...rest, [one]: '1.1.0', [three]: '2.0.0' });
      expect(after.coverage.reason ?? after.coverage.status).toBe('complete');
      expect(notes.length > 0).toBe(harness.spawns);

      expect(await apply(action)).toMatchObject({ status: 'succeeded' });
      expect(notes).toEqual([]);
      expect(await packagesOf(environment)).toEqual(after.packages);

      expect(await apply(inverseOf(action))).toMatchObject({ status: 'succeeded' });
      expect(await packagesOf(environment)).toEqual(before);
    });

    test('finishes a step that was half done', async () => {
      const environment = await harness.createEnvironment();
      const { one, two, three } = harness.packages;
      const [first, ...others] = mixed();
      await apply(step(environment, [first as PackageOperation]));
      expect(await apply(step(environment, [first as PackageOperation, ...others]))).toMatchObject({
        status: 'succeeded',
      });
      const found = await packagesOf(environment);
      expect(found).toMatchObject({ [one]: '1.1.0', [three]: '2.0.0' });
      expect(found).not.toHaveProperty([two]);
    });

    test('fails with a reason and changes nothing when a version is not on offer', async () => {
      const environment = await harness.createEnvironment();
      const before = await packagesOf(environment);
      const result = await apply(step(environment, upgrade('9.9.9')));
      expect(result).toMatchObject({ status: 'failed', code: 'step_failed' });
      expect(result.detail).not.toBe('');
      expect(await packagesOf(environment)).toEqual(before);
    });

    test('changes nothing when a package was moved since the step was planned', async () => {
      const environment = await harness.createEnvironment();
      const { one, two, three } = harness.packages;
      await apply(step(environment, upgrade('2.0.0')));
      const before = await packagesOf(environment);
      const result = await apply(step(environment, mixed()));
      expect(result).toMatchObject({ status: 'failed', code: 'plan_stale' });
      expect(result.detail).toContain(`${one} is at 2.0.0`);
      expect(notes).toEqual([]);
      const gone = await apply(step(environment, [{ package: three, from: '1.0.0', to: '2.0.0' }]));
      expect(gone).toMatchObject({ code: 'plan_stale', detail: expect.stringContaining('none') });
      const known = await apply(step(environment, [{ package: two, from: null, to: '2.0.0' }]));
      expect(known).toMatchObject({ code: 'plan_stale' });
      expect(await packagesOf(environment)).toEqual(before);
    });

    test('refuses environments that are not isolated', async () => {
      expect(harness.notIsolated).not.toEqual([]);
      for (const path of harness.notIsolated) {
        const refusal = { code: 'environment_not_isolated' };
        const action = step(path, upgrade());
        expect((await harness.driver.probe(path))?.isolated ?? false, path).toBe(false);
        await expect(apply(action), path).rejects.toMatchObject(refusal);
        await expect(harness.driver.verify(action), path).rejects.toMatchObject(refusal);
        const request = { environment: path, requirements: [], options: [] };
        await expect(harness.driver.resolve(request), path).rejects.toMatchObject(refusal);
      }
    });

    test('refuses names and versions that could mean something else', async () => {
      const environment = await harness.createEnvironment();
      const before = await packagesOf(environment);
      const names = [
        '--target=/tmp',
        '-e',
        '../evil',
        '/etc/passwd',
        'a b',
        'a;b',
        'a\nb',
        '',
        './x',
      ];
      const versions = [
        '1.0 --pre',
        '../1.0',
        'file:/tmp/x',
        '1.0\n--pre',
        '',
        'https://host/x',
        '-1',
      ];
      for (const name of names) {
        const action = step(environment, [{ package: name, from: null, to: '1.0.0' }]);
        await expect(apply(action), name).rejects.toMatchObject({ code: 'package_name_invalid' });
      }
      for (const version of versions) {
        const action = step(environment, upgrade(version));
        await expect(apply(action), version).rejects.toMatchObject({
          code: 'package_name_invalid',
        });
      }
      expect(await packagesOf(environment)).toEqual(before);
    });

    test('refuses a step that is not one of its own', async () => {
      const environment = await harness.createEnvironment();
      const action = step(environment, upgrade());
      const refusal = { code: 'invalid_input' };
      await expect(apply({ ...action, action: 'other' })).rejects.toMatchObject(refusal);
      await expect(apply({ ...action, driver: 'other' })).rejects.toMatchObject(refusal);
      await expect(apply(step('relative/path', upgrade()))).rejects.toMatchObject(refusal);
      await expect(apply(step(environment, []))).rejects.toMatchObject(refusal);
    });

    test('ends every process it started at the time limit and on an abort', async () => {
      const environment = await harness.createEnvironment();
      const before = await packagesOf(environment);
      const release = await harness.stall();
      try {
        const action = step(environment, upgrade());
        const started: SpawnNote[] = [];
        for (let timeoutMs = 1000; started.length === 0; timeoutMs *= 2) {
          const late = await apply(action, { timeoutMs });
          expect(late).toMatchObject({ status: 'failed', code: 'step_timeout' });
          if (!harness.spawns) break;
          started.push(...notes);
        }

        const abort = new AbortController();
        const aborted = apply(action, {
          signal: abort.signal,
          onSpawn: (note) => {
            started.push(note);
            setImmediate(() => abort.abort());
            return Promise.resolve();
          },
        });
        if (!harness.spawns) abort.abort();
        expect(await aborted).toMatchObject({ status: 'failed', code: 'step_failed' });
        expect(started.length > 1).toBe(harness.spawns);
        for (const { pid } of started) expect(await runningInGroup(pid)).toEqual([]);
      } finally {
        await release();
      }
      expect(await packagesOf(environment)).toEqual(before);
    });

    const endReads = async (): Promise<void> => {
      const environment = await harness.createEnvironment();
      const release = await harness.stall();
      const { driver, packages } = harness;
      try {
        const requirements = [harness.requirement(packages.three, '1.0.0')];
        const work = {
          verify: (context: ReadContext) =>
            driver.verify(step(environment, upgrade('2.0.0')), context),
          resolve: (context: ReadContext) =>
            driver.resolve({ environment, requirements, options: [] }, context),
          inventory: (context: ReadContext) =>
            driver.inventory({ path: environment, managers: [driver.id] }, context),
          probe: (context: ReadContext) => driver.probe(environment, context),
        };
        for (const [name, start] of Object.entries(work)) {
          const abort = new AbortController();
          const started: SpawnNote[] = [];
          const onStart = async (note: SpawnNote): Promise<void> => {
            started.push(note);
            abort.abort();
          };
          await start({ signal: abort.signal, onStart }).catch(() => undefined);
          expect(started, name).not.toEqual([]);
          for (const { pid } of started) expect(await runningInGroup(pid), name).toEqual([]);
        }
      } finally {
        await release();
      }
    };
    test('ends what it only reads with on an abort', endReads, lacks.process);

    const putOnRecord = async (): Promise<void> => {
      const environment = await harness.createEnvironment();
      const before = await packagesOf(environment);
      const onSpawn = () => Promise.reject(new Error('the journal is full'));
      await expect(apply(step(environment, upgrade()), { onSpawn })).rejects.toThrow('journal');
      expect(await packagesOf(environment)).toEqual(before);
    };
    test('changes nothing when its process cannot be put on record', putOnRecord, lacks.process);

    const keepCredentials = async (): Promise<void> => {
      const failWithSecret = harness.failWithSecret!;
      const environment = await harness.createEnvironment();
      const secret = 'hunter2-not-to-be-seen';
      const release = await failWithSecret(secret);
      try {
        const action = step(environment, upgrade());
        const result = await apply(action);
        expect(result.status).toBe('failed');
        expect(result.detail).not.toContain(secret);
        expect((await harness.driver.verify(action)).detail).not.toContain(secret);
      } finally {
        await release();
      }
    };
    test('keeps credentials out of what it says', keepCredentials, lacks.credentials);
  });
};
