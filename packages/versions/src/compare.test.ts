import { spawnSync } from 'node:child_process';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { compareVersions, isValidVersion, sameVersion } from './compare.ts';
import { PackageInputError } from './errors.ts';
import type { PackageManager } from './manager.ts';
import { debianVersion, pep440Version } from './test-support/arbitrary-versions.ts';
import { askPython, pythonReference } from './test-support/ask-python.ts';

const ascending: [PackageManager, string[]][] = [
  ['pip', ['1.dev0', '1.0a1.dev1', '1.0a1', '1.0b2', '1.0rc1', '1.0', '1.0+abc', '1.0+5']],
  ['pip', ['1.0', '1.0.post1.dev1', '1.0.post1', '1.0.1', '1.10', '1!0.1']],
  ['pip', ['9007199254740992', '9007199254740993']],
  ['npm', ['1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-alpha.beta', '1.0.0-rc.1', '1.0.0', '1.10.0']],
  ['apt', ['1.0~~', '1.0~rc1', '1.0', '1.0-1', '1.0-1+b1', '1.0a', '1.0+dfsg', '1.1', '1:0.1']],
  ['apt', ['1.99999999999999999998', '1.99999999999999999999']],
];

const same: [PackageManager, string, string, boolean][] = [
  ['pip', '1.0', '1.0.0', true],
  ['pip', '1.0RC1', 'v1.0-c.1', true],
  ['pip', '1.0-1', '1.0.post1', true],
  ['pip', '1.0', '1.0+cu118', false],
  ['pip', '1.0+ubuntu-1', '1.0+ubuntu.1', true],
  ['pip', 'legacy', 'legacy', true],
  ['pip', 'legacy', '1.0', false],
  ['npm', '1.0.0+a', '1.0.0+b', true],
  ['npm', 'v1.2.3', '1.2.3', true],
  ['npm', '1.0.0-1', '1.0.0', false],
  ['apt', '0:1.0', '1.0', true],
  ['apt', '1.0-0', '1.0', true],
  ['apt', '1.00', '1.0', true],
  ['apt', '1.0~', '1.0', false],
];

const validity: [PackageManager, string, boolean][] = [
  ['pip', '2004d', false],
  ['pip', '1.0.*', false],
  ['pip', ' 1.0 ', true],
  ['pip', `1.${'0'.repeat(300)}`, false],
  ['npm', '1.2', false],
  ['npm', '1.2.3-beta', true],
  ['apt', 'v1', false],
  ['apt', '1.0-', false],
  ['apt', ':1', false],
  ['apt', '1:', false],
  ['apt', '99999999999:1', false],
  ['apt', '1:2:3', true],
  ['apt', '1.0_1', false],
];

describe('compareVersions', () => {
  test.each(ascending)('orders %s %j', (manager, versions) => {
    for (const [i, a] of versions.entries()) {
      for (const [j, b] of versions.entries()) {
        expect([a, b, compareVersions(manager, a, b)]).toEqual([a, b, Math.sign(i - j)]);
      }
    }
  });

  test.each(['pip', 'npm', 'apt'] as const)('refuses text that is no %s version', (manager) => {
    expect(() => compareVersions(manager, '1.0.0', 'not a version')).toThrow(PackageInputError);
  });
});

test.each(same)('for %s, %s and %s being one version is %s', (manager, a, b, expected) => {
  expect(sameVersion(manager, a, b)).toBe(expected);
});

test.each(validity)('%s version %j being valid is %s', (manager, version, expected) => {
  expect(isValidVersion(manager, version)).toBe(expected);
});

const python = pythonReference();
const pythonTitle = python
  ? `orders pip versions as Python packaging ${python} does`
  : 'SKIPPED: python3 has no packaging module here, so pip order is not cross-checked';

test.skipIf(!python)(pythonTitle, () => {
  const drawn = fc.sample(fc.tuple(pep440Version, pep440Version), 2000);
  // Drawn versions are seldom the same.
  const pairs: [string, string][] = [...drawn, ['1.0', '1.0.0'], ['1.0RC1', 'v1.0-c.1']];
  const wanted = askPython(pairs.map((pair) => ({ ask: 'compare', args: [...pair] })));
  const actual = pairs.map(([a, b]) => compareVersions('pip', a, b));
  const wrong = pairs.filter((_, i) => actual[i] !== wanted[i]);
  expect(wrong).toEqual([]);
  expect(new Set(wanted)).toEqual(new Set([-1, 0, 1]));
});

const dpkg = spawnSync('dpkg', ['--version']).status === 0;
const dpkgTitle = dpkg
  ? 'orders Debian versions as dpkg does'
  : 'SKIPPED: dpkg is not installed here, so Debian order is not cross-checked';

test.skipIf(!dpkg)(dpkgTitle, () => {
  const verdict = (a: string, b: string) =>
    spawnSync('dpkg', ['--compare-versions', a, 'lt', b]).status === 0
      ? -1
      : spawnSync('dpkg', ['--compare-versions', a, 'gt', b]).status === 0
        ? 1
        : 0;
  fc.assert(
    fc.property(debianVersion, debianVersion, (a, b) => {
      expect([a, b, compareVersions('apt', a, b)]).toEqual([a, b, verdict(a, b)]);
    }),
    { numRuns: 150 },
  );
});
