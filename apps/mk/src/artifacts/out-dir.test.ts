import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lazyList } from './lazy-list.ts';
import { openOutDir } from './out-dir.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5) + 6.789;

describe('a folder of artifacts', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mk-out-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const open = (name = 'a/b') => openOutDir(join(folder, name), () => NOW);

  it('is made with its parents', () => {
    open('a/b/c');
    expect(statSync(join(folder, 'a/b/c')).isDirectory()).toBe(true);
  });

  it('numbers the reports of one second, and copies the last one to latest', () => {
    const out = open();
    for (const n of [1, 2, 3]) out.report('x', { n });
    expect(readdirSync(out.path).toSorted()).toEqual([
      'x_20260102_030405.json',
      'x_20260102_030405_1.json',
      'x_20260102_030405_2.json',
      'x_latest.json',
    ]);
    expect(readFileSync(out.pathOf('x_latest.json'), 'utf8')).toBe('{\n  "n": 3\n}\n');
    expect(readFileSync(out.pathOf('x_20260102_030405.json'), 'utf8')).toBe('{\n  "n": 1\n}\n');
  });

  it('sorts the keys of a report at every depth, and leaves lists as they are', () => {
    const out = open();
    out.json('x.json', { b: [2, 1, { d: 1, c: 2 }], a: { z: 1, y: null } });
    expect(readFileSync(out.pathOf('x.json'), 'utf8').replaceAll(/\s/g, '')).toBe(
      '{"a":{"y":null,"z":1},"b":[2,1,{"c":2,"d":1}]}',
    );
  });

  it('writes a list that is made while it is written as it writes one that is held', () => {
    const out = open();
    for (const items of [[], [{ b: 1, a: [{}, 'x\n'] }, null, 7]]) {
      out.report('held', { z: { y: 1 }, list: items, none: undefined, a: 'b' });
      out.report('lazy', { z: { y: 1 }, list: lazyList(() => items), none: undefined, a: 'b' });
      const text = (name: string): string => readFileSync(out.pathOf(name), 'utf8');
      expect(text('lazy_latest.json')).toBe(text('held_latest.json'));
    }
  });

  it('appends to the explain log, with microseconds', () => {
    open().explain('one', { a: 1 });
    open().explain('two', {});
    const lines = readFileSync(join(folder, 'a/b/explain.jsonl'), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { ts: '2026-01-02T03:04:05.006789+00:00', event: 'one', payload: { a: 1 } },
      { ts: '2026-01-02T03:04:05.006789+00:00', event: 'two', payload: {} },
    ]);
  });

  it('leaves no draft behind, and scripts that can be run', () => {
    const out = open();
    out.script('run.sh', 'true\n');
    expect(readdirSync(out.path)).toEqual(['run.sh']);
    expect(statSync(out.pathOf('run.sh')).mode & 0o777).toBe(0o755);
  });

  it('removes what it wrote, and a folder only if it made it and it is empty', () => {
    const own = open('own');
    own.report('x', {});
    own.remove();
    expect(existsSync(own.path)).toBe(false);
    const shared = open('shared');
    writeFileSync(shared.pathOf('mine.txt'), '');
    shared.report('x', {});
    shared.remove();
    expect(readdirSync(shared.path)).toEqual(['mine.txt']);
    const found = open('shared');
    rmSync(found.pathOf('mine.txt'));
    found.explain('x', {});
    found.remove();
    expect(existsSync(found.path)).toBe(true);
  });

  it('cannot be a file, nor lie below one, nor where no folder can be made', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => open('file')).toThrow('EEXIST');
    expect(() => open('file/below')).toThrow('ENOTDIR');
    expect(() => openOutDir('/proc/nowhere/below', () => NOW)).toThrow();
  });
});
