import { describe, expect, it } from 'vitest';
import { stagedManifest } from './staged-manifest.ts';

const manifest = { declared: {}, overrides: {} };
const stage = (...args: Parameters<typeof stagedManifest>) => JSON.parse(stagedManifest(...args));

describe('stagedManifest', () => {
  it('pins every package at the version it has, and those of the step at theirs', () => {
    const installed = [
      { name: 'a', version: '1.0.0' },
      { name: 'b', version: '1.0.0' },
      { name: 'linked', version: '1.0.0', link: '../linked' },
      { name: 'odd', version: 'not a version' },
      { name: 'bare', broken: 'it has no package.json' },
    ];
    expect(stage(installed, manifest, { a: '2.0.0', b: null, c: '^1.0.0' }).dependencies).toEqual({
      a: '2.0.0',
      bare: '*',
      c: '^1.0.0',
      odd: '*',
    });
  });

  it('keeps an alias an alias, installed or declared', () => {
    const installed = [{ name: 'a', version: '1.0.0', alias: '@real/a' }];
    const declared = { b: 'npm:@real/b@^1.0.0' };
    const staged = stage(installed, { ...manifest, declared }, { b: '1.2.0' });
    expect(staged.dependencies).toEqual({ a: 'npm:@real/a@1.0.0', b: 'npm:@real/b@1.2.0' });
  });

  it('makes overrides of pinned packages follow the pin, and keeps the others', () => {
    const overrides = {
      a: '1.0.0',
      'b@^1': { '.': '1.0.0', c: '2.0.0' },
      other: '3.0.0',
      d: { e: '1' },
    };
    const installed = ['a', 'b', 'd'].map((name) => ({ name, version: '1.1.0' }));
    expect(stage(installed, { ...manifest, overrides }, {}).overrides).toEqual({
      a: '$a',
      'b@^1': { '.': '$b', c: '2.0.0' },
      other: '3.0.0',
      d: { e: '1' },
    });
  });
});
