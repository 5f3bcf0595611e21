import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { InvalidPackageName } from './errors.ts';
import { normalizeName, PACKAGE_MANAGERS } from './manager.ts';
import type { PackageManager } from './manager.ts';

const accepted: [PackageManager, string, string][] = [
  ['pip', 'Foo._-Bar', 'foo-bar'],
  ['pip', ' zope.interface ', 'zope-interface'],
  ['pip', 'a', 'a'],
  ['npm', 'JSONStream', 'JSONStream'],
  ['npm', ' left-pad ', 'left-pad'],
  ['npm', '@Scope/pkg.js', '@Scope/pkg.js'],
  ['npm', '@babel/_internal', '@babel/_internal'],
  ['apt', 'LibC6', 'libc6'],
  ['apt', 'libc6:AMD64', 'libc6:amd64'],
  ['apt', 'g++-12', 'g++-12'],
];

const refused: [PackageManager, string][] = [
  ['pip', ''],
  ['pip', '../x'],
  ['pip', '-e'],
  ['pip', '--index-url=http://x'],
  ['pip', 'a b'],
  ['pip', 'a;rm'],
  ['pip', 'name[extra]'],
  ['pip', 'name_'],
  ['pip', 'a'.repeat(215)],
  ['npm', '.hidden'],
  ['npm', '_private'],
  ['npm', '__proto__'],
  ['npm', 'node_modules'],
  ['npm', '@../x'],
  ['npm', '@scope/../x'],
  ['npm', '@scope/.x'],
  ['npm', '@scope'],
  ['npm', 'a/b'],
  ['npm', "it's"],
  ['npm', '-g'],
  ['apt', 'x'],
  ['apt', 'a_b'],
  ['apt', 'foo:'],
  ['apt', 'foo/bookworm'],
  ['apt', 'foo$(id)'],
];

describe('normalizeName', () => {
  test.each(accepted)('files %s %j under %j', (manager, name, normal) => {
    expect(normalizeName(manager, name)).toBe(normal);
  });

  test.each(refused)('refuses %s %j', (manager, name) => {
    expect(() => normalizeName(manager, name)).toThrow(InvalidPackageName);
  });

  test('refuses what is not text', () => {
    expect(() => normalizeName('pip', undefined as unknown as string)).toThrow(InvalidPackageName);
  });

  test('never lets through an option, a path or shell text, and is stable', () => {
    const alphabet = fc.constantFrom(...'aA0-_.@/+:~;$`&|<>\'" \n\\');
    const names = fc.string({ unit: alphabet, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...PACKAGE_MANAGERS), names, (manager, name) => {
        let normal: string;
        try {
          normal = normalizeName(manager, name);
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPackageName);
          return;
        }
        expect(normal).not.toMatch(/^[-~]|\.\.|[;$`&|<>'"\s\\]/);
        expect(normal.split('/').length).toBeLessThanOrEqual(2);
        expect(normalizeName(manager, normal)).toBe(normal);
      }),
      { numRuns: 2000 },
    );
  });
});
