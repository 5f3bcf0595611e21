import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createVenv } from '@holdfast/testkit/fixtures';
import { createWheelHouse, startNpmRegistry, type NpmRegistry } from '@holdfast/testkit/fixtures';
import { runProgram, type Finished } from './run-program.ts';

/** A venv and a node project with real packages in them, from a wheel folder and a registry of this test alone. */
export interface DemoEnvironment {
  readonly root: string;
  /** Folder with requirements.txt and package.json: what the user declares. */
  readonly manifests: string;
  readonly venv: string;
  readonly project: string;
  /** Settings of pip and npm that lead to the local packages; nothing leaves the machine. */
  readonly env: Readonly<Record<string, string>>;
  readonly registry: NpmRegistry;
  pip(...args: string[]): Promise<Finished>;
  npm(...args: string[]): Promise<Finished>;
  /** Installed version by pip, undefined when there is none. */
  pipVersion(name: string): Promise<string | undefined>;
  /** Ends the registry; again is no harm. */
  close(): Promise<void>;
}

export const PYTHON_PACKAGES = ['1.0.0', '1.1.0', '2.0.0'].flatMap((version) => [
  { name: 'holdfast-demo-a', version },
  { name: 'holdfast-demo-b', version },
]);
export const NODE_PACKAGES = ['1.0.0', '1.1.0', '2.0.0'].flatMap((version) => [
  { name: 'holdfast-demo-x', version },
  { name: 'holdfast-demo-y', version },
]);

const write = (path: string, value: unknown): void =>
  writeFileSync(path, typeof value === 'string' ? value : `${JSON.stringify(value, null, 2)}\n`);

export const createDemoEnvironment = async (root: string): Promise<DemoEnvironment> => {
  const manifests = join(root, 'manifests');
  const project = join(root, 'project');
  const venv = join(root, 'venv');
  for (const dir of [manifests, project]) mkdirSync(dir, { recursive: true });
  const house = await createWheelHouse(join(root, 'wheels'), PYTHON_PACKAGES);
  const registry = await startNpmRegistry(NODE_PACKAGES);
  await createVenv(venv);
  const dependencies = { 'holdfast-demo-x': '^1.0.0', 'holdfast-demo-y': '1.1.0' };
  write(join(manifests, 'requirements.txt'), 'holdfast-demo-a==1.1.0\nHoldfast_Demo.B>=1.0,<2\n');
  write(join(manifests, 'package.json'), { name: 'demo', version: '1.0.0', dependencies });
  write(join(project, 'package.json'), {
    name: 'demo',
    version: '1.0.0',
    private: true,
    dependencies,
  });
  const env = {
    ...house.env,
    npm_config_registry: registry.url,
    npm_config_cache: join(root, 'npm-cache'),
  };
  const merged = { ...process.env, ...env };
  const pip = (...args: string[]): Promise<Finished> =>
    runProgram(join(venv, 'bin', 'python'), ['-m', 'pip', ...args], { env: merged });
  const npm = (...args: string[]): Promise<Finished> =>
    runProgram('npm', args, { cwd: project, env: merged });
  const ready = await pip('install', '--quiet', 'holdfast-demo-a==1.1.0', 'holdfast-demo-b==1.1.0');
  if (ready.code !== 0) throw new Error(`preparing the venv failed: ${ready.stderr}`);
  const installed = await npm('install', '--no-audit', '--no-fund');
  if (installed.code !== 0)
    throw new Error(`preparing the node project failed: ${installed.stderr}`);
  let closing: Promise<void> | undefined;
  return {
    root,
    manifests,
    venv,
    project,
    env,
    registry,
    pip,
    npm,
    async pipVersion(name) {
      const shown = await pip('list', '--format=json');
      return shown.json<{ name: string; version: string }[]>().find((item) => item.name === name)
        ?.version;
    },
    close: () => (closing ??= registry.close()),
  };
};
