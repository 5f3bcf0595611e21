import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../..', import.meta.url));
const isLinux = process.platform === 'linux';

/** A program of the same build as the spare: says who it is when it got its `init`. */
const PROGRAM = `
import { writeSync } from 'node:fs';
import { openChildChannel } from '@holdfast/sdk';
const { init } = await openChildChannel();
writeSync(1, 'to standard output\\n');
console.error('to standard error');
process.send({ name: init.name, title: process.title, argv: process.argv[1] });
`;

let dist: string;
const children: ChildProcess[] = [];
beforeAll(async () => {
  // Within the repository, so that the native driver is found.
  const cache = join(root, 'node_modules', '.cache', 'holdfast');
  mkdirSync(cache, { recursive: true });
  dist = mkdtempSync(join(cache, 'spare-'));
  writeFileSync(join(dist, 'program.ts'), PROGRAM);
  await build({
    entryPoints: {
      spare: join(root, 'packages/sdk/src/kernel/spare-main.ts'),
      program: join(dist, 'program.ts'),
    },
    outdir: dist,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    external: ['libsql', 'pg-native'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
    logLevel: 'error',
  });
  writeFileSync(join(dist, 'package.json'), '{ "type": "module" }');
}, 30_000);
afterAll(() => rmSync(dist, { recursive: true, force: true }));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A spare that has answered once: it listens. */
const startSpare = async (): Promise<ChildProcess> => {
  writeFileSync(join(dist, 'build.json'), '{"id":"one"}');
  const spare = fork(join(dist, 'spare.js'), {
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  children.push(spare);
  spare.send({ type: 'ping', id: 1 });
  await once(spare, 'message');
  return spare;
};

const orders = (log: string) => ({ type: 'become', entry: join(dist, 'program.js'), log });
const init = { type: 'init', name: 'governance', ports: {} };

test('becomes the program that it is told to be, which gets the init and writes to its own log', async () => {
  const spare = await startSpare();
  const log = join(dist, 'governance.log');
  writeFileSync(log, 'an earlier line\n');
  spare.send(orders(log));
  spare.send(init);
  const [said] = (await once(spare, 'message')) as [{ name: string; title: string }];
  expect(said.name).toBe('governance');
  expect(said.title).toMatch(/^governance /);
  expect(readFileSync(log, 'utf8')).toBe(
    'an earlier line\nto standard output\nto standard error\n',
  );
});

test.runIf(isLinux)(
  'has no other output than that log afterwards (Linux only: needs /proc)',
  async () => {
    const spare = await startSpare();
    const log = join(dist, 'workflow.log');
    spare.send(orders(log));
    spare.send(init);
    await once(spare, 'message');
    const [out, error] = [1, 2].map((fd) => readlinkSync(`/proc/${spare.pid}/fd/${fd}`));
    expect([out, error]).toEqual([log, log]);
  },
);

test('leaves at once when its guardian is gone before it became anything', async () => {
  const spare = await startSpare();
  const ended = once(spare, 'exit');
  spare.disconnect();
  expect(await ended).toEqual([0, null]);
});

test('leaves, and says why, when another build took the place of its own', async () => {
  const spare = await startSpare();
  const log = join(dist, 'stale.log');
  writeFileSync(join(dist, 'build.json'), '{"id":"two"}');
  const ended = once(spare, 'exit');
  spare.send(orders(log));
  expect(await ended).toEqual([1, null]);
  expect(readFileSync(log, 'utf8')).toContain('another build has taken the place of this one');
});

test('leaves, and says why, when the program cannot be loaded', async () => {
  const spare = await startSpare();
  const log = join(dist, 'absent.log');
  const ended = once(spare, 'exit');
  spare.send({ ...orders(log), entry: join(dist, 'absent.js') });
  expect(await ended).toEqual([1, null]);
  expect(readFileSync(log, 'utf8')).toContain('ERR_MODULE_NOT_FOUND');
});
