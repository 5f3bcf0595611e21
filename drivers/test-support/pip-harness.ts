import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createVenv, createWheelHouse, setVariables, startStalledServer } from '@holdfast/testkit';
import type { DriverHarness } from '@holdfast/testkit';
import { cloneTree } from '../packages/npm/clone-tree.ts';
import { createPipDriver } from '../packages/pip/pip-driver.ts';

const execFileAsync = promisify(execFile);

export const DEMO_VERSIONS = ['1.0.0', '1.1.0', '2.0.0'];
const [ONE, TWO, THREE] = ['holdfast-demo-a', 'holdfast-demo-b', 'holdfast-demo-c'] as const;

/** What a new virtual environment comes with: pip is shared by links, because copying it takes longest. */
const BUNDLED = /site-packages\/(?:pip|setuptools|pkg_resources|_distutils_hack|distutils-)/;

export interface PipHarness extends DriverHarness {
  readonly dir: string;
}

/** Runs the pip of an environment as a person would. */
export const pip = async (environment: string, ...args: string[]): Promise<void> => {
  await execFileAsync(join(environment, 'bin/python'), ['-m', 'pip', '-q', ...args]);
};

/** The version that the interpreter gets when it imports a demo package. */
export const importedVersion = async (environment: string, name: string): Promise<string> => {
  const program = `import ${name.replaceAll('-', '_')} as demo; print(demo.VERSION)`;
  const { stdout } = await execFileAsync(join(environment, 'bin/python'), ['-c', program]);
  return stdout.trim();
};

const wheels = DEMO_VERSIONS.flatMap((version) => [
  { name: ONE, version },
  { name: 'Holdfast_Demo.B', version, extras: { speed: [`${THREE}>=1.1`] } },
  { name: THREE, version },
  { name: 'holdfast-demo-needs', version, requires: [`${THREE}<2`] },
]);

/** Real pip and real virtual environments, with wheels made on the spot and no network. */
export const openPipHarness = async (): Promise<PipHarness> => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-pip-test-'));
  const house = await createWheelHouse(join(dir, 'wheels'), wheels);
  const restore = setVariables({ ...house.env, PIP_INDEX_URL: undefined });
  const template = await createVenv(join(dir, 'template'));
  await pip(template, 'install', `${ONE}==1.0.0`, `${TWO}==1.0.0`);
  const [version = ''] = await readdir(join(template, 'lib'));
  const sitePath = join('lib', version, 'site-packages');
  const site = join(template, sitePath);
  const bundled = (await readdir(site)).filter((name) => /^pip\b/.test(name));
  let count = 0;

  const plain = join(dir, 'plain');
  await mkdir(join(plain, 'bin'), { recursive: true });
  await symlink('/usr/bin/env', join(plain, 'bin/python'));
  const pretender = join(dir, 'pretender');
  await mkdir(join(pretender, 'bin'), { recursive: true });
  await writeFile(join(pretender, 'pyvenv.cfg'), 'home = /usr/bin\n');
  await symlink(join(template, 'bin/python'), join(pretender, 'bin/python3'));
  await writeFile(join(pretender, 'bin/python'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });

  const withIndex = async (url: string): Promise<() => void> =>
    setVariables({ PIP_NO_INDEX: undefined, PIP_FIND_LINKS: undefined, PIP_INDEX_URL: url });

  return {
    dir,
    driver: createPipDriver(),
    packages: { one: ONE, two: TWO, three: THREE },
    notIsolated: ['/usr', '/', plain, pretender, house.dir],
    spawns: true,
    requirement: (name, exactly) => `${name}==${exactly}`,
    async createEnvironment() {
      count += 1;
      const path = join(dir, `venv-${count}`);
      await cloneTree(template, path, (name) => !BUNDLED.test(name));
      for (const name of bundled) await symlink(join(site, name), join(path, sitePath, name));
      return path;
    },
    async stall() {
      const server = await startStalledServer();
      const undo = await withIndex(`http://127.0.0.1:${server.port}/simple`);
      return async () => {
        undo();
        await server.close();
      };
    },
    async failWithSecret(secret) {
      const undo = setVariables({
        PIP_NO_INDEX: undefined,
        PIP_RETRIES: '0',
        PIP_FIND_LINKS: `https://user:${secret}@127.0.0.1:1/links`,
        PIP_INDEX_URL: `https://user:${secret}@127.0.0.1:1/simple?token=${secret}`,
      });
      return async () => undo();
    },
    async close() {
      restore();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
