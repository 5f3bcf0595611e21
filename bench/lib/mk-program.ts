import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './report.ts';

/** A program with the same command line as `mk`: ours, or a checkout of the reference. */
export interface Program {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

export const OURS: Program = {
  name: 'mk',
  command: [process.execPath, join(root, 'bin', 'mk')],
  env: process.env,
};

/**
 * The reference, where MK_REFERENCE names a checkout of it whose dependencies python3 finds: by the interpreter itself and
 * not by what chooses one, and with its bytecode kept, as it would be installed.
 */
export const reference = (): Program | undefined => {
  const checkout = process.env['MK_REFERENCE'];
  if (checkout === undefined) return undefined;
  const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
  const asked = spawnSync('python3', ['-c', 'import sys; print(sys.executable)'], {
    encoding: 'utf8',
  });
  return {
    name: 'reference',
    command: [asked.stdout.trim() || 'python3', '-m', 'modekeeper.cli'],
    env: { ...env, PYTHONPATH: join(checkout, 'src') },
  };
};

/** One run: seconds of wall clock, peak memory in MiB as last seen while it ran, its exit status. */
export interface Ran {
  readonly seconds: number;
  readonly peakMb: number;
  readonly code: number | null;
}

const LOOK_MS = 5;

const peakOf = (pid: number): number => {
  try {
    const line = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(line?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
};

export const runOnce = ({ command, env }: Program, args: readonly string[]): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const [file, ...first] = command;
    const began = performance.now();
    const child = spawn(file!, [...first, ...args], { env, stdio: 'ignore' });
    let peakMb = 0;
    const looking = setInterval(() => (peakMb = Math.max(peakMb, peakOf(child.pid!))), LOOK_MS);
    child.once('error', reject);
    child.once('exit', (code) => {
      clearInterval(looking);
      resolve({ seconds: (performance.now() - began) / 1000, peakMb, code });
    });
  });

/** The median of some runs, after one that does not count. */
export const runOften = async (
  program: Program,
  args: () => readonly string[],
  times: number,
): Promise<Ran> => {
  await runOnce(program, args());
  const all: Ran[] = [];
  for (let n = 0; n < times; n += 1) all.push(await runOnce(program, args()));
  return {
    seconds: median(all.map(({ seconds }) => seconds)),
    peakMb: Math.max(...all.map(({ peakMb }) => peakMb)),
    code: all.at(-1)!.code,
  };
};
