import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { evaluateMarker } from './markers.ts';
import type { MarkerEnvironment } from './markers.ts';
import { askPython, pythonReference } from './test-support/ask-python.ts';

const environment: MarkerEnvironment = {
  python_version: '3.11',
  python_full_version: '3.11.7',
  os_name: 'posix',
  sys_platform: 'linux',
  platform_release: '6.1.0-18-amd64',
  platform_system: 'Linux',
  platform_version: '#1 SMP',
  platform_machine: 'x86_64',
  platform_python_implementation: 'CPython',
  implementation_name: 'cpython',
  implementation_version: '3.11.7',
};

const verdicts: [string, boolean][] = [
  ['python_version >= "3.8"', true],
  ['python_version < "3.9"', false],
  ["'3.8' <= python_version", true],
  ['python_full_version == "3.11.*"', true],
  ['python_version ~= "3.8"', true],
  ['python_version in "3.10, 3.11"', true],
  ['python_version not in "3.10 3.11"', false],
  ['sys_platform == "win32"', false],
  ['sys_platform == "win32" or os_name == "posix" and platform_machine == "x86_64"', true],
  ['(sys_platform == "win32" or os_name == "posix") and platform_machine == "arm64"', false],
  ['"linux" in sys_platform', true],
  ['os.name == "posix" and python_implementation == "CPython"', true],
  ['platform_machine >= "x86_64"', true],
  ['platform_machine > "a"', false],
  ['platform_release >= "5"', false],
  ['extra == "standard"', false],
  ['platform_version != "x"', true],
];

const errors: [string, string][] = [
  ['python_verison >= "3"', 'unknown_marker_variable'],
  ['__proto__ == "x"', 'unknown_marker_variable'],
  ['"a" == "b"', 'invalid_marker'],
  ['python_version >= ', 'invalid_marker'],
  ['python_version "3"', 'invalid_marker'],
  ['(python_version >= "3"', 'invalid_marker'],
  ['python_version >= "3") ', 'invalid_marker'],
  ['python_version >= "3" python_version', 'invalid_marker'],
  ['python_version not "3"', 'invalid_marker'],
  ['python_version >= "3', 'invalid_marker'],
  ['sys_platform ~= "linux"', 'invalid_marker'],
  ['', 'invalid_marker'],
  [`${'('.repeat(5000)}os_name == "posix"${')'.repeat(5000)}`, 'invalid_marker'],
  [`${'('.repeat(60)}os_name == "posix"${')'.repeat(60)}`, 'invalid_marker'],
];

describe('evaluateMarker', () => {
  test.each(verdicts)('%s: %s', (marker, expected) => {
    expect(evaluateMarker(marker, environment)).toBe(expected);
  });

  test.each(errors)('refuses %.60s with %s', (marker, code) => {
    expect(() => evaluateMarker(marker, environment)).toThrow(expect.objectContaining({ code }));
  });

  test('says which variable the environment lacks', () => {
    expect(() => evaluateMarker('os_name == "posix"', {})).toThrow(/needs os_name/);
  });

  test('compares extras under their normalised names', () => {
    expect(evaluateMarker('extra == "Dev_Tools"', { extra: 'dev-tools' })).toBe(true);
    expect(evaluateMarker('"dev.tools" != extra', { extra: 'dev-tools' })).toBe(false);
  });
});

const quote = (text: string) => `"${text}"`;
const versionComparison = fc
  .tuple(
    fc.constantFrom('python_version', 'python_full_version', 'implementation_version'),
    fc.constantFrom('==', '!=', '<', '<=', '>', '>=', '~='),
    fc.constantFrom('2.7', '3.8', '3.10', '3.11', '3.11.7', '3.12'),
    fc.boolean(),
  )
  .map(([name, operator, version, swap]) =>
    swap && operator !== '~='
      ? `${quote(version)} ${operator} ${name}`
      : `${name} ${operator} ${quote(version)}`,
  );
const textComparison = fc
  .tuple(
    fc.constantFrom('os_name', 'sys_platform', 'platform_system', 'implementation_name', 'extra'),
    fc.constantFrom('==', '!=', 'in', 'not in'),
    fc.constantFrom('posix', 'linux', 'Linux', 'win32', 'cpython', 'linux posix', 'dev'),
  )
  .map(([name, operator, text]) => `${name} ${operator} ${quote(text)}`);
const { marker: arbitraryMarker } = fc.letrec<{ marker: string; atom: string }>((tie) => ({
  atom: fc.oneof(
    { maxDepth: 3 },
    versionComparison,
    textComparison,
    tie('marker').map((inner) => `(${inner})`),
  ),
  marker: fc
    .tuple(
      tie('atom'),
      fc.array(fc.tuple(fc.constantFrom('and', 'or'), tie('atom')), { maxLength: 2 }),
    )
    .map(([first, rest]) => [first, ...rest.flat()].join(' ')),
}));

const python = pythonReference();
const title = python
  ? `gives the verdicts of Python packaging ${python}`
  : 'SKIPPED: python3 has no packaging module here, so markers are not cross-checked';

test.skipIf(!python)(title, () => {
  const full = { ...environment, extra: 'dev' };
  const markers = fc.sample(arbitraryMarker, 1500);
  const wanted = askPython(markers.map((text) => ({ ask: 'marker', args: [text, full] })));
  const wrong = markers.filter((text, i) => evaluateMarker(text, full) !== wanted[i]);
  expect(wrong).toEqual([]);
  expect(new Set(wanted)).toEqual(new Set([true, false]));
});
