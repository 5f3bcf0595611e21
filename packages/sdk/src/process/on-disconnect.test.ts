import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** Says `here`, waits until it is told when to listen, and says what it then hears of its channel. */
const CHILD = `
import { onDisconnect } from ${JSON.stringify(join(import.meta.dirname, 'on-disconnect.ts'))};
const late = process.argv[2] === 'late';
process.stdout.write('here ');
while (late && process.connected) await new Promise((resolve) => setImmediate(resolve));
onDisconnect(() => process.stdout.write('lost '));
process.stdin.resume().once('end', () => process.exit(0));
if (process.connected) process.send('listening');
`;

let folder = '';
let program = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-disconnect-'));
  program = join(folder, 'child.mjs');
  const stdin = { contents: CHILD, resolveDir: import.meta.dirname, loader: 'ts' as const };
  await build({ stdin, outfile: program, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Resolves once the child has said these words. */
const said = (child: ChildProcess, words: string): Promise<void> =>
  new Promise((resolve) => {
    let text = '';
    child.stdout!.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text === words) resolve();
    });
  });

const end = async (child: ChildProcess): Promise<number | null> => {
  const ended = once(child, 'exit');
  child.stdin!.end();
  return ((await ended) as [number | null])[0];
};

const stdio = ['pipe', 'pipe', 'inherit', 'ipc'] as const;

it('is told of a channel that ends while it listens', async () => {
  const child = fork(program, ['early'], { stdio: [...stdio] });
  const heard = said(child, 'here lost ');
  await once(child, 'message');
  child.disconnect();
  await heard;
  expect(await end(child)).toBe(0);
});

it('is told of a channel that ended before it listened', async () => {
  const child = fork(program, ['late'], { stdio: [...stdio] });
  const heard = said(child, 'here lost ');
  child.disconnect();
  await heard;
  expect(await end(child)).toBe(0);
});

it('is told of nothing where there never was a channel', async () => {
  const child = spawn(process.execPath, [program, 'early'], { stdio: ['pipe', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
  expect(await end(child)).toBe(0);
  expect(text).toBe('here ');
});
