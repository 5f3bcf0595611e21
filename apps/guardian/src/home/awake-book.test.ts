import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openAwakeBook } from './awake-book.ts';
import { readIfPresent } from './private-file.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'holdfast-awake-'));
  mkdirSync(join(home, 'guardian'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const silent = { info() {}, warn() {}, error() {} };
const open = () => openAwakeBook(home, silent);
const written = async (wanted: string[]): Promise<void> => {
  const path = join(home, 'guardian', 'awake.json');
  while ((await readIfPresent(path)) !== `${JSON.stringify(wanted)}\n`)
    await new Promise(setImmediate);
};

describe('the book of who is awake', () => {
  it('remembers over a stop who ran, and forgets who fell asleep', async () => {
    const book = await open();
    expect(book.wasAwake('mode_keeper')).toBe(false);
    book.note('librarian_kernel', 'healthy');
    book.note('librarian_kernel', 'idle');
    // Written last, so that nothing is on its way once it can be read.
    book.note('mode_keeper', 'starting');
    book.note('mode_keeper', 'healthy');
    for (const status of ['stopping', 'stopped'] as const) book.note('mode_keeper', status);
    await written(['mode_keeper']);
    const next = await open();
    expect([next.wasAwake('mode_keeper'), next.wasAwake('librarian_kernel')]).toEqual([
      true,
      false,
    ]);
    next.note('mode_keeper', 'not_started');
    next.note('mode_keeper', 'idle');
    await written([]);
  });

  it('is empty where its file is none of its own', async () => {
    writeFileSync(join(home, 'guardian', 'awake.json'), '{"mode_keeper":');
    expect((await open()).wasAwake('mode_keeper')).toBe(false);
    writeFileSync(join(home, 'guardian', 'awake.json'), '[1,"mode_keeper"]');
    expect((await open()).wasAwake('mode_keeper')).toBe(true);
  });

  it('goes on where it cannot be written', async () => {
    const told: string[] = [];
    const book = await openAwakeBook(home, { ...silent, warn: (text) => void told.push(text) });
    rmSync(home, { recursive: true });
    book.note('mode_keeper', 'healthy');
    while (told.length === 0) await new Promise(setImmediate);
    expect(told).toEqual(['could not record which processes are awake']);
  });
});
