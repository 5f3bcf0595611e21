import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { setVariables, startNpmRegistry, startStalledServer } from '@holdfast/testkit';
import type { DriverHarness, NpmRegistry } from '@holdfast/testkit';
import { cloneTree } from '../packages/npm/clone-tree.ts';
import { createNpmDriver } from '../packages/npm/npm-driver.ts';

const execFileAsync = promisify(execFile);

export const DEMO_VERSIONS = ['1.0.0', '1.1.0', '2.0.0'];
const [ONE, TWO, THREE] = ['demo-one', '@demo/two', 'demo-three'] as const;

export interface NpmHarness extends DriverHarness {
  readonly dir: string;
  readonly registry: NpmRegistry;
  /** A project with this package.json and what `npm install` makes of it. */
  createProject(manifest: Readonly<Record<string, unknown>>): Promise<string>;
}

/** Runs npm in a project as a person would. */
export const npm = async (project: string, ...args: string[]): Promise<string> => {
  const { stdout } = await execFileAsync('npm', args, { cwd: project });
  return stdout;
};

/** Texts of both manifests of a project. */
export const manifestsOf = (project: string): Promise<string[]> =>
  Promise.all(
    ['package.json', 'package-lock.json'].map((name) => readFile(join(project, name), 'utf8')),
  );

/** Why npm cannot be used here, for the title of a skipped test. */
export const missingNpm = (): string | undefined => {
  try {
    execFileSync('npm', ['--version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'npm is not on this machine';
  }
};

const packages = DEMO_VERSIONS.flatMap((version) => [
  { name: ONE, version },
  { name: TWO, version },
  { name: THREE, version },
  { name: 'demo-needs', version, dependencies: { [THREE]: `^${version}` } },
  { name: 'demo-scripted', version, scripts: { install: 'node -e "process.exit(3)"' } },
]);

/** Real npm in real projects, with a registry on the loopback interface. */
export const openNpmHarness = async (): Promise<NpmHarness> => {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-npm-test-'));
  const registry = await startNpmRegistry(packages);
  const restore = setVariables({
    ...registry.env(join(dir, 'cache')),
    npm_config_userconfig: join(dir, 'npmrc'),
  });
  let count = 0;
  const newFolder = (): string => {
    count += 1;
    return join(dir, `project-${count}`);
  };
  const createProject = async (manifest: Readonly<Record<string, unknown>>): Promise<string> => {
    const path = newFolder();
    await mkdir(path);
    await writeFile(join(path, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
    await npm(path, 'install', '--no-audit', '--no-fund', '--ignore-scripts');
    return path;
  };
  const template = await createProject({ dependencies: { [ONE]: '1.0.0', [TWO]: '1.0.0' } });
  const globalModules = (await npm(dir, 'root', '--global')).trim();
  const empty = join(dir, 'empty');
  await mkdir(empty);

  return {
    dir,
    registry,
    driver: createNpmDriver(),
    packages: { one: ONE, two: TWO, three: THREE },
    notIsolated: [
      '/',
      homedir(),
      empty,
      dirname(globalModules),
      join(template, 'node_modules', ONE),
    ],
    spawns: true,
    requirement: (name, exactly) => `${name}@${exactly}`,
    createProject,
    async createEnvironment() {
      const path = newFolder();
      await cloneTree(template, path, () => true);
      return path;
    },
    async stall() {
      const server = await startStalledServer();
      const undo = setVariables({
        npm_config_registry: `http://127.0.0.1:${server.port}/`,
        npm_config_cache: join(dir, 'empty-cache'),
      });
      return async () => {
        undo();
        await server.close();
      };
    },
    async failWithSecret(secret) {
      const undo = setVariables({
        npm_config_registry: `http://user:${secret}@127.0.0.1:1/`,
        npm_config_cache: join(dir, 'empty-cache'),
        npm_config_fetch_retries: '0',
      });
      return async () => undo();
    },
    async close() {
      restore();
      await registry.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};
