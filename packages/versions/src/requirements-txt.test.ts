import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { baselineFromRequirements } from './declared-baseline.ts';
import { PackageInputError } from './errors.ts';
import { formatOption } from './requirements-options.ts';
import { parseRequirementsTxt } from './requirements-txt.ts';

const parse = (text: string, files: Record<string, string> = {}) =>
  parseRequirementsTxt({ files: { ...files, 'r.txt': text }, entry: 'r.txt' });

const SHA = `sha256:${'a'.repeat(64)}`;

describe('requirement lines', () => {
  test.each([
    ['requests==2.31.0  # pinned', { name: 'requests', specifier: '==2.31.0', line: 1 }],
    ['# a comment\n\n  Foo_Bar', { name: 'foo-bar', rawName: 'Foo_Bar', line: 3 }],
    ['a \\\n  >=1, \\\n  <2', { name: 'a', specifier: '>=1, <2', line: 1 }],
    [`a==1 \\\n  --hash=${SHA} \\\n  --hash ${SHA}`, { name: 'a', hashes: [SHA, SHA] }],
    ['a[b]~=1.4; python_version >= "3"\r\n', { extras: ['b'], marker: 'python_version >= "3"' }],
    ['\uFEFFa==1', { name: 'a' }],
    ['a==1 \\\n# note\nb', { name: 'a', line: 1 }],
    ['a==1 \\', { name: 'a', line: 1 }],
  ])('reads %j', (text, expected) => {
    expect(parse(text).requirements[0]).toMatchObject({ file: 'r.txt', ...expected });
  });

  test.each([
    ['-e .', 'editable', undefined],
    ['--editable=git+https://u:p@h/x.git#egg=Foo', 'editable', 'foo'],
    ['git+https://h/x.git@v1#egg=Foo', 'vcs', 'foo'],
    ['foo @ git+https://h/x.git@v1', 'vcs', 'foo'],
    ['foo @ https://h/x.whl', 'url', 'foo'],
    ['foo @ file:///tmp/x.whl', 'local_path', 'foo'],
    ['https://h/x.tar.gz', 'url', undefined],
    ['./local', 'local_path', undefined],
    ['../up', 'local_path', undefined],
    ['/abs/dir', 'local_path', undefined],
    ['dir/sub', 'local_path', undefined],
    ['C:\\pkgs\\x', 'local_path', undefined],
    ['foo-1.0-py3-none-any.whl ; os_name == "nt"', 'local_path', undefined],
  ])('leaves %j unmanaged: %s', (text, reason, name) => {
    const { requirements, unmanaged } = parse(text);
    expect(requirements).toEqual([]);
    expect(unmanaged).toEqual([expect.objectContaining({ file: 'r.txt', line: 1, reason })]);
    expect(unmanaged[0]?.name).toBe(name);
  });

  test('hides credentials in what it shows of an unmanaged line', () => {
    const { unmanaged } = parse('foo @ https://user:hunter2@h/x.whl');
    expect(unmanaged[0]?.text).toBe('foo @ https://***@h/x.whl');
  });
});

describe('options', () => {
  test.each([
    ['--index-url https://h/s', '--index-url', 'https://h/s', 'supported'],
    ['-i https://h/s', '--index-url', 'https://h/s', 'supported'],
    ['-ihttps://h/s', '--index-url', 'https://h/s', 'supported'],
    ['--extra-index-url=https://h/s', '--extra-index-url', 'https://h/s', 'supported'],
    ['-f "dir with space"', '--find-links', 'dir with space', 'supported'],
    ['--no-index', '--no-index', undefined, 'supported'],
    ['--pre', '--pre', undefined, 'supported'],
    ['--trusted-host h', '--trusted-host', 'h', 'supported'],
    ['--no-binary :all:', '--no-binary', ':all:', 'unsupported'],
    ['--never-heard-of x y', '--never-heard-of', 'x y', 'unsupported'],
    ['a==1 --global-option="--quiet"', '--global-option', '--quiet', 'unsupported'],
  ])('reports %j', (text, option, value, status) => {
    const { options } = parse(text);
    expect(options).toEqual([{ file: 'r.txt', line: 1, option, value, status }]);
  });

  test('reads several options of one line', () => {
    const { options } = parse('--no-index --find-links /wheels');
    expect(options.map(formatOption)).toEqual(['--no-index', '--find-links /wheels']);
  });

  test('keeps the raw value for use and hides its credentials on display', () => {
    const [option] = parse('-i https://u:hunter2@h/s').options;
    expect(option?.value).toContain('hunter2');
    expect(formatOption(option!)).toBe('--index-url https://***@h/s');
  });
});

describe('includes', () => {
  test('follows -r and -c relative to the including file', () => {
    const files = {
      'reqs/dev.txt': '-r ../base.txt\npytest',
      'base.txt': 'requests',
      'limits.txt': 'requests<3',
    };
    const { requirements, constraints } = parse('-r reqs/dev.txt\n-c limits.txt', files);
    expect(requirements.map(({ name, file, line }) => [name, file, line])).toEqual([
      ['requests', 'base.txt', 1],
      ['pytest', 'reqs/dev.txt', 2],
    ]);
    expect(constraints.map(({ name, specifier }) => [name, specifier])).toEqual([
      ['requests', '<3'],
    ]);
  });

  test('reads a file that two others include once', () => {
    const files = { 'a.txt': '-r c.txt', 'b.txt': '-r c.txt', 'c.txt': 'x' };
    expect(parse('-r a.txt\n-r b.txt', files).requirements).toHaveLength(1);
  });

  test.each([
    ['-r ../../etc/passwd', 'include_refused'],
    ['-r /etc/passwd', 'include_refused'],
    ['-r ~/x.txt', 'include_refused'],
    ['-r C:\\x.txt', 'include_refused'],
    ['-c ..\\x.txt', 'include_refused'],
    ['-r https://u:hunter2@h/r.txt', 'include_refused'],
    ['-r absent.txt', 'include_refused'],
    ['-r constructor', 'include_refused'],
    ['-r r.txt', 'include_cycle'],
    ['-r loop.txt', 'include_cycle'],
  ])('refuses %j with %s', (text, code) => {
    const error = catchError(() => parse(`ok\n${text}`, { 'loop.txt': '-c r.txt' }));
    expect(error.code).toBe(code);
    expect(error.location).toMatchObject({ line: expect.any(Number) });
    expect(error.message).not.toMatch(/hunter2| {4}at /);
  });
});

describe('problems', () => {
  test('are listed together, with file and line', () => {
    const error = catchError(() => parse('ok\na b\n-r inner.txt', { 'inner.txt': '\nx>=?' }));
    expect(error.location).toEqual({ file: 'r.txt', line: 2 });
    expect(error.message).toMatch(/^r\.txt:2: .*\ninner\.txt:2: /);
  });

  test.each([
    ['a==1 --hash=md5:abc', 'invalid_requirement'],
    ['--index-url', 'invalid_requirement'],
    ['a==1 --hash', 'invalid_requirement'],
    ['a; bogus == "1"', 'unknown_marker_variable'],
    [`a==1${' '.repeat(200_000)}x`, 'invalid_requirement'],
    [`${'a'.repeat(90_000)} ${'?'.repeat(9_000)}`, 'invalid_package_name'],
  ])('%j gives %s', (text, code) => {
    const caught = catchError(() => parse(text));
    expect(caught?.code ?? 'none').toBe(code);
  });

  test('never show a credential', () => {
    for (const text of [
      'a>=1 https://u:hunter2@h',
      'a[https://u:hunter2@h]',
      '-i x https://u:hunter2@h',
    ]) {
      expect(catchError(() => parse(text)).message).not.toContain('hunter2');
    }
  });

  test('are the only thing thrown, whatever the text', () => {
    const unit = fc.constantFrom(...'ab-=<>[];#\\"\'\n @:/.~$', '-r ', '--hash=', 'https://');
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        const error = catchError(() => parse(text));
        if (error) expect(error).toBeInstanceOf(PackageInputError);
      }),
      { numRuns: 2000 },
    );
  });
});

test('a declared baseline narrows requirements by constraints and keeps the rest optional', () => {
  const parsed = parse('requests[socks]>=2\n-c c.txt', { 'c.txt': 'Requests==2.31.0\nidna<4' });
  expect(baselineFromRequirements(parsed, '/venv')).toEqual([
    {
      manager: 'pip',
      package: 'requests',
      expected: '>=2,==2.31.0',
      extras: ['socks'],
      environment: '/venv',
    },
    { manager: 'pip', package: 'idna', expected: '<4', environment: '/venv', optional: true },
  ]);
});

function catchError(run: () => unknown): PackageInputError {
  try {
    run();
    return undefined as unknown as PackageInputError;
  } catch (error) {
    return error as PackageInputError;
  }
}
