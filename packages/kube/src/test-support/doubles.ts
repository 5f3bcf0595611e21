import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startApiDouble } from './api-double.mjs';
import type { ApiDouble } from './api-double.mjs';
import type { Answer, World } from './world.mjs';
import type { Cluster } from '../cluster.ts';
import { openCluster } from '../open-cluster.ts';
import type { OpenClusterOptions } from '../open-cluster.ts';

export { startApiDouble } from './api-double.mjs';
export type { ApiDouble } from './api-double.mjs';
export { trainerWorld } from './world.mjs';
export type { DoubleObject, World } from './world.mjs';

export const KUBECTL_DOUBLE = fileURLToPath(
  new URL('../../../../tests/fixtures/mk/kubectl-double.mjs', import.meta.url),
);

export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast kube '));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

export interface KubectlDouble {
  readonly env: Record<string, string | undefined>;
  readonly cluster: Cluster;
  /** The argument lists of all calls so far, sorted by their time. */
  calls(): string[][];
  world(): World;
}

/** A cluster behind the kubectl double, which is started for each call. */
export const kubectlDouble = (
  world: Partial<World> & { answers?: Answer[] },
  options: OpenClusterOptions & { command?: string } = {},
): KubectlDouble => {
  const folder = scratchFolder();
  const [file, calls] = [join(folder, 'world.json'), join(folder, 'calls.jsonl')];
  writeFileSync(file, JSON.stringify(world));
  writeFileSync(calls, '');
  const env = {
    PATH: process.env.PATH,
    KUBECTL: options.command ?? KUBECTL_DOUBLE,
    KUBECTL_DOUBLE_WORLD: file,
    KUBECTL_DOUBLE_CALLS: calls,
  };
  return {
    env,
    cluster: openCluster(env, options),
    calls: () =>
      readFileSync(calls, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as string[]),
    world: () => JSON.parse(readFileSync(file, 'utf8')) as World,
  };
};

export interface ApiWorld {
  readonly double: ApiDouble;
  /** Its only content is a kubeconfig. */
  readonly folder: string;
  readonly env: Record<string, string | undefined>;
  readonly cluster: Cluster;
}

/** A cluster behind a server that speaks the API, found through a kubeconfig. */
export const apiDouble = async (
  world: World,
  options: OpenClusterOptions & Omit<Parameters<typeof startApiDouble>[0], 'world'> = {},
): Promise<ApiWorld> => {
  const double = await startApiDouble({ world, ...options });
  onTestFinished(() => double.close());
  const folder = scratchFolder();
  const file = join(folder, 'config');
  writeFileSync(file, double.kubeConfig);
  const env = { KUBECONFIG: file, PATH: process.env.PATH, HOME: folder };
  return { double, folder, env, cluster: openCluster(env, options) };
};

export const collect = async (lines: AsyncIterable<string>): Promise<string[]> => {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
};
