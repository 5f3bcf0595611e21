import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { StoreOptions } from '../store.ts';

/** Bundles the appending program, since Node 20 runs no TypeScript, and returns its path. */
export async function buildCrashProgram(): Promise<string> {
  const folder = fileURLToPath(
    new URL('../../../../node_modules/.cache/holdfast', import.meta.url),
  );
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `crash-child-${process.pid}.mjs`);
  await build({
    entryPoints: [fileURLToPath(new URL('./crash-child.ts', import.meta.url))],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: ['libsql', 'pg'],
  });
  return outfile;
}

/**
 * Runs the program until it has acknowledged `count` writes, kills it with `kill -9`, and returns
 * all that it said.
 */
export async function runUntilKilled(
  program: string,
  options: StoreOptions,
  round: number,
  count: number,
  whileAlive: () => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  const child = spawn(process.execPath, [program, JSON.stringify({ ...options, round })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  const exited = new Promise<NodeJS.Signals | null>((resolve) => {
    child.once('close', (_code, signal) => resolve(signal));
  });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length !== count) continue;
    await whileAlive().finally(() => child.kill('SIGKILL'));
  }
  if ((await exited) !== 'SIGKILL') throw new Error(`the appending program failed: ${complaint}`);
  return acknowledged;
}
