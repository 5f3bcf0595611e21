import { writeSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createLogFiles } from './log-files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-logs-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

it('turns a file over when it is too large, keeps three, and goes on in the same file', async () => {
  const logs = createLogFiles(folder, 10);
  logs.withFile('bus', (fd) => {
    for (const round of [1, 2, 3, 4, 5]) {
      writeSync(fd, `this is round ${round}\n`);
      logs.rotate(['bus', 'not-there']);
    }
    writeSync(fd, 'short\n');
    logs.rotate(['bus']);
  });
  expect((await readdir(folder)).sort()).toEqual([
    'bus.log',
    'bus.log.1',
    'bus.log.2',
    'bus.log.3',
  ]);
  expect(await readFile(join(folder, 'bus.log'), 'utf8')).toBe('short\n');
  expect(await readFile(join(folder, 'bus.log.1'), 'utf8')).toBe('this is round 5\n');
  expect(await readFile(join(folder, 'bus.log.3'), 'utf8')).toBe('this is round 3\n');
  expect((await stat(join(folder, 'bus.log'))).mode & 0o777).toBe(0o600);
});
