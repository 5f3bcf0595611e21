import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  trainerWorld,
  type Answer,
  type World,
} from '../../../packages/kube/src/test-support/world.mjs';
import { runProgram, type Finished } from '../../harness/run-program.ts';

const program = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const MK = program('../../../bin/mk');
const KUBECTL = program('../../fixtures/mk/kubectl-double.mjs');

export type Json = Record<string, unknown>;

/** A folder of its own, in which `mk` runs beside a kubectl that answers from a world. */
export interface MkWorld {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs `mk` in the folder; `env` is added to the environment of the world. */
  mk(args: string, env?: NodeJS.ProcessEnv): Promise<Finished>;
  path(name: string): string;
  read(name: string): Json;
  /** The lines of a JSONL file. */
  lines(name: string): Json[];
  text(name: string): string;
  write(name: string, value: unknown): void;
  files(name: string): string[];
  /** The world that the kubectl double answers from. */
  world(): World;
  change(edit: (world: World & { answers?: Answer[] }) => void): void;
  /** Every call of the kubectl double so far. */
  calls(): string[][];
  remove(): void;
}

const DRIFTED = {
  'modekeeper/knob.grad_accum_steps': '4',
  'modekeeper/knob.microbatch_size': '64',
};

/** A world with a trainer whose batch is cut in an unwanted way; the product is that of the targets. */
export const createMkWorld = (annotations: Record<string, string> = DRIFTED): MkWorld => {
  const folder = mkdtempSync(join(tmpdir(), 'mk-'));
  const path = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(path(name), 'utf8');
  const read = (name: string): Json => JSON.parse(text(name)) as Json;
  const write = (name: string, value: unknown): void =>
    writeFileSync(path(name), typeof value === 'string' ? value : JSON.stringify(value));
  write('world.json', trainerWorld({ annotations }));
  write('calls.jsonl', '');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    KUBECTL,
    KUBECTL_DOUBLE_WORLD: path('world.json'),
    KUBECTL_DOUBLE_CALLS: path('calls.jsonl'),
  };
  const lines = (name: string): Json[] =>
    text(name)
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Json);
  return {
    folder,
    env,
    mk: (args, more = {}) =>
      runProgram(MK, args.split(' '), { cwd: folder, env: { ...env, ...more } }),
    path,
    read,
    lines,
    text,
    write,
    files: (name) => readdirSync(path(name)).toSorted(),
    world: () => read('world.json') as unknown as World,
    change(edit) {
      const world = read('world.json') as unknown as World & { answers?: Answer[] };
      edit(world);
      write('world.json', world);
    },
    calls: () => lines('calls.jsonl') as unknown as string[][],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** Mints a licence for development, and gives the environment that believes it. */
export const withLicence = async (world: MkWorld): Promise<NodeJS.ProcessEnv> => {
  await world.mk('license mint-dev');
  return {
    MODEKEEPER_LICENSE_PATH: './license_dev.json',
    MODEKEEPER_LICENSE_PUBLIC_KEYS_PATH: './license_dev_public_keys.json',
  };
};

/** The events of an explain log, in order. */
export const eventsOf = (world: MkWorld, folder: string): string[] =>
  world.lines(`${folder}/explain.jsonl`).map(({ event }) => String(event));

/** The annotations of the trainer's pod template in the world. */
export const templateKnobs = (world: MkWorld): Record<string, string> => {
  const trainer = world.world().objects.find(({ kind }) => kind === 'Deployment');
  const template = trainer?.spec?.['template'] as { metadata: { annotations: object } };
  return template.metadata.annotations as Record<string, string>;
};
