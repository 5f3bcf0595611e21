import { execFileSync } from 'node:child_process';
import {
  mkdir,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageOperation } from '@holdfast/contracts';
import { packageStep, setVariables } from '@holdfast/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { manifestsOf, missingNpm, npm, openNpmHarness } from '../../test-support/npm-harness.ts';
import type { NpmHarness } from '../../test-support/npm-harness.ts';

const missing = missingNpm();
const title = missing === undefined ? 'npm driver' : `npm driver (SKIPPED: ${missing})`;
const TIMEOUT = { timeout: 60_000 };
const NO_SAVE = ['--no-save', '--no-audit', '--no-fund'];

describe.skipIf(missing !== undefined)(title, TIMEOUT, () => {
  let harness: NpmHarness;
  beforeAll(async () => {
    harness = await openNpmHarness();
  }, 60_000);
  afterAll(async () => harness?.close());

  const inventory = (path: string) => harness.driver.inventory({ path, managers: ['npm'] });
  const apply = (path: string, operations: PackageOperation[]) =>
    harness.driver.apply(packageStep('npm', path, operations), {
      timeoutMs: 50_000,
      signal: new AbortController().signal,
      onSpawn: () => Promise.resolve(),
    });

  it('leaves manifests, drifted and extraneous packages, links and stray files as they are', async () => {
    const path = await harness.createProject({
      dependencies: { 'demo-one': '^1.0.0', '@demo/two': '^1.0.0' },
    });
    await npm(path, 'install', ...NO_SAVE, 'demo-needs@1.1.0', '@demo/two@2.0.0');
    const linked = join(path, 'linked');
    await mkdir(linked);
    await writeFile(join(linked, 'package.json'), '{"name":"linked","version":"0.1.0"}');
    await symlink('../linked', join(path, 'node_modules/linked'));
    const manifests = await manifestsOf(path);
    const before = (await inventory(path)).packages;
    expect(before).toMatchObject({ '@demo/two': '2.0.0', 'demo-needs': '1.1.0', linked: '0.1.0' });

    const operations = [{ package: 'demo-one', from: before['demo-one'] ?? null, to: '2.0.0' }];
    expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });

    expect((await inventory(path)).packages).toEqual({ ...before, 'demo-one': '2.0.0' });
    expect(await manifestsOf(path)).toEqual(manifests);
    expect(await realpath(join(path, 'node_modules/linked'))).toBe(await realpath(linked));
    expect((await readdir(path)).filter((name) => name.startsWith('.'))).toEqual([]);
    const found = execFileSync('node', ['-p', 'require("demo-one")'], { cwd: path });
    expect(String(found).trim()).toBe('2.0.0');
  });

  it('keeps a dependency that no operation names inside the package that needs it', async () => {
    const path = await harness.createEnvironment();
    const before = (await inventory(path)).packages;
    const operations = [{ package: 'demo-needs', from: null, to: '1.0.0' }];
    expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });
    expect((await inventory(path)).packages).toEqual({ ...before, 'demo-needs': '1.0.0' });
    const nested = join(path, 'node_modules/demo-needs/node_modules/demo-three/package.json');
    expect(JSON.parse(await readFile(nested, 'utf8'))).toMatchObject({ version: '1.1.0' });
  });

  it('resolves the dependencies that a requirement brings, and leaves other packages alone', async () => {
    const environment = await harness.createEnvironment();
    const requirements = ['demo-needs@^1.0.0'];
    expect(await harness.driver.resolve({ environment, requirements, options: [] })).toEqual([
      { package: 'demo-needs', from: null, to: '1.1.0', requested: true },
      { package: 'demo-three', from: null, to: '1.1.0', requested: false },
    ]);
  });

  it('fails, and changes nothing, when another package needs what is to be removed', async () => {
    const path = await harness.createEnvironment();
    await npm(path, 'install', ...NO_SAVE, 'demo-needs@1.0.0');
    const before = (await inventory(path)).packages;
    const operations = [{ package: 'demo-three', from: '1.1.0', to: null }];
    expect(await apply(path, operations)).toMatchObject({
      status: 'failed',
      detail: 'npm did not come to it: demo-three is 1.1.0, expected absent',
    });
    const verdict = await harness.driver.verify(packageStep('npm', path, operations));
    expect(verdict).toMatchObject({ ok: false });
    expect((await inventory(path)).packages).toEqual(before);
  });

  it('does not run lifecycle scripts', async () => {
    const path = await harness.createEnvironment();
    const operations = [{ package: 'demo-scripted', from: null, to: '1.0.0' }];
    expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });
  });

  it('puts node_modules back when a process died while it was being replaced', async () => {
    const path = await harness.createEnvironment();
    const before = (await inventory(path)).packages;
    const staging = join(path, '.holdfast-npm-dead');
    await mkdir(staging);
    await rename(join(path, 'node_modules'), join(staging, 'previous'));
    expect((await inventory(path)).coverage).toMatchObject({
      status: 'partial',
      reason: expect.stringContaining('an interrupted step left node_modules aside'),
    });
    const operations = [{ package: 'demo-one', from: '1.0.0', to: '1.0.0' }];
    expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });
    expect((await inventory(path)).packages).toEqual(before);
    expect(await readdir(path)).not.toContain('.holdfast-npm-dead');
  });

  it('does not let settings of the agent decide what is changed', async () => {
    const path = await harness.createEnvironment();
    const undo = setVariables({
      npm_config_global: 'true',
      npm_config_dry_run: 'true',
      NODE_ENV: 'production',
    });
    try {
      const operations = [{ package: 'demo-one', from: '1.0.0', to: '1.1.0' }];
      expect(await apply(path, operations)).toMatchObject({ status: 'succeeded' });
    } finally {
      undo();
    }
    expect((await inventory(path)).packages).toMatchObject({ 'demo-one': '1.1.0' });
  });

  it('is partial where a package cannot be read or npm ls breaks', async () => {
    const path = await harness.createEnvironment();
    await rm(join(path, 'node_modules/demo-one/package.json'));
    const found = await inventory(path);
    expect(found.coverage.status).toBe('partial');
    expect(found.coverage.reason).toContain('demo-one: it has no package.json');
    expect(found.packages).toEqual({ '@demo/two': '1.0.0' });
    await writeFile(join(path, 'package.json'), '{');
    expect((await inventory(path)).coverage.reason).toContain('npm ls');
  });

  it.each([
    'demo-one@file:../x',
    'demo-one@github:user/repo',
    'demo-one@https://host/x.tgz',
    'demo-one@../x',
  ])('refuses the requirement %s, which names a place', async (requirement) => {
    const environment = await harness.createEnvironment();
    const request = { environment, requirements: [requirement], options: [] };
    await expect(harness.driver.resolve(request)).rejects.toMatchObject({ code: 'invalid_input' });
  });

  it('refuses a node_modules that pnpm manages or that is kept elsewhere', async () => {
    const path = await harness.createEnvironment();
    await mkdir(join(path, 'node_modules/.pnpm'));
    expect(await harness.driver.probe(path)).toMatchObject({ isolated: false });
    await rm(join(path, 'node_modules'), { recursive: true });
    await symlink(join(harness.dir, 'empty'), join(path, 'node_modules'));
    expect(await harness.driver.probe(path)).toMatchObject({ isolated: false });
  });

  it('reads global packages with their coverage', async () => {
    const found = await harness.driver.inventory('system');
    expect(found).toMatchObject({ environment: 'system', manager: 'npm' });
    expect(found.coverage.scanned).toHaveLength(1);
    expect(found.packages).toHaveProperty('npm');
  });
});
