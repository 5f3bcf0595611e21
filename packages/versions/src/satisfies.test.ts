import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { PackageInputError } from './errors.ts';
import type { PackageManager } from './manager.ts';
import { satisfies } from './satisfies.ts';
import { parseSpec } from './spec.ts';
import { pep440Specifier, pep440Version } from './test-support/arbitrary-versions.ts';
import { askPython, pythonReference } from './test-support/ask-python.ts';

const installed: [PackageManager, string, string, boolean][] = [
  ['pip', '2.31.0', '==2.31.0', true],
  ['pip', '2.31', '==2.31.0', true],
  ['pip', '2.31.0', '2.31.0', true],
  ['pip', '2.31.0+cpu', '==2.31.0', true],
  ['pip', '2.31.0', '==2.31.0+cpu', false],
  ['pip', '1', '==1.0.*', true],
  ['pip', '1!1.2', '==1.*', false],
  ['pip', '2.0', '!=1.*', true],
  ['pip', '1.5', '!=1.*', false],
  ['pip', '2.2.post3', '~=2.2', true],
  ['pip', '3.0', '~=2.2', false],
  ['pip', '2.3.0', '~=2.2.0', false],
  ['pip', '1.0rc1', '>=0.9', true],
  ['pip', '1.0rc1', '<1.0', false],
  ['pip', '1.0rc1', '<1.0rc2', true],
  ['pip', '1.0.post1', '>1.0', false],
  ['pip', '1.0.post2', '>1.0.post1', true],
  ['pip', '1.0+local', '>1.0', false],
  ['pip', '1.0.post1', '>1.0rc1', true],
  ['pip', '1.0-legacy~x', '===1.0-LEGACY~x', true],
  ['pip', '1.0.0', '===1.0', false],
  ['pip', '1.5', ' >= 1 , < 2 ', true],
  ['pip', 'what-is-this', '', true],
  ['pip', 'what-is-this', '>=1', false],
  ['npm', '1.3.5', '^1.3.0', true],
  ['npm', '2.0.0', '^1.3.0', false],
  ['npm', '1.2.3-beta.1', '^1.2.0', false],
  ['npm', '1.2.3-beta.2', '>=1.2.3-beta.1', true],
  ['npm', '1.2.3-beta.1', '*', true],
  ['npm', '5.0.0', 'x', true],
  ['npm', '1.9.0', '1.x', true],
  ['npm', '1.9.0', '1 || 3', true],
  ['npm', '2.5.0', '2 - 3', true],
  ['npm', '1.2.3+meta', '1.2.3', true],
  ['npm', 'junk', '^1.0.0', false],
  ['apt', '1.2-3', '=1.2-3', true],
  ['apt', '0:1.2-3', '1.2-3', true],
  ['apt', '1.2-4', '=1.2-3', false],
  ['apt', 'anything', '', true],
];

const candidates: [PackageManager, string, string, boolean][] = [
  ['pip', '1.0rc1', '>=0.9', false],
  ['pip', '1.0rc1', '>=1.0rc1', true],
  ['pip', '1.0rc1', '!=1.0rc2', false],
  ['pip', '1.0.dev1', '', false],
  ['pip', '1.0', '', true],
  ['npm', '1.0.0-rc.1', '*', false],
];

const unmanaged: [string, string][] = [
  ['latest', 'tag'],
  ['next', 'tag'],
  ['npm:other@^1.0.0', 'alias'],
  ['file:../lib', 'file'],
  ['../lib', 'file'],
  ['~/lib', 'file'],
  ['./lib.tgz', 'file'],
  ['C:\\lib', 'file'],
  ['git+ssh://git@example.com/a/b.git#v1', 'git'],
  ['git@example.com:a/b.git', 'git'],
  ['github:a/b', 'git'],
  ['user/repo#semver:^1', 'git'],
  ['https://example.com/a.tgz', 'url'],
  ['https://example.com/a.git', 'git'],
  ['workspace:*', 'workspace'],
  ['link:../x', 'workspace'],
];

const invalid: [PackageManager, string][] = [
  ['pip', 'latest'],
  ['pip', '>=1.0+local'],
  ['pip', '~=1'],
  ['pip', '>=1.*'],
  ['pip', '==1.0rc1.*'],
  ['pip', '>='],
  ['pip', '==1.0; rm'],
  ['npm', '!!'],
  ['npm', '^1.0.0 $(id)'],
  ['apt', '>= 1.0'],
  ['apt', '='],
];

describe('satisfies', () => {
  test.each(installed)('installed %s %s meets %j: %s', (manager, version, spec, expected) => {
    expect(satisfies(manager, version, spec)).toBe(expected);
  });

  test.each(candidates)('candidate %s %s meets %j: %s', (manager, version, spec, expected) => {
    expect(satisfies(manager, version, spec, 'candidate')).toBe(expected);
  });

  test.each(unmanaged)('does not evaluate npm %s, a %s', (spec, reason) => {
    expect(parseSpec('npm', spec)).toEqual({ kind: 'unmanaged', reason });
    expect(() => satisfies('npm', '1.0.0', spec)).toThrow(
      expect.objectContaining({ code: 'unmanaged_specifier' }),
    );
  });

  test.each(invalid)('refuses %s spec %j', (manager, spec) => {
    expect(() => satisfies(manager, '1.0.0', spec)).toThrow(
      expect.objectContaining({ code: 'invalid_specifier' }),
    );
  });

  test('keeps credentials out of its refusals', () => {
    const spec = 'git+https://user:hunter2@example.com/x.git';
    expect(() => satisfies('npm', '1.0.0', spec)).toThrow(/^(?!.*hunter2)/);
  });
});

const python = pythonReference();
const title = python
  ? `judges pip specifiers as Python packaging ${python} does`
  : 'SKIPPED: python3 has no packaging module here, so pip specifiers are not cross-checked';

/** Before 26 the reference compared prefixes as text, and read `<` and `>` of suffixes otherwise. */
const CHANGED_IN_26 = /~=|\.\*|(?:^|,)[<>](?!=)[^,]*[a-z-]/i;

test.skipIf(!python)(title, () => {
  const modern = Number.parseInt(python ?? '0', 10) >= 26;
  const cases = fc
    .sample(fc.tuple(pep440Version, pep440Specifier), 3000)
    .filter(([, spec]) => modern || !CHANGED_IN_26.test(spec));
  for (const [purpose, prereleases] of [
    ['installed', true],
    ['candidate', null],
  ] as const) {
    const wanted = askPython(
      cases.map(([version, spec]) => ({ ask: 'contains', args: [version, spec, prereleases] })),
    );
    const actual = cases.map(([version, spec]) => {
      try {
        return satisfies('pip', version, spec, purpose);
      } catch (error) {
        expect(error).toBeInstanceOf(PackageInputError);
        return null;
      }
    });
    expect(cases.filter((_, i) => actual[i] !== wanted[i])).toEqual([]);
    expect(new Set(wanted)).toEqual(new Set([true, false, null]));
  }
});
