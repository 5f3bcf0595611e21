import { execFileSync } from 'node:child_process';
import { access, cp, mkdir, readdir, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageOperation } from '@holdfast/contracts';
import {
  describeDriverConformance,
  missingVenv,
  packageStep,
  setVariables,
} from '@holdfast/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { importedVersion, openPipHarness } from '../../test-support/pip-harness.ts';
import type { PipHarness } from '../../test-support/pip-harness.ts';

const missing = missingVenv();
const title = missing === undefined ? 'pip driver' : `pip driver (SKIPPED: ${missing})`;
const A = 'holdfast-demo-a';
const A_INFO = 'holdfast_demo_a-1.0.0.dist-info';

/** Opened once for this file: making the first virtual environment takes seconds. */
let harness: PipHarness;
beforeAll(async () => {
  if (missing === undefined) harness = await openPipHarness();
}, 60_000);
afterAll(async () => harness?.close());

describeDriverConformance(
  'pip',
  () => Promise.resolve({ ...harness, close: () => Promise.resolve() }),
  missing,
);

describe.skipIf(missing !== undefined)(title, { timeout: 60_000 }, () => {
  const inventory = (path: string) => harness.driver.inventory({ path, managers: ['pip'] });
  const apply = (path: string, operations: PackageOperation[], options: string[] = []) =>
    harness.driver.apply(packageStep('pip', path, operations, options), {
      timeoutMs: 50_000,
      signal: new AbortController().signal,
      onSpawn: () => Promise.resolve(),
    });
  const sitePackages = async (path: string): Promise<string> => {
    const [version = ''] = await readdir(join(path, 'lib'));
    return join(path, 'lib', version, 'site-packages');
  };

  it('reads markers, extras and the version of pip with the packages', async () => {
    const path = await harness.createEnvironment();
    const found = await inventory(path);
    expect(found.markers).toMatchObject({ os_name: 'posix', implementation_name: 'cpython' });
    expect(found.markers).toHaveProperty('python_full_version');
    expect(found.extras?.['holdfast-demo-b']).toEqual([
      expect.stringMatching(/^holdfast-demo-c>=1\.1 ?; ?extra == ["']speed["']$/),
    ]);
    expect(found.tool_version).toMatch(/^pip \d/);
  });

  it('changes what the interpreter of the environment imports, reached through a link', async () => {
    const path = await harness.createEnvironment();
    const link = `${path}-link`;
    await symlink(path, link);
    const operations = [{ package: 'Holdfast_Demo.A', from: '1.0.0', to: '2.0.0' }];
    const undo = setVariables({ PIP_TARGET: join(harness.dir, 'elsewhere'), PIP_USER: '1' });
    try {
      expect(await apply(link, operations)).toMatchObject({ status: 'succeeded' });
    } finally {
      undo();
    }
    expect(await importedVersion(path, A)).toBe('2.0.0');
    await expect(access(join(harness.dir, 'elsewhere'))).rejects.toThrow('ENOENT');
  });

  it('resolves extras and dependencies, and leaves alone what already holds', async () => {
    const environment = await harness.createEnvironment();
    const requirements = ['Holdfast_Demo.B[speed]>=1', 'holdfast-demo-needs==1.1.0', `${A}<2`];
    const operations = await harness.driver.resolve({
      environment,
      requirements,
      options: ['--pre'],
    });
    expect(operations).toEqual(
      expect.arrayContaining([
        { package: 'holdfast-demo-c', from: null, to: '1.1.0', requested: false },
        { package: 'holdfast-demo-needs', from: null, to: '1.1.0', requested: true },
      ]),
    );
    expect(operations).toHaveLength(2);
  });

  it('skips a requirement whose marker does not hold', async () => {
    const environment = await harness.createEnvironment();
    const requirements = ['holdfast-demo-c==1.0.0; python_version < "3"'];
    expect(await harness.driver.resolve({ environment, requirements, options: [] })).toEqual([]);
  });

  it.each(['demo @ https://host/x.whl', '-e .', './demo', `${A}==1\n--pre`, '-r other.txt'])(
    'refuses the requirement %j',
    async (requirement) => {
      const environment = await harness.createEnvironment();
      const request = { environment, requirements: [requirement], options: [] };
      await expect(harness.driver.resolve(request)).rejects.toMatchObject({
        code: 'invalid_input',
      });
    },
  );

  it('does not call a half installed package installed, and finishes it', async () => {
    const path = await harness.createEnvironment();
    const site = await sitePackages(path);
    await rm(join(site, A_INFO, 'RECORD'));
    await rm(join(site, 'holdfast_demo_a/__init__.py'));
    const found = await inventory(path);
    expect(found.coverage).toMatchObject({ status: 'partial' });
    expect(found.coverage.reason).toContain('half installed');
    expect(found.packages).not.toHaveProperty([A]);

    const operations = [{ package: A, from: null, to: '1.0.0' }];
    expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });
    expect(await importedVersion(path, A)).toBe('1.0.0');
    expect((await inventory(path)).coverage.status).toBe('complete');
  });

  it('removes a half installed package with all of its files', async () => {
    const path = await harness.createEnvironment();
    const site = await sitePackages(path);
    await rm(join(site, A_INFO, 'RECORD'));
    await rm(join(site, A_INFO, 'METADATA'));
    expect((await inventory(path)).coverage.reason).toContain('no readable METADATA');
    const operations = [{ package: A, from: '1.0.0', to: null }];
    expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });
    expect((await readdir(site)).filter((name) => name.includes('demo_a'))).toEqual([]);
    expect((await inventory(path)).coverage.status).toBe('complete');
  });

  it('reports what pip set aside, and clears it when it repairs that package', async () => {
    const path = await harness.createEnvironment();
    const site = await sitePackages(path);
    await cp(join(site, A_INFO), join(site, `~${A_INFO.slice(1)}`), { recursive: true });
    const found = await inventory(path);
    expect(found.coverage.status).toBe('partial');
    expect(found.packages).toMatchObject({ [A]: '1.0.0' });
    const operations = [{ package: A, from: '1.0.0', to: '1.1.0' }];
    expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });
    expect((await inventory(path)).coverage.status).toBe('complete');
  });

  it('is failed, not clean, where the environment has no pip', async () => {
    const path = join(harness.dir, 'bare');
    execFileSync('python3', ['-m', 'venv', '--without-pip', path]);
    const found = await inventory(path);
    expect(found.coverage).toMatchObject({ status: 'failed' });
    expect(found.coverage.reason).toContain('has no pip');
    expect(await harness.driver.probe(path)).toMatchObject({ isolated: true });
    const operations = [{ package: A, from: null, to: '1.0.0' }];
    expect(await apply(path, operations)).toMatchObject({ status: 'failed' });
  });

  it('takes the index of the manifest, and refuses options that are not about one', async () => {
    const path = await harness.createEnvironment();
    const undo = setVariables({ PIP_NO_INDEX: undefined, PIP_FIND_LINKS: undefined });
    const operations = [{ package: A, from: '1.0.0', to: '1.1.0' }];
    const wheels = join(harness.dir, 'wheels');
    try {
      const options = ['--no-index', `--find-links ${wheels}`];
      expect(await apply(path, operations, options)).toMatchObject({ status: 'succeeded' });
    } finally {
      undo();
    }
    const refused = apply(path, operations, [`--target=${harness.dir}`]);
    await expect(refused).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('does not remove the pip that it needs', async () => {
    const path = await harness.createEnvironment();
    const operations = [{ package: 'pip', from: '1', to: null }];
    expect(await apply(path, operations)).toMatchObject({ status: 'failed' });
    const verdict = await harness.driver.verify(packageStep('pip', path, operations));
    expect(verdict.ok).toBe(false);
    expect((await inventory(path)).packages).toHaveProperty('pip');
  });

  it('names the interpreter whose packages it read for the system', async () => {
    const found = await harness.driver.inventory('system');
    expect(found).toMatchObject({ environment: 'system', manager: 'pip' });
    expect(found.coverage.scanned[0]).toMatch(/python/);
  });

  it('does not take a folder for an environment', async () => {
    const folder = join(harness.dir, 'folder');
    await mkdir(folder);
    expect(await harness.driver.probe(folder)).toBeUndefined();
    expect(await harness.driver.probe('/usr')).toMatchObject({ isolated: false });
  });
});
