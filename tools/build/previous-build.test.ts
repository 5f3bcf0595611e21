import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
// @ts-expect-error a build script without types
import { keepChunks, readBuild } from './previous-build.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-build-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const put = (file: string, text = ''): void => {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
};

test('keeps the chunks of the build before, and not those that it had kept itself', () => {
  put('dist/chunks/old.js');
  put('dist/chunks/older.js');
  put('dist/gateway.js');
  put('dist/build.json', JSON.stringify({ id: 'one', files: ['chunks/old.js', 'gateway.js'] }));
  put('next/gateway.js');
  const dist = join(root, 'dist');
  const next = join(root, 'next');
  keepChunks({ previous: readBuild(dist), dist, next });
  expect(readdirSync(join(next, 'chunks'))).toEqual(['old.js']);
});

test('leaves a chunk that both builds have as it is in the new one', () => {
  put('dist/chunks/same.js', 'old');
  put(
    'dist/build.json',
    JSON.stringify({ id: 'one', files: ['chunks/same.js', 'chunks/lost.js'] }),
  );
  put('next/chunks/same.js', 'new');
  const [dist, next] = [join(root, 'dist'), join(root, 'next')];
  keepChunks({ previous: readBuild(dist), dist, next });
  expect(existsSync(join(next, 'chunks/lost.js'))).toBe(false);
  expect(readdirSync(join(next, 'chunks'))).toEqual(['same.js']);
});

test.each(['', '{}', '{"id":1,"files":[]}'])('knows no build by the record %j', (text) => {
  put('dist/build.json', text);
  expect(readBuild(join(root, 'dist'))).toBeUndefined();
  expect(readBuild(join(root, 'absent'))).toBeUndefined();
});
