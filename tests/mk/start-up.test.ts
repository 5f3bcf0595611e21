import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../harness/run-program.ts';

const PROGRAM = new URL('../../dist/mk.js', import.meta.url).href;
const LOADED = 'loaded: ';

/** The modules of Node.js that a command reads. */
const readBy = async (args: readonly string[]): Promise<string[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'mk-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = `
    process.argv.splice(1, 0, 'mk');
    process.on('exit', () => console.log(${JSON.stringify(LOADED)} + process.moduleLoadList.join()));
    await import(${JSON.stringify(PROGRAM)});`;
  const { code, stdout } = await runProgram(
    process.execPath,
    ['--input-type=module', '--eval', script, '--', ...args],
    { cwd: folder, env: { PATH: process.env['PATH'] } },
  );
  expect(code).toBe(0);
  const list = stdout.split('\n').find((line) => line.startsWith(LOADED)) ?? '';
  return list
    .slice(LOADED.length)
    .split(',')
    .filter((name) => name.startsWith('NativeModule '))
    .map((name) => name.slice('NativeModule '.length));
};

it('reads nothing that talks to a cluster for a dry run', async () => {
  const read = await readBy(['closed-loop', 'run', '--dry-run', '--out', 'o']);
  expect(read).toContain('crypto');
  for (const name of ['http', 'https', 'tls']) expect(read).not.toContain(name);
});

it('reads hardly anything to say its version', async () => {
  const read = await readBy(['--version']);
  for (const name of ['crypto', 'fs/promises', 'https', 'child_process'])
    expect(read).not.toContain(name);
});
