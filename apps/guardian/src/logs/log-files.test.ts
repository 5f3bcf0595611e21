import { writeSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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

describe('what is older than a time', () => {
  const LIMIT = Date.parse('2026-06-01T00:00:00.000Z');
  const OLD = '2026-05-01T00:00:00.000Z';
  const NEW = '2026-07-01T00:00:00.000Z';
  const line = (time: string | number): string => `${JSON.stringify({ level: 30, time })}\n`;

  /** A file whose last line was written at a time. */
  const written = async (name: string, text: string, at: string): Promise<void> => {
    await writeFile(join(folder, name), text);
    await utimes(join(folder, name), new Date(at), new Date(at));
  };
  const textOf = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');

  it('goes: what nobody writes any more as a file, what is written as lines, and nothing else', async () => {
    await written('gateway-2.log', line(OLD), OLD);
    await written('bus.log.1', line(OLD), OLD);
    await written('bus.log.2', line(OLD), NEW);
    await written('bus.log', line(OLD), OLD);
    await written('guardian.out', 'started', OLD);
    await written('ledger.sqlite', 'kept', OLD);
    createLogFiles(folder).expire(['bus', 'not-there'], LIMIT);
    expect((await readdir(folder)).toSorted()).toEqual([
      'bus.log',
      'bus.log.2',
      'guardian.out',
      'ledger.sqlite',
    ]);
    for (const name of ['bus.log', 'guardian.out']) expect(await textOf(name)).toBe('');
  });

  it.each([
    ['of a process', OLD],
    ['of the guardian', Date.parse(OLD)],
  ])('is turned over where younger lines %s follow, and goes with them later', async (_, time) => {
    const logs = createLogFiles(folder);
    await written('bus.log', line(time) + line(NEW), NEW);
    await written('quiet.log', line(NEW), NEW);
    await written('plain.log', 'words without a time', NEW);
    logs.expire(['bus', 'quiet', 'plain'], LIMIT);
    expect((await readdir(folder)).toSorted()).toEqual([
      'bus.log',
      'bus.log.1',
      'plain.log',
      'quiet.log',
    ]);
    expect([await textOf('bus.log'), await textOf('bus.log.1')]).toEqual([
      '',
      line(time) + line(NEW),
    ]);
    logs.expire(['bus'], Date.now() + 60_000);
    expect((await readdir(folder)).toSorted()).toEqual(['bus.log']);
  });

  it('is nothing where there is no folder yet', async () => {
    createLogFiles(join(folder, 'nowhere')).expire(['bus'], LIMIT);
    expect(await readdir(folder)).toEqual([]);
  });
});
